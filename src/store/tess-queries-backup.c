/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-backup.h"

#include "store/tess-message-rows.h"
#include "store/tess-rows.h"

TESS_ROWS_LIST (message, TessMessageRow, tess_message_row_read, tess_message_row_free)

bool
tess_db_backup_messages (TessDb *db, int64_t after, unsigned max, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, TESS_SELECT_MESSAGE "WHERE id > ? AND expires_after = 0 AND (kind <> 3 OR (sender = 0 AND (action = 4 OR EXISTS "
                            "(SELECT 1 FROM messages AS other WHERE other.message_id = messages.target AND other.sender IN "
                            "(0, (SELECT contact FROM conversations WHERE conversations.id = messages.conversation)) AND "
                            "other.conversation = messages.conversation AND other.kind = 0 AND other.expires_after = 0)))) "
                            "ORDER BY id LIMIT ?");

  tess_query_bind_int (query, after);
  tess_query_bind_int (query, max);
  return message_all (query, rows_out, error);
}

bool
tess_db_backup_newest (TessDb *db, int64_t *newest_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT ifnull (max (id), 0) FROM messages");

  *newest_out = tess_query_next (query) ? tess_query_int (query) : 0;
  return tess_query_done (query, error);
}

void
tess_reaction_row_free (TessReactionRow *row)
{
  if (row == NULL)
    return;
  g_free (row->emoji);
  g_free (row);
}

static TessReactionRow *
read_reaction (TessQuery *query)
{
  TessReactionRow *row = g_new0 (TessReactionRow, 1);

  row->sender = tess_query_int (query);
  row->time_ms = tess_query_int (query);
  row->emoji = tess_query_dup_text (query);
  return row;
}

TESS_ROWS_LIST (reaction, TessReactionRow, read_reaction, tess_reaction_row_free)

bool
tess_db_backup_reactions (TessDb *db, int64_t message, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT sender, time_ms, emoji FROM reactions WHERE message = ? ORDER BY sender");

  tess_query_bind_int (query, message);
  return reaction_all (query, rows_out, error);
}

/* Messages before the setting that their trigger looks at. */
bool
tess_db_backup_erase (TessDb *db, GError **error)
{
  static const char *const statements[] = {
    "DELETE FROM outbox", "DELETE FROM messages", "DELETE FROM shown_codes", "DELETE FROM sessions", "DELETE FROM contacts",
    "DELETE FROM own_prekeys", "DELETE FROM own_one_time", "DELETE FROM seen_hellos", "DELETE FROM seen_envelopes",
    "DELETE FROM settings",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_autoptr (TessQuery) query = tess_db_query (db, statements[i]);

      if (!tess_query_run (query, error))
        return false;
    }
  return true;
}

bool
tess_db_backup_put_conversation (TessDb *db, TessConversationRow *row, GError **error)
{
  g_autoptr (TessConversationRow) there = NULL;
  g_autoptr (TessQuery) query = tess_db_query (
    db, "INSERT INTO conversations (contact, last_message, last_activity_ms, unread, draft, pinned, muted, archived, "
        "marked_unread, hidden, timer) VALUES (?, 0, ?, 0, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (contact) DO UPDATE SET "
        "last_activity_ms = excluded.last_activity_ms, draft = excluded.draft, pinned = excluded.pinned, "
        "muted = excluded.muted, archived = excluded.archived, marked_unread = excluded.marked_unread, "
        "hidden = excluded.hidden, timer = excluded.timer");

  tess_query_bind_int (query, row->contact);
  tess_query_bind_int (query, row->last_activity);
  tess_query_bind_text (query, row->draft);
  tess_query_bind_int (query, row->pinned);
  tess_query_bind_int (query, row->muted);
  tess_query_bind_int (query, row->archived);
  tess_query_bind_int (query, row->marked_unread);
  tess_query_bind_int (query, row->hidden);
  tess_query_bind_int (query, row->timer);
  if (!tess_query_run (query, error) || !tess_db_conversation_find_contact (db, row->contact, &there, error))
    return false;
  row->id = there->id;
  return true;
}

bool
tess_db_backup_put_message (TessDb *db, TessMessageRow *row, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO messages (conversation, sender, message_id, time_ms, stored_ms, kind, state, is_read, body, "
                       "failure, reply_to, action, target, edited_ms, deleted) "
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
  tess_query_bind_int (query, row->edited_ms);
  tess_query_bind_int (query, row->deleted);
  if (!tess_query_run (query, error))
    return false;
  row->id = tess_db_last_id (db);
  return true;
}

bool
tess_db_backup_put_reaction (TessDb *db, int64_t message, const TessReactionRow *row, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO reactions (message, sender, emoji, time_ms) VALUES (?, ?, ?, ?)");

  tess_query_bind_int (query, message);
  tess_query_bind_int (query, row->sender);
  tess_query_bind_text (query, row->emoji);
  tess_query_bind_int (query, row->time_ms);
  return tess_query_run (query, error);
}

bool
tess_db_backup_put_answered (TessDb *db, int64_t conversation, int64_t message, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE conversations SET draft_reply = ? WHERE id = ?");

  tess_query_bind_int (query, message);
  tess_query_bind_int (query, conversation);
  return tess_query_run_one (query, error);
}

bool
tess_db_backup_settle (TessDb *db, GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;

  if (!tess_db_conversation_list (db, &rows, error))
    return false;
  for (guint i = 0; i < rows->len; i++)
    if (!tess_message_rows_recount (db, ((const TessConversationRow *) g_ptr_array_index (rows, i))->id, error))
      return false;
  return true;
}
