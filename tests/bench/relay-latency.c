/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay-cases.h"
#include "relay-load-frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define RUNS 5
#define SECONDS 4.0
#define RATE 1000.0
#define SLOW_RATE 98.0 /* two a second for each of 49 */
#define SYNCS 200
#define SYNC_BYTES 8192
#define DRAINED 10000
#define DRAINS 3
#define DRAIN_WINDOW 8

/* -- Latency ------------------------------------------------------------------------------------------------------------- */

typedef struct {
  Program *program;
  Load *load;
  double p50[RUNS], p99[RUNS];          /* at RATE */
  double slow_p99[RUNS], flood_p99[RUNS]; /* at SLOW_RATE, and beside a flood */
} Timed;

static void
start (Timed *self, Program *program)
{
  self->program = program;
  self->load = program_load (program);
  load_connect (self->load, 0, PAIRS);
  load_depositors (self->load, PAIRS);
}

static void
run_once (Timed *self, int run)
{
  LoadResult result;

  load_run (self->load, &(LoadPlan) { .seconds = SECONDS, .rate = RATE }, &result);
  self->p50[run] = result.p50;
  self->p99[run] = result.p99;
  load_run (self->load, &(LoadPlan) { .seconds = SECONDS, .rate = SLOW_RATE }, &result);
  self->slow_p99[run] = result.p99;
  load_run (self->load, &(LoadPlan) { .seconds = SECONDS, .rate = SLOW_RATE, .flooding = 1 }, &result);
  self->flood_p99[run] = result.p99;
}

static void
stop (Timed *self)
{
  load_free (self->load);
  program_stop (self->program);
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* How long this disk takes to sync a small append: the median and the 99th percentile, in µs. */
static void
time_syncs (const char *under, double *p50_out, double *p99_out)
{
  static uint8_t bytes[SYNC_BYTES];
  g_autofree char *path = g_build_filename (under, "synced", NULL);
  double took[SYNCS];
  int fd = open (path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

  for (int i = 0; i < SYNCS; i++)
    {
      gint64 start_us = g_get_monotonic_time ();

      if (write (fd, bytes, sizeof bytes) != sizeof bytes || fdatasync (fd) != 0)
        g_error ("%s: %s", path, g_strerror (errno));
      took[i] = (double) (g_get_monotonic_time () - start_us);
    }
  close (fd);
  g_unlink (path);
  qsort (took, SYNCS, sizeof *took, compare);
  *p50_out = took[SYNCS / 2];
  *p99_out = took[SYNCS * 99 / 100];
}

void
relay_case_latency (const Bench *bench, const char *under)
{
  Timed relay, floor;
  double sync_p50[RUNS], sync_p99[RUNS], goal[RUNS];

  start (&relay, program_relay (bench, under, PAIRS));
  start (&floor, program_floor (bench, under, FLOOR_KEEP));
  for (int run = 0; run < RUNS; run++)
    {
      time_syncs (under, &sync_p50[run], &sync_p99[run]);
      goal[run] = 1000.0 + sync_p50[run];
      run_once (&floor, run);
      run_once (&relay, run);
    }
  bench_runs (SUITE, "sync-p99", "us", sync_p99, sync_p50, RUNS);
  bench_runs (SUITE, "latency-1000-p50", "us", relay.p50, floor.p50, RUNS);
  bench_runs (SUITE, "latency-1000-p99", "us", relay.p99, floor.p99, RUNS);
  bench_runs (SUITE, "latency-1000-p99-to-goal", "us", relay.p99, goal, RUNS);
  bench_runs (SUITE, "fairness-p99", "us", relay.flood_p99, relay.slow_p99, RUNS);
  bench_runs (SUITE, "floor-fairness-p99", "us", floor.flood_p99, floor.slow_p99, RUNS);
  stop (&relay);
  stop (&floor);
}

/* -- Draining ------------------------------------------------------------------------------------------------------------ */

/* A connected pair over loopback TCP. */
static void
make_pair (int pair[2])
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  pair[0] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind (listener, (struct sockaddr *) &address, sizeof address) != 0 || listen (listener, 1) != 0
      || getsockname (listener, (struct sockaddr *) &address, &size) != 0
      || connect (pair[0], (struct sockaddr *) &address, sizeof address) != 0)
    g_error ("no pair of sockets: %s", g_strerror (errno));
  pair[1] = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  close (listener);
}

static gpointer
swallow (gpointer data)
{
  static uint8_t bytes[256 * 1024];

  while (read (GPOINTER_TO_INT (data), bytes, sizeof bytes) > 0)
    continue;
  return NULL;
}

/* The rows of @path, in order, written to a socket: µs of CPU and of time for all. */
static void
read_and_write (const char *path, double *cpu_out, double *time_out)
{
  uint8_t head[4 + FRAME_MAIL_HEAD] = { 0 };
  sqlite3_stmt *rows;
  sqlite3 *db;
  int pair[2], count = 0;
  GThread *reader;
  double cpu;
  gint64 start_us;

  make_pair (pair);
  reader = g_thread_new ("swallow", swallow, GINT_TO_POINTER (pair[1]));
  if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK
      || sqlite3_prepare_v2 (db, "SELECT id, class, envelope FROM mail ORDER BY id", -1, &rows, NULL) != SQLITE_OK)
    g_error ("%s: %s", path, sqlite3_errmsg (db));
  cpu = bench_cpu_us ();
  start_us = g_get_monotonic_time ();
  for (; sqlite3_step (rows) == SQLITE_ROW; count++)
    {
      struct iovec parts[2] = { { head, sizeof head },
                                { (void *) sqlite3_column_blob (rows, 2), (size_t) sqlite3_column_bytes (rows, 2) } };

      if (writev (pair[0], parts, 2) != (ssize_t) (parts[0].iov_len + parts[1].iov_len))
        g_error ("a pair of sockets takes nothing: %s", g_strerror (errno));
    }
  *time_out = (double) (g_get_monotonic_time () - start_us);
  *cpu_out = bench_cpu_us () - cpu;
  if (count != DRAINED)
    g_error ("%d envelopes wait, not %d", count, DRAINED);
  sqlite3_finalize (rows);
  sqlite3_close (db);
  close (pair[0]);
  g_thread_join (reader);
  close (pair[1]);
}

void
relay_case_drain (const Bench *bench, const char *under)
{
  Program *program = program_relay (bench, under, PAIRS);
  Load *load = program_load (program);
  LoadPlan plan = { .window = DRAIN_WINDOW, .total = DRAINED, .offline = true, .to = 0 };
  double cpu[DRAINS], took[DRAINS], floor_cpu[DRAINS], floor_took[DRAINS];
  LoadResult result;

  load_depositors (load, PAIRS);
  for (int i = 0; i < DRAINS; i++)
    {
      Load *receiver = program_load (program);
      gint64 start_us;

      load_run (load, &plan, &result);
      program_settle (program);
      read_and_write (program->database, &floor_cpu[i], &floor_took[i]);
      cpu[i] = program_cpu (program);
      start_us = g_get_monotonic_time ();
      load_connect (receiver, 0, 1);
      load_await (receiver, DRAINED);
      took[i] = (double) (g_get_monotonic_time () - start_us);
      program_settle (program);
      cpu[i] = program_cpu (program) - cpu[i];
      load_free (receiver);
    }
  bench_runs (SUITE, "drain-10000-time", "us", took, floor_took, DRAINS);
  bench_runs (SUITE, "drain-10000-cpu", "us_cpu", cpu, floor_cpu, DRAINS);
  load_free (load);
  program_stop (program);
}
