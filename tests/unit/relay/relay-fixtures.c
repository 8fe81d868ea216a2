/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay-fixtures.h"

#include "base/tess-limits.h"

#include <string.h>

const uint8_t account[32] = { 'A' }, other_account[32] = { 'B' };
const uint8_t device[32] = { 'd' }, second[32] = { 'e' };
const uint8_t contact[32] = { 'c' }, request[32] = { 'r' };

TessRelayStore *
open_store (void)
{
  g_autoptr (GError) error = NULL;
  TessRelayStore *store = tess_relay_store_open (":memory:", &error);

  g_assert_no_error (error);
  return store;
}

void
run_sql (TessRelayStore *store, const char *sql)
{
  g_assert_cmpint (sqlite3_exec (store->db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

int64_t
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

GBytes *
filler (size_t size, uint8_t byte)
{
  uint8_t *data = g_malloc (size);

  memset (data, byte, size);
  return g_bytes_new_take (data, size);
}

TessRelayResult
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
TessRelayStore *
open_registered (unsigned keys)
{
  TessRelayStore *store = open_store ();

  g_assert_cmpint (add (store, account, 1, device, NULL, keys, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_capabilities (store, device, contact, request, NOW), ==, TESS_RELAY_OK);
  return store;
}

TessRelayResult
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

TessRelayResult
deposit (TessRelayStore *store, const uint8_t *hash, uint32_t id)
{
  return deposit_at (store, hash, id, NOW, NULL);
}

TessRelayMailboxState
state_of (TessRelayStore *store)
{
  TessRelayMailboxState state;

  tess_relay_store_mailbox (store, device, &state);
  return state;
}

unsigned
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
