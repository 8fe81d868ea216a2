/* The receive job on a database with contacts and valid sessions: envelopes as they come; inner parts sealed properly for us;
 * hellos of a stranger, changed and sealed again; and any content, encrypted under the valid session. Nothing of a peer is a
 * fault of ours; what is refused touches no session, only what is genuine is received, and the database keeps its invariants.
 * Each input runs in one transaction that is rolled back. Input: steps: what u8 and what that needs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "fuzz-seal.h"

#include "party.h"

#include "base/tess-clock.h"
#include "base/tess-text.h"
#include "crypto/tess-envelope.h"
#include "crypto/tess-handshake.h"
#include "crypto/tess-ratchet.h"
#include "crypto/tess-safety.h"
#include "store/tess-queries-keys.h"
#include "store/tess-queries-sessions.h"

#include <string.h>

#define STEPS_MAX 12

/* What is made once: bob, whom the mail is for; alice, his contact, with whom he has talked; carol, a stranger. */
typedef struct {
  Party *bob, *alice, *carol;
  TessXwingKey *envelope_key; /* bob's */
  uint32_t envelope_key_id;
  TessParty us;
  TessWiped *session;         /* alice's state of her session with bob */
  TessBundle *bundle;         /* what bob's relay serves of him */
  GBytes *hello;              /* the inner part of carol's first envelope, without its padding */
  char *own_message;          /* the id of a message of bob's to alice, in hex */
  char *mac;                  /* that answers a code which bob shows, in base64url */
} World;

/* What one input does. */
typedef struct {
  const World *world;
  TessRatchet *ratchet; /* alice's, as the steps leave it */
  TessJob job;
  uint64_t sequence;
  TessMailClass class;
  bool blocked; /* alice, by bob */
  GBytes *last;
} Run;

static bool
find_envelope_key (TessJob *job, gpointer data, GError **error)
{
  World *world = data;
  g_autoptr (TessPrekeyRow) row = NULL;
  TessXwingSeed seed;

  if (!tess_db_prekey_newest (job->db, job->now, &row, error))
    return false;
  memcpy (seed.bytes, row->envelope_seed, sizeof seed.bytes);
  world->envelope_key = tess_xwing_key_new (&seed, NULL);
  world->envelope_key_id = row->envelope_key_id;
  return true;
}

static bool
find_session (TessJob *job, gpointer data, GError **error)
{
  World *world = data;
  g_autoptr (GPtrArray) rows = NULL;
  TessSessionRow *row;

  if (!tess_db_session_list (job->db, 1, world->us.device.bytes, &rows, error))
    return false;
  row = g_ptr_array_index (rows, 0);
  world->session = tess_wiped_new (row->state->size);
  memcpy (world->session->bytes, row->state->bytes, row->state->size);
  return true;
}

static bool
show_code (TessJob *job, gpointer data, GError **error)
{
  World *world = data;
  TessShowing showing;
  uint8_t mac[32];

  memset (&showing, 6, sizeof showing);
  tess_verify_mac (&showing, &world->us.account, &world->alice->us->us.account, mac);
  world->mac = tess_base64_encode (mac, sizeof mac);
  return tess_db_code_insert (job->db, showing.bytes, 1, job->now + 100000000, error);
}

/* The inner part of an envelope to bob, up to the end of its body. */
static GBytes *
inner_of (const World *world, GBytes *envelope)
{
  g_auto (TessEnvelope) opened = { 0 };

  g_assert_true (tess_envelope_open (world->envelope_key, &world->us.device, g_bytes_get_data (envelope, NULL),
                                     g_bytes_get_size (envelope), &opened, NULL));
  return g_bytes_new (opened.inner->bytes, (gsize) (opened.body - opened.inner->bytes) + opened.body_size);
}

static const World *
make_world (void)
{
  static World *self;
  g_autoptr (GPtrArray) mail = NULL;
  int64_t chat;

  if (self != NULL)
    return self;
  self = g_new0 (World, 1);
  self->bob = party_new ("Bob");
  self->alice = party_new ("Alice");
  self->carol = party_new ("Carol");
  self->us = self->bob->us->us;
  chat = party_add (self->bob, self->alice);
  party_say (self->bob, chat, "hello");
  party_fetch (self->bob, self->alice);
  party_settle (self->bob, self->alice);
  party_say (self->alice, party_add (self->alice, self->bob), "and back");
  party_settle (self->alice, self->bob);
  party_say (self->bob, chat, "once more");
  party_settle (self->bob, self->alice);
  self->own_message = party_text (self->bob, "SELECT lower (hex (message_id)) FROM messages WHERE sender = 0 ORDER BY id DESC");
  party_run (self->bob, find_envelope_key, self);
  party_run (self->bob, show_code, self);
  party_run (self->alice, find_session, self);
  self->bundle = party_bundle (self->bob, false);
  party_say (self->carol, party_add (self->carol, self->bob), "who are you?");
  party_fetch (self->carol, self->bob);
  mail = party_collect (self->carol);
  self->hello = inner_of (self, g_ptr_array_index (mail, 0));
  return self;
}

static void
check_none (Run *run, const char *sql)
{
  g_autofree char *found = party_text (run->world->bob, sql);

  if (found != NULL)
    g_error ("%s: %s", sql, found);
}

/* What holds in every database after every job. */
static void
check_database (Run *run)
{
  static const char *const broken[] = {
    "SELECT 'foreign key' FROM pragma_foreign_key_check",
    "SELECT 'active' FROM sessions WHERE active = 1 GROUP BY contact, device HAVING count (*) > 1",
    "SELECT 'stored keys' FROM skipped_keys GROUP BY session HAVING count (*) > 2000",
    "SELECT 'unread' FROM conversations c WHERE unread <> (SELECT total (is_read = 0) FROM messages WHERE conversation = c.id)",
    "SELECT 'last message' FROM conversations WHERE last_message <> 0 AND last_message NOT IN (SELECT id FROM messages)",
    "SELECT 'sender' FROM messages WHERE sender <> 0 AND sender NOT IN (SELECT id FROM contacts)",
    "SELECT 'empty text' FROM messages WHERE kind = 0 AND body = ''",
    "SELECT 'name' FROM contacts WHERE length (name) > 64",
    "SELECT 'accepted' FROM contacts WHERE accepted = 1 AND id > 1",
    "SELECT 'verified' FROM contacts WHERE trust = 1 AND NOT EXISTS (SELECT 1 FROM shown_codes WHERE used = 1)",
    "SELECT 'receipt' FROM receipts_pending WHERE contact NOT IN (SELECT id FROM contacts WHERE accepted = 1)",
    "SELECT 'outbox' FROM outbox WHERE contact NOT IN (SELECT id FROM contacts WHERE accepted = 1)",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    check_none (run, broken[i]);
}

static char *
sessions_of (Run *run)
{
  static const char sql[] = "SELECT group_concat (id || active || quote (state)) || (SELECT count (*) FROM skipped_keys)"
                            " || (SELECT count (*) FROM messages) || (SELECT count (*) FROM contacts) FROM sessions";

  return party_text (run->world->bob, sql);
}

static TessReceiveOutcome
receive (Run *run, GBytes *envelope)
{
  g_autofree char *before = sessions_of (run);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TessChanges) changes = tess_changes_new ();
  TessReceiveOutcome outcome = 99;

  run->job.changes = changes;
  tess_receive (&run->job, envelope, run->class, ++run->sequence, &outcome, &error);
  g_assert_no_error (error);
  g_assert_true (outcome >= TESS_RECEIVED && outcome <= TESS_RECEIVED_UNDECRYPTABLE);
  g_assert_true (tess_changes_load (&run->job, &error));
  check_database (run);
  after = sessions_of (run);
  if (outcome == TESS_RECEIVED_REFUSED || outcome == TESS_RECEIVED_BEFORE)
    g_assert_cmpstr (before, ==, after);
  g_clear_pointer (&run->last, g_bytes_unref);
  run->last = g_bytes_ref (envelope);
  return outcome;
}

/* An envelope over @inner, as anyone can make one. */
static GBytes *
seal (const World *world, GBytes *inner)
{
  return fuzz_seal (tess_xwing_key_public (world->envelope_key), world->envelope_key_id, &world->us.device, inner);
}

/* A ratchet message of alice's and what stands before it inside. */
static GBytes *
inner_message (Run *run, const uint8_t *content, size_t size)
{
  GByteArray *inner = g_byte_array_new ();
  g_autoptr (GBytes) message = NULL;
  TessRatchet *next = NULL;
  uint8_t head[1 + 64 + 4];
  TessWriter writer;

  g_assert_true (tess_ratchet_encrypt (run->ratchet, content, size, &next, &message, NULL));
  tess_ratchet_free (run->ratchet);
  run->ratchet = next;
  tess_writer_init (&writer, head, sizeof head);
  tess_writer_u8 (&writer, TESS_ENVELOPE_MESSAGE);
  tess_writer_bytes (&writer, run->world->alice->us->us.account.bytes, 32);
  tess_writer_bytes (&writer, run->world->alice->us->us.device.bytes, 32);
  tess_writer_u32 (&writer, (uint32_t) g_bytes_get_size (message));
  g_byte_array_append (inner, head, sizeof head);
  g_byte_array_append (inner, g_bytes_get_data (message, NULL), (guint) g_bytes_get_size (message));
  return g_byte_array_free_to_bytes (inner);
}

/* TRUE when both give the same envelope: zeros at the end are padding. */
static bool
same_inner (GBytes *a, GBytes *b)
{
  GBytes *shorter = g_bytes_get_size (a) < g_bytes_get_size (b) ? a : b, *longer = shorter == a ? b : a;
  size_t size, all;
  const uint8_t *data = g_bytes_get_data (shorter, &size), *rest = g_bytes_get_data (longer, &all);

  return memcmp (data, rest, size) == 0 && fuzz_is_zero (rest + size, all - size);
}

/* A genuine inner part, changed: received only when it is the genuine one after all. */
static void
step_changed (Run *run, TessReader *input, GBytes *genuine)
{
  bool changed;
  g_autoptr (GBytes) inner = fuzz_patched (input, genuine, &changed);
  g_autoptr (GBytes) envelope = seal (run->world, inner);
  TessReceiveOutcome outcome = receive (run, envelope);

  if (outcome == TESS_RECEIVED)
    g_assert_true (same_inner (inner, genuine));
}

/* Any content under the valid session: `$M` stands for the id of a message to be receipted, `$V` for the mac of bob's code. */
static void
step_content (Run *run, TessReader *input)
{
  size_t size = 0;
  const uint8_t *data = tess_reader_var16 (input, 60000, &size);
  g_autoptr (GString) content = g_string_new_len ((const char *) data, data != NULL ? (gssize) size : 0);
  g_autoptr (GBytes) inner = NULL, envelope = NULL;

  g_string_replace (content, "$M", run->world->own_message, 8);
  g_string_replace (content, "$V", run->world->mac, 8);
  inner = inner_message (run, (const uint8_t *) content->str, content->len);
  envelope = seal (run->world, inner);
  g_assert_cmpint (receive (run, envelope), ==, run->blocked ? TESS_RECEIVED_REFUSED : TESS_RECEIVED);
}

/* A hello that carol makes by the book, but for whom she says she is and whose devices she shows: only her own are believed. */
static void
step_claim (Run *run, TessReader *input)
{
  const World *world = run->world;
  const Party *whose[] = { world->carol, world->alice, world->bob };
  const TessPrekeyRecord *prekey = &world->bundle->devices[0].prekey;
  uint8_t claims = tess_reader_u8 (input);
  const Party *named = whose[claims % 3], *shown = whose[claims / 4 % 3];
  TessDhPublic spk;
  TessKemPublic kem;
  TessHandshakeStart start = { .us = { named->us->us.account, world->carol->us->us.device }, .them = world->us };
  TessHello hello;
  bool changed;
  g_autoptr (GBytes) list = fuzz_patched (input, shown->us->device_list, &changed);
  g_autoptr (GBytes) encoded = NULL, message = NULL, envelope = NULL;
  g_autoptr (TessRatchet) session = NULL, next = NULL;

  memcpy (spk.bytes, prekey->spk, sizeof spk.bytes);
  memcpy (kem.bytes, prekey->last_resort_key, sizeof kem.bytes);
  start.device = &world->carol->us->secrets->device;
  start.spk_id = prekey->spk_id;
  start.spk = &spk;
  start.last_resort = &kem;
  g_assert_true (tess_handshake_start (&start, &session, &hello, NULL));
  g_assert_true (tess_ratchet_encrypt (session, (const uint8_t *) "{}", 2, &next, &message, NULL));
  encoded = tess_hello_encode (&hello, g_bytes_get_data (list, NULL), MIN (g_bytes_get_size (list), TESS_DEVICE_LIST_SIZE_MAX));
  envelope = tess_envelope_seal (tess_xwing_key_public (world->envelope_key), world->envelope_key_id, &world->us.device,
                                 &start.us, encoded, message, NULL);
  g_assert_cmpint (receive (run, envelope) == TESS_RECEIVED, ==, named == world->carol && shown == world->carol && !changed);
}

/* Time passes, the mail comes under the other capability, bob blocks alice. */
static void
step_world (Run *run, TessReader *input, uint8_t how)
{
  run->class = how % 2 == 0 ? TESS_MAIL_CONTACT : TESS_MAIL_REQUEST;
  run->job.now += tess_reader_u16 (input);
  run->job.now_ms = run->job.now * 1000;
  if (how / 2 % 4 != 3 || run->blocked)
    return;
  run->blocked = true;
  g_assert_true (tess_db_execute (run->job.db, "UPDATE contacts SET blocked = 1 WHERE id = 1", NULL));
}

static void
step (Run *run, TessReader *input)
{
  uint8_t what = tess_reader_u8 (input);
  g_autoptr (GBytes) inner = NULL, envelope = NULL, sealed = NULL;
  bool changed;

  switch (what % 8)
    {
    case 0: /* changed outside */
      inner = inner_message (run, (const uint8_t *) "{}", 2);
      sealed = seal (run->world, inner);
      envelope = fuzz_patched (input, sealed, &changed);
      g_assert_cmpint (receive (run, envelope) == TESS_RECEIVED, ==, !changed && !run->blocked);
      break;
    case 1: /* anything inside */
      inner = fuzz_rest (input);
      envelope = seal (run->world, inner);
      g_assert_cmpint (receive (run, envelope), !=, TESS_RECEIVED);
      tess_reader_take (input, input->left);
      break;
    case 2:
      inner = inner_message (run, (const uint8_t *) "{}", 2);
      step_changed (run, input, inner);
      break;
    case 3:
      step_changed (run, input, run->world->hello);
      break;
    case 4:
      if (run->last != NULL)
        {
          envelope = g_bytes_ref (run->last);
          g_assert_cmpint (receive (run, envelope), ==, TESS_RECEIVED_BEFORE);
        }
      break;
    case 5:
      step_world (run, input, what / 8);
      break;
    case 6:
      step_claim (run, input);
      break;
    default:
      step_content (run, input);
      break;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const World *world;
  Run run = { .class = TESS_MAIL_CONTACT };
  TessReader input;
  g_autoptr (GError) error = NULL;

  fuzz_begin ();
  world = make_world ();
  fuzz_begin ();
  run.world = world;
  run.ratchet = tess_ratchet_parse (world->session->bytes, world->session->size, NULL);
  run.sequence = world->bob->sequence;
  run.job = (TessJob) { .db = world->bob->db, .us = world->bob->us, .now = tess_clock_now (), .now_ms = tess_clock_now_ms () };
  g_assert_true (tess_db_begin (world->bob->db, &error));
  tess_reader_init (&input, data, size);
  for (unsigned i = 0; i < STEPS_MAX && input.left > 0; i++)
    step (&run, &input);
  tess_db_rollback (world->bob->db);
  g_clear_pointer (&run.last, g_bytes_unref);
  tess_ratchet_free (run.ratchet);
  return 0;
}
