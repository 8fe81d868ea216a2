/* How far long work has come: told seldom, never back, from any thread. SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-progress.h"

typedef struct {
  GMainLoop *loop;
  double last;
  unsigned told;
} Watch;

static void
on_fraction (TessProgress *progress, GParamSpec *spec, gpointer data)
{
  Watch *watch = data;
  double fraction = tess_progress_get_fraction (progress);

  g_assert_cmpfloat (fraction, >, watch->last);
  watch->last = fraction;
  watch->told++;
  if (fraction == 1)
    g_main_loop_quit (watch->loop);
}

static gpointer
work (gpointer data)
{
  for (unsigned i = 0; i <= 10000; i++)
    {
      tess_progress_set (data, (double) i / 10000);
      tess_progress_set (data, (double) i / 20000);
    }
  return NULL;
}

static void
test_told (void)
{
  g_autoptr (TessProgress) progress = tess_progress_new ();
  Watch watch = { .loop = g_main_loop_new (NULL, FALSE) };
  double fraction = 1;

  g_object_get (progress, "fraction", &fraction, NULL);
  g_assert_cmpfloat (fraction, ==, 0);
  g_signal_connect (progress, "notify::fraction", G_CALLBACK (on_fraction), &watch);
  g_thread_join (g_thread_new ("work", work, progress));
  g_main_loop_run (watch.loop);
  g_assert_cmpuint (watch.told, ==, 1);
  tess_progress_set (progress, 2);
  g_assert_cmpfloat (tess_progress_get_fraction (progress), ==, 1);
  g_main_loop_unref (watch.loop);
}

static void
test_cancelled (void)
{
  g_autoptr (TessProgress) progress = tess_progress_new ();

  g_assert_false (tess_progress_is_cancelled (progress));
  tess_progress_cancel (progress);
  tess_progress_cancel (progress);
  g_assert_true (tess_progress_is_cancelled (progress));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/progress/told", test_told);
  g_test_add_func ("/progress/cancelled", test_cancelled);
  return g_test_run ();
}
