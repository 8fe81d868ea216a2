/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-sender.h"

#include "base/tess-i18n.h"
#include "base/tess-random.h"
#include "core/tess-content.h"
#include "core/tess-core-error.h"
#include "core/tess-people.h"
#include "core/tess-seal.h"
#include "core/tess-sessions.h"
#include "store/tess-queries-actions.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-keys.h"
#include "store/tess-queries-messages.h"
#include "store/tess-queries-outbox.h"
#include "store/tess-queries-sessions.h"

#include <string.h>

/* When something was last done for a contact, as a setting: that it is now, and whether it was @seconds ago or more. */
static bool
set_time (TessJob *job, const char *what, int64_t contact, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%" G_GINT64_FORMAT, what, (gint64) contact);

  return tess_db_setting_set_int (job->db, name, job->now, error);
}

static bool
was_before (TessJob *job, const char *what, int64_t contact, int64_t seconds, bool *was_out, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%" G_GINT64_FORMAT, what, (gint64) contact);
  int64_t last;

  *was_out = false;
  if (!tess_db_setting_get_int (job->db, name, 0, &last, error))
    return false;
  *was_out = last > job->now || last <= job->now - seconds;
  return true;
}

/* What waits for a contact. */
typedef struct {
  TessJob *job;
  TessContactRow *contact;
  GPtrArray *devices; /* TessDeviceRow */
  GArray *messages;   /* int64_t */
  unsigned pending;
  int64_t profile;    /* our profile's version */
  bool receipts;
} Work;

static void
work_clear (Work *self)
{
  g_clear_pointer (&self->contact, tess_contact_row_free);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  g_clear_pointer (&self->messages, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static bool
gather (Work *work, int64_t contact, unsigned flags, GError **error)
{
  TessJob *job = work->job;
  g_autoptr (GArray) waiting = NULL;

  if (!tess_db_contact_find (job->db, contact, &work->contact, error))
    return false;
  if (work->contact == NULL)
    return true;
  if (!tess_db_device_list (job->db, contact, &work->devices, error) || !tess_pending_get (job, contact, &work->pending, error)
      || !tess_db_message_unsealed (job->db, contact, TESS_UNSEALED_MAX, &work->messages, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_PROFILE_VERSION, 1, &work->profile, error)
      || !tess_db_receipt_contacts (job->db, &waiting, error))
    return false;
  for (guint i = 0; i < waiting->len && (flags & TESS_FLUSH_RECEIPTS) != 0; i++)
    work->receipts |= g_array_index (waiting, gint64, i) == contact;
  return true;
}

static bool
has_work (const Work *work)
{
  bool outdated = work->contact->profile_sent != 0 && work->contact->profile_sent != work->profile;

  return (work->pending & ~TESS_PENDING_LATER) != 0 || work->messages->len > 0 || work->receipts
         || (work->contact->accepted && outdated);
}

/* Whether some device has a session and a valid envelope key. */
static bool
can_seal (Work *work, bool *can_out, GError **error)
{
  *can_out = false;
  for (guint i = 0; i < work->devices->len && !*can_out; i++)
    {
      const TessDeviceRow *device = g_ptr_array_index (work->devices, i);
      g_autoptr (TessSessionRow) session = NULL;

      if (!tess_db_session_find_active (work->job->db, work->contact->id, device->device, &session, error))
        return false;
      *can_out = session != NULL && device->prekey != NULL && device->prekey_expires > work->job->now;
    }
  return true;
}

/* A new session with somebody who was written to before: what was never receipted may have been lost with the old one. */
static bool
note_started (Work *work, GError **error)
{
  work->pending |= TESS_PENDING_AGAIN;
  return tess_pending_add (work->job, work->contact->id, TESS_PENDING_AGAIN, error);
}

/* The device's active session. NULL also for one whose state is damaged, which is dropped: before anything is sealed, so that
 * nothing that waits counts as sent to a device that it skipped; and for one that nobody answered while the prekey of its hello
 * was valid, which steps back: soon nobody could read that hello any more (protocol.md 2). */
static bool
find_session (Work *work, const TessDeviceRow *device, TessSessionRow **session_out, GError **error)
{
  TessDb *db = work->job->db;
  g_autoptr (TessSessionRow) session = NULL;
  g_autoptr (GError) local = NULL;

  *session_out = NULL;
  if (!tess_db_session_find_active (db, work->contact->id, device->device, &session, error))
    return false;
  if (session != NULL && session->hello != NULL && session->created <= work->job->now - TESS_PREKEY_LIFETIME_MAX)
    {
      session->active = false;
      return tess_db_session_update (db, session, error);
    }
  if (session == NULL || tess_session_check (session, &local))
    {
      *session_out = g_steal_pointer (&session);
      return true;
    }
  if (!g_error_matches (local, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  g_message ("A session was damaged and is started anew");
  return tess_db_session_remove (db, session->id, error);
}

/* Whether every device can be sealed to now, or as well as it ever will be with @fresh at hand. Starts the sessions that are
 * missing. */
static bool
prepare (Work *work, const TessBundle *fresh, bool *ready_out, GError **error)
{
  TessJob *job = work->job;

  *ready_out = fresh != NULL || (work->devices->len > 0 && work->contact->fetched > job->now - TESS_PREKEY_REFETCH_AFTER
                                 && work->contact->fetched <= job->now + TESS_PREKEY_AHEAD_MAX);
  for (guint i = 0; i < work->devices->len && *ready_out; i++)
    {
      const TessDeviceRow *device = g_ptr_array_index (work->devices, i);
      g_autoptr (TessSessionRow) session = NULL;
      g_autoptr (TessSessionRow) started = NULL;
      TessParty them = { 0 };

      if (!find_session (work, device, &session, error))
        return false;
      if (fresh == NULL)
        *ready_out = session != NULL && device->prekey != NULL && device->prekey_expires > job->now;
      if (session != NULL || fresh == NULL)
        continue;
      memcpy (them.account.bytes, work->contact->account, sizeof them.account.bytes);
      memcpy (them.device.bytes, device->device, sizeof them.device.bytes);
      for (unsigned k = 0; k < fresh->count; k++)
        if (memcmp (fresh->devices[k].device, device->device, sizeof device->device) == 0 && !fresh->devices[k].expired
            && started == NULL)
          {
            started = tess_session_start (job, work->contact->id, &them, &fresh->devices[k], error);
            if (started == NULL || !note_started (work, error))
              return false;
          }
    }
  return true;
}

static bool
send_profile (Work *work, GError **error)
{
  TessJob *job = work->job;
  g_autoptr (TessContent) content = NULL;
  g_autoptr (GBytes) encoded = NULL;
  TessSealed sealed;
  bool found;

  if ((!work->contact->accepted || work->contact->profile_sent == work->profile) && (work->pending & TESS_PENDING_PROFILE) == 0)
    return true;
  content = tess_content_new (TESS_CONTENT_PROFILE);
  if (content == NULL)
    return tess_core_error_no_random (error);
  if (!tess_db_setting_get_text (job->db, TESS_SETTING_NAME, &content->name, error)
      || !tess_db_setting_get_text (job->db, TESS_SETTING_RELAY, &content->relay, error)
      || !tess_db_setting_copy (job->db, TESS_SETTING_CONTACT_CAPABILITY, content->capability, sizeof content->capability, &found,
                                error))
    return false;
  encoded = tess_content_encode (content);
  if (!tess_seal (job, work->contact, work->devices, encoded, 0, &sealed, error))
    return false;
  if (sealed != TESS_SEALED)
    return true; /* it waits on */
  work->contact->profile_sent = work->profile;
  return tess_db_contact_update (job->db, work->contact, error) && set_time (job, "profiled", work->contact->id, error)
         && tess_pending_clear (job, work->contact->id, TESS_PENDING_PROFILE, error);
}

static bool
send_verify (Work *work, GError **error)
{
  TessJob *job = work->job;
  g_autoptr (TessContent) content = NULL;
  g_autoptr (GBytes) encoded = NULL;
  TessSealed sealed = TESS_SEALED;
  bool found = false;

  if ((work->pending & TESS_PENDING_VERIFY) == 0)
    return true;
  content = tess_content_new (TESS_CONTENT_VERIFY);
  if (content == NULL)
    return tess_core_error_no_random (error);
  if (!tess_pending_get_verify (job, work->contact->id, content->mac, &found, error))
    return false;
  encoded = tess_content_encode (content);
  if (found && !tess_seal (job, work->contact, work->devices, encoded, 0, &sealed, error))
    return false;
  return sealed != TESS_SEALED || tess_pending_clear (job, work->contact->id, TESS_PENDING_VERIFY, error);
}

static TessContentKind
kind_of (const TessMessageRow *message)
{
  switch (message->action)
    {
    case TESS_ACTION_EDIT:
      return TESS_CONTENT_EDIT;
    case TESS_ACTION_DELETE:
      return TESS_CONTENT_DELETE;
    case TESS_ACTION_REACTION:
      return TESS_CONTENT_REACTION;
    case TESS_ACTION_TIMER:
      return TESS_CONTENT_TIMER;
    case TESS_ACTION_NONE:
    default:
      return TESS_CONTENT_TEXT;
    }
}

/* Seals one message or action, or fails it when it never can be. */
static bool
send_message (Work *work, int64_t row, GError **error)
{
  TessJob *job = work->job;
  g_autoptr (TessMessageRow) message = NULL;
  g_autoptr (GBytes) encoded = NULL;
  TessContent content = { 0 };
  TessSealed sealed = TESS_SEAL_TOO_LARGE;

  if (!tess_db_message_find (job->db, row, &message, error))
    return false;
  if (message == NULL)
    return true;
  content.kind = kind_of (message);
  memcpy (content.id, message->message_id, sizeof content.id);
  memcpy (content.reply_to, message->reply_to, sizeof content.reply_to);
  memcpy (content.target, message->target, sizeof content.target);
  content.has_reply_to = message->has_reply_to;
  content.time_ms = message->time_ms;
  content.body = message->body;
  content.seconds = content.kind == TESS_CONTENT_TIMER ? (uint32_t) g_ascii_strtoull (message->body, NULL, 10)
                                                       : message->expires_after;
  encoded = tess_content_encode (&content);
  if (encoded != NULL && !tess_seal (job, work->contact, work->devices, encoded, row, &sealed, error))
    return false;
  tess_changes_message (job->changes, message->conversation, row);
  return sealed != TESS_SEAL_TOO_LARGE
         || tess_db_message_set_state (job->db, row, TESS_MESSAGE_FAILED, TESS_FAILURE_TOO_LARGE, NULL, error);
}

static bool
send_again (Work *work, int64_t row, GError **error)
{
  return tess_db_outbox_remove_message (work->job->db, row, NULL, error) && send_message (work, row, error);
}

/* What a peer that lost its sessions may never have read is sealed anew, in its order: what waits here, and what reached the
 * relay but was never receipted; also what reaches it yet, sealed under the session of before. */
static bool
resend (Work *work, GError **error)
{
  TessJob *job = work->job;
  g_autoptr (GPtrArray) rows = NULL;
  unsigned done = work->pending & TESS_PENDING_RESEAL;
  bool may = false, relayed = false, waiting = false;

  if ((work->pending & TESS_PENDING_AGAIN) == 0)
    return true;
  if (!tess_db_message_unreceipted (job->db, work->contact->id, TESS_UNSEALED_MAX, &rows, error))
    return false;
  for (guint i = 0; i < rows->len; i++)
    {
      const TessMessageRow *row = g_ptr_array_index (rows, i);

      relayed |= row->state == TESS_MESSAGE_ON_RELAY;
      waiting |= row->state == TESS_MESSAGE_WAITING && (work->pending & TESS_PENDING_RESEAL) == 0;
    }
  if ((work->pending & TESS_PENDING_RESEND) != 0 && relayed && !tess_sender_may_resend (job, work->contact->id, &may, error))
    return false;
  if (may && !tess_sender_defer_resend (job, work->contact->id, error))
    return false;
  if (may || !(relayed || waiting))
    done |= TESS_PENDING_RESEND;
  for (guint i = 0; i < rows->len; i++)
    {
      const TessMessageRow *row = g_ptr_array_index (rows, i);
      bool waits = row->state == TESS_MESSAGE_WAITING;

      if ((waits ? (done & TESS_PENDING_RESEAL) != 0 : may) && !send_again (work, row->id, error))
        return false;
    }
  if ((done & TESS_PENDING_RESEAL) != 0)
    g_array_set_size (work->messages, 0); /* they were among the waiting */
  return tess_pending_clear (job, work->contact->id, done, error);
}

static bool
send_receipts (Work *work, GError **error)
{
  TessJob *job = work->job;
  bool ping = (work->pending & TESS_PENDING_PING) != 0;

  while (ping || work->receipts)
    {
      g_autoptr (GPtrArray) rows = NULL;
      g_autoptr (TessContent) content = tess_content_new (TESS_CONTENT_RECEIPT);
      g_autoptr (GBytes) encoded = NULL;
      TessSealed sealed;

      if (content == NULL)
        return tess_core_error_no_random (error);
      if (!tess_db_receipt_take (job->db, work->contact->id, TESS_RECEIPT_IDS_MAX, &rows, error))
        return false;
      for (guint i = 0; i < rows->len; i++)
        {
          const TessReceiptRow *row = g_ptr_array_index (rows, i);

          g_array_append_vals (row->is_read ? content->read : content->delivered, row->message_id, 1);
        }
      if (rows->len == 0 && !ping)
        break;
      encoded = tess_content_encode (content);
      if (!tess_seal (job, work->contact, work->devices, encoded, 0, &sealed, error))
        return false;
      if (sealed != TESS_SEALED) /* some device had keys: then all is undone, for the receipts are taken out already */
        {
          g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, _("Something went wrong inside Tessera."));
          return false;
        }
      ping = false;
    }
  return tess_pending_clear (job, work->contact->id, TESS_PENDING_PING, error);
}

bool
tess_sender_flush (TessJob *job, int64_t contact, const TessBundle *fresh, unsigned flags, GError **error)
{
  g_auto (Work) work = { .job = job };
  bool ready;

  if (!gather (&work, contact, flags, error))
    return false;
  if (work.contact == NULL || tess_people_is_stopped (work.contact) || *work.contact->relay == '\0' || !has_work (&work))
    return true;
  if (!prepare (&work, fresh, &ready, error))
    return false;
  if (!ready)
    {
      tess_changes_bundle (job->changes, contact);
      return true;
    }
  if (!can_seal (&work, &ready, error))
    return false;
  if (!ready)
    return true; /* no device has keys that are valid now: all of it waits until one was online */
  if (!send_profile (&work, error) || !send_verify (&work, error) || !resend (&work, error))
    return false;
  for (guint i = 0; i < work.messages->len; i++)
    if (!send_message (&work, g_array_index (work.messages, int64_t, i), error))
      return false;
  return send_receipts (&work, error);
}

bool
tess_sender_flush_all (TessJob *job, GArray *contacts, unsigned flags, GError **error)
{
  for (guint i = 0; i < contacts->len; i++)
    {
      int64_t contact = g_array_index (contacts, int64_t, i);
      g_autoptr (GError) local = NULL;

      if (!tess_db_begin (job->db, error))
        return false;
      if (tess_sender_flush (job, contact, NULL, flags, &local))
        {
          if (!tess_db_commit (job->db, error))
            return false;
          continue;
        }
      tess_db_rollback (job->db);
      if (local->domain == TESS_STORE_ERROR)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return false;
        }
      g_warning ("What waits for a contact could not be sealed: %s", local->message);
    }
  return true;
}

bool
tess_sender_flush_waiting (TessJob *job, GError **error)
{
  g_autoptr (GArray) waiting = NULL;
  g_autoptr (GArray) pending = NULL;

  if (!tess_db_contacts_unsealed (job->db, &waiting, error) || !tess_pending_contacts (job, &pending, error))
    return false;
  g_array_append_vals (waiting, pending->data, pending->len);
  return tess_sender_flush_all (job, waiting, TESS_FLUSH_RECEIPTS, error);
}

bool
tess_sender_may_resend (TessJob *job, int64_t contact, bool *may_out, GError **error)
{
  return was_before (job, "resent", contact, TESS_RESET_INTERVAL_MIN, may_out, error);
}

bool
tess_sender_defer_resend (TessJob *job, int64_t contact, GError **error)
{
  return set_time (job, "resent", contact, error);
}

bool
tess_sender_note_request (TessJob *job, const TessContactRow *contact, GError **error)
{
  bool may;

  if (!contact->accepted)
    return true;
  return was_before (job, "profiled", contact->id, TESS_PROFILE_AGAIN_AFTER, &may, error)
         && (!may || tess_pending_add (job, contact->id, TESS_PENDING_PROFILE, error));
}

bool
tess_sender_renew (TessJob *job, int64_t contact, GError **error)
{
  bool may;

  return was_before (job, "renewed", contact, TESS_RENEW_INTERVAL, &may, error)
         && (!may || (set_time (job, "renewed", contact, error) && tess_sessions_archive (job, contact, error)));
}

/* Whether the conversation is the one with oneself. */
static bool
find_notes (TessJob *job, const TessConversationRow *chat, bool *notes_out, GError **error)
{
  g_autoptr (TessContactRow) contact = NULL;

  *notes_out = false;
  if (chat == NULL || !tess_db_contact_find (job->db, chat->contact, &contact, error))
    return chat == NULL;
  *notes_out = contact != NULL && tess_people_is_self (job, contact);
  return true;
}

static bool
store_own (TessJob *job, TessMessageRow *row, TessMessageState state, GError **error)
{
  row->state = state;
  row->stored_ms = job->now_ms;
  row->is_read = true;
  if (!tess_random (row->message_id, sizeof row->message_id))
    return tess_core_error_no_random (error);
  return tess_db_message_insert (job->db, row, error);
}

bool
tess_sender_store_text (TessJob *job, int64_t conversation, const char *text, const uint8_t *reply_to, int64_t *row_out,
                        GError **error)
{
  TessMessageRow row = { .conversation = conversation, .kind = TESS_MESSAGE_TEXT, .body = (char *) text };
  g_autoptr (TessConversationRow) chat = NULL;
  bool notes;

  if (!tess_db_conversation_find (job->db, conversation, &chat, error) || !find_notes (job, chat, &notes, error))
    return false;
  row.time_ms = job->now_ms;
  row.expires_after = chat != NULL ? chat->timer : 0;
  row.expires_ms = notes && row.expires_after > 0 ? job->now_ms + (int64_t) row.expires_after * 1000 : 0;
  row.has_reply_to = reply_to != NULL;
  if (reply_to != NULL)
    memcpy (row.reply_to, reply_to, sizeof row.reply_to);
  if (!store_own (job, &row, notes ? TESS_MESSAGE_READ : TESS_MESSAGE_WAITING, error))
    return false;
  job->changes->expiry |= row.expires_ms != 0;
  tess_changes_message (job->changes, conversation, row.id);
  *row_out = row.id;
  return true;
}

bool
tess_sender_store_action (TessJob *job, int64_t conversation, TessAction action, const uint8_t *target, const char *body,
                          int64_t time_ms, GError **error)
{
  TessMessageRow row = { .conversation = conversation, .kind = TESS_MESSAGE_ACTION, .action = action, .body = (char *) body,
                         .time_ms = time_ms };
  g_autoptr (TessConversationRow) chat = NULL;
  bool notes;

  if (!tess_db_conversation_find (job->db, conversation, &chat, error) || !find_notes (job, chat, &notes, error))
    return false;
  if (notes)
    return true;
  row.has_target = target != NULL;
  if (target != NULL)
    memcpy (row.target, target, sizeof row.target);
  return (target == NULL || tess_db_action_supersede (job->db, conversation, target, action, error))
         && store_own (job, &row, TESS_MESSAGE_WAITING, error);
}

bool
tess_sender_typing (TessJob *job, int64_t contact, bool on, GError **error)
{
  g_auto (Work) work = { .job = job };
  g_autoptr (TessContent) content = NULL;
  g_autoptr (GBytes) encoded = NULL;
  TessSealed sealed;
  bool ready = false;
  unsigned waiting = 0;

  if (!gather (&work, contact, 0, error) || !tess_db_outbox_count (job->db, contact, &waiting, error))
    return false;
  if (work.contact == NULL || !work.contact->accepted || tess_people_is_stopped (work.contact) || waiting > 0
      || has_work (&work))
    return true;
  if (!prepare (&work, NULL, &ready, error) || (ready && !can_seal (&work, &ready, error)))
    return false;
  if (!ready)
    return true;
  content = tess_content_new (TESS_CONTENT_TYPING);
  if (content == NULL)
    return tess_core_error_no_random (error);
  content->on = on;
  encoded = tess_content_encode (content);
  return tess_seal (job, work.contact, work.devices, encoded, 0, &sealed, error);
}
