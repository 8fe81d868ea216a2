/* Accounts in the relay's store: registration, keys, capabilities, names, tickets. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-limits.h"
#include "relay-fixtures.h"

#include <string.h>

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

/* A list without a device gives up the name, and keeps older lists away; one that names a device, though it has no mailbox here
 * yet, keeps it. */
static void
test_name_of_nobody (void)
{
  g_autoptr (TessRelayStore) store = open_registered (0);
  g_autoptr (GBytes) record = filler (200, 2);
  g_autoptr (GByteArray) removed = g_byte_array_new ();
  g_autofree char *address = NULL;
  TessRelayList list = { .list = { .version = 2, .count = 1 }, .record = record };

  memcpy (list.list.account, account, 32);
  memcpy (list.list.devices[0].device, second, 32);
  g_assert_cmpint (tess_relay_store_name (store, device, "alice", "1"), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_devices (store, device, &list, removed), ==, TESS_RELAY_OK);
  g_assert_cmpint (find_name (store, "alice", &address), ==, TESS_RELAY_OK);
  g_assert_cmpint (add (store, account, 3, second, NULL, 0, TESS_RELAY_CLOSED, NULL), ==, TESS_RELAY_OK);
  list.list.version = 4;
  list.list.count = 0;
  g_assert_cmpint (tess_relay_store_devices (store, second, &list, removed), ==, TESS_RELAY_OK);
  g_assert_cmpuint (removed->len, ==, 64);
  g_assert_cmpint (find_name (store, "alice", &address), ==, TESS_RELAY_NOT_FOUND);
  g_assert_cmpint (add (store, other_account, 1, device, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_name (store, device, "alice", "2"), ==, TESS_RELAY_OK);
  /* Who comes back needs no invitation, and has no name; the one who has it now keeps it. */
  g_assert_cmpint (add (store, account, 3, second, NULL, 0, TESS_RELAY_OPEN, NULL), ==, TESS_RELAY_STALE);
  g_assert_cmpint (add (store, account, 5, second, NULL, 0, TESS_RELAY_CLOSED, NULL), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_name (store, second, "alice", "3"), ==, TESS_RELAY_TAKEN);
  g_assert_cmpint (tess_relay_store_delete (store, second), ==, TESS_RELAY_OK);
  g_assert_cmpint (find_name (store, "alice", &address), ==, TESS_RELAY_OK);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/accounts/capabilities", test_capabilities);
  g_test_add_func ("/relay/accounts/registration", test_registration);
  g_test_add_func ("/relay/accounts/one-time", test_one_time);
  g_test_add_func ("/relay/accounts/one-time-ids", test_one_time_ids);
  g_test_add_func ("/relay/accounts/bundle", test_bundle);
  g_test_add_func ("/relay/accounts/delete", test_delete);
  g_test_add_func ("/relay/accounts/names", test_names);
  g_test_add_func ("/relay/accounts/name-of-nobody", test_name_of_nobody);
  g_test_add_func ("/relay/accounts/tickets", test_tickets);
  return g_test_run ();
}
