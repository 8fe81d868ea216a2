/* What is done to messages, on both sides: replies, edits, deletions, reactions, timers, typing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "core/tess-core-error.h"
#include "core/tess-expiry.h"
#include "core/tess-outbox-jobs.h"
#include "core/tess-types.h"
#include "party.h"
#include "store/tess-queries-search.h"

#include <string.h>

typedef struct {
  Party *alice, *bob;
  int64_t at_alice, at_bob; /* their chat, on either side */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->alice = party_new ("Alice");
  self->bob = party_new ("Bob");
  party_befriend (self->alice, self->bob);
  self->at_alice = party_chat (self->alice, self->bob);
  self->at_bob = party_chat (self->bob, self->alice);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->alice, party_free);
  g_clear_pointer (&self->bob, party_free);
}

/* The row there of the newest shown message. */
static int64_t
newest (Party *self)
{
  return party_count (self, "SELECT max (id) FROM messages WHERE kind <> 3");
}

static bool
try_act (Party *self, PartyJob job, int64_t conversation, int64_t message, const char *text, unsigned count, GError **error)
{
  g_autoptr (TessIntent) intent = tess_intent_new (conversation);

  intent->message = message;
  intent->text = g_strdup (text);
  intent->count = count;
  return party_try (self, job, intent, error);
}

static void
act (Party *self, PartyJob job, int64_t conversation, int64_t message, const char *text, unsigned count)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (try_act (self, job, conversation, message, text, count, &error));
  g_assert_no_error (error);
}

static void
refuse (Party *self, PartyJob job, int64_t conversation, int64_t message, const char *text, unsigned count, int code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = party_state (self);
  g_autofree char *after = NULL;

  g_assert_false (try_act (self, job, conversation, message, text, count, &error));
  g_assert_error (error, TESS_CORE_ERROR, code);
  after = party_state (self);
  g_assert_cmpstr (after, ==, before);
}

static bool
load (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;

  intent->object = tess_load_message (job->db, intent->message, error);
  intent->object_free = (GDestroyNotify) tess_message_data_free;
  return intent->object != NULL;
}

/* A message as it is shown. */
static TessMessageData *
shown (Party *self, int64_t row)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  intent->message = row;
  party_run (self, load, intent);
  return g_steal_pointer (&intent->object);
}

#define COUNT(party, sql, expected) g_assert_cmpint (party_count (party, "SELECT count (*) FROM " sql), ==, expected)

static void
test_reply (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) intent = tess_intent_new (self->at_bob);
  g_autoptr (TessMessageData) here = NULL, there = NULL;

  party_say (self->alice, self->at_alice, "the question\nin two lines");
  party_settle (self->alice, self->bob);
  intent->text = g_strdup ("the answer");
  intent->reply = newest (self->bob);
  party_run (self->bob, tess_intent_send, intent);
  party_settle (self->bob, self->alice);
  here = shown (self->bob, newest (self->bob));
  there = shown (self->alice, newest (self->alice));
  g_assert_cmpstr (there->body, ==, "the answer");
  g_assert_cmpstr (there->reply_text, ==, "the question in two lines");
  g_assert_true (there->reply_outgoing && !here->reply_outgoing);
  g_assert_cmpstr (there->reply_to, ==, here->reply_to);
}

/* What is answered may be erased while the answer is written: that goes without it. */
static void
test_reply_to_nothing (Fixture *self, gconstpointer gone)
{
  g_autoptr (TessIntent) intent = tess_intent_new (self->at_bob);
  g_autoptr (TessMessageData) there = NULL;

  party_say (self->alice, self->at_alice, "the question");
  party_settle (self->alice, self->bob);
  intent->text = g_strdup ("the answer");
  intent->reply = newest (self->bob);
  party_execute (self->bob, gone != NULL ? "DELETE FROM messages" : "UPDATE messages SET deleted = 1, body = ''");
  party_run (self->bob, tess_intent_send, intent);
  party_settle (self->bob, self->alice);
  there = shown (self->alice, newest (self->alice));
  g_assert_cmpstr (there->body, ==, "the answer");
  g_assert_cmpstr (there->reply_to, ==, "");
}

static void
test_edit (Fixture *self, gconstpointer data)
{
  int64_t row = party_say (self->alice, self->at_alice, "frist");
  g_autoptr (TessMessageData) there = NULL, again = NULL;

  party_settle (self->alice, self->bob);
  act (self->alice, tess_intent_edit, self->at_alice, row, "first", 0);
  COUNT (self->alice, "messages WHERE kind = 3", 1);
  party_settle (self->alice, self->bob);
  there = shown (self->bob, newest (self->bob));
  g_assert_cmpstr (there->body, ==, "first");
  g_assert_true (there->edited);
  /* It was receipted, and is done. */
  COUNT (self->alice, "messages WHERE kind = 3", 0);
  COUNT (self->bob, "messages WHERE kind = 3", 0);
  COUNT (self->bob, "messages WHERE body LIKE '%frist%'", 0);
  /* The same once more says nothing. */
  act (self->alice, tess_intent_edit, self->at_alice, row, "first", 0);
  COUNT (self->alice, "outbox", 0);
  refuse (self->bob, tess_intent_edit, self->at_bob, newest (self->bob), "x", 0, TESS_CORE_ERROR_NOT_FOUND);
  refuse (self->alice, tess_intent_edit, self->at_alice, 4711, "x", 0, TESS_CORE_ERROR_NOT_FOUND);
}

/* The later of two edits counts, whichever comes last; nobody edits what others wrote. */
static void
test_edit_order (Fixture *self, gconstpointer data)
{
  static const char *const edits[] = {
    "{\"id\":\"00000000000000000000000000000001\",\"time\":3000,\"kind\":\"edit\",\"target\":\"%s\",\"body\":\"third\"}",
    "{\"id\":\"00000000000000000000000000000002\",\"time\":2000,\"kind\":\"edit\",\"target\":\"%s\",\"body\":\"second\"}",
    "{\"id\":\"00000000000000000000000000000003\",\"time\":3000,\"kind\":\"edit\",\"target\":\"%s\",\"body\":\"equal\"}",
  };
  g_autoptr (TessMessageData) first = NULL, own = NULL, after = NULL;

  party_say (self->alice, self->at_alice, "first");
  party_say (self->bob, self->at_bob, "of Bob");
  party_settle (self->alice, self->bob);
  own = shown (self->bob, party_count (self->bob, "SELECT max (id) FROM messages WHERE sender = 0 AND kind = 0"));
  first = shown (self->bob, party_count (self->bob, "SELECT max (id) FROM messages WHERE body = 'first'"));
  for (unsigned i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (GString) json = g_string_new (edits[i]);

      g_string_replace (json, "%s", first->id, 1);
      party_seal_raw (self->alice, self->bob, json->str);
    }
  party_settle (self->alice, self->bob);
  after = shown (self->bob, first->row);
  g_assert_cmpstr (after->body, ==, "third");
  {
    g_autoptr (GString) json = g_string_new (edits[0]);
    g_autoptr (TessMessageData) unchanged = NULL;

    g_string_replace (json, "%s", own->id, 1);
    party_seal_raw (self->alice, self->bob, json->str);
    party_settle (self->alice, self->bob);
    unchanged = shown (self->bob, own->row);
    g_assert_cmpstr (unchanged->body, ==, "of Bob");
    g_assert_false (unchanged->edited);
  }
}

static bool
index_all (TessJob *job, gpointer more, GError **error)
{
  return tess_db_search_index (job->db, 1000, more, error);
}

static void
test_delete_for_everyone (Fixture *self, gconstpointer data)
{
  int64_t row = party_say (self->alice, self->at_alice, "regretted");
  g_autoptr (TessMessageData) here = NULL, there = NULL;
  bool more;

  party_settle (self->alice, self->bob);
  party_run (self->bob, index_all, &more);
  COUNT (self->bob, "messages_fts WHERE messages_fts MATCH 'regretted'", 1);
  g_assert_cmpint (party_count (self->bob, "SELECT unread FROM conversations"), ==, 1);
  act (self->bob, tess_intent_react, self->at_bob, newest (self->bob), "👍", 0);
  party_settle (self->bob, self->alice);
  refuse (self->bob, tess_intent_delete, self->at_bob, newest (self->bob), NULL, 1, TESS_CORE_ERROR_NOT_FOUND);
  act (self->alice, tess_intent_edit, self->at_alice, row, "regretted more", 0);
  act (self->alice, tess_intent_delete, self->at_alice, row, NULL, 1);
  COUNT (self->alice, "messages WHERE body LIKE 'regretted%'", 0);
  party_settle (self->alice, self->bob);
  here = shown (self->alice, row);
  there = shown (self->bob, newest (self->bob));
  g_assert_true (here->deleted && there->deleted && !there->edited);
  g_assert_cmpstr (there->body, ==, "");
  g_assert_cmpstr (there->own_reaction, ==, "");
  g_assert_cmpint (party_count (self->bob, "SELECT unread FROM conversations"), ==, 0);
  COUNT (self->bob, "messages_fts WHERE messages_fts MATCH 'regretted'", 0);
  COUNT (self->alice, "reactions", 0);
  COUNT (self->alice, "messages WHERE kind = 3", 0);
  refuse (self->alice, tess_intent_delete, self->at_alice, row, NULL, 1, TESS_CORE_ERROR_NOT_FOUND);
  refuse (self->alice, tess_intent_edit, self->at_alice, row, "again", 0, TESS_CORE_ERROR_NOT_FOUND);
}

/* What was not sent yet is not sent any more, and never was. */
static void
test_delete_before_sending (Fixture *self, gconstpointer data)
{
  int64_t row = party_say (self->alice, self->at_alice, "never seen");

  COUNT (self->alice, "outbox WHERE message IS NOT NULL", 1);
  act (self->alice, tess_intent_delete, self->at_alice, row, NULL, 1);
  party_settle (self->alice, self->bob);
  COUNT (self->bob, "messages WHERE body = 'never seen'", 0);
  COUNT (self->bob, "settings WHERE name = 'mail.refused'", 0);
  /* The deletion of something that never came waits for it, and is forgotten. */
  COUNT (self->bob, "messages WHERE kind = 3", 1);
  party_execute (self->bob, "UPDATE messages SET stored_ms = 1 WHERE kind = 3");
  party_run (self->bob, tess_expiry_job, NULL);
  COUNT (self->bob, "messages WHERE kind = 3", 0);
}

static void
test_delete_here (Fixture *self, gconstpointer data)
{
  int64_t row;

  party_say (self->alice, self->at_alice, "one");
  party_say (self->alice, self->at_alice, "two");
  party_settle (self->alice, self->bob);
  row = newest (self->bob);
  g_assert_cmpint (party_count (self->bob, "SELECT unread FROM conversations"), ==, 2);
  act (self->bob, tess_intent_delete, self->at_bob, row, NULL, 0);
  g_assert_cmpuint (self->bob->changes->removed_ids->len, ==, 1);
  g_assert_cmpint (g_array_index (self->bob->changes->removed_ids, int64_t, 0), ==, row);
  g_assert_cmpint (party_count (self->bob, "SELECT unread FROM conversations"), ==, 1);
  g_assert_cmpint (party_count (self->bob, "SELECT last_message FROM conversations"), ==, newest (self->bob));
  COUNT (self->bob, "messages WHERE body = 'two'", 0);
  COUNT (self->bob, "outbox WHERE message IS NOT NULL", 0);
  refuse (self->bob, tess_intent_delete, self->at_bob, row, NULL, 0, TESS_CORE_ERROR_NOT_FOUND);
  /* The other side's reaction to it has no target here, and does no harm. */
  act (self->alice, tess_intent_react, self->at_alice, newest (self->alice), "👍", 0);
  party_settle (self->alice, self->bob);
}

static void
test_react (Fixture *self, gconstpointer data)
{
  int64_t row;
  g_autoptr (TessMessageData) here = NULL, there = NULL, later = NULL;

  party_say (self->alice, self->at_alice, "good news");
  party_settle (self->alice, self->bob);
  row = newest (self->bob);
  act (self->bob, tess_intent_react, self->at_bob, row, "👍", 0);
  act (self->bob, tess_intent_react, self->at_bob, row, "🎉", 0);
  party_settle (self->bob, self->alice);
  here = shown (self->bob, row);
  there = shown (self->alice, newest (self->alice));
  g_assert_cmpstr (here->own_reaction, ==, "🎉");
  g_assert_cmpstr (there->their_reaction, ==, "🎉");
  g_assert_cmpstr (there->own_reaction, ==, "");
  act (self->bob, tess_intent_react, self->at_bob, row, "", 0);
  party_settle (self->bob, self->alice);
  later = shown (self->alice, newest (self->alice));
  g_assert_cmpstr (later->their_reaction, ==, "");
  COUNT (self->bob, "messages WHERE kind = 3", 0);
}

/* Anything that is no emoji, and what is said of messages that are not here. */
static void
test_hostile (Fixture *self, gconstpointer data)
{
  g_autoptr (TessMessageData) target = NULL, after = NULL;

  party_say (self->bob, self->at_bob, "mine");
  party_settle (self->bob, self->alice);
  target = shown (self->bob, newest (self->bob));
  {
    g_autofree char *no_emoji = g_strdup_printf (
      "{\"id\":\"00000000000000000000000000000001\",\"time\":1,\"kind\":\"reaction\",\"target\":\"%s\",\"emoji\":\"<b>x\"}",
      target->id);
    g_autofree char *delete = g_strdup_printf (
      "{\"id\":\"00000000000000000000000000000002\",\"time\":1,\"kind\":\"delete\",\"target\":\"%s\"}", target->id);

    party_seal_raw (self->alice, self->bob, no_emoji);
    party_seal_raw (self->alice, self->bob, delete);
  }
  for (unsigned i = 0; i < TESS_EARLY_ACTIONS_MAX + 50; i++)
    {
      g_autofree char *json = g_strdup_printf (
        "{\"id\":\"000000000000000000000000%08x\",\"time\":1,\"kind\":\"delete\",\"target\":\"%032x\"}", i + 100, i);

      party_seal_raw (self->alice, self->bob, json);
    }
  party_deliver (self->alice, self->bob);
  after = shown (self->bob, target->row);
  g_assert_cmpstr (after->body, ==, "mine");
  g_assert_cmpstr (after->their_reaction, ==, "");
  g_assert_false (after->deleted);
  g_assert_cmpint (party_count (self->bob, "SELECT count (*) FROM messages WHERE kind = 3 AND sender <> 0"), <=,
                   TESS_EARLY_ACTIONS_MAX + 1);
}

/* An edit, a reaction to it and a deletion that come before their message. */
static void
test_early (Fixture *self, gconstpointer data)
{
  static const char *const first[] = {
    "{\"id\":\"00000000000000000000000000000001\",\"time\":20,\"kind\":\"edit\",\"target\":"
    "\"000000000000000000000000000000aa\",\"body\":\"newer\"}",
    "{\"id\":\"00000000000000000000000000000002\",\"time\":10,\"kind\":\"edit\",\"target\":"
    "\"000000000000000000000000000000aa\",\"body\":\"older\"}",
    "{\"id\":\"00000000000000000000000000000003\",\"time\":10,\"kind\":\"reaction\",\"target\":"
    "\"000000000000000000000000000000aa\",\"emoji\":\"❤️\"}",
    "{\"id\":\"00000000000000000000000000000004\",\"time\":10,\"kind\":\"delete\",\"target\":"
    "\"000000000000000000000000000000bb\"}",
    "{\"id\":\"000000000000000000000000000000aa\",\"time\":5,\"kind\":\"text\",\"body\":\"original\"}",
  };
  g_autoptr (TessMessageData) text = NULL, deleted = NULL;

  for (unsigned i = 0; i < G_N_ELEMENTS (first); i++)
    party_seal_raw (self->alice, self->bob, first[i]);
  party_deliver (self->alice, self->bob);
  text = shown (self->bob, newest (self->bob));
  g_assert_cmpstr (text->body, ==, "newer");
  g_assert_cmpstr (text->their_reaction, ==, "❤️");
  party_seal_raw (self->alice, self->bob,
                  "{\"id\":\"000000000000000000000000000000bb\",\"time\":5,\"kind\":\"text\",\"body\":\"gone\"}");
  party_deliver (self->alice, self->bob);
  deleted = shown (self->bob, newest (self->bob));
  g_assert_true (deleted->deleted);
  COUNT (self->bob, "messages WHERE kind = 3", 0);
  COUNT (self->bob, "messages WHERE body = 'gone'", 0);
}

/* A stranger's room holds for what they do, too. */
static void
test_stranger (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  int64_t chat = party_add (alice, bob);

  party_say (alice, chat, "hello");
  party_fetch (alice, bob);
  party_deliver (alice, bob);
  for (unsigned i = 0; i < TESS_REQUEST_MESSAGES_MAX + 20; i++)
    {
      g_autofree char *json = g_strdup_printf (
        "{\"id\":\"000000000000000000000000%08x\",\"time\":1,\"kind\":\"delete\",\"target\":\"%032x\"}", i + 100, i);

      party_seal_raw (alice, bob, json);
    }
  party_seal_raw (alice, bob, "{\"id\":\"00000000000000000000000000000fff\",\"time\":1,\"kind\":\"timer\",\"seconds\":60}");
  party_deliver (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages"), <=, TESS_REQUEST_MESSAGES_MAX);
  g_assert_cmpint (party_count (bob, "SELECT timer FROM conversations"), ==, 0);
  COUNT (bob, "receipts_pending", 0);
}

static void
test_timer (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) next = tess_intent_new (0);
  g_autoptr (TessMessageData) notice = NULL, text = NULL;
  int64_t row;
  bool more;

  act (self->alice, tess_intent_set_timer, self->at_alice, 0, NULL, 3600);
  party_settle (self->alice, self->bob);
  g_assert_cmpint (party_count (self->bob, "SELECT timer FROM conversations"), ==, 3600);
  notice = shown (self->bob, newest (self->bob));
  g_assert_cmpstr (notice->kind, ==, "timer");
  g_assert_cmpstr (notice->body, ==, "3600");
  row = party_say (self->bob, self->at_bob, "for an hour");
  party_settle (self->bob, self->alice);
  text = shown (self->alice, newest (self->alice));
  g_assert_cmpuint (text->expires_after, ==, 3600);
  /* The sender's hour began with the relay, the reader's begins with reading. */
  g_assert_cmpint (party_count (self->bob, "SELECT expires_ms > 0 FROM messages WHERE body = 'for an hour'"), ==, 1);
  g_assert_cmpint (party_count (self->alice, "SELECT expires_ms FROM messages WHERE body = 'for an hour'"), ==, 0);
  act (self->alice, tess_intent_mark_read, self->at_alice, text->row, NULL, 0);
  party_run (self->alice, tess_expiry_job, next);
  g_assert_cmpint (next->expires, >, tess_clock_now_ms () + 3500 * 1000);
  COUNT (self->alice, "messages WHERE body = 'for an hour'", 1);
  party_run (self->alice, index_all, &more);
  COUNT (self->alice, "messages_fts WHERE messages_fts MATCH 'hour'", 1);
  party_execute (self->alice, "UPDATE messages SET expires_ms = 1000 WHERE expires_ms > 0");
  party_run (self->alice, tess_expiry_job, next);
  g_assert_cmpint (next->expires, ==, 0);
  COUNT (self->alice, "messages WHERE body = 'for an hour'", 0);
  COUNT (self->alice, "messages_fts WHERE messages_fts MATCH 'hour'", 0);
  g_assert_cmpuint (self->alice->changes->removed_ids->len, ==, 1);
  g_assert_cmpint (row, >, 0);
  act (self->bob, tess_intent_set_timer, self->at_bob, 0, NULL, 0);
  party_settle (self->bob, self->alice);
  g_assert_cmpint (party_count (self->alice, "SELECT timer FROM conversations"), ==, 0);
}

static void
test_typing (Fixture *self, gconstpointer data)
{
  act (self->alice, tess_intent_typing, self->at_alice, 0, NULL, 1);
  COUNT (self->alice, "outbox", 1);
  /* While something waits, nothing is added to it. */
  act (self->alice, tess_intent_typing, self->at_alice, 0, NULL, 1);
  COUNT (self->alice, "outbox", 1);
  party_deliver (self->alice, self->bob);
  g_assert_cmpuint (self->bob->changes->typing_ids->len, ==, 1);
  g_assert_cmpint (g_array_index (self->bob->changes->typing_ids, int64_t, 0), ==, self->at_bob);
  COUNT (self->bob, "receipts_pending", 0);
  party_seal_raw (self->alice, self->bob,
                  "{\"id\":\"00000000000000000000000000000001\",\"time\":1,\"kind\":\"typing\",\"on\":true}");
  party_deliver (self->alice, self->bob);
  g_assert_cmpuint (self->bob->changes->typing_ids->len, ==, 0);
  act (self->alice, tess_intent_set_setting, 0, 0, TESS_SETTING_TYPING_TOLD, 0);
  act (self->alice, tess_intent_typing, self->at_alice, 0, NULL, 1);
  COUNT (self->alice, "outbox", 0);
}

static void
test_receipts_off (Fixture *self, gconstpointer data)
{
  party_say (self->alice, self->at_alice, "read me");
  party_settle (self->alice, self->bob);
  act (self->bob, tess_intent_set_setting, 0, 0, TESS_SETTING_RECEIPTS_TOLD, 0);
  act (self->bob, tess_intent_mark_read, self->at_bob, newest (self->bob), NULL, 0);
  COUNT (self->bob, "receipts_pending", 0);
  g_assert_cmpint (party_count (self->bob, "SELECT unread FROM conversations"), ==, 0);
}

/* The relay answers the only entry of the outbox with NO_MAILBOX. */
static void
lose_entry (Party *self)
{
  g_autoptr (TessIntent) heads = tess_intent_new (0), next = tess_intent_new (0);

  COUNT (self, "outbox", 1);
  party_run (self, tess_outbox_job_mailboxes, heads);
  next->object = tess_deposit_task_new (g_bytes_get_data (g_ptr_array_index (heads->rows, 0), NULL));
  next->object_free = tess_deposit_task_free;
  party_run (self, tess_outbox_job_next, next);
  party_run (self, tess_outbox_job_attempt, next);
  ((TessDepositTask *) next->object)->status = TESS_DEPOSIT_NO_MAILBOX;
  party_run (self, tess_outbox_job_answer, next);
  COUNT (self, "outbox", 0);
}

static void
assert_failed (const TessMessageData *data, const char *why)
{
  g_assert_cmpint (data->delivery, ==, TESS_DELIVERY_FAILED);
  g_assert_cmpstr (data->failure, ==, why);
}

/* An action that a relay refused is seen at its message, and can be retried. */
static void
test_failed (Fixture *self, gconstpointer data)
{
  int64_t row = party_say (self->alice, self->at_alice, "frist");
  g_autoptr (TessMessageData) failed = NULL, there = NULL;

  party_settle (self->alice, self->bob);
  act (self->alice, tess_intent_edit, self->at_alice, row, "first", 0);
  lose_entry (self->alice);
  failed = shown (self->alice, row);
  assert_failed (failed, "What you changed here could not be sent. This person’s mailbox does not exist any more.");
  party_fetch (self->alice, self->bob);
  act (self->alice, tess_intent_retry, self->at_alice, row, NULL, 0);
  party_settle (self->alice, self->bob);
  there = shown (self->bob, newest (self->bob));
  g_assert_cmpstr (there->body, ==, "first");
}

/* A message is deleted here whatever the relay says; that it was not on the other side stands there until it is. */
static void
test_failed_deletion (Fixture *self, gconstpointer data)
{
  int64_t row = party_say (self->alice, self->at_alice, "oops");
  g_autoptr (TessMessageData) failed = NULL, retried = NULL, there = NULL;

  party_settle (self->alice, self->bob);
  act (self->alice, tess_intent_delete, self->at_alice, row, NULL, 1);
  lose_entry (self->alice);
  g_assert_cmpuint (self->alice->changes->message_ids->len, ==, 1);
  failed = shown (self->alice, row);
  g_assert_true (failed->deleted);
  assert_failed (failed, "It was deleted here, but not on the other side. This person’s mailbox does not exist any more.");
  party_fetch (self->alice, self->bob);
  act (self->alice, tess_intent_retry, self->at_alice, row, NULL, 0);
  retried = shown (self->alice, row);
  g_assert_cmpint (retried->delivery, ==, TESS_DELIVERY_NONE);
  party_settle (self->alice, self->bob);
  there = shown (self->bob, newest (self->bob));
  g_assert_true (there->deleted);
}

/* A newer edit or reaction takes the place of one that failed, and only of that. */
static void
test_failed_before (Fixture *self, gconstpointer data)
{
  int64_t row = party_say (self->alice, self->at_alice, "frist");
  g_autoptr (TessMessageData) failed = NULL, sent = NULL, both = NULL;

  party_settle (self->alice, self->bob);
  act (self->alice, tess_intent_edit, self->at_alice, row, "furst", 0);
  lose_entry (self->alice);
  party_fetch (self->alice, self->bob);
  act (self->alice, tess_intent_react, self->at_alice, row, "👍", 0);
  party_settle (self->alice, self->bob);
  failed = shown (self->alice, row);
  g_assert_cmpint (failed->delivery, ==, TESS_DELIVERY_FAILED);
  act (self->alice, tess_intent_edit, self->at_alice, row, "first", 0);
  sent = shown (self->alice, row);
  g_assert_cmpint (sent->delivery, ==, TESS_DELIVERY_DELIVERED);
  party_settle (self->alice, self->bob);
  both = shown (self->bob, newest (self->bob));
  g_assert_cmpstr (both->body, ==, "first");
  g_assert_cmpstr (both->their_reaction, ==, "👍");
  COUNT (self->alice, "messages WHERE kind = 3", 0);
}

/* A change of the timer that did not arrive says so at its notice, until it did or another one takes its place. */
static void
test_failed_timer (Fixture *self, gconstpointer data)
{
  g_autoptr (TessMessageData) failed = NULL, retried = NULL, again = NULL, given_up = NULL;
  int64_t first;

  party_say (self->alice, self->at_alice, "hello");
  party_settle (self->alice, self->bob);
  act (self->alice, tess_intent_set_timer, self->at_alice, 0, NULL, 60);
  lose_entry (self->alice);
  first = newest (self->alice);
  failed = shown (self->alice, first);
  g_assert_cmpstr (failed->kind, ==, "timer-own");
  assert_failed (failed, "What you changed here could not be sent. This person’s mailbox does not exist any more.");
  party_fetch (self->alice, self->bob);
  act (self->alice, tess_intent_retry, self->at_alice, first, NULL, 0);
  retried = shown (self->alice, first);
  g_assert_cmpint (retried->delivery, ==, TESS_DELIVERY_NONE);
  party_settle (self->alice, self->bob);
  COUNT (self->bob, "conversations WHERE timer = 60", 1);

  act (self->alice, tess_intent_set_timer, self->at_alice, 0, NULL, 3600);
  lose_entry (self->alice);
  first = newest (self->alice);
  again = shown (self->alice, first);
  g_assert_cmpint (again->delivery, ==, TESS_DELIVERY_FAILED);
  party_fetch (self->alice, self->bob);
  act (self->alice, tess_intent_set_timer, self->at_alice, 0, NULL, 7200);
  g_assert_cmpuint (self->alice->changes->message_ids->len, >, 1);
  given_up = shown (self->alice, first);
  g_assert_cmpint (given_up->delivery, ==, TESS_DELIVERY_NONE);
  party_settle (self->alice, self->bob);
  COUNT (self->bob, "conversations WHERE timer = 7200", 1);
  COUNT (self->alice, "messages WHERE kind = 3", 0);
}

/* What was not sent itself is nowhere to be deleted but here. */
static void
test_failed_unsent (Fixture *self, gconstpointer data)
{
  int64_t row = party_say (self->alice, self->at_alice, "oops");
  g_autoptr (TessMessageData) deleted = NULL;

  lose_entry (self->alice);
  party_fetch (self->alice, self->bob);
  act (self->alice, tess_intent_delete, self->at_alice, row, NULL, 1);
  lose_entry (self->alice);
  deleted = shown (self->alice, row);
  g_assert_cmpint (deleted->delivery, ==, TESS_DELIVERY_NONE);
}

/* Whoever does not know who they are any more gets actions again with the texts. */
static void
test_lost_session (Fixture *self, gconstpointer data)
{
  int64_t row = party_say (self->alice, self->at_alice, "frist");
  g_autoptr (TessMessageData) there = NULL;

  party_settle (self->alice, self->bob);
  act (self->alice, tess_intent_edit, self->at_alice, row, "first", 0);
  g_ptr_array_unref (party_collect (self->alice)); /* the relay has it, and loses it */
  COUNT (self->alice, "messages WHERE kind = 3 AND state = 2", 1);
  party_execute (self->bob, "DELETE FROM sessions");
  party_say (self->bob, self->at_bob, "who are you?");
  party_fetch (self->bob, self->alice);
  party_settle (self->bob, self->alice);
  there = shown (self->bob, party_count (self->bob, "SELECT min (id) FROM messages WHERE sender <> 0 AND kind = 0 AND id > 1"));
  g_assert_cmpstr (there->body, ==, "first");
}

#define ADD(name, test) g_test_add ("/core/actions/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tess_process_init ();
  ADD ("reply", test_reply);
  ADD ("reply-to-deleted", test_reply_to_nothing);
  g_test_add ("/core/actions/reply-to-gone", Fixture, "gone", set_up, test_reply_to_nothing, tear_down);
  ADD ("edit", test_edit);
  ADD ("edit-order", test_edit_order);
  ADD ("delete-for-everyone", test_delete_for_everyone);
  ADD ("delete-before-sending", test_delete_before_sending);
  ADD ("delete-here", test_delete_here);
  ADD ("react", test_react);
  ADD ("hostile", test_hostile);
  ADD ("early", test_early);
  g_test_add_func ("/core/actions/stranger", test_stranger);
  ADD ("timer", test_timer);
  ADD ("failed-timer", test_failed_timer);
  ADD ("typing", test_typing);
  ADD ("receipts-off", test_receipts_off);
  ADD ("failed", test_failed);
  ADD ("failed-deletion", test_failed_deletion);
  ADD ("failed-before", test_failed_before);
  ADD ("failed-unsent", test_failed_unsent);
  ADD ("lost-session", test_lost_session);
  return g_test_run ();
}
