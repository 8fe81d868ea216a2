/* Random histories of two to five people: whatever is lost, repeated, altered, crashed, put back or lied about, the invariants of
 * checks.h hold. The seed of a failure replays it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "checks.h"
#include "settle.h"
#include "steps.h"
#include "wraps.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK_EVERY 8

/* Mostly acquainted, now and then one-sided or not at all. */
static void
introduce (World *world)
{
  for (guint i = 0; i < world->n; i++)
    for (guint k = 0; k < world->n; k++)
      if (i != k && !world_chance (world, 4))
        step_add (world, i, k);
}

static guint
draw_length (World *world)
{
  if (world_chance (world, 40))
    return 200 + world_below (world, 200);
  return 10 + world_below (world, 41);
}

/* How often everybody has to speak until whatever happened must be healed. */
static guint
words_needed (World *world)
{
  guint words = 0;

  for (guint i = 0; i < world->n; i++)
    for (guint k = 0; k < world->n; k++)
      {
        unsigned harm = world->harm[i][k];

        words = MAX (words, harm == 0 ? 0 : harm == HARM_DROPPED ? 1 : harm == HARM_SESSIONS ? 2 : 4);
      }
  return words;
}

static void
finish (World *world)
{
  guint first;

  settle (world);
  first = settle_with_words (world, words_needed (world));
  check_arrived (world);
  check_healed (world, first);
  check_reactions (world);
  if (world_chance (world, 8))
    {
      guint victim = world_somebody (world), friend = world_other (world, victim);

      if (world->people[victim].chats[friend] != 0 && world->people[friend].chats[victim] != 0)
        check_compromise (world, victim, friend);
    }
  for (guint i = 0; i < world->n; i++)
    {
      check_always (world, i);
      if (world_chance (world, 4))
        check_forward_secrecy (world, i);
    }
}

static void
play (guint32 seed)
{
  static const guint sizes[] = { 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 5 };
  g_autoptr (GRand) random = g_rand_new_with_seed (seed + 1);
  World world;
  StepMix mix;
  guint length;

  world_init (&world, seed, sizes[g_rand_int_range (random, 0, G_N_ELEMENTS (sizes))]);
  world.is_calm = world_chance (&world, 2);
  steps_mix (&world, &mix, world.is_calm);
  introduce (&world);
  length = draw_length (&world);
  for (guint i = 1; i <= length; i++)
    {
      steps_play (&world, &mix);
      if (i % CHECK_EVERY == 0)
        check_always (&world, world_somebody (&world));
    }
  finish (&world);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  guint32 seed;
  guint count;

  tess_process_init ();
  seed = wraps_first_seed (argc, argv, &count);
  printf ("1..1\n# %u histories from seed %u on\n", count, seed);
  fflush (stdout);
  for (guint i = 0; i < count; i++)
    play (seed + i);
  printf ("ok 1 %s\n", "/property/histories");
  return 0;
}
