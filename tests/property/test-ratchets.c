/* Random histories of one session's two ends, deeper than those of people: hundreds of messages that are reordered, repeated,
 * altered, lost and put back, up to the ratchet's bounds and beyond (protocol.md 3). The ends keep states and stored keys as the
 * database does. The seed of a failure replays it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "crypto/tess-ratchet-private.h"
#include "wraps.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One end, as a database has it. */
typedef struct {
  TessRatchet *state;
  GArray *rows; /* TessSkippedKey, oldest first */
} End;

typedef struct {
  GBytes *bytes;
  guint number;     /* the content */
  guint generation; /* of its sender's chain */
  guint knows;      /* the newest generation of the peer that its sender knew when this chain began */
  bool opened;
} Message;

typedef struct {
  End end;
  GPtrArray *sent;    /* Message: to the other */
  guint next;         /* the first of the other's that was never delivered */
  TessDhPublic dh;    /* of its newest chain */
  guint generation;   /* of chains it began */
  guint chain_knows;  /* what the newest chain knows of the peer */
  guint knows;        /* the newest generation of the peer that it received */
  End kept;           /* to be put back */
  bool was_rolled;
  End stolen;         /* a thief's, who goes on with it */
  guint stolen_at;    /* the generation then */
} Side;

typedef struct {
  guint32 seed;
  guint step;
  GRand *random, *bytes;
  Side sides[2];
} Duel;

static Duel duel;

static void
on_abort (int number)
{
  printf ("# step %u of seed %u\n# Replay with: TESSERA_SEED=%u ./dev test property\n", duel.step, duel.seed, duel.seed);
  fflush (stdout);
  signal (number, SIG_DFL);
  raise (number);
}

static guint
below (guint bound)
{
  return (guint) g_rand_int_range (duel.random, 0, (gint32) bound);
}

static void
message_free (gpointer data)
{
  g_bytes_unref (((Message *) data)->bytes);
  g_free (data);
}

/* ---- Ends ---- */

/* By way of the bytes that a database would hold. */
static TessRatchet *
stored (const TessRatchet *state)
{
  g_autoptr (TessWiped) bytes = tess_ratchet_serialize (state);
  g_autoptr (GError) error = NULL;
  TessRatchet *copy;

  g_assert_cmpuint (bytes->size, <=, TESS_RATCHET_STATE_SIZE_MAX);
  copy = tess_ratchet_parse (bytes->bytes, bytes->size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (copy->n_ended, <=, TESS_RATCHET_ENDED_CHAINS_MAX);
  return copy;
}

static void
end_clear (End *self)
{
  g_clear_pointer (&self->state, tess_ratchet_free);
  g_clear_pointer (&self->rows, g_array_unref);
}

static void
end_copy (const End *self, End *out)
{
  end_clear (out);
  out->state = stored (self->state);
  out->rows = g_array_copy (self->rows);
}

static int
find_row (const End *self, const TessMessagePlace *place)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      const TessSkippedKey *row = &g_array_index (self->rows, TessSkippedKey, i);

      if (row->number == place->number && memcmp (row->dh.bytes, place->dh.bytes, sizeof row->dh.bytes) == 0)
        return (int) i;
    }
  return -1;
}

static void
keep_rows (End *self, const TessReceived *received, int used)
{
  if (received->used_stored)
    g_array_remove_index (self->rows, (guint) used);
  for (size_t i = 0; i < received->n_skipped; i++)
    {
      const TessSkippedKey *row = &received->skipped[i];
      TessMessagePlace place = { .dh = row->dh, .number = row->number };
      int old = find_row (self, &place);

      if (old >= 0)
        g_array_remove_index (self->rows, (guint) old);
      g_array_append_val (self->rows, *row);
    }
  if (self->rows->len > TESS_RATCHET_STORED_KEYS_MAX)
    g_array_remove_range (self->rows, 0, self->rows->len - TESS_RATCHET_STORED_KEYS_MAX);
}

/* TRUE and the number in it when @bytes open; else nothing has changed. */
static bool
end_open (End *self, GBytes *bytes, guint *number_out)
{
  g_auto (TessReceived) received = { 0 };
  g_autoptr (TessWiped) before = tess_ratchet_serialize (self->state);
  g_autoptr (TessWiped) after = NULL;
  g_autoptr (GError) error = NULL;
  static const TessReceived nothing;
  TessMessagePlace place;
  gsize size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);
  const TessSkippedKey *key;
  int row;

  if (!tess_ratchet_peek (data, size, &place, NULL))
    return false;
  row = find_row (self, &place);
  key = row >= 0 ? &g_array_index (self->rows, TessSkippedKey, row) : NULL;
  if (tess_ratchet_decrypt (self->state, key, data, size, &received, &error))
    {
      g_assert_cmpuint (received.content->size, >=, sizeof *number_out);
      memcpy (number_out, received.content->bytes, sizeof *number_out);
      g_assert_cmpint (received.used_stored, ==, row >= 0);
      g_assert_cmpuint (received.n_skipped, <=, 2 * TESS_RATCHET_SKIP_MAX);
      keep_rows (self, &received, row);
      tess_ratchet_free (self->state);
      self->state = stored (received.next);
      return true;
    }
  g_assert_nonnull (error);
  g_assert_cmpmem (&received, sizeof received, &nothing, sizeof nothing);
  after = tess_ratchet_serialize (self->state);
  g_assert_cmpmem (before->bytes, before->size, after->bytes, after->size);
  return false;
}

/* ---- Steps ---- */

static void
note_chain (Side *side, GBytes *bytes)
{
  TessMessagePlace place;

  g_assert_true (tess_ratchet_peek (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &place, NULL));
  if (side->generation > 0 && memcmp (place.dh.bytes, side->dh.bytes, sizeof side->dh.bytes) == 0)
    return;
  side->dh = place.dh;
  side->generation++;
  side->chain_knows = side->knows;
}

static void
send_one (guint who)
{
  Side *side = &duel.sides[who];
  uint8_t content[400];
  TessRatchet *next = NULL;
  GBytes *bytes = NULL;
  Message *message;
  g_autoptr (GError) error = NULL;
  bool fails = below (40) == 0;

  if (!tess_ratchet_can_send (side->end.state))
    return;
  memset (content, 'x', sizeof content);
  memcpy (content, &side->sent->len, sizeof side->sent->len);
  wraps_fail_random (fails ? 1 + below (4) : 0);
  if (!tess_ratchet_encrypt (side->end.state, content, 4 + below (sizeof content - 4), &next, &bytes, &error))
    {
      g_assert_true (fails && next == NULL && bytes == NULL);
      wraps_fail_random (0);
      return;
    }
  wraps_fail_random (0);
  tess_ratchet_free (side->end.state);
  side->end.state = stored (next);
  tess_ratchet_free (next);
  note_chain (side, bytes);
  message = g_new0 (Message, 1);
  message->bytes = bytes;
  message->number = side->sent->len;
  message->generation = side->generation;
  message->knows = side->chain_knows;
  g_ptr_array_add (side->sent, message);
}

/* The thief tries what its victim gets: what the other sealed after it had heard of a newer chain of the victim stays closed. */
static void
try_stolen (Side *victim, const Message *message)
{
  guint number;

  if (victim->stolen.state != NULL && end_open (&victim->stolen, message->bytes, &number) && !victim->was_rolled)
    g_assert_cmpuint (message->knows, <=, victim->stolen_at);
}

static void
deliver (guint to, guint at)
{
  Side *side = &duel.sides[to];
  Side *from = &duel.sides[1 - to];
  Message *message = g_ptr_array_index (from->sent, at);
  guint number;

  try_stolen (side, message);
  if (!end_open (&side->end, message->bytes, &number))
    return;
  g_assert_cmpuint (number, ==, message->number);
  g_assert_true (!message->opened || side->was_rolled);
  message->opened = true;
  side->knows = MAX (side->knows, message->generation);
}

static void
deliver_next (guint to)
{
  Side *side = &duel.sides[to];

  if (side->next < duel.sides[1 - to].sent->len)
    deliver (to, side->next++);
}

static void
deliver_any (guint to)
{
  guint len = duel.sides[1 - to].sent->len;

  if (len > 0)
    deliver (to, len - 1 - below (MIN (len, 60)));
}

static void
tamper (guint to)
{
  Side *side = &duel.sides[to];
  GPtrArray *sent = duel.sides[1 - to].sent;
  g_autoptr (GBytes) altered = NULL;
  const Message *message;
  uint8_t *copy;
  gsize size;
  guint number;

  if (sent->len == 0)
    return;
  message = g_ptr_array_index (sent, sent->len - 1 - below (MIN (sent->len, 20)));
  copy = g_memdup2 (g_bytes_get_data (message->bytes, &size), g_bytes_get_size (message->bytes));
  if (below (4) == 0)
    size = below ((guint) size);
  else
    copy[below (2) == 0 ? below (60) : below ((guint) size)] ^= (uint8_t) (1 << below (8));
  altered = g_bytes_new_take (copy, size);
  g_assert_false (end_open (&side->end, altered, &number));
}

static void
keep (guint who)
{
  end_copy (&duel.sides[who].end, &duel.sides[who].kept);
}

static void
roll_back (guint who)
{
  Side *side = &duel.sides[who];

  if (side->kept.state == NULL || below (4) != 0)
    return;
  end_copy (&side->kept, &side->end);
  duel.sides[0].was_rolled = duel.sides[1].was_rolled = true;
}

static void
steal (guint who)
{
  Side *side = &duel.sides[who];

  end_copy (&side->end, &side->stolen);
  side->stolen_at = side->generation;
}

/* A burst that may be longer than what is stored, in one direction. */
static void
burst (guint who)
{
  guint count = below (8) == 0 ? 900 + below (200) : below (120);

  for (guint i = 0; i < count; i++)
    send_one (who);
  if (below (2) == 0)
    duel.sides[1 - who].next = duel.sides[who].sent->len; /* they come late, or never */
}

/* ---- Histories ---- */

static void
side_init (Side *side)
{
  memset (side, 0, sizeof *side);
  side->end.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
  side->sent = g_ptr_array_new_with_free_func (message_free);
}

static void
side_clear (Side *side)
{
  end_clear (&side->end);
  end_clear (&side->kept);
  end_clear (&side->stolen);
  g_ptr_array_unref (side->sent);
}

static void
begin (guint32 seed)
{
  g_auto (TessDhSecret) spk = { 0 };
  g_auto (TessSessionKey) key = { 0 };
  TessDhPublic spk_public;
  uint8_t ad[32];
  g_autoptr (GError) error = NULL;

  duel.seed = seed;
  duel.random = g_rand_new_with_seed (seed);
  duel.bytes = g_rand_new_with_seed (~seed);
  wraps_forget_keys ();
  wraps_set_random (duel.bytes);
  for (guint i = 0; i < 32; i++)
    {
      key.bytes[i] = (uint8_t) below (256);
      ad[i] = (uint8_t) below (256);
    }
  tess_dh_generate (&spk, &spk_public, &error);
  g_assert_no_error (error);
  side_init (&duel.sides[0]);
  side_init (&duel.sides[1]);
  duel.sides[0].end.state = tess_ratchet_new_initiator (&key, ad, &spk_public);
  duel.sides[1].end.state = tess_ratchet_new_responder (&key, ad, &spk);
}

static void
end (void)
{
  side_clear (&duel.sides[0]);
  side_clear (&duel.sides[1]);
  wraps_set_random (NULL);
  g_rand_free (duel.random);
  g_rand_free (duel.bytes);
}

/* What came late comes now; within the bounds all of it opens, and nothing that was read opens again. */
static void
finish (bool in_bounds)
{
  for (guint to = 0; to < 2; to++)
    {
      GPtrArray *sent = duel.sides[1 - to].sent;
      guint number;

      for (guint i = 0; i < sent->len; i++)
        deliver (to, i);
      for (guint i = 0; i < sent->len; i++)
        {
          const Message *message = g_ptr_array_index (sent, i);

          g_assert_true (message->opened || !in_bounds || duel.sides[to].was_rolled);
          g_assert_true (duel.sides[to].was_rolled || !end_open (&duel.sides[to].end, message->bytes, &number));
        }
    }
}

static void
play (guint32 seed)
{
  static void (*const steps[]) (guint) = { send_one,    send_one, send_one, deliver_next, deliver_next, deliver_next,
                                           deliver_any, tamper,   steal,    keep,         roll_back,    burst };
  guint weights[G_N_ELEMENTS (steps)], total = 0, length;
  bool calm;

  begin (seed);
  calm = below (2) == 0;
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      weights[i] = i < 6 ? 8 : below (4);
      if (calm && (steps[i] == roll_back || steps[i] == burst))
        weights[i] = 0;
      total += weights[i];
    }
  length = 40 + below (below (8) == 0 ? 800 : 200);
  for (duel.step = 0; duel.step < length; duel.step++)
    {
      guint at = below (total), i = 0;

      while (at >= weights[i])
        at -= weights[i++];
      steps[i](below (2));
    }
  finish (calm);
  end ();
}

int
main (int argc, char **argv)
{
  guint32 seed;
  guint count;

  tess_process_init ();
  signal (SIGABRT, on_abort);
  seed = wraps_first_seed (argc, argv, &count);
  printf ("1..1\n# %u histories from seed %u on\n", count, seed);
  fflush (stdout);
  for (guint i = 0; i < count; i++)
    play (seed + i);
  printf ("ok 1 %s\n", "/property/ratchets");
  return 0;
}
