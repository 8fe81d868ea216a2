/* The thread that owns the store. Jobs are queued from the main thread, run in order, and committed in batches: one transaction
 * and one synced write for everything that queued up while the last one was on its way to the disk. A job's answer comes back on
 * the main thread only after the commit.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-store.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Jobs of clients that wait, and the bytes they hold. What comes on top takes the place of what the address that has most in the
 * queue brought last, if its own address would then still have less; else it is refused. */
#define TESS_RELAY_QUEUE_JOBS_MAX 8192
#define TESS_RELAY_QUEUE_BYTES_MAX (64 * 1024 * 1024)
/* Above these it is crowded: who has something in it should bring no more. */
#define TESS_RELAY_QUEUE_JOBS_CROWDED (TESS_RELAY_QUEUE_JOBS_MAX / 2)
#define TESS_RELAY_QUEUE_BYTES_CROWDED (TESS_RELAY_QUEUE_BYTES_MAX / 4)
/* A batch ends at this many jobs or bytes. */
#define TESS_RELAY_BATCH_JOBS_MAX 512
#define TESS_RELAY_BATCH_BYTES_MAX (8 * 1024 * 1024)

typedef struct _TessRelayJob TessRelayJob;

/* The first member of a struct that is a job. The writer touches it between submit and done only; done frees it. */
struct _TessRelayJob {
  /* Writer's thread. May run twice (outputs must stand that): a batch whose commit failed runs its reading jobs again. */
  TessRelayResult (*work) (TessRelayJob *job, TessRelayStore *store);
  /* Main thread, after the commit. BUSY: nothing was changed; it may not even have been tried. */
  void (*done) (TessRelayJob *job, TessRelayResult result);
  bool writes;
  size_t bytes; /* of memory it holds, roughly */
  uint64_t address; /* who asked for it (tess_relay_address_key); 0: no bound, for jobs that are bounded where they are made */
  /* The writer's own: */
  TessRelayResult result;
  GList link;
  GList in_share;
};

typedef struct _TessRelayWriter TessRelayWriter;

/* Starts the thread, which owns @store (taken) from here. Answers go to the calling thread's default main context. */
TessRelayWriter *tess_relay_writer_new (TessRelayStore *store);

typedef struct {
  unsigned queued;       /* jobs that wait, */
  unsigned unanswered;   /* and they and those whose answer is on its way */
  uint64_t transactions; /* these, the jobs in them, and the transactions that failed, since the start */
  uint64_t jobs;
  uint64_t failures;
  bool failing;          /* the last transaction that was to write could not; another is tried within seconds */
} TessRelayWriterState;

/* How it goes. Main thread. */
void tess_relay_writer_state (TessRelayWriter *self, TessRelayWriterState *out);

/* The clock by which things expire (tess-relay-clock.h), as it stood at the last sweep; 0 before the first. Any thread. */
int64_t tess_relay_writer_now (TessRelayWriter *self);

/* Whether much waits, though there is room for more. Main thread. */
bool tess_relay_writer_is_crowded (TessRelayWriter *self);

/* Queues @job. FALSE when there is no room for one of its address: @job stays the caller's. What it takes the place of is
 * answered with BUSY in a later turn of the main loop. */
bool tess_relay_writer_submit (TessRelayWriter *self, TessRelayJob *job) G_GNUC_WARN_UNUSED_RESULT;

/* Runs what is queued, answers it, ends the thread, closes the store. Nothing may be submitted from the answers. */
void tess_relay_writer_stop (TessRelayWriter *self);

G_END_DECLS
