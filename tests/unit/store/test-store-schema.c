/* A dump of each schema version, with a row in every table, opens as the newest version: nothing is lost, and it ends up as a
 * fresh database does.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tess-store-test.h"

#include "store/tess-queries-contacts.h"
#include "store/tess-queries-messages.h"
#include "store/tess-queries-search.h"
#include "store/tess-queries-sessions.h"
#include "store/tess-sqlite-memory.h"

#include <sqlite3.h>

/* Makes the database of the dump, in SQLCipher but past our own code. */
static void
load_dump (const char *path, const char *dump)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, dump, NULL);
  g_autofree char *sql = NULL;
  g_autofree char *hex = g_malloc0 (68);
  g_autoptr (GError) error = NULL;
  sqlite3 *handle = NULL;

  g_assert_true (g_file_get_contents (file, &sql, NULL, &error));
  memcpy (hex, "x'", 2);
  sodium_bin2hex (hex + 2, 65, test_key.bytes, 32);
  hex[66] = '\'';
  g_assert_true (tess_sqlite_wipes_memory ());
  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_key (handle, hex, 67), ==, SQLITE_OK);
  if (sqlite3_exec (handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", dump, sqlite3_errmsg (handle));
  g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);
}

/* Every table and index, in order of name, as one text. */
static char *
schema_of (TessDb *db)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name");
  GString *text = g_string_new (NULL);

  while (tess_query_next (query))
    {
      g_string_append (text, tess_query_text (query));
      g_string_append_printf (text, ": %s\n", tess_query_text (query));
    }
  g_assert_true (tess_query_done (query, NULL));
  return g_string_free (text, FALSE);
}

static void
assert_sound (TessDb *db)
{
  g_autoptr (TessQuery) keys = tess_db_query (db, "PRAGMA foreign_key_check");
  g_autoptr (TessQuery) integrity = tess_db_query (db, "PRAGMA integrity_check");
  g_autoptr (TessQuery) cipher = tess_db_query (db, "PRAGMA cipher_integrity_check");

  g_assert_false (tess_query_next (keys));
  g_assert_true (tess_query_next (integrity));
  g_assert_cmpstr (tess_query_text (integrity), ==, "ok");
  g_assert_false (tess_query_next (cipher));
}

static void
test_migrates (Fixture *self, gconstpointer dump)
{
  g_autofree char *fresh_path = g_build_filename (self->dir, "fresh", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TessDb) fresh = tess_db_open (fresh_path, &test_key, &error);
  g_autofree char *wanted = schema_of (fresh);
  g_autofree char *found = NULL;
  g_autoptr (GPtrArray) contacts = NULL;
  g_autoptr (GPtrArray) messages = NULL;
  g_autoptr (GPtrArray) hits = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (TessSessionRow) session = NULL;
  const char *words[] = { "hello", NULL };
  bool more;

  load_dump (self->path, dump);
  self->db = tess_db_open (self->path, &test_key, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tess_db_schema_version (self->db), ==, tess_db_schema_newest ());
  found = schema_of (self->db);
  g_assert_cmpstr (found, ==, wanted);
  assert_sound (self->db);

  g_assert_true (tess_db_contact_list (self->db, &contacts, &error));
  g_assert_cmpint (contacts->len, ==, 1);
  g_assert_cmpstr (((TessContactRow *) contacts->pdata[0])->name, ==, "Bob");
  g_assert_true (tess_db_device_list (self->db, 1, &devices, &error));
  g_assert_cmpint (devices->len, ==, 1);
  g_assert_cmpint (((TessDeviceRow *) devices->pdata[0])->seen, ==, 1100); /* with its contact, before version 5 */
  g_assert_true (tess_db_message_page_before (self->db, 1, 0, 10, &messages, &error));
  g_assert_cmpint (messages->len, ==, 2);
  g_assert_cmpstr (((TessMessageRow *) messages->pdata[1])->body, ==, "hello back");
  g_assert_true (tess_db_search_index (self->db, 10, &more, &error));
  g_assert_true (tess_db_search (self->db, 0, words, 0, 10, "", "", &hits, &error));
  g_assert_cmpint (hits->len, ==, 2);
  g_assert_true (tess_db_session_find (self->db, 1, &session, &error));
  g_assert_cmpmem (session->state->bytes, session->state->size, "state", 5);
}

/* A step that is interrupted leaves the version before it. */
static void
test_interrupted (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessDb) db = tess_db_open (self->path, &test_key, &error);
  g_autofree char *schema = schema_of (db);

  g_assert_no_error (error);
  g_assert_true (tess_db_begin (db, &error));
  g_assert_true (tess_db_execute (db, "CREATE TABLE next (x INTEGER) STRICT; PRAGMA user_version = 99", &error));
  tess_db_rollback (db);
  g_assert_cmpint (tess_db_schema_version (db), ==, tess_db_schema_newest ());
  {
    g_autofree char *after = schema_of (db);

    g_assert_cmpstr (after, ==, schema);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add ("/store/schema/v1", Fixture, "schema-v1.sql", fixture_set_up, test_migrates, fixture_tear_down);
  g_test_add ("/store/schema/v2", Fixture, "schema-v2.sql", fixture_set_up, test_migrates, fixture_tear_down);
  g_test_add ("/store/schema/v3", Fixture, "schema-v3.sql", fixture_set_up, test_migrates, fixture_tear_down);
  g_test_add ("/store/schema/v4", Fixture, "schema-v4.sql", fixture_set_up, test_migrates, fixture_tear_down);
  g_test_add ("/store/schema/v5", Fixture, "schema-v5.sql", fixture_set_up, test_migrates, fixture_tear_down);
  g_test_add ("/store/schema/v6", Fixture, "schema-v6.sql", fixture_set_up, test_migrates, fixture_tear_down);
  g_test_add ("/store/schema/interrupted", Fixture, NULL, fixture_set_up, test_interrupted, fixture_tear_down);
  return g_test_run ();
}
