/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "primitives.h"

#include "base/tess-limits.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

#define EK 1184
#define CT 1088

static uint8_t scalar[32], point[32], shared[32], chain[32], prk[32];
static uint8_t seed[64], ek[EK], ct[CT];
static uint8_t plain[TESS_ENVELOPE_LARGE], opened[TESS_ENVELOPE_LARGE], beside[2048];
static uint8_t sealed[TESS_ENVELOPE_LARGE + 16];   /* what primitive_open() opens */
static uint8_t written[TESS_ENVELOPE_LARGE + 16];
static EVP_PKEY *kem, *kem_public;

static EVP_PKEY *
generate (void)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "ML-KEM-768", NULL);
  OSSL_PARAM params[] = { OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_ML_KEM_SEED, seed, sizeof seed),
                          OSSL_PARAM_construct_end () };
  EVP_PKEY *key = NULL;

  g_assert_true (EVP_PKEY_keygen_init (context) == 1 && EVP_PKEY_CTX_set_params (context, params) == 1 &&
                 EVP_PKEY_generate (context, &key) == 1);
  EVP_PKEY_CTX_free (context);
  return key;
}

void
primitives_init (void)
{
  gsize size = EK;

  randombytes_buf (scalar, sizeof scalar);
  randombytes_buf (seed, sizeof seed);
  crypto_scalarmult_curve25519_base (point, scalar);
  kem = generate ();
  g_assert_true (EVP_PKEY_get_raw_public_key (kem, ek, &size) == 1);
  kem_public = EVP_PKEY_new_raw_public_key_ex (NULL, "ML-KEM-768", NULL, ek, EK);
  primitive_kem_encapsulate ();
}

void
primitive_dh (void)
{
  g_assert_true (crypto_scalarmult_curve25519 (shared, scalar, point) == 0);
}

void
primitive_dh_pair (void)
{
  randombytes_buf (scalar, sizeof scalar);
  crypto_scalarmult_curve25519_base (point, scalar);
}

void
primitive_kem_generate (void)
{
  uint8_t public[EK];
  gsize size = sizeof public;
  EVP_PKEY *key;

  randombytes_buf (seed, sizeof seed);
  key = generate ();
  EVP_PKEY_get_raw_public_key (key, public, &size);
  EVP_PKEY_free (key);
}

void
primitive_kem_import (void)
{
  EVP_PKEY_free (EVP_PKEY_new_raw_public_key_ex (NULL, "ML-KEM-768", NULL, ek, EK));
}

void
primitive_kem_encapsulate (void)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey (NULL, kem_public, NULL);
  gsize ct_size = CT, size = sizeof shared;

  g_assert_true (EVP_PKEY_encapsulate_init (context, NULL) == 1 &&
                 EVP_PKEY_encapsulate (context, ct, &ct_size, shared, &size) == 1);
  EVP_PKEY_CTX_free (context);
}

void
primitive_kem_decapsulate (void)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey (NULL, kem, NULL);
  gsize size = sizeof shared;

  g_assert_true (EVP_PKEY_decapsulate_init (context, NULL) == 1 && EVP_PKEY_decapsulate (context, shared, &size, ct, CT) == 1);
  EVP_PKEY_CTX_free (context);
}

static void
hmac (const uint8_t *key, const uint8_t *data, gsize size, uint8_t *out)
{
  crypto_auth_hmacsha256_state state;

  crypto_auth_hmacsha256_init (&state, key, 32);
  crypto_auth_hmacsha256_update (&state, data, size);
  crypto_auth_hmacsha256_final (&state, out);
}

/* HKDF: extract, and as many blocks as it takes. */
static void
hkdf (gsize input, unsigned blocks)
{
  hmac (chain, plain, input, prk);
  for (unsigned i = 0; i < blocks; i++)
    hmac (prk, plain, 50, shared);
}

void
primitive_root (gsize input)
{
  hkdf (input, 2);
}

void
primitive_chain (void)
{
  static const uint8_t one = 1, two = 2;

  hmac (chain, &one, 1, prk);
  hmac (chain, &two, 1, shared);
}

void
primitive_message_key (void)
{
  hkdf (32, 1);
}

void
primitive_seal (gsize size, gsize ad_size)
{
  uint8_t nonce[24];

  randombytes_buf (nonce, sizeof nonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt (written, NULL, plain, size, beside, ad_size, NULL, nonce, chain);
}

void
primitive_open (gsize size, gsize ad_size)
{
  static const uint8_t nonce[24];
  static gsize made_size, made_ad;

  if (size != made_size || ad_size != made_ad) /* once for a case */
    crypto_aead_xchacha20poly1305_ietf_encrypt (sealed, NULL, plain, size, beside, ad_size, NULL, nonce, chain);
  made_size = size;
  made_ad = ad_size;
  g_assert_true (crypto_aead_xchacha20poly1305_ietf_decrypt (opened, NULL, NULL, sealed, size + 16, beside, ad_size, nonce,
                                                             chain) == 0);
}

void
primitive_handshake_hashes (void)
{
  uint8_t hash[64];

  crypto_hash_sha512 (hash, seed, 32);
  crypto_hash_sha256 (hash, plain, 2505);
  crypto_hash_sha256 (hash, plain, 142);
  hkdf (160, 1);
  hkdf (32, 1);
}

void
primitive_combiner (void)
{
  EVP_Digest (plain, 134, shared, NULL, EVP_sha3_256 (), NULL);
}
