/* Recovery files, changed anywhere, with their check as it was or made anew: whatever opens holds what was written, one that asks
 * for more than the bounds is refused before any work, and no changed file passes its old check. And codes as they are typed.
 * Input: how, then a whole file or changes to a genuine one, or what was typed. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "crypto/tess-recovery-file.h"

#include <string.h>

#define CODE "012345678901234567890123456789"
#define PASSPHRASE "pass phrase"
#define CHECK 32
/* Above this much work a file is left alone, as far as the bounds of the format let it ask for so much. */
#define WORK_MAX 64

/* The ways of an input. */
#define RAW 1
#define REPAIRED 2
#define TYPED 4

static const uint8_t profile[TESS_RECOVERY_PROFILE_ID] = "a profile's id!";

static TessRecoverySecrets
written (void)
{
  TessRecoverySecrets secrets;

  memset (secrets.bytes, 0xcd, sizeof secrets.bytes);
  return secrets;
}

static GBytes *
genuine (void)
{
  static const TessKeyfileCost cost = { .passes = 1, .memory_kib = 8 };
  static GBytes *file;
  const TessRecoverySecrets secrets = written ();
  g_autoptr (GBytes) first = NULL;

  if (file != NULL)
    return file;
  first = tess_recovery_file_wrap (NULL, profile, TESS_RECOVERY_BY_CODE, CODE, strlen (CODE), &cost, &secrets, NULL);
  file = tess_recovery_file_wrap (first, profile, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE, strlen (PASSPHRASE), &cost, &secrets,
                                  NULL);
  return file;
}

/* The same with a check that fits, as somebody who means it would write. */
static GBytes *
repaired (GBytes *file)
{
  size_t size = g_bytes_get_size (file);
  g_autofree uint8_t *data = g_memdup2 (g_bytes_get_data (file, NULL), size);

  if (size > CHECK)
    crypto_generichash (data + size - CHECK, CHECK, data, size - CHECK, NULL, 0);
  return g_bytes_new (data, size);
}

/* TRUE when opening would take its time: a cost somewhere is within the format's bounds, and high. */
static bool
is_costly (GBytes *file)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (file, &size);

  for (size_t at = 0; at + 17 <= size; at++)
    {
      TessReader reader;
      uint64_t passes, memory;

      if (memcmp (data + at, "TESSKEYS", 8) != 0)
        continue;
      tess_reader_init (&reader, data + at + 9, 8);
      passes = tess_reader_u32 (&reader);
      memory = tess_reader_u32 (&reader);
      if (passes <= 16 && memory <= 1024 * 1024 && passes * memory > WORK_MAX)
        return true;
    }
  return false;
}

static bool
opens (GBytes *file, TessRecoveryKind kind, const char *text)
{
  const TessRecoverySecrets expected = written ();
  TessRecoverySecrets secrets;
  g_autoptr (GError) error = NULL;
  bool opened = tess_recovery_file_open (file, profile, kind, text, strlen (text), &secrets, &error);

  fuzz_check_error (error, !opened, TESS_CRYPTO_ERROR);
  if (opened)
    g_assert_cmpmem (secrets.bytes, sizeof secrets.bytes, expected.bytes, sizeof expected.bytes);
  else
    g_assert_true (sodium_is_zero (secrets.bytes, sizeof secrets.bytes));
  return opened;
}

/* What is typed is a code or none; a code that is written as it is shown reads as the same. */
static void
check_typed (TessReader *input)
{
  g_autoptr (GBytes) text = fuzz_rest (input);
  size_t size;
  const char *data = g_bytes_get_data (text, &size);
  TessRecoveryCode code, again;
  TessRecoveryCodeText shown;

  if (!tess_recovery_code_parse (data != NULL ? data : "", size, &code))
    {
      g_assert_true (sodium_is_zero (code.bytes, sizeof code.bytes));
      return;
    }
  for (size_t i = 0; i < sizeof code.bytes; i++)
    g_assert_true (g_ascii_isdigit (code.bytes[i]));
  tess_recovery_code_write (&code, &shown);
  g_assert_true (tess_recovery_code_parse ((const char *) shown.bytes, strlen ((const char *) shown.bytes), &again));
  g_assert_cmpmem (code.bytes, sizeof code.bytes, again.bytes, sizeof again.bytes);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessReader input;
  g_autoptr (GBytes) made = NULL, file = NULL;
  g_autoptr (GError) error = NULL;
  bool changed = true, by_code, by_passphrase;
  unsigned kinds;
  uint8_t how;

  fuzz_begin ();
  tess_reader_init (&input, data, size);
  how = tess_reader_u8 (&input);
  if ((how & TYPED) != 0)
    {
      check_typed (&input);
      return 0;
    }
  made = (how & RAW) != 0 ? fuzz_rest (&input) : fuzz_patched (&input, genuine (), &changed);
  file = (how & REPAIRED) != 0 ? repaired (made) : g_bytes_ref (made);
  if (is_costly (file))
    return 0;
  kinds = tess_recovery_file_kinds (file, profile, &error);
  fuzz_check_error (error, kinds == 0, TESS_CRYPTO_ERROR);
  by_code = opens (file, TESS_RECOVERY_BY_CODE, CODE);
  by_passphrase = opens (file, TESS_RECOVERY_BY_PASSPHRASE, PASSPHRASE);
  if (kinds == 0)
    g_assert_false (by_code || by_passphrase);
  if (g_bytes_equal (file, genuine ()))
    g_assert_true (by_code && by_passphrase);
  else
    g_assert_false (by_code && by_passphrase);
  g_assert_false (opens (file, TESS_RECOVERY_BY_CODE, PASSPHRASE));
  g_assert_false (opens (file, TESS_RECOVERY_BY_PASSPHRASE, CODE));
  return 0;
}
