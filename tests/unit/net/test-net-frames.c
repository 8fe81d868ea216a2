/* What a relay may do with WebSocket frames, and links that are let go of from within their own news.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net-fixtures.h"
#include "net/tess-deposit-link.h"
#include "net/tess-net-session.h"

#include <sodium.h>
#include <string.h>

/* Sends @size bytes as they are, behind libsoup's back. FALSE once the client is gone. */
static bool
send_raw (FixtureServer *server, const uint8_t *data, size_t size)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (server->connection);
  GPollableOutputStream *out = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));

  for (size_t sent = 0; sent < size;)
    {
      g_autoptr (GError) error = NULL;
      gssize count = g_pollable_output_stream_write_nonblocking (out, data + sent, size - sent, NULL, &error);

      if (count > 0)
        sent += (size_t) count;
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return false;
      else
        fixture_wait (1);
    }
  return true;
}

/* One frame of at most 65535 bytes; @head is its first byte. */
static bool
send_frame (FixtureServer *server, uint8_t head, size_t size)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();

  g_byte_array_set_size (frame, (unsigned) (size < 126 ? 2 : 4) + (unsigned) size);
  memset (frame->data, 0, frame->len);
  frame->data[0] = head;
  frame->data[1] = size < 126 ? (uint8_t) size : 126;
  if (size >= 126)
    {
      frame->data[2] = (uint8_t) (size >> 8);
      frame->data[3] = (uint8_t) size;
    }
  return send_raw (server, frame->data, frame->len);
}

static void
on_binary (FixtureServer *server, GBytes *bytes)
{
  TessDepositFrame frame;
  TessDepositAnswer said = { 0 };
  uint8_t data[TESS_DEPOSIT_ANSWER_SIZE_MAX];

  g_assert_true (tess_deposit_frame_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &frame));
  said.request = frame.request;
  if (server->data == NULL)
    soup_websocket_connection_send_binary (server->connection, data, tess_deposit_answer_encode (&said, data));
}

static FixtureServer *
server_new (bool mute)
{
  FixtureServer *server = fixture_server_new ();

  server->data = mute ? server : NULL;
  server->binary = on_binary;
  fixture_server_websocket (server, TESS_PATH_DEPOSIT, TESS_SUBPROTOCOL);
  return server;
}

static TessDepositLink *
link_open (FixtureServer *server)
{
  TessDepositLink *link = tess_deposit_link_new (server->origin);
  g_autoptr (GError) error = NULL;

  g_assert_true (dex_await_boolean (tess_deposit_link_connect (link), &error));
  g_assert_no_error (error);
  return link;
}

static DexFuture *
deposit (TessDepositLink *link)
{
  static const uint8_t zeros[TESS_KEY_SIZE];
  uint8_t *data = g_malloc0 (TESS_ENVELOPE_SMALL);
  g_autoptr (GBytes) envelope = g_bytes_new_take (data, TESS_ENVELOPE_SMALL);

  data[0] = 1;
  return tess_deposit_link_deposit (link, zeros, zeros, zeros, envelope);
}

/* A message without an end is not gathered without an end. */
static DexFuture *
endless_message (gpointer data)
{
  for (unsigned mode = 0; mode < 2; mode++)
    {
      g_autoptr (FixtureServer) server = server_new (true);
      g_autoptr (TessDepositLink) link = link_open (server);
      /* One byte more than any answer has, or many. */
      size_t size = mode == 0 ? TESS_DEPOSIT_ANSWER_SIZE_MAX : 1;
      unsigned sent = 0;

      send_frame (server, 0x02, size);
      while (sent < 2000 && tess_deposit_link_is_open (link) && send_frame (server, 0x00, size))
        {
          sent++;
          fixture_wait (0);
        }
      g_assert_cmpuint (sent, <, 100);
      g_error_free (fixture_rejects (tess_deposit_link_ended (link), TESS_NET_ERROR_PROTOCOL));
    }
  return dex_future_new_for_boolean (TRUE);
}

/* Answers to pings wait where no bound of ours reaches. */
static DexFuture *
endless_pings (gpointer data)
{
  g_autoptr (FixtureServer) server = server_new (true);
  g_autoptr (TessDepositLink) link = link_open (server);
  unsigned sent = 0;

  while (sent < 2000 && tess_deposit_link_is_open (link) && send_frame (server, 0x89, 0))
    {
      sent++;
      fixture_wait (0);
    }
  g_assert_cmpuint (sent, >=, 20);
  g_assert_cmpuint (sent, <, 1000);
  g_error_free (fixture_rejects (tess_deposit_link_ended (link), TESS_NET_ERROR_PROTOCOL));
  return dex_future_new_for_boolean (TRUE);
}

/* Fragments, and pings between them, are no fault. */
static DexFuture *
honest_fragments (gpointer data)
{
  g_autoptr (FixtureServer) server = server_new (true);
  g_autoptr (TessDepositLink) link = link_open (server);
  static const uint8_t frames[] = { 0x02, 2, 0x81, 0, 0x89, 0, 0x00, 0, 0x00, 3, 0, 0, 0, 0x8a, 0, 0x80, 1, 0 };

  for (unsigned i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;
      DexFuture *future = deposit (link);
      g_autoptr (TessDepositAnswer) said = NULL;
      uint8_t answer[sizeof frames];

      memcpy (answer, frames, sizeof frames);
      answer[12] = (uint8_t) i;
      g_assert_true (send_raw (server, answer, sizeof answer));
      said = dex_await_boxed (future, &error);
      g_assert_no_error (error);
      g_assert_cmpint (said->status, ==, TESS_DEPOSIT_STORED);
    }
  return dex_future_new_for_boolean (TRUE);
}

/* The answer to a ping is longer than any to a deposit, and no fault; a message of that length is one. */
static DexFuture *
long_pong (gpointer data)
{
  g_autoptr (FixtureServer) server = server_new (false);
  g_autoptr (TessDepositLink) link = link_open (server);
  g_autoptr (GError) error = NULL;
  g_autoptr (TessDepositAnswer) said = NULL;

  g_assert_true (send_frame (server, 0x8a, 125));
  said = dex_await_boxed (deposit (link), &error);
  g_assert_no_error (error);
  g_assert_true (send_frame (server, 0x82, TESS_DEPOSIT_ANSWER_SIZE_MAX + 1));
  g_error_free (fixture_rejects (tess_deposit_link_ended (link), TESS_NET_ERROR_PROTOCOL));
  return dex_future_new_for_boolean (TRUE);
}

/* Agrees to compression, which nobody offered. */
static void
on_handshake (FixtureServer *server, SoupServerMessage *message, const char *path, GHashTable *query)
{
  char *protocols[] = { (char *) TESS_SUBPROTOCOL, NULL };

  g_assert_true (soup_websocket_server_process_handshake (message, NULL, protocols, NULL, NULL));
  soup_message_headers_append (soup_server_message_get_response_headers (message), "Sec-WebSocket-Extensions",
                               "permessage-deflate");
}

static DexFuture *
compression (gpointer data)
{
  g_autoptr (FixtureServer) server = fixture_server_new ();
  g_autoptr (TessDepositLink) link = tess_deposit_link_new (server->origin);

  server->http = on_handshake;
  g_error_free (fixture_rejects (tess_deposit_link_connect (link), TESS_NET_ERROR_NOT_A_RELAY));
  return dex_future_new_for_boolean (TRUE);
}

/* Nothing that comes behind a close does harm. */
static DexFuture *
close_and_garbage (gpointer data)
{
  static const uint8_t masked[] = { 0x88, 2, 0x03, 0xe8, 0x82, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  static const uint8_t reserved[] = { 0x88, 2, 0x03, 0xe8, 0xf2, 1, 0, 0xf2, 1, 0 };
  static const uint8_t huge[] = { 0x88, 2, 0x03, 0xe8, 0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3 };
  static const uint8_t half[] = { 0x88, 1, 0x03, 0x82, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  static const struct {
    const uint8_t *bytes;
    size_t size;
  } cases[] = { { masked, sizeof masked }, { reserved, sizeof reserved }, { huge, sizeof huge }, { half, sizeof half } };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FixtureServer) server = server_new (true);
      g_autoptr (TessDepositLink) link = link_open (server);
      g_autoptr (DexFuture) ended = tess_deposit_link_ended (link);

      g_assert_true (send_raw (server, cases[i].bytes, cases[i].size));
      for (unsigned k = 0; k < 200 && dex_future_is_pending (ended); k++)
        fixture_wait (5);
      g_assert_true (dex_future_is_rejected (ended));
      fixture_wait (20);
    }
  return dex_future_new_for_boolean (TRUE);
}

/* Lets go of the link: what a caller may do in any callback. */
static DexFuture *
let_go (DexFuture *future, gpointer data)
{
  g_clear_object ((TessDepositLink **) data);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
letting_go_within (gpointer data)
{
  /* On the connection, an answer, a close with something unanswered, a close, and a time that ran out. */
  for (unsigned mode = 0; mode < 5; mode++)
    {
      g_autoptr (FixtureServer) server = server_new (mode == 2 || mode == 4);
      TessDepositLink *link = tess_deposit_link_new (server->origin);
      g_autoptr (DexFuture) connected = tess_deposit_link_connect (link);
      g_autoptr (DexFuture) seen = NULL;

      if (mode == 0)
        seen = dex_future_finally (dex_ref (connected), let_go, &link, NULL);
      else
        g_assert_true (dex_await_boolean (dex_ref (connected), NULL));
      if (mode == 4)
        tess_net_set_second (2);
      if (mode == 1 || mode == 2 || mode == 4)
        seen = dex_future_finally (deposit (link), let_go, &link, NULL);
      else if (mode == 3)
        seen = dex_future_finally (tess_deposit_link_ended (link), let_go, &link, NULL);
      if (mode == 2 || mode == 3)
        soup_websocket_connection_close (server->connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
      for (unsigned i = 0; i < 200 && link != NULL; i++)
        fixture_wait (5);
      tess_net_set_second (1000);
      g_assert_null (link);
      fixture_wait (20);
    }
  return dex_future_new_for_boolean (TRUE);
}

static void
run (gconstpointer test)
{
  fixture_run ((DexFiberFunc) test, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_data_func ("/net/frames/endless-message", endless_message, run);
  g_test_add_data_func ("/net/frames/endless-pings", endless_pings, run);
  g_test_add_data_func ("/net/frames/long-pong", long_pong, run);
  g_test_add_data_func ("/net/frames/honest-fragments", honest_fragments, run);
  g_test_add_data_func ("/net/frames/compression", compression, run);
  g_test_add_data_func ("/net/frames/close-and-garbage", close_and_garbage, run);
  g_test_add_data_func ("/net/frames/letting-go-within", letting_go_within, run);
  return g_test_run ();
}
