/* Each construction against published vectors; tests/vectors/README.md names their sources.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "crypto/tess-kdf.h"
#include "crypto/tess-kem.h"
#include "crypto/tess-keys.h"
#include "crypto/tess-safety.h"
#include "crypto/tess-xwing.h"
#include "vectors.h"

#include <openssl/evp.h>
#include <string.h>

typedef struct {
  const uint8_t *data;
  size_t size;
} Script;

/* A random source that plays out given bytes. */
static bool
scripted_source (uint8_t *out, size_t size, void *data)
{
  Script *script = data;

  g_assert_cmpuint (size, <=, script->size);
  memcpy (out, script->data, size);
  script->data += size;
  script->size -= size;
  return true;
}

static void
test_hmac (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("hmac-sha256.txt");

  for (unsigned i = 0; i < cases->len; i++)
    {
      g_autoptr (GByteArray) key = vectors_bytes (cases, i, "key");
      g_autoptr (GByteArray) message = vectors_bytes (cases, i, "message");
      g_autoptr (GByteArray) mac = vectors_bytes (cases, i, "mac");
      uint8_t out[32];

      tess_hmac (key->data, key->len, message->data, message->len, out);
      g_assert_cmpmem (out, mac->len, mac->data, mac->len);
    }
}

static void
test_hkdf (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("hkdf-sha256.txt");

  g_assert_cmpuint (cases->len, ==, 3);
  for (unsigned i = 0; i < cases->len; i++)
    {
      g_autoptr (GByteArray) ikm = vectors_bytes (cases, i, "ikm");
      g_autoptr (GByteArray) salt = vectors_bytes (cases, i, "salt");
      g_autoptr (GByteArray) info = vectors_bytes (cases, i, "info");
      g_autoptr (GByteArray) okm = vectors_bytes (cases, i, "okm");
      g_autofree uint8_t *out = g_malloc (okm->len);

      tess_hkdf (salt->data, salt->len, ikm->data, ikm->len, info->data, info->len, out, okm->len);
      g_assert_cmpmem (out, okm->len, okm->data, okm->len);
    }
}

static void
test_hkdf_default_salt (void)
{
  static const uint8_t zeros[32];
  uint8_t a[100], b[100];

  tess_hkdf_label (NULL, 0, (const uint8_t *) "ikm", 3, "info", a, sizeof a);
  tess_hkdf (zeros, sizeof zeros, (const uint8_t *) "ikm", 3, (const uint8_t *) "info", 4, b, sizeof b);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

static void
test_x25519 (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("x25519.txt");

  for (unsigned i = 0; i < cases->len; i++)
    {
      TessDhSecret scalar;
      TessDhPublic u;
      TessSecret32 out;
      uint8_t expected[32];

      vectors_fixed (cases, i, "scalar", scalar.bytes, sizeof scalar.bytes);
      vectors_fixed (cases, i, "u", u.bytes, sizeof u.bytes);
      vectors_fixed (cases, i, "out", expected, sizeof expected);
      g_assert_true (tess_dh (&scalar, &u, &out, NULL));
      g_assert_cmpmem (out.bytes, sizeof out.bytes, expected, sizeof expected);
      if (!vectors_has (cases, i, "after_1000"))
        continue;
      vectors_fixed (cases, i, "after_1000", expected, sizeof expected);
      for (unsigned round = 0; round < 1000; round++)
        {
          g_assert_true (tess_dh (&scalar, &u, &out, NULL));
          memcpy (u.bytes, scalar.bytes, sizeof u.bytes);
          memcpy (scalar.bytes, out.bytes, sizeof scalar.bytes);
        }
      g_assert_cmpmem (out.bytes, sizeof out.bytes, expected, sizeof expected);
      g_test_message ("iterated 1000 times");
    }
}

/* The signing key of libsodium stands behind tess_device_sign(), which always has a role in front; so the vectors are checked on
 * the public half and on libsodium, and the role's form in test-crypto-keys. */
static void
test_ed25519 (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("ed25519.txt");

  for (unsigned i = 0; i < cases->len; i++)
    {
      g_autoptr (GByteArray) message = vectors_bytes (cases, i, "message");
      TessDeviceSecret secret;
      TessDevicePublic public;
      uint8_t key[64], expected[64], made[64];

      vectors_fixed (cases, i, "seed", secret.bytes, sizeof secret.bytes);
      vectors_fixed (cases, i, "public", expected, 32);
      tess_device_public (&secret, &public);
      g_assert_cmpmem (public.bytes, sizeof public.bytes, expected, 32);
      memcpy (key, secret.bytes, 32);
      memcpy (key + 32, public.bytes, 32);
      crypto_sign_detached (made, NULL, message->data, message->len, key);
      vectors_fixed (cases, i, "signature", expected, sizeof expected);
      g_assert_cmpmem (made, sizeof made, expected, sizeof expected);
    }
}

static void
test_xchacha (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("xchacha20-poly1305.txt");
  g_autoptr (GByteArray) ad = vectors_bytes (cases, 0, "ad");
  g_autoptr (GByteArray) message = vectors_bytes (cases, 0, "message");
  g_autoptr (GByteArray) sealed = vectors_bytes (cases, 0, "sealed");
  g_autofree uint8_t *out = g_malloc (message->len + 16);
  uint8_t key[32], nonce[24];

  vectors_fixed (cases, 0, "key", key, sizeof key);
  vectors_fixed (cases, 0, "nonce", nonce, sizeof nonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt (out, NULL, message->data, message->len, ad->data, ad->len, NULL, nonce, key);
  g_assert_cmpmem (out, message->len + 16, sealed->data, sealed->len);
}

static void
test_argon2id (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("argon2id.txt");

  for (unsigned i = 0; i < cases->len; i++)
    {
      g_autoptr (GByteArray) passphrase = vectors_bytes (cases, i, "passphrase");
      g_autoptr (GByteArray) out = vectors_bytes (cases, i, "out");
      g_autofree uint8_t *made = g_malloc (out->len);
      uint8_t salt[16];

      vectors_fixed (cases, i, "salt", salt, sizeof salt);
      g_assert_cmpint (crypto_pwhash_argon2id (made, out->len, (const char *) passphrase->data, passphrase->len, salt,
                                               vectors_number (cases, i, "passes"), vectors_number (cases, i, "memory"),
                                               crypto_pwhash_argon2id_ALG_ARGON2ID13),
                       ==, 0);
      g_assert_cmpmem (made, out->len, out->data, out->len);
    }
}

/* FIPS 203's implicit rejection, computed on its own: J (z || ct) = SHAKE256. */
static void
check_implicit_rejection (const TessKemKey *key, const TessKemSeed *seed, const TessKemCiphertext *ct)
{
  g_autofree uint8_t *input = g_malloc (32 + sizeof ct->bytes);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  uint8_t expected[32];
  TessKemCiphertext forged = *ct;
  TessSecret32 shared;

  forged.bytes[700] ^= 1;
  memcpy (input, seed->bytes + 32, 32);
  memcpy (input + 32, forged.bytes, sizeof forged.bytes);
  g_assert_cmpint (EVP_DigestInit_ex2 (context, EVP_shake256 (), NULL), ==, 1);
  g_assert_cmpint (EVP_DigestUpdate (context, input, 32 + sizeof forged.bytes), ==, 1);
  g_assert_cmpint (EVP_DigestFinalXOF (context, expected, sizeof expected), ==, 1);
  EVP_MD_CTX_free (context);
  g_assert_true (tess_kem_decapsulate (key, &forged, &shared, NULL));
  g_assert_cmpmem (shared.bytes, sizeof shared.bytes, expected, sizeof expected);
}

static void
test_ml_kem (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("ml-kem-768.txt");

  for (unsigned i = 0; i < cases->len; i++)
    {
      g_autoptr (TessKemKey) key = NULL;
      TessKemSeed seed;
      TessKemPublic ek;
      TessKemCiphertext ct, expected_ct;
      TessSecret32 m, shared, expected;

      vectors_fixed (cases, i, "seed", seed.bytes, sizeof seed.bytes);
      vectors_fixed (cases, i, "ek", ek.bytes, sizeof ek.bytes);
      vectors_fixed (cases, i, "m", m.bytes, sizeof m.bytes);
      vectors_fixed (cases, i, "ct", expected_ct.bytes, sizeof expected_ct.bytes);
      vectors_fixed (cases, i, "ss", expected.bytes, sizeof expected.bytes);
      key = tess_kem_key_new (&seed, NULL);
      g_assert_nonnull (key);
      g_assert_cmpmem (tess_kem_key_public (key)->bytes, TESS_KEM_PUBLIC_SIZE, ek.bytes, sizeof ek.bytes);
      g_assert_true (tess_kem_public_check (&ek, NULL));
      g_assert_true (tess_kem_encapsulate_with (&ek, &m, &ct, &shared, NULL));
      g_assert_cmpmem (ct.bytes, sizeof ct.bytes, expected_ct.bytes, sizeof expected_ct.bytes);
      g_assert_cmpmem (shared.bytes, sizeof shared.bytes, expected.bytes, sizeof expected.bytes);
      g_assert_true (tess_kem_decapsulate (key, &ct, &shared, NULL));
      g_assert_cmpmem (shared.bytes, sizeof shared.bytes, expected.bytes, sizeof expected.bytes);
      check_implicit_rejection (key, &seed, &ct);
    }
}

static void
test_ml_kem_bad_keys (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("ml-kem-768-bad-ek.txt");

  for (unsigned i = 0; i < cases->len; i++)
    {
      g_autoptr (GError) error = NULL;
      TessKemPublic ek;
      TessKemCiphertext ct;
      TessSecret32 shared, m = { 0 };

      vectors_fixed (cases, i, "ek", ek.bytes, sizeof ek.bytes);
      g_assert_false (tess_kem_public_check (&ek, &error));
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
      g_clear_error (&error);
      memset (&shared, 1, sizeof shared);
      memset (&ct, 1, sizeof ct);
      g_assert_false (tess_kem_encapsulate (&ek, &ct, &shared, &error));
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
      g_assert_true (sodium_is_zero (shared.bytes, sizeof shared.bytes));
      g_assert_true (sodium_is_zero (ct.bytes, sizeof ct.bytes));
      memset (&shared, 1, sizeof shared);
      memset (&ct, 1, sizeof ct);
      g_assert_false (tess_kem_encapsulate_with (&ek, &m, &ct, &shared, NULL));
      g_assert_true (sodium_is_zero (shared.bytes, sizeof shared.bytes));
      g_assert_true (sodium_is_zero (ct.bytes, sizeof ct.bytes));
    }
}

static void
test_xwing (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("xwing.txt");

  for (unsigned i = 0; i < cases->len; i++)
    {
      g_autoptr (TessXwingKey) key = NULL;
      g_autoptr (GByteArray) eseed = vectors_bytes (cases, i, "eseed");
      Script script = { eseed->data, eseed->len };
      TessXwingSeed seed;
      TessXwingCiphertext ct;
      TessSecret32 shared;
      uint8_t expected[TESS_XWING_PUBLIC_SIZE];

      vectors_fixed (cases, i, "seed", seed.bytes, sizeof seed.bytes);
      key = tess_xwing_key_new (&seed, NULL);
      g_assert_nonnull (key);
      if (vectors_has (cases, i, "pk"))
        {
          vectors_fixed (cases, i, "pk", expected, TESS_XWING_PUBLIC_SIZE);
          g_assert_cmpmem (tess_xwing_key_public (key)->bytes, TESS_XWING_PUBLIC_SIZE, expected, TESS_XWING_PUBLIC_SIZE);
        }
      tess_random_set_source (scripted_source, &script);
      g_assert_true (tess_xwing_encapsulate (tess_xwing_key_public (key), &ct, &shared, NULL));
      tess_random_set_source (NULL, NULL);
      g_assert_cmpuint (script.size, ==, 0);
      if (vectors_has (cases, i, "ct"))
        {
          vectors_fixed (cases, i, "ct", expected, TESS_XWING_CIPHERTEXT_SIZE);
          g_assert_cmpmem (ct.bytes, sizeof ct.bytes, expected, TESS_XWING_CIPHERTEXT_SIZE);
        }
      vectors_fixed (cases, i, "ss", expected, 32);
      g_assert_cmpmem (shared.bytes, sizeof shared.bytes, expected, 32);
      g_assert_true (tess_xwing_decapsulate (key, &ct, &shared, NULL));
      g_assert_cmpmem (shared.bytes, sizeof shared.bytes, expected, 32);
    }
}

static void
test_safety_number (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("safety-number.txt");
  g_autoptr (GByteArray) id_a = vectors_bytes (cases, 0, "id_a");
  g_autoptr (GByteArray) id_b = vectors_bytes (cases, 0, "id_b");
  TessAccountPublic a, b;
  char number[TESS_SAFETY_DIGITS + 1];

  vectors_fixed (cases, 0, "key_a", a.bytes, sizeof a.bytes);
  vectors_fixed (cases, 0, "key_b", b.bytes, sizeof b.bytes);
  tess_safety_number_with_ids (id_a->data, id_a->len, &a, id_b->data, id_b->len, &b, number);
  g_assert_cmpstr (number, ==, vectors_text (cases, 0, "number"));
  tess_safety_number_with_ids (id_b->data, id_b->len, &b, id_a->data, id_a->len, &a, number);
  g_assert_cmpstr (number, ==, vectors_text (cases, 0, "number"));
}

int
main (int argc, char *argv[])
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/vectors/hmac", test_hmac);
  g_test_add_func ("/crypto/vectors/hkdf", test_hkdf);
  g_test_add_func ("/crypto/vectors/hkdf-default-salt", test_hkdf_default_salt);
  g_test_add_func ("/crypto/vectors/x25519", test_x25519);
  g_test_add_func ("/crypto/vectors/ed25519", test_ed25519);
  g_test_add_func ("/crypto/vectors/xchacha20-poly1305", test_xchacha);
  g_test_add_func ("/crypto/vectors/argon2id", test_argon2id);
  g_test_add_func ("/crypto/vectors/ml-kem", test_ml_kem);
  g_test_add_func ("/crypto/vectors/ml-kem-bad-keys", test_ml_kem_bad_keys);
  g_test_add_func ("/crypto/vectors/x-wing", test_xwing);
  g_test_add_func ("/crypto/vectors/safety-number", test_safety_number);
  return g_test_run ();
}
