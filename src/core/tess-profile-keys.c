/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-profile-keys.h"

#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "base/tess-random.h"
#include "store/tess-keyring.h"

#include <string.h>

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

TessPassphrase *
tess_passphrase_copy (const TessPassphrase *self)
{
  TessPassphrase *copy = tess_secret_alloc (sizeof *self + self->size);

  memcpy (copy, self, sizeof *self + self->size);
  return copy;
}

bool
tess_profile_keys_generate (TessProfileKeys *self, GError **error)
{
  TessAccountPublic account;
  TessDevicePublic device;

  if (tess_account_generate (&self->identity.account, &account, NULL)
      && tess_device_generate (&self->identity.device, &device, NULL)
      && tess_random (self->database.bytes, sizeof self->database.bytes))
    return true;
  g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, _("There are no random numbers."));
  return false;
}

bool
tess_profile_keys_load (TessProfileKeys *self, TessProfileDir *dir, bool ask, GBytes **wrapped_out, GError **error)
{
  const char *id = tess_profile_dir_id (dir);
  unsigned timeout = ask ? TESS_KEYRING_TIMEOUT : TESS_KEYRING_SOON;
  uint8_t *database = self->database.bytes, *account = self->identity.account.bytes, *device = self->identity.device.bytes;

  return tess_keyring_await_content (tess_keyring_load (id, TESS_KEYRING_DATABASE, ask, timeout), database, wrapped_out, error)
         && tess_keyring_await_secret (tess_keyring_load (id, TESS_KEYRING_ACCOUNT, ask, timeout), account, error)
         && tess_keyring_await_secret (tess_keyring_load (id, TESS_KEYRING_DEVICE, ask, timeout), device, error);
}

bool
tess_profile_keys_store (const TessProfileKeys *self, TessProfileDir *dir, GError **error)
{
  const char *id = tess_profile_dir_id (dir);

  return dex_await (tess_keyring_store (id, TESS_KEYRING_ACCOUNT, self->identity.account.bytes, 0), error)
         && dex_await (tess_keyring_store (id, TESS_KEYRING_DEVICE, self->identity.device.bytes, 0), error)
         && dex_await (tess_keyring_replace (id, TESS_KEYRING_DATABASE, self->database.bytes, sizeof self->database, 0), error);
}

bool
tess_profile_keys_store_identity (const TessProfileKeys *self, TessProfileDir *dir, GError **error)
{
  const char *id = tess_profile_dir_id (dir);

  return dex_await (tess_keyring_store (id, TESS_KEYRING_ACCOUNT, self->identity.account.bytes, 0), error)
         && dex_await (tess_keyring_store (id, TESS_KEYRING_DEVICE, self->identity.device.bytes, 0), error);
}

void
tess_profile_work (DexFiberFunc work, gpointer box, GDestroyNotify release)
{
  dex_await (dex_scheduler_spawn (DEX_SCHEDULER (dex_thread_pool_scheduler_get_default ()), 0, work,
                                  g_atomic_rc_box_acquire (box), release),
             NULL);
}
