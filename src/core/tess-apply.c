/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-apply.h"

#include "base/tess-emoji.h"
#include "core/tess-content.h"
#include "crypto/tess-safety.h"
#include "store/tess-queries-actions.h"
#include "store/tess-queries-keys.h"
#include "store/tess-queries-messages.h"
#include "store/tess-queries-outbox.h"

#include <string.h>

/* Whether the conversation takes one more: what strangers write is bounded until they are accepted. */
static bool
has_room (TessJob *job, const TessContactRow *contact, int64_t conversation, bool *room_out, GError **error)
{
  uint64_t count = 0;
  bool done = contact->accepted || tess_db_message_count (job->db, conversation, &count, error);

  *room_out = done && count < TESS_REQUEST_MESSAGES_MAX;
  return done;
}

/* Also for a repeat under its old id: the first receipt may have been lost. */
static bool
owe_receipt (TessJob *job, const TessContactRow *contact, const TessContent *content, GError **error)
{
  if (!contact->accepted)
    return true;
  job->changes->receipts = true;
  return tess_db_receipt_put (job->db, contact->id, content->id, false, error);
}

/* Does an action of @contact to @target, which for edits and deletions is their own. Of several edits or reactions the latest by
 * their writer's clock counts, in whatever order they come. */
static bool
act (TessJob *job, const TessContactRow *contact, const TessMessageRow *target, TessAction action, const char *body,
     int64_t time_ms, GError **error)
{
  bool changed = true;

  if (target->kind != TESS_MESSAGE_TEXT || target->deleted)
    return true;
  switch (action)
    {
    case TESS_ACTION_EDIT:
      changed = time_ms > target->edited_ms;
      if (changed && !tess_db_message_edit (job->db, target->id, body, MAX (time_ms, 1), error))
        return false;
      break;
    case TESS_ACTION_DELETE:
      if (!tess_db_message_erase (job->db, target, error))
        return false;
      break;
    case TESS_ACTION_REACTION:
      if (*body != '\0' && !tess_emoji_check (body))
        return true;
      if (!tess_db_reaction_set (job->db, target->id, contact->id, body, time_ms, &changed, error))
        return false;
      break;
    case TESS_ACTION_NONE:
    case TESS_ACTION_TIMER:
    default:
      return true;
    }
  if (!changed)
    return true;
  tess_changes_message (job->changes, target->conversation, target->id);
  return action == TESS_ACTION_REACTION || tess_changes_answers (job, target, error);
}

static bool
add_message (TessJob *job, TessMessageRow *row, bool *new_out, GError **error)
{
  g_autoptr (GError) local = NULL;

  *new_out = tess_db_message_insert (job->db, row, &local);
  if (*new_out || g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_EXISTS))
    return true;
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

/* What came before its target is done now. */
static bool
act_early (TessJob *job, const TessContactRow *contact, int64_t row, GError **error)
{
  g_autoptr (TessMessageRow) target = NULL;
  g_autoptr (GPtrArray) actions = NULL;

  if (!tess_db_message_find (job->db, row, &target, error)
      || !tess_db_actions_early (job->db, target->conversation, target->message_id, &actions, error))
    return false;
  for (guint i = 0; i < actions->len; i++)
    {
      const TessMessageRow *action = g_ptr_array_index (actions, i);

      g_clear_pointer (&target, tess_message_row_free);
      if (!tess_db_message_find (job->db, row, &target, error)
          || !act (job, contact, target, action->action, action->body, action->time_ms, error)
          || !tess_db_action_remove (job->db, action->id, error))
        return false;
    }
  return true;
}

/* A text, or something to be kept for a newer version. */
static bool
apply_message (TessJob *job, const TessContactRow *contact, const TessContent *content, GError **error)
{
  TessMessageRow row = { .sender = contact->id, .state = TESS_MESSAGE_RECEIVED, .body = content->body };
  bool room, is_new;

  row.kind = content->kind == TESS_CONTENT_TEXT ? TESS_MESSAGE_TEXT : TESS_MESSAGE_UNKNOWN;
  memcpy (row.message_id, content->id, sizeof row.message_id);
  memcpy (row.reply_to, content->reply_to, sizeof row.reply_to);
  row.has_reply_to = content->has_reply_to;
  row.time_ms = MIN (content->time_ms, job->now_ms);
  row.stored_ms = job->now_ms;
  row.expires_after = content->seconds;
  if (!owe_receipt (job, contact, content, error) || !tess_people_conversation (job, contact->id, &row.conversation, error)
      || !has_room (job, contact, row.conversation, &room, error))
    return false;
  if (!room)
    return tess_db_setting_add (job->db, TESS_SETTING_REFUSED, 1, NULL, error);
  if (!add_message (job, &row, &is_new, error))
    return false;
  if (!is_new)
    return true;
  tess_changes_arrived (job->changes, row.conversation, row.id);
  return act_early (job, contact, row.id, error);
}

/* An edit, a deletion, a reaction. Its target may not be here: it was erased here, or comes yet (a session was renewed, and it is
 * sent again). Such an action is kept for a while, in the room that a stranger has for messages. */
static bool
apply_action (TessJob *job, const TessContactRow *contact, const TessContent *content, TessAction action, GError **error)
{
  TessMessageRow row = { .sender = contact->id, .kind = TESS_MESSAGE_ACTION, .state = TESS_MESSAGE_RECEIVED, .action = action,
                         .has_target = true, .body = content->body != NULL ? content->body : (char *) "" };
  g_autoptr (TessMessageRow) target = NULL;
  bool room, is_new, found;

  if (!owe_receipt (job, contact, content, error) || !tess_people_conversation (job, contact->id, &row.conversation, error)
      || !(action == TESS_ACTION_REACTION
             ? tess_db_message_find_in (job->db, row.conversation, content->target, &target, error)
             : tess_db_message_find_id (job->db, contact->id, content->target, &target, error)))
    return false;
  found = target != NULL && target->conversation == row.conversation && target->kind != TESS_MESSAGE_ACTION;
  if (found)
    return act (job, contact, target, action, row.body, content->time_ms, error);
  memcpy (row.message_id, content->id, sizeof row.message_id);
  memcpy (row.target, content->target, sizeof row.target);
  row.time_ms = content->time_ms;
  row.stored_ms = job->now_ms;
  return has_room (job, contact, row.conversation, &room, error)
         && (!room || (tess_db_actions_trim (job->db, row.conversation, TESS_EARLY_ACTIONS_MAX - 1, error)
                       && add_message (job, &row, &is_new, error)));
}

/* They set for how long messages stay. Each text says that of itself; this is what our own will say. */
static bool
apply_timer (TessJob *job, const TessContactRow *contact, const TessContent *content, GError **error)
{
  g_autoptr (TessConversationRow) chat = NULL;
  g_autofree char *notice = g_strdup_printf ("timer %u", content->seconds);
  int64_t conversation;

  if (!owe_receipt (job, contact, content, error))
    return false;
  if (!contact->accepted)
    return true;
  if (!tess_people_conversation (job, contact->id, &conversation, error)
      || !tess_db_conversation_find (job->db, conversation, &chat, error))
    return false;
  if (chat->timer == content->seconds)
    return true;
  return tess_db_conversation_set_timer (job->db, conversation, content->seconds, error)
         && tess_people_notice (job, contact->id, notice, error);
}

static bool
apply_typing (TessJob *job, const TessContactRow *contact, const TessContent *content, GError **error)
{
  int64_t conversation;

  /* What waited on the relay is past. */
  if (!contact->accepted || ABS (job->now_ms - content->time_ms) > TESS_TYPING_AGE_MAX_MS)
    return true;
  if (!tess_people_conversation (job, contact->id, &conversation, error))
    return false;
  tess_changes_typing (job->changes, conversation, content->on);
  return true;
}

/* Receipts move only own messages to this very contact. */
static bool
apply_ids (TessJob *job, const TessContactRow *contact, int64_t conversation, GArray *ids, TessMessageState state, GError **error)
{
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (TessMessageRow) row = NULL;
      bool changed = false;

      if (!tess_db_message_find_id (job->db, 0, (const uint8_t *) ids->data + i * TESS_CONTENT_ID_SIZE, &row, error))
        return false;
      if (row == NULL || row->conversation != conversation)
        continue;
      if (row->kind == TESS_MESSAGE_ACTION)
        {
          /* It has done its work. */
          tess_changes_message (job->changes, conversation, row->id);
          if (!tess_db_action_remove (job->db, row->id, error))
            return false;
          continue;
        }
      if (row->kind != TESS_MESSAGE_TEXT || row->deleted)
        continue;
      if (!tess_db_expiry_begin (job->db, row->id, job->now_ms, error))
        return false;
      job->changes->expiry |= row->expires_after > 0;
      if (!tess_db_message_set_state (job->db, row->id, state, NULL, &changed, error))
        return false;
      if (changed)
        tess_changes_message (job->changes, conversation, row->id);
    }
  return true;
}

static bool
apply_receipt (TessJob *job, const TessContactRow *contact, const TessContent *content, GError **error)
{
  int64_t conversation;

  return tess_people_conversation (job, contact->id, &conversation, error)
         && apply_ids (job, contact, conversation, content->delivered, TESS_MESSAGE_DELIVERED, error)
         && apply_ids (job, contact, conversation, content->read, TESS_MESSAGE_READ, error);
}

static bool
apply_profile (TessJob *job, TessContactRow *contact, const TessContent *content, GError **error)
{
  bool moved = !g_str_equal (contact->relay, content->relay);
  g_autofree char *own = NULL;

  /* A relay on this very machine is for those whose own relay is one: nobody else may point us at what listens here. */
  if (!tess_db_setting_get_text (job->db, TESS_SETTING_RELAY, &own, error))
    return false;
  if (g_str_has_prefix (content->relay, "http:") && (own == NULL || !g_str_has_prefix (own, "http:")))
    return tess_db_setting_add (job->db, TESS_SETTING_REFUSED, 1, NULL, error);
  g_set_str (&contact->name, content->name);
  g_set_str (&contact->relay, content->relay);
  memcpy (contact->contact_capability, content->capability, sizeof contact->contact_capability);
  contact->has_contact_capability = true;
  if (moved && !tess_db_outbox_set_relay (job->db, contact->id, contact->relay, error))
    return false;
  job->changes->outbox = true;
  return tess_people_update (job, contact, error);
}

/* The contact scanned one of our codes. Made for them alone: verified, whatever was before. The general one: they are a contact
 * (protocol.md 8). */
static bool
spend_code (TessJob *job, TessContactRow *contact, const TessCodeRow *code, GError **error)
{
  int64_t conversation;

  if (!tess_db_code_use (job->db, code->secret, contact->id, error)
      || !tess_people_conversation (job, contact->id, &conversation, error))
    return false;
  if (!contact->accepted && !tess_pending_add (job, contact->id, TESS_PENDING_PROFILE, error))
    return false;
  if (!tess_people_accept (job, contact, error))
    return false;
  tess_changes_spent (job->changes, conversation, code->secret);
  if (code->contact == contact->id && contact->trust != TESS_CONTACT_VERIFIED)
    {
      job->changes->outbox |= tess_people_is_stopped (contact);
      contact->trust = TESS_CONTACT_VERIFIED;
      tess_changes_trust (job->changes, conversation);
      if (!tess_people_notice (job, contact->id, "verified", error))
        return false;
    }
  if (code->contact == 0 && contact->trust != TESS_CONTACT_VERIFIED
      && !tess_people_notice (job, contact->id, "scanned", error))
    return false;
  return tess_people_update (job, contact, error);
}

/* Why the code proves nothing of @contact, as a notice says it; "" when there is nothing to say, NULL when it does. */
static const char *
fault_of_code (const TessJob *job, const TessContactRow *contact, const TessCodeRow *code)
{
  if (code->contact != 0 && code->contact != contact->id)
    return code->state == TESS_CODE_TOLD ? "" : code->state == TESS_CODE_SPENT ? "code-spent" : "code-other";
  /* The same mail again, or the same scan: it has had its effect. */
  if (code->state != TESS_CODE_FRESH)
    return "";
  return code->expires < job->now ? "code-expired" : NULL;
}

/* Once for each code: who has a picture of one cannot fill the history with it. */
static bool
take_code (TessJob *job, TessContactRow *contact, const TessCodeRow *code, GError **error)
{
  const char *fault = fault_of_code (job, contact, code);

  if (fault == NULL)
    return spend_code (job, contact, code, error);
  return *fault == '\0'
         || (tess_db_code_set_told (job->db, code->secret, error) && tess_people_notice (job, contact->id, fault, error));
}

static bool
apply_verify (TessJob *job, TessContactRow *contact, const TessContent *content, GError **error)
{
  g_autoptr (GPtrArray) codes = NULL;
  TessAccountPublic them;

  memcpy (them.bytes, contact->account, sizeof them.bytes);
  if (!tess_db_code_list (job->db, &codes, error))
    return false;
  for (guint i = 0; i < codes->len; i++)
    {
      const TessCodeRow *code = g_ptr_array_index (codes, i);
      g_auto (TessShowing) showing = { 0 };

      memcpy (showing.bytes, code->secret, sizeof showing.bytes);
      if (tess_verify_mac_check (&showing, &job->us->us.account, &them, content->mac))
        return take_code (job, contact, code, error);
    }
  return true;
}

bool
tess_apply (TessJob *job, TessContactRow *contact, const uint8_t *data, size_t size, GError **error)
{
  g_autoptr (TessContent) content = tess_content_parse (data, size, NULL);

  if (content == NULL)
    return tess_db_setting_add (job->db, TESS_SETTING_REFUSED, 1, NULL, error);
  switch (content->kind)
    {
    case TESS_CONTENT_TEXT:
    case TESS_CONTENT_UNKNOWN:
      return apply_message (job, contact, content, error);
    case TESS_CONTENT_RECEIPT:
      return apply_receipt (job, contact, content, error);
    case TESS_CONTENT_PROFILE:
      return apply_profile (job, contact, content, error);
    case TESS_CONTENT_VERIFY:
      return apply_verify (job, contact, content, error);
    case TESS_CONTENT_EDIT:
      return apply_action (job, contact, content, TESS_ACTION_EDIT, error);
    case TESS_CONTENT_DELETE:
      return apply_action (job, contact, content, TESS_ACTION_DELETE, error);
    case TESS_CONTENT_REACTION:
      return apply_action (job, contact, content, TESS_ACTION_REACTION, error);
    case TESS_CONTENT_TIMER:
      return apply_timer (job, contact, content, error);
    case TESS_CONTENT_TYPING:
      return apply_typing (job, contact, content, error);
    default:
      return true;
    }
}
