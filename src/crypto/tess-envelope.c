/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-envelope.h"

#include "base/tess-bytes.h"
#include "crypto/tess-aead.h"
#include "crypto/tess-kdf.h"

#include <string.h>

#define VERSION 0x01
#define HEAD (1 + 4)
#define CIPHERTEXT_AT HEAD
#define SEALED_AT (HEAD + TESS_XWING_CIPHERTEXT_SIZE)
#define TAG TESS_AEAD_TAG
#define AD_SIZE (HEAD + 32)

static const uint8_t zero_nonce[TESS_AEAD_NONCE];

static bool
fail (GError **error, TessCryptoError code, const char *message)
{
  g_set_error_literal (error, TESS_CRYPTO_ERROR, code, message);
  return false;
}

static bool
is_envelope_size (size_t size)
{
  return size == TESS_ENVELOPE_SMALL || size == TESS_ENVELOPE_MEDIUM || size == TESS_ENVELOPE_LARGE;
}

size_t
tess_envelope_size_for (size_t body_size)
{
  static const size_t sizes[] = { TESS_ENVELOPE_SMALL, TESS_ENVELOPE_MEDIUM, TESS_ENVELOPE_LARGE };

  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      if (body_size <= sizes[i] - TESS_ENVELOPE_OVERHEAD)
        return sizes[i];
    }
  return 0;
}

size_t
tess_envelope_room (size_t envelope_size, size_t hello_size, size_t ratchet_overhead)
{
  size_t taken = TESS_ENVELOPE_OVERHEAD;

  if (!is_envelope_size (envelope_size) || hello_size > TESS_ENVELOPE_LARGE || ratchet_overhead > TESS_ENVELOPE_LARGE)
    return 0;
  taken += hello_size + ratchet_overhead;
  return taken < envelope_size ? envelope_size - taken : 0;
}

/* The key of one envelope; single-use, as every encapsulation is fresh, so the nonce may be zero. */
static void
envelope_key (const TessSecret32 *shared, TessSecret32 *out)
{
  tess_hkdf_label (NULL, 0, shared->bytes, sizeof shared->bytes, "Tessera-v1/Envelope", out->bytes, sizeof out->bytes);
}

static void
write_ad (uint8_t out[static AD_SIZE], uint32_t key_id, const TessDevicePublic *to)
{
  TessWriter writer;

  tess_writer_init (&writer, out, AD_SIZE);
  tess_writer_u8 (&writer, VERSION);
  tess_writer_u32 (&writer, key_id);
  tess_writer_bytes (&writer, to->bytes, sizeof to->bytes);
}

GBytes *
tess_envelope_seal (const TessXwingPublic *envelope_key_public, uint32_t envelope_key_id, const TessDevicePublic *to,
                    const TessParty *from, GBytes *hello, GBytes *message, GError **error)
{
  size_t hello_size = hello != NULL ? g_bytes_get_size (hello) : 0;
  size_t body_size = hello_size + g_bytes_get_size (message);
  size_t size = body_size >= hello_size ? tess_envelope_size_for (body_size) : 0;
  g_autoptr (TessWiped) inner = NULL;
  g_autofree uint8_t *envelope = NULL;
  g_auto (TessSecret32) shared = { 0 };
  g_auto (TessSecret32) key = { 0 };
  TessXwingCiphertext ct;
  uint8_t ad[AD_SIZE];
  TessWriter writer;

  if (size == 0)
    {
      fail (error, TESS_CRYPTO_ERROR_TOO_LARGE, "too large for one envelope");
      return NULL;
    }
  if (!tess_xwing_encapsulate (envelope_key_public, &ct, &shared, error))
    return NULL;

  /* The padding is what the writer leaves: zeros. */
  inner = tess_wiped_new (size - SEALED_AT - TAG);
  tess_writer_init (&writer, inner->bytes, inner->size);
  tess_writer_u8 (&writer, hello != NULL ? TESS_ENVELOPE_HELLO : TESS_ENVELOPE_MESSAGE);
  tess_writer_bytes (&writer, from->account.bytes, sizeof from->account.bytes);
  tess_writer_bytes (&writer, from->device.bytes, sizeof from->device.bytes);
  tess_writer_u32 (&writer, (uint32_t) body_size);
  if (hello != NULL)
    tess_writer_bytes (&writer, g_bytes_get_data (hello, NULL), hello_size);
  tess_writer_bytes (&writer, g_bytes_get_data (message, NULL), g_bytes_get_size (message));
  g_assert (tess_writer_ok (&writer));

  envelope = g_malloc (size);
  write_ad (ad, envelope_key_id, to);
  memcpy (envelope, ad, HEAD);
  memcpy (envelope + CIPHERTEXT_AT, ct.bytes, sizeof ct.bytes);
  envelope_key (&shared, &key);
  tess_aead_seal (key.bytes, zero_nonce, ad, sizeof ad, inner->bytes, inner->size, envelope + SEALED_AT);
  return g_bytes_new_take (g_steal_pointer (&envelope), size);
}

bool
tess_envelope_key_id (const uint8_t *envelope, size_t size, uint32_t *id_out, GError **error)
{
  TessReader reader;

  *id_out = 0;
  tess_reader_init (&reader, envelope, size);
  if (!is_envelope_size (size) || tess_reader_u8 (&reader) != VERSION)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "not an envelope");
  *id_out = tess_reader_u32 (&reader);
  return true;
}

/* Reads the opened inner part; body is borrowed from it. */
static bool
parse_inner (const TessWiped *inner, TessEnvelope *out)
{
  TessReader reader;
  uint8_t type;

  tess_reader_init (&reader, inner->bytes, inner->size);
  type = tess_reader_u8 (&reader);
  tess_reader_copy (&reader, out->sender.account.bytes, sizeof out->sender.account.bytes);
  tess_reader_copy (&reader, out->sender.device.bytes, sizeof out->sender.device.bytes);
  out->body = tess_reader_var32 (&reader, inner->size, &out->body_size);
  out->type = type;
  return tess_reader_ok (&reader) && (type == TESS_ENVELOPE_HELLO || type == TESS_ENVELOPE_MESSAGE) &&
         sodium_is_zero (reader.next, reader.left);
}

bool
tess_envelope_open (const TessXwingKey *key, const TessDevicePublic *us, const uint8_t *envelope, size_t size,
                    TessEnvelope *envelope_out, GError **error)
{
  g_auto (TessEnvelope) opened = { 0 };
  g_auto (TessSecret32) shared = { 0 };
  g_auto (TessSecret32) aead = { 0 };
  TessXwingCiphertext ct;
  uint8_t ad[AD_SIZE];
  uint32_t key_id;

  memset (envelope_out, 0, sizeof *envelope_out);
  if (!tess_envelope_key_id (envelope, size, &key_id, error))
    return false;
  memcpy (ct.bytes, envelope + CIPHERTEXT_AT, sizeof ct.bytes);
  if (!tess_xwing_decapsulate (key, &ct, &shared, error))
    return false;

  write_ad (ad, key_id, us);
  envelope_key (&shared, &aead);
  opened.inner = tess_wiped_new (size - SEALED_AT - TAG);
  if (!tess_aead_open (aead.bytes, zero_nonce, ad, sizeof ad, envelope + SEALED_AT, size - SEALED_AT, opened.inner->bytes))
    return fail (error, TESS_CRYPTO_ERROR_AUTH, "the envelope is not for this key or was changed");
  if (!parse_inner (opened.inner, &opened))
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "the envelope's content is malformed");
  *envelope_out = opened;
  opened.inner = NULL;
  return true;
}

void
tess_envelope_clear (TessEnvelope *self)
{
  g_clear_pointer (&self->inner, tess_wiped_free);
  memset (self, 0, sizeof *self);
}
