/* Codes that are shown and scanned, and what they end or begin: verified contacts, alarms, lines in the history.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "core/tess-core-error.h"
#include "core/tess-types.h"
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

static TessIntent *
show (Party *who, int64_t conversation, const char *secret)
{
  TessIntent *intent = tess_intent_new (conversation);

  memcpy (intent->secret, secret, sizeof intent->secret);
  intent->expires = tess_clock_now () + 60;
  party_run (who, tess_intent_show_code, intent);
  return intent;
}

static int
scan (Party *who, int64_t conversation, Party *shown, const char *secret)
{
  g_autoptr (TessIntent) intent = tess_intent_new (conversation);

  intent->address = party_address (shown);
  intent->address->has_code = secret != NULL;
  if (secret != NULL)
    memcpy (intent->address->code, secret, sizeof intent->address->code);
  party_run (who, tess_intent_verify, intent);
  return intent->result;
}

/* How often the history of @who has the line @word. */
static int64_t
lines (Party *who, const char *word)
{
  g_autofree char *query = g_strdup_printf ("SELECT count (*) FROM messages WHERE kind = 2 AND body = '%s'", word);

  return party_count (who, query);
}

static int64_t
trust (Party *who, Party *whom)
{
  int64_t found = -1;
  g_autoptr (TessContactRow) row = NULL;

  if (tess_db_contact_find (who->db, party_contact (who, whom), &row, NULL) && row != NULL)
    found = row->trust;
  return found;
}

static void
test_verify_dedicated (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) code = NULL;

  befriend (alice, bob);
  code = show (bob, party_chat (bob, alice), "0123456789abcdef");
  g_assert_cmpint (scan (alice, party_chat (alice, bob), bob, "0123456789abcdef"), ==, TESS_VERIFY_MATCH);
  g_assert_cmpint (trust (alice, bob), ==, TESS_CONTACT_VERIFIED);
  g_assert_cmpuint (party_deliver (alice, bob), >, 0);
  g_assert_cmpuint (bob->changes->trust_ids->len, ==, 1);
  g_assert_cmpint (trust (bob, alice), ==, TESS_CONTACT_VERIFIED);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE kind = 2 AND body = 'verified'"), ==, 1);
  /* It was for one use. */
  tess_db_execute (bob->db, "UPDATE contacts SET trust = 0", NULL);
  scan (alice, party_chat (alice, bob), bob, "0123456789abcdef");
  party_deliver (alice, bob);
  g_assert_cmpint (trust (bob, alice), ==, TESS_CONTACT_UNVERIFIED);
}

static void
test_verify_wrong_secret (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) code = NULL;

  befriend (alice, bob);
  code = show (bob, party_chat (bob, alice), "0123456789abcdef");
  scan (alice, party_chat (alice, bob), bob, "fedcba9876543210");
  party_deliver (alice, bob);
  g_assert_cmpint (trust (bob, alice), ==, TESS_CONTACT_UNVERIFIED);
  g_assert_cmpint (scan (alice, party_chat (alice, bob), bob, NULL), ==, TESS_VERIFY_NO_SECRET);
  g_assert_cmpint (scan (alice, party_chat (alice, bob), alice, NULL), ==, TESS_VERIFY_OWN_CODE);
}

/* The general code makes a contact of who scanned it, but verifies nobody; one made for somebody else is not for them. */
static void
test_verify_general (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) carol = party_new ("Carol");
  g_autoptr (TessIntent) general = show (bob, 0, "0123456789abcdef");
  g_autoptr (TessIntent) dedicated = show (bob, party_add (bob, carol), "dedicated-to-car");
  g_autoptr (GPtrArray) mail = NULL;
  int64_t chat = party_add (alice, bob), told = 0;
  unsigned spent = 0;

  g_assert_cmpint (scan (alice, chat, bob, "0123456789abcdef"), ==, TESS_VERIFY_MATCH);
  g_assert_cmpuint (alice->changes->bundle_ids->len, ==, 1);
  party_fetch (alice, bob);
  mail = party_collect (alice);
  for (unsigned i = 0; i < mail->len; i++)
    {
      party_receive (bob, g_ptr_array_index (mail, i), TESS_MAIL_REQUEST);
      for (unsigned k = 0; k < bob->changes->spent_codes->len; k++, spent++)
        {
          const TessSpentCode *code = &g_array_index (bob->changes->spent_codes, TessSpentCode, k);

          g_assert_cmpmem (code->secret, 16, "0123456789abcdef", 16);
          told = code->conversation;
        }
    }
  g_assert_cmpuint (spent, ==, 1);
  g_assert_cmpint (told, ==, party_chat (bob, alice));
  g_assert_cmpint (party_count (bob, "SELECT accepted FROM contacts WHERE name = 'Alice'"), ==, 1);
  g_assert_cmpint (trust (bob, alice), ==, TESS_CONTACT_UNVERIFIED);
  scan (alice, chat, bob, "dedicated-to-car");
  party_deliver (alice, bob);
  g_assert_cmpuint (bob->changes->spent_codes->len, ==, 0);
  g_assert_cmpint (trust (bob, alice), ==, TESS_CONTACT_UNVERIFIED);
}

/* A scan that comes too late, twice, with the code that another has used or that was made for another: each is told, once. */
static void
test_verify_stale (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) carol = party_new ("Carol");
  g_autoptr (TessIntent) old = NULL, general = NULL, others = NULL, spent = NULL;
  int64_t chat;

  befriend (alice, bob);
  chat = party_chat (alice, bob);
  old = show (bob, party_chat (bob, alice), "0123456789abcdef");
  general = show (bob, 0, "the-general-code");
  others = show (bob, party_add (bob, carol), "made-for-another");
  spent = show (bob, 0, "spent-by-another");
  tess_db_execute (bob->db, "UPDATE shown_codes SET used = 1, contact = (SELECT max (id) FROM contacts) "
                            "WHERE secret = CAST ('spent-by-another' AS BLOB)", NULL);
  tess_db_execute (bob->db, "UPDATE shown_codes SET expires = 1 WHERE secret = CAST ('0123456789abcdef' AS BLOB)", NULL);
  for (unsigned i = 0; i < 2; i++)
    {
      scan (alice, chat, bob, "0123456789abcdef");
      party_deliver (alice, bob);
      scan (alice, chat, bob, "made-for-another");
      party_deliver (alice, bob);
      scan (alice, chat, bob, "spent-by-another");
      party_deliver (alice, bob);
      scan (alice, chat, bob, "the-general-code");
      party_deliver (alice, bob);
    }
  g_assert_cmpint (lines (bob, "code-expired"), ==, 1);
  g_assert_cmpint (lines (bob, "code-other"), ==, 1);
  g_assert_cmpint (lines (bob, "code-spent"), ==, 1);
  g_assert_cmpint (lines (bob, "scanned"), ==, 1);
  g_assert_cmpint (lines (bob, "verified"), ==, 0);
  g_assert_cmpint (trust (bob, alice), ==, TESS_CONTACT_UNVERIFIED);
}

/* The right key at a relay that the chat does not use: nothing is verified, and no mail goes there. */
static void
test_verify_other_relay (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) intent = NULL;

  befriend (alice, bob);
  intent = tess_intent_new (party_chat (alice, bob));
  intent->address = party_address (bob);
  intent->address->has_code = true;
  g_set_str (&intent->address->origin, "https://elsewhere.example");
  party_run (alice, tess_intent_verify, intent);
  g_assert_cmpint (intent->result, ==, TESS_VERIFY_OTHER_RELAY);
  g_assert_cmpint (trust (alice, bob), ==, TESS_CONTACT_UNVERIFIED);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM contacts WHERE relay LIKE '%elsewhere%'"), ==, 0);
}

static void
test_mismatch (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) mallory = party_new ("Mallory");
  g_autoptr (TessIntent) send = NULL;
  g_autoptr (TessIntent) resolve = NULL;
  g_autoptr (GPtrArray) mail = NULL;
  g_autoptr (GPtrArray) later = NULL;
  g_autoptr (GError) error = NULL;
  int64_t chat;

  befriend (alice, bob);
  chat = party_chat (alice, bob);
  party_say (alice, chat, "already sealed");
  g_assert_cmpint (scan (alice, chat, mallory, "0123456789abcdef"), ==, TESS_VERIFY_MISMATCH);
  g_assert_cmpuint (alice->changes->trust_ids->len, ==, 1);
  g_assert_cmpint (trust (alice, bob), ==, TESS_CONTACT_MISMATCH);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE kind = 2 AND body = 'mismatch'"), ==, 1);
  send = tess_intent_new (chat);
  send->text = g_strdup ("no");
  g_assert_false (party_try (alice, tess_intent_send, send, &error));
  g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_STOPPED);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE body = 'no'"), ==, 0);
  /* Nothing leaves, not even what was sealed before. */
  mail = party_collect (alice);
  g_assert_cmpuint (mail->len, ==, 0);
  resolve = tess_intent_new (chat);
  resolve->trust = TESS_TRUST_UNVERIFIED;
  party_run (alice, tess_intent_set_trust, resolve);
  g_assert_true (alice->changes->outbox);
  later = party_collect (alice);
  g_assert_cmpuint (later->len, ==, 1);
}

/* A code that they scan ends an alarm too, unless it was shown before the alarm; what was held back goes then. */
static void
test_alarm_scanned (void)
{
  for (int trusted = TESS_CONTACT_CHANGED; trusted <= TESS_CONTACT_MISMATCH; trusted++)
    {
      g_autoptr (Party) alice = party_new ("Alice");
      g_autoptr (Party) bob = party_new ("Bob");
      g_autoptr (Party) mallory = party_new ("Mallory");
      g_autoptr (TessIntent) before = NULL, after = NULL;
      g_autoptr (GPtrArray) mail = NULL;
      bool goes = false;
      guint told = 0;

      befriend (alice, bob);
      party_say (bob, party_chat (bob, alice), "held back");
      before = show (bob, party_chat (bob, alice), "shown-before-the");
      if (trusted == TESS_CONTACT_MISMATCH)
        {
          scan (bob, party_chat (bob, alice), mallory, "0123456789abcdef");
          scan (alice, party_chat (alice, bob), bob, "shown-before-the");
          party_deliver (alice, bob);
          g_assert_cmpint (trust (bob, alice), ==, TESS_CONTACT_MISMATCH);
          g_assert_cmpint (lines (bob, "code-expired"), ==, 1);
        }
      else
        party_execute (bob, "UPDATE contacts SET trust = 2");
      g_assert_cmpuint (party_deliver (bob, alice), ==, 0);
      after = show (bob, party_chat (bob, alice), "and-this-was-new");
      scan (alice, party_chat (alice, bob), bob, "and-this-was-new");
      mail = party_collect (alice);
      for (guint i = 0; i < mail->len; i++)
        {
          party_receive (bob, g_ptr_array_index (mail, i), TESS_MAIL_CONTACT);
          told += bob->changes->trust_ids->len;
          goes = bob->changes->outbox || goes;
        }
      g_assert_cmpint (trust (bob, alice), ==, TESS_CONTACT_VERIFIED);
      g_assert_cmpuint (told, ==, 1);
      g_assert_true (goes);
      g_assert_cmpint (lines (bob, "verified"), ==, 1);
      g_assert_cmpuint (party_deliver (bob, alice), >, 0);
      g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE body = 'held back'"), ==, 1);
    }
}

/* A code that was over when it was put away, as after a night with the lid closed, is not good again. */
static void
test_verify_put_away (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) code = NULL;

  befriend (alice, bob);
  code = show (bob, party_chat (bob, alice), "0123456789abcdef");
  tess_clock_set_offset (8 * 60 * 60);
  code->expires = tess_clock_now () + TESS_CODE_KEEP_AFTER;
  party_run (bob, tess_intent_hide_code, code);
  scan (alice, party_chat (alice, bob), bob, "0123456789abcdef");
  party_deliver (alice, bob);
  g_assert_cmpint (trust (bob, alice), ==, TESS_CONTACT_UNVERIFIED);
  g_assert_cmpint (lines (bob, "code-expired"), ==, 1);
  tess_clock_set_offset (0);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/verify/dedicated", test_verify_dedicated);
  g_test_add_func ("/core/verify/wrong-secret", test_verify_wrong_secret);
  g_test_add_func ("/core/verify/general", test_verify_general);
  g_test_add_func ("/core/verify/stale", test_verify_stale);
  g_test_add_func ("/core/verify/other-relay", test_verify_other_relay);
  g_test_add_func ("/core/verify/mismatch", test_mismatch);
  g_test_add_func ("/core/verify/alarm-scanned", test_alarm_scanned);
  g_test_add_func ("/core/verify/put-away", test_verify_put_away);
  return g_test_run ();
}
