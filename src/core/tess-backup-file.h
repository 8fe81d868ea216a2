/* The file that a backup is written to: a temporary one beside it, which takes its place when it is whole. And the file that is
 * read. Any thread, not the main one: all of it waits for the disk. Errors are TESS_CORE_ERROR, with sentences to show.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-progress.h"
#include "core/tess-core-error.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct _TessBackupFile TessBackupFile;

/* Begins to write what will be @target, in a temporary file beside it with mode 0600. NULL: NOT_WRITABLE (also where @target is
 * there and no file), NO_SPACE, FAILED. */
TessBackupFile *tess_backup_file_new (GFile *target, TessProgress *progress, GError **error);
/* Removes the temporary file, unless it took its place. */
void tess_backup_file_free (TessBackupFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessBackupFile, tess_backup_file_free)

/* A TessBackupPut. NO_SPACE, CANCELLED, FAILED. */
bool tess_backup_file_put (void *file, const uint8_t *bytes, size_t size, GError **error);
/* What was written is on the disk, and no longer open. */
bool tess_backup_file_sync (TessBackupFile *self, GError **error);
/* Reads it from its beginning: a TessBackupInput over the temporary file. */
GFile *tess_backup_file_get_written (TessBackupFile *self);
/* Takes @target's place, in one step. */
bool tess_backup_file_replace (TessBackupFile *self, GError **error);

/* A file that is read from beginning to end, with progress from @from to @to as far as its size is known. */
typedef struct _TessBackupInput TessBackupInput;

/* NULL: NOT_FOUND (no such file, or it cannot be read), FAILED. */
TessBackupInput *tess_backup_input_new (GFile *file, TessProgress *progress, double from, double to, GError **error);
void tess_backup_input_free (TessBackupInput *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessBackupInput, tess_backup_input_free)
/* A TessBackupGet. CANCELLED, FAILED. */
bool tess_backup_input_get (void *input, uint8_t *bytes, size_t size, size_t *size_out, GError **error);

/* FALSE and CANCELLED when the work is to end. */
bool tess_backup_goes_on (TessProgress *progress, GError **error);

G_END_DECLS
