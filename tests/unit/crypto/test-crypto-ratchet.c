/* Two parties talk: order, loss, bounds, forgeries, failing random source. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-bytes.h"
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "support.h"

#include <string.h>

#define AT_DH 1
#define AT_PREVIOUS 33
#define AT_NUMBER 37
#define AT_KEM 41
#define AT_KEM_FIELD 42

static void
unref (void *bytes)
{
  g_bytes_unref (bytes);
}

/* A copy of @message with the number at @at set. */
static GBytes *
with_u32 (GBytes *message, size_t at, uint32_t value)
{
  size_t size = g_bytes_get_size (message);
  uint8_t *copy = g_memdup2 (g_bytes_get_data (message, NULL), size);
  TessWriter writer;

  tess_writer_init (&writer, copy + at, 4);
  tess_writer_u32 (&writer, value);
  return g_bytes_new_take (copy, size);
}

static void
send_many (Side *side, GPtrArray *out, unsigned count)
{
  g_ptr_array_set_free_func (out, unref);
  for (unsigned i = 0; i < count; i++)
    {
      g_autofree char *text = g_strdup_printf ("text %u", i);

      g_ptr_array_add (out, side_send (side, text));
    }
}

static void
expect_nth (Side *side, GPtrArray *messages, unsigned n)
{
  g_autofree char *text = g_strdup_printf ("text %u", n);

  side_expect (side, g_ptr_array_index (messages, n), text);
}

static void
test_conversation (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GBytes) empty = NULL;

  pair_init (&pair);
  g_assert_true (tess_ratchet_is_initiator (pair.alice.state));
  g_assert_false (tess_ratchet_is_initiator (pair.bob.state));
  g_assert_false (tess_ratchet_has_received (pair.alice.state));
  for (unsigned i = 0; i < 20; i++)
    {
      pair_turn (&pair);
      g_assert_true (tess_ratchet_has_received (pair.alice.state));
    }
  empty = side_send (&pair.alice, "");
  side_expect (&pair.bob, empty, "");
  g_assert_cmpuint (pair.alice.rows->len + pair.bob.rows->len, ==, 0);
}

/* Each turn brings new ratchet keys and new ML-KEM parts; within a chain they repeat. */
static void
test_fresh_keys (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, unref, NULL);

  pair_init (&pair);
  for (unsigned i = 0; i < 6; i++)
    {
      Side *from = i % 2 == 0 ? &pair.alice : &pair.bob, *to = i % 2 == 0 ? &pair.bob : &pair.alice;
      g_autoptr (GBytes) one = side_send (from, "one");
      g_autoptr (GBytes) two = side_send (from, "two");
      const uint8_t *data = g_bytes_get_data (one, NULL);
      size_t field = from == &pair.alice ? TESS_KEM_PUBLIC_SIZE : TESS_KEM_CIPHERTEXT_SIZE;

      g_assert_cmpuint (data[AT_KEM], ==, from == &pair.alice ? 1 : 2);
      g_assert_cmpmem (data + AT_KEM_FIELD, field, (const uint8_t *) g_bytes_get_data (two, NULL) + AT_KEM_FIELD, field);
      g_assert_true (g_hash_table_add (seen, g_bytes_new (data + AT_DH, 32)));
      g_assert_true (g_hash_table_add (seen, g_bytes_new (data + AT_KEM_FIELD, field)));
      side_expect (to, one, "one");
      side_expect (to, two, "two");
    }
}

static void
test_out_of_order (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();

  pair_init (&pair);
  send_many (&pair.alice, messages, 10);
  for (unsigned i = 0; i < 10; i++)
    expect_nth (&pair.bob, messages, 9 - i);
  g_assert_cmpuint (pair.bob.rows->len, ==, 0);
  g_assert_cmpuint (tess_ratchet_received_in_chain (pair.bob.state), ==, 10);
  for (unsigned i = 0; i < 10; i++)
    side_refuse (&pair.bob, g_ptr_array_index (messages, i), TESS_CRYPTO_ERROR_DUPLICATE);
}

/* Messages of a chain that ended arrive late; one that never comes leaves its row. */
static void
test_across_chains (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) old = g_ptr_array_new ();
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GPtrArray) young = g_ptr_array_new ();

  pair_init (&pair);
  send_many (&pair.alice, old, 5);
  expect_nth (&pair.bob, old, 1);
  g_assert_cmpuint (pair.bob.rows->len, ==, 1);
  answer = side_send (&pair.bob, "answer");
  side_expect (&pair.alice, answer, "answer");
  send_many (&pair.alice, young, 3);
  expect_nth (&pair.bob, young, 2);
  g_assert_cmpuint (pair.bob.rows->len, ==, 1 + 3 + 2);
  expect_nth (&pair.bob, old, 4);
  expect_nth (&pair.bob, old, 0);
  expect_nth (&pair.bob, young, 0);
  expect_nth (&pair.bob, old, 2);
  expect_nth (&pair.bob, young, 1);
  g_assert_cmpuint (pair.bob.rows->len, ==, 1);
  side_refuse (&pair.bob, g_ptr_array_index (old, 4), TESS_CRYPTO_ERROR_DUPLICATE);
  side_refuse (&pair.bob, g_ptr_array_index (old, 1), TESS_CRYPTO_ERROR_DUPLICATE);
  expect_nth (&pair.bob, old, 3);
}

/* Both speak at once, again and again: a new key only when one next sends. */
static void
test_crossing (void)
{
  g_auto (Pair) pair = { 0 };

  pair_init (&pair);
  pair_turn (&pair);
  for (unsigned i = 0; i < 10; i++)
    {
      g_autoptr (GBytes) a1 = side_send (&pair.alice, "a1");
      g_autoptr (GBytes) b1 = side_send (&pair.bob, "b1");
      g_autoptr (GBytes) b2 = side_send (&pair.bob, "b2");
      g_autoptr (GBytes) a2 = NULL;

      side_expect (&pair.alice, b2, "b2");
      side_expect (&pair.bob, a1, "a1");
      a2 = side_send (&pair.alice, "a2");
      side_expect (&pair.bob, a2, "a2");
      side_expect (&pair.alice, b1, "b1");
    }
}

/* A row for another place is no help and no harm. */
static void
test_foreign_row (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();
  TessSkippedKey row;

  pair_init (&pair);
  send_many (&pair.alice, messages, 4);
  expect_nth (&pair.bob, messages, 2);
  for (unsigned i = 0; i < 2; i++)
    {
      g_auto (TessReceived) received = { 0 };
      size_t size;
      const uint8_t *data = g_bytes_get_data (g_ptr_array_index (messages, 3), &size);

      memcpy (&row, &g_array_index (pair.bob.rows, TessSkippedKey, 0), sizeof row);
      if (i == 1)
        {
          row.number = 3;
          row.dh.bytes[0] ^= 1;
        }
      g_assert_true (tess_ratchet_decrypt (pair.bob.state, &row, data, size, &received, NULL));
      g_assert_false (received.used_stored);
    }
}

static void
test_responder_waits (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;
  TessRatchet *next = NULL;
  GBytes *message = NULL;

  pair_init (&pair);
  g_assert_false (tess_ratchet_can_send (pair.bob.state));
  g_assert_true (tess_ratchet_can_send (pair.alice.state));
  g_assert_false (tess_ratchet_encrypt (pair.bob.state, NULL, 0, &next, &message, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
  g_assert_true (next == NULL && message == NULL);
}

static void
test_heartbeat (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();
  g_autoptr (GBytes) beat = NULL;

  pair_init (&pair);
  send_many (&pair.alice, messages, TESS_RATCHET_HEARTBEAT_AFTER);
  for (unsigned i = 0; i < messages->len; i++)
    {
      g_assert_false (tess_ratchet_wants_turn (pair.bob.state));
      g_assert_cmpuint (tess_ratchet_received_in_chain (pair.bob.state), ==, i);
      expect_nth (&pair.bob, messages, i);
    }
  g_assert_true (tess_ratchet_wants_turn (pair.bob.state));
  beat = side_send (&pair.bob, "beat");
  g_assert_false (tess_ratchet_wants_turn (pair.bob.state));
  side_expect (&pair.alice, beat, "beat");
  pair_turn (&pair);
  g_assert_cmpuint (tess_ratchet_received_in_chain (pair.bob.state), ==, 1);
}

/* Every part of a message is authenticated; a forgery in a new chain, in an open one and under a stored key changes nothing. */
static void
test_tampering (void)
{
  static const size_t places[] = { AT_NUMBER + 3, AT_KEM_FIELD, AT_KEM_FIELD + 500, AT_KEM_FIELD + 1087 };
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();

  pair_init (&pair);
  pair_turn (&pair);
  send_many (&pair.bob, messages, 3);
  for (unsigned stage = 0; stage < 3; stage++)
    {
      /* 2 first: a new chain with a gap; 0: a stored key; 1: another. */
      unsigned n = (unsigned[]) { 2, 0, 1 }[stage];
      GBytes *good = g_ptr_array_index (messages, n);
      size_t size = g_bytes_get_size (good);

      for (size_t at = AT_KEM_FIELD; at < size; at += at < size - 48 ? 97 : 1)
        {
          g_autoptr (GBytes) forged = bytes_flip (good, at);

          side_refuse (&pair.alice, forged, TESS_CRYPTO_ERROR_AUTH);
        }
      for (unsigned i = 1; i < G_N_ELEMENTS (places); i++)
        {
          g_autoptr (GBytes) forged = bytes_flip (good, places[i]);

          side_refuse (&pair.alice, forged, TESS_CRYPTO_ERROR_AUTH);
        }
      expect_nth (&pair.alice, messages, n);
    }
}

static void
test_tampered_header (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();
  g_autoptr (GBytes) version = NULL;
  g_autoptr (GBytes) kem = NULL;
  g_autoptr (GBytes) number = NULL;
  g_autoptr (GBytes) previous = NULL;
  g_autoptr (GBytes) dh = NULL;

  pair_init (&pair);
  send_many (&pair.alice, messages, 2);
  expect_nth (&pair.bob, messages, 0);
  version = bytes_flip (g_ptr_array_index (messages, 1), 0);
  side_refuse (&pair.bob, version, TESS_CRYPTO_ERROR_REFUSED);
  kem = bytes_flip (g_ptr_array_index (messages, 1), AT_KEM);
  side_refuse (&pair.bob, kem, TESS_CRYPTO_ERROR_REFUSED);
  number = with_u32 (g_ptr_array_index (messages, 1), AT_NUMBER, 3);
  side_refuse (&pair.bob, number, TESS_CRYPTO_ERROR_AUTH);
  previous = with_u32 (g_ptr_array_index (messages, 1), AT_PREVIOUS, 1);
  side_refuse (&pair.bob, previous, TESS_CRYPTO_ERROR_AUTH);
  dh = bytes_flip (g_ptr_array_index (messages, 1), AT_DH + 5);
  side_refuse (&pair.bob, dh, TESS_CRYPTO_ERROR_REFUSED); /* a new chain before we sent */
  expect_nth (&pair.bob, messages, 1);
}

static void
test_truncated (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GBytes) message = NULL;

  pair_init (&pair);
  message = side_send (&pair.alice, "text");
  for (size_t size = 0; size < g_bytes_get_size (message); size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (message, 0, size);
      g_autoptr (GError) error = NULL;

      g_assert_false (side_receive (&pair.bob, cut, "", &error));
      g_assert_true (error->code == TESS_CRYPTO_ERROR_REFUSED || error->code == TESS_CRYPTO_ERROR_AUTH);
    }
  side_expect (&pair.bob, message, "text");
}

/* "A number more than 1,000 above the chain's next" in an open chain: 1,000 passes, 1,001 does not. */
static void
test_skip_bound_open_chain (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();

  pair_init (&pair);
  send_many (&pair.alice, messages, TESS_RATCHET_SKIP_MAX + 3);
  expect_nth (&pair.bob, messages, 0);
  side_refuse (&pair.bob, g_ptr_array_index (messages, TESS_RATCHET_SKIP_MAX + 2), TESS_CRYPTO_ERROR_REFUSED);
  expect_nth (&pair.bob, messages, TESS_RATCHET_SKIP_MAX + 1);
  g_assert_cmpuint (pair.bob.rows->len, ==, TESS_RATCHET_SKIP_MAX);
  expect_nth (&pair.bob, messages, 500);
  expect_nth (&pair.bob, messages, TESS_RATCHET_SKIP_MAX + 2);
}

/* In a new chain: a number above 1,000; `previous` more than 1,000 above, or below, the old chain's next. */
static void
test_skip_bound_new_chain (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GPtrArray) young = g_ptr_array_new ();
  g_autoptr (GBytes) above = NULL;
  g_autoptr (GBytes) below = NULL;

  pair_init (&pair);
  send_many (&pair.alice, messages, TESS_RATCHET_SKIP_MAX + 2);
  side_refuse (&pair.bob, g_ptr_array_index (messages, TESS_RATCHET_SKIP_MAX + 1), TESS_CRYPTO_ERROR_REFUSED);
  expect_nth (&pair.bob, messages, 0);
  expect_nth (&pair.bob, messages, 1);
  answer = side_send (&pair.bob, "answer");
  side_expect (&pair.alice, answer, "answer");
  send_many (&pair.alice, young, TESS_RATCHET_SKIP_MAX + 1);
  above = with_u32 (g_ptr_array_index (young, 0), AT_PREVIOUS, TESS_RATCHET_SKIP_MAX + 3);
  side_refuse (&pair.bob, above, TESS_CRYPTO_ERROR_REFUSED);
  below = with_u32 (g_ptr_array_index (young, 0), AT_PREVIOUS, 1);
  side_refuse (&pair.bob, below, TESS_CRYPTO_ERROR_REFUSED);
  /* Both at their limit: 1,000 of the old chain and 1,000 of the new one. */
  expect_nth (&pair.bob, young, TESS_RATCHET_SKIP_MAX);
  g_assert_cmpuint (pair.bob.rows->len, ==, 2 * TESS_RATCHET_SKIP_MAX);
  g_assert_cmpuint (pair.bob.rows->len, <=, TESS_RATCHET_STORED_KEYS_MAX);
  expect_nth (&pair.bob, messages, TESS_RATCHET_SKIP_MAX + 1);
  expect_nth (&pair.bob, young, 999);
}

static void
test_previous_above_in_old_chain (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GBytes) next = NULL;

  pair_init (&pair);
  send_many (&pair.alice, messages, 1);
  expect_nth (&pair.bob, messages, 0);
  answer = side_send (&pair.bob, "answer");
  /* 1,002 messages, of which bob has one: 1,001 missing is one too many. */
  send_many (&pair.alice, messages, TESS_RATCHET_SKIP_MAX + 1);
  side_expect (&pair.alice, answer, "answer");
  next = side_send (&pair.alice, "next");
  side_refuse (&pair.bob, next, TESS_CRYPTO_ERROR_REFUSED);
}

static void
test_first_chain_previous (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) forged = NULL;

  pair_init (&pair);
  first = side_send (&pair.alice, "first");
  forged = with_u32 (first, AT_PREVIOUS, 1);
  side_refuse (&pair.bob, forged, TESS_CRYPTO_ERROR_REFUSED);
  side_expect (&pair.bob, first, "first");
}

/* A new chain while we have not sent since the last one began; anything at all before an initiator sent. */
static void
test_chain_before_we_sent (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (Pair) other = { 0 };
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) stranger = NULL;

  pair_init (&pair);
  pair_init (&other);
  pair_turn (&other);
  stranger = side_send (&other.bob, "stranger");
  side_refuse (&pair.alice, stranger, TESS_CRYPTO_ERROR_REFUSED);
  first = side_send (&pair.alice, "first");
  side_refuse (&pair.alice, stranger, TESS_CRYPTO_ERROR_AUTH);
  side_refuse (&pair.bob, stranger, TESS_CRYPTO_ERROR_REFUSED); /* an answer where an offer belongs */
  side_expect (&pair.bob, first, "first");
  g_clear_pointer (&stranger, g_bytes_unref);
  stranger = side_send (&other.alice, "stranger");
  side_refuse (&pair.bob, stranger, TESS_CRYPTO_ERROR_REFUSED);
}

/* A chain's first received message with the wrong ML-KEM part, or an offer that fails its check. */
static void
test_chain_first_message (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) answer_kind = NULL;
  g_autoptr (GBytes) bad_offer = NULL;
  g_autoptr (GByteArray) bad = g_byte_array_new ();

  pair_init (&pair);
  first = side_send (&pair.alice, "first");
  answer_kind = with_u32 (first, AT_KEM - 3, 2); /* the number is 0: its low bytes stay so */
  side_refuse (&pair.bob, answer_kind, TESS_CRYPTO_ERROR_REFUSED);
  g_byte_array_append (bad, g_bytes_get_data (first, NULL), (unsigned) g_bytes_get_size (first));
  memset (bad->data + AT_KEM_FIELD, 0xff, 2);
  bad_offer = g_bytes_new (bad->data, bad->len);
  side_refuse (&pair.bob, bad_offer, TESS_CRYPTO_ERROR_REFUSED);
  side_expect (&pair.bob, first, "first");
}

static void
test_zero_dh (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) forged = NULL;
  g_autoptr (GByteArray) bad = g_byte_array_new ();

  pair_init (&pair);
  first = side_send (&pair.alice, "first");
  g_byte_array_append (bad, g_bytes_get_data (first, NULL), (unsigned) g_bytes_get_size (first));
  memset (bad->data + AT_DH, 0, 32);
  forged = g_bytes_new (bad->data, bad->len);
  side_refuse (&pair.bob, forged, TESS_CRYPTO_ERROR_REFUSED);
}

/* An unknown number under one of the last 64 ended chains is a duplicate; older chains are forgotten. */
static void
test_ended_chains (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) first = g_ptr_array_new_with_free_func (unref);

  pair_init (&pair);
  for (unsigned i = 0; i < TESS_RATCHET_ENDED_CHAINS_MAX + 3; i++)
    {
      GBytes *there = side_send (&pair.alice, "there");
      g_autoptr (GBytes) back = NULL;

      g_ptr_array_add (first, there);
      side_expect (&pair.bob, there, "there");
      back = side_send (&pair.bob, "back");
      side_expect (&pair.alice, back, "back");
    }
  /* The newest chain is open; the 64 before it are remembered. */
  for (unsigned i = 2; i < first->len; i++)
    side_refuse (&pair.bob, g_ptr_array_index (first, i), TESS_CRYPTO_ERROR_DUPLICATE);
  /* Forgotten: its `previous` of 0 or 1 still fits a new chain, so only the tag can tell. */
  side_refuse (&pair.bob, g_ptr_array_index (first, 1), TESS_CRYPTO_ERROR_AUTH);
}

/* Every random call of a send may fail: nothing changes, and the next try works. */
static void
test_random_failures (void)
{
  g_auto (Pair) pair = { 0 };
  unsigned failures = 0;

  pair_init (&pair);
  for (unsigned round = 0; round < 2; round++)
    {
      Side *from = round == 0 ? &pair.alice : &pair.bob, *to = round == 0 ? &pair.bob : &pair.alice;
      g_autoptr (GBytes) message = NULL;

      for (unsigned n = 1; n < 10; n++)
        {
          FailingSource source = { .fail_at = n };
          g_autoptr (TessWiped) before = tess_ratchet_serialize (from->state);
          g_autoptr (TessWiped) after = NULL;
          g_autoptr (GError) error = NULL;
          TessRatchet *next = (TessRatchet *) &source;
          GBytes *sent = (GBytes *) &source;
          bool good;

          tess_random_set_source (failing_source, &source);
          good = tess_ratchet_encrypt (from->state, (const uint8_t *) "x", 1, &next, &sent, &error);
          tess_random_set_source (NULL, NULL);
          if (good)
            {
              tess_ratchet_free (next);
              g_bytes_unref (sent);
              break;
            }
          failures++;
          g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM);
          g_assert_true (next == NULL && sent == NULL);
          after = tess_ratchet_serialize (from->state);
          g_assert_cmpmem (before->bytes, before->size, after->bytes, after->size);
        }
      message = side_send (from, "text");
      side_expect (to, message, "text");
    }
  g_assert_cmpuint (failures, ==, 3 + 3);
}

static void
test_too_large (void)
{
  g_auto (Pair) pair = { 0 };
  g_autofree uint8_t *content = g_malloc0 (TESS_ENVELOPE_LARGE + 1);
  g_autoptr (GError) error = NULL;
  TessRatchet *next = NULL;
  GBytes *message = NULL;

  pair_init (&pair);
  g_assert_false (tess_ratchet_encrypt (pair.alice.state, content, TESS_ENVELOPE_LARGE + 1, &next, &message, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_TOO_LARGE);
  g_assert_true (next == NULL && message == NULL);
}

/* Losing, doubling and shuffling in both directions, from a seed that replays. */
static void
test_chaos (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) for_alice = g_ptr_array_new_with_free_func (unref);
  g_autoptr (GPtrArray) for_bob = g_ptr_array_new_with_free_func (unref);
  GPtrArray *waiting[2] = { for_alice, for_bob };
  Side *sides[2] = { &pair.alice, &pair.bob };
  unsigned received = 0;

  pair_init (&pair);
  for (unsigned i = 0; i < 1500; i++)
    {
      int who = g_test_rand_int_range (0, 2);
      GPtrArray *mine = waiting[who];

      if (g_test_rand_int_range (0, 2) == 0 && tess_ratchet_can_send (sides[who]->state))
        {
          g_ptr_array_add (waiting[1 - who], side_send (sides[who], "text"));
        }
      else if (mine->len > 0)
        {
          unsigned index = (unsigned) g_test_rand_int_range (0, (int) mine->len);
          GBytes *message = g_ptr_array_index (mine, index);
          int fate = g_test_rand_int_range (0, 10);

          if (fate < 8)
            {
              side_expect (sides[who], message, "text");
              received++;
            }
          if (fate == 0)
            side_refuse (sides[who], message, TESS_CRYPTO_ERROR_DUPLICATE);
          g_ptr_array_remove_index (mine, index);
        }
    }
  g_assert_cmpuint (received, >, 300);
}

int
main (int argc, char *argv[])
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/ratchet/conversation", test_conversation);
  g_test_add_func ("/crypto/ratchet/fresh-keys", test_fresh_keys);
  g_test_add_func ("/crypto/ratchet/out-of-order", test_out_of_order);
  g_test_add_func ("/crypto/ratchet/across-chains", test_across_chains);
  g_test_add_func ("/crypto/ratchet/crossing", test_crossing);
  g_test_add_func ("/crypto/ratchet/foreign-row", test_foreign_row);
  g_test_add_func ("/crypto/ratchet/responder-waits", test_responder_waits);
  g_test_add_func ("/crypto/ratchet/heartbeat", test_heartbeat);
  g_test_add_func ("/crypto/ratchet/tampering", test_tampering);
  g_test_add_func ("/crypto/ratchet/tampered-header", test_tampered_header);
  g_test_add_func ("/crypto/ratchet/truncated", test_truncated);
  g_test_add_func ("/crypto/ratchet/skip-bound/open-chain", test_skip_bound_open_chain);
  g_test_add_func ("/crypto/ratchet/skip-bound/new-chain", test_skip_bound_new_chain);
  g_test_add_func ("/crypto/ratchet/skip-bound/old-chain", test_previous_above_in_old_chain);
  g_test_add_func ("/crypto/ratchet/first-chain-previous", test_first_chain_previous);
  g_test_add_func ("/crypto/ratchet/chain-before-we-sent", test_chain_before_we_sent);
  g_test_add_func ("/crypto/ratchet/chain-first-message", test_chain_first_message);
  g_test_add_func ("/crypto/ratchet/zero-dh", test_zero_dh);
  g_test_add_func ("/crypto/ratchet/ended-chains", test_ended_chains);
  g_test_add_func ("/crypto/ratchet/random-failures", test_random_failures);
  g_test_add_func ("/crypto/ratchet/too-large", test_too_large);
  g_test_add_func ("/crypto/ratchet/chaos", test_chaos);
  return g_test_run ();
}
