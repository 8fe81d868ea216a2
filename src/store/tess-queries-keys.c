/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-keys.h"

#include "base/tess-limits.h"
#include "store/tess-rows.h"

#include <string.h>

#define SET_SETTING "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
#define GET_SETTING "SELECT value FROM settings WHERE name = ?"

bool
tess_db_setting_set_text (TessDb *db, const char *name, const char *value, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SET_SETTING);

  tess_query_bind_text (query, name);
  tess_query_bind_text (query, value);
  return tess_query_run (query, error);
}

bool
tess_db_setting_set_int (TessDb *db, const char *name, int64_t value, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SET_SETTING);

  tess_query_bind_text (query, name);
  tess_query_bind_int (query, value);
  return tess_query_run (query, error);
}

bool
tess_db_setting_set_blob (TessDb *db, const char *name, const uint8_t *value, size_t size, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SET_SETTING);

  tess_query_bind_text (query, name);
  tess_query_bind_blob (query, value, size);
  return tess_query_run (query, error);
}

bool
tess_db_setting_get_text (TessDb *db, const char *name, char **value_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, GET_SETTING);

  tess_query_bind_text (query, name);
  *value_out = tess_query_next (query) ? tess_query_dup_text (query) : NULL;
  return tess_query_done (query, error);
}

bool
tess_db_setting_get_int (TessDb *db, const char *name, int64_t fallback, int64_t *value_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, GET_SETTING);

  tess_query_bind_text (query, name);
  *value_out = tess_query_next (query) ? tess_query_int (query) : fallback;
  return tess_query_done (query, error);
}

bool
tess_db_setting_get_blob (TessDb *db, const char *name, GBytes **value_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, GET_SETTING);

  tess_query_bind_text (query, name);
  *value_out = tess_query_next (query) ? tess_query_dup_bytes (query) : NULL;
  return tess_query_done (query, error);
}

bool
tess_db_setting_copy (TessDb *db, const char *name, uint8_t *out, size_t size, bool *found_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, GET_SETTING);
  bool found = false;

  memset (out, 0, size);
  tess_query_bind_text (query, name);
  if (tess_query_next (query))
    found = tess_query_copy_or_zero (query, out, size);
  if (found_out != NULL)
    *found_out = found;
  return tess_query_done (query, error);
}

bool
tess_db_setting_add (TessDb *db, const char *name, int64_t amount, int64_t *sum_out, GError **error)
{
  int64_t sum = 0;

  if (!tess_db_setting_get_int (db, name, 0, &sum, error) || !tess_db_setting_set_int (db, name, sum + amount, error))
    return false;
  if (sum_out != NULL)
    *sum_out = sum + amount;
  return true;
}

bool
tess_db_setting_remove (TessDb *db, const char *name, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM settings WHERE name = ?");

  tess_query_bind_text (query, name);
  return tess_query_run (query, error);
}

void
tess_prekey_row_free (TessPrekeyRow *row)
{
  if (row == NULL)
    return;
  g_clear_pointer (&row->record, g_bytes_unref);
  sodium_memzero (row, sizeof *row);
  g_free (row);
}

bool
tess_db_prekey_insert (TessDb *db, const TessPrekeyRow *row, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO own_prekeys (spk_id, envelope_key_id, created, expires, published, spk_private, "
                       "last_resort_seed, envelope_seed, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");

  tess_query_bind_int (query, row->spk_id);
  tess_query_bind_int (query, row->envelope_key_id);
  tess_query_bind_int (query, row->created);
  tess_query_bind_int (query, row->expires);
  tess_query_bind_int (query, row->published);
  tess_query_bind_blob (query, row->spk_private, sizeof row->spk_private);
  tess_query_bind_blob (query, row->last_resort_seed, sizeof row->last_resort_seed);
  tess_query_bind_blob (query, row->envelope_seed, sizeof row->envelope_seed);
  tess_query_bind_bytes (query, row->record);
  return tess_query_run (query, error);
}

bool
tess_db_prekey_set_published (TessDb *db, uint32_t spk_id, int64_t when, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE own_prekeys SET published = ? WHERE spk_id = ?");

  tess_query_bind_int (query, when);
  tess_query_bind_int (query, spk_id);
  return tess_query_run_one (query, error);
}

bool
tess_db_prekey_count_last_resort (TessDb *db, uint32_t spk_id, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE own_prekeys SET last_resort_uses = last_resort_uses + 1 WHERE spk_id = ?");

  tess_query_bind_int (query, spk_id);
  return tess_query_run_one (query, error);
}

#define SELECT_PREKEY                                                                                                            \
  "SELECT spk_id, envelope_key_id, created, expires, published, spk_private, last_resort_seed, envelope_seed, record, "          \
  "last_resort_uses FROM own_prekeys "

static TessPrekeyRow *
read_prekey (TessQuery *query)
{
  TessPrekeyRow *row = g_new0 (TessPrekeyRow, 1);

  row->spk_id = (uint32_t) tess_query_int (query);
  row->envelope_key_id = (uint32_t) tess_query_int (query);
  row->created = tess_query_int (query);
  row->expires = tess_query_int (query);
  row->published = tess_query_int (query);
  tess_query_copy (query, row->spk_private, sizeof row->spk_private);
  tess_query_copy (query, row->last_resort_seed, sizeof row->last_resort_seed);
  tess_query_copy (query, row->envelope_seed, sizeof row->envelope_seed);
  row->record = tess_query_dup_bytes (query);
  row->last_resort_uses = tess_query_int (query);
  return row;
}

TESS_ROWS (prekey, TessPrekeyRow, read_prekey, tess_prekey_row_free)

bool
tess_db_prekey_find (TessDb *db, uint32_t spk_id, TessPrekeyRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_PREKEY "WHERE spk_id = ?");

  tess_query_bind_int (query, spk_id);
  return prekey_one (query, row_out, error);
}

bool
tess_db_prekey_find_envelope (TessDb *db, uint32_t envelope_key_id, TessPrekeyRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_PREKEY "WHERE envelope_key_id = ?");

  tess_query_bind_int (query, envelope_key_id);
  return prekey_one (query, row_out, error);
}

bool
tess_db_prekey_newest (TessDb *db, int64_t created_max, TessPrekeyRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, SELECT_PREKEY "WHERE created <= ? ORDER BY created DESC, spk_id DESC LIMIT 1");

  tess_query_bind_int (query, created_max);
  return prekey_one (query, row_out, error);
}

bool
tess_db_prekey_erase_expired (TessDb *db, int64_t expired_before, GError **error)
{
  g_autoptr (TessQuery) prekeys = tess_db_query (db, "DELETE FROM own_prekeys WHERE expires < ?");
  g_autoptr (TessQuery) hellos =
    tess_db_query (db, "DELETE FROM seen_hellos WHERE session IS NULL AND spk_id NOT IN (SELECT spk_id FROM own_prekeys)");

  tess_query_bind_int (prekeys, expired_before);
  return tess_query_run (prekeys, error) && tess_query_run (hellos, error);
}

void
tess_one_time_row_free (TessOneTimeRow *row)
{
  if (row == NULL)
    return;
  sodium_memzero (row, sizeof *row);
  g_free (row);
}

bool
tess_db_one_time_insert (TessDb *db, const TessOneTimeRow *row, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "INSERT INTO own_one_time (id, created, uploaded, opk_private, kem_seed) VALUES (?, ?, ?, ?, ?)");

  tess_query_bind_int (query, row->id);
  tess_query_bind_int (query, row->created);
  tess_query_bind_int (query, row->uploaded);
  tess_query_bind_blob (query, row->opk_private, sizeof row->opk_private);
  tess_query_bind_blob (query, row->kem_seed, sizeof row->kem_seed);
  return tess_query_run (query, error);
}

static TessOneTimeRow *
read_one_time (TessQuery *query)
{
  TessOneTimeRow *row = g_new0 (TessOneTimeRow, 1);

  row->id = (uint32_t) tess_query_int (query);
  row->created = tess_query_int (query);
  row->uploaded = tess_query_int (query);
  tess_query_copy (query, row->opk_private, sizeof row->opk_private);
  tess_query_copy (query, row->kem_seed, sizeof row->kem_seed);
  return row;
}

TESS_ROWS (one_time, TessOneTimeRow, read_one_time, tess_one_time_row_free)
TESS_ROWS_LIST (one_time, TessOneTimeRow, read_one_time, tess_one_time_row_free)

bool
tess_db_one_time_find (TessDb *db, uint32_t id, TessOneTimeRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT id, created, uploaded, opk_private, kem_seed FROM own_one_time WHERE id = ?");

  tess_query_bind_int (query, id);
  return one_time_one (query, row_out, error);
}

bool
tess_db_one_time_erase (TessDb *db, uint32_t id, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM own_one_time WHERE id = ?");

  tess_query_bind_int (query, id);
  return tess_query_run_one (query, error);
}

bool
tess_db_one_time_not_uploaded (TessDb *db, unsigned max, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "SELECT id, created, uploaded, opk_private, kem_seed FROM own_one_time WHERE uploaded = 0 ORDER BY id LIMIT ?");

  tess_query_bind_int (query, max);
  return one_time_all (query, rows_out, error);
}

bool
tess_db_one_time_set_uploaded (TessDb *db, uint32_t first, uint32_t last, int64_t when, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE own_one_time SET uploaded = ? WHERE id BETWEEN ? AND ? AND uploaded = 0");

  tess_query_bind_int (query, when);
  tess_query_bind_int (query, first);
  tess_query_bind_int (query, last);
  return tess_query_run (query, error);
}

bool
tess_db_one_time_erase_old (TessDb *db, int64_t uploaded_before, unsigned *count_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM own_one_time WHERE uploaded > 0 AND uploaded < ?");

  tess_query_bind_int (query, uploaded_before);
  return tess_rows_run_counted (db, query, count_out, error);
}

bool
tess_db_code_insert (TessDb *db, const uint8_t secret[static 16], int64_t contact, int64_t expires, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO shown_codes (secret, contact, expires, used) VALUES (?, nullif (?, 0), ?, 0)");

  tess_query_bind_blob (query, secret, 16);
  tess_query_bind_int (query, contact);
  tess_query_bind_int (query, expires);
  return tess_query_run (query, error);
}

bool
tess_db_code_set_expires (TessDb *db, const uint8_t secret[static 16], int64_t now, int64_t expires, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE shown_codes SET expires = ? WHERE secret = ? AND expires >= ?");

  tess_query_bind_int (query, expires);
  tess_query_bind_blob (query, secret, 16);
  tess_query_bind_int (query, now);
  return tess_query_run_one (query, error);
}

bool
tess_db_code_end_contact (TessDb *db, int64_t contact, int64_t now, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE shown_codes SET expires = min (expires, ?) WHERE contact = ? AND used = 0");

  tess_query_bind_int (query, now - 1);
  tess_query_bind_int (query, contact);
  return tess_query_run (query, error);
}

static void
code_row_free (TessCodeRow *row)
{
  sodium_memzero (row, sizeof *row);
  g_free (row);
}

static TessCodeRow *
read_code (TessQuery *query)
{
  TessCodeRow *row = g_new0 (TessCodeRow, 1);

  tess_query_copy (query, row->secret, sizeof row->secret);
  row->contact = tess_query_int (query);
  row->expires = tess_query_int (query);
  row->state = (TessCodeState) tess_query_int (query);
  return row;
}

TESS_ROWS_LIST (code, TessCodeRow, read_code, code_row_free)

bool
tess_db_code_list (TessDb *db, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT secret, ifnull (contact, 0), expires, used FROM shown_codes ORDER BY rowid DESC LIMIT ?");

  tess_query_bind_int (query, TESS_CODES_REMEMBERED_MAX);
  return code_all (query, rows_out, error);
}

bool
tess_db_code_use (TessDb *db, const uint8_t secret[static 16], int64_t contact, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE shown_codes SET used = 1, contact = ? WHERE secret = ? AND used = 0");

  tess_query_bind_int (query, contact);
  tess_query_bind_blob (query, secret, 16);
  return tess_query_run_one (query, error);
}

bool
tess_db_code_set_told (TessDb *db, const uint8_t secret[static 16], GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE shown_codes SET used = 2 WHERE secret = ?");

  tess_query_bind_blob (query, secret, 16);
  return tess_query_run_one (query, error);
}

bool
tess_db_code_erase_expired (TessDb *db, int64_t expired_before, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM shown_codes WHERE expires < ?");

  tess_query_bind_int (query, expired_before);
  return tess_query_run (query, error);
}
