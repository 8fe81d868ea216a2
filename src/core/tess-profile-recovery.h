/* The recovery file beside a profile whose keys are in the keyring (protocol.md 12). In a fiber on the main thread; Argon2id runs
 * on a worker thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"
#include "core/tess-profile-keys.h"
#include "crypto/tess-recovery-file.h"

G_BEGIN_DECLS

/* What the folder holds. Reads a small file; no fiber is needed. */
TessRecoveryState tess_profile_recovery_state (TessProfileDir *dir);

/* A file that holds @keys under @code, which was written down; a passphrase that is set stays, an older code opens nothing any
 * more. A file that was damaged is replaced. FALSE: NO_SPACE, NOT_WRITABLE, FAILED; the old file stays. */
bool tess_profile_recovery_set_code (TessProfileDir *dir, const TessProfileKeys *keys, const TessRecoveryCode *code,
                                     GError **error);

/* Sets a passphrase beside the code, or drops it (NULL). FALSE: RECOVERY_NONE (a code comes first), RECOVERY_DAMAGED,
 * PASSPHRASE_WRONG (empty, too long, or it reads as a code), NO_SPACE, NOT_WRITABLE, FAILED. */
bool tess_profile_recovery_set_passphrase (TessProfileDir *dir, const TessProfileKeys *keys, const TessPassphrase *passphrase,
                                           GError **error);

/* The keys under what was typed: a code, else a passphrase. FALSE: RECOVERY_NONE, RECOVERY_WRONG, RECOVERY_DAMAGED, FAILED. */
bool tess_profile_recovery_open (TessProfileDir *dir, const TessPassphrase *typed, TessProfileKeys *keys, GError **error);

G_END_DECLS
