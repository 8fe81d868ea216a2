/* The app lock's item: what it is to the byte, and every way in which it can be wrong.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "crypto/tess-app-lock.h"
#include "crypto/tess-recovery-file.h"

#include <string.h>

#define PASSPHRASE "a passphrase to lock with"
#define SIZE 157
#define AT_VERSION 8
#define AT_PASSES 9
#define AT_MEMORY 13

static const TessKeyfileCost cheap = { .passes = 1, .memory_kib = 8 };
static const uint8_t profile[TESS_APP_LOCK_PROFILE_ID] = { 1, 2, 3 };
static const uint8_t other_profile[TESS_APP_LOCK_PROFILE_ID] = { 1, 2, 4 };

static TessAppLockKey
some_key (void)
{
  TessAppLockKey key;

  for (size_t i = 0; i < sizeof key.bytes; i++)
    key.bytes[i] = (uint8_t) (i + 7);
  return key;
}

static GBytes *
wrap (void)
{
  const TessAppLockKey key = some_key ();
  g_autoptr (GError) error = NULL;
  GBytes *item = tess_app_lock_wrap (profile, PASSPHRASE, strlen (PASSPHRASE), &cheap, &key, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (item), ==, SIZE);
  return item;
}

static void
expect_opens (GBytes *item)
{
  const TessAppLockKey expected = some_key ();
  TessAppLockKey key;
  g_autoptr (GError) error = NULL;

  g_assert_true (tess_app_lock_check (item, NULL));
  g_assert_true (tess_app_lock_open (item, profile, PASSPHRASE, strlen (PASSPHRASE), &key, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (key.bytes, sizeof key.bytes, expected.bytes, sizeof expected.bytes);
}

static void
refuse (GBytes *item, const uint8_t *id, const char *passphrase, TessCryptoError code)
{
  TessAppLockKey key = some_key ();
  g_autoptr (GError) error = NULL;

  g_assert_false (tess_app_lock_open (item, id, passphrase, strlen (passphrase), &key, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, (int) code);
  g_assert_true (sodium_is_zero (key.bytes, sizeof key.bytes));
}

static GBytes *
changed (GBytes *item, size_t at, const void *bytes, size_t size)
{
  g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (item, NULL), g_bytes_get_size (item));

  memcpy (copy + at, bytes, size);
  return g_bytes_new (copy, g_bytes_get_size (item));
}

static void
test_round_trip (void)
{
  g_autoptr (GBytes) first = wrap (), second = wrap ();

  expect_opens (first);
  g_assert_false (g_bytes_equal (first, second));
  refuse (first, profile, "another", TESS_CRYPTO_ERROR_AUTH);
  refuse (first, profile, "", TESS_CRYPTO_ERROR_AUTH);
  refuse (first, other_profile, PASSPHRASE, TESS_CRYPTO_ERROR_DAMAGED);
}

/* Made by the second implementation (tests/reference/tessera_ref/keyfile.py, with libcrypto's Argon2id), from the salt 00 01 … 0f
 * and the nonce 10 11 … 27. What is in keyrings has to open for ever. */
static void
test_vector (void)
{
  static const char hex[] =
    "544553534b455953010000000100000008000102030405060708090a0b0c0d0e0f323234396941b1fceb70f78eb7e3b5daf2062ed5b58c4d"
    "decc6fff862e727d6c101112131415161718191a1b1c1d1e1f20212223242526270042f3570c203a761e54cf1e051dabf8ac462ed3961d76"
    "11e044f1f08e4f72f0bf4d5aa70e72c6305632eb594f33f1f6c91bf01c3b67998eefc9ad07089723ddd6a663db";
  uint8_t data[SIZE];
  size_t size;
  g_autoptr (GBytes) item = NULL;

  g_assert_cmpint (sodium_hex2bin (data, sizeof data, hex, strlen (hex), NULL, &size, NULL), ==, 0);
  g_assert_cmpuint (size, ==, SIZE);
  item = g_bytes_new (data, size);
  expect_opens (item);
}

static void
test_damage (void)
{
  g_autoptr (GBytes) item = wrap ();
  g_autofree uint8_t *longer = g_malloc0 (SIZE + 1);

  for (size_t at = 0; at < SIZE; at++)
    {
      uint8_t byte = ((const uint8_t *) g_bytes_get_data (item, NULL))[at] ^ 0x10;
      g_autoptr (GBytes) bad = changed (item, at, &byte, 1);
      /* The costs are left out where they stay within the bounds, and high. */
      bool cost = at >= AT_PASSES && at < AT_MEMORY + 4;
      bool header = at >= AT_MEMORY + 4 && at < 8 + 1 + 4 + 4 + 16 + 32;

      if (!cost)
        refuse (bad, profile, PASSPHRASE,
                at == AT_VERSION ? TESS_CRYPTO_ERROR_REFUSED
                : header         ? TESS_CRYPTO_ERROR_AUTH
                                 : TESS_CRYPTO_ERROR_DAMAGED);
    }
  for (size_t size = 0; size < SIZE; size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (item, 0, size);

      refuse (cut, profile, PASSPHRASE, TESS_CRYPTO_ERROR_DAMAGED);
    }
  memcpy (longer, g_bytes_get_data (item, NULL), SIZE);
  g_clear_pointer (&item, g_bytes_unref);
  item = g_bytes_new (longer, SIZE + 1);
  refuse (item, profile, PASSPHRASE, TESS_CRYPTO_ERROR_DAMAGED);
}

/* What asks for more than it may, is larger than it may be, or newer. None of it costs any work. */
static void
test_hostile (void)
{
  static const uint8_t many[4] = { 0, 0, 0, 17 }, none[4] = { 0 }, large[4] = { 0, 16, 0, 1 }, most[4] = { 255, 255, 255, 255 };
  static const struct {
    size_t at;
    const uint8_t *bytes;
  } costs[] = { { AT_PASSES, many }, { AT_PASSES, none }, { AT_PASSES, most }, { AT_MEMORY, large }, { AT_MEMORY, none },
                { AT_MEMORY, most } };
  g_autoptr (GBytes) item = wrap ();
  g_autofree uint8_t *huge = g_malloc0 (1 << 20);
  g_autoptr (GBytes) oversized = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (costs); i++)
    {
      g_autoptr (GBytes) bad = changed (item, costs[i].at, costs[i].bytes, 4);

      refuse (bad, profile, PASSPHRASE, TESS_CRYPTO_ERROR_DAMAGED);
    }
  for (unsigned version = 2; version < 256; version += 11)
    {
      uint8_t byte = (uint8_t) version;
      g_autoptr (GBytes) newer = changed (item, AT_VERSION, &byte, 1);
      g_autoptr (GError) error = NULL;

      g_assert_false (tess_app_lock_check (newer, &error));
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
    }
  memcpy (huge, g_bytes_get_data (item, NULL), SIZE);
  oversized = g_bytes_new (huge, 1 << 20);
  g_assert_false (tess_app_lock_check (oversized, NULL));
}

static void
expect_inside (const uint8_t *content, size_t size, TessCryptoError code)
{
  g_autoptr (GBytes) item = tess_keyfile_wrap (PASSPHRASE, strlen (PASSPHRASE), &cheap, content, size, NULL);

  g_assert_true (tess_app_lock_check (item, NULL));
  refuse (item, profile, PASSPHRASE, code);
}

/* The right passphrase around something else: of another version, kind, profile or size; a copy out of a recovery file. */
static void
test_misplaced (void)
{
  uint8_t content[TESS_APP_LOCK_CONTENT + 1] = { 1, 3, 1, 2, 3 };
  static const TessRecoverySecrets secrets;
  g_autoptr (GBytes) code = tess_recovery_file_wrap (NULL, profile, TESS_RECOVERY_BY_CODE, PASSPHRASE, strlen (PASSPHRASE),
                                                     &cheap, &secrets, NULL);
  g_autoptr (GBytes) copy = g_bytes_new_from_bytes (code, 29, g_bytes_get_size (code) - 29 - 32);

  for (size_t size = 1; size <= sizeof content; size++)
    if (size != TESS_APP_LOCK_CONTENT)
      expect_inside (content, size, TESS_CRYPTO_ERROR_DAMAGED);
  content[0] = 0;
  expect_inside (content, TESS_APP_LOCK_CONTENT, TESS_CRYPTO_ERROR_DAMAGED);
  content[0] = 2;
  expect_inside (content, TESS_APP_LOCK_CONTENT, TESS_CRYPTO_ERROR_REFUSED);
  expect_inside (content, 1, TESS_CRYPTO_ERROR_REFUSED);
  content[0] = 1;
  content[1] = 2;
  expect_inside (content, TESS_APP_LOCK_CONTENT, TESS_CRYPTO_ERROR_DAMAGED);
  g_assert_true (tess_app_lock_check (copy, NULL));
  refuse (copy, profile, PASSPHRASE, TESS_CRYPTO_ERROR_DAMAGED);
}

static bool
no_random (uint8_t *out, size_t size, void *data)
{
  return false;
}

static void
test_failures (void)
{
  const TessAppLockKey key = some_key ();
  g_autofree char *longest = g_strnfill (TESS_KEYFILE_PASSPHRASE_MAX + 1, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_null (tess_app_lock_wrap (profile, "", 0, &cheap, &key, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_null (tess_app_lock_wrap (profile, longest, strlen (longest), &cheap, &key, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_TOO_LARGE);
  g_clear_error (&error);
  tess_random_set_source (no_random, NULL);
  g_assert_null (tess_app_lock_wrap (profile, "x", 1, &cheap, &key, &error));
  tess_random_set_source (NULL, NULL);
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tess_process_init ();
  g_test_add_func ("/crypto/app-lock/round-trip", test_round_trip);
  g_test_add_func ("/crypto/app-lock/vector", test_vector);
  g_test_add_func ("/crypto/app-lock/damage", test_damage);
  g_test_add_func ("/crypto/app-lock/hostile", test_hostile);
  g_test_add_func ("/crypto/app-lock/misplaced", test_misplaced);
  g_test_add_func ("/crypto/app-lock/failures", test_failures);
  return g_test_run ();
}
