/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-backup-records.h"

#include "base/tess-limits.h"
#include "wire/tess-address.h"

#include <string.h>

/* Bits of the records' flags; all others are zero. */
enum { TOLD_RECEIPTS = 1 << 0, TOLD_TYPING = 1 << 1 };
enum { ACCEPTED = 1 << 0, BLOCKED = 1 << 1, HAS_CONTACT = 1 << 2, HAS_REQUEST = 1 << 3 };
enum { PINNED = 1 << 0, MUTED = 1 << 1, ARCHIVED = 1 << 2, MARKED = 1 << 3, HIDDEN = 1 << 4 };
enum { OWN = 1 << 0, READ = 1 << 1, DELETED = 1 << 2, HAS_REPLY = 1 << 3, HAS_TARGET = 1 << 4, ANSWERED = 1 << 5 };

/* A text of the file: UTF-8 without U+0000. Failing is the reader's, and gives "". */
static char *
read_text (TessReader *reader, bool large, size_t max)
{
  size_t size;
  const uint8_t *data = large ? tess_reader_var32 (reader, max, &size) : tess_reader_var16 (reader, max, &size);

  if (data != NULL && (!g_utf8_validate ((const char *) data, (gssize) size, NULL) || memchr (data, 0, size) != NULL))
    reader->failed = true;
  return data != NULL && !reader->failed ? g_strndup ((const char *) data, size) : g_strdup ("");
}

static void
write_text (TessWriter *writer, const char *text)
{
  tess_writer_var16 (writer, (const uint8_t *) (text != NULL ? text : ""), text != NULL ? strlen (text) : 0);
}

/* Times are never before 1970; a clock may have been. */
static void
write_time (TessWriter *writer, int64_t time)
{
  tess_writer_u64 (writer, (uint64_t) MAX (time, 0));
}

static int64_t
read_time (TessReader *reader)
{
  uint64_t time = tess_reader_u64 (reader);

  reader->failed |= time > INT64_MAX;
  return (int64_t) time;
}

static uint8_t
read_flags (TessReader *reader, uint8_t known)
{
  uint8_t flags = tess_reader_u8 (reader);

  reader->failed |= (flags & ~known) != 0;
  return flags;
}

static uint8_t
read_bounded (TessReader *reader, uint8_t max)
{
  uint8_t value = tess_reader_u8 (reader);

  reader->failed |= value > max;
  return value;
}

void
tess_backup_profile_free (TessBackupProfile *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->relay);
  g_free (self->directory_name);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

void
tess_backup_profile_write (const TessBackupProfile *self, TessWriter *writer)
{
  tess_writer_bytes (writer, self->account_seed, sizeof self->account_seed);
  tess_writer_bytes (writer, self->contact_capability, sizeof self->contact_capability);
  tess_writer_bytes (writer, self->request_capability, sizeof self->request_capability);
  tess_writer_u64 (writer, self->list_version);
  tess_writer_u32 (writer, self->device_number);
  write_time (writer, self->made);
  tess_writer_u8 (writer, (uint8_t) ((self->receipts_told ? TOLD_RECEIPTS : 0) | (self->typing_told ? TOLD_TYPING : 0)));
  write_text (writer, self->name);
  write_text (writer, self->relay);
  write_text (writer, self->directory_name);
}

TessBackupProfile *
tess_backup_profile_read (const uint8_t *body, size_t size)
{
  g_autoptr (TessBackupProfile) self = g_new0 (TessBackupProfile, 1);
  TessReader reader;
  uint8_t flags;

  tess_reader_init (&reader, body, size);
  tess_reader_copy (&reader, self->account_seed, sizeof self->account_seed);
  tess_reader_copy (&reader, self->contact_capability, sizeof self->contact_capability);
  tess_reader_copy (&reader, self->request_capability, sizeof self->request_capability);
  self->list_version = tess_reader_u64 (&reader);
  self->device_number = tess_reader_u32 (&reader);
  self->made = read_time (&reader);
  flags = read_flags (&reader, TOLD_RECEIPTS | TOLD_TYPING);
  self->receipts_told = (flags & TOLD_RECEIPTS) != 0;
  self->typing_told = (flags & TOLD_TYPING) != 0;
  self->name = read_text (&reader, false, TESS_NAME_BYTES_MAX);
  self->relay = read_text (&reader, false, TESS_ORIGIN_BYTES_MAX);
  self->directory_name = read_text (&reader, false, TESS_DIRECTORY_NAME_MAX);
  if (!tess_reader_end (&reader) || *self->name == '\0' || !tess_origin_check (self->relay) || self->list_version == 0
      || self->list_version > INT64_MAX - TESS_DEVICE_LIST_JUMP_MAX - 1 || self->device_number == 0
      || self->device_number == UINT32_MAX)
    return NULL;
  return g_steal_pointer (&self);
}

void
tess_backup_contact_write (const TessContactRow *row, GPtrArray *devices, TessWriter *writer)
{
  static const uint8_t none[16] = { 0 };
  gsize list_size = 0;
  const uint8_t *list = row->device_list != NULL ? g_bytes_get_data (row->device_list, &list_size) : NULL;

  tess_writer_bytes (writer, row->account, sizeof row->account);
  tess_writer_u8 (writer, (uint8_t) row->trust);
  tess_writer_u8 (writer, (uint8_t) ((row->accepted ? ACCEPTED : 0) | (row->blocked ? BLOCKED : 0)
                                     | (row->has_contact_capability ? HAS_CONTACT : 0)
                                     | (row->has_request_capability ? HAS_REQUEST : 0)));
  tess_writer_bytes (writer, row->has_contact_capability ? row->contact_capability : none, sizeof none);
  tess_writer_bytes (writer, row->has_request_capability ? row->request_capability : none, sizeof none);
  write_time (writer, row->added);
  write_text (writer, row->name);
  write_text (writer, row->nickname);
  write_text (writer, row->relay);
  tess_writer_var16 (writer, list_size > 0 ? list : none, list_size);
  tess_writer_u8 (writer, (uint8_t) devices->len);
  for (guint i = 0; i < devices->len; i++)
    {
      const TessDeviceRow *device = g_ptr_array_index (devices, i);

      tess_writer_bytes (writer, device->device, sizeof device->device);
      write_time (writer, device->seen);
      write_time (writer, device->prekey_created);
    }
}

static GPtrArray *
read_devices (TessReader *reader)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_device_row_free);
  uint8_t count = read_bounded (reader, TESS_DEVICES_MAX);

  for (uint8_t i = 0; i < count && tess_reader_ok (reader); i++)
    {
      TessDeviceRow *device = g_new0 (TessDeviceRow, 1);

      tess_reader_copy (reader, device->device, sizeof device->device);
      device->seen = read_time (reader);
      device->prekey_created = read_time (reader);
      g_ptr_array_add (devices, device);
    }
  return devices;
}

TessContactRow *
tess_backup_contact_read (const uint8_t *body, size_t size, GPtrArray **devices_out)
{
  g_autoptr (TessContactRow) row = g_new0 (TessContactRow, 1);
  g_autoptr (GPtrArray) devices = NULL;
  TessReader reader;
  const uint8_t *list;
  size_t list_size;
  uint8_t flags;

  *devices_out = NULL;
  tess_reader_init (&reader, body, size);
  tess_reader_copy (&reader, row->account, sizeof row->account);
  row->trust = (TessContactTrust) read_bounded (&reader, TESS_CONTACT_MISMATCH);
  flags = read_flags (&reader, ACCEPTED | BLOCKED | HAS_CONTACT | HAS_REQUEST);
  row->accepted = (flags & ACCEPTED) != 0;
  row->blocked = (flags & BLOCKED) != 0;
  row->has_contact_capability = (flags & HAS_CONTACT) != 0;
  row->has_request_capability = (flags & HAS_REQUEST) != 0;
  tess_reader_copy (&reader, row->contact_capability, sizeof row->contact_capability);
  tess_reader_copy (&reader, row->request_capability, sizeof row->request_capability);
  row->added = read_time (&reader);
  row->name = read_text (&reader, false, TESS_NAME_BYTES_MAX);
  row->nickname = read_text (&reader, false, TESS_NAME_BYTES_MAX);
  row->relay = read_text (&reader, false, TESS_ORIGIN_BYTES_MAX);
  list = tess_reader_var16 (&reader, TESS_DEVICE_LIST_SIZE_MAX, &list_size);
  if (list_size > 0)
    row->device_list = g_bytes_new (list, list_size);
  devices = read_devices (&reader);
  if (*row->nickname == '\0')
    g_clear_pointer (&row->nickname, g_free);
  if (!tess_reader_end (&reader) || (*row->relay != '\0' && !tess_origin_check (row->relay)))
    return NULL;
  *devices_out = g_steal_pointer (&devices);
  return g_steal_pointer (&row);
}

void
tess_backup_conversation_write (const TessConversationRow *row, uint32_t contact, TessWriter *writer)
{
  size_t draft = row->draft != NULL ? strlen (row->draft) : 0;

  tess_writer_u32 (writer, contact);
  tess_writer_u8 (writer, (uint8_t) ((row->pinned ? PINNED : 0) | (row->muted ? MUTED : 0) | (row->archived ? ARCHIVED : 0)
                                     | (row->marked_unread ? MARKED : 0) | (row->hidden ? HIDDEN : 0)));
  tess_writer_u32 (writer, row->timer);
  write_time (writer, row->last_activity);
  if (draft > TESS_BACKUP_DRAFT_MAX)
    draft = 0;
  tess_writer_var32 (writer, (const uint8_t *) (draft > 0 ? row->draft : ""), draft);
}

TessConversationRow *
tess_backup_conversation_read (const uint8_t *body, size_t size, uint32_t *contact_out)
{
  g_autoptr (TessConversationRow) row = g_new0 (TessConversationRow, 1);
  TessReader reader;
  uint8_t flags;

  tess_reader_init (&reader, body, size);
  *contact_out = tess_reader_u32 (&reader);
  flags = read_flags (&reader, PINNED | MUTED | ARCHIVED | MARKED | HIDDEN);
  row->pinned = (flags & PINNED) != 0;
  row->muted = (flags & MUTED) != 0;
  row->archived = (flags & ARCHIVED) != 0;
  row->marked_unread = (flags & MARKED) != 0;
  row->hidden = (flags & HIDDEN) != 0;
  row->timer = tess_reader_u32 (&reader);
  row->last_activity = read_time (&reader);
  row->draft = read_text (&reader, true, TESS_BACKUP_DRAFT_MAX);
  if (*row->draft == '\0')
    g_clear_pointer (&row->draft, g_free);
  return tess_reader_end (&reader) && row->timer <= TESS_TIMER_MAX ? g_steal_pointer (&row) : NULL;
}

void
tess_backup_message_write (const TessMessageRow *row, uint32_t contact, bool answered, TessWriter *writer)
{
  static const uint8_t none[16] = { 0 };
  const char *body = row->body != NULL ? row->body : "";

  tess_writer_u32 (writer, contact);
  tess_writer_u8 (writer, (uint8_t) ((row->sender == 0 ? OWN : 0) | (row->is_read ? READ : 0) | (row->deleted ? DELETED : 0)
                                     | (row->has_reply_to ? HAS_REPLY : 0) | (row->has_target ? HAS_TARGET : 0)
                                     | (answered ? ANSWERED : 0)));
  tess_writer_u8 (writer, (uint8_t) row->kind);
  tess_writer_u8 (writer, (uint8_t) row->state);
  tess_writer_u8 (writer, (uint8_t) row->action);
  tess_writer_bytes (writer, row->message_id, sizeof row->message_id);
  tess_writer_bytes (writer, row->has_reply_to ? row->reply_to : none, sizeof none);
  tess_writer_bytes (writer, row->has_target ? row->target : none, sizeof none);
  write_time (writer, row->time_ms);
  write_time (writer, row->stored_ms);
  write_time (writer, row->edited_ms);
  write_text (writer, row->failure);
  tess_writer_var32 (writer, (const uint8_t *) body, strlen (body));
}

/* An action is one's own and on something; what others wrote has no way to go. */
static bool
is_sane (const TessMessageRow *row)
{
  if (row->kind == TESS_MESSAGE_ACTION)
    return row->sender == 0 && row->action != TESS_ACTION_NONE && row->has_target;
  return row->sender == 0 || row->state == TESS_MESSAGE_RECEIVED;
}

TessMessageRow *
tess_backup_message_read (const uint8_t *body, size_t size, uint32_t *contact_out, bool *answered_out)
{
  g_autoptr (TessMessageRow) row = g_new0 (TessMessageRow, 1);
  TessReader reader;
  uint8_t flags;

  tess_reader_init (&reader, body, size);
  *contact_out = tess_reader_u32 (&reader);
  flags = read_flags (&reader, OWN | READ | DELETED | HAS_REPLY | HAS_TARGET | ANSWERED);
  row->sender = (flags & OWN) != 0 ? 0 : -1;
  row->is_read = (flags & READ) != 0;
  row->deleted = (flags & DELETED) != 0;
  row->has_reply_to = (flags & HAS_REPLY) != 0;
  row->has_target = (flags & HAS_TARGET) != 0;
  *answered_out = (flags & ANSWERED) != 0;
  row->kind = (TessMessageKind) read_bounded (&reader, TESS_MESSAGE_ACTION);
  row->state = (TessMessageState) read_bounded (&reader, TESS_MESSAGE_FAILED);
  row->action = (TessAction) read_bounded (&reader, TESS_ACTION_TIMER);
  tess_reader_copy (&reader, row->message_id, sizeof row->message_id);
  tess_reader_copy (&reader, row->reply_to, sizeof row->reply_to);
  tess_reader_copy (&reader, row->target, sizeof row->target);
  row->time_ms = read_time (&reader);
  row->stored_ms = read_time (&reader);
  row->edited_ms = read_time (&reader);
  row->failure = read_text (&reader, false, TESS_BACKUP_WORD_MAX);
  row->body = read_text (&reader, true, TESS_BACKUP_BODY_MAX);
  if (*row->failure == '\0')
    g_clear_pointer (&row->failure, g_free);
  return tess_reader_end (&reader) && is_sane (row) ? g_steal_pointer (&row) : NULL;
}

void
tess_backup_reaction_write (const TessReactionRow *row, TessWriter *writer)
{
  tess_writer_u8 (writer, row->sender == 0 ? OWN : 0);
  write_time (writer, row->time_ms);
  write_text (writer, row->emoji);
}

TessReactionRow *
tess_backup_reaction_read (const uint8_t *body, size_t size)
{
  g_autoptr (TessReactionRow) row = g_new0 (TessReactionRow, 1);
  TessReader reader;

  tess_reader_init (&reader, body, size);
  row->sender = (read_flags (&reader, OWN) & OWN) != 0 ? 0 : -1;
  row->time_ms = read_time (&reader);
  row->emoji = read_text (&reader, false, TESS_EMOJI_BYTES_MAX);
  return tess_reader_end (&reader) ? g_steal_pointer (&row) : NULL;
}
