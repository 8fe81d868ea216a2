/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-text.h"

#include "base/tess-limits.h"

#include <sodium.h>
#include <string.h>

#define N_(text) text

/* Codes and capabilities are written and read in base32: no index and no branch tells by its time which digits they have. */
static char
base32_digit (uint32_t value)
{
  /* After 'Z' comes '2', 41 places below where the letters would go on. */
  return (char) ('A' + value - (((25 - value) >> 8) & 41));
}

/* All bits when @low <= @c <= @high, else none. */
static uint32_t
between (uint32_t c, uint32_t low, uint32_t high)
{
  return (((c - low) | (high - c)) >> 31) - 1;
}

/* The value of digit @c; @bad_inout gets bits when it is none. */
static uint32_t
base32_value (uint32_t c, uint32_t *bad_inout)
{
  uint32_t upper = between (c, 'A', 'Z'), lower = between (c, 'a', 'z'), number = between (c, '2', '7');

  *bad_inout |= ~(upper | lower | number);
  return (upper & (c - 'A')) | (lower & (c - 'a')) | (number & (c - '2' + 26));
}

char *
tess_base32_encode (const uint8_t *data, size_t size)
{
  char *text = g_malloc ((size * 8 + 4) / 5 + 1);
  size_t written = 0;
  uint32_t bits = 0;
  unsigned held = 0;

  for (size_t i = 0; i < size; i++)
    {
      bits = bits << 8 | data[i];
      held += 8;
      for (; held >= 5; held -= 5)
        text[written++] = base32_digit (bits >> (held - 5) & 31);
      bits &= (1u << held) - 1;
    }
  if (held > 0)
    text[written++] = base32_digit (bits << (5 - held) & 31);
  text[written] = '\0';
  return text;
}

bool
tess_base32_decode (const char *text, size_t length, uint8_t *out, size_t size)
{
  uint32_t bits = 0, bad = 0;
  unsigned held = 0;
  size_t written = 0;

  memset (out, 0, size);
  if (length != (size * 8 + 4) / 5)
    return false;
  for (size_t i = 0; i < length; i++)
    {
      bits = bits << 5 | base32_value ((uint8_t) text[i], &bad);
      held += 5;
      if (held >= 8)
        {
          held -= 8;
          out[written++] = (uint8_t) (bits >> held);
        }
      bits &= (1u << held) - 1;
    }
  bad |= bits;
  if (sodium_is_zero ((const uint8_t *) &bad, sizeof bad))
    return true;
  memset (out, 0, size);
  return false;
}

char *
tess_base64_encode (const uint8_t *data, size_t size)
{
  size_t room = sodium_base64_encoded_len (size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  char *text = g_malloc (room);

  return sodium_bin2base64 (text, room, data, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* libsodium takes every byte above 0x7f for the last digit of the alphabet: the two below let it see ASCII only. */

bool
tess_base64_decode (const char *text, uint8_t *out, size_t size)
{
  size_t length = 0;

  if (text != NULL && g_str_is_ascii (text) && strlen (text) == (size * 8 + 5) / 6
      && sodium_base642bin (out, size, text, strlen (text), NULL, &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0
      && length == size)
    return true;
  memset (out, 0, size);
  return false;
}

GBytes *
tess_base64_decode_bytes (const char *text, size_t max)
{
  g_autofree uint8_t *data = NULL;
  size_t length = 0;
  size_t characters = text != NULL ? strlen (text) : 0;
  size_t size = characters / 4 * 3 + characters % 4 * 6 / 8;

  if (text == NULL || !g_str_is_ascii (text) || size > max)
    return NULL;
  data = g_malloc (size + 1);
  if (sodium_base642bin (data, size, text, characters, NULL, &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&data), length);
}

char *
tess_hex_encode (const uint8_t *data, size_t size)
{
  char *text = g_malloc (size * 2 + 1);

  return sodium_bin2hex (text, size * 2 + 1, data, size);
}

bool
tess_hex_decode (const char *text, uint8_t *out, size_t size)
{
  size_t length = 0;

  if (text != NULL && strlen (text) == size * 2 && strspn (text, "0123456789abcdef") == size * 2
      && sodium_hex2bin (out, size, text, size * 2, NULL, &length, NULL) == 0 && length == size)
    return true;
  memset (out, 0, size);
  return false;
}

/* Characters that change how the text around them reads, or that nobody can see. U+200D joins emoji and U+200C is ordinary
 * spelling in Persian: both stay. */
static bool
name_refuses (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return true;
    case G_UNICODE_FORMAT:
      return c != 0x200c && c != 0x200d && !(c >= 0xe0020 && c <= 0xe007f);
    default:
      return false;
    }
}

/* Something in it can be seen: a name of joiners, marks and letters that are blank by design would look like no name. */
static bool
name_shows (const char *name)
{
  static const gunichar blank[] = { 0x115f, 0x1160, 0x2800, 0x3164, 0xffa0 };

  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      bool seen = g_unichar_isgraph (c) && !g_unichar_ismark (c) && g_unichar_type (c) != G_UNICODE_FORMAT;

      for (size_t i = 0; i < G_N_ELEMENTS (blank); i++)
        seen = seen && c != blank[i];
      if (seen)
        return true;
    }
  return false;
}

/* Folds white space and drops refused characters; counts the dropped ones. */
static char *
name_fold (const char *name, size_t *dropped_out)
{
  GString *folded = g_string_new (NULL);
  bool space = false;

  *dropped_out = 0;
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_isspace (c) && c != 0x2028 && c != 0x2029 && c != '\n' && c != '\r')
        space = true;
      else if (name_refuses (c))
        ++*dropped_out;
      else
        {
          if (space && folded->len > 0)
            g_string_append_c (folded, ' ');
          space = false;
          g_string_append_unichar (folded, c);
        }
    }
  return g_string_free (folded, FALSE);
}

char *
tess_name_check (const char *name, const char **reason_out)
{
  g_autofree char *normal = NULL;
  g_autofree char *folded = NULL;
  size_t dropped = 0;

  *reason_out = NULL;
  normal = g_utf8_validate (name, -1, NULL) ? g_utf8_normalize (name, -1, G_NORMALIZE_NFC) : NULL;
  folded = normal != NULL ? name_fold (normal, &dropped) : NULL;
  if (folded == NULL)
    *reason_out = N_ ("The name is not valid text.");
  else if (dropped > 0)
    *reason_out = N_ ("The name contains characters that cannot be shown.");
  else if (!name_shows (folded))
    *reason_out = N_ ("The name is empty.");
  else if (g_utf8_strlen (folded, -1) > TESS_NAME_CHARS_MAX || strlen (folded) > TESS_NAME_BYTES_MAX)
    *reason_out = N_ ("The name is too long: 64 characters are the most.");
  return *reason_out == NULL ? g_steal_pointer (&folded) : NULL;
}

char *
tess_name_clean (const char *name, size_t size)
{
  g_autofree char *valid = g_utf8_make_valid (name, (gssize) MIN (size, 4 * TESS_NAME_BYTES_MAX));
  size_t dropped = 0;
  g_autofree char *fit = name_fold (valid, &dropped);
  /* Last: what is dropped may have stood between a letter and its accent. A beginning of normal text is normal. */
  char *folded = g_utf8_normalize (fit, -1, G_NORMALIZE_NFC);

  if (g_utf8_strlen (folded, -1) > TESS_NAME_CHARS_MAX)
    *g_utf8_offset_to_pointer (folded, TESS_NAME_CHARS_MAX) = '\0';
  while (strlen (folded) > TESS_NAME_BYTES_MAX)
    *g_utf8_find_prev_char (folded, folded + strlen (folded)) = '\0';
  if (!name_shows (folded))
    *folded = '\0';
  return g_strchomp (folded);
}
