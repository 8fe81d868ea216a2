/* The Double Ratchet with an interleaved ML-KEM exchange (protocol.md 3). Pure; any thread.
 *
 * A TessRatchet is one immutable state of one session, in guarded memory. tess_ratchet_encrypt() and tess_ratchet_decrypt()
 * read a state and give the next one; the caller stores that in the same transaction as what came of it, and only then drops
 * the old one. Keys of messages that have not arrived are not in the state: they are rows of the caller's store, found by (DH
 * public, number). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-limits.h"
#include "base/tess-secret.h"
#include "crypto/tess-crypto-error.h"
#include "crypto/tess-kem.h"
#include "crypto/tess-keys.h"

#include <stdbool.h>

G_BEGIN_DECLS

/* A serialised state is never larger. */
#define TESS_RATCHET_STATE_SIZE_MAX 6144

/* Bytes a message is longer than its content: header, nonce and tag, with an offer (the initiator's) or an answer. */
#define TESS_RATCHET_OVERHEAD_OFFER (42 + TESS_KEM_PUBLIC_SIZE + 24 + 16)
#define TESS_RATCHET_OVERHEAD_ANSWER (42 + TESS_KEM_CIPHERTEXT_SIZE + 24 + 16)

typedef struct _TessRatchet TessRatchet;

TESS_SECRET_TYPE (TessMessageKey, tess_message_key, 32)
/* SK, what the handshake comes to. */
TESS_SECRET_TYPE (TessSessionKey, tess_session_key, 32)

/* A stored message key: a row of the caller's store, which keeps at most TESS_RATCHET_STORED_KEYS_MAX a session (oldest dropped
 * first), each for TESS_RATCHET_STORED_KEY_KEEP seconds. */
typedef struct {
  TessDhPublic dh;
  uint32_t number;
  TessMessageKey key;
} TessSkippedKey;

/* Where a message stands, readable without any key and believed only once it decrypts. */
typedef struct {
  TessDhPublic dh;
  uint32_t previous;
  uint32_t number;
} TessMessagePlace;

/* What decrypting one message came to. All of it is the caller's; clear with tess_ratchet_received_clear() (wipes). */
typedef struct {
  TessRatchet *next;
  TessWiped *content;
  const TessSkippedKey *skipped; /* new rows to store, @n_skipped of them, oldest first; borrowed from @skipped_memory */
  size_t n_skipped;
  TessWiped *skipped_memory;
  bool used_stored; /* the row that was passed is spent: delete it */
} TessReceived;

/* Starts the initiator's session: @session_key and @ad from the handshake, @their_spk SPKb. It sends first. */
TessRatchet *tess_ratchet_new_initiator (const TessSessionKey *session_key, const uint8_t ad[static 32],
                                         const TessDhPublic *their_spk);
/* Starts the responder's session, whose first ratchet key is SPKb's pair. It receives first. */
TessRatchet *tess_ratchet_new_responder (const TessSessionKey *session_key, const uint8_t ad[static 32],
                                         const TessDhSecret *our_spk);
void tess_ratchet_free (TessRatchet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessRatchet, tess_ratchet_free)

/* TRUE for the side that started the session. */
bool tess_ratchet_is_initiator (const TessRatchet *self);
/* TRUE once a message was decrypted: until then an initiator's messages are preceded by the hello. */
bool tess_ratchet_has_received (const TessRatchet *self);
/* TRUE when tess_ratchet_encrypt() can be called: always for an initiator, after the first message received for a responder. */
bool tess_ratchet_can_send (const TessRatchet *self);
/* Messages decrypted so far in the peer's current chain (an archived session starts a new one from TESS_RATCHET_HEARTBEAT_AFTER
 * on). */
uint32_t tess_ratchet_received_in_chain (const TessRatchet *self);
/* TRUE when that is TESS_RATCHET_HEARTBEAT_AFTER or more and nothing was sent since the chain began: a message turns the
 * ratchet. */
bool tess_ratchet_wants_turn (const TessRatchet *self);
/* Bytes the next message is longer than its content: TESS_RATCHET_OVERHEAD_OFFER or _ANSWER. */
size_t tess_ratchet_overhead (const TessRatchet *self);

/* Encrypts the @size bytes (0 to TESS_ENVELOPE_LARGE) at @content. On success *@next_out is the state to store and
 * *@message_out the ratchet message. Errors: RANDOM, RESOURCES, TOO_LARGE, REFUSED (it cannot send yet, or 2^32 - 1 messages in
 * one chain). */
bool tess_ratchet_encrypt (const TessRatchet *self, const uint8_t *content, size_t size, TessRatchet **next_out,
                           GBytes **message_out, GError **error);

/* Reads where a message stands, to look for its stored key. Errors: REFUSED (malformed). */
bool tess_ratchet_peek (const uint8_t *message, size_t size, TessMessagePlace *place_out, GError **error);

/* Decrypts @message. @stored is the caller's row for the message's place, or NULL when there is none (a row for another place is
 * ignored). Errors: REFUSED (malformed, or out of the bounds of protocol.md 3), DUPLICATE (received before), AUTH, RESOURCES. On
 * any of them nothing changes: the stored row is kept too. */
bool tess_ratchet_decrypt (const TessRatchet *self, const TessSkippedKey *stored, const uint8_t *message, size_t size,
                           TessReceived *received_out, GError **error);
void tess_ratchet_received_clear (TessReceived *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TessReceived, tess_ratchet_received_clear)

/* The state as bytes for the store (at most TESS_RATCHET_STATE_SIZE_MAX; all of it is secret). Free with tess_wiped_free(). */
TessWiped *tess_ratchet_serialize (const TessRatchet *self);
/* The state of such bytes. Errors: DAMAGED. */
TessRatchet *tess_ratchet_parse (const uint8_t *data, size_t size, GError **error);

G_END_DECLS
