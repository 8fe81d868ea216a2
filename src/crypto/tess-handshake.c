/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-handshake.h"

#include "base/tess-bytes.h"
#include "crypto/tess-kdf.h"

#include <string.h>

/* 0xFF * 32 || DH1 || DH2 || DH3 || DH4 */
TESS_SECRET_TYPE (DhInput, dh_input, 5 * 32)

#define TRANSCRIPT_SIZE (1 + 4 * 32 + 32 + 4 + 32 + 4 + 32 + TESS_KEM_PUBLIC_SIZE + TESS_KEM_CIPHERTEXT_SIZE)

/* What both sides know of one handshake: a is the initiator, b the responder. */
typedef struct {
  TessParty a;
  TessParty b;
  TessDhPublic spk;
  TessDhPublic one_time; /* zeros: none */
  const TessKemPublic *ek;
  const TessHello *hello;
} Facts;

static bool
fail (GError **error, TessCryptoError code, const char *message)
{
  g_set_error_literal (error, TESS_CRYPTO_ERROR, code, message);
  return false;
}

static void
write_parties (TessWriter *writer, const Facts *facts)
{
  tess_writer_u8 (writer, TESS_SUITE);
  tess_writer_bytes (writer, facts->a.account.bytes, 32);
  tess_writer_bytes (writer, facts->a.device.bytes, 32);
  tess_writer_bytes (writer, facts->b.account.bytes, 32);
  tess_writer_bytes (writer, facts->b.device.bytes, 32);
}

/* H(T). */
static void
hash_transcript (const Facts *facts, uint8_t out[static 32])
{
  uint8_t transcript[TRANSCRIPT_SIZE];
  TessWriter writer;

  tess_writer_init (&writer, transcript, sizeof transcript);
  write_parties (&writer, facts);
  tess_writer_bytes (&writer, facts->hello->ephemeral.bytes, 32);
  tess_writer_u32 (&writer, facts->hello->spk_id);
  tess_writer_bytes (&writer, facts->spk.bytes, 32);
  tess_writer_u32 (&writer, facts->hello->one_time_id);
  tess_writer_bytes (&writer, facts->one_time.bytes, 32);
  tess_writer_bytes (&writer, facts->ek->bytes, sizeof facts->ek->bytes);
  tess_writer_bytes (&writer, facts->hello->ct.bytes, sizeof facts->hello->ct.bytes);
  g_assert (tess_writer_ok (&writer) && writer.size == sizeof transcript);
  crypto_hash_sha256 (out, transcript, writer.size);
}

/* AD = H("Tessera-v1/AD" || suite || Aa || Da || Ab || Db). */
static void
hash_ad (const Facts *facts, uint8_t out[static 32])
{
  uint8_t input[256];
  TessWriter writer;

  tess_writer_init (&writer, input, sizeof input);
  tess_writer_label (&writer, "Tessera-v1/AD");
  write_parties (&writer, facts);
  crypto_hash_sha256 (out, input, writer.size);
}

/* S1 from the Diffie-Hellman results in @input (@n of them), then SK. */
static void
derive (const DhInput *input, unsigned n, const TessSecret32 *kem_shared, const Facts *facts, TessSessionKey *out)
{
  static const char label[] = "Tessera-v1/PQXDH";
  g_auto (TessSecret32) stage = { 0 };
  uint8_t info[sizeof label - 1 + 32];

  /* RFC 5869's default salt is the 32 zero bytes of protocol.md. */
  tess_hkdf_label (NULL, 0, input->bytes, 32 * (1 + n), "Tessera-v1/X3DH", stage.bytes, sizeof stage.bytes);
  memcpy (info, label, sizeof label - 1);
  hash_transcript (facts, info + sizeof label - 1);
  tess_hkdf (stage.bytes, sizeof stage.bytes, kem_shared->bytes, sizeof kem_shared->bytes, info, sizeof info, out->bytes,
             sizeof out->bytes);
}

/* One Diffie-Hellman into place @index (1 to 4) of @input. */
static bool
agree (const TessDhSecret *ours, const TessDhPublic *theirs, DhInput *input, unsigned index, GError **error)
{
  g_auto (TessSecret32) shared = { 0 };

  if (!tess_dh (ours, theirs, &shared, error))
    return false;
  memcpy (input->bytes + 32 * index, shared.bytes, 32);
  return true;
}

static bool
their_device_dh (const TessDhPublic *kept, const TessDevicePublic *device, TessDhPublic *out, GError **error)
{
  if (kept == NULL)
    return tess_device_dh_public (device, out, error);
  *out = *kept;
  return true;
}

bool
tess_handshake_start (const TessHandshakeStart *start, TessRatchet **session_out, TessHello *hello_out, GError **error)
{
  bool with_one_time = start->one_time_id != 0;
  TessHello hello = { .spk_id = start->spk_id, .one_time_id = start->one_time_id };
  Facts facts = { .a = start->us, .b = start->them, .spk = *start->spk, .ek = start->last_resort, .hello = &hello };
  g_auto (TessDhSecret) device = { 0 };
  g_auto (TessDhSecret) ephemeral = { 0 };
  g_auto (DhInput) input = { 0 };
  g_auto (TessSecret32) kem_shared = { 0 };
  g_auto (TessSessionKey) key = { 0 };
  TessDhPublic peer;
  uint8_t ad[32];

  *session_out = NULL;
  memset (hello_out, 0, sizeof *hello_out);
  g_assert (with_one_time == (start->one_time != NULL));
  if (with_one_time)
    {
      facts.one_time = start->one_time->dh;
      facts.ek = &start->one_time->kem;
    }
  if (!their_device_dh (start->their_device_dh, &start->them.device, &peer, error) ||
      !tess_dh_generate (&ephemeral, &hello.ephemeral, error))
    return false;

  tess_device_dh_secret (start->device, &device);
  memset (input.bytes, 0xff, 32);
  if (!agree (&device, &facts.spk, &input, 1, error) || !agree (&ephemeral, &peer, &input, 2, error) ||
      !agree (&ephemeral, &facts.spk, &input, 3, error) ||
      (with_one_time && !agree (&ephemeral, &facts.one_time, &input, 4, error)) ||
      !tess_kem_encapsulate (facts.ek, &hello.ct, &kem_shared, error))
    return false;
  derive (&input, with_one_time ? 4 : 3, &kem_shared, &facts, &key);
  hash_ad (&facts, ad);
  *session_out = tess_ratchet_new_initiator (&key, ad, &facts.spk);
  *hello_out = hello;
  return true;
}

/* The parts of a stored prekey secret. */
static void
split_prekey (const uint8_t secret[static TESS_PREKEY_SECRET_SIZE], TessDhSecret *dh_out, TessKemSeed *seed_out)
{
  memcpy (dh_out->bytes, secret, sizeof dh_out->bytes);
  memcpy (seed_out->bytes, secret + sizeof dh_out->bytes, sizeof seed_out->bytes);
}

bool
tess_handshake_answer (const TessHandshakeAnswer *answer, const TessHello *hello, TessRatchet **session_out, GError **error)
{
  bool with_one_time = hello->one_time_id != 0;
  Facts facts = { .a = answer->them, .b = answer->us, .hello = hello };
  g_autoptr (TessKemKey) kem = NULL;
  g_auto (TessDhSecret) device = { 0 };
  g_auto (TessDhSecret) spk = { 0 };
  g_auto (TessDhSecret) one_time = { 0 };
  g_auto (TessKemSeed) seed = { 0 };
  g_auto (DhInput) input = { 0 };
  g_auto (TessSecret32) kem_shared = { 0 };
  g_auto (TessSessionKey) key = { 0 };
  TessDhPublic peer;
  uint8_t ad[32];

  *session_out = NULL;
  if (with_one_time && answer->one_time == NULL)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "the hello names a one-time prekey that is not held");
  if (!their_device_dh (answer->their_device_dh, &answer->them.device, &peer, error))
    return false;

  tess_device_dh_secret (answer->device, &device);
  split_prekey (answer->signed_prekey->bytes, &spk, &seed);
  tess_dh_public (&spk, &facts.spk);
  if (with_one_time)
    {
      split_prekey (answer->one_time->bytes, &one_time, &seed);
      tess_dh_public (&one_time, &facts.one_time);
    }
  memset (input.bytes, 0xff, 32);
  if (!agree (&spk, &peer, &input, 1, error) || !agree (&device, &hello->ephemeral, &input, 2, error) ||
      !agree (&spk, &hello->ephemeral, &input, 3, error) ||
      (with_one_time && !agree (&one_time, &hello->ephemeral, &input, 4, error)))
    return false;
  kem = tess_kem_key_new (&seed, error);
  if (kem == NULL || !tess_kem_decapsulate (kem, &hello->ct, &kem_shared, error))
    return false;
  facts.ek = tess_kem_key_public (kem);
  derive (&input, with_one_time ? 4 : 3, &kem_shared, &facts, &key);
  hash_ad (&facts, ad);
  *session_out = tess_ratchet_new_responder (&key, ad, &spk);
  return true;
}

GBytes *
tess_hello_encode (const TessHello *hello, const uint8_t *list, size_t list_size)
{
  size_t size = TESS_HELLO_SIZE (list_size);
  g_autofree uint8_t *data = NULL;
  TessWriter writer;

  g_assert (list_size <= TESS_DEVICE_LIST_SIZE_MAX);
  data = g_malloc (size);
  tess_writer_init (&writer, data, size);
  tess_writer_bytes (&writer, hello->ephemeral.bytes, sizeof hello->ephemeral.bytes);
  tess_writer_u32 (&writer, hello->spk_id);
  tess_writer_u32 (&writer, hello->one_time_id);
  tess_writer_bytes (&writer, hello->ct.bytes, sizeof hello->ct.bytes);
  tess_writer_var16 (&writer, list, list_size);
  g_assert (tess_writer_ok (&writer) && writer.size == size);
  return g_bytes_new_take (g_steal_pointer (&data), size);
}

bool
tess_hello_parse (const uint8_t *body, size_t size, TessHello *hello_out, const uint8_t **list_out, size_t *list_size_out,
                  const uint8_t **message_out, size_t *message_size_out, GError **error)
{
  TessReader reader;

  tess_reader_init (&reader, body, size);
  tess_reader_copy (&reader, hello_out->ephemeral.bytes, sizeof hello_out->ephemeral.bytes);
  hello_out->spk_id = tess_reader_u32 (&reader);
  hello_out->one_time_id = tess_reader_u32 (&reader);
  tess_reader_copy (&reader, hello_out->ct.bytes, sizeof hello_out->ct.bytes);
  *list_out = tess_reader_var16 (&reader, TESS_DEVICE_LIST_SIZE_MAX, list_size_out);
  *message_size_out = reader.left;
  *message_out = tess_reader_take (&reader, reader.left);
  if (tess_reader_end (&reader))
    return true;
  memset (hello_out, 0, sizeof *hello_out);
  *list_out = *message_out = NULL;
  *list_size_out = *message_size_out = 0;
  return fail (error, TESS_CRYPTO_ERROR_REFUSED, "malformed hello");
}
