/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-backup-write.h"

#include "base/tess-i18n.h"
#include "core/tess-backup-file.h"
#include "core/tess-backup-records.h"
#include "core/tess-job.h"
#include "store/tess-queries-keys.h"

#include <string.h>

#define PAGE 200        /* messages that are in memory at once */
#define WRITTEN 0.75    /* how far the work is then; the rest is reading back */

/* One run. */
typedef struct {
  TessBackupWriting *work;
  TessDb *db;
  TessBackupFile *file;
  TessWiped *body;         /* a record's */
  GHashTable *contacts;    /* int64_t row → its place in the file, from 1 */
  GHashTable *chats;       /* int64_t row → TessConversationRow */
} Run;

void
tess_backup_writing_free (gpointer data)
{
  TessBackupWriting *self = data;

  tess_identity_unref (self->us);
  g_clear_object (&self->file);
  g_clear_object (&self->progress);
  g_clear_pointer (&self->writer, tess_backup_writer_free);
  g_free (self);
}

static bool
put (Run *run, TessBackupKind kind, const TessWriter *writer, GError **error)
{
  GError *local = NULL;

  if (tess_writer_ok (writer)
      && tess_backup_writer_record (run->work->writer, tess_backup_file_put, run->file, (uint8_t) kind, writer->data,
                                    writer->size, &local))
    return true;
  if (local == NULL)
    g_set_error_literal (&local, TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, _("Something went wrong inside Tessera."));
  g_propagate_error (error, local);
  return false;
}

static TessWriter
begin (Run *run)
{
  TessWriter writer;

  tess_writer_init (&writer, run->body->bytes, run->body->size);
  return writer;
}

static bool
load_profile (Run *run, TessBackupProfile *profile, GError **error)
{
  TessDb *db = run->db;
  int64_t version, number, receipts, typing;
  bool has_contact, has_request;

  memcpy (profile->account_seed, run->work->us->secrets->account.bytes, sizeof profile->account_seed);
  profile->made = run->work->now;
  if (!tess_db_setting_get_text (db, TESS_SETTING_NAME, &profile->name, error)
      || !tess_db_setting_get_text (db, TESS_SETTING_RELAY, &profile->relay, error)
      || !tess_db_setting_get_text (db, TESS_SETTING_DIRECTORY_NAME, &profile->directory_name, error)
      || !tess_db_setting_copy (db, TESS_SETTING_CONTACT_CAPABILITY, profile->contact_capability,
                                sizeof profile->contact_capability, &has_contact, error)
      || !tess_db_setting_copy (db, TESS_SETTING_REQUEST_CAPABILITY, profile->request_capability,
                                sizeof profile->request_capability, &has_request, error)
      || !tess_db_setting_get_int (db, TESS_SETTING_LIST_VERSION, 1, &version, error)
      || !tess_db_setting_get_int (db, TESS_SETTING_DEVICE_NUMBER, 1, &number, error)
      || !tess_db_setting_get_int (db, TESS_SETTING_RECEIPTS_TOLD, 1, &receipts, error)
      || !tess_db_setting_get_int (db, TESS_SETTING_TYPING_TOLD, 1, &typing, error))
    return false;
  profile->list_version = (uint64_t) version;
  profile->device_number = (uint32_t) number;
  profile->receipts_told = receipts != 0;
  profile->typing_told = typing != 0;
  return true;
}

static bool
write_profile (Run *run, GError **error)
{
  g_autoptr (TessBackupProfile) profile = g_new0 (TessBackupProfile, 1);
  TessWriter writer = begin (run);

  if (!load_profile (run, profile, error))
    return false;
  tess_backup_profile_write (profile, &writer);
  return put (run, TESS_BACKUP_PROFILE, &writer, error);
}

static bool
write_contacts (Run *run, GError **error)
{
  g_autoptr (GPtrArray) contacts = NULL;

  if (!tess_db_contact_list (run->db, &contacts, error))
    return false;
  for (guint i = 0; i < contacts->len; i++)
    {
      const TessContactRow *contact = g_ptr_array_index (contacts, i);
      g_autoptr (GPtrArray) devices = NULL;
      TessWriter writer = begin (run);
      int64_t *key = g_memdup2 (&contact->id, sizeof contact->id);

      g_hash_table_insert (run->contacts, key, GUINT_TO_POINTER (i + 1));
      if (!tess_db_device_list (run->db, contact->id, &devices, error))
        return false;
      tess_backup_contact_write (contact, devices, &writer);
      if (!put (run, TESS_BACKUP_CONTACT, &writer, error))
        return false;
    }
  return true;
}

static uint32_t
place_of (Run *run, int64_t contact)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (run->contacts, &contact));
}

static bool
write_conversations (Run *run, GError **error)
{
  g_autoptr (GPtrArray) chats = NULL;

  if (!tess_db_conversation_list (run->db, &chats, error))
    return false;
  g_ptr_array_set_free_func (chats, NULL);
  for (guint i = 0; i < chats->len; i++)
    {
      TessConversationRow *chat = g_ptr_array_index (chats, i);

      g_hash_table_insert (run->chats, &chat->id, chat);
    }
  for (guint i = 0; i < chats->len; i++)
    {
      const TessConversationRow *chat = g_ptr_array_index (chats, i);
      TessWriter writer = begin (run);

      tess_backup_conversation_write (chat, place_of (run, chat->contact), &writer);
      if (!put (run, TESS_BACKUP_CONVERSATION, &writer, error))
        return false;
    }
  return true;
}

static bool
write_message (Run *run, const TessMessageRow *row, GError **error)
{
  const TessConversationRow *chat = g_hash_table_lookup (run->chats, &row->conversation);
  g_autoptr (GPtrArray) reactions = NULL;
  TessWriter writer = begin (run);

  tess_backup_message_write (row, place_of (run, chat->contact), chat->draft_reply == row->id, &writer);
  if (!put (run, TESS_BACKUP_MESSAGE, &writer, error) || !tess_db_backup_reactions (run->db, row->id, &reactions, error))
    return false;
  for (guint i = 0; i < reactions->len; i++)
    {
      writer = begin (run);
      tess_backup_reaction_write (g_ptr_array_index (reactions, i), &writer);
      if (!put (run, TESS_BACKUP_REACTION, &writer, error))
        return false;
    }
  return true;
}

static bool
write_messages (Run *run, GError **error)
{
  int64_t newest, after = 0;

  if (!tess_db_backup_newest (run->db, &newest, error))
    return false;
  while (true)
    {
      g_autoptr (GPtrArray) rows = NULL;

      if (!tess_backup_goes_on (run->work->progress, error) || !tess_db_backup_messages (run->db, after, PAGE, &rows, error))
        return false;
      for (guint i = 0; i < rows->len; i++)
        {
          const TessMessageRow *row = g_ptr_array_index (rows, i);

          if (!write_message (run, row, error))
            return false;
          after = row->id;
        }
      if (rows->len < PAGE)
        return true;
      tess_progress_set (run->work->progress, WRITTEN * (double) after / (double) MAX (newest, 1));
    }
}

/* Whether a record is one that a restore would take. */
static bool
is_readable (uint8_t kind, const uint8_t *body, size_t size)
{
  g_autoptr (TessBackupProfile) profile = NULL;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (TessConversationRow) chat = NULL;
  g_autoptr (TessMessageRow) message = NULL;
  g_autoptr (TessReactionRow) reaction = NULL;
  uint32_t place;
  bool answered;

  switch (kind)
    {
    case TESS_BACKUP_PROFILE:
      return (profile = tess_backup_profile_read (body, size)) != NULL;
    case TESS_BACKUP_CONTACT:
      return (contact = tess_backup_contact_read (body, size, &devices)) != NULL;
    case TESS_BACKUP_CONVERSATION:
      return (chat = tess_backup_conversation_read (body, size, &place)) != NULL;
    case TESS_BACKUP_MESSAGE:
      return (message = tess_backup_message_read (body, size, &place, &answered)) != NULL;
    case TESS_BACKUP_REACTION:
      return (reaction = tess_backup_reaction_read (body, size)) != NULL;
    default:
      return false;
    }
}

/* What is on the disk opens, is whole, and holds what can be restored. */
static bool
read_back (Run *run, GError **error)
{
  g_autoptr (TessBackupInput) input = NULL;
  g_autoptr (TessBackupReader) reader = NULL;
  uint8_t header[TESS_BACKUP_HEADER_SIZE], kind;
  const uint8_t *body;
  size_t size;
  GError *local = NULL;
  bool good;

  input = tess_backup_input_new (tess_backup_file_get_written (run->file), run->work->progress, WRITTEN, 1, &local);
  good = input != NULL && tess_backup_input_get (input, header, sizeof header, &size, &local) && size == sizeof header;
  reader = good ? tess_backup_writer_reread (run->work->writer, header, NULL) : NULL;
  good = reader != NULL;
  while (good && tess_backup_reader_next (reader, tess_backup_input_get, input, &kind, &body, &size, &local))
    good = is_readable (kind, body, size);
  if (good && local == NULL)
    return true;
  if (g_error_matches (local, TESS_CORE_ERROR, TESS_CORE_ERROR_CANCELLED))
    {
      g_propagate_error (error, local);
      return false;
    }
  g_clear_error (&local);
  g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED,
                       _("The backup is not on the disk as it was written. Choose another place."));
  return false;
}

static bool
write_all (Run *run, GError **error)
{
  TessBackupWriter *writer = run->work->writer;

  return write_profile (run, error) && write_contacts (run, error) && write_conversations (run, error)
         && write_messages (run, error) && tess_backup_writer_finish (writer, tess_backup_file_put, run->file, error)
         && tess_backup_file_sync (run->file, error) && read_back (run, error) && tess_backup_file_replace (run->file, error);
}

gpointer
tess_backup_write (TessDb *db, gpointer data, GError **error)
{
  g_autoptr (TessBackupFile) file = NULL;
  g_autoptr (TessWiped) body = tess_wiped_new (TESS_BACKUP_RECORD_MAX);
  g_autoptr (GHashTable) contacts = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GHashTable) chats =
    g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) tess_conversation_row_free);
  Run run = { .work = data, .db = db, .body = body, .contacts = contacts, .chats = chats };

  file = tess_backup_file_new (run.work->file, run.work->progress, error);
  run.file = file;
  if (file != NULL && write_all (&run, error))
    tess_progress_set (run.work->progress, 1);
  return NULL;
}
