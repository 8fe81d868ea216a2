/* A valid session of two sides and whatever reaches them: genuine messages in any order, lost, twice, changed; messages made up;
 * and those of a correspondent who works with a changed state. A failure changes nothing; nothing but a genuine message is
 * accepted, and each of those once; every stored key is needed once. Input: operations, a byte each with what they need.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "support.h"

#include <string.h>

#define OPERATIONS_MAX 40
#define FLIGHT_MAX 16

typedef struct {
  GBytes *message;
  char text[16];
  bool delivered;
} Sent;

typedef struct {
  Pair pair;
  Sent flight[2][FLIGHT_MAX]; /* what alice, what bob sent */
  unsigned n_sent[2];
  unsigned texts;
  bool honest; /* both sides have worked with their own states alone */
} World;

static Side *
side_of (World *self, unsigned who)
{
  return who == 0 ? &self->pair.alice : &self->pair.bob;
}

/* A session after its handshake, from bytes that are made once. */
static void
world_init (World *self)
{
  static TessWiped *alice, *bob;

  memset (self, 0, sizeof *self);
  self->honest = true;
  if (alice == NULL)
    {
      pair_init (&self->pair);
      alice = tess_ratchet_serialize (self->pair.alice.state);
      bob = tess_ratchet_serialize (self->pair.bob.state);
      pair_clear (&self->pair);
    }
  self->pair.alice.state = tess_ratchet_parse (alice->bytes, alice->size, NULL);
  self->pair.bob.state = tess_ratchet_parse (bob->bytes, bob->size, NULL);
  self->pair.alice.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
  self->pair.bob.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
}

static void
world_clear (World *self)
{
  for (unsigned who = 0; who < 2; who++)
    for (unsigned i = 0; i < self->n_sent[who]; i++)
      g_bytes_unref (self->flight[who][i].message);
  pair_clear (&self->pair);
}

static void
send_one (World *self, unsigned who)
{
  Sent *sent;

  if (self->n_sent[who] == FLIGHT_MAX || !tess_ratchet_can_send (side_of (self, who)->state))
    return;
  sent = &self->flight[who][self->n_sent[who]++];
  g_snprintf (sent->text, sizeof sent->text, "text %u", self->texts++);
  sent->message = side_send (side_of (self, who), sent->text);
}

static const TessSkippedKey *
stored_for (const Side *side, const uint8_t *data, size_t size)
{
  TessMessagePlace place;

  if (!tess_ratchet_peek (data, size, &place, NULL))
    return NULL;
  for (unsigned i = 0; i < side->rows->len; i++)
    {
      const TessSkippedKey *row = &g_array_index (side->rows, TessSkippedKey, i);

      if (row->number == place.number && memcmp (&row->dh, &place.dh, sizeof row->dh) == 0)
        return row;
    }
  return NULL;
}

/* Tries to receive without keeping anything; what comes of it. On failure nothing is left and the state is as it was. */
static bool
try_receive (const Side *side, GBytes *message, TessReceived *received, GError **error)
{
  g_autoptr (TessWiped) before = tess_ratchet_serialize (side->state);
  g_autoptr (TessWiped) after = NULL;
  size_t size;
  const uint8_t *data = g_bytes_get_data (message, &size);
  bool good;

  memset (received, 0xa5, sizeof *received);
  good = tess_ratchet_decrypt (side->state, stored_for (side, data, size), data, size, received, error);
  after = tess_ratchet_serialize (side->state);
  g_assert_cmpmem (before->bytes, before->size, after->bytes, after->size);
  if (!good)
    g_assert_true (fuzz_is_zero (received, sizeof *received));
  else
    g_assert_cmpuint (received->n_skipped, <=, 2 * TESS_RATCHET_SKIP_MAX);
  return good;
}

static bool
is_genuine (const World *self, unsigned from, GBytes *message)
{
  for (unsigned i = 0; i < self->n_sent[from]; i++)
    if (g_bytes_equal (self->flight[from][i].message, message))
      return true;
  return false;
}

/* A message that is not one of those sent: changed, made up, sent back. */
static void
deliver_forged (World *self, unsigned to, GBytes *message)
{
  g_auto (TessReceived) received = { 0 };
  g_autoptr (GError) error = NULL;

  if (is_genuine (self, 1 - to, message))
    return;
  g_assert_false (try_receive (side_of (self, to), message, &received, &error));
  fuzz_check_error (error, true, TESS_CRYPTO_ERROR);
}

static void
deliver (World *self, unsigned to, unsigned which)
{
  Side *side = side_of (self, to);
  Sent *sent;
  g_autoptr (GError) error = NULL;

  if (self->n_sent[1 - to] == 0)
    return;
  sent = &self->flight[1 - to][which % self->n_sent[1 - to]];
  if (side_receive (side, sent->message, sent->text, &error))
    {
      g_assert_false (sent->delivered);
      sent->delivered = true;
    }
  else if (sent->delivered)
    g_assert_cmpint (error->code, ==, TESS_CRYPTO_ERROR_DUPLICATE);
  else
    g_assert_false (self->honest);
}

/* A correspondent who changes their own state, and so announces what they like in a message with a good tag. */
static void
deliver_malicious (World *self, unsigned from, TessReader *input)
{
  g_autoptr (TessWiped) bytes = tess_ratchet_serialize (side_of (self, from)->state);
  g_autoptr (GByteArray) changed = g_byte_array_new ();
  g_autoptr (TessRatchet) state = NULL, next = NULL;
  g_autoptr (GBytes) message = NULL;
  g_auto (TessReceived) received = { 0 };
  Side *to = side_of (self, 1 - from);

  g_byte_array_append (changed, bytes->bytes, (guint) bytes->size);
  fuzz_patch (input, changed);
  state = tess_ratchet_parse (changed->data, changed->len, NULL);
  if (state == NULL || !tess_ratchet_encrypt (state, (const uint8_t *) "evil", 4, &next, &message, NULL)
      || is_genuine (self, from, message) || !try_receive (to, message, &received, NULL))
    return;
  /* It was theirs to say, whatever it does to their session. */
  self->honest = false;
  g_assert_cmpmem (received.content->bytes, received.content->size, "evil", 4);
  g_array_append_vals (to->rows, received.skipped, (guint) received.n_skipped);
  tess_ratchet_free (to->state);
  to->state = g_steal_pointer (&received.next);
}

static void
operate (World *self, uint8_t operation, TessReader *input)
{
  unsigned who = operation & 1;
  g_autoptr (GBytes) message = NULL;
  bool changed;

  switch (operation / 2 % 8)
    {
    case 0:
    case 1:
      send_one (self, who);
      break;
    case 2:
    case 3:
      deliver (self, who, tess_reader_u8 (input));
      break;
    case 4:
    case 5:
      if (self->n_sent[1 - who] == 0)
        return;
      message = fuzz_patched (input, self->flight[1 - who][tess_reader_u8 (input) % self->n_sent[1 - who]].message, &changed);
      deliver_forged (self, who, message);
      break;
    case 6:
      if (self->n_sent[who] == 0)
        return;
      message = g_bytes_ref (self->flight[who][tess_reader_u8 (input) % self->n_sent[who]].message);
      deliver_forged (self, who, message);
      break;
    default:
      deliver_malicious (self, who, input);
      break;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  World world;
  TessReader input;
  g_autoptr (GBytes) rest = NULL;

  fuzz_begin ();
  world_init (&world);
  tess_reader_init (&input, data, size);
  for (unsigned i = 0; i < OPERATIONS_MAX && input.left > 0; i++)
    operate (&world, tess_reader_u8 (&input), &input);
  rest = fuzz_rest (&input);
  deliver_forged (&world, 0, rest);
  deliver_forged (&world, 1, rest);
  if (world.honest)
    for (unsigned to = 0; to < 2; to++)
      for (unsigned i = 0; i < world.n_sent[1 - to]; i++)
        deliver (&world, to, i);
  world_clear (&world);
  return 0;
}
