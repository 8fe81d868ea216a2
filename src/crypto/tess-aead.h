/* XChaCha20-Poly1305 (protocol.md 0) that leaves nothing on the stack. Pure; any thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_AEAD_NONCE 24
#define TESS_AEAD_TAG 16

/* Writes the @size bytes at @text, encrypted under @key, and the tag to @out: @size + TESS_AEAD_TAG bytes. */
void tess_aead_seal (const uint8_t key[static 32], const uint8_t nonce[static TESS_AEAD_NONCE], const uint8_t *ad, size_t ad_size,
                     const uint8_t *text, size_t size, uint8_t *out);

/* Opens the @size bytes at @sealed (TESS_AEAD_TAG at least; asserted) to @out, which has room for all but the tag. FALSE, and
 * @out zeroed, when they are not what was sealed under this key, nonce and @ad. */
bool tess_aead_open (const uint8_t key[static 32], const uint8_t nonce[static TESS_AEAD_NONCE], const uint8_t *ad, size_t ad_size,
                     const uint8_t *sealed, size_t size, uint8_t *out);

G_END_DECLS
