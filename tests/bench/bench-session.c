/* What sessions cost, each beside the primitives it cannot do without. SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"
#include "primitives.h"

#include "../unit/crypto/support.h"
#include "base/tess-process.h"
#include "crypto/tess-envelope.h"

#include <string.h>

#define SUITE "session"
#define BATCH 200 /* operations in one run of a cheap case */
#define TURNS 40
#define REVERSED 1000
#define CONTENT 200 /* bytes: a short text with its JSON */

#define OFFER_AD (32 + 42 + TESS_KEM_PUBLIC_SIZE)
#define ANSWER_AD (32 + 42 + TESS_KEM_CIPHERTEXT_SIZE)

static Person alice, bob;
static TessDhPublic alice_dh, bob_dh;
static uint8_t content[CONTENT];

static void
floor_loop (unsigned count, void (*once) (void), double *floor_out)
{
  double start = bench_cpu_us ();

  for (unsigned i = 0; i < count; i++)
    once ();
  *floor_out = (bench_cpu_us () - start) / count;
}

static void
floor_handshake_start (void)
{
  primitive_dh_pair ();
  for (unsigned i = 0; i < 4; i++)
    primitive_dh ();
  primitive_kem_import ();
  primitive_kem_encapsulate ();
  primitive_handshake_hashes ();
}

static void
run_handshake_start (double *value_out, double *floor_out)
{
  TessHandshakeStart start = start_of (&alice, &bob, true);
  double began = bench_cpu_us ();

  start.their_device_dh = &bob_dh;
  for (unsigned i = 0; i < TURNS; i++)
    {
      g_autoptr (TessRatchet) session = NULL;
      TessHello hello;

      g_assert_true (tess_handshake_start (&start, &session, &hello, NULL));
    }
  *value_out = (bench_cpu_us () - began) / TURNS;
  floor_loop (TURNS, floor_handshake_start, floor_out);
}

/* The public halves of the responder's own prekeys are part of what both sides hash. */
static void
floor_handshake_answer (void)
{
  primitive_dh_pair ();
  primitive_dh_pair ();
  for (unsigned i = 0; i < 4; i++)
    primitive_dh ();
  primitive_kem_generate ();
  primitive_kem_decapsulate ();
  primitive_handshake_hashes ();
}

static void
run_handshake_answer (double *value_out, double *floor_out)
{
  TessHandshakeStart start = start_of (&alice, &bob, true);
  TessHandshakeAnswer answer = answer_of (&bob, &alice, true);
  g_autoptr (TessRatchet) started = NULL;
  TessHello hello;
  double began;

  answer.their_device_dh = &alice_dh;
  g_assert_true (tess_handshake_start (&start, &started, &hello, NULL));
  began = bench_cpu_us ();
  for (unsigned i = 0; i < TURNS; i++)
    {
      g_autoptr (TessRatchet) session = NULL;

      g_assert_true (tess_handshake_answer (&answer, &hello, &session, NULL));
    }
  *value_out = (bench_cpu_us () - began) / TURNS;
  floor_loop (TURNS, floor_handshake_answer, floor_out);
}

/* Encrypts once; *@state becomes the next one. */
static GBytes *
encrypt (TessRatchet **state)
{
  TessRatchet *next = NULL;
  GBytes *message = NULL;

  g_assert_true (tess_ratchet_encrypt (*state, content, sizeof content, &next, &message, NULL));
  tess_ratchet_free (*state);
  *state = next;
  return message;
}

static void
decrypt (TessRatchet **state, GBytes *message)
{
  g_auto (TessReceived) received = { 0 };
  size_t size;
  const uint8_t *data = g_bytes_get_data (message, &size);

  g_assert_true (tess_ratchet_decrypt (*state, NULL, data, size, &received, NULL));
  tess_ratchet_free (*state);
  *state = g_steal_pointer (&received.next);
}

static void
floor_encrypt (void)
{
  primitive_chain ();
  primitive_message_key ();
  primitive_seal (CONTENT, OFFER_AD);
}

static void
floor_decrypt (void)
{
  primitive_chain ();
  primitive_message_key ();
  primitive_open (CONTENT, OFFER_AD);
}

/* @decrypting: the time of decrypting @BATCH messages of one chain, else of encrypting them. */
static double
chain_us (bool decrypting)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  double began, encrypted;

  pair_init (&pair);
  pair_turn (&pair);
  g_ptr_array_add (messages, encrypt (&pair.alice.state)); /* starts the chain */
  decrypt (&pair.bob.state, g_ptr_array_index (messages, 0));
  began = bench_cpu_us ();
  for (unsigned i = 0; i < BATCH; i++)
    g_ptr_array_add (messages, encrypt (&pair.alice.state));
  encrypted = bench_cpu_us () - began;
  if (!decrypting)
    return encrypted / BATCH;
  began = bench_cpu_us ();
  for (unsigned i = 0; i < BATCH; i++)
    decrypt (&pair.bob.state, g_ptr_array_index (messages, i + 1));
  return (bench_cpu_us () - began) / BATCH;
}

static void
run_encrypt (double *value_out, double *floor_out)
{
  *value_out = chain_us (false);
  floor_loop (BATCH, floor_encrypt, floor_out);
}

static void
run_decrypt (double *value_out, double *floor_out)
{
  *value_out = chain_us (true);
  floor_loop (BATCH, floor_decrypt, floor_out);
}

/* Decrypting as a receive job does it: the state comes from its serialised form and goes back there. */
static void
run_decrypt_stored (double *value_out, double *floor_out)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (TessWiped) blob = NULL;
  double began;

  pair_init (&pair);
  for (unsigned i = 0; i < TESS_RATCHET_ENDED_CHAINS_MAX; i++)
    pair_turn (&pair);
  for (unsigned i = 0; i <= BATCH; i++)
    g_ptr_array_add (messages, encrypt (&pair.alice.state));
  decrypt (&pair.bob.state, g_ptr_array_index (messages, 0));
  blob = tess_ratchet_serialize (pair.bob.state);
  began = bench_cpu_us ();
  for (unsigned i = 0; i < BATCH; i++)
    {
      g_autoptr (TessRatchet) state = tess_ratchet_parse (blob->bytes, blob->size, NULL);

      decrypt (&state, g_ptr_array_index (messages, i + 1));
      tess_wiped_free (blob);
      blob = tess_ratchet_serialize (state);
    }
  *value_out = (bench_cpu_us () - began) / BATCH;
  floor_loop (BATCH, floor_decrypt, floor_out);
}

/* Both sides of a message there and one back: two new chains, an offer, an answer. */
static void
floor_ping_pong (void)
{
  primitive_kem_generate ();
  primitive_kem_import ();
  primitive_kem_encapsulate ();
  primitive_kem_decapsulate ();
  for (unsigned i = 0; i < 2; i++)
    {
      gsize ad_size = i == 0 ? OFFER_AD : ANSWER_AD;

      primitive_dh_pair ();
      for (unsigned k = 0; k < 2; k++)
        {
          primitive_dh ();
          primitive_root (i == 0 ? 32 : 64);
          primitive_chain ();
          primitive_message_key ();
        }
      primitive_seal (CONTENT, ad_size);
      primitive_open (CONTENT, ad_size);
    }
}

static void
run_ping_pong (double *value_out, double *floor_out)
{
  g_auto (Pair) pair = { 0 };
  double began;

  pair_init (&pair);
  pair_turn (&pair);
  began = bench_cpu_us ();
  for (unsigned i = 0; i < TURNS; i++)
    {
      g_autoptr (GBytes) there = encrypt (&pair.alice.state);
      g_autoptr (GBytes) back = NULL;

      decrypt (&pair.bob.state, there);
      back = encrypt (&pair.bob.state);
      decrypt (&pair.alice.state, back);
    }
  *value_out = (bench_cpu_us () - began) / TURNS;
  floor_loop (TURNS, floor_ping_pong, floor_out);
}

/* One message received with the rows of stored keys kept as a store keeps them, found by their place. */
static void
receive_with_rows (TessRatchet **state, GHashTable *rows, GBytes *message)
{
  g_auto (TessReceived) received = { 0 };
  size_t size;
  const uint8_t *data = g_bytes_get_data (message, &size);
  TessMessagePlace place;
  TessSkippedKey *stored;

  g_assert_true (tess_ratchet_peek (data, size, &place, NULL));
  stored = g_hash_table_lookup (rows, GUINT_TO_POINTER (place.number));
  g_assert_true (tess_ratchet_decrypt (*state, stored, data, size, &received, NULL));
  for (size_t i = 0; i < received.n_skipped; i++)
    g_hash_table_insert (rows, GUINT_TO_POINTER (received.skipped[i].number),
                         g_memdup2 (&received.skipped[i], sizeof received.skipped[i]));
  if (received.used_stored)
    g_hash_table_remove (rows, GUINT_TO_POINTER (place.number));
  tess_ratchet_free (*state);
  *state = g_steal_pointer (&received.next);
}

static double
receive_all_us (const TessRatchet *from, GPtrArray *messages, bool reversed)
{
  g_autoptr (TessWiped) blob = tess_ratchet_serialize (from);
  g_autoptr (TessRatchet) state = tess_ratchet_parse (blob->bytes, blob->size, NULL);
  g_autoptr (GHashTable) rows = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  double began = bench_cpu_us ();

  for (unsigned i = 0; i < messages->len; i++)
    receive_with_rows (&state, rows, g_ptr_array_index (messages, reversed ? messages->len - 1 - i : i));
  g_assert_cmpuint (g_hash_table_size (rows), ==, 0);
  return (bench_cpu_us () - began) / messages->len;
}

/* A thousand messages, the last one first; the floor is the same in order. */
static void
run_reversed (double *value_out, double *floor_out)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  pair_init (&pair);
  pair_turn (&pair);
  for (unsigned i = 0; i < REVERSED; i++)
    g_ptr_array_add (messages, encrypt (&pair.alice.state));
  *value_out = receive_all_us (pair.bob.state, messages, true);
  *floor_out = receive_all_us (pair.bob.state, messages, false);
}

static void
floor_seal (void)
{
  floor_encrypt ();
  primitive_kem_import ();
  primitive_kem_encapsulate ();
  primitive_dh_pair ();
  primitive_dh ();
  primitive_combiner ();
  primitive_message_key ();
  primitive_seal (TESS_ENVELOPE_SMALL - TESS_XWING_CIPHERTEXT_SIZE, 37);
}

static void
floor_open (void)
{
  primitive_kem_decapsulate ();
  primitive_dh ();
  primitive_combiner ();
  primitive_message_key ();
  primitive_open (TESS_ENVELOPE_SMALL - TESS_XWING_CIPHERTEXT_SIZE, 37);
  primitive_chain ();
  primitive_message_key ();
}

/* As in a chain, with the envelope around it. */
static double
enveloped_us (bool opening)
{
  g_auto (Pair) pair = { 0 };
  g_auto (TessXwingSeed) seed = { 0 };
  g_autoptr (TessXwingKey) key = NULL;
  g_autoptr (GPtrArray) envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  double began, sealed;

  pair_init (&pair);
  pair_turn (&pair);
  g_assert_true (tess_xwing_seed_generate (&seed, NULL));
  key = tess_xwing_key_new (&seed, NULL);
  g_bytes_unref (encrypt (&pair.alice.state));
  began = bench_cpu_us ();
  for (unsigned i = 0; i < BATCH; i++)
    {
      g_autoptr (GBytes) message = encrypt (&pair.alice.state);

      g_ptr_array_add (envelopes, tess_envelope_seal (tess_xwing_key_public (key), 1, &bob.party.device, &alice.party, NULL,
                                                      message, NULL));
    }
  sealed = bench_cpu_us () - began;
  if (!opening)
    return sealed / BATCH;
  began = bench_cpu_us ();
  for (unsigned i = 0; i < BATCH; i++)
    {
      g_auto (TessEnvelope) envelope = { 0 };
      g_auto (TessReceived) received = { 0 };
      size_t size;
      const uint8_t *data = g_bytes_get_data (g_ptr_array_index (envelopes, i), &size);

      g_assert_true (tess_envelope_open (key, &bob.party.device, data, size, &envelope, NULL));
      g_assert_true (tess_ratchet_decrypt (pair.bob.state, NULL, envelope.body, envelope.body_size, &received, NULL));
      tess_ratchet_free (pair.bob.state);
      pair.bob.state = g_steal_pointer (&received.next);
    }
  return (bench_cpu_us () - began) / BATCH;
}

static void
run_seal (double *value_out, double *floor_out)
{
  *value_out = enveloped_us (false);
  floor_loop (BATCH, floor_seal, floor_out);
}

static void
run_open (double *value_out, double *floor_out)
{
  *value_out = enveloped_us (true);
  floor_loop (BATCH, floor_open, floor_out);
}

/* The state after many turns, at its largest. */
static void
measure_state (void)
{
  g_auto (Pair) pair = { 0 };
  gsize largest = 0;

  pair_init (&pair);
  for (unsigned i = 0; i < 2 * TESS_RATCHET_ENDED_CHAINS_MAX; i++)
    {
      pair_turn (&pair);
      for (unsigned k = 0; k < 2; k++)
        {
          g_autoptr (TessWiped) blob = tess_ratchet_serialize (k == 0 ? pair.alice.state : pair.bob.state);

          largest = MAX (largest, blob->size);
        }
    }
  bench_size (SUITE, "state-size", largest, TESS_RATCHET_STATE_SIZE_MAX);
}

int
main (void)
{
  tess_process_init ();
  primitives_init ();
  person_init (&alice);
  person_init (&bob);
  g_assert_true (tess_device_dh_public (&alice.party.device, &alice_dh, NULL));
  g_assert_true (tess_device_dh_public (&bob.party.device, &bob_dh, NULL));
  memset (content, 'x', sizeof content);

  bench_case (SUITE, "handshake-initiator", run_handshake_start);
  bench_case (SUITE, "handshake-responder", run_handshake_answer);
  bench_case (SUITE, "encrypt-in-chain", run_encrypt);
  bench_case (SUITE, "decrypt-in-chain", run_decrypt);
  bench_case (SUITE, "decrypt-stored-state", run_decrypt_stored);
  bench_case (SUITE, "ping-pong", run_ping_pong);
  bench_case (SUITE, "reversed-1000", run_reversed);
  bench_case (SUITE, "encrypt-and-seal", run_seal);
  bench_case (SUITE, "open-and-decrypt", run_open);
  measure_state ();
  return 0;
}
