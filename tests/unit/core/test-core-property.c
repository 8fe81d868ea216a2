/* Seeded chaos between three people: whatever is reordered, repeated, forged, crashed, rolled over or lost, in the end each
 * message is there exactly once, and its sender knows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "party.h"

#include <string.h>

#define PEOPLE 3
#define STEPS 200
#define ROUNDS 12
#define SETTLING 60

typedef struct {
  GRand *random;
  Party *people[PEOPLE];
  int64_t chats[PEOPLE][PEOPLE];
  GPtrArray *mailboxes[PEOPLE]; /* GBytes */
  GPtrArray *said;              /* texts, each unique */
  int64_t clock;
  guint losses;
} World;

static guint
below (World *world, guint bound)
{
  return (guint) g_rand_int_range (world->random, 0, (gint32) bound);
}

static guint
other_than (World *world, guint one)
{
  return (one + 1 + below (world, PEOPLE - 1)) % PEOPLE;
}

static void
say (World *world, guint from)
{
  guint to = other_than (world, from);
  char *text = g_strdup_printf ("%u to %u: %u", from, to, world->said->len);

  g_ptr_array_add (world->said, text);
  party_say (world->people[from], world->chats[from][to], text);
}

/* What is sealed goes to the relay, in order. */
static void
deposit (World *world, guint from)
{
  Party *self = world->people[from];

  for (;;)
    {
      g_autoptr (GPtrArray) envelopes = NULL;
      uint8_t to[32];

      if (!party_deposit_next (self, to, &envelopes))
        return;
      for (guint i = 0; i < PEOPLE; i++)
        if (memcmp (world->people[i]->us->us.device.bytes, to, sizeof to) == 0)
          g_ptr_array_add (world->mailboxes[i], g_bytes_ref (g_ptr_array_index (envelopes, 0)));
    }
}

/* Handles one envelope, the first or any; now and then it comes again, a forged copy comes before, or a write fails. */
static void
fetch_mail (World *world, guint who)
{
  Party *self = world->people[who];
  GPtrArray *mailbox = world->mailboxes[who];
  g_autoptr (GBytes) envelope = NULL;
  guint at;

  if (mailbox->len == 0)
    return;
  at = below (world, 3) == 0 ? below (world, mailbox->len) : 0;
  envelope = g_bytes_ref (g_ptr_array_index (mailbox, at));
  if (below (world, 8) == 0)
    {
      gsize size;
      g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (envelope, &size), g_bytes_get_size (envelope));
      g_autoptr (GBytes) forged = NULL;

      copy[below (world, (guint) g_bytes_get_size (envelope))] ^= (uint8_t) (1 << below (world, 8));
      g_bytes_get_data (envelope, &size);
      forged = g_bytes_new (copy, size);
      party_receive (self, forged, TESS_MAIL_CONTACT);
    }
  if (below (world, 6) == 0)
    {
      tess_db_fail_write (self->db, 1 + below (world, 12));
      party_try_receive (self, envelope);
      tess_db_fail_write (self->db, 0);
      return; /* whether it was committed or not: it was not acknowledged */
    }
  party_receive (self, envelope, TESS_MAIL_CONTACT);
  if (below (world, 6) != 0)
    g_ptr_array_remove_index (mailbox, at);
}

static void
fetch_keys (World *world, guint who)
{
  Party *self = world->people[who];

  for (guint i = 0; i < PEOPLE; i++)
    {
      int64_t contact = i != who ? party_contact (self, world->people[i]) : 0;

      if (i != who && g_hash_table_remove (self->wanted, &contact))
        party_fetch (self, world->people[i]);
    }
}

static void
pass_time (World *world, int64_t seconds)
{
  world->clock += seconds;
  tess_clock_set_offset (world->clock);
  for (guint i = 0; i < PEOPLE; i++)
    party_rotate (world->people[i]);
}

static void
step (World *world)
{
  guint who = below (world, PEOPLE);

  switch (below (world, 16))
    {
    case 0: case 1: case 2: case 3:
      say (world, who);
      break;
    case 4: case 5: case 6:
      deposit (world, who);
      break;
    case 7: case 8: case 9: case 10: case 11:
      fetch_mail (world, who);
      break;
    case 12:
      party_seal_receipts (world->people[who]);
      break;
    case 13:
      fetch_keys (world, who);
      break;
    case 14:
      party_restart (world->people[who]);
      pass_time (world, below (world, 3) == 0 ? below (world, 86400) : 60);
      break;
    default:
      if (world->losses < 3 && below (world, 10) == 0)
        {
          world->losses++;
          tess_db_execute (world->people[who]->db, "DELETE FROM sessions", NULL);
        }
    }
}

/* Everything works and everybody is online, for as long as it takes. */
static void
settle (World *world)
{
  for (guint round = 0; round < SETTLING; round++)
    {
      pass_time (world, TESS_RESET_INTERVAL_MIN + 1);
      for (guint i = 0; i < PEOPLE; i++)
        {
          party_late (world->people[i]);
          fetch_keys (world, i);
          deposit (world, i);
        }
      for (guint i = 0; i < PEOPLE; i++)
        {
          for (guint k = 0; k < world->mailboxes[i]->len; k++)
            party_receive (world->people[i], g_ptr_array_index (world->mailboxes[i], k), TESS_MAIL_CONTACT);
          g_ptr_array_set_size (world->mailboxes[i], 0);
        }
    }
}

static void
check (World *world, guint32 seed)
{
  for (guint i = 0; i < world->said->len; i++)
    {
      const char *text = g_ptr_array_index (world->said, i);
      guint from = (guint) (text[0] - '0'), to = (guint) (text[5] - '0');
      g_autofree char *received = g_strdup_printf ("SELECT count (*) FROM messages WHERE sender <> 0 AND body = '%s'", text);
      g_autofree char *state = g_strdup_printf ("SELECT state FROM messages WHERE sender = 0 AND body = '%s'", text);
      int64_t count = party_count (world->people[to], received);
      int64_t reached = party_count (world->people[from], state);

      if (count != 1 || reached < 3 || reached > 4)
        g_error ("TESSERA_SEED=%u: “%s” is there %d times, its state is %d", seed, text, (int) count, (int) reached);
    }
}

/* All randomness comes from the seed, so that a seed replays. */
static bool
seeded (uint8_t *out, size_t size, void *data)
{
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t) g_rand_int (data);
  return true;
}

static void
play (guint32 seed)
{
  World world = { .random = g_rand_new_with_seed (seed), .said = g_ptr_array_new_with_free_func (g_free) };

  tess_random_set_source (seeded, world.random);
  tess_clock_set_offset (0);
  for (guint i = 0; i < PEOPLE; i++)
    {
      world.people[i] = party_new ("Somebody");
      world.mailboxes[i] = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    }
  for (guint i = 0; i < PEOPLE; i++)
    for (guint k = 0; k < PEOPLE; k++)
      if (i != k)
        world.chats[i][k] = party_add (world.people[i], world.people[k]);
  for (guint i = 0; i < STEPS; i++)
    step (&world);
  settle (&world);
  check (&world, seed);
  for (guint i = 0; i < PEOPLE; i++)
    {
      party_free (world.people[i]);
      g_ptr_array_unref (world.mailboxes[i]);
    }
  g_ptr_array_unref (world.said);
  tess_random_set_source (NULL, NULL);
  g_rand_free (world.random);
}

static void
test_chaos (void)
{
  const char *replay = g_getenv ("TESSERA_SEED");

  if (replay != NULL)
    {
      play ((guint32) g_ascii_strtoull (replay, NULL, 10));
      return;
    }
  for (guint i = 0; i < ROUNDS; i++)
    {
      guint32 seed = (guint32) g_test_rand_int ();

      g_test_message ("TESSERA_SEED=%u", seed);
      play (seed);
    }
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/property/chaos", test_chaos);
  return g_test_run ();
}
