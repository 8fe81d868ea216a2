/* The keys of a profile in the desktop's Secret Service (protocol.md 1): 32 raw bytes each, or what wraps them (12), in base64
 * inside the item. Main thread; the futures resolve there. Nothing here can wait for ever: a call without an answer rejects with
 * NO_SERVICE after @timeout seconds (0: TESS_KEYRING_TIMEOUT, long enough for a person to unlock the keyring).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-store-error.h"

#include <libdex.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* A set of these: TESS_KEYRING_ROLES is how many there are. */
typedef enum {
  TESS_KEYRING_ACCOUNT,  /* the account key's seed */
  TESS_KEYRING_DEVICE,   /* the device key's seed */
  TESS_KEYRING_DATABASE, /* the database key */
} TessKeyringRole;
#define TESS_KEYRING_ROLES 3

/* More than an app lock's item has. */
#define TESS_KEYRING_WRAPPED_MAX 512

/* Stores @secret as @role of the profile @profile_id (in the default collection), replacing an older one. The bytes are copied
 * into wiped memory before this returns. Resolves with TRUE. TESS_STORE_ERROR: NO_SERVICE, FAILED. */
DexFuture *tess_keyring_store (const char *profile_id, TessKeyringRole role, const uint8_t secret[static 32],
                               unsigned timeout) G_GNUC_WARN_UNUSED_RESULT;
/* The same for @content, 32 bytes of a key or more that wrap one (at most TESS_KEYRING_WRAPPED_MAX), and looks afterwards whether
 * it is there. Any other item of @role, as there may be in another collection, is deleted then, and not before. On failure there
 * is either what was there before or @content. TESS_STORE_ERROR: NO_SERVICE, DAMAGED (something else is there now), FAILED. */
DexFuture *tess_keyring_replace (const char *profile_id, TessKeyringRole role, const uint8_t *content, size_t size,
                                 unsigned timeout) G_GNUC_WARN_UNUSED_RESULT;
/* Looks @role up; take the bytes with one of the two below. The person is asked to unlock the keyring, if @ask and it is
 * locked. TESS_STORE_ERROR: NO_SERVICE (also when it stays locked or is damaged), MISSING, DAMAGED (an item that is not 32
 * to TESS_KEYRING_WRAPPED_MAX bytes in base64), FAILED. */
DexFuture *tess_keyring_load (const char *profile_id, TessKeyringRole role, bool ask, unsigned timeout) G_GNUC_WARN_UNUSED_RESULT;
/* Removes every role of the profile; none there is fine. Resolves with TRUE. */
DexFuture *tess_keyring_clear (const char *profile_id, unsigned timeout) G_GNUC_WARN_UNUSED_RESULT;

/* In a fiber: waits for tess_keyring_load() (its reference is taken) and copies the secret to @out, zeros on failure; DAMAGED
 * when it is no plain key. */
bool tess_keyring_await_secret (DexFuture *future, uint8_t out[static 32], GError **error);
/* The same, where what wraps a key is good too: it comes in @wrapped_out, else NULL, and @out is zeros then. */
bool tess_keyring_await_content (DexFuture *future, uint8_t out[static 32], GBytes **wrapped_out, GError **error);

G_END_DECLS
