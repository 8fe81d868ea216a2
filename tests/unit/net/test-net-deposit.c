/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net-fixtures.h"
#include "net/tess-deposit-link.h"
#include "net/tess-net-session.h"
#include "wire-fixtures.h"

#include <sodium.h>
#include <string.h>

typedef enum {
  RELAY_GOOD,
  RELAY_BACKWARDS, /* answers when three have come, the last first */
  RELAY_IGNORES,
  RELAY_SHORT,     /* an answer that is cut */
  RELAY_UNASKED,
  RELAY_TALKS,     /* text */
  RELAY_FULL,
  RELAY_GREEDY,    /* asks for a wait of 49 days */
} Behaviour;

typedef struct {
  Behaviour behaviour;
  TessDepositFrame frames[64];
  unsigned count;
} Scene;

static void
answer (FixtureServer *server, uint32_t request, TessDepositStatus status, uint32_t wait)
{
  TessDepositAnswer said = { request, status, wait };
  uint8_t data[TESS_DEPOSIT_ANSWER_SIZE_MAX];

  soup_websocket_connection_send_binary (server->connection, data, tess_deposit_answer_encode (&said, data));
}

static void
on_binary (FixtureServer *server, GBytes *bytes)
{
  Scene *scene = server->data;
  TessDepositFrame *frame = &scene->frames[scene->count++];

  g_assert_cmpuint (scene->count, <, G_N_ELEMENTS (scene->frames));
  g_assert_true (tess_deposit_frame_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), frame));
  g_assert_true (tess_envelope_check (frame->envelope, frame->envelope_size));
  frame->envelope = NULL;
  switch (scene->behaviour)
    {
    case RELAY_GOOD:
      answer (server, frame->request, TESS_DEPOSIT_STORED, 0);
      break;
    case RELAY_BACKWARDS:
      for (unsigned i = scene->count; scene->count % 3 == 0 && i > scene->count - 3; i--)
        answer (server, scene->frames[i - 1].request, TESS_DEPOSIT_STORED, 0);
      break;
    case RELAY_SHORT:
      soup_websocket_connection_send_binary (server->connection, "\x81\0\0", 3);
      break;
    case RELAY_UNASKED:
      answer (server, frame->request + 1, TESS_DEPOSIT_STORED, 0);
      break;
    case RELAY_TALKS:
      soup_websocket_connection_send_text (server->connection, "{}");
      break;
    case RELAY_FULL:
      answer (server, frame->request, TESS_DEPOSIT_FULL, 90000);
      break;
    case RELAY_GREEDY:
      answer (server, frame->request, TESS_DEPOSIT_SLOW_DOWN, UINT32_MAX);
      break;
    case RELAY_IGNORES:
    default:
      break;
    }
}

static FixtureServer *
server_new (Scene *scene, Behaviour behaviour)
{
  FixtureServer *server = fixture_server_new ();

  scene->behaviour = behaviour;
  server->data = scene;
  server->binary = on_binary;
  fixture_server_websocket (server, TESS_PATH_DEPOSIT, TESS_SUBPROTOCOL);
  return server;
}

static TessDepositLink *
link_open (FixtureServer *server)
{
  TessDepositLink *link = tess_deposit_link_new (server->origin);
  g_autoptr (GError) error = NULL;

  g_assert_false (tess_deposit_link_is_open (link));
  g_assert_true (dex_await_boolean (tess_deposit_link_connect (link), &error));
  g_assert_no_error (error);
  g_assert_true (tess_deposit_link_is_open (link));
  return link;
}

static DexFuture *
deposit (TessDepositLink *link, uint8_t mark)
{
  static const size_t sizes[] = { TESS_ENVELOPE_SMALL, TESS_ENVELOPE_MEDIUM, TESS_ENVELOPE_LARGE };
  size_t size = sizes[mark % 3];
  uint8_t *data = g_malloc0 (size);
  g_autoptr (GBytes) envelope = g_bytes_new_take (data, size);
  uint8_t device[TESS_KEY_SIZE];
  uint8_t capability[TESS_CAPABILITY_SIZE];
  uint8_t id[TESS_DEPOSIT_ID_SIZE];

  data[0] = 1;
  memset (device, 1, sizeof device);
  memset (capability, 2, sizeof capability);
  memset (id, mark, sizeof id);
  return tess_deposit_link_deposit (link, device, capability, id, envelope);
}

static TessDepositAnswer
await_answer (DexFuture *future)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessDepositAnswer) said = dex_await_boxed (future, &error);

  g_assert_no_error (error);
  return *said;
}

static DexFuture *
good (gpointer data)
{
  Scene scene = { 0 };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
  g_autoptr (TessDepositLink) link = link_open (server);
  DexFuture *futures[TESS_NET_DEPOSITS_MAX];

  for (unsigned i = 0; i < TESS_NET_DEPOSITS_MAX; i++)
    futures[i] = deposit (link, (uint8_t) i);
  for (unsigned i = 0; i < TESS_NET_DEPOSITS_MAX; i++)
    {
      TessDepositAnswer said = await_answer (futures[i]);

      g_assert_cmpint (said.status, ==, TESS_DEPOSIT_STORED);
      g_assert_cmpuint (scene.frames[i].id[0], ==, i);
      g_assert_cmpuint (scene.frames[i].device[5], ==, 1);
      g_assert_cmpuint (scene.frames[i].capability[5], ==, 2);
    }
  g_error_free (fixture_rejects ((tess_deposit_link_close (link), tess_deposit_link_ended (link)), TESS_NET_ERROR_CLOSED));
  g_error_free (fixture_rejects (deposit (link, 1), TESS_NET_ERROR_CLOSED));
  g_error_free (fixture_rejects (tess_deposit_link_connect (link), TESS_NET_ERROR_CLOSED));
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
statuses (gpointer data)
{
  Scene scene = { 0 };
  Scene greedy_scene = { 0 };
  Scene backwards_scene = { 0 };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_FULL);
  g_autoptr (FixtureServer) greedy = server_new (&greedy_scene, RELAY_GREEDY);
  g_autoptr (FixtureServer) backwards = server_new (&backwards_scene, RELAY_BACKWARDS);
  g_autoptr (TessDepositLink) link = link_open (server);
  g_autoptr (TessDepositLink) greedy_link = link_open (greedy);
  g_autoptr (TessDepositLink) backwards_link = link_open (backwards);
  TessDepositAnswer said = await_answer (deposit (link, 1));
  DexFuture *futures[3];

  g_assert_cmpint (said.status, ==, TESS_DEPOSIT_FULL);
  g_assert_cmpuint (said.retry_after_ms, ==, 90000);
  said = await_answer (deposit (greedy_link, 1));
  g_assert_cmpint (said.status, ==, TESS_DEPOSIT_SLOW_DOWN);
  g_assert_cmpuint (said.retry_after_ms, ==, TESS_NET_RETRY_AFTER_MAX_MS);
  for (unsigned i = 0; i < 3; i++)
    futures[i] = deposit (backwards_link, (uint8_t) i);
  for (unsigned i = 0; i < 3; i++)
    g_assert_cmpint (await_answer (futures[i]).request, ==, i);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
too_many (gpointer data)
{
  Scene scene = { 0 };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_IGNORES);
  g_autoptr (TessDepositLink) link = link_open (server);
  DexFuture *futures[TESS_NET_DEPOSITS_MAX];

  for (unsigned i = 0; i < TESS_NET_DEPOSITS_MAX; i++)
    futures[i] = deposit (link, (uint8_t) i);
  g_error_free (fixture_rejects (deposit (link, 99), TESS_NET_ERROR_TOO_MANY));
  fixture_wait (100);
  g_assert_cmpuint (scene.count, ==, TESS_NET_DEPOSITS_MAX);
  g_io_stream_close (soup_websocket_connection_get_io_stream (server->connection), NULL, NULL);
  for (unsigned i = 0; i < TESS_NET_DEPOSITS_MAX; i++)
    g_error_free (fixture_rejects (futures[i], TESS_NET_ERROR_UNKNOWN_OUTCOME));
  g_error_free (fixture_rejects (tess_deposit_link_ended (link), TESS_NET_ERROR_UNREACHABLE));
  g_assert_false (tess_deposit_link_is_open (link));
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
bad_answers (gpointer data)
{
  static const struct {
    Behaviour behaviour;
    TessNetError end;
  } cases[] = {
    { RELAY_IGNORES, TESS_NET_ERROR_UNREACHABLE },
    { RELAY_SHORT, TESS_NET_ERROR_PROTOCOL },
    { RELAY_UNASKED, TESS_NET_ERROR_PROTOCOL },
    { RELAY_TALKS, TESS_NET_ERROR_PROTOCOL },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Scene scene = { 0 };
      g_autoptr (FixtureServer) server = server_new (&scene, cases[i].behaviour);
      g_autoptr (TessDepositLink) link = link_open (server);

      tess_net_set_second (10);
      g_error_free (fixture_rejects (deposit (link, 1), TESS_NET_ERROR_UNKNOWN_OUTCOME));
      g_error_free (fixture_rejects (tess_deposit_link_ended (link), cases[i].end));
      tess_net_set_second (1000);
    }
  return dex_future_new_for_boolean (TRUE);
}

/* An idle link closes, and not while something is unanswered. */
static DexFuture *
idle (gpointer data)
{
  Scene scene = { 0 };
  g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
  g_autoptr (TessDepositLink) link = NULL;

  tess_net_set_second (2);
  link = link_open (server);
  await_answer (deposit (link, 1));
  g_error_free (fixture_rejects (tess_deposit_link_ended (link), TESS_NET_ERROR_CLOSED));
  tess_net_set_second (1000);
  fixture_wait (50);
  g_assert_true (server->closed);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
letting_go (gpointer data)
{
  for (unsigned i = 0; i < 40; i++)
    {
      Scene scene = { 0 };
      g_autoptr (FixtureServer) server = server_new (&scene, RELAY_GOOD);
      TessDepositLink *link = tess_deposit_link_new (server->origin);
      DexFuture *connected = tess_deposit_link_connect (link);
      DexFuture *ended = tess_deposit_link_ended (link);

      for (unsigned k = 0; k < i; k++)
        fixture_wait (0);
      g_object_unref (link);
      dex_unref (connected);
      g_error_free (fixture_rejects (ended, TESS_NET_ERROR_CLOSED));
      fixture_wait (1);
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
  g_test_add_data_func ("/net/deposit/good", good, run);
  g_test_add_data_func ("/net/deposit/statuses", statuses, run);
  g_test_add_data_func ("/net/deposit/too-many", too_many, run);
  g_test_add_data_func ("/net/deposit/bad-answers", bad_answers, run);
  g_test_add_data_func ("/net/deposit/idle", idle, run);
  g_test_add_data_func ("/net/deposit/letting-go", letting_go, run);
  return g_test_run ();
}
