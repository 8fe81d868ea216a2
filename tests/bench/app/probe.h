/* Measuring a program with a window from inside, without a word in the program: turns of the main loop through its poll
 * function, frames through the frame clock, memory through /proc. Figures go to stdout as `name value` lines, for
 * tests/harness/bench_app.py.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

/* Before the first iteration of the main loop. */
void probe_init (void);
/* Counts the frames of @window from now on. */
void probe_watch (GtkWindow *window);

typedef gboolean (*ProbeCondition) (gpointer data);

/* Iterates the main loop until @condition holds, asked after each turn. When @seconds have passed the program ends, naming
 * @what. */
void probe_wait (const char *what, ProbeCondition condition, gpointer data, double seconds);
/* Iterates for that time. */
void probe_pass (double seconds);
/* Iterates until one more frame is painted; until nothing was painted and little was done for @seconds. */
void probe_wait_frame (void);
void probe_wait_quiet (double seconds);
/* Iterates until the first frame and prints it, with its name and the renderer. */
void probe_first_frame (void);

/* Forgets turns and frames so far; prints those since: the longest turn of the main loop by the clock and by its CPU time, the
 * median and the longest frame, and how many frames took longer than 50 ms. */
void probe_begin (void);
void probe_end (const char *name);
/* ms since the program was executed (BENCH_STARTED, µs of the monotonic clock). */
double probe_age (void);
double probe_now (void); /* ms */
double probe_cpu (void); /* ms of CPU of the main thread, which a busy machine does not change much */
/* Resident and proportional size, MiB. */
void probe_memory (const char *name);
/* Bytes in use on the heap. */
double probe_heap (void);
/* How often any thread of the process was woken in @seconds, as so many a minute. */
void probe_wakeups (double seconds);
void probe_say (const char *name, double value);
/* A number from the command line; what is none ends the program. */
guint probe_number (const char *text);
