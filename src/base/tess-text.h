/* Text that comes from people and other machines: encodings, and names made safe to show. Pure; any thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* RFC 4648 base32, upper case, no padding. Free with g_free(). */
char *tess_base32_encode (const uint8_t *data, size_t size);
/* Decodes exactly @size bytes from the @length characters at @text, either case. FALSE, and @out zeroed, for another length, a
 * character outside the alphabet, or unused bits that are not zero. */
bool tess_base32_decode (const char *text, size_t length, uint8_t *out, size_t size);

/* base64url without padding, as JSON and headers carry bytes. Free with g_free(). */
char *tess_base64_encode (const uint8_t *data, size_t size);
/* Decodes exactly @size bytes; FALSE, and @out zeroed, for anything else. @text may be NULL (FALSE). */
bool tess_base64_decode (const char *text, uint8_t *out, size_t size);
/* Decodes at most @max bytes; NULL for anything that is not canonical base64url without padding or is longer. */
GBytes *tess_base64_decode_bytes (const char *text, size_t max);

/* Lower-case hex. Free with g_free(). */
char *tess_hex_encode (const uint8_t *data, size_t size);
/* Decodes exactly 2 * @size lower-case digits; FALSE, and @out zeroed, for anything else. */
bool tess_hex_decode (const char *text, uint8_t *out, size_t size);

/* A name as it may be stored and shown: valid UTF-8, NFC, without control, line-break, bidirectional-override or zero-width
 * characters, white space folded and trimmed, 1 to TESS_NAME_CHARS_MAX characters and TESS_NAME_BYTES_MAX bytes.
 * tess_name_check() is for what a person types: NULL and a reason in @reason_out (a static msgid) when the name is not already
 * fit but for folding and trimming; one of which nothing can be seen is empty. tess_name_clean() is for what a peer sends: drops
 * what does not belong and cuts what is too long; "" when nothing is left to see. Free both with g_free(). */
char *tess_name_check (const char *name, const char **reason_out);
char *tess_name_clean (const char *name, size_t size);

G_END_DECLS
