/* The engine's backup: written, and restored from. protocol.md 12. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-i18n.h"
#include "core/tess-backup-file.h"
#include "core/tess-backup-read.h"
#include "core/tess-backup-write.h"
#include "core/tess-engine-private.h"
#include "core/tess-profile-unlock.h"
#include "crypto/tess-recovery-file.h"
#include "store/tess-queries-keys.h"

#include <string.h>

TessRecoveryText *
tess_engine_make_backup_code (GError **error)
{
  return tess_recovery_text_make (error);
}

gint64
tess_engine_get_backup_time (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), 0);
  return self->core->backup_time;
}

gboolean
tess_engine_get_restored (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), FALSE);
  return self->core->restored;
}

/* What one call works with. */
typedef struct {
  TessEngine *engine;
  GFile *file;
  TessPassphrase *typed;
  TessProgress *progress;
} Call;

static void
call_free (gpointer data)
{
  Call *self = data;

  g_object_unref (self->engine);
  g_object_unref (self->file);
  tess_secret_free (self->typed);
  g_object_unref (self->progress);
  g_free (self);
}

static DexFuture *
call (TessEngine *engine, DexFiberFunc fiber, GFile *file, const char *typed, TessProgress *progress)
{
  Call *self = g_new0 (Call, 1);

  self->engine = g_object_ref (engine);
  self->file = g_object_ref (file);
  self->typed = tess_passphrase_new (typed);
  self->progress = progress != NULL ? g_object_ref (progress) : tess_progress_new ();
  return tess_core_call (fiber, self, call_free);
}

static bool
fail (GError **error, TessCoreError code, const char *sentence)
{
  g_set_error_literal (error, TESS_CORE_ERROR, code, sentence);
  return false;
}

/* One at a time; the engine's closing tells it to end, and waits for that. */
static bool
begin (TessCore *core, TessProgress *progress, GError **error)
{
  if (core->is_closing)
    return fail (error, TESS_CORE_ERROR_FAILED, _("The profile was closed."));
  if (core->is_registering)
    return fail (error, TESS_CORE_ERROR_FAILED, _("The account is being registered. Try again."));
  if (core->backup != NULL)
    return fail (error, TESS_CORE_ERROR_FAILED, _("A backup is under way already."));
  if (core->recovery != NULL && !core->registered) /* it is of the keys that a restore changes */
    return fail (error, TESS_CORE_ERROR_FAILED, _("The recovery file or the app lock is being changed already. Try again."));
  core->backup = dex_promise_new ();
  core->backup_progress = g_object_ref (progress);
  return true;
}

static void
end (TessCore *core)
{
  g_autoptr (DexPromise) promise = g_steal_pointer (&core->backup);

  g_clear_object (&core->backup_progress);
  dex_promise_resolve_boolean (promise, TRUE);
}

/* A thread's work before the database's: a passphrase is worked, and a file that is read is opened. */
typedef struct {
  TessPassphrase *typed;
  GFile *file;              /* to read; NULL: to write */
  TessProgress *progress;
  TessBackupWriter *writer;
  TessBackupInput *input;
  TessBackupReader *reader;
  GError *error;
} Opening;

static void
opening_clear (gpointer data)
{
  Opening *self = data;

  tess_secret_free (self->typed);
  g_clear_object (&self->file);
  g_clear_object (&self->progress);
  g_clear_pointer (&self->writer, tess_backup_writer_free);
  g_clear_pointer (&self->input, tess_backup_input_free);
  g_clear_pointer (&self->reader, tess_backup_reader_free);
  g_clear_error (&self->error);
}

static void
opening_release (gpointer data)
{
  g_atomic_rc_box_release_full (data, opening_clear);
}

/* What reads as a code is one: its digits, however they were typed. */
static TessPassphrase *
normalized (const TessPassphrase *typed)
{
  g_auto (TessRecoveryCode) code = { 0 };
  TessPassphrase *digits;

  if (!tess_recovery_code_parse (typed->bytes, typed->size, &code))
    return tess_passphrase_copy (typed);
  digits = tess_secret_alloc (sizeof *digits + sizeof code.bytes);
  digits->size = sizeof code.bytes;
  memcpy (digits->bytes, code.bytes, sizeof code.bytes);
  return digits;
}

static Opening *
opening_new (const Call *call, GFile *file)
{
  Opening *self = g_atomic_rc_box_new0 (Opening);

  self->typed = normalized (call->typed);
  self->file = file != NULL ? g_object_ref (file) : NULL;
  self->progress = g_object_ref (call->progress);
  return self;
}

static DexFuture *
run_make (gpointer data)
{
  Opening *self = data;

  self->writer = tess_backup_writer_new (self->typed->bytes, self->typed->size, &tess_keyfile_cost, &self->error);
  return dex_future_new_true ();
}

static bool
make_failed (const Opening *opening, GError **error)
{
  if (g_error_matches (opening->error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM))
    return tess_core_error_no_random (error);
  return fail (error, TESS_CORE_ERROR_FAILED, _("There is not enough memory to encrypt the backup."));
}

static bool
check_passphrase (const TessPassphrase *typed, GError **error)
{
  bool good = typed->size > 0 && typed->size <= TESS_KEYFILE_PASSPHRASE_MAX
              && g_utf8_validate (typed->bytes, (gssize) typed->size, NULL);

  return good || fail (error, TESS_CORE_ERROR_PASSPHRASE_WRONG, _("A passphrase has 1 to 1024 bytes."));
}

static bool
note_backup (TessJob *job, gpointer data, GError **error)
{
  return tess_db_setting_set_int (job->db, TESS_SETTING_BACKUP_TIME, ((TessIntent *) data)->expires, error);
}

/* The file is there. That the database does not say so is no reason to call it none. */
static void
note_made (TessCore *core, int64_t made)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autoptr (GError) error = NULL;

  intent->expires = made;
  if (!tess_core_run (core, note_backup, intent, &error))
    g_warning ("When the backup was made could not be kept: %s", error->message);
  core->backup_time = made;
  if (core->sink != NULL)
    core->sink->account (core->sink_data);
}

static bool
write_file (const Call *call, TessCore *core, GError **error)
{
  Opening *opening = opening_new (call, NULL);
  TessBackupWriting *writing;
  int64_t now = tess_clock_now ();
  GError *local = NULL;
  bool done;

  tess_profile_work (run_make, opening, opening_release);
  if (opening->writer == NULL || !tess_backup_goes_on (call->progress, error))
    {
      done = opening->writer == NULL ? make_failed (opening, error) : false;
      opening_release (opening);
      return done;
    }
  writing = g_new0 (TessBackupWriting, 1);
  writing->us = tess_identity_ref (core->identity);
  writing->file = g_object_ref (call->file);
  writing->progress = g_object_ref (call->progress);
  writing->writer = g_steal_pointer (&opening->writer);
  writing->now = now;
  opening_release (opening);
  done = tess_store_await_done (tess_store_snapshot (core->store, tess_backup_write, writing, tess_backup_writing_free, NULL),
                                &local);
  if (done)
    note_made (core, now);
  else
    g_propagate_error (error, tess_core_error_take (local));
  return done;
}

static DexFuture *
run_back_up (gpointer data)
{
  const Call *call = data;
  g_autoptr (TessCore) core = tess_core_ref (call->engine->core);
  GError *error = NULL;
  bool done;

  if (!core->registered)
    fail (&error, TESS_CORE_ERROR_NOT_REGISTERED, _("There is no account in this profile yet."));
  if (error != NULL || !check_passphrase (call->typed, &error) || !begin (core, call->progress, &error))
    return dex_future_new_for_error (error);
  done = write_file (call, core, &error);
  end (core);
  return done ? dex_future_new_true () : dex_future_new_for_error (error);
}

DexFuture *
tess_engine_back_up (TessEngine *self, GFile *file, const char *passphrase, TessProgress *progress)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  g_return_val_if_fail (G_IS_FILE (file) && passphrase != NULL, NULL);
  return call (self, run_back_up, file, passphrase, progress);
}

/* Restoring. */

static bool
not_a_backup (GError **error)
{
  return fail (error, TESS_CORE_ERROR_BACKUP_DAMAGED, _("This is no backup of Tessera, or it is damaged."));
}

static bool
turn_opening (const GError *cause, GError **error)
{
  if (g_error_matches (cause, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH))
    return fail (error, TESS_CORE_ERROR_BACKUP_WRONG, _("This is not the passphrase or the code of this backup."));
  if (g_error_matches (cause, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RESOURCES))
    return fail (error, TESS_CORE_ERROR_FAILED, _("There is not enough memory to open the backup."));
  return not_a_backup (error);
}

static bool
open_file (Opening *self, GError **error)
{
  uint8_t header[TESS_BACKUP_HEADER_SIZE] = { 0 };
  g_autoptr (GError) local = NULL;
  size_t size;
  unsigned version;

  self->input = tess_backup_input_new (self->file, self->progress, 0, 1, error);
  if (self->input == NULL || !tess_backup_input_get (self->input, header, sizeof header, &size, error))
    return false;
  version = tess_backup_version (header, size);
  if (version > 1)
    return fail (error, TESS_CORE_ERROR_NEWER, _("This backup was made by a newer Tessera. Update to restore it."));
  if (version == 0 || size != sizeof header)
    return not_a_backup (error);
  self->reader = tess_backup_reader_new (header, self->typed->bytes, self->typed->size, &local);
  return self->reader != NULL || turn_opening (local, error);
}

static DexFuture *
run_open (gpointer data)
{
  Opening *self = data;

  open_file (self, &self->error);
  return dex_future_new_true ();
}

/* The new device's key; its account comes out of the backup. */
static TessIntent *
reading_new (Opening *opening, GError **error)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  TessBackupReading *reading = g_new0 (TessBackupReading, 1);
  TessDevicePublic device;

  intent->object = reading;
  intent->object_free = tess_backup_reading_free;
  reading->input = g_steal_pointer (&opening->input);
  reading->reader = g_steal_pointer (&opening->reader);
  reading->progress = g_object_ref (opening->progress);
  reading->secrets = tess_secret_alloc (sizeof *reading->secrets);
  if (tess_device_generate (&reading->secrets->device, &device, NULL))
    return g_steal_pointer (&intent);
  tess_core_error_no_random (error);
  return NULL;
}

/* What is shown from here on is the restored account's. */
static bool
become (TessEngine *engine, const TessBackupReading *reading, GError **error)
{
  TessCore *core = engine->core;
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  TessIdentity *identity = tess_identity_new (reading->secrets, &reading->device, error);

  if (identity == NULL)
    return false;
  tess_identity_unref (core->identity);
  core->identity = identity;
  tess_profile_settle_restored (core, reading->secrets);
  if (!tess_core_load_account (core, error) || !tess_core_run (core, tess_intent_load_conversations, intent, error))
    return false;
  for (guint i = 0; i < intent->rows->len && !core->is_closing; i++)
    tess_engine_take_conversation (engine, g_ptr_array_index (intent->rows, i));
  return true;
}

static bool
read_file (const Call *call, TessCore *core, GError **error)
{
  Opening *opening = opening_new (call, call->file);
  g_autoptr (TessIntent) intent = NULL;

  tess_profile_work (run_open, opening, opening_release);
  if (opening->reader != NULL)
    intent = reading_new (opening, error);
  else
    g_propagate_error (error, g_steal_pointer (&opening->error));
  opening_release (opening);
  return intent != NULL && tess_backup_goes_on (call->progress, error)
         && tess_core_run (core, tess_backup_job_restore, intent, error) && become (call->engine, intent->object, error);
}

static DexFuture *
run_restore (gpointer data)
{
  const Call *call = data;
  g_autoptr (TessCore) core = tess_core_ref (call->engine->core);
  GError *error = NULL;
  bool done;

  if (core->registered || core->restored)
    fail (&error, TESS_CORE_ERROR_REGISTERED, _("There is an account in this profile already."));
  if (error != NULL || !begin (core, call->progress, &error))
    return dex_future_new_for_error (error);
  done = read_file (call, core, &error);
  end (core);
  if (done)
    tess_progress_set (call->progress, 1);
  return done ? dex_future_new_true () : dex_future_new_for_error (error);
}

DexFuture *
tess_engine_restore (TessEngine *self, GFile *file, const char *typed, TessProgress *progress)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  g_return_val_if_fail (G_IS_FILE (file) && typed != NULL, NULL);
  return call (self, run_restore, file, typed, progress);
}
