/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flows.h"

#include "people.h"
#include "watch.h"

#include "crypto/tess-backup.h"
#include "crypto/tess-kdf.h"
#include "crypto/tess-keyfile.h"
#include "crypto/tess-safety.h"

#include <string.h>

/* What the functions of flow_each() write to. In guarded memory. */
typedef struct {
  Person person;
  TessDhSecret dh;
  TessSecret32 shared;
  TessShowing showing;
  uint8_t out[96];
} Room;

static void
each_key (World *world, Room *room)
{
  TessDhPublic public;
  uint8_t signature[TESS_SIGNATURE_SIZE];

  g_assert_true (tess_account_generate (&room->person.account, &room->person.party.account, NULL));
  watch_checkpoint ("tess_account_generate");
  g_assert_true (tess_device_generate (&room->person.device, &room->person.party.device, NULL));
  watch_checkpoint ("tess_device_generate");
  g_assert_true (tess_dh_generate (&room->dh, &public, NULL));
  watch_checkpoint ("tess_dh_generate");
  tess_account_public (&world->alice.account, &room->person.party.account);
  watch_checkpoint ("tess_account_public");
  tess_account_sign (&world->alice.account, "device-list", (const uint8_t *) "record", 6, signature);
  watch_checkpoint ("tess_account_sign");
  tess_device_sign (&world->alice.device, "prekey", (const uint8_t *) "record", 6, signature);
  watch_checkpoint ("tess_device_sign");
  tess_device_dh_secret (&world->alice.device, &room->dh);
  watch_checkpoint ("tess_device_dh_secret");
  tess_dh_public (&room->dh, &public);
  watch_checkpoint ("tess_dh_public");
  g_assert_true (tess_dh (&room->dh, &world->bob.spk.dh, &room->shared, NULL));
  watch_checkpoint ("tess_dh");
  tess_hmac (room->shared.bytes, 32, world->alice.account.bytes, 32, room->out);
  watch_checkpoint ("tess_hmac");
  tess_hkdf_label (room->out, 32, room->shared.bytes, 32, "label", room->out, sizeof room->out);
  watch_checkpoint ("tess_hkdf_label");
  g_assert_true (tess_showing_generate (&room->showing, NULL));
  tess_verify_mac (&room->showing, &world->alice.party.account, &world->bob.party.account, room->out);
  watch_checkpoint ("tess_verify_mac");
  g_assert_true (tess_verify_mac_check (&room->showing, &world->alice.party.account, &world->bob.party.account, room->out));
  room->out[31] ^= 1;
  g_assert_false (tess_verify_mac_check (&room->showing, &world->alice.party.account, &world->bob.party.account, room->out));
  watch_checkpoint ("tess_verify_mac_check");
}

static void
each_prekey (World *world, Room *room)
{
  TessKemCiphertext ct;
  TessXwingCiphertext xwing_ct;
  TessKemKey *kem;
  TessXwingKey *xwing;

  g_assert_true (tess_signed_prekey_generate (&room->person.spk_secret, &room->person.spk, NULL));
  watch_checkpoint ("tess_signed_prekey_generate");
  g_assert_true (tess_one_time_generate (&room->person.one_time_secret, &room->person.one_time, NULL));
  watch_checkpoint ("tess_one_time_generate");
  g_assert_true (tess_envelope_key_generate (&room->person.envelope_secret, &room->person.envelope, NULL));
  watch_checkpoint ("tess_envelope_key_generate");

  g_assert_true (tess_kem_encapsulate (&world->bob.spk.kem, &ct, &room->shared, NULL));
  watch_checkpoint ("tess_kem_encapsulate");
  kem = tess_kem_key_new ((const TessKemSeed *) (world->bob.spk_secret.bytes + 32), NULL);
  g_assert_true (tess_kem_decapsulate (kem, &ct, &room->shared, NULL));
  ct.bytes[100] ^= 1;
  g_assert_true (tess_kem_decapsulate (kem, &ct, &room->shared, NULL));
  tess_kem_key_free (kem);
  watch_checkpoint ("tess_kem_decapsulate");

  g_assert_true (tess_xwing_encapsulate (&world->bob.envelope, &xwing_ct, &room->shared, NULL));
  watch_checkpoint ("tess_xwing_encapsulate");
  xwing = tess_xwing_key_new (&world->bob.envelope_secret, NULL);
  g_assert_true (tess_xwing_decapsulate (xwing, &xwing_ct, &room->shared, NULL));
  tess_xwing_key_free (xwing);
  watch_checkpoint ("tess_xwing_decapsulate");
}

static void
each_session (World *world)
{
  static const char *const names[] = { "tess_ratchet_encrypt", "tess_ratchet_decrypt" };
  TessHandshakeStart start = world_start (world, true);
  TessHandshakeAnswer answer = world_answer (world, true);

  g_assert_true (tess_handshake_start (&start, &world->states[0], &world->hello, NULL));
  watch_checkpoint ("tess_handshake_start");
  g_assert_true (tess_handshake_answer (&answer, &world->hello, &world->states[1], NULL));
  watch_checkpoint ("tess_handshake_answer");
  for (unsigned i = 0; i < 8; i++)
    {
      g_autoptr (GBytes) message = world_send (world, i % 2);

      watch_checkpoint (names[0]);
      g_assert_true (world_receive (world, 1 - i % 2, message, NULL, NULL, NULL));
      watch_checkpoint (names[1]);
    }
}

static void
flow_each (void *data)
{
  g_autoptr (World) world = world_new ();
  Room *room = tess_secret_alloc (sizeof *room);

  each_key (world, room);
  each_prekey (world, room);
  each_session (world);
  tess_secret_free (room);
}

static void
flow_handshake (void *data)
{
  g_autoptr (World) world = world_new ();

  world_meet (world, false);
  world_turn (world);
  world_meet (world, true);
  world_turn (world);
}

/* In the chain, out of order with stored keys, and chains that turn. */
static void
flow_session (void *data)
{
  g_autoptr (World) world = world_new ();
  GBytes *late[6];
  g_autoptr (TessWiped) skipped = NULL;

  world_meet (world, true);
  for (unsigned round = 0; round < 4; round++)
    world_turn (world);
  for (unsigned i = 0; i < G_N_ELEMENTS (late); i++)
    late[i] = world_send (world, 1);
  g_assert_true (world_receive (world, 0, late[5], NULL, &skipped, NULL));
  for (unsigned i = 0; i < 5; i++)
    g_assert_true (world_receive (world, 0, late[i], (const TessSkippedKey *) skipped->bytes + i, NULL, NULL));
  for (unsigned i = 0; i < G_N_ELEMENTS (late); i++)
    g_bytes_unref (late[i]);
  world_turn (world);
}

static GBytes *
seal (World *world)
{
  g_autoptr (GBytes) message = world_send (world, 0);
  g_autoptr (GBytes) hello = tess_hello_encode (&world->hello, (const uint8_t *) "list", 4);

  return tess_envelope_seal (&world->bob.envelope, 1, &world->bob.party.device, &world->alice.party, hello, message, NULL);
}

static void
flow_envelope (void *data)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (TessXwingKey) key = NULL;
  g_autoptr (GBytes) envelope = NULL;
  g_auto (TessEnvelope) opened = { 0 };
  g_autoptr (GError) error = NULL;
  size_t size;
  const uint8_t *bytes;

  world_meet (world, true);
  envelope = seal (world);
  watch_checkpoint ("tess_envelope_seal");
  bytes = g_bytes_get_data (envelope, &size);
  key = tess_xwing_key_new (&world->bob.envelope_secret, NULL);
  g_assert_true (tess_envelope_open (key, &world->bob.party.device, bytes, size, &opened, NULL));
  tess_envelope_clear (&opened);
  g_clear_pointer (&key, tess_xwing_key_free);
  watch_checkpoint ("tess_envelope_open");
  key = tess_xwing_key_new (&world->bob.envelope_secret, NULL);
  g_assert_false (tess_envelope_open (key, &world->alice.party.device, bytes, size, &opened, &error));
}

static const TessKeyfileCost cheap = { .passes = 1, .memory_kib = 1024 };

static void
flow_keyfile (void *data)
{
  char *passphrase = tess_secret_alloc (65), *secret = tess_secret_alloc (65);
  g_autoptr (GBytes) wrapped = NULL;
  g_autoptr (TessWiped) opened = NULL;
  GError *error = NULL;
  g_autofree uint8_t *damaged = NULL;
  size_t size;
  const uint8_t *bytes;

  watch_text (passphrase);
  watch_text (secret);
  wrapped = tess_keyfile_wrap (passphrase, 64, &cheap, (const uint8_t *) secret, 64, NULL);
  bytes = g_bytes_get_data (wrapped, &size);
  watch_public (bytes, size);
  watch_checkpoint ("tess_keyfile_wrap");
  opened = tess_keyfile_open (passphrase, 64, bytes, size, NULL);
  g_assert_nonnull (opened);
  g_clear_pointer (&opened, tess_wiped_free);
  watch_checkpoint ("tess_keyfile_open");
  g_assert_null (tess_keyfile_open (passphrase, 63, bytes, size, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH);
  g_clear_error (&error);
  damaged = g_memdup2 (bytes, size);
  damaged[size - 1] ^= 1;
  g_assert_null (tess_keyfile_open (passphrase, 64, damaged, size, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED);
  g_clear_error (&error);
  tess_secret_free (passphrase);
  tess_secret_free (secret);
}

static bool
put (void *data, const uint8_t *bytes, size_t size, GError **error)
{
  if (((GByteArray *) data)->len == 0)
    watch_public (bytes, size);
  g_byte_array_append (data, bytes, (guint) size);
  return true;
}

/* A file in memory, and how far it was read. */
typedef struct {
  const GByteArray *bytes;
  size_t at;
} Reading;

static bool
get (void *data, uint8_t *bytes, size_t size, size_t *size_out, GError **error)
{
  Reading *self = data;

  *size_out = MIN (size, self->bytes->len - self->at);
  memcpy (bytes, self->bytes->data + self->at, *size_out);
  self->at += *size_out;
  return true;
}

/* All records, and one that runs across chunks among them; or as far as they can be read. */
static void
read_backup (const GByteArray *file, TessBackupReader *reader, GError **error)
{
  Reading reading = { file, TESS_BACKUP_HEADER_SIZE };
  const uint8_t *body;
  size_t size;
  uint8_t kind;

  g_assert_nonnull (reader);
  while (tess_backup_reader_next (reader, get, &reading, &kind, &body, &size, error))
    g_assert_cmpuint (kind, ==, 1);
  tess_backup_reader_free (reader);
}

static void
flow_backup (void *data)
{
  char *passphrase = tess_secret_alloc (65), *secret = tess_secret_alloc (65);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  TessBackupWriter *writer;
  GError *error = NULL;

  watch_text (passphrase);
  watch_text (secret);
  writer = tess_backup_writer_new (passphrase, 64, &cheap, NULL);
  for (unsigned i = 0; i < 2000; i++)
    g_assert_true (tess_backup_writer_record (writer, put, file, 1, (const uint8_t *) secret, 64, NULL));
  g_assert_true (tess_backup_writer_finish (writer, put, file, NULL));
  read_backup (file, tess_backup_writer_reread (writer, file->data, NULL), &error);
  g_assert_no_error (error);
  tess_backup_writer_free (writer);
  watch_checkpoint ("tess_backup_writer");
  read_backup (file, tess_backup_reader_new (file->data, passphrase, 64, NULL), &error);
  g_assert_no_error (error);
  watch_checkpoint ("tess_backup_reader");
  g_assert_null (tess_backup_reader_new (file->data, passphrase, 63, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_AUTH);
  g_clear_error (&error);
  file->data[file->len - 1] ^= 1;
  read_backup (file, tess_backup_reader_new (file->data, passphrase, 64, NULL), &error);
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_DAMAGED);
  g_clear_error (&error);
  tess_secret_free (passphrase);
  tess_secret_free (secret);
}

/* Forged messages at every depth, messages of nobody, hellos for keys that are not held. */
static void
flow_refused (void *data)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (World) other = world_new ();
  TessHandshakeAnswer answer;
  TessRatchet *state = NULL;

  world_meet (world, true);
  world_meet (other, false);
  world_turn (other);
  for (unsigned round = 0; round < 3; round++)
    {
      for (unsigned side = 0; side < 2; side++)
        {
          g_autoptr (GBytes) message = world_send (world, side);
          size_t size;
          const uint8_t *bytes = g_bytes_get_data (message, &size);

          for (size_t at = 0; at < size; at += 1 + at / 4)
            {
              uint8_t *copy = g_memdup2 (bytes, size);
              g_autoptr (GBytes) forged = g_bytes_new_take (copy, size);
              g_autoptr (GError) error = NULL;

              copy[at] ^= 1;
              g_assert_false (world_receive (world, 1 - side, forged, NULL, NULL, &error));
              g_assert_false (world_receive (other, 1 - side, forged, NULL, NULL, NULL));
            }
          g_assert_true (world_receive (world, 1 - side, message, NULL, NULL, NULL));
        }
    }
  answer = world_answer (world, false);
  g_assert_false (tess_handshake_answer (&answer, &world->hello, &state, NULL));
  answer = world_answer (world, true);
  memset (world->hello.ephemeral.bytes, 0, 32);
  g_assert_false (tess_handshake_answer (&answer, &world->hello, &state, NULL));
  g_assert_null (state);
}

/* The @n-th random call fails, wherever that is. TRUE while there is an n-th. */
static bool
fails_at (unsigned n)
{
  World *world = tess_secret_alloc (sizeof *world), *whole = world_new ();
  TessHandshakeStart start = world_start (whole, true);
  TessRatchet *next = NULL;
  GBytes *message = NULL;
  bool good;

  world_meet (whole, true);
  watch_fail_random (n);
  good = tess_account_generate (&world->alice.account, &world->alice.party.account, NULL) &&
         tess_device_generate (&world->alice.device, &world->alice.party.device, NULL) &&
         tess_signed_prekey_generate (&world->alice.spk_secret, &world->alice.spk, NULL) &&
         tess_one_time_generate (&world->alice.one_time_secret, &world->alice.one_time, NULL) &&
         tess_envelope_key_generate (&world->alice.envelope_secret, &world->alice.envelope, NULL) &&
         tess_handshake_start (&start, &world->states[0], &world->hello, NULL) &&
         tess_ratchet_encrypt (world->states[0], (const uint8_t *) "", 0, &next, &message, NULL);
  watch_fail_random (0);
  g_clear_pointer (&next, tess_ratchet_free);
  g_clear_pointer (&message, g_bytes_unref);
  world_free (world);
  world_free (whole);
  return !good;
}

static void
flow_no_random (void *data)
{
  unsigned n = 1;

  while (fails_at (n))
    n++;
  g_assert_cmpuint (n, >, 10);
}

const Flow flows[] = {
  { "each", "each public function by itself", flow_each, 200 },
  { "handshake", "both sides, with and without a one-time key", flow_handshake, 100 },
  { "session", "in the chain, out of order, turning chains", flow_session, 100 },
  { "envelope", "sealed, opened, opened by another", flow_envelope, 50 },
  { "keyfile", "wrapped, opened, wrong passphrase, damaged", flow_keyfile, 8 },
  { "backup", "written, read back, opened, wrong passphrase, damaged", flow_backup, 8 },
  { "refused", "forged at every depth, of another session, unheld keys", flow_refused, 100 },
  { "no-random", "the n-th random call fails", flow_no_random, 100 },
};
const unsigned n_flows = G_N_ELEMENTS (flows);
