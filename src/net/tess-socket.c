/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-socket.h"

#include "base/tess-limits.h"
#include "net/tess-frame-bound.h"
#include "net/tess-net-path.h"
#include "net/tess-net-proxy.h"
#include "net/tess-net-session.h"

#include <libsoup/soup.h>
#include <string.h>

/* The most that a control frame carries (RFC 6455, 5.5): libsoup's bound is one for all frames, and its own pings come back with
 * 19 bytes. */
#define CONTROL_MAX 125

/* Counted: a connection attempt that is under way keeps one. */
struct _TessSocket {
  char *uri;
  uint64_t max_incoming;
  TessSocketHandlers handlers;
  void *owner; /* NULL once freed */
  SoupSession *session;
  SoupMessage *message;
  GCancellable *cancellable;
  unsigned timer;
  unsigned watch; /* of the proxy, until it has ended */
  SoupWebsocketConnection *connection;
  GSocketAddress *remote; /* NULL until it is open */
  char *source;           /* of which it was reached */
  bool is_saving;         /* pings less often */
  bool ended;
};

TessSocket *
tess_socket_new (const char *origin, const char *path, uint64_t max_incoming, const TessSocketHandlers *handlers, void *owner)
{
  TessSocket *self = g_rc_box_new0 (TessSocket);

  /* http becomes ws, https wss. */
  self->uri = g_strconcat ("ws", origin + strlen ("http"), path, NULL);
  self->max_incoming = max_incoming;
  self->handlers = *handlers;
  self->owner = owner;
  self->cancellable = g_cancellable_new ();
  return self;
}

static void
socket_clear (gpointer data)
{
  TessSocket *self = data;

  g_free (self->uri);
  g_clear_object (&self->session);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->remote);
  g_free (self->source);
}

static void
socket_unref (TessSocket *self)
{
  g_rc_box_release_full (self, socket_clear);
}

/* Closes in peace: the connection keeps itself until the relay has said goodbye too, or libsoup stopped waiting for it. */
static void
drop_connection (TessSocket *self, unsigned close_code)
{
  g_autoptr (SoupWebsocketConnection) connection = g_steal_pointer (&self->connection);

  if (connection == NULL)
    return;
  g_signal_handlers_disconnect_by_data (connection, self);
  tess_frame_bound_unwatch (connection);
  if (soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_CLOSED)
    return;
  /* Also while it is closing: libsoup reports an error of that time and goes on with the connection, which it does not hold. */
  g_signal_connect (g_object_ref (connection), "closed", G_CALLBACK (g_object_unref), NULL);
  if (soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (connection, (gushort) close_code, NULL);
}

void
tess_socket_end (TessSocket *self, GError *reason, unsigned close_code)
{
  g_autoptr (GError) owned = reason;

  if (self->ended)
    return;
  self->ended = true;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->watch, tess_net_proxy_unwatch);
  g_cancellable_cancel (self->cancellable);
  drop_connection (self, close_code);
  if (self->owner != NULL)
    self->handlers.ended (self->owner, owned);
}

void
tess_socket_end_protocol (TessSocket *self, const char *detail)
{
  g_debug ("%s: %s", self->uri, detail);
  tess_socket_end (self, tess_net_error_new (TESS_NET_ERROR_PROTOCOL, TESS_CODE_OTHER, 0, NULL),
                   SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR);
}

void
tess_socket_free (TessSocket *self)
{
  if (self == NULL)
    return;
  self->owner = NULL;
  tess_socket_end (self, tess_net_error_new (TESS_NET_ERROR_CLOSED, TESS_CODE_OTHER, 0, NULL), SOUP_WEBSOCKET_CLOSE_NORMAL);
  socket_unref (self);
}

static void
on_message (SoupWebsocketConnection *connection, int type, GBytes *bytes, gpointer data)
{
  TessSocket *self = data;

  if (self->ended || self->owner == NULL)
    return;
  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    self->handlers.text (self->owner, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  else
    self->handlers.binary (self->owner, bytes);
}

static void
on_error (SoupWebsocketConnection *connection, const GError *error, gpointer data)
{
  TessSocket *self = data;

  if (error->domain == SOUP_WEBSOCKET_ERROR)
    tess_socket_end_protocol (self, error->message);
  else
    tess_socket_end (self, tess_net_error_from_io (error), SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
}

static void
on_over_bound (const char *detail, void *data)
{
  tess_socket_end_protocol (data, detail);
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer data)
{
  TessSocket *self = data;

  tess_socket_end (self, tess_net_error_from_close (soup_websocket_connection_get_close_code (connection)), 0);
}

/* Why connecting failed: the relay's own words where HTTP got so far. */
static GError *
connect_failure (TessSocket *self, const GError *error)
{
  unsigned status = soup_message_get_status (self->message);
  const char *retry_after = soup_message_headers_get_one (soup_message_get_response_headers (self->message), "Retry-After");

  if (status == 0 || status == SOUP_STATUS_SWITCHING_PROTOCOLS || error->domain == G_TLS_ERROR)
    return tess_net_message_error (self->message, error);
  return tess_net_error_from_http (status, retry_after, TESS_CODE_OTHER);
}

static void
ping (TessSocket *self)
{
  soup_websocket_connection_set_keepalive_interval (self->connection, self->is_saving ? TESS_NET_KEEPALIVE_SAVING_SECONDS
                                                                                      : TESS_NET_KEEPALIVE_SECONDS);
}

static void
opened (TessSocket *self)
{
  soup_websocket_connection_set_max_incoming_payload_size (self->connection, MAX (self->max_incoming, CONTROL_MAX));
  ping (self);
  soup_websocket_connection_set_keepalive_pong_timeout (self->connection, TESS_NET_KEEPALIVE_SECONDS);
  g_signal_connect (self->connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->connection, "error", G_CALLBACK (on_error), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
  if (!tess_frame_bound_watch (self->connection, self->max_incoming, on_over_bound, self))
    tess_socket_end_protocol (self, "too much at once");
  else if (self->owner != NULL)
    self->handlers.opened (self->owner);
}

static void
on_connected (GObject *session, GAsyncResult *result, gpointer data)
{
  TessSocket *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupWebsocketConnection) connection
    = soup_session_websocket_connect_finish (SOUP_SESSION (session), result, &error);

  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->ended)
    g_debug ("%s: connected too late", self->uri);
  else if (connection == NULL)
    tess_socket_end (self, connect_failure (self, error), 0);
  else if (g_strcmp0 (soup_websocket_connection_get_protocol (connection), TESS_SUBPROTOCOL) != 0)
    tess_socket_end (self, tess_net_error_new (TESS_NET_ERROR_NOT_A_RELAY, TESS_CODE_OTHER, 0, NULL), 0);
  else
    {
      self->connection = g_steal_pointer (&connection);
      g_set_object (&self->remote, soup_message_get_remote_address (self->message));
      self->source = tess_net_path_source (self->remote);
      opened (self);
    }
  socket_unref (self);
}

static gboolean
on_connect_deadline (gpointer data)
{
  TessSocket *self = data;
  g_autoptr (GError) late = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "");

  self->timer = 0;
  tess_socket_end (self, tess_net_message_error (self->message, late), 0);
  return G_SOURCE_REMOVE;
}

/* What is open may have gone where it must not go any more. */
static void
on_proxy_changed (void *data)
{
  tess_socket_end (data, tess_net_error_new (TESS_NET_ERROR_UNREACHABLE, TESS_CODE_OTHER, 0, NULL), SOUP_WEBSOCKET_CLOSE_NORMAL);
}

void
tess_socket_connect (TessSocket *self)
{
  char *protocols[] = { (char *) TESS_SUBPROTOCOL, NULL };
  unsigned seconds = tess_net_connect_seconds (TESS_NET_CONNECT_SECONDS);
  GError *error = NULL;

  g_return_if_fail (self->session == NULL && !self->ended);
  self->session = tess_net_session_new (&error);
  if (self->session == NULL)
    {
      tess_socket_end (self, error, 0);
      return;
    }
  self->message = tess_net_message_new (self->uri);
  self->watch = tess_net_proxy_watch (on_proxy_changed, self);
  self->timer = g_timeout_add (tess_net_seconds (seconds), on_connect_deadline, self);
  tess_frame_bound_prepare (self->session, self->message);
  soup_session_websocket_connect_async (self->session, self->message, NULL, protocols, G_PRIORITY_DEFAULT, self->cancellable,
                                        on_connected, g_rc_box_acquire (self));
  tess_frame_bound_hide (self->message);
}

bool
tess_socket_is_open (const TessSocket *self)
{
  return self->connection != NULL && !self->ended;
}

bool
tess_socket_has_ended (const TessSocket *self)
{
  return self->ended;
}

bool
tess_socket_has_moved (const TessSocket *self)
{
  g_autofree char *source = NULL;

  if (!tess_socket_is_open (self) || self->source == NULL)
    return false;
  source = tess_net_path_source (self->remote);
  return g_strcmp0 (source, self->source) != 0;
}

void
tess_socket_set_saving (TessSocket *self, bool is_saving)
{
  self->is_saving = is_saving;
  if (tess_socket_is_open (self))
    ping (self);
}

unsigned
tess_socket_ping_seconds (const TessSocket *self)
{
  return tess_socket_is_open (self) ? soup_websocket_connection_get_keepalive_interval (self->connection) : 0;
}

void
tess_socket_send_text (TessSocket *self, const char *text)
{
  if (tess_socket_is_open (self) && soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (self->connection, text);
}

void
tess_socket_send_binary (TessSocket *self, const uint8_t *data, size_t size)
{
  if (tess_socket_is_open (self) && soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_binary (self->connection, data, size);
}
