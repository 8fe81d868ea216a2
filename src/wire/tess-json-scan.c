/* One pass over JSON text, with a stack of its own instead of recursion. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-limits.h"
#include "wire/tess-json-private.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* An open object or array. @names is the set of an object's member names so far, made with its first member; NULL in an array. */
typedef struct {
  bool is_object;
  GHashTable *names;
} Level;

typedef struct {
  const char *at;
  const char *end;
  unsigned depth;
  unsigned values;
  Level levels[TESS_JSON_DEPTH_MAX];
  GString *string; /* the last string, unescaped */
  const char *fault;
} Scan;

static void
scan_clear (Scan *self)
{
  while (self->depth > 0)
    g_clear_pointer (&self->levels[--self->depth].names, g_hash_table_unref);
  g_string_free (self->string, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scan, scan_clear)

static bool
fail (Scan *self, const char *fault)
{
  if (self->fault == NULL)
    self->fault = fault;
  return false;
}

static int
peek (const Scan *self)
{
  return self->at < self->end ? (unsigned char) *self->at : -1;
}

static void
skip_space (Scan *self)
{
  while (self->at < self->end && (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r'))
    self->at++;
}

static bool
take (Scan *self, char c)
{
  if (peek (self) != c)
    return false;
  self->at++;
  return true;
}

/* Four hexadecimal digits. */
static bool
scan_hex (Scan *self, uint32_t *out)
{
  *out = 0;
  for (unsigned i = 0; i < 4; i++)
    {
      int digit = self->at < self->end ? g_ascii_xdigit_value (*self->at) : -1;

      if (digit < 0)
        return fail (self, "a broken escape");
      *out = *out << 4 | (uint32_t) digit;
      self->at++;
    }
  return true;
}

/* Behind `\u`. Surrogates come in pairs, and no character is U+0000. */
static bool
scan_unicode_escape (Scan *self)
{
  uint32_t c = 0;
  uint32_t low = 0;

  if (!scan_hex (self, &c))
    return false;
  if (c >= 0xd800 && c < 0xdc00)
    {
      if (!take (self, '\\') || !take (self, 'u') || !scan_hex (self, &low) || low < 0xdc00 || low > 0xdfff)
        return fail (self, "half a surrogate pair");
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
  else if (c >= 0xdc00 && c <= 0xdfff)
    return fail (self, "half a surrogate pair");
  if (c == 0)
    return fail (self, "the character U+0000");
  g_string_append_unichar (self->string, c);
  return true;
}

static bool
scan_escape (Scan *self)
{
  static const char escapes[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  int c = peek (self);
  const char *found = c > 0 ? strchr (escapes, c) : NULL;

  if (c == -1)
    return fail (self, "a broken escape");
  self->at++;
  if (c == 'u')
    return scan_unicode_escape (self);
  if (found == NULL)
    return fail (self, "a broken escape");
  g_string_append_c (self->string, meanings[found - escapes]);
  return true;
}

/* A string, into self->string. */
static bool
scan_string (Scan *self)
{
  g_string_truncate (self->string, 0);
  if (!take (self, '"'))
    return fail (self, "a string is missing");
  for (;;)
    {
      const char *start = self->at;

      while (self->at < self->end && *self->at != '"' && *self->at != '\\' && (unsigned char) *self->at >= 0x20)
        self->at++;
      g_string_append_len (self->string, start, self->at - start);
      if (take (self, '"'))
        return true;
      if (!take (self, '\\'))
        return fail (self, "a string without an end");
      if (!scan_escape (self))
        return false;
    }
}

static size_t
skip_digits (Scan *self)
{
  const char *start = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return (size_t) (self->at - start);
}

/* A number; one without fraction and exponent fits 64 bits with its sign. */
static bool
scan_number (Scan *self)
{
  const char *start = self->at;
  char digits[24];
  size_t size = 0;
  bool integer = true;

  take (self, '-');
  if (!take (self, '0') && skip_digits (self) == 0)
    return fail (self, "a value is missing");
  if (take (self, '.'))
    {
      integer = false;
      if (skip_digits (self) == 0)
        return fail (self, "a broken number");
    }
  if (take (self, 'e') || take (self, 'E'))
    {
      integer = false;
      if (!take (self, '+'))
        take (self, '-');
      if (skip_digits (self) == 0)
        return fail (self, "a broken number");
    }
  size = (size_t) (self->at - start);
  if (!integer)
    return true;
  if (size >= sizeof digits)
    return fail (self, "a number that is too large");
  memcpy (digits, start, size);
  digits[size] = '\0';
  return g_ascii_string_to_signed (digits, 10, INT64_MIN, INT64_MAX, NULL, NULL) || fail (self, "a number that is too large");
}

static bool
scan_word (Scan *self, const char *word)
{
  size_t size = strlen (word);

  if ((size_t) (self->end - self->at) < size || memcmp (self->at, word, size) != 0)
    return fail (self, "a value is missing");
  self->at += size;
  return true;
}

static bool
open_level (Scan *self, bool is_object)
{
  if (self->depth == TESS_JSON_DEPTH_MAX)
    return fail (self, "too deep");
  self->levels[self->depth++] = (Level) { .is_object = is_object };
  return true;
}

/* `"name":`, which the open object does not have yet. */
static bool
scan_name (Scan *self)
{
  Level *level = &self->levels[self->depth - 1];

  skip_space (self);
  if (!scan_string (self))
    return false;
  if (level->names == NULL)
    level->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_size (level->names) == TESS_JSON_MEMBERS_MAX)
    return fail (self, "too many members");
  if (!g_hash_table_add (level->names, g_strndup (self->string->str, self->string->len)))
    return fail (self, "a member is there twice");
  skip_space (self);
  return take (self, ':') || fail (self, "a colon is missing");
}

/* Behind a value: closes what ends here and moves to the next value. FALSE at the end of the outermost, or at a fault. */
static bool
next_value (Scan *self)
{
  while (self->depth > 0)
    {
      Level *level = &self->levels[self->depth - 1];

      skip_space (self);
      if (take (self, ','))
        return level->is_object ? scan_name (self) : true;
      if (!take (self, level->is_object ? '}' : ']'))
        return fail (self, "a comma or bracket is missing");
      g_clear_pointer (&level->names, g_hash_table_unref);
      self->depth--;
    }
  return false;
}

/* One value, or the beginning of one: TRUE in @inside_out means that its first inner value comes next. */
static bool
scan_value (Scan *self, bool *inside_out)
{
  *inside_out = false;
  if (++self->values > TESS_JSON_VALUES_MAX)
    return fail (self, "too many values");
  skip_space (self);
  switch (peek (self))
    {
    case '{':
    case '[':
      {
        bool is_object = *self->at++ == '{';

        if (!open_level (self, is_object))
          return false;
        skip_space (self);
        if (peek (self) == (is_object ? '}' : ']'))
          return true;
        *inside_out = true;
        return !is_object || scan_name (self);
      }
    case '"':
      return scan_string (self);
    case 't':
      return scan_word (self, "true");
    case 'f':
      return scan_word (self, "false");
    case 'n':
      return scan_word (self, "null");
    default:
      return scan_number (self);
    }
}

const char *
tess_json_scan (const char *text, size_t size)
{
  g_auto (Scan) scan = { .at = text, .end = text + size, .string = g_string_new (NULL) };
  bool inside = false;

  /* g_utf8_validate_len() refuses U+0000 as well. */
  if (!g_utf8_validate_len (text, size, NULL))
    return "not UTF-8";
  skip_space (&scan);
  if (peek (&scan) != '{')
    return "not an object";
  do
    {
      if (!scan_value (&scan, &inside))
        return scan.fault;
    }
  while (inside || next_value (&scan));
  skip_space (&scan);
  if (scan.fault == NULL && scan.at != scan.end)
    return "something follows the object";
  return scan.fault;
}
