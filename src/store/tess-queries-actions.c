/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-actions.h"

#include "store/tess-message-rows.h"
#include "store/tess-rows.h"

TESS_ROWS (message, TessMessageRow, tess_message_row_read, tess_message_row_free)
TESS_ROWS_LIST (message, TessMessageRow, tess_message_row_read, tess_message_row_free)

bool
tess_db_message_find_in (TessDb *db, int64_t conversation, const uint8_t message_id[static 16], TessMessageRow **row_out,
                         GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, TESS_SELECT_MESSAGE "WHERE sender IN (0, (SELECT contact FROM conversations WHERE id = ?1)) "
                                           "AND message_id = ?2 AND conversation = ?1 AND kind <> 3 LIMIT 1");

  tess_query_bind_int (query, conversation);
  tess_query_bind_blob (query, message_id, 16);
  return message_one (query, row_out, error);
}

bool
tess_db_message_edit (TessDb *db, int64_t id, const char *body, int64_t edited_ms, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE messages SET body = ?, edited_ms = ? WHERE id = ?");

  tess_query_bind_text (query, body);
  tess_query_bind_int (query, edited_ms);
  tess_query_bind_int (query, id);
  return tess_query_run_one (query, error);
}

static bool
run_with_int (TessDb *db, const char *sql, int64_t value, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, sql);

  tess_query_bind_int (query, value);
  return tess_query_run (query, error);
}

/* What is on its way to the other side about a message, but for its deletion (action 2). */
static bool
remove_own_actions (TessDb *db, const TessMessageRow *row, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "DELETE FROM messages WHERE target = ? AND conversation = ? AND kind = 3 AND sender = 0 AND action <> 2");

  tess_query_bind_blob (query, row->message_id, sizeof row->message_id);
  tess_query_bind_int (query, row->conversation);
  return tess_query_run (query, error);
}

/* An envelope of it that was never tried holds its words here. */
static bool
remove_untried (TessDb *db, int64_t message, GError **error)
{
  return run_with_int (db, "DELETE FROM outbox WHERE message = ? AND attempts = 0", message, error);
}

bool
tess_db_message_erase (TessDb *db, const TessMessageRow *row, GError **error)
{
  return remove_untried (db, row->id, error) && remove_own_actions (db, row, error)
         && run_with_int (db, "DELETE FROM reactions WHERE message = ?", row->id, error)
         && run_with_int (db,
                          "UPDATE messages SET body = '', deleted = 1, edited_ms = 0, reply_to = NULL, is_read = 1 WHERE id = ?",
                          row->id, error)
         && tess_message_rows_recount (db, row->conversation, error);
}

bool
tess_db_message_remove (TessDb *db, const TessMessageRow *row, GError **error)
{
  return remove_untried (db, row->id, error) && remove_own_actions (db, row, error)
         && run_with_int (db, "DELETE FROM messages WHERE id = ?", row->id, error)
         && tess_message_rows_recount (db, row->conversation, error);
}

bool
tess_db_action_remove (TessDb *db, int64_t id, GError **error)
{
  return run_with_int (db, "DELETE FROM messages WHERE id = ? AND kind = 3", id, error);
}

bool
tess_db_actions_early (TessDb *db, int64_t conversation, const uint8_t target[static 16], GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, TESS_SELECT_MESSAGE "WHERE target = ? AND conversation = ? AND kind = 3 AND sender <> 0 ORDER BY id");

  tess_query_bind_blob (query, target, 16);
  tess_query_bind_int (query, conversation);
  return message_all (query, rows_out, error);
}

bool
tess_db_actions_trim (TessDb *db, int64_t conversation, unsigned max, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE target IS NOT NULL AND kind = 3 "
                       "AND sender <> 0 AND conversation = ? ORDER BY id DESC LIMIT -1 OFFSET ?)");

  tess_query_bind_int (query, conversation);
  tess_query_bind_int (query, max);
  return tess_query_run (query, error);
}

bool
tess_db_actions_forget (TessDb *db, int64_t before_ms, GError **error)
{
  return run_with_int (
    db, "DELETE FROM messages WHERE target IS NOT NULL AND kind = 3 AND sender <> 0 AND stored_ms < ?", before_ms, error);
}

bool
tess_db_action_failed (TessDb *db, int64_t conversation, const uint8_t target[static 16], char **failure_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "SELECT coalesce (failure, '') FROM messages WHERE target = ? AND conversation = ? AND kind = 3 AND sender = 0 "
        "AND state = 5 ORDER BY id DESC LIMIT 1");

  tess_query_bind_blob (query, target, 16);
  tess_query_bind_int (query, conversation);
  *failure_out = tess_query_next (query) ? tess_query_dup_text (query) : NULL;
  if (tess_query_done (query, error))
    return true;
  g_clear_pointer (failure_out, g_free);
  return false;
}

bool
tess_db_actions_retry (TessDb *db, int64_t conversation, const uint8_t target[static 16], GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "UPDATE messages SET state = 1, failure = NULL WHERE target = ? AND conversation = ? AND kind = 3 "
                       "AND sender = 0 AND state = 5");

  tess_query_bind_blob (query, target, 16);
  tess_query_bind_int (query, conversation);
  return tess_query_run (query, error);
}

bool
tess_db_action_supersede (TessDb *db, int64_t conversation, const uint8_t target[static 16], TessAction action, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "DELETE FROM messages WHERE target = ? AND conversation = ? AND kind = 3 AND sender = 0 AND state = 5 "
                       "AND action = ?");

  tess_query_bind_blob (query, target, 16);
  tess_query_bind_int (query, conversation);
  tess_query_bind_int (query, action);
  return tess_query_run (query, error);
}

bool
tess_db_timer_supersede (TessDb *db, int64_t conversation, GArray **notices_out, GError **error)
{
  g_autoptr (GArray) notices = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (TessQuery) find =
    tess_db_query (db, "SELECT notice.id FROM messages AS failed JOIN messages AS notice ON notice.sender = 0 "
                       "AND notice.message_id = failed.target AND notice.conversation = failed.conversation "
                       "WHERE failed.target IS NOT NULL AND failed.conversation = ? AND failed.kind = 3 AND failed.sender = 0 "
                       "AND failed.state = 5 AND failed.action = 4");
  g_autoptr (TessQuery) drop = tess_db_query (db, "DELETE FROM messages WHERE conversation = ? AND kind = 3 AND sender = 0 "
                                                  "AND state = 5 AND action = 4");

  G_STATIC_ASSERT (TESS_ACTION_TIMER == 4);
  tess_query_bind_int (find, conversation);
  while (tess_query_next (find))
    {
      int64_t row = tess_query_int (find);

      g_array_append_val (notices, row);
    }
  if (!tess_query_done (find, error))
    return false;
  tess_query_bind_int (drop, conversation);
  if (!tess_query_run (drop, error))
    return false;
  *notices_out = g_steal_pointer (&notices);
  return true;
}

bool
tess_db_reaction_set (TessDb *db, int64_t message, int64_t sender, const char *emoji, int64_t time_ms, bool *changed_out,
                      GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "INSERT INTO reactions (message, sender, emoji, time_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
                       "SET emoji = excluded.emoji, time_ms = excluded.time_ms WHERE excluded.time_ms > time_ms");

  tess_query_bind_int (query, message);
  tess_query_bind_int (query, sender);
  tess_query_bind_text (query, emoji);
  tess_query_bind_int (query, time_ms);
  if (!tess_query_run (query, error))
    return false;
  *changed_out = tess_db_changes (db) > 0;
  return true;
}

bool
tess_db_reaction_get (TessDb *db, int64_t message, bool own, char **emoji_out, int64_t *time_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT emoji, time_ms FROM reactions WHERE message = ? AND (sender = 0) = ?");

  tess_query_bind_int (query, message);
  tess_query_bind_int (query, own);
  *emoji_out = NULL;
  if (time_out != NULL)
    *time_out = 0;
  if (tess_query_next (query))
    {
      *emoji_out = tess_query_dup_text (query);
      if (time_out != NULL)
        *time_out = tess_query_int (query);
    }
  if (*emoji_out == NULL)
    *emoji_out = g_strdup ("");
  if (tess_query_done (query, error))
    return true;
  g_clear_pointer (emoji_out, g_free);
  return false;
}

bool
tess_db_conversation_set_timer (TessDb *db, int64_t id, unsigned seconds, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE conversations SET timer = ? WHERE id = ?");

  tess_query_bind_int (query, seconds);
  tess_query_bind_int (query, id);
  return tess_query_run_one (query, error);
}

bool
tess_db_expiry_begin (TessDb *db, int64_t message, int64_t now_ms, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "UPDATE messages SET expires_ms = ? + expires_after * 1000 WHERE id = ? AND expires_after > 0 AND expires_ms = 0");

  tess_query_bind_int (query, now_ms);
  tess_query_bind_int (query, message);
  return tess_query_run (query, error);
}

bool
tess_db_expiry_next (TessDb *db, int64_t *due_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT expires_ms FROM messages WHERE expires_ms > 0 ORDER BY expires_ms LIMIT 1");

  *due_out = tess_query_next (query) ? tess_query_int (query) : 0;
  return tess_query_done (query, error);
}

bool
tess_db_expiry_due (TessDb *db, int64_t now_ms, unsigned max, GPtrArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, TESS_SELECT_MESSAGE "WHERE expires_ms > 0 AND expires_ms <= ? ORDER BY expires_ms LIMIT ?");

  tess_query_bind_int (query, now_ms);
  tess_query_bind_int (query, max);
  return message_all (query, rows_out, error);
}
