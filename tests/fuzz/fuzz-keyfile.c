/* Key files under a passphrase, changed anywhere: only the one that was written opens, and only to what was written; one that
 * asks for more than the bounds is refused before any work. Input: how, then a whole file or changes to a genuine one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "crypto/tess-keyfile.h"

#include <string.h>

#define PASSPHRASE "pass phrase"
#define SECRET "a secret of thirty-two bytes, so"
/* Above this much work a file is left alone, as far as the bounds of the format let it ask for so much. */
#define WORK_MAX 64

static GBytes *
genuine (void)
{
  static const TessKeyfileCost cost = { .passes = 1, .memory_kib = 8 };
  static GBytes *file;

  if (file == NULL)
    file = tess_keyfile_wrap (PASSPHRASE, strlen (PASSPHRASE), &cost, (const uint8_t *) SECRET, strlen (SECRET), NULL);
  return file;
}

/* TRUE when opening would take its time: the cost is within the format's bounds, and high. */
static bool
is_costly (GBytes *file)
{
  TessReader reader;
  uint64_t passes, memory;

  tess_reader_init (&reader, g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  tess_reader_take (&reader, 9);
  passes = tess_reader_u32 (&reader);
  memory = tess_reader_u32 (&reader);
  return passes <= 16 && memory <= 1024 * 1024 && passes * memory > WORK_MAX;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessReader input;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (TessWiped) secret = NULL, by_another = NULL;
  g_autoptr (GError) error = NULL;
  bool changed = true;
  uint8_t how;

  fuzz_begin ();
  tess_reader_init (&input, data, size);
  how = tess_reader_u8 (&input);
  file = how % 2 == 0 ? fuzz_patched (&input, genuine (), &changed) : fuzz_rest (&input);
  if (is_costly (file))
    return 0;
  secret = tess_keyfile_open (PASSPHRASE, strlen (PASSPHRASE), g_bytes_get_data (file, NULL), g_bytes_get_size (file), &error);
  fuzz_check_error (error, secret == NULL, TESS_CRYPTO_ERROR);
  g_assert_cmpint (secret != NULL, ==, g_bytes_equal (file, genuine ()));
  if (secret != NULL)
    g_assert_cmpmem (secret->bytes, secret->size, SECRET, strlen (SECRET));
  by_another = tess_keyfile_open ("other", 5, g_bytes_get_data (file, NULL), g_bytes_get_size (file), NULL);
  g_assert_null (by_another);
  return 0;
}
