/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-outbox.h"

#include "store/tess-rows.h"

void
tess_outbox_row_free (TessOutboxRow *row)
{
  if (row == NULL)
    return;
  g_free (row->relay);
  g_clear_pointer (&row->envelope, g_bytes_unref);
  g_clear_pointer (&row->inner, tess_wiped_free);
  g_free (row);
}

bool
tess_db_outbox_insert (TessDb *db, TessOutboxRow *row, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO outbox (contact, device, relay, deposit_id, envelope, envelope_expires, inner, message, "
                       "by_request, attempts, next_try_ms, created) VALUES (?, ?, ?, ?, ?, ?, ?, nullif (?, 0), ?, ?, ?, ?)");

  tess_query_bind_int (query, row->contact);
  tess_query_bind_blob (query, row->device, sizeof row->device);
  tess_query_bind_text (query, row->relay);
  tess_query_bind_blob (query, row->deposit_id, sizeof row->deposit_id);
  tess_query_bind_bytes (query, row->envelope);
  tess_query_bind_int (query, row->envelope_expires);
  tess_query_bind_wiped (query, row->inner);
  tess_query_bind_int (query, row->message);
  tess_query_bind_int (query, row->by_request);
  tess_query_bind_int (query, row->attempts);
  tess_query_bind_int (query, row->next_try_ms);
  tess_query_bind_int (query, row->created);
  if (!tess_query_run (query, error))
    return false;
  row->id = tess_db_last_id (db);
  return true;
}

#define SELECT_OUTBOX                                                                                                            \
  "SELECT id, contact, device, relay, deposit_id, envelope, envelope_expires, inner, ifnull (message, 0), by_request, "          \
  "attempts, next_try_ms, created FROM outbox "

static TessOutboxRow *
read_outbox (TessQuery *query)
{
  TessOutboxRow *row = g_new0 (TessOutboxRow, 1);

  row->id = tess_query_int (query);
  row->contact = tess_query_int (query);
  tess_query_copy (query, row->device, sizeof row->device);
  row->relay = tess_query_dup_text (query);
  tess_query_copy (query, row->deposit_id, sizeof row->deposit_id);
  row->envelope = tess_query_dup_bytes (query);
  row->envelope_expires = tess_query_int (query);
  row->inner = tess_query_dup_wiped (query);
  row->message = tess_query_int (query);
  row->by_request = tess_query_int (query) != 0;
  row->attempts = (unsigned) tess_query_int (query);
  row->next_try_ms = tess_query_int (query);
  row->created = tess_query_int (query);
  return row;
}

TESS_ROWS (outbox, TessOutboxRow, read_outbox, tess_outbox_row_free)
TESS_ROWS_LIST (outbox, TessOutboxRow, read_outbox, tess_outbox_row_free)

bool
tess_db_outbox_heads (TessDb *db, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, SELECT_OUTBOX "WHERE id IN (SELECT min (id) FROM outbox GROUP BY device) ORDER BY id");

  return outbox_all (query, rows_out, error);
}

bool
tess_db_outbox_of_device (TessDb *db, const uint8_t device[static 32], unsigned max, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_OUTBOX "WHERE device = ? ORDER BY id LIMIT ?");

  tess_query_bind_blob (query, device, 32);
  tess_query_bind_int (query, max);
  return outbox_all (query, rows_out, error);
}

bool
tess_db_outbox_find (TessDb *db, int64_t id, TessOutboxRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_OUTBOX "WHERE id = ?");

  tess_query_bind_int (query, id);
  return outbox_one (query, row_out, error);
}

bool
tess_db_outbox_attempted (TessDb *db, int64_t id, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE outbox SET attempts = attempts + 1, inner = NULL WHERE id = ?");

  tess_query_bind_int (query, id);
  return tess_query_run_one (query, error);
}

bool
tess_db_outbox_later (TessDb *db, int64_t id, int64_t next_try_ms, bool by_request, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE outbox SET next_try_ms = ?, by_request = ? WHERE id = ?");

  tess_query_bind_int (query, next_try_ms);
  tess_query_bind_int (query, by_request);
  tess_query_bind_int (query, id);
  return tess_query_run_one (query, error);
}

bool
tess_db_outbox_reseal (TessDb *db, int64_t id, GBytes *envelope, int64_t envelope_expires, const uint8_t deposit_id[static 16],
                       GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "UPDATE outbox SET envelope = ?, envelope_expires = ?, deposit_id = ? WHERE id = ? AND attempts = 0");

  tess_query_bind_bytes (query, envelope);
  tess_query_bind_int (query, envelope_expires);
  tess_query_bind_blob (query, deposit_id, 16);
  tess_query_bind_int (query, id);
  return tess_query_run_one (query, error);
}

static bool
message_waits (TessDb *db, int64_t message, bool *waits_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT 1 FROM outbox WHERE message = ? LIMIT 1");

  tess_query_bind_int (query, message);
  *waits_out = tess_query_next (query);
  return tess_query_done (query, error);
}

bool
tess_db_outbox_remove (TessDb *db, int64_t id, int64_t *message_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM outbox WHERE id = ? RETURNING ifnull (message, 0)");
  int64_t message;
  bool waits = false;

  tess_query_bind_int (query, id);
  if (!tess_query_next (query))
    {
      if (tess_query_done (query, error))
        g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING, "The outbox has no such entry");
      return false;
    }
  message = tess_query_int (query);
  if (!tess_query_run (query, error) || !message_waits (db, message, &waits, error))
    return false;
  if (message_out != NULL)
    *message_out = waits ? 0 : message;
  return true;
}

bool
tess_db_outbox_remove_message (TessDb *db, int64_t message, unsigned *count_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM outbox WHERE message = ?");

  tess_query_bind_int (query, message);
  return tess_rows_run_counted (db, query, count_out, error);
}

bool
tess_db_outbox_remove_device (TessDb *db, const uint8_t device[static 32], unsigned *count_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "DELETE FROM outbox WHERE device = ?");

  tess_query_bind_blob (query, device, 32);
  return tess_rows_run_counted (db, query, count_out, error);
}

bool
tess_db_outbox_count (TessDb *db, int64_t contact, unsigned *count_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT count (*) FROM outbox WHERE ?1 = 0 OR contact = ?1");

  tess_query_bind_int (query, contact);
  *count_out = tess_query_next (query) ? (unsigned) tess_query_int (query) : 0;
  return tess_query_done (query, error);
}

bool
tess_db_outbox_set_relay (TessDb *db, int64_t contact, const char *relay, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE outbox SET relay = ? WHERE contact = ?");

  tess_query_bind_text (query, relay);
  tess_query_bind_int (query, contact);
  return tess_query_run (query, error);
}
