/* The child's side: what it hands to libsodium and libcrypto, and gets from them, is told to the parent without a copy.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "watch.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* A record is one write, so that those of several threads do not mix. */
#define ROLE 32
#define SECRET_MAX 3072

int watch_pipe = -1, watch_control = -1;
static unsigned fail_random;

void
watch_secret2 (const char *role, const void *bytes, size_t size, const void *more, size_t more_size)
{
  char name[ROLE] = { 0 };
  uint32_t total = (uint32_t) (size + more_size);
  struct iovec parts[] = { { name, sizeof name },
                           { &total, sizeof total },
                           { (void *) bytes, size },
                           { (void *) more, more_size } };

  if (watch_pipe < 0)
    return;
  g_assert (size + more_size <= SECRET_MAX && strlen (role) < ROLE);
  memcpy (name, role, strlen (role));
  g_assert (writev (watch_pipe, parts, G_N_ELEMENTS (parts)) == (ssize_t) (sizeof name + sizeof total + total));
}

void
watch_secret (const char *role, const void *bytes, size_t size)
{
  watch_secret2 (role, bytes, size, NULL, 0);
}

/* In pieces: a public thing may be longer than a record. */
void
watch_public (const void *bytes, size_t size)
{
  for (size_t at = 0; at < size; at += SECRET_MAX - 8)
    watch_secret ("public", (const uint8_t *) bytes + at, MIN (size - at, SECRET_MAX));
}

void
watch_checkpoint (const char *name)
{
  char byte;

  if (watch_pipe < 0)
    return;
  watch_secret ("checkpoint", name, strlen (name));
  g_assert (read (watch_control, &byte, 1) == 1);
}

void
watch_fail_random (unsigned n)
{
  fail_random = n;
}

void
watch_text (char out[static 65])
{
  uint8_t random[32];

  randombytes_buf (random, sizeof random);
  sodium_bin2hex (out, 65, random, sizeof random);
  sodium_memzero (random, sizeof random);
  watch_secret ("message text", out, 64);
}

#define WRAP(type, name, parameters) \
  type __real_##name parameters;     \
  type __wrap_##name parameters;     \
  type __wrap_##name parameters

/* Nonces (24), salts, public ids and capabilities (16) and record numbers (4) are no secrets. */
WRAP (bool, tess_random, (uint8_t *out, size_t size))
{
  if (fail_random > 0 && --fail_random == 0)
    {
      memset (out, 0, size);
      return false;
    }
  if (!__real_tess_random (out, size))
    return false;
  if (size >= 32)
    watch_secret ("random", out, size);
  return true;
}

WRAP (int, crypto_auth_hmacsha256_init, (crypto_auth_hmacsha256_state *state, const unsigned char *key, size_t size))
{
  if (size >= 16)
    watch_secret ("HMAC key", key, MIN (size, SECRET_MAX));
  return __real_crypto_auth_hmacsha256_init (state, key, size);
}

WRAP (int, crypto_auth_hmacsha256_final, (crypto_auth_hmacsha256_state *state, unsigned char *out))
{
  int result = __real_crypto_auth_hmacsha256_final (state, out);

  watch_secret ("HMAC result", out, 32);
  return result;
}

WRAP (int, crypto_scalarmult_curve25519, (unsigned char *q, const unsigned char *n, const unsigned char *p))
{
  int result = __real_crypto_scalarmult_curve25519 (q, n, p);

  watch_secret ("X25519 scalar", n, 32);
  watch_secret ("X25519 result", q, 32);
  return result;
}

WRAP (int, crypto_scalarmult_curve25519_base, (unsigned char *q, const unsigned char *n))
{
  watch_secret ("X25519 scalar", n, 32);
  return __real_crypto_scalarmult_curve25519_base (q, n);
}

WRAP (int, crypto_sign_seed_keypair, (unsigned char *pk, unsigned char *sk, const unsigned char *seed))
{
  watch_secret ("Ed25519 seed", seed, 32);
  return __real_crypto_sign_seed_keypair (pk, sk, seed);
}

WRAP (int, crypto_sign_detached,
      (unsigned char *signature, unsigned long long *size_out, const unsigned char *m, unsigned long long size,
       const unsigned char *sk))
{
  watch_secret ("Ed25519 seed", sk, 32);
  if (size <= SECRET_MAX - 64)
    watch_secret2 ("Ed25519 nonce", sk, 32, m, size);
  return __real_crypto_sign_detached (signature, size_out, m, size, sk);
}

/* One-shot SHA-512 is used for a device key's X25519 half alone. */
WRAP (int, crypto_hash_sha512, (unsigned char *out, const unsigned char *in, unsigned long long size))
{
  int result = __real_crypto_hash_sha512 (out, in, size);

  watch_secret ("Ed25519 expanded", out, 64);
  return result;
}

WRAP (int, crypto_aead_xchacha20poly1305_ietf_encrypt,
      (unsigned char *c, unsigned long long *c_size, const unsigned char *m, unsigned long long m_size, const unsigned char *ad,
       unsigned long long ad_size, const unsigned char *none, const unsigned char *nonce, const unsigned char *key))
{
  watch_secret2 ("AEAD key", key, 32, nonce, 24);
  return __real_crypto_aead_xchacha20poly1305_ietf_encrypt (c, c_size, m, m_size, ad, ad_size, none, nonce, key);
}

WRAP (int, crypto_aead_xchacha20poly1305_ietf_decrypt,
      (unsigned char *m, unsigned long long *m_size, unsigned char *none, const unsigned char *c, unsigned long long c_size,
       const unsigned char *ad, unsigned long long ad_size, const unsigned char *nonce, const unsigned char *key))
{
  watch_secret2 ("AEAD key", key, 32, nonce, 24);
  return __real_crypto_aead_xchacha20poly1305_ietf_decrypt (m, m_size, none, c, c_size, ad, ad_size, nonce, key);
}

WRAP (int, crypto_pwhash_argon2id,
      (unsigned char *out, unsigned long long size, const char *passphrase, unsigned long long passphrase_size,
       const unsigned char *salt, unsigned long long ops, size_t memory, int algorithm))
{
  int result = __real_crypto_pwhash_argon2id (out, size, passphrase, passphrase_size, salt, ops, memory, algorithm);

  watch_secret ("Argon2id result", out, size);
  return result;
}

WRAP (int, EVP_PKEY_CTX_set_params, (EVP_PKEY_CTX *context, const OSSL_PARAM *params))
{
  if (g_str_equal (params[0].key, OSSL_PKEY_PARAM_ML_KEM_SEED))
    watch_secret ("ML-KEM seed", params[0].data, params[0].data_size);
  return __real_EVP_PKEY_CTX_set_params (context, params);
}

WRAP (int, EVP_PKEY_encapsulate,
      (EVP_PKEY_CTX *context, unsigned char *ct, size_t *ct_size, unsigned char *shared, size_t *shared_size))
{
  int result = __real_EVP_PKEY_encapsulate (context, ct, ct_size, shared, shared_size);

  if (shared != NULL)
    watch_secret ("ML-KEM shared", shared, 32);
  return result;
}

WRAP (int, EVP_PKEY_decapsulate,
      (EVP_PKEY_CTX *context, unsigned char *shared, size_t *shared_size, const unsigned char *ct, size_t ct_size))
{
  int result = __real_EVP_PKEY_decapsulate (context, shared, shared_size, ct, ct_size);

  if (shared != NULL)
    watch_secret ("ML-KEM shared", shared, 32);
  return result;
}

WRAP (int, EVP_DigestFinalXOF, (EVP_MD_CTX *context, unsigned char *out, size_t size))
{
  int result = __real_EVP_DigestFinalXOF (context, out, size);

  watch_secret ("X-Wing expanded", out, size);
  return result;
}

WRAP (int, EVP_Digest,
      (const void *data, size_t size, unsigned char *out, unsigned int *out_size, const EVP_MD *type, ENGINE *engine))
{
  int result = __real_EVP_Digest (data, size, out, out_size, type, engine);

  watch_secret ("X-Wing shared", out, 32);
  return result;
}

/* The stream's own key, drawn from ours. */
WRAP (int, crypto_secretstream_xchacha20poly1305_init_pull,
      (crypto_secretstream_xchacha20poly1305_state *state, const unsigned char *header, const unsigned char *k))
{
  int result = __real_crypto_secretstream_xchacha20poly1305_init_pull (state, header, k);

  watch_secret ("stream key", k, 32);
  watch_secret ("stream key", state->k, sizeof state->k);
  return result;
}
