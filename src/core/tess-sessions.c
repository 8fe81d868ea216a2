/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-sessions.h"

#include "core/tess-people.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-keys.h"

#include <string.h>

static bool
is_ours (const GError *error)
{
  return !g_error_matches (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH)
         && !g_error_matches (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED)
         && !g_error_matches (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DUPLICATE)
         && !g_error_matches (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED);
}

/* TRUE, and @error cleared, when what failed was the other side's or a lost session's fault. */
static bool
told (GError **local, TessDecrypt *outcome_out, GError **error)
{
  if (is_ours (*local))
    {
      g_propagate_error (error, g_steal_pointer (local));
      return false;
    }
  *outcome_out = TESS_DECRYPT_NOT;
  if (g_error_matches (*local, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DUPLICATE))
    *outcome_out = TESS_DECRYPT_DUPLICATE;
  g_clear_error (local);
  return true;
}

bool
tess_sessions_prune (TessJob *job, GError **error)
{
  return tess_db_session_prune (job->db, job->now - TESS_SESSION_ARCHIVED_KEEP, TESS_SESSIONS_ARCHIVED_MAX, error);
}

/* Stores @row; somebody who starts anew again and again leaves no more sessions behind than protocol.md 3 says. */
static bool
insert_session (TessJob *job, TessSessionRow *row, GError **error)
{
  return tess_db_session_insert (job->db, row, error) && tess_sessions_prune (job, error);
}

bool
tess_sessions_archive (TessJob *job, int64_t contact, GError **error)
{
  return tess_db_session_archive_active (job->db, contact, error) && tess_sessions_prune (job, error);
}

TessSessionRow *
tess_session_start (TessJob *job, int64_t contact, const TessParty *them, const TessBundleDevice *device, GError **error)
{
  g_autoptr (TessSessionRow) row = g_new0 (TessSessionRow, 1);
  g_autoptr (TessRatchet) ratchet = NULL;
  TessDhPublic spk;
  TessKemPublic last_resort;
  TessOneTimePublic one_time;
  TessDhPublic dh;
  TessHello hello;
  bool known;
  TessHandshakeStart start = {
    .us = job->us->us,
    .device = &job->us->secrets->device,
    .them = *them,
    .spk_id = device->prekey.spk_id,
    .spk = &spk,
    .last_resort = &last_resort,
  };

  if (!tess_people_device_dh (job, contact, &them->device, &dh, &known, error))
    return NULL;
  start.their_device_dh = known ? &dh : NULL;
  memcpy (spk.bytes, device->prekey.spk, sizeof spk.bytes);
  memcpy (last_resort.bytes, device->prekey.last_resort_key, sizeof last_resort.bytes);
  if (device->has_one_time)
    {
      memcpy (one_time.dh.bytes, device->one_time.opk, sizeof one_time.dh.bytes);
      memcpy (one_time.kem.bytes, device->one_time.kem_key, sizeof one_time.kem.bytes);
      start.one_time = &one_time;
      start.one_time_id = device->one_time.id;
    }
  if (!tess_handshake_start (&start, &ratchet, &hello, error))
    return NULL;
  row->contact = contact;
  memcpy (row->device, them->device.bytes, sizeof row->device);
  row->active = row->initiator = true;
  row->last_resort = !device->has_one_time;
  row->created = job->now;
  row->spk_id = hello.spk_id;
  memcpy (row->ek, hello.ephemeral.bytes, sizeof row->ek);
  row->hello = tess_hello_encode (&hello, g_bytes_get_data (job->us->device_list, NULL), g_bytes_get_size (job->us->device_list));
  row->state = tess_ratchet_serialize (ratchet);
  if (!insert_session (job, row, error))
    return NULL;
  return g_steal_pointer (&row);
}

bool
tess_session_check (const TessSessionRow *session, GError **error)
{
  g_autoptr (TessRatchet) ratchet = tess_ratchet_parse (session->state->bytes, session->state->size, error);

  return ratchet != NULL;
}

static void
set_state (TessSessionRow *session, const TessRatchet *ratchet)
{
  g_clear_pointer (&session->state, tess_wiped_free);
  session->state = tess_ratchet_serialize (ratchet);
}

bool
tess_session_encrypt (TessJob *job, TessSessionRow *session, GBytes *content, GBytes **hello_out, GBytes **message_out,
                      GError **error)
{
  g_autoptr (TessRatchet) ratchet = tess_ratchet_parse (session->state->bytes, session->state->size, error);
  g_autoptr (TessRatchet) next = NULL;
  g_autoptr (GBytes) message = NULL;
  gsize size;
  const uint8_t *data = g_bytes_get_data (content, &size);

  *hello_out = *message_out = NULL;
  if (ratchet == NULL || !tess_ratchet_encrypt (ratchet, data, size, &next, &message, error))
    return false;
  set_state (session, next);
  if (!tess_db_session_update (job->db, session, error))
    return false;
  if (session->hello != NULL)
    *hello_out = g_bytes_ref (session->hello);
  *message_out = g_steal_pointer (&message);
  return true;
}

/* Writes what decrypting came to: state, answered, stored keys. */
static bool
keep (TessJob *job, TessSessionRow *session, TessReceived *received, const TessSkippedKey *stored, GError **error)
{
  set_state (session, received->next);
  session->last_received = job->now;
  session->answered = true;
  g_clear_pointer (&session->hello, g_bytes_unref);
  if (!tess_db_session_update (job->db, session, error))
    return false;
  for (size_t i = 0; i < received->n_skipped; i++)
    if (!tess_db_skipped_put (job->db, session->id, received->skipped[i].dh.bytes, received->skipped[i].number,
                              received->skipped[i].key.bytes, job->now, error))
      return false;
  if (received->n_skipped > 0 && !tess_db_skipped_trim (job->db, session->id, error))
    return false;
  return !received->used_stored || tess_db_skipped_remove (job->db, session->id, stored->dh.bytes, stored->number, error);
}

static void
skipped_clear (TessSkippedKey *self)
{
  sodium_memzero (self, sizeof *self);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TessSkippedKey, skipped_clear)

bool
tess_session_decrypt (TessJob *job, TessSessionRow *session, const uint8_t *message, size_t size, TessDecrypt *outcome_out,
                      TessWiped **content_out, GError **error)
{
  g_autoptr (TessRatchet) ratchet = NULL;
  g_auto (TessReceived) received = { 0 };
  g_auto (TessSkippedKey) stored = { 0 };
  g_autoptr (GError) local = NULL;
  TessMessagePlace place;
  bool found = false;

  *outcome_out = TESS_DECRYPT_NOT;
  *content_out = NULL;
  if (!tess_ratchet_peek (message, size, &place, &local))
    return told (&local, outcome_out, error);
  ratchet = tess_ratchet_parse (session->state->bytes, session->state->size, &local);
  if (ratchet == NULL)
    return told (&local, outcome_out, error);
  stored.dh = place.dh;
  stored.number = place.number;
  if (!tess_db_skipped_find (job->db, session->id, place.dh.bytes, place.number, stored.key.bytes, &found, error))
    return false;
  if (!tess_ratchet_decrypt (ratchet, found ? &stored : NULL, message, size, &received, &local))
    return told (&local, outcome_out, error);
  if (!keep (job, session, &received, &stored, error))
    return false;
  *content_out = g_steal_pointer (&received.content);
  *outcome_out = TESS_DECRYPTED;
  return true;
}

void
tess_answered_clear (TessAnswered *self)
{
  tess_ratchet_received_clear (&self->received);
  g_clear_pointer (&self->row, tess_session_row_free);
}

/* The private halves that @hello names. FALSE in @held_out when we do not hold them (any more). */
static bool
find_prekeys (TessJob *job, const TessHello *hello, TessSignedPrekeySecret *signed_out, TessOneTimeSecret *one_time_out,
              bool *held_out, GError **error)
{
  g_autoptr (TessPrekeyRow) prekey = NULL;
  g_autoptr (TessOneTimeRow) one_time = NULL;

  *held_out = false;
  if (!tess_db_prekey_find (job->db, hello->spk_id, &prekey, error))
    return false;
  if (hello->one_time_id != 0 && !tess_db_one_time_find (job->db, hello->one_time_id, &one_time, error))
    return false;
  if (prekey == NULL || (hello->one_time_id != 0 && one_time == NULL))
    return true;
  memcpy (signed_out->bytes, prekey->spk_private, 32);
  memcpy (signed_out->bytes + 32, prekey->last_resort_seed, TESS_KEM_SEED_SIZE);
  if (one_time != NULL)
    {
      memcpy (one_time_out->bytes, one_time->opk_private, 32);
      memcpy (one_time_out->bytes + 32, one_time->kem_seed, TESS_KEM_SEED_SIZE);
    }
  *held_out = true;
  return true;
}

bool
tess_session_answer (TessJob *job, const TessHelloMail *mail, TessAnswered *answered_out, TessDecrypt *outcome_out,
                     GError **error)
{
  g_auto (TessSignedPrekeySecret) signed_prekey = { 0 };
  g_auto (TessOneTimeSecret) one_time = { 0 };
  g_autoptr (TessRatchet) ratchet = NULL;
  g_autoptr (GError) local = NULL;
  TessSessionRow *row;
  TessDhPublic dh;
  bool held, known;
  TessHandshakeAnswer answer = {
    .us = job->us->us,
    .device = &job->us->secrets->device,
    .them = mail->them,
    .signed_prekey = &signed_prekey,
    .one_time = mail->hello->one_time_id != 0 ? &one_time : NULL,
  };

  *outcome_out = TESS_DECRYPT_NOT;
  if (!find_prekeys (job, mail->hello, &signed_prekey, &one_time, &held, error))
    return false;
  if (!held)
    return true;
  if (!tess_people_device_dh (job, mail->contact, &mail->them.device, &dh, &known, error))
    return false;
  answer.their_device_dh = known ? &dh : NULL;
  if (!tess_handshake_answer (&answer, mail->hello, &ratchet, &local)
      || !tess_ratchet_decrypt (ratchet, NULL, mail->message, mail->message_size, &answered_out->received, &local))
    return told (&local, outcome_out, error);
  row = answered_out->row = g_new0 (TessSessionRow, 1);
  memcpy (row->device, mail->them.device.bytes, sizeof row->device);
  row->answered = true;
  row->last_resort = mail->hello->one_time_id == 0;
  row->created = row->last_received = job->now;
  row->spk_id = mail->hello->spk_id;
  memcpy (row->ek, mail->hello->ephemeral.bytes, sizeof row->ek);
  row->state = tess_ratchet_serialize (answered_out->received.next);
  answered_out->one_time_id = mail->hello->one_time_id;
  *outcome_out = TESS_DECRYPTED;
  return true;
}

/* Whether the new session becomes the active one (protocol.md 3): always, unless our own hello is unanswered, this is the first
 * of theirs to cross it, and ours has the lower EKa. @sessions are the device's, before the new one. */
static bool
becomes_active (GPtrArray *sessions, const TessSessionRow *new)
{
  const TessSessionRow *ours = NULL;

  for (guint i = 0; i < sessions->len && ours == NULL; i++)
    {
      const TessSessionRow *session = g_ptr_array_index (sessions, i);

      if (session->active)
        ours = session;
    }
  if (ours == NULL || !ours->initiator || ours->answered)
    return true;
  for (guint i = 0; i < sessions->len; i++)
    {
      const TessSessionRow *session = g_ptr_array_index (sessions, i);

      if (!session->initiator && session->id > ours->id)
        return true;
    }
  return memcmp (new->ek, ours->ek, sizeof new->ek) < 0;
}

/* Whether there are sessions, none of which they ever answered. */
static bool
is_unanswered (GPtrArray *sessions)
{
  for (guint i = 0; i < sessions->len; i++)
    {
      const TessSessionRow *session = g_ptr_array_index (sessions, i);

      if (session->answered)
        return false;
    }
  return sessions->len > 0;
}

bool
tess_session_adopt (TessJob *job, int64_t contact, TessAnswered *answered, bool *crossed_out, GError **error)
{
  g_autoptr (GPtrArray) sessions = NULL;
  TessSessionRow *row = answered->row;
  TessReceived *received = &answered->received;

  if (!tess_db_session_list (job->db, contact, row->device, &sessions, error))
    return false;
  row->contact = contact;
  row->active = becomes_active (sessions, row);
  *crossed_out = is_unanswered (sessions);
  if (!insert_session (job, row, error)
      || !tess_db_hello_put (job->db, row->spk_id, row->ek, row->id, error)
      || !(row->last_resort ? tess_db_prekey_count_last_resort (job->db, row->spk_id, error)
                            : tess_db_one_time_erase (job->db, answered->one_time_id, error)))
    return false;
  for (size_t i = 0; i < received->n_skipped; i++)
    if (!tess_db_skipped_put (job->db, row->id, received->skipped[i].dh.bytes, received->skipped[i].number,
                              received->skipped[i].key.bytes, job->now, error))
      return false;
  return true;
}
