/* What the store's tests share. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-db.h"
#include "store/tess-store-error.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

static const TessDatabaseKey test_key = { { 1, 2, 3, 4, 5, 6, 7, 8, 9 } };

/* A fresh directory that goes with the test: a database path in it. */
typedef struct {
  char *dir;
  char *path;
  TessDb *db;
} Fixture;

static inline void
test_remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        test_remove_tree (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static inline void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->dir = g_dir_make_tmp ("tess-store-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->dir, "database", NULL);
}

static inline void
fixture_set_up_open (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_set_up (self, data);
  self->db = tess_db_open (self->path, &test_key, &error);
  g_assert_no_error (error);
}

static inline void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->db, tess_db_close);
  test_remove_tree (self->dir);
  g_free (self->dir);
  g_free (self->path);
}

/* @size bytes that tell apart what each was made for. */
static inline void
fill (uint8_t *out, size_t size, unsigned seed)
{
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t) (seed * 31 + seed / 8 + i * 7);
  if (size >= sizeof seed)
    memcpy (out, &seed, sizeof seed);
}
