/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "socks.h"

#include <libdex.h>
#include <string.h>

#define NONE_FITS 0xFF

typedef struct {
  SocksServer *server;
  GSocketConnection *client;
} Visit;

static void
server_clear (gpointer data)
{
  g_ptr_array_unref (((SocksServer *) data)->requests);
}

static void
visit_free (gpointer data)
{
  Visit *self = data;

  g_object_unref (self->client);
  g_rc_box_release_full (self->server, server_clear);
  g_free (self);
}

static void
request_free (gpointer data)
{
  SocksRequest *self = data;

  g_free (self->name);
  g_free (self->password);
  g_free (self->host);
  g_free (self);
}

/* Exactly @size bytes, or false. */
static bool
take (Visit *visit, uint8_t *out, size_t size)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (visit->client));

  for (size_t filled = 0; filled < size;)
    {
      g_autoptr (GBytes) bytes = dex_await_boxed (dex_input_stream_read_bytes (stream, size - filled, G_PRIORITY_DEFAULT), NULL);

      if (bytes == NULL || g_bytes_get_size (bytes) == 0)
        return false;
      memcpy (out + filled, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      filled += g_bytes_get_size (bytes);
    }
  return true;
}

static void
say (Visit *visit, const void *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  dex_await (dex_output_stream_write_bytes (g_io_stream_get_output_stream (G_IO_STREAM (visit->client)), bytes,
                                            G_PRIORITY_DEFAULT), NULL);
}

/* A text behind its length in one byte, or NULL. */
static char *
take_text (Visit *visit)
{
  uint8_t size = 0;
  char text[256] = { 0 };

  return take (visit, &size, 1) && take (visit, (uint8_t *) text, size) ? g_strndup (text, size) : NULL;
}

/* RFC 1928, 3, and 1929. */
static bool
greet (Visit *visit, SocksRequest *request)
{
  SocksBehaviour behaviour = visit->server->behaviour;
  uint8_t head[2], methods[255], version = 0;
  bool named;

  if (!take (visit, head, 2) || head[0] != 5 || !take (visit, methods, head[1]))
    return false;
  named = memchr (methods, 2, head[1]) != NULL && behaviour != SOCKS_NO_NAMES;
  g_assert_nonnull (memchr (methods, 0, head[1]));
  say (visit, (uint8_t[]){ 5, behaviour == SOCKS_NO_METHOD ? NONE_FITS : named ? 2 : 0 }, 2);
  request->name = g_strdup ("");
  request->password = g_strdup ("");
  if (!named)
    return true;
  g_free (request->name);
  g_free (request->password);
  request->password = NULL;
  request->name = take (visit, &version, 1) && version == 1 ? take_text (visit) : NULL;
  if (request->name == NULL || (request->password = take_text (visit)) == NULL)
    return false;
  say (visit, (uint8_t[]){ 1, behaviour == SOCKS_STRICT ? 1 : 0 }, 2);
  return behaviour != SOCKS_STRICT;
}

/* RFC 1928, 4: only CONNECT is asked for. */
static bool
hear (Visit *visit, SocksRequest *request)
{
  uint8_t head[4], address[16], port[2];

  if (!take (visit, head, 4))
    return false;
  g_assert_cmpmem (head, 3, ((uint8_t[]){ 5, 1, 0 }), 3);
  request->address_type = head[3];
  if (head[3] == 3 ? (request->host = take_text (visit)) == NULL : !take (visit, address, head[3] == 1 ? 4 : 16))
    return false;
  if (!take (visit, port, 2))
    return false;
  request->port = (uint16_t) (port[0] << 8 | port[1]);
  return true;
}

static void
lead (Visit *visit, const SocksRequest *request)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) to
    = g_inet_socket_address_new_from_string ("127.0.0.1", visit->server->to != 0 ? visit->server->to : request->port);
  g_autoptr (GSocketConnection) relay = dex_await_object (dex_socket_client_connect (client, G_SOCKET_CONNECTABLE (to)), NULL);

  say (visit, (uint8_t[]){ 5, relay != NULL ? 0 : 5, 0, 1, 0, 0, 0, 0, 0, 0 }, 10);
  if (relay != NULL)
    g_io_stream_splice_async (G_IO_STREAM (visit->client), G_IO_STREAM (relay),
                              G_IO_STREAM_SPLICE_CLOSE_STREAM1 | G_IO_STREAM_SPLICE_CLOSE_STREAM2, G_PRIORITY_DEFAULT, NULL, NULL,
                              NULL);
}

static DexFuture *
receive (gpointer data)
{
  Visit *visit = data;
  SocksRequest *request = g_new0 (SocksRequest, 1);
  SocksBehaviour behaviour = visit->server->behaviour;
  uint8_t nothing;

  g_ptr_array_add (visit->server->requests, request);
  if (behaviour == SOCKS_SILENT)
    {
      while (take (visit, &nothing, 1))
        ;
      return dex_future_new_for_boolean (TRUE);
    }
  if (behaviour == SOCKS_RUBBISH)
    say (visit, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
  else if (greet (visit, request) && hear (visit, request))
    {
      if (behaviour == SOCKS_REPLIES)
        say (visit, (uint8_t[]){ 5, visit->server->reply, 0, 1, 0, 0, 0, 0, 0, 0 }, 10);
      else if (behaviour == SOCKS_RUBBISH_REPLY)
        say (visit, "\xFF\xFE\xFD\xFC\xFB\xFA\xF9\xF8\xF7\xF6\xF5\xF4\xF3\xF2", 14);
      else if (behaviour == SOCKS_HALF)
        say (visit, (uint8_t[]){ 5, 0, 0, 1, 0 }, 5);
      else
        {
          lead (visit, request);
          return dex_future_new_for_boolean (TRUE);
        }
    }
  g_io_stream_close (G_IO_STREAM (visit->client), NULL, NULL);
  return dex_future_new_for_boolean (TRUE);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  SocksServer *self = data;
  Visit *visit = g_new0 (Visit, 1);

  self->connections++;
  visit->server = g_rc_box_acquire (self);
  visit->client = g_object_ref (connection);
  dex_future_disown (dex_scheduler_spawn (NULL, 0, receive, visit, visit_free));
  return TRUE;
}

SocksServer *
socks_new (SocksBehaviour behaviour)
{
  SocksServer *self = g_rc_box_new0 (SocksServer);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  self->behaviour = behaviour;
  self->requests = g_ptr_array_new_with_free_func (request_free);
  self->service = g_socket_service_new ();
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                 &bound, &error);
  g_assert_no_error (error);
  self->proxy = (TessProxy) { TESS_PROXY_SOCKS5, g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)), "127.0.0.1" };
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  return self;
}

void
socks_stop (SocksServer *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
}

void
socks_free (SocksServer *self)
{
  socks_stop (self);
  g_clear_object (&self->service);
  g_rc_box_release_full (self, server_clear);
}

const SocksRequest *
socks_request (SocksServer *self, unsigned number)
{
  g_assert_cmpuint (number, <, self->requests->len);
  return self->requests->pdata[number];
}
