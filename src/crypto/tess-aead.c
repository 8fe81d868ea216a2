/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-aead.h"

#include <sodium.h>
#include <string.h>

/* libsodium's vector code spills the subkey (more than a kilobyte of it, for the widest) and does not clean up. */
#define STACK 4096

void
tess_aead_seal (const uint8_t key[static 32], const uint8_t nonce[static TESS_AEAD_NONCE], const uint8_t *ad, size_t ad_size,
                const uint8_t *text, size_t size, uint8_t *out)
{
  crypto_aead_xchacha20poly1305_ietf_encrypt (out, NULL, text, size, ad, ad_size, NULL, nonce, key);
  sodium_stackzero (STACK);
}

bool
tess_aead_open (const uint8_t key[static 32], const uint8_t nonce[static TESS_AEAD_NONCE], const uint8_t *ad, size_t ad_size,
                const uint8_t *sealed, size_t size, uint8_t *out)
{
  bool good;

  g_assert (size >= TESS_AEAD_TAG);
  good = crypto_aead_xchacha20poly1305_ietf_decrypt (out, NULL, NULL, sealed, size, ad, ad_size, nonce, key) == 0;
  sodium_stackzero (STACK);
  if (!good && size > TESS_AEAD_TAG)
    sodium_memzero (out, size - TESS_AEAD_TAG);
  return good;
}
