/* The relay's store: mailboxes, quotas, expiry, schema. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-limits.h"
#include "relay-fixtures.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
test_mail (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  TessRelayMailboxState state;
  uint64_t first, sequence = 0;
  bool more;

  g_assert_cmpint (deposit_at (store, contact, 1, NOW, &first), ==, TESS_RELAY_OK);
  for (uint32_t id = 2; id <= 10; id++)
    {
      uint64_t before = sequence;

      g_assert_cmpint (deposit_at (store, contact, id, NOW, &sequence), ==, TESS_RELAY_OK);
      g_assert_cmpuint (sequence, >, before);
    }
  g_assert_cmpuint (read_mail (store, 0, 64, 1 << 20, &more), ==, 10);
  g_assert_false (more);
  g_assert_cmpuint (read_mail (store, 0, 10, 1 << 20, &more), ==, 10);
  g_assert_false (more);
  g_assert_cmpuint (read_mail (store, 0, 4, 1 << 20, &more), ==, 4);
  g_assert_true (more);
  g_assert_cmpuint (read_mail (store, 0, 64, 3 * TESS_ENVELOPE_SMALL, &more), ==, 3);
  g_assert_true (more);
  g_assert_cmpuint (read_mail (store, 0, 64, 1, &more), ==, 1);
  g_assert_cmpuint (read_mail (store, sequence, 64, 1 << 20, &more), ==, 0);
  g_assert_cmpint (tess_relay_store_ack (store, device, first + 3), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_ack (store, device, first), ==, TESS_RELAY_OK);
  state = state_of (store);
  g_assert_cmpuint (state.waiting, ==, 6);
  g_assert_cmpuint (state.bytes, ==, 6 * TESS_ENVELOPE_SMALL);
  g_assert_cmpuint (state.acked, ==, first + 3);
  g_assert_cmpuint (state.last, ==, sequence);
  g_assert_cmpint (tess_relay_store_ack (store, device, UINT64_MAX), ==, TESS_RELAY_OK);
  state = state_of (store);
  g_assert_cmpuint (state.waiting, ==, 0);
  g_assert_cmpuint (state.acked, ==, sequence);
  g_assert_cmpint (deposit_at (store, contact, 11, NOW, &first), ==, TESS_RELAY_OK);
  g_assert_cmpuint (first, >, sequence);
}

static void
test_idempotent (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  uint64_t sequence;
  bool more;

  g_assert_cmpint (deposit_at (store, contact, 7, NOW, &sequence), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit (store, contact, 7), ==, TESS_RELAY_STORED_BEFORE);
  g_assert_cmpuint (state_of (store).waiting, ==, 1);
  g_assert_cmpint (tess_relay_store_ack (store, device, sequence), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit_at (store, contact, 7, NOW + 29 * DAY, NULL), ==, TESS_RELAY_STORED_BEFORE);
  /* Also under a capability that fits no more. */
  g_assert_cmpint (deposit_at (store, other_account, 7, NOW, NULL), ==, TESS_RELAY_STORED_BEFORE);
  g_assert_cmpint (tess_relay_store_sweep (store, NOW + 29 * DAY, 100, &more), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit (store, contact, 7), ==, TESS_RELAY_STORED_BEFORE);
  g_assert_cmpint (tess_relay_store_sweep (store, NOW + 31 * DAY, 100, &more), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit (store, contact, 7), ==, TESS_RELAY_OK);
}

/* Of a full mailbox and keys that nobody took the sweep reads no more than it takes to see that all may stay; of what has
 * to go, a bounded piece at a time. */
static void
test_sweep_looks_at_little (void)
{
  g_autoptr (TessRelayStore) store = open_registered (300);
  int hits, misses, highest;
  bool more;

  for (uint32_t id = 1; id <= 2000; id++)
    g_assert_cmpint (deposit_at (store, contact, id, NOW + id, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_sweep (store, NOW + DAY, 256, &more), ==, TESS_RELAY_OK);
  sqlite3_db_status (store->db, SQLITE_DBSTATUS_CACHE_HIT, &hits, &highest, 1);
  sqlite3_db_status (store->db, SQLITE_DBSTATUS_CACHE_MISS, &misses, &highest, 1);
  g_assert_cmpint (tess_relay_store_sweep (store, NOW + DAY, 256, &more), ==, TESS_RELAY_OK);
  sqlite3_db_status (store->db, SQLITE_DBSTATUS_CACHE_HIT, &hits, &highest, 1);
  sqlite3_db_status (store->db, SQLITE_DBSTATUS_CACHE_MISS, &misses, &highest, 1);
  g_assert_cmpint (hits + misses, <, 100);
  g_assert_cmpint (tess_relay_store_sweep (store, NOW + 31 * DAY, 64, &more), ==, TESS_RELAY_OK);
  g_assert_true (more);
  g_assert_cmpuint (state_of (store).waiting, ==, 2000 - 64);
}

/* Mail that came while the clock was wrong keeps none of the rest. */
static void
test_sweep_after_a_wrong_clock (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  bool more;

  g_assert_cmpint (deposit_at (store, contact, 1, NOW + 365 * DAY, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit_at (store, contact, 2, NOW, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit_at (store, contact, 3, NOW + 5 * DAY, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_sweep (store, NOW + 31 * DAY, 256, &more), ==, TESS_RELAY_OK);
  g_assert_cmpuint (state_of (store).waiting, ==, 2);
}

/* A mailbox into which mail pours for a month remembers the newest ids. */
static void
test_remembered (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);

  g_assert_cmpint (deposit_at (store, contact, 1, NOW - 10, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit_at (store, contact, 2, NOW - 9, NULL), ==, TESS_RELAY_OK);
  run_sql (store, "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 99 + 99998)"
                  " INSERT INTO deposit (mailbox, id, stored) SELECT 1, CAST (format ('%016d', i) AS BLOB), 1799999995 FROM n");
  run_sql (store, "UPDATE mailbox SET remembered = 100000");
  g_assert_cmpint (deposit (store, contact, 1), ==, TESS_RELAY_STORED_BEFORE);
  g_assert_cmpint (deposit (store, contact, 3), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "deposit"), ==, TESS_RELAY_REMEMBERED_MAX);
  g_assert_cmpint (count_rows (store, "mailbox WHERE remembered = 100000"), ==, 1);
  g_assert_cmpint (deposit (store, contact, 2), ==, TESS_RELAY_STORED_BEFORE);
  g_assert_cmpint (deposit (store, contact, 1), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit (store, contact, 3), ==, TESS_RELAY_STORED_BEFORE);
}

/* What has ended of an account goes even when it never comes back. */
static void
test_account_expiry (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  bool more;

  g_assert_cmpint (tess_relay_store_capabilities (store, device, second, request, NOW), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_tickets (store, device, contact, 1, 1000, NOW), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_tickets (store, device, second, 1, 1000, NOW), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_spend (store, second, 1, 1000, NOW, NOW), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_sweep (store, NOW + 1, 100, &more), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "old_capability") + count_rows (store, "ticket") + count_rows (store, "upload"), ==, 3);
  g_assert_cmpint (tess_relay_store_sweep (store, NOW + 32 * DAY, 100, &more), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "old_capability") + count_rows (store, "ticket") + count_rows (store, "upload"), ==, 0);
}

static void
test_quotas (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  uint32_t id = 1;
  uint64_t sequence;

  for (; id <= TESS_MAILBOX_REQUESTS_MAX; id++)
    g_assert_cmpint (deposit (store, request, id), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit_at (store, request, id++, NOW, &sequence), ==, TESS_RELAY_FULL);
  /* Whoever asks about one that is there is told so, however full it is. */
  g_assert_cmpint (deposit (store, request, 1), ==, TESS_RELAY_STORED_BEFORE);
  g_assert_cmpint (deposit (store, contact, id++), ==, TESS_RELAY_OK);
  /* A refused deposit is not remembered, and leaves no trace. */
  g_assert_cmpuint (state_of (store).waiting, ==, TESS_MAILBOX_REQUESTS_MAX + 1);
  g_assert_cmpint (tess_relay_store_ack (store, device, 1), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit (store, request, TESS_MAILBOX_REQUESTS_MAX + 1), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_ack (store, device, UINT64_MAX), ==, TESS_RELAY_OK);

  run_sql (store, "UPDATE mailbox SET waiting = 9999");
  g_assert_cmpint (deposit (store, contact, id++), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit (store, contact, id++), ==, TESS_RELAY_FULL);
  run_sql (store, "UPDATE mailbox SET waiting = 100, bytes = 256 * 1024 * 1024 - 4096");
  g_assert_cmpint (deposit (store, contact, id++), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit (store, contact, id++), ==, TESS_RELAY_FULL);
}

/* How many temporary tables SQLite builds for the statements that @store holds now. */
static unsigned
temporary_tables (TessRelayStore *store)
{
  unsigned count = 0;

  for (sqlite3_stmt *one = sqlite3_next_stmt (store->db, NULL); one != NULL; one = sqlite3_next_stmt (store->db, one))
    {
      g_autofree char *sql = g_strdup_printf ("EXPLAIN %s", sqlite3_sql (one));
      sqlite3_stmt *plan = NULL;

      g_assert_cmpint (sqlite3_prepare_v2 (store->db, sql, -1, &plan, NULL), ==, SQLITE_OK);
      while (sqlite3_step (plan) == SQLITE_ROW)
        count += g_str_has_prefix ((const char *) sqlite3_column_text (plan, 1), "OpenEphemeral") ? 1 : 0;
      sqlite3_finalize (plan);
    }
  return count;
}

/* A temporary table takes more time than the rest of a deposit, and none of it shows anywhere else. */
static void
test_plain_statements (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  uint64_t sequence;
  bool more;

  g_hash_table_remove_all (store->statements);
  g_assert_true (tess_relay_store_begin (store, true));
  g_assert_cmpint (deposit_at (store, contact, 1, NOW, &sequence), ==, TESS_RELAY_OK);
  g_assert_cmpuint (read_mail (store, 0, 64, 1 << 20, &more), ==, 1);
  g_assert_cmpint (tess_relay_store_ack (store, device, sequence), ==, TESS_RELAY_OK);
  g_assert_true (tess_relay_store_commit (store));
  g_assert_cmpuint (g_hash_table_size (store->statements), >=, 8);
  g_assert_cmpuint (temporary_tables (store), ==, 0);
}

/* A round of the sweep looks at every mailbox: one where nothing has expired must cost little, whatever it holds. */
static void
test_plain_sweep (void)
{
  g_autoptr (TessRelayStore) store = open_registered (20);
  uint64_t sequence;
  bool more = true;

  g_assert_cmpint (deposit_at (store, contact, 1, NOW, &sequence), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit_at (store, contact, 2, NOW, &sequence), ==, TESS_RELAY_OK);
  run_sql (store, "UPDATE one_time SET record = NULL WHERE id % 2");
  g_hash_table_remove_all (store->statements);
  while (more)
    g_assert_cmpint (tess_relay_store_sweep (store, NOW, 10, &more), ==, TESS_RELAY_OK);
  g_assert_cmpuint (state_of (store).waiting, ==, 2);
  g_assert_cmpuint (g_hash_table_size (store->statements), >=, 7);
  g_assert_cmpuint (temporary_tables (store), ==, 0);
}

static void
test_expiry (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  TessRelayMailboxState state;
  uint64_t sequence;
  bool more = true;
  unsigned turns = 0;

  for (uint32_t id = 0; id < 30; id++)
    g_assert_cmpint (deposit_at (store, id % 2 ? contact : request, id, NOW - 31 * DAY, &sequence), ==, TESS_RELAY_OK);
  for (uint32_t id = 100; id < 105; id++)
    g_assert_cmpint (deposit (store, contact, id), ==, TESS_RELAY_OK);
  while (more)
    {
      uint32_t before = state_of (store).waiting;

      g_assert_cmpint (tess_relay_store_sweep (store, NOW, 10, &more), ==, TESS_RELAY_OK);
      g_assert_cmpuint (before - state_of (store).waiting, <=, 10);
      g_assert_cmpuint (turns++, <, 20);
    }
  state = state_of (store);
  g_assert_cmpuint (state.waiting, ==, 5);
  g_assert_cmpuint (state.bytes, ==, 5 * TESS_ENVELOPE_SMALL);
  g_assert_cmpuint (state.acked, ==, 0);
  g_assert_cmpint (count_rows (store, "deposit"), ==, 5);
  g_assert_cmpint (count_rows (store, "mailbox WHERE remembered = 5"), ==, 1);
  for (uint32_t id = 200; id < 200 + TESS_MAILBOX_REQUESTS_MAX; id++)
    g_assert_cmpint (deposit (store, request, id), ==, TESS_RELAY_OK);
}

static int64_t
number_of (TessRelayStore *store, const uint8_t *one)
{
  uint8_t owner[32];
  int64_t number;

  g_assert_cmpint (tess_relay_store_find (store, one, &number, owner), ==, TESS_RELAY_OK);
  return number;
}

/* Mailboxes that come and go, one after the other, use up no numbers; but none is given away while anything is left under it. */
static void
test_numbers (void)
{
  g_autoptr (TessRelayStore) store = open_registered (1);
  int64_t first = number_of (store, device);
  bool more;

  g_assert_cmpint (deposit (store, contact, 1), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_delete (store, device), ==, TESS_RELAY_OK);
  g_assert_cmpint (add (store, other_account, 1, second, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (number_of (store, second), ==, first + 1);
  for (unsigned i = 0; i < 300; i++)
    {
      g_assert_cmpint (add (store, account, 1, device, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
      g_assert_cmpint (number_of (store, device), <=, first + 50);
      g_assert_cmpint (tess_relay_store_delete (store, device), ==, TESS_RELAY_OK);
      /* One turn does away with all that came since the last one, where little is in them. */
      if (i % 40 == 0)
        {
          g_assert_cmpint (tess_relay_store_sweep (store, NOW, 50, &more), ==, TESS_RELAY_OK);
          g_assert_cmpint (count_rows (store, "dropped"), ==, 0);
        }
    }
  for (more = true; more;)
    g_assert_cmpint (tess_relay_store_sweep (store, NOW, 50, &more), ==, TESS_RELAY_OK);
  g_assert_cmpint (add (store, account, 1, device, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (number_of (store, device), ==, first);
  g_assert_cmpuint (read_mail (store, 0, 64, 1 << 20, &more), ==, 0);
  g_assert_cmpint (tess_relay_store_capabilities (store, device, contact, request, NOW), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit (store, contact, 1), ==, TESS_RELAY_OK);
}

/* The last number is as good as the first; after it there is none, which changes nothing, until one is given back. */
static void
test_last_number (void)
{
  static const uint8_t third[32] = { 'f' };
  g_autoptr (TessRelayStore) store = open_store ();
  g_autofree char *sql = g_strdup_printf ("INSERT INTO sqlite_sequence (name, seq) VALUES ('mailbox', %" G_GINT64_FORMAT ")",
                                          TESS_RELAY_NUMBER_MAX - 1);
  bool more;

  run_sql (store, sql);
  g_assert_cmpint (add (store, account, 1, device, NULL, 1, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (number_of (store, device), ==, TESS_RELAY_NUMBER_MAX);
  g_assert_cmpint (tess_relay_store_capabilities (store, device, contact, request, NOW), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit (store, contact, 1), ==, TESS_RELAY_OK);
  g_assert_cmpuint (read_mail (store, 0, 64, 1 << 20, &more), ==, 1);
  g_assert_cmpint (count_rows (store, "mail WHERE id > 0"), ==, 1);
  g_assert_cmpint (add (store, other_account, 1, third, NULL, 1, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_NO_NUMBER);
  g_assert_cmpint (add (store, account, 2, second, device, 1, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_NO_NUMBER);
  g_assert_cmpint (count_rows (store, "account WHERE version = 1"), ==, 1);
  g_assert_cmpint (add (store, account, 1, device, NULL, 1, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_delete (store, device), ==, TESS_RELAY_OK);
  for (more = true; more;)
    g_assert_cmpint (tess_relay_store_sweep (store, NOW, 50, &more), ==, TESS_RELAY_OK);
  g_assert_cmpint (add (store, other_account, 1, third, NULL, 1, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
}

static void
test_rollback_and_full_disk (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  TessRelayResult result = TESS_RELAY_OK;

  g_assert_true (tess_relay_store_begin (store, true));
  g_assert_cmpint (deposit (store, contact, 1), ==, TESS_RELAY_OK);
  tess_relay_store_rollback (store);
  g_assert_cmpuint (state_of (store).waiting, ==, 0);
  g_assert_true (tess_relay_store_begin (store, true));
  g_assert_cmpint (deposit (store, contact, 1), ==, TESS_RELAY_OK);
  g_assert_true (tess_relay_store_commit (store));
  g_assert_cmpuint (state_of (store).waiting, ==, 1);

  run_sql (store, "PRAGMA max_page_count = 60");
  /* It is going to complain. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  for (uint32_t id = 10; id < 200 && result == TESS_RELAY_OK; id++)
    {
      g_assert_true (tess_relay_store_begin (store, true));
      result = deposit (store, contact, id);
      if (result == TESS_RELAY_OK)
        g_assert_true (tess_relay_store_commit (store));
      else
        tess_relay_store_rollback (store);
    }
  g_assert_cmpint (result, ==, TESS_RELAY_BUSY);
  run_sql (store, "PRAGMA max_page_count = 100000");
  g_assert_cmpint (deposit (store, contact, 1000), ==, TESS_RELAY_OK);
  g_assert_cmpint (state_of (store).waiting, ==, count_rows (store, "mail"));
}

static void
refused (const char *path, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;
  gsize before_size, after_size;

  g_assert_true (g_file_get_contents (path, &before, &before_size, NULL));
  g_assert_null (tess_relay_store_open (path, &error));
  g_assert_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, word));
  g_assert_nonnull (strstr (error->message, path));
  g_assert_true (g_file_get_contents (path, &after, &after_size, NULL));
  g_assert_cmpmem (before, before_size, after, after_size);
}

static void
test_schema (void)
{
  g_autofree char *folder = g_dir_make_tmp ("relay-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "relay.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TessRelayStore) store = tess_relay_store_open (path, &error);

  g_assert_no_error (error);
  g_clear_pointer (&store, tess_relay_store_close);
  store = tess_relay_store_open (path, &error);
  g_assert_no_error (error);
  run_sql (store, "PRAGMA user_version = 99");
  g_clear_pointer (&store, tess_relay_store_close);
  refused (path, "newer");
  g_assert_true (g_file_set_contents (path, "no database at all, only a text that is longer than a header: "
                                            "twenty and more words in a row", -1, NULL));
  refused (path, "damaged");
  g_unlink (path);
  g_rmdir (folder);
}

/* A database as the first version made it, with mail in it. */
static const char first_schema[]
  = "CREATE TABLE account (account BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL, list BLOB NOT NULL,"
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
    "CREATE TABLE dropped (mailbox INTEGER PRIMARY KEY);"
    "INSERT INTO account VALUES (CAST ('A' || zeroblob (31) AS BLOB), 1, x'00', CAST ('c' || zeroblob (31) AS BLOB),"
    "  CAST ('r' || zeroblob (31) AS BLOB));"
    "INSERT INTO mailbox (device, account, last, waiting, bytes)"
    "  VALUES (CAST ('d' || zeroblob (31) AS BLOB), CAST ('A' || zeroblob (31) AS BLOB), 1, 1, 4096);"
    "INSERT INTO mail VALUES ((1 << 36) + 1, 1, 1799999999, zeroblob (4096));"
    "INSERT INTO deposit VALUES (1, x'01000000000000000000000000000000', 1799999999);"
    "PRAGMA user_version = 1; PRAGMA application_id = 1413829458;";

static void
test_migration (void)
{
  g_autofree char *folder = g_dir_make_tmp ("relay-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "relay.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TessRelayStore) store = NULL;
  sqlite3 *db = NULL;
  bool more;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, first_schema, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  store = tess_relay_store_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (state_of (store).waiting, ==, 1);
  g_assert_cmpuint (read_mail (store, 0, 10, 100000, &more), ==, 1);
  g_assert_cmpint (count_rows (store, "mailbox WHERE remembered = 1"), ==, 1);
  g_assert_cmpint (deposit (store, contact, 1), ==, TESS_RELAY_STORED_BEFORE);
  g_assert_cmpint (deposit (store, contact, 2), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_name (store, device, "alice", "1"), ==, TESS_RELAY_OK);
  g_clear_pointer (&store, tess_relay_store_close);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/store/mail", test_mail);
  g_test_add_func ("/relay/store/idempotent", test_idempotent);
  g_test_add_func ("/relay/store/remembered", test_remembered);
  g_test_add_func ("/relay/store/sweep-looks-at-little", test_sweep_looks_at_little);
  g_test_add_func ("/relay/store/sweep-after-a-wrong-clock", test_sweep_after_a_wrong_clock);
  g_test_add_func ("/relay/store/account-expiry", test_account_expiry);
  g_test_add_func ("/relay/store/quotas", test_quotas);
  g_test_add_func ("/relay/store/plain-statements", test_plain_statements);
  g_test_add_func ("/relay/store/plain-sweep", test_plain_sweep);
  g_test_add_func ("/relay/store/expiry", test_expiry);
  g_test_add_func ("/relay/store/numbers", test_numbers);
  g_test_add_func ("/relay/store/last-number", test_last_number);
  g_test_add_func ("/relay/store/rollback-and-full-disk", test_rollback_and_full_disk);
  g_test_add_func ("/relay/store/schema", test_schema);
  g_test_add_func ("/relay/store/migration", test_migration);
  return g_test_run ();
}
