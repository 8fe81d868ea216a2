/* What a person does, and what their mail then does: adding, verifying, alarms, receipts of reading, deposits that fail.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "core/tess-core-error.h"
#include "core/tess-types.h"
#include "core/tess-outbox-jobs.h"
#include "core/tess-people.h"
#include "party.h"
#include "store/tess-queries-contacts.h"

#include <string.h>

/* Both have added each other and know each other's names. */
static void
befriend (Party *alice, Party *bob)
{
  party_add (alice, bob);
  party_say (bob, party_add (bob, alice), "hello");
  party_fetch (bob, alice);
  party_settle (bob, alice);
}

static void
test_add (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) own = tess_intent_new (0);
  g_autoptr (GError) error = NULL;
  int64_t chat = party_add (alice, bob);

  g_assert_cmpint (party_add (alice, bob), ==, chat);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM contacts WHERE accepted = 1"), ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM outbox"), ==, 0);
  own->address = party_address (alice);
  g_assert_false (party_try (alice, tess_intent_add, own, &error));
  g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_OWN_ADDRESS);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM contacts"), ==, 1);
}

static void
test_mark_read (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) read = NULL;

  befriend (alice, bob);
  g_assert_cmpint (party_count (alice, "SELECT unread FROM conversations"), ==, 1);
  read = tess_intent_new (party_chat (alice, bob));
  read->message = party_count (alice, "SELECT max(id) FROM messages") - 1;
  party_run (alice, tess_intent_mark_read, read);
  g_assert_cmpint (party_count (alice, "SELECT unread FROM conversations"), ==, 1);
  g_assert_false (alice->changes->receipts);
  read->message++;
  party_run (alice, tess_intent_mark_read, read);
  g_assert_true (alice->changes->receipts);
  party_settle (alice, bob);
  g_assert_cmpint (party_count (alice, "SELECT unread FROM conversations"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT state FROM messages WHERE body = 'hello'"), ==, 4);
}

/* What came before somebody was accepted is receipted then, as read only what was read and where that is told. */
static void
test_accept_receipts (gconstpointer told)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) seen = tess_intent_new (0), setting = tess_intent_new (0), accept = tess_intent_new (0);

  setting->text = g_strdup (TESS_SETTING_RECEIPTS_TOLD);
  setting->count = told != NULL ? 1 : 0;
  party_run (bob, tess_intent_set_setting, setting);
  party_say (alice, party_add (alice, bob), "one");
  party_fetch (alice, bob);
  party_settle (alice, bob);
  seen->conversation = accept->conversation = party_chat (bob, alice);
  seen->message = party_count (bob, "SELECT max (id) FROM messages");
  party_run (bob, tess_intent_mark_read, seen);
  party_say (alice, party_chat (alice, bob), "two");
  party_settle (alice, bob);
  g_assert_cmpint (party_count (alice, "SELECT max (state) FROM messages"), ==, 2);
  party_run (bob, tess_intent_accept, accept);
  g_assert_true (bob->changes->receipts);
  party_fetch (bob, alice);
  party_settle (bob, alice);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'one'"), ==, told != NULL ? 4 : 3);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'two'"), ==, 3);
}

/* Deposits that are answered with something else than stored. */

static TessIntent *
next_task (Party *who, Party *whom, TessDepositTask **task_out)
{
  TessIntent *intent = tess_intent_new (0);

  *task_out = intent->object = tess_deposit_task_new (whom->us->us.device.bytes);
  intent->object_free = tess_deposit_task_free;
  party_run (who, tess_outbox_job_next, intent);
  return intent;
}

static void
answer (Party *who, Party *whom, TessDepositStatus status, TessDepositTask *copy_out)
{
  TessDepositTask *task;
  g_autoptr (TessIntent) intent = next_task (who, whom, &task);

  g_assert_cmpint (task->id, !=, 0);
  party_run (who, tess_outbox_job_attempt, intent);
  task->status = status;
  task->wait_ms = 5000;
  party_run (who, tess_outbox_job_answer, intent);
  if (copy_out != NULL)
    *copy_out = *task;
}

static void
test_deposit_refused (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  TessDepositTask first, second;
  g_autofree char *failure = NULL;
  g_autoptr (TessIntent) retry = NULL;
  int64_t row;

  befriend (alice, bob);
  row = party_say (alice, party_chat (alice, bob), "text");
  answer (alice, bob, TESS_DEPOSIT_REFUSED, &first);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'text'"), ==, 1);
  answer (alice, bob, TESS_DEPOSIT_REFUSED, &second);
  g_assert_false (first.by_request);
  g_assert_true (second.by_request);
  g_assert_cmpmem (first.deposit_id, 16, second.deposit_id, 16);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'text'"), ==, 5);
  failure = party_text (alice, "SELECT failure FROM messages WHERE body = 'text'");
  g_assert_cmpstr (failure, ==, TESS_FAILURE_CAPABILITY);
  g_assert_cmpstr (tess_failure_sentence (failure), !=, "");
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM outbox"), ==, 0);
  /* By hand it goes again, under its old id. */
  retry = tess_intent_new (party_chat (alice, bob));
  retry->message = row;
  party_run (alice, tess_intent_retry, retry);
  g_assert_cmpuint (party_deliver (alice, bob), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'text'"), ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'text'"), ==, 2);
}

static void
test_deposit_statuses (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  TessDepositTask *task;
  g_autoptr (TessIntent) next = NULL;

  befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "first");
  party_say (alice, party_chat (alice, bob), "second");
  answer (alice, bob, TESS_DEPOSIT_FULL, NULL);
  next = next_task (alice, bob, &task);
  g_assert_cmpint (task->next_try_ms, >, tess_clock_now_ms () + 4000);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM outbox"), ==, 2);
  answer (alice, bob, TESS_DEPOSIT_STORED_BEFORE, NULL);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'first'"), ==, 2);
  answer (alice, bob, TESS_DEPOSIT_NO_MAILBOX, NULL);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'second'"), ==, 5);
  g_assert_cmpint (party_count (alice, "SELECT fetched FROM contacts"), ==, 0);
  party_say (alice, party_chat (alice, bob), "third");
  g_assert_cmpuint (alice->changes->bundle_ids->len, ==, 1);
  party_fetch (alice, bob);
  answer (alice, bob, TESS_DEPOSIT_BAD_ENVELOPE, NULL);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'third'"), ==, 5);
}

/* A device that is gone may have been replaced since its keys were fetched: that is asked before a message fails, and once. */
static void
test_mailbox_gone (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  TessDepositTask task;

  befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "text");
  tess_clock_set_offset (TESS_KEYS_JUST_FETCHED + 1);
  answer (alice, bob, TESS_DEPOSIT_NO_MAILBOX, &task);
  g_assert_null (task.failure);
  g_assert_cmpuint (alice->changes->bundle_ids->len, ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM outbox"), ==, 0);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'text'"), ==, 1);
  party_fetch (alice, bob);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM outbox"), ==, 1);
  answer (alice, bob, TESS_DEPOSIT_NO_MAILBOX, &task);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'text'"), ==, 5);
  tess_clock_set_offset (0);
}

/* Envelope keys expire: what was attempted stays as it is, what was not is sealed again or waits for keys. */
static void
test_reseal (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  TessDepositTask *task;
  g_autoptr (TessIntent) before = NULL;
  g_autoptr (TessIntent) waits = NULL;
  g_autoptr (TessIntent) after = NULL;
  g_autoptr (GBytes) old = NULL;

  befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "text");
  before = next_task (alice, bob, &task);
  old = g_bytes_ref (task->envelope);
  tess_clock_set_offset (TESS_PREKEY_LIFETIME_MAX + 10);
  waits = next_task (alice, bob, &task);
  g_assert_cmpint (task->id, ==, 0);
  g_assert_cmpuint (alice->changes->bundle_ids->len, ==, 1);
  /* Bob comes online and rotates; Alice fetches. */
  tess_db_execute (bob->db, "UPDATE own_prekeys SET created = 1", NULL);
  party_rotate (bob);
  party_fetch (alice, bob);
  after = next_task (alice, bob, &task);
  g_assert_cmpint (task->id, !=, 0);
  g_assert_false (g_bytes_equal (task->envelope, old));
  g_assert_cmpuint (party_deliver (alice, bob), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'text'"), ==, 1);
  tess_clock_set_offset (0);
}

#define LONG_AFTER (TESS_PREKEY_LIFETIME_MAX + TESS_PREKEY_KEEP_AFTER_EXPIRY + 86400)

/* Alice has written to Bob, who does not know her. */
static void
meet (Party *alice, Party *bob)
{
  party_say (alice, party_add (alice, bob), "one");
  party_fetch (alice, bob);
}

static int64_t
texts_of (Party *party)
{
  return party_count (party, "SELECT count (*) FROM messages WHERE sender <> 0 AND kind = 0");
}

/* So long after that the prekey which Alice knows of is expired and erased; Bob has been online. */
static void
let_keys_expire (Party *bob)
{
  PartyUpload upload = { .left = 0 };

  tess_clock_set_offset (LONG_AFTER);
  party_run (bob, party_upload, &upload);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM own_prekeys"), ==, 1);
  g_bytes_unref (upload.prekey);
  g_ptr_array_unref (upload.one_time);
}

/* A first message that waited until nobody holds the prekey of its hello any more goes under a fresh session. */
static void
test_stale_hello_waits (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  meet (alice, bob);
  let_keys_expire (bob);
  /* First for an envelope key, then for a session. */
  for (int i = 0; i < 2; i++)
    {
      TessDepositTask *task;
      g_autoptr (TessIntent) waits = next_task (alice, bob, &task);

      g_assert_cmpint (task->id, ==, 0);
      g_assert_cmpuint (alice->changes->bundle_ids->len, ==, 1);
      party_fetch (alice, bob);
    }
  party_settle (alice, bob);
  g_assert_cmpint (texts_of (bob), ==, 1);
  tess_clock_set_offset (0);
}

/* What waits under a stale hello though it was delivered, as in a database that was put back, holds up nothing. */
static void
test_stale_hello_delivered (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  meet (alice, bob);
  party_execute (alice, "UPDATE messages SET state = 3");
  let_keys_expire (bob);
  party_say (alice, party_chat (alice, bob), "again");
  party_fetch (alice, bob);
  party_settle (alice, bob);
  g_assert_cmpint (texts_of (bob), ==, 1);
  tess_clock_set_offset (0);
}

/* What was tried, with an outcome that nobody knows, goes again once its envelope key has expired: it may reach a mailbox whose
 * owner has erased that key. Known by its id it is there once, should both arrive; what waited behind it keeps its place. */
static void
test_tried_and_expired (gconstpointer arrived)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) tried = NULL;
  g_autofree char *first = NULL;
  TessDepositTask *task;

  befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "one");
  party_say (alice, party_chat (alice, bob), "two");
  tried = next_task (alice, bob, &task);
  party_run (alice, tess_outbox_job_attempt, tried);
  if (arrived != NULL)
    party_receive (bob, task->envelope, TESS_MAIL_CONTACT);
  tess_clock_set_offset (LONG_AFTER);
  party_rotate (alice);
  party_rotate (bob);
  party_fetch (alice, bob);
  party_deliver (alice, bob);
  party_fetch (bob, alice);
  party_settle (alice, bob);
  first = party_text (bob, "SELECT body FROM messages WHERE sender <> 0 AND kind = 0 ORDER BY id LIMIT 1");
  g_assert_cmpstr (first, ==, "one");
  g_assert_cmpint (texts_of (bob), ==, 2);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE sender = 0 AND kind = 0 AND state = 3"), ==, 2);
  tess_clock_set_offset (0);
}

/* A receipt that nobody can read any more holds up nothing, and what it told goes again. */
static void
test_tried_receipt (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) tried = NULL;
  TessDepositTask *task;

  befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "one");
  party_deliver (alice, bob);
  party_seal_receipts (bob);
  tried = next_task (bob, alice, &task);
  party_run (bob, tess_outbox_job_attempt, tried);
  tess_clock_set_offset (TESS_PREKEY_LIFETIME_MAX + 10);
  g_clear_pointer (&tried, tess_intent_unref);
  tried = next_task (bob, alice, &task);
  g_assert_cmpint (task->id, !=, 0);
  tess_clock_set_offset (LONG_AFTER);
  g_clear_pointer (&tried, tess_intent_unref);
  tried = next_task (bob, alice, &task);
  g_assert_cmpint (task->id, ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM outbox"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT profile_sent FROM contacts"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM receipts_pending WHERE is_read = 0"), ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE sender = 0 AND kind = 0 AND state = 3"), ==, 0);
  party_rotate (alice);
  party_rotate (bob);
  party_fetch (bob, alice);
  party_seal_receipts (bob);
  party_deliver (bob, alice);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE sender = 0 AND kind = 0 AND state = 3"), ==, 1);
  tess_clock_set_offset (0);
}

/* Nor is a receipt lost that waited under a hello for longer than anybody holds its prekey; to somebody who is not accepted any
 * more it is not owed. */
static void
test_stale_hello_receipt (gconstpointer accepted)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) waits = NULL;
  TessDepositTask *task;

  befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "one");
  party_deliver (alice, bob);
  party_execute (bob, "DELETE FROM sessions");
  party_fetch (bob, alice);
  party_seal_receipts (bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM outbox WHERE message IS NULL"), >=, 1);
  party_execute (bob, accepted != NULL ? "UPDATE contacts SET accepted = 1" : "UPDATE contacts SET accepted = 0");
  let_keys_expire (alice);
  party_rotate (bob);
  party_fetch (bob, alice);
  waits = next_task (bob, alice, &task);
  g_assert_cmpint (task->id, ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM outbox"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM receipts_pending"), ==, accepted != NULL ? 1 : 0);
  party_fetch (bob, alice);
  party_seal_receipts (bob);
  party_deliver (bob, alice);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE sender = 0 AND kind = 0 AND state = 3"), ==,
                   accepted != NULL ? 1 : 0);
  tess_clock_set_offset (0);
}

/* A session that nobody answered in time seals nothing more: what went under it goes again with the next message. */
static void
test_stale_hello_unanswered (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) lost = NULL;

  meet (alice, bob);
  lost = party_collect (alice);
  let_keys_expire (bob);
  party_say (alice, party_chat (alice, bob), "again");
  party_fetch (alice, bob);
  party_settle (alice, bob);
  g_assert_cmpint (texts_of (bob), ==, 2);
  tess_clock_set_offset (0);
}

/* A message sealed before the first answer repeats the hello: it is known as long as its session, not as its prekey. */
static void
test_stale_hello_known (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  meet (alice, bob);
  party_deliver (alice, bob);
  party_say (alice, party_chat (alice, bob), "again");
  party_say (bob, party_chat (bob, alice), "back");
  party_fetch (bob, alice);
  party_deliver (bob, alice);
  let_keys_expire (bob);
  party_fetch (alice, bob);
  party_settle (alice, bob);
  g_assert_cmpint (texts_of (bob), ==, 2);
  tess_clock_set_offset (0);
}

/* A relay said to wait, and then the clock was set back: nobody waits for days. */
static void
test_wait_and_clock_back (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  TessDepositTask *task;
  g_autoptr (TessIntent) first = NULL;
  g_autoptr (TessIntent) second = NULL;

  befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "text");
  first = next_task (alice, bob, &task);
  task->status = TESS_DEPOSIT_SLOW_DOWN;
  task->wait_ms = 60000;
  party_run (alice, tess_outbox_job_answer, first);
  tess_clock_set_offset (-5 * 86400);
  second = next_task (alice, bob, &task);
  g_assert_cmpint (task->id, !=, 0);
  g_assert_cmpint (task->next_try_ms, <=, tess_clock_now_ms ());
  tess_clock_set_offset (0);
}

/* What was sealed before hellos crossed and reaches the relay after that goes again, should it stay without a receipt. */
static void
test_crossed_waiting (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) crosses = NULL;
  g_autoptr (GPtrArray) lost = NULL;

  meet (alice, bob);
  meet (bob, alice);
  crosses = party_collect (bob);
  for (guint i = 0; i < crosses->len; i++)
    party_receive (alice, g_ptr_array_index (crosses, i), TESS_MAIL_REQUEST);
  party_fetch (alice, bob);
  lost = party_collect (alice);
  g_assert_cmpuint (lost->len, >=, 2);
  tess_clock_set_offset (TESS_RESET_INTERVAL_MIN + 60);
  party_late (alice);
  party_fetch (alice, bob);
  party_deliver (alice, bob);
  g_assert_cmpint (texts_of (bob), ==, 1);
  tess_clock_set_offset (0);
}

/* Mail of an accepted contact under the request capability that decrypts under nothing makes nobody send anything. But the next
 * message goes under a fresh session, once a day. */
static void
test_renewed (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) lost = NULL;

  party_befriend (alice, bob);
  party_execute (alice, "DELETE FROM sessions");
  party_say (alice, party_chat (alice, bob), "under a session");
  party_fetch (alice, bob);
  lost = party_collect (alice);
  party_execute (alice, "UPDATE sessions SET hello = NULL, answered = 1");
  for (int day = 0; day < 2; day++)
    {
      g_autoptr (GPtrArray) mail = NULL;
      g_autoptr (GPtrArray) answers = NULL;

      party_say (alice, party_chat (alice, bob), "that Bob does not know");
      mail = party_collect (alice);
      g_assert_cmpuint (mail->len, ==, 1);
      g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_REQUEST), ==, TESS_RECEIVED_UNDECRYPTABLE);
      g_assert_cmpuint (bob->changes->bundle_ids->len, ==, 0);
      answers = party_collect (bob);
      g_assert_cmpuint (answers->len, ==, 0);
      g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions WHERE active"), ==, day);
      party_execute (bob, "UPDATE sessions SET active = 1");
    }
  party_execute (bob, "UPDATE sessions SET active = 0");
  party_say (bob, party_chat (bob, alice), "hello again");
  party_fetch (bob, alice);
  party_settle (bob, alice);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE body = 'hello again'"), ==, 1);
  g_assert_cmpint (texts_of (bob), >=, 3);
}

/* Alice's next message reaches Bob under @class; how many entries he wants to send then, without receipts. */
static guint
answers_to (Party *alice, Party *bob, TessMailClass class)
{
  g_autoptr (GPtrArray) mail = NULL;
  g_autoptr (GPtrArray) answers = NULL;

  party_say (alice, party_chat (alice, bob), "hello");
  party_fetch (alice, bob);
  mail = party_collect (alice);
  g_assert_cmpuint (mail->len, ==, 1);
  party_receive (bob, g_ptr_array_index (mail, 0), class);
  if (bob->changes->bundle_ids->len > 0)
    party_fetch (bob, alice);
  answers = party_collect (bob);
  return answers->len;
}

/* An accepted contact who still writes under the request capability has not got our profile: it goes again, once a day. */
static void
test_profile_lost (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  party_befriend (alice, bob);
  g_assert_cmpuint (answers_to (alice, bob, TESS_MAIL_REQUEST), ==, 0);
  tess_clock_set_offset (TESS_PROFILE_AGAIN_AFTER + 60);
  g_assert_cmpuint (answers_to (alice, bob, TESS_MAIL_CONTACT), ==, 0);
  g_assert_cmpuint (answers_to (alice, bob, TESS_MAIL_REQUEST), ==, 1);
  g_assert_cmpuint (answers_to (alice, bob, TESS_MAIL_REQUEST), ==, 0);
  tess_clock_set_offset (0);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/people/add", test_add);
  g_test_add_func ("/core/people/mark-read", test_mark_read);
  g_test_add_func ("/core/people/deposit-refused", test_deposit_refused);
  g_test_add_func ("/core/people/deposit-statuses", test_deposit_statuses);
  g_test_add_func ("/core/people/mailbox-gone", test_mailbox_gone);
  g_test_add_func ("/core/people/reseal", test_reseal);
  g_test_add_data_func ("/core/people/tried-and-expired/lost", NULL, test_tried_and_expired);
  g_test_add_data_func ("/core/people/tried-and-expired/arrived", "arrived", test_tried_and_expired);
  g_test_add_data_func ("/core/people/accept-receipts", "told", test_accept_receipts);
  g_test_add_data_func ("/core/people/accept-receipts-untold", NULL, test_accept_receipts);
  g_test_add_func ("/core/people/tried-receipt", test_tried_receipt);
  g_test_add_func ("/core/people/stale-hello-waits", test_stale_hello_waits);
  g_test_add_func ("/core/people/stale-hello-delivered", test_stale_hello_delivered);
  g_test_add_data_func ("/core/people/stale-hello-receipt", "accepted", test_stale_hello_receipt);
  g_test_add_data_func ("/core/people/stale-hello-receipt-stranger", NULL, test_stale_hello_receipt);
  g_test_add_func ("/core/people/stale-hello-unanswered", test_stale_hello_unanswered);
  g_test_add_func ("/core/people/stale-hello-known", test_stale_hello_known);
  g_test_add_func ("/core/people/wait-and-clock-back", test_wait_and_clock_back);
  g_test_add_func ("/core/people/crossed-waiting", test_crossed_waiting);
  g_test_add_func ("/core/people/renewed", test_renewed);
  g_test_add_func ("/core/people/profile-lost", test_profile_lost);
  return g_test_run ();
}
