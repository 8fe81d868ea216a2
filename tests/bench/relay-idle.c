/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay-cases.h"

#define RUNS 5
#define SECONDS 1.0
#define WINDOW 8
#define FIRST_IDLE 1000 /* the numbers of idle devices begin here */
#define CHURN 300
#define MANY 100000
#define MANY_STEP 500
/* In an emulated machine a connection takes a hundred times as long. */
#define MANY_SECONDS G_GINT64_CONSTANT (5400)
#define SPARE 300 /* descriptors that are no idle connections */
#define MANY_BYTES (250.0 * 1024 * 1024)

static const unsigned idle_counts[] = { 1000, 5000, 9000 };
#define IDLE_MAX 9000

/* A program with a load that works and mailboxes that do nothing. */
typedef struct {
  Program *program;
  Load *busy, *idle;
  unsigned held;
  double memory; /* before the first was held */
} Side;

static void
start (Side *self, Program *program)
{
  LoadPlan plan = { .seconds = 0.5, .window = WINDOW };
  LoadResult result;

  *self = (Side) { .program = program, .busy = program_load (program), .idle = program_load (program) };
  load_connect (self->busy, 0, PAIRS);
  load_depositors (self->busy, PAIRS);
  load_run (self->busy, &plan, &result);
  program_settle (program);
  self->memory = program_memory (program);
}

static void
hold (Side *self, unsigned count)
{
  load_connect (self->idle, FIRST_IDLE + self->held, count - self->held);
  self->held = count;
  program_settle (self->program);
}

static void
stop (Side *self)
{
  load_free (self->busy);
  load_free (self->idle);
  program_stop (self->program);
}

static double
cpu_per_envelope (Side *self)
{
  LoadPlan plan = { .seconds = SECONDS, .window = WINDOW };
  double cpu = program_cpu (self->program);
  LoadResult result;

  load_run (self->busy, &plan, &result);
  return (program_cpu (self->program) - cpu) / (double) result.delivered;
}

static double
cpu_per_connection (Side *self, unsigned count, bool mailboxes)
{
  Load *load = program_load (self->program);
  double cpu = program_cpu (self->program);

  if (mailboxes)
    load_churn (load, FIRST_IDLE + IDLE_MAX, count);
  else
    load_churn_depositors (load, count);
  program_settle (self->program);
  cpu = program_cpu (self->program) - cpu;
  load_free (load);
  return cpu / count;
}

static void
compare_envelopes (const char *name, Side *with, Side *without)
{
  double values[RUNS], floors[RUNS];

  for (int i = 0; i < RUNS; i++)
    {
      floors[i] = cpu_per_envelope (without);
      values[i] = cpu_per_envelope (with);
    }
  bench_runs (SUITE, name, "us_cpu", values, floors, RUNS);
}

static void
compare_connections (const char *name, Side *relay, Side *floor, bool mailboxes)
{
  double values[RUNS], floors[RUNS];

  for (int i = 0; i < RUNS; i++)
    {
      floors[i] = cpu_per_connection (floor, CHURN, mailboxes);
      values[i] = cpu_per_connection (relay, CHURN, mailboxes);
    }
  bench_runs (SUITE, name, "us_cpu", values, floors, RUNS);
}

static double
bytes_per_connection (const Side *self)
{
  return (program_memory (self->program) - self->memory) / self->held;
}

void
relay_case_idle (const Bench *bench, const char *under)
{
  Side alone, relay, floor_alone, floor;
  double value, floor_value;

  start (&alone, program_relay (bench, under, FIRST_IDLE + IDLE_MAX + CHURN));
  start (&relay, program_relay (bench, under, FIRST_IDLE + IDLE_MAX + CHURN));
  start (&floor_alone, program_floor (bench, under, FLOOR_KEEP));
  start (&floor, program_floor (bench, under, FLOOR_KEEP));
  compare_connections ("accept-0", &alone, &floor_alone, true);
  compare_connections ("handshake-0", &alone, &floor_alone, false);
  for (size_t i = 0; i < G_N_ELEMENTS (idle_counts); i++)
    {
      g_autofree char *name = g_strdup_printf ("durable-idle-%u", idle_counts[i]);

      hold (&relay, idle_counts[i]);
      compare_envelopes (name, &relay, &alone);
    }
  hold (&floor, IDLE_MAX);
  value = bytes_per_connection (&relay);
  floor_value = bytes_per_connection (&floor);
  bench_runs (SUITE, "memory-per-idle-connection", "bytes", &value, &floor_value, 1);
  compare_envelopes ("floor-idle-9000", &floor, &floor_alone);
  compare_connections ("accept-9000", &relay, &floor, true);
  compare_connections ("handshake-9000", &relay, &floor, false);
  stop (&alone);
  stop (&relay);
  stop (&floor_alone);
  stop (&floor);
}

void
relay_case_many (const Bench *bench, const char *under)
{
  unsigned limit = program_raise_descriptors (MANY + SPARE), count = MIN (MANY, limit - SPARE);
  g_autofree char *memory = NULL;
  double used, bound, rate, no_rate = 1, each, each_goal = 100;
  gint64 start_us;
  Side side;

  start (&side, program_relay (bench, under, FIRST_IDLE + count));
  each = program_cpu (side.program);
  start_us = g_get_monotonic_time ();
  while (side.held < count && g_get_monotonic_time () - start_us < MANY_SECONDS * G_USEC_PER_SEC)
    hold (&side, MIN (side.held + MANY_STEP, count));
  rate = side.held / ((double) (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC);
  each = (program_cpu (side.program) - each) / side.held;
  used = program_memory (side.program);
  bound = MANY_BYTES * side.held / MANY;
  memory = g_strdup_printf ("memory-%u-idle", side.held);
  bench_runs (SUITE, memory, "bytes", &used, &bound, 1);
  bench_runs (SUITE, "connect-many", "us_cpu", &each, &each_goal, 1);
  bench_runs (SUITE, "connect-many-rate", "per_s", &rate, &no_rate, 1);
  if (count < MANY)
    bench_skipped (SUITE, "memory-100000-idle", "the system allows a process fewer file descriptors (RLIMIT_NOFILE)");
  else if (side.held < MANY)
    bench_skipped (SUITE, "memory-100000-idle", "connecting took too long");
  stop (&side);
}
