/* The app lock: the database key in the keyring, itself under a passphrase (protocol.md 12). In a fiber on the main thread;
 * Argon2id runs on a worker thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-profile-keys.h"

G_BEGIN_DECLS

/* Whether the keyring holds the database key under an app lock's passphrase: looks quickly, asks nobody. */
bool tess_profile_lock_is_set (TessProfileDir *dir);

/* The database key of @dir's profile out of @wrapped, which the keyring holds. FALSE: PASSPHRASE_NEEDED (@passphrase is NULL),
 * PASSPHRASE_OR_CODE (the same, and there is a recovery file), PASSPHRASE_WRONG, DAMAGED (nothing that is typed opens it), NEWER,
 * FAILED. */
bool tess_profile_lock_open (TessProfileDir *dir, GBytes *wrapped, const TessPassphrase *passphrase, TessDatabaseKey *key,
                             GError **error);

/* Puts @key into the keyring under @passphrase, or as it is (NULL). @present opens what the keyring holds by now; it may be NULL
 * when that is no app lock's. At any moment the keyring holds one that opens, as before or as wanted. FALSE: PASSPHRASE_NEEDED,
 * PASSPHRASE_WRONG (@present; or @passphrase is not to be used as one), KEYRING_UNREACHABLE, KEYRING_LOST (it holds another key
 * or none), FAILED: the message says whether anything was changed. */
bool tess_profile_lock_change (TessProfileDir *dir, const TessDatabaseKey *key, const TessPassphrase *present,
                               const TessPassphrase *passphrase, GError **error);

G_END_DECLS
