/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-store.h"

#include "base/tess-limits.h"

#include <openssl/crypto.h>

/* A job on its way. */
typedef struct {
  TessStoreJob job;
  gpointer data;
  GDestroyNotify data_free;
  GDestroyNotify result_free;
  bool reading;
  DexPromise *promise;
} Work;

/* What a job returned, until somebody takes it. The box of a future's GValue. */
typedef struct {
  gatomicrefcount count;
  gpointer value;
  GDestroyNotify value_free;
} Result;

/* What the thread needs to open the database. */
typedef struct {
  TessStore *store;
  DexPromise *promise;
} Opening;

struct _TessStore {
  gatomicrefcount users;  /* handles: the last one closes */
  gatomicrefcount memory; /* handles as one, and the thread */
  GMutex lock;            /* guards what follows */
  GCond wake;
  GQueue waiting;         /* of Work */
  bool closing;
  unsigned fail_write;
  bool set_fail_write;
  DexPromise *closed;
  char *path;
  TessDatabaseKey *key;   /* guarded; for tess_store_snapshot() */
};

static Result *
result_new (gpointer value, GDestroyNotify value_free)
{
  Result *self = g_new0 (Result, 1);

  g_atomic_ref_count_init (&self->count);
  self->value = value;
  self->value_free = value_free;
  return self;
}

static Result *
result_ref (Result *self)
{
  g_atomic_ref_count_inc (&self->count);
  return self;
}

static void
result_unref (Result *self)
{
  if (!g_atomic_ref_count_dec (&self->count))
    return;
  if (self->value != NULL && self->value_free != NULL)
    self->value_free (self->value);
  g_free (self);
}

static gpointer
result_take (Result *self)
{
  return g_atomic_pointer_exchange (&self->value, NULL);
}

#define TESS_TYPE_STORE_RESULT (tess_store_result_get_type ())
static GType tess_store_result_get_type (void);
G_DEFINE_BOXED_TYPE_WITH_CODE (Result, tess_store_result, result_ref, result_unref, )

static void
work_free (Work *self)
{
  if (self->data != NULL && self->data_free != NULL)
    self->data_free (self->data);
  g_clear_pointer (&self->promise, dex_unref);
  g_free (self);
}

static void
release_memory (TessStore *self)
{
  if (!g_atomic_ref_count_dec (&self->memory))
    return;
  g_assert (g_queue_is_empty (&self->waiting));
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->wake);
  g_clear_pointer (&self->closed, dex_unref);
  tess_secret_free (self->key);
  g_free (self->path);
  g_free (self);
}

TessStore *
tess_store_ref (TessStore *self)
{
  g_atomic_ref_count_inc (&self->users);
  return self;
}

static void
start_closing (TessStore *self)
{
  g_mutex_lock (&self->lock);
  self->closing = true;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

void
tess_store_unref (TessStore *self)
{
  if (!g_atomic_ref_count_dec (&self->users))
    return;
  start_closing (self);
  release_memory (self);
}

/* Runs a job in its transaction; what it returned is the caller's, NULL after an error. */
static gpointer
run_job (TessDb *db, Work *work, GError **error)
{
  GError *cause = NULL;
  gpointer value;

  if (!(work->reading ? tess_db_begin_read (db, error) : tess_db_begin (db, error)))
    return NULL;
  value = work->job (db, work->data, &cause);
  if (cause == NULL)
    tess_db_commit (db, &cause);
  else
    tess_db_rollback (db);
  if (cause == NULL)
    return value;
  if (value != NULL && work->result_free != NULL)
    work->result_free (value);
  g_propagate_error (error, cause);
  return NULL;
}

/* Data and statements are gone before the future resolves: whoever waits for it may rely on that. */
static void
settle (TessDb *db, Work *work)
{
  g_autoptr (DexPromise) promise = g_steal_pointer (&work->promise);
  GDestroyNotify result_free = work->result_free;
  GError *error = NULL;
  gpointer value = run_job (db, work, &error);

  work_free (work);
  if (error != NULL)
    dex_promise_reject (promise, error);
  else
    dex_promise_resolve_boxed (promise, TESS_TYPE_STORE_RESULT, result_new (value, result_free));
}

/* The next job, waiting for one; NULL once the store is closing and none is left. */
static Work *
next_work (TessStore *self, TessDb *db)
{
  Work *work;

  g_mutex_lock (&self->lock);
  while (g_queue_is_empty (&self->waiting) && !self->closing)
    g_cond_wait (&self->wake, &self->lock);
  work = g_queue_pop_head (&self->waiting);
  if (self->set_fail_write)
    tess_db_fail_write (db, self->fail_write);
  self->set_fail_write = false;
  g_mutex_unlock (&self->lock);
  return work;
}

static void
opening_free (Opening *self)
{
  dex_unref (self->promise);
  g_free (self);
}

/* Whoever waits for the end may end the process at once: what libcrypto keeps for this thread (SQLCipher's random generator) goes
 * before they hear of it. */
static void
forget_thread (void)
{
  OPENSSL_thread_stop ();
}

/* The database thread, from opening to closing. */
static gpointer
thread_main (gpointer data)
{
  Opening *opening = data;
  TessStore *self = opening->store;
  GError *error = NULL;
  TessDb *db = tess_db_open (self->path, self->key, &error);

  if (db == NULL)
    {
      forget_thread ();
      dex_promise_reject (opening->promise, error);
      opening_free (opening);
      release_memory (self);
      tess_store_unref (self);
      return NULL;
    }
  dex_promise_resolve_boxed (opening->promise, TESS_TYPE_STORE_RESULT, result_new (self, (GDestroyNotify) tess_store_unref));
  opening_free (opening);
  for (Work *work = next_work (self, db); work != NULL; work = next_work (self, db))
    settle (db, work);
  tess_db_close (db);
  forget_thread ();
  dex_promise_resolve_boolean (self->closed, TRUE);
  release_memory (self);
  return NULL;
}

DexFuture *
tess_store_open (const char *path, const TessDatabaseKey *key)
{
  TessStore *self = g_new0 (TessStore, 1);
  Opening *opening = g_new0 (Opening, 1);
  DexPromise *promise = dex_promise_new ();

  g_atomic_ref_count_init (&self->users);
  g_atomic_ref_count_init (&self->memory);
  g_atomic_ref_count_inc (&self->memory);
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  self->closed = dex_promise_new ();
  opening->store = self;
  opening->promise = dex_ref (promise);
  self->path = g_strdup (path);
  self->key = tess_secret_alloc (sizeof *self->key);
  *self->key = *key;
  g_thread_unref (g_thread_new ("tessera-store", thread_main, opening));
  return DEX_FUTURE (promise);
}

static DexFuture *
enqueue (TessStore *self, const Work *template)
{
  Work *work = g_memdup2 (template, sizeof *template);
  DexPromise *promise = dex_promise_new ();
  bool closing, full;

  work->promise = dex_ref (promise);
  g_mutex_lock (&self->lock);
  closing = self->closing;
  full = g_queue_get_length (&self->waiting) >= TESS_STORE_QUEUE_MAX;
  if (!closing && !full)
    {
      g_queue_push_tail (&self->waiting, work);
      g_cond_signal (&self->wake);
    }
  g_mutex_unlock (&self->lock);

  if (!closing && !full)
    return DEX_FUTURE (promise);
  work_free (work);
  dex_unref (promise);
  return closing ? dex_future_new_reject (TESS_STORE_ERROR, TESS_STORE_ERROR_CLOSED, "The database is closed")
                 : dex_future_new_reject (TESS_STORE_ERROR, TESS_STORE_ERROR_BUSY, "Too many jobs wait for the database");
}

DexFuture *
tess_store_run (TessStore *self, TessStoreJob job, gpointer data, GDestroyNotify data_free, GDestroyNotify result_free)
{
  return enqueue (self, &(Work) { .job = job, .data = data, .data_free = data_free, .result_free = result_free });
}

DexFuture *
tess_store_read (TessStore *self, TessStoreJob job, gpointer data, GDestroyNotify data_free, GDestroyNotify result_free)
{
  return enqueue (self,
                  &(Work) { .job = job, .data = data, .data_free = data_free, .result_free = result_free, .reading = true });
}

/* A job of tess_store_snapshot() on its way. */
typedef struct {
  TessStore *store;
  Work *work;
} Snapshot;

/* As for the database thread: all is gone before the future resolves. */
static gpointer
snapshot_main (gpointer data)
{
  g_autofree Snapshot *snapshot = data;
  Work *work = snapshot->work;
  g_autoptr (DexPromise) promise = g_steal_pointer (&work->promise);
  GDestroyNotify result_free = work->result_free;
  GError *error = NULL;
  TessDb *db = tess_db_open (snapshot->store->path, snapshot->store->key, &error);
  gpointer value = db != NULL ? run_job (db, work, &error) : NULL;

  work_free (work);
  tess_db_close (db);
  forget_thread ();
  tess_store_unref (snapshot->store);
  if (error != NULL)
    dex_promise_reject (promise, error);
  else
    dex_promise_resolve_boxed (promise, TESS_TYPE_STORE_RESULT, result_new (value, result_free));
  return NULL;
}

DexFuture *
tess_store_snapshot (TessStore *self, TessStoreJob job, gpointer data, GDestroyNotify data_free, GDestroyNotify result_free)
{
  Work template = { .job = job, .data = data, .data_free = data_free, .result_free = result_free, .reading = true };
  Work *work = g_memdup2 (&template, sizeof template);
  DexPromise *promise = dex_promise_new ();
  Snapshot *snapshot = g_new0 (Snapshot, 1);

  work->promise = dex_ref (promise);
  snapshot->store = tess_store_ref (self);
  snapshot->work = work;
  g_thread_unref (g_thread_new ("tessera-backup", snapshot_main, snapshot));
  return DEX_FUTURE (promise);
}

gpointer
tess_store_take_result (DexFuture *future, GError **error)
{
  const GValue *value = dex_future_get_value (future, error);

  if (value == NULL)
    return NULL;
  g_assert (G_VALUE_HOLDS (value, TESS_TYPE_STORE_RESULT));
  return result_take (g_value_get_boxed (value));
}

gpointer
tess_store_await (DexFuture *future, GError **error)
{
  Result *result = dex_await_boxed (future, error);
  gpointer value = result != NULL ? result_take (result) : NULL;

  g_clear_pointer (&result, result_unref);
  return value;
}

bool
tess_store_await_done (DexFuture *future, GError **error)
{
  Result *result = dex_await_boxed (future, error);

  if (result == NULL)
    return false;
  result_unref (result);
  return true;
}

DexFuture *
tess_store_close (TessStore *self)
{
  DexFuture *closed = dex_ref (DEX_FUTURE (self->closed));

  start_closing (self);
  return closed;
}

void
tess_store_fail_write (TessStore *self, unsigned n)
{
  g_mutex_lock (&self->lock);
  self->fail_write = n;
  self->set_fail_write = true;
  g_mutex_unlock (&self->lock);
}
