/* What a passphrase is worked into (protocol.md 12): for key files and backups. Pure but slow (about a second: a worker thread's
 * work); any thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "crypto/tess-crypto-error.h"
#include "crypto/tess-keyfile.h"

#include <stdbool.h>

G_BEGIN_DECLS

#define TESS_STRETCH_SALT 16

/* Whether Argon2id may be given this cost: what a file asks for must not take the machine's memory or minutes of its time. */
bool tess_stretch_cost_is_sane (const TessKeyfileCost *cost);

/* commitment<32> || key<32> of @size bytes at @passphrase, under @label. FALSE and zeros: RESOURCES. */
bool tess_stretch (const char *passphrase, size_t size, const TessKeyfileCost *cost, const uint8_t salt[static TESS_STRETCH_SALT],
                   const char *label, TessSecret64 *out, GError **error);

G_END_DECLS
