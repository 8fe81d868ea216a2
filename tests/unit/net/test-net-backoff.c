/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-backoff.h"

static void
test_range (void)
{
  TessBackoff backoff;

  tess_backoff_init (&backoff, 500, 300000);
  g_assert_cmpuint (tess_backoff_next (&backoff), ==, 500);
  for (unsigned i = 1; i < 100; i++)
    {
      uint32_t wait = tess_backoff_next (&backoff);

      g_assert_cmpuint (wait, >=, 500);
      g_assert_cmpuint (wait, <=, i < 10 ? MIN (500u << i, 300000) : 300000);
    }
  tess_backoff_reset (&backoff);
  g_assert_cmpuint (tess_backoff_next (&backoff), ==, 500);
}

/* All the room is used: clients of a restarted relay spread over it. */
static void
test_spread (void)
{
  uint32_t low = UINT32_MAX;
  uint32_t high = 0;

  for (unsigned i = 0; i < 1000; i++)
    {
      TessBackoff backoff = { 1000, 64000, 6 };
      uint32_t wait = tess_backoff_next (&backoff);

      low = MIN (low, wait);
      high = MAX (high, wait);
    }
  g_assert_cmpuint (low, <, 6000);
  g_assert_cmpuint (high, >, 58000);
}

static void
test_edges (void)
{
  TessBackoff backoff;

  tess_backoff_init (&backoff, 1, UINT32_MAX);
  for (unsigned i = 0; i < 100; i++)
    g_assert_cmpuint (tess_backoff_next (&backoff), >=, 1);
  tess_backoff_init (&backoff, 7, 7);
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpuint (tess_backoff_next (&backoff), ==, 7);
  backoff.attempts = UINT_MAX;
  g_assert_cmpuint (tess_backoff_next (&backoff), ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/backoff/range", test_range);
  g_test_add_func ("/net/backoff/spread", test_spread);
  g_test_add_func ("/net/backoff/edges", test_edges);
  return g_test_run ();
}
