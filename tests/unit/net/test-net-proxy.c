/* Which way connections go. SPDX-License-Identifier: GPL-3.0-or-later */
#include "net-fixtures.h"
#include "net/tess-deposit-link.h"
#include "net/tess-directory.h"
#include "net/tess-mailbox-link.h"
#include "net/tess-net-proxy.h"
#include "net/tess-net-session.h"
#include "socks.h"

#include <string.h>

static const TessProxy system_proxy = { .kind = TESS_PROXY_SYSTEM };

/* A resolver that knows nobody, and counts who is asked for. */
typedef GResolver CountingResolver;
typedef GResolverClass CountingResolverClass;
GType counting_resolver_get_type (void);
G_DEFINE_FINAL_TYPE (CountingResolver, counting_resolver, G_TYPE_RESOLVER)

static unsigned lookups;

static void
lookup_async (GResolver *resolver, const char *name, GResolverNameLookupFlags flags, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer data)
{
  lookups++;
  g_task_report_new_error (resolver, callback, data, NULL, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "%s", name);
}

static void
lookup_plain_async (GResolver *resolver, const char *name, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  lookup_async (resolver, name, 0, cancellable, callback, data);
}

static GList *
lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
counting_resolver_class_init (CountingResolverClass *klass)
{
  klass->lookup_by_name_async = lookup_plain_async;
  klass->lookup_by_name_finish = lookup_finish;
  klass->lookup_by_name_with_flags_async = lookup_async;
  klass->lookup_by_name_with_flags_finish = lookup_finish;
}

static void
counting_resolver_init (CountingResolver *self)
{
}

/* A relay's port where nobody may come but through the proxy: it counts, and hangs up. */
typedef struct {
  GSocketService *service;
  char *origin;
  unsigned comers;
} Trap;

static gboolean
on_comer (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  ((Trap *) data)->comers++;
  return TRUE;
}

static void
trap_set (Trap *self)
{
  g_autoptr (GError) error = NULL;
  uint16_t port;

  self->service = g_socket_service_new ();
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->service), NULL, &error);
  g_assert_no_error (error);
  self->origin = g_strdup_printf ("http://127.0.0.1:%u", port);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_comer), self);
}

static void
trap_clear (Trap *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_free (self->origin);
}

static bool
sign (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin, uint8_t signature_out[static TESS_SIGNATURE_SIZE],
      void *data)
{
  return false;
}

static void
mail (TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope, void *data)
{
}

static const TessMailboxHandlers handlers = { .sign = sign, .mail = mail };

static TessMailboxLink *
mailbox_new (const char *origin)
{
  return tess_mailbox_link_new (origin, (const uint8_t[TESS_KEY_SIZE]){ 1 }, &handlers, NULL);
}

static void
on_http (FixtureServer *self, SoupServerMessage *message, const char *path, GHashTable *query)
{
  TessInfo info = { (char *) "Test", (char *) "0.1.0", 65536, 10000, 268435456, 30, true, false, false, 104857600, 30 };
  g_autofree char *text = tess_info_build (&info);

  fixture_respond (message, 200, "application/json", text);
}

static FixtureServer *
relay_new (void)
{
  FixtureServer *relay = fixture_server_new ();

  relay->http = on_http;
  fixture_server_websocket (relay, TESS_PATH_DEPOSIT, TESS_SUBPROTOCOL);
  fixture_server_websocket (relay, TESS_PATH_MAILBOX, TESS_SUBPROTOCOL);
  return relay;
}

static void
ask (const char *origin)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessInfo) info = dex_await_boxed (tess_directory_get_info (origin), &error);

  g_assert_no_error (error);
  g_assert_cmpstr (info->name, ==, "Test");
}

static TessDepositLink *
deposit_link (const char *origin)
{
  TessDepositLink *link = tess_deposit_link_new (origin);
  g_autoptr (GError) error = NULL;

  g_assert_true (dex_await_boolean (tess_deposit_link_connect (link), &error));
  g_assert_no_error (error);
  return link;
}

/* Two of each of what connects, @named with each its own name and password. */
static void
everything (SocksServer *socks, bool named)
{
  g_autoptr (FixtureServer) relay = relay_new ();
  g_autoptr (TessDepositLink) first = NULL, second = NULL;
  g_autoptr (TessMailboxLink) mailbox = mailbox_new (relay->origin), other = mailbox_new (relay->origin);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  unsigned port = (unsigned) g_ascii_strtoull (strrchr (relay->origin, ':') + 1, NULL, 10);

  tess_net_proxy_set (&socks->proxy);
  ask (relay->origin);
  ask (relay->origin);
  first = deposit_link (relay->origin);
  second = deposit_link (relay->origin);
  g_assert_cmpuint (relay->connections, ==, 2);
  dex_future_disown (tess_mailbox_link_connect (mailbox));
  dex_future_disown (tess_mailbox_link_connect (other));
  while (relay->connections < 4)
    fixture_wait (1);
  g_assert_cmpuint (socks->requests->len, ==, 6);
  for (unsigned i = 0; i < 6; i++)
    {
      const SocksRequest *request = socks_request (socks, i);

      g_assert_cmpuint (request->address_type, ==, 1);
      g_assert_cmpuint (request->port, ==, port);
      g_assert_cmpuint (strlen (request->name), ==, named ? 32 : 0);
      g_assert_cmpuint (strlen (request->password), ==, named ? 32 : 0);
      g_hash_table_add (names, request->name);
      g_hash_table_add (names, request->password);
    }
  g_assert_cmpuint (g_hash_table_size (names), ==, named ? 12 : 1);
}

static DexFuture *
through (gpointer data)
{
  g_autoptr (SocksServer) socks = socks_new (SOCKS_GOOD);

  everything (socks, true);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
no_names (gpointer data)
{
  g_autoptr (SocksServer) socks = socks_new (SOCKS_NO_NAMES);

  everything (socks, false);
  return dex_future_new_for_boolean (TRUE);
}

/* A relay's name goes to the proxy as it is, and to no resolver; so does "localhost". */
static DexFuture *
names (gpointer data)
{
  static const char *const hosts[]
    = { "relay.invalid", "tesseratesseratesseratesseratesseratesseratesseratessera.onion", "localhost" };
  g_autoptr (SocksServer) socks = socks_new (SOCKS_REPLIES);
  g_autoptr (GResolver) before = g_resolver_get_default ();
  g_autoptr (GResolver) counting = g_object_new (counting_resolver_get_type (), NULL);

  g_resolver_set_default (counting);
  lookups = 0;
  socks->reply = 4; /* host unreachable */
  for (unsigned i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *origin = g_strdup_printf ("https://%s:8443", hosts[i]);
      g_autoptr (TessDepositLink) deposit = tess_deposit_link_new (origin);
      g_autoptr (TessMailboxLink) mailbox = mailbox_new (origin);
      g_autoptr (GError) direct = NULL, asked = NULL, deposited = NULL, connected = NULL;

      /* Without a proxy the resolver would be asked; GIO knows "localhost" by itself. */
      tess_net_proxy_set (&system_proxy);
      direct = fixture_rejects (tess_directory_get_info (origin), TESS_NET_ERROR_UNREACHABLE);
      g_assert_true (lookups > 0 || strcmp (hosts[i], "localhost") == 0);
      lookups = 0;
      tess_net_proxy_set (&socks->proxy);
      asked = fixture_rejects (tess_directory_get_info (origin), TESS_NET_ERROR_UNREACHABLE);
      deposited = fixture_rejects (tess_deposit_link_connect (deposit), TESS_NET_ERROR_UNREACHABLE);
      connected = fixture_rejects (tess_mailbox_link_connect (mailbox), TESS_NET_ERROR_UNREACHABLE);
      g_assert_cmpuint (lookups, ==, 0);
      g_assert_cmpuint (socks->requests->len, ==, 3 * (i + 1));
      for (unsigned k = 0; k < 3; k++)
        {
          const SocksRequest *request = socks_request (socks, 3 * i + k);

          g_assert_cmpuint (request->address_type, ==, 3);
          g_assert_cmpstr (request->host, ==, hosts[i]);
          g_assert_cmpuint (request->port, ==, 8443);
        }
    }
  g_resolver_set_default (before);
  return dex_future_new_for_boolean (TRUE);
}

/* Whatever is wrong with the proxy: @code for each of what connects, and nobody comes to the relay directly. */
static void
fails (const TessProxy *proxy, TessNetError code)
{
  Trap trap = { 0 };
  g_autoptr (TessDepositLink) deposit = NULL;
  g_autoptr (TessMailboxLink) mailbox = NULL;
  g_autoptr (GError) asked = NULL, deposited = NULL, connected = NULL, late = NULL;

  trap_set (&trap);
  deposit = tess_deposit_link_new (trap.origin);
  mailbox = mailbox_new (trap.origin);
  tess_net_proxy_set (proxy);
  asked = fixture_rejects (tess_directory_get_info (trap.origin), code);
  deposited = fixture_rejects (tess_deposit_link_connect (deposit), code);
  connected = fixture_rejects (tess_mailbox_link_connect (mailbox), code);
  late = fixture_rejects (tess_mailbox_link_ended (mailbox), code);
  g_assert_cmpstr (asked->message, ==, deposited->message);
  g_assert_cmpstr (asked->message, ==, connected->message);
  fixture_wait (50);
  g_assert_cmpuint (trap.comers, ==, 0);
  trap_clear (&trap);
}

static DexFuture *
down (gpointer data)
{
  g_autoptr (SocksServer) socks = socks_new (SOCKS_GOOD);
  const TessProxy nowhere = { TESS_PROXY_SOCKS5, 1080, "proxy.invalid" }, six = { TESS_PROXY_SOCKS5, socks->proxy.port, "::1" };

  socks_stop (socks);
  fails (&socks->proxy, TESS_NET_ERROR_PROXY_AWAY);
  fails (&nowhere, TESS_NET_ERROR_PROXY_AWAY);
  fails (&six, TESS_NET_ERROR_PROXY_AWAY);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
hostile (gpointer data)
{
  static const struct {
    SocksBehaviour behaviour;
    uint8_t reply; /* RFC 1928, 6 */
    TessNetError code;
  } cases[] = {
    { SOCKS_STRICT, 0, TESS_NET_ERROR_PROXY_REFUSES },     { SOCKS_NO_METHOD, 0, TESS_NET_ERROR_PROXY_REFUSES },
    { SOCKS_REPLIES, 1, TESS_NET_ERROR_PROXY_FAILS },      { SOCKS_REPLIES, 2, TESS_NET_ERROR_PROXY_REFUSES },
    { SOCKS_REPLIES, 3, TESS_NET_ERROR_UNREACHABLE },      { SOCKS_REPLIES, 4, TESS_NET_ERROR_UNREACHABLE },
    { SOCKS_REPLIES, 5, TESS_NET_ERROR_UNREACHABLE },      { SOCKS_REPLIES, 6, TESS_NET_ERROR_UNREACHABLE },
    { SOCKS_REPLIES, 7, TESS_NET_ERROR_PROXY_FAILS },      { SOCKS_REPLIES, 8, TESS_NET_ERROR_PROXY_FAILS },
    { SOCKS_REPLIES, 0xFF, TESS_NET_ERROR_PROXY_FAILS },   { SOCKS_RUBBISH, 0, TESS_NET_ERROR_PROXY_FAILS },
    { SOCKS_RUBBISH_REPLY, 0, TESS_NET_ERROR_PROXY_FAILS }, { SOCKS_HALF, 0, TESS_NET_ERROR_PROXY_FAILS },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SocksServer) socks = socks_new (cases[i].behaviour);

      g_test_message ("behaviour %d, reply %d", cases[i].behaviour, cases[i].reply);
      socks->reply = cases[i].reply;
      fails (&socks->proxy, cases[i].code);
      g_assert_cmpuint (socks->connections, ==, 3);
    }
  return dex_future_new_for_boolean (TRUE);
}

/* The proxy has more time than a relay, and not all of it. */
static DexFuture *
silent (gpointer data)
{
  g_autoptr (SocksServer) socks = socks_new (SOCKS_SILENT);

  tess_net_set_second (5);
  fails (&socks->proxy, TESS_NET_ERROR_PROXY_FAILS);
  tess_net_set_second (1000);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
unknown (gpointer data)
{
  const TessProxy proxy = { .kind = TESS_PROXY_UNKNOWN };

  fails (&proxy, TESS_NET_ERROR_PROXY_UNKNOWN);
  return dex_future_new_for_boolean (TRUE);
}

static void
on_silence (FixtureServer *self, SoupServerMessage *message, const char *path, GHashTable *query)
{
  soup_server_message_pause (message);
  self->data = message;
}

/* What is open or under way ends when another way is set, and what is made then goes that way; the same again is no change. */
static DexFuture *
changed (gpointer data)
{
  g_autoptr (FixtureServer) relay = relay_new (), other = relay_new (); /* each keeps its latest connection alone */
  g_autoptr (SocksServer) socks = socks_new (SOCKS_GOOD);
  g_autoptr (TessDepositLink) deposit = NULL;
  g_autoptr (TessMailboxLink) mailbox = mailbox_new (other->origin);
  g_autoptr (DexFuture) question = NULL, connect = NULL;
  g_autoptr (GError) ended = NULL, asked = NULL, connected = NULL;

  tess_net_proxy_set (&system_proxy);
  deposit = deposit_link (relay->origin);
  connect = tess_mailbox_link_connect (mailbox);
  relay->http = on_silence;
  question = tess_directory_get_info (relay->origin);
  while (other->connections == 0 || relay->data == NULL)
    fixture_wait (1);
  g_assert_cmpuint (socks->connections, ==, 0);
  tess_net_proxy_set (&system_proxy);
  g_assert_true (tess_deposit_link_is_open (deposit) && dex_future_is_pending (connect) && dex_future_is_pending (question));
  tess_net_proxy_set (&socks->proxy);
  g_assert_false (tess_deposit_link_is_open (deposit));
  ended = fixture_rejects (tess_deposit_link_ended (deposit), TESS_NET_ERROR_UNREACHABLE);
  connected = fixture_rejects (dex_ref (connect), TESS_NET_ERROR_UNREACHABLE);
  asked = fixture_rejects (dex_ref (question), TESS_NET_ERROR_UNREACHABLE);
  relay->http = on_http;
  ask (relay->origin);
  g_assert_cmpuint (socks->connections, ==, 1);
  g_clear_object (&deposit);
  deposit = deposit_link (relay->origin);
  g_assert_cmpuint (socks->connections, ==, 2);
  tess_net_proxy_set (&system_proxy);
  g_assert_false (tess_deposit_link_is_open (deposit));
  return dex_future_new_for_boolean (TRUE);
}

typedef struct {
  unsigned told, number;
} Watcher;

static void
on_told (void *data)
{
  Watcher *self = data;

  self->told++;
  tess_net_proxy_unwatch (self->number);
}

/* Who is told may leave, and the last one too. */
static void
test_watches (void)
{
  TessProxy proxy = { TESS_PROXY_SOCKS5, 1, "127.0.0.1" };
  Watcher watchers[3] = { 0 };

  tess_net_proxy_unwatch (0);
  for (unsigned i = 0; i < G_N_ELEMENTS (watchers); i++)
    watchers[i].number = tess_net_proxy_watch (on_told, &watchers[i]);
  tess_net_proxy_set (&proxy);
  tess_net_proxy_set (&system_proxy);
  for (unsigned i = 0; i < G_N_ELEMENTS (watchers); i++)
    g_assert_cmpuint (watchers[i].told, ==, 1);
}

static void
run (gconstpointer test)
{
  fixture_run ((DexFiberFunc) test, NULL);
  tess_net_proxy_set (&system_proxy);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add_func ("/net/proxy/watches", test_watches);
  g_test_add_data_func ("/net/proxy/through", (gconstpointer) through, run);
  g_test_add_data_func ("/net/proxy/no-names", (gconstpointer) no_names, run);
  g_test_add_data_func ("/net/proxy/names", (gconstpointer) names, run);
  g_test_add_data_func ("/net/proxy/down", (gconstpointer) down, run);
  g_test_add_data_func ("/net/proxy/hostile", (gconstpointer) hostile, run);
  g_test_add_data_func ("/net/proxy/silent", (gconstpointer) silent, run);
  g_test_add_data_func ("/net/proxy/unknown", (gconstpointer) unknown, run);
  g_test_add_data_func ("/net/proxy/changed", (gconstpointer) changed, run);
  return g_test_run ();
}
