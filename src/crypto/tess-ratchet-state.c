/* The state of a session: made, asked, written, read. SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-ratchet-private.h"

#include "base/tess-bytes.h"

#include <string.h>

#define VERSION 1
#define FLAG_INITIATOR 1
#define FLAG_DUE 2
#define FLAG_RECEIVING 4

static TessRatchet *
new_session (const TessSessionKey *session_key, const uint8_t ad[static 32], bool initiator)
{
  TessRatchet *self = tess_secret_alloc (sizeof *self);

  self->initiator = initiator;
  memcpy (self->ad, ad, sizeof self->ad);
  memcpy (self->root.bytes, session_key->bytes, sizeof self->root.bytes);
  return self;
}

TessRatchet *
tess_ratchet_new_initiator (const TessSessionKey *session_key, const uint8_t ad[static 32], const TessDhPublic *their_spk)
{
  TessRatchet *self = new_session (session_key, ad, true);

  self->due = true;
  self->their = *their_spk;
  return self;
}

TessRatchet *
tess_ratchet_new_responder (const TessSessionKey *session_key, const uint8_t ad[static 32], const TessDhSecret *our_spk)
{
  TessRatchet *self = new_session (session_key, ad, false);

  memcpy (self->own_secret.bytes, our_spk->bytes, sizeof self->own_secret.bytes);
  tess_dh_public (our_spk, &self->own_public);
  return self;
}

TessRatchet *
tess_ratchet_copy (const TessRatchet *self)
{
  TessRatchet *copy = tess_secret_alloc (sizeof *copy);

  memcpy (copy, self, sizeof *copy);
  return copy;
}

void
tess_ratchet_free (TessRatchet *self)
{
  tess_secret_free (self);
}

bool
tess_ratchet_is_initiator (const TessRatchet *self)
{
  return self->initiator;
}

bool
tess_ratchet_has_received (const TessRatchet *self)
{
  return self->receiving;
}

bool
tess_ratchet_can_send (const TessRatchet *self)
{
  return self->initiator || self->receiving;
}

bool
tess_ratchet_has_sending_chain (const TessRatchet *self)
{
  return !self->due && tess_ratchet_can_send (self);
}

uint32_t
tess_ratchet_received_in_chain (const TessRatchet *self)
{
  return self->received;
}

bool
tess_ratchet_wants_turn (const TessRatchet *self)
{
  return self->due && self->received >= TESS_RATCHET_HEARTBEAT_AFTER;
}

size_t
tess_ratchet_overhead (const TessRatchet *self)
{
  return self->initiator ? TESS_RATCHET_OVERHEAD_OFFER : TESS_RATCHET_OVERHEAD_ANSWER;
}

/* version | flags | AD | RK | their | sending number | previous | not due: own pair | sending chain: CK, and the initiator's
 * offer with its seed or the responder's answer | responder, due: the offer to answer | receiving: CK, next, received | u8 ended
 * chains */
static void
write_state (TessWriter *writer, const TessRatchet *self)
{
  tess_writer_u8 (writer, VERSION);
  tess_writer_u8 (writer, (self->initiator ? FLAG_INITIATOR : 0) | (self->due ? FLAG_DUE : 0) |
                            (self->receiving ? FLAG_RECEIVING : 0));
  tess_writer_bytes (writer, self->ad, sizeof self->ad);
  tess_writer_bytes (writer, self->root.bytes, sizeof self->root.bytes);
  tess_writer_bytes (writer, self->their.bytes, sizeof self->their.bytes);
  tess_writer_u32 (writer, self->sending_number);
  tess_writer_u32 (writer, self->previous);
  if (!self->due)
    {
      tess_writer_bytes (writer, self->own_secret.bytes, sizeof self->own_secret.bytes);
      tess_writer_bytes (writer, self->own_public.bytes, sizeof self->own_public.bytes);
    }
  if (tess_ratchet_has_sending_chain (self))
    {
      tess_writer_bytes (writer, self->sending_chain.bytes, sizeof self->sending_chain.bytes);
      if (self->initiator)
        {
          tess_writer_bytes (writer, self->offer_seed.bytes, sizeof self->offer_seed.bytes);
          tess_writer_bytes (writer, self->offer.bytes, sizeof self->offer.bytes);
        }
      else
        {
          tess_writer_bytes (writer, self->answer.bytes, sizeof self->answer.bytes);
        }
    }
  if (!self->initiator && self->due)
    tess_writer_bytes (writer, self->offer.bytes, sizeof self->offer.bytes);
  if (self->receiving)
    {
      tess_writer_bytes (writer, self->receiving_chain.bytes, sizeof self->receiving_chain.bytes);
      tess_writer_u32 (writer, self->receiving_next);
      tess_writer_u32 (writer, self->received);
    }
  tess_writer_u8 (writer, (uint8_t) self->n_ended);
  for (uint32_t i = 0; i < self->n_ended; i++)
    tess_writer_bytes (writer, self->ended[i].bytes, sizeof self->ended[i].bytes);
}

TessWiped *
tess_ratchet_serialize (const TessRatchet *self)
{
  g_autoptr (TessWiped) room = tess_wiped_new (TESS_RATCHET_STATE_SIZE_MAX);
  TessWiped *state;
  TessWriter writer;

  tess_writer_init (&writer, room->bytes, room->size);
  write_state (&writer, self);
  g_assert (tess_writer_ok (&writer));
  state = tess_wiped_new (writer.size);
  memcpy (state->bytes, room->bytes, writer.size);
  return state;
}

static bool
read_state (TessReader *reader, TessRatchet *self)
{
  uint8_t version = tess_reader_u8 (reader);
  uint8_t flags = tess_reader_u8 (reader);

  if (version != VERSION || flags > (FLAG_INITIATOR | FLAG_DUE | FLAG_RECEIVING))
    return false;
  self->initiator = (flags & FLAG_INITIATOR) != 0;
  self->due = (flags & FLAG_DUE) != 0;
  self->receiving = (flags & FLAG_RECEIVING) != 0;
  if (!self->initiator && self->due && !self->receiving)
    return false;

  tess_reader_copy (reader, self->ad, sizeof self->ad);
  tess_reader_copy (reader, self->root.bytes, sizeof self->root.bytes);
  tess_reader_copy (reader, self->their.bytes, sizeof self->their.bytes);
  self->sending_number = tess_reader_u32 (reader);
  self->previous = tess_reader_u32 (reader);
  if (!self->due)
    {
      tess_reader_copy (reader, self->own_secret.bytes, sizeof self->own_secret.bytes);
      tess_reader_copy (reader, self->own_public.bytes, sizeof self->own_public.bytes);
    }
  if (tess_ratchet_has_sending_chain (self))
    {
      tess_reader_copy (reader, self->sending_chain.bytes, sizeof self->sending_chain.bytes);
      if (self->initiator)
        {
          tess_reader_copy (reader, self->offer_seed.bytes, sizeof self->offer_seed.bytes);
          tess_reader_copy (reader, self->offer.bytes, sizeof self->offer.bytes);
        }
      else
        {
          tess_reader_copy (reader, self->answer.bytes, sizeof self->answer.bytes);
        }
    }
  if (!self->initiator && self->due)
    tess_reader_copy (reader, self->offer.bytes, sizeof self->offer.bytes);
  if (self->receiving)
    {
      tess_reader_copy (reader, self->receiving_chain.bytes, sizeof self->receiving_chain.bytes);
      self->receiving_next = tess_reader_u32 (reader);
      self->received = tess_reader_u32 (reader);
    }
  self->n_ended = tess_reader_u8 (reader);
  if (self->n_ended > TESS_RATCHET_ENDED_CHAINS_MAX)
    return false;
  for (uint32_t i = 0; i < self->n_ended; i++)
    tess_reader_copy (reader, self->ended[i].bytes, sizeof self->ended[i].bytes);
  return tess_reader_end (reader);
}

TessRatchet *
tess_ratchet_parse (const uint8_t *data, size_t size, GError **error)
{
  g_autoptr (TessRatchet) self = tess_secret_alloc (sizeof *self);
  TessReader reader;

  tess_reader_init (&reader, data, size);
  if (read_state (&reader, self))
    return g_steal_pointer (&self);
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED, "a session's stored state is damaged");
  return NULL;
}
