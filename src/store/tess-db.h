/* One open SQLCipher database, and queries whose errors stick: a caller binds, steps and reads every column and asks once at the
 * end, as with TessReader. A TessDb belongs to the thread that opened it. Values wiped: SQLCipher wipes its own pages.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* The raw database key (protocol.md 1: it lives in the keyring). */
TESS_SECRET_TYPE (TessDatabaseKey, tess_database_key, 32)

typedef struct _TessDb TessDb;
typedef struct _TessQuery TessQuery;

/* Opens the database at @path, makes it when it is not there, and brings its schema to the newest version, one version a
 * transaction. WAL, synchronous=FULL, foreign keys, secure_delete. NULL and TESS_STORE_ERROR: WRONG_KEY, DAMAGED, NEWER, FULL,
 * READ_ONLY, BUSY, IO, FAILED. */
TessDb *tess_db_open (const char *path, const TessDatabaseKey *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Checkpoints the log and closes; every query must have been freed. NULL is fine. */
void tess_db_close (TessDb *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessDb, tess_db_close)

/* The schema version this program writes, and that of the open database (equal after tess_db_open()). */
int tess_db_schema_newest (void);
int tess_db_schema_version (TessDb *self);

/* Changes the key of the whole database (rewrites it). */
bool tess_db_rekey (TessDb *self, const TessDatabaseKey *key, GError **error);

/* A transaction that nests: the outermost is IMMEDIATE (or a read, which refuses writes), inner ones are savepoints. Each begin
 * is ended by one commit or one rollback; a failed commit has rolled back. */
bool tess_db_begin (TessDb *self, GError **error);
bool tess_db_begin_read (TessDb *self, GError **error);
bool tess_db_commit (TessDb *self, GError **error);
void tess_db_rollback (TessDb *self);

/* A query for @sql, ready to bind; never NULL (a fault shows in tess_query_done()). Prepared statements are kept, so @sql must be
 * a string literal: values are bound, never printed into it. */
TessQuery *tess_db_query (TessDb *self, const char *sql) G_GNUC_WARN_UNUSED_RESULT;
/* Runs one or more statements of a string literal without values, for schema steps. */
bool tess_db_execute (TessDb *self, const char *sql, GError **error);
/* The rowid of the newest INSERT, the rows the newest statement changed. */
int64_t tess_db_last_id (TessDb *self);
int tess_db_changes (TessDb *self);

/* Values for the parameters, in their order. The bytes are copied (and wiped with the query when secret). NULL @text or @data
 * binds NULL. */
void tess_query_bind_int (TessQuery *self, int64_t value);
void tess_query_bind_text (TessQuery *self, const char *text);
void tess_query_bind_blob (TessQuery *self, const void *data, size_t size);
void tess_query_bind_bytes (TessQuery *self, GBytes *bytes);
void tess_query_bind_wiped (TessQuery *self, const TessWiped *secret);
void tess_query_bind_null (TessQuery *self);

/* Goes to the next row: TRUE when there is one. */
bool tess_query_next (TessQuery *self);

/* The columns of the row, in their order. Borrowed results are good until the next step. Copies are the caller's; NULL for NULL.
 * tess_query_copy() takes a blob of exactly @size bytes (zeros, and the query fails as DAMAGED, for another size);
 * tess_query_copy_or_zero() takes NULL too and tells by its result which it was. */
int64_t tess_query_int (TessQuery *self);
const char *tess_query_text (TessQuery *self);
char *tess_query_dup_text (TessQuery *self);
const uint8_t *tess_query_blob (TessQuery *self, size_t *size_out);
GBytes *tess_query_dup_bytes (TessQuery *self);
TessWiped *tess_query_dup_wiped (TessQuery *self);
void tess_query_copy (TessQuery *self, uint8_t *out, size_t size);
bool tess_query_copy_or_zero (TessQuery *self, uint8_t *out, size_t size);

/* TRUE when nothing failed since tess_db_query(). */
bool tess_query_done (TessQuery *self, GError **error);
/* Steps to the end, then tess_query_done(): for INSERT, UPDATE, DELETE. Can be bound and run again afterwards. */
bool tess_query_run (TessQuery *self, GError **error);
/* As tess_query_run(), and exactly one row must have changed: MISSING otherwise. */
bool tess_query_run_one (TessQuery *self, GError **error);
/* Gives the statement back and wipes what was bound. */
void tess_query_free (TessQuery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessQuery, tess_query_free)

/* For tests: the @n-th write from now (each INSERT, UPDATE, DELETE and COMMIT counts; 1 is the next) fails with FULL; 0 never. */
void tess_db_fail_write (TessDb *self, unsigned n);

G_END_DECLS
