/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-account.h"

#include "base/tess-random.h"
#include "core/tess-account-keys.h"
#include "core/tess-account-name.h"
#include "core/tess-core-error.h"
#include "core/tess-intents.h"
#include "core/tess-receive.h"
#include "core/tess-sender.h"
#include "core/tess-sessions.h"
#include "store/tess-queries-contacts.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-keys.h"

#include <string.h>

static bool
ensure_capability (TessJob *job, const char *setting, GError **error)
{
  uint8_t capability[TESS_CAPABILITY_SIZE];
  bool found;

  if (!tess_db_setting_copy (job->db, setting, capability, sizeof capability, &found, error))
    return false;
  if (found)
    return true;
  if (!tess_random (capability, sizeof capability))
    return tess_core_error_no_random (error);
  return tess_db_setting_set_blob (job->db, setting, capability, sizeof capability, error);
}

/* text: name, other: relay. */
static bool
prepare (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  int64_t last;

  if (!tess_db_setting_set_text (job->db, TESS_SETTING_NAME, intent->text, error)
      || !tess_db_setting_set_text (job->db, TESS_SETTING_RELAY, intent->other, error)
      || !tess_db_setting_set_int (job->db, TESS_SETTING_PROFILE_VERSION, 1, error)
      || !ensure_capability (job, TESS_SETTING_CONTACT_CAPABILITY, error)
      || !ensure_capability (job, TESS_SETTING_REQUEST_CAPABILITY, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_ONE_TIME_LAST, 0, &last, error))
    return false;
  return tess_keys_rotate (job, error) && (last > 0 || tess_keys_make_one_time (job, TESS_ONE_TIME_UPLOAD, error));
}

bool
tess_account_prepare (TessCore *core, const char *name, const char *relay, GError **error)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  intent->text = g_strdup (name);
  intent->other = g_strdup (relay);
  return tess_core_run (core, prepare, intent, error);
}

/* What goes to the relay: a TessIntent's object. */
typedef struct {
  GBytes *prekey;       /* NULL: nothing new */
  uint32_t spk_id;
  GPtrArray *one_time;
  uint32_t first, last; /* their ids */
  int64_t replace;
  int64_t renewed;      /* 1: the request capability has to go up */
  uint8_t contact[TESS_CAPABILITY_SIZE];
  uint8_t request[TESS_CAPABILITY_SIZE];
  bool is_registering;
  unsigned make;        /* one-time prekeys to make first */
} Upload;

static void
upload_free (gpointer data)
{
  Upload *self = data;

  g_clear_pointer (&self->prekey, g_bytes_unref);
  g_clear_pointer (&self->one_time, g_ptr_array_unref);
  g_free (self);
}

static TessIntent *
upload_new (Upload **upload_out)
{
  TessIntent *intent = tess_intent_new (0);

  *upload_out = g_new0 (Upload, 1);
  intent->object = *upload_out;
  intent->object_free = upload_free;
  return intent;
}

/* Rotates and makes what is due, and loads what the relay has not taken yet. */
static bool
load_upload (TessJob *job, gpointer data, GError **error)
{
  Upload *upload = ((TessIntent *) data)->object;
  g_autoptr (TessPrekeyRow) newest = NULL;
  bool found;

  if (!tess_keys_rotate (job, error) || !tess_db_prekey_newest (job->db, job->now + TESS_PREKEY_AHEAD_MAX, &newest, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_ONE_TIME_REPLACE, 0, &upload->replace, error)
      || !tess_db_setting_copy (job->db, TESS_SETTING_CONTACT_CAPABILITY, upload->contact, sizeof upload->contact, &found, error)
      || !tess_db_setting_copy (job->db, TESS_SETTING_REQUEST_CAPABILITY, upload->request, sizeof upload->request, &found, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_REQUEST_RENEWED, 0, &upload->renewed, error)
      || !tess_keys_not_uploaded (job, &upload->one_time, &upload->first, &upload->last, error))
    return false;
  if (upload->replace != 0)
    upload->make = TESS_ONE_TIME_UPLOAD;
  if (upload->one_time->len == 0 && upload->make > 0)
    {
      g_clear_pointer (&upload->one_time, g_ptr_array_unref);
      if (!tess_keys_make_one_time (job, upload->make, error)
          || !tess_keys_not_uploaded (job, &upload->one_time, &upload->first, &upload->last, error))
        return false;
    }
  if (upload->is_registering || newest->published == 0)
    {
      upload->prekey = g_bytes_ref (newest->record);
      upload->spk_id = newest->spk_id;
    }
  return true;
}

static bool
note_uploaded (TessJob *job, gpointer data, GError **error)
{
  Upload *upload = ((TessIntent *) data)->object;

  if (upload->prekey != NULL && !tess_db_prekey_set_published (job->db, upload->spk_id, job->now, error))
    return false;
  if (upload->one_time->len > 0
      && !tess_db_one_time_set_uploaded (job->db, upload->first, upload->last, job->now, error))
    return false;
  if (upload->replace != 0 && !tess_db_setting_remove (job->db, TESS_SETTING_ONE_TIME_REPLACE, error))
    return false;
  return !upload->is_registering || tess_db_setting_set_int (job->db, TESS_SETTING_REGISTERED, 1, error);
}

static bool
publish (TessCore *core, TessMailboxLink *link, TessIntent *intent, GError **error)
{
  Upload *upload = intent->object;
  GError *local = NULL;
  GPtrArray *one_time = upload->one_time->len > 0 ? upload->one_time : NULL;

  if (upload->prekey == NULL && one_time == NULL)
    return true;
  dex_await_uint (tess_mailbox_link_publish (link, upload->prekey, one_time, upload->replace != 0), &local);
  if (local == NULL)
    return tess_core_run (core, note_uploaded, intent, error);
  g_propagate_error (error, tess_core_error_take (local));
  return false;
}

/* Unless it was renewed once more while the relay answered. */
static bool
note_renewed (TessJob *job, gpointer data, GError **error)
{
  Upload *upload = ((TessIntent *) data)->object;
  uint8_t request[TESS_CAPABILITY_SIZE];
  bool found;

  return tess_db_setting_copy (job->db, TESS_SETTING_REQUEST_CAPABILITY, request, sizeof request, &found, error)
         && (memcmp (request, upload->request, sizeof request) != 0
             || tess_db_setting_remove (job->db, TESS_SETTING_REQUEST_RENEWED, error));
}

/* The capabilities of now, and then the name, which stands for the address that they are in. */
static bool
publish_renewed (TessCore *core, TessMailboxLink *link, TessIntent *intent, GError **error)
{
  Upload *upload = intent->object;
  GError *local = NULL;

  if (upload->renewed == 0)
    return tess_account_settle_name (core, link, false, error);
  dex_await_boolean (tess_mailbox_link_capabilities (link, upload->contact, upload->request), &local);
  if (local == NULL)
    return tess_account_settle_name (core, link, true, error) && tess_core_run (core, note_renewed, intent, error);
  g_propagate_error (error, tess_core_error_take (local));
  return false;
}

bool
tess_account_job_renew (TessJob *job, gpointer data, GError **error)
{
  uint8_t request[TESS_CAPABILITY_SIZE];

  if (!tess_random (request, sizeof request))
    return tess_core_error_no_random (error);
  return tess_db_setting_set_blob (job->db, TESS_SETTING_REQUEST_CAPABILITY, request, sizeof request, error)
         && tess_db_setting_set_int (job->db, TESS_SETTING_REQUEST_RENEWED, 1, error);
}

bool
tess_account_job_renewal_waits (TessJob *job, gpointer data, GError **error)
{
  int64_t waits;

  if (!tess_db_setting_get_int (job->db, TESS_SETTING_REQUEST_RENEWED, 0, &waits, error))
    return false;
  ((TessIntent *) data)->more = waits != 0;
  return true;
}

bool
tess_account_register (TessCore *core, TessMailboxLink *link, bool is_known, const char *invitation, GError **error)
{
  Upload *upload;
  g_autoptr (TessIntent) intent = upload_new (&upload);
  GError *local = NULL;

  upload->is_registering = true;
  upload->make = TESS_ONE_TIME_UPLOAD;
  if (!tess_core_run (core, load_upload, intent, error))
    return false;
  if (is_known)
    dex_await_uint (tess_mailbox_link_publish (link, upload->prekey, upload->one_time, true), &local);
  else
    dex_await_uint (tess_mailbox_link_register (link, core->identity->device_list, upload->prekey, upload->one_time, invitation),
                    &local);
  if (local == NULL)
    dex_await_boolean (tess_mailbox_link_capabilities (link, upload->contact, upload->request), &local);
  if (local != NULL)
    {
      g_propagate_error (error, tess_core_error_take (local));
      return false;
    }
  return tess_account_settle_name (core, link, true, error) && tess_core_run (core, note_uploaded, intent, error);
}

bool
tess_account_maintain (TessCore *core, TessMailboxLink *link, uint32_t left, GError **error)
{
  Upload *upload;
  g_autoptr (TessIntent) intent = upload_new (&upload);

  upload->make = left < TESS_ONE_TIME_REFILL_BELOW ? TESS_ONE_TIME_UPLOAD - left : 0;
  return tess_core_run (core, load_upload, intent, error) && publish_renewed (core, link, intent, error)
         && publish (core, link, intent, error);
}

/* Everything that the sessions of an older state of this disk could break is made anew. */
static bool
start_anew (TessJob *job, GError **error)
{
  g_autoptr (GPtrArray) contacts = NULL;
  g_autoptr (GPtrArray) unsent = NULL;

  g_message ("The relay has seen newer acknowledgements than this database: it was rolled back. Sessions start anew.");
  if (!tess_db_contact_list (job->db, &contacts, error) || !tess_sessions_archive (job, 0, error)
      || !tess_db_setting_set_int (job->db, TESS_SETTING_ONE_TIME_REPLACE, 1, error)
      || !tess_db_one_time_not_uploaded (job->db, TESS_ONE_TIME_UPLOAD, &unsent, error)
      || !tess_keys_restart_one_time (job, error)
      || !tess_keys_make_one_time (job, TESS_ONE_TIME_UPLOAD - unsent->len, error) || !tess_keys_renew (job, error))
    return false;
  for (guint i = 0; i < contacts->len; i++)
    {
      const TessContactRow *contact = g_ptr_array_index (contacts, i);

      /* What was sealed before this was found out can be read by nobody: it goes again. */
      if (contact->accepted && contact->device_list != NULL
          && (!tess_pending_add (job, contact->id, TESS_PENDING_PING | TESS_PENDING_PROFILE | TESS_PENDING_AGAIN, error)
              || !tess_sender_flush (job, contact->id, NULL, 0, error)))
        return false;
    }
  return true;
}

/* Only so often, whatever the relay says: who puts a disk back also puts back when that was done last, so that the first time is
 * never put off. */
static bool
roll_forward_when_due (TessJob *job, GError **error)
{
  int64_t waits, last;

  if (!tess_db_setting_get_int (job->db, TESS_SETTING_ROLLED_BACK, 0, &waits, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_ROLLED_FORWARD, 0, &last, error))
    return false;
  if (waits == 0 || (last <= job->now && job->now - last < TESS_ROLL_FORWARD_INTERVAL))
    return true;
  return tess_db_setting_remove (job->db, TESS_SETTING_ROLLED_BACK, error)
         && tess_db_setting_set_int (job->db, TESS_SETTING_ROLLED_FORWARD, job->now, error) && start_anew (job, error);
}

bool
tess_account_job_roll_forward (TessJob *job, gpointer data, GError **error)
{
  int64_t theirs = ((TessIntent *) data)->message;
  int64_t acked;

  if (!tess_db_setting_get_int (job->db, TESS_SETTING_ACKED, 0, &acked, error))
    return false;
  if (theirs <= acked)
    return true;
  return tess_db_setting_set_int (job->db, TESS_SETTING_ACKED, theirs, error)
         && tess_db_setting_set_int (job->db, TESS_SETTING_ROLLED_BACK, 1, error) && roll_forward_when_due (job, error);
}

bool
tess_account_check_rollback (TessCore *core, uint64_t acked, GError **error)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  intent->message = (int64_t) MIN (acked, (uint64_t) G_MAXINT64);
  return tess_core_run (core, tess_account_job_roll_forward, intent, error);
}

bool
tess_account_job_resume (TessJob *job, gpointer data, GError **error)
{
  job->changes->outbox = true;
  return roll_forward_when_due (job, error) && tess_receive_late (job, error) && tess_sender_flush_waiting (job, error);
}
