/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay-cases.h"
#include "relay-load-frames.h"

#include <sqlite3.h>
#include <string.h>

#define RUNS 7
#define SECONDS 1.0
#define WINDOW 8 /* deposits of each depositor under way: a batch is up to 400 */
#define SQLITE_BATCH 200
#define SQLITE_BATCHES 25

enum { RELAY, KEEP, DELETE, FORWARD, HUB, MOSQUITTO, CONTENDERS };

typedef struct {
  Program *program; /* NULL: not here */
  Load *load;
  double cpu[RUNS], store[RUNS], rest[RUNS], rate[RUNS];
} Contender;

static void
run_once (Contender *self, int run)
{
  LoadPlan plan = { .seconds = SECONDS, .window = WINDOW };
  double cpu = program_cpu (self->program), store = program_store_cpu (self->program);
  LoadResult result;

  load_run (self->load, &plan, &result);
  cpu = program_cpu (self->program) - cpu;
  store = program_store_cpu (self->program) - store;
  self->cpu[run] = cpu / (double) result.delivered;
  self->store[run] = store / (double) result.delivered;
  self->rest[run] = (cpu - store) / (double) result.delivered;
  self->rate[run] = (double) result.delivered / result.seconds;
}

static void
prepare (Contender *self)
{
  LoadPlan plan = { .seconds = 0.5, .window = WINDOW };
  LoadResult result;

  if (self->program == NULL)
    return;
  self->load = program_load (self->program);
  load_connect (self->load, 0, PAIRS);
  load_depositors (self->load, PAIRS);
  load_run (self->load, &plan, &result);
}

static void
finish (Contender *self)
{
  if (self->program == NULL)
    return;
  load_free (self->load);
  program_stop (self->program);
}

/* -- SQLite alone -------------------------------------------------------------------------------------------------------- */

typedef struct {
  sqlite3 *db;
  sqlite3_stmt *insert;
  int64_t last;
} Alone;

static void
open_alone (Alone *self, const char *under)
{
  g_autofree char *path = g_build_filename (under, "alone.db", NULL);

  if (sqlite3_open (path, &self->db) != SQLITE_OK
      || sqlite3_exec (self->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"
                                 "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 8192;"
                                 "DROP TABLE IF EXISTS mail;"
                                 "CREATE TABLE mail (id INTEGER PRIMARY KEY, class INTEGER NOT NULL, stored INTEGER NOT NULL,"
                                 "  envelope BLOB NOT NULL);", NULL, NULL, NULL) != SQLITE_OK
      || sqlite3_prepare_v2 (self->db, "INSERT INTO mail VALUES (?, 1, 1700000000, ?)", -1, &self->insert, NULL) != SQLITE_OK)
    g_error ("%s: %s", path, sqlite3_errmsg (self->db));
}

static double
run_alone (Alone *self)
{
  static uint8_t envelope[ENVELOPE_SIZE];
  double start = bench_cpu_us ();

  for (int batch = 0; batch < SQLITE_BATCHES; batch++)
    {
      sqlite3_exec (self->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
      for (int i = 0; i < SQLITE_BATCH; i++)
        {
          self->last++;
          sqlite3_bind_int64 (self->insert, 1, self->last % PAIRS << 36 | self->last / PAIRS);
          sqlite3_bind_blob (self->insert, 2, envelope, sizeof envelope, SQLITE_STATIC);
          if (sqlite3_step (self->insert) != SQLITE_DONE)
            g_error ("SQLite: %s", sqlite3_errmsg (self->db));
          sqlite3_reset (self->insert);
        }
      if (sqlite3_exec (self->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        g_error ("SQLite: %s", sqlite3_errmsg (self->db));
    }
  return (bench_cpu_us () - start) / (SQLITE_BATCHES * SQLITE_BATCH);
}

static void
close_alone (Alone *self)
{
  sqlite3_finalize (self->insert);
  sqlite3_close (self->db);
}

/* -- All of them --------------------------------------------------------------------------------------------------------- */

static void
print_figures (const char *where, const Contender *all, const double *alone)
{
  static const struct {
    const char *name;
    const char *unit;
    int who, floor;
    size_t value_at, floor_at;
  } figures[] = {
    /* Everything of the relay beside the forwarder that inserts and forgets to delete, and the one that deletes as it must. */
    { "durable", "us_cpu", RELAY, KEEP, offsetof (Contender, cpu), offsetof (Contender, cpu) },
    { "durable-acked", "us_cpu", RELAY, DELETE, offsetof (Contender, cpu), offsetof (Contender, cpu) },
    /* The relay's store never sleeps: what its thread takes is left out instead. */
    { "forward", "us_cpu", RELAY, FORWARD, offsetof (Contender, rest), offsetof (Contender, cpu) },
    { "throughput", "per_s", RELAY, KEEP, offsetof (Contender, rate), offsetof (Contender, rate) },
    { "peer-node-ws-better-sqlite3", "us_cpu", HUB, KEEP, offsetof (Contender, cpu), offsetof (Contender, cpu) },
    { "peer-node-ws-better-sqlite3-throughput", "per_s", HUB, KEEP, offsetof (Contender, rate), offsetof (Contender, rate) },
    { "peer-mosquitto-qos1-in-memory", "us_cpu", MOSQUITTO, FORWARD, offsetof (Contender, cpu), offsetof (Contender, cpu) },
    { "peer-mosquitto-qos1-in-memory-throughput", "per_s", MOSQUITTO, FORWARD, offsetof (Contender, rate),
      offsetof (Contender, rate) },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%s", figures[i].name, where);
      const Contender *who = &all[figures[i].who], *floor = &all[figures[i].floor];

      if (who->program != NULL)
        bench_runs (SUITE, name, figures[i].unit, (const double *) ((const char *) who + figures[i].value_at),
                    (const double *) ((const char *) floor + figures[i].floor_at), RUNS);
    }
  {
    g_autofree char *store = g_strdup_printf ("store-%s", where), *keep = g_strdup_printf ("floor-%s", where);

    bench_runs (SUITE, store, "us_cpu", all[RELAY].store, alone, RUNS);
    bench_runs (SUITE, keep, "us_cpu", all[KEEP].cpu, alone, RUNS);
  }
}

void
relay_case_throughput (const Bench *bench, const char *where, const char *under, bool peers)
{
  g_autofree Contender *all = g_new0 (Contender, CONTENDERS);
  const char *no_hub = NULL, *no_mosquitto = NULL;
  double alone[RUNS];
  Alone sqlite = { 0 };

  all[RELAY].program = program_relay (bench, under, PAIRS);
  all[KEEP].program = program_floor (bench, under, FLOOR_KEEP);
  all[DELETE].program = program_floor (bench, under, FLOOR_DELETE);
  all[FORWARD].program = program_floor (bench, under, FLOOR_FORWARD);
  all[HUB].program = peers ? program_hub (bench, under, &no_hub) : NULL;
  all[MOSQUITTO].program = peers ? program_mosquitto (bench, under, &no_mosquitto) : NULL;
  open_alone (&sqlite, under);
  for (int i = 0; i < CONTENDERS; i++)
    prepare (&all[i]);
  for (int run = 0; run < RUNS; run++)
    {
      for (int i = 0; i < CONTENDERS; i++)
        if (all[i].program != NULL)
          run_once (&all[i], run);
      alone[run] = run_alone (&sqlite);
    }
  print_figures (where, all, alone);
  if (no_hub != NULL)
    bench_skipped (SUITE, "peer-node-ws-better-sqlite3", no_hub);
  if (no_mosquitto != NULL)
    bench_skipped (SUITE, "peer-mosquitto-qos1-in-memory", no_mosquitto);
  for (int i = 0; i < CONTENDERS; i++)
    finish (&all[i]);
  close_alone (&sqlite);
}
