/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-identity.h"

#include "core/tess-core-error.h"

#include <string.h>

static void
sign_secret (const uint8_t *seed, const uint8_t *public, TessSignSecret *out)
{
  memcpy (out->bytes, seed, 32);
  memcpy (out->bytes + 32, public, 32);
}

void
tess_identity_device_sign_secret (const TessIdentity *self, TessSignSecret *out)
{
  sign_secret (self->secrets->device.bytes, self->us.device.bytes, out);
}

static GBytes *
sign_list (const TessIdentity *self, GError **error)
{
  g_auto (TessSignSecret) account = { 0 };
  g_auto (TessSignSecret) device = { 0 };
  TessDeviceList list = { .version = self->listed.version, .count = 1 };

  sign_secret (self->secrets->account.bytes, self->us.account.bytes, &account);
  tess_identity_device_sign_secret (self, &device);
  memcpy (list.account, self->us.account.bytes, sizeof list.account);
  list.devices[0].number = self->listed.number;
  list.devices[0].added = (uint64_t) self->listed.added;
  tess_device_entry_sign (&list.devices[0], list.account, device.bytes);
  return tess_device_list_sign (&list, account.bytes, error);
}

TessIdentity *
tess_identity_new (const TessIdentitySecrets *secrets, const TessIdentityDevice *listed, GError **error)
{
  g_autoptr (TessIdentity) self = g_new0 (TessIdentity, 1);

  g_atomic_ref_count_init (&self->count);
  self->envelope_keys = tess_envelope_keys_new ();
  self->secrets = tess_secret_alloc (sizeof *self->secrets);
  memcpy (self->secrets, secrets, sizeof *secrets);
  self->listed = *listed;
  tess_account_public (&self->secrets->account, &self->us.account);
  tess_device_public (&self->secrets->device, &self->us.device);
  self->device_list = sign_list (self, error);
  if (self->device_list == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

TessIdentity *
tess_identity_ref (TessIdentity *self)
{
  g_atomic_ref_count_inc (&self->count);
  return self;
}

void
tess_identity_unref (TessIdentity *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->count))
    return;
  tess_secret_free (self->secrets);
  tess_envelope_keys_free (self->envelope_keys);
  g_clear_pointer (&self->device_list, g_bytes_unref);
  g_free (self);
}
