/* Accounts: lists, prekeys, capabilities, bundles. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

#include "base/tess-limits.h"

#include <string.h>

void
tess_relay_one_time_free (TessRelayOneTime *self)
{
  g_bytes_unref (self->record);
  g_free (self);
}

void
tess_relay_bundle_clear (TessRelayBundle *self)
{
  g_clear_pointer (&self->list, g_bytes_unref);
  for (unsigned i = 0; i < self->count; i++)
    {
      g_clear_pointer (&self->entries[i].prekey, g_bytes_unref);
      g_clear_pointer (&self->entries[i].one_time, g_bytes_unref);
    }
  self->count = 0;
}

/* -- Capabilities -------------------------------------------------------------------------------------------------------- */

static bool
column_is (TessRelayQuery *query, int index, const uint8_t hash[static TESS_CAPABILITY_HASH_SIZE])
{
  uint8_t stored[TESS_CAPABILITY_HASH_SIZE];

  /* Of hashes, whose preimages nobody learns from the time that this takes. */
  return tess_relay_column_copy (query, index, stored, sizeof stored) && memcmp (stored, hash, sizeof stored) == 0;
}

static TessRelayResult
check_old_capability (TessRelayStore *self, const uint8_t account[static 32],
                      const uint8_t hash[static TESS_CAPABILITY_HASH_SIZE], int64_t now)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT hash FROM old_capability WHERE account = ? AND until > ?");
  TessRelayStep step;
  bool found = false;

  tess_relay_bind_blob (&query, 1, account, 32);
  tess_relay_bind_int (&query, 2, now);
  while ((step = tess_relay_step (&query)) == TESS_RELAY_STEP_ROW)
    found |= column_is (&query, 0, hash);
  if (step == TESS_RELAY_STEP_FAILED)
    return TESS_RELAY_BUSY;
  return found ? TESS_RELAY_OK : TESS_RELAY_REFUSED;
}

TessRelayResult
tess_relay_store_check_capability (TessRelayStore *self, const uint8_t account[static 32],
                                   const uint8_t hash[static TESS_CAPABILITY_HASH_SIZE], int64_t now, TessMailClass *class_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT contact, request FROM account WHERE account = ?");
  TessRelayStep step;
  bool contact, request;

  tess_relay_bind_blob (&query, 1, account, 32);
  step = tess_relay_step (&query);
  if (step == TESS_RELAY_STEP_FAILED)
    return TESS_RELAY_BUSY;
  contact = step == TESS_RELAY_STEP_ROW && column_is (&query, 0, hash);
  request = step == TESS_RELAY_STEP_ROW && column_is (&query, 1, hash);
  *class_out = contact || !request ? TESS_MAIL_CONTACT : TESS_MAIL_REQUEST;
  /* The same steps for an account that there is not: not even the time tells. */
  return contact || request ? TESS_RELAY_OK : check_old_capability (self, account, hash, now);
}

bool
tess_relay_store_trim_capabilities (TessRelayStore *self, const uint8_t account[static 32], int64_t now)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "DELETE FROM old_capability WHERE account = ? AND until <= ?");

  tess_relay_bind_blob (&query, 1, account, 32);
  tess_relay_bind_int (&query, 2, now);
  return tess_relay_run (&query);
}

static TessRelayResult
keep_old_capability (TessRelayStore *self, const uint8_t account[static 32], GBytes *hash, int64_t now)
{
  g_auto (TessRelayQuery) insert
    = tess_relay_query (self, "INSERT OR REPLACE INTO old_capability (account, hash, until) VALUES (?, ?, ?)");
  g_auto (TessRelayQuery) bound = tess_relay_query (
    self, "DELETE FROM old_capability WHERE account = ?1 AND hash IN"
          " (SELECT hash FROM old_capability WHERE account = ?1 ORDER BY until DESC, hash LIMIT -1 OFFSET ?2)");

  tess_relay_bind_blob (&insert, 1, account, 32);
  tess_relay_bind_bytes (&insert, 2, hash);
  tess_relay_bind_int (&insert, 3, now + TESS_CAPABILITY_OVERLAP);
  tess_relay_bind_blob (&bound, 1, account, 32);
  tess_relay_bind_int (&bound, 2, TESS_RELAY_OLD_CAPABILITIES_MAX);
  return tess_relay_store_trim_capabilities (self, account, now) && tess_relay_run (&insert) && tess_relay_run (&bound)
           ? TESS_RELAY_OK
           : TESS_RELAY_BUSY;
}

TessRelayResult
tess_relay_store_capabilities (TessRelayStore *self, const uint8_t device[static 32],
                               const uint8_t contact[static TESS_CAPABILITY_HASH_SIZE],
                               const uint8_t request[static TESS_CAPABILITY_HASH_SIZE], int64_t now)
{
  g_auto (TessRelayQuery) select = tess_relay_query (self, "SELECT contact FROM account WHERE account = ?");
  g_auto (TessRelayQuery) update = tess_relay_query (self, "UPDATE account SET contact = ?2, request = ?3 WHERE account = ?1");
  g_autoptr (GBytes) before = NULL;
  int64_t number;
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_find (self, device, &number, account);
  bool same = false;

  if (result != TESS_RELAY_OK)
    return result == TESS_RELAY_NO_MAILBOX ? TESS_RELAY_UNREGISTERED : result;
  tess_relay_bind_blob (&select, 1, account, 32);
  if (tess_relay_step (&select) != TESS_RELAY_STEP_ROW)
    return TESS_RELAY_BUSY;
  same = column_is (&select, 0, contact);
  before = tess_relay_column_bytes (&select, 0);
  tess_relay_query_clear (&select);
  if (before != NULL && !same && keep_old_capability (self, account, before, now) != TESS_RELAY_OK)
    return TESS_RELAY_BUSY;
  tess_relay_bind_blob (&update, 1, account, 32);
  tess_relay_bind_blob (&update, 2, contact, TESS_CAPABILITY_HASH_SIZE);
  tess_relay_bind_blob (&update, 3, request, TESS_CAPABILITY_HASH_SIZE);
  return tess_relay_run (&update) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

/* -- Device lists -------------------------------------------------------------------------------------------------------- */

typedef enum { LIST_UNKNOWN, LIST_SAME, LIST_NEWER, LIST_STALE, LIST_FAILED } ListOrder;

/* How @list stands to the stored one of its account. Signatures do not count as content. */
static ListOrder
compare_list (TessRelayStore *self, const TessRelayList *list)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT version, list FROM account WHERE account = ?");
  g_autoptr (GBytes) known = NULL;
  uint64_t version;
  size_t size;
  TessRelayStep step;

  tess_relay_bind_blob (&query, 1, list->list.account, 32);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? LIST_UNKNOWN : LIST_FAILED;
  version = (uint64_t) tess_relay_column_int (&query, 0);
  if (list->list.version != version)
    return list->list.version > version ? LIST_NEWER : LIST_STALE;
  known = tess_relay_column_bytes (&query, 1);
  size = g_bytes_get_size (list->record);
  if (known == NULL || g_bytes_get_size (known) != size || size < TESS_SIGNATURE_SIZE
      || memcmp (g_bytes_get_data (known, NULL), g_bytes_get_data (list->record, NULL), size - TESS_SIGNATURE_SIZE) != 0)
    return LIST_STALE;
  return LIST_SAME;
}

/* Drops the mailboxes of devices that @list no longer names. */
static bool
drop_omitted (TessRelayStore *self, const TessRelayList *list, GByteArray *removed)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT number, device FROM mailbox WHERE account = ?");
  int64_t numbers[TESS_DEVICES_MAX * 2];
  unsigned count = 0;
  TessRelayStep step;

  tess_relay_bind_blob (&query, 1, list->list.account, 32);
  while ((step = tess_relay_step (&query)) == TESS_RELAY_STEP_ROW && count < G_N_ELEMENTS (numbers))
    {
      uint8_t device[32];

      if (!tess_relay_column_copy (&query, 1, device, 32) || tess_device_list_find (&list->list, device) != NULL)
        continue;
      numbers[count++] = tess_relay_column_int (&query, 0);
      if (removed != NULL)
        g_byte_array_append (removed, device, 32);
    }
  tess_relay_query_clear (&query);
  for (unsigned i = 0; i < count; i++)
    if (!tess_relay_store_drop (self, numbers[i]))
      return false;
  return step != TESS_RELAY_STEP_FAILED;
}

/* A list without a device: nobody can be reached under the account, and a name would lead to nobody. The list stays, so that no
 * older one takes its place. */
static bool
put_list (TessRelayStore *self, const TessRelayList *list)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "INSERT INTO account (account, version, list) VALUES (?, ?, ?)"
                              "  ON CONFLICT (account) DO UPDATE SET version = excluded.version, list = excluded.list");

  tess_relay_bind_blob (&query, 1, list->list.account, 32);
  tess_relay_bind_int (&query, 2, (int64_t) list->list.version);
  tess_relay_bind_bytes (&query, 3, list->record);
  return tess_relay_run (&query) && (list->list.count > 0 || tess_relay_store_release_name (self, list->list.account));
}

TessRelayResult
tess_relay_store_devices (TessRelayStore *self, const uint8_t device[static 32], const TessRelayList *list, GByteArray *removed)
{
  int64_t number;
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_find (self, device, &number, account);
  ListOrder order;

  if (result != TESS_RELAY_OK)
    return result == TESS_RELAY_NO_MAILBOX ? TESS_RELAY_UNREGISTERED : result;
  if (memcmp (account, list->list.account, 32) != 0)
    return TESS_RELAY_TAKEN;
  order = compare_list (self, list);
  if (order == LIST_FAILED)
    return TESS_RELAY_BUSY;
  if (order == LIST_STALE)
    return TESS_RELAY_STALE;
  return order == LIST_SAME || (put_list (self, list) && drop_omitted (self, list, removed)) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

/* -- Prekeys ------------------------------------------------------------------------------------------------------------- */

static bool
put_one_time (TessRelayStore *self, int64_t number, const TessRelayOneTime *key, int64_t now, int64_t *added)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "INSERT OR IGNORE INTO one_time (mailbox, id, stored, record) VALUES (?, ?, ?, ?)");

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_int (&query, 2, key->id);
  tess_relay_bind_int (&query, 3, now);
  tess_relay_bind_bytes (&query, 4, key->record);
  if (!tess_relay_run (&query))
    return false;
  *added += sqlite3_changes (self->db);
  return true;
}

static bool
put_prekey (TessRelayStore *self, int64_t number, const TessRelayKeys *keys)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "INSERT OR REPLACE INTO prekey (mailbox, expires, record) VALUES (?, ?, ?)");

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_int (&query, 2, keys->prekey_expires);
  tess_relay_bind_bytes (&query, 3, keys->prekey);
  return tess_relay_run (&query);
}

static bool
drop_unissued (TessRelayStore *self, int64_t number)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "DELETE FROM one_time WHERE mailbox = ? AND record IS NOT NULL");

  tess_relay_bind_int (&query, 1, number);
  return tess_relay_run (&query);
}

static bool
came_before (const GPtrArray *keys, unsigned index)
{
  const TessRelayOneTime *key = g_ptr_array_index (keys, index);

  for (unsigned i = 0; i < index; i++)
    if (((const TessRelayOneTime *) g_ptr_array_index (keys, i))->id == key->id)
      return true;
  return false;
}

/* Whether the one-time keys of @keys fit beside the @left that are unissued. An upload whose answer was lost comes again: what
 * is there already, or was handed out, takes no room. */
static TessRelayResult
check_one_time (TessRelayStore *self, int64_t number, const TessRelayKeys *keys, int64_t left)
{
  unsigned count = keys->one_time != NULL ? keys->one_time->len : 0;

  if (keys->replace)
    left = 0;
  for (unsigned i = 0; i < count; i++)
    {
      g_auto (TessRelayQuery) query = tess_relay_query (
        self, "SELECT 1 FROM one_time WHERE mailbox = ?1 AND id = ?2 AND (record IS NULL OR NOT ?3)");
      TessRelayStep step;

      tess_relay_bind_int (&query, 1, number);
      tess_relay_bind_int (&query, 2, ((const TessRelayOneTime *) g_ptr_array_index (keys->one_time, i))->id);
      tess_relay_bind_int (&query, 3, keys->replace);
      step = tess_relay_step (&query);
      if (step == TESS_RELAY_STEP_FAILED)
        return TESS_RELAY_BUSY;
      left += step == TESS_RELAY_STEP_DONE && !came_before (keys->one_time, i) ? 1 : 0;
    }
  return left <= TESS_RELAY_ONE_TIME_MAX ? TESS_RELAY_OK : TESS_RELAY_TOO_MANY;
}

/* Stores what @keys brings for mailbox @number, which has @left unissued one-time keys and room for those. */
static TessRelayResult
put_keys (TessRelayStore *self, int64_t number, const TessRelayKeys *keys, int64_t left, uint32_t *left_out)
{
  g_auto (TessRelayQuery) update = tess_relay_query (self, "UPDATE mailbox SET one_time = ?2 WHERE number = ?1");
  unsigned count = keys->one_time != NULL ? keys->one_time->len : 0;

  if (keys->replace)
    left = 0;
  if ((keys->prekey != NULL && !put_prekey (self, number, keys)) || (keys->replace && !drop_unissued (self, number)))
    return TESS_RELAY_BUSY;
  for (unsigned i = 0; i < count; i++)
    if (!put_one_time (self, number, g_ptr_array_index (keys->one_time, i), keys->now, &left))
      return TESS_RELAY_BUSY;
  tess_relay_bind_int (&update, 1, number);
  tess_relay_bind_int (&update, 2, left);
  *left_out = (uint32_t) left;
  return tess_relay_run (&update) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

TessRelayResult
tess_relay_store_publish (TessRelayStore *self, const uint8_t device[static 32], const TessRelayKeys *keys,
                          uint32_t *one_time_out)
{
  TessRelayMailboxState state;
  int64_t number;
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_mailbox (self, device, &state);

  if (result != TESS_RELAY_OK)
    return result;
  result = tess_relay_store_find (self, device, &number, account);
  if (result == TESS_RELAY_OK)
    result = check_one_time (self, number, keys, state.one_time);
  return result == TESS_RELAY_OK ? put_keys (self, number, keys, state.one_time, one_time_out) : result;
}

/* -- Registration -------------------------------------------------------------------------------------------------------- */

/* Whether a new account may be made. */
static TessRelayResult
check_policy (TessRelayStore *self, const TessRelayList *list, TessRelayPolicy policy, const uint8_t *invitation, int64_t now)
{
  if (policy == TESS_RELAY_OPEN)
    return TESS_RELAY_OK;
  if (policy == TESS_RELAY_CLOSED || invitation == NULL)
    return TESS_RELAY_INVITATION;
  return tess_relay_store_use_invitation (self, invitation, list->list.account, now);
}

/* A number for a new mailbox: one that another had, or the next that nobody had. NO_NUMBER, BUSY. */
static TessRelayResult
find_number (TessRelayStore *self, int64_t *number_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (
    self, "SELECT coalesce ((SELECT number FROM spare LIMIT 1),"
          "  (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'mailbox'), 1)");

  if (tess_relay_step (&query) != TESS_RELAY_STEP_ROW)
    return TESS_RELAY_BUSY;
  *number_out = tess_relay_column_int (&query, 0);
  return *number_out <= TESS_RELAY_NUMBER_MAX ? TESS_RELAY_OK : TESS_RELAY_NO_NUMBER;
}

static TessRelayResult
insert_mailbox (TessRelayStore *self, int64_t number, const uint8_t device[static 32], const uint8_t account[static 32])
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "INSERT INTO mailbox (number, device, account) VALUES (?, ?, ?)");
  g_auto (TessRelayQuery) spare = tess_relay_query (self, "DELETE FROM spare WHERE number = ?");

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_blob (&query, 2, device, 32);
  tess_relay_bind_blob (&query, 3, account, 32);
  tess_relay_bind_int (&spare, 1, number);
  return tess_relay_run (&query) && tess_relay_run (&spare) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

/* Every refusal comes before any change. */
TessRelayResult
tess_relay_store_register (TessRelayStore *self, const uint8_t device[static 32], const TessRelayList *list,
                           const TessRelayKeys *keys, TessRelayPolicy policy, const uint8_t *invitation, uint32_t *one_time_out,
                           GByteArray *removed)
{
  TessRelayMailboxState state;
  TessRelayResult result = tess_relay_store_mailbox (self, device, &state);
  ListOrder order = compare_list (self, list);
  int64_t number = 0; /* no mailbox */
  uint8_t account[32];

  if (result == TESS_RELAY_BUSY || order == LIST_FAILED)
    return TESS_RELAY_BUSY;
  if (state.registered && memcmp (state.account, list->list.account, 32) != 0)
    return TESS_RELAY_TAKEN;
  if (order == LIST_STALE)
    return TESS_RELAY_STALE;
  result = state.registered ? tess_relay_store_find (self, device, &number, account) : find_number (self, &number);
  if (result != TESS_RELAY_OK)
    return result == TESS_RELAY_NO_NUMBER ? result : TESS_RELAY_BUSY;
  result = check_one_time (self, number, keys, state.one_time);
  if (result != TESS_RELAY_OK)
    return result;
  if (order == LIST_UNKNOWN)
    {
      result = check_policy (self, list, policy, invitation, keys->now);
      if (result != TESS_RELAY_OK)
        return result;
    }
  if (order != LIST_SAME && (!put_list (self, list) || !drop_omitted (self, list, removed)))
    return TESS_RELAY_BUSY;
  result = state.registered ? TESS_RELAY_OK : insert_mailbox (self, number, device, list->list.account);
  return result == TESS_RELAY_OK ? put_keys (self, number, keys, state.one_time, one_time_out) : result;
}

bool
tess_relay_store_delete_if_empty (TessRelayStore *self, const uint8_t account[static 32])
{
  static const char *const statements[] = {
    "DELETE FROM old_capability WHERE account = ?",
    "DELETE FROM account WHERE account = ?",
  };
  g_auto (TessRelayQuery) left = tess_relay_query (self, "SELECT 1 FROM mailbox WHERE account = ? LIMIT 1");
  TessRelayStep step;

  tess_relay_bind_blob (&left, 1, account, 32);
  step = tess_relay_step (&left);
  if (step != TESS_RELAY_STEP_DONE)
    return step == TESS_RELAY_STEP_ROW;
  if (!tess_relay_store_release_name (self, account) || !tess_relay_store_forget_uploads (self, account)
      || !tess_relay_store_forget_invited (self, account))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_auto (TessRelayQuery) query = tess_relay_query (self, statements[i]);

      tess_relay_bind_blob (&query, 1, account, 32);
      if (!tess_relay_run (&query))
        return false;
    }
  return true;
}

TessRelayResult
tess_relay_store_delete (TessRelayStore *self, const uint8_t device[static 32])
{
  int64_t number;
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_find (self, device, &number, account);

  if (result != TESS_RELAY_OK)
    return result == TESS_RELAY_NO_MAILBOX ? TESS_RELAY_UNREGISTERED : result;
  if (!tess_relay_store_drop (self, number) || !tess_relay_store_delete_if_empty (self, account))
    return TESS_RELAY_BUSY;
  return TESS_RELAY_OK;
}

/* -- Bundles ------------------------------------------------------------------------------------------------------------- */

/* Hands out one one-time prekey of mailbox @number, whose id is remembered from @now on; *@record_out stays NULL when none is
 * left. */
static bool
issue_one_time (TessRelayStore *self, int64_t number, int64_t now, GBytes **record_out)
{
  g_auto (TessRelayQuery) select = tess_relay_query (
    self, "SELECT id, record FROM one_time INDEXED BY one_time_left"
          "  WHERE mailbox = ? AND record IS NOT NULL ORDER BY id LIMIT 1");
  g_auto (TessRelayQuery) issue
    = tess_relay_query (self, "UPDATE one_time SET record = NULL, stored = ?3 WHERE mailbox = ?1 AND id = ?2");
  g_auto (TessRelayQuery) count = tess_relay_query (self, "UPDATE mailbox SET one_time = one_time - 1 WHERE number = ?");
  g_autoptr (GBytes) record = NULL;
  TessRelayStep step;
  int64_t id;

  tess_relay_bind_int (&select, 1, number);
  step = tess_relay_step (&select);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE;
  id = tess_relay_column_int (&select, 0);
  record = tess_relay_column_bytes (&select, 1);
  tess_relay_query_clear (&select);
  tess_relay_bind_int (&issue, 1, number);
  tess_relay_bind_int (&issue, 2, id);
  tess_relay_bind_int (&issue, 3, now);
  tess_relay_bind_int (&count, 1, number);
  if (record == NULL || !tess_relay_run (&issue) || !tess_relay_run (&count))
    return false;
  *record_out = g_steal_pointer (&record);
  return true;
}

static bool
read_devices (TessRelayStore *self, const uint8_t account[static 32], int64_t now, TessRelayBundle *out,
              int64_t numbers[static TESS_DEVICES_MAX])
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "SELECT number, device, one_time, record FROM mailbox JOIN prekey ON prekey.mailbox = number"
                              "  WHERE account = ? AND expires > ? ORDER BY number");
  TessRelayStep step;

  tess_relay_bind_blob (&query, 1, account, 32);
  tess_relay_bind_int (&query, 2, now);
  while ((step = tess_relay_step (&query)) == TESS_RELAY_STEP_ROW && out->count < TESS_DEVICES_MAX)
    {
      TessBundleEntry *entry = &out->entries[out->count];

      numbers[out->count] = tess_relay_column_int (&query, 0);
      out->left[out->count] = (uint32_t) tess_relay_column_int (&query, 2);
      tess_relay_column_copy (&query, 1, entry->device, sizeof entry->device);
      entry->prekey = tess_relay_column_bytes (&query, 3);
      out->count++;
    }
  return step != TESS_RELAY_STEP_FAILED;
}

TessRelayResult
tess_relay_store_bundle (TessRelayStore *self, const uint8_t account[static 32],
                         const uint8_t capability[static TESS_CAPABILITY_HASH_SIZE], bool one_time, int64_t now,
                         TessRelayBundle *out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT list FROM account WHERE account = ?");
  int64_t numbers[TESS_DEVICES_MAX];
  TessMailClass mail_class;
  TessRelayResult result = tess_relay_store_check_capability (self, account, capability, now, &mail_class);

  *out = (TessRelayBundle) { 0 };
  if (result != TESS_RELAY_OK)
    return result;
  tess_relay_bind_blob (&query, 1, account, 32);
  if (tess_relay_step (&query) != TESS_RELAY_STEP_ROW)
    return TESS_RELAY_BUSY;
  out->list = tess_relay_column_bytes (&query, 0);
  tess_relay_query_clear (&query);
  if (out->list == NULL || !read_devices (self, account, now, out, numbers))
    return TESS_RELAY_BUSY;
  for (unsigned i = 0; one_time && i < out->count; i++)
    {
      if (!issue_one_time (self, numbers[i], now, &out->entries[i].one_time))
        return TESS_RELAY_BUSY;
      if (out->entries[i].one_time != NULL)
        out->left[i]--;
    }
  return TESS_RELAY_OK;
}
