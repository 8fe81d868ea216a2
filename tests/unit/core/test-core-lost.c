/* Mail that decrypts under nothing: fresh sessions by the hour, longer and longer waits, what a person hears of it, and what goes
 * again. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "party.h"

#define UNREADABLE "SELECT count (*) FROM messages WHERE kind = 2 AND body = 'unreadable'"
#define RESET_LAST "SELECT reset_last FROM contact_devices"

/* Alice writes what Bob, who lost his sessions, cannot read. */
static void
write_unreadable (Party *alice, Party *bob)
{
  g_autoptr (GPtrArray) mail = NULL;

  party_say (alice, party_chat (alice, bob), "unreadable");
  if (alice->changes->bundle_ids->len > 0)
    party_fetch (alice, bob);
  mail = party_collect (alice);
  for (guint i = 0; i < mail->len; i++)
    g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, i), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_UNDECRYPTABLE);
}

/* Nothing that Bob sends arrives: a fresh session after an hour, two, four, eight, sixteen, and then once a day. After the first
 * day the person hears of it, once. When something can be read again, all of it starts over. */
static void
test_doubling (void)
{
  static const int expected[] = { 0, 1, 3, 7, 15, 31, 55, 79 };
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  guint resets = 0;
  int64_t last = 0, start = 0;

  party_befriend (alice, bob);
  party_execute (bob, "DELETE FROM sessions");
  for (int hour = 0; hour < 90; hour++)
    {
      tess_clock_set_offset (hour * 3600);
      write_unreadable (alice, bob);
      party_late (bob);
      if (party_count (bob, RESET_LAST) != last)
        {
          last = party_count (bob, RESET_LAST);
          start = start == 0 ? last : start;
          g_assert_cmpuint (resets, <, G_N_ELEMENTS (expected));
          g_assert_cmpint ((last - start + 60) / 3600, ==, expected[resets++]);
        }
      /* Every fresh session, and what went with it, is lost on its way. */
      if (bob->changes->bundle_ids->len > 0)
        party_fetch (bob, alice);
      g_ptr_array_unref (party_collect (bob));
      g_assert_cmpint (party_count (bob, UNREADABLE), ==, hour < 24 ? 0 : 1);
    }
  g_assert_cmpuint (resets, ==, G_N_ELEMENTS (expected));
  tess_clock_set_offset (104 * 3600);
  write_unreadable (alice, bob);
  party_fetch (bob, alice);
  party_settle (bob, alice);
  g_assert_cmpint (party_count (bob, "SELECT reset_since FROM contact_devices"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT reset_wait FROM contact_devices"), ==, TESS_RESET_INTERVAL_MIN);
  g_assert_cmpint (party_count (bob, UNREADABLE), ==, 1);
  tess_clock_set_offset (0);
}

/* A wait that is not over yet is not forgotten: the fresh session comes with the hourly work, without further mail. */
static void
test_late (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  party_befriend (alice, bob);
  for (int i = 0; i < 2; i++)
    {
      party_execute (bob, "DELETE FROM sessions");
      write_unreadable (alice, bob);
      g_assert_cmpuint (bob->changes->bundle_ids->len, ==, i == 0 ? 1 : 0);
      if (i == 0)
        party_fetch (bob, alice);
      g_ptr_array_unref (party_collect (bob));
    }
  tess_clock_set_offset (TESS_RESET_INTERVAL_MIN - 60);
  party_late (bob);
  g_assert_cmpuint (bob->changes->bundle_ids->len, ==, 0);
  tess_clock_set_offset (TESS_RESET_INTERVAL_MIN + 60);
  party_late (bob);
  g_assert_cmpuint (bob->changes->bundle_ids->len, ==, 1);
  party_fetch (bob, alice);
  party_settle (bob, alice);
  /* Within the hours each side's rule allows, everything is there once. */
  for (int hour = 2; hour < 5; hour++)
    {
      tess_clock_set_offset (hour * (TESS_RESET_INTERVAL_MIN + 60));
      party_late (alice);
      party_late (bob);
      party_settle (alice, bob);
    }
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'unreadable'"), ==, 2);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE sender = 0 AND state < 3"), ==, 0);
  tess_clock_set_offset (0);
}

/* Who starts anew again and again makes us send again once an hour at most. */
static void
test_resend_rate (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  guint sent[3] = { 0 };

  party_befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "never receipted");
  g_ptr_array_unref (party_collect (alice)); /* reached the relay, and was lost with Bob's disk */
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) mail = NULL;

      if (i == 2)
        tess_clock_set_offset (TESS_RESET_INTERVAL_MIN + 60);
      party_execute (bob, "DELETE FROM sessions");
      party_say (bob, party_chat (bob, alice), "anew");
      party_fetch (bob, alice);
      party_deliver (bob, alice);
      party_fetch (alice, bob);
      mail = party_collect (alice);
      for (guint k = 0; k < mail->len; k++)
        {
          int64_t before = party_count (bob, "SELECT count (*) FROM messages WHERE body = 'never receipted'");

          party_receive (bob, g_ptr_array_index (mail, k), TESS_MAIL_CONTACT);
          sent[i] += party_count (bob, "SELECT count (*) FROM messages WHERE body = 'never receipted'") > before;
        }
      party_execute (bob, "DELETE FROM messages WHERE body = 'never receipted'; DELETE FROM receipts_pending");
    }
  g_assert_cmpuint (sent[0], ==, 1);
  g_assert_cmpuint (sent[1], ==, 0);
  g_assert_cmpuint (sent[2], ==, 1);
  tess_clock_set_offset (0);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/lost/doubling", test_doubling);
  g_test_add_func ("/core/lost/late", test_late);
  g_test_add_func ("/core/lost/resend-rate", test_resend_rate);
  return g_test_run ();
}
