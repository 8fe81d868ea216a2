/* X-Wing, the hybrid of ML-KEM-768 and X25519 of draft-connolly-cfrg-xwing-kem, for envelopes (protocol.md 0, 4). Pure; any
 * thread, a key object from one thread at a time. Failing calls zero their outputs and set TESS_CRYPTO_ERROR.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "crypto/tess-crypto-error.h"

#include <stdbool.h>

G_BEGIN_DECLS

#define TESS_XWING_SEED_SIZE 32
#define TESS_XWING_PUBLIC_SIZE 1216
#define TESS_XWING_CIPHERTEXT_SIZE 1120

/* The private form that is stored. */
TESS_SECRET_TYPE (TessXwingSeed, tess_xwing_seed, TESS_XWING_SEED_SIZE)

typedef struct {
  uint8_t bytes[TESS_XWING_PUBLIC_SIZE];
} TessXwingPublic;

typedef struct {
  uint8_t bytes[TESS_XWING_CIPHERTEXT_SIZE];
} TessXwingCiphertext;

/* A live private key: the envelope key is kept as one (see TessKemKey). */
typedef struct _TessXwingKey TessXwingKey;

/* Fills a new seed. Errors: RANDOM. */
bool tess_xwing_seed_generate (TessXwingSeed *out, GError **error);

/* The key of @seed. Free with tess_xwing_key_free(). Errors: RESOURCES. */
TessXwingKey *tess_xwing_key_new (const TessXwingSeed *seed, GError **error);
void tess_xwing_key_free (TessXwingKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessXwingKey, tess_xwing_key_free)

/* The key's public half, borrowed from @self. */
const TessXwingPublic *tess_xwing_key_public (const TessXwingKey *self);

/* The shared secret in @ct. Errors: REFUSED (the X25519 result is all zero), RESOURCES. */
bool tess_xwing_decapsulate (const TessXwingKey *self, const TessXwingCiphertext *ct, TessSecret32 *shared_out, GError **error);

/* FIPS 203's check of the ML-KEM half, for a key just received. Errors: REFUSED. */
bool tess_xwing_public_check (const TessXwingPublic *ek, GError **error);

/* A fresh secret and its ciphertext for @ek. Errors: RANDOM, REFUSED (the ML-KEM half fails its check, the X25519 half gives
 * zero). */
bool tess_xwing_encapsulate (const TessXwingPublic *ek, TessXwingCiphertext *ct_out, TessSecret32 *shared_out, GError **error);

G_END_DECLS
