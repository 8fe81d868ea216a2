/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-profile-recovery.h"

#include "base/tess-i18n.h"
#include "base/tess-text.h"
#include "core/tess-core.h"

#include <string.h>

G_STATIC_ASSERT (sizeof (TessProfileKeys) == sizeof (TessRecoverySecrets));

/* Wrapping or opening on a worker thread. */
typedef struct {
  uint8_t profile[TESS_RECOVERY_PROFILE_ID];
  TessRecoveryKind kind;
  TessPassphrase *text;
  TessRecoverySecrets *secrets; /* guarded; in for wrapping, out for opening */
  GBytes *file;                 /* the old one (may be NULL), or the one to open */
  GBytes *wrapped;
  bool opened;
  GError *error;
} Work;

static void
work_clear (gpointer data)
{
  Work *self = data;

  tess_secret_free (self->text);
  tess_secret_free (self->secrets);
  g_clear_pointer (&self->file, g_bytes_unref);
  g_clear_pointer (&self->wrapped, g_bytes_unref);
  g_clear_error (&self->error);
}

static void
work_release (gpointer data)
{
  g_atomic_rc_box_release_full (data, work_clear);
}

typedef Work WorkBox;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkBox, work_release)

static DexFuture *
run_wrap (gpointer data)
{
  Work *self = data;

  self->wrapped = tess_recovery_file_wrap (self->file, self->profile, self->kind, self->text->bytes, self->text->size,
                                           &tess_keyfile_cost, self->secrets, &self->error);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
run_open (gpointer data)
{
  Work *self = data;

  self->opened = tess_recovery_file_open (self->file, self->profile, self->kind, self->text->bytes, self->text->size,
                                          self->secrets, &self->error);
  return dex_future_new_for_boolean (TRUE);
}

static void
profile_id (TessProfileDir *dir, uint8_t out[static TESS_RECOVERY_PROFILE_ID])
{
  bool good = tess_hex_decode (tess_profile_dir_id (dir), out, TESS_RECOVERY_PROFILE_ID);

  g_assert (good);
}

static Work *
work_new (TessProfileDir *dir, GBytes *file)
{
  Work *self = g_atomic_rc_box_new0 (Work);

  profile_id (dir, self->profile);
  self->file = file != NULL ? g_bytes_ref (file) : NULL;
  self->secrets = tess_secret_alloc (sizeof *self->secrets);
  return self;
}

static bool
fail (GError **error, TessCoreError code, const char *sentence)
{
  g_set_error_literal (error, TESS_CORE_ERROR, code, sentence);
  return false;
}

static bool
fail_damaged (GError **error)
{
  return fail (error, TESS_CORE_ERROR_RECOVERY_DAMAGED,
               _("The recovery file is damaged, or belongs to another profile. It was left untouched."));
}

/* The file and what it holds (TessRecoveryKind bits); NULL with RECOVERY_NONE or RECOVERY_DAMAGED. */
static GBytes *
read_file (TessProfileDir *dir, unsigned *kinds_out, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) file = NULL;
  uint8_t id[TESS_RECOVERY_PROFILE_ID];

  profile_id (dir, id);
  file = tess_profile_dir_read_recovery (dir, &local);
  if (file == NULL && g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING))
    fail (error, TESS_CORE_ERROR_RECOVERY_NONE, _("There is no recovery file beside this profile."));
  else if (file == NULL || (*kinds_out = tess_recovery_file_kinds (file, id, NULL)) == 0)
    fail_damaged (error);
  else
    return g_steal_pointer (&file);
  return NULL;
}

TessRecoveryState
tess_profile_recovery_state (TessProfileDir *dir)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = NULL;
  unsigned kinds;

  if (tess_profile_dir_has_keys (dir))
    return TESS_RECOVERY_UNUSED;
  file = read_file (dir, &kinds, &error);
  if (file == NULL)
    return g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_RECOVERY_NONE) ? TESS_RECOVERY_NONE : TESS_RECOVERY_DAMAGED;
  return (kinds & TESS_RECOVERY_BY_PASSPHRASE) != 0 ? TESS_RECOVERY_CODE_AND_PASSPHRASE : TESS_RECOVERY_CODE;
}

static bool
write_file (TessProfileDir *dir, GBytes *file, GError **error)
{
  if (tess_profile_dir_write_recovery (dir, file, error))
    return true;
  tess_core_error_turn (error);
  return false;
}

/* Wraps @keys in @work's file under its text, and writes that. */
static bool
wrap_and_write (TessProfileDir *dir, Work *work, const TessProfileKeys *keys, GError **error)
{
  memcpy (work->secrets, keys, sizeof *keys);
  tess_profile_work (run_wrap, work, work_release);
  if (work->wrapped != NULL)
    return write_file (dir, work->wrapped, error);
  return fail (error, TESS_CORE_ERROR_FAILED,
               g_error_matches (work->error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM)
                 ? _("There are no random numbers.")
                 : _("There is not enough memory to make the recovery file."));
}

static TessPassphrase *
text_of_code (const TessRecoveryCode *code)
{
  TessPassphrase *text = tess_secret_alloc (sizeof *text + sizeof code->bytes);

  text->size = sizeof code->bytes;
  memcpy (text->bytes, code->bytes, sizeof code->bytes);
  return text;
}

bool
tess_profile_recovery_set_code (TessProfileDir *dir, const TessProfileKeys *keys, const TessRecoveryCode *code, GError **error)
{
  unsigned kinds;
  g_autoptr (GBytes) old = read_file (dir, &kinds, NULL);
  g_autoptr (WorkBox) work = work_new (dir, old);

  work->kind = TESS_RECOVERY_BY_CODE;
  work->text = text_of_code (code);
  return wrap_and_write (dir, work, keys, error);
}

static bool
drop_passphrase (TessProfileDir *dir, GBytes *old, GError **error)
{
  g_autoptr (GBytes) file = NULL;
  uint8_t id[TESS_RECOVERY_PROFILE_ID];

  profile_id (dir, id);
  file = tess_recovery_file_drop_passphrase (old, id, NULL);
  return file != NULL ? write_file (dir, file, error) : fail_damaged (error);
}

bool
tess_profile_recovery_set_passphrase (TessProfileDir *dir, const TessProfileKeys *keys, const TessPassphrase *passphrase,
                                      GError **error)
{
  unsigned kinds;
  g_autoptr (GBytes) old = read_file (dir, &kinds, error);
  g_autoptr (WorkBox) work = NULL;
  g_auto (TessRecoveryCode) code = { 0 };

  if (old == NULL)
    return false;
  if (passphrase == NULL)
    return drop_passphrase (dir, old, error);
  if (passphrase->size == 0 || passphrase->size > TESS_KEYFILE_PASSPHRASE_MAX)
    return fail (error, TESS_CORE_ERROR_PASSPHRASE_WRONG, _("A passphrase has 1 to 1024 bytes."));
  if (tess_recovery_code_parse (passphrase->bytes, passphrase->size, &code))
    return fail (error, TESS_CORE_ERROR_PASSPHRASE_WRONG, _("30 digits are a recovery code. Choose another passphrase."));
  work = work_new (dir, old);
  work->kind = TESS_RECOVERY_BY_PASSPHRASE;
  work->text = tess_passphrase_copy (passphrase);
  return wrap_and_write (dir, work, keys, error);
}

static bool
fail_opening (const GError *cause, unsigned kinds, GError **error)
{
  if (g_error_matches (cause, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH))
    return fail (error, TESS_CORE_ERROR_RECOVERY_WRONG,
                 (kinds & TESS_RECOVERY_BY_PASSPHRASE) != 0
                   ? _("This is neither the recovery code nor the recovery passphrase. Nothing was changed.")
                   : _("This is not the recovery code. One that was replaced works no more. Nothing was changed."));
  if (g_error_matches (cause, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RESOURCES))
    return fail (error, TESS_CORE_ERROR_FAILED, _("There is not enough memory to open the recovery file."));
  return fail_damaged (error);
}

bool
tess_profile_recovery_open (TessProfileDir *dir, const TessPassphrase *typed, TessProfileKeys *keys, GError **error)
{
  unsigned kinds;
  g_autoptr (GBytes) file = read_file (dir, &kinds, error);
  g_autoptr (WorkBox) work = NULL;
  g_auto (TessRecoveryCode) code = { 0 };

  if (file == NULL)
    return false;
  work = work_new (dir, file);
  if (tess_recovery_code_parse (typed->bytes, typed->size, &code))
    {
      work->kind = TESS_RECOVERY_BY_CODE;
      work->text = text_of_code (&code);
    }
  else if ((kinds & TESS_RECOVERY_BY_PASSPHRASE) != 0)
    {
      work->kind = TESS_RECOVERY_BY_PASSPHRASE;
      work->text = tess_passphrase_copy (typed);
    }
  else
    return fail (error, TESS_CORE_ERROR_RECOVERY_WRONG, _("A recovery code has 30 digits. Nothing was changed."));
  tess_profile_work (run_open, work, work_release);
  if (!work->opened)
    return fail_opening (work->error, kinds, error);
  memcpy (keys, work->secrets, sizeof *keys);
  return true;
}
