/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-writer.h"

#include "base/tess-clock.h"
#include "relay/tess-relay-log.h"

/* Housekeeping: rows a turn, and how long to wait while there is more to do or not. */
#define SWEEP_ROWS 256
#define SWEEP_AGAIN_AFTER (200 * G_TIME_SPAN_MILLISECOND)
#define SWEEP_EVERY (5 * G_TIME_SPAN_MINUTE)
/* A store that fails is tried again after this long even if nobody asks anything of it. */
#define RETRY_AFTER (5 * G_TIME_SPAN_SECOND)

struct _TessRelayWriter {
  TessRelayStore *store;
  GMainContext *context;
  GThread *thread;
  GMutex lock;
  GCond wake;
  GQueue queue; /* of TessRelayJob, by their own link; under the lock, as are the next six */
  GHashTable *shares; /* address → Share, of those who have jobs in it, */
  unsigned jobs;      /* these many all together, */
  size_t bytes;       /* which hold so much */
  GQueue done;
  bool answering; /* a source that empties done is on its way */
  bool stopping;
  TessRelayWriterState state; /* but for queued and unanswered; under the lock */
  unsigned unanswered;        /* main thread only */
  int64_t now;        /* by the clock of expiry, when it was last looked at; 0: not yet; under the lock */
  int64_t next_sweep; /* writer's thread only, as are the next three */
  bool sweeping;      /* a round is under way; the clock moved on when it began */
  TessRelayClock clock;
  int64_t clocked;    /* monotonic: when the clock last moved on; 0: it is not read yet */
};

/* What one address has in the queue. */
typedef struct {
  uint64_t address;
  GQueue jobs; /* of TessRelayJob, by their other link, the oldest first */
  size_t bytes;
} Share;

/* -- The queue, under the lock --------------------------------------------------------------------------------------------- */

static void
add_job (TessRelayWriter *self, TessRelayJob *job)
{
  Share *share;

  job->link = (GList) { .data = job };
  job->in_share = (GList) { .data = job };
  g_queue_push_tail_link (&self->queue, &job->link);
  if (job->address == 0)
    return;
  share = g_hash_table_lookup (self->shares, &job->address);
  if (share == NULL)
    {
      share = g_new0 (Share, 1);
      share->address = job->address;
      g_hash_table_insert (self->shares, &share->address, share);
    }
  g_queue_push_tail_link (&share->jobs, &job->in_share);
  share->bytes += job->bytes;
  self->jobs++;
  self->bytes += job->bytes;
}

/* Takes @job out of the queue. */
static void
remove_job (TessRelayWriter *self, TessRelayJob *job)
{
  Share *share;

  g_queue_unlink (&self->queue, &job->link);
  if (job->address == 0)
    return;
  share = g_hash_table_lookup (self->shares, &job->address);
  g_queue_unlink (&share->jobs, &job->in_share);
  share->bytes -= job->bytes;
  self->jobs--;
  self->bytes -= job->bytes;
  if (share->jobs.length == 0)
    g_hash_table_remove (self->shares, &job->address);
}

/* Who has the most jobs in the queue, or the most bytes. */
static Share *
largest_share (TessRelayWriter *self, bool by_jobs)
{
  Share *largest = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->shares);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Share *share = value;

      if (largest == NULL || (by_jobs ? share->jobs.length > largest->jobs.length : share->bytes > largest->bytes))
        largest = share;
    }
  return largest;
}

/* Makes room for @job at the cost of who has more than its address would have with it: what they brought last is @refused.
 * However many addresses bring all they can, one that brings little is served. FALSE: nobody has more. */
static bool
make_room (TessRelayWriter *self, const TessRelayJob *job, GQueue *refused)
{
  const Share *own = g_hash_table_lookup (self->shares, &job->address);
  unsigned jobs = (own != NULL ? own->jobs.length : 0) + 1;
  size_t bytes = (own != NULL ? own->bytes : 0) + job->bytes;

  while (self->jobs >= TESS_RELAY_QUEUE_JOBS_MAX || self->bytes + job->bytes > TESS_RELAY_QUEUE_BYTES_MAX)
    {
      bool by_jobs = self->jobs >= TESS_RELAY_QUEUE_JOBS_MAX;
      Share *largest = largest_share (self, by_jobs);
      TessRelayJob *last;

      if (largest == NULL || (by_jobs ? largest->jobs.length <= jobs : largest->bytes <= bytes))
        return false;
      last = g_queue_peek_tail (&largest->jobs);
      remove_job (self, last);
      last->result = TESS_RELAY_BUSY;
      g_queue_push_tail_link (refused, &last->link);
    }
  return true;
}

/* -- Answers, on the main thread ----------------------------------------------------------------------------------------- */

static void
answer_all (TessRelayWriter *self)
{
  GQueue done;
  GList *link;

  g_mutex_lock (&self->lock);
  done = self->done;
  g_queue_init (&self->done);
  self->answering = false;
  g_mutex_unlock (&self->lock);
  while ((link = g_queue_pop_head_link (&done)) != NULL)
    {
      TessRelayJob *job = link->data;

      self->unanswered--;
      job->done (job, job->result);
    }
}

static gboolean
on_answers (gpointer data)
{
  answer_all (data);
  return G_SOURCE_REMOVE;
}

static void
hand_back (TessRelayWriter *self, GQueue *batch)
{
  bool start;
  GList *link;

  g_mutex_lock (&self->lock);
  while ((link = g_queue_pop_head_link (batch)) != NULL)
    g_queue_push_tail_link (&self->done, link);
  start = !self->answering && !self->stopping;
  self->answering |= start;
  g_mutex_unlock (&self->lock);
  if (start)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, on_answers, self, NULL);
      g_source_set_static_name (source, "relay answers");
      g_source_attach (source, self->context);
    }
}

/* -- The writer's thread ------------------------------------------------------------------------------------------------- */

static bool
batch_writes (GQueue *batch)
{
  for (GList *link = batch->head; link != NULL; link = link->next)
    if (((TessRelayJob *) link->data)->writes)
      return true;
  return false;
}

/* Runs the batch's jobs (all, or those that only read) in one transaction. FALSE: it was rolled back. */
static bool
run_batch (TessRelayWriter *self, GQueue *batch, bool writing)
{
  if (!tess_relay_store_begin (self->store, writing && batch_writes (batch)))
    return false;
  for (GList *link = batch->head; link != NULL; link = link->next)
    {
      TessRelayJob *job = link->data;

      if (!writing && job->writes)
        continue;
      job->result = job->work (job, self->store);
      if (job->result == TESS_RELAY_BUSY)
        {
          tess_relay_store_rollback (self->store);
          return false;
        }
    }
  return tess_relay_store_commit (self->store);
}

/* What came of a transaction of @jobs (0: the sweep's own). One that only read says nothing of whether writing works again. */
static void
note_transaction (TessRelayWriter *self, unsigned jobs, bool writes, bool good)
{
  bool recovered;

  g_mutex_lock (&self->lock);
  self->state.transactions++;
  self->state.jobs += jobs;
  self->state.failures += good ? 0 : 1;
  recovered = self->state.failing && good && writes;
  if (!good || writes)
    self->state.failing = !good;
  g_mutex_unlock (&self->lock);
  if (recovered)
    tess_relay_log (G_LOG_LEVEL_MESSAGE, "store-recovered", "the database can be written again");
  if (!good)
    self->next_sweep = MIN (self->next_sweep, g_get_monotonic_time () + RETRY_AFTER);
}

/* A failed batch changes nothing. What only reads is tried again without the rest: a full disk stops no delivery. */
static void
run_and_recover (TessRelayWriter *self, GQueue *batch)
{
  bool good = run_batch (self, batch, true);

  note_transaction (self, batch->length, batch_writes (batch), good);
  if (good)
    return;
  for (GList *link = batch->head; link != NULL; link = link->next)
    ((TessRelayJob *) link->data)->result = TESS_RELAY_BUSY;
  if (run_batch (self, batch, false))
    return;
  for (GList *link = batch->head; link != NULL; link = link->next)
    ((TessRelayJob *) link->data)->result = TESS_RELAY_BUSY;
}

/* Moves the clock of expiry on, and keeps it. FALSE: the store fails. */
static bool
advance_clock (TessRelayWriter *self)
{
  int64_t now = g_get_monotonic_time ();
  TessRelayClock clock = self->clock;

  if (self->clocked == 0 && tess_relay_store_read_clock (self->store, &clock) != TESS_RELAY_OK)
    return false;
  if (self->clocked == 0)
    self->clocked = now;
  if (tess_relay_clock_advance (&clock, tess_clock_now (), (now - self->clocked) / G_USEC_PER_SEC))
    tess_relay_log (G_LOG_LEVEL_MESSAGE, "clock-ahead",
                    "the system's clock is %" G_GINT64_FORMAT " hours ahead of the time that this relay has seen pass: it was"
                    " off, or the clock was set; what is kept expires by the new time only when that has stood for 7 days",
                    (tess_clock_now () - clock.trusted) / 3600);
  /* Whole seconds: what is left of one counts next time. */
  self->clocked = now - (now - self->clocked) % G_USEC_PER_SEC;
  self->clock = clock;
  g_mutex_lock (&self->lock);
  self->now = clock.trusted;
  g_mutex_unlock (&self->lock);
  return tess_relay_store_keep_clock (self->store, &clock) == TESS_RELAY_OK;
}

static void
sweep (TessRelayWriter *self)
{
  bool more = false;
  bool swept = tess_relay_store_begin (self->store, true) && (self->sweeping || advance_clock (self))
               && tess_relay_store_sweep (self->store, self->clock.trusted, SWEEP_ROWS, &more) == TESS_RELAY_OK
               && tess_relay_store_commit (self->store);

  if (!swept)
    tess_relay_store_rollback (self->store);
  else
    self->sweeping = more;
  self->next_sweep = g_get_monotonic_time () + (swept && more ? SWEEP_AGAIN_AFTER : SWEEP_EVERY);
  note_transaction (self, 0, true, swept);
}

/* Moves the next batch out of the queue; waits for one until it is time to sweep. FALSE at the end. */
static bool
take_batch (TessRelayWriter *self, GQueue *batch)
{
  size_t bytes = 0;
  bool going;

  g_mutex_lock (&self->lock);
  while (self->queue.length == 0 && !self->stopping)
    if (!g_cond_wait_until (&self->wake, &self->lock, self->next_sweep))
      break;
  while (self->queue.length > 0 && batch->length < TESS_RELAY_BATCH_JOBS_MAX && bytes < TESS_RELAY_BATCH_BYTES_MAX)
    {
      TessRelayJob *job = g_queue_peek_head (&self->queue);

      remove_job (self, job);
      bytes += job->bytes;
      g_queue_push_tail_link (batch, &job->link);
    }
  going = batch->length > 0 || !self->stopping;
  g_mutex_unlock (&self->lock);
  return going;
}

static gpointer
writer_thread (gpointer data)
{
  TessRelayWriter *self = data;
  GQueue batch = G_QUEUE_INIT;

  while (take_batch (self, &batch))
    {
      if (batch.length > 0)
        {
          run_and_recover (self, &batch);
          hand_back (self, &batch);
        }
      if (g_get_monotonic_time () >= self->next_sweep)
        sweep (self);
    }
  return NULL;
}

TessRelayWriter *
tess_relay_writer_new (TessRelayStore *store)
{
  TessRelayWriter *self = g_new0 (TessRelayWriter, 1);

  self->store = store;
  self->context = g_main_context_ref_thread_default ();
  self->shares = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  self->thread = g_thread_new ("store", writer_thread, self);
  return self;
}

void
tess_relay_writer_state (TessRelayWriter *self, TessRelayWriterState *out)
{
  g_mutex_lock (&self->lock);
  *out = self->state;
  out->queued = self->queue.length;
  out->unanswered = self->unanswered;
  g_mutex_unlock (&self->lock);
}

int64_t
tess_relay_writer_now (TessRelayWriter *self)
{
  int64_t now;

  g_mutex_lock (&self->lock);
  now = self->now;
  g_mutex_unlock (&self->lock);
  return now;
}

bool
tess_relay_writer_is_crowded (TessRelayWriter *self)
{
  bool crowded;

  g_mutex_lock (&self->lock);
  crowded = self->jobs > TESS_RELAY_QUEUE_JOBS_CROWDED || self->bytes > TESS_RELAY_QUEUE_BYTES_CROWDED;
  g_mutex_unlock (&self->lock);
  return crowded;
}

bool
tess_relay_writer_submit (TessRelayWriter *self, TessRelayJob *job)
{
  GQueue refused = G_QUEUE_INIT;
  bool room;

  g_mutex_lock (&self->lock);
  room = !self->stopping && (job->address == 0 || make_room (self, job, &refused));
  if (room)
    {
      add_job (self, job);
      g_cond_signal (&self->wake);
    }
  g_mutex_unlock (&self->lock);
  if (refused.length > 0)
    hand_back (self, &refused);
  self->unanswered += room ? 1 : 0;
  return room;
}

void
tess_relay_writer_stop (TessRelayWriter *self)
{
  g_mutex_lock (&self->lock);
  self->stopping = true;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  answer_all (self);
  /* An answer source that was on its way finds nothing to do, but must not outlive us. */
  while (g_main_context_find_source_by_user_data (self->context, self) != NULL)
    g_source_destroy (g_main_context_find_source_by_user_data (self->context, self));
  tess_relay_store_close (self->store);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->shares);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->wake);
  g_free (self);
}
