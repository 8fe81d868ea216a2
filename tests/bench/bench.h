/* Measuring: each value beside its floor, the sum of the primitives that it cannot do without, in the same run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* CPU time of this thread so far, in µs. */
double bench_cpu_us (void);

/* One run of a case: the µs of CPU an operation took, and its floor. Preparing is not counted. */
typedef void (*BenchRun) (double *value_out, double *floor_out);

/* Runs @run several times and prints the medians as one JSON object on a line: suite, name, value, unit, floor, ratio, runs. */
void bench_case (const char *suite, const char *name, BenchRun run);

/* Prints one size in bytes with its bound as the floor. */
void bench_size (const char *suite, const char *name, gsize bytes, gsize bound);

/* Prints the medians of @runs values, of their floors, and of the ratios of the pairs, each measured one after the other. */
void bench_runs (const char *suite, const char *name, const char *unit, const double *values, const double *floors, int runs);

/* Prints the share of @all that was reached, in percent, with the share that another reached as the floor. */
void bench_rate (const char *suite, const char *name, int reached, int other, int all);

/* Says that @name could not be measured here, and why. */
void bench_skipped (const char *suite, const char *name, const char *why);
