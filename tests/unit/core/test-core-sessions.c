/* What sessions leave in the database: last-resort keys, archived sessions and their bounds, stored keys, repeated hellos.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "party.h"

/* Both sides know by which key a session began, and the prekey record how often its last-resort key was used. */
static void
test_last_resort (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  party_say (alice, party_add (alice, bob), "with a one-time prekey");
  party_fetch (alice, bob);
  party_deliver (alice, bob);
  g_assert_cmpint (party_count (alice, "SELECT last_resort FROM sessions"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT last_resort FROM sessions"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT last_resort_uses FROM own_prekeys"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM own_one_time"), ==, 4);
  party_execute (bob, "UPDATE own_one_time SET uploaded = 1");
  for (int i = 1; i <= 2; i++)
    {
      party_execute (alice, "DELETE FROM sessions");
      party_say (alice, party_chat (alice, bob), "without");
      party_fetch (alice, bob);
      party_deliver (alice, bob);
      g_assert_cmpint (party_count (alice, "SELECT last_resort FROM sessions WHERE active = 1"), ==, 1);
      g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions WHERE last_resort = 1"), ==, i);
      g_assert_cmpint (party_count (bob, "SELECT last_resort_uses FROM own_prekeys"), ==, i);
    }
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM own_one_time"), ==, 4);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/sessions/last-resort", test_last_resort);
  return g_test_run ();
}
