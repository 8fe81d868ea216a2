/* Hellos: known ones and new ones (protocol.md 2, 3). SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-people.h"
#include "core/tess-receive-private.h"
#include "core/tess-sender.h"
#include "store/tess-queries-core.h"

#include <string.h>

/* A known hello: its session alone, and only from whom it began with. */
static bool
known_hello (TessMail *mail, int64_t session_id, const uint8_t *message, size_t size, GError **error)
{
  g_autoptr (TessSessionRow) session = NULL;
  TessDecrypt outcome;

  mail->outcome = TESS_RECEIVED_UNDECRYPTABLE;
  if (mail->contact != NULL && !tess_people_has_device (mail->contact, mail->envelope.sender.device.bytes))
    return tess_mail_refused (mail);
  if (session_id == 0)
    return true;
  if (!tess_db_session_find (mail->job->db, session_id, &session, error))
    return false;
  if (session == NULL)
    return true;
  if (mail->contact == NULL || session->contact != mail->contact->id
      || memcmp (session->device, mail->envelope.sender.device.bytes, sizeof session->device) != 0)
    return tess_mail_refused (mail);
  return tess_mail_decrypt (mail, session, message, size, &outcome, error);
}

/* Whether the hello's device list may stand for the sender: genuine, theirs, not contradicting what is known (protocol.md
 * 1, 2). */
static bool
list_fits (TessMail *mail, const TessDeviceList *list, bool *fits_out, GError **error)
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

/* Somebody starts anew: their keys are fetched, for they may have lost those that we know, and what they never receipted goes
 * again, with the profile. Where the hellos may only have crossed, an hour is given to the receipts that are on their way. */
static bool
send_again (TessMail *mail, bool crossed, GError **error)
{
  TessJob *job = mail->job;

  mail->contact->fetched = 0;
  if (!tess_db_contact_update (job->db, mail->contact, error))
    return false;
  if (crossed)
    return tess_sender_defer_resend (job, mail->contact->id, error)
           && tess_pending_add (job, mail->contact->id, TESS_PENDING_RESEND, error);
  return tess_pending_add (job, mail->contact->id, TESS_PENDING_AGAIN | TESS_PENDING_PROFILE, error);
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
adopt (TessMail *mail, TessAnswered *answered, const TessDeviceList *list, GBytes *record, GError **error)
{
  TessJob *job = mail->job;
  TessListVerdict verdict;
  bool crossed, room, stranger = mail->contact == NULL;

  if (stranger && !has_room (job, &room, error))
    return false;
  if (stranger && !room)
    return tess_mail_refused (mail);
  if (stranger && !tess_people_ensure (job, mail->envelope.sender.account.bytes, &mail->contact, error))
    return false;
  if (!tess_people_take_list (job, mail->contact, list, record, &verdict, error))
    return false;
  if (verdict == TESS_LIST_REFUSED)
    return tess_mail_refused (mail) && (!stranger || tess_db_contact_remove (job->db, mail->contact->id, error));
  if (!tess_session_adopt (job, mail->contact->id, answered, &crossed, error))
    return false;
  if (mail->contact->accepted && !send_again (mail, crossed, error))
    return false;
  mail->content = g_steal_pointer (&answered->received.content);
  mail->outcome = TESS_RECEIVED;
  return true;
}

bool
tess_receive_hello (TessMail *mail, GError **error)
{
  TessJob *job = mail->job;
  g_auto (TessAnswered) answered = { 0 };
  g_autoptr (GBytes) record = NULL;
  TessHelloMail hello_mail = { .them = mail->envelope.sender, .contact = mail->contact != NULL ? mail->contact->id : 0 };
  TessHello hello;
  TessDeviceList list;
  const uint8_t *list_data;
  size_t list_size;
  TessDecrypt outcome;
  int64_t session;
  bool known, fits;

  if (!tess_hello_parse (mail->envelope.body, mail->envelope.body_size, &hello, &list_data, &list_size, &hello_mail.message,
                         &hello_mail.message_size, NULL))
    return tess_mail_refused (mail);
  if (!tess_db_hello_find (job->db, hello.spk_id, hello.ephemeral.bytes, &known, &session, error))
    return false;
  if (known)
    return known_hello (mail, session, hello_mail.message, hello_mail.message_size, error);
  if (!tess_device_list_parse (list_data, list_size, &list, NULL))
    return tess_mail_refused (mail);
  if (!list_fits (mail, &list, &fits, error))
    return false;
  if (!fits)
    return tess_mail_refused (mail);
  hello_mail.hello = &hello;
  if (!tess_session_answer (job, &hello_mail, &answered, &outcome, error))
    return false;
  mail->outcome = TESS_RECEIVED_UNDECRYPTABLE;
  if (outcome != TESS_DECRYPTED)
    return true;
  record = g_bytes_new (list_data, list_size);
  return adopt (mail, &answered, &list, record, error);
}
