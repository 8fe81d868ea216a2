/* A backup's file, which may come from anywhere: changed, cut, or the right passphrase around any records. Only what was written
 * is read to its end; what is inside is read as a reader that does nothing else would read it, and a record that the codec takes
 * is written again as it was. Input: how, then a whole file, changes to a genuine one, or what is to be sealed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "base/tess-limits.h"
#include "core/tess-backup-records.h"
#include "crypto/tess-backup.h"
#include "crypto/tess-stretch.h"

#include <string.h>

#define PASSPHRASE "pass phrase"
/* Above this much work a file is left alone, as far as the bounds of the format let it ask for so much. */
#define WORK_MAX 64

/* The ways of an input. */
#define RAW 1
#define SEALED 2
#define RECORD 4

static const TessKeyfileCost cheap = { .passes = 1, .memory_kib = 8 };

typedef struct {
  const uint8_t *bytes;
  size_t left;
} Input;

static bool
get (void *data, uint8_t *bytes, size_t size, size_t *size_out, GError **error)
{
  Input *input = data;

  *size_out = MIN (size, input->left);
  memcpy (bytes, input->bytes, *size_out);
  input->bytes += *size_out;
  input->left -= *size_out;
  return true;
}

static bool
put (void *data, const uint8_t *bytes, size_t size, GError **error)
{
  g_byte_array_append (data, bytes, (guint) size);
  return true;
}

/* Two chunks and a bit, and a record across an edge. */
static GBytes *
genuine (void)
{
  static GBytes *file;
  g_autoptr (TessBackupWriter) writer = NULL;
  g_autofree uint8_t *body = NULL;
  GByteArray *bytes;

  if (file != NULL)
    return file;
  writer = tess_backup_writer_new (PASSPHRASE, strlen (PASSPHRASE), &cheap, NULL);
  bytes = g_byte_array_new ();
  body = g_malloc0 (70000);
  for (uint8_t kind = 1; kind <= 2; kind++)
    g_assert_true (tess_backup_writer_record (writer, put, bytes, kind, body, 70000, NULL));
  g_assert_true (tess_backup_writer_finish (writer, put, bytes, NULL));
  file = g_byte_array_free_to_bytes (bytes);
  return file;
}

/* TRUE when opening would take its time: the cost is within the format's bounds, and high. */
static bool
is_costly (const uint8_t *data, size_t size)
{
  TessReader reader;
  uint64_t passes, memory;

  tess_reader_init (&reader, data, size);
  tess_reader_take (&reader, 9);
  passes = tess_reader_u32 (&reader);
  memory = tess_reader_u32 (&reader);
  return passes <= 16 && memory <= 1024 * 1024 && passes * memory > WORK_MAX;
}

/* The records one behind the other, as they stand in the plaintext; NULL when it is not read to its end. */
static GByteArray *
read_all (const uint8_t *data, size_t size, const char *passphrase)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (TessBackupReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  Input input = { .bytes = data + TESS_BACKUP_HEADER_SIZE, .left = size - TESS_BACKUP_HEADER_SIZE };
  const uint8_t *body;
  size_t length;
  uint8_t kind;

  reader = tess_backup_reader_new (data, passphrase, strlen (passphrase), &error);
  fuzz_check_error (error, reader == NULL, TESS_CRYPTO_ERROR);
  if (reader == NULL)
    return NULL;
  while (tess_backup_reader_next (reader, get, &input, &kind, &body, &length, &error))
    {
      uint8_t head[5];
      TessWriter writer;

      g_assert_cmpuint (kind, !=, TESS_BACKUP_KIND_END);
      g_assert_cmpuint (length, <=, TESS_BACKUP_RECORD_MAX);
      tess_writer_init (&writer, head, sizeof head);
      tess_writer_u8 (&writer, kind);
      tess_writer_u32 (&writer, (uint32_t) length);
      g_byte_array_append (all, head, sizeof head);
      g_byte_array_append (all, body, (guint) length);
    }
  if (error == NULL)
    return g_steal_pointer (&all);
  fuzz_check_error (error, true, TESS_CRYPTO_ERROR);
  return NULL;
}

/* How many bytes of records stand before an end that is right, or -1. */
static gssize
records_of (const uint8_t *plain, size_t size)
{
  uint64_t count = 0;
  TessReader reader;

  tess_reader_init (&reader, plain, size);
  while (tess_reader_ok (&reader))
    {
      size_t before = size - reader.left, length;
      uint8_t kind = tess_reader_u8 (&reader);
      const uint8_t *body = tess_reader_var32 (&reader, TESS_BACKUP_RECORD_MAX, &length);
      TessReader end;

      if (kind != TESS_BACKUP_KIND_END || body == NULL)
        {
          count++;
          continue;
        }
      tess_reader_init (&end, body, length);
      return tess_reader_u64 (&end) == count && tess_reader_end (&end) && tess_reader_end (&reader) ? (gssize) before : -1;
    }
  return -1;
}

/* Seals the rest of @input as one who knows the passphrase could; the last chunk under the tag that it begins with. */
static void
check_sealed (TessReader *input)
{
  g_autoptr (GByteArray) file = g_byte_array_new (), all = NULL;
  uint8_t tag = tess_reader_u8 (input) & 3;
  g_autoptr (GBytes) plain = fuzz_rest (input);
  crypto_secretstream_xchacha20poly1305_state state;
  TessSecret64 keys;
  size_t size, done = 0;
  const void *bytes = g_bytes_get_data (plain, &size);
  const uint8_t *data = bytes != NULL ? bytes : (const void *) "";
  gssize records = records_of (data, size);

  g_byte_array_append (file, g_bytes_get_data (genuine (), NULL), TESS_BACKUP_HEADER_SIZE);
  g_assert_true (tess_stretch (PASSPHRASE, strlen (PASSPHRASE), &cheap, file->data + 17, "Tessera-v1/Backup", &keys, NULL));
  crypto_secretstream_xchacha20poly1305_init_pull (&state, file->data + 65, keys.bytes + 32);
  do
    {
      uint8_t sealed[TESS_BACKUP_SEALED_SIZE];
      size_t part = MIN (size - done, TESS_BACKUP_CHUNK_SIZE);
      unsigned long long length;

      done += part;
      crypto_secretstream_xchacha20poly1305_push (&state, sealed, &length, data + done - part, part, file->data,
                                                  TESS_BACKUP_HEADER_SIZE, done == size ? tag : 0);
      g_byte_array_append (file, sealed, (guint) length);
    }
  while (done < size);
  all = read_all (file->data, file->len, PASSPHRASE);
  g_assert_cmpint (all != NULL, ==, records >= 0 && tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL);
  if (all != NULL)
    g_assert_cmpmem (all->data, all->len, data, (size_t) records);
}

/* What the codec takes it writes as it was, but for fields that a flag says are not there: those are written once more, and then
 * the same. */
static void
check_message (const uint8_t *body, size_t size)
{
  uint8_t first[TESS_BACKUP_BODY_MAX + 1024], second[sizeof first];
  TessWriter one, two;
  g_autoptr (TessMessageRow) row = NULL, again = NULL;
  uint32_t contact;
  bool answered;

  row = tess_backup_message_read (body, size, &contact, &answered);
  if (row == NULL)
    return;
  tess_writer_init (&one, first, sizeof first);
  tess_backup_message_write (row, contact, answered, &one);
  g_assert_true (tess_writer_ok (&one));
  g_assert_cmpuint (one.size, ==, size);
  again = tess_backup_message_read (first, one.size, &contact, &answered);
  g_assert_nonnull (again);
  tess_writer_init (&two, second, sizeof second);
  tess_backup_message_write (again, contact, answered, &two);
  g_assert_cmpmem (first, one.size, second, two.size);
}

static void
check_record (TessReader *input)
{
  uint8_t kind = tess_reader_u8 (input);
  g_autoptr (GBytes) rest = fuzz_rest (input);
  size_t size;
  const uint8_t *body = g_bytes_get_data (rest, &size);
  g_autoptr (TessBackupProfile) profile = NULL;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (TessConversationRow) chat = NULL;
  g_autoptr (TessReactionRow) reaction = NULL;
  uint32_t place;

  profile = kind == TESS_BACKUP_PROFILE ? tess_backup_profile_read (body, size) : NULL;
  contact = kind == TESS_BACKUP_CONTACT ? tess_backup_contact_read (body, size, &devices) : NULL;
  chat = kind == TESS_BACKUP_CONVERSATION ? tess_backup_conversation_read (body, size, &place) : NULL;
  reaction = kind == TESS_BACKUP_REACTION ? tess_backup_reaction_read (body, size) : NULL;
  g_assert_cmpint (contact != NULL, ==, devices != NULL);
  if (profile != NULL)
    g_assert_true (g_utf8_validate (profile->name, -1, NULL) && profile->list_version > 0 && profile->device_number > 0);
  if (contact != NULL)
    g_assert_true (g_utf8_validate (contact->name, -1, NULL) && contact->trust <= TESS_CONTACT_MISMATCH && devices->len <= 8);
  if (chat != NULL)
    g_assert_true (chat->timer <= TESS_TIMER_MAX && (chat->draft == NULL || g_utf8_validate (chat->draft, -1, NULL)));
  if (reaction != NULL)
    g_assert_true (g_utf8_validate (reaction->emoji, -1, NULL) && strlen (reaction->emoji) <= TESS_EMOJI_BYTES_MAX);
  if (kind == TESS_BACKUP_MESSAGE)
    check_message (body, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessReader input;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GByteArray) all = NULL;
  const uint8_t *bytes;
  gsize length;
  bool changed;
  uint8_t how;

  fuzz_begin ();
  tess_reader_init (&input, data, size);
  how = tess_reader_u8 (&input);
  if ((how & RECORD) != 0)
    check_record (&input);
  else if ((how & SEALED) != 0)
    check_sealed (&input);
  if ((how & (RECORD | SEALED)) != 0)
    return 0;
  file = (how & RAW) != 0 ? fuzz_rest (&input) : fuzz_patched (&input, genuine (), &changed);
  bytes = g_bytes_get_data (file, &length);
  tess_backup_version (bytes, length);
  if (length < TESS_BACKUP_HEADER_SIZE || is_costly (bytes, length))
    return 0;
  all = read_all (bytes, length, PASSPHRASE);
  g_assert_cmpint (all != NULL, ==, g_bytes_equal (file, genuine ()));
  return 0;
}
