/* Section 12: backups, with a record of each kind. SPDX-License-Identifier: GPL-3.0-or-later */
#include "vectors.h"

#include "core/tess-backup-records.h"
#include "crypto/tess-backup.h"

#include <string.h>

static const char passphrase[] = "correct horse", code[] = "012345678901234567890123456789";

static bool
put (void *data, const uint8_t *bytes, size_t size, GError **error)
{
  g_byte_array_append (data, bytes, (guint) size);
  return true;
}

/* The backup that is being made. */
static TessBackupWriter *writer;
static GByteArray *file;
static TessWriter record;
static uint8_t body[TESS_BACKUP_RECORD_MAX];

static TessWriter *
begin_record (void)
{
  tess_writer_init (&record, body, sizeof body);
  return &record;
}

static void
end_record (uint8_t kind)
{
  g_assert_true (tess_writer_ok (&record));
  out_hex ("body", body, record.size);
  out_end ();
  g_assert_true (tess_backup_writer_record (writer, put, file, kind, body, record.size, NULL));
}

static void
make_profile (void)
{
  TessBackupProfile profile = { .list_version = 3, .device_number = 2, .made = NOW, .receipts_told = true,
                                .name = (char *) "Ålice", .relay = (char *) "https://relay.example.org",
                                .directory_name = (char *) "alice" };

  memcpy (profile.account_seed, alice.account.bytes, sizeof profile.account_seed);
  memset (profile.contact_capability, 0xc1, sizeof profile.contact_capability);
  memset (profile.request_capability, 0xc2, sizeof profile.request_capability);
  out_object (NULL);
  out_number ("kind", TESS_BACKUP_PROFILE);
  out_hex ("account_seed", profile.account_seed, 32);
  out_hex ("contact_capability", profile.contact_capability, 16);
  out_hex ("request_capability", profile.request_capability, 16);
  out_number ("list_version", profile.list_version);
  out_number ("device_number", profile.device_number);
  out_number ("made", (uint64_t) profile.made);
  out_number ("flags", 1);
  out_text ("name", profile.name);
  out_text ("relay", profile.relay);
  out_text ("directory_name", profile.directory_name);
  tess_backup_profile_write (&profile, begin_record ());
  end_record (TESS_BACKUP_PROFILE);
}

static void
make_contact (void)
{
  TessContactRow contact = { .trust = TESS_CONTACT_VERIFIED, .accepted = true, .has_contact_capability = true, .added = NOW - 9,
                             .name = (char *) "Bob", .nickname = (char *) "Bobby", .device_list = bob.list,
                             .relay = (char *) "https://other.example.org" };
  TessDeviceRow device = { .seen = NOW - 8, .prekey_created = NOW - 7 };
  g_autoptr (GPtrArray) devices = g_ptr_array_new ();

  memcpy (contact.account, bob.party.account.bytes, sizeof contact.account);
  memcpy (device.device, bob.party.device.bytes, sizeof device.device);
  memset (contact.contact_capability, 0xc3, sizeof contact.contact_capability);
  g_ptr_array_add (devices, &device);
  out_object (NULL);
  out_number ("kind", TESS_BACKUP_CONTACT);
  out_hex ("account", contact.account, 32);
  out_number ("trust", contact.trust);
  out_number ("flags", 1 | 4);
  out_hex ("contact_capability", contact.contact_capability, 16);
  out_hex ("request_capability", contact.request_capability, 16);
  out_number ("added", (uint64_t) contact.added);
  out_text ("name", contact.name);
  out_text ("nickname", contact.nickname);
  out_text ("relay", contact.relay);
  out_bytes ("device_list", contact.device_list);
  out_hex ("device", device.device, 32);
  out_number ("seen", (uint64_t) device.seen);
  out_number ("newest_prekey", (uint64_t) device.prekey_created);
  tess_backup_contact_write (&contact, devices, begin_record ());
  end_record (TESS_BACKUP_CONTACT);
}

static void
make_conversation (void)
{
  TessConversationRow chat = { .pinned = true, .hidden = true, .timer = 3600, .last_activity = NOW * (int64_t) 1000,
                               .draft = (char *) "not yet" };

  out_object (NULL);
  out_number ("kind", TESS_BACKUP_CONVERSATION);
  out_number ("contact", 1);
  out_number ("flags", 1 | 16);
  out_number ("timer", chat.timer);
  out_number ("activity", (uint64_t) chat.last_activity);
  out_text ("draft", chat.draft);
  tess_backup_conversation_write (&chat, 1, begin_record ());
  end_record (TESS_BACKUP_CONVERSATION);
}

static void
make_message (const TessMessageRow *message, bool answered, uint8_t flags)
{
  out_object (NULL);
  out_number ("kind", TESS_BACKUP_MESSAGE);
  out_number ("contact", 1);
  out_number ("flags", flags);
  out_number ("message_kind", message->kind);
  out_number ("state", message->state);
  out_number ("action", message->action);
  out_hex ("id", message->message_id, 16);
  out_hex ("reply_to", message->reply_to, 16);
  out_hex ("target", message->target, 16);
  out_number ("time", (uint64_t) message->time_ms);
  out_number ("stored", (uint64_t) message->stored_ms);
  out_number ("edited", (uint64_t) message->edited_ms);
  out_text ("failure", message->failure != NULL ? message->failure : "");
  out_text ("text", message->body);
  tess_backup_message_write (message, 1, answered, begin_record ());
  end_record (TESS_BACKUP_MESSAGE);
}

static void
make_reaction (void)
{
  TessReactionRow reaction = { .time_ms = NOW * (int64_t) 1000 + 3, .emoji = (char *) "👍" };

  out_object (NULL);
  out_number ("kind", TESS_BACKUP_REACTION);
  out_number ("flags", 1);
  out_number ("time", (uint64_t) reaction.time_ms);
  out_text ("emoji", reaction.emoji);
  tess_backup_reaction_write (&reaction, begin_record ());
  end_record (TESS_BACKUP_REACTION);
}

static void
make_records (void)
{
  make_profile ();
  make_contact ();
  make_conversation ();
  make_message (&(TessMessageRow) { .sender = 1, .message_id = { 1 }, .time_ms = 5, .stored_ms = 6, .edited_ms = 7,
                                    .is_read = true, .body = (char *) "Grüße" },
                true, 2 | 32);
  make_reaction ();
  make_message (&(TessMessageRow) { .message_id = { 2 }, .time_ms = 8, .stored_ms = 9, .state = TESS_MESSAGE_READ,
                                    .is_read = true, .has_reply_to = true, .reply_to = { 1 }, .body = (char *) "an answer" },
                false, 1 | 2 | 8);
  make_message (&(TessMessageRow) { .kind = TESS_MESSAGE_ACTION, .action = TESS_ACTION_EDIT, .message_id = { 3 }, .time_ms = 10,
                                    .stored_ms = 11, .state = TESS_MESSAGE_FAILED, .failure = (char *) "keys", .is_read = true,
                                    .has_target = true, .target = { 2 }, .body = (char *) "a better answer" },
                false, 1 | 2 | 16);
}

/* What a later version may add, large enough for @size bytes in several chunks. */
static void
make_unknown (size_t size)
{
  out_object (NULL);
  out_number ("kind", 200);
  out_number ("size_of_ab", size);
  memset (body, 0xab, size);
  g_assert_true (tess_backup_writer_record (writer, put, file, 200, body, size, NULL));
  out_end ();
}

static GBytes *
make_backup (const char *text, const TessKeyfileCost *cost, bool large)
{
  file = g_byte_array_new ();
  writer = tess_backup_writer_new (text, strlen (text), cost, NULL);
  out_object (NULL);
  out_text ("passphrase", text);
  out_number ("passes", cost->passes);
  out_number ("memory_kib", cost->memory_kib);
  drawn_out ("salt", 16);
  drawn_out ("stream_header", 24);
  drawn_end ();
  out_array ("records");
  if (large)
    for (unsigned i = 0; i < 2; i++)
      make_unknown (i == 0 ? TESS_BACKUP_CHUNK_SIZE - 5 : 100000);
  else
    make_records ();
  out_end ();
  g_assert_true (tess_backup_writer_finish (writer, put, file, NULL));
  tess_backup_writer_free (writer);
  out_hash ("file_hash", file->data, file->len);
  if (!large)
    out_hex ("file", file->data, file->len);
  out_end ();
  return g_byte_array_free_to_bytes (file);
}

typedef struct {
  const uint8_t *bytes;
  size_t left;
} Input;

static bool
get (void *data, uint8_t *bytes, size_t size, size_t *size_out, GError **error)
{
  Input *input = data;

  *size_out = MIN (size, input->left);
  memcpy (bytes, input->bytes, *size_out);
  input->bytes += *size_out;
  input->left -= *size_out;
  return true;
}

static bool
read_all (const uint8_t *data, size_t size, const char *text, GError **error)
{
  g_autoptr (TessBackupReader) reader = NULL;
  Input input = { .bytes = data + TESS_BACKUP_HEADER_SIZE, .left = size - TESS_BACKUP_HEADER_SIZE };
  const uint8_t *part;
  size_t length;
  uint8_t kind;
  GError *local = NULL;

  reader = tess_backup_reader_new (data, text, strlen (text), error);
  if (reader == NULL)
    return false;
  while (tess_backup_reader_next (reader, get, &input, &kind, &part, &length, &local))
    ;
  if (local == NULL)
    return true;
  g_propagate_error (error, local);
  return false;
}

/* The first backup with a field changed, or cut to @length (0: whole), opened under @text. */
static void
check_backup (const char *what, GBytes *base, const char *text, size_t at, const void *field, size_t size, size_t length)
{
  g_autoptr (GBytes) changed = NULL;
  g_autoptr (GError) error = NULL;
  Patch patch;
  gsize whole;
  const uint8_t *data;
  bool good;

  out_object (NULL);
  out_text ("what", what);
  out_number ("backup", 0);
  out_text ("passphrase", text);
  patch = patch_begin (g_bytes_get_data (base, NULL), g_bytes_get_size (base));
  if (size > 0)
    patch_at (&patch, at, field, size);
  changed = patch_end (&patch, length);
  data = g_bytes_get_data (changed, &whole);
  good = read_all (data, whole, text, &error);
  out_text ("verdict", verdict_of (good, &error));
  out_end ();
}

void
vectors_backups (void)
{
  static const TessKeyfileCost least = { 1, 8 }, more = { 2, 16 };
  g_autoptr (GBytes) base = NULL, large = NULL;
  size_t size;

  out_array ("backups");
  base = make_backup (passphrase, &least, false);
  large = make_backup (code, &more, true);
  out_end ();
  size = g_bytes_get_size (base);
  out_array ("changed_backups");
  check_backup ("as it is", base, passphrase, 0, NULL, 0, 0);
  check_backup ("another passphrase", base, "correct hors", 0, NULL, 0, 0);
  check_backup ("another magic", base, passphrase, 0, "t", 1, 0);
  check_backup ("another version", base, passphrase, 8, "\2", 1, 0);
  check_backup ("17 passes", base, passphrase, 9, "\0\0\0\21", 4, 0);
  check_backup ("7 KiB", base, passphrase, 13, "\0\0\0\7", 4, 0);
  check_backup ("another salt", base, passphrase, 17, "\0\0\0\0", 4, 0);
  check_backup ("another commitment", base, passphrase, 33, "\0\0\0\0", 4, 0);
  check_backup ("another stream header", base, passphrase, 65, "\0\0\0\0", 4, 0);
  check_backup ("another chunk", base, passphrase, 100, "\0\0\0\0", 4, 0);
  check_backup ("a byte less", base, passphrase, 0, NULL, 0, size - 1);
  check_backup ("a byte more", base, passphrase, size, "\0", 1, 0);
  check_backup ("no chunk", base, passphrase, 0, NULL, 0, TESS_BACKUP_HEADER_SIZE);
  out_end ();
}
