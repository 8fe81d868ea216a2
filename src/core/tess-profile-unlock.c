/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-profile-unlock.h"

#include "base/tess-i18n.h"
#include "core/tess-intents.h"
#include "core/tess-profile-lock.h"
#include "core/tess-profile-recovery.h"
#include "crypto/tess-keyfile.h"
#include "store/tess-queries-keys.h"

#include <string.h>

static bool
fail (GError **error, TessCoreError code, const char *sentence)
{
  g_set_error_literal (error, TESS_CORE_ERROR, code, sentence);
  return false;
}

/* A key file's Argon2id on a worker thread. */
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
stretch (const TessPassphrase *passphrase, const TessProfileKeys *secret, GBytes *wrapped)
{
  Stretch *self = g_atomic_rc_box_new0 (Stretch);

  self->passphrase = tess_passphrase_copy (passphrase);
  if (secret != NULL)
    {
      self->secret = tess_wiped_new (sizeof *secret);
      memcpy (self->secret->bytes, secret, sizeof *secret);
    }
  else
    self->wrapped = g_bytes_ref (wrapped);
  tess_profile_work (run_stretch, self, stretch_release);
  return self;
}

static bool
open_keyfile (TessProfileDir *dir, const TessPassphrase *passphrase, TessProfileKeys *keys, GError **error)
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
check_passphrase (const TessPassphrase *passphrase, GError **error)
{
  return (passphrase->size > 0 && passphrase->size <= TESS_KEYFILE_PASSPHRASE_MAX)
         || fail (error, TESS_CORE_ERROR_PASSPHRASE_WRONG, _("A passphrase has 1 to 1024 bytes."));
}

static bool
write_keyfile (TessProfileDir *dir, const TessPassphrase *passphrase, const TessProfileKeys *keys, GError **error)
{
  Stretch *work;
  bool done = false;

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
make_keyfile (TessProfileDir *dir, const TessPassphrase *passphrase, TessProfileKeys *keys, GError **error)
{
  return check_passphrase (passphrase, error) && tess_profile_keys_generate (keys, error)
         && write_keyfile (dir, passphrase, keys, error);
}

/* The keys of a profile, and where they came from. */
typedef struct {
  TessProfileKeys *keys; /* guarded */
  bool app_lock;         /* the keyring, which holds the database key under a passphrase */
} Unlocked;

/* What a profile has whose keys are made already: without them in the keyring they are lost, not yet to be made. */
static bool
is_used (TessProfileDir *dir)
{
  return tess_profile_dir_has_database (dir) || tess_profile_dir_has_recovery (dir);
}

/* The keyring answers, but not with this profile's keys: what is left to do. */
static bool
fail_lost (TessProfileDir *dir, const char *sentence, GError **error)
{
  switch (tess_profile_recovery_state (dir))
    {
    case TESS_RECOVERY_CODE:
    case TESS_RECOVERY_CODE_AND_PASSPHRASE:
      return fail (error, TESS_CORE_ERROR_RECOVERY_NEEDED, sentence);
    case TESS_RECOVERY_DAMAGED:
      return fail (error, TESS_CORE_ERROR_RECOVERY_DAMAGED,
                   _("The keyring does not hold this profile’s keys any more, and the recovery file is damaged or belongs to "
                     "another profile. Both were left untouched."));
    case TESS_RECOVERY_NONE:
    case TESS_RECOVERY_UNUSED:
    default:
      return fail (error, TESS_CORE_ERROR_KEYRING_LOST, sentence);
    }
}

static bool
fail_unreachable (TessProfileDir *dir, GError **error)
{
  TessRecoveryState recovery = tess_profile_recovery_state (dir);
  bool recoverable = recovery == TESS_RECOVERY_CODE || recovery == TESS_RECOVERY_CODE_AND_PASSPHRASE;

  return fail (error, recoverable ? TESS_CORE_ERROR_KEYRING_AWAY : TESS_CORE_ERROR_KEYRING_UNREACHABLE,
               _("The keys of this profile are in the desktop’s keyring, which is not running, stays locked or is damaged."));
}

/* An app lock that nothing opens any more leaves what a keyring leaves that lost the key. */
static bool
open_lock (TessProfileDir *dir, GBytes *wrapped, const TessPassphrase *passphrase, TessProfileKeys *keys, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (tess_profile_lock_open (dir, wrapped, passphrase, &keys->database, &local))
    return true;
  if (g_error_matches (local, TESS_CORE_ERROR, TESS_CORE_ERROR_DAMAGED))
    return fail_lost (dir, _("What the keyring holds of this profile’s app lock is damaged."), error);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static bool
use_keyring (TessProfileDir *dir, const TessPassphrase *passphrase, bool ask, Unlocked *out, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) wrapped = NULL;

  if (tess_profile_keys_load (out->keys, dir, ask, &wrapped, &local))
    {
      out->app_lock = wrapped != NULL;
      return wrapped == NULL || open_lock (dir, wrapped, passphrase, out->keys, error);
    }
  if (is_used (dir))
    {
      if (g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING)
          || g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED))
        return fail_lost (dir, _("The keyring does not hold this profile’s keys any more."), error);
      if (g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE))
        return fail_unreachable (dir, error);
    }
  else if (ask && g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING))
    {
      g_clear_error (&local);
      if (!tess_profile_keys_generate (out->keys, error))
        return false;
      if (tess_profile_keys_store (out->keys, dir, &local))
        return true;
    }
  g_propagate_error (error, tess_core_error_take (g_steal_pointer (&local)));
  return false;
}

/* Its code would open what the passphrase alone shall open. */
static void
drop_recovery (TessProfileDir *dir)
{
  g_autoptr (GError) error = NULL;

  if (!tess_profile_dir_drop_recovery (dir, &error))
    g_warning ("An old recovery file stays: %s", error->message);
}

/* A passphrase makes a profile of its own only where the keyring has none under an app lock: one whose database was lost. */
static bool
get_keys (TessProfileDir *dir, const TessPassphrase *passphrase, bool ask, Unlocked *out, GError **error)
{
  if (tess_profile_dir_has_keys (dir))
    return open_keyfile (dir, passphrase, out->keys, error);
  if (passphrase != NULL && !is_used (dir) && !tess_profile_lock_is_set (dir))
    return make_keyfile (dir, passphrase, out->keys, error);
  return use_keyring (dir, passphrase, ask, out, error);
}

/* The public keys that this database belongs to: others would be somebody else at the relay. */
typedef struct {
  uint8_t keys[64]; /* account | device */
} Owner;

static bool
check_owner (TessDb *db, const Owner *owner, GError **error)
{
  uint8_t known[sizeof owner->keys];
  bool found;

  if (!tess_db_setting_copy (db, TESS_SETTING_OWNER, known, sizeof known, &found, error))
    return false;
  if (!found)
    return tess_db_setting_set_blob (db, TESS_SETTING_OWNER, owner->keys, sizeof owner->keys, error);
  if (memcmp (known, owner->keys, sizeof known) == 0)
    return true;
  g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_WRONG_KEY, "The database belongs to other keys");
  return false;
}

/* What the database says of whose it is. In guarded memory. */
typedef struct {
  TessIdentitySecrets secrets;
  bool restored;             /* the secrets are a backup's and the new device's, which are not where keys are yet */
  TessIdentityDevice listed;
} Account;

static void
owner_of (const TessIdentitySecrets *secrets, Owner *owner)
{
  TessAccountPublic account;
  TessDevicePublic device;

  tess_account_public (&secrets->account, &account);
  tess_device_public (&secrets->device, &device);
  memcpy (owner->keys, account.bytes, 32);
  memcpy (owner->keys + 32, device.bytes, 32);
}

/* What the signed device list says of this device. The first of an account was added at 0: its list follows from the keys alone,
 * and is the same when everything else is lost. Profiles made before that have a time of their own. */
static bool
load_listed (TessDb *db, TessIdentityDevice *listed, GError **error)
{
  int64_t version, number;

  if (!tess_db_setting_get_int (db, TESS_SETTING_ADDED, 0, &listed->added, error)
      || !tess_db_setting_get_int (db, TESS_SETTING_LIST_VERSION, 1, &version, error)
      || !tess_db_setting_get_int (db, TESS_SETTING_DEVICE_NUMBER, 1, &number, error))
    return false;
  listed->version = (uint64_t) version;
  listed->number = (uint32_t) number;
  return true;
}

static gpointer
load_account (TessDb *db, gpointer data, GError **error)
{
  const TessIdentitySecrets *kept = data;
  Account *account = tess_secret_alloc (sizeof *account);
  Owner owner;

  if (tess_db_setting_copy (db, TESS_SETTING_RESTORED_KEYS, (uint8_t *) &account->secrets, sizeof account->secrets,
                            &account->restored, error))
    {
      if (!account->restored)
        memcpy (&account->secrets, kept, sizeof account->secrets);
      owner_of (&account->secrets, &owner);
      if (check_owner (db, &owner, error) && load_listed (db, &account->listed, error))
        return account;
    }
  tess_secret_free (account);
  return NULL;
}

static Account *
await_account (TessStore *store, const TessProfileKeys *keys, GError **error)
{
  TessIdentitySecrets *kept = tess_secret_alloc (sizeof *kept);

  memcpy (kept, &keys->identity, sizeof *kept);
  return tess_store_await (tess_store_run (store, load_account, kept, tess_secret_free, tess_secret_free), error);
}

/* @keys are as the database has them afterwards: *@restored_out, when they are not so where keys are. */
static TessCore *
open_core (TessProfileDir *dir, TessProfileKeys *keys, bool *restored_out, GError **error)
{
  g_autoptr (TessStore) store = tess_store_await (tess_store_open (tess_profile_dir_database (dir), &keys->database), error);
  g_autoptr (TessIdentity) identity = NULL;
  g_autoptr (TessCore) core = NULL;
  Account *account;

  if (store == NULL)
    return NULL;
  account = await_account (store, keys, error);
  if (account == NULL)
    return NULL;
  *restored_out = account->restored;
  memcpy (&keys->identity, &account->secrets, sizeof keys->identity);
  identity = tess_identity_new (&keys->identity, &account->listed, error);
  tess_secret_free (account);
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

/* Keys that stay in the keyring can be wrapped in a recovery file while the profile is open. */
static void
keep_keys (TessCore *core, const TessProfileKeys *keys)
{
  core->keys = tess_secret_alloc (sizeof *keys);
  memcpy (core->keys, keys, sizeof *keys);
}

static bool
forget_restored_keys (TessJob *job, gpointer data, GError **error)
{
  return tess_db_setting_remove (job->db, TESS_SETTING_RESTORED_KEYS, error);
}

/* The keys that restoring left in the database are where keys are by now: there they can go. A recovery file is of those that
 * were before. */
static bool
note_settled (TessCore *core, GError **error)
{
  return tess_profile_dir_drop_recovery (core->dir, error) && tess_core_run (core, forget_restored_keys, NULL, error);
}

static void
tell_unsettled (const GError *error)
{
  g_warning ("A restored account’s keys stay in the database for now: %s", error->message);
}

bool
tess_profile_settle (TessCore *core, GError **error)
{
  if (core->unsettled)
    core->unsettled = !tess_profile_keys_store_identity (core->keys, core->dir, error) || !note_settled (core, error);
  return !core->unsettled;
}

void
tess_profile_settle_restored (TessCore *core, const TessIdentitySecrets *secrets)
{
  g_autoptr (GError) error = NULL;

  if (core->keys == NULL) /* under the passphrase, which is at hand when it is opened */
    return;
  memcpy (&core->keys->identity, secrets, sizeof core->keys->identity);
  core->unsettled = true;
  if (!tess_profile_settle (core, &error))
    tell_unsettled (error);
}

/* The same at an opening. */
static void
settle_opened (TessCore *core, const TessPassphrase *passphrase, const TessProfileKeys *keys)
{
  g_autoptr (GError) error = NULL;

  if (core->keys != NULL)
    tess_profile_settle_restored (core, &keys->identity);
  else if (!write_keyfile (core->dir, passphrase, keys, &error) || !note_settled (core, &error))
    tell_unsettled (error);
}

static TessCore *
unlock (TessProfileDir *dir, const TessPassphrase *passphrase, bool ask, TessProfileKeys *keys, GError **error)
{
  g_autoptr (GError) local = NULL;
  Unlocked unlocked = { .keys = keys };
  TessCore *core;
  bool has_file, restored = false;

  if (!get_keys (dir, passphrase, ask, &unlocked, error))
    return NULL;
  has_file = tess_profile_dir_has_keys (dir);
  core = open_core (dir, keys, &restored, &local);
  if (core != NULL && has_file)
    drop_recovery (dir); /* a process that moved the keys may have ended before it could; a file of other keys rules nothing */
  else if (core != NULL)
    keep_keys (core, keys);
  if (core != NULL)
    {
      core->app_lock = unlocked.app_lock;
      core->unsettled = restored && core->keys != NULL;
      if (restored && ask)
        settle_opened (core, passphrase, keys);
      return core;
    }
  if (!has_file && g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_WRONG_KEY) && tess_profile_dir_has_recovery (dir))
    fail_lost (dir, _("The keyring holds other keys than this profile’s."), error);
  else
    g_propagate_error (error, tess_core_error_take (g_steal_pointer (&local)));
  return NULL;
}

TessCore *
tess_profile_unlock (const char *dir, const TessPassphrase *passphrase, bool ask, GError **error)
{
  TessProfileDirMode mode = ask ? TESS_PROFILE_DIR_CREATE : TESS_PROFILE_DIR_EXISTING;
  g_autoptr (TessProfileDir) profile = tess_profile_dir_open (dir, mode, error);
  TessProfileKeys *keys;
  TessCore *core;

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
  core = unlock (profile, passphrase, ask, keys, error);
  if (core != NULL)
    g_steal_pointer (&profile);
  tess_secret_free (keys);
  return core;
}

/* Where recovered @keys are from now on: in the keyring, or under @passphrase in a key file, which rules once it is there. */
static bool
settle_keys (TessProfileDir *dir, const TessPassphrase *passphrase, const TessProfileKeys *keys, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (passphrase != NULL)
    {
      if (!write_keyfile (dir, passphrase, keys, error))
        return false;
      drop_recovery (dir);
      return true;
    }
  if (tess_profile_keys_store (keys, dir, &local))
    return true;
  if (g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE))
    return fail (error, TESS_CORE_ERROR_KEYRING_UNREACHABLE,
                 _("The recovery code is right, but there is no usable keyring on this desktop to put the keys back into."));
  g_propagate_error (error, tess_core_error_take (g_steal_pointer (&local)));
  return false;
}

static TessCore *
recover (TessProfileDir *dir, const TessPassphrase *typed, const TessPassphrase *passphrase, TessProfileKeys *keys,
         GError **error)
{
  g_autoptr (GError) settling = NULL;
  bool restored = false;
  TessCore *core;

  if ((passphrase != NULL && !check_passphrase (passphrase, error)) || !tess_profile_recovery_open (dir, typed, keys, error))
    return NULL;
  core = open_core (dir, keys, &restored, error);
  if (core == NULL)
    {
      tess_core_error_turn (error);
      return NULL;
    }
  if (settle_keys (dir, passphrase, keys, error))
    {
      if (passphrase == NULL)
        keep_keys (core, keys);
      core->unsettled = restored && !note_settled (core, &settling) && core->keys != NULL;
      if (settling != NULL)
        tell_unsettled (settling);
      return core;
    }
  dex_await (tess_store_close (core->store), NULL);
  core->dir = NULL; /* still the caller's */
  tess_core_unref (core);
  return NULL;
}

TessCore *
tess_profile_recover (const char *dir, const TessPassphrase *typed, const TessPassphrase *passphrase, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (TessProfileDir) profile = tess_profile_dir_open (dir, TESS_PROFILE_DIR_EXISTING, &local);
  TessProfileKeys *keys;
  TessCore *core;

  if (profile == NULL && g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING))
    fail (error, TESS_CORE_ERROR_RECOVERY_NONE, _("There is no profile in this folder."));
  else if (profile == NULL)
    g_propagate_error (error, tess_core_error_take (g_steal_pointer (&local)));
  else if (tess_profile_dir_has_keys (profile))
    fail (error, TESS_CORE_ERROR_RECOVERY_NONE, _("This profile is kept under a passphrase, which alone opens it."));
  if (profile == NULL || tess_profile_dir_has_keys (profile))
    return NULL;
  keys = tess_secret_alloc (sizeof *keys);
  core = recover (profile, typed, passphrase, keys, error);
  if (core != NULL)
    g_steal_pointer (&profile);
  tess_secret_free (keys);
  return core;
}
