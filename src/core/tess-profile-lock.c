/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-profile-lock.h"

#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "base/tess-text.h"
#include "core/tess-core.h"
#include "core/tess-profile-recovery.h"
#include "crypto/tess-app-lock.h"
#include "store/tess-keyring.h"

#include <string.h>

G_STATIC_ASSERT (sizeof (TessDatabaseKey) == sizeof (TessAppLockKey));
G_STATIC_ASSERT (TESS_KEYRING_WRAPPED_MAX >= 107 + TESS_APP_LOCK_CONTENT);

/* Wrapping, or opening, on a worker thread. */
typedef struct {
  uint8_t profile[TESS_APP_LOCK_PROFILE_ID];
  TessPassphrase *passphrase;
  TessAppLockKey *key; /* guarded; in for wrapping, out for opening */
  GBytes *wrapped;     /* the other way */
  bool done;
  GError *error;
} Work;

static void
work_clear (gpointer data)
{
  Work *self = data;

  tess_secret_free (self->passphrase);
  tess_secret_free (self->key);
  g_clear_pointer (&self->wrapped, g_bytes_unref);
  g_clear_error (&self->error);
}

static void
work_release (gpointer data)
{
  g_atomic_rc_box_release_full (data, work_clear);
}

typedef Work LockWork;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LockWork, work_release)

static Work *
work_new (TessProfileDir *dir, const TessPassphrase *passphrase)
{
  Work *self = g_atomic_rc_box_new0 (Work);
  bool good = tess_hex_decode (tess_profile_dir_id (dir), self->profile, sizeof self->profile);

  g_assert (good);
  self->passphrase = tess_passphrase_copy (passphrase);
  self->key = tess_secret_alloc (sizeof *self->key);
  return self;
}

static DexFuture *
run_open (gpointer data)
{
  Work *self = data;

  self->done = tess_app_lock_open (self->wrapped, self->profile, self->passphrase->bytes, self->passphrase->size, self->key,
                                   &self->error);
  return dex_future_new_true ();
}

/* What is wrapped is opened before anybody stores it. */
static DexFuture *
run_wrap (gpointer data)
{
  Work *self = data;
  g_auto (TessAppLockKey) again = { 0 };

  self->wrapped = tess_app_lock_wrap (self->profile, self->passphrase->bytes, self->passphrase->size, &tess_keyfile_cost,
                                      self->key, &self->error);
  self->done = self->wrapped != NULL
               && tess_app_lock_open (self->wrapped, self->profile, self->passphrase->bytes, self->passphrase->size, &again,
                                      &self->error)
               && tess_secret_equal (again.bytes, self->key->bytes, sizeof again.bytes);
  return dex_future_new_true ();
}

static bool
fail (GError **error, TessCoreError code, const char *sentence)
{
  g_set_error_literal (error, TESS_CORE_ERROR, code, sentence);
  return false;
}

static bool
fail_opening (const GError *cause, GError **error)
{
  if (g_error_matches (cause, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH))
    return fail (error, TESS_CORE_ERROR_PASSPHRASE_WRONG, _("The passphrase is wrong."));
  if (g_error_matches (cause, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RESOURCES))
    return fail (error, TESS_CORE_ERROR_FAILED, _("There is not enough memory to unlock the profile."));
  if (g_error_matches (cause, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED))
    return fail (error, TESS_CORE_ERROR_NEWER, _("This profile was locked by a newer Tessera. Update to open it."));
  return fail (error, TESS_CORE_ERROR_DAMAGED, _("What the keyring holds of this profile’s app lock is damaged."));
}

static bool
fail_needed (TessProfileDir *dir, GError **error)
{
  TessRecoveryState recovery = tess_profile_recovery_state (dir);
  bool recoverable = recovery == TESS_RECOVERY_CODE || recovery == TESS_RECOVERY_CODE_AND_PASSPHRASE;

  return fail (error, recoverable ? TESS_CORE_ERROR_PASSPHRASE_OR_CODE : TESS_CORE_ERROR_PASSPHRASE_NEEDED,
               _("This profile is locked with a passphrase."));
}

bool
tess_profile_lock_open (TessProfileDir *dir, GBytes *wrapped, const TessPassphrase *passphrase, TessDatabaseKey *key,
                        GError **error)
{
  g_autoptr (LockWork) work = NULL;
  g_autoptr (GError) local = NULL;

  if (!tess_app_lock_check (wrapped, &local))
    return fail_opening (local, error);
  if (passphrase == NULL)
    return fail_needed (dir, error);
  work = work_new (dir, passphrase);
  work->wrapped = g_bytes_ref (wrapped);
  tess_profile_work (run_open, work, work_release);
  if (!work->done)
    return fail_opening (work->error, error);
  memcpy (key->bytes, work->key->bytes, sizeof key->bytes);
  return true;
}

/* What the keyring holds: a key, or what wraps it. */
static bool
load (TessProfileDir *dir, bool ask, TessDatabaseKey *key, GBytes **wrapped_out, GError **error)
{
  unsigned timeout = ask ? TESS_KEYRING_CHANGE : TESS_KEYRING_SOON;

  return tess_keyring_await_content (tess_keyring_load (tess_profile_dir_id (dir), TESS_KEYRING_DATABASE, ask, timeout),
                                     key->bytes, wrapped_out, error);
}

bool
tess_profile_lock_is_set (TessProfileDir *dir)
{
  g_auto (TessDatabaseKey) key = { 0 };
  g_autoptr (GBytes) wrapped = NULL;

  return load (dir, false, &key, &wrapped, NULL) && wrapped != NULL;
}

/* One form of the key, as it is stored. */
typedef struct {
  const uint8_t *bytes;
  size_t size;
} Form;

static Form
form_of (const TessDatabaseKey *key, GBytes *wrapped)
{
  Form form = { key->bytes, sizeof key->bytes };

  if (wrapped != NULL)
    form.bytes = g_bytes_get_data (wrapped, &form.size);
  return form;
}

static bool
is_form (Form a, Form b)
{
  return a.size == b.size && tess_secret_equal (a.bytes, b.bytes, a.size);
}

static bool
store (TessProfileDir *dir, Form form, GError **error)
{
  return dex_await (tess_keyring_replace (tess_profile_dir_id (dir), TESS_KEYRING_DATABASE, form.bytes, form.size,
                                          TESS_KEYRING_CHANGE),
                    error);
}

static bool
fail_changing (bool unchanged, GError **error)
{
  return fail (error, TESS_CORE_ERROR_KEYRING_UNREACHABLE,
               unchanged ? _("The keyring did not take the change. Nothing was changed.")
                         : _("The keyring gave no clear answer. Which of the two opens the profile, how it was or what you "
                             "wanted now, shows at the next start: keep both in mind."));
}

/* What became of a change of which the keyring did not say that it is done. */
static bool
settle (TessProfileDir *dir, Form old, Form new, GError **error)
{
  g_auto (TessDatabaseKey) key = { 0 };
  g_autoptr (GBytes) wrapped = NULL;
  g_autoptr (GError) local = NULL;
  bool loaded = load (dir, false, &key, &wrapped, &local);

  if (loaded && is_form (form_of (&key, wrapped), old))
    return fail_changing (true, error);
  if (!loaded && g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE))
    return fail_changing (false, error);
  /* what it wrote is not what it was given, or an older copy stays where it may not be deleted */
  return fail_changing (store (dir, old, NULL), error);
}

static bool
check_passphrase (const TessPassphrase *passphrase, GError **error)
{
  g_auto (TessRecoveryCode) code = { 0 };

  if (passphrase == NULL)
    return true;
  if (passphrase->size == 0 || passphrase->size > TESS_KEYFILE_PASSPHRASE_MAX)
    return fail (error, TESS_CORE_ERROR_PASSPHRASE_WRONG, _("A passphrase has 1 to 1024 bytes."));
  return !tess_recovery_code_parse (passphrase->bytes, passphrase->size, &code)
         || fail (error, TESS_CORE_ERROR_PASSPHRASE_WRONG, _("30 digits are a recovery code. Choose another passphrase."));
}

/* The key as the keyring holds it now, which @present has to open, is the one of the open profile. */
static bool
check_present (TessProfileDir *dir, const TessDatabaseKey *key, const TessPassphrase *present, TessDatabaseKey *plain,
               GBytes **wrapped_out, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!load (dir, true, plain, wrapped_out, &local))
    {
      if (g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE)
          || g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_FAILED))
        return fail_changing (true, error);
      return fail (error, TESS_CORE_ERROR_KEYRING_LOST,
                   _("The keyring does not hold this profile’s keys any more. Nothing was changed."));
    }
  if (*wrapped_out != NULL && !tess_profile_lock_open (dir, *wrapped_out, present, plain, error))
    return false;
  return tess_secret_equal (plain->bytes, key->bytes, sizeof key->bytes)
         || fail (error, TESS_CORE_ERROR_KEYRING_LOST,
                  _("The keyring holds another key than this profile’s. Nothing was changed."));
}

bool
tess_profile_lock_change (TessProfileDir *dir, const TessDatabaseKey *key, const TessPassphrase *present,
                          const TessPassphrase *passphrase, GError **error)
{
  g_auto (TessDatabaseKey) plain = { 0 };
  g_autoptr (GBytes) old = NULL;
  g_autoptr (LockWork) work = NULL;
  Form before, after;

  if (!check_passphrase (passphrase, error) || !check_present (dir, key, present, &plain, &old, error))
    return false;
  if (passphrase == NULL && old == NULL)
    return true;
  if (passphrase != NULL)
    {
      work = work_new (dir, passphrase);
      memcpy (work->key->bytes, key->bytes, sizeof key->bytes);
      tess_profile_work (run_wrap, work, work_release);
      if (g_error_matches (work->error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM))
        return tess_core_error_no_random (error);
      if (!work->done)
        return fail (error, TESS_CORE_ERROR_FAILED,
                     _("There is not enough memory to protect the profile with a passphrase."));
    }
  before = form_of (&plain, old);
  after = form_of (key, work != NULL ? work->wrapped : NULL);
  return store (dir, after, NULL) || settle (dir, before, after, error);
}
