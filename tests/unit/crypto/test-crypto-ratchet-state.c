/* A session's state as bytes: round trip, and bytes that are none. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "crypto/tess-ratchet-private.h"
#include "support.h"

#include <string.h>

/* The states a session passes through: fresh, sent, answered, far on. */
static void
each_state (void (*check) (const TessRatchet *state))
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GBytes) message = NULL;
  g_autoptr (GBytes) answer = NULL;

  pair_init (&pair);
  check (pair.alice.state);
  check (pair.bob.state);
  message = side_send (&pair.alice, "text");
  check (pair.alice.state);
  side_expect (&pair.bob, message, "text");
  check (pair.bob.state);
  answer = side_send (&pair.bob, "answer");
  check (pair.bob.state);
  side_expect (&pair.alice, answer, "answer");
  check (pair.alice.state);
  for (unsigned i = 0; i < 70; i++)
    pair_turn (&pair);
  check (pair.alice.state);
  check (pair.bob.state);
}

static void
check_round_trip (const TessRatchet *state)
{
  g_autoptr (TessWiped) blob = tess_ratchet_serialize (state);
  g_autoptr (TessRatchet) parsed = tess_ratchet_parse (blob->bytes, blob->size, NULL);
  g_autoptr (TessWiped) again = NULL;

  g_assert_nonnull (parsed);
  again = tess_ratchet_serialize (parsed);
  g_assert_cmpmem (blob->bytes, blob->size, again->bytes, again->size);
  g_assert_cmpuint (blob->size, <=, TESS_RATCHET_STATE_SIZE_MAX);
  g_assert_cmpint (tess_ratchet_is_initiator (state), ==, tess_ratchet_is_initiator (parsed));
  g_assert_cmpint (tess_ratchet_has_received (state), ==, tess_ratchet_has_received (parsed));
  g_assert_cmpint (tess_ratchet_can_send (state), ==, tess_ratchet_can_send (parsed));
  g_assert_cmpuint (tess_ratchet_received_in_chain (state), ==, tess_ratchet_received_in_chain (parsed));
  g_test_message ("%zu bytes", blob->size);
}

static void
test_round_trip (void)
{
  each_state (check_round_trip);
}

static void
check_lengths (const TessRatchet *state)
{
  g_autoptr (TessWiped) blob = tess_ratchet_serialize (state);
  g_autoptr (TessWiped) longer = tess_wiped_new (blob->size + 1);
  g_autoptr (GError) error = NULL;

  for (size_t size = 0; size < blob->size; size += size < 300 ? 1 : 13)
    {
      g_autoptr (GError) cut = NULL;

      g_assert_null (tess_ratchet_parse (blob->bytes, size, &cut));
      g_assert_error (cut, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED);
    }
  memcpy (longer->bytes, blob->bytes, blob->size);
  g_assert_null (tess_ratchet_parse (longer->bytes, longer->size, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED);
}

static void
test_lengths (void)
{
  each_state (check_lengths);
}

/* A state made of changed bytes may parse, as most bytes are keys; it is then used without harm. */
static void
check_flips (const TessRatchet *state)
{
  g_autoptr (TessWiped) blob = tess_ratchet_serialize (state);
  g_autofree uint8_t *message = g_malloc0 (2000);

  message[0] = 1;
  message[41] = tess_ratchet_is_initiator (state) ? 2 : 1;
  for (size_t at = 0; at < blob->size; at += at < 300 ? 1 : 41)
    {
      g_autoptr (TessRatchet) parsed = NULL;
      g_autoptr (TessRatchet) next = NULL;
      g_autoptr (GBytes) sent = NULL;
      g_auto (TessReceived) received = { 0 };
      uint8_t mask = (uint8_t) (1 << (at % 8));

      blob->bytes[at] ^= mask;
      parsed = tess_ratchet_parse (blob->bytes, blob->size, NULL);
      blob->bytes[at] ^= mask;
      if (parsed == NULL)
        continue;
      (void) tess_ratchet_encrypt (parsed, (const uint8_t *) "x", 1, &next, &sent, NULL);
      message[1] = (uint8_t) at;
      g_assert_false (tess_ratchet_decrypt (parsed, NULL, message, 2000, &received, NULL));
    }
}

static void
test_flips (void)
{
  each_state (check_flips);
}

static void
test_garbage (void)
{
  for (unsigned i = 0; i < 2000; i++)
    {
      uint8_t data[256];
      size_t size = (size_t) g_test_rand_int_range (0, sizeof data);

      for (size_t j = 0; j < size; j++)
        data[j] = (uint8_t) g_test_rand_int ();
      if (size > 0 && i % 2 == 0)
        data[0] = 1;
      g_assert_null (tess_ratchet_parse (data, size, NULL));
    }
  g_assert_null (tess_ratchet_parse (NULL, 0, NULL));
}

/* When the peer's next chain begins, what it answered is gone from memory and from the stored form. */
static void
test_spent_is_wiped (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GBytes) there = NULL;
  g_autoptr (GBytes) back = NULL;

  pair_init (&pair);
  there = side_send (&pair.alice, "there");
  g_assert_false (sodium_is_zero (pair.alice.state->offer_seed.bytes, TESS_KEM_SEED_SIZE));
  for (unsigned round = 0; round < 2; round++)
    {
      Side *side = round == 0 ? &pair.bob : &pair.alice;
      GBytes *message = round == 0 ? there : back;
      g_auto (TessReceived) received = { 0 };
      size_t size;
      const uint8_t *data = g_bytes_get_data (message, &size);

      g_assert_true (tess_ratchet_decrypt (side->state, NULL, data, size, &received, NULL));
      g_assert_true (sodium_is_zero (received.next->own_secret.bytes, sizeof received.next->own_secret.bytes));
      g_assert_true (sodium_is_zero (received.next->sending_chain.bytes, sizeof received.next->sending_chain.bytes));
      g_assert_true (sodium_is_zero (received.next->offer_seed.bytes, sizeof received.next->offer_seed.bytes));
      g_assert_true (sodium_is_zero (received.next->answer.bytes, sizeof received.next->answer.bytes));
      side_expect (side, message, round == 0 ? "there" : "back");
      if (round == 0)
        back = side_send (side, "back");
    }
}

/* A responder that owes a message before it received one is a state that cannot be; so are other versions and flags. */
static void
test_impossible (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (TessWiped) blob = NULL;
  g_autoptr (TessWiped) longer = NULL;

  pair_init (&pair);
  blob = tess_ratchet_serialize (pair.alice.state); /* an initiator's, due */
  g_assert_cmpuint (blob->bytes[1], ==, 3);
  blob->bytes[1] = 11;
  g_assert_null (tess_ratchet_parse (blob->bytes, blob->size, NULL));
  blob->bytes[1] = 3;
  blob->bytes[0] = 2;
  g_assert_null (tess_ratchet_parse (blob->bytes, blob->size, NULL));
  /* As a responder's it would carry an offer, too. */
  longer = tess_wiped_new (blob->size + TESS_KEM_PUBLIC_SIZE);
  longer->bytes[0] = 1;
  longer->bytes[1] = 2;
  g_assert_null (tess_ratchet_parse (longer->bytes, longer->size, NULL));
}

int
main (int argc, char *argv[])
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/ratchet-state/round-trip", test_round_trip);
  g_test_add_func ("/crypto/ratchet-state/lengths", test_lengths);
  g_test_add_func ("/crypto/ratchet-state/flips", test_flips);
  g_test_add_func ("/crypto/ratchet-state/garbage", test_garbage);
  g_test_add_func ("/crypto/ratchet-state/spent-is-wiped", test_spent_is_wiped);
  g_test_add_func ("/crypto/ratchet-state/impossible", test_impossible);
  return g_test_run ();
}
