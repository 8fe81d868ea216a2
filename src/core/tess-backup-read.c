/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-backup-read.h"

#include "base/tess-i18n.h"
#include "core/tess-backup-records.h"
#include "core/tess-intents.h"
#include "core/tess-people.h"
#include "store/tess-queries-backup.h"
#include "store/tess-queries-keys.h"

#include <string.h>

/* One run. Contacts and their chats by their place in the file, from 0. */
typedef struct {
  TessJob *job;
  TessBackupReading *work;
  GArray *contacts;      /* int64_t rows */
  GArray *chats;         /* the same, 0: not come yet */
  bool has_profile;
  int64_t message;       /* the newest that came, which reactions are to; 0: none, or one that was left out */
  int64_t sender;        /* and its chat's contact */
} Run;

void
tess_backup_reading_free (gpointer data)
{
  TessBackupReading *self = data;

  g_clear_pointer (&self->input, tess_backup_input_free);
  g_clear_pointer (&self->reader, tess_backup_reader_free);
  g_clear_object (&self->progress);
  tess_secret_free (self->secrets);
  g_free (self);
}

static bool
damaged (GError **error)
{
  g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_BACKUP_DAMAGED,
                       _("The backup is damaged. Nothing was restored from it."));
  return false;
}

/* Two of what there can be one of are not what a backup says. */
static bool
is_taken (bool done, GError **error)
{
  if (done || error == NULL || !g_error_matches (*error, TESS_STORE_ERROR, TESS_STORE_ERROR_EXISTS))
    return done;
  g_clear_error (error);
  return damaged (error);
}

/* An account is either registered, or waits for that with all that a backup held. */
static bool
check_fresh (TessJob *job, GError **error)
{
  int64_t registered, restored;

  if (!tess_db_setting_get_int (job->db, TESS_SETTING_REGISTERED, 0, &registered, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_RESTORED, 0, &restored, error))
    return false;
  if (registered == 0 && restored == 0)
    return true;
  g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_REGISTERED, _("There is an account in this profile already."));
  return false;
}

/* The new device, and the list that will name it: one above the one that named the old. */
static bool
note_device (Run *run, const TessBackupProfile *profile, GError **error)
{
  TessBackupReading *work = run->work;
  TessAccountPublic account;
  TessDevicePublic device;
  uint8_t owner[64];

  memcpy (work->secrets->account.bytes, profile->account_seed, sizeof profile->account_seed);
  tess_account_public (&work->secrets->account, &account);
  tess_device_public (&work->secrets->device, &device);
  memcpy (owner, account.bytes, 32);
  memcpy (owner + 32, device.bytes, 32);
  work->device = (TessIdentityDevice) {
    .version = profile->list_version + 1,
    .number = profile->device_number + 1,
    .added = run->job->now,
  };
  return tess_db_setting_set_blob (run->job->db, TESS_SETTING_OWNER, owner, sizeof owner, error)
         && tess_db_setting_set_blob (run->job->db, TESS_SETTING_RESTORED_KEYS, (const uint8_t *) work->secrets,
                                      sizeof *work->secrets, error)
         && tess_db_setting_set_int (run->job->db, TESS_SETTING_LIST_VERSION, (int64_t) work->device.version, error)
         && tess_db_setting_set_int (run->job->db, TESS_SETTING_DEVICE_NUMBER, work->device.number, error)
         && tess_db_setting_set_int (run->job->db, TESS_SETTING_ADDED, work->device.added, error);
}

static bool
take_profile (Run *run, const uint8_t *body, size_t size, GError **error)
{
  g_autoptr (TessBackupProfile) profile = tess_backup_profile_read (body, size);
  TessDb *db = run->job->db;

  if (profile == NULL || run->has_profile)
    return damaged (error);
  run->has_profile = true;
  return note_device (run, profile, error)
         && tess_db_setting_set_int (db, TESS_SETTING_RESTORED, (int64_t) profile->list_version, error)
         && tess_db_setting_set_int (db, TESS_SETTING_BACKUP_TIME, profile->made, error)
         && tess_db_setting_set_text (db, TESS_SETTING_NAME, profile->name, error)
         && tess_db_setting_set_text (db, TESS_SETTING_RELAY, profile->relay, error)
         && (*profile->directory_name == '\0'
             || tess_db_setting_set_text (db, TESS_SETTING_DIRECTORY_NAME, profile->directory_name, error))
         && tess_db_setting_set_blob (db, TESS_SETTING_CONTACT_CAPABILITY, profile->contact_capability,
                                      sizeof profile->contact_capability, error)
         && tess_db_setting_set_blob (db, TESS_SETTING_REQUEST_CAPABILITY, profile->request_capability,
                                      sizeof profile->request_capability, error)
         && tess_db_setting_set_int (db, TESS_SETTING_RECEIPTS_TOLD, profile->receipts_told, error)
         && tess_db_setting_set_int (db, TESS_SETTING_TYPING_TOLD, profile->typing_told, error);
}

/* When a device was first seen is told by its row, which has to be there before the list says that it is one. */
static bool
take_devices (Run *run, TessContactRow *contact, GBytes *record, GPtrArray *devices, GError **error)
{
  TessDeviceList list;
  TessListVerdict verdict;

  if (record == NULL)
    return devices->len == 0 || damaged (error);
  if (!tess_device_list_parse (g_bytes_get_data (record, NULL), g_bytes_get_size (record), &list, NULL)
      || memcmp (list.account, contact->account, sizeof list.account) != 0)
    return damaged (error);
  for (guint i = 0; i < devices->len; i++)
    {
      TessDeviceRow *device = g_ptr_array_index (devices, i);

      device->contact = contact->id;
      if (tess_device_list_find (&list, device->device) == NULL)
        return damaged (error);
      if (!is_taken (tess_db_device_put (run->job->db, device, error), error))
        return false;
    }
  return tess_people_take_list (run->job, contact, &list, record, &verdict, error)
         && (verdict == TESS_LIST_TAKEN || damaged (error));
}

static bool
take_contact (Run *run, const uint8_t *body, size_t size, GError **error)
{
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (TessContactRow) contact = tess_backup_contact_read (body, size, &devices);
  g_autoptr (GBytes) record = NULL;
  const int64_t none = 0;

  if (contact == NULL)
    return damaged (error);
  record = g_steal_pointer (&contact->device_list);
  if (!is_taken (tess_db_contact_insert (run->job->db, contact, error), error)
      || !take_devices (run, contact, record, devices, error))
    return false;
  g_array_append_val (run->contacts, contact->id);
  g_array_append_val (run->chats, none);
  return true;
}

/* The contact's row of its @place; 0: there is none. */
static int64_t
contact_at (Run *run, uint32_t place)
{
  return place >= 1 && place <= run->contacts->len ? g_array_index (run->contacts, int64_t, place - 1) : 0;
}

static bool
take_conversation (Run *run, const uint8_t *body, size_t size, GError **error)
{
  uint32_t place;
  g_autoptr (TessConversationRow) chat = tess_backup_conversation_read (body, size, &place);
  int64_t contact = chat != NULL ? contact_at (run, place) : 0;

  if (contact == 0 || g_array_index (run->chats, int64_t, place - 1) != 0)
    return damaged (error);
  chat->contact = contact;
  if (!tess_db_backup_put_conversation (run->job->db, chat, error))
    return false;
  g_array_index (run->chats, int64_t, place - 1) = chat->id;
  return true;
}

/* What no relay had by then: whether it still shall go is for the person to say. */
static void
fail_waiting (TessMessageRow *row)
{
  if (row->sender != 0 || row->state != TESS_MESSAGE_WAITING)
    return;
  row->state = TESS_MESSAGE_FAILED;
  g_set_str (&row->failure, TESS_FAILURE_RESTORED);
}

static bool
take_message (Run *run, const uint8_t *body, size_t size, GError **error)
{
  uint32_t place;
  bool answered;
  g_autoptr (TessMessageRow) row = tess_backup_message_read (body, size, &place, &answered);
  int64_t contact = row != NULL ? contact_at (run, place) : 0;

  if (contact == 0 || g_array_index (run->chats, int64_t, place - 1) == 0)
    return damaged (error);
  row->conversation = g_array_index (run->chats, int64_t, place - 1);
  if (row->sender != 0)
    row->sender = contact;
  fail_waiting (row);
  if (!is_taken (tess_db_backup_put_message (run->job->db, row, error), error))
    return false;
  run->message = row->id;
  run->sender = contact;
  return !answered || tess_db_backup_put_answered (run->job->db, row->conversation, row->id, error);
}

static bool
take_reaction (Run *run, const uint8_t *body, size_t size, GError **error)
{
  g_autoptr (TessReactionRow) row = tess_backup_reaction_read (body, size);

  if (row == NULL || run->message == 0)
    return damaged (error);
  if (row->sender != 0)
    row->sender = run->sender;
  return is_taken (tess_db_backup_put_reaction (run->job->db, run->message, row, error), error);
}

static bool
take_record (Run *run, uint8_t kind, const uint8_t *body, size_t size, GError **error)
{
  if (!run->has_profile && kind != TESS_BACKUP_PROFILE)
    return damaged (error);
  switch (kind)
    {
    case TESS_BACKUP_PROFILE:
      return take_profile (run, body, size, error);
    case TESS_BACKUP_CONTACT:
      return take_contact (run, body, size, error);
    case TESS_BACKUP_CONVERSATION:
      return take_conversation (run, body, size, error);
    case TESS_BACKUP_MESSAGE:
      return take_message (run, body, size, error);
    case TESS_BACKUP_REACTION:
      return take_reaction (run, body, size, error);
    default:
      return true;
    }
}

static bool
take_all (Run *run, GError **error)
{
  TessBackupReading *work = run->work;
  const uint8_t *body;
  size_t size;
  uint8_t kind;
  GError *local = NULL;

  while (tess_backup_reader_next (work->reader, tess_backup_input_get, work->input, &kind, &body, &size, &local))
    if (!take_record (run, kind, body, size, error))
      return false;
  if (local == NULL)
    return run->has_profile || damaged (error);
  if (local->domain != TESS_CRYPTO_ERROR)
    {
      g_propagate_error (error, local);
      return false;
    }
  g_error_free (local);
  return damaged (error);
}

/* What somebody did in a profile without an account goes with it. */
static bool
erase (TessJob *job, GError **error)
{
  g_autoptr (GPtrArray) chats = NULL;

  if (!tess_db_conversation_list (job->db, &chats, error))
    return false;
  for (guint i = 0; i < chats->len; i++)
    tess_changes_gone (job->changes, ((const TessConversationRow *) g_ptr_array_index (chats, i))->id);
  return tess_db_backup_erase (job->db, error);
}

bool
tess_backup_job_restore (TessJob *job, gpointer data, GError **error)
{
  g_autoptr (GArray) contacts = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GArray) chats = g_array_new (FALSE, FALSE, sizeof (int64_t));
  Run run = { .job = job, .work = ((TessIntent *) data)->object, .contacts = contacts, .chats = chats };

  if (!check_fresh (job, error) || !erase (job, error) || !take_all (&run, error)
      || !tess_db_backup_settle (job->db, error) || !tess_backup_goes_on (run.work->progress, error))
    return false;
  g_array_set_size (job->changes->conversation_ids, 0); /* shown once it is known who we are */
  return true;
}
