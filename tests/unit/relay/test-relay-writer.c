/* The writer's thread: order, batches, failures, the end. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "relay/tess-relay-store-private.h"
#include "relay/tess-relay-writer.h"

#include <glib/gstdio.h>

typedef struct {
  TessRelayJob job;
  unsigned number;
  bool fails; /* once */
  unsigned runs;
  GThread *thread;
  GArray *answered;
  GMutex *gate; /* waits for it, */
  bool *waits;  /* and says so here: atomic */
} Task;

typedef struct {
  unsigned number;
  TessRelayResult result;
  unsigned runs;
} Answer;

static TessRelayResult
work (TessRelayJob *job, TessRelayStore *store)
{
  Task *self = (Task *) job;

  if (self->gate != NULL)
    {
      __atomic_store_n (self->waits, true, __ATOMIC_RELEASE);
      g_mutex_lock (self->gate);
      g_mutex_unlock (self->gate);
    }
  g_assert_true (g_thread_self () != self->thread);
  self->runs++;
  if (self->fails)
    return TESS_RELAY_BUSY;
  if (job->writes)
    {
      g_auto (TessRelayQuery) query = tess_relay_query (store, "INSERT INTO dropped (mailbox) VALUES (?)");

      tess_relay_bind_int (&query, 1, self->number);
      if (!tess_relay_run (&query))
        return TESS_RELAY_BUSY;
    }
  return TESS_RELAY_OK;
}

static void
done (TessRelayJob *job, TessRelayResult result)
{
  Task *self = (Task *) job;
  Answer answer = { self->number, result, self->runs };

  g_assert_true (g_thread_self () == self->thread);
  g_array_append_val (self->answered, answer);
  g_free (self);
}

static Task *
task_new (GArray *answered, unsigned number, bool writes)
{
  Task *self = g_new0 (Task, 1);

  self->job = (TessRelayJob) { .work = work, .done = done, .writes = writes, .bytes = 100 };
  self->number = number;
  self->thread = g_thread_self ();
  self->answered = answered;
  return self;
}

static TessRelayWriter *
writer_new (void)
{
  g_autoptr (GError) error = NULL;
  TessRelayStore *store = tess_relay_store_open (":memory:", &error);

  g_assert_no_error (error);
  return tess_relay_writer_new (store);
}

/* Submits a job that waits for @gate, held by the caller; returns when the writer's thread waits in it. What is submitted then
 * is of later batches. */
static void
hold (TessRelayWriter *writer, GArray *answered, GMutex *gate)
{
  Task *task = task_new (answered, 0, false);
  bool waits = false;

  task->gate = gate;
  task->waits = &waits;
  g_assert_true (tess_relay_writer_submit (writer, &task->job));
  while (!__atomic_load_n (&waits, __ATOMIC_ACQUIRE))
    g_usleep (100);
}

static void
wait_for (GArray *answered, unsigned count)
{
  while (answered->len < count)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_order (void)
{
  TessRelayWriter *writer = writer_new ();
  g_autoptr (GArray) answered = g_array_new (FALSE, FALSE, sizeof (Answer));

  for (unsigned i = 0; i < 2000; i++)
    g_assert_true (tess_relay_writer_submit (writer, &task_new (answered, i, i % 3 != 0)->job));
  wait_for (answered, 2000);
  for (unsigned i = 0; i < 2000; i++)
    {
      g_assert_cmpuint (g_array_index (answered, Answer, i).number, ==, i);
      g_assert_cmpint (g_array_index (answered, Answer, i).result, ==, TESS_RELAY_OK);
    }
  tess_relay_writer_stop (writer);
}

/* One job that cannot be written takes its batch with it, but not those that only read, nor the next batch. */
static void
test_failure (void)
{
  TessRelayWriter *writer = writer_new ();
  g_autoptr (GArray) answered = g_array_new (FALSE, FALSE, sizeof (Answer));
  GMutex gate;

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  hold (writer, answered, &gate);
  for (unsigned i = 1; i <= 10; i++)
    {
      Task *task = task_new (answered, i, i % 2 == 0);


      task->fails = i == 6;
      g_assert_true (tess_relay_writer_submit (writer, &task->job));
    }
  g_mutex_unlock (&gate);
  wait_for (answered, 11);
  for (unsigned i = 1; i <= 10; i++)
    g_assert_cmpint (g_array_index (answered, Answer, i).result, ==, i % 2 == 0 ? TESS_RELAY_BUSY : TESS_RELAY_OK);
  g_array_set_size (answered, 0);
  for (unsigned i = 1; i <= 10; i++)
    g_assert_true (tess_relay_writer_submit (writer, &task_new (answered, i, true)->job));
  wait_for (answered, 10);
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (g_array_index (answered, Answer, i).result, ==, TESS_RELAY_OK);
  tess_relay_writer_stop (writer);
  g_mutex_clear (&gate);
}

static void
test_bounded (void)
{
  TessRelayWriter *writer = writer_new ();
  g_autoptr (GArray) answered = g_array_new (FALSE, FALSE, sizeof (Answer));
  GMutex gate;
  Task *task;
  unsigned taken = 0;

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  hold (writer, answered, &gate);
  for (;; taken++)
    {
      task = task_new (answered, taken + 1, true);
      task->job.bytes = 1024 * 1024;
      task->job.address = 1;
      if (!tess_relay_writer_submit (writer, &task->job))
        break;
    }
  g_free (task);
  g_assert_cmpuint (taken, ==, TESS_RELAY_QUEUE_BYTES_MAX / (1024 * 1024));
  g_mutex_unlock (&gate);
  wait_for (answered, taken + 1);
  g_assert_true (tess_relay_writer_submit (writer, &task_new (answered, taken + 1, true)->job));
  /* Stopping runs and answers what is queued. */
  tess_relay_writer_stop (writer);
  g_assert_cmpuint (answered->len, ==, taken + 2);
  g_mutex_clear (&gate);
}

/* FALSE: there was no room. */
static bool
submit_as (TessRelayWriter *writer, GArray *answered, uint64_t address, size_t bytes)
{
  Task *task = task_new (answered, (unsigned) address, false);

  task->job.bytes = bytes;
  task->job.address = address;
  if (tess_relay_writer_submit (writer, &task->job))
    return true;
  g_free (task);
  return false;
}

/* How many of @address were done, or refused after all, which never ran. */
static unsigned
count_answers (GArray *answered, unsigned address, TessRelayResult result)
{
  unsigned count = 0;

  for (unsigned i = 0; i < answered->len; i++)
    {
      const Answer *answer = &g_array_index (answered, Answer, i);

      g_assert_cmpuint (answer->runs, ==, answer->result == TESS_RELAY_OK ? 1 : 0);
      count += answer->number == address && answer->result == result ? 1 : 0;
    }
  return count;
}

/* Addresses that bring, one after the other, all that is taken of them: all get the same, and one that brings little gets in.
 * @bytes a job, and of such so many @fit. */
static void
check_shares (unsigned addresses, size_t bytes, unsigned fit)
{
  TessRelayWriter *writer = writer_new ();
  g_autoptr (GArray) answered = g_array_new (FALSE, FALSE, sizeof (Answer));
  unsigned taken = 1, least, done;
  GMutex gate;

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  hold (writer, answered, &gate);
  for (unsigned address = 1; address <= addresses; address++)
    while (submit_as (writer, answered, address, bytes))
      taken++;
  g_assert_true (submit_as (writer, answered, 1000, bytes));
  g_assert_true (submit_as (writer, answered, 1000, 1));
  /* The relay's own always. */
  g_assert_true (submit_as (writer, answered, 0, bytes));
  g_mutex_unlock (&gate);
  wait_for (answered, taken + 3);
  least = fit / addresses;
  for (unsigned address = 1; address <= addresses; address++)
    {
      done = count_answers (answered, address, TESS_RELAY_OK);
      g_assert_cmpuint (done, >=, least - 2);
      g_assert_cmpuint (done, <=, least + 1);
    }
  g_assert_cmpuint (count_answers (answered, 1000, TESS_RELAY_OK), ==, 2);
  /* And the queue is as empty as before. */
  for (unsigned i = 0; i < 3; i++)
    g_assert_true (submit_as (writer, answered, 1, bytes));
  wait_for (answered, taken + 6);
  tess_relay_writer_stop (writer);
  g_mutex_clear (&gate);
}

static void
test_shares (void)
{
  check_shares (1, 1024 * 1024, TESS_RELAY_QUEUE_BYTES_MAX / (1024 * 1024));
  check_shares (12, 1024 * 1024, TESS_RELAY_QUEUE_BYTES_MAX / (1024 * 1024));
  check_shares (500, 65536, TESS_RELAY_QUEUE_BYTES_MAX / 65536);
  check_shares (20, 100, TESS_RELAY_QUEUE_JOBS_MAX);
}

static TessRelayResult
read_only_work (TessRelayJob *job, TessRelayStore *store)
{
  Task *self = (Task *) job;

  return sqlite3_exec (store->db, self->number != 0 ? "PRAGMA query_only = 1" : "PRAGMA query_only = 0", NULL, NULL, NULL)
             == SQLITE_OK
           ? TESS_RELAY_OK
           : TESS_RELAY_BUSY;
}

/* A disk that turns read-only: what writes is told to wait, what reads goes on, and all works again when it is over. */
static void
test_read_only (void)
{
  TessRelayWriter *writer = writer_new ();
  g_autoptr (GArray) answered = g_array_new (FALSE, FALSE, sizeof (Answer));

  /* It is going to complain. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  for (unsigned on = 1; on < 2; on--)
    {
      Task *task = task_new (answered, on, false);

      task->job.work = read_only_work;
      g_assert_true (tess_relay_writer_submit (writer, &task->job));
      wait_for (answered, 1);
      g_assert_true (tess_relay_writer_submit (writer, &task_new (answered, 7, true)->job));
      g_assert_true (tess_relay_writer_submit (writer, &task_new (answered, 8, false)->job));
      wait_for (answered, 3);
      g_assert_cmpint (g_array_index (answered, Answer, 1).result, ==, on ? TESS_RELAY_BUSY : TESS_RELAY_OK);
      g_assert_cmpint (g_array_index (answered, Answer, 2).result, ==, TESS_RELAY_OK);
      g_array_set_size (answered, 0);
    }
  tess_relay_writer_stop (writer);
}

static int64_t
mail_left (const char *path)
{
  g_autoptr (TessRelayStore) store = tess_relay_store_open (path, NULL);
  g_auto (TessRelayQuery) query = tess_relay_query (store, "SELECT count(*) FROM mail");

  g_assert_cmpint (tess_relay_step (&query), ==, TESS_RELAY_STEP_ROW);
  return tess_relay_column_int (&query, 0);
}

/* Lets a relay run until it has swept, with the system's clock off by @offset seconds. */
static void
run_at (const char *path, int64_t offset)
{
  TessRelayWriter *writer;

  tess_clock_set_offset (offset);
  writer = tess_relay_writer_new (tess_relay_store_open (path, NULL));
  while (tess_relay_writer_now (writer) == 0)
    g_usleep (1000);
  tess_relay_writer_stop (writer);
  tess_clock_set_offset (0);
}

static void
test_clock_jump (void)
{
  g_autofree char *folder = g_dir_make_tmp ("relay-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "relay.db", NULL);
  g_autofree char *sql = NULL;
  TessRelayStore *store = tess_relay_store_open (path, NULL);
  int64_t now = tess_clock_now ();

  sql = g_strdup_printf ("INSERT INTO mailbox (device, account, waiting) VALUES (zeroblob (32), zeroblob (32), 1);"
                         "INSERT INTO mail VALUES ((1 << 36) + 1, 1, %" G_GINT64_FORMAT ", zeroblob (4096))", now - 86400);
  g_assert_cmpint (sqlite3_exec (store->db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  tess_relay_store_close (store);
  run_at (path, 0);
  run_at (path, 30 * 86400);
  run_at (path, 3650 * INT64_C (86400));
  g_assert_cmpint (mail_left (path), ==, 1);
  run_at (path, 0);
  g_assert_cmpint (mail_left (path), ==, 1);
  /* It has stood for long enough. */
  store = tess_relay_store_open (path, NULL);
  g_assert_cmpint (tess_relay_store_keep_clock (store, &(TessRelayClock) { now, now - TESS_RELAY_CLOCK_BELIEVE }), ==,
                   TESS_RELAY_OK);
  tess_relay_store_close (store);
  run_at (path, 30 * 86400);
  g_assert_cmpint (mail_left (path), ==, 0);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/writer/order", test_order);
  g_test_add_func ("/relay/writer/failure", test_failure);
  g_test_add_func ("/relay/writer/bounded", test_bounded);
  g_test_add_func ("/relay/writer/shares", test_shares);
  g_test_add_func ("/relay/writer/clock-jump", test_clock_jump);
  g_test_add_func ("/relay/writer/read-only", test_read_only);
  return g_test_run ();
}
