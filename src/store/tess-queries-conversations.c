/* Conversations and pending receipts: the other half of tess-queries-messages.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-messages.h"

#include "store/tess-rows.h"

void
tess_conversation_row_free (TessConversationRow *row)
{
  if (row == NULL)
    return;
  g_free (row->draft);
  g_free (row);
}

#define SELECT_CONVERSATION                                                                                                      \
  "SELECT id, contact, last_message, last_activity_ms, unread, draft, pinned, muted, archived, marked_unread, hidden, timer, "   \
  "draft_reply FROM conversations "

static TessConversationRow *
read_conversation (TessQuery *query)
{
  TessConversationRow *row = g_new0 (TessConversationRow, 1);

  row->id = tess_query_int (query);
  row->contact = tess_query_int (query);
  row->last_message = tess_query_int (query);
  row->last_activity = tess_query_int (query);
  row->unread = (unsigned) tess_query_int (query);
  row->draft = tess_query_dup_text (query);
  row->pinned = tess_query_int (query) != 0;
  row->muted = tess_query_int (query) != 0;
  row->archived = tess_query_int (query) != 0;
  row->marked_unread = tess_query_int (query) != 0;
  row->hidden = tess_query_int (query) != 0;
  row->timer = (unsigned) tess_query_int (query);
  row->draft_reply = tess_query_int (query);
  return row;
}

TESS_ROWS (conversation, TessConversationRow, read_conversation, tess_conversation_row_free)
TESS_ROWS_LIST (conversation, TessConversationRow, read_conversation, tess_conversation_row_free)

bool
tess_db_conversation_ensure (TessDb *db, int64_t contact, int64_t now_ms, int64_t *id_out, GError **error)
{
  g_autoptr (TessConversationRow) row = NULL;
  g_autoptr (TessQuery) query = tess_db_query (
    db, "INSERT INTO conversations (contact, last_message, last_activity_ms, unread, draft) VALUES (?, 0, ?, 0, NULL)");

  if (!tess_db_conversation_find_contact (db, contact, &row, error))
    return false;
  if (row == NULL)
    {
      tess_query_bind_int (query, contact);
      tess_query_bind_int (query, now_ms);
      if (!tess_query_run (query, error))
        return false;
    }
  *id_out = row != NULL ? row->id : tess_db_last_id (db);
  return true;
}

bool
tess_db_conversation_find (TessDb *db, int64_t id, TessConversationRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_CONVERSATION "WHERE id = ?");

  tess_query_bind_int (query, id);
  return conversation_one (query, row_out, error);
}

bool
tess_db_conversation_find_contact (TessDb *db, int64_t contact, TessConversationRow **row_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_CONVERSATION "WHERE contact = ?");

  tess_query_bind_int (query, contact);
  return conversation_one (query, row_out, error);
}

bool
tess_db_conversation_list (TessDb *db, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, SELECT_CONVERSATION "ORDER BY last_activity_ms DESC, id DESC");

  return conversation_all (query, rows_out, error);
}

bool
tess_db_conversation_set_draft (TessDb *db, int64_t id, const char *draft, int64_t reply, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE conversations SET draft = ?, draft_reply = ? WHERE id = ?");

  tess_query_bind_text (query, draft);
  tess_query_bind_int (query, reply);
  tess_query_bind_int (query, id);
  return tess_query_run_one (query, error);
}

bool
tess_db_conversation_set_flags (TessDb *db, const TessConversationRow *row, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "UPDATE conversations SET pinned = ?, muted = ?, archived = ?, marked_unread = ?, hidden = ? WHERE id = ?");

  tess_query_bind_int (query, row->pinned);
  tess_query_bind_int (query, row->muted);
  tess_query_bind_int (query, row->archived);
  tess_query_bind_int (query, row->marked_unread);
  tess_query_bind_int (query, row->hidden);
  tess_query_bind_int (query, row->id);
  return tess_query_run_one (query, error);
}

static bool
run_for (TessDb *db, const char *sql, int64_t id, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, sql);

  tess_query_bind_int (query, id);
  return tess_query_run (query, error);
}

bool
tess_db_conversation_clear (TessDb *db, int64_t id, GError **error)
{
  return run_for (db, "DELETE FROM outbox WHERE message IN (SELECT id FROM messages WHERE conversation = ?)", id, error)
         && run_for (db, "DELETE FROM messages WHERE conversation = ?", id, error)
         && run_for (db,
                     "UPDATE conversations SET last_message = 0, unread = 0, draft = NULL, draft_reply = 0, pinned = 0, "
                     "archived = 0, marked_unread = 0, hidden = 1 WHERE id = ?",
                     id, error);
}

bool
tess_db_receipt_put (TessDb *db, int64_t contact, const uint8_t message_id[static 16], bool is_read, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO receipts_pending (contact, message_id, is_read) VALUES (?, ?, ?) "
                       "ON CONFLICT DO UPDATE SET is_read = max (is_read, excluded.is_read)");

  tess_query_bind_int (query, contact);
  tess_query_bind_blob (query, message_id, 16);
  tess_query_bind_int (query, is_read);
  return tess_query_run (query, error);
}

bool
tess_db_receipt_put_latest (TessDb *db, int64_t contact, unsigned max, bool read, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "INSERT INTO receipts_pending (contact, message_id, is_read) SELECT sender, message_id, "
        "?3 AND kind = 0 AND is_read AND NOT deleted FROM messages "
        "WHERE conversation = (SELECT id FROM conversations WHERE contact = ?1) AND sender = ?1 AND kind IN (0, 3) "
        "ORDER BY id DESC LIMIT ?2 ON CONFLICT DO UPDATE SET is_read = max (is_read, excluded.is_read)");

  tess_query_bind_int (query, contact);
  tess_query_bind_int (query, max);
  tess_query_bind_int (query, read);
  return tess_query_run (query, error);
}

static TessReceiptRow *
read_receipt (TessQuery *query)
{
  TessReceiptRow *row = g_new0 (TessReceiptRow, 1);

  tess_query_copy (query, row->message_id, sizeof row->message_id);
  row->is_read = tess_query_int (query) != 0;
  return row;
}

TESS_ROWS_LIST (receipt, TessReceiptRow, read_receipt, g_free)

static bool
remove_receipts (TessDb *db, int64_t contact, unsigned max, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "DELETE FROM receipts_pending WHERE id IN (SELECT id FROM receipts_pending WHERE contact = ? ORDER BY id LIMIT ?)");

  tess_query_bind_int (query, contact);
  tess_query_bind_int (query, max);
  return tess_query_run (query, error);
}

bool
tess_db_receipt_take (TessDb *db, int64_t contact, unsigned max, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT message_id, is_read FROM receipts_pending WHERE contact = ? ORDER BY id LIMIT ?");

  tess_query_bind_int (query, contact);
  tess_query_bind_int (query, max);
  if (!receipt_all (query, rows_out, error))
    return false;
  if (remove_receipts (db, contact, max, error))
    return true;
  g_clear_pointer (rows_out, g_ptr_array_unref);
  return false;
}

bool
tess_db_receipt_contacts (TessDb *db, GArray **contacts_out, GError **error)
{
  g_autoptr (GArray) contacts = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT DISTINCT contact FROM receipts_pending ORDER BY contact");

  while (tess_query_next (query))
    {
      gint64 contact = tess_query_int (query);

      g_array_append_val (contacts, contact);
    }
  *contacts_out = tess_query_done (query, error) ? g_steal_pointer (&contacts) : NULL;
  return *contacts_out != NULL;
}
