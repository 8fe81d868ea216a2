/* Envelopes: what the relay sees (protocol.md 4). Pure; any thread. Failing calls zero their outputs and set TESS_CRYPTO_ERROR.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-limits.h"
#include "crypto/tess-keys.h"
#include "crypto/tess-xwing.h"

G_BEGIN_DECLS

/* Bytes of an envelope that are not body: version, key id, ciphertext, tag, type, sender, body length. */
#define TESS_ENVELOPE_OVERHEAD (1 + 4 + TESS_XWING_CIPHERTEXT_SIZE + 16 + 1 + 32 + 32 + 4)

typedef enum {
  TESS_ENVELOPE_HELLO = 1,   /* body: hello, then a ratchet message */
  TESS_ENVELOPE_MESSAGE = 2, /* body: a ratchet message */
} TessEnvelopeType;

/* An opened envelope. @sender is only a claim until the message decrypts under that device's session. */
typedef struct {
  TessEnvelopeType type;
  TessParty sender;
  const uint8_t *body; /* borrowed from @inner */
  size_t body_size;
  TessWiped *inner;
} TessEnvelope;

/* Seals the ratchet message for device @to under its envelope key. @hello is NULL, or the encoded hello that goes before (then
 * the type is TESS_ENVELOPE_HELLO). The result has the smallest fitting size. Free with g_bytes_unref(). Errors: TOO_LARGE,
 * RANDOM, REFUSED. */
GBytes *tess_envelope_seal (const TessXwingPublic *envelope_key, uint32_t envelope_key_id, const TessDevicePublic *to,
                            const TessParty *from, GBytes *hello, GBytes *message, GError **error);

/* Which of our envelope keys an envelope is for, from its clear part. Errors: REFUSED (size or version). */
bool tess_envelope_key_id (const uint8_t *envelope, size_t size, uint32_t *id_out, GError **error);

/* Opens an envelope sent to our device @us with the key it names. Clear the result with tess_envelope_clear(). Errors: REFUSED
 * (size, version, malformed inside, padding not zero), AUTH, RESOURCES. */
bool tess_envelope_open (const TessXwingKey *key, const TessDevicePublic *us, const uint8_t *envelope, size_t size,
                         TessEnvelope *envelope_out, GError **error);
void tess_envelope_clear (TessEnvelope *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TessEnvelope, tess_envelope_clear)

/* The envelope size (4096, 16384 or 65536) that holds a body of @body_size bytes; 0 when none does. */
size_t tess_envelope_size_for (size_t body_size);

/* Bytes of content that fit an envelope of @envelope_size beside a hello of @hello_size bytes (0: none) and a ratchet message's
 * overhead (tess_ratchet_overhead()); 0 when nothing fits. */
size_t tess_envelope_room (size_t envelope_size, size_t hello_size, size_t ratchet_overhead);

G_END_DECLS
