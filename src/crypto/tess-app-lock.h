/* The app lock: the database key of one profile, wrapped under a passphrase (protocol.md 12). Pure; what wraps or opens is slow
 * (Argon2id, about a second: a worker thread's work); any thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "crypto/tess-crypto-error.h"
#include "crypto/tess-keyfile.h"

#include <stdbool.h>

G_BEGIN_DECLS

#define TESS_APP_LOCK_PROFILE_ID 16
/* What is wrapped: version, kind, whose it is, the key. */
#define TESS_APP_LOCK_CONTENT (1 + 1 + TESS_APP_LOCK_PROFILE_ID + 32)

/* The database key as it is wrapped. */
TESS_SECRET_TYPE (TessAppLockKey, tess_app_lock_key, 32)

/* @key under @passphrase (1 to 1,024 bytes), for the profile @profile. Slow. Free with g_bytes_unref(). Errors: REFUSED or
 * TOO_LARGE (@passphrase), RANDOM, RESOURCES. */
GBytes *tess_app_lock_wrap (const uint8_t profile[static TESS_APP_LOCK_PROFILE_ID], const char *passphrase,
                            size_t passphrase_size, const TessKeyfileCost *cost, const TessAppLockKey *key, GError **error);

/* Whether @item can be one of ours, so that a passphrase is worth asking for. Fast. FALSE: DAMAGED, REFUSED (a newer version). */
bool tess_app_lock_check (GBytes *item, GError **error);

/* Opens what tess_app_lock_wrap() made for @profile. Slow. FALSE and zeros on failure: AUTH (@passphrase is wrong), DAMAGED (not
 * as it was written, or written for another profile or purpose), REFUSED (a newer version), RESOURCES. */
bool tess_app_lock_open (GBytes *item, const uint8_t profile[static TESS_APP_LOCK_PROFILE_ID], const char *passphrase,
                         size_t passphrase_size, TessAppLockKey *out, GError **error);

G_END_DECLS
