/* The forms in which a secret can lie in memory. In the parent, whose memory nobody looks through.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "watch.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

typedef struct {
  const char *role;
  WatchAdd add;
  void *data;
} To;

static void
add (const To *to, const char *form, const void *bytes, size_t size)
{
  to->add (to->role, form, bytes, size, to->data);
}

/* HMAC's padded keys, the words as SHA-2 loads them, and texts. */
static void
add_encodings (const To *to, const uint8_t *bytes, size_t size)
{
  g_autofree uint8_t *copy = g_memdup2 (bytes, size);
  g_autofree char *text = g_malloc (2 * size + 1);
  g_autofree char *base64 = g_base64_encode (bytes, size);

  for (size_t i = 0; i < size; i++)
    copy[i] = bytes[i] ^ 0x36;
  add (to, "inner HMAC pad", copy, size);
  for (size_t i = 0; i < size; i++)
    copy[i] = bytes[i] ^ 0x5c;
  add (to, "outer HMAC pad", copy, size);
  for (size_t i = 0; i < size; i++)
    copy[i] = i - i % 4 + 4 <= size ? bytes[i - i % 4 + 3 - i % 4] : 0;
  add (to, "32-bit words", copy, size - size % 4);
  for (size_t i = 0; i < size; i++)
    copy[i] = i - i % 8 + 8 <= size ? bytes[i - i % 8 + 7 - i % 8] : 0;
  add (to, "64-bit words", copy, size - size % 8);
  sodium_bin2hex (text, 2 * size + 1, bytes, size);
  add (to, "hex", text, 2 * size);
  for (size_t i = 0; i < 2 * size; i++)
    text[i] = g_ascii_toupper (text[i]);
  add (to, "HEX", text, 2 * size);
  add (to, "base64", base64, strlen (base64) - 4);
}

/* SHA-512 (seed): the scalar, as it is and clamped, and the prefix of nonces. */
static void
add_ed25519 (const To *to, const uint8_t seed[static 32])
{
  uint8_t hash[64];

  crypto_hash_sha512 (hash, seed, 32);
  add (to, "expanded", hash, 64);
}

/* r = SHA-512 (prefix || M), and modulo L. */
static void
add_nonce (const To *to, const uint8_t *bytes, size_t size)
{
  uint8_t hash[64], reduced[32];
  crypto_hash_sha512_state state;

  crypto_hash_sha512 (hash, bytes, 32);
  crypto_hash_sha512_init (&state);
  crypto_hash_sha512_update (&state, hash + 32, 32);
  crypto_hash_sha512_update (&state, bytes + 32, size - 32);
  crypto_hash_sha512_final (&state, hash);
  crypto_core_ed25519_scalar_reduce (reduced, hash);
  add (to, "hash", hash, sizeof hash);
  add (to, "reduced", reduced, sizeof reduced);
}

/* XChaCha20's subkey and Poly1305's key. */
static void
add_aead (const To *to, const uint8_t *bytes)
{
  uint8_t subkey[32], poly[32], nonce[12] = { 0 };

  crypto_core_hchacha20 (subkey, bytes + 32, bytes, NULL);
  memcpy (nonce + 4, bytes + 32 + 16, 8);
  crypto_stream_chacha20_ietf (poly, sizeof poly, nonce, subkey);
  add (to, "XChaCha20 subkey", subkey, sizeof subkey);
  add (to, "Poly1305 key", poly, sizeof poly);
}

/* The secret vector, twelve bits a coefficient as FIPS 203 writes it, and sixteen as a library computes with it. */
static void
add_kem (const To *to, const uint8_t seed[static 64])
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "ML-KEM-768", NULL);
  OSSL_PARAM params[] = { OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_ML_KEM_SEED, (void *) seed, 64),
                          OSSL_PARAM_construct_end () };
  EVP_PKEY *key = NULL;
  uint8_t private[2400], sigma[64], input[33];
  uint16_t wide[768];
  size_t size = sizeof private;

  g_assert (EVP_PKEY_fromdata_init (context) == 1 && EVP_PKEY_fromdata (context, &key, EVP_PKEY_KEYPAIR, params) == 1 &&
            EVP_PKEY_get_raw_private_key (key, private, &size) == 1 && size == sizeof private);
  for (unsigned i = 0; i < 768; i += 2)
    {
      const uint8_t *packed = private + i / 2 * 3;

      wide[i] = packed[0] | (packed[1] & 0x0f) << 8;
      wide[i + 1] = packed[1] >> 4 | packed[2] << 4;
    }
  add (to, "secret vector", private, 1152);
  add (to, "secret coefficients", wide, sizeof wide);
  memcpy (input, seed, 32);
  input[32] = 3;
  g_assert (EVP_Digest (input, sizeof input, sigma, NULL, EVP_sha3_512 (), NULL) == 1);
  add (to, "sigma", sigma + 32, 32);
  EVP_PKEY_free (key);
  EVP_PKEY_CTX_free (context);
}

void
watch_derive (const char *role, const uint8_t *bytes, size_t size, WatchAdd adder, void *data)
{
  To to = { role, adder, data };

  if (g_str_equal (role, "Ed25519 nonce"))
    {
      add_nonce (&to, bytes, size);
      return;
    }
  if (g_str_equal (role, "AEAD key"))
    {
      add_aead (&to, bytes);
      size = 32;
    }
  if (g_str_equal (role, "Ed25519 seed"))
    add_ed25519 (&to, bytes);
  if (g_str_equal (role, "ML-KEM seed"))
    add_kem (&to, bytes);
  add (&to, "itself", bytes, size);
  if (size <= 160 && !g_str_equal (role, "message text"))
    add_encodings (&to, bytes, size);
}
