/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-account.h"

#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "base/tess-random.h"
#include "core/tess-account-keys.h"
#include "core/tess-account-name.h"
#include "core/tess-core-error.h"
#include "core/tess-intents.h"
#include "core/tess-people.h"
#include "core/tess-receive.h"
#include "core/tess-sender.h"
#include "core/tess-sessions.h"
#include "net/tess-directory.h"
#include "store/tess-queries-contacts.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-keys.h"

#include <string.h>

#define STALE_TRIES 9 /* lists that are offered in one registering; without a word of the newest they go up by 511 */

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
  int64_t restored;     /* the device list's version in the backup that the account is from; 0: it waits for nothing */
  char *relay;
} Upload;

static void
upload_free (gpointer data)
{
  Upload *self = data;

  g_clear_pointer (&self->prekey, g_bytes_unref);
  g_clear_pointer (&self->one_time, g_ptr_array_unref);
  g_free (self->relay);
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

  g_clear_pointer (&upload->relay, g_free);
  if (!tess_keys_rotate (job, error) || !tess_db_prekey_newest (job->db, job->now + TESS_PREKEY_AHEAD_MAX, &newest, error)
      || !tess_db_setting_get_text (job->db, TESS_SETTING_RELAY, &upload->relay, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_RESTORED, 0, &upload->restored, error)
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

/* After restoring, every contact is to hear of the new device, but for those who were added and never written to. What the
 * sessions of before carried and nobody has receipted goes again. */
static bool
greet_all (TessJob *job, GError **error)
{
  g_autoptr (GPtrArray) contacts = NULL;
  int64_t restored;

  if (!tess_db_setting_get_int (job->db, TESS_SETTING_RESTORED, 0, &restored, error))
    return false;
  if (restored == 0)
    return true;
  if (!tess_db_setting_remove (job->db, TESS_SETTING_RESTORED, error) || !tess_db_contact_list (job->db, &contacts, error))
    return false;
  for (guint i = 0; i < contacts->len; i++)
    {
      const TessContactRow *contact = g_ptr_array_index (contacts, i);

      if (contact->accepted && !contact->blocked && contact->device_list != NULL && !tess_people_is_self (job, contact)
          && !tess_pending_add (job, contact->id, TESS_PENDING_PING | TESS_PENDING_PROFILE | TESS_PENDING_AGAIN, error))
        return false;
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
  return !upload->is_registering
         || (tess_db_setting_set_int (job->db, TESS_SETTING_REGISTERED, 1, error) && greet_all (job, error));
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

/* message: version, count: number. */
static bool
note_listed (TessJob *job, gpointer data, GError **error)
{
  const TessIntent *intent = data;

  return tess_db_setting_set_int (job->db, TESS_SETTING_LIST_VERSION, intent->message, error)
         && tess_db_setting_set_int (job->db, TESS_SETTING_DEVICE_NUMBER, intent->count, error);
}

/* The account's own records at its relay; NULL without an error where the relay knows neither capability any more. */
static TessBundle *
ask_own (TessCore *core, const Upload *upload, GError **error)
{
  const uint8_t *const capabilities[] = { upload->request, upload->contact };

  for (size_t i = 0; i < G_N_ELEMENTS (capabilities); i++)
    {
      g_autoptr (GError) local = NULL;
      TessBundle *bundle = dex_await_boxed (
        tess_directory_get_account (upload->relay, core->identity->us.account.bytes, capabilities[i], false), &local);

      if (bundle != NULL)
        return bundle;
      if (g_error_matches (local, TESS_NET_ERROR, TESS_NET_ERROR_REFUSED))
        continue;
      g_propagate_error (error, tess_core_error_take (g_steal_pointer (&local)));
      return NULL;
    }
  return NULL;
}

/* A backup may be older than the account's newest list, which then is asked for: ours goes one above. It is signed by the
 * account; that it is the newest nobody vouches for. Where it cannot be asked for, ours goes up by some; but however often a
 * relay calls it stale, never so far that contacts who know the backup's list would not take it. */
static bool
step_over (TessCore *core, const Upload *upload, unsigned tries, GError **error)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autoptr (TessBundle) bundle = NULL;
  TessIdentity *identity;
  TessIdentityDevice listed = core->identity->listed;
  GError *local = NULL;

  bundle = ask_own (core, upload, &local);
  listed.version = bundle != NULL ? MAX (listed.version, bundle->list.version) + 1 : listed.version + (1u << tries);
  if (local == NULL && listed.version - (uint64_t) upload->restored > TESS_DEVICE_LIST_JUMP_MAX)
    g_set_error_literal (&local, TESS_CORE_ERROR, TESS_CORE_ERROR_REFUSED,
                         _("The relay answered something that makes no sense."));
  for (unsigned i = 0; bundle != NULL && i < bundle->list.count; i++)
    listed.number = MAX (listed.number, MIN (bundle->list.devices[i].number, UINT32_MAX - 1) + 1);
  intent->message = (int64_t) listed.version;
  intent->count = listed.number;
  identity = local == NULL ? tess_identity_new (core->identity->secrets, &listed, &local) : NULL;
  if (identity == NULL)
    {
      g_propagate_error (error, tess_core_error_take (local));
      return false;
    }
  if (!tess_core_run (core, note_listed, intent, error))
    {
      tess_identity_unref (identity);
      return false;
    }
  tess_identity_unref (core->identity);
  core->identity = identity;
  return true;
}

static bool
is_stale (const GError *error)
{
  return g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_REJECTED)
         && tess_net_error_relay_code (error) == TESS_CODE_STALE;
}

static GError *
register_once (TessCore *core, TessMailboxLink *link, const Upload *upload, const char *invitation)
{
  GError *error = NULL;

  dex_await_uint (tess_mailbox_link_register (link, core->identity->device_list, upload->prekey, upload->one_time, invitation),
                  &error);
  return error;
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
    local = register_once (core, link, upload, invitation);
  for (unsigned tries = 0; core->restored && is_stale (local) && tries < STALE_TRIES; tries++)
    {
      g_clear_error (&local);
      if (!step_over (core, upload, tries, error))
        return false;
      local = register_once (core, link, upload, invitation);
    }
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
