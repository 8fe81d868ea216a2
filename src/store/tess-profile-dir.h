/* The directory of a profile: mode 0700, locked by one process, holding the database, the profile's id, and the wrapped keys
 * (when they are not in the keyring) or the recovery file (when there is one). Blocks on the disk for moments; any thread, one
 * at a time. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-store-error.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct _TessProfileDir TessProfileDir;

typedef enum {
  TESS_PROFILE_DIR_EXISTING, /* MISSING when no profile is there; nothing is made */
  TESS_PROFILE_DIR_CREATE,   /* makes the directory (and its parents) and a new profile id when they are not there */
} TessProfileDirMode;

/* $XDG_DATA_HOME/tessera. Free with g_free(). */
char *tess_profile_dir_default_path (void);

/* Opens the profile at @path and holds its lock until it is closed; the lock goes with the process, however it ends.
 * TESS_STORE_ERROR: MISSING, UNSAFE (another user's, or group or others may write), READ_ONLY, IN_USE, DAMAGED (the profile
 * file is not ours), FULL, IO. */
TessProfileDir *tess_profile_dir_open (const char *path, TessProfileDirMode mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Releases the lock; NULL is fine. */
void tess_profile_dir_close (TessProfileDir *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessProfileDir, tess_profile_dir_close)

/* Absolute paths and the id (32 lower-case hex digits: the keyring's `profile` attribute), all borrowed. */
const char *tess_profile_dir_path (TessProfileDir *self);
const char *tess_profile_dir_id (TessProfileDir *self);
const char *tess_profile_dir_database (TessProfileDir *self);

/* TRUE when there is a database file: keys that are missing then are lost, not yet to be made. */
bool tess_profile_dir_has_database (TessProfileDir *self);

/* The `keys` file: the secrets wrapped under a passphrase, opaque here (at most TESS_KEYS_FILE_MAX bytes). Reading: NULL and
 * MISSING, TOO LONG counts as DAMAGED, IO. Writing is atomic and durable (0600, fsync of file and directory): FULL, READ_ONLY,
 * IO; the old file stays on failure. */
bool tess_profile_dir_has_keys (TessProfileDir *self);
GBytes *tess_profile_dir_read_keys (TessProfileDir *self, GError **error);
bool tess_profile_dir_write_keys (TessProfileDir *self, GBytes *wrapped, GError **error);

/* The same for the `recovery` file beside a profile whose keys are in the keyring. */
bool tess_profile_dir_has_recovery (TessProfileDir *self);
GBytes *tess_profile_dir_read_recovery (TessProfileDir *self, GError **error);
bool tess_profile_dir_write_recovery (TessProfileDir *self, GBytes *file, GError **error);

/* Removes it; TRUE also when there was none. IO, READ_ONLY. */
bool tess_profile_dir_drop_recovery (TessProfileDir *self, GError **error);

/* Erases the database, the keys file and the recovery file, for a first start that failed half-way; the id and the lock stay. */
bool tess_profile_dir_erase (TessProfileDir *self, GError **error);

G_END_DECLS
