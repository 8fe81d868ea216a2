/* What hostile peers and relays, restored copies of the database and clocks that jump could do.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "core/tess-account-keys.h"
#include "core/tess-account.h"
#include "core/tess-outbox-jobs.h"
#include "core/tess-sessions.h"
#include "core/tess-types.h"
#include "party.h"
#include "store/tess-queries-sessions.h"

#include <string.h>

#define SESSIONS "SELECT count (*) FROM sessions"

static void
befriend (Party *alice, Party *bob)
{
  party_add (alice, bob);
  party_say (bob, party_add (bob, alice), "hello");
  party_fetch (bob, alice);
  party_settle (bob, alice);
}

/* A clock that was a year ahead for a while leaves no prekey record behind that nobody takes, nor a new one each time. */
static void
test_clock_ahead (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (TessBundle) bundle = NULL;

  tess_clock_set_offset (400 * 86400);
  party_rotate (alice);
  tess_clock_set_offset (0);
  for (int i = 0; i < 5; i++)
    party_rotate (alice);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM own_prekeys"), ==, 2);
  bundle = party_bundle (alice, false); /* asserts that a peer takes it */
  g_assert_false (bundle->devices[0].expired);
}

static bool
archive_all (TessJob *job, gpointer unused, GError **error)
{
  (void) unused;
  return tess_sessions_archive (job, 0, error);
}

/* However often somebody starts anew, at most four sessions are kept beside the active one; four in all once that is archived. */
static void
test_archived_bound (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  int64_t chat = party_add (alice, bob);

  for (int i = 0; i < 12; i++)
    {
      g_assert_true (tess_db_execute (alice->db, "DELETE FROM sessions", NULL));
      party_say (alice, chat, "again");
      party_fetch (alice, bob);
      g_assert_cmpuint (party_deliver (alice, bob), >, 0);
      g_assert_cmpint (party_count (bob, SESSIONS), ==, MIN (i + 1, 1 + TESS_SESSIONS_ARCHIVED_MAX));
    }
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'again'"), ==, 12);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions WHERE active = 1"), ==, 1);
  party_run (bob, archive_all, NULL);
  g_assert_cmpint (party_count (bob, SESSIONS " WHERE active = 0"), ==, TESS_SESSIONS_ARCHIVED_MAX);
  g_assert_cmpint (party_count (bob, SESSIONS), ==, TESS_SESSIONS_ARCHIVED_MAX);
}

/* The alarm comes while the relay is being dialled: the entry that was about to go stays. */
static void
test_alarm_before_attempt (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) next = tess_intent_new (0);
  TessDepositTask *task;

  befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "text");
  task = next->object = tess_deposit_task_new (bob->us->us.device.bytes);
  next->object_free = tess_deposit_task_free;
  party_run (alice, tess_outbox_job_next, next);
  g_assert_cmpint (task->id, !=, 0);
  g_assert_true (tess_db_execute (alice->db, "UPDATE contacts SET trust = 3", NULL));
  party_run (alice, tess_outbox_job_attempt, next);
  g_assert_cmpint (task->id, ==, 0);
  g_assert_cmpint (party_count (alice, "SELECT attempts FROM outbox"), ==, 0);
}

/* A stranger fills no disk. */
static void
test_stranger_flood (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  int64_t chat = party_add (alice, bob);

  party_say (alice, chat, "first");
  party_fetch (alice, bob);
  for (int i = 0; i < TESS_REQUEST_MESSAGES_MAX + 20; i++)
    party_say (alice, chat, "flood");
  party_deliver (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages"), ==, TESS_REQUEST_MESSAGES_MAX);
  g_assert_cmpint (party_count (bob, "SELECT value FROM settings WHERE name = 'mail.refused'"), ==, 21);
  /* Once they are a contact, all is read. */
  party_say (bob, party_chat (bob, alice), "yes?");
  party_fetch (bob, alice);
  party_settle (alice, bob);
  party_say (alice, chat, "now");
  party_settle (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'now'"), ==, 1);
}

/* A peer that comes back to a ratchet key of long ago makes us store a place twice: the newer key stands. */
static void
test_place_twice (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GError) error = NULL;
  uint8_t dh[32] = { 1 }, old[32] = { 2 }, new[32] = { 3 }, key[32];
  int64_t session;
  bool found;

  befriend (alice, bob);
  session = party_count (bob, "SELECT min (id) FROM sessions");
  tess_db_skipped_put (bob->db, session, dh, 7, old, 1, &error);
  g_assert_no_error (error);
  tess_db_skipped_put (bob->db, session, dh, 7, new, 2, &error);
  g_assert_no_error (error);
  g_assert_true (tess_db_skipped_find (bob->db, session, dh, 7, key, &found, NULL));
  g_assert_true (found);
  g_assert_cmpmem (key, 32, new, 32);
}

static void
roll_forward (Party *who, int64_t acked)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  intent->message = acked;
  party_run (who, tess_account_job_roll_forward, intent);
}

/* An old copy of Alice's database: what she writes on it before the relay tells her is sealed under numbers that Bob has seen,
 * and her published keys are newer than those she holds. Both directions come back to life, and nothing is lost. */
static void
test_restored_copy (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) lost = NULL;

  befriend (alice, bob);
  g_assert_true (tess_db_execute (alice->db, "UPDATE own_prekeys SET published = 1", NULL));
  party_keep (alice);
  g_assert_true (tess_db_execute (alice->db, "UPDATE own_prekeys SET created = created - 300000", NULL));
  party_rotate (alice);
  g_assert_true (tess_db_execute (bob->db, "UPDATE contacts SET fetched = 0", NULL));
  party_say (alice, party_chat (alice, bob), "forgotten");
  party_say (bob, party_chat (bob, alice), "forgotten too");
  party_fetch (bob, alice);
  party_settle (alice, bob);
  party_roll_back (alice);
  party_say (alice, party_chat (alice, bob), "under an old state");
  lost = party_collect (alice);
  g_assert_cmpuint (lost->len, ==, 1);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (lost, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_BEFORE);
  party_say (bob, party_chat (bob, alice), "under a lost key");
  g_ptr_array_unref (g_steal_pointer (&lost));
  lost = party_collect (bob);
  g_assert_cmpint (party_receive (alice, g_ptr_array_index (lost, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);

  roll_forward (alice, 1000);
  g_assert_cmpuint (alice->changes->bundle_ids->len, ==, 1); /* she does not wait for somebody to write */
  g_assert_cmpint (party_count (alice, "SELECT published FROM own_prekeys ORDER BY created DESC LIMIT 1"), ==, 0);
  party_fetch (alice, bob);
  party_settle (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'under an old state'"), ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE body = 'under a lost key'"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE sender = 0 AND state < 3"), ==, 0);
}

/* A relay that lies about what was acknowledged makes us start anew once an hour, not each time, and uses up nothing. */
static void
test_lying_ready (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  party_befriend (alice, bob);
  for (int hour = 0; hour < 4; hour++)
    {
      tess_clock_set_offset (hour * (TESS_ROLL_FORWARD_INTERVAL + 1));
      for (int i = 1; i <= 20; i++)
        roll_forward (alice, 1000 * (hour + 1) + i);
      g_assert_cmpint (party_count (alice, "SELECT count (*) FROM own_prekeys"), ==, 2 + hour);
      g_assert_cmpint (party_count (alice, "SELECT count (*) FROM own_one_time WHERE uploaded = 0"), ==, TESS_ONE_TIME_UPLOAD);
      g_assert_cmpint (party_count (alice, "SELECT count (*) FROM settings WHERE name = 'rollback.waits'"), ==, 1);
      party_fetch (alice, bob);
      party_settle (alice, bob);
    }
  /* What was put off is done when the hour is over, without the relay saying it again. */
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM own_prekeys"), ==, 5);
  tess_clock_set_offset (4 * (TESS_ROLL_FORWARD_INTERVAL + 1));
  party_run (alice, tess_account_job_resume, NULL);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM own_prekeys"), ==, 6);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM settings WHERE name = 'rollback.waits'"), ==, 0);
  g_assert_cmpint (party_count (alice, "SELECT max (id) FROM own_one_time"), <=, UINT32_MAX);
  tess_clock_set_offset (0);
}

static bool
make_one_time (TessJob *job, gpointer data, GError **error)
{
  return tess_keys_make_one_time (job, GPOINTER_TO_UINT (data), error);
}

/* Ids never run out, never repeat, and go around what is held. */
static void
test_one_time_ids (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  int64_t first = party_count (alice, "SELECT min (id) FROM own_one_time");

  g_assert_cmpint (first, >, 0);
  party_execute (alice, "UPDATE settings SET value = 4294967292 WHERE name = 'one-time.last'");
  party_run (alice, make_one_time, GUINT_TO_POINTER (10));
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM own_one_time WHERE id BETWEEN 1 AND 4294967295"), ==, 15);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM own_one_time WHERE id > 4294967292"), ==, 3);
  party_execute (alice, "UPDATE settings SET value = (SELECT min (id) FROM own_one_time) - 2 WHERE name = 'one-time.last'");
  party_run (alice, make_one_time, GUINT_TO_POINTER (10));
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM own_one_time"), ==, 25);
}

/* Hellos cross, and then Alice's disk is put back to before her present keys: what Bob seals under those that she lost is gone,
 * but her next hello makes him fetch the others, and within the hours of protocol.md 6 all is there. */
static void
test_crossing_rollback (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) lost = NULL;

  party_add (alice, bob);
  party_add (bob, alice);
  party_keep (alice);
  party_execute (alice, "UPDATE own_prekeys SET created = created - 300000");
  party_rotate (alice);
  party_say (bob, party_chat (bob, alice), "from Bob");
  party_fetch (bob, alice);
  lost = party_collect (bob); /* under keys that Alice is about to lose */
  party_say (alice, party_chat (alice, bob), "from Alice, forgotten");
  party_fetch (alice, bob);
  party_deliver (alice, bob);
  party_roll_back (alice);
  for (guint i = 0; i < lost->len; i++)
    g_assert_cmpint (party_receive (alice, g_ptr_array_index (lost, i), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
  roll_forward (alice, 1000);
  party_say (alice, party_chat (alice, bob), "from Alice");
  party_fetch (alice, bob);
  party_settle (alice, bob);
  for (int hour = 1; hour <= 3; hour++)
    {
      tess_clock_set_offset (hour * (TESS_RESET_INTERVAL_MIN + 1));
      party_late (alice);
      party_late (bob);
      party_settle (alice, bob);
    }
  tess_clock_set_offset (0);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE body = 'from Bob'"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'from Alice'"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE sender = 0 AND state < 3"), ==, 0);
}

/* A profile that no mailbox took goes with the next message: without it nobody could answer. */
static void
test_failed_profile (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autofree char *relay = NULL;
  int64_t chat = party_add (alice, bob);

  party_say (alice, chat, "one");
  party_fetch (alice, bob);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (TessIntent) next = tess_intent_new (0);
      TessDepositTask *task = next->object = tess_deposit_task_new (bob->us->us.device.bytes);

      next->object_free = tess_deposit_task_free;
      party_run (alice, tess_outbox_job_next, next);
      party_run (alice, tess_outbox_job_attempt, next);
      task->status = TESS_DEPOSIT_NO_MAILBOX;
      party_run (alice, tess_outbox_job_answer, next);
    }
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM outbox"), ==, 0);
  party_say (alice, chat, "two");
  party_fetch (alice, bob);
  party_deliver (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'two'"), ==, 1);
  relay = party_text (bob, "SELECT relay FROM contacts");
  g_assert_cmpstr (relay, !=, "");
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/hostile/clock-ahead", test_clock_ahead);
  g_test_add_func ("/core/hostile/archived-bound", test_archived_bound);
  g_test_add_func ("/core/hostile/alarm-before-attempt", test_alarm_before_attempt);
  g_test_add_func ("/core/hostile/stranger-flood", test_stranger_flood);
  g_test_add_func ("/core/hostile/place-twice", test_place_twice);
  g_test_add_func ("/core/hostile/restored-copy", test_restored_copy);
  g_test_add_func ("/core/hostile/lying-ready", test_lying_ready);
  g_test_add_func ("/core/hostile/one-time-ids", test_one_time_ids);
  g_test_add_func ("/core/hostile/crossing-rollback", test_crossing_rollback);
  g_test_add_func ("/core/hostile/failed-profile", test_failed_profile);
  return g_test_run ();
}
