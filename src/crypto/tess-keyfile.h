/* A small secret wrapped under a passphrase (protocol.md 12): key files, the recovery file, the app lock. Pure but slow (about
 * a second: a worker thread's work); any thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "crypto/tess-crypto-error.h"

#include <stdbool.h>

G_BEGIN_DECLS

#define TESS_KEYFILE_SECRET_MAX 1024
#define TESS_KEYFILE_PASSPHRASE_MAX 1024
/* The largest wrapped form: header, ciphertext of TESS_KEYFILE_SECRET_MAX and tag. */
#define TESS_KEYFILE_SIZE_MAX (8 + 1 + 4 + 4 + 16 + 32 + 24 + 2 + TESS_KEYFILE_SECRET_MAX + 16)

/* Argon2id's cost. On opening it comes from the file and is refused outside 1 to 16 passes and 8 KiB to 1 GiB. */
typedef struct {
  uint32_t passes;
  uint32_t memory_kib;
} TessKeyfileCost;

/* What everything but a test uses: 3 passes, 256 MiB. */
extern const TessKeyfileCost tess_keyfile_cost;

/* Wraps @size bytes (1 to TESS_KEYFILE_SECRET_MAX) under the passphrase's bytes (1 to TESS_KEYFILE_PASSPHRASE_MAX). The result is
 * safe to write to disk. Free with g_bytes_unref(). Errors: TOO_LARGE, RANDOM, RESOURCES, REFUSED (empty, cost out of bounds). */
GBytes *tess_keyfile_wrap (const char *passphrase, size_t passphrase_size, const TessKeyfileCost *cost, const uint8_t *secret,
                           size_t size, GError **error);

/* Opens what tess_keyfile_wrap() made. Free with tess_wiped_free(). Errors: AUTH (wrong passphrase), REFUSED (not a key file,
 * cost out of bounds), DAMAGED (the passphrase is right, the content is not as written), RESOURCES. */
TessWiped *tess_keyfile_open (const char *passphrase, size_t passphrase_size, const uint8_t *data, size_t size, GError **error);

G_END_DECLS
