/* Handshakes with everything on the way, and hellos that are refused (protocol.md 2).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-bytes.h"
#include "crypto/tess-kdf.h"
#include "crypto/tess-ratchet-private.h"
#include "vectors.h"

#include <string.h>

#define HELLO_CT (32 + 4 + 4)
#define HELLO_LIST (HELLO_CT + 1088)

Handshake handshakes[2];

static void
put_dh (GByteArray *ikm, const TessDhSecret *secret, const TessDhPublic *public)
{
  TessSecret32 shared;

  g_assert_true (tess_dh (secret, public, &shared, NULL));
  out_hex (NULL, shared.bytes, sizeof shared.bytes);
  g_byte_array_append (ikm, shared.bytes, sizeof shared.bytes);
}

/* DH1 to DH4 from the initiator's side, then S1. */
static void
out_x3dh (const Person *a, const Person *b, const uint8_t *ephemeral, bool one_time, TessSecret32 *s1)
{
  static const uint8_t salt[32];
  g_autoptr (GByteArray) ikm = g_byte_array_new ();
  TessDhSecret device, ek;
  TessDhPublic peer;

  g_byte_array_set_size (ikm, 32);
  memset (ikm->data, 0xff, 32);
  memcpy (ek.bytes, ephemeral, sizeof ek.bytes);
  tess_device_dh_secret (&a->device, &device);
  g_assert_true (tess_device_dh_public (&b->party.device, &peer, NULL));
  out_array ("dh");
  put_dh (ikm, &device, &b->spk.dh);
  put_dh (ikm, &ek, &peer);
  put_dh (ikm, &ek, &b->spk.dh);
  if (one_time)
    put_dh (ikm, &ek, &b->one_time.dh);
  out_end ();
  tess_hkdf_label (salt, sizeof salt, ikm->data, ikm->len, "Tessera-v1/X3DH", s1->bytes, sizeof s1->bytes);
  out_hex ("s1", s1->bytes, sizeof s1->bytes);
}

/* ss, T's hash, SK and AD; SK and AD are compared with what the implementation came to. */
static void
out_agreement (const Person *a, const Person *b, const TessHello *hello, const TessSecret32 *s1, const TessRatchet *session)
{
  bool one_time = hello->one_time_id != 0;
  TessKemSeed seed;
  g_autoptr (TessKemKey) key = NULL;
  TessSecret32 ss, sk;
  uint8_t transcript[4096] = { 0 }, hash[32], info[16 + 32];
  TessWriter writer;

  memcpy (seed.bytes, (one_time ? b->one_time_secret.bytes : b->spk_secret.bytes) + 32, sizeof seed.bytes);
  key = tess_kem_key_new (&seed, NULL);
  g_assert_true (tess_kem_decapsulate (key, &hello->ct, &ss, NULL));
  tess_writer_init (&writer, transcript, sizeof transcript);
  tess_writer_u8 (&writer, TESS_SUITE);
  tess_writer_bytes (&writer, (const uint8_t *) &a->party, 64);
  tess_writer_bytes (&writer, (const uint8_t *) &b->party, 64);
  tess_writer_bytes (&writer, hello->ephemeral.bytes, 32);
  tess_writer_u32 (&writer, hello->spk_id);
  tess_writer_bytes (&writer, b->spk.dh.bytes, 32);
  tess_writer_u32 (&writer, hello->one_time_id);
  tess_writer_bytes (&writer, one_time ? b->one_time.dh.bytes : (const uint8_t[32]) { 0 }, 32);
  tess_writer_bytes (&writer, tess_kem_key_public (key)->bytes, TESS_KEM_PUBLIC_SIZE);
  tess_writer_bytes (&writer, hello->ct.bytes, sizeof hello->ct.bytes);
  crypto_hash_sha256 (hash, transcript, writer.size);
  memcpy (info, "Tessera-v1/PQXDH", 16);
  memcpy (info + 16, hash, 32);
  tess_hkdf (s1->bytes, sizeof s1->bytes, ss.bytes, sizeof ss.bytes, info, sizeof info, sk.bytes, sizeof sk.bytes);
  g_assert_cmpmem (sk.bytes, 32, session->root.bytes, 32);
  out_hex ("ss", ss.bytes, sizeof ss.bytes);
  out_hex ("transcript_hash", hash, sizeof hash);
  out_hex ("sk", session->root.bytes, 32);
  out_hex ("ad", session->ad, sizeof session->ad);
}

static bool
answer (const Person *a, const Person *b, GBytes *body, bool holds_one_time, TessRatchet **session, GError **error)
{
  TessHandshakeAnswer facts = {
    .us = b->party, .device = &b->device, .them = a->party, .signed_prekey = &b->spk_secret,
    .one_time = holds_one_time ? &b->one_time_secret : NULL,
  };
  const uint8_t *list_data, *message;
  size_t list_size, message_size;
  TessDeviceList list;
  TessHello hello;

  if (!tess_hello_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body), &hello, &list_data, &list_size, &message,
                         &message_size, error)
      || !tess_device_list_parse (list_data, list_size, &list, error))
    return false;
  if (memcmp (list.account, a->party.account.bytes, 32) == 0 && tess_device_list_find (&list, a->party.device.bytes) != NULL)
    return tess_handshake_answer (&facts, &hello, session, error);
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED, "not the sender's list");
  return false;
}

static void
make_handshake (Handshake *self, const char *what, const Person *a, const Person *b, bool one_time)
{
  TessHandshakeStart start = {
    .us = a->party, .device = &a->device, .them = b->party, .spk_id = b->spk_id, .spk = &b->spk.dh, .last_resort = &b->spk.kem,
    .one_time_id = one_time ? b->one_time_id : 0, .one_time = one_time ? &b->one_time : NULL,
  };
  TessSecret32 s1;
  TessHello hello;
  const uint8_t *ephemeral;

  self->a = a;
  self->b = b;
  g_assert_true (tess_handshake_start (&start, &self->initiator, &hello, NULL));
  self->hello = tess_hello_encode (&hello, g_bytes_get_data (a->list, NULL), g_bytes_get_size (a->list));
  g_assert_true (answer (a, b, self->hello, one_time, &self->responder, NULL));
  g_assert_cmpmem (self->initiator->root.bytes, 32, self->responder->root.bytes, 32);
  out_object (NULL);
  out_text ("what", what);
  out_text ("initiator", a->name);
  out_text ("responder", b->name);
  out_bool ("one_time", one_time);
  ephemeral = drawn_out ("ephemeral_private", 32);
  drawn_out ("m", 32);
  out_hex ("ephemeral", hello.ephemeral.bytes, sizeof hello.ephemeral.bytes);
  out_x3dh (a, b, ephemeral, one_time, &s1);
  drawn_end ();
  out_agreement (a, b, &hello, &s1, self->initiator);
  out_bytes ("hello", self->hello);
  out_end ();
}

/* The first handshake's hello with a field changed. */
static void
check_hello (const char *what, size_t at, const void *field, size_t size, size_t length, bool holds_one_time)
{
  const Handshake *base = &handshakes[0];
  TessRatchet *session = NULL;
  g_autoptr (GBytes) hello = NULL;
  g_autoptr (GError) error = NULL;
  Patch patch;
  bool good;

  out_object (NULL);
  out_text ("what", what);
  out_number ("handshake", 0);
  out_bool ("holds_one_time", holds_one_time);
  patch = patch_begin (g_bytes_get_data (base->hello, NULL), g_bytes_get_size (base->hello));
  if (size > 0)
    patch_at (&patch, at, field, size);
  hello = patch_end (&patch, length);
  good = answer (base->a, base->b, hello, holds_one_time, &session, &error);
  out_text ("verdict", verdict_of (good, &error));
  if (session != NULL)
    out_hex ("sk", session->root.bytes, 32);
  g_clear_pointer (&session, tess_ratchet_free);
  out_end ();
}

void
vectors_handshakes (void)
{
  static const uint8_t zeros[32] = { 0 }, one = 1;
  gsize size;

  out_array ("handshakes");
  make_handshake (&handshakes[0], "with a one-time prekey", &alice, &bob, true);
  make_handshake (&handshakes[1], "without one, the last-resort ek in its place; the other way round", &bob, &alice, false);
  out_end ();
  size = g_bytes_get_size (handshakes[0].hello);
  out_array ("hellos");
  check_hello ("EKa of small order", 0, zeros, 32, 0, true);
  check_hello ("a one-time prekey that is not held", 0, NULL, 0, 0, false);
  check_hello ("another account's device list", HELLO_LIST + 2, g_bytes_get_data (bob.list, NULL), g_bytes_get_size (bob.list), 0,
               true);
  check_hello ("a list that is longer than what is left", HELLO_LIST, &one, 1, 0, true);
  check_hello ("cut within the list", 0, NULL, 0, size - 1, true);
  check_hello ("another ct: a session with another SK, under which nothing decrypts", HELLO_CT, &one, 1, 0, true);
  out_end ();
}
