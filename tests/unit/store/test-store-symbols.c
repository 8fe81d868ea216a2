/* SQLCipher and the SQLite that libsoup brings export the same names: each must stay with its own. This program links both, as
 * the app and the command line do.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tess-store-test.h"

#include <dlfcn.h>
#include <libsoup/soup.h>
#include <sqlite3.h>

static const char *
object_of (void *symbol)
{
  Dl_info info;

  g_assert_cmpint (dladdr (symbol, &info), !=, 0);
  return info.dli_fname;
}

/* What other libraries find under SQLite's names is SQLite. */
static void
test_not_exported (void)
{
  static const char *const names[] = { "sqlite3_open", "sqlite3_open_v2", "sqlite3_prepare_v2", "sqlite3_step",
                                       "sqlite3_libversion", "sqlite3_config", "sqlite3_free" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      void *symbol = dlsym (RTLD_DEFAULT, names[i]);

      g_assert_nonnull (symbol);
      g_assert_nonnull (strstr (object_of (symbol), "libsqlite3.so"));
    }
  g_assert_null (dlsym (RTLD_DEFAULT, "sqlite3_key"));
  g_assert_null (dlsym (RTLD_DEFAULT, "sqlcipher_codec_ctx_get_kdf_salt"));
}

/* What our code calls is SQLCipher, linked into this very program. */
static void
test_ours (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *object = object_of ((void *) sqlite3_open_v2);

  g_assert_true (g_str_has_suffix (self, strrchr (object, '/') != NULL ? strrchr (object, '/') : object));
  g_assert_true ((void *) sqlite3_open_v2 != dlsym (RTLD_DEFAULT, "sqlite3_open_v2"));
  g_assert_true ((void *) sqlite3_key != NULL);
}

/* Both engines at work in one process, on their own files. */
static void
test_side_by_side (Fixture *fixture, gconstpointer data)
{
  int (*shared_open) (const char *, sqlite3 **) = dlsym (RTLD_DEFAULT, "sqlite3_open");
  int (*shared_exec) (sqlite3 *, const char *, void *, void *, char **) = dlsym (RTLD_DEFAULT, "sqlite3_exec");
  int (*shared_close) (sqlite3 *) = dlsym (RTLD_DEFAULT, "sqlite3_close");
  const char *(*shared_version) (void) = dlsym (RTLD_DEFAULT, "sqlite3_libversion");
  g_autofree char *plain_path = g_build_filename (fixture->dir, "plain", NULL);
  g_autofree char *plain = NULL;
  g_autofree char *encrypted = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TessQuery) query = tess_db_query (fixture->db, "PRAGMA cipher_version");
  sqlite3 *handle = NULL;

  g_test_message ("SQLite %s, libsoup %u.%u", shared_version (), soup_get_major_version (), soup_get_minor_version ());
  g_assert_cmpint (shared_open (plain_path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (shared_exec (handle, "CREATE TABLE t (x); INSERT INTO t VALUES (1)", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_true (tess_query_next (query));
  g_test_message ("SQLCipher %s", tess_query_text (query));
  g_assert_true (tess_db_execute (fixture->db, "INSERT INTO settings (name, value) VALUES ('a', 1)", &error));
  g_assert_cmpint (shared_close (handle), ==, SQLITE_OK);
  g_clear_pointer (&query, tess_query_free);
  g_clear_pointer (&fixture->db, tess_db_close);

  g_assert_true (g_file_get_contents (plain_path, &plain, NULL, &error));
  g_assert_true (g_file_get_contents (fixture->path, &encrypted, NULL, &error));
  g_assert_cmpmem (plain, 15, "SQLite format 3", 15);
  g_assert_cmpint (memcmp (encrypted, "SQLite format 3", 15), !=, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/store/symbols/not-exported", test_not_exported);
  g_test_add_func ("/store/symbols/ours", test_ours);
  g_test_add ("/store/symbols/side-by-side", Fixture, NULL, fixture_set_up_open, test_side_by_side, fixture_tear_down);
  return g_test_run ();
}
