/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tess-store-test.h"

#include "base/tess-limits.h"
#include "store/tess-queries-contacts.h"
#include "store/tess-queries-keys.h"
#include "store/tess-queries-messages.h"
#include "store/tess-queries-outbox.h"
#include "store/tess-queries-sessions.h"

#define OK(call)                                                                                                                 \
  G_STMT_START                                                                                                                   \
    {                                                                                                                            \
      GError *ok_error = NULL;                                                                                                   \
      bool ok_done = (call);                                                                                                     \
      g_assert_no_error (ok_error);                                                                                              \
      g_assert_true (ok_done);                                                                                                   \
    }                                                                                                                            \
  G_STMT_END
/* Inside OK(): where the call puts its error. */
#define E &ok_error

#define FAILS(call, code)                                                                                                        \
  G_STMT_START                                                                                                                   \
    {                                                                                                                            \
      g_autoptr (GError) ok_error = NULL;                                                                                        \
      g_assert_false (call);                                                                                                     \
      g_assert_error (ok_error, TESS_STORE_ERROR, (int) (code));                                                                 \
    }                                                                                                                            \
  G_STMT_END

static int64_t
add_contact (TessDb *db, unsigned seed)
{
  g_autoptr (TessContactRow) row = g_new0 (TessContactRow, 1);

  fill (row->account, 32, seed);
  row->name = g_strdup_printf ("Person %u", seed);
  row->relay = g_strdup ("https://relay.example.org");
  row->added = 1000 + seed;
  OK (tess_db_contact_insert (db, row, E));
  g_assert_cmpint (row->id, >, 0);
  return row->id;
}

static void
test_settings (Fixture *self, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  uint8_t out[3];
  int64_t number;
  bool found;

  OK (tess_db_setting_get_text (self->db, "name", &text, E));
  g_assert_null (text);
  OK (tess_db_setting_set_text (self->db, "name", "Alice", E));
  OK (tess_db_setting_set_text (self->db, "name", "Älice", E));
  OK (tess_db_setting_get_text (self->db, "name", &text, E));
  g_assert_cmpstr (text, ==, "Älice");

  OK (tess_db_setting_get_int (self->db, "n", -5, &number, E));
  g_assert_cmpint (number, ==, -5);
  OK (tess_db_setting_set_int (self->db, "n", INT64_MAX, E));
  OK (tess_db_setting_get_int (self->db, "n", 0, &number, E));
  g_assert_cmpint (number, ==, INT64_MAX);
  OK (tess_db_setting_add (self->db, "count", 3, NULL, E));
  OK (tess_db_setting_add (self->db, "count", 4, &number, E));
  g_assert_cmpint (number, ==, 7);

  OK (tess_db_setting_set_blob (self->db, "blob", (const uint8_t *) "\0\1\2", 3, E));
  OK (tess_db_setting_get_blob (self->db, "blob", &bytes, E));
  g_assert_cmpint (g_bytes_get_size (bytes), ==, 3);
  OK (tess_db_setting_copy (self->db, "blob", out, 3, &found, E));
  g_assert_true (found && out[2] == 2);
  FAILS (tess_db_setting_copy (self->db, "blob", out, 2, NULL, E), TESS_STORE_ERROR_DAMAGED);
  OK (tess_db_setting_remove (self->db, "blob", E));
  OK (tess_db_setting_remove (self->db, "blob", E));
  OK (tess_db_setting_copy (self->db, "blob", out, 3, &found, E));
  g_assert_true (!found && out[2] == 0);
}

static void
add_prekey (TessDb *db, uint32_t id, int64_t created)
{
  g_autoptr (TessPrekeyRow) row = g_new0 (TessPrekeyRow, 1);

  row->spk_id = id;
  row->envelope_key_id = id + 1000;
  row->created = created;
  row->expires = created + 100;
  fill (row->spk_private, 32, id);
  fill (row->last_resort_seed, 64, id + 1);
  fill (row->envelope_seed, 32, id + 2);
  row->record = g_bytes_new_static ("record", 6);
  OK (tess_db_prekey_insert (db, row, E));
  FAILS (tess_db_prekey_insert (db, row, E), TESS_STORE_ERROR_EXISTS);
}

static void
test_prekeys (Fixture *self, gconstpointer data)
{
  g_autoptr (TessPrekeyRow) row = NULL;
  uint8_t ek[32];
  int64_t session;
  bool found;

  OK (tess_db_prekey_newest (self->db, 2000, &row, E));
  g_assert_null (row);
  add_prekey (self->db, 4000000000u, 1000);
  add_prekey (self->db, 7, 2000);
  add_prekey (self->db, 8, 2001);
  OK (tess_db_prekey_newest (self->db, 2000, &row, E));
  g_assert_cmpint (row->spk_id, ==, 7);
  g_clear_pointer (&row, tess_prekey_row_free);
  OK (tess_db_prekey_find (self->db, 4000000000u, &row, E));
  fill (ek, 32, 4000000000u);
  g_assert_cmpmem (row->spk_private, 32, ek, 32);
  g_assert_cmpint (row->published, ==, 0);
  g_clear_pointer (&row, tess_prekey_row_free);
  OK (tess_db_prekey_set_published (self->db, 7, 55, E));
  FAILS (tess_db_prekey_set_published (self->db, 9, 55, E), TESS_STORE_ERROR_MISSING);
  OK (tess_db_prekey_find_envelope (self->db, 1007, &row, E));
  g_assert_cmpint (row->published, ==, 55);
  g_assert_cmpint (row->last_resort_uses, ==, 0);
  g_clear_pointer (&row, tess_prekey_row_free);
  OK (tess_db_prekey_count_last_resort (self->db, 7, E));
  OK (tess_db_prekey_count_last_resort (self->db, 7, E));
  FAILS (tess_db_prekey_count_last_resort (self->db, 9, E), TESS_STORE_ERROR_MISSING);
  OK (tess_db_prekey_find (self->db, 7, &row, E));
  g_assert_cmpint (row->last_resort_uses, ==, 2);
  g_clear_pointer (&row, tess_prekey_row_free);

  /* A hello is remembered as long as its prekey. */
  fill (ek, 32, 1);
  OK (tess_db_hello_put (self->db, 4000000000u, ek, 0, E));
  OK (tess_db_hello_put (self->db, 7, ek, 0, E));
  FAILS (tess_db_hello_put (self->db, 7, ek, 0, E), TESS_STORE_ERROR_EXISTS);
  OK (tess_db_prekey_erase_expired (self->db, 1101, E));
  OK (tess_db_hello_find (self->db, 4000000000u, ek, &found, &session, E));
  g_assert_false (found);
  OK (tess_db_hello_find (self->db, 7, ek, &found, &session, E));
  g_assert_true (found && session == 0);
  OK (tess_db_prekey_find (self->db, 4000000000u, &row, E));
  g_assert_null (row);
}

static void
test_one_time (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (TessOneTimeRow) found = NULL;
  unsigned count;

  for (uint32_t id = 1; id <= 10; id++)
    {
      TessOneTimeRow row = { .id = id, .created = 5 };

      fill (row.opk_private, 32, id);
      fill (row.kem_seed, 64, id);
      OK (tess_db_one_time_insert (self->db, &row, E));
    }
  OK (tess_db_one_time_set_uploaded (self->db, 1, 6, 100, E));
  OK (tess_db_one_time_set_uploaded (self->db, 7, 7, 200, E));
  OK (tess_db_one_time_not_uploaded (self->db, 2, &rows, E));
  g_assert_cmpint (rows->len, ==, 2);
  g_assert_cmpint (((TessOneTimeRow *) rows->pdata[0])->id, ==, 8);
  OK (tess_db_one_time_erase (self->db, 2, E));
  FAILS (tess_db_one_time_erase (self->db, 2, E), TESS_STORE_ERROR_MISSING);
  OK (tess_db_one_time_erase_old (self->db, 200, &count, E));
  g_assert_cmpint (count, ==, 5);
  OK (tess_db_one_time_find (self->db, 1, &found, E));
  g_assert_null (found);
  OK (tess_db_one_time_find (self->db, 10, &found, E));
  g_assert_nonnull (found);
}

static void
test_codes (Fixture *self, gconstpointer data)
{
  int64_t alice = add_contact (self->db, 1), bob = add_contact (self->db, 2);
  g_autoptr (GPtrArray) rows = NULL;
  uint8_t secret[4][16];

  for (unsigned i = 0; i < 4; i++)
    fill (secret[i], 16, i);
  OK (tess_db_code_insert (self->db, secret[0], 0, 100, E));
  OK (tess_db_code_insert (self->db, secret[1], alice, 100, E));
  OK (tess_db_code_insert (self->db, secret[2], bob, 100, E));
  OK (tess_db_code_insert (self->db, secret[3], alice, 50, E));
  OK (tess_db_code_list (self->db, &rows, E));
  g_assert_cmpint (rows->len, ==, 4);
  g_assert_cmpint (((TessCodeRow *) rows->pdata[0])->contact, ==, alice);
  g_assert_cmpint (((TessCodeRow *) rows->pdata[3])->contact, ==, 0);
  g_clear_pointer (&rows, g_ptr_array_unref);
  OK (tess_db_code_use (self->db, secret[0], bob, E));
  FAILS (tess_db_code_use (self->db, secret[0], alice, E), TESS_STORE_ERROR_MISSING);
  OK (tess_db_code_set_told (self->db, secret[1], E));
  OK (tess_db_code_set_expires (self->db, secret[0], 100, 59, E));
  OK (tess_db_code_list (self->db, &rows, E));
  g_assert_cmpint (((TessCodeRow *) rows->pdata[3])->contact, ==, bob);
  g_assert_cmpint (((TessCodeRow *) rows->pdata[3])->state, ==, TESS_CODE_SPENT);
  g_assert_cmpint (((TessCodeRow *) rows->pdata[2])->state, ==, TESS_CODE_TOLD);
  g_assert_cmpint (((TessCodeRow *) rows->pdata[1])->state, ==, TESS_CODE_FRESH);
  OK (tess_db_code_erase_expired (self->db, 60, E));
  FAILS (tess_db_code_set_expires (self->db, secret[0], 1, 100, E), TESS_STORE_ERROR_MISSING);
}

static void
test_contacts (Fixture *self, gconstpointer data)
{
  int64_t id = add_contact (self->db, 1);
  g_autoptr (TessContactRow) row = NULL;
  g_autoptr (TessContactRow) again = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  uint8_t account[32];

  fill (account, 32, 1);
  OK (tess_db_contact_find_account (self->db, account, &row, E));
  g_assert_cmpint (row->id, ==, id);
  g_assert_cmpstr (row->name, ==, "Person 1");
  g_assert_null (row->nickname);
  g_assert_false (row->has_contact_capability || row->has_request_capability || row->accepted || row->blocked);
  FAILS (tess_db_contact_insert (self->db, row, E), TESS_STORE_ERROR_EXISTS);

  g_free (row->nickname);
  row->nickname = g_strdup ("Nick");
  row->has_contact_capability = true;
  fill (row->contact_capability, 16, 9);
  row->trust = TESS_CONTACT_CHANGED;
  row->accepted = row->blocked = true;
  row->device_list = g_bytes_new_static ("list", 4);
  row->device_list_version = UINT64_MAX;
  row->profile_sent = 3;
  row->fetched = 77;
  OK (tess_db_contact_update (self->db, row, E));
  OK (tess_db_contact_find (self->db, id, &again, E));
  g_assert_cmpstr (again->nickname, ==, "Nick");
  g_assert_true (again->has_contact_capability && !again->has_request_capability && again->accepted && again->blocked);
  g_assert_cmpmem (again->contact_capability, 16, row->contact_capability, 16);
  g_assert_cmpint (again->trust, ==, TESS_CONTACT_CHANGED);
  g_assert_true (g_bytes_equal (again->device_list, row->device_list));
  g_assert_true (again->device_list_version == UINT64_MAX);
  g_assert_cmpint (again->profile_sent, ==, 3);
  g_assert_cmpint (again->fetched, ==, 77);
  g_assert_cmpint (again->added, ==, 1001);

  add_contact (self->db, 2);
  OK (tess_db_contact_list (self->db, &rows, E));
  g_assert_cmpint (rows->len, ==, 2);
  row->id = 999;
  FAILS (tess_db_contact_update (self->db, row, E), TESS_STORE_ERROR_MISSING);
}

static void
test_devices (Fixture *self, gconstpointer data)
{
  int64_t alice = add_contact (self->db, 1), bob = add_contact (self->db, 2);
  TessDeviceRow row = { .contact = alice, .number = 2, .seen = 50, .reset_wait = 3600 };
  g_autoptr (TessDeviceRow) found = NULL;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  fill (row.device, 32, 5);
  OK (tess_db_device_put (self->db, &row, E));
  row.prekey = g_bytes_new_static ("prekey", 6);
  row.prekey_expires = 9;
  row.seen = 60;
  row.prekey_created = 8;
  row.has_dh = true;
  fill (row.dh, 32, 77);
  OK (tess_db_device_put (self->db, &row, E));
  row.contact = bob;
  FAILS (tess_db_device_put (self->db, &row, E), TESS_STORE_ERROR_EXISTS);
  OK (tess_db_device_find (self->db, bob, row.device, &found, E));
  g_assert_null (found);
  OK (tess_db_device_find (self->db, alice, row.device, &found, E));
  g_assert_cmpint (found->prekey_expires, ==, 9);
  g_assert_cmpint (found->seen, ==, 50); /* the first time stays */
  g_assert_cmpint (found->prekey_created, ==, 8);
  g_assert_true (found->has_dh);
  g_assert_cmpmem (found->dh, 32, row.dh, 32);
  g_assert_cmpint (found->reset_wait, ==, 3600);
  g_assert_true (g_bytes_equal (found->prekey, row.prekey));
  OK (tess_db_contact_find_device (self->db, row.device, &contact, E));
  g_assert_cmpint (contact->id, ==, alice);
  row.contact = alice;
  row.number = 1;
  fill (row.device, 32, 6);
  OK (tess_db_device_put (self->db, &row, E));
  OK (tess_db_device_list (self->db, alice, &rows, E));
  g_assert_cmpint (rows->len, ==, 2);
  g_assert_cmpint (((TessDeviceRow *) rows->pdata[0])->number, ==, 1);
  OK (tess_db_device_remove (self->db, alice, row.device, E));
  g_clear_pointer (&found, tess_device_row_free);
  OK (tess_db_device_find (self->db, alice, row.device, &found, E));
  g_assert_null (found);
  g_clear_pointer (&row.prekey, g_bytes_unref);
}

static int64_t
add_session (TessDb *db, int64_t contact, unsigned seed, bool active, int64_t created)
{
  g_autoptr (TessSessionRow) row = g_new0 (TessSessionRow, 1);

  row->contact = contact;
  fill (row->device, 32, 50);
  row->active = active;
  row->initiator = true;
  row->created = created;
  row->spk_id = seed;
  fill (row->ek, 32, seed);
  row->hello = g_bytes_new_static ("hello", 5);
  row->state = tess_wiped_new (6000);
  fill (row->state->bytes, 6000, seed);
  row->last_resort = seed == 1;
  OK (tess_db_session_insert (db, row, E));
  return row->id;
}

static void
test_sessions (Fixture *self, gconstpointer data)
{
  int64_t alice = add_contact (self->db, 1);
  int64_t first = add_session (self->db, alice, 1, true, 100), second = add_session (self->db, alice, 2, true, 200);
  g_autoptr (TessSessionRow) row = NULL;
  g_autoptr (TessSessionRow) active = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  uint8_t device[32], expected[6000];

  fill (device, 32, 50);
  fill (expected, sizeof expected, 1);
  OK (tess_db_session_find (self->db, first, &row, E));
  g_assert_false (row->active);
  g_assert_true (row->last_resort);
  g_assert_cmpmem (row->state->bytes, row->state->size, expected, sizeof expected);
  OK (tess_db_session_find_active (self->db, alice, device, &active, E));
  g_assert_cmpint (active->id, ==, second);
  g_assert_false (active->last_resort);

  row->active = row->answered = true;
  row->last_received = 300;
  g_clear_pointer (&row->hello, g_bytes_unref);
  OK (tess_db_session_update (self->db, row, E));
  g_clear_pointer (&active, tess_session_row_free);
  OK (tess_db_session_find_active (self->db, alice, device, &active, E));
  g_assert_cmpint (active->id, ==, first);
  g_assert_true (active->answered && active->initiator);
  g_assert_null (active->hello);

  for (unsigned i = 3; i < 9; i++)
    add_session (self->db, alice, i, false, 100 * i);
  OK (tess_db_session_list (self->db, alice, device, &rows, E));
  g_assert_cmpint (rows->len, ==, 8);
  g_assert_cmpint (((TessSessionRow *) rows->pdata[0])->id, ==, first);
  g_clear_pointer (&rows, g_ptr_array_unref);
  OK (tess_db_session_prune (self->db, 450, 3, E));
  OK (tess_db_session_list (self->db, alice, device, &rows, E));
  g_assert_cmpint (rows->len, ==, 4); /* the active one, though old, and of 500 to 800 the newest three */
  for (guint i = 1; i < rows->len; i++)
    g_assert_cmpint (((TessSessionRow *) rows->pdata[i])->created, >=, 600);
  OK (tess_db_session_remove (self->db, first, E));
  FAILS (tess_db_session_remove (self->db, first, E), TESS_STORE_ERROR_MISSING);
}

static void
test_skipped (Fixture *self, gconstpointer data)
{
  int64_t session = add_session (self->db, add_contact (self->db, 1), 1, true, 100);
  uint8_t dh[32], key[32], out[32];
  uint32_t many = TESS_RATCHET_STORED_KEYS_MAX + 10;
  bool found;

  fill (dh, 32, 3);
  OK (tess_db_begin (self->db, E));
  for (uint32_t i = 0; i < many; i++)
    {
      fill (key, 32, i);
      OK (tess_db_skipped_put (self->db, session, dh, i, key, 100 + i, E));
    }
  OK (tess_db_commit (self->db, E));
  OK (tess_db_skipped_trim (self->db, session, E));
  for (uint32_t i = 0; i < many; i += i < 20 ? 1 : 500)
    {
      fill (key, 32, i);
      OK (tess_db_skipped_find (self->db, session, dh, i, out, &found, E));
      g_assert_cmpint (found, ==, i >= 10);
      g_assert_true (found ? memcmp (out, key, 32) == 0 : sodium_is_zero (out, 32));
    }
  OK (tess_db_skipped_remove (self->db, session, dh, 10, E));
  FAILS (tess_db_skipped_remove (self->db, session, dh, 10, E), TESS_STORE_ERROR_MISSING);
  OK (tess_db_skipped_erase_old (self->db, 120, E));
  OK (tess_db_skipped_find (self->db, session, dh, 19, out, &found, E));
  g_assert_false (found);
  OK (tess_db_skipped_find (self->db, session, dh, 20, out, &found, E));
  g_assert_true (found);
  OK (tess_db_session_remove (self->db, session, E));
  OK (tess_db_skipped_find (self->db, session, dh, 20, out, &found, E));
  g_assert_false (found);
}

static void
test_seen (Fixture *self, gconstpointer data)
{
  int64_t session = add_session (self->db, add_contact (self->db, 1), 1, true, 100), of_hello;
  uint8_t hash[32];
  bool seen;

  fill (hash, 32, 1);
  OK (tess_db_envelope_seen (self->db, hash, &seen, E));
  g_assert_false (seen);
  OK (tess_db_envelope_see (self->db, hash, 100, &seen, E));
  g_assert_false (seen);
  OK (tess_db_envelope_see (self->db, hash, 200, &seen, E));
  g_assert_true (seen);
  OK (tess_db_envelope_erase_old (self->db, 101, E));
  OK (tess_db_envelope_seen (self->db, hash, &seen, E));
  g_assert_false (seen);

  /* A hello outlives its session. */
  OK (tess_db_hello_put (self->db, 7, hash, session, E));
  OK (tess_db_hello_find (self->db, 7, hash, &seen, &of_hello, E));
  g_assert_true (seen && of_hello == session);
  OK (tess_db_session_remove (self->db, session, E));
  OK (tess_db_hello_find (self->db, 7, hash, &seen, &of_hello, E));
  g_assert_true (seen && of_hello == 0);
}

static int64_t
add_message (TessDb *db, int64_t conversation, int64_t sender, unsigned seed, TessMessageState state)
{
  g_autoptr (TessMessageRow) row = g_new0 (TessMessageRow, 1);

  row->conversation = conversation;
  row->sender = sender;
  fill (row->message_id, 16, seed);
  row->time_ms = 1000 + seed;
  row->stored_ms = 2000 + seed;
  row->state = state;
  row->body = g_strdup_printf ("message %u", seed);
  OK (tess_db_message_insert (db, row, E));
  FAILS (tess_db_message_insert (db, row, E), TESS_STORE_ERROR_EXISTS);
  return row->id;
}

static void
test_conversations (Fixture *self, gconstpointer data)
{
  int64_t alice = add_contact (self->db, 1), bob = add_contact (self->db, 2), first, second, again;
  g_autoptr (TessConversationRow) row = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  int64_t message;

  OK (tess_db_conversation_ensure (self->db, alice, 10, &first, E));
  OK (tess_db_conversation_ensure (self->db, bob, 20, &second, E));
  OK (tess_db_conversation_ensure (self->db, alice, 30, &again, E));
  g_assert_cmpint (first, ==, again);
  OK (tess_db_conversation_list (self->db, &rows, E));
  g_assert_cmpint (((TessConversationRow *) rows->pdata[0])->id, ==, second);
  g_clear_pointer (&rows, g_ptr_array_unref);

  add_message (self->db, first, 0, 1, TESS_MESSAGE_WAITING);
  message = add_message (self->db, first, alice, 2, TESS_MESSAGE_RECEIVED);
  OK (tess_db_conversation_set_draft (self->db, first, "half a word", 0, E));
  OK (tess_db_conversation_list (self->db, &rows, E));
  g_assert_cmpint (((TessConversationRow *) rows->pdata[0])->id, ==, first);
  OK (tess_db_conversation_find (self->db, first, &row, E));
  g_assert_cmpint (row->last_message, ==, message);
  g_assert_cmpint (row->last_activity, ==, 2002);
  g_assert_cmpint (row->unread, ==, 1);
  g_assert_cmpstr (row->draft, ==, "half a word");
}

static void
test_pages (Fixture *self, gconstpointer data)
{
  int64_t alice = add_contact (self->db, 1), conversation, ids[25];
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (TessMessageRow) row = NULL;
  uint64_t count;
  uint8_t message_id[16];

  OK (tess_db_conversation_ensure (self->db, alice, 10, &conversation, E));
  for (unsigned i = 0; i < 25; i++)
    ids[i] = add_message (self->db, conversation, i % 2 ? alice : 0, i, i % 2 ? TESS_MESSAGE_RECEIVED : TESS_MESSAGE_WAITING);
  OK (tess_db_message_count (self->db, conversation, &count, E));
  g_assert_cmpint (count, ==, 25);
  OK (tess_db_message_page_before (self->db, conversation, 0, 10, &rows, E));
  g_assert_cmpint (rows->len, ==, 10);
  g_assert_cmpint (((TessMessageRow *) rows->pdata[0])->id, ==, ids[15]);
  g_assert_cmpint (((TessMessageRow *) rows->pdata[9])->id, ==, ids[24]);
  g_clear_pointer (&rows, g_ptr_array_unref);
  OK (tess_db_message_page_before (self->db, conversation, ids[5], 10, &rows, E));
  g_assert_cmpint (rows->len, ==, 5);
  g_assert_cmpstr (((TessMessageRow *) rows->pdata[4])->body, ==, "message 4");
  g_clear_pointer (&rows, g_ptr_array_unref);
  OK (tess_db_message_page_after (self->db, conversation, ids[20], 3, &rows, E));
  g_assert_cmpint (rows->len, ==, 3);
  g_assert_cmpint (((TessMessageRow *) rows->pdata[0])->id, ==, ids[21]);

  fill (message_id, 16, 3);
  OK (tess_db_message_find_id (self->db, alice, message_id, &row, E));
  g_assert_cmpint (row->id, ==, ids[3]);
  g_clear_pointer (&row, tess_message_row_free);
  OK (tess_db_message_find_id (self->db, 0, message_id, &row, E));
  g_assert_null (row);
}

static TessMessageState
state_of (TessDb *db, int64_t id)
{
  g_autoptr (TessMessageRow) row = NULL;

  OK (tess_db_message_find (db, id, &row, E));
  g_assert_cmpint (row->failure != NULL, ==, row->state == TESS_MESSAGE_FAILED);
  return row->state;
}

static void
move (TessDb *db, int64_t id, TessMessageState state, bool moves)
{
  bool changed;

  OK (tess_db_message_set_state (db, id, state, "why", &changed, E));
  g_assert_cmpint (changed, ==, moves);
  g_assert_cmpint (state_of (db, id) == state, ==, moves);
}

/* Receipts overtake answers of the relay: a state never goes back. */
static void
test_states (Fixture *self, gconstpointer data)
{
  int64_t alice = add_contact (self->db, 1), conversation, id, received;
  g_autoptr (GPtrArray) rows = NULL;
  bool changed;

  OK (tess_db_conversation_ensure (self->db, alice, 10, &conversation, E));
  id = add_message (self->db, conversation, 0, 1, TESS_MESSAGE_WAITING);
  add_message (self->db, conversation, 0, 2, TESS_MESSAGE_ON_RELAY);
  add_message (self->db, conversation, 0, 3, TESS_MESSAGE_DELIVERED);
  received = add_message (self->db, conversation, alice, 4, TESS_MESSAGE_RECEIVED);
  OK (tess_db_message_unreceipted (self->db, alice, 10, &rows, E));
  g_assert_cmpint (rows->len, ==, 2);

  move (self->db, id, TESS_MESSAGE_FAILED, true);
  move (self->db, id, TESS_MESSAGE_WAITING, true);
  move (self->db, id, TESS_MESSAGE_DELIVERED, true);
  move (self->db, id, TESS_MESSAGE_ON_RELAY, false);
  move (self->db, id, TESS_MESSAGE_FAILED, false);
  move (self->db, id, TESS_MESSAGE_READ, true);
  move (self->db, id, TESS_MESSAGE_DELIVERED, false);
  OK (tess_db_message_set_state (self->db, received, TESS_MESSAGE_READ, NULL, &changed, E));
  g_assert_false (changed);
}

static void
test_mark_read (Fixture *self, gconstpointer data)
{
  int64_t alice = add_contact (self->db, 1), conversation, ids[5];
  g_autoptr (TessConversationRow) row = NULL;
  g_autoptr (GPtrArray) read = NULL;
  uint8_t message_id[16];

  OK (tess_db_conversation_ensure (self->db, alice, 10, &conversation, E));
  for (unsigned i = 0; i < 5; i++)
    ids[i] = add_message (self->db, conversation, alice, i, TESS_MESSAGE_RECEIVED);
  OK (tess_db_message_mark_read (self->db, conversation, ids[2], 1000, &read, E));
  g_assert_cmpint (read->len, ==, 3);
  fill (message_id, 16, 0);
  g_assert_cmpmem (g_bytes_get_data (read->pdata[0], NULL), 16, message_id, 16);
  g_clear_pointer (&read, g_ptr_array_unref);
  OK (tess_db_message_mark_read (self->db, conversation, ids[2], 1000, &read, E));
  g_assert_cmpint (read->len, ==, 0);
  OK (tess_db_conversation_find (self->db, conversation, &row, E));
  g_assert_cmpint (row->unread, ==, 2);
}

static void
test_receipts (Fixture *self, gconstpointer data)
{
  int64_t alice = add_contact (self->db, 1), bob = add_contact (self->db, 2);
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GArray) contacts = NULL;
  uint8_t message_id[16];

  for (unsigned i = 0; i < 5; i++)
    {
      fill (message_id, 16, i);
      OK (tess_db_receipt_put (self->db, alice, message_id, false, E));
    }
  OK (tess_db_receipt_put (self->db, bob, message_id, true, E));
  fill (message_id, 16, 1);
  OK (tess_db_receipt_put (self->db, alice, message_id, true, E));
  OK (tess_db_receipt_put (self->db, alice, message_id, false, E));
  OK (tess_db_receipt_contacts (self->db, &contacts, E));
  g_assert_cmpint (contacts->len, ==, 2);
  OK (tess_db_receipt_take (self->db, alice, 3, &rows, E));
  g_assert_cmpint (rows->len, ==, 3);
  g_assert_false (((TessReceiptRow *) rows->pdata[0])->is_read);
  g_assert_true (((TessReceiptRow *) rows->pdata[1])->is_read);
  g_clear_pointer (&rows, g_ptr_array_unref);
  OK (tess_db_receipt_take (self->db, alice, 100, &rows, E));
  g_assert_cmpint (rows->len, ==, 2);
  g_clear_pointer (&rows, g_ptr_array_unref);
  OK (tess_db_receipt_take (self->db, alice, 100, &rows, E));
  g_assert_cmpint (rows->len, ==, 0);
}

static int64_t
add_outbox (TessDb *db, int64_t contact, unsigned device, int64_t message, unsigned seed)
{
  g_autoptr (TessOutboxRow) row = g_new0 (TessOutboxRow, 1);

  row->contact = contact;
  fill (row->device, 32, device);
  row->relay = g_strdup ("https://relay.example.org");
  fill (row->deposit_id, 16, seed);
  row->envelope = g_bytes_new_static ("envelope", 8);
  row->envelope_expires = 5000;
  row->inner = tess_wiped_new (5);
  row->message = message;
  OK (tess_db_outbox_insert (db, row, E));
  return row->id;
}

static void
test_outbox (Fixture *self, gconstpointer data)
{
  int64_t alice = add_contact (self->db, 1), conversation, message, first, second, third, carried;
  g_autoptr (GBytes) other = g_bytes_new_static ("resealed", 8);
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (TessOutboxRow) row = NULL;
  uint8_t deposit_id[16], device[32];
  unsigned count;

  OK (tess_db_conversation_ensure (self->db, alice, 10, &conversation, E));
  message = add_message (self->db, conversation, 0, 1, TESS_MESSAGE_WAITING);
  first = add_outbox (self->db, alice, 1, message, 1);
  second = add_outbox (self->db, alice, 2, message, 2);
  third = add_outbox (self->db, alice, 1, 0, 3);
  OK (tess_db_outbox_heads (self->db, &rows, E));
  g_assert_cmpint (rows->len, ==, 2);
  g_assert_cmpint (((TessOutboxRow *) rows->pdata[0])->id, ==, first);
  g_assert_cmpint (((TessOutboxRow *) rows->pdata[1])->id, ==, second);
  g_clear_pointer (&rows, g_ptr_array_unref);

  fill (deposit_id, 16, 77);
  OK (tess_db_outbox_reseal (self->db, first, other, 9000, deposit_id, E));
  OK (tess_db_outbox_attempted (self->db, first, E));
  FAILS (tess_db_outbox_reseal (self->db, first, other, 9000, deposit_id, E), TESS_STORE_ERROR_MISSING);
  OK (tess_db_outbox_later (self->db, first, 123456, true, E));
  OK (tess_db_outbox_find (self->db, first, &row, E));
  g_assert_true (g_bytes_equal (row->envelope, other));
  g_assert_cmpmem (row->deposit_id, 16, deposit_id, 16);
  g_assert_null (row->inner);
  g_assert_cmpint (row->attempts, ==, 1);
  g_assert_cmpint (row->next_try_ms, ==, 123456);
  g_assert_true (row->by_request);
  OK (tess_db_outbox_set_relay (self->db, alice, "https://other.example.org", E));

  /* A message is on the relay when its last envelope is. */
  OK (tess_db_outbox_remove (self->db, first, &carried, E));
  g_assert_cmpint (carried, ==, 0);
  OK (tess_db_outbox_remove (self->db, second, &carried, E));
  g_assert_cmpint (carried, ==, message);
  FAILS (tess_db_outbox_remove (self->db, second, &carried, E), TESS_STORE_ERROR_MISSING);
  fill (device, 32, 1);
  OK (tess_db_outbox_of_device (self->db, device, 10, &rows, E));
  g_assert_cmpint (rows->len, ==, 1);
  g_assert_cmpint (((TessOutboxRow *) rows->pdata[0])->id, ==, third);
  g_assert_cmpstr (((TessOutboxRow *) rows->pdata[0])->relay, ==, "https://other.example.org");
  add_outbox (self->db, alice, 2, message, 4);
  OK (tess_db_outbox_remove_message (self->db, message, &count, E));
  g_assert_cmpint (count, ==, 1);
  OK (tess_db_outbox_count (self->db, 0, &count, E));
  g_assert_cmpint (count, ==, 1);
  OK (tess_db_outbox_remove_device (self->db, device, &count, E));
  g_assert_cmpint (count, ==, 1);
}

/* Whoever is removed leaves nothing behind. */
static void
test_remove_contact (Fixture *self, gconstpointer data)
{
  static const char *const tables[] = { "SELECT count (*) FROM contact_devices", "SELECT count (*) FROM sessions",
                                        "SELECT count (*) FROM skipped_keys",    "SELECT count (*) FROM conversations",
                                        "SELECT count (*) FROM messages",        "SELECT count (*) FROM outbox",
                                        "SELECT count (*) FROM receipts_pending", "SELECT count (*) FROM shown_codes" };
  int64_t alice = add_contact (self->db, 1), conversation, session = add_session (self->db, alice, 1, true, 1);
  TessDeviceRow device = { .contact = alice };
  uint8_t key[32] = { 1 };

  OK (tess_db_device_put (self->db, &device, E));
  OK (tess_db_skipped_put (self->db, session, key, 1, key, 1, E));
  OK (tess_db_conversation_ensure (self->db, alice, 10, &conversation, E));
  add_outbox (self->db, alice, 1, add_message (self->db, conversation, 0, 1, TESS_MESSAGE_WAITING), 1);
  OK (tess_db_receipt_put (self->db, alice, key, false, E));
  OK (tess_db_code_insert (self->db, key, alice, 100, E));
  OK (tess_db_contact_remove (self->db, alice, E));
  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autoptr (TessQuery) query = tess_db_query (self->db, tables[i]);

      g_assert_true (tess_query_next (query));
      g_assert_cmpint (tess_query_int (query), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define ADD(name, function) g_test_add ("/store/queries/" name, Fixture, NULL, fixture_set_up_open, function, fixture_tear_down)
  ADD ("settings", test_settings);
  ADD ("prekeys", test_prekeys);
  ADD ("one-time", test_one_time);
  ADD ("codes", test_codes);
  ADD ("contacts", test_contacts);
  ADD ("devices", test_devices);
  ADD ("sessions", test_sessions);
  ADD ("skipped", test_skipped);
  ADD ("seen", test_seen);
  ADD ("conversations", test_conversations);
  ADD ("pages", test_pages);
  ADD ("states", test_states);
  ADD ("mark-read", test_mark_read);
  ADD ("receipts", test_receipts);
  ADD ("outbox", test_outbox);
  ADD ("remove-contact", test_remove_contact);
#undef ADD
  return g_test_run ();
}
