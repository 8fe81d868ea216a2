/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire-fixtures.h"
#include "wire/tess-address.h"

#include <sodium.h>
#include <string.h>

#define OK (-1)

static void
test_origin_check (void)
{
  static const char *const good[] = {
    "https://relay.example.org", "https://relay.example.org:8443", "https://a", "https://xn--bcher-kva.example",
    "https://1.2.3.4",
    "https://255.255.255.255:1", "http://localhost", "http://localhost:8080", "http://127.0.0.1:65535", "http://127.9.9.9",
    "https://localhost:8443", "https://a-b.c1", "https://3com.example", "http://localhost:443",
    "https://0x7f.example", "https://0xg", "https://a.x0",
  };
  static const char *const bad[] = {
    "", "https://", "http://", "relay.example.org", "HTTPS://a", "https://A", "https://a/", "https://a:443",
    "http://localhost:80",
    "http://relay.example.org", "http://10.0.0.1", "http://128.0.0.1", "https://a:0", "https://a:00", "https://a:080",
    "https://a:65536",
    "https://a:", "https://a:1x", "https://a b", "https://a.", "https://.a", "https://a..b", "https://-a", "https://a-",
    "https://a_b",
    "https://u@a", "https://a?b", "https://a#b", "https://[::1]", "https://1.2.3", "https://1.2.3.4.5", "https://1.2.3.256",
    "https://1.2.3.04", "https://a.1", "https://127.1", "https://0x7f000001", "https://0x7f.0x1", "https://a.0x7f",
    "https://a.0x", "wss://a", "https://a:99999999999999999999",
    "https://b\xc3\xbc" "cher.example",
    "http://localhost.example", "http://127.0.0.1.example", "https:// a", " https://a", "https://a\n", "http://0127.0.0.1",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (good); i++)
    if (!tess_origin_check (good[i]))
      g_error ("refused: %s", good[i]);
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    if (tess_origin_check (bad[i]))
      g_error ("accepted: %s", bad[i]);
}

static void
test_origin_length (void)
{
  g_autofree char *label = g_strnfill (63, 'a');
  g_autofree char *long_label = g_strnfill (64, 'a');
  g_autofree char *host = g_strjoin (".", label, label, label, label + 2, NULL);
  g_autofree char *longest = g_strdup_printf ("https://%s:65535", host);
  g_autofree char *longer = g_strdup_printf ("https://a%s", host);
  g_autofree char *bad = g_strdup_printf ("https://%s.org", long_label);

  g_assert_cmpuint (strlen (host), ==, 253);
  g_assert_cmpuint (strlen (longest), <=, TESS_ORIGIN_BYTES_MAX);
  g_assert_true (tess_origin_check (longest));
  g_assert_false (tess_origin_check (longer));
  g_assert_false (tess_origin_check (bad));
}

static void
test_typed (void)
{
  static const struct {
    const char *typed;
    const char *origin;
    int fault;
  } cases[] = {
    { "relay.example.org", "https://relay.example.org", OK },
    { "  Relay.Example.ORG/ \n", "https://relay.example.org", OK },
    { "https://Relay.example.org/", "https://relay.example.org", OK },
    { "HTTPS://a.example:443/", "https://a.example", OK },
    { "a.example:8443", "https://a.example:8443", OK },
    { "127.0.0.1:8080", "http://127.0.0.1:8080", OK },
    { "http://127.0.0.1:80", "http://127.0.0.1", OK },
    { "localhost", "http://localhost", OK },
    { "https://localhost:8443", "https://localhost:8443", OK },
    { "b\xc3\xbc" "cher.example:1", "https://xn--bcher-kva.example:1", OK },
    { "http://relay.example.org", NULL, TESS_WIRE_ERROR_INSECURE },
    { "", NULL, TESS_WIRE_ERROR_HOST },
    { "https://", NULL, TESS_WIRE_ERROR_HOST },
    { "a.example/path", NULL, TESS_WIRE_ERROR_HOST },
    { "a.example//", NULL, TESS_WIRE_ERROR_HOST },
    { "ftp://a.example", NULL, TESS_WIRE_ERROR_HOST },
    { "user@a.example", NULL, TESS_WIRE_ERROR_HOST },
    { "[::1]:80", NULL, TESS_WIRE_ERROR_HOST },
    { "a b", NULL, TESS_WIRE_ERROR_HOST },
    { "\xff\xfe", NULL, TESS_WIRE_ERROR_HOST },
    { "a.example:", NULL, TESS_WIRE_ERROR_PORT },
    { "a.example:0", NULL, TESS_WIRE_ERROR_PORT },
    { "a.example:08", NULL, TESS_WIRE_ERROR_PORT },
    { "a.example:http", NULL, TESS_WIRE_ERROR_PORT },
    { "a.example:1:2", NULL, TESS_WIRE_ERROR_PORT },
    { "https://https://a.example", NULL, TESS_WIRE_ERROR_HOST },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *origin = tess_origin_from_typed (cases[i].typed, &error);

      g_test_message ("%s", cases[i].typed);
      g_assert_cmpstr (origin, ==, cases[i].origin);
      g_assert_true (origin == NULL || tess_origin_check (origin));
      if (cases[i].fault != OK)
        g_assert_error (error, TESS_WIRE_ERROR, cases[i].fault);
    }
  g_assert_cmpstr (tess_origin_host ("https://a.example:1"), ==, "a.example:1");
}

static TessAddress *
address_new (const char *origin, bool code)
{
  FixtureKey account = fixture_key (1);
  uint8_t capability[TESS_CAPABILITY_SIZE];
  TessAddress *address = NULL;

  memset (capability, 0xa5, sizeof capability);
  address = tess_address_new (origin, account.public, capability);
  address->has_code = code;
  if (code)
    memset (address->code, 0x5a, sizeof address->code);
  return address;
}

static void
test_address (void)
{
  static const char *const origins[] = { "https://relay.example.org", "https://relay.example.org:8443", "http://127.0.0.1:8080",
                                         "http://localhost", "https://10.1.2.3" };

  for (unsigned i = 0; i < 2 * G_N_ELEMENTS (origins); i++)
    {
      g_autoptr (TessAddress) address = address_new (origins[i / 2], i % 2);
      g_autofree char *text = tess_address_to_string (address);
      g_autofree char *link = tess_address_to_link (address);
      g_autofree char *spaced = g_strdup_printf (" \n%s\t", link);
      const char *const texts[] = { text, link, spaced };

      g_assert_true (g_str_has_prefix (text, "TESSERA:1/"));
      g_assert_true (g_str_has_prefix (link, "tessera:1/"));
      g_assert_cmpuint (strlen (text), <=, TESS_ADDRESS_BYTES_MAX);
      /* QR's alphanumeric mode. */
      g_assert_cmpuint (strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:"), ==, strlen (text));
      for (unsigned k = 0; k < G_N_ELEMENTS (texts); k++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (TessAddress) read = tess_address_parse (texts[k], &error);

          g_assert_no_error (error);
          g_assert_cmpstr (read->origin, ==, address->origin);
          g_assert_cmpmem (read->account, 32, address->account, 32);
          g_assert_cmpmem (read->capability, 16, address->capability, 16);
          g_assert_true (read->has_code == address->has_code);
          g_assert_cmpmem (read->code, 16, address->code, 16);
        }
    }
}

static void
test_address_impossible (void)
{
  static const char *const origins[] = { "https://localhost:8443", "http://relay.example.org", "nonsense", "https://a/" };

  for (unsigned i = 0; i < G_N_ELEMENTS (origins); i++)
    {
      g_autoptr (TessAddress) address = address_new (origins[i], false);

      g_assert_null (tess_address_to_string (address));
    }
}

static int
fault_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessAddress) address = tess_address_parse (text, &error);

  if (address != NULL)
    return OK;
  g_assert_true (error->domain == TESS_WIRE_ERROR);
  return error->code;
}

static void
test_address_faults (void)
{
  static const char a[] = "CKEDRT3QZ5X7JNBS6VSIRUUNQLWJXBNNBTPXBJJPGLHWE7ONOYOA";
  g_autoptr (TessAddress) good = address_new ("https://relay.example.org", false);
  g_autofree char *text = tess_address_to_string (good);
  g_autofree char *keys = g_strdup (strchr (text + strlen ("TESSERA:1/"), '/'));
  const struct {
    char *text;
    int fault;
  } cases[] = {
    { g_strconcat ("TESSERA:1/relay.example.org", keys, NULL), OK },
    { g_strconcat ("TESSERA:1/relay.example.org:443", keys, NULL), OK },
    { g_strconcat ("https://example.org", keys, NULL), TESS_WIRE_ERROR_NOT_AN_ADDRESS },
    { g_strconcat ("tessera://relay.example.org", keys, NULL), TESS_WIRE_ERROR_NOT_AN_ADDRESS },
    { g_strconcat ("TESSERA:01/relay.example.org", keys, NULL), TESS_WIRE_ERROR_NOT_AN_ADDRESS },
    { g_strconcat ("TESSERA:2/relay.example.org", keys, NULL), TESS_WIRE_ERROR_NEWER_VERSION },
    { g_strconcat ("TESSERA:17/whatever", NULL), TESS_WIRE_ERROR_NEWER_VERSION },
    { g_strconcat ("TESSERA:1/relay_.example.org", keys, NULL), TESS_WIRE_ERROR_HOST },
    { g_strconcat ("TESSERA:1/", keys, NULL), TESS_WIRE_ERROR_HOST },
    { g_strconcat ("TESSERA:1/b\xc3\xbc" "cher.example", keys, NULL), TESS_WIRE_ERROR_HOST },
    { g_strconcat ("TESSERA:1/a.example:0", keys, NULL), TESS_WIRE_ERROR_PORT },
    { g_strconcat ("TESSERA:1/a.example:70000", keys, NULL), TESS_WIRE_ERROR_PORT },
    { g_strconcat ("TESSERA:1/a.example", keys, "A", NULL), TESS_WIRE_ERROR_KEY },
    { g_strconcat ("TESSERA:1/a.example", keys, "/", NULL), TESS_WIRE_ERROR_TRUNCATED },
    { g_strconcat ("TESSERA:1/a.example", keys, "/AAAAAAAAAAAAAAAAAAAAAAAAA", NULL), TESS_WIRE_ERROR_TRUNCATED },
    { g_strconcat ("TESSERA:1/a.example", keys, "/AAAAAAAAAAAAAAAAAAAAAAAAAA", NULL), OK },
    { g_strconcat ("TESSERA:1/a.example", keys, "/AAAAAAAAAAAAAAAAAAAAAAAAAA/", NULL), TESS_WIRE_ERROR_KEY },
    { g_strconcat ("TESSERA:1/a.example", keys, "/AAAAAAAAAAAAAAAAAAAAAAAAAB", NULL), TESS_WIRE_ERROR_KEY },
    { g_strconcat ("TESSERA:1/a.example/", a, "/AAAAAAAAAAAAAAAAAAAAAAAAA1", NULL), TESS_WIRE_ERROR_KEY },
    /* The neutral point, and a y that is on no curve. */
    { g_strconcat ("TESSERA:1/a.example/AEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAAAAAAAAAAAA", NULL),
      TESS_WIRE_ERROR_KEY },
    { g_strconcat ("TESSERA:1/a.example/AIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAAAAAAAAAAAA", NULL),
      TESS_WIRE_ERROR_KEY },
    { g_strdup (""), TESS_WIRE_ERROR_NOT_AN_ADDRESS },
    { g_strdup ("\xff\xfe"), TESS_WIRE_ERROR_NOT_AN_ADDRESS },
    { g_strnfill (2000, 'A'), TESS_WIRE_ERROR_NOT_AN_ADDRESS },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%.100s", cases[i].text);
      g_assert_cmpint (fault_of (cases[i].text), ==, cases[i].fault);
      g_free (cases[i].text);
    }
}

/* Whoever copied too little is told so, wherever the text was cut. */
static void
test_address_cut (void)
{
  g_autoptr (TessAddress) address = address_new ("https://relay.example.org:8443", true);
  g_autofree char *text = tess_address_to_string (address);
  size_t without_code = strlen (text) - 27;

  for (size_t cut = 0; cut < strlen (text); cut++)
    {
      g_autofree char *part = g_strndup (text, cut);
      int expected = cut < strlen ("TESSERA:") ? TESS_WIRE_ERROR_NOT_AN_ADDRESS
                     : cut == without_code     ? OK
                                               : TESS_WIRE_ERROR_TRUNCATED;

      g_assert_cmpint (fault_of (part), ==, expected);
    }
}

static bool
parse_address (const uint8_t *data, size_t size, void *user)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (TessAddress) address = tess_address_parse (text, NULL);
  g_autofree char *origin = tess_origin_from_typed (text, NULL);

  g_assert_true (origin == NULL || tess_origin_check (origin));
  if (address == NULL)
    return false;
  g_assert_true (tess_origin_check (address->origin));
  g_assert_true (tess_sign_key_is_valid (address->account));
  return true;
}

static void
test_torment (void)
{
  g_autoptr (TessAddress) address = address_new ("https://relay.example.org:8443", true);
  char *text = tess_address_to_string (address);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  fixture_torment (bytes, true, parse_address, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/wire/address/origin-check", test_origin_check);
  g_test_add_func ("/wire/address/origin-length", test_origin_length);
  g_test_add_func ("/wire/address/typed", test_typed);
  g_test_add_func ("/wire/address/round", test_address);
  g_test_add_func ("/wire/address/impossible", test_address_impossible);
  g_test_add_func ("/wire/address/faults", test_address_faults);
  g_test_add_func ("/wire/address/cut", test_address_cut);
  g_test_add_func ("/wire/address/torment", test_torment);
  return g_test_run ();
}
