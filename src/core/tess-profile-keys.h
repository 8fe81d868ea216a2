/* The secrets of a profile that live outside its database, and where they are kept (protocol.md 1, 12).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core-error.h"
#include "core/tess-identity.h"
#include "store/tess-profile-dir.h"
#include "store/tess-store.h"

#include <libdex.h>

G_BEGIN_DECLS

/* As the key file and the recovery file wrap them. In guarded memory. */
typedef struct {
  TessIdentitySecrets identity;
  TessDatabaseKey database;
} TessProfileKeys;

/* A passphrase in guarded memory. */
typedef struct {
  size_t size;
  char bytes[];
} TessPassphrase;

/* A copy; NULL for NULL. Free with tess_secret_free(). */
TessPassphrase *tess_passphrase_new (const char *text);
TessPassphrase *tess_passphrase_copy (const TessPassphrase *self);

/* Makes new ones. FALSE and FAILED when there are no random numbers. */
bool tess_profile_keys_generate (TessProfileKeys *self, GError **error);

/* In a fiber on the main thread: the keyring's. TESS_STORE_ERROR, as the keyring gives it. @ask: a person may be asked to unlock
 * it; else it also has to answer soon. Under an app lock what wraps the database key is in @wrapped_out, else NULL. Storing takes
 * an app lock away. */
bool tess_profile_keys_load (TessProfileKeys *self, TessProfileDir *dir, bool ask, GBytes **wrapped_out, GError **error);
bool tess_profile_keys_store (const TessProfileKeys *self, TessProfileDir *dir, GError **error);
/* The account's and the device's key alone; an app lock stays. */
bool tess_profile_keys_store_identity (const TessProfileKeys *self, TessProfileDir *dir, GError **error);

/* In a fiber: runs @work on a worker thread, where Argon2id may take its second, and waits for it. @box is a g_atomic_rc_box,
 * which the thread holds and lets go with @release, because a dropped wait does not stop it. */
void tess_profile_work (DexFiberFunc work, gpointer box, GDestroyNotify release);

G_END_DECLS
