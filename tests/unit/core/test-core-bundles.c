/* What a relay may answer about a contact's keys, and what nobody takes from it: expired, replaced, foreign, unfit.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "core/tess-people.h"
#include "core/tess-sender.h"
#include "core/tess-sessions.h"
#include "party.h"

#include <string.h>

#define DAY 86400

/* Places in the records (protocol.md 1). */
#define SPK_AT (1 + 32 + 4)
#define LAST_RESORT_AT (SPK_AT + 32)
#define ENVELOPE_AT (LAST_RESORT_AT + TESS_KEM_KEY_SIZE + 4)
#define ENVELOPE_DH_AT (ENVELOPE_AT + TESS_KEM_KEY_SIZE)
#define CREATED_AT (ENVELOPE_AT + TESS_ENVELOPE_KEY_SIZE)
#define OPK_AT (32 + 4)
#define ONE_TIME_KEM_AT (OPK_AT + 32)

/* An answer in the making. */
typedef struct {
  GBytes *list;
  uint8_t device[32];
  uint8_t prekey[TESS_PREKEY_RECORD_SIZE];
  uint8_t one_time[TESS_ONE_TIME_PREKEY_SIZE];
  bool with_one_time;
} Answer;

static void
read_blob (Party *who, const char *sql, uint8_t *out, size_t size)
{
  g_autoptr (TessQuery) query = tess_db_query (who->db, sql);

  g_assert_true (tess_query_next (query));
  tess_query_copy (query, out, size);
  g_assert_true (tess_query_done (query, NULL));
}

static void
sign (Party *signer, TessRole role, uint8_t *record, size_t size)
{
  g_auto (TessSignSecret) secret = { 0 };

  tess_identity_device_sign_secret (signer->us, &secret);
  tess_sign (role, record, size - TESS_SIGNATURE_SIZE, secret.bytes, record + size - TESS_SIGNATURE_SIZE);
}

/* What an honest relay would say of @who. */
static Answer
answer_of (Party *who)
{
  g_autoptr (TessBundle) bundle = party_bundle (who, true);
  g_autoptr (GBytes) one_time = NULL;
  g_auto (TessSignSecret) secret = { 0 };
  Answer answer = { .list = who->us->device_list, .with_one_time = true };

  memcpy (answer.device, who->us->us.device.bytes, sizeof answer.device);
  read_blob (who, "SELECT record FROM own_prekeys ORDER BY created DESC LIMIT 1", answer.prekey, sizeof answer.prekey);
  tess_identity_device_sign_secret (who->us, &secret);
  one_time = tess_one_time_prekey_sign (&bundle->devices[0].one_time, secret.bytes, NULL);
  memcpy (answer.one_time, g_bytes_get_data (one_time, NULL), sizeof answer.one_time);
  return answer;
}

typedef struct {
  int64_t contact;
  TessBundle *bundle;
  TessListVerdict verdict;
} Offer;

static bool
take (TessJob *job, gpointer data, GError **error)
{
  Offer *offer = data;
  g_autoptr (TessContactRow) contact = NULL;

  return tess_db_contact_find (job->db, offer->contact, &contact, error)
         && tess_people_take_bundle (job, contact, offer->bundle, &offer->verdict, error)
         && (offer->verdict != TESS_LIST_TAKEN
             || tess_sender_flush (job, offer->contact, offer->bundle, TESS_FLUSH_RECEIPTS, error));
}

/* Goes the way of an answer: read, verified, taken, and what waits is sealed. Whether it was taken. */
static bool
offer (Party *who, Party *about, const Answer *answer)
{
  g_autoptr (GBytes) prekey = g_bytes_new (answer->prekey, sizeof answer->prekey);
  g_autoptr (GBytes) one_time = g_bytes_new (answer->one_time, sizeof answer->one_time);
  TessBundleEntry entry = { .prekey = prekey, .one_time = answer->with_one_time ? one_time : NULL };
  g_autofree char *json = NULL;
  Offer job = { .contact = party_contact (who, about) };

  memcpy (entry.device, answer->device, sizeof entry.device);
  json = tess_bundle_build (answer->list, &entry, 1);
  job.bundle = tess_bundle_parse (json, strlen (json), about->us->us.account.bytes, tess_clock_now (), NULL);
  if (job.bundle == NULL)
    return false;
  party_run (who, take, &job);
  tess_bundle_unref (job.bundle);
  return job.verdict == TESS_LIST_TAKEN;
}

/* It is refused, and nothing at all has changed. */
static void
refuses (Party *who, Party *about, const Answer *answer)
{
  g_autofree char *before = party_state (who);
  g_autofree char *after = NULL;

  g_assert_false (offer (who, about, answer));
  after = party_state (who);
  g_assert_cmpstr (before, ==, after);
}

static void
test_foreign (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) mallory = party_new ("Mallory");
  Answer good = answer_of (bob), bad, other = answer_of (mallory);

  party_say (alice, party_add (alice, bob), "text");
  bad = good; /* signed by another device */
  sign (mallory, TESS_ROLE_PREKEY, bad.prekey, sizeof bad.prekey);
  refuses (alice, bob, &bad);
  bad = good; /* for another role */
  sign (bob, TESS_ROLE_ONE_TIME, bad.prekey, sizeof bad.prekey);
  refuses (alice, bob, &bad);
  bad = good; /* of another device, in the name of this one */
  memcpy (bad.prekey, other.prekey, sizeof bad.prekey);
  refuses (alice, bob, &bad);
  sign (bob, TESS_ROLE_PREKEY, bad.prekey, sizeof bad.prekey);
  refuses (alice, bob, &bad);
  bad = good; /* a one-time prekey of another device, and one signed by it */
  memcpy (bad.one_time, other.one_time, sizeof bad.one_time);
  refuses (alice, bob, &bad);
  bad = good;
  sign (mallory, TESS_ROLE_ONE_TIME, bad.one_time, sizeof bad.one_time);
  refuses (alice, bob, &bad);
  bad = good; /* another account's list, another device's entry */
  bad.list = other.list;
  refuses (alice, bob, &bad);
  refuses (alice, bob, &other);
  bad = good;
  memcpy (bad.device, other.device, sizeof bad.device);
  refuses (alice, bob, &bad);
  g_assert_true (offer (alice, bob, &good));
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions"), ==, 1);
}

/* Properly signed keys that are none. */
static void
test_unfit (void)
{
  static const struct {
    size_t at;
    bool is_dh;
    bool is_one_time;
  } places[] = {
    { SPK_AT, true, false },        { LAST_RESORT_AT, false, false }, { ENVELOPE_AT, false, false },
    { ENVELOPE_DH_AT, true, false }, { OPK_AT, true, true },           { ONE_TIME_KEM_AT, false, true },
  };
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  Answer good = answer_of (bob);

  party_say (alice, party_add (alice, bob), "text");
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      Answer bad = good;
      uint8_t *key = (places[i].is_one_time ? bad.one_time : bad.prekey) + places[i].at;

      /* A point of small order; a coefficient of 4095. */
      memset (key, places[i].is_dh ? 0 : 0xff, places[i].is_dh ? 32 : 3);
      sign (bob, TESS_ROLE_PREKEY, bad.prekey, sizeof bad.prekey);
      sign (bob, TESS_ROLE_ONE_TIME, bad.one_time, sizeof bad.one_time);
      refuses (alice, bob, &bad);
    }
  g_assert_true (offer (alice, bob, &good));
}

static void
set_times (Party *signer, Answer *answer, int64_t created, int64_t expires)
{
  for (int i = 0; i < 8; i++)
    {
      answer->prekey[CREATED_AT + i] = (uint8_t) (created >> (56 - 8 * i));
      answer->prekey[CREATED_AT + 8 + i] = (uint8_t) (expires >> (56 - 8 * i));
    }
  sign (signer, TESS_ROLE_PREKEY, answer->prekey, sizeof answer->prekey);
}

static void
test_times (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  Answer answer = answer_of (bob);
  int64_t now = tess_clock_now ();

  party_say (alice, party_add (alice, bob), "text");
  set_times (bob, &answer, now + DAY + 60, now + 3 * DAY); /* from the future */
  refuses (alice, bob, &answer);
  set_times (bob, &answer, now, now + 14 * DAY + 1); /* for too long */
  refuses (alice, bob, &answer);
  set_times (bob, &answer, now, now);
  refuses (alice, bob, &answer);
  /* Expired: the device is left out, and what waits for it waits on. */
  set_times (bob, &answer, now - 14 * DAY, now - 1);
  g_assert_true (offer (alice, bob, &answer));
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM contact_devices WHERE prekey IS NULL"), ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions"), ==, 0);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM outbox"), ==, 0);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE state = 1"), ==, 1);
  set_times (bob, &answer, now, now + 14 * DAY);
  g_assert_true (offer (alice, bob, &answer));
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM outbox"), ==, 2);
}

/* Keys that were replaced do not come back, not even inside a newer list; the very same record again is fine. */
static void
test_rolled_back (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  Answer older = answer_of (bob), newer = older;
  int64_t now = tess_clock_now ();

  party_add (alice, bob);
  set_times (bob, &older, now - 1, now + DAY);
  set_times (bob, &newer, now, now + DAY);
  g_assert_true (offer (alice, bob, &older));
  g_assert_true (offer (alice, bob, &newer));
  refuses (alice, bob, &older);
  set_times (bob, &older, now - 14 * DAY, now - 1); /* also when it has expired */
  refuses (alice, bob, &older);
  party_execute (alice, "UPDATE contacts SET fetched = 0");
  g_assert_true (offer (alice, bob, &newer));
  g_assert_cmpint (party_count (alice, "SELECT fetched FROM contacts"), >=, now);
  g_assert_cmpint (party_count (alice, "SELECT prekey_created FROM contact_devices"), ==, now);
}

/* What was taken while our clock was far ahead does not lock the contact out for as long. */
static void
test_clock_ahead (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  Answer answer = answer_of (bob), future = answer;
  int64_t now = tess_clock_now ();

  party_add (alice, bob);
  tess_clock_set_offset (400 * DAY);
  set_times (bob, &future, now + 400 * DAY, now + 401 * DAY);
  g_assert_true (offer (alice, bob, &future));
  tess_clock_set_offset (0);
  g_assert_true (offer (alice, bob, &answer));
  g_assert_cmpint (party_count (alice, "SELECT prekey_created FROM contact_devices"), <=, now + 1);
}

typedef struct {
  int64_t contact;
  TessBundle *bundle;
} Start;

static bool
start (TessJob *job, gpointer data, GError **error)
{
  Start *args = data;
  g_autoptr (TessSessionRow) session = NULL;
  TessParty them;

  memcpy (them.account.bytes, args->bundle->list.account, 32);
  memcpy (them.device.bytes, args->bundle->devices[0].device, 32);
  session = tess_session_start (job, args->contact, &them, &args->bundle->devices[0], error);
  return session != NULL;
}

/* Even past the check of the records, no session begins with such a key. */
static void
test_unfit_start (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  party_add (alice, bob);
  before = party_state (alice);
  for (int i = 0; i < 4; i++)
    {
      Start args = { .contact = party_contact (alice, bob), .bundle = party_bundle (bob, i < 2) };
      TessBundleDevice *device = &args.bundle->devices[0];
      g_autoptr (GError) error = NULL;

      g_assert_true (i >= 2 || device->has_one_time);
      if (i == 0)
        memset (device->one_time.opk, 0, 32);
      else if (i == 1)
        memset (device->one_time.kem_key, 0xff, 3);
      else if (i == 2)
        memset (device->prekey.spk, 0, 32);
      else
        memset (device->prekey.last_resort_key, 0xff, 3);
      g_assert_false (party_try (alice, start, &args, &error));
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
      tess_bundle_unref (args.bundle);
    }
  after = party_state (alice);
  g_assert_cmpstr (before, ==, after);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/bundles/foreign", test_foreign);
  g_test_add_func ("/core/bundles/unfit", test_unfit);
  g_test_add_func ("/core/bundles/times", test_times);
  g_test_add_func ("/core/bundles/rolled-back", test_rolled_back);
  g_test_add_func ("/core/bundles/clock-ahead", test_clock_ahead);
  g_test_add_func ("/core/bundles/unfit-start", test_unfit_start);
  return g_test_run ();
}
