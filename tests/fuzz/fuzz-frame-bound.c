/* The client's bound on WebSocket messages, in a real libsoup connection over bytes: whatever frames a relay sends, no message
 * that is heard is longer than the bound, and going over it is told once. Input: the bound u8, then frames: head u8, size u16,
 * payload of that size (zeros where the input ends, so that large ones need no large input).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "net/tess-frame-bound.h"

#include "base/tess-limits.h"

#include <gio/gio.h>
#include <string.h>

#define FRAMES_MAX 300

typedef struct {
  size_t max;
  unsigned over;
  bool closed;
} World;

static void
on_over (const char *detail, void *data)
{
  World *self = data;

  g_assert_true (detail != NULL && g_utf8_validate (detail, -1, NULL));
  self->over++;
}

static void
on_message (SoupWebsocketConnection *connection, gint type, GBytes *message, gpointer data)
{
  World *self = data;

  if (self->over == 0)
    g_assert_cmpuint (g_bytes_get_size (message), <=, self->max);
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer data)
{
  ((World *) data)->closed = true;
}

/* The frames as bytes on the wire. */
static GBytes *
make_stream (TessReader *input)
{
  GByteArray *stream = g_byte_array_new ();

  for (unsigned i = 0; i < FRAMES_MAX && input->left > 0; i++)
    {
      uint8_t head[4] = { tess_reader_u8 (input), 126 };
      size_t size = tess_reader_u16 (input), have;
      size_t head_size = size < 126 ? 2 : 4;

      head[1] = size < 126 ? (uint8_t) size : 126;
      head[2] = (uint8_t) (size >> 8);
      head[3] = (uint8_t) size;
      g_byte_array_append (stream, head, (guint) head_size);
      have = MIN (size, input->left);
      g_byte_array_append (stream, tess_reader_take (input, have), (guint) have);
      g_byte_array_set_size (stream, stream->len + (guint) (size - have));
      memset (stream->data + stream->len - (size - have), 0, size - have);
    }
  return g_byte_array_free_to_bytes (stream);
}

/* The extension as libsoup makes it after the handshake: its type is known once a message was prepared. */
static GObject *
new_extension (void)
{
  if (g_type_from_name ("TessFrameBound") == 0)
    {
      g_autoptr (SoupSession) session = soup_session_new ();
      g_autoptr (SoupMessage) message = soup_message_new ("GET", "http://127.0.0.1/");

      tess_frame_bound_prepare (session, message);
    }
  return g_object_new (g_type_from_name ("TessFrameBound"), NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessReader input;
  g_autoptr (GInputStream) in = NULL;
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) io = NULL;
  g_autoptr (GUri) uri = g_uri_parse ("ws://127.0.0.1/", G_URI_FLAGS_NONE, NULL);
  g_autoptr (SoupWebsocketConnection) connection = NULL;
  g_autoptr (GBytes) stream = NULL;
  World world = { 0 };

  tess_reader_init (&input, data, size);
  world.max = (size_t) tess_reader_u8 (&input) * 64;
  stream = make_stream (&input);
  in = g_memory_input_stream_new_from_bytes (stream);
  io = g_simple_io_stream_new (in, out);
  connection = soup_websocket_connection_new (io, uri, SOUP_WEBSOCKET_CONNECTION_CLIENT, NULL, NULL,
                                              g_list_append (NULL, new_extension ()));
  g_assert_true (tess_frame_bound_watch (connection, world.max, on_over, &world));
  g_signal_connect (connection, "message", G_CALLBACK (on_message), &world);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), &world);
  for (unsigned turns = 0; turns < 1000 && !world.closed; turns++)
    if (!g_main_context_iteration (NULL, FALSE))
      break;
  g_assert_cmpuint (world.over, <=, 1);
  if (world.over == 1)
    g_assert_false (tess_frame_bound_watch (connection, world.max, on_over, &world));
  tess_frame_bound_unwatch (connection);
  g_signal_handlers_disconnect_by_data (connection, &world);
  if (soup_websocket_connection_get_state (connection) != SOUP_WEBSOCKET_STATE_CLOSED)
    g_io_stream_close (io, NULL, NULL);
  return 0;
}
