/* Each job, with its n-th write and its n-th random call failing, for every n until it succeeds: everything is as before, and
 * then the job succeeds all the same. And contents at and beyond each limit of size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "../unit/core/party.h"
#include "base/tess-process.h"
#include "core/tess-account.h"
#include "core/tess-outbox-jobs.h"
#include "crypto/tess-envelope.h"
#include "crypto/tess-ratchet.h"
#include "wraps.h"

#include <string.h>

#define START 1800000000
#define DAY 86400
#define TRIES_MAX 2000

/* Two people who know each other, and what one of them is about to do. */
typedef struct {
  Party *alice, *bob;
  TessBundle *bundle;  /* of Bob */
  GPtrArray *mail;     /* for Alice, in order */
  int64_t now;
} Scene;

static void
pass (Scene *scene, int64_t seconds)
{
  scene->now += seconds;
  wraps_set_clock (scene->now);
}

static void
befriend (Scene *scene)
{
  party_add (scene->bob, scene->alice);
  party_say (scene->alice, party_add (scene->alice, scene->bob), "hello");
  party_fetch (scene->alice, scene->bob);
  party_settle (scene->alice, scene->bob);
  party_say (scene->bob, party_chat (scene->bob, scene->alice), "hello yourself");
  party_settle (scene->alice, scene->bob);
}

static void
say_to_bob (Scene *scene)
{
  party_say (scene->alice, party_chat (scene->alice, scene->bob), "a text");
}

/* @count texts from Bob wait for Alice. */
static void
mail_from_bob (Scene *scene, guint count)
{
  for (guint i = 0; i < count; i++)
    party_say (scene->bob, party_chat (scene->bob, scene->alice), "from Bob");
  scene->mail = party_collect (scene->bob);
}

/* ---- What may be prepared before the job ---- */

static void
prepare_friends (Scene *scene)
{
  befriend (scene);
}

static void
prepare_first_text (Scene *scene)
{
  party_say (scene->alice, party_add (scene->alice, scene->bob), "the first");
  scene->bundle = party_bundle (scene->bob, true);
}

static void
prepare_hello (Scene *scene)
{
  party_say (scene->bob, party_add (scene->bob, scene->alice), "the first");
  party_fetch (scene->bob, scene->alice);
  scene->mail = party_collect (scene->bob);
}

static void
prepare_message (Scene *scene)
{
  befriend (scene);
  mail_from_bob (scene, 1);
}

static void
prepare_gap (Scene *scene)
{
  befriend (scene);
  mail_from_bob (scene, 5);
  g_ptr_array_remove_range (scene->mail, 0, 4);
}

static void
prepare_late_one (Scene *scene)
{
  befriend (scene);
  mail_from_bob (scene, 3);
  party_receive (scene->alice, g_ptr_array_index (scene->mail, 2), TESS_MAIL_CONTACT);
}

static void
prepare_undecryptable (Scene *scene)
{
  prepare_message (scene);
  tess_db_execute (scene->alice->db, "DELETE FROM sessions", NULL);
}

static void
prepare_receipts (Scene *scene)
{
  prepare_gap (scene);
  party_receive (scene->alice, g_ptr_array_index (scene->mail, 0), TESS_MAIL_CONTACT);
}

static void
prepare_outbox (Scene *scene)
{
  befriend (scene);
  say_to_bob (scene);
}

/* An envelope key has expired, and the next one is known. */
static void
prepare_reseal (Scene *scene)
{
  PartyUpload upload = { .left = 0 };

  prepare_outbox (scene);
  pass (scene, TESS_PREKEY_LIFETIME_MAX + DAY);
  party_run (scene->bob, party_upload, &upload);
  g_bytes_unref (upload.prekey);
  g_ptr_array_unref (upload.one_time);
  party_fetch (scene->alice, scene->bob);
}

static void
prepare_old_keys (Scene *scene)
{
  prepare_message (scene);
  pass (scene, TESS_SEEN_ENVELOPE_KEEP + DAY);
}

static void
prepare_stranger (Scene *scene)
{
  prepare_hello (scene);
  party_deliver (scene->bob, scene->alice);
  for (guint i = 0; i < scene->mail->len; i++)
    party_receive (scene->alice, g_ptr_array_index (scene->mail, i), TESS_MAIL_REQUEST);
}

/* ---- The jobs ---- */

static gpointer
intent_plain (Scene *scene)
{
  TessIntent *intent = tess_intent_new (party_chat (scene->alice, scene->bob));

  intent->text = g_strdup ("what fails first");
  intent->address = party_address (scene->bob);
  intent->address->has_code = true;
  intent->message = INT64_MAX;
  intent->expires = scene->now + 60;
  return intent;
}

static gpointer
intent_bundle (Scene *scene)
{
  TessIntent *intent = tess_intent_new (0);

  intent->message = party_contact (scene->alice, scene->bob);
  intent->object = tess_bundle_ref (scene->bundle);
  intent->object_free = (GDestroyNotify) tess_bundle_unref;
  return intent;
}

static gpointer
intent_deposit (Scene *scene)
{
  TessIntent *intent = tess_intent_new (0);
  TessDepositTask *task = tess_deposit_task_new (scene->bob->us->us.device.bytes);

  intent->object = task;
  intent->object_free = tess_deposit_task_free;
  return intent;
}

/* The same for an entry that is known already. */
static gpointer
intent_answer (Scene *scene)
{
  TessIntent *intent = intent_deposit (scene);

  party_run (scene->alice, tess_outbox_job_next, intent);
  return intent;
}

static gpointer
intent_envelope (Scene *scene)
{
  TessIntent *intent = tess_intent_new (0);

  intent->bytes = g_bytes_ref (g_ptr_array_index (scene->mail, 0));
  return intent;
}

static bool
receive (TessJob *job, gpointer data, GError **error)
{
  TessReceiveOutcome outcome;

  return tess_receive (job, ((TessIntent *) data)->bytes, TESS_MAIL_CONTACT, 1000, &outcome, error);
}

static bool
give_up (TessJob *job, gpointer data, GError **error)
{
  return tess_receive_give_up (job, ((TessIntent *) data)->bytes, 1000, error);
}

static bool
upload (TessJob *job, gpointer data, GError **error)
{
  PartyUpload made = { .left = 0 };
  bool done = party_upload (job, &made, error);

  g_clear_pointer (&made.prekey, g_bytes_unref);
  g_clear_pointer (&made.one_time, g_ptr_array_unref);
  return done;
}

typedef struct {
  const char *name;
  void (*prepare) (Scene *scene);
  PartyJob job;
  gpointer (*data) (Scene *scene);
} Case;

static const Case cases[] = {
  { "add", prepare_hello, tess_intent_add, intent_plain },
  { "send-first", prepare_first_text, party_take_bundle, intent_bundle },
  { "send", prepare_friends, tess_intent_send, intent_plain },
  { "accept", prepare_stranger, tess_intent_accept, intent_plain },
  { "mark-read", prepare_message, tess_intent_mark_read, intent_plain },
  { "show-code", prepare_friends, tess_intent_show_code, intent_plain },
  { "verify", prepare_friends, tess_intent_verify, intent_plain },
  { "receive-hello", prepare_hello, receive, intent_envelope },
  { "receive", prepare_message, receive, intent_envelope },
  { "receive-gap", prepare_gap, receive, intent_envelope },
  { "receive-late-one", prepare_late_one, receive, intent_envelope },
  { "receive-undecryptable", prepare_undecryptable, receive, intent_envelope },
  { "give-up", prepare_message, give_up, intent_envelope },
  { "receipts", prepare_receipts, party_receipts_job, intent_plain },
  { "hourly", prepare_undecryptable, party_late_job, intent_plain },
  { "outbox-next", prepare_outbox, tess_outbox_job_next, intent_deposit },
  { "outbox-reseal", prepare_reseal, tess_outbox_job_next, intent_deposit },
  { "outbox-attempt", prepare_outbox, tess_outbox_job_attempt, intent_answer },
  { "outbox-answer", prepare_outbox, tess_outbox_job_answer, intent_answer },
  { "upload", prepare_old_keys, upload, intent_plain },
  { "roll-forward", prepare_friends, tess_account_job_roll_forward, intent_plain },
};

static void
scene_init (Scene *scene, GRand *random)
{
  memset (scene, 0, sizeof *scene);
  wraps_forget_keys ();
  wraps_set_random (random);
  pass (scene, START);
  scene->alice = party_new ("Alice");
  scene->bob = party_new ("Bob");
}

static void
scene_clear (Scene *scene)
{
  g_clear_pointer (&scene->bundle, tess_bundle_unref);
  g_clear_pointer (&scene->mail, g_ptr_array_unref);
  party_free (scene->alice);
  party_free (scene->bob);
  wraps_set_random (NULL);
}

/* One try with what was made to fail; TRUE when the job went through all the same. */
static bool
try_failing (Scene *scene, const Case *one, unsigned write, unsigned random)
{
  g_autoptr (TessIntent) intent = one->data (scene);
  g_autofree char *before = party_state (scene->alice);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  bool done;

  tess_db_fail_write (scene->alice->db, write);
  wraps_fail_random (random);
  done = party_try (scene->alice, one->job, intent, &error);
  tess_db_fail_write (scene->alice->db, 0);
  wraps_fail_random (0);
  if (done)
    return true;
  after = party_state (scene->alice);
  g_assert_cmpstr (before, ==, after);
  g_assert_nonnull (error);
  return false;
}

/* Fails the first, second, … call until none is left to fail, and puts the success back so that the other kind can follow. */
static void
test_case (gconstpointer data)
{
  const Case *one = data;
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  Scene scene;
  unsigned writes = 0, calls = 0;
  g_autoptr (GBytes) image = NULL;

  scene_init (&scene, random);
  one->prepare (&scene);
  image = party_image (scene.alice);
  do
    g_assert_cmpuint (++calls, <, TRIES_MAX);
  while (!try_failing (&scene, one, 0, calls));
  party_put_image (scene.alice, image);
  do
    g_assert_cmpuint (++writes, <, TRIES_MAX);
  while (!try_failing (&scene, one, writes, 0));
  g_test_message ("%s: failed at each of %u writes and %u random calls", one->name, writes - 1, calls - 1);
  scene_clear (&scene);
}

/* ---- Sizes ---- */

/* Says a text of @size bytes: the size of its envelope, in which it arrives unchanged; 0 when it was refused as too large. */
static gsize
send_sized (Scene *scene, gsize size, char letter)
{
  g_autofree char *text = g_strnfill (size, letter);
  g_autofree char *arrived = NULL;
  g_autofree char *before = party_text (scene->alice, "SELECT group_concat (quote (state)) FROM sessions");
  g_autofree char *after = NULL;
  g_autoptr (GPtrArray) envelopes = NULL;

  party_say (scene->alice, party_chat (scene->alice, scene->bob), text);
  envelopes = party_collect (scene->alice);
  if (envelopes->len == 0)
    {
      after = party_text (scene->alice, "SELECT group_concat (quote (state)) FROM sessions");
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpint (party_count (scene->alice, "SELECT state FROM messages ORDER BY id DESC LIMIT 1"), ==, 5);
      return 0;
    }
  g_assert_cmpuint (envelopes->len, ==, 1);
  g_assert_cmpint (party_receive (scene->bob, g_ptr_array_index (envelopes, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
  arrived = party_text (scene->bob, "SELECT body FROM messages ORDER BY id DESC LIMIT 1");
  g_assert_cmpstr (arrived, ==, text);
  return g_bytes_get_size (g_ptr_array_index (envelopes, 0));
}

/* The largest text that still goes in @envelope bytes. */
static gsize
largest_in (Scene *scene, gsize envelope, gsize low, gsize high)
{
  while (low < high)
    {
      gsize middle = (low + high + 1) / 2;

      if (send_sized (scene, middle, 'a') <= envelope)
        low = middle;
      else
        high = middle - 1;
    }
  return low;
}

static void
test_text_sizes (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (8);
  gsize small, medium;
  Scene scene;

  scene_init (&scene, random);
  befriend (&scene);
  small = largest_in (&scene, TESS_ENVELOPE_SMALL, 1, 4096);
  g_assert_cmpuint (small, >, 1400); /* most texts: protocol.md 3 */
  g_assert_cmpuint (send_sized (&scene, small, 'a'), ==, TESS_ENVELOPE_SMALL);
  g_assert_cmpuint (send_sized (&scene, small + 1, 'a'), ==, TESS_ENVELOPE_MEDIUM);
  medium = largest_in (&scene, TESS_ENVELOPE_MEDIUM, 4096, 16384);
  g_assert_cmpuint (send_sized (&scene, medium, 'a'), ==, TESS_ENVELOPE_MEDIUM);
  g_assert_cmpuint (send_sized (&scene, medium + 1, 'a'), ==, TESS_ENVELOPE_LARGE);
  g_assert_cmpuint (send_sized (&scene, 1, 'a'), ==, TESS_ENVELOPE_SMALL);
  g_assert_cmpuint (send_sized (&scene, TESS_TEXT_BYTES_MAX, 'a'), ==, TESS_ENVELOPE_LARGE);
  /* Each becomes six bytes of JSON: no envelope holds them. */
  g_assert_cmpuint (send_sized (&scene, TESS_TEXT_BYTES_MAX, '\1'), ==, 0);
  g_assert_cmpuint (send_sized (&scene, TESS_CONTENT_SIZE_MAX + 1, 'a'), ==, 0);
  g_assert_cmpuint (send_sized (&scene, 10, 'a'), ==, TESS_ENVELOPE_SMALL);
  scene_clear (&scene);
}

/* The ratchet and the envelope alone, to the byte. */
static void
test_content_sizes (void)
{
  static const gsize classes[] = { TESS_ENVELOPE_SMALL, TESS_ENVELOPE_MEDIUM, TESS_ENVELOPE_LARGE };
  g_autofree uint8_t *content = g_malloc0 (TESS_ENVELOPE_LARGE + 1);
  g_autoptr (GRand) random = g_rand_new_with_seed (9);
  g_auto (TessSessionKey) key = { 0 };
  g_auto (TessDhSecret) spk = { 0 };
  TessDhPublic spk_public;
  uint8_t ad[32] = { 0 };
  g_autoptr (TessRatchet) ratchet = NULL;
  TessRatchet *next;
  GBytes *message;
  gsize overhead;

  wraps_forget_keys ();
  wraps_set_random (random);
  g_assert_true (tess_dh_generate (&spk, &spk_public, NULL));
  ratchet = tess_ratchet_new_initiator (&key, ad, &spk_public);
  overhead = tess_ratchet_overhead (ratchet);
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      gsize room = tess_envelope_room (classes[i], 0, overhead);

      for (gsize size = i == 0 ? 0 : room - 1; size <= room + 1; size += size == 0 ? room - 1 : 1)
        {
          gsize fits = size <= room ? classes[i] : i + 1 < G_N_ELEMENTS (classes) ? classes[i + 1] : 0;

          g_assert_true (tess_ratchet_encrypt (ratchet, content, size, &next, &message, NULL));
          g_assert_cmpuint (tess_envelope_size_for (g_bytes_get_size (message)), ==, fits);
          tess_ratchet_free (next);
          g_bytes_unref (message);
        }
    }
  for (gsize size = TESS_ENVELOPE_LARGE - overhead + 1; size <= TESS_ENVELOPE_LARGE + 1; size += overhead)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (tess_ratchet_encrypt (ratchet, content, size, &next, &message, &error));
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_TOO_LARGE);
      g_assert_true (next == NULL && message == NULL);
    }
  wraps_set_random (NULL);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/property/failures/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/property/sizes/texts", test_text_sizes);
  g_test_add_func ("/property/sizes/contents", test_content_sizes);
  return g_test_run ();
}
