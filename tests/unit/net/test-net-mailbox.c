/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net-fixtures.h"
#include "net/tess-mailbox-link.h"
#include "net/tess-net-session.h"
#include "wire-fixtures.h"

#include <sodium.h>
#include <string.h>

/* What the relay of a test does wrong, and what both ends saw. */
typedef enum {
  RELAY_GOOD,
  RELAY_SILENT,         /* no challenge */
  RELAY_GARBAGE,        /* no JSON */
  RELAY_WRONG_ORIGIN,   /* another relay's challenge */
  RELAY_READY_FIRST,
  RELAY_TWO_CHALLENGES,
  RELAY_HANGS_UP,       /* in mid-authentication */
  RELAY_REFUSES,        /* 4003 */
  RELAY_BUSY,           /* says so and closes */
  RELAY_MUTE_AFTER_AUTH,
  RELAY_IGNORES,        /* requests */
  RELAY_WRONG_ID,
  RELAY_LACKS,          /* an answer without its number */
  RELAY_REJECTS,
  RELAY_HUGE,           /* a text beyond the bound */
} Behaviour;

typedef struct {
  Behaviour behaviour;
  FixtureKey device;
  uint8_t nonce[TESS_NONCE_SIZE];
  unsigned asked;
  uint64_t acked;
  unsigned acks;
  /* The client's end. */
  uint64_t sequences[256];
  unsigned mails;
  uint32_t one_time_left;
  bool close_on_mail;
  bool refuse_to_sign;
} Scene;

static void
say (FixtureServer *server, TessNotice *notice)
{
  g_autofree char *text = tess_notice_build (notice);

  soup_websocket_connection_send_text (server->connection, text);
  tess_notice_free (notice);
}

static void
challenge (FixtureServer *server, const char *origin)
{
  TessNotice *notice = tess_notice_new (TESS_NOTICE_CHALLENGE);

  notice->relay = g_strdup (origin);
  memcpy (notice->nonce, ((Scene *) server->data)->nonce, TESS_NONCE_SIZE);
  say (server, notice);
}

static void
ready (FixtureServer *server)
{
  TessNotice *notice = tess_notice_new (TESS_NOTICE_READY);

  notice->registered = true;
  notice->waiting = 3;
  notice->acked = 10;
  notice->one_time = 99;
  say (server, notice);
}

static void
on_opened (FixtureServer *server)
{
  Scene *scene = server->data;
  g_autofree char *huge = NULL;

  switch (scene->behaviour)
    {
    case RELAY_SILENT:
      return;
    case RELAY_GARBAGE:
      soup_websocket_connection_send_text (server->connection, "{\"op\":\"challenge\",\"op\":\"ready\"}");
      return;
    case RELAY_WRONG_ORIGIN:
      challenge (server, "https://relay.example.org");
      return;
    case RELAY_READY_FIRST:
      ready (server);
      return;
    case RELAY_TWO_CHALLENGES:
      challenge (server, server->origin);
      challenge (server, server->origin);
      return;
    case RELAY_HUGE:
      huge = g_strnfill (TESS_FRAME_BYTES_MAX + 1, ' ');
      soup_websocket_connection_send_text (server->connection, huge);
      return;
    default:
      challenge (server, server->origin);
      return;
    }
}

static void
on_auth (FixtureServer *server, const TessRequest *request)
{
  Scene *scene = server->data;
  TessNotice *busy = NULL;

  g_assert_cmpmem (request->device, 32, scene->device.public, 32);
  g_assert_true (tess_relay_auth_verify (scene->nonce, server->origin, request->device, request->signature));
  switch (scene->behaviour)
    {
    case RELAY_HANGS_UP:
      soup_websocket_connection_close (server->connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
      return;
    case RELAY_REFUSES:
      soup_websocket_connection_close (server->connection, TESS_CLOSE_AUTH, NULL);
      return;
    case RELAY_BUSY:
      busy = tess_notice_new (TESS_NOTICE_ERROR);
      busy->code = TESS_CODE_BUSY;
      say (server, busy);
      soup_websocket_connection_close (server->connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
      return;
    case RELAY_MUTE_AFTER_AUTH:
      return;
    default:
      ready (server);
      return;
    }
}

static void
on_request (FixtureServer *server, const TessRequest *request)
{
  Scene *scene = server->data;
  TessNotice *notice = tess_notice_new (scene->behaviour == RELAY_REJECTS ? TESS_NOTICE_ERROR : TESS_NOTICE_OK);

  scene->asked++;
  notice->id = (int64_t) request->id + (scene->behaviour == RELAY_WRONG_ID ? 1000 : 0);
  notice->code = TESS_CODE_STALE;
  if (scene->behaviour != RELAY_LACKS && (request->op == TESS_REQUEST_REGISTER || request->op == TESS_REQUEST_PUBLISH))
    notice->one_time = request->one_time != NULL ? request->one_time->len : 0;
  if (scene->behaviour != RELAY_LACKS && request->op == TESS_REQUEST_TICKETS)
    {
      notice->tickets = g_ptr_array_new_with_free_func (g_free);
      for (unsigned i = 0; i < request->count; i++)
        g_ptr_array_add (notice->tickets, g_strdup_printf ("ticket-%u", i));
    }
  if (request->op == TESS_REQUEST_CAPABILITIES)
    {
      uint8_t capability[TESS_CAPABILITY_SIZE] = { 1 };
      uint8_t hash[TESS_CAPABILITY_HASH_SIZE];

      tess_capability_hash (capability, hash);
      g_assert_cmpmem (request->contact_hash, 32, hash, 32);
    }
  if (scene->behaviour == RELAY_IGNORES)
    tess_notice_free (notice);
  else
    say (server, notice);
}

static void
on_text (FixtureServer *server, const char *text, size_t size)
{
  int64_t id = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (TessRequest) request = tess_request_parse (text, size, &id, &error);

  g_assert_no_error (error);
  if (request->op == TESS_REQUEST_AUTH)
    on_auth (server, request);
  else
    on_request (server, request);
}

static void
on_binary (FixtureServer *server, GBytes *frame)
{
  Scene *scene = server->data;

  g_assert_true (tess_ack_parse (g_bytes_get_data (frame, NULL), g_bytes_get_size (frame), &scene->acked));
  scene->acks++;
}

static FixtureServer *
server_new (Scene *scene, Behaviour behaviour)
{
  FixtureServer *server = fixture_server_new ();

  scene->behaviour = behaviour;
  scene->device = fixture_key (100);
  memset (scene->nonce, 0x42, sizeof scene->nonce);
  server->data = scene;
  server->opened = on_opened;
  server->text = on_text;
  server->binary = on_binary;
  fixture_server_websocket (server, TESS_PATH_MAILBOX, TESS_SUBPROTOCOL);
  return server;
}

static bool
sign (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin, uint8_t signature_out[static TESS_SIGNATURE_SIZE],
      void *data)
{
  Scene *scene = data;

  if (scene->refuse_to_sign)
    return false;
  tess_relay_auth_sign (nonce, origin, scene->device.secret, signature_out);
  return true;
}

static void
mail (TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope, void *data)
{
  Scene *scene = data;

  g_assert_true (tess_envelope_check (g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope)));
  g_assert_cmpuint (scene->mails, <, G_N_ELEMENTS (scene->sequences));
  scene->sequences[scene->mails++] = sequence;
  if (scene->close_on_mail)
    tess_mailbox_link_close (link);
}

static void
one_time (TessMailboxLink *link, uint32_t left, void *data)
{
  ((Scene *) data)->one_time_left = left;
}

static const TessMailboxHandlers handlers = { sign, mail, one_time };

static TessMailboxLink *
link_new (FixtureServer *server)
{
  Scene *scene = server->data;

  return tess_mailbox_link_new (server->origin, scene->device.public, &handlers, scene);
}

/* A link that is ready. */
static TessMailboxLink *
link_ready (FixtureServer *server)
{
  TessMailboxLink *link = link_new (server);
  g_autoptr (GError) error = NULL;
  g_autoptr (TessMailboxReady) said = dex_await_boxed (tess_mailbox_link_connect (link), &error);

  g_assert_no_error (error);
  g_assert_true (said->registered && said->waiting == 3 && said->one_time == 99 && said->acked == 10);
  return link;
}

static void
send_mail (FixtureServer *server, uint64_t sequence, size_t size)
{
  g_autofree uint8_t *envelope = g_malloc0 (size);
  TessMailFrame frame = { sequence, TESS_MAIL_CONTACT, envelope, size };
  g_autoptr (GBytes) bytes = NULL;

  envelope[0] = 1;
  bytes = tess_mail_frame_encode (&frame);
  soup_websocket_connection_send_message (server->connection, SOUP_WEBSOCKET_DATA_BINARY, bytes);
}

static DexFuture *
good (gpointer data)
{
  Scene scene = { 0 };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
  g_autoptr (TessMailboxLink) link = link_ready (server);
  g_autoptr (GBytes) list = fixture_device_list_bytes (&scene.device, 1);
  g_autoptr (GBytes) prekey = fixture_prekey_bytes (&scene.device);
  g_autoptr (GPtrArray) prekeys = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) tickets = NULL;
  uint8_t capability[TESS_CAPABILITY_SIZE] = { 1 };

  for (unsigned i = 0; i < TESS_ONE_TIME_UPLOAD; i++)
    g_ptr_array_add (prekeys, fixture_one_time_bytes (&scene.device, i + 1));
  g_assert_cmpuint (dex_await_uint (tess_mailbox_link_register (link, list, prekey, prekeys, NULL), &error), ==, 100);
  g_assert_cmpuint (dex_await_uint (tess_mailbox_link_publish (link, prekey, NULL, true), &error), ==, 0);
  g_assert_true (dex_await_boolean (tess_mailbox_link_devices (link, list), &error));
  g_assert_true (dex_await_boolean (tess_mailbox_link_capabilities (link, capability, capability), &error));
  g_assert_true (dex_await_boolean (tess_mailbox_link_name (link, NULL, NULL), &error));
  g_assert_true (dex_await_boolean (tess_mailbox_link_delete (link), &error));
  tickets = dex_await_boxed (tess_mailbox_link_tickets (link, 2), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tickets[1], ==, "ticket-1");
  g_assert_null (tickets[2]);
  g_assert_cmpuint (scene.asked, ==, 7);
  tess_mailbox_link_close (link);
  error = fixture_rejects (tess_mailbox_link_ended (link), TESS_NET_ERROR_CLOSED);
  g_clear_error (&error);
  error = fixture_rejects (tess_mailbox_link_delete (link), TESS_NET_ERROR_CLOSED);
  g_clear_error (&error);
  error = fixture_rejects (tess_mailbox_link_connect (link), TESS_NET_ERROR_CLOSED);
  fixture_wait (50);
  g_assert_true (server->closed);
  g_assert_cmpuint (server->close_code, ==, 1000);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
deliver (gpointer data)
{
  Scene scene = { 0 };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
  g_autoptr (TessMailboxLink) link = link_ready (server);
  TessNotice *notice = tess_notice_new (TESS_NOTICE_ONE_TIME);

  notice->one_time = 24;
  say (server, notice);
  for (unsigned i = 0; i < TESS_MAILBOX_UNACKED_MAX; i++)
    send_mail (server, 20 + 3 * i, TESS_ENVELOPE_SMALL);
  fixture_wait (100);
  g_assert_cmpuint (scene.mails, ==, TESS_MAILBOX_UNACKED_MAX);
  g_assert_cmpuint (scene.sequences[0], ==, 20);
  g_assert_cmpuint (scene.sequences[63], ==, 209);
  g_assert_cmpuint (scene.one_time_left, ==, 24);
  tess_mailbox_link_ack (link, 23);
  tess_mailbox_link_ack (link, 23);
  tess_mailbox_link_ack (link, 20);
  send_mail (server, 300, TESS_ENVELOPE_LARGE);
  send_mail (server, 301, TESS_ENVELOPE_MEDIUM);
  fixture_wait (50);
  g_assert_cmpuint (scene.acked, ==, 23);
  g_assert_cmpuint (scene.acks, ==, 1);
  g_assert_cmpuint (scene.mails, ==, TESS_MAILBOX_UNACKED_MAX + 2);
  tess_mailbox_link_ack (link, 301);
  fixture_wait (50);
  g_assert_cmpuint (scene.acked, ==, 301);
  return dex_future_new_for_boolean (TRUE);
}

/* Connecting ends as it should with each kind of bad relay. */
static DexFuture *
bad_handshakes (gpointer data)
{
  static const struct {
    Behaviour behaviour;
    TessNetError code;
  } cases[] = {
    { RELAY_SILENT, TESS_NET_ERROR_UNREACHABLE },       { RELAY_GARBAGE, TESS_NET_ERROR_PROTOCOL },
    { RELAY_WRONG_ORIGIN, TESS_NET_ERROR_PROTOCOL },    { RELAY_READY_FIRST, TESS_NET_ERROR_PROTOCOL },
    { RELAY_HANGS_UP, TESS_NET_ERROR_UNREACHABLE },     { RELAY_REFUSES, TESS_NET_ERROR_AUTH },
    { RELAY_BUSY, TESS_NET_ERROR_BUSY },                { RELAY_MUTE_AFTER_AUTH, TESS_NET_ERROR_UNREACHABLE },
    { RELAY_TWO_CHALLENGES, TESS_NET_ERROR_PROTOCOL },  { RELAY_HUGE, TESS_NET_ERROR_PROTOCOL },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Scene scene = { 0 };
      g_autoptr (FixtureServer) server = server_new (&scene, cases[i].behaviour);
      g_autoptr (TessMailboxLink) link = link_new (server);
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) end = NULL;

      g_test_message ("behaviour %d", cases[i].behaviour);
      tess_net_set_second (10);
      error = fixture_rejects (tess_mailbox_link_connect (link), cases[i].code);
      end = fixture_rejects (tess_mailbox_link_ended (link), cases[i].code);
      g_assert_cmpstr (error->message, ==, end->message);
      tess_net_set_second (1000);
    }
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
unsigned_challenge (gpointer data)
{
  Scene scene = { .refuse_to_sign = true };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
  g_autoptr (TessMailboxLink) link = link_new (server);
  g_autoptr (GError) error = fixture_rejects (tess_mailbox_link_connect (link), TESS_NET_ERROR_AUTH);

  return dex_future_new_for_boolean (TRUE);
}

static void
busy_http (FixtureServer *self, SoupServerMessage *message, const char *path, GHashTable *query)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After", "4");
  fixture_respond (message, 503, "text/html", "later");
}

/* No WebSocket there, another protocol there, nobody there, and one that never says a word. */
static DexFuture *
no_relay (gpointer data)
{
  Scene scene = { 0 };
  g_autoptr (FixtureServer) server = fixture_server_new ();
  g_autoptr (FixtureServer) foreign = fixture_server_new ();
  g_autoptr (GSocketListener) mute = g_socket_listener_new ();
  unsigned port = g_socket_listener_add_any_inet_port (mute, NULL, NULL);
  g_autofree char *origin = g_strdup_printf ("http://127.0.0.1:%u", port);
  g_autoptr (TessMailboxLink) page = NULL;
  g_autoptr (TessMailboxLink) busy = NULL;
  g_autoptr (TessMailboxLink) other = NULL;
  g_autoptr (TessMailboxLink) silent = tess_mailbox_link_new (origin, scene.device.public, &handlers, &scene);
  g_autoptr (TessMailboxLink) refused = NULL;
  GError *error = NULL;

  server->data = foreign->data = &scene;
  page = link_new (server);
  busy = link_new (server);
  other = link_new (foreign);
  g_error_free (fixture_rejects (tess_mailbox_link_connect (page), TESS_NET_ERROR_NOT_A_RELAY));
  server->http = busy_http;
  error = fixture_rejects (tess_mailbox_link_connect (busy), TESS_NET_ERROR_BUSY);
  g_assert_cmpuint (tess_net_error_retry_after (error), ==, 4000);
  g_error_free (error);
  fixture_server_websocket (foreign, TESS_PATH_MAILBOX, NULL);
  g_error_free (fixture_rejects (tess_mailbox_link_connect (other), TESS_NET_ERROR_NOT_A_RELAY));
  tess_net_set_second (10);
  g_error_free (fixture_rejects (tess_mailbox_link_connect (silent), TESS_NET_ERROR_UNREACHABLE));
  tess_net_set_second (1000);
  soup_server_disconnect (server->server);
  refused = link_new (server);
  g_error_free (fixture_rejects (tess_mailbox_link_connect (refused), TESS_NET_ERROR_UNREACHABLE));
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
bad_answers (gpointer data)
{
  static const struct {
    Behaviour behaviour;
    TessNetError request;
    TessNetError end;
  } cases[] = {
    { RELAY_IGNORES, TESS_NET_ERROR_UNKNOWN_OUTCOME, TESS_NET_ERROR_UNREACHABLE },
    { RELAY_WRONG_ID, TESS_NET_ERROR_UNKNOWN_OUTCOME, TESS_NET_ERROR_PROTOCOL },
    { RELAY_LACKS, TESS_NET_ERROR_UNKNOWN_OUTCOME, TESS_NET_ERROR_PROTOCOL },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Scene scene = { 0 };
      g_autoptr (FixtureServer) server = server_new (&scene, cases[i].behaviour);
      g_autoptr (TessMailboxLink) link = link_ready (server);

      tess_net_set_second (10);
      g_error_free (fixture_rejects (tess_mailbox_link_publish (link, NULL, NULL, false), cases[i].request));
      g_error_free (fixture_rejects (tess_mailbox_link_ended (link), cases[i].end));
      tess_net_set_second (1000);
    }
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
rejected (gpointer data)
{
  Scene scene = { 0 };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_REJECTS);
  g_autoptr (TessMailboxLink) link = link_ready (server);
  g_autoptr (GError) error = fixture_rejects (tess_mailbox_link_name (link, "x", NULL), TESS_NET_ERROR_REJECTED);
  g_autoptr (DexFuture) ended = tess_mailbox_link_ended (link);

  g_assert_cmpint (tess_net_error_relay_code (error), ==, TESS_CODE_STALE);
  g_assert_true (dex_future_is_pending (ended));
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
too_many_requests (gpointer data)
{
  Scene scene = { 0 };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_IGNORES);
  g_autoptr (TessMailboxLink) link = link_ready (server);
  g_autoptr (GPtrArray) futures = g_ptr_array_new ();

  for (unsigned i = 0; i < TESS_NET_REQUESTS_MAX; i++)
    g_ptr_array_add (futures, tess_mailbox_link_name (link, NULL, NULL));
  g_error_free (fixture_rejects (tess_mailbox_link_name (link, NULL, NULL), TESS_NET_ERROR_TOO_MANY));
  fixture_wait (50);
  g_assert_cmpuint (scene.asked, ==, TESS_NET_REQUESTS_MAX);
  /* Dropping the link settles them all. */
  g_clear_object (&link);
  for (unsigned i = 0; i < TESS_NET_REQUESTS_MAX; i++)
    g_error_free (fixture_rejects (g_ptr_array_index (futures, i), TESS_NET_ERROR_UNKNOWN_OUTCOME));
  return dex_future_new_for_boolean (TRUE);
}

typedef void (*Misdeed) (FixtureServer *server);

static void
misdeed_size (FixtureServer *server)
{
  uint8_t data[TESS_MAIL_HEAD_SIZE + 100] = { TESS_FRAME_MAIL, [8] = 30, [9] = 1, [10] = 1 };

  soup_websocket_connection_send_binary (server->connection, data, sizeof data);
}

static void
misdeed_order (FixtureServer *server)
{
  send_mail (server, 30, TESS_ENVELOPE_SMALL);
  send_mail (server, 30, TESS_ENVELOPE_SMALL);
}

static void
misdeed_acked (FixtureServer *server)
{
  send_mail (server, 10, TESS_ENVELOPE_SMALL);
}

static void
misdeed_flood (FixtureServer *server)
{
  for (unsigned i = 0; i <= TESS_MAILBOX_UNACKED_MAX; i++)
    send_mail (server, 30 + i, TESS_ENVELOPE_SMALL);
}

static void
misdeed_bytes (FixtureServer *server)
{
  for (unsigned i = 0; i <= TESS_MAILBOX_UNACKED_BYTES_MAX / TESS_ENVELOPE_LARGE; i++)
    send_mail (server, 30 + i, TESS_ENVELOPE_LARGE);
}

static void
misdeed_unasked (FixtureServer *server)
{
  TessNotice *notice = tess_notice_new (TESS_NOTICE_OK);

  notice->id = 77;
  say (server, notice);
}

static void
misdeed_empty (FixtureServer *server)
{
  soup_websocket_connection_send_text (server->connection, "");
}

static void
misdeed_challenge (FixtureServer *server)
{
  challenge (server, server->origin);
}

static void
misdeed_huge (FixtureServer *server)
{
  g_autofree uint8_t *data = g_malloc0 (TESS_FRAME_BYTES_MAX + 1);

  soup_websocket_connection_send_binary (server->connection, data, TESS_FRAME_BYTES_MAX + 1);
}

static DexFuture *
misdeeds (gpointer data)
{
  static const Misdeed deeds[] = { misdeed_size,  misdeed_order,   misdeed_acked, misdeed_flood,    misdeed_bytes,
                                   misdeed_empty, misdeed_unasked, misdeed_huge,  misdeed_challenge };

  for (unsigned i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      Scene scene = { 0 };
      g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
      g_autoptr (TessMailboxLink) link = link_ready (server);

      g_test_message ("misdeed %u", i);
      deeds[i] (server);
      g_error_free (fixture_rejects (tess_mailbox_link_ended (link), TESS_NET_ERROR_PROTOCOL));
    }
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
closes (gpointer data)
{
  static const struct {
    gushort close_code;
    TessNetError code;
  } cases[] = {
    { TESS_CLOSE_MALFORMED, TESS_NET_ERROR_PROTOCOL },   { TESS_CLOSE_REPLACED, TESS_NET_ERROR_REPLACED },
    { TESS_CLOSE_AUTH, TESS_NET_ERROR_AUTH },            { TESS_CLOSE_TOO_SLOW, TESS_NET_ERROR_UNREACHABLE },
    { 1001, TESS_NET_ERROR_UNREACHABLE },                { 4999, TESS_NET_ERROR_UNREACHABLE },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Scene scene = { 0 };
      g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
      g_autoptr (TessMailboxLink) link = link_ready (server);

      soup_websocket_connection_close (server->connection, cases[i].close_code, NULL);
      g_error_free (fixture_rejects (tess_mailbox_link_ended (link), cases[i].code));
    }
  return dex_future_new_for_boolean (TRUE);
}

/* The cable is cut: no close, just an end. */
static DexFuture *
cut (gpointer data)
{
  Scene scene = { 0 };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_IGNORES);
  g_autoptr (TessMailboxLink) link = link_ready (server);
  DexFuture *request = tess_mailbox_link_name (link, NULL, NULL);

  fixture_wait (20);
  g_io_stream_close (soup_websocket_connection_get_io_stream (server->connection), NULL, NULL);
  g_error_free (fixture_rejects (request, TESS_NET_ERROR_UNKNOWN_OUTCOME));
  g_error_free (fixture_rejects (tess_mailbox_link_ended (link), TESS_NET_ERROR_UNREACHABLE));
  return dex_future_new_for_boolean (TRUE);
}

/* Closing from inside a handler, and letting go at every moment of connecting. */
static DexFuture *
letting_go (gpointer data)
{
  for (unsigned i = 0; i < 40; i++)
    {
      Scene scene = { 0 };
      g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
      TessMailboxLink *link = link_new (server);
      DexFuture *connected = tess_mailbox_link_connect (link);
      DexFuture *ended = tess_mailbox_link_ended (link);

      for (unsigned k = 0; k < i; k++)
        fixture_wait (0);
      g_object_unref (link);
      dex_unref (connected);
      g_error_free (fixture_rejects (ended, TESS_NET_ERROR_CLOSED));
      fixture_wait (1);
    }
  {
    Scene scene = { .close_on_mail = true };
    g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
    g_autoptr (TessMailboxLink) link = link_ready (server);

    for (unsigned i = 0; i < 10; i++)
      send_mail (server, 30 + i, TESS_ENVELOPE_SMALL);
    g_error_free (fixture_rejects (tess_mailbox_link_ended (link), TESS_NET_ERROR_CLOSED));
    fixture_wait (50);
    g_assert_cmpuint (scene.mails, ==, 1);
    tess_mailbox_link_ack (link, 30);
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
  g_test_add_data_func ("/net/mailbox/good", good, run);
  g_test_add_data_func ("/net/mailbox/deliver", deliver, run);
  g_test_add_data_func ("/net/mailbox/bad-handshakes", bad_handshakes, run);
  g_test_add_data_func ("/net/mailbox/unsigned-challenge", unsigned_challenge, run);
  g_test_add_data_func ("/net/mailbox/no-relay", no_relay, run);
  g_test_add_data_func ("/net/mailbox/bad-answers", bad_answers, run);
  g_test_add_data_func ("/net/mailbox/rejected", rejected, run);
  g_test_add_data_func ("/net/mailbox/too-many-requests", too_many_requests, run);
  g_test_add_data_func ("/net/mailbox/misdeeds", misdeeds, run);
  g_test_add_data_func ("/net/mailbox/closes", closes, run);
  g_test_add_data_func ("/net/mailbox/cut", cut, run);
  g_test_add_data_func ("/net/mailbox/letting-go", letting_go, run);
  return g_test_run ();
}
