/* Links over pairs of sockets: how bytes, time and bad peers are borne, with no HTTP and no mailbox in sight.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-links.h"
#include "relay/tess-relay-ws.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_MESSAGE (1024 * 1024)
#define PATIENCE_MS 10000
#define ADDRESS 7

typedef struct {
  TessRelayLink *link; /* NULL once closed */
  int peer;            /* the client's end */
  GByteArray *got;     /* what the client read and did not look at yet */
  unsigned messages;
  bool hold;           /* hold after each message */
  bool mute;           /* echo nothing */
  bool dear;           /* each message takes a millisecond */
} Pair;

static unsigned ended;

static void
on_ended (uint64_t address, void *data)
{
  g_assert_cmpuint (address, ==, ADDRESS);
  ended++;
}

static void
on_message (TessRelayLink *link, bool text, const uint8_t *data, size_t size, void *owner)
{
  Pair *self = owner;

  self->messages++;
  for (int64_t until = g_get_monotonic_time () + 1000; self->dear && g_get_monotonic_time () < until;)
    ;
  if (!self->mute)
    tess_relay_link_send (link, text, data, size);
  if (self->hold)
    tess_relay_link_hold (link);
}

static void
on_closed (TessRelayLink *link, void *owner)
{
  ((Pair *) owner)->link = NULL;
}

static const TessRelayLinkEvents events = { .message = on_message, .closed = on_closed };

static void
pair_open (Pair *self, TessRelayLinks *links)
{
  int fds[2], small = 4096;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) stream = NULL;

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds));
  /* Little room, so that what is large goes in many pieces. */
  setsockopt (fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  socket = g_socket_new_from_fd (fds[0], NULL);
  stream = g_socket_connection_factory_create_connection (socket);
  *self = (Pair) { .peer = fds[1], .got = g_byte_array_new () };
  self->link = tess_relay_links_adopt (links, G_IO_STREAM (stream), socket, true, ADDRESS, MAX_MESSAGE, MAX_MESSAGE);
  tess_relay_link_set_owner (self->link, &events, self);
}

static void
pair_close (Pair *self)
{
  if (self->peer >= 0)
    close (self->peer);
  g_byte_array_unref (self->got);
}

/* A client's frame, masked. */
static GByteArray *
frame_new (uint8_t opcode, const void *payload, size_t size)
{
  static const uint8_t mask[4] = { 0x12, 0x34, 0x56, 0x78 };
  uint8_t head[TESS_RELAY_WS_HEAD_MAX];
  size_t head_size = tess_relay_ws_head (opcode, size, head);
  GByteArray *out = g_byte_array_sized_new ((guint) (head_size + 4 + size));

  head[1] |= 0x80;
  g_byte_array_append (out, head, (guint) head_size);
  g_byte_array_append (out, mask, 4);
  g_byte_array_append (out, payload, (guint) size);
  for (size_t i = 0; i < size; i++)
    out->data[head_size + 4 + i] ^= mask[i & 3];
  return out;
}

static void
turn (void)
{
  g_main_context_iteration (NULL, FALSE);
}

/* Writes as much of @data as the link's end takes within some turns; gives the number of bytes. */
static size_t
pair_write (Pair *self, const uint8_t *data, size_t size)
{
  size_t done = 0;

  for (unsigned idle = 0; done < size && idle < 100; idle++)
    {
      ssize_t count = send (self->peer, data + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);

      if (count > 0)
        {
          done += (size_t) count;
          idle = 0;
        }
      turn ();
    }
  return done;
}

static void
pair_send (Pair *self, uint8_t opcode, const void *payload, size_t size)
{
  g_autoptr (GByteArray) frame = frame_new (opcode, payload, size);

  g_assert_cmpuint (pair_write (self, frame->data, frame->len), ==, frame->len);
}

/* Reads what there is. FALSE at the end. */
static bool
pair_read (Pair *self)
{
  uint8_t buffer[16384];
  ssize_t count;

  while ((count = recv (self->peer, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
    g_byte_array_append (self->got, buffer, (guint) count);
  return count != 0;
}

/* Takes a frame off what was read. FALSE: there is none that is whole. */
static bool
take_frame (GByteArray *got, uint8_t *opcode, GBytes **payload)
{
  size_t head = 2, size;

  if (got->len < 2)
    return false;
  size = got->data[1];
  if (size >= 126)
    head += size == 126 ? 2 : 8;
  if (got->len < head)
    return false;
  if (size >= 126)
    {
      size = 0;
      for (size_t i = 2; i < head; i++)
        size = size << 8 | got->data[i];
    }
  if (got->len < head + size)
    return false;
  *opcode = got->data[0] & 0x0F;
  *payload = g_bytes_new (got->data + head, size);
  g_byte_array_remove_range (got, 0, (guint) (head + size));
  return true;
}

/* The client's next frame. */
static GBytes *
pair_receive (Pair *self, uint8_t opcode)
{
  int64_t until = g_get_monotonic_time () + PATIENCE_MS * 1000;
  GBytes *payload = NULL;
  uint8_t got = 0;

  while (!take_frame (self->got, &got, &payload))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      turn ();
      g_assert_true (pair_read (self) || self->got->len > 0);
    }
  g_assert_cmpuint (got, ==, opcode);
  return payload;
}

static void
pair_expect (Pair *self, uint8_t opcode, const void *payload, size_t size)
{
  g_autoptr (GBytes) got = pair_receive (self, opcode);

  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), payload, size);
}

static void
pair_expect_close (Pair *self, unsigned code)
{
  g_autoptr (GBytes) got = pair_receive (self, TESS_RELAY_WS_CLOSE);

  g_assert_cmpuint (tess_relay_ws_close_code (g_bytes_get_data (got, NULL), g_bytes_get_size (got)), ==, code);
}

static void
wait_closed (Pair *self)
{
  int64_t until = g_get_monotonic_time () + PATIENCE_MS * 1000;

  while (self->link != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      turn ();
    }
}

static void
run_for (unsigned ms)
{
  int64_t until = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < until)
    {
      turn ();
      g_usleep (1000);
    }
}

static uint8_t *
pattern_new (size_t size)
{
  uint8_t *data = g_malloc (size);

  for (size_t i = 0; i < size; i++)
    data[i] = (uint8_t) (i * 31 + i / 251);
  return data;
}

/* -- Bytes --------------------------------------------------------------------------------------------------------------- */

static void
test_echo (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  Pair pair;

  ended = 0;
  tess_relay_links_on_end (links, on_ended, NULL);
  pair_open (&pair, links);
  pair_send (&pair, TESS_RELAY_WS_TEXT, "hello", 5);
  pair_expect (&pair, TESS_RELAY_WS_TEXT, "hello", 5);
  pair_send (&pair, TESS_RELAY_WS_PING, "there?", 6);
  pair_expect (&pair, TESS_RELAY_WS_PONG, "there?", 6);
  pair_send (&pair, TESS_RELAY_WS_CLOSE, "\x03\xe8", 2);
  pair_expect_close (&pair, 1000);
  wait_closed (&pair);
  g_assert_cmpuint (ended, ==, 1);
  g_assert_cmpuint (tess_relay_links_count (links), ==, 0);
  pair_close (&pair);
  tess_relay_links_free (links);
}

/* Far more than the socket holds, both ways, the input a byte a turn at first. */
static void
test_pieces (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  g_autofree uint8_t *data = pattern_new (300000);
  g_autoptr (GByteArray) frame = frame_new (TESS_RELAY_WS_BINARY, data, 300000);
  Pair pair;

  pair_open (&pair, links);
  for (unsigned i = 0; i < 50; i++)
    g_assert_cmpuint (pair_write (&pair, frame->data + i, 1), ==, 1);
  g_assert_cmpuint (pair_write (&pair, frame->data + 50, frame->len - 50), ==, frame->len - 50);
  pair_expect (&pair, TESS_RELAY_WS_BINARY, data, 300000);
  pair_close (&pair);
  tess_relay_links_free (links);
}

/* More than the queue may hold, for a peer that reads nothing: dropped for a 4008, which still comes after what had begun. */
static void
test_slow_reader (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  g_autofree uint8_t *data = pattern_new (MAX_MESSAGE);
  Pair pair;

  pair_open (&pair, links);
  run_for (5);
  tess_relay_link_send (pair.link, false, data, MAX_MESSAGE);
  run_for (5);
  tess_relay_link_send (pair.link, false, data, MAX_MESSAGE - 4096);
  tess_relay_link_send (pair.link, false, data, MAX_MESSAGE);
  pair_expect (&pair, TESS_RELAY_WS_BINARY, data, MAX_MESSAGE);
  pair_expect_close (&pair, TESS_RELAY_CLOSE_TOO_SLOW);
  pair_close (&pair);
  wait_closed (&pair);
  tess_relay_links_free (links);
}

/* -- Holding ------------------------------------------------------------------------------------------------------------- */

static void
test_hold (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  Pair pair;

  pair_open (&pair, links);
  pair.hold = true;
  for (unsigned i = 0; i < 3; i++)
    pair_send (&pair, TESS_RELAY_WS_TEXT, "abc" + i, 1);
  run_for (20);
  g_assert_cmpuint (pair.messages, ==, 1);
  tess_relay_link_release (pair.link);
  run_for (20);
  g_assert_cmpuint (pair.messages, ==, 2);
  pair.hold = false;
  tess_relay_link_release (pair.link);
  for (unsigned i = 0; i < 3; i++)
    pair_expect (&pair, TESS_RELAY_WS_TEXT, "abc" + i, 1);
  pair_close (&pair);
  tess_relay_links_free (links);
}

static gboolean
on_over (gpointer over)
{
  *(bool *) over = true;
  return G_SOURCE_REMOVE;
}

/* The peer is gone while its message is being worked on: the loop sleeps until the hold is over, and then the link ends. */
static void
test_hangup_held (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  unsigned turns = 0;
  bool over = false;
  Pair pair;

  pair_open (&pair, links);
  pair.hold = pair.mute = true;
  pair_send (&pair, TESS_RELAY_WS_TEXT, "x", 1);
  run_for (5);
  g_assert_cmpuint (pair.messages, ==, 1);
  close (pair.peer);
  pair.peer = -1;
  g_timeout_add (300, on_over, &over);
  for (; !over; turns++)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (turns, <, 20);
  g_assert_nonnull (pair.link);
  tess_relay_link_release (pair.link);
  wait_closed (&pair);
  pair_close (&pair);
  tess_relay_links_free (links);
}

/* -- Time ---------------------------------------------------------------------------------------------------------------- */

static void
test_deadline (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  Pair pair, spared;

  pair_open (&pair, links);
  pair_open (&spared, links);
  tess_relay_link_set_deadline (pair.link, 1, TESS_RELAY_CLOSE_AUTHENTICATION);
  tess_relay_link_set_deadline (spared.link, 1, TESS_RELAY_CLOSE_AUTHENTICATION);
  tess_relay_link_set_deadline (spared.link, 0, 0);
  pair_expect_close (&pair, TESS_RELAY_CLOSE_AUTHENTICATION);
  run_for (1100);
  pair_send (&spared, TESS_RELAY_WS_TEXT, "x", 1);
  pair_expect (&spared, TESS_RELAY_WS_TEXT, "x", 1);
  pair_close (&pair);
  pair_close (&spared);
  tess_relay_links_free (links);
}

/* One answers the ping and stays, one does not. */
static void
test_ping (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 1);
  int64_t start = g_get_monotonic_time ();
  Pair silent, alive;

  pair_open (&silent, links);
  pair_open (&alive, links);
  while (silent.link != NULL)
    {
      uint8_t opcode;
      GBytes *payload;

      g_assert_cmpint (g_get_monotonic_time () - start, <, PATIENCE_MS * 1000);
      run_for (10);
      pair_read (&alive);
      if (!take_frame (alive.got, &opcode, &payload))
        continue;
      g_assert_cmpuint (opcode, ==, TESS_RELAY_WS_PING);
      g_bytes_unref (payload);
      pair_send (&alive, TESS_RELAY_WS_PONG, NULL, 0);
    }
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 2 * G_USEC_PER_SEC);
  g_assert_nonnull (alive.link);
  g_assert_cmpuint (tess_relay_links_count (links), ==, 1);
  pair_close (&silent);
  pair_close (&alive);
  tess_relay_links_free (links);
}

/* -- Others -------------------------------------------------------------------------------------------------------------- */

/* One peer has its socket full of messages at every turn: each turn takes one read of them, and not all that there is. The
 * other's message is answered within a few turns. */
static void
test_fair (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  g_autofree uint8_t *data = pattern_new (100000);
  g_autoptr (GByteArray) flood = frame_new (TESS_RELAY_WS_BINARY, data, 100000);
  g_autoptr (GByteArray) frame = frame_new (TESS_RELAY_WS_TEXT, "x", 1);
  unsigned turns = 0, before;
  int large = 4 * (int) flood->len;
  size_t at = 0;
  Pair loud, quiet;

  pair_open (&loud, links);
  pair_open (&quiet, links);
  loud.mute = true;
  setsockopt (loud.peer, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
  run_for (5);
  for (unsigned i = 0; i < 200; i++)
    {
      ssize_t count;

      while ((count = send (loud.peer, flood->data + at, flood->len - at, MSG_NOSIGNAL | MSG_DONTWAIT)) > 0)
        at = (at + (size_t) count) % flood->len;
      if (i == 100)
        g_assert_cmpint (send (quiet.peer, frame->data, frame->len, MSG_NOSIGNAL), ==, frame->len);
      before = loud.messages;
      turn ();
      g_assert_cmpuint (loud.messages, <=, before + 1);
      turns += i >= 100 && quiet.messages == 0;
    }
  g_assert_cmpuint (loud.messages, >, 10);
  g_assert_cmpuint (turns, <, 4);
  pair_expect (&quiet, TESS_RELAY_WS_TEXT, "x", 1);
  pair_close (&loud);
  pair_close (&quiet);
  tess_relay_links_free (links);
}

/* Of messages that come by the thousand in one read only some are taken at a turn, and none is lost. */
static void
test_crumbs (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  g_autoptr (GByteArray) crumb = frame_new (TESS_RELAY_WS_TEXT, "", 0);
  g_autoptr (GByteArray) ping = frame_new (TESS_RELAY_WS_PING, "", 0);
  g_autoptr (GByteArray) flood = g_byte_array_new ();
  g_autoptr (GByteArray) frame = frame_new (TESS_RELAY_WS_TEXT, "x", 1);
  unsigned before;
  int large;
  Pair loud, quiet;

  for (unsigned i = 0; i < 5000; i++)
    {
      const GByteArray *one = i % 2 == 0 ? crumb : ping;

      g_byte_array_append (flood, one->data, one->len);
    }
  large = 4 * (int) flood->len;
  pair_open (&loud, links);
  pair_open (&quiet, links);
  loud.mute = true;
  setsockopt (loud.peer, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
  run_for (5);
  g_assert_cmpint (send (loud.peer, flood->data, flood->len, MSG_NOSIGNAL | MSG_DONTWAIT), ==, flood->len);
  turn ();
  g_assert_cmpint (send (quiet.peer, frame->data, frame->len, MSG_NOSIGNAL), ==, frame->len);
  for (unsigned i = 0; i < 4; i++)
    {
      before = loud.messages;
      turn ();
      g_assert_cmpuint (loud.messages, <=, before + 100);
    }
  pair_expect (&quiet, TESS_RELAY_WS_TEXT, "x", 1);
  g_assert_cmpuint (loud.messages, <, 1000);
  for (unsigned i = 0; i < 2500; i++)
    pair_expect (&loud, TESS_RELAY_WS_PONG, "", 0);
  g_assert_cmpuint (loud.messages, ==, 2500);
  pair_close (&loud);
  pair_close (&quiet);
  tess_relay_links_free (links);
}

/* Many peers send what is dear: a turn has its end all the same, each of them gets on, and another is answered meanwhile. */
static void
test_dear (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  g_autoptr (GByteArray) crumb = frame_new (TESS_RELAY_WS_TEXT, "", 0);
  g_autoptr (GByteArray) flood = g_byte_array_new ();
  g_autofree Pair *loud = g_new0 (Pair, 100);
  Pair quiet;

  for (unsigned i = 0; i < 100; i++)
    g_byte_array_append (flood, crumb->data, crumb->len);
  pair_open (&quiet, links);
  for (unsigned i = 0; i < 100; i++)
    {
      pair_open (&loud[i], links);
      loud[i].mute = loud[i].dear = true;
    }
  run_for (5);
  for (unsigned i = 0; i < 100; i++)
    g_assert_cmpint (send (loud[i].peer, flood->data, flood->len, MSG_NOSIGNAL | MSG_DONTWAIT), ==, flood->len);
  for (unsigned i = 0, total = 0; i < 100; i++)
    {
      unsigned before = total;

      turn ();
      total = 0;
      for (unsigned k = 0; k < 100; k++)
        total += loud[k].messages;
      g_assert_cmpuint (total, <=, before + 50);
    }
  for (unsigned i = 0; i < 100; i++)
    g_assert_cmpuint (loud[i].messages, >, 0);
  pair_send (&quiet, TESS_RELAY_WS_TEXT, "x", 1);
  pair_expect (&quiet, TESS_RELAY_WS_TEXT, "x", 1);
  for (unsigned i = 0; i < 100; i++)
    {
      g_assert_cmpuint (loud[i].messages, <, 100);
      pair_close (&loud[i]);
    }
  pair_close (&quiet);
  tess_relay_links_free (links);
}

/* -- TLS ----------------------------------------------------------------------------------------------------------------- */

static GTlsCertificate *
certificate_new (void)
{
  g_autoptr (GError) error = NULL;
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *x509 = X509_new ();
  BIO *bio = BIO_new (BIO_s_mem ());
  GTlsCertificate *certificate;
  char *pem = NULL;
  long size;

  X509_gmtime_adj (X509_getm_notBefore (x509), -60);
  X509_gmtime_adj (X509_getm_notAfter (x509), 3600);
  X509_set_pubkey (x509, key);
  g_assert_cmpint (X509_sign (x509, key, EVP_sha256 ()), >, 0);
  PEM_write_bio_X509 (bio, x509);
  PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL);
  size = BIO_get_mem_data (bio, &pem);
  certificate = g_tls_certificate_new_from_pem (pem, size, &error);
  g_assert_no_error (error);
  BIO_free (bio);
  X509_free (x509);
  EVP_PKEY_free (key);
  return certificate;
}

static gboolean
on_accept (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags errors, gpointer data)
{
  return TRUE;
}

/* The client: in a thread of its own, for it blocks. Sends messages and gives the number that came back the same. */
static gpointer
tls_client (gpointer data)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (GPOINTER_TO_INT (data), NULL);
  g_autoptr (GSocketConnection) base = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GIOStream) tls = g_tls_client_connection_new (G_IO_STREAM (base), NULL, NULL);
  static const unsigned sizes[] = { 1, 16000, 70000, 200000, 5 };
  unsigned good = 0;

  g_socket_set_timeout (socket, PATIENCE_MS / 1000);
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (on_accept), NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree uint8_t *payload = pattern_new (sizes[i]);
      g_autoptr (GByteArray) frame = frame_new (TESS_RELAY_WS_BINARY, payload, sizes[i]);
      size_t size = sizes[i] + (sizes[i] < 126 ? 2 : sizes[i] < 65536 ? 4 : 10);
      g_autofree uint8_t *answer = g_malloc (size);

      if (g_output_stream_write_all (g_io_stream_get_output_stream (tls), frame->data, frame->len, NULL, NULL, NULL)
          && g_input_stream_read_all (g_io_stream_get_input_stream (tls), answer, size, NULL, NULL, NULL)
          && memcmp (answer + size - sizes[i], payload, sizes[i]) == 0)
        good++;
    }
  g_io_stream_close (tls, NULL, NULL);
  return GUINT_TO_POINTER (good);
}

static void
on_handshake (GObject *source, GAsyncResult *result, gpointer done)
{
  g_autoptr (GError) error = NULL;

  g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error);
  g_assert_no_error (error);
  *(bool *) done = true;
}

static void
test_tls (void)
{
  TessRelayLinks *links = tess_relay_links_new (30, 60);
  g_autoptr (GTlsCertificate) certificate = certificate_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) base = NULL;
  g_autoptr (GIOStream) tls = NULL;
  Pair pair = { 0 };
  GThread *client;
  bool done = false;
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  client = g_thread_new ("client", tls_client, GINT_TO_POINTER (fds[1]));
  socket = g_socket_new_from_fd (fds[0], NULL);
  base = g_socket_connection_factory_create_connection (socket);
  tls = g_tls_server_connection_new (G_IO_STREAM (base), certificate, &error);
  g_assert_no_error (error);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT, NULL, on_handshake, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  pair.link = tess_relay_links_adopt (links, tls, socket, false, ADDRESS, MAX_MESSAGE, MAX_MESSAGE);
  tess_relay_link_set_owner (pair.link, &events, &pair);
  /* Sleeps between the turns: input that TLS holds already must wake the loop by itself. */
  while (pair.link != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (client)), ==, 5);
  g_assert_cmpuint (pair.messages, ==, 5);
  tess_relay_links_free (links);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/links/echo", test_echo);
  g_test_add_func ("/relay/links/pieces", test_pieces);
  g_test_add_func ("/relay/links/slow-reader", test_slow_reader);
  g_test_add_func ("/relay/links/hold", test_hold);
  g_test_add_func ("/relay/links/hangup-held", test_hangup_held);
  g_test_add_func ("/relay/links/deadline", test_deadline);
  g_test_add_func ("/relay/links/ping", test_ping);
  g_test_add_func ("/relay/links/fair", test_fair);
  g_test_add_func ("/relay/links/crumbs", test_crumbs);
  g_test_add_func ("/relay/links/dear", test_dear);
  g_test_add_func ("/relay/links/tls", test_tls);
  return g_test_run ();
}
