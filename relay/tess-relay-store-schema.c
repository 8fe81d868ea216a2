/* The database's shape and how older ones become it. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

/* "TESR": tells our databases from others. */
#define APPLICATION_ID 0x54455352
/* Databases up to this size are checked as a whole when they are opened. */
#define CHECK_BYTES_MAX (64 * 1024 * 1024)

/* migrations[n] takes version n to n + 1. A released one never changes.
 *
 * A mailbox has a number; what it holds is keyed by that, so that a deleted mailbox goes at once and its contents in small steps
 * afterwards (dropped). Only when nothing is left of them is the number given to another mailbox (spare): there are 2^27 of
 * them. Prekey records lie apart from the counters that every deposit changes. A handed-out one-time prekey stays as an id
 * without a record, so that no retry of an upload brings it back. */
static const char *const migrations[] = {
  "CREATE TABLE account (account BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL, list BLOB NOT NULL,"
  "  contact BLOB, request BLOB) WITHOUT ROWID;"
  "CREATE TABLE old_capability (account BLOB NOT NULL, hash BLOB NOT NULL, until INTEGER NOT NULL,"
  "  PRIMARY KEY (account, hash)) WITHOUT ROWID;"
  "CREATE TABLE mailbox (number INTEGER PRIMARY KEY AUTOINCREMENT, device BLOB NOT NULL UNIQUE, account BLOB NOT NULL,"
  "  last INTEGER NOT NULL DEFAULT 0, acked INTEGER NOT NULL DEFAULT 0, waiting INTEGER NOT NULL DEFAULT 0,"
  "  bytes INTEGER NOT NULL DEFAULT 0, requests INTEGER NOT NULL DEFAULT 0, one_time INTEGER NOT NULL DEFAULT 0);"
  "CREATE INDEX mailbox_account ON mailbox (account);"
  "CREATE TABLE prekey (mailbox INTEGER PRIMARY KEY, expires INTEGER NOT NULL, record BLOB NOT NULL);"
  "CREATE TABLE one_time (mailbox INTEGER NOT NULL, id INTEGER NOT NULL, stored INTEGER NOT NULL, record BLOB,"
  "  PRIMARY KEY (mailbox, id));"
  "CREATE INDEX one_time_left ON one_time (mailbox, id) WHERE record IS NOT NULL;"
  "CREATE TABLE mail (id INTEGER PRIMARY KEY, class INTEGER NOT NULL, stored INTEGER NOT NULL, envelope BLOB NOT NULL);"
  "CREATE TABLE deposit (mailbox INTEGER NOT NULL, id BLOB NOT NULL, stored INTEGER NOT NULL,"
  "  PRIMARY KEY (mailbox, id)) WITHOUT ROWID;"
  "CREATE INDEX deposit_stored ON deposit (stored);"
  "CREATE TABLE invitation (hash BLOB NOT NULL PRIMARY KEY, account BLOB NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE dropped (mailbox INTEGER PRIMARY KEY);",
  /* A name is a key of its own; the account remembers which is its. */
  "CREATE TABLE name (name TEXT NOT NULL PRIMARY KEY, account BLOB NOT NULL, address TEXT NOT NULL) WITHOUT ROWID;"
  "ALTER TABLE account ADD COLUMN name TEXT;",
  "CREATE TABLE ticket (id BLOB NOT NULL PRIMARY KEY, account BLOB NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE INDEX ticket_account ON ticket (account, until);"
  "CREATE TABLE upload (account BLOB NOT NULL, day INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (account, day))"
  "  WITHOUT ROWID;",
  "ALTER TABLE mailbox ADD COLUMN remembered INTEGER NOT NULL DEFAULT 0;"
  "UPDATE mailbox SET remembered = (SELECT count(*) FROM deposit WHERE deposit.mailbox = number);"
  "DROP INDEX deposit_stored;"
  "CREATE INDEX deposit_age ON deposit (mailbox, stored);",
  "CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), trusted INTEGER NOT NULL, ahead_since INTEGER NOT NULL);",
  /* An invitation without an account is unused; one of an account that is gone keeps an empty one. */
  "CREATE TABLE invite (hash BLOB NOT NULL PRIMARY KEY, made INTEGER NOT NULL, until INTEGER NOT NULL, account BLOB)"
  "  WITHOUT ROWID;"
  "INSERT INTO invite SELECT hash, 0, 0, account FROM invitation;"
  "DROP TABLE invitation;"
  "ALTER TABLE invite RENAME TO invitation;"
  "CREATE INDEX invitation_account ON invitation (account) WHERE account IS NOT NULL;",
  /* Records are read by whoever looks through a mailbox's; the sweep looks for the ids without one alone. */
  "CREATE INDEX one_time_issued ON one_time (mailbox, stored) WHERE record IS NULL;",
  "CREATE TABLE spare (number INTEGER PRIMARY KEY);",
};

static bool
read_number (TessRelayStore *self, const char *sql, int64_t *out)
{
  sqlite3_stmt *stmt = NULL;
  bool read = sqlite3_prepare_v2 (self->db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step (stmt) == SQLITE_ROW;

  *out = read ? sqlite3_column_int64 (stmt, 0) : 0;
  sqlite3_finalize (stmt);
  return read;
}

/* TRUE when the whole file is well formed. */
static bool
check_whole (TessRelayStore *self)
{
  sqlite3_stmt *stmt = NULL;
  bool good = sqlite3_prepare_v2 (self->db, "PRAGMA quick_check(1)", -1, &stmt, NULL) == SQLITE_OK
              && sqlite3_step (stmt) == SQLITE_ROW && g_strcmp0 ((const char *) sqlite3_column_text (stmt, 0), "ok") == 0;

  sqlite3_finalize (stmt);
  return good;
}

static bool
apply (TessRelayStore *self, int64_t version)
{
  g_autofree char *pragmas = g_strdup_printf ("PRAGMA user_version = %" G_GINT64_FORMAT "; PRAGMA application_id = %d;",
                                              version + 1, APPLICATION_ID);

  if (sqlite3_exec (self->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
    return false;
  if (sqlite3_exec (self->db, migrations[version], NULL, NULL, NULL) == SQLITE_OK
      && sqlite3_exec (self->db, pragmas, NULL, NULL, NULL) == SQLITE_OK
      && sqlite3_exec (self->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
    return true;
  return false;
}

/* Whether the database may be used as it is: ours, whole, and with @update of no newer version, else of just this one. */
static bool
check (TessRelayStore *self, const char *path, bool update, int64_t *version_out, GError **error)
{
  int64_t version, application, objects, pages, page_size;

  *version_out = 0;
  if (!read_number (self, "SELECT count(*) FROM sqlite_schema", &objects) || !read_number (self, "PRAGMA user_version", &version)
      || !read_number (self, "PRAGMA application_id", &application) || !read_number (self, "PRAGMA page_count", &pages)
      || !read_number (self, "PRAGMA page_size", &page_size))
    {
      tess_relay_store_set_error (self, path, "is damaged or no database, and was left as it is", error);
      return false;
    }
  if (objects != 0 && application != APPLICATION_ID)
    {
      g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA,
                   "%s: is another program's database, and was left as it is", path);
      return false;
    }
  if (version > (int64_t) G_N_ELEMENTS (migrations))
    {
      g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA,
                   "%s: was made by a newer tessera-relay (schema %" G_GINT64_FORMAT ", not %d), and was left as it is",
                   path, version, (int) G_N_ELEMENTS (migrations));
      return false;
    }
  if (objects != 0 && pages * page_size <= CHECK_BYTES_MAX && !check_whole (self))
    {
      g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA, "%s: is damaged, and was left as it is", path);
      return false;
    }
  if (!update && version < (int64_t) G_N_ELEMENTS (migrations))
    {
      g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA,
                   "%s: was made by an older tessera-relay; start the relay of this version first", path);
      return false;
    }
  *version_out = version;
  return true;
}

bool
tess_relay_store_migrate (TessRelayStore *self, const char *path, bool update, GError **error)
{
  int64_t version;

  if (!check (self, path, update, &version, error))
    return false;
  for (; version < (int64_t) G_N_ELEMENTS (migrations); version++)
    if (!apply (self, version))
      {
        tess_relay_store_set_error (self, path, "its tables cannot be brought up to date", error);
        tess_relay_store_rollback (self);
        return false;
      }
  return true;
}
