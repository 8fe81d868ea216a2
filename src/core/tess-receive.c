/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-receive.h"

#include "core/tess-apply.h"
#include "core/tess-people.h"
#include "core/tess-receive-private.h"
#include "core/tess-sender.h"
#include "store/tess-queries-keys.h"

#include <string.h>

static void
mail_clear (TessMail *self)
{
  tess_envelope_clear (&self->envelope);
  g_clear_pointer (&self->contact, tess_contact_row_free);
  g_clear_pointer (&self->content, tess_wiped_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TessMail, mail_clear)

bool
tess_mail_refused (TessMail *mail)
{
  mail->outcome = TESS_RECEIVED_REFUSED;
  return true;
}

/* Opens the outer layer with the envelope key it names. The outcome is REFUSED when it cannot be. */
static bool
open_envelope (TessMail *mail, GBytes *envelope, GError **error)
{
  TessJob *job = mail->job;
  gsize size;
  const uint8_t *data = g_bytes_get_data (envelope, &size);
  const TessXwingKey *key;
  g_autoptr (GError) local = NULL;
  uint32_t key_id;

  if (!tess_envelope_key_id (data, size, &key_id, NULL))
    return tess_mail_refused (mail);
  if (!tess_envelope_keys_find (job->us->envelope_keys, job->db, key_id, &key, error))
    return false;
  if (key == NULL)
    return tess_mail_refused (mail);
  if (tess_envelope_open (key, &job->us->us.device, data, size, &mail->envelope, &local))
    return true;
  if (g_error_matches (local, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RESOURCES))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  return tess_mail_refused (mail);
}

bool
tess_mail_decrypt (TessMail *mail, TessSessionRow *session, const uint8_t *message, size_t size, TessDecrypt *outcome_out,
                   GError **error)
{
  if (!tess_session_decrypt (mail->job, session, message, size, outcome_out, &mail->content, error))
    return false;
  mail->outcome = *outcome_out == TESS_DECRYPTED           ? TESS_RECEIVED
                  : *outcome_out == TESS_DECRYPT_DUPLICATE ? TESS_RECEIVED_BEFORE
                                                           : TESS_RECEIVED_UNDECRYPTABLE;
  return true;
}

/* Every fifty messages without an answer something goes back, so that the ratchet turns (protocol.md 3). */
static bool
keep_turning (TessMail *mail, const TessSessionRow *session, GError **error)
{
  g_autoptr (TessRatchet) ratchet = NULL;
  TessJob *job = mail->job;

  if (!mail->contact->accepted || mail->contact->blocked)
    return true;
  ratchet = tess_ratchet_parse (session->state->bytes, session->state->size, error);
  if (ratchet == NULL)
    return false;
  if (session->active)
    return !tess_ratchet_wants_turn (ratchet) || tess_pending_add (job, mail->contact->id, TESS_PENDING_PING, error);
  /* Each fifty again, should the first new session never have reached them. */
  if (tess_ratchet_received_in_chain (ratchet) % TESS_RATCHET_HEARTBEAT_AFTER != 0)
    return true;
  return tess_sessions_archive (job, mail->contact->id, error)
         && tess_pending_add (job, mail->contact->id, TESS_PENDING_PING, error);
}

static bool
receive_message (TessMail *mail, GError **error)
{
  g_autoptr (GPtrArray) sessions = NULL;

  mail->outcome = TESS_RECEIVED_UNDECRYPTABLE;
  if (mail->contact == NULL)
    return true;
  if (!tess_people_has_device (mail->contact, mail->envelope.sender.device.bytes))
    return tess_mail_refused (mail);
  if (!tess_db_session_list (mail->job->db, mail->contact->id, mail->envelope.sender.device.bytes, &sessions, error))
    return false;
  for (guint i = 0; i < sessions->len; i++)
    {
      TessSessionRow *session = g_ptr_array_index (sessions, i);
      TessDecrypt outcome;

      if (!tess_mail_decrypt (mail, session, mail->envelope.body, mail->envelope.body_size, &outcome, error))
        return false;
      if (outcome == TESS_DECRYPTED)
        return keep_turning (mail, session, error);
      if (outcome == TESS_DECRYPT_DUPLICATE)
        return true;
    }
  mail->outcome = TESS_RECEIVED_UNDECRYPTABLE;
  return true;
}

static bool
open_inner (TessMail *mail, GError **error)
{
  TessJob *job = mail->job;
  const TessParty *them = &mail->envelope.sender;

  if (memcmp (them->account.bytes, job->us->us.account.bytes, sizeof them->account.bytes) == 0)
    return tess_mail_refused (mail);
  if (!tess_db_contact_find_account (job->db, them->account.bytes, &mail->contact, error))
    return false;
  if (mail->contact != NULL && mail->contact->blocked)
    return tess_mail_refused (mail);
  return mail->envelope.type == TESS_ENVELOPE_HELLO ? tess_receive_hello (mail, error) : receive_message (mail, error);
}

static bool
conclude (TessMail *mail, GError **error)
{
  TessJob *job = mail->job;

  switch (mail->outcome)
    {
    case TESS_RECEIVED:
      return tess_receive_found (mail, error)
             && (mail->class != TESS_MAIL_REQUEST || tess_sender_note_request (job, mail->contact, error))
             && tess_apply (job, mail->contact, mail->content->bytes, mail->content->size, error)
             && tess_sender_flush (job, mail->contact->id, NULL, 0, error);
    case TESS_RECEIVED_REFUSED:
      return tess_db_setting_add (job->db, TESS_SETTING_REFUSED, 1, NULL, error);
    case TESS_RECEIVED_UNDECRYPTABLE:
      return tess_db_setting_add (job->db, TESS_SETTING_UNDECRYPTABLE, 1, NULL, error) && tess_receive_answer_lost (mail, error)
             && (mail->contact == NULL || mail->class != TESS_MAIL_CONTACT
                 || tess_sender_flush (job, mail->contact->id, NULL, 0, error));
    case TESS_RECEIVED_BEFORE:
    default:
      return true;
    }
}

/* Everything up to @sequence is settled with this job's commit. */
static bool
note_sequence (TessJob *job, uint64_t sequence, GError **error)
{
  int64_t acked;

  return tess_db_setting_get_int (job->db, TESS_SETTING_ACKED, 0, &acked, error)
         && ((int64_t) sequence <= acked || tess_db_setting_set_int (job->db, TESS_SETTING_ACKED, (int64_t) sequence, error));
}

static void
hash_envelope (GBytes *envelope, uint8_t hash_out[static 32])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size, length = 32;
  const uint8_t *data = g_bytes_get_data (envelope, &size);

  g_checksum_update (checksum, data, (gssize) size);
  g_checksum_get_digest (checksum, hash_out, &length);
}

bool
tess_receive (TessJob *job, GBytes *envelope, TessMailClass class, uint64_t sequence, TessReceiveOutcome *outcome_out,
              GError **error)
{
  g_auto (TessMail) mail = { .job = job, .class = class, .outcome = TESS_RECEIVED };
  uint8_t hash[32];
  bool seen = false;

  hash_envelope (envelope, hash);
  if (!note_sequence (job, sequence, error) || !tess_db_envelope_see (job->db, hash, job->now, &seen, error))
    return false;
  if (seen)
    {
      *outcome_out = TESS_RECEIVED_BEFORE;
      return true;
    }
  if (!open_envelope (&mail, envelope, error))
    return false;
  if (mail.outcome == TESS_RECEIVED && !open_inner (&mail, error))
    return false;
  *outcome_out = mail.outcome;
  return conclude (&mail, error);
}

bool
tess_receive_give_up (TessJob *job, GBytes *envelope, uint64_t sequence, GError **error)
{
  uint8_t hash[32];
  bool seen;

  hash_envelope (envelope, hash);
  return note_sequence (job, sequence, error) && tess_db_envelope_see (job->db, hash, job->now, &seen, error)
         && tess_db_setting_add (job->db, TESS_SETTING_REFUSED, 1, NULL, error);
}
