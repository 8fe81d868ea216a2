/* What a person does to messages. SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-intents-private.h"

#include "core/tess-sender.h"
#include "store/tess-queries-actions.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-keys.h"

#include <string.h>

/* A message of the intent's conversation; NOT_FOUND. */
static bool
find_message (TessJob *job, const TessIntent *intent, int64_t row, TessMessageRow **row_out, GError **error)
{
  if (!tess_db_message_find (job->db, row, row_out, error))
    return false;
  if (*row_out != NULL && (*row_out)->conversation == intent->conversation && (*row_out)->kind != TESS_MESSAGE_ACTION)
    return true;
  g_clear_pointer (row_out, tess_message_row_free);
  return tess_intent_not_found (error);
}

/* The contact and the message, for something that is told to the other side. */
static bool
find_both (TessJob *job, const TessIntent *intent, TessContactRow **contact_out, TessMessageRow **row_out, GError **error)
{
  if (!tess_intent_find_contact (job, intent->conversation, contact_out, error)
      || !find_message (job, intent, intent->message, row_out, error))
    return false;
  if (tess_people_is_stopped (*contact_out))
    return tess_intent_stopped (*contact_out, error);
  return ((*row_out)->kind == TESS_MESSAGE_TEXT && !(*row_out)->deleted) || tess_intent_not_found (error);
}

/* What is answered, or NULL: it may have been erased while the answer was written, which then goes without it. */
static bool
find_source (TessJob *job, const TessIntent *intent, TessMessageRow **row_out, GError **error)
{
  if (intent->reply == 0)
    return true;
  if (!tess_db_message_find (job->db, intent->reply, row_out, error))
    return false;
  if (*row_out != NULL && ((*row_out)->conversation != intent->conversation || (*row_out)->kind != TESS_MESSAGE_TEXT
                           || (*row_out)->deleted))
    g_clear_pointer (row_out, tess_message_row_free);
  return true;
}

bool
tess_intent_send (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (TessMessageRow) source = NULL;

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error)
      || !find_source (job, intent, &source, error))
    return false;
  if (tess_people_is_stopped (contact))
    return tess_intent_stopped (contact, error);
  return tess_intent_accept_contact (job, contact, error)
         && tess_sender_store_text (job, intent->conversation, intent->text, source != NULL ? source->message_id : NULL,
                                    &intent->message, error)
         && tess_sender_flush (job, contact->id, NULL, 0, error);
}

bool
tess_intent_retry (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (TessMessageRow) row = NULL;

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error)
      || !find_message (job, intent, intent->message, &row, error))
    return false;
  if (tess_people_is_stopped (contact))
    return tess_intent_stopped (contact, error);
  if (row->sender == 0 && row->state == TESS_MESSAGE_FAILED
      && !tess_db_message_set_state (job->db, row->id, TESS_MESSAGE_WAITING, NULL, NULL, error))
    return false;
  tess_changes_message (job->changes, row->conversation, row->id);
  return tess_db_actions_retry (job->db, row->conversation, row->message_id, error)
         && tess_sender_flush (job, contact->id, NULL, 0, error);
}

bool
tess_intent_mark_read (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (TessConversationRow) chat = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  int64_t told = 0;

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error)
      || !tess_db_conversation_find (job->db, intent->conversation, &chat, error))
    return false;
  chat->marked_unread = false;
  if (!tess_db_conversation_set_flags (job->db, chat, error)
      || !tess_db_message_mark_read (job->db, intent->conversation, intent->message, job->now_ms, &ids, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_RECEIPTS_TOLD, 1, &told, error))
    return false;
  tess_changes_conversation (job->changes, intent->conversation);
  job->changes->expiry = true;
  for (guint i = 0; i < ids->len && contact->accepted && !contact->blocked && told != 0; i++)
    {
      if (!tess_db_receipt_put (job->db, contact->id, g_bytes_get_data (g_ptr_array_index (ids, i), NULL), true, error))
        return false;
      job->changes->receipts = true;
    }
  return true;
}

bool
tess_intent_edit (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (TessMessageRow) row = NULL;
  int64_t time_ms;

  if (!find_both (job, intent, &contact, &row, error))
    return false;
  if (row->sender != 0)
    return tess_intent_not_found (error);
  if (g_str_equal (row->body, intent->text))
    return true;
  time_ms = MAX (job->now_ms, row->edited_ms + 1);
  tess_changes_message (job->changes, row->conversation, row->id);
  return tess_db_message_edit (job->db, row->id, intent->text, time_ms, error) && tess_changes_answers (job, row, error)
         && tess_sender_store_action (job, row->conversation, TESS_ACTION_EDIT, row->message_id, intent->text, time_ms, error)
         && tess_sender_flush (job, contact->id, NULL, 0, error);
}

static bool
delete_here (TessJob *job, const TessIntent *intent, GError **error)
{
  g_autoptr (TessMessageRow) row = NULL;

  if (!find_message (job, intent, intent->message, &row, error) || !tess_db_message_remove (job->db, row, error))
    return false;
  tess_changes_removed (job->changes, row->conversation, row->id);
  return tess_changes_answers (job, row, error);
}

bool
tess_intent_delete (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (TessMessageRow) row = NULL;

  if (intent->count == 0)
    return delete_here (job, intent, error);
  if (!find_both (job, intent, &contact, &row, error))
    return false;
  if (row->sender != 0)
    return tess_intent_not_found (error);
  tess_changes_message (job->changes, row->conversation, row->id);
  return tess_db_message_erase (job->db, row, error) && tess_changes_answers (job, row, error)
         && tess_sender_store_action (job, row->conversation, TESS_ACTION_DELETE, row->message_id, "", job->now_ms, error)
         && tess_sender_flush (job, contact->id, NULL, 0, error);
}

bool
tess_intent_react (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (TessMessageRow) row = NULL;
  g_autofree char *before = NULL;
  int64_t time_ms;
  bool changed;

  if (!find_both (job, intent, &contact, &row, error)
      || !tess_db_reaction_get (job->db, row->id, true, &before, &time_ms, error))
    return false;
  if (g_str_equal (before, intent->text))
    return true;
  time_ms = MAX (job->now_ms, time_ms + 1);
  tess_changes_message (job->changes, row->conversation, row->id);
  return tess_intent_accept_contact (job, contact, error)
         && tess_db_reaction_set (job->db, row->id, 0, intent->text, time_ms, &changed, error)
         && tess_sender_store_action (job, row->conversation, TESS_ACTION_REACTION, row->message_id, intent->text, time_ms, error)
         && tess_sender_flush (job, contact->id, NULL, 0, error);
}

/* A change that failed is of no use once there is another one. */
static bool
give_up_timers (TessJob *job, int64_t conversation, GError **error)
{
  g_autoptr (GArray) notices = NULL;

  if (!tess_db_timer_supersede (job->db, conversation, &notices, error))
    return false;
  for (guint i = 0; i < notices->len; i++)
    tess_changes_message (job->changes, conversation, g_array_index (notices, int64_t, i));
  return true;
}

bool
tess_intent_set_timer (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (TessConversationRow) chat = NULL;
  g_autofree char *seconds = g_strdup_printf ("%u", intent->count);
  g_autofree char *notice = g_strconcat ("timer-own ", seconds, NULL);
  uint8_t id[16];

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error)
      || !tess_db_conversation_find (job->db, intent->conversation, &chat, error))
    return false;
  if (tess_people_is_stopped (contact))
    return tess_intent_stopped (contact, error);
  if (chat->timer == intent->count)
    return true;
  return tess_intent_accept_contact (job, contact, error)
         && tess_db_conversation_set_timer (job->db, chat->id, intent->count, error)
         && give_up_timers (job, chat->id, error) && tess_people_notice_id (job, contact->id, notice, id, error)
         && tess_sender_store_action (job, chat->id, TESS_ACTION_TIMER, id, seconds, job->now_ms, error)
         && tess_sender_flush (job, contact->id, NULL, 0, error);
}

bool
tess_intent_typing (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  int64_t told = 0;

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_TYPING_TOLD, 1, &told, error))
    return false;
  return told == 0 || tess_sender_typing (job, contact->id, intent->count != 0, error);
}

bool
tess_intent_set_setting (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;

  return tess_db_setting_set_int (job->db, intent->text, intent->count, error);
}
