/* The errors of the crypto layer. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a caller can do about a failure. After each of them every output is zero or NULL and every state as it was.
 * @TESS_CRYPTO_ERROR_AUTH: a tag, commitment or mac does not fit: forged, damaged, for another key, or a wrong passphrase. The
 *   one code for every authentication failure; nothing says which check it was.
 * @TESS_CRYPTO_ERROR_REFUSED: malformed or outside a bound of the protocol, told before anything secret was derived from it.
 * @TESS_CRYPTO_ERROR_DUPLICATE: a message that was received before: acknowledge and drop it, it is no failure.
 * @TESS_CRYPTO_ERROR_DAMAGED: our own stored state, key or key file is not what was written: the session or file is lost.
 * @TESS_CRYPTO_ERROR_TOO_LARGE: what should be sealed does not fit the largest form there is.
 * @TESS_CRYPTO_ERROR_RANDOM: the random source failed.
 * @TESS_CRYPTO_ERROR_RESOURCES: a library ran out of memory (Argon2id takes 256 MiB) or failed in itself: try again. */
typedef enum {
  TESS_CRYPTO_ERROR_AUTH,
  TESS_CRYPTO_ERROR_REFUSED,
  TESS_CRYPTO_ERROR_DUPLICATE,
  TESS_CRYPTO_ERROR_DAMAGED,
  TESS_CRYPTO_ERROR_TOO_LARGE,
  TESS_CRYPTO_ERROR_RANDOM,
  TESS_CRYPTO_ERROR_RESOURCES,
} TessCryptoError;

#define TESS_CRYPTO_ERROR (tess_crypto_error_quark ())
GQuark tess_crypto_error_quark (void);

G_END_DECLS
