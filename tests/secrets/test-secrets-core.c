/* No secret outlives its use where they are stored: people who talk through their databases, and the database's own key.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "watch.h"

#include "base/tess-secret.h"
#include "core-fixture.h"
#include "core/tess-backup-read.h"
#include "core/tess-backup-write.h"
#include "party.h"
#include "store/tess-queries-keys.h"
#include "store/tess-store.h"

#include <string.h>

/* What may remain, and why. */
static const WatchAllowed allowed[] = {
  /* A message is read, written and shown through json-glib and plain strings, and stands in the database's cache and on the
   * screen while the app runs: its text is no key. */
  { "", "message text" },
  { NULL, NULL },
};

static void
say (Party *from, Party *to)
{
  char text[65];

  watch_text (text);
  party_say (from, party_chat (from, to), text);
  sodium_memzero (text, sizeof text);
}

static void
flow_people (void *data)
{
  Party *alice = party_new ("Alice"), *bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;

  party_add (alice, bob);
  party_add (bob, alice);
  party_fetch (alice, bob);
  party_fetch (bob, alice);
  say (alice, bob);
  party_settle (alice, bob);
  say (bob, alice);
  party_settle (alice, bob);
  for (unsigned i = 0; i < 4; i++)
    say (alice, bob);
  mail = party_collect (alice);
  g_assert_cmpuint (mail->len, >=, 4);
  for (guint i = mail->len; i > 0; i--)
    party_receive (bob, g_ptr_array_index (mail, i - 1), TESS_MAIL_CONTACT);
  party_settle (alice, bob);
  party_free (alice);
  party_free (bob);
}

static const TessKeyfileCost cheap = { .passes = 1, .memory_kib = 8 };

static void
back_up (Party *who, GFile *file)
{
  TessBackupWriting *writing = g_new0 (TessBackupWriting, 1);
  GError *error = NULL;

  writing->us = tess_identity_ref (who->us);
  writing->file = g_object_ref (file);
  writing->progress = tess_progress_new ();
  writing->writer = tess_backup_writer_new ("x", 1, &cheap, NULL);
  g_assert_true (tess_db_begin_read (who->db, NULL));
  tess_backup_write (who->db, writing, &error);
  g_assert_no_error (error);
  tess_db_rollback (who->db);
  tess_backup_writing_free (writing);
}

static void
restore (Party *who, GFile *file)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  TessBackupReading *reading = g_new0 (TessBackupReading, 1);
  uint8_t header[TESS_BACKUP_HEADER_SIZE];
  TessDevicePublic device;
  size_t size;

  intent->object = reading;
  intent->object_free = tess_backup_reading_free;
  reading->progress = tess_progress_new ();
  reading->input = tess_backup_input_new (file, reading->progress, 0, 1, NULL);
  g_assert_true (tess_backup_input_get (reading->input, header, sizeof header, &size, NULL));
  watch_public (header, sizeof header);
  reading->reader = tess_backup_reader_new (header, "x", 1, NULL);
  reading->secrets = tess_secret_alloc (sizeof *reading->secrets);
  g_assert_true (tess_device_generate (&reading->secrets->device, &device, NULL));
  party_run (who, tess_backup_job_restore, intent);
}

/* Written, and restored into another database, whose keys are put where keys are then. */
static void
flow_backup (void *data)
{
  g_autofree char *folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "backup", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  Party *alice = party_new ("Alice"), *bob = party_new ("Bob"), *moved = party_new ("nobody yet");

  party_befriend (alice, bob);
  say (alice, bob);
  party_settle (alice, bob);
  party_execute (bob, "INSERT INTO settings (name, value) VALUES ('account.registered', 1)");
  back_up (bob, file);
  party_free (alice);
  party_free (bob);
  restore (moved, file);
  party_execute (moved, "DELETE FROM settings WHERE name = 'account.restored-keys'");
  party_free (moved);
  test_folder_remove (g_steal_pointer (&folder));
}

static gpointer
write_code (TessDb *db, gpointer data, GError **error)
{
  const uint8_t *secret = data;

  g_assert_true (tess_db_code_insert (db, secret, 0, 1, error));
  return NULL;
}

/* The database by itself, on its own thread. */
static void
flow_database (void *data)
{
  g_autofree char *folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "db", NULL);
  TessDatabaseKey *key = tess_secret_alloc (sizeof *key);
  uint8_t *secret = tess_secret_alloc (16);
  g_autoptr (TessStore) store = NULL;
  DexFuture *opened;

  randombytes_buf (key, sizeof *key);
  watch_secret ("database key", key, sizeof *key);
  randombytes_buf (secret, 16);
  watch_secret ("shown code", secret, 16);
  opened = test_settle (tess_store_open (path, key));
  store = tess_store_take_result (opened, NULL);
  dex_unref (opened);
  g_assert_nonnull (store);
  test_done (tess_store_run (store, write_code, secret, NULL, NULL));
  tess_secret_free (secret);
  tess_secret_free (key);
  test_done (tess_store_close (store));
  test_folder_remove (g_steal_pointer (&folder));
}

static void
test_people (void)
{
  watch_expect_clean (flow_people, NULL, allowed, 500);
}

static void
test_backup (void)
{
  watch_expect_clean (flow_backup, NULL, allowed, 100);
}

static void
test_database (void)
{
  watch_expect_clean (flow_database, NULL, allowed, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (sodium_init () < 0)
    return 1;
  g_test_add_func ("/secrets/core/people", test_people);
  g_test_add_func ("/secrets/core/backup", test_backup);
  g_test_add_func ("/secrets/core/database", test_database);
  return g_test_run ();
}
