/* Timers come in their second, once. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-wheel.h"

#define COUNT 1000
#define START 1000000

/* Each comes in the second that it was set for; those beyond the wheel's reach come early, and again when set again. */
static void
test_due (void)
{
  TessRelayTimer timers[COUNT] = { 0 };
  TessRelayWheel wheel;
  unsigned came = 0;

  tess_relay_wheel_init (&wheel, START);
  for (unsigned i = 0; i < COUNT; i++)
    tess_relay_wheel_set (&wheel, &timers[i], &timers[i], START + 1 + i / 2);
  for (int64_t now = START; now <= START + COUNT; now++)
    {
      TessRelayTimer *timer;

      while ((timer = tess_relay_wheel_take (&wheel, now)) != NULL)
        {
          int64_t wanted = START + 1 + (timer - timers) / 2;

          g_assert_cmpint (timer->due, ==, 0);
          if (now < wanted)
            tess_relay_wheel_set (&wheel, timer, timer, wanted);
          else
            {
              g_assert_cmpint (now, ==, wanted);
              came++;
            }
        }
    }
  g_assert_cmpuint (came, ==, COUNT);
}

static void
test_moved (void)
{
  TessRelayTimer a = { 0 }, b = { 0 };
  TessRelayWheel wheel;

  tess_relay_wheel_init (&wheel, START);
  tess_relay_wheel_set (&wheel, &a, &a, START + 9);
  tess_relay_wheel_set (&wheel, &a, &a, START + 5);
  tess_relay_wheel_set (&wheel, &a, &a, START + 20);
  tess_relay_wheel_set (&wheel, &b, &b, START + 3);
  tess_relay_wheel_unset (&wheel, &b);
  g_assert_null (tess_relay_wheel_take (&wheel, START + 4));
  g_assert_true (tess_relay_wheel_take (&wheel, START + 5) == &a);
  g_assert_null (tess_relay_wheel_take (&wheel, START + 300));
  /* What is over comes in the next second, not in this one: setting a timer when it comes cannot go round in circles. */
  tess_relay_wheel_set (&wheel, &a, &a, START);
  g_assert_null (tess_relay_wheel_take (&wheel, START + 300));
  g_assert_true (tess_relay_wheel_take (&wheel, START + 301) == &a);
}

/* Nobody asked for a while: what was due meanwhile comes, in its order, and nothing that is not due yet. */
static void
test_gap (void)
{
  TessRelayTimer a = { 0 }, b = { 0 }, c = { 0 };
  TessRelayWheel wheel;

  tess_relay_wheel_init (&wheel, START);
  tess_relay_wheel_set (&wheel, &b, &b, START + 9);
  tess_relay_wheel_set (&wheel, &a, &a, START + 2);
  tess_relay_wheel_set (&wheel, &c, &c, START + 31);
  g_assert_true (tess_relay_wheel_take (&wheel, START + 30) == &a);
  g_assert_true (tess_relay_wheel_take (&wheel, START + 30) == &b);
  g_assert_null (tess_relay_wheel_take (&wheel, START + 30));
  g_assert_true (tess_relay_wheel_take (&wheel, START + 31) == &c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/wheel/due", test_due);
  g_test_add_func ("/relay/wheel/moved", test_moved);
  g_test_add_func ("/relay/wheel/gap", test_gap);
  return g_test_run ();
}
