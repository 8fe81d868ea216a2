/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-safety.h"

#include "base/tess-bytes.h"
#include "base/tess-random.h"
#include "crypto/tess-kdf.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS 5200
#define HALF (TESS_SAFETY_DIGITS / 2)
#define KEY_TYPE 0x05

bool
tess_showing_generate (TessShowing *out, GError **error)
{
  if (tess_random (out->bytes, sizeof out->bytes))
    return true;
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM, "the random source failed");
  return false;
}

/* One party's 30 digits: @id is what Signal calls the stable identifier. */
static void
write_half (const uint8_t *id, size_t id_size, const TessAccountPublic *key, char out[static HALF + 1])
{
  static const uint8_t version[2] = { 0, 0 };
  static const uint8_t type = KEY_TYPE;
  crypto_hash_sha512_state state;
  uint8_t hash[64];

  crypto_hash_sha512_init (&state);
  crypto_hash_sha512_update (&state, version, sizeof version);
  crypto_hash_sha512_update (&state, &type, 1);
  crypto_hash_sha512_update (&state, key->bytes, sizeof key->bytes);
  crypto_hash_sha512_update (&state, id, id_size);
  for (unsigned i = 0; i < ROUNDS; i++)
    {
      if (i > 0)
        {
          crypto_hash_sha512_init (&state);
          crypto_hash_sha512_update (&state, hash, sizeof hash);
        }
      crypto_hash_sha512_update (&state, &type, 1);
      crypto_hash_sha512_update (&state, key->bytes, sizeof key->bytes);
      crypto_hash_sha512_final (&state, hash);
    }
  for (unsigned i = 0; i < HALF / 5; i++)
    {
      uint64_t group = 0;

      for (unsigned j = 0; j < 5; j++)
        group = group << 8 | hash[5 * i + j];
      snprintf (out + 5 * i, 6, "%05u", (unsigned) (group % 100000));
    }
}

void
tess_safety_number_with_ids (const uint8_t *our_id, size_t our_id_size, const TessAccountPublic *ours, const uint8_t *their_id,
                             size_t their_id_size, const TessAccountPublic *theirs, char out[static TESS_SAFETY_DIGITS + 1])
{
  char a[HALF + 1], b[HALF + 1];

  write_half (our_id, our_id_size, ours, a);
  write_half (their_id, their_id_size, theirs, b);
  snprintf (out, TESS_SAFETY_DIGITS + 1, "%s%s", strcmp (a, b) <= 0 ? a : b, strcmp (a, b) <= 0 ? b : a);
}

void
tess_safety_number (const TessAccountPublic *ours, const TessAccountPublic *theirs, char out[static TESS_SAFETY_DIGITS + 1])
{
  tess_safety_number_with_ids (ours->bytes, sizeof ours->bytes, ours, theirs->bytes, sizeof theirs->bytes, theirs, out);
}

void
tess_verify_mac (const TessShowing *showing, const TessAccountPublic *shown, const TessAccountPublic *scanner,
                 uint8_t out[static 32])
{
  uint8_t message[128];
  TessWriter writer;

  tess_writer_init (&writer, message, sizeof message);
  tess_writer_label (&writer, "Tessera-v1/verify");
  tess_writer_bytes (&writer, shown->bytes, sizeof shown->bytes);
  tess_writer_bytes (&writer, scanner->bytes, sizeof scanner->bytes);
  tess_hmac (showing->bytes, sizeof showing->bytes, message, writer.size, out);
}

bool
tess_verify_mac_check (const TessShowing *showing, const TessAccountPublic *shown, const TessAccountPublic *scanner,
                       const uint8_t mac[static 32])
{
  g_auto (TessSecret32) expected = { 0 };

  tess_verify_mac (showing, shown, scanner, expected.bytes);
  return sodium_memcmp (expected.bytes, mac, sizeof expected.bytes) == 0;
}
