/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-sessions.h"

#include "base/tess-limits.h"
#include "store/tess-rows.h"

#include <string.h>

void
tess_session_row_free (TessSessionRow *row)
{
  if (row == NULL)
    return;
  g_clear_pointer (&row->hello, g_bytes_unref);
  g_clear_pointer (&row->state, tess_wiped_free);
  g_free (row);
}

/* At most one session of a device is active: the others step back first. */
static bool
archive_others (TessDb *db, const TessSessionRow *row, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE sessions SET active = 0 WHERE contact = ? AND device = ? AND active = 1 AND id <> ?");

  if (!row->active)
    return true;
  tess_query_bind_int (query, row->contact);
  tess_query_bind_blob (query, row->device, sizeof row->device);
  tess_query_bind_int (query, row->id);
  return tess_query_run (query, error);
}

bool
tess_db_session_insert (TessDb *db, TessSessionRow *row, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO sessions (contact, device, active, initiator, answered, created, last_received, spk_id, ek, "
                       "hello, state, last_resort) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

  row->id = 0;
  if (!archive_others (db, row, error))
    return false;
  tess_query_bind_int (query, row->contact);
  tess_query_bind_blob (query, row->device, sizeof row->device);
  tess_query_bind_int (query, row->active);
  tess_query_bind_int (query, row->initiator);
  tess_query_bind_int (query, row->answered);
  tess_query_bind_int (query, row->created);
  tess_query_bind_int (query, row->last_received);
  tess_query_bind_int (query, row->spk_id);
  tess_query_bind_blob (query, row->ek, sizeof row->ek);
  tess_query_bind_bytes (query, row->hello);
  tess_query_bind_wiped (query, row->state);
  tess_query_bind_int (query, row->last_resort);
  if (!tess_query_run (query, error))
    return false;
  row->id = tess_db_last_id (db);
  return true;
}

bool
tess_db_session_update (TessDb *db, const TessSessionRow *row, GError **error)
{
  /* Apart, for its index is written whenever the column is set, be it to what it was. */
  g_autoptr (TessQuery) active = tess_db_query (db, "UPDATE sessions SET active = ?1 WHERE id = ?2 AND active <> ?1");
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE sessions SET answered = ?, last_received = ?, hello = ?, state = ? WHERE id = ?");

  tess_query_bind_int (active, row->active);
  tess_query_bind_int (active, row->id);
  if (!archive_others (db, row, error) || !tess_query_run (active, error))
    return false;
  tess_query_bind_int (query, row->answered);
  tess_query_bind_int (query, row->last_received);
  tess_query_bind_bytes (query, row->hello);
  tess_query_bind_wiped (query, row->state);
  tess_query_bind_int (query, row->id);
  return tess_query_run_one (query, error);
}

#define SELECT_SESSION                                                                                                           \
  "SELECT id, contact, device, active, initiator, answered, created, last_received, spk_id, ek, hello, state, last_resort "      \
  "FROM sessions "

static TessSessionRow *
read_session (TessQuery *query)
{
  TessSessionRow *row = g_new0 (TessSessionRow, 1);

  row->id = tess_query_int (query);
  row->contact = tess_query_int (query);
  tess_query_copy (query, row->device, sizeof row->device);
  row->active = tess_query_int (query) != 0;
  row->initiator = tess_query_int (query) != 0;
  row->answered = tess_query_int (query) != 0;
  row->created = tess_query_int (query);
  row->last_received = tess_query_int (query);
  row->spk_id = (uint32_t) tess_query_int (query);
  tess_query_copy (query, row->ek, sizeof row->ek);
  row->hello = tess_query_dup_bytes (query);
  row->state = tess_query_dup_wiped (query);
  row->last_resort = tess_query_int (query) != 0;
  return row;
}

TESS_ROWS (session, TessSessionRow, read_session, tess_session_row_free)
TESS_ROWS_LIST (session, TessSessionRow, read_session, tess_session_row_free)

bool
tess_db_session_find (TessDb *db, int64_t id, TessSessionRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_SESSION "WHERE id = ?");

  tess_query_bind_int (query, id);
  return session_one (query, row_out, error);
}

bool
tess_db_session_find_active (TessDb *db, int64_t contact, const uint8_t device[static 32], TessSessionRow **row_out,
                             GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_SESSION "WHERE contact = ? AND device = ? AND active = 1");

  tess_query_bind_int (query, contact);
  tess_query_bind_blob (query, device, 32);
  return session_one (query, row_out, error);
}

bool
tess_db_session_list (TessDb *db, int64_t contact, const uint8_t device[static 32], GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, SELECT_SESSION "WHERE contact = ? AND device = ? ORDER BY active DESC, last_received DESC, id DESC");

  tess_query_bind_int (query, contact);
  tess_query_bind_blob (query, device, 32);
  return session_all (query, rows_out, error);
}

bool
tess_db_session_remove (TessDb *db, int64_t id, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM sessions WHERE id = ?");

  tess_query_bind_int (query, id);
  return tess_query_run_one (query, error);
}

bool
tess_db_session_prune (TessDb *db, int64_t received_before, unsigned keep, GError **error)
{
  g_autoptr (TessQuery) old =
    tess_db_query (db, "DELETE FROM sessions WHERE active = 0 AND max (last_received, created) < ?");
  g_autoptr (TessQuery) beyond = tess_db_query (
    db, "DELETE FROM sessions WHERE id IN (SELECT id FROM (SELECT id, row_number () OVER (PARTITION BY contact, device "
        "ORDER BY max (last_received, created) DESC, id DESC) AS place FROM sessions WHERE active = 0) WHERE place > ?)");

  tess_query_bind_int (old, received_before);
  tess_query_bind_int (beyond, keep);
  return tess_query_run (old, error) && tess_query_run (beyond, error);
}

bool
tess_db_skipped_put (TessDb *db, int64_t session, const uint8_t dh[static 32], uint32_t number, const uint8_t key[static 32],
                     int64_t stored, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT OR REPLACE INTO skipped_keys (session, dh, number, key, stored) VALUES (?, ?, ?, ?, ?)");

  tess_query_bind_int (query, session);
  tess_query_bind_blob (query, dh, 32);
  tess_query_bind_int (query, number);
  tess_query_bind_blob (query, key, 32);
  tess_query_bind_int (query, stored);
  return tess_query_run (query, error);
}

bool
tess_db_skipped_find (TessDb *db, int64_t session, const uint8_t dh[static 32], uint32_t number, uint8_t key_out[static 32],
                      bool *found_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT key FROM skipped_keys WHERE session = ? AND dh = ? AND number = ?");

  sodium_memzero (key_out, 32);
  tess_query_bind_int (query, session);
  tess_query_bind_blob (query, dh, 32);
  tess_query_bind_int (query, number);
  *found_out = tess_query_next (query);
  if (*found_out)
    tess_query_copy (query, key_out, 32);
  return tess_query_done (query, error);
}

bool
tess_db_skipped_remove (TessDb *db, int64_t session, const uint8_t dh[static 32], uint32_t number, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM skipped_keys WHERE session = ? AND dh = ? AND number = ?");

  tess_query_bind_int (query, session);
  tess_query_bind_blob (query, dh, 32);
  tess_query_bind_int (query, number);
  return tess_query_run_one (query, error);
}

bool
tess_db_skipped_trim (TessDb *db, int64_t session, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "DELETE FROM skipped_keys WHERE session = ?1 AND id <= (SELECT id FROM skipped_keys WHERE session = ?1 "
                       "ORDER BY id DESC LIMIT 1 OFFSET ?2)");

  tess_query_bind_int (query, session);
  tess_query_bind_int (query, TESS_RATCHET_STORED_KEYS_MAX);
  return tess_query_run (query, error);
}

bool
tess_db_skipped_erase_old (TessDb *db, int64_t stored_before, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM skipped_keys WHERE stored < ?");

  tess_query_bind_int (query, stored_before);
  return tess_query_run (query, error);
}

bool
tess_db_hello_put (TessDb *db, uint32_t spk_id, const uint8_t ek[static 32], int64_t session, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "INSERT INTO seen_hellos (spk_id, ek, session) VALUES (?, ?, nullif (?, 0))");

  tess_query_bind_int (query, spk_id);
  tess_query_bind_blob (query, ek, 32);
  tess_query_bind_int (query, session);
  return tess_query_run (query, error);
}

bool
tess_db_hello_find (TessDb *db, uint32_t spk_id, const uint8_t ek[static 32], bool *found_out, int64_t *session_out,
                    GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT ifnull (session, 0) FROM seen_hellos WHERE spk_id = ? AND ek = ?");

  tess_query_bind_int (query, spk_id);
  tess_query_bind_blob (query, ek, 32);
  *found_out = tess_query_next (query);
  *session_out = *found_out ? tess_query_int (query) : 0;
  return tess_query_done (query, error);
}

bool
tess_db_envelope_see (TessDb *db, const uint8_t hash[static 32], int64_t now, bool *seen_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO seen_envelopes (hash, seen) VALUES (?, ?) ON CONFLICT DO NOTHING");

  tess_query_bind_blob (query, hash, 32);
  tess_query_bind_int (query, now);
  if (!tess_query_run (query, error))
    return false;
  *seen_out = tess_db_changes (db) == 0;
  return true;
}

bool
tess_db_envelope_seen (TessDb *db, const uint8_t hash[static 32], bool *seen_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT 1 FROM seen_envelopes WHERE hash = ?");

  tess_query_bind_blob (query, hash, 32);
  *seen_out = tess_query_next (query);
  return tess_query_done (query, error);
}

bool
tess_db_envelope_erase_old (TessDb *db, int64_t seen_before, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM seen_envelopes WHERE seen < ?");

  tess_query_bind_int (query, seen_before);
  return tess_query_run (query, error);
}
