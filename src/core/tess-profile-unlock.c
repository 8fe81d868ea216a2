/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-profile-unlock.h"

#include "base/tess-random.h"
#include "core/tess-i18n.h"
#include "core/tess-intents.h"
#include "crypto/tess-keyfile.h"
#include "store/tess-keyring.h"
#include "store/tess-queries-keys.h"

#include <string.h>

/* Everything secret that lives outside the database, as the key file wraps it. In guarded memory. */
typedef struct {
  TessIdentitySecrets identity;
  TessDatabaseKey database;
} Keys;

TessPassphrase *
tess_passphrase_new (const char *text)
{
  TessPassphrase *self;
  size_t size;

  if (text == NULL)
    return NULL;
  size = strlen (text);
  self = tess_secret_alloc (sizeof *self + size);
  self->size = size;
  memcpy (self->bytes, text, size);
  return self;
}

static bool
fail (GError **error, TessCoreError code, const char *sentence)
{
  g_set_error_literal (error, TESS_CORE_ERROR, code, sentence);
  return false;
}

static bool
generate (Keys *keys, GError **error)
{
  TessAccountPublic account;
  TessDevicePublic device;

  if (tess_account_generate (&keys->identity.account, &account, NULL)
      && tess_device_generate (&keys->identity.device, &device, NULL)
      && tess_random (keys->database.bytes, sizeof keys->database.bytes))
    return true;
  return fail (error, TESS_CORE_ERROR_FAILED, _("There are no random numbers."));
}

/* Argon2id, off the main thread. A counted box, because a dropped wait does not stop the thread. */
typedef struct {
  TessPassphrase *passphrase;
  TessWiped *secret; /* in for wrapping, out for opening */
  GBytes *wrapped;   /* the other way */
  GError *error;
} Stretch;

static void
stretch_clear (gpointer data)
{
  Stretch *self = data;

  tess_secret_free (self->passphrase);
  g_clear_pointer (&self->secret, tess_wiped_free);
  g_clear_pointer (&self->wrapped, g_bytes_unref);
  g_clear_error (&self->error);
}

static void
stretch_release (gpointer data)
{
  g_atomic_rc_box_release_full (data, stretch_clear);
}

static DexFuture *
run_stretch (gpointer data)
{
  Stretch *self = data;
  gsize size;
  const uint8_t *wrapped;

  if (self->wrapped == NULL)
    {
      self->wrapped = tess_keyfile_wrap (self->passphrase->bytes, self->passphrase->size, &tess_keyfile_cost, self->secret->bytes,
                                         self->secret->size, &self->error);
      return dex_future_new_for_boolean (TRUE);
    }
  wrapped = g_bytes_get_data (self->wrapped, &size);
  self->secret = tess_keyfile_open (self->passphrase->bytes, self->passphrase->size, wrapped, size, &self->error);
  return dex_future_new_for_boolean (TRUE);
}

static Stretch *
stretch (const TessPassphrase *passphrase, const Keys *secret, GBytes *wrapped)
{
  Stretch *self = g_atomic_rc_box_new0 (Stretch);

  self->passphrase = tess_secret_alloc (sizeof *passphrase + passphrase->size);
  memcpy (self->passphrase, passphrase, sizeof *passphrase + passphrase->size);
  if (secret != NULL)
    {
      self->secret = tess_wiped_new (sizeof *secret);
      memcpy (self->secret->bytes, secret, sizeof *secret);
    }
  else
    self->wrapped = g_bytes_ref (wrapped);
  dex_await (dex_scheduler_spawn (DEX_SCHEDULER (dex_thread_pool_scheduler_get_default ()), 0, run_stretch,
                                  g_atomic_rc_box_acquire (self), stretch_release),
             NULL);
  return self;
}

static bool
open_keyfile (TessProfileDir *dir, const TessPassphrase *passphrase, Keys *keys, GError **error)
{
  g_autoptr (GBytes) wrapped = NULL;
  Stretch *work;
  bool done = false;

  if (passphrase == NULL)
    return fail (error, TESS_CORE_ERROR_PASSPHRASE_NEEDED, _("This profile is protected by a passphrase."));
  wrapped = tess_profile_dir_read_keys (dir, error);
  if (wrapped == NULL)
    {
      tess_core_error_turn (error);
      return false;
    }
  work = stretch (passphrase, NULL, wrapped);
  if (work->secret != NULL && work->secret->size == sizeof *keys)
    {
      memcpy (keys, work->secret->bytes, sizeof *keys);
      done = true;
    }
  else if (g_error_matches (work->error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH))
    fail (error, TESS_CORE_ERROR_PASSPHRASE_WRONG, _("The passphrase is wrong."));
  else if (g_error_matches (work->error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RESOURCES))
    fail (error, TESS_CORE_ERROR_FAILED, _("There is not enough memory to unlock the profile."));
  else
    fail (error, TESS_CORE_ERROR_DAMAGED, _("The profile’s key file is damaged. It was left untouched."));
  stretch_release (work);
  return done;
}

static bool
make_keyfile (TessProfileDir *dir, const TessPassphrase *passphrase, Keys *keys, GError **error)
{
  Stretch *work;
  bool done = false;

  if (passphrase->size == 0 || passphrase->size > TESS_KEYFILE_PASSPHRASE_MAX)
    return fail (error, TESS_CORE_ERROR_PASSPHRASE_WRONG, _("A passphrase has 1 to 1024 bytes."));
  if (!generate (keys, error))
    return false;
  work = stretch (passphrase, keys, NULL);
  if (work->wrapped == NULL)
    fail (error, TESS_CORE_ERROR_FAILED, _("There is not enough memory to protect the profile with a passphrase."));
  else if (tess_profile_dir_write_keys (dir, work->wrapped, error))
    done = true;
  else
    tess_core_error_turn (error);
  stretch_release (work);
  return done;
}

static bool
load_keyring (TessProfileDir *dir, Keys *keys, GError **error)
{
  const char *id = tess_profile_dir_id (dir);

  return tess_keyring_await_secret (tess_keyring_load (id, TESS_KEYRING_DATABASE, 0), keys->database.bytes, error)
         && tess_keyring_await_secret (tess_keyring_load (id, TESS_KEYRING_ACCOUNT, 0), keys->identity.account.bytes, error)
         && tess_keyring_await_secret (tess_keyring_load (id, TESS_KEYRING_DEVICE, 0), keys->identity.device.bytes, error);
}

static bool
fill_keyring (TessProfileDir *dir, const Keys *keys, GError **error)
{
  const char *id = tess_profile_dir_id (dir);

  return dex_await (tess_keyring_store (id, TESS_KEYRING_ACCOUNT, keys->identity.account.bytes, 0), error)
         && dex_await (tess_keyring_store (id, TESS_KEYRING_DEVICE, keys->identity.device.bytes, 0), error)
         && dex_await (tess_keyring_store (id, TESS_KEYRING_DATABASE, keys->database.bytes, 0), error);
}

static bool
use_keyring (TessProfileDir *dir, Keys *keys, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (load_keyring (dir, keys, &local))
    return true;
  if (g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING))
    {
      if (tess_profile_dir_has_database (dir))
        return fail (error, TESS_CORE_ERROR_KEYRING_LOST, _("The keyring does not hold this profile’s keys any more."));
      g_clear_error (&local);
      if (!generate (keys, error))
        return false;
      if (fill_keyring (dir, keys, &local))
        return true;
    }
  g_propagate_error (error, tess_core_error_take (g_steal_pointer (&local)));
  return false;
}

static bool
get_keys (TessProfileDir *dir, const TessPassphrase *passphrase, Keys *keys, GError **error)
{
  if (tess_profile_dir_has_keys (dir))
    return open_keyfile (dir, passphrase, keys, error);
  if (passphrase != NULL && !tess_profile_dir_has_database (dir))
    return make_keyfile (dir, passphrase, keys, error);
  return use_keyring (dir, keys, error);
}

/* What the signed device list says of when this device was added. The first of an account says 0: its list follows from the keys
 * alone, and is the same when everything else is lost. Profiles made before that have a time of their own. */
static gpointer
load_added (TessDb *db, gpointer data, GError **error)
{
  int64_t added;

  tess_db_setting_get_int (db, TESS_SETTING_ADDED, 0, &added, error);
  return g_memdup2 (&added, sizeof added);
}

static TessCore *
open_core (TessProfileDir *dir, const Keys *keys, GError **error)
{
  g_autoptr (TessStore) store = tess_store_await (tess_store_open (tess_profile_dir_database (dir), &keys->database), error);
  g_autoptr (TessIdentity) identity = NULL;
  g_autoptr (TessCore) core = NULL;
  g_autofree int64_t *added = NULL;

  if (store == NULL)
    return NULL;
  added = tess_store_await (tess_store_run (store, load_added, NULL, NULL, g_free), error);
  if (added == NULL)
    return NULL;
  identity = tess_identity_new (&keys->identity, *added, error);
  if (identity == NULL)
    return NULL;
  core = tess_core_new (dir, g_steal_pointer (&store), g_steal_pointer (&identity));
  if (!tess_core_load_account (core, error))
    {
      core->dir = NULL; /* still the caller's */
      return NULL;
    }
  return g_steal_pointer (&core);
}

TessCore *
tess_profile_unlock (const char *dir, const TessPassphrase *passphrase, GError **error)
{
  g_autoptr (TessProfileDir) profile = tess_profile_dir_open (dir, TESS_PROFILE_DIR_CREATE, error);
  Keys *keys;
  TessCore *core = NULL;

  if (profile == NULL)
    {
      if (error != NULL && g_error_matches (*error, TESS_STORE_ERROR, TESS_STORE_ERROR_IO))
        {
          g_clear_error (error);
          fail (error, TESS_CORE_ERROR_NOT_WRITABLE, _("The profile’s folder cannot be made there."));
        }
      tess_core_error_turn (error);
      return NULL;
    }
  keys = tess_secret_alloc (sizeof *keys);
  if (get_keys (profile, passphrase, keys, error))
    {
      core = open_core (profile, keys, error);
      if (core == NULL)
        tess_core_error_turn (error);
      else
        g_steal_pointer (&profile);
    }
  tess_secret_free (keys);
  return core;
}
