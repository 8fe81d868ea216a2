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

/* What the signed list says of this device, which is the only one in it (protocol.md 1, 12). */
typedef struct {
  uint64_t version; /* of the list */
  uint32_t number;
  int64_t added;    /* when the device joined, seconds; 0 for an account's first */
} TessIdentityDevice;

/* An account's first. */
#define TESS_IDENTITY_FIRST ((TessIdentityDevice) { .version = 1, .number = 1 })

typedef struct {
  gatomicrefcount count;
  TessIdentitySecrets *secrets; /* guarded; read only */
  TessParty us;
  TessIdentityDevice listed;
  GBytes *device_list;          /* this device alone */
  TessEnvelopeKeys *envelope_keys; /* the jobs' alone: nobody else may touch them */
} TessIdentity;

/* The identity of two seeds, which are copied; the caller wipes its own. The same arguments sign the same list. NULL and an error
 * when it cannot be signed. */
TessIdentity *tess_identity_new (const TessIdentitySecrets *secrets, const TessIdentityDevice *listed, GError **error);
TessIdentity *tess_identity_ref (TessIdentity *self);
void tess_identity_unref (TessIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessIdentity, tess_identity_unref)

/* libsodium's form of a secret key, as the wire layer signs with. */
TESS_SECRET_TYPE (TessSignSecret, tess_sign_secret, TESS_SIGN_SECRET_SIZE)
void tess_identity_device_sign_secret (const TessIdentity *self, TessSignSecret *out);

G_END_DECLS
