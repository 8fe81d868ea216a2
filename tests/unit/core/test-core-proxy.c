/* Whole engines, and another way for their connections while they are online. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "core-fixture.h"
#include "core/tess-connection.h"
#include "engine-fixture.h"
#include "net/tess-net-proxy.h"
#include "socks.h"

#include <locale.h>
#include <string.h>

static const TessProxy system_proxy = { .kind = TESS_PROXY_SYSTEM };

static bool
is_online (gpointer engine)
{
  return tess_engine_get_link_state (engine) == TESS_LINK_ONLINE;
}

typedef struct {
  TessEngine *engine;
  const char *words;
} Words;

static bool
says_so (gpointer data)
{
  const Words *self = data;

  return tess_engine_get_link_state (self->engine) == TESS_LINK_WAITING
         && strcmp (tess_engine_get_link_message (self->engine), self->words) == 0;
}

static void
set (EngineFixture *fixture, const TessProxy *proxy)
{
  g_autofree char *dir = engine_profile (fixture, "alice");
  g_autoptr (GError) error = NULL;

  g_assert_true (tess_connection_set (dir, proxy, &error));
  g_assert_no_error (error);
  g_assert_true (tess_proxy_equal (tess_connection_get (), proxy));
}

static void
send_one (TessEngine *who, TessConversation *to)
{
  g_autoptr (TessMessage) message = test_object (tess_engine_send_text (who, to, "hello"));

  test_until (engine_is_delivered, message);
}

/* At once all goes the new way: mailbox, deposits and questions, none twice under one name. */
static void
test_changed (EngineFixture *fixture, gconstpointer data)
{
  g_autoptr (SocksServer) socks = socks_new (SOCKS_GOOD);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  TessConversation *bob = engine_befriend (fixture);

  set (fixture, &socks->proxy);
  g_assert_false (tess_engine_get_link_state (fixture->alice) == TESS_LINK_ONLINE && socks->requests->len > 0);
  while (socks->requests->len < 2)
    g_main_context_iteration (NULL, TRUE);
  test_until (is_online, fixture->alice);
  test_until (is_online, fixture->bob);
  send_one (fixture->alice, bob);
  g_assert_cmpuint (socks->requests->len, >=, 4); /* two mailboxes; a deposit there, and the receipt's back */
  for (unsigned i = 0; i < socks->requests->len; i++)
    g_assert_true (g_hash_table_add (names, socks_request (socks, i)->name));
  set (fixture, &system_proxy);
  test_until (is_online, fixture->alice);
  send_one (fixture->alice, bob);
  g_assert_cmpuint (socks->requests->len, ==, g_hash_table_size (names));
}

/* Also while the way before is still being tried. */
static void
test_overtaken (EngineFixture *fixture, gconstpointer data)
{
  g_autoptr (SocksServer) silent = socks_new (SOCKS_SILENT);

  test_until (is_online, fixture->alice);
  set (fixture, &silent->proxy);
  while (silent->connections < 2 || tess_engine_get_link_state (fixture->alice) != TESS_LINK_CONNECTING)
    g_main_context_iteration (NULL, TRUE);
  set (fixture, &system_proxy);
  test_until (is_online, fixture->alice);
}

/* And before anything was tried. */
static void
test_at_once (EngineFixture *fixture, gconstpointer data)
{
  g_autoptr (SocksServer) socks = socks_new (SOCKS_GOOD);

  engine_close (&fixture->alice);
  fixture->alice = engine_open (fixture, "alice");
  tess_engine_start (fixture->alice);
  set (fixture, &socks->proxy);
  test_until (is_online, fixture->alice);
  g_assert_cmpuint (socks->requests->len, >, 0);
  set (fixture, &system_proxy);
}

/* The link's state says what is wrong with the proxy, and that it is tried again. */
static void
test_away (EngineFixture *fixture, gconstpointer data)
{
  g_autoptr (SocksServer) socks = socks_new (SOCKS_GOOD);
  g_autoptr (SocksServer) strict = socks_new (SOCKS_STRICT);
  Words away = { fixture->alice, "The proxy does not answer. Trying again by itself." };
  Words refuses = { fixture->alice, "The proxy refuses the connection. Trying again by itself." };

  test_until (is_online, fixture->alice);
  socks_stop (socks);
  set (fixture, &socks->proxy);
  test_until (says_so, &away);
  test_rejects (tess_engine_check_relay (fixture->alice, fixture->origin), TESS_CORE_ERROR, TESS_CORE_ERROR_PROXY);
  set (fixture, &strict->proxy);
  test_until (says_so, &refuses);
  set (fixture, &system_proxy);
  test_until (is_online, fixture->alice);
}

/* What cannot be read is no way, whoever asks; opening the profile reads it first. */
static void
test_unknown (EngineFixture *fixture, gconstpointer data)
{
  g_autofree char *dir = engine_profile (fixture, "carol"), *path = g_build_filename (dir, "network.ini", NULL);
  TessEngine *carol = engine_open (fixture, "carol");
  Words unreadable = { fixture->alice, "The setting of the proxy cannot be read. Nothing connects until you choose one again." };

  test_until (is_online, fixture->alice);
  engine_close (&carol);
  g_assert_true (g_file_set_contents (path, "[network]\nproxy=nonsense\n", -1, NULL));
  carol = engine_open (fixture, "carol");
  g_assert_cmpint (tess_connection_get ()->kind, ==, TESS_PROXY_UNKNOWN);
  test_until (says_so, &unreadable);
  tess_engine_nudge (fixture->alice);
  for (unsigned i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_true (says_so (&unreadable));
  test_rejects (tess_engine_check_relay (carol, fixture->origin), TESS_CORE_ERROR, TESS_CORE_ERROR_PROXY);
  engine_close (&carol);
  set (fixture, &system_proxy);
  test_until (is_online, fixture->alice);
}

/* What cannot be kept is not done either. */
static void
test_not_kept (EngineFixture *fixture, gconstpointer data)
{
  g_autofree char *dir = engine_profile (fixture, "alice"), *file = g_build_filename (dir, "network.ini", NULL);
  g_autofree char *below = g_build_filename (file, "folder", NULL);
  const TessProxy tor = { TESS_PROXY_TOR, TESS_PROXY_TOR_PORT, TESS_PROXY_TOR_HOST };
  g_autoptr (GError) error = NULL;

  set (fixture, &system_proxy);
  g_assert_false (tess_connection_set (below, &tor, &error));
  g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_WRITABLE);
  g_assert_cmpint (tess_connection_get ()->kind, ==, TESS_PROXY_SYSTEM);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* No Secret Service: what needs one has to say so. */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add ("/core/proxy/changed", EngineFixture, NULL, engine_set_up, test_changed, engine_tear_down);
  g_test_add ("/core/proxy/overtaken", EngineFixture, NULL, engine_set_up, test_overtaken, engine_tear_down);
  g_test_add ("/core/proxy/at-once", EngineFixture, NULL, engine_set_up, test_at_once, engine_tear_down);
  g_test_add ("/core/proxy/away", EngineFixture, NULL, engine_set_up, test_away, engine_tear_down);
  g_test_add ("/core/proxy/unknown", EngineFixture, NULL, engine_set_up, test_unknown, engine_tear_down);
  g_test_add ("/core/proxy/not-kept", EngineFixture, NULL, engine_set_up, test_not_kept, engine_tear_down);
  return g_test_run ();
}
