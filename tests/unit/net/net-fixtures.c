/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net-fixtures.h"

#include <string.h>

static void
on_http (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  FixtureServer *self = data;

  if (self->http != NULL)
    self->http (self, message, path, query);
  else
    fixture_respond (message, 404, "text/html", "<html>nothing here</html>");
}

FixtureServer *
fixture_server_new (void)
{
  FixtureServer *self = g_new0 (FixtureServer, 1);
  g_autoptr (GError) error = NULL;
  GSList *uris = NULL;

  self->server = soup_server_new (NULL, NULL);
  g_assert_true (soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error));
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  self->origin = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  soup_server_add_handler (self->server, "/", on_http, self, NULL);
  return self;
}

void
fixture_server_free (FixtureServer *self)
{
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_free (self->origin);
  g_free (self);
}

static void
on_message (SoupWebsocketConnection *connection, int type, GBytes *bytes, gpointer data)
{
  FixtureServer *self = data;

  if (type == SOUP_WEBSOCKET_DATA_TEXT && self->text != NULL)
    self->text (self, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  else if (type == SOUP_WEBSOCKET_DATA_BINARY && self->binary != NULL)
    self->binary (self, bytes);
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer data)
{
  FixtureServer *self = data;

  self->closed = true;
  self->close_code = soup_websocket_connection_get_close_code (connection);
}

static void
on_websocket (SoupServer *server, SoupServerMessage *message, const char *path, SoupWebsocketConnection *connection,
              gpointer data)
{
  FixtureServer *self = data;

  /* What a client tells about itself, in each connection of each test. */
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  g_assert_cmpstr (soup_message_headers_get_one (headers, "User-Agent"), ==, "Tessera");
  g_assert_null (soup_message_headers_get_one (headers, "Accept-Language"));
  g_assert_null (soup_message_headers_get_one (headers, "Accept-Encoding"));
  g_assert_null (soup_message_headers_get_one (headers, "Origin"));
  g_assert_null (soup_message_headers_get_list (headers, "Sec-WebSocket-Extensions"));
  g_set_object (&self->connection, connection);
  self->connections++;
  soup_websocket_connection_set_max_incoming_payload_size (connection, 1024 * 1024);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  if (self->opened != NULL)
    self->opened (self);
}

void
fixture_server_websocket (FixtureServer *self, const char *path, const char *protocol)
{
  char *protocols[] = { (char *) protocol, NULL };

  soup_server_add_websocket_handler (self->server, path, NULL, protocol != NULL ? protocols : NULL, on_websocket, self, NULL);
}

void
fixture_respond (SoupServerMessage *message, unsigned status, const char *type, const char *body)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, body, strlen (body));
}

void
fixture_run (DexFiberFunc test, gpointer data)
{
  g_autoptr (DexFuture) future = dex_scheduler_spawn (NULL, 0, test, data, NULL);
  g_autoptr (GError) error = NULL;

  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (dex_future_get_value (future, &error));
  /* What the test let go of, closes. */
  for (unsigned i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

void
fixture_wait (unsigned milliseconds)
{
  dex_await (dex_timeout_new_msec ((int) milliseconds), NULL);
}

GError *
fixture_rejects (DexFuture *future, TessNetError code)
{
  g_autoptr (DexFuture) kept = dex_ref (future);
  GError *error = NULL;

  g_assert_false (dex_await (dex_future_first (future, dex_timeout_new_seconds (5), NULL), &error));
  g_assert_error (error, TESS_NET_ERROR, code);
  g_assert_cmpint (strlen (error->message), >, 10);
  return error;
}
