/* What is done to chats, notes to oneself, and looking for something. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-process.h"
#include "core/tess-core-error.h"
#include "core/tess-engine.h"
#include "core/tess-expiry.h"
#include "core/tess-intents-chats.h"
#include "party.h"
#include "store/tess-queries-core.h"
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

static void
act (Party *self, PartyJob job, int64_t conversation, const char *text, int result, unsigned count)
{
  g_autoptr (TessIntent) intent = tess_intent_new (conversation);

  intent->text = g_strdup (text);
  intent->result = result;
  intent->count = count;
  party_run (self, job, intent);
}

static void
refuse (Party *self, PartyJob job, int64_t conversation, const char *text, unsigned count, int code)
{
  g_autoptr (TessIntent) intent = tess_intent_new (conversation);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = party_state (self);
  g_autofree char *after = NULL;

  intent->text = g_strdup (text);
  intent->count = count;
  g_assert_false (party_try (self, job, intent, &error));
  g_assert_error (error, TESS_CORE_ERROR, code);
  after = party_state (self);
  g_assert_cmpstr (after, ==, before);
}

/* The chats as they are listed. */
static GPtrArray *
list (Party *self)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  party_run (self, tess_intent_load_conversations, intent);
  return g_steal_pointer (&intent->rows);
}

/* A chat as it is listed; it has to be. Borrowed from @rows. */
static const TessConversationData *
chat_in (GPtrArray *rows, int64_t id)
{
  for (guint i = 0; i < rows->len; i++)
    if (((const TessConversationData *) g_ptr_array_index (rows, i))->id == id)
      return g_ptr_array_index (rows, i);
  g_assert_not_reached ();
}

static bool
is_listed (Party *self, int64_t id)
{
  g_autoptr (GPtrArray) rows = list (self);

  for (guint i = 0; i < rows->len; i++)
    if (((const TessConversationData *) g_ptr_array_index (rows, i))->id == id)
      return !((const TessConversationData *) g_ptr_array_index (rows, i))->hidden;
  return false;
}

#define COUNT(party, sql, expected) g_assert_cmpint (party_count (party, "SELECT count (*) FROM " sql), ==, expected)

/* What a search says: the excerpts, newest first, one a line, with the finds in brackets. */
static char *
search_from (Party *self, int64_t conversation, const char *text, int64_t before, unsigned max)
{
  g_autoptr (TessIntent) intent = tess_intent_new (conversation);
  GString *said = g_string_new (NULL);

  intent->text = g_strdup (text);
  intent->message = before;
  intent->count = max;
  party_run (self, tess_intent_search, intent);
  for (guint i = 0; i < intent->rows->len; i++)
    g_string_append_printf (said, "%s\n", ((const TessSearchRow *) g_ptr_array_index (intent->rows, i))->excerpt);
  g_string_replace (said, "\2", "[", 0);
  g_string_replace (said, "\3", "]", 0);
  return g_string_free (said, FALSE);
}

static void
finds (Party *self, int64_t conversation, const char *text, const char *expected)
{
  g_autofree char *said = search_from (self, conversation, text, 0, 100);

  g_assert_cmpstr (said, ==, expected);
}

static void
test_draft (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) with = NULL, without = NULL;

  act (self->alice, tess_intent_set_draft, self->at_alice, "Dear B", 0, 0);
  party_restart (self->alice);
  with = list (self->alice);
  g_assert_cmpstr (chat_in (with, self->at_alice)->draft, ==, "Dear B");
  act (self->alice, tess_intent_set_draft, self->at_alice, "", 0, 0);
  COUNT (self->alice, "conversations WHERE draft_reply > 0", 0);
  without = list (self->alice);
  g_assert_cmpstr (chat_in (without, self->at_alice)->draft, ==, "");
  COUNT (self->alice, "conversations WHERE draft IS NOT NULL", 0);
  refuse (self->alice, tess_intent_set_draft, 4711, "x", 0, TESS_CORE_ERROR_NOT_FOUND);
}

/* Whether the message in that row can be had for the draft of that chat. */
static bool
answerable (Party *self, int64_t conversation, int64_t row)
{
  g_autoptr (TessIntent) intent = tess_intent_new (conversation);
  g_autoptr (GError) error = NULL;

  intent->message = row;
  if (party_try (self, tess_intent_load_message, intent, &error))
    {
      g_assert_cmpint (((const TessMessageData *) g_ptr_array_index (intent->rows, 0))->row, ==, row);
      return true;
    }
  g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND);
  return false;
}

static void
test_draft_answers (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) asked = tess_intent_new (self->at_alice), draft = tess_intent_new (self->at_alice);
  g_autoptr (GPtrArray) with = NULL, cleared = NULL;

  asked->text = g_strdup ("Which harbour?");
  party_run (self->alice, tess_intent_send, asked);
  draft->text = g_strdup ("The old one, I th");
  draft->reply = asked->message;
  party_run (self->alice, tess_intent_set_draft, draft);
  party_restart (self->alice);
  with = list (self->alice);
  g_assert_cmpint (chat_in (with, self->at_alice)->draft_reply, ==, asked->message);
  g_assert_true (answerable (self->alice, self->at_alice, asked->message));
  g_assert_false (answerable (self->alice, self->at_alice + 1, asked->message));
  g_assert_false (answerable (self->alice, self->at_alice, asked->message + 1000));
  asked->count = 1;
  party_run (self->alice, tess_intent_delete, asked);
  g_assert_false (answerable (self->alice, self->at_alice, asked->message));
  act (self->alice, tess_intent_remove, self->at_alice, NULL, 0, 0);
  cleared = list (self->alice);
  g_assert_cmpint (chat_in (cleared, self->at_alice)->draft_reply, ==, 0);
}

static void
test_flags (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) on = NULL, off = NULL;
  const TessConversationData *chat;

  for (TessChatFlag flag = TESS_CHAT_PINNED; flag <= TESS_CHAT_MARKED_UNREAD; flag++)
    {
      g_autoptr (GPtrArray) one = NULL;

      act (self->alice, tess_intent_set_flag, self->at_alice, NULL, (int) flag, 1);
      one = list (self->alice);
      chat = chat_in (one, self->at_alice);
      g_assert_cmpint (chat->pinned + chat->muted + chat->archived + chat->marked_unread, ==, (int) flag + 1);
    }
  on = list (self->alice);
  chat = chat_in (on, self->at_alice);
  g_assert_true (chat->pinned && chat->muted && chat->archived && chat->marked_unread);
  for (TessChatFlag flag = TESS_CHAT_PINNED; flag <= TESS_CHAT_MARKED_UNREAD; flag++)
    act (self->alice, tess_intent_set_flag, self->at_alice, NULL, (int) flag, 0);
  off = list (self->alice);
  chat = chat_in (off, self->at_alice);
  g_assert_false (chat->pinned || chat->muted || chat->archived || chat->marked_unread);
  refuse (self->alice, tess_intent_set_flag, 4711, NULL, 1, TESS_CORE_ERROR_NOT_FOUND);
}

/* A message brings an archived chat back, unless that is muted; what we write does so as well; a line of our own does not. */
static void
test_archived (Fixture *self, gconstpointer data)
{
  act (self->alice, tess_intent_set_flag, self->at_alice, NULL, TESS_CHAT_ARCHIVED, 1);
  act (self->alice, tess_intent_set_timer, self->at_alice, NULL, 0, 60);
  COUNT (self->alice, "conversations WHERE archived = 1", 1);
  party_say (self->bob, self->at_bob, "are you there?");
  party_settle (self->bob, self->alice);
  COUNT (self->alice, "conversations WHERE archived = 1", 0);
  act (self->alice, tess_intent_set_flag, self->at_alice, NULL, TESS_CHAT_ARCHIVED, 1);
  act (self->alice, tess_intent_set_flag, self->at_alice, NULL, TESS_CHAT_MUTED, 1);
  party_say (self->bob, self->at_bob, "hello?");
  party_settle (self->bob, self->alice);
  COUNT (self->alice, "conversations WHERE archived = 1", 1);
  act (self->alice, tess_intent_set_flag, self->at_alice, NULL, TESS_CHAT_MUTED, 0);
  party_say (self->alice, self->at_alice, "yes");
  COUNT (self->alice, "conversations WHERE archived = 1", 0);
}

static void
test_marked_unread (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) intent = tess_intent_new (self->at_alice);

  act (self->alice, tess_intent_set_flag, self->at_alice, NULL, TESS_CHAT_MARKED_UNREAD, 1);
  party_run (self->alice, tess_intent_mark_read, intent);
  COUNT (self->alice, "conversations WHERE marked_unread = 1", 0);
}

static void
test_nickname (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) with = NULL, without = NULL;

  act (self->alice, tess_intent_set_nickname, self->at_alice, "Bobby", 0, 0);
  with = list (self->alice);
  g_assert_cmpstr (chat_in (with, self->at_alice)->name, ==, "Bobby");
  g_assert_cmpstr (chat_in (with, self->at_alice)->nickname, ==, "Bobby");
  g_assert_cmpstr (chat_in (with, self->at_alice)->given_name, ==, "Bob");
  act (self->alice, tess_intent_set_nickname, self->at_alice, NULL, 0, 0);
  without = list (self->alice);
  g_assert_cmpstr (chat_in (without, self->at_alice)->name, ==, "Bob");
  refuse (self->alice, tess_intent_set_nickname, 4711, "x", 0, TESS_CORE_ERROR_NOT_FOUND);
}

/* A chat whose last message was taken back says that alone, and nothing of how far it had come. */
static void
test_deleted_last (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) deletion = tess_intent_new (self->at_alice);
  g_autoptr (GPtrArray) rows = NULL;

  deletion->message = party_say (self->alice, self->at_alice, "oops");
  party_settle (self->alice, self->bob);
  deletion->count = 1;
  party_run (self->alice, tess_intent_delete, deletion);
  rows = list (self->alice);
  g_assert_cmpstr (chat_in (rows, self->at_alice)->preview, ==, "Deleted message");
  g_assert_cmpint (chat_in (rows, self->at_alice)->last_delivery, ==, TESS_DELIVERY_NONE);
}

/* Nothing of theirs is shown or kept, and they hear nothing, not even of what came before. */
static void
test_block (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) seen = tess_intent_new (self->at_alice);
  int64_t before;

  party_say (self->bob, self->at_bob, "one");
  party_deliver (self->bob, self->alice);
  COUNT (self->alice, "receipts_pending", 1);
  act (self->alice, tess_intent_set_blocked, self->at_alice, NULL, 0, 1);
  COUNT (self->alice, "receipts_pending", 0);
  seen->message = party_count (self->alice, "SELECT max (id) FROM messages");
  party_run (self->alice, tess_intent_mark_read, seen);
  COUNT (self->alice, "receipts_pending", 0);
  before = party_count (self->alice, "SELECT count (*) FROM messages");
  party_say (self->bob, self->at_bob, "two");
  party_deliver (self->bob, self->alice);
  party_seal_receipts (self->alice);
  COUNT (self->alice, "outbox", 0);
  g_assert_cmpint (party_count (self->alice, "SELECT count (*) FROM messages"), ==, before);
  refuse (self->alice, tess_intent_send, self->at_alice, "x", 0, TESS_CORE_ERROR_STOPPED);
  party_restart (self->alice);
  refuse (self->alice, tess_intent_set_timer, self->at_alice, NULL, 60, TESS_CORE_ERROR_STOPPED);
  act (self->alice, tess_intent_set_blocked, self->at_alice, NULL, 0, 0);
  party_say (self->bob, self->at_bob, "three");
  party_settle (self->bob, self->alice);
  COUNT (self->alice, "messages WHERE body = 'two'", 0);
  COUNT (self->alice, "messages WHERE body = 'three'", 1);
  COUNT (self->bob, "messages WHERE body = 'three' AND state = 3", 1);
  COUNT (self->bob, "messages WHERE body = 'two' AND state = 2", 1);
  refuse (self->alice, tess_intent_set_blocked, 4711, NULL, 1, TESS_CORE_ERROR_NOT_FOUND);
}

/* What waited when somebody was blocked does not go by itself when they are not any more, but when it is sent again. Only what
 * may have reached their relay is tried on. */
static void
test_unblock (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) retry = tess_intent_new (self->at_alice);

  party_say (self->alice, self->at_alice, "tried");
  party_execute (self->alice, "UPDATE outbox SET attempts = 1, inner = NULL");
  retry->message = party_say (self->alice, self->at_alice, "late");
  act (self->alice, tess_intent_set_blocked, self->at_alice, NULL, 0, 1);
  COUNT (self->alice, "messages WHERE body = 'late' AND state = 5 AND failure = 'blocked'", 1);
  COUNT (self->alice, "messages WHERE body = 'tried' AND state = 1", 1);
  COUNT (self->alice, "outbox", 1);
  act (self->alice, tess_intent_set_blocked, self->at_alice, NULL, 0, 0);
  g_assert_true (self->alice->changes->outbox);
  party_settle (self->alice, self->bob);
  COUNT (self->bob, "messages WHERE body = 'tried'", 1);
  COUNT (self->bob, "messages WHERE body = 'late'", 0);
  party_run (self->alice, tess_intent_retry, retry);
  party_settle (self->alice, self->bob);
  COUNT (self->bob, "messages WHERE body = 'late'", 1);
  COUNT (self->alice, "messages WHERE body = 'late' AND state = 3 AND failure IS NULL", 1);
}

/* Edits, reactions and deletions as texts: each is there at its message to be sent again, and how long messages stay at its
 * notice. */
static void
test_unblock_actions (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) edit = tess_intent_new (self->at_alice), reaction = tess_intent_new (self->at_alice);
  g_autoptr (TessIntent) deletion = tess_intent_new (self->at_alice), timer = tess_intent_new (self->at_alice);

  edit->message = party_say (self->alice, self->at_alice, "frist");
  reaction->message = party_say (self->alice, self->at_alice, "second");
  deletion->message = party_say (self->alice, self->at_alice, "oops");
  party_settle (self->alice, self->bob);
  edit->text = g_strdup ("first");
  reaction->text = g_strdup ("👍");
  deletion->count = 1;
  party_run (self->alice, tess_intent_edit, edit);
  party_run (self->alice, tess_intent_react, reaction);
  party_run (self->alice, tess_intent_delete, deletion);
  act (self->alice, tess_intent_set_timer, self->at_alice, NULL, 0, 60);
  timer->message = party_count (self->alice, "SELECT id FROM messages WHERE body = 'timer-own 60'");
  COUNT (self->alice, "outbox", 4);
  act (self->alice, tess_intent_set_blocked, self->at_alice, NULL, 0, 1);
  COUNT (self->alice, "messages WHERE kind = 3 AND state = 5 AND failure = 'blocked'", 4);
  COUNT (self->alice, "outbox", 0);
  g_assert_cmpuint (self->alice->changes->messages->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (((TessMessageData *) g_ptr_array_index (self->alice->changes->messages, i))->delivery, ==,
                     TESS_DELIVERY_FAILED);
  act (self->alice, tess_intent_set_blocked, self->at_alice, NULL, 0, 0);
  party_settle (self->alice, self->bob);
  COUNT (self->bob, "conversations WHERE timer = 60", 0);
  COUNT (self->bob, "messages WHERE body = 'first' OR deleted = 1", 0);
  COUNT (self->bob, "reactions", 0);
  party_run (self->alice, tess_intent_retry, edit);
  party_run (self->alice, tess_intent_retry, reaction);
  party_run (self->alice, tess_intent_retry, deletion);
  party_run (self->alice, tess_intent_retry, timer);
  party_settle (self->alice, self->bob);
  COUNT (self->bob, "conversations WHERE timer = 60", 1);
  COUNT (self->bob, "messages WHERE body = 'first'", 1);
  COUNT (self->bob, "messages WHERE deleted = 1", 1);
  COUNT (self->bob, "reactions", 1);
  COUNT (self->alice, "messages WHERE kind = 3", 0);
}

/* Removing a contact's chat erases it here alone; the chat comes back when something is written. */
static void
test_remove (Fixture *self, gconstpointer data)
{
  party_say (self->alice, self->at_alice, "the heron lands");
  party_settle (self->alice, self->bob);
  party_say (self->alice, self->at_alice, "not on its way yet");
  act (self->alice, tess_intent_set_draft, self->at_alice, "half a heron", 0, 0);
  act (self->alice, tess_intent_set_flag, self->at_alice, NULL, TESS_CHAT_PINNED, 1);
  act (self->alice, tess_intent_remove, self->at_alice, NULL, 0, 0);
  g_assert_cmpuint (self->alice->changes->gone_ids->len, ==, 1);
  g_assert_true (chat_in (self->alice->changes->conversations, self->at_alice)->hidden);
  g_assert_false (is_listed (self->alice, self->at_alice));
  party_restart (self->alice);
  g_assert_false (is_listed (self->alice, self->at_alice));
  COUNT (self->alice, "messages", 0);
  COUNT (self->alice, "outbox WHERE message IS NOT NULL", 0);
  COUNT (self->alice, "conversations WHERE draft IS NOT NULL OR pinned = 1", 0);
  finds (self->alice, 0, "heron", "");
  party_settle (self->alice, self->bob);
  COUNT (self->bob, "messages WHERE body = 'not on its way yet'", 0);
  party_say (self->bob, self->at_bob, "did you erase it?");
  party_settle (self->bob, self->alice);
  g_assert_true (is_listed (self->alice, self->at_alice));
  COUNT (self->alice, "messages WHERE kind = 0", 1);
  COUNT (self->bob, "messages WHERE body = 'did you erase it?' AND state = 3", 1);
}

/* A line of our own does not bring it back, adding the contact again does. */
static void
test_remove_and_add (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  act (self->alice, tess_intent_remove, self->at_alice, NULL, 0, 0);
  act (self->bob, tess_intent_set_timer, self->at_bob, NULL, 0, 3600);
  party_settle (self->bob, self->alice);
  COUNT (self->alice, "messages WHERE kind = 2", 1);
  g_assert_false (is_listed (self->alice, self->at_alice));
  intent->address = party_address (self->bob);
  party_run (self->alice, tess_intent_add, intent);
  g_assert_true (is_listed (self->alice, self->at_alice));
  refuse (self->alice, tess_intent_remove, 4711, NULL, 0, TESS_CORE_ERROR_NOT_FOUND);
}

/* A stranger's request goes with all that is known of them; a blocked stranger stays blocked. */
static void
test_remove_stranger (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) carol = party_new ("Carol");
  int64_t to_alice = party_add (carol, alice), there;
  g_autofree char *renewed = NULL;

  party_say (carol, to_alice, "buy my heron");
  party_fetch (carol, alice);
  party_deliver (carol, alice);
  there = party_chat (alice, carol);
  renewed = g_strdup_printf ("INSERT INTO settings VALUES ('renewed.%" G_GINT64_FORMAT "', 1)",
                             (gint64) party_contact (alice, carol));
  party_execute (alice, renewed);
  g_assert_true (is_listed (alice, there));
  finds (alice, 0, "heron", "buy my [heron]\n");
  act (alice, tess_intent_remove, there, NULL, 0, 0);
  g_assert_false (is_listed (alice, there));
  COUNT (alice, "contacts", 0);
  COUNT (alice, "sessions", 0);
  COUNT (alice, "contact_devices", 0);
  COUNT (alice, "messages_fts WHERE messages_fts MATCH 'heron'", 0);
  COUNT (alice, "settings WHERE name GLOB 'pending.*' OR name GLOB 'renewed.*' OR name GLOB 'verify.*'", 0);
}

static bool
count_requests (TessJob *job, gpointer data, GError **error)
{
  return tess_db_contact_count_requests (job->db, data, error);
}

static void
test_block_stranger (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) carol = party_new ("Carol");
  int64_t to_alice = party_add (carol, alice), there;
  unsigned requests = 0;

  party_say (carol, to_alice, "buy my heron");
  party_fetch (carol, alice);
  party_deliver (carol, alice);
  there = party_chat (alice, carol);
  party_run (alice, count_requests, &requests);
  g_assert_cmpuint (requests, ==, 1);
  act (alice, tess_intent_set_blocked, there, NULL, 0, 1);
  /* They take nobody's place among those that may ask. */
  party_run (alice, count_requests, &requests);
  g_assert_cmpuint (requests, ==, 0);
  finds (alice, 0, "heron", "");
  act (alice, tess_intent_remove, there, NULL, 0, 0);
  COUNT (alice, "messages", 0);
  COUNT (alice, "contacts WHERE blocked = 1", 1);
  party_say (carol, to_alice, "buy my heron now");
  party_deliver (carol, alice);
  COUNT (alice, "messages", 0);
  g_assert_false (is_listed (alice, there));
}

/* What one writes to oneself is there at once, and goes nowhere. */
static void
test_notes (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autoptr (TessIntent) edit = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  const TessConversationData *chat;
  int64_t notes, row, sealed = party_count (self->alice, "SELECT count (*) FROM outbox");

  party_run (self->alice, tess_intent_open_notes, intent);
  notes = intent->conversation;
  party_run (self->alice, tess_intent_open_notes, intent);
  g_assert_cmpint (intent->conversation, ==, notes);
  row = party_say (self->alice, notes, "milk");
  rows = list (self->alice);
  chat = chat_in (rows, notes);
  g_assert_true (chat->is_self && chat->accepted && !chat->blocked);
  g_assert_cmpstr (chat->name, ==, "Note to Self");
  g_assert_cmpstr (chat->preview, ==, "milk");
  g_assert_cmpint (chat->last_delivery, ==, TESS_DELIVERY_READ);
  g_assert_false (chat_in (rows, self->at_alice)->is_self);
  edit = tess_intent_new (notes);
  edit->message = row;
  edit->text = g_strdup ("oat milk");
  party_run (self->alice, tess_intent_edit, edit);
  g_set_str (&edit->text, "👍");
  party_run (self->alice, tess_intent_react, edit);
  COUNT (self->alice, "reactions", 1);
  edit->count = 1;
  finds (self->alice, notes, "oat", "[oat] milk\n");
  party_run (self->alice, tess_intent_delete, edit);
  COUNT (self->alice, "messages WHERE body LIKE '%milk%'", 0);
  act (self->alice, tess_intent_set_timer, notes, NULL, 0, 60);
  party_say (self->alice, notes, "soon gone");
  g_assert_true (self->alice->changes->expiry);
  party_late (self->alice);
  COUNT (self->alice, "messages WHERE kind = 3", 0);
  g_assert_cmpint (party_count (self->alice, "SELECT count (*) FROM outbox"), ==, sealed);
  tess_clock_set_offset (61);
  party_run (self->alice, tess_expiry_job, NULL);
  tess_clock_set_offset (0);
  COUNT (self->alice, "messages WHERE body = 'soon gone'", 0);
  refuse (self->alice, tess_intent_set_blocked, notes, NULL, 1, TESS_CORE_ERROR_NOT_FOUND);
}

static void
test_search (Fixture *self, gconstpointer data)
{
  g_autofree char *second = NULL, *limited = NULL;
  int64_t row;

  party_say (self->alice, self->at_alice, "Der Reiher landet in Zürich");
  party_say (self->alice, self->at_alice, "The heron LANDS at dawn\nand leaves");
  row = party_say (self->alice, self->at_alice, "A heron again");
  finds (self->alice, 0, "heron", "A [heron] again\nThe [heron] LANDS at dawn and leaves\n");
  finds (self->alice, 0, "HER land", "The [heron] [LANDS] at dawn and leaves\n");
  finds (self->alice, 0, "zurich", "Der Reiher landet in [Zürich]\n");
  finds (self->alice, 0, "ZÜRI", "Der Reiher landet in [Zürich]\n");
  finds (self->alice, self->at_alice, "reiher", "Der [Reiher] landet in Zürich\n");
  finds (self->alice, 4711, "reiher", "");
  finds (self->alice, 0, "eron", "");
  finds (self->alice, 0, "", "");
  finds (self->alice, 0, "  \t\n ", "");
  second = search_from (self->alice, 0, "heron", row, 100);
  g_assert_cmpstr (second, ==, "The [heron] LANDS at dawn and leaves\n");
  limited = search_from (self->alice, 0, "heron", 0, 1);
  g_assert_cmpstr (limited, ==, "A [heron] again\n");
  /* Of a long message the part is said in which it was found. */
  party_say (self->alice, self->at_alice,
             "We walked for hours, first along the river and then through the reeds, until an egret rose.");
  finds (self->alice, 0, "egret", "…the reeds, until an [egret] rose.\n");
  finds (self->alice, 0, "river", "…hours, first along the [river] and then through the reeds, until an egret rose.\n");
  /* A chat's number, which is a word of the index, is no word of what was written. */
  finds (self->alice, 0, "1", "");
}

/* What is typed is never taken for a query, and what was written never for a mark. */
static void
test_search_hostile (Fixture *self, gconstpointer data)
{
  static const char *const texts[] = {
    "\"", "\"\"", "heron\"", "\"heron", "heron*", "*", "(", "heron AND", "NOT heron", "heron OR", "NEAR (heron dawn)", "^heron",
    "body : heron", "conversation : 1", "{body} : x", "-heron", "'; DROP TABLE messages; --", "\\", "heron + dawn", "\1\2\3",
    "😀", "…", "!!!",
  };
  g_autofree char *long_text = g_strnfill (100000, 'x');
  g_autofree char *many = NULL;
  g_autofree char *forged = g_strdup_printf ("heron \2%032d look \3%032d here \2begin\3 heron", 0, 0);
  g_autofree char *word = g_strconcat (long_text, " owl", NULL);
  g_autofree char *said = NULL;
  GString *words = g_string_new (NULL);

  for (int i = 0; i < 5000; i++)
    g_string_append (words, "a ");
  many = g_string_free (words, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (search_from (self->alice, 0, texts[i], 0, 10));
  g_free (search_from (self->alice, 0, long_text, 0, 10));
  g_free (search_from (self->alice, self->at_alice, many, 0, 10));
  party_say (self->alice, self->at_alice, forged);
  said = search_from (self->alice, 0, "heron", 0, 10);
  g_assert_cmpstr (said, ==,
                   "[heron]  00000000000000000000000000000000 look  00000000000000000000000000000000 here  begin  [heron]\n");
  finds (self->alice, 0, "!!! heron", said);
  g_free (said);
  party_execute (self->alice, "UPDATE messages SET body = '' WHERE kind = 0");
  party_say (self->alice, self->at_alice, word + 90000);
  said = search_from (self->alice, 0, "owl", 0, 10);
  g_assert_cmpstr (said, ==, "…xxxxxxxxxxxxxxxxxxxxxxx [owl]\n");
  party_say (self->alice, self->at_alice, word + 99990);
  g_free (said);
  said = search_from (self->alice, 0, "xxxxxxxx", 0, 1);
  g_assert_cmpstr (said, ==, "[xxxxxxxxxx] owl\n");
}

static bool
index_two (TessJob *job, gpointer more, GError **error)
{
  return tess_db_search_index (job->db, 2, more, error);
}

static void
change (Party *self, PartyJob job, int64_t row, const char *text)
{
  g_autoptr (TessIntent) intent = tess_intent_new (1);

  intent->message = row;
  intent->text = g_strdup (text);
  party_run (self, job, intent);
}

/* Messages come into the index after they were stored: what was edited or deleted meanwhile is found as it is then, and a search
 * waits for none. */
static void
test_search_later (Fixture *self, gconstpointer data)
{
  int64_t rows[5];
  bool more;

  do
    party_run (self->alice, index_two, &more);
  while (more);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    rows[i] = party_say (self->alice, self->at_alice, "a grebe");
  COUNT (self->alice, "messages_fts WHERE messages_fts MATCH 'grebe'", 0);
  change (self->alice, tess_intent_edit, rows[1], "a coot");
  change (self->alice, tess_intent_delete, rows[2], NULL);
  party_run (self->alice, index_two, &more);
  g_assert_true (more);
  COUNT (self->alice, "messages_fts WHERE messages_fts MATCH 'grebe'", 1);
  COUNT (self->alice, "messages_fts WHERE messages_fts MATCH 'coot'", 1);
  change (self->alice, tess_intent_edit, rows[0], "a teal");
  change (self->alice, tess_intent_delete, rows[1], NULL);
  change (self->alice, tess_intent_edit, rows[3], "a smew");
  finds (self->alice, 0, "grebe", "a [grebe]\n");
  finds (self->alice, 0, "coot", "");
  finds (self->alice, 0, "teal", "a [teal]\n");
  finds (self->alice, 0, "smew", "a [smew]\n");
  change (self->alice, tess_intent_delete, rows[4], NULL);
  party_say (self->alice, self->at_alice, "a pochard");
  finds (self->alice, 0, "grebe", "");
  finds (self->alice, 0, "poch", "a [pochard]\n");
  party_execute (self->alice, "INSERT INTO messages_fts (messages_fts) VALUES ('integrity-check')");
}

/* What was edited, erased or has disappeared is found no more, and stands nowhere in the index. */
static void
test_search_erased (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) intent = tess_intent_new (self->at_alice);

  intent->message = party_say (self->alice, self->at_alice, "quetzalcoatl");
  intent->text = g_strdup ("xiuhtecuhtli");
  finds (self->alice, 0, "quetzal", "[quetzalcoatl]\n");
  party_run (self->alice, tess_intent_edit, intent);
  finds (self->alice, 0, "quetzal", "");
  finds (self->alice, 0, "xiuh", "[xiuhtecuhtli]\n");
  party_run (self->alice, tess_intent_delete, intent);
  finds (self->alice, 0, "xiuh", "");
  COUNT (self->alice, "messages_fts_data WHERE instr (block, CAST ('quetz' AS BLOB)) > 0", 0);
  COUNT (self->alice, "messages_fts_data WHERE instr (block, CAST ('xiuh' AS BLOB)) > 0", 0);
}

static TessMessageData *
changed_answer (Party *self)
{
  for (guint i = 0; i < self->changes->messages->len; i++)
    {
      TessMessageData *data = g_ptr_array_index (self->changes->messages, i);

      if (g_str_equal (data->body, "the answer"))
        return data;
    }
  return NULL;
}

/* An answer that is on the screen says what its source says now. */
static void
test_answers (Fixture *self, gconstpointer data)
{
  g_autoptr (TessIntent) answer = tess_intent_new (self->at_alice);
  g_autoptr (TessIntent) edit = tess_intent_new (self->at_alice);

  edit->message = answer->reply = party_say (self->alice, self->at_alice, "the qestion");
  answer->text = g_strdup ("the answer");
  party_run (self->alice, tess_intent_send, answer);
  edit->text = g_strdup ("the question");
  party_run (self->alice, tess_intent_edit, edit);
  g_assert_cmpstr (changed_answer (self->alice)->reply_text, ==, "the question");
  edit->count = 0;
  party_run (self->alice, tess_intent_delete, edit);
  g_assert_cmpstr (changed_answer (self->alice)->reply_text, ==, "");
}

#define ADD(name, test) g_test_add ("/core/chats/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tess_process_init ();
  ADD ("draft", test_draft);
  ADD ("draft-answers", test_draft_answers);
  ADD ("flags", test_flags);
  ADD ("archived", test_archived);
  ADD ("marked-unread", test_marked_unread);
  ADD ("nickname", test_nickname);
  ADD ("deleted-last", test_deleted_last);
  ADD ("block", test_block);
  ADD ("unblock", test_unblock);
  ADD ("unblock-actions", test_unblock_actions);
  ADD ("remove", test_remove);
  ADD ("remove-and-add", test_remove_and_add);
  g_test_add_func ("/core/chats/remove-stranger", test_remove_stranger);
  g_test_add_func ("/core/chats/block-stranger", test_block_stranger);
  ADD ("notes", test_notes);
  ADD ("search", test_search);
  ADD ("search-hostile", test_search_hostile);
  ADD ("search-later", test_search_later);
  ADD ("search-erased", test_search_erased);
  ADD ("answers", test_answers);
  return g_test_run ();
}
