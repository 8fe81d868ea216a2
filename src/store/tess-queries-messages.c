/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-messages.h"

#include "store/tess-message-rows.h"
#include "store/tess-rows.h"

void
tess_message_row_free (TessMessageRow *row)
{
  if (row == NULL)
    return;
  g_free (row->body);
  g_free (row->failure);
  g_free (row);
}

/* Moves the conversation of a new message up and counts it. What somebody wrote brings it back into the list; one that is muted
 * stays archived. */
static bool
touch_conversation (TessDb *db, const TessMessageRow *row, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE conversations SET last_message = ?, last_activity_ms = max (last_activity_ms, ?), "
                       "unread = unread + ?, hidden = hidden AND ?4, archived = archived AND (muted OR ?4) WHERE id = ?5");

  tess_query_bind_int (query, row->id);
  tess_query_bind_int (query, row->stored_ms);
  tess_query_bind_int (query, row->sender != 0 && !row->is_read);
  tess_query_bind_int (query, row->kind == TESS_MESSAGE_NOTICE);
  tess_query_bind_int (query, row->conversation);
  return tess_query_run_one (query, error);
}

bool
tess_db_message_insert (TessDb *db, TessMessageRow *row, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO messages (conversation, sender, message_id, time_ms, stored_ms, kind, state, is_read, body, "
                       "failure, reply_to, action, target, expires_after, expires_ms) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

  tess_query_bind_int (query, row->conversation);
  tess_query_bind_int (query, row->sender);
  tess_query_bind_blob (query, row->message_id, sizeof row->message_id);
  tess_query_bind_int (query, row->time_ms);
  tess_query_bind_int (query, row->stored_ms);
  tess_query_bind_int (query, row->kind);
  tess_query_bind_int (query, row->state);
  tess_query_bind_int (query, row->sender == 0 || row->kind == TESS_MESSAGE_ACTION || row->is_read);
  tess_query_bind_text (query, row->body != NULL ? row->body : "");
  tess_query_bind_text (query, row->failure);
  tess_query_bind_blob (query, row->has_reply_to ? row->reply_to : NULL, sizeof row->reply_to);
  tess_query_bind_int (query, row->action);
  tess_query_bind_blob (query, row->has_target ? row->target : NULL, sizeof row->target);
  tess_query_bind_int (query, row->expires_after);
  tess_query_bind_int (query, row->expires_ms);
  if (!tess_query_run (query, error))
    return false;
  row->id = tess_db_last_id (db);
  return row->kind == TESS_MESSAGE_ACTION || touch_conversation (db, row, error);
}

TessMessageRow *
tess_message_row_read (TessQuery *query)
{
  TessMessageRow *row = g_new0 (TessMessageRow, 1);

  row->id = tess_query_int (query);
  row->conversation = tess_query_int (query);
  row->sender = tess_query_int (query);
  tess_query_copy (query, row->message_id, sizeof row->message_id);
  row->time_ms = tess_query_int (query);
  row->stored_ms = tess_query_int (query);
  row->kind = (TessMessageKind) tess_query_int (query);
  row->state = (TessMessageState) tess_query_int (query);
  row->is_read = tess_query_int (query) != 0;
  row->body = tess_query_dup_text (query);
  row->failure = tess_query_dup_text (query);
  row->has_reply_to = tess_query_copy_or_zero (query, row->reply_to, sizeof row->reply_to);
  row->action = (TessAction) tess_query_int (query);
  row->has_target = tess_query_copy_or_zero (query, row->target, sizeof row->target);
  row->edited_ms = tess_query_int (query);
  row->deleted = tess_query_int (query) != 0;
  row->expires_after = (unsigned) tess_query_int (query);
  row->expires_ms = tess_query_int (query);
  return row;
}

TESS_ROWS (message, TessMessageRow, tess_message_row_read, tess_message_row_free)
TESS_ROWS_LIST (message, TessMessageRow, tess_message_row_read, tess_message_row_free)

bool
tess_db_message_find (TessDb *db, int64_t id, TessMessageRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, TESS_SELECT_MESSAGE "WHERE id = ?");

  tess_query_bind_int (query, id);
  return message_one (query, row_out, error);
}

bool
tess_db_message_find_id (TessDb *db, int64_t sender, const uint8_t message_id[static 16], TessMessageRow **row_out,
                         GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, TESS_SELECT_MESSAGE "WHERE sender = ? AND message_id = ?");

  tess_query_bind_int (query, sender);
  tess_query_bind_blob (query, message_id, 16);
  return message_one (query, row_out, error);
}

static void
reverse (GPtrArray *rows)
{
  for (guint i = 0; i < rows->len / 2; i++)
    {
      gpointer row = rows->pdata[i];

      rows->pdata[i] = rows->pdata[rows->len - 1 - i];
      rows->pdata[rows->len - 1 - i] = row;
    }
}

bool
tess_db_message_page_before (TessDb *db, int64_t conversation, int64_t before, unsigned max, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, TESS_SELECT_MESSAGE "WHERE conversation = ? AND id < ? AND kind <> 3 "
                                                                  "ORDER BY id DESC LIMIT ?");

  tess_query_bind_int (query, conversation);
  tess_query_bind_int (query, before > 0 ? before : INT64_MAX);
  tess_query_bind_int (query, max);
  if (!message_all (query, rows_out, error))
    return false;
  reverse (*rows_out);
  return true;
}

bool
tess_db_message_page_after (TessDb *db, int64_t conversation, int64_t after, unsigned max, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, TESS_SELECT_MESSAGE "WHERE conversation = ? AND id > ? AND kind <> 3 "
                                                                  "ORDER BY id LIMIT ?");

  tess_query_bind_int (query, conversation);
  tess_query_bind_int (query, after);
  tess_query_bind_int (query, max);
  return message_all (query, rows_out, error);
}

bool
tess_db_message_count (TessDb *db, int64_t conversation, uint64_t *count_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT count (*) FROM messages WHERE conversation = ?");

  tess_query_bind_int (query, conversation);
  *count_out = tess_query_next (query) ? (uint64_t) tess_query_int (query) : 0;
  return tess_query_done (query, error);
}

/* State 5 is FAILED: it comes from waiting or on the relay only, and every state of an own message may follow it. */
bool
tess_db_message_set_state (TessDb *db, int64_t id, TessMessageState state, const char *failure, bool *changed_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE messages SET state = ?1, failure = ?2 WHERE id = ?3 AND sender = 0 AND state <> ?1 AND "
                       "CASE WHEN ?1 = 5 THEN state IN (1, 2) ELSE state = 5 OR state < ?1 END");

  G_STATIC_ASSERT (TESS_MESSAGE_FAILED == 5 && TESS_MESSAGE_WAITING == 1 && TESS_MESSAGE_ON_RELAY == 2);
  tess_query_bind_int (query, state);
  tess_query_bind_text (query, state == TESS_MESSAGE_FAILED ? failure : NULL);
  tess_query_bind_int (query, id);
  if (!tess_query_run (query, error))
    return false;
  if (changed_out != NULL)
    *changed_out = tess_db_changes (db) > 0;
  return true;
}

static bool
collect_unread (TessDb *db, int64_t conversation, int64_t up_to, GPtrArray *ids, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT message_id FROM messages WHERE conversation = ? AND is_read = 0 AND id <= ? ORDER BY id");

  tess_query_bind_int (query, conversation);
  tess_query_bind_int (query, up_to);
  while (tess_query_next (query))
    g_ptr_array_add (ids, tess_query_dup_bytes (query));
  return tess_query_done (query, error);
}

bool
tess_message_rows_recount (TessDb *db, int64_t conversation, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE conversations SET unread = (SELECT count (*) FROM messages WHERE conversation = ?1 AND "
                       "is_read = 0), last_message = coalesce ((SELECT id FROM messages WHERE conversation = ?1 AND kind <> 3 "
                       "ORDER BY id DESC LIMIT 1), 0) WHERE id = ?1");

  tess_query_bind_int (query, conversation);
  return tess_query_run (query, error);
}

bool
tess_db_message_mark_read (TessDb *db, int64_t conversation, int64_t up_to, int64_t now_ms, GPtrArray **ids_out,
                           GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE messages SET is_read = 1, expires_ms = CASE WHEN expires_after > 0 THEN ?1 + expires_after * 1000 "
                       "ELSE 0 END WHERE conversation = ?2 AND is_read = 0 AND id <= ?3");

  tess_query_bind_int (query, now_ms);
  tess_query_bind_int (query, conversation);
  tess_query_bind_int (query, up_to);
  if (!collect_unread (db, conversation, up_to, ids, error) || !tess_query_run (query, error) ||
      !tess_message_rows_recount (db, conversation, error))
    return false;
  if (ids_out != NULL)
    *ids_out = g_steal_pointer (&ids);
  return true;
}

bool
tess_db_message_unreceipted (TessDb *db, int64_t contact, unsigned max, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, TESS_SELECT_MESSAGE "WHERE conversation = (SELECT id FROM conversations WHERE contact = ?) AND sender = 0 "
                                      "AND state IN (1, 2) AND kind IN (0, 3) AND deleted = 0 ORDER BY id LIMIT ?");

  tess_query_bind_int (query, contact);
  tess_query_bind_int (query, max);
  return message_all (query, rows_out, error);
}

bool
tess_db_message_answers (TessDb *db, int64_t conversation, const uint8_t message_id[static 16], unsigned max, GArray **rows_out,
                         GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT id FROM messages WHERE reply_to = ? AND conversation = ? ORDER BY id DESC LIMIT ?");

  tess_query_bind_blob (query, message_id, 16);
  tess_query_bind_int (query, conversation);
  tess_query_bind_int (query, max);
  while (tess_query_next (query))
    {
      int64_t row = tess_query_int (query);

      g_array_append_val (rows, row);
    }
  *rows_out = tess_query_done (query, error) ? g_steal_pointer (&rows) : NULL;
  return *rows_out != NULL;
}
