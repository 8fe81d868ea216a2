/* Opening, transactions, and the statements' machinery. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

#include "relay/tess-relay-log.h"

#include <string.h>

/* A failing disk fails every call. */
static void
complain (TessRelayStore *self)
{
  if (!tess_relay_log_again (&self->complained))
    return;
  tess_relay_log (G_LOG_LEVEL_WARNING, "store-failing",
                  "the database fails: %s (code %d); clients are told that the relay is busy", sqlite3_errmsg (self->db),
                  sqlite3_extended_errcode (self->db));
}

void
tess_relay_store_set_error (TessRelayStore *self, const char *path, const char *doing, GError **error)
{
  g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA, "%s: %s: %s", path, doing,
               self->db != NULL ? sqlite3_errmsg (self->db) : "out of memory");
}

static bool
configure (TessRelayStore *self, const char *path, GError **error)
{
  static const char *const pragmas[] = {
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA trusted_schema = OFF",
    /* What is deleted is overwritten where that costs no writes of its own. */
    "PRAGMA secure_delete = FAST",
    "PRAGMA journal_size_limit = 67108864",
    /* 4 MiB, a batch of deposits with room to spare. The system caches the file as well: more here would spare no CPU, and what
     * is left in it of the rows of many devices would be most of what the relay's memory grows by. */
    "PRAGMA cache_size = -4096",
    /* 32 MiB. Pages of mail that came and went meanwhile are then written to the database once, or never. */
    "PRAGMA wal_autocheckpoint = 8192",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (pragmas); i++)
    if (sqlite3_exec (self->db, pragmas[i], NULL, NULL, NULL) != SQLITE_OK)
      {
        tess_relay_store_set_error (self, path, "cannot be opened", error);
        return false;
      }
  return true;
}

static void
finalize (gpointer statement)
{
  sqlite3_finalize (statement);
}

/* Each temporary table that a statement needs would else take room for 20 pages, and give it back to the system after it. */
static gpointer
set_up_sqlite (gpointer unused)
{
  if (sqlite3_config (SQLITE_CONFIG_PAGECACHE, NULL, 0, 0) != SQLITE_OK)
    g_warning ("SQLite was used before it was set up");
  return NULL;
}

static TessRelayStore *
open_store (const char *path, bool update, GError **error)
{
  static GOnce once = G_ONCE_INIT;
  g_autoptr (TessRelayStore) self = g_new0 (TessRelayStore, 1);

  g_once (&once, set_up_sqlite, NULL);
  self->statements = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, finalize);
  if (sqlite3_open_v2 (path, &self->db, SQLITE_OPEN_READWRITE | (update ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX
                       | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK)
    {
      tess_relay_store_set_error (self, path, "cannot be opened", error);
      return NULL;
    }
  sqlite3_busy_timeout (self->db, update ? 2000 : 10000);
  sqlite3_limit (self->db, SQLITE_LIMIT_LENGTH, 4 * 1024 * 1024);
  /* The schema is looked at before anything that could write to the file. */
  if (!tess_relay_store_migrate (self, path, update, error) || !configure (self, path, error))
    return NULL;
  return g_steal_pointer (&self);
}

TessRelayStore *
tess_relay_store_open (const char *path, GError **error)
{
  return open_store (path, true, error);
}

TessRelayStore *
tess_relay_store_open_beside (const char *path, GError **error)
{
  return open_store (path, false, error);
}

void
tess_relay_store_close (TessRelayStore *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->statements);
  sqlite3_close (self->db);
  g_free (self);
}

/* The lock is taken at once where there is to be written: another process that writes meanwhile (tessera-relay admin) would else
 * fail the whole batch. */
bool
tess_relay_store_begin (TessRelayStore *self, bool writes)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, writes ? "BEGIN IMMEDIATE" : "BEGIN");

  return tess_relay_run (&query);
}

bool
tess_relay_store_commit (TessRelayStore *self)
{
  bool done;

  {
    g_auto (TessRelayQuery) query = tess_relay_query (self, "COMMIT");
    done = tess_relay_run (&query);
  }
  if (!done)
    tess_relay_store_rollback (self);
  return done;
}

void
tess_relay_store_rollback (TessRelayStore *self)
{
  g_auto (TessRelayQuery) query = { 0 };

  /* SQLite itself rolls back after some errors. */
  if (sqlite3_get_autocommit (self->db))
    return;
  query = tess_relay_query (self, "ROLLBACK");
  tess_relay_run (&query);
}

TessRelayQuery
tess_relay_query (TessRelayStore *self, const char *sql)
{
  sqlite3_stmt *stmt = g_hash_table_lookup (self->statements, sql);

  if (stmt == NULL)
    {
      if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        complain (self);
      else
        g_hash_table_insert (self->statements, (gpointer) sql, stmt);
    }
  return (TessRelayQuery) { .store = self, .stmt = stmt };
}

void
tess_relay_query_clear (TessRelayQuery *self)
{
  if (self->stmt == NULL)
    return;
  sqlite3_reset (self->stmt);
  sqlite3_clear_bindings (self->stmt);
  self->stmt = NULL;
}

void
tess_relay_bind_int (TessRelayQuery *self, int index, int64_t value)
{
  if (self->stmt != NULL)
    sqlite3_bind_int64 (self->stmt, index, value);
}

void
tess_relay_bind_blob (TessRelayQuery *self, int index, const void *data, size_t size)
{
  if (self->stmt != NULL)
    sqlite3_bind_blob64 (self->stmt, index, data, size, SQLITE_STATIC);
}

void
tess_relay_bind_text (TessRelayQuery *self, int index, const char *text)
{
  if (self->stmt != NULL)
    sqlite3_bind_text (self->stmt, index, text, -1, SQLITE_STATIC);
}

void
tess_relay_bind_bytes (TessRelayQuery *self, int index, GBytes *bytes)
{
  size_t size;
  const void *data = g_bytes_get_data (bytes, &size);

  tess_relay_bind_blob (self, index, data, size);
}

TessRelayStep
tess_relay_step (TessRelayQuery *self)
{
  if (self->stmt != NULL)
    {
      int code = sqlite3_step (self->stmt);

      if (code == SQLITE_ROW)
        return TESS_RELAY_STEP_ROW;
      if (code == SQLITE_DONE)
        return TESS_RELAY_STEP_DONE;
      complain (self->store);
    }
  return TESS_RELAY_STEP_FAILED;
}

bool
tess_relay_run (TessRelayQuery *self)
{
  return tess_relay_step (self) == TESS_RELAY_STEP_DONE;
}

int64_t
tess_relay_column_int (TessRelayQuery *self, int index)
{
  return sqlite3_column_int64 (self->stmt, index);
}

char *
tess_relay_column_text (TessRelayQuery *self, int index)
{
  return g_strdup ((const char *) sqlite3_column_text (self->stmt, index));
}

GBytes *
tess_relay_column_bytes (TessRelayQuery *self, int index)
{
  const void *data = sqlite3_column_blob (self->stmt, index);

  return data != NULL ? g_bytes_new (data, sqlite3_column_bytes (self->stmt, index)) : NULL;
}

bool
tess_relay_column_copy (TessRelayQuery *self, int index, uint8_t *out, size_t size)
{
  const void *data = sqlite3_column_blob (self->stmt, index);
  bool fits = data != NULL && (size_t) sqlite3_column_bytes (self->stmt, index) == size;

  if (fits)
    memcpy (out, data, size);
  else
    memset (out, 0, size);
  return fits;
}
