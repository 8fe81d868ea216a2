/* HMAC-SHA-256 and HKDF-SHA-256 (RFC 2104, RFC 5869; protocol.md 0). Pure; any thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* The most that RFC 5869 lets one call give: 255 blocks of 32 bytes. */
#define TESS_HKDF_SIZE_MAX (255 * 32)

/* Writes HMAC-SHA-256 of @data under the @key of @key_size bytes (any size) to @out. */
void tess_hmac (const uint8_t *key, size_t key_size, const uint8_t *data, size_t size, uint8_t out[static 32]);

/* Writes @out_size bytes (1 to TESS_HKDF_SIZE_MAX; asserted) derived from @ikm to @out. @salt may be NULL with 0: RFC 5869 then
 * takes 32 zero bytes. @info is any bytes; for the usual ASCII label see tess_hkdf_label(). */
void tess_hkdf (const uint8_t *salt, size_t salt_size, const uint8_t *ikm, size_t ikm_size, const uint8_t *info, size_t info_size,
                uint8_t *out, size_t out_size);

/* tess_hkdf() with the characters of @label, without its terminator, as info. */
void tess_hkdf_label (const uint8_t *salt, size_t salt_size, const uint8_t *ikm, size_t ikm_size, const char *label, uint8_t *out,
                      size_t out_size);

G_END_DECLS
