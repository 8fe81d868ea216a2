/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-app-lock.h"

#include "base/tess-bytes.h"

#include <string.h>

#define MAGIC "TESSKEYS"
#define KEYFILE_VERSION 1
#define VERSION 1
/* 1 and 2 are those of a recovery file: what was wrapped for one opens nothing here. */
#define KIND 3

static bool
fail (GError **error, TessCryptoError code, const char *message)
{
  g_set_error_literal (error, TESS_CRYPTO_ERROR, code, message);
  return false;
}

GBytes *
tess_app_lock_wrap (const uint8_t profile[static TESS_APP_LOCK_PROFILE_ID], const char *passphrase, size_t passphrase_size,
                    const TessKeyfileCost *cost, const TessAppLockKey *key, GError **error)
{
  g_autoptr (TessWiped) content = tess_wiped_new (TESS_APP_LOCK_CONTENT);
  TessWriter writer;

  tess_writer_init (&writer, content->bytes, content->size);
  tess_writer_u8 (&writer, VERSION);
  tess_writer_u8 (&writer, KIND);
  tess_writer_bytes (&writer, profile, TESS_APP_LOCK_PROFILE_ID);
  tess_writer_bytes (&writer, key->bytes, sizeof key->bytes);
  g_assert (tess_writer_ok (&writer) && writer.size == content->size);
  return tess_keyfile_wrap (passphrase, passphrase_size, cost, content->bytes, content->size, error);
}

bool
tess_app_lock_check (GBytes *item, GError **error)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (item, &size), *magic;
  TessReader reader;
  uint8_t version;

  tess_reader_init (&reader, data, size);
  magic = tess_reader_take (&reader, strlen (MAGIC));
  version = tess_reader_u8 (&reader);
  if (magic == NULL || sodium_memcmp (magic, MAGIC, strlen (MAGIC)) != 0 || version == 0 || size > TESS_KEYFILE_SIZE_MAX)
    return fail (error, TESS_CRYPTO_ERROR_DAMAGED, "not an app lock's item");
  if (version != KEYFILE_VERSION)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "the app lock's item has a newer version");
  return true;
}

bool
tess_app_lock_open (GBytes *item, const uint8_t profile[static TESS_APP_LOCK_PROFILE_ID], const char *passphrase,
                    size_t passphrase_size, TessAppLockKey *out, GError **error)
{
  g_autoptr (TessWiped) content = NULL;
  g_autoptr (GError) local = NULL;
  size_t size;
  const uint8_t *data = g_bytes_get_data (item, &size), *id;
  TessReader reader;
  uint8_t version, kind;

  tess_app_lock_key_clear (out);
  if (!tess_app_lock_check (item, error))
    return false;
  content = tess_keyfile_open (passphrase, passphrase_size, data, size, &local);
  if (content == NULL)
    {
      /* what is no key file, or asks for too much, is damage here */
      if (g_error_matches (local, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED))
        return fail (error, TESS_CRYPTO_ERROR_DAMAGED, local->message);
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  tess_reader_init (&reader, content->bytes, content->size);
  version = tess_reader_u8 (&reader);
  if (version > VERSION)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "the app lock's item has a newer version");
  kind = tess_reader_u8 (&reader);
  id = tess_reader_take (&reader, TESS_APP_LOCK_PROFILE_ID);
  tess_reader_copy (&reader, out->bytes, sizeof out->bytes);
  if (tess_reader_end (&reader) && version == VERSION && kind == KIND
      && sodium_memcmp (id, profile, TESS_APP_LOCK_PROFILE_ID) == 0)
    return true;
  tess_app_lock_key_clear (out);
  return fail (error, TESS_CRYPTO_ERROR_DAMAGED, "the app lock's item was wrapped for something else");
}
