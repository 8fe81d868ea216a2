/* What published collections of bad inputs (Wycheproof, ed25519-speccheck) and the standards say must be refused, or come out in
 * a stated way; tests/vectors/README.md names the sources. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "crypto/tess-kdf.h"
#include "crypto/tess-kem.h"
#include "crypto/tess-keys.h"
#include "crypto/tess-safety.h"
#include "crypto/tess-xwing.h"
#include "vectors.h"
#include "wire/tess-records.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

#define Q 3329

/* Keys of low order are refused in either role, with nothing left in the output; any other key is taken as RFC 7748 says. */
static void
test_x25519 (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("x25519-edge.txt");
  unsigned refused = 0;

  for (unsigned i = 0; i < cases->len; i++)
    {
      g_autoptr (GError) error = NULL;
      TessDhSecret scalar;
      TessDhPublic u;
      TessSecret32 out;
      uint8_t expected[32];

      vectors_fixed (cases, i, "scalar", scalar.bytes, sizeof scalar.bytes);
      vectors_fixed (cases, i, "u", u.bytes, sizeof u.bytes);
      memset (&out, 1, sizeof out);
      if (vectors_has (cases, i, "out"))
        {
          vectors_fixed (cases, i, "out", expected, sizeof expected);
          g_assert_true (tess_dh (&scalar, &u, &out, NULL));
          g_assert_cmpmem (out.bytes, sizeof out.bytes, expected, sizeof expected);
          continue;
        }
      g_assert_false (tess_dh (&scalar, &u, &out, &error));
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
      g_assert_true (sodium_is_zero (out.bytes, sizeof out.bytes));
      refused++;
    }
  g_assert_cmpuint (refused, ==, 14);
}

/* The five of the twelve on cr.yp.to/ecdh.html that are of low order only for who does not mask the top bit: for RFC 7748 they
 * are ordinary keys, the same as without that bit. */
static void
test_x25519_masked (void)
{
  static const char *const keys[] = {
    "cdeb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
    "4c9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
    "d9ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "daffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "dbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      TessDhSecret scalar = { { 0x77 } };
      TessDhPublic u;
      TessSecret32 out, masked;
      size_t size;

      g_assert_cmpint (sodium_hex2bin (u.bytes, 32, keys[i], 64, NULL, &size, NULL), ==, 0);
      g_assert_true (tess_dh (&scalar, &u, &out, NULL));
      u.bytes[31] &= 0x7f;
      g_assert_true (tess_dh (&scalar, &u, &masked, NULL));
      g_assert_cmpmem (out.bytes, 32, masked.bytes, 32);
    }
}

/* Published signatures are over bare messages, ours always over a role: these are for libsodium's verification, which stands
 * behind tess_verify(). A key that is not canonical or of small order is no A or D either, nor is one of mixed order. */
static void
test_ed25519 (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("ed25519-edge.txt");
  unsigned valid = 0;

  for (unsigned i = 0; i < cases->len; i++)
    {
      g_autoptr (GByteArray) message = vectors_bytes (cases, i, "message");
      const char *what = vectors_text (cases, i, "what");
      uint8_t public[32], signature[64];
      TessDevicePublic device;
      TessDhPublic dh;
      bool good;

      vectors_fixed (cases, i, "public", public, sizeof public);
      vectors_fixed (cases, i, "signature", signature, sizeof signature);
      good = crypto_sign_verify_detached (signature, message->data, message->len, public) == 0;
      g_test_message ("%s", what);
      g_assert_cmpstr (good ? "valid" : "invalid", ==, vectors_text (cases, i, "result"));
      valid += good;
      if (strstr (what, "mixed A") == NULL && strstr (what, "small A") == NULL && strstr (what, "A not canonical") == NULL)
        continue;
      memcpy (device.bytes, public, sizeof public);
      g_assert_false (tess_sign_key_is_valid (public));
      g_assert_false (tess_device_dh_public (&device, &dh, NULL));
    }
  g_assert_cmpuint (valid, ==, 2);
}

static void
flip (uint8_t *bytes, size_t bit)
{
  bytes[bit / 8] ^= (uint8_t) (1u << bit % 8);
}

/* Each bit of signature, key and record counts, and so does the role. */
static void
test_signature_bits (void)
{
  TessDeviceSecret secret = { { 7 } };
  TessDevicePublic device;
  uint8_t record[36] = { 1, 2, 3 }, signature[64];

  tess_device_public (&secret, &device);
  tess_device_sign (&secret, "device", record, sizeof record, signature);
  g_assert_true (tess_verify (TESS_ROLE_DEVICE, record, sizeof record, device.bytes, signature));
  for (size_t bit = 0; bit < 8 * sizeof signature; bit++)
    {
      flip (signature, bit);
      g_assert_false (tess_verify (TESS_ROLE_DEVICE, record, sizeof record, device.bytes, signature));
      flip (signature, bit);
    }
  for (size_t bit = 0; bit < 8 * sizeof device.bytes; bit++)
    {
      flip (device.bytes, bit);
      g_assert_false (tess_verify (TESS_ROLE_DEVICE, record, sizeof record, device.bytes, signature));
      flip (device.bytes, bit);
    }
  for (size_t bit = 0; bit < 8 * sizeof record; bit++)
    {
      flip (record, bit);
      g_assert_false (tess_verify (TESS_ROLE_DEVICE, record, sizeof record, device.bytes, signature));
      flip (record, bit);
    }
  for (TessRole role = TESS_ROLE_DEVICE_LIST; role <= TESS_ROLE_GROUP; role++)
    g_assert_true (tess_verify (role, record, sizeof record, device.bytes, signature) == (role == TESS_ROLE_DEVICE));
  for (size_t size = 0; size < sizeof record; size++)
    g_assert_false (tess_verify (TESS_ROLE_DEVICE, record, size, device.bytes, signature));
}

typedef struct {
  uint8_t key[32];
  uint8_t nonce[24];
  uint8_t ad[12];
  uint8_t sealed[114 + 16];
} Sealed;

static bool
opens (const Sealed *self, size_t ad_size, size_t size)
{
  uint8_t out[sizeof self->sealed];

  return crypto_aead_xchacha20poly1305_ietf_decrypt (out, NULL, NULL, self->sealed, size, self->ad, ad_size, self->nonce,
                                                     self->key) == 0;
}

/* The draft's vector with each bit of key, nonce, associated data, ciphertext and tag changed, each length cut, and the tags that
 * Wycheproof tries (ModifiedTag): all zero, all one, inverted, its halves exchanged. */
static void
test_xchacha (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("xchacha20-poly1305.txt");
  Sealed good, bad;
  uint8_t *tag = bad.sealed + sizeof bad.sealed - 16;

  vectors_fixed (cases, 0, "key", good.key, sizeof good.key);
  vectors_fixed (cases, 0, "nonce", good.nonce, sizeof good.nonce);
  vectors_fixed (cases, 0, "ad", good.ad, sizeof good.ad);
  vectors_fixed (cases, 0, "sealed", good.sealed, sizeof good.sealed);
  g_assert_true (opens (&good, sizeof good.ad, sizeof good.sealed));
  for (size_t bit = 0; bit < 8 * sizeof good; bit++)
    {
      bad = good;
      flip ((uint8_t *) &bad, bit);
      g_assert_false (opens (&bad, sizeof bad.ad, sizeof bad.sealed));
    }
  for (size_t size = 0; size < sizeof good.sealed; size++)
    g_assert_false (opens (&good, sizeof good.ad, size));
  for (size_t size = 0; size < sizeof good.ad; size++)
    g_assert_false (opens (&good, size, sizeof good.sealed));
  bad = good;
  memset (tag, 0, 16);
  g_assert_false (opens (&bad, sizeof bad.ad, sizeof bad.sealed));
  memset (tag, 0xff, 16);
  g_assert_false (opens (&bad, sizeof bad.ad, sizeof bad.sealed));
  for (unsigned i = 0; i < 16; i++)
    tag[i] = (uint8_t) ~good.sealed[sizeof good.sealed - 16 + i];
  g_assert_false (opens (&bad, sizeof bad.ad, sizeof bad.sealed));
  memcpy (tag, good.sealed + sizeof good.sealed - 8, 8);
  memcpy (tag + 8, good.sealed + sizeof good.sealed - 16, 8);
  g_assert_false (opens (&bad, sizeof bad.ad, sizeof bad.sealed));
}

/* libcrypto's HKDF-SHA-256. */
static void
other_hkdf (const uint8_t *salt, size_t salt_size, const uint8_t *ikm, size_t ikm_size, const uint8_t *info, size_t info_size,
            uint8_t *out, size_t size)
{
  EVP_KDF *kdf = EVP_KDF_fetch (NULL, "HKDF", NULL);
  EVP_KDF_CTX *context = EVP_KDF_CTX_new (kdf);
  char digest[] = "SHA256";
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, digest, 0),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *) salt, salt_size),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY, (void *) ikm, ikm_size),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO, (void *) info, info_size),
    OSSL_PARAM_construct_end (),
  };

  g_assert_cmpint (EVP_KDF_derive (context, out, size, params), ==, 1);
  EVP_KDF_CTX_free (context);
  EVP_KDF_free (kdf);
}

/* Lengths of everything around the hash's block and output, up to the longest output of RFC 5869. */
static void
test_hkdf_lengths (void)
{
  static const size_t inputs[] = { 1, 31, 32, 33, 63, 64, 65, 200 };
  static const size_t outputs[] = { 1, 31, 32, 33, 64, 65, TESS_HKDF_SIZE_MAX - 1, TESS_HKDF_SIZE_MAX };
  static uint8_t bytes[200], made[TESS_HKDF_SIZE_MAX], expected[TESS_HKDF_SIZE_MAX], longest[TESS_HKDF_SIZE_MAX];

  for (unsigned i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t) (i + 1);
  for (unsigned salt = 0; salt < G_N_ELEMENTS (inputs); salt++)
    for (unsigned ikm = 0; ikm < G_N_ELEMENTS (inputs); ikm++)
      for (unsigned out = 0; out < G_N_ELEMENTS (outputs); out++)
        {
          size_t info = inputs[(salt + ikm) % G_N_ELEMENTS (inputs)];

          tess_hkdf (bytes, inputs[salt], bytes, inputs[ikm], bytes, info, made, outputs[out]);
          other_hkdf (bytes, inputs[salt], bytes, inputs[ikm], bytes, info, expected, outputs[out]);
          g_assert_cmpmem (made, outputs[out], expected, outputs[out]);
        }
  /* Nothing in, and a shorter output is the beginning of a longer one. */
  tess_hkdf (NULL, 0, bytes, 0, bytes, 0, longest, sizeof longest);
  tess_hkdf (NULL, 0, NULL, 0, NULL, 0, made, 100);
  g_assert_cmpmem (made, 100, longest, 100);
  tess_hmac ((const uint8_t[32]) { 0 }, 32, NULL, 0, expected);
  tess_hmac (expected, 32, (const uint8_t[]) { 1 }, 1, made);
  g_assert_cmpmem (made, 32, longest, 32);
}

/* More than RFC 5869 allows, or nothing, is a mistake of ours and ends the program. */
static void
test_hkdf_bounds (void)
{
  static const char *const paths[] = { "/crypto/external/hkdf-bounds/subprocess/beyond",
                                       "/crypto/external/hkdf-bounds/subprocess/none" };

  for (unsigned i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_test_trap_subprocess (paths[i], 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_failed ();
      g_test_trap_assert_stderr ("*ERROR*");
    }
}

static void
test_hkdf_beyond (void)
{
  static uint8_t out[TESS_HKDF_SIZE_MAX + 1];

  tess_hkdf_label (NULL, 0, out, 1, "label", out, sizeof out);
}

static void
test_hkdf_none (void)
{
  uint8_t out[1] = { 0 };

  tess_hkdf_label (NULL, 0, out, 1, "label", out, 0);
}

/* Puts @value as coefficient @index of an encoded encapsulation key (FIPS 203, algorithm 5: 12 bits each, least first). */
static void
set_coefficient (uint8_t *ek, unsigned index, unsigned value)
{
  uint8_t *at = ek + index / 2 * 3;

  if (index % 2 == 0)
    {
      at[0] = (uint8_t) value;
      at[1] = (uint8_t) ((at[1] & 0xf0) | value >> 8);
    }
  else
    {
      at[1] = (uint8_t) ((at[1] & 0x0f) | (value & 0x0f) << 4);
      at[2] = (uint8_t) (value >> 4);
    }
}

/* FIPS 203, 7.2: a key with any of its 768 coefficients at or above q is refused; q - 1 is the last that is not. Both checks that
 * there are, the one for records and the one for offers, say the same; the whole key has one length. */
static void
test_ml_kem_coefficients (void)
{
  static const unsigned values[] = { Q - 1, Q, Q + 1, 4095 };
  g_autoptr (GPtrArray) cases = vectors_load ("ml-kem-768.txt");
  TessKemPublic good, ek;

  vectors_fixed (cases, 0, "ek", good.bytes, sizeof good.bytes);
  for (unsigned index = 0; index < 3 * 256; index++)
    for (unsigned i = 0; i < G_N_ELEMENTS (values); i++)
      {
        g_autoptr (GError) error = NULL;
        bool sound = values[i] < Q;

        ek = good;
        set_coefficient (ek.bytes, index, values[i]);
        g_assert_true (tess_kem_key_is_valid (ek.bytes) == sound);
        g_assert_true (tess_kem_public_check (&ek, &error) == sound);
        if (!sound)
          g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
      }
  /* The seed behind the coefficients may be anything. */
  ek = good;
  memset (ek.bytes + 1152, 0xff, 32);
  g_assert_true (tess_kem_key_is_valid (ek.bytes) && tess_kem_public_check (&ek, NULL));
}

/* Lengths are fixed by our types; what stands below them refuses any other. */
static void
test_ml_kem_lengths (void)
{
  static const size_t ek_sizes[] = { 0, 1, TESS_KEM_PUBLIC_SIZE - 1, TESS_KEM_PUBLIC_SIZE + 1, 800, 1568 };
  static const size_t ct_sizes[] = { 0, 1, TESS_KEM_CIPHERTEXT_SIZE - 1, TESS_KEM_CIPHERTEXT_SIZE + 1, 768, 1568 };
  static const size_t seed_sizes[] = { 0, 32, 63, 65 };
  static const uint8_t zeros[1568];
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "ML-KEM-768", NULL);
  EVP_PKEY *pkey = EVP_PKEY_Q_keygen (NULL, NULL, "ML-KEM-768");
  uint8_t shared[32];

  for (unsigned i = 0; i < G_N_ELEMENTS (ek_sizes); i++)
    g_assert_null (EVP_PKEY_new_raw_public_key_ex (NULL, "ML-KEM-768", NULL, zeros, ek_sizes[i]));
  for (unsigned i = 0; i < G_N_ELEMENTS (seed_sizes); i++)
    {
      OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_ML_KEM_SEED, (void *) zeros, seed_sizes[i]),
        OSSL_PARAM_construct_end (),
      };

      g_assert_cmpint (EVP_PKEY_keygen_init (context), ==, 1);
      g_assert_cmpint (EVP_PKEY_CTX_set_params (context, params), !=, 1);
    }
  EVP_PKEY_CTX_free (context);
  context = EVP_PKEY_CTX_new_from_pkey (NULL, pkey, NULL);
  g_assert_cmpint (EVP_PKEY_decapsulate_init (context, NULL), ==, 1);
  for (unsigned i = 0; i < G_N_ELEMENTS (ct_sizes); i++)
    {
      size_t size = sizeof shared;

      g_assert_cmpint (EVP_PKEY_decapsulate (context, shared, &size, zeros, ct_sizes[i]), !=, 1);
    }
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (pkey);
}

/* The forged ciphertext that a case describes, made from the published one. */
static void
forge (GPtrArray *cases, unsigned index, uint8_t *ct)
{
  if (vectors_has (cases, index, "byte"))
    {
      uint8_t byte;

      vectors_fixed (cases, index, "byte", &byte, 1);
      memset (ct, byte, TESS_KEM_CIPHERTEXT_SIZE);
    }
  else
    flip (ct, vectors_number (cases, index, "bit"));
}

/* Implicit rejection gives what FIPS 203 says, again and again, through ML-KEM and through X-Wing. */
static void
test_rejection (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("ml-kem-768-rejection.txt");
  g_autoptr (GPtrArray) kems = vectors_load ("ml-kem-768.txt");
  g_autoptr (GPtrArray) xwings = vectors_load ("xwing.txt");

  for (unsigned i = 0; i < cases->len; i++)
    {
      unsigned of = (unsigned) vectors_number (cases, i, "case");
      bool hybrid = strcmp (vectors_text (cases, i, "kind"), "x-wing") == 0;
      g_autoptr (TessKemKey) kem = NULL;
      g_autoptr (TessXwingKey) xwing = NULL;
      TessKemSeed kem_seed;
      TessXwingSeed xwing_seed;
      TessKemCiphertext kem_ct;
      TessXwingCiphertext xwing_ct;
      TessSecret32 shared;
      uint8_t expected[32];

      vectors_fixed (cases, i, "ss", expected, sizeof expected);
      if (hybrid)
        {
          vectors_fixed (xwings, of, "seed", xwing_seed.bytes, sizeof xwing_seed.bytes);
          vectors_fixed (xwings, of, "ct", xwing_ct.bytes, sizeof xwing_ct.bytes);
          forge (cases, i, xwing_ct.bytes);
          xwing = tess_xwing_key_new (&xwing_seed, NULL);
        }
      else
        {
          vectors_fixed (kems, of, "seed", kem_seed.bytes, sizeof kem_seed.bytes);
          vectors_fixed (kems, of, "ct", kem_ct.bytes, sizeof kem_ct.bytes);
          forge (cases, i, kem_ct.bytes);
          kem = tess_kem_key_new (&kem_seed, NULL);
        }
      for (unsigned again = 0; again < 2; again++)
        {
          g_assert_true (hybrid ? tess_xwing_decapsulate (xwing, &xwing_ct, &shared, NULL)
                                : tess_kem_decapsulate (kem, &kem_ct, &shared, NULL));
          g_assert_cmpmem (shared.bytes, sizeof shared.bytes, expected, sizeof expected);
        }
    }
}

/* X-Wing with an X25519 part of low order, in a ciphertext or a key: refused. (The draft goes on with zeros; protocol.md 0.) */
static void
test_xwing_low_order (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("x25519-edge.txt");
  TessXwingSeed seed = { { 9 } };
  g_autoptr (TessXwingKey) key = tess_xwing_key_new (&seed, NULL);
  TessXwingPublic ek = *tess_xwing_key_public (key);
  TessXwingCiphertext ct;
  TessSecret32 shared;
  unsigned refused = 0;

  g_assert_true (tess_xwing_encapsulate (&ek, &ct, &shared, NULL));
  for (unsigned i = 0; i < cases->len; i++)
    {
      bool low = !vectors_has (cases, i, "out");
      g_autoptr (GError) error = NULL;
      TessXwingCiphertext made;

      vectors_fixed (cases, i, "u", ct.bytes + TESS_KEM_CIPHERTEXT_SIZE, 32);
      memset (&shared, 1, sizeof shared);
      g_assert_true (tess_xwing_decapsulate (key, &ct, &shared, &error) == !low);
      vectors_fixed (cases, i, "u", ek.bytes + TESS_KEM_PUBLIC_SIZE, 32);
      if (!low)
        continue;
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
      g_assert_true (sodium_is_zero (shared.bytes, sizeof shared.bytes));
      g_assert_false (tess_xwing_encapsulate (&ek, &made, &shared, NULL));
      g_assert_true (sodium_is_zero (made.bytes, sizeof made.bytes) && sodium_is_zero (shared.bytes, sizeof shared.bytes));
      refused++;
    }
  g_assert_cmpuint (refused, ==, 14);
}

/* The halves of libsignal's number, from the fingerprints that it publishes beside it. */
static void
test_safety_fingerprints (void)
{
  g_autoptr (GPtrArray) cases = vectors_load ("safety-number.txt");
  const char *number = vectors_text (cases, 0, "number");
  static const char *const names[] = { "fingerprint_a", "fingerprint_b" };

  g_assert_cmpuint (strlen (number), ==, TESS_SAFETY_DIGITS);
  for (unsigned i = 0; i < 2; i++)
    {
      g_autoptr (GString) half = g_string_new (NULL);
      uint8_t fingerprint[32];

      vectors_fixed (cases, 0, names[i], fingerprint, sizeof fingerprint);
      for (unsigned at = 0; at < 30; at += 5)
        {
          uint64_t group = 0;

          for (unsigned byte = 0; byte < 5; byte++)
            group = group << 8 | fingerprint[at + byte];
          g_string_append_printf (half, "%05u", (unsigned) (group % 100000));
        }
      g_assert_true (g_str_has_prefix (number, half->str) || g_str_has_suffix (number, half->str));
    }
}

int
main (int argc, char *argv[])
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/external/x25519", test_x25519);
  g_test_add_func ("/crypto/external/x25519-masked", test_x25519_masked);
  g_test_add_func ("/crypto/external/ed25519", test_ed25519);
  g_test_add_func ("/crypto/external/signature-bits", test_signature_bits);
  g_test_add_func ("/crypto/external/xchacha20-poly1305", test_xchacha);
  g_test_add_func ("/crypto/external/hkdf-lengths", test_hkdf_lengths);
  g_test_add_func ("/crypto/external/hkdf-bounds", test_hkdf_bounds);
  g_test_add_func ("/crypto/external/hkdf-bounds/subprocess/beyond", test_hkdf_beyond);
  g_test_add_func ("/crypto/external/hkdf-bounds/subprocess/none", test_hkdf_none);
  g_test_add_func ("/crypto/external/ml-kem-coefficients", test_ml_kem_coefficients);
  g_test_add_func ("/crypto/external/ml-kem-lengths", test_ml_kem_lengths);
  g_test_add_func ("/crypto/external/rejection", test_rejection);
  g_test_add_func ("/crypto/external/x-wing-low-order", test_xwing_low_order);
  g_test_add_func ("/crypto/external/safety-fingerprints", test_safety_fingerprints);
  return g_test_run ();
}
