/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 9

double
bench_cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (const double *values, int count)
{
  g_autofree double *sorted = g_memdup2 (values, (size_t) count * sizeof *values);

  qsort (sorted, (size_t) count, sizeof *sorted, compare);
  return sorted[count / 2];
}

static void
print (const char *suite, const char *name, double value, const char *unit, double floor_value, double ratio, int runs)
{
  printf ("{\"suite\":\"%s\",\"name\":\"%s\",\"value\":%.1f,\"unit\":\"%s\",\"floor\":%.1f,\"ratio\":%.2f,\"runs\":%d}\n", suite,
          name, value, unit, floor_value, ratio, runs);
  fflush (stdout);
}

void
bench_case (const char *suite, const char *name, BenchRun run)
{
  double values[RUNS], floors[RUNS];

  run (&values[0], &floors[0]); /* caches, and what libraries fetch once */
  for (int i = 0; i < RUNS; i++)
    run (&values[i], &floors[i]);
  bench_runs (suite, name, "us_cpu", values, floors, RUNS);
}

void
bench_runs (const char *suite, const char *name, const char *unit, const double *values, const double *floors, int runs)
{
  g_autofree double *ratios = g_new (double, runs);

  for (int i = 0; i < runs; i++)
    ratios[i] = values[i] / floors[i]; /* of the same moment: a noisy machine slows both */
  print (suite, name, median (values, runs), unit, median (floors, runs), median (ratios, runs), runs);
}

void
bench_skipped (const char *suite, const char *name, const char *why)
{
  printf ("{\"suite\":\"%s\",\"name\":\"%s\",\"skipped\":\"%s\"}\n", suite, name, why);
  fflush (stdout);
}

void
bench_size (const char *suite, const char *name, gsize bytes, gsize bound)
{
  print (suite, name, (double) bytes, "bytes", (double) bound, (double) bytes / (double) bound, 1);
}

void
bench_rate (const char *suite, const char *name, int reached, int other, int all)
{
  print (suite, name, 100.0 * reached / all, "percent", 100.0 * other / all, (double) reached / MAX (other, 1), all);
}
