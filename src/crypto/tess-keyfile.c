/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-keyfile.h"

#include "base/tess-bytes.h"
#include "base/tess-random.h"
#include "crypto/tess-aead.h"
#include "crypto/tess-stretch.h"

#include <string.h>

#define MAGIC "TESSKEYS"
#define VERSION 1
#define SALT TESS_STRETCH_SALT
#define NONCE TESS_AEAD_NONCE
#define TAG TESS_AEAD_TAG
#define HEADER (8 + 1 + 4 + 4 + SALT + 32 + NONCE)

#define LABEL "Tessera-v1/Key-File"

const TessKeyfileCost tess_keyfile_cost = { .passes = 3, .memory_kib = 256 * 1024 };

typedef struct {
  TessKeyfileCost cost;
  uint8_t salt[SALT];
  uint8_t commitment[32];
  uint8_t nonce[NONCE];
  const uint8_t *sealed;
  size_t sealed_size;
} KeyFile;

static bool
fail (GError **error, TessCryptoError code, const char *message)
{
  g_set_error_literal (error, TESS_CRYPTO_ERROR, code, message);
  return false;
}

static void
write_header (TessWriter *writer, const KeyFile *file)
{
  tess_writer_label (writer, MAGIC);
  tess_writer_u8 (writer, VERSION);
  tess_writer_u32 (writer, file->cost.passes);
  tess_writer_u32 (writer, file->cost.memory_kib);
  tess_writer_bytes (writer, file->salt, sizeof file->salt);
  tess_writer_bytes (writer, file->commitment, sizeof file->commitment);
  tess_writer_bytes (writer, file->nonce, sizeof file->nonce);
}

GBytes *
tess_keyfile_wrap (const char *passphrase, size_t passphrase_size, const TessKeyfileCost *cost, const uint8_t *secret,
                   size_t size, GError **error)
{
  KeyFile file = { .cost = *cost };
  uint8_t sealed[TESS_KEYFILE_SECRET_MAX + TAG];
  uint8_t data[TESS_KEYFILE_SIZE_MAX];
  g_auto (TessSecret64) keys = { 0 };
  TessWriter writer;

  if (size > TESS_KEYFILE_SECRET_MAX || passphrase_size > TESS_KEYFILE_PASSPHRASE_MAX)
    {
      fail (error, TESS_CRYPTO_ERROR_TOO_LARGE, "too large for a key file");
      return NULL;
    }
  if (size == 0 || passphrase_size == 0 || !tess_stretch_cost_is_sane (cost))
    {
      fail (error, TESS_CRYPTO_ERROR_REFUSED, "an empty passphrase or secret, or a cost out of bounds");
      return NULL;
    }
  if (!tess_random (file.salt, sizeof file.salt) || !tess_random (file.nonce, sizeof file.nonce))
    {
      fail (error, TESS_CRYPTO_ERROR_RANDOM, "the random source failed");
      return NULL;
    }
  if (!tess_stretch (passphrase, passphrase_size, cost, file.salt, LABEL, &keys, error))
    return NULL;

  memcpy (file.commitment, keys.bytes, sizeof file.commitment);
  tess_writer_init (&writer, data, sizeof data);
  write_header (&writer, &file);
  tess_aead_seal (keys.bytes + 32, file.nonce, data, HEADER, secret, size, sealed);
  tess_writer_var16 (&writer, sealed, size + TAG);
  g_assert (tess_writer_ok (&writer));
  return g_bytes_new (data, writer.size);
}

static bool
parse (const uint8_t *data, size_t size, KeyFile *out)
{
  TessReader reader;
  const uint8_t *magic;
  uint8_t version;

  tess_reader_init (&reader, data, size);
  magic = tess_reader_take (&reader, strlen (MAGIC));
  version = tess_reader_u8 (&reader);
  out->cost.passes = tess_reader_u32 (&reader);
  out->cost.memory_kib = tess_reader_u32 (&reader);
  tess_reader_copy (&reader, out->salt, sizeof out->salt);
  tess_reader_copy (&reader, out->commitment, sizeof out->commitment);
  tess_reader_copy (&reader, out->nonce, sizeof out->nonce);
  out->sealed = tess_reader_var16 (&reader, TESS_KEYFILE_SECRET_MAX + TAG, &out->sealed_size);
  return tess_reader_end (&reader) && version == VERSION && out->sealed_size > TAG &&
         sodium_memcmp (magic, MAGIC, strlen (MAGIC)) == 0;
}

TessWiped *
tess_keyfile_open (const char *passphrase, size_t passphrase_size, const uint8_t *data, size_t size, GError **error)
{
  g_autoptr (TessWiped) secret = NULL;
  g_auto (TessSecret64) keys = { 0 };
  KeyFile file;

  if (!parse (data, size, &file))
    {
      fail (error, TESS_CRYPTO_ERROR_REFUSED, "not a key file");
      return NULL;
    }
  if (!tess_stretch_cost_is_sane (&file.cost))
    {
      fail (error, TESS_CRYPTO_ERROR_REFUSED, "the key file asks for a cost out of bounds");
      return NULL;
    }
  if (passphrase_size == 0 || passphrase_size > TESS_KEYFILE_PASSPHRASE_MAX)
    {
      fail (error, TESS_CRYPTO_ERROR_AUTH, "wrong passphrase");
      return NULL;
    }
  if (!tess_stretch (passphrase, passphrase_size, &file.cost, file.salt, LABEL, &keys, error))
    return NULL;
  if (sodium_memcmp (keys.bytes, file.commitment, sizeof file.commitment) != 0)
    {
      fail (error, TESS_CRYPTO_ERROR_AUTH, "wrong passphrase");
      return NULL;
    }

  secret = tess_wiped_new (file.sealed_size - TAG);
  if (!tess_aead_open (keys.bytes + 32, file.nonce, data, HEADER, file.sealed, file.sealed_size, secret->bytes))
    {
      fail (error, TESS_CRYPTO_ERROR_DAMAGED, "the key file is damaged");
      return NULL;
    }
  return g_steal_pointer (&secret);
}
