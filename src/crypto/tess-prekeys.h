/* Making prekeys (protocol.md 1). The private parts are plain secret bytes of fixed size: a store keeps `bytes` as they are, each
 * beside its id. The records that carry the public parts, and their signatures, stand in the wire layer. Pure; any thread.
 * Failing calls zero their outputs and set TESS_CRYPTO_ERROR. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crypto/tess-kem.h"
#include "crypto/tess-keys.h"
#include "crypto/tess-xwing.h"

G_BEGIN_DECLS

/* X25519 scalar<32> || ML-KEM seed<64>: SPK with the last-resort key, or OPK with its own. */
#define TESS_PREKEY_SECRET_SIZE (32 + TESS_KEM_SEED_SIZE)
TESS_SECRET_TYPE (TessSignedPrekeySecret, tess_signed_prekey_secret, TESS_PREKEY_SECRET_SIZE)
TESS_SECRET_TYPE (TessOneTimeSecret, tess_one_time_secret, TESS_PREKEY_SECRET_SIZE)

/* What the prekey record says of one signed prekey: SPK and last_resort_ek. */
typedef struct {
  TessDhPublic dh;
  TessKemPublic kem;
} TessSignedPrekeyPublic;

/* What a one-time record says: OPK and ek. */
typedef struct {
  TessDhPublic dh;
  TessKemPublic kem;
} TessOneTimePublic;

/* Makes a signed prekey with its last-resort key; a one-time prekey; an envelope key (private form: the X-Wing seed).
 * Errors: RANDOM, RESOURCES. */
bool tess_signed_prekey_generate (TessSignedPrekeySecret *secret_out, TessSignedPrekeyPublic *public_out, GError **error);
bool tess_one_time_generate (TessOneTimeSecret *secret_out, TessOneTimePublic *public_out, GError **error);
bool tess_envelope_key_generate (TessXwingSeed *secret_out, TessXwingPublic *public_out, GError **error);

/* The check of protocol.md 0 for what a received record carries, once, before it is stored or used: FIPS 203's encapsulation-key
 * check of the last-resort and envelope keys; of a one-time key. Errors: REFUSED. */
bool tess_prekey_keys_check (const TessKemPublic *last_resort, const TessXwingPublic *envelope, GError **error);
bool tess_one_time_key_check (const TessKemPublic *ek, GError **error);

G_END_DECLS
