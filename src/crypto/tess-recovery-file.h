/* The recovery file: the keyring's secrets, wrapped once under a recovery code and, if set, once under a passphrase (protocol.md
 * 12). Pure; what wraps or opens is slow (Argon2id, about a second: a worker thread's work); any thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "crypto/tess-crypto-error.h"
#include "crypto/tess-keyfile.h"

#include <stdbool.h>

G_BEGIN_DECLS

#define TESS_RECOVERY_CODE_DIGITS 30
/* Six groups of five digits, spaces between them, and the terminator. */
#define TESS_RECOVERY_CODE_TEXT 36
#define TESS_RECOVERY_PROFILE_ID 16
/* What one wrapped copy holds: who it is for, and the secrets. */
#define TESS_RECOVERY_CONTENT (1 + 1 + TESS_RECOVERY_PROFILE_ID + 96)
/* The largest file: both copies. */
#define TESS_RECOVERY_FILE_MAX                                                                                                   \
  (8 + 1 + TESS_RECOVERY_PROFILE_ID + 1 + 2 * (1 + 2 + (8 + 1 + 4 + 4 + 16 + 32 + 24 + 2 + TESS_RECOVERY_CONTENT + 16)) + 32)

/* The account key's seed, the device key's and the database key. */
TESS_SECRET_TYPE (TessRecoverySecrets, tess_recovery_secrets, 96)
/* The digits as ASCII, without spaces or terminator: what Argon2id is given. */
TESS_SECRET_TYPE (TessRecoveryCode, tess_recovery_code, TESS_RECOVERY_CODE_DIGITS)
TESS_SECRET_TYPE (TessRecoveryCodeText, tess_recovery_code_text, TESS_RECOVERY_CODE_TEXT)

/* What a copy is wrapped under: a bit each, and the byte that stands in the file. */
typedef enum {
  TESS_RECOVERY_BY_CODE = 1,
  TESS_RECOVERY_BY_PASSPHRASE = 2,
} TessRecoveryKind;

/* A new code: each digit uniform, 99.6 bits in all. FALSE when the random source failed. */
bool tess_recovery_code_generate (TessRecoveryCode *out) G_GNUC_WARN_UNUSED_RESULT;
/* The code in @text (@size bytes of UTF-8) as people type it: white space anywhere, decimal digits of any script. FALSE, and
 * zeros, when it is anything but 30 digits. */
bool tess_recovery_code_parse (const char *text, size_t size, TessRecoveryCode *out) G_GNUC_WARN_UNUSED_RESULT;
/* The code as it is shown: "12345 12345 12345 12345 12345 12345". */
void tess_recovery_code_write (const TessRecoveryCode *code, TessRecoveryCodeText *out);

/* A file whose copy of @kind is @secrets under @text (the 30 digits, or a passphrase of 1 to 1,024 bytes); the other copy is
 * taken over from @old (NULL: there is none), which has to be the same profile's. Slow. Free with g_bytes_unref(). Errors:
 * DAMAGED or REFUSED (@old), REFUSED or TOO_LARGE (@text), RANDOM, RESOURCES. */
GBytes *tess_recovery_file_wrap (GBytes *old, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID], TessRecoveryKind kind,
                                 const char *text, size_t text_size, const TessKeyfileCost *cost,
                                 const TessRecoverySecrets *secrets, GError **error);
/* @old without its copy under a passphrase. NULL with the errors of tess_recovery_file_kinds(). */
GBytes *tess_recovery_file_drop_passphrase (GBytes *old, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID], GError **error);

/* The kinds of copies that @file holds (TessRecoveryKind bits), 0 on failure: DAMAGED (not as it was written), REFUSED (of
 * another profile, or of a newer version). Fast, and no secret is needed. */
unsigned tess_recovery_file_kinds (GBytes *file, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID], GError **error);

/* Opens the copy of @kind, which is slow. FALSE and zeros on failure: AUTH (@text is wrong, or no such copy is there), DAMAGED,
 * REFUSED (as above), RESOURCES. */
bool tess_recovery_file_open (GBytes *file, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID], TessRecoveryKind kind,
                              const char *text, size_t text_size, TessRecoverySecrets *out, GError **error);

G_END_DECLS
