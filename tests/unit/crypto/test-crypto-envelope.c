/* Envelopes: sizes, padding, tampering, room. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "crypto/tess-envelope.h"
#include "crypto/tess-kdf.h"
#include "crypto/tess-ratchet.h"
#include "support.h"

#include <string.h>

#define KEY_ID 0x01020304

typedef struct {
  Person from;
  Person to;
  TessXwingSeed seed;
  TessXwingPublic ek;
  TessXwingKey *key;
} Mail;

static void
mail_init (Mail *self)
{
  person_init (&self->from);
  person_init (&self->to);
  g_assert_true (tess_envelope_key_generate (&self->seed, &self->ek, NULL));
  self->key = tess_xwing_key_new (&self->seed, NULL);
}

static void
mail_clear (Mail *self)
{
  g_clear_pointer (&self->key, tess_xwing_key_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Mail, mail_clear)

static GBytes *
body_of (size_t size)
{
  uint8_t *data = g_malloc (size);

  for (size_t i = 0; i < size; i++)
    data[i] = (uint8_t) (i + 1);
  return g_bytes_new_take (data, size);
}

static GBytes *
seal (Mail *mail, GBytes *hello, GBytes *message)
{
  g_autoptr (GError) error = NULL;
  GBytes *envelope = tess_envelope_seal (&mail->ek, KEY_ID, &mail->to.party.device, &mail->from.party, hello, message, &error);

  g_assert_no_error (error);
  return envelope;
}

static bool
open_it (Mail *mail, GBytes *envelope, TessEnvelope *out, GError **error)
{
  return tess_envelope_open (mail->key, &mail->to.party.device, g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope),
                             out, error);
}

static void
refuse (Mail *mail, GBytes *envelope, TessCryptoError code)
{
  TessEnvelope opened;
  g_autoptr (GError) error = NULL;

  memset (&opened, 1, sizeof opened);
  g_assert_false (open_it (mail, envelope, &opened, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, (int) code);
  g_assert_true (sodium_is_zero ((const uint8_t *) &opened, sizeof opened));
}

static void
test_sizes (void)
{
  static const struct {
    size_t body;
    size_t envelope;
  } cases[] = {
    { 0, 4096 },     { 1, 4096 },     { 2886, 4096 },   { 2887, 16384 },
    { 15174, 16384 }, { 15175, 65536 }, { 64326, 65536 },
  };
  g_auto (Mail) mail = { 0 };

  mail_init (&mail);
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) body = body_of (cases[i].body);
      g_autoptr (GBytes) envelope = seal (&mail, NULL, body);
      g_auto (TessEnvelope) opened = { 0 };
      uint32_t id;

      g_assert_cmpuint (g_bytes_get_size (envelope), ==, cases[i].envelope);
      g_assert_cmpuint (tess_envelope_size_for (cases[i].body), ==, cases[i].envelope);
      g_assert_true (tess_envelope_key_id (g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope), &id, NULL));
      g_assert_cmpuint (id, ==, KEY_ID);
      g_assert_true (open_it (&mail, envelope, &opened, NULL));
      g_assert_cmpint (opened.type, ==, TESS_ENVELOPE_MESSAGE);
      g_assert_cmpmem (&opened.sender, sizeof opened.sender, &mail.from.party, sizeof mail.from.party);
      g_assert_cmpmem (opened.body, opened.body_size, g_bytes_get_data (body, NULL), cases[i].body);
    }
  g_assert_cmpuint (tess_envelope_size_for (64327), ==, 0);
  g_assert_cmpuint (tess_envelope_size_for (SIZE_MAX), ==, 0);
}

static void
test_too_large (void)
{
  g_auto (Mail) mail = { 0 };
  g_autoptr (GBytes) body = body_of (64327);
  g_autoptr (GError) error = NULL;

  mail_init (&mail);
  g_assert_null (tess_envelope_seal (&mail.ek, KEY_ID, &mail.to.party.device, &mail.from.party, NULL, body, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_TOO_LARGE);
}

static void
test_hello (void)
{
  g_auto (Mail) mail = { 0 };
  g_autoptr (GBytes) hello = body_of (1000);
  g_autoptr (GBytes) message = body_of (500);
  g_autoptr (GBytes) envelope = NULL;
  g_auto (TessEnvelope) opened = { 0 };

  mail_init (&mail);
  envelope = seal (&mail, hello, message);
  g_assert_true (open_it (&mail, envelope, &opened, NULL));
  g_assert_cmpint (opened.type, ==, TESS_ENVELOPE_HELLO);
  g_assert_cmpuint (opened.body_size, ==, 1500);
  g_assert_cmpmem (opened.body, 1000, g_bytes_get_data (hello, NULL), 1000);
  g_assert_cmpmem (opened.body + 1000, 500, g_bytes_get_data (message, NULL), 500);
}

/* The figures of protocol.md 3: room beside an offer, and beside a hello of one and of two devices. */
static void
test_room (void)
{
  size_t list = 32 + 8 + 1 + 108 + 64, longest = TESS_HELLO_SIZE (TESS_DEVICE_LIST_SIZE_MAX);

  g_assert_cmpuint (tess_envelope_room (TESS_ENVELOPE_SMALL, 0, TESS_RATCHET_OVERHEAD_OFFER), ==, 1620);
  g_assert_cmpuint (tess_envelope_room (TESS_ENVELOPE_SMALL, 0, TESS_RATCHET_OVERHEAD_ANSWER), ==, 1716);
  g_assert_cmpuint (tess_envelope_room (TESS_ENVELOPE_SMALL, TESS_HELLO_SIZE (list), TESS_RATCHET_OVERHEAD_OFFER), ==, 277);
  g_assert_cmpuint (tess_envelope_room (TESS_ENVELOPE_SMALL, TESS_HELLO_SIZE (list + 108), TESS_RATCHET_OVERHEAD_OFFER), ==, 169);
  g_assert_cmpuint (tess_envelope_room (TESS_ENVELOPE_LARGE, longest, TESS_RATCHET_OVERHEAD_OFFER), >, TESS_CONTENT_SIZE_MAX);
  g_assert_cmpuint (tess_envelope_room (5000, 0, 0), ==, 0);
  g_assert_cmpuint (tess_envelope_room (TESS_ENVELOPE_SMALL, 4000, 0), ==, 0);
  g_assert_cmpuint (tess_envelope_room (TESS_ENVELOPE_SMALL, SIZE_MAX, SIZE_MAX), ==, 0);
}

/* Each byte region, and addressed to another device. */
static void
test_tampering (void)
{
  g_auto (Mail) mail = { 0 };
  g_autoptr (GBytes) body = body_of (100);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GBytes) version = NULL;
  g_autoptr (GBytes) odd = NULL;

  mail_init (&mail);
  envelope = seal (&mail, NULL, body);
  for (size_t at = 1; at < 4096; at += at < 8 || at > 4080 ? 1 : 61)
    {
      g_autoptr (GBytes) forged = bytes_flip (envelope, at);

      refuse (&mail, forged, TESS_CRYPTO_ERROR_AUTH);
    }
  version = bytes_flip (envelope, 0);
  refuse (&mail, version, TESS_CRYPTO_ERROR_REFUSED);
  odd = g_bytes_new_from_bytes (envelope, 0, 4095);
  refuse (&mail, odd, TESS_CRYPTO_ERROR_REFUSED);
  mail.to.party.device.bytes[3] ^= 1;
  refuse (&mail, envelope, TESS_CRYPTO_ERROR_AUTH);
}

/* Seals a given inner part by hand, from docs/protocol.md. */
static GBytes *
seal_inner (Mail *mail, const uint8_t *inner, size_t inner_size)
{
  TessXwingCiphertext ct;
  TessSecret32 shared;
  uint8_t key[32], nonce[24] = { 0 }, ad[37] = { 1, 1, 2, 3, 4 };
  size_t size = 5 + 1120 + inner_size + 16;
  uint8_t *out = g_malloc (size);

  g_assert_true (tess_xwing_encapsulate (&mail->ek, &ct, &shared, NULL));
  tess_hkdf (NULL, 0, shared.bytes, 32, (const uint8_t *) "Tessera-v1/Envelope", 19, key, 32);
  memcpy (ad + 5, mail->to.party.device.bytes, 32);
  memcpy (out, ad, 5);
  memcpy (out + 5, ct.bytes, 1120);
  crypto_aead_xchacha20poly1305_ietf_encrypt (out + 1125, NULL, inner, inner_size, ad, sizeof ad, NULL, nonce, key);
  return g_bytes_new_take (out, size);
}

static void
test_inner (void)
{
  g_auto (Mail) mail = { 0 };
  uint8_t inner[2955] = { 2 };
  g_auto (TessEnvelope) opened = { 0 };
  g_autoptr (GBytes) good = NULL;

  mail_init (&mail);
  memcpy (inner + 1, &mail.from.party, 64);
  inner[68] = 3;
  memcpy (inner + 69, "abc", 3);
  good = seal_inner (&mail, inner, sizeof inner);
  g_assert_true (open_it (&mail, good, &opened, NULL));
  g_assert_cmpmem (opened.body, opened.body_size, "abc", 3);

  for (unsigned i = 0; i < 6; i++)
    {
      /* Types 0 and 3; padding at its start, middle and end; a body longer than the envelope. */
      size_t at = (size_t[]) { 0, 0, 72, 1500, sizeof inner - 1, 65 }[i];
      uint8_t value = (uint8_t[]) { 0, 3, 1, 1, 0x80, 1 }[i];
      uint8_t kept = inner[at];
      g_autoptr (GBytes) envelope = NULL;

      inner[at] = value;
      envelope = seal_inner (&mail, inner, sizeof inner);
      inner[at] = kept;
      refuse (&mail, envelope, TESS_CRYPTO_ERROR_REFUSED);
    }
}

static void
test_failures (void)
{
  g_auto (Mail) mail = { 0 };
  g_autoptr (GBytes) body = body_of (10);
  FailingSource source = { .fail_at = 1 };
  g_autoptr (GError) error = NULL;

  mail_init (&mail);
  tess_random_set_source (failing_source, &source);
  g_assert_null (tess_envelope_seal (&mail.ek, KEY_ID, &mail.to.party.device, &mail.from.party, NULL, body, &error));
  tess_random_set_source (NULL, NULL);
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM);
  g_clear_error (&error);
  memset (mail.ek.bytes, 0xff, 2);
  g_assert_null (tess_envelope_seal (&mail.ek, KEY_ID, &mail.to.party.device, &mail.from.party, NULL, body, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
}

/* The same content twice gives unlike envelopes. */
static void
test_fresh (void)
{
  g_auto (Mail) mail = { 0 };
  g_autoptr (GBytes) body = body_of (10);
  g_autoptr (GBytes) a = NULL;
  g_autoptr (GBytes) b = NULL;

  mail_init (&mail);
  a = seal (&mail, NULL, body);
  b = seal (&mail, NULL, body);
  g_assert_false (g_bytes_equal (a, b));
}

int
main (int argc, char *argv[])
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/envelope/sizes", test_sizes);
  g_test_add_func ("/crypto/envelope/too-large", test_too_large);
  g_test_add_func ("/crypto/envelope/hello", test_hello);
  g_test_add_func ("/crypto/envelope/room", test_room);
  g_test_add_func ("/crypto/envelope/tampering", test_tampering);
  g_test_add_func ("/crypto/envelope/inner", test_inner);
  g_test_add_func ("/crypto/envelope/failures", test_failures);
  g_test_add_func ("/crypto/envelope/fresh", test_fresh);
  return g_test_run ();
}
