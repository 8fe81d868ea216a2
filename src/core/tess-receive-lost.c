/* Mail that decrypts under nothing, and the fresh sessions that answer it (protocol.md 6).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-people.h"
#include "core/tess-receive-private.h"
#include "core/tess-receive.h"
#include "core/tess-sender.h"

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
    {
      device->reset_since = job->now;
      if (!tess_pending_add (job, contact, TESS_PENDING_REPORT, error))
        return false;
    }
  return tess_db_device_put (job->db, device, error) && tess_sessions_archive (job, contact, error)
         && tess_pending_clear (job, contact, TESS_PENDING_RESET, error)
         && tess_pending_add (job, contact, TESS_PENDING_PING | TESS_PENDING_AGAIN, error);
}

/* Mail that decrypts under nothing is answered, now or when the wait is over (protocol.md 6). */
bool
tess_receive_answer_lost (TessMail *mail, GError **error)
{
  TessJob *job = mail->job;
  g_autoptr (TessDeviceRow) device = NULL;

  if (mail->contact == NULL || !mail->contact->accepted || mail->contact->blocked)
    return true;
  if (!tess_db_device_find (job->db, mail->contact->id, mail->envelope.sender.device.bytes, &device, error))
    return false;
  if (device == NULL)
    return true;
  /* Who lost our profile can write no other way, and may have lost its session too. */
  if (mail->class != TESS_MAIL_CONTACT)
    return tess_sender_renew (job, mail->contact->id, error);
  if (!may_reset (job, device))
    return tess_pending_add (job, mail->contact->id, TESS_PENDING_RESET, error);
  return reset_sessions (job, mail->contact->id, device, error);
}

/* What a fresh session did not mend in a day the person hears of, once. */
static bool
report (TessJob *job, int64_t contact, const TessDeviceRow *device, GError **error)
{
  if (device->reset_since == 0
      || (job->now >= device->reset_since && job->now - device->reset_since < TESS_RESET_REPORT_AFTER))
    return true;
  return tess_pending_clear (job, contact, TESS_PENDING_REPORT, error) && tess_people_notice (job, contact, "unreadable", error);
}

/* What waits for one device of @contact. */
static bool
late_device (TessJob *job, int64_t contact, TessDeviceRow *device, GError **error)
{
  unsigned pending;

  if (!tess_pending_get (job, contact, &pending, error))
    return false;
  if ((pending & TESS_PENDING_REPORT) != 0 && !report (job, contact, device, error))
    return false;
  return (pending & TESS_PENDING_RESET) == 0 || device->reset_since == 0 || !may_reset (job, device)
         || reset_sessions (job, contact, device, error);
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

      if (!tess_db_device_list (job->db, contact, &devices, error))
        return false;
      for (guint k = 0; k < devices->len; k++)
        if (!late_device (job, contact, g_ptr_array_index (devices, k), error))
          return false;
    }
  return true;
}

/* What the sender wrote decrypts again: waiting before the next fresh session starts over. */
bool
tess_receive_found (TessMail *mail, GError **error)
{
  g_autoptr (TessDeviceRow) device = NULL;

  if (!tess_pending_clear (mail->job, mail->contact->id, TESS_PENDING_LATER, error)
      || !tess_db_device_find (mail->job->db, mail->contact->id, mail->envelope.sender.device.bytes, &device, error))
    return false;
  if (device == NULL || device->reset_since == 0)
    return true;
  device->reset_wait = TESS_RESET_INTERVAL_MIN;
  device->reset_since = 0;
  return tess_db_device_put (mail->job->db, device, error);
}
