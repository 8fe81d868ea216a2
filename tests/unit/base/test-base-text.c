/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-limits.h"
#include "base/tess-text.h"

#include <sodium.h>
#include <string.h>

/* RFC 4648, section 10, without the padding. */
static const struct {
  const char *plain;
  const char *base32;
  const char *base64;
  const char *hex;
} vectors[] = {
  { "", "", "", "" },
  { "f", "MY", "Zg", "66" },
  { "fo", "MZXQ", "Zm8", "666f" },
  { "foo", "MZXW6", "Zm9v", "666f6f" },
  { "foob", "MZXW6YQ", "Zm9vYg", "666f6f62" },
  { "fooba", "MZXW6YTB", "Zm9vYmE", "666f6f6261" },
  { "foobar", "MZXW6YTBOI", "Zm9vYmFy", "666f6f626172" },
};

static void
test_vectors (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      const uint8_t *plain = (const uint8_t *) vectors[i].plain;
      size_t size = strlen (vectors[i].plain);
      g_autofree char *base32 = tess_base32_encode (plain, size);
      g_autofree char *base64 = tess_base64_encode (plain, size);
      g_autofree char *hex = tess_hex_encode (plain, size);
      uint8_t out[8] = { 0 };

      g_assert_cmpstr (base32, ==, vectors[i].base32);
      g_assert_cmpstr (base64, ==, vectors[i].base64);
      g_assert_cmpstr (hex, ==, vectors[i].hex);
      g_assert_true (tess_base32_decode (base32, strlen (base32), out, size));
      g_assert_cmpmem (out, size, plain, size);
      g_assert_true (tess_base64_decode (base64, out, size));
      g_assert_cmpmem (out, size, plain, size);
      g_assert_true (tess_hex_decode (hex, out, size));
      g_assert_cmpmem (out, size, plain, size);
    }
}

static void
test_every_size (void)
{
  uint8_t data[100], out[100];

  randombytes_buf_deterministic (data, sizeof data, (const uint8_t[randombytes_SEEDBYTES]) { 7 });
  for (size_t size = 0; size <= sizeof data; size++)
    {
      g_autofree char *base32 = tess_base32_encode (data, size);
      g_autofree char *base64 = tess_base64_encode (data, size);
      g_autofree char *hex = tess_hex_encode (data, size);
      g_autoptr (GBytes) bytes = tess_base64_decode_bytes (base64, size);

      g_assert_true (tess_base32_decode (base32, strlen (base32), out, size));
      g_assert_cmpmem (out, size, data, size);
      g_assert_true (tess_base64_decode (base64, out, size));
      g_assert_cmpmem (out, size, data, size);
      g_assert_true (tess_hex_decode (hex, out, size));
      g_assert_cmpmem (out, size, data, size);
      g_assert_nonnull (bytes);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), data, size);
      if (size > 0)
        g_assert_null (tess_base64_decode_bytes (base64, size - 1));
      if (size < sizeof data)
        {
          g_assert_false (tess_base32_decode (base32, strlen (base32), out, size + 1));
          g_assert_false (tess_base64_decode (base64, out, size + 1));
          g_assert_false (tess_hex_decode (hex, out, size + 1));
        }
    }
}

static void
assert_zeroed (uint8_t *out, size_t size)
{
  g_assert_true (sodium_is_zero (out, size));
  memset (out, 0xff, size);
}

static void
test_base32_strict (void)
{
  static const char *const bad[] = { "MZXW6YTB0I", "MZXW6YTBO1",       "MZXW6YTB I", "MZXW6YTB=I",
                                     "MZXW6YTBOJ", "MZXW6YTB\xc3\xa9", "MZXW6YTB-I" };
  uint8_t out[6] = { 0xff };

  g_assert_true (tess_base32_decode ("mzxw6ytboi", 10, out, 6));
  g_assert_cmpmem (out, 6, "foobar", 6);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (tess_base32_decode (bad[i], 10, out, 6));
      assert_zeroed (out, 6);
    }
  g_assert_false (tess_base32_decode ("MZXW6YTB\0I", 10, out, 6));
  assert_zeroed (out, 6);
  g_assert_false (tess_base32_decode ("MZXW6YTBOI======", 16, out, 6));
  assert_zeroed (out, 6);
  g_assert_false (tess_base32_decode ("MZXW6YTB", 8, out, 6));
  assert_zeroed (out, 6);
}

static void
test_base64_strict (void)
{
  static const char *const bad[] = { "_-8", "_-8=", "/+8", "_-8 ", "_-8A", "_-", "", "_-8\n", "_-9", "\xff-8", "\xc3\xa9" "8" };
  uint8_t out[2] = { 0xff };

  g_assert_true (tess_base64_decode ("_-8", out, 2));
  g_assert_cmpmem (out, 2, "\xff\xef", 2);
  for (size_t i = 1; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (tess_base64_decode (bad[i], out, 2));
      assert_zeroed (out, 2);
    }
  g_assert_false (tess_base64_decode (NULL, out, 2));
  assert_zeroed (out, 2);
  g_assert_null (tess_base64_decode_bytes (NULL, 10));
  g_assert_null (tess_base64_decode_bytes ("_-8=", 10));
  g_assert_null (tess_base64_decode_bytes ("/+8", 10));
  g_assert_null (tess_base64_decode_bytes ("_-9", 10));
  g_assert_null (tess_base64_decode_bytes ("_", 10));
  g_assert_null (tess_base64_decode_bytes ("_-8 ", 10));
  /* Libraries have taken these for `_`. */
  g_assert_null (tess_base64_decode_bytes ("\xff-8", 10));
  g_assert_null (tess_base64_decode_bytes ("AA\xc3\xa9", 10));
}

static void
test_hex_strict (void)
{
  static const char *const bad[] = { "FF0a", "ff0", "ff0a0", "ff:a", "ff g", "", " ff0" };
  uint8_t out[2] = { 0xff };

  g_assert_true (tess_hex_decode ("ff0a", out, 2));
  g_assert_cmpmem (out, 2, "\xff\x0a", 2);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (tess_hex_decode (bad[i], out, 2));
      assert_zeroed (out, 2);
    }
  g_assert_false (tess_hex_decode (NULL, out, 2));
  assert_zeroed (out, 2);
}

static void
assert_name (const char *typed, const char *wanted)
{
  const char *reason = "unset";
  g_autofree char *name = tess_name_check (typed, &reason);
  g_autofree char *cleaned = tess_name_clean (typed, strlen (typed));

  g_assert_cmpstr (name, ==, wanted);
  if (wanted != NULL)
    {
      g_assert_null (reason);
      g_assert_cmpstr (cleaned, ==, wanted);
    }
  else
    g_assert_nonnull (reason);
}

static void
assert_cleaned (const char *sent, const char *wanted)
{
  g_autofree char *cleaned = tess_name_clean (sent, strlen (sent));
  g_autofree char *again = tess_name_clean (cleaned, strlen (cleaned));

  g_assert_cmpstr (cleaned, ==, wanted);
  g_assert_cmpstr (again, ==, wanted);
  g_assert_cmpuint (g_utf8_strlen (cleaned, -1), <=, TESS_NAME_CHARS_MAX);
  g_assert_cmpuint (strlen (cleaned), <=, TESS_NAME_BYTES_MAX);
}

static void
test_names_fit (void)
{
  static const char scotland[] = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"; /* a flag of tags */

  assert_name ("Alice", "Alice");
  assert_name ("  Alice \t van\u00a0 Dyck ", "Alice van Dyck");
  assert_name ("Zoë", "Zoë");
  assert_name ("Zoe\u0308", "Zoë");                                        /* composed */
  assert_name ("👩‍👩‍👧", "👩‍👩‍👧");    /* joined by U+200D */
  assert_name ("می\u200cخواهم", "می\u200cخواهم"); /* U+200C is spelling in Persian */
  assert_name ("z\u0335\u0321\u0354\u035d", "z\u0335\u0321\u0354\u035d");  /* stacked marks: odd, but text */
  assert_name ("明子", "明子");
  assert_name (scotland, scotland);
}

static void
test_names_refused (void)
{
  assert_name ("", NULL);
  assert_name (" \t ", NULL);
  assert_name ("Al\x07ice", NULL);
  assert_name ("Al\nice", NULL);
  assert_name ("Al\x7fice", NULL);
  assert_name ("Al\u202eice", NULL); /* right-to-left override */
  assert_name ("Al\u2066ice", NULL); /* isolate */
  assert_name ("Al\u200bice", NULL); /* zero-width space */
  assert_name ("Al\ufeffice", NULL);
  assert_name ("Al\u2028ice", NULL);
  assert_name ("Al\ue000ice", NULL);
  assert_name ("Al\xff" "ice", NULL);
  assert_name ("Al\xed\xa0\x80ice", NULL); /* a surrogate in UTF-8 */
}

/* What nobody can see is no name. */
static void
test_names_invisible (void)
{
  static const char *const names[] = { "\u200d",       "\u200c\u200d \u200d", "\u0301\u0302",
                                       "\u3164\u115f", "\u2800 \u2800",       "\ufe0f" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *cleaned = tess_name_clean (names[i], strlen (names[i]));

      assert_name (names[i], NULL);
      g_assert_cmpstr (cleaned, ==, "");
    }
}

static void
test_names_cleaned (void)
{
  assert_cleaned ("Al\x07i\u202e\u2066c\u200be\n", "Alice");
  assert_cleaned ("\u202e\u2028\x01", "");
  assert_cleaned ("", "");
  assert_cleaned ("  a  b  ", "a b");
  assert_cleaned ("Al\xff" "ice", "Al\ufffdice");
  assert_cleaned ("Zoe\u200b\u0308", "Zo\u00eb"); /* composed when nothing stands between any more */
}

static void
test_names_long (void)
{
  const char *reason = NULL;
  g_autofree char *letters = g_strnfill (10000, 'x');
  g_autofree char *fit = g_strnfill (TESS_NAME_CHARS_MAX, 'x');
  g_autofree char *over = g_strnfill (TESS_NAME_CHARS_MAX + 1, 'x');
  g_autoptr (GString) emoji = g_string_new (NULL);
  g_autofree char *cut = NULL;

  assert_name (letters, NULL);
  assert_name (over, NULL);
  assert_name (fit, fit);
  assert_cleaned (letters, fit);
  for (int i = 0; i < 2500; i++)
    g_string_append (emoji, "😀");
  g_assert_null (tess_name_check (emoji->str, &reason));
  cut = tess_name_clean (emoji->str, emoji->len);
  g_assert_true (g_utf8_validate (cut, -1, NULL));
  g_assert_cmpuint (strlen (cut), ==, TESS_NAME_BYTES_MAX);
  /* A cut anywhere inside a character still gives valid text. */
  for (size_t size = 0; size < 64; size++)
    {
      g_autofree char *part = tess_name_clean (emoji->str, size);

      g_assert_true (g_utf8_validate (part, -1, NULL));
      g_assert_cmpuint (g_utf8_strlen (part, -1), ==, size / 4 + (size % 4));
    }
}

/* Sent names are bytes and a size: a zero byte inside must not end the world, nor hide what follows. */
static void
test_names_zero_byte (void)
{
  g_autofree char *cleaned = tess_name_clean ("Al\0ice", 6);

  g_assert_true (g_utf8_validate (cleaned, -1, NULL));
  g_assert_true (g_str_has_prefix (cleaned, "Al"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/base/text/vectors", test_vectors);
  g_test_add_func ("/base/text/every-size", test_every_size);
  g_test_add_func ("/base/text/base32-strict", test_base32_strict);
  g_test_add_func ("/base/text/base64-strict", test_base64_strict);
  g_test_add_func ("/base/text/hex-strict", test_hex_strict);
  g_test_add_func ("/base/names/fit", test_names_fit);
  g_test_add_func ("/base/names/refused", test_names_refused);
  g_test_add_func ("/base/names/invisible", test_names_invisible);
  g_test_add_func ("/base/names/cleaned", test_names_cleaned);
  g_test_add_func ("/base/names/long", test_names_long);
  g_test_add_func ("/base/names/zero-byte", test_names_zero_byte);
  return g_test_run ();
}
