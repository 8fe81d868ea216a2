/* The one database thread. Jobs are functions over a TessDb; each runs inside one transaction, in the order in which they were
 * handed over, and resolves a future. Threads exchange plain structs that one side owns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-db.h"
#include "store/tess-store-error.h"

#include <libdex.h>

G_BEGIN_DECLS

typedef struct _TessStore TessStore;

/* Runs on the database thread inside a transaction. Success is an @error left unset: the transaction is committed and the future
 * resolves with what was returned (NULL is a result too). With @error set the transaction is rolled back, what was returned is
 * freed, and the future is rejected with that error (any domain). */
typedef gpointer (*TessStoreJob) (TessDb *db, gpointer data, GError **error);

/* Opens the database at @path on a new thread (see tess_db_open()). Resolves with the store: take it with tess_store_await().
 * @key is copied into secret memory until the store is gone. Rejects with TESS_STORE_ERROR as tess_db_open(). */
DexFuture *tess_store_open (const char *path, const TessDatabaseKey *key) G_GNUC_WARN_UNUSED_RESULT;

TessStore *tess_store_ref (TessStore *self);
/* The last reference closes the store as tess_store_close() does, without waiting. */
void tess_store_unref (TessStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessStore, tess_store_unref)

/* Queues @job, to run in an IMMEDIATE transaction. @data goes to the job and is freed with @data_free, on the database thread,
 * after the job ran (or at once when it is refused): the caller must not look at it again. The result belongs to whoever takes
 * it with tess_store_await(); nobody does: @result_free. Either may be NULL. Rejects with the job's error, or TESS_STORE_ERROR:
 * FULL, IO, DAMAGED… from the commit (then nothing of the job happened), BUSY when TESS_STORE_QUEUE_MAX jobs wait, CLOSED.
 * Dropping the future does not undo the job. Any thread. */
DexFuture *tess_store_run (TessStore *self, TessStoreJob job, gpointer data, GDestroyNotify data_free,
                           GDestroyNotify result_free) G_GNUC_WARN_UNUSED_RESULT;
/* The same in a read transaction, where a write fails with READ_ONLY. */
DexFuture *tess_store_read (TessStore *self, TessStoreJob job, gpointer data, GDestroyNotify data_free,
                            GDestroyNotify result_free) G_GNUC_WARN_UNUSED_RESULT;

/* The same as tess_store_read() over a second connection, on a thread of its own, beside all other jobs: @job sees the state of
 * one moment, however long it takes. Nothing of it has to be left when the store is closed: end it before. Rejects besides as
 * tess_db_open(). */
DexFuture *tess_store_snapshot (TessStore *self, TessStoreJob job, gpointer data, GDestroyNotify data_free,
                                GDestroyNotify result_free) G_GNUC_WARN_UNUSED_RESULT;

/* In a fiber: waits for a future of this header (its reference is taken, as by dex_await()) and takes its result, once. NULL
 * and @error unset: the job's result was NULL. tess_store_await_done() is for jobs without a result: TRUE when it was done. */
gpointer tess_store_await (DexFuture *future, GError **error);
bool tess_store_await_done (DexFuture *future, GError **error);
/* Outside a fiber, in a callback of a resolved future (borrowed): the same. */
gpointer tess_store_take_result (DexFuture *future, GError **error);

/* Finishes the queued jobs, refuses new ones (CLOSED), closes the database and ends the thread; resolves then. Again is fine. */
DexFuture *tess_store_close (TessStore *self) G_GNUC_WARN_UNUSED_RESULT;

/* For tests: see tess_db_fail_write(). Any thread; counts from the next job on. */
void tess_store_fail_write (TessStore *self, unsigned n);

G_END_DECLS
