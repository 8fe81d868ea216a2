/* A backup of a person's database, and another database filled from it: all that has to be there, nothing that must not, and
 * nothing at all when something is wrong. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-process.h"
#include "core-fixture.h"
#include "core/tess-backup-read.h"
#include "core/tess-backup-records.h"
#include "core/tess-backup-write.h"
#include "core/tess-outbox-jobs.h"
#include "core/tess-people.h"
#include "party.h"
#include "store/tess-queries-keys.h"

#include <glib/gstdio.h>
#include <string.h>

#define PASSPHRASE "a passphrase"

static const TessKeyfileCost cheap = { .passes = 1, .memory_kib = 8 };

/* The n-th write of a file from now on fails as on a full disk; 0: none. */
static unsigned fail_at;
static unsigned writes;
/* The n-th write stores something else and says that all is well. */
static unsigned lie_at;

gboolean __wrap_g_output_stream_write_all (GOutputStream *stream, const void *buffer, gsize count, gsize *written,
                                           GCancellable *cancellable, GError **error);
gboolean __real_g_output_stream_write_all (GOutputStream *stream, const void *buffer, gsize count, gsize *written,
                                           GCancellable *cancellable, GError **error);

gboolean
__wrap_g_output_stream_write_all (GOutputStream *stream, const void *buffer, gsize count, gsize *written,
                                  GCancellable *cancellable, GError **error)
{
  if (++writes == lie_at)
    {
      g_autofree uint8_t *other = g_memdup2 (buffer, count);

      other[count - 1] ^= 1;
      return __real_g_output_stream_write_all (stream, other, count, written, cancellable, error);
    }
  if (writes != fail_at)
    return __real_g_output_stream_write_all (stream, buffer, count, written, cancellable, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "the test's disk is full");
  return FALSE;
}

typedef struct {
  Party *alice, *bob;
  int64_t at_alice, at_bob; /* the chats */
  char *dir;
  GFile *file;
  TessProgress *progress;
} Fixture;

static void
act (Party *who, PartyJob job, int64_t chat, int64_t row, const char *text, unsigned count)
{
  g_autoptr (TessIntent) intent = tess_intent_new (chat);

  intent->message = row;
  intent->text = g_strdup (text);
  intent->count = count;
  party_run (who, job, intent);
}

static int64_t
row_of (Party *who, const char *body)
{
  g_autofree char *sql = g_strdup_printf ("SELECT id FROM messages WHERE body = '%s'", body);

  return party_count (who, sql);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;

  self->alice = party_new ("Alice");
  self->bob = party_new ("Bob");
  party_befriend (self->alice, self->bob);
  self->at_alice = party_chat (self->alice, self->bob);
  self->at_bob = party_chat (self->bob, self->alice);
  self->dir = test_folder_new ();
  path = g_build_filename (self->dir, "backup", NULL);
  self->file = g_file_new_for_path (path);
  self->progress = tess_progress_new ();
  party_execute (self->bob, "INSERT INTO settings (name, value) VALUES ('account.registered', 1)");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  fail_at = lie_at = 0;
  tess_clock_set_offset (0);
  party_free (self->alice);
  party_free (self->bob);
  g_object_unref (self->file);
  g_object_unref (self->progress);
  test_folder_remove (self->dir);
}

/* Of everything a bit. */
static void
talk (Fixture *self)
{
  int64_t row;

  party_say (self->alice, self->at_alice, "from Alice");
  party_say (self->bob, self->at_bob, "from Bob");
  party_settle (self->alice, self->bob);
  act (self->bob, tess_intent_mark_read, self->at_bob, row_of (self->bob, "from Alice"), NULL, 0);
  act (self->bob, tess_intent_react, self->at_bob, row_of (self->bob, "from Alice"), "👍", 0);
  act (self->alice, tess_intent_react, self->at_alice, row_of (self->alice, "from Bob"), "🎉", 0);
  row = party_say (self->alice, self->at_alice, "frist");
  act (self->alice, tess_intent_edit, self->at_alice, row, "first", 0);
  row = party_say (self->alice, self->at_alice, "oops");
  party_settle (self->alice, self->bob);
  act (self->alice, tess_intent_delete, self->at_alice, row, NULL, 1);
  party_settle (self->alice, self->bob);
  party_say (self->bob, self->at_bob, "relayed");
  party_deliver (self->bob, self->alice);
  party_say (self->bob, self->at_bob, "waiting");
  act (self->bob, tess_intent_edit, self->at_bob, row_of (self->bob, "from Bob"), "from Bob, edited", 0);
  party_execute (self->bob, "UPDATE contacts SET nickname = 'Ally', trust = 1");
  party_execute (self->bob, "UPDATE conversations SET pinned = 1, muted = 1, timer = 60, draft = 'a draft', "
                            "draft_reply = (SELECT id FROM messages WHERE body = 'from Alice')");
}

static bool
back_up (Fixture *self, GError **error)
{
  TessBackupWriting *writing = g_new0 (TessBackupWriting, 1);
  GError *local = NULL;

  writing->us = tess_identity_ref (self->bob->us);
  writing->file = g_object_ref (self->file);
  writing->progress = g_object_ref (self->progress);
  writing->writer = tess_backup_writer_new (PASSPHRASE, strlen (PASSPHRASE), &cheap, NULL);
  writing->now = tess_clock_now ();
  g_assert_true (tess_db_begin_read (self->bob->db, NULL));
  tess_backup_write (self->bob->db, writing, &local);
  tess_db_rollback (self->bob->db);
  tess_backup_writing_free (writing);
  if (local == NULL)
    return true;
  g_propagate_error (error, local);
  return false;
}

static void
back_up_well (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  GStatBuf found;

  back_up (self, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (g_file_peek_path (self->file), &found), ==, 0);
  g_assert_cmpint (found.st_mode & 0777, ==, 0600);
}

/* What is in the folder besides the backup. */
static unsigned
others (Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->dir, 0, NULL);
  const char *name;
  unsigned count = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    count += strcmp (name, "backup") != 0;
  return count;
}

static TessIntent *
reading_of (Fixture *self)
{
  TessIntent *intent = tess_intent_new (0);
  TessBackupReading *reading = g_new0 (TessBackupReading, 1);
  TessDevicePublic device;
  uint8_t header[TESS_BACKUP_HEADER_SIZE];
  size_t size;

  intent->object = reading;
  intent->object_free = tess_backup_reading_free;
  reading->input = tess_backup_input_new (self->file, self->progress, 0, 1, NULL);
  g_assert_true (tess_backup_input_get (reading->input, header, sizeof header, &size, NULL));
  reading->reader = tess_backup_reader_new (header, PASSPHRASE, strlen (PASSPHRASE), NULL);
  g_assert_nonnull (reading->reader);
  reading->progress = g_object_ref (self->progress);
  reading->secrets = tess_secret_alloc (sizeof *reading->secrets);
  g_assert_true (tess_device_generate (&reading->secrets->device, &device, NULL));
  return intent;
}

static void
become (Party *who, const TessBackupReading *reading)
{
  tess_identity_unref (who->us);
  who->us = tess_identity_new (reading->secrets, &reading->device, NULL);
  g_assert_nonnull (who->us);
}

/* A fresh profile that became Bob's. */
static Party *
restore (Fixture *self)
{
  Party *party = party_new ("nobody yet");
  g_autoptr (TessIntent) intent = reading_of (self);

  party_run (party, tess_backup_job_restore, intent);
  become (party, intent->object);
  return party;
}

static void
same (Party *one, Party *other, const char *sql)
{
  g_autofree char *expected = party_text (one, sql), *got = party_text (other, sql);

  g_assert_cmpstr (got, ==, expected);
}

static void
test_round_trip (Fixture *self, gconstpointer data)
{
  g_autoptr (Party) restored = NULL;

  talk (self);
  party_execute (self->bob, "UPDATE messages SET is_read = 0 WHERE body = 'first'");
  party_execute (self->bob, "UPDATE conversations SET unread = (SELECT count (*) FROM messages WHERE is_read = 0)");
  back_up_well (self);
  restored = restore (self);
  same (self->bob, restored, "SELECT group_concat (hex (account) || name || nickname || relay || hex (contact_capability) || "
                             "hex (request_capability) || trust || accepted || blocked || hex (device_list) || "
                             "device_list_version || added) FROM contacts");
  same (self->bob, restored, "SELECT group_concat (hex (device) || number || seen || prekey_created) "
                             "FROM contact_devices");
  same (self->bob, restored, "SELECT group_concat (last_activity_ms || unread || draft || pinned || muted || archived || "
                             "marked_unread || hidden || timer) FROM conversations");
  same (self->bob, restored, "SELECT body FROM messages WHERE id = (SELECT last_message FROM conversations)");
  same (self->bob, restored, "SELECT body FROM messages WHERE id = (SELECT draft_reply FROM conversations)");
  same (self->bob, restored, "SELECT group_concat (hex (message_id) || (sender = 0) || time_ms || stored_ms || kind || "
                             "is_read || body || "
                             "ifnull (hex (reply_to), '-') || action || ifnull (hex (target), '-') || edited_ms || "
                             "deleted || CASE WHEN sender = 0 AND state = 1 THEN 5 ELSE state END, ' ') "
                             "FROM (SELECT * FROM messages ORDER BY id)");
  same (self->bob, restored, "SELECT group_concat ((sender = 0) || emoji || time_ms) "
                             "FROM (SELECT * FROM reactions ORDER BY emoji)");
  g_assert_cmpint (party_count (restored, "SELECT count (*) FROM reactions"), ==, 2);
  g_assert_cmpint (party_count (restored, "SELECT count (*) FROM messages WHERE deleted"), ==, 1);
  /* An edit and a text that no relay had. */
  g_assert_cmpint (party_count (restored, "SELECT count (*) FROM messages WHERE state = 5 AND failure = 'restored'"), ==, 2);
  g_assert_cmpint (party_count (restored, "SELECT state FROM messages WHERE body = 'relayed'"), ==, 2);
  for (size_t i = 0; i < 5; i++)
    {
      static const char *const names[] = { "account.name", "account.relay", "account.contact", "account.request",
                                           "told.receipts" };
      g_autofree char *sql = g_strdup_printf ("SELECT hex (value) FROM settings WHERE name = '%s'", names[i]);

      if (i < 4)
        same (self->bob, restored, sql);
    }
  g_assert_cmpmem (restored->us->us.account.bytes, 32, self->bob->us->us.account.bytes, 32);
  g_assert_false (memcmp (restored->us->us.device.bytes, self->bob->us->us.device.bytes, 32) == 0);
  g_assert_cmpuint (restored->us->listed.version, ==, 2);
  g_assert_cmpuint (restored->us->listed.number, ==, 2);
  g_assert_cmpint (party_count (restored, "SELECT count (*) FROM settings WHERE name = 'account.registered'"), ==, 0);
  g_assert_cmpint (party_count (restored, "SELECT value FROM settings WHERE name = 'account.restored'"), ==, 1);
}

/* Every record of the file, one behind the other. */
static GByteArray *
plaintext (Fixture *self)
{
  g_autoptr (TessIntent) intent = reading_of (self);
  TessBackupReading *reading = intent->object;
  GByteArray *all = g_byte_array_new ();
  const uint8_t *body;
  size_t size;
  uint8_t kind;
  g_autoptr (GError) error = NULL;

  while (tess_backup_reader_next (reading->reader, tess_backup_input_get, reading->input, &kind, &body, &size, &error))
    g_byte_array_append (all, body, (guint) size);
  g_assert_no_error (error);
  return all;
}

static bool
holds (GByteArray *all, const void *data, size_t size)
{
  return memmem (all->data, all->len, data, size) != NULL;
}

/* No eight bytes in a row of what the query finds are there. */
static void
holds_nothing_of (Fixture *self, GByteArray *all, const char *sql)
{
  g_autoptr (TessQuery) query = tess_db_query (self->bob->db, sql);
  unsigned found = 0;

  while (tess_query_next (query))
    {
      size_t size;
      const uint8_t *data = tess_query_blob (query, &size);

      found++;
      for (size_t at = 0; at + 16 <= size; at++)
        if (!sodium_is_zero (data + at, 16) && holds (all, data + at, 16))
          g_error ("%s: %zu", sql, at);
    }
  g_assert_true (tess_query_done (query, NULL));
  g_assert_cmpuint (found, >, 0);
}

static void
test_no_secrets (Fixture *self, gconstpointer data)
{
  g_autoptr (GByteArray) all = NULL;
  uint8_t code[16] = "a code that was";

  talk (self);
  g_assert_true (tess_db_code_insert (self->bob->db, code, 0, tess_clock_now () + 100, NULL));
  back_up_well (self);
  all = plaintext (self);
  g_assert_true (holds (all, self->bob->us->secrets->account.bytes, 32)); /* it finds what is there */
  g_assert_true (holds (all, "from Alice", 10));
  g_assert_false (holds (all, self->bob->us->secrets->device.bytes, 32));
  g_assert_false (holds (all, self->bob->us->us.device.bytes, 32));
  holds_nothing_of (self, all, "SELECT spk_private FROM own_prekeys");
  holds_nothing_of (self, all, "SELECT last_resort_seed FROM own_prekeys");
  holds_nothing_of (self, all, "SELECT envelope_seed FROM own_prekeys");
  holds_nothing_of (self, all, "SELECT opk_private FROM own_one_time");
  holds_nothing_of (self, all, "SELECT kem_seed FROM own_one_time");
  holds_nothing_of (self, all, "SELECT ek FROM sessions");
  holds_nothing_of (self, all, "SELECT envelope FROM outbox");
  holds_nothing_of (self, all, "SELECT hash FROM seen_envelopes");
  holds_nothing_of (self, all, "SELECT secret FROM shown_codes");
  /* A state begins with what is no secret (parties, counters): its keys are what must not be there. */
  holds_nothing_of (self, all, "SELECT substr (state, 130) FROM sessions");
}

/* What disappears was promised to: neither it nor what was done to it. */
static void
test_timers (Fixture *self, gconstpointer data)
{
  g_autoptr (GByteArray) all = NULL;
  g_autoptr (Party) restored = NULL;
  int64_t row;

  act (self->bob, tess_intent_set_timer, self->at_bob, 0, NULL, 3600);
  party_settle (self->alice, self->bob);
  row = party_say (self->bob, self->at_bob, "disappears");
  party_settle (self->alice, self->bob);
  act (self->bob, tess_intent_edit, self->at_bob, row, "disappears too", 0);
  act (self->bob, tess_intent_set_timer, self->at_bob, 0, NULL, 0);
  party_say (self->bob, self->at_bob, "stays");
  g_assert_cmpint (party_count (self->bob, "SELECT count (*) FROM messages WHERE body = 'disappears too'"), ==, 2);
  back_up_well (self);
  all = plaintext (self);
  g_assert_false (holds (all, "disappears", 10));
  g_assert_true (holds (all, "stays", 5));
  restored = restore (self);
  g_assert_cmpint (party_count (restored, "SELECT count (*) FROM messages WHERE body = 'stays'"), ==, 1);
}

/* What was on its way to a file is not there, and the file of before is. */
static void
test_not_written (Fixture *self, gconstpointer data)
{
  g_autofree char *content = NULL;
  unsigned failed = 0;
  bool done = false;

  talk (self);
  party_execute (self->bob, "UPDATE conversations SET timer = 0");
  for (unsigned i = 0; i < 6; i++)
    {
      g_autofree char *text = g_strnfill (30000, (char) ('a' + i));

      party_say (self->bob, self->at_bob, text);
    }
  g_assert_true (g_file_set_contents (g_file_peek_path (self->file), "before", -1, NULL));
  while (!done)
    {
      g_autoptr (GError) error = NULL;

      writes = 0;
      fail_at = ++failed;
      done = back_up (self, &error);
      g_assert_cmpuint (others (self), ==, 0);
      if (done)
        break;
      g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NO_SPACE);
      g_clear_pointer (&content, g_free);
      g_file_get_contents (g_file_peek_path (self->file), &content, NULL, NULL);
      g_assert_cmpstr (content, ==, "before");
    }
  g_assert_cmpuint (failed, >, 4); /* a header and chunks */
}

/* A disk that stores something else is found out before what was there goes. */
static void
test_read_back (Fixture *self, gconstpointer data)
{
  talk (self);
  g_assert_true (g_file_set_contents (g_file_peek_path (self->file), "before", -1, NULL));
  for (lie_at = 1; lie_at <= 2; lie_at++)
    {
      g_autofree char *content = NULL;
      g_autoptr (GError) error = NULL;

      writes = 0;
      g_assert_false (back_up (self, &error));
      g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
      g_assert_true (g_file_get_contents (g_file_peek_path (self->file), &content, NULL, NULL));
      g_assert_cmpstr (content, ==, "before");
      g_assert_cmpuint (others (self), ==, 0);
    }
}

static void
test_cancelled (Fixture *self, gconstpointer data)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Party) fresh = party_new ("nobody yet");
  g_autoptr (TessIntent) intent = NULL;
  g_autofree char *before = NULL, *after = NULL;

  talk (self);
  back_up_well (self);
  intent = reading_of (self);
  tess_progress_cancel (self->progress);
  before = party_state (fresh);
  g_assert_false (party_try (fresh, tess_backup_job_restore, intent, &error));
  g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_CANCELLED);
  after = party_state (fresh);
  g_assert_cmpstr (after, ==, before);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (g_file_peek_path (self->file), "before", -1, NULL));
  g_assert_false (back_up (self, &error));
  g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_CANCELLED);
  g_assert_true (g_file_get_contents (g_file_peek_path (self->file), &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "before");
  g_assert_cmpuint (others (self), ==, 0);
}

/* Whichever write of the database fails: it is as before, and then it can be done. */
static void
test_full_database (Fixture *self, gconstpointer data)
{
  g_autoptr (Party) fresh = party_new ("nobody yet");
  g_autofree char *before = party_state (fresh);
  unsigned failed = 0;
  bool done = false;

  talk (self);
  back_up_well (self);
  while (!done)
    {
      g_autoptr (TessIntent) intent = reading_of (self);
      g_autoptr (GError) error = NULL;
      g_autofree char *after = NULL;

      tess_db_fail_write (fresh->db, ++failed);
      done = party_try (fresh, tess_backup_job_restore, intent, &error);
      tess_db_fail_write (fresh->db, 0);
      if (done)
        break;
      g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FULL);
      after = party_state (fresh);
      g_assert_cmpstr (after, ==, before);
    }
  g_assert_cmpuint (failed, >, 30);
}

/* An account that is there is not replaced. */
static void
test_not_fresh (Fixture *self, gconstpointer data)
{
  g_autoptr (Party) restored = NULL;

  talk (self);
  back_up_well (self);
  restored = restore (self);
  for (size_t i = 0; i < 2; i++)
    {
      g_autoptr (TessIntent) intent = reading_of (self);
      g_autoptr (GError) error = NULL;

      g_assert_false (party_try (i == 0 ? restored : self->bob, tess_backup_job_restore, intent, &error));
      g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_REGISTERED);
    }
}

/* Records as one who knows the passphrase could write them. */

static bool
put (void *data, const uint8_t *bytes, size_t size, GError **error)
{
  g_byte_array_append (data, bytes, (guint) size);
  return true;
}

typedef struct {
  TessBackupWriter *writer;
  GByteArray *file;
  uint8_t body[4096];
  TessWriter record;
} Forge;

static Forge
forge_begin (void)
{
  TessBackupWriter *writer = tess_backup_writer_new (PASSPHRASE, strlen (PASSPHRASE), &cheap, NULL);

  return (Forge) { .writer = writer, .file = g_byte_array_new () };
}

static TessWriter *
body (Forge *self)
{
  tess_writer_init (&self->record, self->body, sizeof self->body);
  return &self->record;
}

static void
add (Forge *self, uint8_t kind)
{
  g_assert_true (tess_writer_ok (&self->record));
  g_assert_true (tess_backup_writer_record (self->writer, put, self->file, kind, self->body, self->record.size, NULL));
}

static void
add_profile (Forge *self)
{
  TessBackupProfile profile = { .list_version = 1, .device_number = 1, .name = (char *) "Bob",
                                .relay = (char *) "https://relay.example.org" };

  tess_backup_profile_write (&profile, body (self));
  add (self, TESS_BACKUP_PROFILE);
}

static void
add_contact (Forge *self, uint8_t first, GBytes *list)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  TessContactRow contact = { .account = { first }, .accepted = true, .name = (char *) "x", .device_list = list,
                             .relay = (char *) "https://relay.example.org" };

  tess_backup_contact_write (&contact, none, body (self));
  add (self, TESS_BACKUP_CONTACT);
}

static void
add_chat (Forge *self, uint32_t contact)
{
  TessConversationRow chat = { 0 };

  tess_backup_conversation_write (&chat, contact, body (self));
  add (self, TESS_BACKUP_CONVERSATION);
}

static void
add_message (Forge *self, uint32_t contact, uint8_t id)
{
  TessMessageRow message = { .message_id = { id }, .body = (char *) "text", .state = TESS_MESSAGE_READ };

  tess_backup_message_write (&message, contact, false, body (self));
  add (self, TESS_BACKUP_MESSAGE);
}

static void
add_reaction (Forge *self)
{
  TessReactionRow reaction = { .emoji = (char *) "👍" };

  tess_backup_reaction_write (&reaction, body (self));
  add (self, TESS_BACKUP_REACTION);
}

/* Nothing happens, and it is called damaged; or, if @good, it is taken. */
static void
forge_end (Fixture *fixture, Forge *self, bool good)
{
  g_autoptr (Party) fresh = party_new ("nobody yet");
  g_autoptr (TessIntent) intent = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = party_state (fresh), *after = NULL;

  g_assert_true (tess_backup_writer_finish (self->writer, put, self->file, NULL));
  g_assert_true (g_file_set_contents (g_file_peek_path (fixture->file), (const char *) self->file->data, self->file->len, NULL));
  tess_backup_writer_free (self->writer);
  g_byte_array_unref (self->file);
  intent = reading_of (fixture);
  g_assert_cmpint (party_try (fresh, tess_backup_job_restore, intent, &error), ==, good);
  if (good)
    g_assert_no_error (error);
  else
    g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_BACKUP_DAMAGED);
  after = party_state (fresh);
  g_assert_cmpint (strcmp (after, before) == 0, ==, !good);
}

typedef enum { GOOD, EMPTY, NO_PROFILE, TWO_PROFILES, TWO_CONTACTS, NO_CONTACT, PLACE_0, TWO_CHATS, NO_CHAT, TWO_IDS,
               EARLY_REACTION, TWO_REACTIONS, BAD_LIST, OTHERS_LIST, LONGER, SHORTER, N_FAULTS } Fault;

static void
forge (Fixture *self, Fault fault)
{
  Forge forge = forge_begin ();
  g_autoptr (GBytes) bad = g_bytes_new_static ("no list", 7);
  GBytes *list = fault == BAD_LIST ? bad : fault == OTHERS_LIST ? self->alice->us->device_list : NULL;

  if (fault != NO_PROFILE && fault != EMPTY)
    add_profile (&forge);
  if (fault == TWO_PROFILES)
    add_profile (&forge);
  if (fault != EMPTY)
    add_contact (&forge, 1, list);
  if (fault == TWO_CONTACTS)
    add_contact (&forge, 1, NULL);
  if (fault != EMPTY && fault != NO_CHAT)
    add_chat (&forge, fault == NO_CONTACT ? 2 : fault == PLACE_0 ? 0 : 1);
  if (fault == TWO_CHATS)
    add_chat (&forge, 1);
  if (fault == EARLY_REACTION)
    add_reaction (&forge);
  if (fault != EMPTY)
    add_message (&forge, 1, 1);
  if (fault == TWO_IDS)
    add_message (&forge, 1, 1);
  if (fault == LONGER || fault == SHORTER)
    {
      forge.record.size += fault == LONGER ? 1 : -1;
      add (&forge, TESS_BACKUP_MESSAGE);
    }
  if (fault == TWO_REACTIONS)
    add_reaction (&forge);
  if (fault != EMPTY)
    add_reaction (&forge);
  body (&forge);
  add (&forge, 77); /* of a newer version */
  forge_end (self, &forge, fault == GOOD);
}

static void
test_hostile (Fixture *self, gconstpointer data)
{
  for (Fault fault = GOOD; fault < N_FAULTS; fault++)
    {
      g_test_message ("fault %d", fault);
      forge (self, fault);
    }
}

/* Every body that is changed in a byte, or cut, is refused or is another body: what it says then is what is written again. */
static void
test_records (Fixture *self, gconstpointer data)
{
  Forge forge = forge_begin ();
  g_autofree uint8_t *good = NULL;
  size_t size;

  tess_backup_writer_free (forge.writer);
  g_byte_array_unref (forge.file);
  tess_backup_message_write (&(TessMessageRow) { .body = (char *) "text", .failure = (char *) "why", .sender = 3 }, 9, true,
                             body (&forge));
  size = forge.record.size;
  good = g_memdup2 (forge.body, size);
  for (size_t at = 0; at < size; at++)
    for (unsigned value = 0; value < 256; value++)
      {
        g_autoptr (TessMessageRow) row = NULL;
        uint32_t contact;
        bool answered;
        uint8_t old = good[at];

        good[at] = (uint8_t) value;
        row = tess_backup_message_read (good, size, &contact, &answered);
        if (row != NULL)
          {
            tess_backup_message_write (row, contact, answered, body (&forge));
            /* An id that is not there has bytes that count for nothing. */
            if (at < 24 || at >= 56)
              g_assert_cmpmem (forge.body, forge.record.size, good, size);
          }
        good[at] = old;
      }
  for (size_t cut = 0; cut < size; cut++)
    {
      uint32_t contact;
      bool answered;

      g_assert_null (tess_backup_message_read (good, cut, &contact, &answered));
    }
}

static TessDepositTask *
first_entry (Party *who, Party *whom, TessIntent **intent_out)
{
  TessDepositTask *task = tess_deposit_task_new (whom->us->us.device.bytes);

  *intent_out = tess_intent_new (0);
  (*intent_out)->object = task;
  (*intent_out)->object_free = tess_deposit_task_free;
  party_run (who, tess_outbox_job_next, *intent_out);
  return task;
}

/* The new device and whoever knew the old one: they find each other, also when Alice writes to a mailbox that is gone. */
static void
test_goes_on (Fixture *self, gconstpointer data)
{
  g_autoptr (Party) restored = NULL;
  g_autoptr (TessIntent) intent = NULL;
  TessDepositTask *task;

  talk (self);
  party_settle (self->alice, self->bob);
  back_up_well (self);
  restored = restore (self);
  party_rotate (restored);
  party_say (self->alice, self->at_alice, "to the old mailbox");
  tess_clock_set_offset (TESS_KEYS_JUST_FETCHED + 1);
  task = first_entry (self->alice, self->bob, &intent);
  g_assert_cmpint (task->id, !=, 0);
  party_run (self->alice, tess_outbox_job_attempt, intent);
  task->status = TESS_DEPOSIT_NO_MAILBOX;
  party_run (self->alice, tess_outbox_job_answer, intent);
  g_assert_null (task->failure);
  g_assert_cmpint (party_count (self->alice, "SELECT state FROM messages WHERE body = 'to the old mailbox'"), ==, 1);
  g_assert_cmpuint (self->alice->changes->bundle_ids->len, ==, 1);
  party_fetch (self->alice, restored);
  g_assert_cmpint (party_count (self->alice, "SELECT trust FROM contacts"), ==, TESS_CONTACT_UNVERIFIED);
  g_assert_cmpint (party_count (self->alice, "SELECT number FROM contact_devices"), ==, 2);
  g_assert_cmpint (party_count (self->alice, "SELECT count (*) FROM messages WHERE body = 'changed'"), ==, 1);
  party_settle (self->alice, restored);
  g_assert_cmpint (party_count (restored, "SELECT count (*) FROM messages WHERE body = 'to the old mailbox'"), ==, 1);
  party_say (restored, party_chat (restored, self->alice), "from the new device");
  party_settle (self->alice, restored);
  g_assert_cmpint (party_count (self->alice, "SELECT count (*) FROM messages WHERE body = 'from the new device'"), ==, 1);
  /* What had failed goes when it is asked for, under its old id. */
  act (restored, tess_intent_retry, party_chat (restored, self->alice), row_of (restored, "waiting"), NULL, 0);
  party_settle (self->alice, restored);
  g_assert_cmpint (party_count (self->alice, "SELECT count (*) FROM messages WHERE body = 'waiting'"), ==, 1);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/core/backup/round-trip", test_round_trip);
  ADD ("/core/backup/no-secrets", test_no_secrets);
  ADD ("/core/backup/timers", test_timers);
  ADD ("/core/backup/not-written", test_not_written);
  ADD ("/core/backup/read-back", test_read_back);
  ADD ("/core/backup/cancelled", test_cancelled);
  ADD ("/core/backup/full-database", test_full_database);
  ADD ("/core/backup/not-fresh", test_not_fresh);
  ADD ("/core/backup/hostile", test_hostile);
  ADD ("/core/backup/records", test_records);
  ADD ("/core/backup/goes-on", test_goes_on);
  return g_test_run ();
}
