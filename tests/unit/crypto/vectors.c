/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vectors.h"

#include <string.h>

static GHashTable *
new_case (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_free);
}

static void
add_field (GHashTable *fields, const char *name, const char *value)
{
  const char *before = g_hash_table_lookup (fields, name);

  g_hash_table_insert (fields, g_strdup (name), g_strconcat (before != NULL ? before : "", value, NULL));
}

GPtrArray *
vectors_load (const char *file)
{
  g_autofree char *path = g_build_filename (TESS_VECTORS, file, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  GPtrArray *cases = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  GHashTable *fields = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL; i++)
    {
      char *equals = strchr (lines[i], '=');

      if (lines[i][0] == '#')
        continue;
      if (lines[i][0] == '\0')
        {
          fields = NULL;
          continue;
        }
      if (fields == NULL)
        g_ptr_array_add (cases, fields = new_case ());
      if (lines[i][0] == ' ')
        {
          add_field (fields, name, g_strstrip (lines[i]));
          continue;
        }
      g_assert_nonnull (equals);
      *equals = '\0';
      g_set_str (&name, g_strstrip (lines[i]));
      add_field (fields, name, g_strstrip (equals + 1));
    }
  g_assert_cmpuint (cases->len, >, 0);
  return cases;
}

const char *
vectors_text (GPtrArray *cases, unsigned index, const char *name)
{
  const char *value = g_hash_table_lookup (g_ptr_array_index (cases, index), name);

  g_assert_nonnull (value);
  return value;
}

bool
vectors_has (GPtrArray *cases, unsigned index, const char *name)
{
  return g_hash_table_contains (g_ptr_array_index (cases, index), name);
}

GByteArray *
vectors_bytes (GPtrArray *cases, unsigned index, const char *name)
{
  const char *value = vectors_text (cases, index, name);
  size_t size = strlen (value) / 2;
  GByteArray *bytes = g_byte_array_new ();

  g_assert_cmpuint (strlen (value) % 2, ==, 0);
  for (size_t i = 0; i < size; i++)
    {
      int high = g_ascii_xdigit_value (value[2 * i]), low = g_ascii_xdigit_value (value[2 * i + 1]);
      uint8_t byte = (uint8_t) (16 * high + low);

      g_assert_true (high >= 0 && low >= 0);
      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

void
vectors_fixed (GPtrArray *cases, unsigned index, const char *name, uint8_t *out, size_t size)
{
  g_autoptr (GByteArray) bytes = vectors_bytes (cases, index, name);

  g_assert_cmpuint (bytes->len, ==, size);
  memcpy (out, bytes->data, size);
}

uint64_t
vectors_number (GPtrArray *cases, unsigned index, const char *name)
{
  return g_ascii_strtoull (vectors_text (cases, index, name), NULL, 10);
}
