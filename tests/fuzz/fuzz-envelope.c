/* Envelopes: opening what was sealed properly over any inner part, and what was changed after that. Only the genuine one opens,
 * its body lies inside the envelope, and what was opened seals and opens to the same. Input: how, then the inner part or changes
 * to a genuine one or to the envelope.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "fuzz-seal.h"

#include "crypto/tess-envelope.h"

#include <string.h>

#define KEY_ID 77
#define INNER_HEAD (1 + 32 + 32 + 4)

typedef struct {
  TessXwingKey *key;
  TessDevicePublic us;
  GBytes *inner;
} Fixtures;

static const Fixtures *
fixtures (void)
{
  static Fixtures self;
  uint8_t inner[INNER_HEAD + 20];
  TessWriter writer;
  TessXwingSeed seed;

  if (self.key != NULL)
    return &self;
  memset (&seed, 3, sizeof seed);
  memset (&self.us, 4, sizeof self.us);
  self.key = tess_xwing_key_new (&seed, NULL);
  memset (inner, 5, sizeof inner);
  tess_writer_init (&writer, inner, sizeof inner);
  tess_writer_u8 (&writer, TESS_ENVELOPE_MESSAGE);
  tess_writer_bytes (&writer, inner + 1, 64);
  tess_writer_u32 (&writer, 20);
  self.inner = g_bytes_new (inner, sizeof inner);
  return &self;
}

static bool
open_envelope (GBytes *envelope, TessEnvelope *out)
{
  const Fixtures *fixed = fixtures ();
  g_autoptr (GError) error = NULL;
  size_t size;
  const uint8_t *data = g_bytes_get_data (envelope, &size);
  bool good;

  memset (out, 0xa5, sizeof *out);
  good = tess_envelope_open (fixed->key, &fixed->us, data, size, out, &error);
  fuzz_check_error (error, !good, TESS_CRYPTO_ERROR);
  if (!good)
    g_assert_true (fuzz_is_zero (out, sizeof *out));
  return good;
}

static void
check_opened (const TessEnvelope *opened, GBytes *inner)
{
  const Fixtures *fixed = fixtures ();
  g_autoptr (GBytes) body = g_bytes_new (opened->body, opened->body_size);
  g_autoptr (GBytes) sealed = NULL;
  g_auto (TessEnvelope) again = { 0 };
  size_t size;
  const uint8_t *data = g_bytes_get_data (inner, &size);

  g_assert_true (opened->type == TESS_ENVELOPE_HELLO || opened->type == TESS_ENVELOPE_MESSAGE);
  g_assert_true (opened->body >= opened->inner->bytes + INNER_HEAD
                 && opened->body + opened->body_size <= opened->inner->bytes + opened->inner->size);
  g_assert_true (fuzz_is_zero (opened->body + opened->body_size,
                               opened->inner->size - (size_t) (opened->body - opened->inner->bytes) - opened->body_size));
  g_assert_cmpuint (tess_envelope_size_for (opened->body_size), !=, 0);
  g_assert_cmpmem (opened->sender.account.bytes, MIN (32, size - 1), data + 1, MIN (32, size - 1));
  sealed = tess_envelope_seal (tess_xwing_key_public (fixed->key), KEY_ID, &fixed->us, &opened->sender, NULL, body, NULL);
  g_assert_nonnull (sealed);
  g_assert_true (open_envelope (sealed, &again));
  g_assert_cmpmem (again.body, again.body_size, opened->body, opened->body_size);
  g_assert_cmpmem (&again.sender, sizeof again.sender, &opened->sender, sizeof opened->sender);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const Fixtures *fixed = fixtures ();
  TessReader input;
  g_autoptr (GBytes) inner = NULL, envelope = NULL, sent = NULL;
  g_auto (TessEnvelope) opened = { 0 };
  uint32_t key_id = 0;
  uint8_t how;
  bool changed;

  fuzz_begin ();
  tess_reader_init (&input, data, size);
  how = tess_reader_u8 (&input);
  if (how % 4 == 3) /* the raw bytes, as they came */
    {
      sent = fuzz_rest (&input);
      g_assert_false (open_envelope (sent, &opened));
      memset (&opened, 0, sizeof opened);
      return 0;
    }
  inner = how % 4 == 0 ? fuzz_rest (&input) : fuzz_patched (&input, fixed->inner, &changed);
  envelope = fuzz_seal (tess_xwing_key_public (fixed->key), KEY_ID, &fixed->us, inner);
  sent = fuzz_patched (&input, envelope, &changed);
  if (open_envelope (sent, &opened))
    {
      g_assert_true (g_bytes_equal (sent, envelope));
      g_assert_true (tess_envelope_key_id (g_bytes_get_data (sent, NULL), g_bytes_get_size (sent), &key_id, NULL));
      g_assert_cmpuint (key_id, ==, KEY_ID);
      check_opened (&opened, inner);
    }
  return 0;
}
