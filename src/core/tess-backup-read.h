/* Restoring a backup: the job that fills a fresh database, in one transaction (protocol.md 12).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-backup-file.h"
#include "core/tess-job.h"
#include "crypto/tess-backup.h"

G_BEGIN_DECLS

/* A TessIntent's object. */
typedef struct {
  TessBackupInput *input;    /* behind the header */
  TessBackupReader *reader;
  TessProgress *progress;
  TessIdentitySecrets *secrets; /* guarded; in: the new device, out: the account's seed too */
  TessIdentityDevice device;    /* out */
} TessBackupReading;

void tess_backup_reading_free (gpointer reading);

/* A TessCoreJob over a TessIntent with a TessBackupReading: erases what the database held and puts in what the backup holds.
 * REGISTERED (an account is there), BACKUP_DAMAGED, CANCELLED; or the store's. */
bool tess_backup_job_restore (TessJob *job, gpointer intent, GError **error);

G_END_DECLS
