/* The app lock's item, which whoever has the keyring may write: changed anywhere, or the right passphrase around anything. Only
 * what was written opens, and only to what was written; one that asks for more than the bounds is refused before any work.
 * Input: how, then a whole item, changes to a genuine one, or what is to be wrapped. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "crypto/tess-app-lock.h"

#include <string.h>

#define PASSPHRASE "pass phrase"
/* Above this much work an item is left alone, as far as the bounds of the format let it ask for so much. */
#define WORK_MAX 64

/* The ways of an input. */
#define RAW 1
#define WRAPPED 2

static const TessKeyfileCost cheap = { .passes = 1, .memory_kib = 8 };
static const uint8_t profile[TESS_APP_LOCK_PROFILE_ID] = "a profile's id!";

static TessAppLockKey
written (void)
{
  TessAppLockKey key;

  memset (key.bytes, 0xcd, sizeof key.bytes);
  return key;
}

static GBytes *
genuine (void)
{
  static GBytes *item;
  const TessAppLockKey key = written ();

  if (item == NULL)
    item = tess_app_lock_wrap (profile, PASSPHRASE, strlen (PASSPHRASE), &cheap, &key, NULL);
  return item;
}

/* TRUE when opening would take its time: the cost is within the format's bounds, and high. */
static bool
is_costly (GBytes *item)
{
  TessReader reader;
  uint64_t passes, memory;

  tess_reader_init (&reader, g_bytes_get_data (item, NULL), g_bytes_get_size (item));
  tess_reader_take (&reader, 9);
  passes = tess_reader_u32 (&reader);
  memory = tess_reader_u32 (&reader);
  return passes <= 16 && memory <= 1024 * 1024 && passes * memory > WORK_MAX;
}

static bool
opens (GBytes *item, const char *passphrase, TessAppLockKey *key)
{
  g_autoptr (GError) error = NULL;
  bool opened = tess_app_lock_open (item, profile, passphrase, strlen (passphrase), key, &error);

  fuzz_check_error (error, !opened, TESS_CRYPTO_ERROR);
  g_assert_true (opened || fuzz_is_zero (key->bytes, sizeof key->bytes));
  return opened;
}

/* What opens is version, kind and profile, and then the key. */
static void
check_wrapped (TessReader *input)
{
  g_autoptr (GBytes) content = fuzz_rest (input), item = NULL;
  size_t size;
  const uint8_t *data = g_bytes_get_data (content, &size);
  uint8_t head[2 + TESS_APP_LOCK_PROFILE_ID] = { 1, 3 };
  bool good;
  TessAppLockKey key;

  if (size == 0 || size > TESS_KEYFILE_SECRET_MAX)
    return;
  memcpy (head + 2, profile, sizeof profile);
  good = size == TESS_APP_LOCK_CONTENT && memcmp (data, head, sizeof head) == 0;
  item = tess_keyfile_wrap (PASSPHRASE, strlen (PASSPHRASE), &cheap, data, size, NULL);
  g_assert_cmpint (opens (item, PASSPHRASE, &key), ==, good);
  if (good)
    g_assert_cmpmem (key.bytes, sizeof key.bytes, data + sizeof head, size - sizeof head);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessReader input;
  g_autoptr (GBytes) item = NULL;
  g_autoptr (GError) error = NULL;
  const TessAppLockKey expected = written ();
  TessAppLockKey key;
  bool changed, checked, opened;
  uint8_t how;

  fuzz_begin ();
  tess_reader_init (&input, data, size);
  how = tess_reader_u8 (&input);
  if ((how & WRAPPED) != 0)
    {
      check_wrapped (&input);
      return 0;
    }
  item = (how & RAW) != 0 ? fuzz_rest (&input) : fuzz_patched (&input, genuine (), &changed);
  checked = tess_app_lock_check (item, &error);
  fuzz_check_error (error, !checked, TESS_CRYPTO_ERROR);
  if (is_costly (item))
    return 0;
  opened = opens (item, PASSPHRASE, &key);
  g_assert_cmpint (opened, ==, g_bytes_equal (item, genuine ()));
  g_assert_true (checked || !opened);
  if (opened)
    g_assert_cmpmem (key.bytes, sizeof key.bytes, expected.bytes, sizeof expected.bytes);
  g_assert_false (opens (item, "other", &key));
  return 0;
}
