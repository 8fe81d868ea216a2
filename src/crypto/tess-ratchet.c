/* The steps of the ratchet. SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-ratchet-private.h"

#include "base/tess-bytes.h"
#include "base/tess-random.h"
#include "crypto/tess-aead.h"
#include "crypto/tess-kdf.h"

#include <string.h>

#define VERSION 0x01
#define KEM_OFFER 1
#define KEM_ANSWER 2
#define NONCE TESS_AEAD_NONCE
#define TAG TESS_AEAD_TAG
#define HEADER_MAX (1 + 32 + 4 + 4 + 1 + TESS_KEM_PUBLIC_SIZE)
#define MESSAGE_MAX TESS_ENVELOPE_LARGE

/* DH result || ML-KEM secret. */
TESS_SECRET_TYPE (RootInput, root_input, 64)

/* A message taken apart; everything is borrowed from it. */
typedef struct {
  TessMessagePlace place;
  uint8_t kem;
  const uint8_t *kem_field;
  const uint8_t *header;
  size_t header_size;
  const uint8_t *nonce;
  const uint8_t *sealed;
  size_t sealed_size;
} Message;

static bool
fail (GError **error, TessCryptoError code, const char *message)
{
  g_set_error_literal (error, TESS_CRYPTO_ERROR, code, message);
  return false;
}

static bool
same_key (const TessDhPublic *a, const TessDhPublic *b)
{
  return sodium_memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* RK, CK = HKDF(RK, DH_output || kem_ss_or_nothing, "Tessera-v1/Root", 64) */
static void
step_root (TessSecret32 *root, const TessSecret32 *dh, const TessSecret32 *kem_shared, TessSecret32 *chain_out)
{
  g_auto (RootInput) input = { 0 };
  g_auto (TessSecret64) output = { 0 };

  memcpy (input.bytes, dh->bytes, 32);
  if (kem_shared != NULL)
    memcpy (input.bytes + 32, kem_shared->bytes, 32);
  tess_hkdf_label (root->bytes, sizeof root->bytes, input.bytes, kem_shared != NULL ? 64 : 32, "Tessera-v1/Root", output.bytes,
                   sizeof output.bytes);
  memcpy (root->bytes, output.bytes, 32);
  memcpy (chain_out->bytes, output.bytes + 32, 32);
}

/* mk = HMAC(CK, 0x01), CK = HMAC(CK, 0x02) */
static void
step_chain (TessSecret32 *chain, TessMessageKey *key_out)
{
  static const uint8_t one = 0x01, two = 0x02;
  g_auto (TessSecret32) next = { 0 };

  tess_hmac (chain->bytes, sizeof chain->bytes, &one, 1, key_out->bytes);
  tess_hmac (chain->bytes, sizeof chain->bytes, &two, 1, next.bytes);
  memcpy (chain->bytes, next.bytes, sizeof next.bytes);
}

static void
message_aead_key (const TessMessageKey *key, TessSecret32 *out)
{
  tess_hkdf_label (NULL, 0, key->bytes, sizeof key->bytes, "Tessera-v1/Message", out->bytes, sizeof out->bytes);
}

/* Makes @next's new ratchet key and sending chain: the initiator's with a new offer, the responder's with the answer to the offer
 * of the chain it last received, whose secret goes into the root. */
static bool
start_sending_chain (TessRatchet *next, GError **error)
{
  g_autoptr (TessKemKey) offer = NULL;
  g_auto (TessSecret32) dh = { 0 };
  g_auto (TessSecret32) kem_shared = { 0 };

  if (!tess_dh_generate (&next->own_secret, &next->own_public, error) || !tess_dh (&next->own_secret, &next->their, &dh, error))
    return false;
  if (next->initiator)
    {
      if (!tess_kem_seed_generate (&next->offer_seed, error))
        return false;
      offer = tess_kem_key_new (&next->offer_seed, error);
      if (offer == NULL)
        return false;
      next->offer = *tess_kem_key_public (offer);
    }
  else
    {
      if (!tess_kem_encapsulate (&next->offer, &next->answer, &kem_shared, error))
        return false;
      memset (&next->offer, 0, sizeof next->offer);
    }
  step_root (&next->root, &dh, next->initiator ? NULL : &kem_shared, &next->sending_chain);
  next->previous = next->sending_number;
  next->sending_number = 0;
  next->due = false;
  return true;
}

static void
write_header (TessWriter *writer, const TessRatchet *state)
{
  tess_writer_u8 (writer, VERSION);
  tess_writer_bytes (writer, state->own_public.bytes, sizeof state->own_public.bytes);
  tess_writer_u32 (writer, state->previous);
  tess_writer_u32 (writer, state->sending_number);
  tess_writer_u8 (writer, state->initiator ? KEM_OFFER : KEM_ANSWER);
  if (state->initiator)
    tess_writer_bytes (writer, state->offer.bytes, sizeof state->offer.bytes);
  else
    tess_writer_bytes (writer, state->answer.bytes, sizeof state->answer.bytes);
}

/* AD || header. */
static size_t
write_ad (uint8_t out[static 32 + HEADER_MAX], const TessRatchet *state, const uint8_t *header, size_t header_size)
{
  memcpy (out, state->ad, sizeof state->ad);
  memcpy (out + sizeof state->ad, header, header_size);
  return sizeof state->ad + header_size;
}

bool
tess_ratchet_encrypt (const TessRatchet *self, const uint8_t *content, size_t size, TessRatchet **next_out, GBytes **message_out,
                      GError **error)
{
  g_autoptr (TessRatchet) next = NULL;
  g_autofree uint8_t *message = NULL;
  g_auto (TessMessageKey) key = { 0 };
  g_auto (TessSecret32) aead = { 0 };
  uint8_t ad[32 + HEADER_MAX];
  uint8_t nonce[NONCE];
  size_t message_size = tess_ratchet_overhead (self) + size, ad_size;
  TessWriter writer;

  *next_out = NULL;
  *message_out = NULL;
  if (!tess_ratchet_can_send (self))
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "this session must receive before it can send");
  if (size > MESSAGE_MAX || message_size > MESSAGE_MAX)
    return fail (error, TESS_CRYPTO_ERROR_TOO_LARGE, "too large for one message");
  if (!self->due && self->sending_number == UINT32_MAX)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "the chain has no numbers left");

  next = tess_ratchet_copy (self);
  if (next->due && !start_sending_chain (next, error))
    return false;
  if (!tess_random (nonce, sizeof nonce))
    return fail (error, TESS_CRYPTO_ERROR_RANDOM, "the random source failed");
  message = g_malloc (message_size);
  tess_writer_init (&writer, message, message_size);
  write_header (&writer, next);
  ad_size = write_ad (ad, next, message, writer.size);
  tess_writer_bytes (&writer, nonce, sizeof nonce);
  g_assert (tess_writer_ok (&writer) && message_size - writer.size == size + TAG);

  step_chain (&next->sending_chain, &key);
  next->sending_number++;
  message_aead_key (&key, &aead);
  tess_aead_seal (aead.bytes, nonce, ad, ad_size, content, size, message + writer.size);
  *next_out = g_steal_pointer (&next);
  *message_out = g_bytes_new_take (g_steal_pointer (&message), message_size);
  return true;
}

static bool
parse_message (const uint8_t *data, size_t size, Message *out, GError **error)
{
  TessReader reader;
  uint8_t version;

  tess_reader_init (&reader, data, size);
  version = tess_reader_u8 (&reader);
  tess_reader_copy (&reader, out->place.dh.bytes, sizeof out->place.dh.bytes);
  out->place.previous = tess_reader_u32 (&reader);
  out->place.number = tess_reader_u32 (&reader);
  out->kem = tess_reader_u8 (&reader);
  out->kem_field = tess_reader_take (&reader, out->kem == KEM_OFFER ? TESS_KEM_PUBLIC_SIZE : TESS_KEM_CIPHERTEXT_SIZE);
  out->header = data;
  out->header_size = size - reader.left;
  out->nonce = tess_reader_take (&reader, NONCE);
  out->sealed_size = reader.left;
  out->sealed = tess_reader_take (&reader, reader.left);
  if (tess_reader_end (&reader) && version == VERSION && (out->kem == KEM_OFFER || out->kem == KEM_ANSWER) &&
      out->sealed_size >= TAG && size <= MESSAGE_MAX && out->place.number != UINT32_MAX)
    return true;
  memset (out, 0, sizeof *out);
  return fail (error, TESS_CRYPTO_ERROR_REFUSED, "malformed message");
}

bool
tess_ratchet_peek (const uint8_t *message, size_t size, TessMessagePlace *place_out, GError **error)
{
  Message parts = { 0 };
  bool good = parse_message (message, size, &parts, error);

  *place_out = parts.place;
  return good;
}

/* Opens the message under @key into @received->content. */
static bool
open_message (const TessRatchet *state, const Message *message, const TessMessageKey *key, TessReceived *received, GError **error)
{
  g_autoptr (TessWiped) content = tess_wiped_new (message->sealed_size - TAG);
  g_auto (TessSecret32) aead = { 0 };
  uint8_t ad[32 + HEADER_MAX];
  size_t ad_size = write_ad (ad, state, message->header, message->header_size);

  message_aead_key (key, &aead);
  if (!tess_aead_open (aead.bytes, message->nonce, ad, ad_size, message->sealed, message->sealed_size, content->bytes))
    return fail (error, TESS_CRYPTO_ERROR_AUTH, "the message is not of this session or was changed");
  received->content = g_steal_pointer (&content);
  return true;
}

/* Takes the open chain of the peer up to @until, adding the keys passed by to @received, which has room for them. */
static void
skip_to (TessRatchet *next, uint32_t until, TessReceived *received)
{
  TessSkippedKey *rows = (TessSkippedKey *) received->skipped_memory->bytes;

  while (next->receiving_next < until)
    {
      TessSkippedKey *row = &rows[received->n_skipped++];

      row->dh = next->their;
      row->number = next->receiving_next++;
      step_chain (&next->receiving_chain, &row->key);
    }
}

static void
make_room_for_skipped (TessReceived *received, size_t count)
{
  received->skipped_memory = tess_wiped_new (count * sizeof (TessSkippedKey));
  received->skipped = (const TessSkippedKey *) received->skipped_memory->bytes;
}

/* Everything that can be told of a new chain before a secret is touched (protocol.md 3). */
static bool
check_new_chain (const TessRatchet *self, const Message *message, GError **error)
{
  uint32_t expected = self->receiving ? self->receiving_next : 0;
  uint32_t ahead_max = self->receiving ? TESS_RATCHET_SKIP_MAX : 0;
  TessKemPublic offer;

  if (self->due)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "a new chain, although nothing was sent since the last one began");
  if (message->place.previous < expected || message->place.previous - expected > ahead_max)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "the old chain's length is out of bounds");
  if (message->place.number > TESS_RATCHET_SKIP_MAX)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "a number too far ahead");
  if (message->kem != (self->initiator ? KEM_ANSWER : KEM_OFFER))
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "a chain without its ML-KEM part");
  if (message->kem == KEM_ANSWER)
    return true;
  memcpy (offer.bytes, message->kem_field, sizeof offer.bytes);
  return tess_kem_public_check (&offer, error);
}

/* The ML-KEM secret in the answer that starts the responder's chain. */
static bool
open_answer (const TessRatchet *next, const Message *message, TessSecret32 *shared_out, GError **error)
{
  g_autoptr (TessKemKey) key = tess_kem_key_new (&next->offer_seed, error);
  TessKemCiphertext answer;

  if (key == NULL)
    return false;
  memcpy (answer.bytes, message->kem_field, sizeof answer.bytes);
  return tess_kem_decapsulate (key, &answer, shared_out, error);
}

static void
remember_ended (TessRatchet *next)
{
  if (next->n_ended == TESS_RATCHET_ENDED_CHAINS_MAX)
    memmove (next->ended, next->ended + 1, --next->n_ended * sizeof next->ended[0]);
  next->ended[next->n_ended++] = next->their;
}

/* Ends the peer's old chain and opens the one that @message starts. Our ratchet key, sending chain and offer are spent by it. */
static bool
start_receiving_chain (TessRatchet *next, const Message *message, TessReceived *received, GError **error)
{
  g_auto (TessSecret32) dh = { 0 };
  g_auto (TessSecret32) kem_shared = { 0 };

  if (!tess_dh (&next->own_secret, &message->place.dh, &dh, error) ||
      (next->initiator && !open_answer (next, message, &kem_shared, error)))
    return false;
  if (next->receiving)
    {
      skip_to (next, message->place.previous, received);
      remember_ended (next);
    }
  step_root (&next->root, &dh, next->initiator ? &kem_shared : NULL, &next->receiving_chain);
  next->their = message->place.dh;
  next->receiving_next = 0;
  next->received = 0;
  next->receiving = true;
  next->due = true;
  tess_dh_secret_clear (&next->own_secret);
  tess_secret32_clear (&next->sending_chain);
  tess_kem_seed_clear (&next->offer_seed);
  memset (&next->own_public, 0, sizeof next->own_public);
  memset (&next->answer, 0, sizeof next->answer);
  if (next->initiator)
    memset (&next->offer, 0, sizeof next->offer);
  else
    memcpy (next->offer.bytes, message->kem_field, sizeof next->offer.bytes);
  return true;
}

/* Takes the open chain to the message's number and opens it with the key found there. */
static bool
receive_in_chain (TessRatchet *next, const Message *message, TessReceived *received, GError **error)
{
  g_auto (TessMessageKey) key = { 0 };

  skip_to (next, message->place.number, received);
  step_chain (&next->receiving_chain, &key);
  next->receiving_next++;
  next->received++;
  return open_message (next, message, &key, received, error);
}

static bool
has_ended (const TessRatchet *self, const TessDhPublic *dh)
{
  for (uint32_t i = 0; i < self->n_ended; i++)
    {
      if (same_key (&self->ended[i], dh))
        return true;
    }
  return false;
}

static bool
receive_stored (TessRatchet *next, const TessSkippedKey *stored, const Message *message, TessReceived *received, GError **error)
{
  if (next->receiving && same_key (&next->their, &message->place.dh))
    next->received++;
  received->used_stored = true;
  return open_message (next, message, &stored->key, received, error);
}

static bool
receive (const TessRatchet *self, const TessSkippedKey *stored, const Message *message, TessReceived *received, GError **error)
{
  const TessMessagePlace *place = &message->place;
  TessRatchet *next;

  if (stored != NULL && stored->number == place->number && same_key (&stored->dh, &place->dh))
    {
      next = received->next = tess_ratchet_copy (self);
      return receive_stored (next, stored, message, received, error);
    }
  if (self->receiving && same_key (&self->their, &place->dh))
    {
      if (place->number < self->receiving_next)
        return fail (error, TESS_CRYPTO_ERROR_DUPLICATE, "a message received before");
      if (place->number - self->receiving_next > TESS_RATCHET_SKIP_MAX)
        return fail (error, TESS_CRYPTO_ERROR_REFUSED, "a number too far ahead");
      make_room_for_skipped (received, place->number - self->receiving_next);
      next = received->next = tess_ratchet_copy (self);
      return receive_in_chain (next, message, received, error);
    }
  if (has_ended (self, &place->dh))
    return fail (error, TESS_CRYPTO_ERROR_DUPLICATE, "a message of an ended chain, received before");
  if (!check_new_chain (self, message, error))
    return false;
  make_room_for_skipped (received, (size_t) place->number + (self->receiving ? place->previous - self->receiving_next : 0));
  next = received->next = tess_ratchet_copy (self);
  return start_receiving_chain (next, message, received, error) && receive_in_chain (next, message, received, error);
}

bool
tess_ratchet_decrypt (const TessRatchet *self, const TessSkippedKey *stored, const uint8_t *message, size_t size,
                      TessReceived *received_out, GError **error)
{
  g_auto (TessReceived) received = { 0 };
  Message parts;

  memset (received_out, 0, sizeof *received_out);
  if (!parse_message (message, size, &parts, error) || !receive (self, stored, &parts, &received, error))
    return false;
  *received_out = received;
  memset (&received, 0, sizeof received);
  return true;
}

void
tess_ratchet_received_clear (TessReceived *self)
{
  g_clear_pointer (&self->next, tess_ratchet_free);
  g_clear_pointer (&self->content, tess_wiped_free);
  g_clear_pointer (&self->skipped_memory, tess_wiped_free);
  memset (self, 0, sizeof *self);
}
