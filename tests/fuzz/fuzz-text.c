/* Encodings and names. What decodes encodes to the same text; what does not leaves zeros; a name that may be shown is what its
 * header promises, and cleaning it again changes nothing. Input: the kind, a size, the text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "base/tess-limits.h"
#include "base/tess-text.h"

#include <string.h>

static void
check_base32 (const uint8_t *data, size_t size, size_t want)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *encoded = tess_base32_encode (data, size);
  g_autofree uint8_t *out = g_malloc0 (MAX (want, 1));
  g_autofree uint8_t *back = g_malloc0 (MAX (size, 1));

  g_assert_true (tess_base32_decode (encoded, strlen (encoded), back, size));
  g_assert_cmpmem (back, size, data, size);
  if (tess_base32_decode (text, size, out, want))
    {
      g_autofree char *again = tess_base32_encode (out, want);

      g_assert_cmpint (g_ascii_strncasecmp (again, text, size), ==, 0);
      g_assert_cmpuint (strlen (again), ==, size);
    }
  else
    g_assert_true (fuzz_is_zero (out, want));
}

static void
check_base64 (const uint8_t *data, size_t size, size_t want)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *encoded = tess_base64_encode (data, size);
  g_autofree uint8_t *out = g_malloc0 (MAX (want, 1));
  g_autoptr (GBytes) bytes = tess_base64_decode_bytes (text, want);
  g_autoptr (GBytes) back = tess_base64_decode_bytes (encoded, size);

  g_assert_nonnull (back);
  g_assert_cmpmem (g_bytes_get_data (back, NULL), g_bytes_get_size (back), data, size);
  if (bytes != NULL)
    {
      g_autofree char *again = tess_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

      g_assert_cmpuint (g_bytes_get_size (bytes), <=, want);
      g_assert_cmpstr (again, ==, text);
    }
  if (tess_base64_decode (text, out, want))
    {
      g_assert_nonnull (bytes);
      g_assert_cmpmem (out, want, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  else
    {
      g_assert_true (fuzz_is_zero (out, want));
      g_assert_true (bytes == NULL || g_bytes_get_size (bytes) != want);
    }
}

static void
check_hex (const uint8_t *data, size_t size, size_t want)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *encoded = tess_hex_encode (data, size);
  g_autofree uint8_t *out = g_malloc0 (MAX (want, 1));
  g_autofree uint8_t *back = g_malloc0 (MAX (size, 1));

  g_assert_true (tess_hex_decode (encoded, back, size));
  g_assert_cmpmem (back, size, data, size);
  if (tess_hex_decode (text, out, want))
    {
      g_autofree char *again = tess_hex_encode (out, want);

      g_assert_cmpstr (again, ==, text);
    }
  else
    g_assert_true (fuzz_is_zero (out, want));
}

static void
check_fit (const char *name)
{
  g_autofree char *normal = g_utf8_normalize (name, -1, G_NORMALIZE_NFC);

  g_assert_true (g_utf8_validate (name, -1, NULL));
  g_assert_cmpstr (normal, ==, name);
  g_assert_cmpint (g_utf8_strlen (name, -1), <=, TESS_NAME_CHARS_MAX);
  g_assert_cmpuint (strlen (name), <=, TESS_NAME_BYTES_MAX);
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      g_assert_false (g_unichar_iscntrl (c));
      g_assert_false (c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
      g_assert_false (c == 0x200b || c == 0xfeff || c == 0x200e || c == 0x200f);
      g_assert_false (g_unichar_isspace (c) && c != ' ');
    }
  g_assert_false (name[0] == ' ' || g_str_has_suffix (name, " ") || strstr (name, "  ") != NULL);
}

static void
check_name (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *clean = tess_name_clean (text, strlen (text));
  g_autofree char *again = tess_name_clean (clean, strlen (clean));
  const char *reason = NULL;
  g_autofree char *checked = tess_name_check (text, &reason);

  check_fit (clean);
  g_assert_cmpstr (again, ==, clean);
  g_assert_cmpint (checked == NULL, ==, reason != NULL);
  if (checked == NULL)
    return;
  check_fit (checked);
  g_assert_cmpstr (checked, !=, "");
  g_assert_cmpstr (checked, ==, clean);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  if (data[0] % 4 == 0)
    check_base32 (data + 2, size - 2, data[1] % 80);
  else if (data[0] % 4 == 1)
    check_base64 (data + 2, size - 2, data[1]);
  else if (data[0] % 4 == 2)
    check_hex (data + 2, size - 2, data[1] % 80);
  else
    check_name (data + 2, size - 2);
  return 0;
}
