/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FRAME_MAX_MS 50
#define BUSY_MS 5
#define FRAMES (1 << 16)

static double woken, woken_cpu; /* when the turn under way began */
static double turn, turn_cpu;   /* the longest */
static double busy;             /* when a turn was last more than a look around */
static double frame_began, frame_cpu, painted;
static guint frames;
static double frame_most_cpu;   /* of the frames */
static GArray *lengths;         /* double, of the frames */

double
probe_now (void)
{
  return (double) g_get_monotonic_time () / 1000;
}

double
probe_cpu (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static int
poll_between_turns (GPollFD *fds, guint n, int timeout)
{
  double length = probe_now () - woken;
  int result;

  turn = MAX (turn, length);
  turn_cpu = MAX (turn_cpu, probe_cpu () - woken_cpu);
  if (length > BUSY_MS)
    busy = probe_now ();
  result = g_poll (fds, n, timeout);
  woken = probe_now ();
  woken_cpu = probe_cpu ();
  return result;
}

static gboolean
on_quiet (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

void
probe_init (void)
{
  lengths = g_array_sized_new (FALSE, FALSE, sizeof (double), FRAMES); /* that grow no heap which is being compared */
  woken = probe_now ();
  woken_cpu = probe_cpu ();
  g_main_context_set_poll_func (NULL, poll_between_turns);
}

static void
on_before_paint (void)
{
  frame_began = probe_now ();
  frame_cpu = probe_cpu ();
}

static void
on_after_paint (void)
{
  double length;

  painted = probe_now ();
  length = painted - frame_began;
  frame_most_cpu = MAX (frame_most_cpu, probe_cpu () - frame_cpu);
  frames++;
  g_array_append_val (lengths, length);
}

void
probe_watch (GtkWindow *window)
{
  GdkFrameClock *clock;

  gtk_widget_realize (GTK_WIDGET (window));
  clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));
  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before_paint), NULL);
  g_signal_connect (clock, "after-paint", G_CALLBACK (on_after_paint), NULL);
}

void
probe_wait (const char *what, ProbeCondition condition, gpointer data, double seconds)
{
  double limit = probe_now () + seconds * 1000;
  guint source = g_timeout_add (250, on_quiet, NULL); /* or a turn would never end to look at the time */

  while (!condition (data))
    {
      g_main_context_iteration (NULL, TRUE);
      if (probe_now () < limit)
        continue;
      fprintf (stderr, "%s: not within %.0f s\n", what, seconds);
      exit (1);
    }
  g_source_remove (source);
}

static gboolean
has_passed (gpointer data)
{
  return probe_now () >= *(double *) data;
}

void
probe_pass (double seconds)
{
  double until = probe_now () + seconds * 1000;
  guint source = g_timeout_add ((guint) (seconds * 1000) + 1, on_quiet, NULL);

  while (!has_passed (&until))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

static gboolean
has_painted (gpointer data)
{
  return frames > GPOINTER_TO_UINT (data);
}

void
probe_wait_frame (void)
{
  probe_wait ("a frame", has_painted, GUINT_TO_POINTER (frames), 20);
}

static gboolean
is_quiet (gpointer data)
{
  return probe_now () - MAX (painted, busy) > *(double *) data;
}

void
probe_wait_quiet (double seconds)
{
  double length = seconds * 1000;
  guint source = g_timeout_add (20, on_quiet, NULL);

  busy = probe_now ();
  probe_wait ("quiet", is_quiet, &length, 120);
  g_source_remove (source);
}

void
probe_first_frame (void)
{
  GtkWindow *window = g_list_model_get_item (gtk_window_get_toplevels (), 0);

  probe_wait ("the first frame", has_painted, GUINT_TO_POINTER (0), 60);
  probe_say ("first-frame", probe_age ());
  probe_say ("first-frame-cpu", probe_cpu ());
  printf ("renderer %s\n", G_OBJECT_TYPE_NAME (gtk_native_get_renderer (GTK_NATIVE (window))));
  fflush (stdout);
  g_object_unref (window);
}

void
probe_begin (void)
{
  turn = turn_cpu = frame_most_cpu = 0;
  woken = probe_now ();
  woken_cpu = probe_cpu ();
  g_array_set_size (lengths, 0);
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
say (const char *name, const char *what, double value)
{
  g_autofree char *whole = g_strconcat (name, "-", what, NULL);

  probe_say (whole, value);
}

void
probe_end (const char *name)
{
  const double *sorted = (const double *) lengths->data;
  guint n = lengths->len, slow = 0;

  say (name, "turn-max", turn);
  say (name, "turn-max-cpu", turn_cpu);
  if (n == 0)
    return;
  qsort (lengths->data, n, sizeof (double), compare);
  for (guint i = 0; i < n; i++)
    slow += sorted[i] > FRAME_MAX_MS;
  say (name, "frames", n);
  say (name, "frame-median", sorted[n / 2]);
  say (name, "frame-p99", sorted[n - 1 - n / 100]);
  say (name, "frame-max", sorted[n - 1]);
  say (name, "frame-max-cpu", frame_most_cpu);
  say (name, "frames-above-50", slow);
}

double
probe_age (void)
{
  const char *started = g_getenv ("BENCH_STARTED");

  return probe_now () - (started != NULL ? g_ascii_strtod (started, NULL) : 0) / 1000;
}

void
probe_memory (const char *name)
{
  g_autofree char *text = NULL;
  const char *rss, *pss;

  malloc_trim (0);
  if (!g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL))
    return;
  rss = strstr (text, "\nRss:");
  pss = strstr (text, "\nPss:");
  say (name, "rss", rss != NULL ? g_ascii_strtod (rss + 5, NULL) / 1024 : 0);
  say (name, "pss", pss != NULL ? g_ascii_strtod (pss + 5, NULL) / 1024 : 0);
}

double
probe_heap (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return (double) (info.uordblks + info.hblkhd);
}

static double
count_switches (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task;
  double sum = 0;

  while (dir != NULL && (task = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", task, "status", NULL), *text = NULL;
      const char *found;

      if (g_file_get_contents (path, &text, NULL, NULL) && (found = strstr (text, "\nvoluntary_ctxt_switches:")) != NULL)
        sum += g_ascii_strtod (found + strlen ("\nvoluntary_ctxt_switches:"), NULL);
    }
  return sum;
}

void
probe_wakeups (double seconds)
{
  double before = count_switches ();

  probe_pass (seconds);
  probe_say ("wakeups", (count_switches () - before) * 60 / seconds);
}

void
probe_say (const char *name, double value)
{
  printf ("%s %.3f\n", name, value);
  fflush (stdout);
}

guint
probe_number (const char *text)
{
  guint64 number;

  if (g_ascii_string_to_unsigned (text, 10, 0, 10000000, &number, NULL))
    return (guint) number;
  fprintf (stderr, "%s is no number\n", text);
  exit (2);
}
