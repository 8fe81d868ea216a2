/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-contacts.h"

#include "store/tess-rows.h"

void
tess_contact_row_free (TessContactRow *row)
{
  if (row == NULL)
    return;
  g_free (row->name);
  g_free (row->nickname);
  g_free (row->relay);
  g_clear_pointer (&row->device_list, g_bytes_unref);
  sodium_memzero (row, sizeof *row);
  g_free (row);
}

/* The columns that change, in the order of bind_contact(). */
static void
bind_contact (TessQuery *query, const TessContactRow *row)
{
  tess_query_bind_text (query, row->name != NULL ? row->name : "");
  tess_query_bind_text (query, row->nickname);
  tess_query_bind_text (query, row->relay != NULL ? row->relay : "");
  tess_query_bind_blob (query, row->has_contact_capability ? row->contact_capability : NULL, sizeof row->contact_capability);
  tess_query_bind_blob (query, row->has_request_capability ? row->request_capability : NULL, sizeof row->request_capability);
  tess_query_bind_int (query, row->trust);
  tess_query_bind_int (query, row->accepted);
  tess_query_bind_int (query, row->blocked);
  tess_query_bind_bytes (query, row->device_list);
  tess_query_bind_int (query, (int64_t) row->device_list_version);
  tess_query_bind_int (query, row->profile_sent);
  tess_query_bind_int (query, row->fetched);
}

bool
tess_db_contact_insert (TessDb *db, TessContactRow *row, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "INSERT INTO contacts (name, nickname, relay, contact_capability, request_capability, trust, accepted, blocked, "
        "device_list, device_list_version, profile_sent, fetched, account, added) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

  bind_contact (query, row);
  tess_query_bind_blob (query, row->account, sizeof row->account);
  tess_query_bind_int (query, row->added);
  if (!tess_query_run (query, error))
    return false;
  row->id = tess_db_last_id (db);
  return true;
}

bool
tess_db_contact_update (TessDb *db, const TessContactRow *row, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "UPDATE contacts SET name = ?, nickname = ?, relay = ?, contact_capability = ?, request_capability = ?, trust = ?, "
        "accepted = ?, blocked = ?, device_list = ?, device_list_version = ?, profile_sent = ?, fetched = ? WHERE id = ?");

  bind_contact (query, row);
  tess_query_bind_int (query, row->id);
  return tess_query_run_one (query, error);
}

#define SELECT_CONTACT                                                                                                           \
  "SELECT id, account, name, nickname, relay, contact_capability, request_capability, trust, accepted, blocked, device_list, "   \
  "device_list_version, profile_sent, fetched, added FROM contacts "

static TessContactRow *
read_contact (TessQuery *query)
{
  TessContactRow *row = g_new0 (TessContactRow, 1);

  row->id = tess_query_int (query);
  tess_query_copy (query, row->account, sizeof row->account);
  row->name = tess_query_dup_text (query);
  row->nickname = tess_query_dup_text (query);
  row->relay = tess_query_dup_text (query);
  row->has_contact_capability = tess_query_copy_or_zero (query, row->contact_capability, sizeof row->contact_capability);
  row->has_request_capability = tess_query_copy_or_zero (query, row->request_capability, sizeof row->request_capability);
  row->trust = (TessContactTrust) tess_query_int (query);
  row->accepted = tess_query_int (query) != 0;
  row->blocked = tess_query_int (query) != 0;
  row->device_list = tess_query_dup_bytes (query);
  row->device_list_version = (uint64_t) tess_query_int (query);
  row->profile_sent = tess_query_int (query);
  row->fetched = tess_query_int (query);
  row->added = tess_query_int (query);
  return row;
}

TESS_ROWS (contact, TessContactRow, read_contact, tess_contact_row_free)
TESS_ROWS_LIST (contact, TessContactRow, read_contact, tess_contact_row_free)

bool
tess_db_contact_find (TessDb *db, int64_t id, TessContactRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_CONTACT "WHERE id = ?");

  tess_query_bind_int (query, id);
  return contact_one (query, row_out, error);
}

bool
tess_db_contact_find_account (TessDb *db, const uint8_t account[static 32], TessContactRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_CONTACT "WHERE account = ?");

  tess_query_bind_blob (query, account, 32);
  return contact_one (query, row_out, error);
}

bool
tess_db_contact_find_device (TessDb *db, const uint8_t device[static 32], TessContactRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, SELECT_CONTACT "WHERE id = (SELECT contact FROM contact_devices WHERE device = ?)");

  tess_query_bind_blob (query, device, 32);
  return contact_one (query, row_out, error);
}

bool
tess_db_contact_list (TessDb *db, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_CONTACT "ORDER BY id");

  return contact_all (query, rows_out, error);
}

bool
tess_db_contact_remove (TessDb *db, int64_t id, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM contacts WHERE id = ?");

  tess_query_bind_int (query, id);
  return tess_query_run_one (query, error);
}

void
tess_device_row_free (TessDeviceRow *row)
{
  if (row == NULL)
    return;
  g_clear_pointer (&row->prekey, g_bytes_unref);
  g_free (row);
}

/* A row of the same device under another contact is left alone: nothing changes then. */
bool
tess_db_device_put (TessDb *db, const TessDeviceRow *row, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO contact_devices (device, contact, number, prekey, prekey_fetched, prekey_created, "
                       "prekey_expires, dh, reset_last, reset_wait, reset_since, seen) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                       "ON CONFLICT DO UPDATE SET prekey_created = excluded.prekey_created, dh = excluded.dh, "
                       "number = excluded.number, prekey = excluded.prekey, prekey_fetched = excluded.prekey_fetched, "
                       "prekey_expires = excluded.prekey_expires, reset_last = excluded.reset_last, "
                       "reset_wait = excluded.reset_wait, reset_since = excluded.reset_since WHERE contact = excluded.contact");

  tess_query_bind_blob (query, row->device, sizeof row->device);
  tess_query_bind_int (query, row->contact);
  tess_query_bind_int (query, row->number);
  tess_query_bind_bytes (query, row->prekey);
  tess_query_bind_int (query, row->prekey_fetched);
  tess_query_bind_int (query, row->prekey_created);
  tess_query_bind_int (query, row->prekey_expires);
  tess_query_bind_blob (query, row->has_dh ? row->dh : NULL, sizeof row->dh);
  tess_query_bind_int (query, row->reset_last);
  tess_query_bind_int (query, row->reset_wait);
  tess_query_bind_int (query, row->reset_since);
  tess_query_bind_int (query, row->seen);
  if (!tess_query_run (query, error))
    return false;
  if (tess_db_changes (db) == 1)
    return true;
  g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_EXISTS, "The device belongs to another contact");
  return false;
}

#define SELECT_DEVICE                                                                                                            \
  "SELECT contact, device, number, prekey, prekey_fetched, prekey_created, prekey_expires, dh, reset_last, reset_wait, "         \
  "reset_since, seen FROM contact_devices WHERE contact = ? "

static TessDeviceRow *
read_device (TessQuery *query)
{
  TessDeviceRow *row = g_new0 (TessDeviceRow, 1);

  row->contact = tess_query_int (query);
  tess_query_copy (query, row->device, sizeof row->device);
  row->number = (uint32_t) tess_query_int (query);
  row->prekey = tess_query_dup_bytes (query);
  row->prekey_fetched = tess_query_int (query);
  row->prekey_created = tess_query_int (query);
  row->prekey_expires = tess_query_int (query);
  row->has_dh = tess_query_copy_or_zero (query, row->dh, sizeof row->dh);
  row->reset_last = tess_query_int (query);
  row->reset_wait = tess_query_int (query);
  row->reset_since = tess_query_int (query);
  row->seen = tess_query_int (query);
  return row;
}

TESS_ROWS (device, TessDeviceRow, read_device, tess_device_row_free)
TESS_ROWS_LIST (device, TessDeviceRow, read_device, tess_device_row_free)

bool
tess_db_device_find (TessDb *db, int64_t contact, const uint8_t device[static 32], TessDeviceRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_DEVICE "AND device = ?");

  tess_query_bind_int (query, contact);
  tess_query_bind_blob (query, device, 32);
  return device_one (query, row_out, error);
}

bool
tess_db_device_list (TessDb *db, int64_t contact, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_DEVICE "ORDER BY number");

  tess_query_bind_int (query, contact);
  return device_all (query, rows_out, error);
}

static bool
remove_of_device (TessDb *db, const char *sql, int64_t contact, const uint8_t device[static 32], GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, sql);

  tess_query_bind_int (query, contact);
  tess_query_bind_blob (query, device, 32);
  return tess_query_run (query, error);
}

bool
tess_db_device_remove (TessDb *db, int64_t contact, const uint8_t device[static 32], GError **error)
{
  return remove_of_device (db, "DELETE FROM outbox WHERE contact = ? AND device = ?", contact, device, error) &&
         remove_of_device (db, "DELETE FROM sessions WHERE contact = ? AND device = ?", contact, device, error) &&
         remove_of_device (db, "DELETE FROM contact_devices WHERE contact = ? AND device = ?", contact, device, error);
}
