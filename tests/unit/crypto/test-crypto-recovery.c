/* Recovery files: codes as they are typed, both copies, a replaced code, and every way in which a file can be wrong.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "crypto/tess-recovery-file.h"
#include "support.h"

#include <string.h>

#define CODE "012345678901234567890123456789"
#define OTHER "112345678901234567890123456789"
#define PASSPHRASE "a passphrase for later"
#define AT_VERSION 8
#define AT_COUNT 25
#define AT_KIND 26
#define AT_COPY 29
#define AT_PASSES (AT_COPY + 9)
#define AT_MEMORY (AT_COPY + 13)

static const TessKeyfileCost cheap = { .passes = 1, .memory_kib = 8 };
static const uint8_t profile[TESS_RECOVERY_PROFILE_ID] = { 1, 2, 3 };
static const uint8_t other_profile[TESS_RECOVERY_PROFILE_ID] = { 1, 2, 4 };

static TessRecoverySecrets
some_secrets (void)
{
  TessRecoverySecrets secrets;

  for (size_t i = 0; i < sizeof secrets.bytes; i++)
    secrets.bytes[i] = (uint8_t) (i + 7);
  return secrets;
}

static GBytes *
wrap (GBytes *old, TessRecoveryKind kind, const char *text)
{
  const TessRecoverySecrets secrets = some_secrets ();
  g_autoptr (GError) error = NULL;
  GBytes *file = tess_recovery_file_wrap (old, profile, kind, text, strlen (text), &cheap, &secrets, &error);

  g_assert_no_error (error);
  return file;
}

static void
expect_opens (GBytes *file, TessRecoveryKind kind, const char *text)
{
  const TessRecoverySecrets expected = some_secrets ();
  TessRecoverySecrets secrets;
  g_autoptr (GError) error = NULL;

  g_assert_true (tess_recovery_file_open (file, profile, kind, text, strlen (text), &secrets, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (secrets.bytes, sizeof secrets.bytes, expected.bytes, sizeof expected.bytes);
}

static void
refuse (GBytes *file, TessRecoveryKind kind, const char *text, TessCryptoError code)
{
  static const TessRecoverySecrets zero;
  TessRecoverySecrets secrets = some_secrets ();
  g_autoptr (GError) error = NULL;

  g_assert_false (tess_recovery_file_open (file, profile, kind, text, strlen (text), &secrets, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, (int) code);
  g_assert_cmpmem (secrets.bytes, sizeof secrets.bytes, zero.bytes, sizeof zero.bytes);
}

/* A copy of @file with @size bytes at @at replaced and the check over it made anew, as somebody who means it would. */
static GBytes *
forge (GBytes *file, size_t at, const void *bytes, size_t size)
{
  size_t whole = g_bytes_get_size (file);
  g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (file, NULL), whole);

  memcpy (copy + at, bytes, size);
  crypto_generichash (copy + whole - 32, 32, copy, whole - 32, NULL, 0);
  return g_bytes_new (copy, whole);
}

static void
test_code (void)
{
  static const char *const good[] = {
    CODE, "01234 56789 01234 56789 01234 56789", " 0123456789\t0123456789\n0123456789 ",
    "01234\u00a056789\u200901234 56789 01234 5678\u0669", /* other spaces, and an Arabic nine */
  };
  static const char *const bad[] = {
    "", " ", "01234567890123456789012345678", CODE "0", "01234567890123456789012345678x", "01234-56789 01234 56789 01234 56789",
    "0123456789012345678901234567\xff\xff",
  };
  TessRecoveryCode code;
  TessRecoveryCodeText text;

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (tess_recovery_code_parse (good[i], strlen (good[i]), &code));
      g_assert_cmpmem (code.bytes, sizeof code.bytes, CODE, 30);
    }
  tess_recovery_code_write (&code, &text);
  g_assert_cmpstr ((const char *) text.bytes, ==, "01234 56789 01234 56789 01234 56789");
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (tess_recovery_code_parse (bad[i], strlen (bad[i]), &code));
      g_assert_true (sodium_is_zero (code.bytes, sizeof code.bytes));
    }
}

/* Bytes from 250 on are not digits: they would make the first six likelier. */
static bool
counting_source (uint8_t *out, size_t size, void *data)
{
  uint8_t *next = data;

  for (size_t i = 0; i < size; i++)
    out[i] = (*next)--;
  return true;
}

static void
test_generate (void)
{
  FailingSource failing = { .fail_at = 1 };
  uint8_t next = 255;
  TessRecoveryCode code, other;
  unsigned count[10] = { 0 };

  g_assert_true (tess_recovery_code_generate (&code));
  g_assert_true (tess_recovery_code_generate (&other));
  g_assert_true (memcmp (code.bytes, other.bytes, sizeof code.bytes) != 0);
  tess_random_set_source (counting_source, &next);
  g_assert_true (tess_recovery_code_generate (&code));
  tess_random_set_source (NULL, NULL);
  g_assert_cmpmem (code.bytes, sizeof code.bytes, "987654321098765432109876543210", 30);
  tess_random_set_source (failing_source, &failing);
  g_assert_false (tess_recovery_code_generate (&code));
  tess_random_set_source (NULL, NULL);
  g_assert_true (sodium_is_zero (code.bytes, sizeof code.bytes));
  for (unsigned i = 0; i < 1000; i++)
    {
      g_assert_true (tess_recovery_code_generate (&code));
      for (size_t k = 0; k < sizeof code.bytes; k++)
        count[code.bytes[k] - '0']++;
    }
  /* 3,000 each; ten standard deviations are 520. */
  for (size_t i = 0; i < G_N_ELEMENTS (count); i++)
    g_assert_cmpuint (ABS ((int) count[i] - 3000), <, 520);
}

static void
test_copies (void)
{
  g_autoptr (GBytes) first = wrap (NULL, TESS_RECOVERY_BY_CODE, CODE);
  g_autoptr (GBytes) both = wrap (first, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE);
  g_autoptr (GBytes) replaced = wrap (both, TESS_RECOVERY_BY_CODE, OTHER);
  g_autoptr (GBytes) dropped = tess_recovery_file_drop_passphrase (replaced, profile, NULL);

  g_assert_cmpuint (tess_recovery_file_kinds (first, profile, NULL), ==, TESS_RECOVERY_BY_CODE);
  g_assert_cmpuint (tess_recovery_file_kinds (both, profile, NULL), ==, TESS_RECOVERY_BY_CODE | TESS_RECOVERY_BY_PASSPHRASE);
  g_assert_cmpuint (g_bytes_get_size (both), ==, TESS_RECOVERY_FILE_MAX);
  expect_opens (first, TESS_RECOVERY_BY_CODE, CODE);
  refuse (first, TESS_RECOVERY_BY_CODE, OTHER, TESS_CRYPTO_ERROR_AUTH);
  refuse (first, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE, TESS_CRYPTO_ERROR_AUTH);
  expect_opens (both, TESS_RECOVERY_BY_CODE, CODE);
  expect_opens (both, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE);
  refuse (both, TESS_RECOVERY_BY_PASSPHRASE, CODE, TESS_CRYPTO_ERROR_AUTH);
  expect_opens (replaced, TESS_RECOVERY_BY_CODE, OTHER);
  expect_opens (replaced, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE);
  refuse (replaced, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_AUTH);
  expect_opens (dropped, TESS_RECOVERY_BY_CODE, OTHER);
  refuse (dropped, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE, TESS_CRYPTO_ERROR_AUTH);
}

/* docs/protocol.md 12, byte for byte. */
static void
test_format (void)
{
  g_autoptr (GBytes) file = wrap (NULL, TESS_RECOVERY_BY_CODE, CODE);
  const TessRecoverySecrets secrets = some_secrets ();
  size_t size;
  const uint8_t *data = g_bytes_get_data (file, &size);
  g_autoptr (TessWiped) content = NULL;
  uint8_t check[32];

  g_assert_cmpmem (data, AT_COPY, "TESSRCVR\1\1\2\3\0\0\0\0\0\0\0\0\0\0\0\0\0\1\1\0\335", AT_COPY);
  g_assert_cmpuint (size, ==, AT_COPY + 221 + 32);
  crypto_generichash (check, sizeof check, data, size - 32, NULL, 0);
  g_assert_cmpmem (data + size - 32, 32, check, 32);
  content = tess_keyfile_open (CODE, 30, data + AT_COPY, 221, NULL);
  g_assert_nonnull (content);
  g_assert_cmpmem (content->bytes, 18, "\1\1\1\2\3\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
  g_assert_cmpmem (content->bytes + 18, content->size - 18, secrets.bytes, sizeof secrets.bytes);
}

/* What the disk or a copy did to it is never taken for a wrong code, wherever it is. */
static void
test_damage (void)
{
  g_autoptr (GBytes) first = wrap (NULL, TESS_RECOVERY_BY_CODE, CODE);
  g_autoptr (GBytes) file = wrap (first, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE);
  g_autofree uint8_t *longer = g_malloc0 (TESS_RECOVERY_FILE_MAX + 1);
  g_autoptr (GBytes) too_long = NULL;

  for (size_t at = 0; at < g_bytes_get_size (file); at++)
    {
      g_autoptr (GBytes) flipped = bytes_flip (file, at);

      refuse (flipped, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
      g_assert_cmpuint (tess_recovery_file_kinds (flipped, profile, NULL), ==, 0);
    }
  for (size_t size = 0; size < g_bytes_get_size (file); size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (file, 0, size);

      refuse (cut, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
    }
  memcpy (longer, g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  too_long = g_bytes_new (longer, TESS_RECOVERY_FILE_MAX + 1);
  refuse (too_long, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
}

/* With the check made anew: absurd costs are refused before any is spent, and nothing changed opens. */
static void
test_forged (void)
{
  static const struct {
    size_t at;
    uint32_t value;
  } costs[] = {
    { AT_PASSES, 0 }, { AT_PASSES, 17 }, { AT_PASSES, UINT32_MAX }, { AT_MEMORY, 7 }, { AT_MEMORY, 1024 * 1024 + 1 },
    { AT_MEMORY, UINT32_MAX },
  };
  g_autoptr (GBytes) file = wrap (NULL, TESS_RECOVERY_BY_CODE, CODE);

  for (size_t i = 0; i < G_N_ELEMENTS (costs); i++)
    {
      uint32_t value = GUINT32_TO_BE (costs[i].value);
      g_autoptr (GBytes) hostile = forge (file, costs[i].at, &value, 4);

      refuse (hostile, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
    }
  for (size_t at = 0; at < g_bytes_get_size (file) - 32; at++)
    {
      uint8_t byte = ((const uint8_t *) g_bytes_get_data (file, NULL))[at] ^ 1;
      g_autoptr (GBytes) forged = forge (file, at, &byte, 1);
      TessRecoverySecrets secrets;

      /* Flipped bits of the cost may be within its bounds, and cost no less. */
      if (at < AT_PASSES || at >= AT_MEMORY + 4)
        g_assert_false (tess_recovery_file_open (forged, profile, TESS_RECOVERY_BY_CODE, CODE, 30, &secrets, NULL));
    }
}

/* Of another profile, another version, or with its copies exchanged. */
static void
test_misplaced (void)
{
  const TessRecoverySecrets secrets = some_secrets ();
  g_autoptr (GBytes) file = wrap (NULL, TESS_RECOVERY_BY_CODE, CODE);
  g_autoptr (GBytes) newer = forge (file, AT_VERSION, "\2", 1);
  g_autoptr (GBytes) none = forge (file, AT_COUNT, "\0", 1);
  g_autoptr (GBytes) many = forge (file, AT_COUNT, "\377", 1);
  g_autoptr (GBytes) other_kind = forge (file, AT_KIND, "\2", 1);
  g_autoptr (GBytes) no_kind = forge (file, AT_KIND, "\0", 1);
  g_autoptr (GBytes) strange =
    tess_recovery_file_wrap (NULL, other_profile, TESS_RECOVERY_BY_CODE, CODE, 30, &cheap, &secrets, NULL);
  g_autoptr (GBytes) renamed = forge (strange, AT_VERSION + 1, profile, sizeof profile);
  g_autoptr (GBytes) both = wrap (file, TESS_RECOVERY_BY_PASSPHRASE, CODE);
  const uint8_t *second = (const uint8_t *) g_bytes_get_data (both, NULL) + AT_COPY + 221 + 3;
  g_autoptr (GBytes) exchanged = forge (both, AT_COPY, second, 221);

  refuse (newer, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_REFUSED);
  refuse (strange, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_REFUSED);
  refuse (renamed, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
  refuse (none, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
  refuse (many, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
  refuse (no_kind, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
  refuse (other_kind, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
  refuse (exchanged, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_DAMAGED);
}

static void
expect_wrap_error (GBytes *old, TessRecoveryKind kind, const char *text, TessCryptoError code)
{
  const TessRecoverySecrets secrets = some_secrets ();
  g_autoptr (GError) error = NULL;

  g_assert_null (tess_recovery_file_wrap (old, profile, kind, text, strlen (text), &cheap, &secrets, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, (int) code);
}

static void
test_wrap_errors (void)
{
  g_autoptr (GBytes) file = wrap (NULL, TESS_RECOVERY_BY_CODE, CODE);
  g_autoptr (GBytes) damaged = bytes_flip (file, 50);
  g_autofree char *large = g_strnfill (TESS_KEYFILE_PASSPHRASE_MAX + 1, 'x');
  FailingSource failing = { .fail_at = 2 };

  expect_wrap_error (NULL, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE, TESS_CRYPTO_ERROR_REFUSED);
  expect_wrap_error (damaged, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE, TESS_CRYPTO_ERROR_DAMAGED);
  expect_wrap_error (file, TESS_RECOVERY_BY_PASSPHRASE, "", TESS_CRYPTO_ERROR_REFUSED);
  expect_wrap_error (file, TESS_RECOVERY_BY_PASSPHRASE, large, TESS_CRYPTO_ERROR_TOO_LARGE);
  g_assert_null (tess_recovery_file_drop_passphrase (damaged, profile, NULL));
  tess_random_set_source (failing_source, &failing);
  expect_wrap_error (NULL, TESS_RECOVERY_BY_CODE, CODE, TESS_CRYPTO_ERROR_RANDOM);
  tess_random_set_source (NULL, NULL);
}

int
main (int argc, char *argv[])
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/recovery/code", test_code);
  g_test_add_func ("/crypto/recovery/generate", test_generate);
  g_test_add_func ("/crypto/recovery/copies", test_copies);
  g_test_add_func ("/crypto/recovery/format", test_format);
  g_test_add_func ("/crypto/recovery/damage", test_damage);
  g_test_add_func ("/crypto/recovery/forged", test_forged);
  g_test_add_func ("/crypto/recovery/misplaced", test_misplaced);
  g_test_add_func ("/crypto/recovery/wrap-errors", test_wrap_errors);
  return g_test_run ();
}
