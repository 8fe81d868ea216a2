/* The same flows with their secrets tainted instead of told: Valgrind's memcheck takes them for undefined, and so names every
 * branch and every index of ours that depends on one. What becomes public on its way is declared so here, in front of libsodium
 * and libcrypto (linked with --wrap), each with its reason, and nowhere else. SPDX-License-Identifier: GPL-3.0-or-later */
#include "taint.h"

#include "watch.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>
#include <valgrind/memcheck.h>

TaintCounts taint_counts;

void
taint_secret (void *bytes, size_t size)
{
  VALGRIND_MAKE_MEM_UNDEFINED (bytes, size);
  taint_counts.secrets++;
}

void
taint_public (const void *bytes, size_t size)
{
  VALGRIND_MAKE_MEM_DEFINED (bytes, size);
  taint_counts.published++;
}

/* A run whose taint got lost on the way would find nothing: each key of a cipher must still bear it, in every bit. */
static void
count_key (const unsigned char *key)
{
  unsigned char bits[32] = { 0 };
  bool tainted = VALGRIND_GET_VBITS (key, bits, sizeof bits) == 1;

  for (size_t i = 0; i < sizeof bits; i++)
    tainted = tainted && bits[i] == 0xff;
  *(tainted ? &taint_counts.keys : &taint_counts.lost) += 1;
}

/* What the flows of flows.c ask of record.c. */
int watch_pipe = -1, watch_control = -1;
static unsigned fail_random;

void
watch_secret (const char *role, const void *bytes, size_t size)
{
  taint_secret ((void *) bytes, size);
}

void
watch_public (const void *bytes, size_t size)
{
  taint_public (bytes, size);
}

void
watch_checkpoint (const char *name)
{
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
  taint_secret (out, 64);
}

#define WRAP(type, name, parameters) \
  type __real_##name parameters;     \
  type __wrap_##name parameters;     \
  type __wrap_##name parameters

/* Nonces (24) and salts (16) are sent along. */
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
    taint_secret (out, size);
  return true;
}

/* The one secret of 16 bytes. */
WRAP (bool, tess_showing_generate, (void *out, GError **error))
{
  bool good = __real_tess_showing_generate (out, error);

  taint_secret (out, 16);
  return good;
}

/* A public key is sent. */
WRAP (int, crypto_scalarmult_curve25519_base, (unsigned char *q, const unsigned char *n))
{
  int result = __real_crypto_scalarmult_curve25519_base (q, n);

  taint_public (q, 32);
  taint_public (&result, sizeof result);
  return result;
}

/* That a point is refused is told by the error; what points are refused is known beforehand. */
WRAP (int, crypto_scalarmult_curve25519, (unsigned char *q, const unsigned char *n, const unsigned char *p))
{
  int result = __real_crypto_scalarmult_curve25519 (q, n, p);

  taint_secret (q, 32);
  taint_public (&result, sizeof result);
  return result;
}

/* A public key is sent, also as the half of the expanded private one that it is. */
WRAP (int, crypto_sign_seed_keypair, (unsigned char *pk, unsigned char *sk, const unsigned char *seed))
{
  int result = __real_crypto_sign_seed_keypair (pk, sk, seed);

  taint_public (pk, 32);
  taint_public (sk + 32, 32);
  return result;
}

/* A signature is sent. */
WRAP (int, crypto_sign_detached,
      (unsigned char *signature, unsigned long long *size_out, const unsigned char *m, unsigned long long size,
       const unsigned char *sk))
{
  int result = __real_crypto_sign_detached (signature, size_out, m, size, sk);

  taint_public (signature, 64);
  return result;
}

/* A ciphertext is sent. */
WRAP (int, crypto_aead_xchacha20poly1305_ietf_encrypt,
      (unsigned char *c, unsigned long long *c_size, const unsigned char *m, unsigned long long m_size, const unsigned char *ad,
       unsigned long long ad_size, const unsigned char *none, const unsigned char *nonce, const unsigned char *key))
{
  int result;

  count_key (key);
  result = __real_crypto_aead_xchacha20poly1305_ietf_encrypt (c, c_size, m, m_size, ad, ad_size, none, nonce, key);
  taint_public (c, m_size + 16);
  return result;
}

/* That a tag is refused is told by the error. What is in an envelope (the only use of the zero nonce) is who sent it, lengths and
 * a ratchet message, itself a ciphertext: reading it branches on no key and on no text. */
WRAP (int, crypto_aead_xchacha20poly1305_ietf_decrypt,
      (unsigned char *m, unsigned long long *m_size, unsigned char *none, const unsigned char *c, unsigned long long c_size,
       const unsigned char *ad, unsigned long long ad_size, const unsigned char *nonce, const unsigned char *key))
{
  int result;

  count_key (key);
  result = __real_crypto_aead_xchacha20poly1305_ietf_decrypt (m, m_size, none, c, c_size, ad, ad_size, nonce, key);
  taint_public (&result, sizeof result);
  if (sodium_is_zero (nonce, 24))
    taint_public (m, c_size - 16);
  else
    taint_secret (m, c_size - 16);
  return result;
}

/* A passphrase that fits is told by the next error or its absence. */
WRAP (int, crypto_pwhash_argon2id,
      (unsigned char *out, unsigned long long size, const char *passphrase, unsigned long long passphrase_size,
       const unsigned char *salt, unsigned long long ops, size_t memory, int algorithm))
{
  int result = __real_crypto_pwhash_argon2id (out, size, passphrase, passphrase_size, salt, ops, memory, algorithm);

  taint_secret (out, size);
  taint_public (&result, sizeof result);
  return result;
}

/* Verdicts: whether all of it is the same, or zero, is what the caller's error tells; never where it differs. */
WRAP (int, sodium_memcmp, (const void *a, const void *b, size_t size))
{
  int result = __real_sodium_memcmp (a, b, size);

  taint_public (&result, sizeof result);
  return result;
}

WRAP (int, sodium_is_zero, (const unsigned char *bytes, size_t size))
{
  int result = __real_sodium_is_zero (bytes, size);

  taint_public (&result, sizeof result);
  return result;
}

/* A public key is sent. */
WRAP (int, EVP_PKEY_get_raw_public_key, (const EVP_PKEY *key, unsigned char *out, size_t *size))
{
  int result = __real_EVP_PKEY_get_raw_public_key (key, out, size);

  taint_public (&result, sizeof result);
  taint_public (size, sizeof *size);
  taint_public (out, *size);
  return result;
}

/* A ciphertext is sent. */
WRAP (int, EVP_PKEY_encapsulate,
      (EVP_PKEY_CTX *context, unsigned char *ct, size_t *ct_size, unsigned char *shared, size_t *shared_size))
{
  int result = __real_EVP_PKEY_encapsulate (context, ct, ct_size, shared, shared_size);

  taint_public (&result, sizeof result);
  taint_public (ct_size, sizeof *ct_size);
  taint_public (shared_size, sizeof *shared_size);
  taint_public (ct, *ct_size);
  taint_secret (shared, *shared_size);
  return result;
}

/* Never an error for a forged ciphertext: FIPS 203 rejects in silence. */
WRAP (int, EVP_PKEY_decapsulate,
      (EVP_PKEY_CTX *context, unsigned char *shared, size_t *shared_size, const unsigned char *ct, size_t ct_size))
{
  int result = __real_EVP_PKEY_decapsulate (context, shared, shared_size, ct, ct_size);

  taint_public (&result, sizeof result);
  taint_public (shared_size, sizeof *shared_size);
  taint_secret (shared, *shared_size);
  return result;
}

WRAP (int, crypto_secretstream_xchacha20poly1305_init_pull,
      (crypto_secretstream_xchacha20poly1305_state *state, const unsigned char *header, const unsigned char *k))
{
  count_key (k);
  return __real_crypto_secretstream_xchacha20poly1305_init_pull (state, header, k);
}

/* That a chunk does not open is told by the error, and that it is the last by the file's end. Whoever has the passphrase reads
 * the records by their kinds and lengths. */
WRAP (int, crypto_secretstream_xchacha20poly1305_pull,
      (crypto_secretstream_xchacha20poly1305_state *state, unsigned char *m, unsigned long long *size_out, unsigned char *tag,
       const unsigned char *c, unsigned long long size, const unsigned char *ad, unsigned long long ad_size))
{
  int result = __real_crypto_secretstream_xchacha20poly1305_pull (state, m, size_out, tag, c, size, ad, ad_size);

  taint_public (&result, sizeof result);
  if (result != 0)
    return result;
  taint_public (tag, 1);
  taint_public (m, (size_t) *size_out);
  return result;
}
