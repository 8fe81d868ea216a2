/* The writer's thread: order, batches, failures, the end. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"
#include "relay/tess-relay-writer.h"

typedef struct {
  TessRelayJob job;
  unsigned number;
  bool fails; /* once */
  unsigned runs;
  GThread *thread;
  GArray *answered;
  GMutex *gate; /* waits for it */
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
  Task *task;

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  task = task_new (answered, 0, false);
  task->gate = &gate;
  g_assert_true (tess_relay_writer_submit (writer, &task->job));
  /* The first is on its way, or will be in one batch with the rest: both are fine. */
  for (unsigned i = 1; i <= 10; i++)
    {
      task = task_new (answered, i, i % 2 == 0);
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
  Task *task = task_new (answered, 0, false);
  unsigned taken = 0;

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  task->gate = &gate;
  g_assert_true (tess_relay_writer_submit (writer, &task->job));
  for (;; taken++)
    {
      task = task_new (answered, taken + 1, true);
      task->job.bytes = 1024 * 1024;
      if (!tess_relay_writer_submit (writer, &task->job))
        break;
    }
  g_free (task);
  g_assert_cmpuint (taken, <=, TESS_RELAY_QUEUE_BYTES_MAX / (1024 * 1024) + TESS_RELAY_BATCH_BYTES_MAX / (1024 * 1024) + 1);
  g_mutex_unlock (&gate);
  wait_for (answered, taken + 1);
  g_assert_true (tess_relay_writer_submit (writer, &task_new (answered, taken + 1, true)->job));
  /* Stopping runs and answers what is queued. */
  tess_relay_writer_stop (writer);
  g_assert_cmpuint (answered->len, ==, taken + 2);
  g_mutex_clear (&gate);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/writer/order", test_order);
  g_test_add_func ("/relay/writer/failure", test_failure);
  g_test_add_func ("/relay/writer/bounded", test_bounded);
  return g_test_run ();
}
