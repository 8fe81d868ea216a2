/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-backup.h"

#include "base/tess-bytes.h"
#include "base/tess-random.h"
#include "crypto/tess-stretch.h"

#include <string.h>

#define MAGIC "TESSBKUP"
#define VERSION 1
#define LABEL "Tessera-v1/Backup"
#define STREAM_HEADER crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define RECORD_HEADER (1 + 4)
/* As in tess-aead.c: libsodium leaves the key schedule there. */
#define STACK 4096

G_STATIC_ASSERT (TESS_BACKUP_SEALED_SIZE == TESS_BACKUP_CHUNK_SIZE + crypto_secretstream_xchacha20poly1305_ABYTES);
G_STATIC_ASSERT (TESS_BACKUP_HEADER_SIZE == 8 + 1 + 4 + 4 + TESS_STRETCH_SALT + 32 + STREAM_HEADER);

/* What both sides keep in guarded memory. */
typedef struct {
  TessSecret32 key;
  crypto_secretstream_xchacha20poly1305_state stream;
} Secrets;

typedef struct {
  TessKeyfileCost cost;
  uint8_t salt[TESS_STRETCH_SALT];
  uint8_t commitment[32];
  uint8_t stream[STREAM_HEADER];
} Header;

struct _TessBackupWriter {
  Secrets *secrets;
  uint8_t header[TESS_BACKUP_HEADER_SIZE];
  TessWiped *chunk;  /* plaintext that was not sealed yet */
  size_t filled;
  uint64_t records;
  bool has_begun;    /* the header has gone out */
  bool is_finished;
  uint8_t sealed[TESS_BACKUP_SEALED_SIZE];
};

struct _TessBackupReader {
  Secrets *secrets;
  uint8_t header[TESS_BACKUP_HEADER_SIZE];
  TessWiped *chunk;
  size_t next, filled; /* of the chunk */
  TessWiped *record;   /* one that ran across chunks, or NULL */
  uint64_t records;
  bool is_final;       /* the chunk is the last one */
  bool is_done;
  bool is_failed;
  uint8_t sealed[TESS_BACKUP_SEALED_SIZE];
};

static bool
fail (GError **error, TessCryptoError code, const char *message)
{
  g_set_error_literal (error, TESS_CRYPTO_ERROR, code, message);
  return false;
}

static void
write_header (const Header *header, uint8_t out[static TESS_BACKUP_HEADER_SIZE])
{
  TessWriter writer;

  tess_writer_init (&writer, out, TESS_BACKUP_HEADER_SIZE);
  tess_writer_label (&writer, MAGIC);
  tess_writer_u8 (&writer, VERSION);
  tess_writer_u32 (&writer, header->cost.passes);
  tess_writer_u32 (&writer, header->cost.memory_kib);
  tess_writer_bytes (&writer, header->salt, sizeof header->salt);
  tess_writer_bytes (&writer, header->commitment, sizeof header->commitment);
  tess_writer_bytes (&writer, header->stream, sizeof header->stream);
  g_assert (tess_writer_ok (&writer) && writer.size == TESS_BACKUP_HEADER_SIZE);
}

unsigned
tess_backup_version (const uint8_t *header, size_t size)
{
  TessReader reader;
  const uint8_t *magic;
  uint8_t version;

  tess_reader_init (&reader, header, size);
  magic = tess_reader_take (&reader, strlen (MAGIC));
  version = tess_reader_u8 (&reader);
  return tess_reader_ok (&reader) && sodium_memcmp (magic, MAGIC, strlen (MAGIC)) == 0 ? version : 0;
}

static bool
parse_header (const uint8_t data[static TESS_BACKUP_HEADER_SIZE], Header *out)
{
  TessReader reader;

  tess_reader_init (&reader, data + strlen (MAGIC) + 1, TESS_BACKUP_HEADER_SIZE - strlen (MAGIC) - 1);
  out->cost.passes = tess_reader_u32 (&reader);
  out->cost.memory_kib = tess_reader_u32 (&reader);
  tess_reader_copy (&reader, out->salt, sizeof out->salt);
  tess_reader_copy (&reader, out->commitment, sizeof out->commitment);
  tess_reader_copy (&reader, out->stream, sizeof out->stream);
  return tess_reader_end (&reader) && tess_backup_version (data, TESS_BACKUP_HEADER_SIZE) == VERSION;
}

/* Writing. */

TessBackupWriter *
tess_backup_writer_new (const char *passphrase, size_t size, const TessKeyfileCost *cost, GError **error)
{
  g_autoptr (TessBackupWriter) self = NULL;
  g_auto (TessSecret64) keys = { 0 };
  Header header = { .cost = *cost };

  if (size > TESS_KEYFILE_PASSPHRASE_MAX)
    {
      fail (error, TESS_CRYPTO_ERROR_TOO_LARGE, "the passphrase is too long");
      return NULL;
    }
  if (size == 0 || !tess_stretch_cost_is_sane (cost))
    {
      fail (error, TESS_CRYPTO_ERROR_REFUSED, "an empty passphrase, or a cost out of bounds");
      return NULL;
    }
  if (!tess_random (header.salt, sizeof header.salt) || !tess_random (header.stream, sizeof header.stream))
    {
      fail (error, TESS_CRYPTO_ERROR_RANDOM, "the random source failed");
      return NULL;
    }
  if (!tess_stretch (passphrase, size, cost, header.salt, LABEL, &keys, error))
    return NULL;
  self = g_new0 (TessBackupWriter, 1);
  self->secrets = tess_secret_alloc (sizeof *self->secrets);
  self->chunk = tess_wiped_new (TESS_BACKUP_CHUNK_SIZE);
  memcpy (header.commitment, keys.bytes, sizeof header.commitment);
  memcpy (self->secrets->key.bytes, keys.bytes + 32, sizeof self->secrets->key.bytes);
  /* What init_push() does besides drawing the stream's header itself. */
  crypto_secretstream_xchacha20poly1305_init_pull (&self->secrets->stream, header.stream, self->secrets->key.bytes);
  sodium_stackzero (STACK);
  write_header (&header, self->header);
  return g_steal_pointer (&self);
}

void
tess_backup_writer_free (TessBackupWriter *self)
{
  if (self == NULL)
    return;
  tess_secret_free (self->secrets);
  tess_wiped_free (self->chunk);
  g_free (self);
}

/* The header, should it be the first, and what the chunk holds. */
static bool
flush (TessBackupWriter *self, TessBackupPut put, void *data, bool final, GError **error)
{
  uint8_t tag = final ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  unsigned long long size;

  if (!self->has_begun && !put (data, self->header, sizeof self->header, error))
    return false;
  self->has_begun = true;
  crypto_secretstream_xchacha20poly1305_push (&self->secrets->stream, self->sealed, &size, self->chunk->bytes, self->filled,
                                              self->header, sizeof self->header, tag);
  sodium_stackzero (STACK);
  self->filled = 0;
  return put (data, self->sealed, (size_t) size, error);
}

/* A full chunk goes only when more follows: the last one is never empty. */
static bool
append (TessBackupWriter *self, TessBackupPut put, void *data, const uint8_t *bytes, size_t size, GError **error)
{
  while (size > 0)
    {
      size_t part;

      if (self->filled == TESS_BACKUP_CHUNK_SIZE && !flush (self, put, data, false, error))
        return false;
      part = MIN (size, TESS_BACKUP_CHUNK_SIZE - self->filled);
      memcpy (self->chunk->bytes + self->filled, bytes, part);
      self->filled += part;
      bytes += part;
      size -= part;
    }
  return true;
}

static bool
append_record (TessBackupWriter *self, TessBackupPut put, void *data, uint8_t kind, const uint8_t *body, size_t size,
               GError **error)
{
  uint8_t head[RECORD_HEADER];
  TessWriter writer;

  g_assert (!self->is_finished);
  tess_writer_init (&writer, head, sizeof head);
  tess_writer_u8 (&writer, kind);
  tess_writer_u32 (&writer, (uint32_t) size);
  return append (self, put, data, head, sizeof head, error) && append (self, put, data, body, size, error);
}

bool
tess_backup_writer_record (TessBackupWriter *self, TessBackupPut put, void *data, uint8_t kind, const uint8_t *body, size_t size,
                           GError **error)
{
  g_assert (kind != TESS_BACKUP_KIND_END);
  if (size > TESS_BACKUP_RECORD_MAX)
    return fail (error, TESS_CRYPTO_ERROR_TOO_LARGE, "too large for a record");
  self->records++;
  return append_record (self, put, data, kind, body, size, error);
}

bool
tess_backup_writer_finish (TessBackupWriter *self, TessBackupPut put, void *data, GError **error)
{
  uint8_t count[8];
  TessWriter writer;

  tess_writer_init (&writer, count, sizeof count);
  tess_writer_u64 (&writer, self->records);
  if (!append_record (self, put, data, TESS_BACKUP_KIND_END, count, sizeof count, error))
    return false;
  self->is_finished = true;
  return flush (self, put, data, true, error);
}

/* Reading. */

static TessBackupReader *
reader_under (const uint8_t header[static TESS_BACKUP_HEADER_SIZE], const Header *parsed, const uint8_t key[static 32],
              GError **error)
{
  g_autoptr (TessBackupReader) self = g_new0 (TessBackupReader, 1);
  bool good;

  self->secrets = tess_secret_alloc (sizeof *self->secrets);
  self->chunk = tess_wiped_new (TESS_BACKUP_CHUNK_SIZE);
  memcpy (self->header, header, sizeof self->header);
  good = crypto_secretstream_xchacha20poly1305_init_pull (&self->secrets->stream, parsed->stream, key) == 0;
  sodium_stackzero (STACK);
  if (good)
    return g_steal_pointer (&self);
  fail (error, TESS_CRYPTO_ERROR_DAMAGED, "the backup is damaged");
  return NULL;
}

TessBackupReader *
tess_backup_writer_reread (const TessBackupWriter *self, const uint8_t header[static TESS_BACKUP_HEADER_SIZE], GError **error)
{
  Header parsed;

  if (sodium_memcmp (header, self->header, sizeof self->header) == 0 && parse_header (header, &parsed))
    return reader_under (header, &parsed, self->secrets->key.bytes, error);
  fail (error, TESS_CRYPTO_ERROR_DAMAGED, "the backup's header is not as it was written");
  return NULL;
}

TessBackupReader *
tess_backup_reader_new (const uint8_t header[static TESS_BACKUP_HEADER_SIZE], const char *passphrase, size_t size, GError **error)
{
  g_auto (TessSecret64) keys = { 0 };
  Header parsed;

  if (!parse_header (header, &parsed) || !tess_stretch_cost_is_sane (&parsed.cost))
    {
      fail (error, TESS_CRYPTO_ERROR_REFUSED, "not a backup of this version, or one that asks for a cost out of bounds");
      return NULL;
    }
  if (size == 0 || size > TESS_KEYFILE_PASSPHRASE_MAX)
    {
      fail (error, TESS_CRYPTO_ERROR_AUTH, "wrong passphrase");
      return NULL;
    }
  if (!tess_stretch (passphrase, size, &parsed.cost, parsed.salt, LABEL, &keys, error))
    return NULL;
  if (sodium_memcmp (keys.bytes, parsed.commitment, sizeof parsed.commitment) == 0)
    return reader_under (header, &parsed, keys.bytes + 32, error);
  fail (error, TESS_CRYPTO_ERROR_AUTH, "wrong passphrase");
  return NULL;
}

void
tess_backup_reader_free (TessBackupReader *self)
{
  if (self == NULL)
    return;
  tess_secret_free (self->secrets);
  tess_wiped_free (self->chunk);
  g_clear_pointer (&self->record, tess_wiped_free);
  g_free (self);
}

static bool
damaged (GError **error)
{
  return fail (error, TESS_CRYPTO_ERROR_DAMAGED, "the backup is damaged");
}

/* The next chunk: a full one, unless it is the last; the last one, behind which there is nothing. */
static bool
pull (TessBackupReader *self, TessBackupGet get, void *data, GError **error)
{
  size_t size, more = 0;
  unsigned long long opened;
  uint8_t tag, byte;
  bool good;

  self->next = self->filled = 0;
  if (self->is_final)
    return damaged (error);
  if (!get (data, self->sealed, sizeof self->sealed, &size, error))
    return false;
  good = size >= crypto_secretstream_xchacha20poly1305_ABYTES
         && crypto_secretstream_xchacha20poly1305_pull (&self->secrets->stream, self->chunk->bytes, &opened, &tag, self->sealed,
                                                        size, self->header, sizeof self->header)
              == 0;
  sodium_stackzero (STACK);
  if (!good)
    return damaged (error);
  if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL)
    {
      if (size == sizeof self->sealed && !get (data, &byte, 1, &more, error))
        return false;
      self->is_final = true;
    }
  else if (tag != crypto_secretstream_xchacha20poly1305_TAG_MESSAGE || size != sizeof self->sealed)
    return damaged (error);
  if (more != 0)
    return damaged (error);
  self->filled = (size_t) opened;
  return true;
}

static bool
take (TessBackupReader *self, TessBackupGet get, void *data, uint8_t *out, size_t size, GError **error)
{
  while (size > 0)
    {
      size_t part;

      if (self->next == self->filled && !pull (self, get, data, error))
        return false;
      part = MIN (size, self->filled - self->next);
      memcpy (out, self->chunk->bytes + self->next, part);
      self->next += part;
      out += part;
      size -= part;
    }
  return true;
}

/* The end says how many there were, and nothing follows it. */
static bool
check_end (TessBackupReader *self, const uint8_t *body, size_t size)
{
  TessReader reader;
  uint64_t count;

  tess_reader_init (&reader, body, size);
  count = tess_reader_u64 (&reader);
  return tess_reader_end (&reader) && count == self->records && self->is_final && self->next == self->filled;
}

static bool
read_record (TessBackupReader *self, TessBackupGet get, void *data, uint8_t *kind_out, const uint8_t **body_out,
             size_t *size_out, GError **error)
{
  uint8_t head[RECORD_HEADER];
  TessReader reader;

  g_clear_pointer (&self->record, tess_wiped_free);
  if (!take (self, get, data, head, sizeof head, error))
    return false;
  tess_reader_init (&reader, head, sizeof head);
  *kind_out = tess_reader_u8 (&reader);
  *size_out = tess_reader_u32 (&reader);
  if (*size_out > TESS_BACKUP_RECORD_MAX)
    return damaged (error);
  if (*size_out <= self->filled - self->next)
    {
      *body_out = self->chunk->bytes + self->next;
      self->next += *size_out;
      return true;
    }
  self->record = tess_wiped_new (*size_out);
  *body_out = self->record->bytes;
  return take (self, get, data, self->record->bytes, *size_out, error);
}

bool
tess_backup_reader_next (TessBackupReader *self, TessBackupGet get, void *data, uint8_t *kind_out, const uint8_t **body_out,
                         size_t *size_out, GError **error)
{
  const uint8_t *body = NULL;
  size_t size = 0;
  uint8_t kind = TESS_BACKUP_KIND_END;
  bool good;

  *kind_out = TESS_BACKUP_KIND_END;
  *body_out = NULL;
  *size_out = 0;
  if (self->is_done)
    return false;
  if (self->is_failed)
    return damaged (error);
  good = read_record (self, get, data, &kind, &body, &size, error);
  if (good && kind == TESS_BACKUP_KIND_END)
    {
      self->is_done = check_end (self, body, size);
      self->is_failed = !self->is_done;
      return self->is_failed ? damaged (error) : false;
    }
  self->is_failed = !good;
  if (!good)
    return false;
  self->records++;
  *kind_out = kind;
  *body_out = body;
  *size_out = size;
  return true;
}
