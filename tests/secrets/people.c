/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "people.h"

#include "watch.h"

#include <string.h>

static void
person_init (Person *self)
{
  g_assert_true (tess_account_generate (&self->account, &self->party.account, NULL));
  g_assert_true (tess_device_generate (&self->device, &self->party.device, NULL));
  g_assert_true (tess_signed_prekey_generate (&self->spk_secret, &self->spk, NULL));
  g_assert_true (tess_one_time_generate (&self->one_time_secret, &self->one_time, NULL));
  g_assert_true (tess_envelope_key_generate (&self->envelope_secret, &self->envelope, NULL));
}

World *
world_new (void)
{
  World *self = tess_secret_alloc (sizeof *self);

  person_init (&self->alice);
  person_init (&self->bob);
  return self;
}

void
world_free (World *self)
{
  for (unsigned i = 0; i < 2; i++)
    g_clear_pointer (&self->states[i], tess_ratchet_free);
  tess_secret_free (self);
}

TessHandshakeStart
world_start (const World *self, bool one_time)
{
  return (TessHandshakeStart) {
    .us = self->alice.party,
    .device = &self->alice.device,
    .them = self->bob.party,
    .spk_id = SPK_ID,
    .spk = &self->bob.spk.dh,
    .last_resort = &self->bob.spk.kem,
    .one_time_id = one_time ? ONE_TIME_ID : 0,
    .one_time = one_time ? &self->bob.one_time : NULL,
  };
}

TessHandshakeAnswer
world_answer (const World *self, bool one_time)
{
  return (TessHandshakeAnswer) {
    .us = self->bob.party,
    .device = &self->bob.device,
    .them = self->alice.party,
    .signed_prekey = &self->bob.spk_secret,
    .one_time = one_time ? &self->bob.one_time_secret : NULL,
  };
}

void
world_meet (World *self, bool one_time)
{
  TessHandshakeStart start = world_start (self, one_time);
  TessHandshakeAnswer answer = world_answer (self, one_time);

  for (unsigned i = 0; i < 2; i++)
    g_clear_pointer (&self->states[i], tess_ratchet_free);
  g_assert_true (tess_handshake_start (&start, &self->states[0], &self->hello, NULL));
  g_assert_true (tess_handshake_answer (&answer, &self->hello, &self->states[1], NULL));
}

/* Takes @next as the state of @side, by way of its serialised form. */
static void
keep (World *self, unsigned side, TessRatchet *next)
{
  g_autoptr (TessWiped) blob = tess_ratchet_serialize (next);

  tess_ratchet_free (next);
  tess_ratchet_free (self->states[side]);
  self->states[side] = tess_ratchet_parse (blob->bytes, blob->size, NULL);
  g_assert_nonnull (self->states[side]);
}

GBytes *
world_send (World *self, unsigned from)
{
  /* Ciphers work through long texts in other ways than through short ones. */
  static const size_t sizes[] = { 65, 300, 1500, 20000 };
  g_autoptr (TessWiped) text = tess_wiped_new (sizes[self->sent++ % G_N_ELEMENTS (sizes)]);
  TessRatchet *next = NULL;
  GBytes *message = NULL;

  watch_text ((char *) text->bytes);
  g_assert_true (tess_ratchet_encrypt (self->states[from], text->bytes, text->size, &next, &message, NULL));
  keep (self, from, next);
  return message;
}

bool
world_receive (World *self, unsigned to, GBytes *message, const TessSkippedKey *stored, TessWiped **skipped_out, GError **error)
{
  g_auto (TessReceived) received = { 0 };
  size_t size;
  const uint8_t *data = g_bytes_get_data (message, &size);

  if (!tess_ratchet_decrypt (self->states[to], stored, data, size, &received, error))
    return false;
  g_assert_cmpuint (received.content->size, >=, 65);
  if (skipped_out != NULL)
    *skipped_out = g_steal_pointer (&received.skipped_memory);
  keep (self, to, g_steal_pointer (&received.next));
  return true;
}

void
world_turn (World *self)
{
  for (unsigned side = 0; side < 2; side++)
    {
      g_autoptr (GBytes) message = world_send (self, side);

      g_assert_true (world_receive (self, 1 - side, message, NULL, NULL, NULL));
    }
}
