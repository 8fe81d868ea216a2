/* Who we are: the account and device keys in guarded memory, and the signed device list. Immutable (but for what is the jobs'
 * own) and counted atomically, so
 * that the database thread and the links may hold it while the main thread lets go. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-envelope-keys.h"
#include "crypto/tess-keys.h"
#include "wire/tess-records.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
  TessAccountSecret account;
  TessDeviceSecret device;
} TessIdentitySecrets;

typedef struct {
  gatomicrefcount count;
  TessIdentitySecrets *secrets; /* guarded; read only */
  TessParty us;
  GBytes *device_list;          /* version 1: this device alone */
  TessEnvelopeKeys *envelope_keys; /* the jobs' alone: nobody else may touch them */
} TessIdentity;

/* The identity of two seeds, which are copied; the caller wipes its own. @added is when the device joined (seconds, 0 for an
 * account's first), which the list names; the same arguments sign the same list. NULL and TESS_CORE_ERROR_FAILED when it cannot
 * be signed. */
TessIdentity *tess_identity_new (const TessIdentitySecrets *secrets, int64_t added, GError **error);
TessIdentity *tess_identity_ref (TessIdentity *self);
void tess_identity_unref (TessIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessIdentity, tess_identity_unref)

/* libsodium's form of a secret key, as the wire layer signs with. */
TESS_SECRET_TYPE (TessSignSecret, tess_sign_secret, TESS_SIGN_SECRET_SIZE)
void tess_identity_device_sign_secret (const TessIdentity *self, TessSignSecret *out);

G_END_DECLS
