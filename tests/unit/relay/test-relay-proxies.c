/* Trusted proxies and whom they speak for. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-proxies.h"

static GPtrArray *
parse (const char *text)
{
  g_auto (GStrv) list = g_strsplit (text, ";", -1);

  return tess_relay_proxies_parse (list);
}

static void
check (TessRelayForwarded kind, const char *header, const char *expected)
{
  g_autoptr (GPtrArray) proxies = parse ("10.0.0.0/8; 127.0.0.1;2001:db8:1::/48");
  g_autoptr (GInetAddress) client = tess_relay_proxies_client (proxies, kind, header);
  g_autofree char *text = client != NULL ? g_inet_address_to_string (client) : NULL;

  g_test_message ("%s", header);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_parse (void)
{
  static const char *const bad[] = { "x", "10.0.0.0/33", "::/4810", "10.0.0", "proxy.example", "127.0.0.1;x", "10.0.0.1/8" };
  g_autoptr (GPtrArray) none = parse (" ;");
  g_autoptr (GPtrArray) proxies = parse ("192.0.2.1;2001:db8::/32");
  g_autoptr (GInetAddress) in = g_inet_address_new_from_string ("192.0.2.1");
  g_autoptr (GInetAddress) mapped = g_inet_address_new_from_string ("::ffff:192.0.2.1");
  g_autoptr (GInetAddress) out = g_inet_address_new_from_string ("192.0.2.2");

  g_assert_cmpuint (none->len, ==, 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (parse (bad[i]));
  g_assert_true (tess_relay_proxies_contain (proxies, in) && tess_relay_proxies_contain (proxies, mapped));
  g_assert_false (tess_relay_proxies_contain (proxies, out) || tess_relay_proxies_contain (none, in));
}

static void
test_x_forwarded_for (void)
{
  const TessRelayForwarded kind = TESS_RELAY_X_FORWARDED_FOR;

  check (kind, "192.0.2.7", "192.0.2.7");
  check (kind, "2001:db8::7", "2001:db8::7");
  check (kind, "::ffff:192.0.2.7", "192.0.2.7");
  check (kind, "192.0.2.7, 10.1.2.3 ,127.0.0.1", "192.0.2.7");
  /* What the client said itself is not believed, whatever it is. */
  check (kind, "198.51.100.1, 192.0.2.7", "192.0.2.7");
  check (kind, "junk,,\", 192.0.2.7, 10.1.2.3", "192.0.2.7");
  check (kind, "", NULL);
  check (kind, "192.0.2.7,", NULL);
  check (kind, "192.0.2.7, unknown", NULL);
  check (kind, "192.0.2.7:80", NULL);
  check (kind, "[2001:db8::7]", NULL);
  check (kind, "for=192.0.2.7", NULL);
  /* Somebody asks from a proxy's own machine. */
  check (kind, "10.1.2.3", "10.1.2.3");
  check (kind, "10.1.2.3, 127.0.0.1", "10.1.2.3");
  check (kind, "junk, 10.1.2.3", NULL);
  check (kind, "192.0.2.7, 10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1,"
               "10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1,10.0.0.1", NULL);
}

static void
test_forwarded (void)
{
  const TessRelayForwarded kind = TESS_RELAY_FORWARDED;

  check (kind, "for=192.0.2.7", "192.0.2.7");
  check (kind, "For=192.0.2.7;proto=https; by=10.0.0.1", "192.0.2.7");
  check (kind, "for=\"192.0.2.7:4711\"", "192.0.2.7");
  check (kind, "for=\"[2001:db8::7]\"", "2001:db8::7");
  check (kind, "for=\"[2001:db8::7]:4711\"", "2001:db8::7");
  check (kind, "for=198.51.100.1, for=192.0.2.7, for=10.0.0.1", "192.0.2.7");
  check (kind, "for=\"a,b\", for=192.0.2.7", "192.0.2.7");
  check (kind, "for=10.1.2.3, for=127.0.0.1", "10.1.2.3");
  check (kind, "for=unknown", NULL);
  check (kind, "for=_hidden", NULL);
  check (kind, "proto=https", NULL);
  check (kind, "for=192.0.2.7;for=192.0.2.8", NULL);
  check (kind, "for=\"[2001:db8::7\"", NULL);
  check (kind, "for=\"[2001:db8::7]x\"", NULL);
  check (kind, "for=\"192.0.2.7:x\"", NULL);
  check (kind, "for=2001:db8::7", NULL);
  check (kind, "192.0.2.7", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/proxies/parse", test_parse);
  g_test_add_func ("/relay/proxies/x-forwarded-for", test_x_forwarded_for);
  g_test_add_func ("/relay/proxies/forwarded", test_forwarded);
  return g_test_run ();
}
