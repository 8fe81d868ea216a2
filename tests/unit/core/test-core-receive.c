/* The receive job between two databases in memory's hands: order, repeats, forgeries, crossing hellos, lost state, crashes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-process.h"
#include "party.h"

#include <sodium.h>
#include <string.h>

#define TEXTS "SELECT count (*) FROM messages WHERE kind = 0 AND sender <> 0"

/* Alice has added Bob, fetched his keys, and said something. */
static void
meet (Party *alice, Party *bob)
{
  int64_t chat = party_add (alice, bob);

  party_say (alice, chat, "one");
  g_assert_cmpuint (alice->changes->bundle_ids->len, ==, 1);
  party_fetch (alice, bob);
}

/* The same, and Bob has accepted and answered: both know each other. */
static void
befriend (Party *alice, Party *bob)
{
  meet (alice, bob);
  party_deliver (alice, bob);
  party_say (bob, party_chat (bob, alice), "zero");
  if (bob->changes->bundle_ids->len > 0)
    party_fetch (bob, alice);
  party_settle (alice, bob);
}

static void
test_stranger (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autofree char *name = NULL;
  g_autofree char *body = NULL;

  meet (alice, bob);
  g_assert_cmpuint (party_deliver (alice, bob), ==, 2); /* profile, text */
  g_assert_cmpint (party_count (bob, "SELECT accepted FROM contacts"), ==, 0);
  name = party_text (bob, "SELECT name FROM contacts");
  body = party_text (bob, "SELECT body FROM messages");
  g_assert_cmpstr (name, ==, "Alice");
  g_assert_cmpstr (body, ==, "one");
  g_assert_cmpint (party_count (bob, "SELECT unread FROM conversations"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM receipts_pending"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM outbox"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM own_one_time"), ==, 4);
}

static void
test_conversation (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  befriend (alice, bob);
  g_assert_cmpint (party_count (alice, TEXTS), ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions WHERE active = 1 AND answered = 1"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 1);
  for (int i = 0; i < 30; i++)
    {
      party_say (i % 3 == 0 ? bob : alice, i % 3 == 0 ? party_chat (bob, alice) : party_chat (alice, bob), "again");
      party_settle (alice, bob);
    }
  g_assert_cmpint (party_count (alice, TEXTS), ==, 11);
  g_assert_cmpint (party_count (bob, TEXTS), ==, 21);
  /* All were receipted (3 is DELIVERED), also the very first, which came before Bob had accepted. */
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE sender = 0 AND state = 3"), ==, 21);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE sender = 0 AND state = 3"), ==, 11);
}

static void
test_disorder (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;

  befriend (alice, bob);
  for (int i = 0; i < 10; i++)
    party_say (alice, party_chat (alice, bob), "text");
  mail = party_collect (alice);
  g_assert_cmpuint (mail->len, ==, 10);
  for (int i = 9; i >= 0; i--)
    g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, i), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
  g_assert_cmpint (party_count (bob, TEXTS), ==, 11);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM skipped_keys"), ==, 0);
  for (guint i = 0; i < mail->len; i++)
    g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, i), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_BEFORE);
  g_assert_cmpint (party_count (bob, TEXTS), ==, 11);
}

/* What was seen is forgotten after 45 days, the keys are not there any more: still no double. */
static void
test_forgotten (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;
  g_autoptr (GError) error = NULL;

  befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "text");
  mail = party_collect (alice);
  party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT);
  tess_db_execute (bob->db, "DELETE FROM seen_envelopes", &error);
  g_assert_no_error (error);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_BEFORE);
  g_assert_cmpint (party_count (bob, TEXTS), ==, 2);
}

static GBytes *
damaged (GBytes *envelope, gsize at)
{
  gsize size;
  g_autofree uint8_t *data = g_memdup2 (g_bytes_get_data (envelope, &size), g_bytes_get_size (envelope));

  data[at] ^= 1;
  return g_bytes_new (data, size);
}

static void
test_tampered (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;
  static const gsize places[] = { 0, 1, 4, 5, 600, 1124, 1125, 2000, 4095 };

  meet (alice, bob);
  mail = party_collect (alice);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GBytes) forged = damaged (g_ptr_array_index (mail, 0), places[i]);

      g_assert_cmpint (party_receive (bob, forged, TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
    }
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM contacts"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM own_one_time"), ==, 5);
  g_assert_cmpint (party_count (bob, "SELECT value FROM settings WHERE name = 'mail.refused'"), ==, G_N_ELEMENTS (places));
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 1), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
}

/* Mail for Bob that reaches Carol opens nowhere and leaves nothing. */
static void
test_misdirected (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) carol = party_new ("Carol");
  g_autoptr (GPtrArray) mail = NULL;

  meet (alice, bob);
  mail = party_collect (alice);
  g_assert_cmpint (party_receive (carol, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
  g_assert_cmpint (party_count (carol, "SELECT count (*) FROM contacts"), ==, 0);
}

static void
test_lost_first (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;

  meet (alice, bob);
  mail = party_collect (alice);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 1), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
  g_assert_cmpint (party_count (bob, TEXTS), ==, 1);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM seen_hellos"), ==, 1);
}

static void
test_crossing (void)
{
  for (int round = 0; round < 6; round++)
    {
      g_autoptr (Party) alice = party_new ("Alice");
      g_autoptr (Party) bob = party_new ("Bob");
      g_autoptr (GPtrArray) from_alice = NULL;
      g_autoptr (GPtrArray) from_bob = NULL;
      g_autofree char *ours = NULL;
      g_autofree char *theirs = NULL;

      meet (alice, bob);
      meet (bob, alice);
      from_alice = party_collect (alice);
      from_bob = party_collect (bob);
      for (guint i = 0; i < from_alice->len; i++)
        party_receive (bob, g_ptr_array_index (from_alice, i), TESS_MAIL_CONTACT);
      for (guint i = 0; i < from_bob->len; i++)
        party_receive (alice, g_ptr_array_index (from_bob, i), TESS_MAIL_CONTACT);
      ours = party_text (alice, "SELECT hex (ek) FROM sessions WHERE active = 1");
      theirs = party_text (bob, "SELECT hex (ek) FROM sessions WHERE active = 1");
      g_assert_cmpstr (ours, ==, theirs);
      g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions"), ==, 2);
      g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions a JOIN sessions b WHERE a.active = 1 AND b.active = 0"
                                           " AND a.ek < b.ek"), ==, 1);
      party_settle (alice, bob);
      party_say (alice, party_chat (alice, bob), "two");
      party_say (bob, party_chat (bob, alice), "two");
      party_settle (alice, bob);
      g_assert_cmpint (party_count (alice, TEXTS), ==, 2);
      g_assert_cmpint (party_count (bob, TEXTS), ==, 2);
      g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE sender = 0 AND state = 3"), ==, 2);
    }
}

static void
test_unknown_kind (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autofree char *body = NULL;

  befriend (alice, bob);
  party_seal_raw (alice, bob, "{\"id\":\"000102030405060708090a0b0c0d0e0f\",\"time\":1,\"kind\":\"hologram\",\"x\":[{}]}");
  party_seal_raw (alice, bob, "{\"id\":\"100102030405060708090a0b0c0d0e0f\",\"time\":1,\"kind\":\"typing\",\"on\":true}");
  party_seal_raw (alice, bob, "{\"id\":\"200102030405060708090a0b0c0d0e0f\",\"time\":1,\"kind\":\"text\",\"body\":7}");
  party_seal_raw (alice, bob, "not even JSON");
  party_settle (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE sender <> 0"), ==, 2);
  body = party_text (bob, "SELECT body FROM messages WHERE kind = 1");
  g_assert_cmpstr (body, ==, "hologram");
  /* The keys are spent all the same: what follows is read. */
  party_say (alice, party_chat (alice, bob), "two");
  party_settle (alice, bob);
  g_assert_cmpint (party_count (bob, TEXTS), ==, 2);
}

/* A receipt moves only what was sent to its sender. */
static void
test_foreign_receipt (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) carol = party_new ("Carol");
  g_autofree char *id = NULL;
  g_autofree char *json = NULL;
  int64_t row;

  befriend (alice, bob);
  befriend (alice, carol);
  row = party_say (alice, party_chat (alice, bob), "for Bob");
  id = party_text (alice, "SELECT lower (hex (message_id)) FROM messages WHERE body = 'for Bob'");
  json = g_strdup_printf ("{\"id\":\"000102030405060708090a0b0c0d0e0f\",\"time\":1,\"kind\":\"receipt\",\"delivered\":[],"
                          "\"read\":[\"%s\"]}", id);
  party_seal_raw (carol, alice, json);
  g_assert_cmpuint (party_deliver (carol, alice), ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'for Bob'"), ==, 1);
  party_seal_raw (bob, alice, json);
  g_assert_cmpuint (party_deliver (bob, alice), ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'for Bob'"), ==, 4);
  g_assert_cmpint (row, >, 0);
}

/* The database was closed between commit and ack: the relay brings it again. */
static void
test_crash (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;

  meet (alice, bob);
  mail = party_collect (alice);
  for (int round = 0; round < 3; round++)
    {
      for (guint i = 0; i < mail->len; i++)
        g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, i), TESS_MAIL_CONTACT), ==,
                         round == 0 ? TESS_RECEIVED : TESS_RECEIVED_BEFORE);
      party_restart (bob);
    }
  g_assert_cmpint (party_count (bob, TEXTS), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT unread FROM conversations"), ==, 1);
}

typedef struct {
  GBytes *envelope;
  TessReceiveOutcome outcome;
} Failing;

static bool
receive_failing (TessJob *job, gpointer data, GError **error)
{
  Failing *failing = data;

  return tess_receive (job, failing->envelope, TESS_MAIL_CONTACT, 1, &failing->outcome, error);
}

/* Whichever write fails, nothing has happened, and the same mail is received later. */
static void
test_failing_writes (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;

  meet (alice, bob);
  mail = party_collect (alice);
  for (guint i = 0; i < mail->len; i++)
    {
      bool done = false;

      for (unsigned n = 1; !done; n++)
        {
          Failing failing = { g_ptr_array_index (mail, i), 0 };
          g_autofree char *before = party_state (bob);
          g_autofree char *after = NULL;
          g_autoptr (GError) error = NULL;

          tess_db_fail_write (bob->db, n);
          done = party_try (bob, receive_failing, &failing, &error);
          tess_db_fail_write (bob->db, 0);
          if (done)
            {
              g_assert_cmpint (failing.outcome, ==, TESS_RECEIVED);
              g_assert_cmpuint (n, >, 3);
              break;
            }
          after = party_state (bob);
          g_assert_cmpstr (before, ==, after);
          g_assert_cmpuint (n, <, 100);
        }
    }
  g_assert_cmpint (party_count (bob, TEXTS), ==, 1);
}

static void
test_failing_send (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  bool done = false;

  befriend (alice, bob);
  for (unsigned n = 1; !done; n++)
    {
      g_autoptr (TessIntent) intent = tess_intent_new (party_chat (alice, bob));
      g_autofree char *before = party_state (alice);
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;

      intent->text = g_strdup ("once");
      tess_db_fail_write (alice->db, n);
      done = party_try (alice, tess_intent_send, intent, &error);
      tess_db_fail_write (alice->db, 0);
      after = party_state (alice);
      if (!done)
        g_assert_cmpstr (before, ==, after);
      g_assert_cmpuint (n, <, 100);
    }
  party_settle (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'once'"), ==, 1);
}

/* Bob's sessions are gone: he cannot read, says so by a fresh session, and Alice sends again what he never receipted. */
static void
test_lost_state (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;
  g_autoptr (GError) error = NULL;

  befriend (alice, bob);
  tess_db_execute (bob->db, "DELETE FROM sessions", &error);
  g_assert_no_error (error);
  party_say (alice, party_chat (alice, bob), "unreadable");
  mail = party_collect (alice);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_UNDECRYPTABLE);
  g_assert_cmpuint (bob->changes->bundle_ids->len, ==, 1);
  party_fetch (bob, alice);
  party_settle (bob, alice);
  party_settle (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'unreadable'"), ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT state FROM messages WHERE body = 'unreadable'"), ==, 3);
}

/* At most one fresh session an hour, whatever comes. */
static void
test_reset_rate (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;
  g_autoptr (GError) error = NULL;
  guint wanted = 0;

  befriend (alice, bob);
  tess_db_execute (bob->db, "DELETE FROM sessions", &error);
  for (int i = 0; i < 5; i++)
    party_say (alice, party_chat (alice, bob), "unreadable");
  mail = party_collect (alice);
  for (guint i = 0; i < mail->len; i++)
    {
      party_receive (bob, g_ptr_array_index (mail, i), TESS_MAIL_CONTACT);
      wanted += bob->changes->bundle_ids->len;
      if (bob->changes->bundle_ids->len > 0)
        party_fetch (bob, alice);
    }
  g_assert_cmpuint (wanted, ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 1);
  /* Under the request capability nothing is answered at all. */
  tess_db_execute (bob->db, "DELETE FROM sessions; UPDATE contact_devices SET reset_last = 0", &error);
  party_say (alice, party_chat (alice, bob), "by request");
  g_ptr_array_unref (g_steal_pointer (&mail));
  mail = party_collect (alice);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_REQUEST), ==, TESS_RECEIVED_UNDECRYPTABLE);
  g_assert_cmpint (party_count (bob, "SELECT reset_last FROM contact_devices"), ==, 0);
}

/* After fifty messages without an answer the receiver turns the ratchet. */
static void
test_heartbeat (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  guint answers = 0;

  befriend (alice, bob);
  for (int i = 0; i < 60; i++)
    {
      party_seal_raw (alice, bob, "{\"id\":\"100102030405060708090a0b0c0d0e0f\",\"time\":1,\"kind\":\"typing\",\"on\":true}");
      party_deliver (alice, bob);
      answers += party_deliver (bob, alice);
    }
  g_assert_cmpuint (answers, ==, 1);
}

/* A profile moves mail that waits to the new relay, and its name is made safe. */
static void
test_profile (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autofree char *name = NULL;
  g_autofree char *relay = NULL;

  befriend (alice, bob);
  party_seal_raw (alice, bob, "{\"id\":\"000102030405060708090a0b0c0d0e0f\",\"time\":1,\"kind\":\"profile\",\"name\":"
                              "\" Al\\u202eice\\n\","
                              "\"capability\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"relay\":\"https://new.example.org\"}");
  party_say (bob, party_chat (bob, alice), "waits");
  party_deliver (alice, bob);
  name = party_text (bob, "SELECT name FROM contacts");
  relay = party_text (bob, "SELECT relay FROM outbox");
  g_assert_cmpstr (name, ==, "Alice");
  g_assert_cmpstr (relay, ==, "https://new.example.org");
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/receive/stranger", test_stranger);
  g_test_add_func ("/core/receive/conversation", test_conversation);
  g_test_add_func ("/core/receive/disorder", test_disorder);
  g_test_add_func ("/core/receive/forgotten", test_forgotten);
  g_test_add_func ("/core/receive/tampered", test_tampered);
  g_test_add_func ("/core/receive/misdirected", test_misdirected);
  g_test_add_func ("/core/receive/lost-first", test_lost_first);
  g_test_add_func ("/core/receive/crossing", test_crossing);
  g_test_add_func ("/core/receive/unknown-kind", test_unknown_kind);
  g_test_add_func ("/core/receive/foreign-receipt", test_foreign_receipt);
  g_test_add_func ("/core/receive/crash", test_crash);
  g_test_add_func ("/core/receive/failing-writes", test_failing_writes);
  g_test_add_func ("/core/receive/failing-send", test_failing_send);
  g_test_add_func ("/core/receive/lost-state", test_lost_state);
  g_test_add_func ("/core/receive/reset-rate", test_reset_rate);
  g_test_add_func ("/core/receive/heartbeat", test_heartbeat);
  g_test_add_func ("/core/receive/profile", test_profile);
  return g_test_run ();
}
