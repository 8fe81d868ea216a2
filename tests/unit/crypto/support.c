/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

#include "base/tess-random.h"

#include <string.h>

void
person_init (Person *self)
{
  g_assert_true (tess_account_generate (&self->account, &self->party.account, NULL));
  g_assert_true (tess_device_generate (&self->device, &self->party.device, NULL));
  g_assert_true (tess_signed_prekey_generate (&self->spk_secret, &self->spk, NULL));
  g_assert_true (tess_one_time_generate (&self->one_time_secret, &self->one_time, NULL));
}

TessHandshakeStart
start_of (const Person *alice, const Person *bob, bool one_time)
{
  return (TessHandshakeStart) {
    .us = alice->party,
    .device = &alice->device,
    .them = bob->party,
    .spk_id = SPK_ID,
    .spk = &bob->spk.dh,
    .last_resort = &bob->spk.kem,
    .one_time_id = one_time ? ONE_TIME_ID : 0,
    .one_time = one_time ? &bob->one_time : NULL,
  };
}

TessHandshakeAnswer
answer_of (const Person *bob, const Person *alice, bool one_time)
{
  return (TessHandshakeAnswer) {
    .us = bob->party,
    .device = &bob->device,
    .them = alice->party,
    .signed_prekey = &bob->spk_secret,
    .one_time = one_time ? &bob->one_time_secret : NULL,
  };
}

void
pair_init (Pair *self)
{
  Person alice, bob;
  TessHandshakeStart start;
  TessHandshakeAnswer answer;
  TessHello hello;

  person_init (&alice);
  person_init (&bob);
  start = start_of (&alice, &bob, true);
  answer = answer_of (&bob, &alice, true);
  g_assert_true (tess_handshake_start (&start, &self->alice.state, &hello, NULL));
  g_assert_true (tess_handshake_answer (&answer, &hello, &self->bob.state, NULL));
  self->alice.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
  self->bob.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
}

void
pair_clear (Pair *self)
{
  g_clear_pointer (&self->alice.state, tess_ratchet_free);
  g_clear_pointer (&self->bob.state, tess_ratchet_free);
  g_clear_pointer (&self->alice.rows, g_array_unref);
  g_clear_pointer (&self->bob.rows, g_array_unref);
}

/* Takes @next as the state, by way of the store. */
static void
side_keep (Side *self, TessRatchet *next)
{
  g_autoptr (TessWiped) blob = tess_ratchet_serialize (next);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (blob->size, <=, TESS_RATCHET_STATE_SIZE_MAX);
  tess_ratchet_free (next);
  tess_ratchet_free (self->state);
  self->state = tess_ratchet_parse (blob->bytes, blob->size, &error);
  g_assert_no_error (error);
}

GBytes *
side_send (Side *self, const char *text)
{
  TessRatchet *next = NULL;
  GBytes *message = NULL;
  g_autoptr (GError) error = NULL;

  tess_ratchet_encrypt (self->state, (const uint8_t *) text, strlen (text), &next, &message, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (message), ==, tess_ratchet_overhead (self->state) + strlen (text));
  side_keep (self, next);
  return message;
}

static int
find_row (const Side *self, const TessMessagePlace *place)
{
  for (unsigned i = 0; i < self->rows->len; i++)
    {
      const TessSkippedKey *row = &g_array_index (self->rows, TessSkippedKey, i);

      if (row->number == place->number && memcmp (&row->dh, &place->dh, sizeof row->dh) == 0)
        return (int) i;
    }
  return -1;
}

bool
side_receive (Side *self, GBytes *message, const char *expected, GError **error)
{
  g_auto (TessReceived) received = { 0 };
  TessMessagePlace place;
  size_t size;
  const uint8_t *data = g_bytes_get_data (message, &size);
  int row;

  if (!tess_ratchet_peek (data, size, &place, error))
    return false;
  row = find_row (self, &place);
  if (!tess_ratchet_decrypt (self->state, row >= 0 ? &g_array_index (self->rows, TessSkippedKey, row) : NULL, data, size,
                             &received, error))
    {
      g_assert_null (received.next);
      g_assert_null (received.content);
      g_assert_cmpuint (received.n_skipped, ==, 0);
      return false;
    }
  g_assert_cmpmem (received.content->bytes, received.content->size, expected, strlen (expected));
  g_assert_cmpint (received.used_stored, ==, row >= 0);
  if (received.used_stored)
    g_array_remove_index (self->rows, (unsigned) row);
  g_array_append_vals (self->rows, received.skipped, (unsigned) received.n_skipped);
  side_keep (self, g_steal_pointer (&received.next));
  return true;
}

void
side_expect (Side *self, GBytes *message, const char *expected)
{
  g_autoptr (GError) error = NULL;

  side_receive (self, message, expected, &error);
  g_assert_no_error (error);
}

void
side_refuse (Side *self, GBytes *message, TessCryptoError code)
{
  g_autoptr (TessWiped) before = tess_ratchet_serialize (self->state);
  g_autoptr (TessWiped) after = NULL;
  g_autoptr (GError) error = NULL;
  unsigned rows = self->rows->len;

  g_assert_false (side_receive (self, message, "", &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, (int) code);
  after = tess_ratchet_serialize (self->state);
  g_assert_cmpmem (before->bytes, before->size, after->bytes, after->size);
  g_assert_cmpuint (self->rows->len, ==, rows);
}

void
pair_turn (Pair *self)
{
  g_autoptr (GBytes) there = side_send (&self->alice, "there");
  g_autoptr (GBytes) back = NULL;

  side_expect (&self->bob, there, "there");
  back = side_send (&self->bob, "and back");
  side_expect (&self->alice, back, "and back");
}

GBytes *
bytes_flip (GBytes *bytes, size_t at)
{
  size_t size;
  uint8_t *copy = g_memdup2 (g_bytes_get_data (bytes, &size), g_bytes_get_size (bytes));

  g_assert_cmpuint (at, <, size);
  copy[at] ^= 0x01;
  return g_bytes_new_take (copy, size);
}

bool
failing_source (uint8_t *out, size_t size, void *data)
{
  FailingSource *source = data;

  source->calls++;
  randombytes_buf (out, size);
  return source->calls != source->fail_at;
}

bool
recording_source (uint8_t *out, size_t size, void *data)
{
  randombytes_buf (out, size);
  g_byte_array_append (data, out, (unsigned) size);
  return true;
}
