/* The handshake: X3DH, then ML-KEM, in two stages (protocol.md 2), and the hello that carries it. Pure; any thread.
 * Failing calls zero their outputs and set TESS_CRYPTO_ERROR. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crypto/tess-prekeys.h"
#include "crypto/tess-ratchet.h"

G_BEGIN_DECLS

#define TESS_SUITE 1

/* The hello without the device list. A session is found again by (spk_id, ephemeral). */
typedef struct {
  TessDhPublic ephemeral; /* EKa */
  uint32_t spk_id;
  uint32_t one_time_id; /* 0: none */
  TessKemCiphertext ct;
} TessHello;

/* Bytes of an encoded hello with a signed device list of @list_size bytes. */
#define TESS_HELLO_SIZE(list_size) (32 + 4 + 4 + TESS_KEM_CIPHERTEXT_SIZE + 2 + (list_size))

/* What the initiator knows. Pointers are borrowed for the call. The peer's keys come from records whose signatures and
 * encapsulation keys were checked (wire layer; tess_prekey_keys_check(), tess_one_time_key_check()). */
typedef struct {
  TessParty us;
  const TessDeviceSecret *device;
  TessParty them;
  const TessDhPublic *their_device_dh; /* tess_device_dh_public() of their device when the caller kept it, else NULL */
  uint32_t spk_id;
  const TessDhPublic *spk;
  const TessKemPublic *last_resort;
  uint32_t one_time_id;              /* 0: none */
  const TessOneTimePublic *one_time; /* NULL: none */
} TessHandshakeStart;

/* What the responder holds. @one_time is the private half of hello's one_time_id, NULL when that is 0; its id decides, and a
 * hello that names one the caller does not hold is refused. */
typedef struct {
  TessParty us;
  const TessDeviceSecret *device;
  TessParty them;                      /* as named inside the envelope, and in the hello's checked device list */
  const TessDhPublic *their_device_dh; /* or NULL */
  const TessSignedPrekeySecret *signed_prekey; /* the one of hello's spk_id */
  const TessOneTimeSecret *one_time;
} TessHandshakeAnswer;

/* Starts a session: its first state and the hello to send before every message until tess_ratchet_has_received(). Errors: RANDOM,
 * REFUSED (a key of theirs is unfit), RESOURCES. */
bool tess_handshake_start (const TessHandshakeStart *start, TessRatchet **session_out, TessHello *hello_out, GError **error);

/* The responder's state of the session that @hello starts. Nothing is proven until its first message decrypts: the caller stores
 * nothing and erases no one-time key before. Errors: REFUSED (a key is unfit, a one-time key is named but not held), RESOURCES.
 * */
bool tess_handshake_answer (const TessHandshakeAnswer *answer, const TessHello *hello, TessRatchet **session_out, GError **error);

/* The hello as bytes, with the @list_size bytes (at most TESS_DEVICE_LIST_SIZE_MAX, asserted) of our signed device list. */
GBytes *tess_hello_encode (const TessHello *hello, const uint8_t *list, size_t list_size);

/* Reads the hello at the start of @body, the body of an envelope of type TESS_ENVELOPE_HELLO. @list_out and @message_out are
 * borrowed from @body: the signed device list, and the ratchet message that follows. Errors: REFUSED. */
bool tess_hello_parse (const uint8_t *body, size_t size, TessHello *hello_out, const uint8_t **list_out, size_t *list_size_out,
                       const uint8_t **message_out, size_t *message_size_out, GError **error);

G_END_DECLS
