/* The document, the draws, and bytes that differ from others. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-bytes.h"
#include "base/tess-random.h"
#include "base/tess-text.h"
#include "crypto/tess-crypto-error.h"
#include "vectors.h"

#include <stdio.h>
#include <string.h>

static GString *document;
static unsigned depth;
static char closers[16];
static bool empty = true;

static GPtrArray *draws; /* of GBytes */
static GPtrArray *written;
static uint32_t draw_number;

static void
begin (const char *name)
{
  if (document == NULL)
    document = g_string_new (NULL);
  if (depth > 0)
    g_string_append_printf (document, "%s\n%*s", empty ? "" : ",", (int) depth, "");
  empty = false;
  if (name != NULL)
    g_string_append_printf (document, "\"%s\": ", name);
}

static void
open_with (const char *name, char opener, char closer)
{
  g_assert_cmpuint (depth, <, sizeof closers);
  begin (name);
  g_string_append_c (document, opener);
  closers[depth++] = closer;
  empty = true;
}

void
out_object (const char *name)
{
  open_with (name, '{', '}');
}

void
out_array (const char *name)
{
  open_with (name, '[', ']');
}

void
out_end (void)
{
  g_assert_cmpuint (depth, >, 0);
  depth--;
  if (!empty)
    g_string_append_printf (document, "\n%*s", (int) depth, "");
  g_string_append_c (document, closers[depth]);
  empty = false;
}

void
out_text (const char *name, const char *text)
{
  begin (name);
  g_string_append_c (document, '"');
  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at == '"' || *at == '\\')
        g_string_append_printf (document, "\\%c", *at);
      else if ((unsigned char) *at < 0x20)
        g_string_append_printf (document, "\\u%04x", (unsigned) *at);
      else
        g_string_append_c (document, *at);
    }
  g_string_append_c (document, '"');
}

void
out_number (const char *name, uint64_t number)
{
  begin (name);
  g_string_append_printf (document, "%" G_GUINT64_FORMAT, number);
}

void
out_bool (const char *name, bool value)
{
  begin (name);
  g_string_append (document, value ? "true" : "false");
}

void
out_hex (const char *name, const void *data, size_t size)
{
  g_autofree char *hex = tess_hex_encode (data, size);

  out_text (name, hex);
}

void
out_bytes (const char *name, GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  out_hex (name, data, size);
}

void
out_hash (const char *name, const void *data, size_t size)
{
  uint8_t hash[32];

  crypto_hash_sha256 (hash, data, size);
  out_hex (name, hash, sizeof hash);
}

/* Where two texts part, as a line's number and the beginning of both lines. */
static void
say_difference (const char *stands, const char *made)
{
  unsigned line = 1;
  size_t at = 0, start = 0;

  for (; stands[at] == made[at] && stands[at] != '\0'; at++)
    {
      if (stands[at] != '\n')
        continue;
      line++;
      start = at + 1;
    }
  start = MAX (start, at < 40 ? 0 : at - 40);
  fprintf (stderr, "line %u differs:\n  the file: %.120s\n  now made: %.120s\n", line, stands + start, made + start);
}

bool
out_write (const char *path, bool compare)
{
  g_autofree char *stands = NULL;
  g_autoptr (GError) error = NULL;
  bool same = true;

  g_assert_cmpuint (depth, ==, 0);
  g_string_append_c (document, '\n');
  if (!compare)
    {
      g_file_set_contents (path, document->str, (gssize) document->len, &error);
      g_assert_no_error (error);
    }
  else
    {
      g_file_get_contents (path, &stands, NULL, &error);
      g_assert_no_error (error);
      same = strcmp (stands, document->str) == 0;
      if (!same)
        say_difference (stands, document->str);
    }
  g_string_free (g_steal_pointer (&document), TRUE);
  return same;
}

/* Draw n is as much as is asked for of SHA-256 ("Tessera-v1 vectors" || n || 0) || SHA-256 ("Tessera-v1 vectors" || n || 1) …, n
 * and the block's number as u32. */
static bool
stated_source (uint8_t *out, size_t size, void *data)
{
  for (size_t done = 0, block = 0; done < size; done += 32, block++)
    {
      uint8_t input[64], hash[32];
      TessWriter writer;

      tess_writer_init (&writer, input, sizeof input);
      tess_writer_label (&writer, "Tessera-v1 vectors");
      tess_writer_u32 (&writer, draw_number);
      tess_writer_u32 (&writer, (uint32_t) block);
      crypto_hash_sha256 (hash, input, writer.size);
      memcpy (out + done, hash, MIN (size - done, sizeof hash));
    }
  draw_number++;
  g_ptr_array_add (draws, g_bytes_new (out, size));
  return true;
}

void
drawn_begin (void)
{
  draws = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  written = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  tess_random_set_source (stated_source, NULL);
}

const uint8_t *
drawn_out (const char *name, size_t size)
{
  GBytes *draw;

  g_assert_cmpuint (draws->len, >, 0);
  draw = g_ptr_array_steal_index (draws, 0);
  g_ptr_array_add (written, draw);
  g_assert_cmpuint (g_bytes_get_size (draw), ==, size);
  if (name != NULL)
    out_bytes (name, draw);
  return g_bytes_get_data (draw, NULL);
}

void
drawn_end (void)
{
  g_assert_cmpuint (draws->len, ==, 0);
  g_ptr_array_set_size (written, 0);
}

void
drawn_drop (void)
{
  g_ptr_array_set_size (draws, 0);
  drawn_end ();
}

Patch
patch_begin (const void *base, size_t size)
{
  Patch patch = { .bytes = g_byte_array_new () };

  g_byte_array_append (patch.bytes, base, (unsigned) size);
  out_array ("changes");
  return patch;
}

void
patch_at (Patch *self, size_t at, const void *bytes, size_t size)
{
  g_assert_cmpuint (at, <=, self->bytes->len);
  if (at + size > self->bytes->len)
    g_byte_array_set_size (self->bytes, (unsigned) (at + size));
  memcpy (self->bytes->data + at, bytes, size);
  out_object (NULL);
  out_number ("at", at);
  out_hex ("bytes", bytes, size);
  out_end ();
}

GBytes *
patch_end (Patch *self, size_t length)
{
  out_end ();
  if (length != 0)
    {
      g_assert_cmpuint (length, <, self->bytes->len);
      out_number ("length", length);
      g_byte_array_set_size (self->bytes, (unsigned) length);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&self->bytes));
}

const char *
verdict_of (bool good, GError **error)
{
  const char *word = good ? "ok" : "refused";

  g_assert_true (good == (*error == NULL));
  if (g_error_matches (*error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH))
    word = "auth";
  else if (g_error_matches (*error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DUPLICATE))
    word = "duplicate";
  else if (g_error_matches (*error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED))
    word = "damaged";
  g_clear_error (error);
  return word;
}
