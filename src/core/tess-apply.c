/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-apply.h"

#include "core/tess-content.h"
#include "crypto/tess-safety.h"
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

/* A text, or something to be kept for a newer version. */
static bool
apply_message (TessJob *job, const TessContactRow *contact, const TessContent *content, GError **error)
{
  TessMessageRow row = { .sender = contact->id, .state = TESS_MESSAGE_RECEIVED, .body = content->body };
  g_autoptr (GError) local = NULL;
  bool room;

  row.kind = content->kind == TESS_CONTENT_TEXT ? TESS_MESSAGE_TEXT : TESS_MESSAGE_UNKNOWN;
  memcpy (row.message_id, content->id, sizeof row.message_id);
  memcpy (row.reply_to, content->reply_to, sizeof row.reply_to);
  row.has_reply_to = content->has_reply_to;
  row.time_ms = MIN (content->time_ms, job->now_ms);
  row.stored_ms = job->now_ms;
  if (contact->accepted)
    {
      /* Also for a repeat under its old id: the first receipt may have been lost. */
      if (!tess_db_receipt_put (job->db, contact->id, content->id, false, error))
        return false;
      job->changes->receipts = true;
    }
  if (!tess_people_conversation (job, contact->id, &row.conversation, error)
      || !has_room (job, contact, row.conversation, &room, error))
    return false;
  if (!room)
    return tess_db_setting_add (job->db, TESS_SETTING_REFUSED, 1, NULL, error);
  if (!tess_db_message_insert (job->db, &row, &local))
    {
      if (g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_EXISTS))
        return true;
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  tess_changes_arrived (job->changes, row.conversation, row.id);
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
      if (row == NULL || row->conversation != conversation || row->kind != TESS_MESSAGE_TEXT)
        continue;
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

/* The contact scanned one of our codes. Made for them alone: verified. The general one: they are a contact (protocol.md 8). */
static bool
spend_code (TessJob *job, TessContactRow *contact, const TessCodeRow *code, GError **error)
{
  int64_t conversation;

  if (!tess_db_code_use (job->db, code->secret, error) || !tess_people_conversation (job, contact->id, &conversation, error))
    return false;
  if (!contact->accepted && !tess_pending_add (job, contact->id, TESS_PENDING_PROFILE, error))
    return false;
  contact->accepted = true;
  if (code->contact == contact->id && contact->trust == TESS_CONTACT_UNVERIFIED)
    {
      contact->trust = TESS_CONTACT_VERIFIED;
      tess_changes_trust (job->changes, conversation);
      if (!tess_people_notice (job, contact->id, "verified", error))
        return false;
    }
  return tess_people_update (job, contact, error);
}

static bool
apply_verify (TessJob *job, TessContactRow *contact, const TessContent *content, GError **error)
{
  g_autoptr (GPtrArray) codes = NULL;
  TessAccountPublic them;

  memcpy (them.bytes, contact->account, sizeof them.bytes);
  if (!tess_db_code_list (job->db, contact->id, job->now, &codes, error))
    return false;
  for (guint i = 0; i < codes->len; i++)
    {
      const TessCodeRow *code = g_ptr_array_index (codes, i);
      g_auto (TessShowing) showing = { 0 };

      memcpy (showing.bytes, code->secret, sizeof showing.bytes);
      if (tess_verify_mac_check (&showing, &job->us->us.account, &them, content->mac))
        return spend_code (job, contact, code, error);
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
    case TESS_CONTENT_DELETE:
    case TESS_CONTENT_REACTION:
    case TESS_CONTENT_TYPING:
    case TESS_CONTENT_TIMER:
    default:
      return true;
    }
}
