/* Envelopes (protocol.md 4), and the frames that carry them, with the relay's challenge and capabilities (protocol.md 7).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-random.h"
#include "crypto/tess-envelope.h"
#include "crypto/tess-kdf.h"
#include "vectors.h"
#include "wire/tess-frames.h"

#include <string.h>

#define SEALED (1 + 4 + 1120)
#define ROOM(size) ((size) - TESS_ENVELOPE_OVERHEAD)

GPtrArray *envelopes;

/* An envelope from @from to @to. A body is that of a real message, or @size bytes of 0xab. */
static void
make_envelope (const char *what, const Person *from, const Person *to, GBytes *hello, GBytes *message, size_t size)
{
  g_autoptr (GBytes) body = message != NULL ? g_bytes_ref (message) : g_bytes_new_take (g_strnfill (size, (char) 0xab), size);
  g_autoptr (TessXwingKey) key = tess_xwing_key_new (&to->envelope_seed, NULL);
  g_auto (TessEnvelope) opened = { 0 };
  TessXwingCiphertext ct;
  TessSecret32 ss;
  uint8_t aead[32];
  GBytes *envelope;
  gsize length;
  const uint8_t *data;

  envelope = tess_envelope_seal (&to->envelope, to->envelope_key_id, &to->party.device, &from->party, hello, body, NULL);
  data = g_bytes_get_data (envelope, &length);
  g_assert_true (tess_envelope_open (key, &to->party.device, data, length, &opened, NULL));
  memcpy (ct.bytes, data + 5, sizeof ct.bytes);
  g_assert_true (tess_xwing_decapsulate (key, &ct, &ss, NULL));
  tess_hkdf_label (NULL, 0, ss.bytes, sizeof ss.bytes, "Tessera-v1/Envelope", aead, sizeof aead);
  out_object (NULL);
  out_text ("what", what);
  out_text ("from", from->name);
  out_text ("to", to->name);
  out_number ("type", opened.type);
  if (message != NULL)
    out_hex ("body", opened.body, opened.body_size);
  else
    out_number ("body_of_ab", size);
  drawn_out ("eseed", 64);
  drawn_end ();
  out_hex ("ss", ss.bytes, sizeof ss.bytes);
  out_hex ("key", aead, sizeof aead);
  out_number ("padding", opened.inner->size - (1 + 32 + 32 + 4) - opened.body_size);
  out_hash ("inner_hash", opened.inner->bytes, opened.inner->size);
  out_number ("size", length);
  out_hash ("envelope_hash", data, length);
  if (message != NULL)
    out_bytes ("envelope", envelope);
  out_end ();
  g_ptr_array_add (envelopes, envelope);
}

/* The first envelope, opened by @opener, with @field at @at. When @inner_at is not 0 the byte there of the inner part is changed
 * to @inner and sealed well: the key stream stays as it is, so that this is a change of one byte and of the tag. */
static void
check_envelope (const char *what, const Person *opener, size_t at, const void *field, size_t size, size_t length, size_t inner_at,
                uint8_t inner)
{
  g_autoptr (TessXwingKey) key = tess_xwing_key_new (&bob.envelope_seed, NULL);
  g_auto (TessEnvelope) opened = { 0 };
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GError) error = NULL;
  gsize base_size;
  const uint8_t *base = g_bytes_get_data (g_ptr_array_index (envelopes, 0), &base_size);
  Patch patch;
  bool good;

  out_object (NULL);
  out_text ("what", what);
  out_number ("envelope", 0);
  out_text ("device", opener->name);
  patch = patch_begin (base, base_size);
  if (size > 0)
    patch_at (&patch, at, field, size);
  if (inner_at > 0)
    {
      g_autofree uint8_t *sealed = g_malloc (base_size - SEALED);
      uint8_t ad[5 + 32], aead[32];
      TessXwingCiphertext ct;
      TessSecret32 ss;

      memcpy (ad, base, 5);
      memcpy (ad + 5, bob.party.device.bytes, 32);
      memcpy (ct.bytes, base + 5, sizeof ct.bytes);
      g_assert_true (tess_xwing_decapsulate (key, &ct, &ss, NULL));
      tess_hkdf_label (NULL, 0, ss.bytes, sizeof ss.bytes, "Tessera-v1/Envelope", aead, sizeof aead);
      g_assert_true (tess_envelope_open (key, &bob.party.device, base, base_size, &opened, NULL));
      opened.inner->bytes[inner_at - 1] = inner;
      crypto_aead_xchacha20poly1305_ietf_encrypt (sealed, NULL, opened.inner->bytes, opened.inner->size, ad, sizeof ad, NULL,
                                                  (const uint8_t[24]) { 0 }, aead);
      patch_at (&patch, SEALED + inner_at - 1, sealed + inner_at - 1, 1);
      patch_at (&patch, base_size - 16, sealed + base_size - SEALED - 16, 16);
      tess_envelope_clear (&opened);
    }
  envelope = patch_end (&patch, length);
  good = tess_envelope_open (key, &opener->party.device, g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope), &opened,
                             &error);
  out_text ("verdict", verdict_of (good, &error));
  out_end ();
}

static void
check_envelopes (void)
{
  static const uint8_t two = 2, zeros[32] = { 0 };
  gsize size = g_bytes_get_size (g_ptr_array_index (envelopes, 0));
  size_t padded = size - SEALED - 16;

  check_envelope ("another version", &bob, 0, &two, 1, 0, 0, 0);
  check_envelope ("another envelope key's id", &bob, 1, zeros, 4, 0, 0, 0);
  check_envelope ("for another device", &alice, 0, NULL, 0, 0, 0, 0);
  check_envelope ("an X25519 part of zeros", &bob, 5 + 1088, zeros, 32, 0, 0, 0);
  check_envelope ("another ML-KEM ct", &bob, 5, zeros, 4, 0, 0, 0);
  check_envelope ("a byte short", &bob, 0, NULL, 0, size - 1, 0, 0);
  check_envelope ("type 0, sealed well", &bob, 0, NULL, 0, 0, 1, 0);
  check_envelope ("type 3, sealed well", &bob, 0, NULL, 0, 0, 1, 3);
  check_envelope ("a body that claims 16 MiB more, sealed well", &bob, 0, NULL, 0, 0, 1 + 65, 1);
  check_envelope ("padding whose last byte is 1, sealed well", &bob, 0, NULL, 0, 0, padded, 1);
  check_envelope ("another type, sealed well: no fault here", &bob, 0, NULL, 0, 0, 1, 2);
}

void
vectors_envelopes (void)
{
  GBytes *const first = g_ptr_array_index (messages, 0), *const answer = g_ptr_array_index (messages, 3);

  envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  out_array ("envelopes");
  make_envelope ("a hello and the first session's message 0", &alice, &bob, handshakes[0].hello, first, 0);
  make_envelope ("its message 3", &bob, &alice, NULL, answer, 0);
  make_envelope ("the smallest body", &alice, &bob, NULL, NULL, 0);
  make_envelope ("the largest in 4,096", &alice, &bob, NULL, NULL, ROOM (4096));
  make_envelope ("a byte more", &alice, &bob, NULL, NULL, ROOM (4096) + 1);
  make_envelope ("the largest in 16,384", &alice, &bob, NULL, NULL, ROOM (16384));
  make_envelope ("a byte more", &alice, &bob, NULL, NULL, ROOM (16384) + 1);
  make_envelope ("the largest", &alice, &bob, NULL, NULL, ROOM (65536));
  out_end ();
  out_array ("changed_envelopes");
  check_envelopes ();
  out_end ();
}

static void
make_deposit (void)
{
  TessDepositFrame frame = { .request = 0x80000001, .envelope = NULL };
  g_autoptr (GBytes) made = NULL;

  frame.envelope = g_bytes_get_data (g_ptr_array_index (envelopes, 0), &frame.envelope_size);
  memcpy (frame.device, bob.party.device.bytes, 32);
  g_assert_true (tess_random (frame.capability, sizeof frame.capability) && tess_random (frame.id, sizeof frame.id));
  made = tess_deposit_frame_encode (&frame);
  out_object ("deposit");
  out_number ("request", frame.request);
  out_text ("to", "bob");
  drawn_out ("capability", 16);
  drawn_out ("deposit_id", 16);
  drawn_end ();
  out_number ("envelope", 0);
  out_hex ("head", g_bytes_get_data (made, NULL), TESS_DEPOSIT_HEAD_SIZE);
  out_hash ("frame_hash", g_bytes_get_data (made, NULL), g_bytes_get_size (made));
  out_end ();
}

static void
make_answer (TessDepositStatus status, uint32_t wait)
{
  TessDepositAnswer answer = { .request = 0x80000001, .status = status, .retry_after_ms = wait };
  uint8_t frame[TESS_DEPOSIT_ANSWER_SIZE_MAX];
  size_t size = tess_deposit_answer_encode (&answer, frame);

  out_object (NULL);
  out_number ("request", answer.request);
  out_number ("status", status);
  if (wait != 0)
    out_number ("retry_after_ms", wait);
  out_hex ("frame", frame, size);
  out_end ();
}

static void
make_mail (TessMailClass class)
{
  TessMailFrame mail = { .sequence = 9007199254740991, .class = class, .envelope = NULL };
  g_autoptr (GBytes) made = NULL;
  uint8_t ack[TESS_ACK_SIZE];

  mail.envelope = g_bytes_get_data (g_ptr_array_index (envelopes, 0), &mail.envelope_size);
  made = tess_mail_frame_encode (&mail);
  tess_ack_encode (mail.sequence, ack);
  out_object (NULL);
  out_number ("sequence", mail.sequence);
  out_number ("class", class);
  out_number ("envelope", 0);
  out_hex ("head", g_bytes_get_data (made, NULL), TESS_MAIL_HEAD_SIZE);
  out_hash ("frame_hash", g_bytes_get_data (made, NULL), g_bytes_get_size (made));
  out_hex ("ack", ack, sizeof ack);
  out_end ();
}

static void
make_auth (const char *origin)
{
  uint8_t nonce[TESS_NONCE_SIZE], signature[64];

  g_assert_true (tess_random (nonce, sizeof nonce));
  tess_relay_auth_sign (nonce, origin, alice.device_sign, signature);
  out_object (NULL);
  out_text ("person", "alice");
  drawn_out ("nonce", sizeof nonce);
  drawn_end ();
  out_text ("origin", origin);
  out_hex ("signature", signature, sizeof signature);
  out_end ();
}

void
vectors_relay (void)
{
  uint8_t capability[16], hash[32];

  make_deposit ();
  out_array ("deposit_answers");
  make_answer (TESS_DEPOSIT_STORED, 0);
  make_answer (TESS_DEPOSIT_REFUSED, 0);
  make_answer (TESS_DEPOSIT_FULL, 60000);
  make_answer (TESS_DEPOSIT_SLOW_DOWN, 1);
  out_end ();
  out_array ("mail");
  make_mail (TESS_MAIL_CONTACT);
  make_mail (TESS_MAIL_REQUEST);
  out_end ();
  out_array ("relay_auth");
  make_auth ("https://relay.example");
  make_auth ("http://127.0.0.1:8080");
  out_end ();
  out_object ("capability");
  g_assert_true (tess_random (capability, sizeof capability));
  drawn_out ("capability", sizeof capability);
  drawn_end ();
  tess_capability_hash (capability, hash);
  out_hex ("kept", hash, sizeof hash);
  out_end ();
}
