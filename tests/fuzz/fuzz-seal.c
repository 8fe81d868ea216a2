/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz-seal.h"

#include "base/tess-bytes.h"
#include "base/tess-limits.h"
#include "crypto/tess-kdf.h"

#include <sodium.h>
#include <string.h>

#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SEALED_AT (1 + 4 + TESS_XWING_CIPHERTEXT_SIZE)

static size_t
size_for (size_t inner)
{
  size_t sum = SEALED_AT + TAG + inner;

  if (sum <= TESS_ENVELOPE_SMALL)
    return TESS_ENVELOPE_SMALL;
  return sum <= TESS_ENVELOPE_MEDIUM ? TESS_ENVELOPE_MEDIUM : TESS_ENVELOPE_LARGE;
}

GBytes *
fuzz_seal (const TessXwingPublic *envelope_key, uint32_t key_id, const TessDevicePublic *to, GBytes *inner)
{
  static const uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
  size_t used, room, size = size_for (g_bytes_get_size (inner));
  const uint8_t *data = g_bytes_get_data (inner, &used);
  g_autofree uint8_t *padded = g_malloc0 (size);
  uint8_t *envelope = g_malloc (size);
  uint8_t ad[1 + 4 + 32];
  TessXwingCiphertext ct;
  TessSecret32 shared, key;
  TessWriter writer;

  room = size - SEALED_AT - TAG;
  if (used > 0)
    memcpy (padded, data, MIN (used, room));
  g_assert_true (tess_xwing_encapsulate (envelope_key, &ct, &shared, NULL));
  tess_hkdf_label (NULL, 0, shared.bytes, sizeof shared.bytes, "Tessera-v1/Envelope", key.bytes, sizeof key.bytes);
  tess_writer_init (&writer, ad, sizeof ad);
  tess_writer_u8 (&writer, 1);
  tess_writer_u32 (&writer, key_id);
  tess_writer_bytes (&writer, to->bytes, sizeof to->bytes);
  memcpy (envelope, ad, 5);
  memcpy (envelope + 5, ct.bytes, sizeof ct.bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt (envelope + SEALED_AT, NULL, padded, room, ad, sizeof ad, NULL, nonce, key.bytes);
  return g_bytes_new_take (envelope, size);
}
