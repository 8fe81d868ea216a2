/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-receive.h"

#include "core/tess-apply.h"
#include "core/tess-people.h"
#include "core/tess-sender.h"
#include "core/tess-sessions.h"
#include "crypto/tess-envelope.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-keys.h"

#include <string.h>

/* One envelope on its way through. */
typedef struct {
  TessJob *job;
  TessMailClass class;
  TessEnvelope envelope;
  TessContactRow *contact; /* of the sender named inside; NULL: unknown */
  TessWiped *content;      /* decrypted */
  TessReceiveOutcome outcome;
} Mail;

static void
mail_clear (Mail *self)
{
  tess_envelope_clear (&self->envelope);
  g_clear_pointer (&self->contact, tess_contact_row_free);
  g_clear_pointer (&self->content, tess_wiped_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Mail, mail_clear)

static bool
refused (Mail *mail)
{
  mail->outcome = TESS_RECEIVED_REFUSED;
  return true;
}

/* Opens the outer layer with the envelope key it names. The outcome is REFUSED when it cannot be. */
static bool
open_envelope (Mail *mail, GBytes *envelope, GError **error)
{
  TessJob *job = mail->job;
  gsize size;
  const uint8_t *data = g_bytes_get_data (envelope, &size);
  g_autoptr (TessPrekeyRow) prekey = NULL;
  g_autoptr (TessXwingKey) key = NULL;
  g_autoptr (GError) local = NULL;
  g_auto (TessXwingSeed) seed = { 0 };
  uint32_t key_id;

  if (!tess_envelope_key_id (data, size, &key_id, NULL))
    return refused (mail);
  if (!tess_db_prekey_find_envelope (job->db, key_id, &prekey, error))
    return false;
  if (prekey == NULL)
    return refused (mail);
  memcpy (seed.bytes, prekey->envelope_seed, sizeof seed.bytes);
  key = tess_xwing_key_new (&seed, error);
  if (key == NULL)
    return false;
  if (tess_envelope_open (key, &job->us->us.device, data, size, &mail->envelope, &local))
    return true;
  if (g_error_matches (local, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RESOURCES))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  return refused (mail);
}

static bool
decrypt_under (Mail *mail, TessSessionRow *session, const uint8_t *message, size_t size, TessDecrypt *outcome_out, GError **error)
{
  if (!tess_session_decrypt (mail->job, session, message, size, outcome_out, &mail->content, error))
    return false;
  mail->outcome = *outcome_out == TESS_DECRYPTED           ? TESS_RECEIVED
                  : *outcome_out == TESS_DECRYPT_DUPLICATE ? TESS_RECEIVED_BEFORE
                                                           : TESS_RECEIVED_UNDECRYPTABLE;
  return true;
}

/* A known hello: its session alone, and only from whom it began with. */
static bool
known_hello (Mail *mail, int64_t session_id, const uint8_t *message, size_t size, GError **error)
{
  g_autoptr (TessSessionRow) session = NULL;
  TessDecrypt outcome;

  mail->outcome = TESS_RECEIVED_UNDECRYPTABLE;
  if (session_id == 0)
    return true;
  if (!tess_db_session_find (mail->job->db, session_id, &session, error))
    return false;
  if (session == NULL)
    return true;
  if (mail->contact == NULL || session->contact != mail->contact->id
      || memcmp (session->device, mail->envelope.sender.device.bytes, sizeof session->device) != 0)
    return refused (mail);
  return decrypt_under (mail, session, message, size, &outcome, error);
}

/* Whether the hello's device list may stand for the sender: genuine, theirs, not contradicting what is known (protocol.md
 * 1, 2). */
static bool
list_fits (Mail *mail, const TessDeviceList *list, bool *fits_out, GError **error)
{
  const TessParty *them = &mail->envelope.sender;
  TessDeviceList known;
  TessDeviceListOrder order = TESS_DEVICE_LIST_NEWER;
  bool names = tess_device_list_find (list, them->device.bytes) != NULL;

  *fits_out = memcmp (list->account, them->account.bytes, sizeof list->account) == 0 && names;
  if (!*fits_out || mail->contact == NULL || mail->contact->device_list == NULL)
    return true;
  if (tess_device_list_parse (g_bytes_get_data (mail->contact->device_list, NULL), g_bytes_get_size (mail->contact->device_list),
                              &known, NULL))
    order = tess_device_list_compare (list, &known);
  if (order == TESS_DEVICE_LIST_OLDER)
    *fits_out = tess_device_list_find (&known, them->device.bytes) != NULL;
  if (order == TESS_DEVICE_LIST_CONFLICT || order == TESS_DEVICE_LIST_JUMP)
    *fits_out = false;
  if (order == TESS_DEVICE_LIST_CONFLICT)
    {
      TessListVerdict verdict;
      g_autoptr (GBytes) none = g_bytes_new (NULL, 0);

      return tess_people_take_list (mail->job, mail->contact, list, none, &verdict, error);
    }
  return true;
}

/* Somebody starts anew: what they never receipted goes again, with the profile, under their present envelope key, for they may
 * have
 * lost those that we know. When it may be that the hellos only crossed, an hour is given to the receipts that are on their way.
 * */
static bool
send_again (Mail *mail, bool crossed, GError **error)
{
  TessJob *job = mail->job;
  bool may;

  if (crossed)
    return tess_sender_defer_resend (job, mail->contact->id, error)
           && tess_pending_add (job, mail->contact->id, TESS_PENDING_RESEND, error);
  if (!tess_sender_may_resend (job, mail->contact->id, &may, error))
    return false;
  if (may) /* else they were fetched within the hour */
    mail->contact->fetched = 0;
  return tess_db_contact_update (job->db, mail->contact, error)
         && tess_pending_add (job, mail->contact->id, TESS_PENDING_AGAIN | TESS_PENDING_PROFILE, error);
}

/* Whether one more stranger may be kept. */
static bool
has_room (TessJob *job, bool *room_out, GError **error)
{
  unsigned count;
  bool done = tess_db_contact_count_requests (job->db, &count, error);

  *room_out = done && count < TESS_REQUESTS_MAX;
  return done;
}

/* The first message of a new session has decrypted: now the sender is who it says, and all of it is stored. */
static bool
adopt (Mail *mail, TessAnswered *answered, const TessDeviceList *list, GBytes *record, GError **error)
{
  TessJob *job = mail->job;
  TessListVerdict verdict;
  bool crossed, room, stranger = mail->contact == NULL;

  if (stranger && !has_room (job, &room, error))
    return false;
  if (stranger && !room)
    return refused (mail);
  if (stranger && !tess_people_ensure (job, mail->envelope.sender.account.bytes, &mail->contact, error))
    return false;
  if (!tess_people_take_list (job, mail->contact, list, record, &verdict, error))
    return false;
  if (verdict == TESS_LIST_REFUSED)
    return refused (mail) && (!stranger || tess_db_contact_remove (job->db, mail->contact->id, error));
  if (!tess_session_adopt (job, mail->contact->id, answered, &crossed, error))
    return false;
  if (mail->contact->accepted && !send_again (mail, crossed, error))
    return false;
  mail->content = g_steal_pointer (&answered->received.content);
  mail->outcome = TESS_RECEIVED;
  return true;
}

static bool
receive_hello (Mail *mail, GError **error)
{
  TessJob *job = mail->job;
  g_auto (TessAnswered) answered = { 0 };
  g_autoptr (GBytes) record = NULL;
  TessHelloMail hello_mail = { .them = mail->envelope.sender };
  TessHello hello;
  TessDeviceList list;
  const uint8_t *list_data;
  size_t list_size;
  TessDecrypt outcome;
  int64_t session;
  bool known, fits;

  if (!tess_hello_parse (mail->envelope.body, mail->envelope.body_size, &hello, &list_data, &list_size, &hello_mail.message,
                         &hello_mail.message_size, NULL))
    return refused (mail);
  if (!tess_db_hello_find (job->db, hello.spk_id, hello.ephemeral.bytes, &known, &session, error))
    return false;
  if (known)
    return known_hello (mail, session, hello_mail.message, hello_mail.message_size, error);
  if (!tess_device_list_parse (list_data, list_size, &list, NULL))
    return refused (mail);
  if (!list_fits (mail, &list, &fits, error))
    return false;
  if (!fits)
    return refused (mail);
  hello_mail.hello = &hello;
  if (!tess_session_answer (job, &hello_mail, &answered, &outcome, error))
    return false;
  mail->outcome = TESS_RECEIVED_UNDECRYPTABLE;
  if (outcome != TESS_DECRYPTED)
    return true;
  record = g_bytes_new (list_data, list_size);
  return adopt (mail, &answered, &list, record, error);
}

/* Every fifty messages without an answer something goes back, so that the ratchet turns (protocol.md 3). */
static bool
keep_turning (Mail *mail, const TessSessionRow *session, GError **error)
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
  if (tess_ratchet_received_in_chain (ratchet) != TESS_RATCHET_HEARTBEAT_AFTER)
    return true;
  return tess_db_session_archive_active (job->db, mail->contact->id, error)
         && tess_pending_add (job, mail->contact->id, TESS_PENDING_PING, error);
}

static bool
receive_message (Mail *mail, GError **error)
{
  g_autoptr (GPtrArray) sessions = NULL;

  mail->outcome = TESS_RECEIVED_UNDECRYPTABLE;
  if (mail->contact == NULL)
    return true;
  if (!tess_people_has_device (mail->contact, mail->envelope.sender.device.bytes))
    return refused (mail);
  if (!tess_db_session_list (mail->job->db, mail->contact->id, mail->envelope.sender.device.bytes, &sessions, error))
    return false;
  for (guint i = 0; i < sessions->len; i++)
    {
      TessSessionRow *session = g_ptr_array_index (sessions, i);
      TessDecrypt outcome;

      if (!decrypt_under (mail, session, mail->envelope.body, mail->envelope.body_size, &outcome, error))
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
may_reset (const TessJob *job, const TessDeviceRow *device)
{
  return job->now >= device->reset_last + device->reset_wait || job->now < device->reset_last;
}

/* A fresh session shows the sender that theirs is lost here. What could not be read may have been receipts: what of ours has none
 * goes again too, and is receipted again. */
static bool
reset_sessions (TessJob *job, int64_t contact, TessDeviceRow *device, GError **error)
{
  /* The first wait is an hour; each that did not help is twice the one before. */
  device->reset_wait = device->reset_since == 0 ? TESS_RESET_INTERVAL_MIN : MIN (device->reset_wait * 2, TESS_RESET_INTERVAL_MAX);
  device->reset_last = job->now;
  if (device->reset_since == 0)
    device->reset_since = job->now;
  return tess_db_device_put (job->db, device, error) && tess_db_session_archive_active (job->db, contact, error)
         && tess_pending_clear (job, contact, TESS_PENDING_RESET, error)
         && tess_pending_add (job, contact, TESS_PENDING_PING | TESS_PENDING_AGAIN, error);
}

/* Mail that decrypts under nothing is answered, now or when the wait is over (protocol.md 6). */
static bool
answer_undecryptable (Mail *mail, GError **error)
{
  TessJob *job = mail->job;
  g_autoptr (TessDeviceRow) device = NULL;

  if (mail->contact == NULL || !mail->contact->accepted || mail->contact->blocked || mail->class != TESS_MAIL_CONTACT)
    return true;
  if (!tess_db_device_find (job->db, mail->contact->id, mail->envelope.sender.device.bytes, &device, error))
    return false;
  if (device == NULL)
    return true;
  if (!may_reset (job, device))
    return tess_pending_add (job, mail->contact->id, TESS_PENDING_RESET, error);
  return reset_sessions (job, mail->contact->id, device, error);
}

bool
tess_receive_late (TessJob *job, GError **error)
{
  g_autoptr (GArray) contacts = NULL;

  if (!tess_pending_contacts (job, &contacts, error))
    return false;
  for (guint i = 0; i < contacts->len; i++)
    {
      int64_t contact = g_array_index (contacts, int64_t, i);
      g_autoptr (GPtrArray) devices = NULL;
      unsigned pending;

      if (!tess_pending_get (job, contact, &pending, error) || !tess_db_device_list (job->db, contact, &devices, error))
        return false;
      for (guint k = 0; k < devices->len && (pending & TESS_PENDING_RESET) != 0; k++)
        {
          TessDeviceRow *device = g_ptr_array_index (devices, k);

          if (device->reset_since != 0 && may_reset (job, device) && !reset_sessions (job, contact, device, error))
            return false;
        }
    }
  return true;
}

/* What the sender wrote decrypts again: waiting before the next fresh session starts over. */
static bool
forget_reset (Mail *mail, GError **error)
{
  g_autoptr (TessDeviceRow) device = NULL;

  if (!tess_pending_clear (mail->job, mail->contact->id, TESS_PENDING_RESET, error)
      || !tess_db_device_find (mail->job->db, mail->contact->id, mail->envelope.sender.device.bytes, &device, error))
    return false;
  if (device == NULL || device->reset_since == 0)
    return true;
  device->reset_wait = TESS_RESET_INTERVAL_MIN;
  device->reset_since = 0;
  return tess_db_device_put (mail->job->db, device, error);
}

static bool
open_inner (Mail *mail, GError **error)
{
  TessJob *job = mail->job;
  const TessParty *them = &mail->envelope.sender;

  if (memcmp (them->account.bytes, job->us->us.account.bytes, sizeof them->account.bytes) == 0)
    return refused (mail);
  if (!tess_db_contact_find_account (job->db, them->account.bytes, &mail->contact, error))
    return false;
  if (mail->contact != NULL && mail->contact->blocked)
    return refused (mail);
  return mail->envelope.type == TESS_ENVELOPE_HELLO ? receive_hello (mail, error) : receive_message (mail, error);
}

static bool
conclude (Mail *mail, GError **error)
{
  TessJob *job = mail->job;

  switch (mail->outcome)
    {
    case TESS_RECEIVED:
      return forget_reset (mail, error)
             && tess_apply (job, mail->contact, mail->content->bytes, mail->content->size, error)
             && tess_sender_flush (job, mail->contact->id, NULL, 0, error);
    case TESS_RECEIVED_REFUSED:
      return tess_db_setting_add (job->db, TESS_SETTING_REFUSED, 1, NULL, error);
    case TESS_RECEIVED_UNDECRYPTABLE:
      return tess_db_setting_add (job->db, TESS_SETTING_UNDECRYPTABLE, 1, NULL, error) && answer_undecryptable (mail, error)
             && (mail->contact == NULL || tess_sender_flush (job, mail->contact->id, NULL, 0, error));
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
  g_auto (Mail) mail = { .job = job, .class = class, .outcome = TESS_RECEIVED };
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
