/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-recovery-file.h"

#include "base/tess-bytes.h"
#include "base/tess-random.h"

#include <string.h>

#define MAGIC "TESSRCVR"
#define VERSION 1
#define KINDS 2
#define CHECK 32
#define GROUP 5
#define COPY_MAX (8 + 1 + 4 + 4 + 16 + 32 + 24 + 2 + TESS_RECOVERY_CONTENT + 16)

/* More than anybody types between 30 digits. */
#define TYPED_MAX 1024

/* A copy of each kind, in the file's order; NULL: not there. */
typedef struct {
  const uint8_t *data[KINDS];
  size_t size[KINDS];
} Copies;

static bool
fail (GError **error, TessCryptoError code, const char *message)
{
  g_set_error_literal (error, TESS_CRYPTO_ERROR, code, message);
  return false;
}

bool
tess_recovery_code_generate (TessRecoveryCode *out)
{
  g_auto (TessSecret64) random = { 0 };
  size_t digits = 0;

  while (digits < sizeof out->bytes)
    {
      if (!tess_random (random.bytes, sizeof random.bytes))
        {
          tess_recovery_code_clear (out);
          return false;
        }
      /* 250 and more would make the first digits likelier. */
      for (size_t i = 0; i < sizeof random.bytes && digits < sizeof out->bytes; i++)
        if (random.bytes[i] < 250)
          out->bytes[digits++] = (uint8_t) ('0' + random.bytes[i] % 10);
    }
  return true;
}

bool
tess_recovery_code_parse (const char *text, size_t size, TessRecoveryCode *out)
{
  size_t digits = 0;
  bool good = size <= TYPED_MAX && g_utf8_validate_len (text, size, NULL);

  for (const char *at = text; good && at < text + size; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      int digit = g_unichar_digit_value (c);

      if (g_unichar_isspace (c))
        continue;
      good = digit >= 0 && digits < sizeof out->bytes;
      if (good)
        out->bytes[digits++] = (uint8_t) ('0' + digit);
    }
  if (good && digits == sizeof out->bytes)
    return true;
  tess_recovery_code_clear (out);
  return false;
}

void
tess_recovery_code_write (const TessRecoveryCode *code, TessRecoveryCodeText *out)
{
  size_t size = 0;

  for (size_t i = 0; i < sizeof code->bytes; i++)
    {
      if (i > 0 && i % GROUP == 0)
        out->bytes[size++] = ' ';
      out->bytes[size++] = code->bytes[i];
    }
  out->bytes[size++] = '\0';
  g_assert (size == sizeof out->bytes);
}

static void
make_check (const uint8_t *data, size_t size, uint8_t out[static CHECK])
{
  crypto_generichash (out, CHECK, data, size, NULL, 0);
}

static bool
read_copies (TessReader *reader, unsigned count, Copies *out)
{
  int before = -1;

  for (unsigned i = 0; i < count; i++)
    {
      int at = tess_reader_u8 (reader) - 1;
      size_t size;
      const uint8_t *data = tess_reader_var16 (reader, COPY_MAX, &size);

      if (data == NULL || at <= before || at >= KINDS)
        return false;
      out->data[at] = data;
      out->size[at] = size;
      before = at;
    }
  return true;
}

/* The copies inside @file, borrowed from it. */
static bool
parse (GBytes *file, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID], Copies *out, GError **error)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (file, &size);
  const uint8_t *magic, *id;
  uint8_t check[CHECK], version, count;
  TessReader reader;

  *out = (Copies) { 0 };
  if (size <= CHECK || size > TESS_RECOVERY_FILE_MAX)
    return fail (error, TESS_CRYPTO_ERROR_DAMAGED, "not a recovery file");
  make_check (data, size - CHECK, check);
  tess_reader_init (&reader, data, size - CHECK);
  magic = tess_reader_take (&reader, strlen (MAGIC));
  version = tess_reader_u8 (&reader);
  if (sodium_memcmp (check, data + size - CHECK, CHECK) != 0 || magic == NULL
      || sodium_memcmp (magic, MAGIC, strlen (MAGIC)) != 0)
    return fail (error, TESS_CRYPTO_ERROR_DAMAGED, "the recovery file is damaged");
  if (version != VERSION)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "the recovery file has another version");
  id = tess_reader_take (&reader, TESS_RECOVERY_PROFILE_ID);
  count = tess_reader_u8 (&reader);
  if (!read_copies (&reader, count, out) || !tess_reader_end (&reader) || out->data[TESS_RECOVERY_BY_CODE - 1] == NULL)
    return fail (error, TESS_CRYPTO_ERROR_DAMAGED, "the recovery file is damaged");
  if (sodium_memcmp (id, profile, TESS_RECOVERY_PROFILE_ID) != 0)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "the recovery file is another profile's");
  return true;
}

static GBytes *
assemble (const Copies *copies, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID])
{
  uint8_t data[TESS_RECOVERY_FILE_MAX], check[CHECK];
  TessWriter writer;
  uint8_t count = 0;

  for (unsigned i = 0; i < KINDS; i++)
    count += copies->data[i] != NULL;
  tess_writer_init (&writer, data, sizeof data);
  tess_writer_label (&writer, MAGIC);
  tess_writer_u8 (&writer, VERSION);
  tess_writer_bytes (&writer, profile, TESS_RECOVERY_PROFILE_ID);
  tess_writer_u8 (&writer, count);
  for (unsigned i = 0; i < KINDS; i++)
    if (copies->data[i] != NULL)
      {
        tess_writer_u8 (&writer, (uint8_t) (i + 1));
        tess_writer_var16 (&writer, copies->data[i], copies->size[i]);
      }
  make_check (data, writer.size, check);
  tess_writer_bytes (&writer, check, sizeof check);
  g_assert (tess_writer_ok (&writer));
  return g_bytes_new (data, writer.size);
}

GBytes *
tess_recovery_file_wrap (GBytes *old, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID], TessRecoveryKind kind,
                         const char *text, size_t text_size, const TessKeyfileCost *cost, const TessRecoverySecrets *secrets,
                         GError **error)
{
  g_autoptr (TessWiped) content = tess_wiped_new (TESS_RECOVERY_CONTENT);
  g_autoptr (GBytes) copy = NULL;
  Copies copies = { 0 };
  TessWriter writer;

  if (old != NULL && !parse (old, profile, &copies, error))
    return NULL;
  if (old == NULL && kind != TESS_RECOVERY_BY_CODE)
    {
      fail (error, TESS_CRYPTO_ERROR_REFUSED, "a recovery file begins with a code");
      return NULL;
    }
  tess_writer_init (&writer, content->bytes, content->size);
  tess_writer_u8 (&writer, VERSION);
  tess_writer_u8 (&writer, (uint8_t) kind);
  tess_writer_bytes (&writer, profile, TESS_RECOVERY_PROFILE_ID);
  tess_writer_bytes (&writer, secrets->bytes, sizeof secrets->bytes);
  g_assert (tess_writer_ok (&writer) && writer.size == content->size);
  copy = tess_keyfile_wrap (text, text_size, cost, content->bytes, content->size, error);
  if (copy == NULL)
    return NULL;
  copies.data[kind - 1] = g_bytes_get_data (copy, &copies.size[kind - 1]);
  return assemble (&copies, profile);
}

GBytes *
tess_recovery_file_drop_passphrase (GBytes *old, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID], GError **error)
{
  Copies copies;

  if (!parse (old, profile, &copies, error))
    return NULL;
  copies.data[TESS_RECOVERY_BY_PASSPHRASE - 1] = NULL;
  return assemble (&copies, profile);
}

unsigned
tess_recovery_file_kinds (GBytes *file, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID], GError **error)
{
  Copies copies;

  if (!parse (file, profile, &copies, error))
    return 0;
  return TESS_RECOVERY_BY_CODE | (copies.data[TESS_RECOVERY_BY_PASSPHRASE - 1] != NULL ? TESS_RECOVERY_BY_PASSPHRASE : 0);
}

bool
tess_recovery_file_open (GBytes *file, const uint8_t profile[static TESS_RECOVERY_PROFILE_ID], TessRecoveryKind kind,
                         const char *text, size_t text_size, TessRecoverySecrets *out, GError **error)
{
  g_autoptr (TessWiped) content = NULL;
  g_autoptr (GError) local = NULL;
  Copies copies;
  TessReader reader;
  uint8_t version, of_kind;
  const uint8_t *id;

  tess_recovery_secrets_clear (out);
  if (!parse (file, profile, &copies, error))
    return false;
  if (copies.data[kind - 1] == NULL)
    return fail (error, TESS_CRYPTO_ERROR_AUTH, "nothing is wrapped under that");
  content = tess_keyfile_open (text, text_size, copies.data[kind - 1], copies.size[kind - 1], &local);
  if (content == NULL)
    {
      /* A copy that is no key file, or asks for too much, is damage here. */
      if (g_error_matches (local, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED))
        return fail (error, TESS_CRYPTO_ERROR_DAMAGED, local->message);
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  tess_reader_init (&reader, content->bytes, content->size);
  version = tess_reader_u8 (&reader);
  of_kind = tess_reader_u8 (&reader);
  id = tess_reader_take (&reader, TESS_RECOVERY_PROFILE_ID);
  tess_reader_copy (&reader, out->bytes, sizeof out->bytes);
  if (tess_reader_end (&reader) && version == VERSION && of_kind == kind
      && sodium_memcmp (id, profile, TESS_RECOVERY_PROFILE_ID) == 0)
    return true;
  tess_recovery_secrets_clear (out);
  return fail (error, TESS_CRYPTO_ERROR_DAMAGED, "the recovery file holds what was wrapped for something else");
}
