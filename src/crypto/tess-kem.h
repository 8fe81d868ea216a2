/* ML-KEM-768 (FIPS 203), by libcrypto. Pure; any thread, a key object from one thread at a time.
 * Failing calls zero their outputs and set TESS_CRYPTO_ERROR. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "crypto/tess-crypto-error.h"

#include <stdbool.h>

G_BEGIN_DECLS

#define TESS_KEM_SEED_SIZE 64
#define TESS_KEM_PUBLIC_SIZE 1184
#define TESS_KEM_CIPHERTEXT_SIZE 1088

/* The private form that is stored: the seed d || z. */
TESS_SECRET_TYPE (TessKemSeed, tess_kem_seed, TESS_KEM_SEED_SIZE)

typedef struct {
  uint8_t bytes[TESS_KEM_PUBLIC_SIZE];
} TessKemPublic;

typedef struct {
  uint8_t bytes[TESS_KEM_CIPHERTEXT_SIZE];
} TessKemCiphertext;

/* A live private key. Making one from its seed costs three times a decapsulation (libcrypto checks the pair), so keys that are
 * used often are kept; it lies in libcrypto's memory, which is wiped when freed but not locked. */
typedef struct _TessKemKey TessKemKey;

/* Fills a new seed. Errors: RANDOM. */
bool tess_kem_seed_generate (TessKemSeed *out, GError **error);

/* The key of @seed. Free with tess_kem_key_free(). Errors: RESOURCES. */
TessKemKey *tess_kem_key_new (const TessKemSeed *seed, GError **error);
void tess_kem_key_free (TessKemKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessKemKey, tess_kem_key_free)

/* The key's encapsulation key, borrowed from @self. */
const TessKemPublic *tess_kem_key_public (const TessKemKey *self);

/* The shared secret in @ct. A forged one gives FIPS 203's implicit rejection: another secret, never an error. Errors:
 * RESOURCES. */
bool tess_kem_decapsulate (const TessKemKey *self, const TessKemCiphertext *ct, TessSecret32 *shared_out, GError **error);

/* FIPS 203's encapsulation-key check (7.2): every key that came from outside passes it once before use. Errors: REFUSED. */
bool tess_kem_public_check (const TessKemPublic *ek, GError **error);

/* A fresh secret and its ciphertext for @ek, which is checked again on the way. Errors: RANDOM, REFUSED. */
bool tess_kem_encapsulate (const TessKemPublic *ek, TessKemCiphertext *ct_out, TessSecret32 *shared_out, GError **error);

/* The same with FIPS 203's message m given: for X-Wing and published vectors only; anything but fresh random bytes is broken. */
bool tess_kem_encapsulate_with (const TessKemPublic *ek, const TessSecret32 *m, TessKemCiphertext *ct_out,
                                TessSecret32 *shared_out, GError **error);

G_END_DECLS
