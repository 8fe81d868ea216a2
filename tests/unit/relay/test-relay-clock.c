/* The clock by which things expire. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-clock.h"

#define NOW INT64_C (1800000000)
#define DAY 86400

static void
test_steady (void)
{
  TessRelayClock clock = { 0 };

  g_assert_false (tess_relay_clock_advance (&clock, NOW, 0));
  g_assert_cmpint (clock.trusted, ==, NOW);
  g_assert_false (tess_relay_clock_advance (&clock, NOW + 300, 300));
  g_assert_cmpint (clock.trusted, ==, NOW + 300);
  /* A little ahead, and any way back, it follows at once. */
  g_assert_false (tess_relay_clock_advance (&clock, NOW + 600 + TESS_RELAY_CLOCK_STEP_MAX, 300));
  g_assert_cmpint (clock.trusted, ==, NOW + 600 + TESS_RELAY_CLOCK_STEP_MAX);
  g_assert_false (tess_relay_clock_advance (&clock, NOW - 3650 * DAY, 300));
  g_assert_cmpint (clock.trusted, ==, NOW - 3650 * DAY);
}

static void
test_jump (void)
{
  TessRelayClock clock = { .trusted = NOW };
  int64_t passed = 0;

  g_assert_true (tess_relay_clock_advance (&clock, NOW + 400 * DAY, 0));
  while (clock.trusted < NOW + 400 * DAY)
    {
      passed += 300;
      g_assert_cmpint (clock.trusted, ==, NOW + passed - 300);
      g_assert_false (tess_relay_clock_advance (&clock, NOW + 400 * DAY + passed, 300));
    }
  g_assert_cmpint (passed, ==, TESS_RELAY_CLOCK_BELIEVE);
  g_assert_cmpint (clock.ahead_since, ==, 0);
  /* One that is set right again is forgotten. */
  clock = (TessRelayClock) { .trusted = NOW };
  g_assert_true (tess_relay_clock_advance (&clock, NOW + 400 * DAY, 300));
  g_assert_false (tess_relay_clock_advance (&clock, NOW + 600, 300));
  g_assert_cmpint (clock.ahead_since, ==, 0);
  g_assert_true (tess_relay_clock_advance (&clock, NOW + 400 * DAY, 300));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/clock/steady", test_steady);
  g_test_add_func ("/relay/clock/jump", test_jump);
  return g_test_run ();
}
