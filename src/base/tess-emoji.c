/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-emoji.h"

#include <string.h>

#define JOINER 0x200d
#define KEYCAP 0x20e3
#define AS_EMOJI 0xfe0f
#define FIRST_SYMBOL 0x203c /* below are letters and signs that are text */

static bool
is_between (gunichar c, gunichar first, gunichar last)
{
  return c >= first && c <= last;
}

static bool
is_regional (gunichar c)
{
  return is_between (c, 0x1f1e6, 0x1f1ff);
}

static bool
is_modifier (gunichar c)
{
  return c == AS_EMOJI || is_between (c, 0x1f3fb, 0x1f3ff) || is_between (c, 0xe0020, 0xe007f);
}

/* A few emoji are punctuation or mathematics by their category; each is one by itself or with AS_EMOJI. */
static bool
is_symbol (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  if (c < FIRST_SYMBOL || is_regional (c) || is_modifier (c))
    return false;
  return type == G_UNICODE_OTHER_SYMBOL || c == 0x203c || c == 0x2049 || c == 0x3030 || c == 0x303d || c == 0x2194
         || is_between (c, 0x25fd, 0x25fe) || is_between (c, 0x2934, 0x2935) || is_between (c, 0x2b05, 0x2b07)
         || is_between (c, 0x2795, 0x2797);
}

static const char *
skip_modifiers (const char *at)
{
  while (*at != '\0' && is_modifier (g_utf8_get_char (at)))
    at = g_utf8_next_char (at);
  return at;
}

/* Where the emoji that begins at @at ends, or NULL when none does. */
static const char *
end_of (const char *at)
{
  gunichar first = *at != '\0' ? g_utf8_get_char (at) : 0;
  const char *next = *at != '\0' ? g_utf8_next_char (at) : at;

  if (is_regional (first))
    return is_regional (*next != '\0' ? g_utf8_get_char (next) : 0) ? g_utf8_next_char (next) : NULL;
  if (g_ascii_isdigit ((char) MIN (first, 0x7f)) || first == '#' || first == '*')
    {
      if (*next != '\0' && g_utf8_get_char (next) == AS_EMOJI)
        next = g_utf8_next_char (next);
      return *next != '\0' && g_utf8_get_char (next) == KEYCAP ? g_utf8_next_char (next) : NULL;
    }
  if (!is_symbol (first))
    return NULL;
  next = skip_modifiers (next);
  while (*next != '\0' && g_utf8_get_char (next) == JOINER)
    {
      next = g_utf8_next_char (next);
      if (*next == '\0' || !is_symbol (g_utf8_get_char (next)))
        return NULL;
      next = skip_modifiers (g_utf8_next_char (next));
    }
  return next;
}

bool
tess_emoji_check (const char *text)
{
  const char *end = strlen (text) <= TESS_EMOJI_BYTES_MAX ? end_of (text) : NULL;

  return end != NULL && *end == '\0';
}

unsigned
tess_emoji_count (const char *text, unsigned max)
{
  unsigned count = 0;

  while (*text != '\0')
    {
      const char *end = end_of (text);

      if (*text == ' ' && count > 0)
        {
          text++;
          continue;
        }
      if (end == NULL || end - text > TESS_EMOJI_BYTES_MAX || ++count > max)
        return 0;
      text = end;
    }
  return count;
}
