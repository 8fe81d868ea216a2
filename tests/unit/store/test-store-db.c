/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tess-store-test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static TessDb *
open_expecting (const char *path, const TessDatabaseKey *key, TessStoreError code)
{
  g_autoptr (GError) error = NULL;
  TessDb *db = tess_db_open (path, key, &error);

  g_assert_null (db);
  g_assert_error (error, TESS_STORE_ERROR, (int) code);
  return db;
}

static char *
one_text (TessDb *db, const char *sql)
{
  g_autoptr (TessQuery) query = tess_db_query (db, sql);
  g_autoptr (GError) error = NULL;
  char *text = tess_query_next (query) ? tess_query_dup_text (query) : NULL;

  tess_query_done (query, &error);
  g_assert_no_error (error);
  return text;
}

static int64_t
count_settings (TessDb *db)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT count (*) FROM settings");

  g_assert_true (tess_query_next (query));
  return tess_query_int (query);
}

static bool
put_setting (TessDb *db, const char *name, const char *value, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "INSERT INTO settings (name, value) VALUES (?, ?)");

  tess_query_bind_text (query, name);
  tess_query_bind_text (query, value);
  return tess_query_run (query, error);
}

/* The engine is SQLCipher, not the SQLite that other libraries bring: the file has no readable header and no readable text. */
static void
test_encrypted (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *version = one_text (self->db, "PRAGMA cipher_version");
  g_autofree char *mode = one_text (self->db, "PRAGMA journal_mode");
  g_autofree char *wal = g_strconcat (self->path, "-wal", NULL);
  struct stat status;

  g_assert_nonnull (version);
  g_assert_cmpint (version[0], >=, '4');
  g_assert_cmpstr (mode, ==, "wal");
  g_assert_true (put_setting (self->db, "needle", "a very readable sentence", &error));
  for (int i = 0; i < 2; i++)
    {
      const char *path = i == 0 ? wal : self->path;
      g_autofree char *contents = NULL;
      gsize size;

      if (i == 1)
        g_clear_pointer (&self->db, tess_db_close);
      g_assert_true (g_file_get_contents (path, &contents, &size, &error));
      g_assert_cmpint (size, >, 4096);
      g_assert_null (memmem (contents, size, "readable", 8));
      g_assert_null (memmem (contents, size, "SQLite format", 13));
      g_assert_null (memmem (contents, size, "settings", 8));
    }
  g_assert_cmpint (stat (self->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
test_settings_of_the_engine (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *sql;
    const char *value;
  } wanted[] = { { "PRAGMA synchronous", "2" }, { "PRAGMA foreign_keys", "1" }, { "PRAGMA secure_delete", "1" },
                 { "PRAGMA temp_store", "2" }, { "PRAGMA trusted_schema", "0" } };

  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autofree char *value = one_text (self->db, wanted[i].sql);

      g_assert_cmpstr (value, ==, wanted[i].value);
    }
}

static void
test_reopen (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TessDatabaseKey other = test_key;

  g_assert_true (put_setting (self->db, "a", "1", &error));
  g_clear_pointer (&self->db, tess_db_close);
  other.bytes[31] ^= 1;
  open_expecting (self->path, &other, TESS_STORE_ERROR_WRONG_KEY);
  self->db = tess_db_open (self->path, &test_key, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_settings (self->db), ==, 1);
  g_assert_cmpint (tess_db_schema_version (self->db), ==, tess_db_schema_newest ());
}

static void
test_rekey (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TessDatabaseKey other = { { 9, 9, 9 } };

  g_assert_true (put_setting (self->db, "a", "1", &error));
  g_assert_true (tess_db_rekey (self->db, &other, &error));
  g_assert_no_error (error);
  g_clear_pointer (&self->db, tess_db_close);
  open_expecting (self->path, &test_key, TESS_STORE_ERROR_WRONG_KEY);
  self->db = tess_db_open (self->path, &other, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_settings (self->db), ==, 1);
}

static void
flip_bytes (const char *path, off_t from, off_t size)
{
  int fd = open (path, O_RDWR | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  for (off_t at = from; at < from + size; at++)
    {
      uint8_t byte;

      if (pread (fd, &byte, 1, at) != 1)
        break;
      byte ^= 0x55;
      g_assert_cmpint (pwrite (fd, &byte, 1, at), ==, 1);
    }
  close (fd);
}

/* Each page is authenticated: what was changed on the disk is told, never read. */
static void
test_damaged_pages (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *big = g_strnfill (200000, 'x');

  g_assert_true (put_setting (self->db, "big", big, &error));
  g_clear_pointer (&self->db, tess_db_close);
  flip_bytes (self->path, 4096L * 60, 4096 * 16);
  self->db = tess_db_open (self->path, &test_key, &error);
  if (self->db != NULL)
    {
      g_autoptr (TessQuery) query = tess_db_query (self->db, "SELECT value FROM settings");

      while (tess_query_next (query))
        g_free (tess_query_dup_text (query));
      g_assert_false (tess_query_done (query, &error));
    }
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED);
  g_clear_pointer (&self->db, tess_db_close);

  flip_bytes (self->path, 100, 50);
  open_expecting (self->path, &test_key, TESS_STORE_ERROR_WRONG_KEY);
}

static void
test_files_that_are_no_database (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *missing = g_build_filename (self->dir, "no", "such", "directory", NULL);

  g_assert_true (g_file_set_contents (self->path, "just some text, long enough to be looked at", -1, &error));
  open_expecting (self->path, &test_key, TESS_STORE_ERROR_WRONG_KEY);
  open_expecting (self->dir, &test_key, TESS_STORE_ERROR_IO);
  open_expecting (missing, &test_key, TESS_STORE_ERROR_IO);
}

/* Nobody, root neither, makes files among the terminals. */
static void
test_no_permission (Fixture *self, gconstpointer data)
{
  open_expecting ("/dev/pts/database", &test_key, TESS_STORE_ERROR_READ_ONLY);
  if (geteuid () == 0)
    return;
  g_assert_cmpint (g_chmod (self->dir, 0500), ==, 0);
  open_expecting (self->path, &test_key, TESS_STORE_ERROR_READ_ONLY);
  g_assert_cmpint (g_chmod (self->dir, 0700), ==, 0);
}

static void
test_newer (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (tess_db_execute (self->db, "PRAGMA user_version = 1000", &error));
  g_clear_pointer (&self->db, tess_db_close);
  open_expecting (self->path, &test_key, TESS_STORE_ERROR_NEWER);
}

static void
test_transactions (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (tess_db_begin (self->db, &error));
  g_assert_true (put_setting (self->db, "a", "1", &error));
  g_assert_true (tess_db_begin (self->db, &error));
  g_assert_true (put_setting (self->db, "b", "1", &error));
  tess_db_rollback (self->db);
  g_assert_true (tess_db_begin (self->db, &error));
  g_assert_true (put_setting (self->db, "c", "1", &error));
  g_assert_true (tess_db_commit (self->db, &error));
  g_assert_cmpint (count_settings (self->db), ==, 2);
  g_assert_true (tess_db_commit (self->db, &error));
  g_assert_cmpint (count_settings (self->db), ==, 2);

  g_assert_true (tess_db_begin (self->db, &error));
  g_assert_true (put_setting (self->db, "d", "1", &error));
  tess_db_rollback (self->db);
  g_assert_cmpint (count_settings (self->db), ==, 2);

  g_assert_true (tess_db_begin_read (self->db, &error));
  g_assert_cmpint (count_settings (self->db), ==, 2);
  g_assert_false (put_setting (self->db, "e", "1", &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_true (tess_db_commit (self->db, &error));
  g_assert_true (put_setting (self->db, "e", "1", &error));
}

/* The n-th write fails, whichever it is, and leaves nothing of its transaction. */
static void
test_failing_writes (Fixture *self, gconstpointer data)
{
  for (unsigned n = 1; n <= 4; n++)
    {
      g_autoptr (GError) error = NULL;
      bool done;

      tess_db_fail_write (self->db, n);
      g_assert_true (tess_db_begin (self->db, &error));
      done = put_setting (self->db, "a", "1", &error) && put_setting (self->db, "b", "1", &error);
      if (!done)
        tess_db_rollback (self->db);
      else
        done = tess_db_commit (self->db, &error);
      g_assert_cmpint (done, ==, n == 4);
      if (n < 4)
        g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FULL);
      g_assert_cmpint (count_settings (self->db), ==, n < 4 ? 0 : 2);
    }
}

static void
test_full (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *big = g_strnfill (500000, 'x');

  g_assert_true (put_setting (self->db, "a", "1", &error));
  {
    g_autoptr (TessQuery) limit = tess_db_query (self->db, "PRAGMA max_page_count = 60");

    g_assert_true (tess_query_run (limit, &error));
  }
  g_assert_true (tess_db_begin (self->db, &error));
  g_assert_true (put_setting (self->db, "b", "1", &error));
  g_assert_false (put_setting (self->db, "big", big, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FULL);
  g_clear_error (&error);
  /* Whoever missed the fault cannot go on outside of the transaction. */
  if (put_setting (self->db, "c", "1", &error))
    g_assert_true (tess_db_commit (self->db, &error));
  else
    tess_db_rollback (self->db);
  g_clear_error (&error);
  g_assert_true (put_setting (self->db, "d", "1", &error));
}

static void
test_sticky_errors (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessQuery) nonsense = tess_db_query (self->db, "SELECT nothing FROM nowhere");
  g_autoptr (TessQuery) few = tess_db_query (self->db, "SELECT 1 WHERE ? = ?");
  g_autoptr (TessQuery) columns = tess_db_query (self->db, "SELECT 7");
  g_autoptr (TessQuery) sizes = tess_db_query (self->db, "SELECT x'0102', NULL, x'01'");
  uint8_t bytes[2] = { 9, 9 };

  tess_query_bind_int (nonsense, 1);
  g_assert_false (tess_query_next (nonsense));
  g_assert_cmpint (tess_query_int (nonsense), ==, 0);
  g_assert_null (tess_query_text (nonsense));
  g_assert_false (tess_query_done (nonsense, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FAILED);
  g_clear_error (&error);

  tess_query_bind_int (few, 1);
  g_assert_false (tess_query_run (few, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FAILED);
  g_clear_error (&error);

  g_assert_true (tess_query_next (columns));
  g_assert_cmpint (tess_query_int (columns), ==, 7);
  g_assert_cmpint (tess_query_int (columns), ==, 0);
  g_assert_false (tess_query_done (columns, NULL));

  g_assert_true (tess_query_next (sizes));
  tess_query_copy (sizes, bytes, 2);
  g_assert_cmpint (bytes[1], ==, 2);
  g_assert_false (tess_query_copy_or_zero (sizes, bytes, 2));
  g_assert_cmpint (bytes[0], ==, 0);
  g_assert_true (tess_query_done (sizes, NULL));
  tess_query_copy (sizes, bytes, 2);
  g_assert_false (tess_query_done (sizes, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED);
}

static void
test_values (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessQuery) query = tess_db_query (self->db, "SELECT ?, ?, ?, ?, ?");
  g_autoptr (TessQuery) again = tess_db_query (self->db, "SELECT ?, ?, ?, ?, ?");
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) found = NULL;
  size_t size;

  for (int round = 0; round < 2; round++)
    {
      TessQuery *one = round == 0 ? query : again;

      tess_query_bind_int (one, INT64_MIN);
      tess_query_bind_text (one, "ünïcode");
      tess_query_bind_blob (one, "\0\1", 2);
      tess_query_bind_bytes (one, empty);
      tess_query_bind_null (one);
      g_assert_true (tess_query_next (one));
      g_assert_cmpint (tess_query_int (one), ==, INT64_MIN);
      g_assert_cmpstr (tess_query_text (one), ==, "ünïcode");
      g_assert_nonnull (tess_query_blob (one, &size));
      g_assert_cmpint (size, ==, 2);
      g_clear_pointer (&found, g_bytes_unref);
      found = tess_query_dup_bytes (one);
      g_assert_nonnull (found);
      g_assert_cmpint (g_bytes_get_size (found), ==, 0);
      g_assert_null (tess_query_dup_text (one));
      g_assert_false (tess_query_next (one));
      g_assert_false (tess_query_next (one));
      g_assert_true (tess_query_done (one, &error));
    }
  /* A query can be bound and run again. */
  for (int i = 0; i < 5; i++)
    tess_query_bind_int (query, i);
  g_assert_true (tess_query_next (query));
  g_assert_cmpint (tess_query_int (query), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define ADD(name, function) g_test_add ("/store/db/" name, Fixture, NULL, fixture_set_up_open, function, fixture_tear_down)
  ADD ("encrypted", test_encrypted);
  ADD ("settings", test_settings_of_the_engine);
  ADD ("reopen", test_reopen);
  ADD ("rekey", test_rekey);
  ADD ("damaged-pages", test_damaged_pages);
  ADD ("newer", test_newer);
  ADD ("transactions", test_transactions);
  ADD ("failing-writes", test_failing_writes);
  ADD ("full", test_full);
  ADD ("sticky-errors", test_sticky_errors);
  ADD ("values", test_values);
#undef ADD
  g_test_add ("/store/db/no-database", Fixture, NULL, fixture_set_up, test_files_that_are_no_database, fixture_tear_down);
  g_test_add ("/store/db/no-permission", Fixture, NULL, fixture_set_up, test_no_permission, fixture_tear_down);
  return g_test_run ();
}
