/* A backup's file (protocol.md 12): a header, and records in chunks under a key that a passphrase gives. Written and read as a
 * stream, whatever its size. Pure; what works the passphrase is slow (about a second: a worker thread's work); any thread, one at
 * a time. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "crypto/tess-crypto-error.h"
#include "crypto/tess-keyfile.h"

#include <stdbool.h>

G_BEGIN_DECLS

#define TESS_BACKUP_HEADER_SIZE (8 + 1 + 4 + 4 + 16 + 32 + 24)
#define TESS_BACKUP_CHUNK_SIZE 65536                        /* of plaintext; the last one may be shorter */
#define TESS_BACKUP_SEALED_SIZE (TESS_BACKUP_CHUNK_SIZE + 17) /* the same in the file */
#define TESS_BACKUP_RECORD_MAX (512 * 1024)                 /* a record's body */
#define TESS_BACKUP_KIND_END 0                              /* the last record's kind, which the writer makes by itself */

/* Takes @size bytes of the file, in their order. FALSE and any error. */
typedef bool (*TessBackupPut) (void *data, const uint8_t *bytes, size_t size, GError **error);
/* Gives the next bytes of the file into @bytes: exactly @size, fewer only at its end. FALSE and any error. */
typedef bool (*TessBackupGet) (void *data, uint8_t *bytes, size_t size, size_t *size_out, GError **error);

typedef struct _TessBackupWriter TessBackupWriter;
typedef struct _TessBackupReader TessBackupReader;

/* A new backup under @size bytes of passphrase (1 to TESS_KEYFILE_PASSPHRASE_MAX). Slow. NULL: REFUSED (no passphrase, or a cost
 * out of bounds), TOO_LARGE, RANDOM, RESOURCES. */
TessBackupWriter *tess_backup_writer_new (const char *passphrase, size_t size, const TessKeyfileCost *cost, GError **error);
void tess_backup_writer_free (TessBackupWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessBackupWriter, tess_backup_writer_free)

/* Appends a record; @kind is not TESS_BACKUP_KIND_END. FALSE: TOO_LARGE above TESS_BACKUP_RECORD_MAX, or @put's error; the writer
 * is of no use any more then. */
bool tess_backup_writer_record (TessBackupWriter *self, TessBackupPut put, void *data, uint8_t kind, const uint8_t *body,
                                size_t size, GError **error);
/* The end: everything has gone to @put. */
bool tess_backup_writer_finish (TessBackupWriter *self, TessBackupPut put, void *data, GError **error);

/* For reading back what was written, whose header @header is now: a reader under the writer's key, without its second. NULL:
 * DAMAGED, when the header is another. */
TessBackupReader *tess_backup_writer_reread (const TessBackupWriter *self, const uint8_t header[static TESS_BACKUP_HEADER_SIZE],
                                             GError **error);

/* What @size bytes at @header, the beginning of a file, say: 0 when it is no backup, else its version. Version 1 is what is known
 * here; a later one is for a newer program. */
unsigned tess_backup_version (const uint8_t *header, size_t size);

/* A reader for the file that begins with @header. Slow. NULL: AUTH (wrong passphrase), REFUSED (not a backup of version 1, or a
 * cost out of bounds, of which nothing was spent), RESOURCES. */
TessBackupReader *tess_backup_reader_new (const uint8_t header[static TESS_BACKUP_HEADER_SIZE], const char *passphrase,
                                          size_t size, GError **error);
void tess_backup_reader_free (TessBackupReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessBackupReader, tess_backup_reader_free)

/* The next record; @get goes on behind the header. *@body_out is borrowed until the next call, and wiped then or later. FALSE
 * without an error at the end: then the file is whole, ends there, and every record that was written has come. FALSE with
 * DAMAGED, or @get's error. */
bool tess_backup_reader_next (TessBackupReader *self, TessBackupGet get, void *data, uint8_t *kind_out, const uint8_t **body_out,
                              size_t *size_out, GError **error);

G_END_DECLS
