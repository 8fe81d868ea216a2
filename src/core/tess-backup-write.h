/* Writing a backup: the work on a thread beside the database's (protocol.md 12). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-identity.h"
#include "core/tess-progress.h"
#include "crypto/tess-backup.h"
#include "store/tess-db.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What it works with; it owns all of it. */
typedef struct {
  TessIdentity *us;
  GFile *file;
  TessProgress *progress;
  TessBackupWriter *writer;
  int64_t now;             /* seconds */
} TessBackupWriting;

void tess_backup_writing_free (gpointer writing);

/* A TessStoreJob for tess_store_snapshot(), over a TessBackupWriting: writes all that @db holds beside the file, reads it back,
 * and puts it in the file's place. No result. TESS_CORE_ERROR: NOT_WRITABLE, NO_SPACE, CANCELLED, FAILED; or the store's. */
gpointer tess_backup_write (TessDb *db, gpointer writing, GError **error);

G_END_DECLS
