/* The content codec: what goes out comes in, and everything a hostile peer could write is refused or left aside.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "core/tess-content.h"
#include "wire/tess-wire-error.h"

#include <string.h>

#define HEAD "{\"id\":\"000102030405060708090a0b0c0d0e0f\",\"time\":1700000000000,"
#define ID "\"000102030405060708090a0b0c0d0e0f\""

static TessContent *
parse (const char *text, GError **error)
{
  return tess_content_parse ((const uint8_t *) text, strlen (text), error);
}

static TessContent *
round_trip (const TessContent *content)
{
  g_autoptr (GBytes) encoded = tess_content_encode (content);
  g_autoptr (GError) error = NULL;
  TessContent *read;
  gsize size;
  const uint8_t *data = g_bytes_get_data (encoded, &size);

  read = tess_content_parse (data, size, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read->kind, ==, content->kind);
  g_assert_cmpmem (read->id, sizeof read->id, content->id, sizeof content->id);
  g_assert_cmpint (read->time_ms, ==, content->time_ms);
  return read;
}

static void
test_text (void)
{
  static const char *const bodies[] = { "x", "line\nline\ttab", "\"quoted\\\"", "é \360\237\247\251 \342\200\256", "\001\037\177",
                                        "<b>&amp;" };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (TessContent) content = tess_content_new (TESS_CONTENT_TEXT);
      g_autoptr (TessContent) read = NULL;

      content->body = g_strdup (bodies[i]);
      content->has_reply_to = i == 1;
      content->reply_to[3] = 9;
      read = round_trip (content);
      g_assert_cmpstr (read->body, ==, bodies[i]);
      g_assert_cmpint (read->has_reply_to, ==, content->has_reply_to);
      if (read->has_reply_to)
        g_assert_cmpint (read->reply_to[3], ==, 9);
    }
}

static void
test_longest (void)
{
  g_autoptr (TessContent) content = tess_content_new (TESS_CONTENT_TEXT);
  g_autoptr (TessContent) read = NULL;
  g_autoptr (GBytes) none = NULL;

  content->body = g_strnfill (TESS_TEXT_BYTES_MAX, 'x');
  read = round_trip (content);
  g_assert_cmpstr (read->body, ==, content->body);
  /* Six bytes each in JSON: does not fit. */
  memset (content->body, 1, TESS_TEXT_BYTES_MAX);
  none = tess_content_encode (content);
  g_assert_null (none);
}

static void
test_receipt (void)
{
  g_autoptr (TessContent) content = tess_content_new (TESS_CONTENT_RECEIPT);
  g_autoptr (TessContent) read = NULL;
  g_autoptr (TessContent) full = NULL;
  uint8_t id[TESS_CONTENT_ID_SIZE] = { 1, 2, 3 };

  read = round_trip (content);
  g_assert_cmpuint (read->delivered->len, ==, 0);
  g_assert_cmpuint (read->read->len, ==, 0);
  for (int i = 0; i < TESS_RECEIPT_IDS_MAX; i++)
    {
      id[15] = (uint8_t) i;
      g_array_append_vals (content->delivered, id, 1);
      g_array_append_vals (content->read, id, 1);
    }
  full = round_trip (content);
  g_assert_cmpuint (full->delivered->len, ==, TESS_RECEIPT_IDS_MAX);
  g_assert_cmpmem (full->read->data, TESS_RECEIPT_IDS_MAX * sizeof id, content->read->data, TESS_RECEIPT_IDS_MAX * sizeof id);
}

static void
test_profile (void)
{
  g_autoptr (TessContent) content = tess_content_new (TESS_CONTENT_PROFILE);
  g_autoptr (TessContent) read = NULL;

  content->name = g_strdup ("Alice  \n B");
  content->relay = g_strdup ("https://relay.example.org:8443");
  content->capability[7] = 7;
  read = round_trip (content);
  g_assert_cmpstr (read->name, ==, "Alice B");
  g_assert_cmpstr (read->relay, ==, content->relay);
  g_assert_cmpmem (read->capability, 16, content->capability, 16);
}

static void
test_verify (void)
{
  g_autoptr (TessContent) content = tess_content_new (TESS_CONTENT_VERIFY);
  g_autoptr (TessContent) read = NULL;

  memset (content->mac, 0xa5, sizeof content->mac);
  read = round_trip (content);
  g_assert_cmpmem (read->mac, 32, content->mac, 32);
}

static void
test_unknown (void)
{
  g_autoptr (TessContent) unknown = parse (HEAD "\"kind\":\"hologram\",\"body\":7}", NULL);
  g_autoptr (TessContent) extra = parse (HEAD "\"kind\":\"text\",\"body\":\"b\",\"future\":{\"a\":[1,2,{}]}}", NULL);

  g_assert_cmpint (unknown->kind, ==, TESS_CONTENT_UNKNOWN);
  g_assert_cmpstr (unknown->body, ==, "hologram");
  g_assert_cmpint (extra->kind, ==, TESS_CONTENT_TEXT);
}

static TessContent *
new_action (TessContentKind kind, const char *body)
{
  TessContent *content = tess_content_new (kind);

  memset (content->target, 0x3c, sizeof content->target);
  content->body = g_strdup (body);
  return content;
}

static void
test_actions (void)
{
  static const struct {
    TessContentKind kind;
    const char *body;
  } cases[] = {
    { TESS_CONTENT_EDIT, "new" }, { TESS_CONTENT_DELETE, NULL }, { TESS_CONTENT_REACTION, "👍" }, { TESS_CONTENT_REACTION, "" },
  };
  g_autoptr (TessContent) typing = parse (HEAD "\"kind\":\"typing\",\"on\":true}", NULL);
  g_autoptr (TessContent) stopped = parse (HEAD "\"kind\":\"typing\",\"on\":false}", NULL);
  g_autoptr (TessContent) timer = parse (HEAD "\"kind\":\"timer\",\"seconds\":3600}", NULL);
  g_autoptr (TessContent) text = parse (HEAD "\"kind\":\"text\",\"body\":\"b\",\"expires_after\":9007199254740991}", NULL);

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (TessContent) content = new_action (cases[i].kind, cases[i].body);
      g_autoptr (TessContent) read = round_trip (content);

      g_assert_cmpmem (read->target, sizeof read->target, content->target, sizeof content->target);
      g_assert_cmpstr (read->body, ==, cases[i].body);
    }
  g_assert_true (typing->kind == TESS_CONTENT_TYPING && typing->on && !stopped->on);
  g_assert_cmpuint (timer->seconds, ==, 3600);
  g_assert_cmpuint (text->seconds, ==, TESS_TIMER_MAX);
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "", "{}", "[]", "null", "{\"kind\":\"text\"}", "not JSON",
    HEAD "\"kind\":\"text\"}",
    HEAD "\"kind\":\"edit\",\"target\":\"00112233445566778899aabbccddeeff\",\"body\":\"\"}",
    HEAD "\"kind\":\"edit\",\"body\":\"b\"}",
    HEAD "\"kind\":\"delete\",\"target\":\"0\"}",
    HEAD "\"kind\":\"reaction\",\"target\":\"00112233445566778899aabbccddeeff\"}",
    HEAD "\"kind\":\"typing\",\"on\":1}",
    HEAD "\"kind\":\"timer\",\"seconds\":31622401}",
    HEAD "\"kind\":\"text\",\"body\":\"\"}",
    HEAD "\"kind\":\"text\",\"body\":7}",
    HEAD "\"kind\":\"text\",\"body\":null}",
    HEAD "\"kind\":\"text\",\"body\":\"a\\u0000b\"}",
    HEAD "\"kind\":\"text\",\"body\":\"\\ud800\"}",
    HEAD "\"kind\":\"text\",\"body\":\"\377\"}",
    HEAD "\"kind\":\"text\",\"body\":\"b\",\"body\":\"c\"}",
    HEAD "\"kind\":\"text\",\"kind\":\"receipt\",\"body\":\"b\"}",
    HEAD "\"kind\":\"text\",\"body\":\"b\",\"reply_to\":\"00\"}",
    HEAD "\"kind\":\"text\",\"body\":\"b\",\"reply_to\":null}",
    HEAD "\"kind\":\"text\",\"body\":\"b\",\"expires_after\":-1}",
    HEAD "\"kind\":\"text\",\"body\":\"b\",\"expires_after\":\"1\"}",
    HEAD "\"kind\":\"text\",\"body\":\"b\"} ,",
    HEAD "\"kind\":\"text\",\"body\":\"b\"}{}",
    HEAD "\"kind\":\"text\",/* no */\"body\":\"b\"}",
    HEAD "\"kind\":7,\"body\":\"b\"}",
    HEAD "\"kind\":\"a-kind-whose-name-is-longer-than-any-name-that-was-ever-given\"}",
    "{\"id\":\"000102030405060708090A0B0C0D0E0F\",\"time\":1,\"kind\":\"text\",\"body\":\"b\"}",
    "{\"id\":\"000102030405060708090a0b0c0d0e0\",\"time\":1,\"kind\":\"text\",\"body\":\"b\"}",
    "{\"id\":" ID ",\"time\":-1,\"kind\":\"text\",\"body\":\"b\"}",
    "{\"id\":" ID ",\"time\":1.5,\"kind\":\"text\",\"body\":\"b\"}",
    "{\"id\":" ID ",\"time\":9007199254740992,\"kind\":\"text\",\"body\":\"b\"}",
    "{\"id\":" ID ",\"kind\":\"text\",\"body\":\"b\"}",
    HEAD "\"kind\":\"receipt\",\"delivered\":[]}",
    HEAD "\"kind\":\"receipt\",\"delivered\":[],\"read\":{}}",
    HEAD "\"kind\":\"receipt\",\"delivered\":[7],\"read\":[]}",
    HEAD "\"kind\":\"receipt\",\"delivered\":[\"zz\"],\"read\":[]}",
    HEAD "\"kind\":\"profile\",\"name\":\"A\",\"capability\":\"AAAA\",\"relay\":\"https://a.example\"}",
    HEAD "\"kind\":\"profile\",\"name\":\"A\",\"capability\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"relay\":\"http://a.example\"}",
    HEAD "\"kind\":\"profile\",\"name\":\"A\",\"capability\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"relay\":\"https://a.example/path\"}",
    HEAD "\"kind\":\"profile\",\"capability\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"relay\":\"https://a.example\"}",
    HEAD "\"kind\":\"verify\",\"mac\":\"AAAA\"}",
    HEAD "\"kind\":\"verify\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TessContent) content = parse (texts[i], &error);

      if (content != NULL)
        g_error ("accepted: %s", texts[i]);
      g_assert_nonnull (error);
      g_assert_cmpint (error->domain, ==, TESS_WIRE_ERROR);
    }
}

static void
test_bounds (void)
{
  g_autoptr (GString) deep = g_string_new (HEAD "\"kind\":\"hologram\",\"x\":");
  g_autoptr (GString) many = g_string_new (HEAD "\"kind\":\"receipt\",\"read\":[],\"delivered\":[" ID);
  g_autoptr (GString) large = g_string_new (HEAD "\"kind\":\"hologram\",\"x\":\"");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 16; i++)
    g_string_append_c (deep, '[');
  for (int i = 0; i < 16; i++)
    g_string_append_c (deep, ']');
  g_string_append_c (deep, '}');
  g_assert_null (parse (deep->str, &error));
  g_clear_error (&error);
  for (int i = 0; i < TESS_RECEIPT_IDS_MAX; i++)
    g_string_append (many, "," ID);
  g_string_append (many, "]}");
  g_assert_null (parse (many->str, &error));
  g_clear_error (&error);
  while (large->len < TESS_CONTENT_SIZE_MAX)
    g_string_append_c (large, 'x');
  g_string_append (large, "\"}");
  g_assert_null (parse (large->str, &error));
}

/* No byte of a good content changed makes it crash. */
static void
test_mutations (void)
{
  static const char good[] = HEAD "\"kind\":\"profile\",\"name\":\"A\\u00e9\",\"capability\":\"AAAAAAAAAAAAAAAAAAAAAA\","
                                  "\"relay\":\"https://a.example\"}";

  for (gsize at = 0; at < sizeof good - 1; at++)
    for (int bit = 0; bit < 8; bit++)
      {
        g_autofree char *text = g_strdup (good);
        g_autoptr (TessContent) content = NULL;

        text[at] = (char) (text[at] ^ (1 << bit));
        content = tess_content_parse ((const uint8_t *) text, sizeof good - 1, NULL);
      }
  for (gsize size = 0; size < sizeof good - 1; size++)
    g_assert_null (tess_content_parse ((const uint8_t *) good, size, NULL));
}

static bool
no_random (uint8_t *out, size_t size, void *data)
{
  return false;
}

static void
test_no_random (void)
{
  tess_random_set_source (no_random, NULL);
  g_assert_null (tess_content_new (TESS_CONTENT_TEXT));
  tess_random_set_source (NULL, NULL);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/content/text", test_text);
  g_test_add_func ("/core/content/longest", test_longest);
  g_test_add_func ("/core/content/receipt", test_receipt);
  g_test_add_func ("/core/content/profile", test_profile);
  g_test_add_func ("/core/content/verify", test_verify);
  g_test_add_func ("/core/content/unknown", test_unknown);
  g_test_add_func ("/core/content/actions", test_actions);
  g_test_add_func ("/core/content/refused", test_refused);
  g_test_add_func ("/core/content/bounds", test_bounds);
  g_test_add_func ("/core/content/mutations", test_mutations);
  g_test_add_func ("/core/content/no-random", test_no_random);
  return g_test_run ();
}
