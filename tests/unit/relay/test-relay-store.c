/* The relay's store: mailboxes, quotas, expiry, accounts, schema. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-limits.h"
#include "relay/tess-relay-store-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define NOW INT64_C (1800000000)
#define DAY 86400

/* Keys and records here are filler: the store takes what was verified before. */
static const uint8_t account[32] = { 'A' }, other_account[32] = { 'B' };
static const uint8_t device[32] = { 'd' }, second[32] = { 'e' };
static const uint8_t contact[32] = { 'c' }, request[32] = { 'r' };

static TessRelayStore *
open_store (void)
{
  g_autoptr (GError) error = NULL;
  TessRelayStore *store = tess_relay_store_open (":memory:", &error);

  g_assert_no_error (error);
  return store;
}

static void
run_sql (TessRelayStore *store, const char *sql)
{
  g_assert_cmpint (sqlite3_exec (store->db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

static int64_t
count_rows (TessRelayStore *store, const char *table)
{
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM %s", table);
  sqlite3_stmt *stmt = NULL;
  int64_t count;

  g_assert_cmpint (sqlite3_prepare_v2 (store->db, sql, -1, &stmt, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (stmt), ==, SQLITE_ROW);
  count = sqlite3_column_int64 (stmt, 0);
  sqlite3_finalize (stmt);
  return count;
}

static GBytes *
filler (size_t size, uint8_t byte)
{
  uint8_t *data = g_malloc (size);

  memset (data, byte, size);
  return g_bytes_new_take (data, size);
}

static TessRelayResult
add (TessRelayStore *store, const uint8_t *owner, uint64_t version, const uint8_t *one, const uint8_t *two, unsigned keys,
     TessRelayPolicy policy, const uint8_t *invitation)
{
  TessRelayList list = { .list = { .version = version, .count = two != NULL ? 2 : 1 } };
  g_autoptr (GBytes) record = filler (200 + list.list.count, (uint8_t) version);
  g_autoptr (GBytes) prekey = filler (2600, one[0]);
  g_autoptr (GPtrArray) one_time = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_relay_one_time_free);
  g_autoptr (GByteArray) removed = g_byte_array_new ();
  TessRelayKeys all = { .prekey = prekey, .prekey_expires = NOW + 7 * DAY, .one_time = one_time, .now = NOW };
  uint32_t left;

  memcpy (list.list.account, owner, 32);
  memcpy (list.list.devices[0].device, one, 32);
  if (two != NULL)
    memcpy (list.list.devices[1].device, two, 32);
  list.record = record;
  for (unsigned i = 0; i < keys; i++)
    {
      TessRelayOneTime *key = g_new0 (TessRelayOneTime, 1);

      *key = (TessRelayOneTime) { .id = i + 1, .record = filler (1316, (uint8_t) i) };
      g_ptr_array_add (one_time, key);
    }
  return tess_relay_store_register (store, one, &list, &all, policy, invitation, &left, removed);
}

/* A store with one account, one device, both capabilities. */
static TessRelayStore *
open_registered (unsigned keys)
{
  TessRelayStore *store = open_store ();

  g_assert_cmpint (add (store, account, 1, device, NULL, keys, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_capabilities (store, device, contact, request, NOW), ==, TESS_RELAY_OK);
  return store;
}

static TessRelayResult
deposit_at (TessRelayStore *store, const uint8_t *hash, uint32_t id, int64_t now, uint64_t *sequence_out)
{
  g_autoptr (GBytes) envelope = filler (TESS_ENVELOPE_SMALL, (uint8_t) id);
  TessRelayDepositEntry entry = { .envelope = envelope, .now = now };
  TessMailClass mail_class;
  uint64_t sequence = 0;
  TessRelayResult result;

  memcpy (entry.device, device, 32);
  memcpy (entry.capability, hash, 32);
  memcpy (entry.id, &id, sizeof id);
  result = tess_relay_store_deposit (store, &entry, &sequence, &mail_class);
  if (result == TESS_RELAY_OK)
    g_assert_cmpint (mail_class, ==, hash == request ? TESS_MAIL_REQUEST : TESS_MAIL_CONTACT);
  if (sequence_out != NULL)
    *sequence_out = sequence;
  return result;
}

static TessRelayResult
deposit (TessRelayStore *store, const uint8_t *hash, uint32_t id)
{
  return deposit_at (store, hash, id, NOW, NULL);
}

static TessRelayMailboxState
state_of (TessRelayStore *store)
{
  TessRelayMailboxState state;

  tess_relay_store_mailbox (store, device, &state);
  return state;
}

static unsigned
read_mail (TessRelayStore *store, uint64_t after, unsigned count, size_t bytes, bool *more)
{
  g_autoptr (GPtrArray) mail = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_relay_mail_free);

  g_assert_cmpint (tess_relay_store_mail (store, device, after, count, bytes, mail, more), ==, TESS_RELAY_OK);
  for (unsigned i = 0; i < mail->len; i++)
    {
      uint64_t sequence = ((TessRelayMail *) g_ptr_array_index (mail, i))->sequence;

      g_assert_cmpuint (sequence, >, after);
      after = sequence;
    }
  return mail->len;
}

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

static void
test_capabilities (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  uint8_t newer[32] = { 'n' };

  g_assert_cmpint (deposit (store, other_account, 1), ==, TESS_RELAY_REFUSED);
  g_assert_cmpint (tess_relay_store_capabilities (store, device, newer, request, NOW), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit_at (store, newer, 2, NOW, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit_at (store, contact, 3, NOW + 48 * 3600 - 1, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (deposit_at (store, contact, 4, NOW + 48 * 3600, NULL), ==, TESS_RELAY_REFUSED);
  /* Set once more, the same: nothing grows old. */
  g_assert_cmpint (tess_relay_store_capabilities (store, device, newer, request, NOW + 60), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "old_capability"), ==, 1);
  for (unsigned i = 0; i < 100; i++)
    {
      newer[1] = (uint8_t) (i + 1);
      g_assert_cmpint (tess_relay_store_capabilities (store, device, newer, request, NOW + i), ==, TESS_RELAY_OK);
    }
  g_assert_cmpint (count_rows (store, "old_capability"), ==, TESS_RELAY_OLD_CAPABILITIES_MAX);
  newer[1] = 99;
  g_assert_cmpint (deposit_at (store, newer, 5, NOW + 101, NULL), ==, TESS_RELAY_OK);
}

static TessRelayResult
invited (TessRelayStore *store, const uint8_t *owner, const uint8_t *one, const uint8_t *invitation)
{
  return add (store, owner, 1, one, NULL, 0, TESS_RELAY_BY_INVITATION, invitation);
}

static void
test_registration (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  static const uint8_t invitation[32] = { 'i' }, third[32] = { 'f' };
  TessRelayInvitation made = { .hash = { 'i' }, .made = NOW - DAY, .until = NOW };

  g_assert_cmpint (add (store, account, 1, device, NULL, 0, TESS_RELAY_CLOSED, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (add (store, other_account, 1, device, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_TAKEN);
  g_assert_cmpint (add (store, account, 0, device, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_STALE);
  g_assert_cmpint (add (store, account, 1, device, second, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_STALE);
  g_assert_cmpint (add (store, account, 2, second, device, 0, TESS_RELAY_CLOSED, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "mailbox"), ==, 2);
  g_assert_cmpint (add (store, account, 3, device, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "mailbox"), ==, 1);
  g_assert_cmpint (add (store, other_account, 1, second, NULL, 0, TESS_RELAY_CLOSED, NULL), ==, TESS_RELAY_INVITATION);
  g_assert_cmpint (add (store, other_account, 1, second, NULL, 0, TESS_RELAY_BY_INVITATION, NULL), ==, TESS_RELAY_INVITATION);
  g_assert_cmpint (invited (store, other_account, second, invitation), ==, TESS_RELAY_INVITATION);
  g_assert_cmpint (tess_relay_store_invite (store, &made), ==, TESS_RELAY_OK);
  g_assert_cmpint (invited (store, other_account, second, invitation), ==, TESS_RELAY_INVITATION);
  g_assert_cmpint (tess_relay_store_revoke (store, invitation), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_revoke (store, invitation), ==, TESS_RELAY_NOT_FOUND);
  made.until = NOW + 1;
  g_assert_cmpint (tess_relay_store_invite (store, &made), ==, TESS_RELAY_OK);
  g_assert_cmpint (invited (store, other_account, second, invitation), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_revoke (store, invitation), ==, TESS_RELAY_NOT_FOUND);
  g_assert_cmpint (invited (store, third, third, invitation), ==, TESS_RELAY_INVITATION);
  g_assert_cmpint (count_rows (store, "account"), ==, 2);
}

static void
test_one_time (void)
{
  g_autoptr (TessRelayStore) store = open_registered (5);
  g_autoptr (GHashTable) given = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);

  for (unsigned i = 0; i < 7; i++)
    {
      TessRelayBundle bundle;

      g_assert_cmpint (tess_relay_store_bundle (store, account, contact, true, NOW, &bundle), ==, TESS_RELAY_OK);
      g_assert_cmpuint (bundle.count, ==, 1);
      g_assert_cmpuint (bundle.left[0], ==, i < 5 ? 4 - i : 0);
      if (bundle.entries[0].one_time != NULL)
        g_assert_true (g_hash_table_add (given, g_bytes_ref (bundle.entries[0].one_time)));
      tess_relay_bundle_clear (&bundle);
    }
  g_assert_cmpuint (g_hash_table_size (given), ==, 5);
  /* The same upload once more: all ids were handed out. */
  g_assert_cmpint (add (store, account, 1, device, NULL, 5, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpuint (state_of (store).one_time, ==, 0);
  g_assert_cmpint (add (store, account, 1, device, NULL, 8, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpuint (state_of (store).one_time, ==, 3);
  /* The bound is on what is unissued: ids that were handed out or are there take no room. */
  g_assert_cmpint (add (store, account, 1, device, NULL, TESS_RELAY_ONE_TIME_MAX + 6, TESS_RELAY_OPEN, NULL), ==,
                   TESS_RELAY_TOO_MANY);
  g_assert_cmpuint (state_of (store).one_time, ==, 3);
  for (unsigned i = 0; i < 2; i++)
    {
      g_assert_cmpint (add (store, account, 1, device, NULL, TESS_RELAY_ONE_TIME_MAX + 5, TESS_RELAY_OPEN, NULL), ==,
                       TESS_RELAY_OK);
      g_assert_cmpuint (state_of (store).one_time, ==, TESS_RELAY_ONE_TIME_MAX);
    }
}

/* However long it lay there before. */
static void
test_one_time_ids (void)
{
  g_autoptr (TessRelayStore) store = open_registered (1);
  TessRelayBundle bundle;
  int64_t issued = NOW + 6 * DAY;
  bool more;

  g_assert_cmpint (tess_relay_store_bundle (store, account, contact, true, issued, &bundle), ==, TESS_RELAY_OK);
  g_assert_nonnull (bundle.entries[0].one_time);
  tess_relay_bundle_clear (&bundle);
  g_assert_cmpint (tess_relay_store_sweep (store, issued + TESS_ONE_TIME_KEEP, 100, &more), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "one_time"), ==, 1);
  g_assert_cmpint (add (store, account, 1, device, NULL, 1, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpuint (state_of (store).one_time, ==, 0);
  g_assert_cmpint (tess_relay_store_sweep (store, issued + TESS_ONE_TIME_KEEP + 1, 100, &more), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "one_time"), ==, 0);
}

static void
test_bundle (void)
{
  g_autoptr (TessRelayStore) store = open_registered (1);
  TessRelayBundle bundle;

  g_assert_cmpint (tess_relay_store_bundle (store, account, request, false, NOW, &bundle), ==, TESS_RELAY_OK);
  g_assert_null (bundle.entries[0].one_time);
  g_assert_cmpuint (bundle.left[0], ==, 1);
  tess_relay_bundle_clear (&bundle);
  g_assert_cmpint (tess_relay_store_bundle (store, account, other_account, true, NOW, &bundle), ==, TESS_RELAY_REFUSED);
  g_assert_cmpint (tess_relay_store_bundle (store, other_account, contact, true, NOW, &bundle), ==, TESS_RELAY_REFUSED);
  g_assert_cmpint (tess_relay_store_bundle (store, account, contact, true, NOW + 7 * DAY, &bundle), ==, TESS_RELAY_OK);
  g_assert_cmpuint (bundle.count, ==, 0);
  g_assert_nonnull (bundle.list);
  tess_relay_bundle_clear (&bundle);
  g_assert_cmpuint (state_of (store).one_time, ==, 1);
}

static void
test_delete (void)
{
  g_autoptr (TessRelayStore) store = open_registered (20);
  bool more = true;
  unsigned turns = 0;

  for (uint32_t id = 0; id < 25; id++)
    g_assert_cmpint (deposit (store, contact, id), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_delete (store, device), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_delete (store, device), ==, TESS_RELAY_UNREGISTERED);
  g_assert_cmpint (deposit (store, contact, 99), ==, TESS_RELAY_NO_MAILBOX);
  g_assert_cmpint (count_rows (store, "account"), ==, 0);
  g_assert_cmpint (count_rows (store, "prekey"), ==, 0);
  /* Whoever comes back meanwhile gets a new mailbox and nothing of the old one. */
  g_assert_cmpint (add (store, account, 1, device, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpuint (state_of (store).one_time, ==, 0);
  g_assert_cmpuint (read_mail (store, 0, 64, 1 << 20, &more), ==, 0);
  for (more = true; more; turns++)
    g_assert_cmpint (tess_relay_store_sweep (store, NOW, 10, &more), ==, TESS_RELAY_OK);
  g_assert_cmpuint (turns, >, 2);
  g_assert_cmpuint (turns, <, 30);
  g_assert_cmpint (count_rows (store, "mail"), ==, 0);
  g_assert_cmpint (count_rows (store, "deposit"), ==, 0);
  g_assert_cmpint (count_rows (store, "one_time"), ==, 0);
  g_assert_cmpint (count_rows (store, "dropped"), ==, 0);
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

static TessRelayResult
find_name (TessRelayStore *store, const char *name, char **address_out)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_directory_name_free);
  TessRelayResult result = tess_relay_store_find_name (store, name, names);

  if (result == TESS_RELAY_OK)
    {
      const TessDirectoryName *found = g_ptr_array_index (names, 0);

      g_assert_cmpstr (found->name, ==, name);
      g_set_str (address_out, found->address);
    }
  return result;
}

static void
test_names (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_directory_name_free);
  g_autofree char *address = NULL;
  bool more;

  g_assert_cmpint (add (store, other_account, 1, second, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (find_name (store, "alice", &address), ==, TESS_RELAY_NOT_FOUND);
  g_assert_cmpint (tess_relay_store_name (store, device, "alice", "1"), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_name (store, second, "alice", "2"), ==, TESS_RELAY_TAKEN);
  g_assert_cmpint (find_name (store, "alice", &address), ==, TESS_RELAY_OK);
  g_assert_cmpstr (address, ==, "1");
  /* Claimed again, it stands for another address; another one takes its place. */
  g_assert_cmpint (tess_relay_store_name (store, device, "alice", "3"), ==, TESS_RELAY_OK);
  g_assert_cmpint (find_name (store, "alice", &address), ==, TESS_RELAY_OK);
  g_assert_cmpstr (address, ==, "3");
  g_assert_cmpint (tess_relay_store_name (store, device, "alison", "4"), ==, TESS_RELAY_OK);
  g_assert_cmpint (find_name (store, "alice", &address), ==, TESS_RELAY_NOT_FOUND);
  g_assert_cmpint (tess_relay_store_name (store, second, "alf", "5"), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_list_names (store, "al", 1, names, &more), ==, TESS_RELAY_OK);
  g_assert_true (names->len == 1 && more);
  g_ptr_array_set_size (names, 0);
  g_assert_cmpint (tess_relay_store_list_names (store, "al", 2, names, &more), ==, TESS_RELAY_OK);
  g_assert_true (names->len == 2 && !more);
  g_assert_cmpstr (((TessDirectoryName *) g_ptr_array_index (names, 0))->name, ==, "alf");
  g_ptr_array_set_size (names, 0);
  g_assert_cmpint (tess_relay_store_list_names (store, "ali", 5, names, &more), ==, TESS_RELAY_OK);
  g_assert_true (names->len == 1 && !more);
  /* Given up, and gone with its account. */
  g_assert_cmpint (tess_relay_store_name (store, second, NULL, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (find_name (store, "alf", &address), ==, TESS_RELAY_NOT_FOUND);
  g_assert_cmpint (tess_relay_store_delete (store, device), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "name"), ==, 0);
  g_assert_cmpint (tess_relay_store_name (store, device, "alice", "1"), ==, TESS_RELAY_UNREGISTERED);
}

static void
test_tickets (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  uint8_t ids[TESS_TICKETS_UNUSED_MAX + 1][TESS_BLOB_ID_SIZE] = { 0 }, owner[32];
  const uint8_t *first = ids[0], *last = ids[TESS_TICKETS_UNUSED_MAX];

  for (unsigned i = 0; i <= TESS_TICKETS_UNUSED_MAX; i++)
    {
      ids[i][0] = (uint8_t) i + 1;
      g_assert_cmpint (tess_relay_store_tickets (store, device, ids[i], 1, 1000, NOW + i), ==, TESS_RELAY_OK);
    }
  /* One too many: the oldest went. */
  g_assert_cmpint (count_rows (store, "ticket"), ==, TESS_TICKETS_UNUSED_MAX);
  g_assert_cmpint (tess_relay_store_ticket (store, first, 1, 1000, NOW, owner), ==, TESS_RELAY_NOT_FOUND);
  g_assert_cmpint (tess_relay_store_ticket (store, last, 1000, 1000, NOW, owner), ==, TESS_RELAY_OK);
  g_assert_cmpmem (owner, 32, account, 32);
  g_assert_cmpint (tess_relay_store_ticket (store, last, 1001, 1000, NOW, owner), ==, TESS_RELAY_FULL);
  /* It ends, but not under an upload that began in time. */
  g_assert_cmpint (tess_relay_store_ticket (store, ids[1], 1, 1000, NOW + 1 + TESS_TICKET_KEEP, owner), ==, TESS_RELAY_NOT_FOUND);
  g_assert_cmpint (tess_relay_store_spend (store, ids[1], 600, 1000, NOW, NOW + 2 * TESS_TICKET_KEEP), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_spend (store, ids[1], 1, 1000, NOW, NOW), ==, TESS_RELAY_NOT_FOUND);
  g_assert_cmpint (tess_relay_store_spend (store, ids[2], 401, 1000, NOW, NOW), ==, TESS_RELAY_FULL);
  g_assert_cmpint (tess_relay_store_spend (store, ids[2], 400, 1000, NOW, NOW), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_tickets (store, device, first, 1, 1000, NOW), ==, TESS_RELAY_FULL);
  /* What was uploaded has gone, and its sum with it. */
  g_assert_cmpint (tess_relay_store_tickets (store, device, first, 1, 1000, NOW + TESS_BLOB_KEEP + DAY), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "upload"), ==, 0);
  g_assert_cmpint (count_rows (store, "ticket"), ==, 1);
  g_assert_cmpint (tess_relay_store_delete (store, device), ==, TESS_RELAY_OK);
  g_assert_cmpint (count_rows (store, "ticket"), ==, 0);
  g_assert_cmpint (tess_relay_store_tickets (store, device, first, 1, 1000, NOW), ==, TESS_RELAY_UNREGISTERED);
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
  g_test_add_func ("/relay/store/capabilities", test_capabilities);
  g_test_add_func ("/relay/store/registration", test_registration);
  g_test_add_func ("/relay/store/one-time", test_one_time);
  g_test_add_func ("/relay/store/one-time-ids", test_one_time_ids);
  g_test_add_func ("/relay/store/bundle", test_bundle);
  g_test_add_func ("/relay/store/delete", test_delete);
  g_test_add_func ("/relay/store/rollback-and-full-disk", test_rollback_and_full_disk);
  g_test_add_func ("/relay/store/names", test_names);
  g_test_add_func ("/relay/store/tickets", test_tickets);
  g_test_add_func ("/relay/store/schema", test_schema);
  g_test_add_func ("/relay/store/migration", test_migration);
  return g_test_run ();
}
