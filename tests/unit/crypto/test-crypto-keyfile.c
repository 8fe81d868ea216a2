/* Key files: wrapped and opened, a second computation, wrong passphrases, hostile headers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "crypto/tess-keyfile.h"
#include "support.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

#define PASSPHRASE "correct horse"
#define AT_PASSES 9
#define AT_MEMORY 13
#define AT_SALT 17
#define AT_COMMITMENT 33
#define AT_NONCE 65
#define AT_SEALED 91

static const TessKeyfileCost cheap = { .passes = 1, .memory_kib = 8 };

static GBytes *
wrap (const char *passphrase, const char *secret)
{
  g_autoptr (GError) error = NULL;
  GBytes *file = tess_keyfile_wrap (passphrase, strlen (passphrase), &cheap, (const uint8_t *) secret, strlen (secret), &error);

  g_assert_no_error (error);
  return file;
}

static TessWiped *
open_it (GBytes *file, const char *passphrase, GError **error)
{
  return tess_keyfile_open (passphrase, strlen (passphrase), g_bytes_get_data (file, NULL), g_bytes_get_size (file), error);
}

static void
refuse (GBytes *file, const char *passphrase, TessCryptoError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_it (file, passphrase, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, (int) code);
}

static void
test_round_trip (void)
{
  g_autoptr (GBytes) file = wrap (PASSPHRASE, "the secret");
  g_autoptr (GBytes) other = wrap (PASSPHRASE, "the secret");
  g_autoptr (TessWiped) secret = open_it (file, PASSPHRASE, NULL);

  g_assert_nonnull (secret);
  g_assert_cmpmem (secret->bytes, secret->size, "the secret", 10);
  g_assert_cmpuint (g_bytes_get_size (file), ==, AT_SEALED + 10 + 16);
  g_assert_false (g_bytes_equal (file, other));
  refuse (file, "Correct horse", TESS_CRYPTO_ERROR_AUTH);
  refuse (file, "correct hors", TESS_CRYPTO_ERROR_AUTH);
  refuse (file, "", TESS_CRYPTO_ERROR_AUTH);
}

/* From docs/protocol.md 12, with libcrypto's Argon2id and HKDF. */
static void
test_second_computation (void)
{
  g_autoptr (GBytes) file = wrap (PASSPHRASE, "the secret");
  const uint8_t *data = g_bytes_get_data (file, NULL);
  EVP_KDF *kdf = EVP_KDF_fetch (NULL, "ARGON2ID", NULL);
  EVP_KDF_CTX *context = EVP_KDF_CTX_new (kdf);
  uint32_t passes = 1, lanes = 1, memory = 8;
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_PASSWORD, (void *) PASSPHRASE, strlen (PASSPHRASE)),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *) (data + AT_SALT), 16),
    OSSL_PARAM_construct_uint32 (OSSL_KDF_PARAM_ITER, &passes),
    OSSL_PARAM_construct_uint32 (OSSL_KDF_PARAM_ARGON2_LANES, &lanes),
    OSSL_PARAM_construct_uint32 (OSSL_KDF_PARAM_ARGON2_MEMCOST, &memory),
    OSSL_PARAM_construct_end (),
  };
  uint8_t hash[32], keys[64], content[10];
  char digest[] = "SHA256";
  OSSL_PARAM hkdf[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, digest, 0),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY, hash, sizeof hash),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO, (void *) "Tessera-v1/Key-File", 19),
    OSSL_PARAM_construct_end (),
  };

  g_assert_cmpint (EVP_KDF_derive (context, hash, sizeof hash, params), ==, 1);
  EVP_KDF_CTX_free (context);
  EVP_KDF_free (kdf);
  kdf = EVP_KDF_fetch (NULL, "HKDF", NULL);
  context = EVP_KDF_CTX_new (kdf);
  g_assert_cmpint (EVP_KDF_derive (context, keys, sizeof keys, hkdf), ==, 1);
  EVP_KDF_CTX_free (context);
  EVP_KDF_free (kdf);

  g_assert_cmpmem (data, 17, "TESSKEYS\1\0\0\0\1\0\0\0\10", 17);
  g_assert_cmpmem (data + AT_COMMITMENT, 32, keys, 32);
  g_assert_cmpmem (data + AT_SEALED - 2, 2, "\0\32", 2);
  g_assert_cmpint (crypto_aead_xchacha20poly1305_ietf_decrypt (content, NULL, NULL, data + AT_SEALED, 26, data, AT_SEALED - 2,
                                                               data + AT_NONCE, keys + 32),
                   ==, 0);
  g_assert_cmpmem (content, 10, "the secret", 10);
}

/* What a changed byte means depends on where it is. */
static void
test_tampering (void)
{
  g_autoptr (GBytes) file = wrap (PASSPHRASE, "the secret");

  for (size_t at = 0; at < g_bytes_get_size (file); at++)
    {
      g_autoptr (GBytes) forged = bytes_flip (file, at);
      g_autoptr (GError) error = NULL;

      g_assert_null (open_it (forged, PASSPHRASE, &error));
      if (at < AT_PASSES || (at >= AT_SEALED - 2 && at < AT_SEALED))
        g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
      else if (at >= AT_SALT && at < AT_NONCE)
        g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH);
      else if (at >= AT_NONCE)
        g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED);
    }
  for (size_t size = 0; size < g_bytes_get_size (file); size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (file, 0, size);

      refuse (cut, PASSPHRASE, TESS_CRYPTO_ERROR_REFUSED);
    }
}

/* A file that asks for absurd memory or time is refused before any is spent. */
static void
test_hostile_cost (void)
{
  static const struct {
    size_t at;
    uint32_t value;
  } cases[] = {
    { AT_PASSES, 0 }, { AT_PASSES, 17 }, { AT_PASSES, UINT32_MAX }, { AT_MEMORY, 0 },
    { AT_MEMORY, 7 }, { AT_MEMORY, 1024 * 1024 + 1 }, { AT_MEMORY, UINT32_MAX },
  };
  g_autoptr (GBytes) file = wrap (PASSPHRASE, "the secret");

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      size_t size = g_bytes_get_size (file);
      g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (file, NULL), size);
      uint32_t big = GUINT32_TO_BE (cases[i].value);
      g_autoptr (GBytes) hostile = NULL;

      memcpy (copy + cases[i].at, &big, 4);
      hostile = g_bytes_new (copy, size);
      refuse (hostile, PASSPHRASE, TESS_CRYPTO_ERROR_REFUSED);
    }
}

static void
expect_wrap_error (size_t passphrase_size, size_t size, TessKeyfileCost cost, TessCryptoError code)
{
  g_autofree char *bytes = g_malloc0 (5000);
  g_autoptr (GError) error = NULL;

  g_assert_null (tess_keyfile_wrap (bytes, passphrase_size, &cost, (const uint8_t *) bytes, size, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, (int) code);
}

static void
test_wrap_bounds (void)
{
  g_autofree char *large = g_strnfill (TESS_KEYFILE_SECRET_MAX, 'x');
  g_autoptr (GBytes) file = wrap (large, large);
  g_autoptr (TessWiped) secret = open_it (file, large, NULL);

  g_assert_cmpuint (g_bytes_get_size (file), ==, TESS_KEYFILE_SIZE_MAX);
  g_assert_cmpmem (secret->bytes, secret->size, large, TESS_KEYFILE_SECRET_MAX);
  expect_wrap_error (10, TESS_KEYFILE_SECRET_MAX + 1, cheap, TESS_CRYPTO_ERROR_TOO_LARGE);
  expect_wrap_error (TESS_KEYFILE_PASSPHRASE_MAX + 1, 10, cheap, TESS_CRYPTO_ERROR_TOO_LARGE);
  expect_wrap_error (0, 10, cheap, TESS_CRYPTO_ERROR_REFUSED);
  expect_wrap_error (10, 0, cheap, TESS_CRYPTO_ERROR_REFUSED);
  expect_wrap_error (10, 10, (TessKeyfileCost) { 0, 8 }, TESS_CRYPTO_ERROR_REFUSED);
  expect_wrap_error (10, 10, (TessKeyfileCost) { 1, UINT32_MAX }, TESS_CRYPTO_ERROR_REFUSED);
}

static void
test_random_failures (void)
{
  for (unsigned n = 1; n <= 2; n++)
    {
      FailingSource source = { .fail_at = n };
      g_autoptr (GError) error = NULL;

      tess_random_set_source (failing_source, &source);
      g_assert_null (tess_keyfile_wrap ("p", 1, &cheap, (const uint8_t *) "s", 1, &error));
      tess_random_set_source (NULL, NULL);
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM);
    }
}

/* The cost that everything but tests uses is protocol.md's, and it works. */
static void
test_real_cost (void)
{
  g_autoptr (GBytes) file = NULL;
  g_autoptr (TessWiped) secret = NULL;

  g_assert_cmpuint (tess_keyfile_cost.passes, ==, 3);
  g_assert_cmpuint (tess_keyfile_cost.memory_kib, ==, 256 * 1024);
  file = tess_keyfile_wrap ("p", 1, &tess_keyfile_cost, (const uint8_t *) "s", 1, NULL);
  g_assert_nonnull (file);
  secret = open_it (file, "p", NULL);
  g_assert_cmpmem (secret->bytes, secret->size, "s", 1);
}

int
main (int argc, char *argv[])
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/keyfile/round-trip", test_round_trip);
  g_test_add_func ("/crypto/keyfile/second-computation", test_second_computation);
  g_test_add_func ("/crypto/keyfile/tampering", test_tampering);
  g_test_add_func ("/crypto/keyfile/hostile-cost", test_hostile_cost);
  g_test_add_func ("/crypto/keyfile/wrap-bounds", test_wrap_bounds);
  g_test_add_func ("/crypto/keyfile/random-failures", test_random_failures);
  g_test_add_func ("/crypto/keyfile/real-cost", test_real_cost);
  return g_test_run ();
}
