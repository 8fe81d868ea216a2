/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-kdf.h"

#include "base/tess-secret.h"

#include <string.h>

void
tess_hmac (const uint8_t *key, size_t key_size, const uint8_t *data, size_t size, uint8_t out[static 32])
{
  static const uint8_t nothing[1];
  crypto_auth_hmacsha256_state state;

  /* libsodium wants a pointer even to no bytes. */
  crypto_auth_hmacsha256_init (&state, key != NULL ? key : nothing, key_size);
  crypto_auth_hmacsha256_update (&state, data != NULL ? data : nothing, size);
  crypto_auth_hmacsha256_final (&state, out);
  sodium_memzero (&state, sizeof state);
}

void
tess_hkdf (const uint8_t *salt, size_t salt_size, const uint8_t *ikm, size_t ikm_size, const uint8_t *info, size_t info_size,
           uint8_t *out, size_t out_size)
{
  crypto_auth_hmacsha256_state state;
  g_auto (TessSecret32) prk = { 0 };
  g_auto (TessSecret32) block = { 0 };
  size_t done = 0;

  g_assert (out_size > 0 && out_size <= TESS_HKDF_SIZE_MAX);

  /* An empty HMAC key is padded with zeros to a block, as 32 zero bytes are: RFC 5869's default salt. */
  tess_hmac (salt, salt_size, ikm, ikm_size, prk.bytes);
  for (uint8_t counter = 1; done < out_size; counter++)
    {
      size_t take = MIN (out_size - done, sizeof block.bytes);

      crypto_auth_hmacsha256_init (&state, prk.bytes, sizeof prk.bytes);
      if (counter > 1)
        crypto_auth_hmacsha256_update (&state, block.bytes, sizeof block.bytes);
      if (info_size > 0)
        crypto_auth_hmacsha256_update (&state, info, info_size);
      crypto_auth_hmacsha256_update (&state, &counter, 1);
      crypto_auth_hmacsha256_final (&state, block.bytes);
      memcpy (out + done, block.bytes, take);
      done += take;
    }
  sodium_memzero (&state, sizeof state);
}

void
tess_hkdf_label (const uint8_t *salt, size_t salt_size, const uint8_t *ikm, size_t ikm_size, const char *label, uint8_t *out,
                 size_t out_size)
{
  tess_hkdf (salt, salt_size, ikm, ikm_size, (const uint8_t *) label, strlen (label), out, out_size);
}
