/* A backup's file: what was written comes back, record by record, and nothing else does.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-bytes.h"
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "crypto/tess-backup.h"
#include "crypto/tess-stretch.h"

#include <string.h>

#define PASSPHRASE "a passphrase to back up with"
#define HEADER TESS_BACKUP_HEADER_SIZE
#define SEALED TESS_BACKUP_SEALED_SIZE

static const TessKeyfileCost cheap = { .passes = 1, .memory_kib = 8 };

/* The lengths of the records of the file that is changed below: three full chunks and a part, with records across their edges. */
static const size_t lengths[] = { 0, 1, 100, 65000, 600, 70000, 65536, 5 };

static bool
put (void *data, const uint8_t *bytes, size_t size, GError **error)
{
  g_byte_array_append (data, bytes, (guint) size);
  return true;
}

static bool
put_fails (void *data, const uint8_t *bytes, size_t size, GError **error)
{
  unsigned *left = data;

  if ((*left)-- > 0)
    return true;
  *left = 0;
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "full");
  return false;
}

typedef struct {
  const uint8_t *bytes;
  size_t left;
  bool fails;
} Input;

static bool
get (void *data, uint8_t *bytes, size_t size, size_t *size_out, GError **error)
{
  Input *input = data;

  *size_out = MIN (size, input->left);
  memcpy (bytes, input->bytes, *size_out);
  input->bytes += *size_out;
  input->left -= *size_out;
  if (!input->fails)
    return true;
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "no more");
  return false;
}

static void
fill (uint8_t *body, size_t size, size_t record)
{
  for (size_t i = 0; i < size; i++)
    body[i] = (uint8_t) (i * 7 + record);
}

static TessBackupWriter *
writer_new (const TessKeyfileCost *cost)
{
  g_autoptr (GError) error = NULL;
  TessBackupWriter *writer = tess_backup_writer_new (PASSPHRASE, strlen (PASSPHRASE), cost, &error);

  g_assert_no_error (error);
  return writer;
}

static void
write_records (TessBackupWriter *writer, GByteArray *file, const size_t *sizes, size_t count)
{
  for (size_t i = 0; i < count; i++)
    {
      g_autofree uint8_t *body = g_malloc (sizes[i] + 1);

      fill (body, sizes[i], i);
      g_assert_true (tess_backup_writer_record (writer, put, file, (uint8_t) (i + 1), body, sizes[i], NULL));
    }
  g_assert_true (tess_backup_writer_finish (writer, put, file, NULL));
}

static GByteArray *
written (const size_t *sizes, size_t count)
{
  g_autoptr (TessBackupWriter) writer = writer_new (&cheap);
  GByteArray *file = g_byte_array_new ();

  write_records (writer, file, sizes, count);
  return file;
}

/* Reads to the end: how many records came; the error when it is not whole. */
static unsigned
read_on (TessBackupReader *reader, Input *input, GError **error)
{
  GError *local = NULL;
  const uint8_t *body;
  unsigned count = 0;
  size_t size;
  uint8_t kind;

  while (tess_backup_reader_next (reader, get, input, &kind, &body, &size, &local))
    {
      g_autofree uint8_t *expected = g_malloc (size + 1);

      fill (expected, size, count++);
      g_assert_cmpuint (kind, ==, count);
      g_assert_cmpmem (body, size, expected, size);
    }
  g_assert_null (body);
  g_assert_false (tess_backup_reader_next (reader, get, input, &kind, &body, &size, NULL));
  if (local != NULL)
    g_propagate_error (error, local);
  return count;
}

static unsigned
read_file (GByteArray *file, const char *passphrase, GError **error)
{
  g_autoptr (TessBackupReader) reader = NULL;
  Input input = { .bytes = file->data + HEADER, .left = file->len - HEADER };

  reader = tess_backup_reader_new (file->data, passphrase, strlen (passphrase), error);
  return reader != NULL ? read_on (reader, &input, error) : 0;
}

static void
expect (GByteArray *file, unsigned count)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (read_file (file, PASSPHRASE, &error), ==, count);
  g_assert_no_error (error);
}

static void
refuse (GByteArray *file, TessCryptoError code)
{
  g_autoptr (GError) error = NULL;

  read_file (file, PASSPHRASE, &error);
  g_assert_error (error, TESS_CRYPTO_ERROR, (int) code);
}

static GByteArray *
copy_of (GByteArray *file, size_t size)
{
  GByteArray *copy = g_byte_array_new ();

  return g_byte_array_append (copy, file->data, (guint) size);
}

static void
test_round_trip (void)
{
  g_autoptr (GByteArray) file = written (lengths, G_N_ELEMENTS (lengths)), again = written (lengths, G_N_ELEMENTS (lengths));
  g_autoptr (GByteArray) none = written (lengths, 0);
  size_t plain = 5 * (G_N_ELEMENTS (lengths) + 1) + 8, largest[] = { TESS_BACKUP_RECORD_MAX };
  g_autoptr (GByteArray) large = written (largest, 1);

  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
    plain += lengths[i];
  g_assert_cmpuint (file->len, ==, HEADER + plain + 17 * ((plain + 65535) / 65536));
  g_assert_cmpuint (none->len, ==, HEADER + 17 + 13);
  expect (file, G_N_ELEMENTS (lengths));
  expect (none, 0);
  expect (large, 1);
  g_assert_cmpuint (tess_backup_version (file->data, file->len), ==, 1);
  g_assert_false (memcmp (file->data + 17, again->data + 17, 16) == 0); /* the salt */
}

/* A plaintext that fills its last chunk to the byte, and one that has a byte more. */
static void
test_edges (void)
{
  for (size_t around = 0; around < 3; around++)
    {
      const size_t sizes[] = { 65536 - 5 - 13 - 1 + around };
      g_autoptr (GByteArray) file = written (sizes, 1);

      expect (file, 1);
      g_assert_cmpuint (file->len, ==, HEADER + 65535 + around + 17 * (around == 2 ? 2 : 1));
      g_byte_array_append (file, (const uint8_t *) "", 1);
      refuse (file, TESS_CRYPTO_ERROR_DAMAGED);
    }
}

static void
test_passphrase (void)
{
  g_autoptr (GByteArray) file = written (lengths, G_N_ELEMENTS (lengths));
  g_autofree char *longest = g_strnfill (TESS_KEYFILE_PASSPHRASE_MAX + 1, 'x');
  const char *const wrong[] = { "", "a passphrase to back up wit", "a passphrase to back up with ", longest };

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      read_file (file, wrong[i], &error);
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH);
    }
  g_assert_null (tess_backup_writer_new ("", 0, &cheap, NULL));
  g_assert_null (tess_backup_writer_new (longest, strlen (longest), &cheap, NULL));
  g_assert_null (tess_backup_writer_new ("x", 1, &(TessKeyfileCost) { 0, 8 }, NULL));
}

/* Cut anywhere near an edge of a chunk, and at many other places. */
static void
test_cut (void)
{
  g_autoptr (GByteArray) file = written (lengths, G_N_ELEMENTS (lengths));

  for (size_t size = HEADER; size < file->len; size += 1009)
    {
      g_autoptr (GByteArray) cut = copy_of (file, size);

      refuse (cut, TESS_CRYPTO_ERROR_DAMAGED);
    }
  for (size_t edge = HEADER; edge < file->len + 20; edge += SEALED)
    for (size_t size = MAX (edge, HEADER + 20) - 20; size < edge + 20 && size < file->len; size++)
      {
        g_autoptr (GByteArray) cut = copy_of (file, size);

        refuse (cut, TESS_CRYPTO_ERROR_DAMAGED);
      }
}

static void
test_flipped (void)
{
  g_autoptr (GByteArray) file = written (lengths, G_N_ELEMENTS (lengths));

  for (size_t at = HEADER; at < file->len; at += at < HEADER + 40 || at > file->len - 40 ? 1 : 997)
    {
      file->data[at] ^= (uint8_t) (1u << at % 8);
      refuse (file, TESS_CRYPTO_ERROR_DAMAGED);
      file->data[at] ^= (uint8_t) (1u << at % 8);
    }
  for (size_t at = 0; at < HEADER; at++)
    {
      g_autoptr (GError) error = NULL;
      int code;

      /* A cost of more than a few passes or KiB is not worth the test's time. */
      if (at >= 9 && at < 17)
        continue;
      file->data[at] ^= 1;
      read_file (file, PASSPHRASE, &error);
      code = at < 9 ? TESS_CRYPTO_ERROR_REFUSED : at < 65 ? TESS_CRYPTO_ERROR_AUTH : TESS_CRYPTO_ERROR_DAMAGED;
      g_assert_error (error, TESS_CRYPTO_ERROR, code);
      file->data[at] ^= 1;
    }
  expect (file, G_N_ELEMENTS (lengths));
}

/* Chunks in another order, one missing, one twice, one of another backup under the same passphrase, the last one alone. */
static void
test_moved (void)
{
  g_autoptr (GByteArray) file = written (lengths, G_N_ELEMENTS (lengths)), other = written (lengths, G_N_ELEMENTS (lengths));
  g_autoptr (GByteArray) swapped = copy_of (file, file->len), missing = copy_of (file, file->len);
  g_autoptr (GByteArray) twice = copy_of (file, HEADER + SEALED), mixed = copy_of (file, file->len);
  g_autoptr (GByteArray) last = copy_of (file, HEADER), longer = copy_of (file, file->len);

  memcpy (swapped->data + HEADER, file->data + HEADER + SEALED, SEALED);
  memcpy (swapped->data + HEADER + SEALED, file->data + HEADER, SEALED);
  refuse (swapped, TESS_CRYPTO_ERROR_DAMAGED);
  g_byte_array_remove_range (missing, HEADER + SEALED, SEALED);
  refuse (missing, TESS_CRYPTO_ERROR_DAMAGED);
  g_byte_array_append (twice, file->data + HEADER, file->len - HEADER);
  refuse (twice, TESS_CRYPTO_ERROR_DAMAGED);
  memcpy (mixed->data + HEADER + SEALED, other->data + HEADER + SEALED, SEALED);
  refuse (mixed, TESS_CRYPTO_ERROR_DAMAGED);
  g_byte_array_append (last, file->data + HEADER + 3 * SEALED, file->len - HEADER - 3 * SEALED);
  refuse (last, TESS_CRYPTO_ERROR_DAMAGED);
  g_byte_array_append (longer, file->data + HEADER + 3 * SEALED, file->len - HEADER - 3 * SEALED);
  refuse (longer, TESS_CRYPTO_ERROR_DAMAGED);
}

/* What asks for too much is refused before anything is spent; a newer version is told. */
static void
test_hostile_header (void)
{
  static const uint32_t costs[][2] = {
    { 0, 8 }, { 17, 8 }, { UINT32_MAX, 8 }, { 1, 7 }, { 1, 1024 * 1024 + 1 }, { 1, UINT32_MAX },
  };
  g_autoptr (GByteArray) file = written (lengths, 2);

  for (size_t i = 0; i < G_N_ELEMENTS (costs); i++)
    {
      g_autoptr (GByteArray) changed = copy_of (file, file->len);
      TessWriter writer;
      int64_t began = g_get_monotonic_time ();

      tess_writer_init (&writer, changed->data + 9, 8);
      tess_writer_u32 (&writer, costs[i][0]);
      tess_writer_u32 (&writer, costs[i][1]);
      refuse (changed, TESS_CRYPTO_ERROR_REFUSED);
      g_assert_cmpint (g_get_monotonic_time () - began, <, G_USEC_PER_SEC);
    }
  file->data[8] = 2;
  g_assert_cmpuint (tess_backup_version (file->data, HEADER), ==, 2);
  refuse (file, TESS_CRYPTO_ERROR_REFUSED);
  file->data[8] = 0;
  g_assert_cmpuint (tess_backup_version (file->data, HEADER), ==, 0);
  file->data[8] = 1;
  file->data[0] = 't';
  g_assert_cmpuint (tess_backup_version (file->data, HEADER), ==, 0);
  g_assert_cmpuint (tess_backup_version ((const uint8_t *) "TESSBKUP", 8), ==, 0);
  g_assert_cmpuint (tess_backup_version (NULL, 0), ==, 0);
}

/* Seals @plain as one who knows the passphrase could, in chunks of @chunk bytes; the last under @tag. */
static GByteArray *
seal (const void *plain, size_t size, size_t chunk, uint8_t tag)
{
  GByteArray *file = written (lengths, 0);
  crypto_secretstream_xchacha20poly1305_state state;
  TessSecret64 keys;

  g_byte_array_set_size (file, HEADER);
  g_assert_true (tess_stretch (PASSPHRASE, strlen (PASSPHRASE), &cheap, file->data + 17, "Tessera-v1/Backup", &keys, NULL));
  crypto_secretstream_xchacha20poly1305_init_pull (&state, file->data + 65, keys.bytes + 32);
  do
    {
      g_autofree uint8_t *sealed = g_malloc (chunk + 17);
      size_t part = MIN (chunk, size);
      unsigned long long length;

      crypto_secretstream_xchacha20poly1305_push (&state, sealed, &length, plain, part, file->data, HEADER,
                                                  part == size ? tag : 0);
      g_byte_array_append (file, sealed, (guint) length);
      plain = (const uint8_t *) plain + part;
      size -= part;
    }
  while (size > 0);
  return file;
}

static void
refuse_sealed (const void *plain, size_t size, size_t chunk, uint8_t tag)
{
  g_autoptr (GByteArray) file = seal (plain, size, chunk, tag);

  refuse (file, TESS_CRYPTO_ERROR_DAMAGED);
}

/* The passphrase is right, what stands inside is not. */
static void
test_hostile_records (void)
{
  static const char good[] = "\1\0\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0\1";
  const size_t size = sizeof good - 1;
  g_autoptr (GByteArray) file = seal (good, size, TESS_BACKUP_CHUNK_SIZE, 3);
  g_autofree uint8_t *large = g_malloc0 (TESS_BACKUP_RECORD_MAX + 6);

  expect (file, 1);
  refuse_sealed (good, size, TESS_BACKUP_CHUNK_SIZE, 0);         /* no final chunk */
  refuse_sealed (good, size, TESS_BACKUP_CHUNK_SIZE, 1);         /* PUSH */
  refuse_sealed (good, size, TESS_BACKUP_CHUNK_SIZE, 2);         /* REKEY */
  refuse_sealed (good, size, size - 1, 3);                       /* a short chunk before the last */
  refuse_sealed (good, size - 1, TESS_BACKUP_CHUNK_SIZE, 3);     /* an end that is cut */
  refuse_sealed (good, 5, TESS_BACKUP_CHUNK_SIZE, 3);            /* no end */
  refuse_sealed ("", 0, TESS_BACKUP_CHUNK_SIZE, 3);              /* nothing at all */
  refuse_sealed ("\1\0\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0\2", size, TESS_BACKUP_CHUNK_SIZE, 3); /* another count */
  refuse_sealed ("\1\0\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\1", size - 1, TESS_BACKUP_CHUNK_SIZE, 3);
  refuse_sealed ("\0\0\0\0\10\0\0\0\0\0\0\0\0\1\0\0\0\0", size, TESS_BACKUP_CHUNK_SIZE, 3); /* a record behind the end */
  refuse_sealed ("\1\377\377\377\377", 5, TESS_BACKUP_CHUNK_SIZE, 3);
  refuse_sealed ("\1\0\0\0\144 too short", 15, TESS_BACKUP_CHUNK_SIZE, 3);
  memcpy (large, "\1\0\10\0\1", 5);                              /* a byte above the bound */
  refuse_sealed (large, TESS_BACKUP_RECORD_MAX + 6, TESS_BACKUP_CHUNK_SIZE, 3);
}

static void
test_read_back (void)
{
  g_autoptr (TessBackupWriter) writer = writer_new (&cheap), other = writer_new (&cheap);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (TessBackupReader) reader = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  Input input;

  write_records (writer, file, lengths, G_N_ELEMENTS (lengths));
  g_assert_null (tess_backup_writer_reread (other, file->data, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED);
  g_clear_error (&error);
  reader = tess_backup_writer_reread (writer, file->data, &error);
  g_assert_no_error (error);
  input = (Input) { .bytes = file->data + HEADER, .left = file->len - HEADER };
  g_assert_cmpuint (read_on (reader, &input, &error), ==, G_N_ELEMENTS (lengths));
  g_assert_no_error (error);
  again = tess_backup_writer_reread (writer, file->data, &error);
  file->data[file->len - 1] ^= 1;
  input = (Input) { .bytes = file->data + HEADER, .left = file->len - HEADER };
  read_on (again, &input, &error);
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED);
}

/* The errors of what takes and gives the bytes come through. */
static void
test_edges_fail (void)
{
  g_autoptr (GByteArray) file = written (lengths, G_N_ELEMENTS (lengths));
  g_autofree uint8_t *body = g_malloc0 (TESS_BACKUP_RECORD_MAX + 1);

  for (unsigned good = 0; good < 4; good++)
    {
      g_autoptr (TessBackupWriter) writer = writer_new (&cheap);
      g_autoptr (GError) error = NULL;
      unsigned left = good;

      if (tess_backup_writer_record (writer, put_fails, &left, 1, body, 2 * 65536 + 1, &error))
        g_assert_false (tess_backup_writer_finish (writer, put_fails, &left, &error));
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
    }
  for (unsigned records = 0; records < 2; records++)
    {
      g_autoptr (TessBackupReader) reader = tess_backup_reader_new (file->data, PASSPHRASE, strlen (PASSPHRASE), NULL);
      g_autoptr (GError) error = NULL;
      Input input = { .bytes = file->data + HEADER, .left = file->len - HEADER, .fails = true };

      read_on (reader, &input, &error);
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
    }
  {
    g_autoptr (TessBackupWriter) writer = writer_new (&cheap);
    g_autoptr (GError) error = NULL;

    g_assert_false (tess_backup_writer_record (writer, put, file, 1, body, TESS_BACKUP_RECORD_MAX + 1, &error));
    g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_TOO_LARGE);
  }
}

static bool
no_random (uint8_t *out, size_t size, void *data)
{
  return false;
}

static void
test_no_random (void)
{
  g_autoptr (GError) error = NULL;

  tess_random_set_source (no_random, NULL);
  g_assert_null (tess_backup_writer_new (PASSPHRASE, strlen (PASSPHRASE), &cheap, &error));
  tess_random_set_source (NULL, NULL);
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tess_process_init ();
  g_test_add_func ("/backup/round-trip", test_round_trip);
  g_test_add_func ("/backup/edges", test_edges);
  g_test_add_func ("/backup/passphrase", test_passphrase);
  g_test_add_func ("/backup/cut", test_cut);
  g_test_add_func ("/backup/flipped", test_flipped);
  g_test_add_func ("/backup/moved", test_moved);
  g_test_add_func ("/backup/hostile-header", test_hostile_header);
  g_test_add_func ("/backup/hostile-records", test_hostile_records);
  g_test_add_func ("/backup/read-back", test_read_back);
  g_test_add_func ("/backup/edges-fail", test_edges_fail);
  g_test_add_func ("/backup/no-random", test_no_random);
  return g_test_run ();
}
