/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tess-store-test.h"

#include "base/tess-limits.h"
#include "store/tess-store.h"

static gatomicrefcount live; /* data and results that were not freed */

static gpointer
new_box (int64_t value)
{
  int64_t *box = g_new (int64_t, 1);

  g_atomic_ref_count_inc (&live);
  *box = value;
  return box;
}

static void
free_box (gpointer box)
{
  g_assert_false (g_atomic_ref_count_dec (&live));
  g_free (box);
}

/* libdex lets go of disowned futures when the main loop comes to it. */
static void
assert_nothing_live (void)
{
  for (int i = 0; i < 2000 && !g_atomic_ref_count_compare (&live, 1); i++)
    dex_await (dex_timeout_new_msec (1), NULL);
  g_assert_true (g_atomic_ref_count_compare (&live, 1));
}

/* Runs a fiber to its end on the main loop. */
typedef struct {
  Fixture *fixture;
  TessStore *store;
} Case;

static void
run_fiber (DexFiberFunc function, Case *self)
{
  g_autoptr (DexFuture) future = dex_scheduler_spawn (NULL, 0, function, self, NULL);

  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (dex_future_is_resolved (future));
}

static gpointer
job_put (TessDb *db, gpointer data, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "INSERT INTO settings (name, value) VALUES ('n' || ?, ?)");

  tess_query_bind_int (query, *(int64_t *) data);
  tess_query_bind_int (query, *(int64_t *) data);
  return tess_query_run (query, error) ? new_box (*(int64_t *) data) : NULL;
}

/* Writes, gives a result and fails. */
static gpointer
job_put_and_fail (TessDb *db, gpointer data, GError **error)
{
  gpointer result = job_put (db, data, error);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "changed its mind");
  return result;
}

static gpointer
job_count (TessDb *db, gpointer data, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT count (*) FROM settings");
  int64_t count = tess_query_next (query) ? tess_query_int (query) : -1;

  return tess_query_done (query, error) ? new_box (count) : NULL;
}

static int64_t
await_box (DexFuture *future, GError **error)
{
  int64_t *box = tess_store_await (future, error);
  int64_t value = box != NULL ? *box : -1;

  g_clear_pointer (&box, free_box);
  return value;
}

static int64_t
count_rows (TessStore *store)
{
  return await_box (tess_store_read (store, job_count, NULL, NULL, free_box), NULL);
}

static DexFuture *
put (TessStore *store, TessStoreJob job, int64_t value)
{
  return tess_store_run (store, job, new_box (value), free_box, free_box);
}

static TessStore *
open_store (Case *self)
{
  g_autoptr (GError) error = NULL;
  TessStore *store = tess_store_await (tess_store_open (self->fixture->path, &test_key), &error);

  g_assert_no_error (error);
  g_assert_nonnull (store);
  return store;
}

static void
close_store (TessStore *store)
{
  g_assert_true (dex_await (tess_store_close (store), NULL));
  tess_store_unref (store);
}

static DexFuture *
jobs_fiber (gpointer data)
{
  Case *self = data;
  TessStore *store = open_store (self);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (await_box (put (store, job_put, 1), &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpint (await_box (put (store, job_put_and_fail, 2), &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);
  g_assert_cmpint (count_rows (store), ==, 1);

  /* A write where only reading was said, and a double key. */
  g_assert_false (tess_store_await_done (tess_store_read (store, job_put, new_box (3), free_box, free_box), &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_false (tess_store_await_done (put (store, job_put, 1), &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_EXISTS);
  g_clear_error (&error);

  /* Nobody takes the result, or even waits. */
  g_assert_true (tess_store_await_done (put (store, job_put, 4), &error));
  dex_future_disown (put (store, job_put, 5));
  dex_unref (put (store, job_put, 6));
  g_assert_cmpint (count_rows (store), ==, 4);
  close_store (store);
  assert_nothing_live ();
  return dex_future_new_true ();
}

/* Each write fails once, the commit too; nothing is left of the job then. */
/* A snapshot that waits half-way, while others write. */
typedef struct {
  int started, may_go_on; /* atomic */
} Pause;

static gpointer
job_count_twice (TessDb *db, gpointer data, GError **error)
{
  Pause *pause = data;
  int64_t *first = job_count (db, NULL, error), *second = NULL;

  g_atomic_int_set (&pause->started, 1);
  while (!g_atomic_int_get (&pause->may_go_on))
    g_usleep (1000);
  second = first != NULL ? job_count (db, NULL, error) : NULL;
  if (second != NULL)
    g_assert_cmpint (*second, ==, *first);
  g_clear_pointer (&second, free_box);
  return first;
}

static DexFuture *
snapshot_fiber (gpointer data)
{
  Case *self = data;
  TessStore *store = open_store (self);
  g_autoptr (GError) error = NULL;
  Pause pause = { 0 };
  DexFuture *snapshot;

  g_assert_cmpint (await_box (put (store, job_put, 1), NULL), ==, 1);
  snapshot = tess_store_snapshot (store, job_count_twice, &pause, NULL, free_box);
  for (int i = 0; i < 30000 && !g_atomic_int_get (&pause.started); i++)
    dex_await (dex_timeout_new_msec (1), NULL);
  g_assert_true (g_atomic_int_get (&pause.started));
  /* It holds nobody up, and sees nothing of what comes. */
  g_assert_cmpint (await_box (put (store, job_put, 2), NULL), ==, 2);
  g_assert_cmpint (count_rows (store), ==, 2);
  g_atomic_int_set (&pause.may_go_on, 1);
  g_assert_cmpint (await_box (snapshot, &error), ==, 1);
  g_assert_no_error (error);
  /* It reads, and its failure is its own. */
  g_assert_false (tess_store_await_done (tess_store_snapshot (store, job_put, new_box (3), free_box, free_box), &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_READ_ONLY);
  g_assert_cmpint (await_box (put (store, job_put, 4), NULL), ==, 4);
  close_store (store);
  assert_nothing_live ();
  return dex_future_new_true ();
}

static DexFuture *
fail_write_fiber (gpointer data)
{
  TessStore *store = open_store (data);

  for (unsigned n = 1; n <= 2; n++)
    {
      g_autoptr (GError) error = NULL;

      tess_store_fail_write (store, n);
      g_assert_false (tess_store_await_done (put (store, job_put, 1), &error));
      g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FULL);
      g_assert_cmpint (count_rows (store), ==, 0);
    }
  g_assert_true (tess_store_await_done (put (store, job_put, 1), NULL));
  close_store (store);
  assert_nothing_live ();
  return dex_future_new_true ();
}

static gpointer
job_wait (TessDb *db, gpointer data, GError **error)
{
  GMutex *gate = data;

  g_mutex_lock (gate);
  g_mutex_unlock (gate);
  return NULL;
}

/* A full queue refuses, and what was accepted is done before the store closes, in order. */
static DexFuture *
queue_fiber (gpointer data)
{
  Case *self = data;
  TessStore *store = open_store (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (DexFuture) closed = NULL;
  GMutex gate;
  int accepted = 0;

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  dex_future_disown (tess_store_run (store, job_wait, &gate, NULL, NULL));
  for (;; accepted++)
    {
      DexFuture *future = put (store, job_put, accepted);

      if (dex_future_is_rejected (future))
        {
          g_assert_false (tess_store_await_done (future, &error));
          g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_BUSY);
          g_clear_error (&error);
          break;
        }
      dex_future_disown (future);
    }
  g_assert_cmpint (accepted, >=, TESS_STORE_QUEUE_MAX - 1);
  closed = tess_store_close (store);
  g_assert_false (tess_store_await_done (put (store, job_put, 999999), &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_true (dex_future_is_pending (closed));
  g_mutex_unlock (&gate);
  g_assert_true (dex_await (dex_ref (closed), NULL));
  g_assert_true (dex_await (tess_store_close (store), NULL));
  tess_store_unref (store);
  assert_nothing_live ();
  g_mutex_clear (&gate);

  store = open_store (self);
  g_assert_cmpint (count_rows (store), ==, accepted);
  close_store (store);
  return dex_future_new_true ();
}

static DexFuture *
wrong_key_fiber (gpointer data)
{
  Case *self = data;
  TessDatabaseKey other = { { 7 } };
  g_autoptr (GError) error = NULL;

  close_store (open_store (self));
  g_assert_null (tess_store_await (tess_store_open (self->fixture->path, &other), &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_WRONG_KEY);
  /* Opened, and nobody takes it: it closes by itself. */
  g_assert_true (tess_store_await_done (tess_store_open (self->fixture->path, &test_key), NULL));
  return dex_future_new_true ();
}

static void
test_case (Fixture *fixture, gconstpointer data)
{
  Case self = { .fixture = fixture };

  run_fiber ((DexFiberFunc) data, &self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  dex_init ();
  g_atomic_ref_count_init (&live);
#define ADD(name, fiber) g_test_add ("/store/thread/" name, Fixture, fiber, fixture_set_up, test_case, fixture_tear_down)
  ADD ("jobs", jobs_fiber);
  ADD ("snapshot", snapshot_fiber);
  ADD ("failing-writes", fail_write_fiber);
  ADD ("queue", queue_fiber);
  ADD ("wrong-key", wrong_key_fiber);
#undef ADD
  return g_test_run ();
}
