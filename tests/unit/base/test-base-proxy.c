/* Which way connections go, as text. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-proxy.h"

#include <string.h>

static void
test_good (void)
{
  static const struct {
    const char *text;
    TessProxy proxy;
  } cases[] = {
    { "system", { .kind = TESS_PROXY_SYSTEM } },
    { "tor", { TESS_PROXY_TOR, 9050, "127.0.0.1" } },
    { "socks5://127.0.0.1:9150", { TESS_PROXY_SOCKS5, 9150, "127.0.0.1" } },
    { "socks5://[::1]:1080", { TESS_PROXY_SOCKS5, 1080, "::1" } },
    { "socks5://proxy:1", { TESS_PROXY_SOCKS5, 1, "proxy" } },
    { "socks5://a-b.4.example:65535", { TESS_PROXY_SOCKS5, 65535, "a-b.4.example" } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TessProxy read;
      g_autofree char *text = NULL;

      g_assert_true (tess_proxy_parse (cases[i].text, &read));
      g_assert_true (tess_proxy_equal (&read, &cases[i].proxy));
      text = tess_proxy_to_string (&read);
      g_assert_cmpstr (text, ==, cases[i].text);
      for (size_t k = 0; k < G_N_ELEMENTS (cases); k++)
        g_assert_true (tess_proxy_equal (&read, &cases[k].proxy) == (i == k));
    }
}

static void
test_bad (void)
{
  static const char *const cases[] = {
    "", "unknown", "direct", "none", "System", " tor", "tor ", "tor\n", "socks5", "socks5:", "socks5://", "socks5://:1080",
    "socks5://host", "socks5://host:", "socks5://host:0", "socks5://host:65536", "socks5://host:99999999999999999999",
    "socks5://host:+1", "socks5://host: 1", "socks5://host:1 ", "socks5://host:1/", "socks5://a@host:1", "socks5://a:b@host:1",
    "socks5://::1:1080", "socks5://[::1]", "socks5://[::1:1080", "socks5://[host]:1", "socks5://[127.0.0.1]:1",
    "socks5://[fe80::1%eth0]:1", "socks5://1.2.3:1", "socks5://127.1:1", "socks5://999.1.1.1:1", "socks5://ho st:1",
    "socks5://-host:1", "socks5://host-:1", "socks5://host.:1", "socks5://.host:1", "socks5://a..b:1", "socks5://h\xC3\xB6st:1",
    "socks5h://host:1", "socks4://host:1", "http://host:1", "socks5://host:1\nx", "socks5://%68ost:1", "socks5://\xFF:1",
  };
  g_autofree char *label = g_strdup_printf ("socks5://%0*d.example:1", 64, 0);
  g_autoptr (GString) large = g_string_new ("socks5://");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TessProxy read = { .kind = TESS_PROXY_TOR };

      g_test_message ("%s", cases[i]);
      g_assert_false (tess_proxy_parse (cases[i], &read));
      g_assert_cmpint (read.kind, ==, TESS_PROXY_UNKNOWN);
      g_assert_cmpstr (read.host, ==, "");
    }
  for (unsigned i = 0; i < 63; i++)
    g_string_append (large, "abc.");
  g_string_append (large, "d:1");
  {
    TessProxy read;

    g_assert_false (tess_proxy_parse (label, &read));
    g_assert_true (tess_proxy_parse (large->str, &read));
    g_assert_cmpuint (strlen (read.host), ==, TESS_PROXY_HOST_MAX);
    g_string_insert (large, 9, "a");
    g_assert_false (tess_proxy_parse (large->str, &read));
  }
}

static void
test_typed (void)
{
  static const struct {
    const char *host, *port, *text; /* NULL: refused */
  } cases[] = {
    { " Proxy.Example ", "1080", "socks5://proxy.example:1080" },
    { "[::1]", " 9050 ", "socks5://[::1]:9050" },
    { "2001:DB8::1", "1", "socks5://[2001:db8::1]:1" },
    { "127.0.0.1", "65535", "socks5://127.0.0.1:65535" },
    { "", "1080", NULL },
    { " ", "", NULL },
    { "host", "", NULL },
    { "host", "0", NULL },
    { "host", "65536", NULL },
    { "host", "-1", NULL },
    { "host", "1e3", NULL },
    { "host:1080", "1080", NULL },
    { "socks5://host", "1080", NULL },
    { "ho st", "1080", NULL },
    { "[host", "1080", NULL },
    { "[]", "1080", NULL },
  };
  g_autofree char *endless = g_strnfill (100000, 'a');
  TessProxy read;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *reason = "untouched";
      bool good = tess_proxy_from_typed (cases[i].host, cases[i].port, &read, &reason);
      g_autofree char *text = tess_proxy_to_string (&read);

      g_assert_true (good == (cases[i].text != NULL) && good == (reason == NULL));
      g_assert_cmpstr (text, ==, good ? cases[i].text : "unknown");
    }
  g_assert_false (tess_proxy_from_typed (endless, "1", &read, NULL));
  g_assert_false (tess_proxy_from_typed ("host", endless, &read, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/proxy/good", test_good);
  g_test_add_func ("/base/proxy/bad", test_bad);
  g_test_add_func ("/base/proxy/typed", test_typed);
  return g_test_run ();
}
