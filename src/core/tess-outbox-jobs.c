/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-outbox-jobs.h"

#include "base/tess-limits.h"
#include "base/tess-random.h"
#include "core/tess-core-error.h"
#include "core/tess-intents.h"
#include "core/tess-people.h"
#include "core/tess-sender.h"
#include "crypto/tess-envelope.h"
#include "crypto/tess-handshake.h"
#include "store/tess-queries-actions.h"
#include "store/tess-queries-messages.h"
#include "store/tess-queries-outbox.h"
#include "store/tess-queries-sessions.h"

#include <string.h>

TessDepositTask *
tess_deposit_task_new (const uint8_t device[static 32])
{
  TessDepositTask *self = g_new0 (TessDepositTask, 1);

  memcpy (self->device, device, sizeof self->device);
  return self;
}

void
tess_deposit_task_free (gpointer task)
{
  TessDepositTask *self = task;

  g_free (self->relay);
  g_clear_pointer (&self->envelope, g_bytes_unref);
  g_free (self);
}

bool
tess_outbox_job_mailboxes (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (GPtrArray) heads = NULL;

  if (!tess_db_outbox_heads (job->db, &heads, error))
    return false;
  intent->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < heads->len; i++)
    {
      const TessOutboxRow *row = g_ptr_array_index (heads, i);

      g_ptr_array_add (intent->rows, g_bytes_new (row->device, sizeof row->device));
    }
  return true;
}

/* The parts of what an envelope sealed: type, hello, message. */
static bool
split_inner (const TessWiped *inner, GBytes **hello_out, GBytes **message_out, GError **error)
{
  const uint8_t *message = inner->bytes + 1;
  size_t size = inner->size - 1, list_size;
  const uint8_t *list;
  TessHello hello;

  *hello_out = NULL;
  if (inner->bytes[0] == TESS_ENVELOPE_HELLO)
    {
      if (!tess_hello_parse (inner->bytes + 1, inner->size - 1, &hello, &list, &list_size, &message, &size, error))
        return false;
      *hello_out = g_bytes_new (inner->bytes + 1, (gsize) (message - inner->bytes) - 1);
    }
  *message_out = g_bytes_new (message, size);
  return true;
}

/* Entries of a mailbox that are looked at at once for the same hello. */
#define STALE_MAX 100

static bool
is_stale (const TessJob *job, const TessOutboxRow *row)
{
  return row->attempts == 0 && row->inner != NULL && row->envelope_expires <= job->now;
}

/* What carried no message may have been receipts: they go again. */
static bool
owe_receipts (TessJob *job, int64_t id, GError **error)
{
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_db_contact_find (job->db, id, &contact, error))
    return false;
  if (contact == NULL || !contact->accepted)
    return true;
  job->changes->receipts = true;
  return tess_db_receipt_put_latest (job->db, id, TESS_RECEIPT_IDS_MAX, false, error);
}

/* Takes out the entry, and what stands under the same stale hello and carries no message. */
static bool
drop_stale (TessJob *job, const TessOutboxRow *first, GBytes *hello, GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;
  bool had_other = false;

  if (!tess_db_outbox_of_device (job->db, first->device, STALE_MAX, &rows, error))
    return false;
  for (guint i = 0; i < rows->len; i++)
    {
      const TessOutboxRow *row = g_ptr_array_index (rows, i);
      g_autoptr (GBytes) its = NULL;
      g_autoptr (GBytes) message = NULL;

      if (row->id != first->id && (!is_stale (job, row) || row->message != 0))
        continue;
      if (!split_inner (row->inner, &its, &message, error))
        return false;
      if (its == NULL || !g_bytes_equal (its, hello))
        continue;
      had_other |= row->message == 0;
      if (!tess_db_outbox_remove (job->db, row->id, NULL, error))
        return false;
    }
  return !had_other || owe_receipts (job, first->contact, error);
}

/* A hello names a prekey that has expired with the entry's envelope key. When nobody has answered that session, what waits goes
 * anew, in its order, under the session that has taken its place or a fresh one: the texts, and our profile. */
static bool
start_anew (TessJob *job, const TessOutboxRow *row, GBytes *hello, bool *anew_out, GError **error)
{
  g_autoptr (TessSessionRow) session = NULL;
  bool is_its;

  if (!tess_db_session_find_active (job->db, row->contact, row->device, &session, error))
    return false;
  is_its = session != NULL && memcmp (session->ek, g_bytes_get_data (hello, NULL), sizeof session->ek) == 0;
  *anew_out = !is_its || session->hello != NULL;
  if (!*anew_out)
    return true;
  if (is_its)
    session->active = false;
  return (!is_its || tess_db_session_update (job->db, session, error)) && drop_stale (job, row, hello, error)
         && tess_pending_add (job, row->contact, TESS_PENDING_PROFILE | TESS_PENDING_RESEAL, error)
         && tess_sender_flush (job, row->contact, NULL, 0, error);
}

/* Seals an entry nobody has seen yet under the device's present envelope key. FALSE in @done_out when that one is expired too,
 * and the keys have to be fetched first; or when another entry has taken its place. */
static bool
reseal (TessJob *job, TessOutboxRow *row, bool *done_out, GError **error)
{
  g_autoptr (TessDeviceRow) device = NULL;
  g_autoptr (GBytes) hello = NULL;
  g_autoptr (GBytes) message = NULL;
  g_autoptr (GBytes) envelope = NULL;
  TessXwingPublic key;
  TessDevicePublic to;
  uint32_t key_id;
  bool anew = false;

  *done_out = false;
  if (!tess_db_device_find (job->db, row->contact, row->device, &device, error))
    return false;
  if (device == NULL || device->prekey == NULL || device->prekey_expires <= job->now
      || !tess_people_envelope_key_parse (device->prekey, &key_id, &key))
    {
      tess_changes_bundle (job->changes, row->contact);
      return true;
    }
  memcpy (to.bytes, row->device, sizeof to.bytes);
  if (!split_inner (row->inner, &hello, &message, error) || (hello != NULL && !start_anew (job, row, hello, &anew, error)))
    return false;
  if (anew)
    return true;
  envelope = tess_envelope_seal (&key, key_id, &to, &job->us->us, hello, message, error);
  if (envelope == NULL)
    return false;
  if (!tess_random (row->deposit_id, sizeof row->deposit_id))
    return tess_core_error_no_random (error);
  *done_out = true;
  g_bytes_unref (row->envelope);
  row->envelope = g_steal_pointer (&envelope);
  return tess_db_outbox_reseal (job->db, row->id, row->envelope, device->prekey_expires, row->deposit_id, error);
}

static void
choose_capability (TessDepositTask *task, const TessOutboxRow *row, const TessContactRow *contact)
{
  task->by_request = !contact->has_contact_capability || (row->by_request && contact->has_request_capability);
  task->has_other = !task->by_request && contact->has_request_capability;
  memcpy (task->capability, task->by_request ? contact->request_capability : contact->contact_capability,
          sizeof task->capability);
}

/* What carried no message may have been our profile: it goes with the next message again. */
static bool
forget_profile (TessJob *job, int64_t id, GError **error)
{
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_db_contact_find (job->db, id, &contact, error))
    return false;
  if (contact == NULL)
    return true;
  contact->profile_sent = 0;
  return tess_db_contact_update (job->db, contact, error);
}

/* Tried with an outcome that is not known, and expired since: it may reach its mailbox, but after the key that opens it was
 * erased. What carries no message is of use for as long as somebody may have that key. */
static bool
is_over (const TessJob *job, const TessOutboxRow *row)
{
  return row->attempts > 0 && row->envelope_expires <= job->now - (row->message != 0 ? 0 : TESS_PREKEY_KEEP_AFTER_EXPIRY);
}

/* Drops the entry; what it carried goes again, under keys of today and its old id, by which it is known if it did arrive. */
static bool
send_anew (TessJob *job, const TessOutboxRow *row, GError **error)
{
  bool done = row->message != 0
                ? tess_db_outbox_remove_message (job->db, row->message, NULL, error)
                    && tess_pending_add (job, row->contact, TESS_PENDING_AGAIN, error)
                : tess_db_outbox_remove (job->db, row->id, NULL, error) && forget_profile (job, row->contact, error)
                    && owe_receipts (job, row->contact, error);

  return done && tess_sender_flush (job, row->contact, NULL, 0, error);
}

/* The next entry for the task's mailbox, under an envelope key that is valid. NULL: there is none, or it waits for something. */
static bool
find_next (TessJob *job, const TessDepositTask *task, TessOutboxRow **row_out, TessContactRow **contact_out, GError **error)
{
  int64_t last = 0;
  bool done = false;

  while (!done)
    {
      g_autoptr (GPtrArray) rows = NULL;
      g_autoptr (TessContactRow) contact = NULL;
      TessOutboxRow *row;

      if (!tess_db_outbox_of_device (job->db, task->device, 1, &rows, error))
        return false;
      row = rows->len > 0 ? g_ptr_array_index (rows, 0) : NULL;
      /* The same again: it has to wait until the keys are there. */
      if (row == NULL || row->id == last)
        return true;
      last = row->id;
      if (!tess_db_contact_find (job->db, row->contact, &contact, error))
        return false;
      if (contact == NULL || tess_people_is_stopped (contact))
        return true;
      if (is_over (job, row))
        {
          if (!send_anew (job, row, error))
            return false;
          continue;
        }
      done = !is_stale (job, row);
      if (!done && !reseal (job, row, &done, error))
        return false;
      if (!done)
        continue;
      *row_out = g_ptr_array_steal_index (rows, 0);
      *contact_out = g_steal_pointer (&contact);
    }
  return true;
}

bool
tess_outbox_job_next (TessJob *job, gpointer data, GError **error)
{
  TessDepositTask *task = ((TessIntent *) data)->object;
  g_autoptr (TessOutboxRow) row = NULL;
  g_autoptr (TessContactRow) contact = NULL;

  task->id = 0;
  task->failure = NULL;
  if (!find_next (job, task, &row, &contact, error))
    return false;
  if (row == NULL)
    return true;
  task->id = row->id;
  task->contact = row->contact;
  memcpy (task->deposit_id, row->deposit_id, sizeof task->deposit_id);
  g_set_str (&task->relay, row->relay);
  g_clear_pointer (&task->envelope, g_bytes_unref);
  task->envelope = g_bytes_ref (row->envelope);
  /* A wait that is longer than any means that the clock was set back. */
  task->next_try_ms = row->next_try_ms <= job->now_ms + TESS_NET_RETRY_AFTER_MAX_MS ? row->next_try_ms : 0;
  choose_capability (task, row, contact);
  return true;
}

bool
tess_outbox_job_attempt (TessJob *job, gpointer data, GError **error)
{
  TessDepositTask *task = ((TessIntent *) data)->object;
  g_autoptr (TessOutboxRow) row = NULL;
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_db_outbox_find (job->db, task->id, &row, error)
      || (row != NULL && !tess_db_contact_find (job->db, row->contact, &contact, error)))
    return false;
  /* Dropped meanwhile, as a new session took its place, or stopped by an alarm. */
  if (contact == NULL || tess_people_is_stopped (contact))
    {
      task->id = 0;
      return true;
    }
  return tess_db_outbox_attempted (job->db, task->id, error);
}

/* The entry is gone; its message has come as far as @state when nothing else carries it. */
static bool
settle (TessJob *job, const TessDepositTask *task, TessMessageState state, GError **error)
{
  g_autoptr (TessOutboxRow) row = NULL;
  g_autoptr (TessMessageRow) message = NULL;
  int64_t carried = 0;

  if (!tess_db_outbox_find (job->db, task->id, &row, error))
    return false;
  if (row == NULL)
    return true;
  if (!tess_db_outbox_remove (job->db, task->id, &carried, error))
    return false;
  if (state == TESS_MESSAGE_FAILED && row->message != 0)
    carried = row->message;
  if (state == TESS_MESSAGE_FAILED && row->message == 0 && !forget_profile (job, row->contact, error))
    return false;
  if (carried == 0)
    return true;
  if (!tess_db_message_set_state (job->db, carried, state, task->failure, NULL, error)
      || !tess_db_message_find (job->db, carried, &message, error))
    return false;
  if (message == NULL)
    return true;
  tess_changes_message (job->changes, message->conversation, carried);
  job->changes->expiry |= message->expires_after > 0;
  return state != TESS_MESSAGE_ON_RELAY || tess_db_expiry_begin (job->db, carried, job->now_ms, error);
}

/* The device is gone. Where another may have taken its place since the keys were fetched, the relay is asked, and what the entry
 * carried goes again: *@again_out. Else that is for a retry. */
static bool
ask_anew (TessJob *job, const TessDepositTask *task, bool *again_out, GError **error)
{
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (TessOutboxRow) row = NULL;

  *again_out = false;
  if (!tess_db_contact_find (job->db, task->contact, &contact, error)
      || !tess_db_outbox_find (job->db, task->id, &row, error))
    return false;
  if (contact == NULL)
    return true;
  *again_out = row != NULL && (contact->fetched > job->now || contact->fetched <= job->now - TESS_KEYS_JUST_FETCHED);
  contact->fetched = 0;
  return tess_db_contact_update (job->db, contact, error) && (!*again_out || send_anew (job, row, error));
}

static bool
lost_mailbox (TessJob *job, TessDepositTask *task, GError **error)
{
  bool again;

  if (!ask_anew (job, task, &again, error))
    return false;
  if (again)
    return true;
  task->failure = TESS_FAILURE_NO_MAILBOX;
  return settle (job, task, TESS_MESSAGE_FAILED, error);
}

bool
tess_outbox_job_answer (TessJob *job, gpointer data, GError **error)
{
  TessDepositTask *task = ((TessIntent *) data)->object;

  switch (task->status)
    {
    case TESS_DEPOSIT_STORED:
    case TESS_DEPOSIT_STORED_BEFORE:
      return settle (job, task, TESS_MESSAGE_ON_RELAY, error);
    case TESS_DEPOSIT_REFUSED:
      if (task->has_other)
        return tess_db_outbox_later (job->db, task->id, 0, true, error);
      task->failure = TESS_FAILURE_CAPABILITY;
      return settle (job, task, TESS_MESSAGE_FAILED, error);
    case TESS_DEPOSIT_NO_MAILBOX:
      return lost_mailbox (job, task, error);
    case TESS_DEPOSIT_BAD_ENVELOPE:
      task->failure = TESS_FAILURE_ENVELOPE;
      return settle (job, task, TESS_MESSAGE_FAILED, error);
    case TESS_DEPOSIT_FULL:
    case TESS_DEPOSIT_SLOW_DOWN:
    default:
      return tess_db_outbox_later (job->db, task->id, job->now_ms + task->wait_ms, task->by_request, error);
    }
}
