/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-db-private.h"

#include "base/tess-limits.h"
#include "store/tess-schema.h"
#include "store/tess-sqlite-memory.h"
#include "store/tess-sqlite.h"
#include "store/tess-store-error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Milliseconds to wait for a lock that only another process can hold (the profile's lock keeps our own ones out). */
#define BUSY_TIMEOUT_MS 5000

static void
finalize_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

GError *
tess_db_error (TessDb *self, int code)
{
  return tess_sqlite_error (self->handle, code, sqlite3_system_errno (self->handle));
}

/* What was prepared, and how a transaction ends, is SQLite's business: a plain step with its result as our error. */
static bool
execute (TessDb *self, const char *sql, GError **error)
{
  int code = sqlite3_exec (self->handle, sql, NULL, NULL, NULL);

  if (code == SQLITE_OK)
    return true;
  g_propagate_error (error, tess_db_error (self, sqlite3_extended_errcode (self->handle)));
  return false;
}

/* SQLite would make the file with the mode of the umask. */
static bool
make_file (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    {
      int saved = errno;

      g_propagate_error (error, tess_sqlite_error (NULL, SQLITE_CANTOPEN, saved));
      return false;
    }
  close (fd);
  return true;
}

/* SQLCipher takes the raw key as the text x'…'. */
static int
set_key (sqlite3 *handle, const TessDatabaseKey *key, int (*function) (sqlite3 *, const void *, int))
{
  g_autoptr (TessWiped) text = tess_wiped_new (2 + 64 + 1 + 1);
  char *letters = (char *) text->bytes;

  letters[0] = 'x';
  letters[1] = '\'';
  sodium_bin2hex (letters + 2, 65, key->bytes, sizeof key->bytes);
  letters[66] = '\'';
  return function (handle, letters, 67);
}

/* The first look at a page tells whether the key fits: SQLCipher knows no difference between another key and a damaged page. */
static bool
check_key (TessDb *self, GError **error)
{
  GError *cause = NULL;

  if (execute (self, "SELECT count (*) FROM sqlite_master", &cause))
    return true;
  if (g_error_matches (cause, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED))
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_WRONG_KEY, "The key does not open the database");
      g_error_free (cause);
      return false;
    }
  g_propagate_error (error, cause);
  return false;
}

/* A program that was linked so that SQLite came first would store everything in the clear without a word. */
static bool
check_engine (TessDb *self, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (self, "PRAGMA cipher_version");

  if (tess_query_next (query) && tess_query_text (query) != NULL)
    return true;
  g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FAILED, "This program was linked without SQLCipher");
  return false;
}

/* SQLCipher zeroes and locks its key material in any case, and what else it frees is wiped by our allocator (tess-sqlite-memory).
 * cipher_memory_security would also lock every page, at the cost of two system calls an allocation: swap is the only place where
 * that differs. */
static bool
configure (TessDb *self, const TessDatabaseKey *key, GError **error)
{
  int code;

  if (!check_engine (self, error))
    return false;
  code = set_key (self->handle, key, sqlite3_key);
  if (code != SQLITE_OK)
    {
      g_propagate_error (error, tess_db_error (self, code));
      return false;
    }
  sqlite3_busy_timeout (self->handle, BUSY_TIMEOUT_MS);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  /* SQLCipher starts to write its own words to stderr with the first key; every fault comes back as a result anyway. */
  return execute (self, "PRAGMA cipher_log_level = NONE", error) && execute (self, "PRAGMA temp_store = MEMORY", error) &&
         check_key (self, error) && execute (self, "PRAGMA journal_mode = WAL", error) &&
         execute (self,
                  "PRAGMA synchronous = FULL;"
                  "PRAGMA foreign_keys = ON;"
                  "PRAGMA secure_delete = ON;"
                  "PRAGMA cell_size_check = ON;"
                  "PRAGMA journal_size_limit = 4194304",
                  error);
}

TessDb *
tess_db_open (const char *path, const TessDatabaseKey *key, GError **error)
{
  g_autoptr (TessDb) self = g_new0 (TessDb, 1);
  int code;

  self->statements = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, finalize_statement);
  if (!tess_sqlite_wipes_memory ())
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FAILED, "SQLCipher started before it was told to wipe");
      return NULL;
    }
  if (!make_file (path, error))
    return NULL;
  code = sqlite3_open_v2 (path, &self->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  if (code != SQLITE_OK)
    {
      g_propagate_error (error, tess_sqlite_error (self->handle, code, sqlite3_system_errno (self->handle)));
      return NULL;
    }
  if (!configure (self, key, error) || !tess_schema_migrate (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
tess_db_close (TessDb *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->statements);
  if (sqlite3_close (self->handle) != SQLITE_OK)
    {
      g_critical ("database closed with a query still open");
      sqlite3_close_v2 (self->handle);
    }
  g_free (self);
}

bool
tess_db_rekey (TessDb *self, const TessDatabaseKey *key, GError **error)
{
  int code;

  g_hash_table_remove_all (self->statements);
  code = set_key (self->handle, key, sqlite3_rekey);
  if (code == SQLITE_OK)
    return true;
  g_propagate_error (error, tess_db_error (self, code));
  return false;
}

static bool
begin (TessDb *self, bool reading, GError **error)
{
  const char *sql = reading ? "BEGIN" : "BEGIN IMMEDIATE";

  if (!execute (self, self->depth > 0 ? "SAVEPOINT inner" : sql, error))
    return false;
  if (self->depth == 0)
    self->reading = reading;
  self->depth++;
  return true;
}

bool
tess_db_begin (TessDb *self, GError **error)
{
  return begin (self, false, error);
}

bool
tess_db_begin_read (TessDb *self, GError **error)
{
  return begin (self, true, error);
}

bool
tess_db_commit (TessDb *self, GError **error)
{
  g_assert (self->depth > 0);
  if ((self->reading || tess_db_may_write (self, error)) &&
      execute (self, self->depth > 1 ? "RELEASE inner" : "COMMIT", error))
    {
      self->depth--;
      return true;
    }
  tess_db_rollback (self);
  return false;
}

void
tess_db_rollback (TessDb *self)
{
  g_autoptr (GError) error = NULL;
  const char *sql = self->depth > 1 ? "ROLLBACK TO inner; RELEASE inner" : "ROLLBACK";

  g_assert (self->depth > 0);
  self->depth--;
  /* After some faults (a full disk) SQLite has rolled everything back by itself. */
  if (!sqlite3_get_autocommit (self->handle) && !execute (self, sql, &error))
    g_warning ("rollback: %s", error->message);
}

bool
tess_db_may_write (TessDb *self, GError **error)
{
  if (self->reading && self->depth > 0)
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_READ_ONLY, "A job that only reads tried to write");
      return false;
    }
  if (self->depth > 0 && sqlite3_get_autocommit (self->handle))
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FAILED, "The transaction was rolled back by a fault before");
      return false;
    }
  if (self->fail_write > 0 && --self->fail_write == 0)
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FULL, "This write was made to fail");
      return false;
    }
  return true;
}

void
tess_db_fail_write (TessDb *self, unsigned n)
{
  self->fail_write = n;
}

bool
tess_db_execute (TessDb *self, const char *sql, GError **error)
{
  return tess_db_may_write (self, error) && execute (self, sql, error);
}

int64_t
tess_db_last_id (TessDb *self)
{
  return sqlite3_last_insert_rowid (self->handle);
}

int
tess_db_changes (TessDb *self)
{
  return sqlite3_changes (self->handle);
}

sqlite3_stmt *
tess_db_take_statement (TessDb *self, const char *sql, GError **error)
{
  gpointer kept = NULL;
  sqlite3_stmt *statement = NULL;
  int code;

  if (g_hash_table_steal_extended (self->statements, sql, NULL, &kept))
    return kept;
  code = sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
  if (code == SQLITE_OK && statement != NULL)
    return statement;
  g_propagate_error (error, tess_db_error (self, code));
  return NULL;
}

void
tess_db_give_statement (TessDb *self, sqlite3_stmt *statement)
{
  /* The key is SQLite's own copy of the text, which lives as long as the statement. */
  const char *sql = sqlite3_sql (statement);

  if (g_hash_table_size (self->statements) >= TESS_STORE_STATEMENTS_MAX || g_hash_table_contains (self->statements, sql))
    sqlite3_finalize (statement);
  else
    g_hash_table_insert (self->statements, (gpointer) sql, statement);
}
