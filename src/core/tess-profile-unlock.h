/* Opening a profile: folder, keys, database (protocol.md 1, 12). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"

G_BEGIN_DECLS

/* A passphrase in guarded memory. */
typedef struct {
  size_t size;
  char bytes[];
} TessPassphrase;

/* A copy; NULL for NULL. Free with tess_secret_free(). */
TessPassphrase *tess_passphrase_new (const char *text);

/* In a fiber on the main thread: opens the profile at @dir as tess_engine_open() says; @passphrase may be NULL and is
 * borrowed. */
TessCore *tess_profile_unlock (const char *dir, const TessPassphrase *passphrase, GError **error);

G_END_DECLS
