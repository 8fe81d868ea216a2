/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-frame-bound.h"

#include "base/tess-limits.h"

#include <stdint.h>

#define TESS_TYPE_FRAME_BOUND (tess_frame_bound_get_type ())
G_DECLARE_FINAL_TYPE (TessFrameBound, tess_frame_bound, TESS, FRAME_BOUND, SoupWebsocketExtension)

/* Of this process only: it is neither offered nor answered on the wire. */
#define EXTENSION_NAME "x-tessera-bound"
#define EXTENSIONS_HEADER "Sec-WebSocket-Extensions"

struct _TessFrameBound {
  SoupWebsocketExtension parent_instance;
  size_t max;
  size_t held;        /* of the message that is being received */
  unsigned controls;  /* control frames of the minute that began at */
  int64_t minute;
  bool over;
  TessFrameBoundFunc func;
  void *data;
};

G_DEFINE_FINAL_TYPE (TessFrameBound, tess_frame_bound, SOUP_TYPE_WEBSOCKET_EXTENSION)

static void
go_over (TessFrameBound *self, const char *detail)
{
  TessFrameBoundFunc func = self->func;

  self->over = true;
  self->func = NULL;
  if (func != NULL)
    func (detail, self->data);
}

static void
count_control (TessFrameBound *self)
{
  int64_t now = g_get_monotonic_time ();

  if (now - self->minute >= G_TIME_SPAN_MINUTE)
    {
      self->minute = now;
      self->controls = 0;
    }
  if (++self->controls > TESS_NET_CONTROLS_MAX)
    go_over (self, "too many control frames");
}

static void
count_data (TessFrameBound *self, uint8_t head, size_t size)
{
  if ((head & 0x0F) != 0)
    self->held = 0;
  if (size > self->max - self->held)
    go_over (self, "a message that is too long");
  else
    self->held = (head & 0x80) != 0 ? 0 : self->held + size;
}

static GBytes *
on_incoming (SoupWebsocketExtension *extension, guint8 *header, GBytes *payload, GError **error)
{
  g_autoptr (TessFrameBound) self = TESS_FRAME_BOUND (g_object_ref (extension));

  if (!self->over && (header[0] & 0x08) != 0)
    count_control (self);
  else if (!self->over)
    count_data (self, header[0], g_bytes_get_size (payload));
  if (!self->over)
    return payload;
  g_bytes_unref (payload);
  return g_bytes_new (NULL, 0);
}

static GBytes *
on_outgoing (SoupWebsocketExtension *extension, guint8 *header, GBytes *payload, GError **error)
{
  return payload;
}

static gboolean
configure (SoupWebsocketExtension *extension, SoupWebsocketConnectionType type, GHashTable *params, GError **error)
{
  return TRUE;
}

static void
tess_frame_bound_class_init (TessFrameBoundClass *klass)
{
  SoupWebsocketExtensionClass *extension_class = SOUP_WEBSOCKET_EXTENSION_CLASS (klass);

  extension_class->name = EXTENSION_NAME;
  extension_class->configure = configure;
  extension_class->process_incoming_message = on_incoming;
  extension_class->process_outgoing_message = on_outgoing;
}

static void
tess_frame_bound_init (TessFrameBound *self)
{
  /* Until watched. */
  self->max = TESS_FRAME_BYTES_MAX;
  self->minute = g_get_monotonic_time ();
}

/* Has libsoup find that the peer agreed. What a peer names by itself stays, and is refused: nothing was offered to it. */
static void
on_informational (SoupMessage *message, gpointer data)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);

  if (soup_message_get_status (message) == SOUP_STATUS_SWITCHING_PROTOCOLS
      && soup_message_headers_get_list (headers, EXTENSIONS_HEADER) == NULL)
    soup_message_headers_append (headers, EXTENSIONS_HEADER, EXTENSION_NAME);
}

void
tess_frame_bound_prepare (SoupSession *session, SoupMessage *message)
{
  soup_session_add_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  /* The manager brings compression, which would unpack without a bound. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_session_add_feature_by_type (session, TESS_TYPE_FRAME_BOUND);
  g_signal_connect (message, "got-informational", G_CALLBACK (on_informational), NULL);
}

void
tess_frame_bound_hide (SoupMessage *message)
{
  soup_message_headers_remove (soup_message_get_request_headers (message), EXTENSIONS_HEADER);
}

static TessFrameBound *
find (SoupWebsocketConnection *connection)
{
  GList *extensions = soup_websocket_connection_get_extensions (connection);

  return extensions != NULL && TESS_IS_FRAME_BOUND (extensions->data) ? extensions->data : NULL;
}

bool
tess_frame_bound_watch (SoupWebsocketConnection *connection, size_t max, TessFrameBoundFunc func, void *data)
{
  TessFrameBound *self = find (connection);

  if (self == NULL || self->over || self->held > max)
    return false;
  self->max = max;
  self->func = func;
  self->data = data;
  return true;
}

void
tess_frame_bound_unwatch (SoupWebsocketConnection *connection)
{
  TessFrameBound *self = find (connection);

  if (self != NULL)
    self->func = NULL;
}
