/* What sessions leave in the database: last-resort keys, archived sessions and their bounds, stored keys, repeated hellos.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-process.h"
#include "base/tess-text.h"
#include "party.h"

#include <string.h>

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

/* Puts @dh into all rows of devices. */
static void
set_dh (Party *who, const TessDhPublic *dh)
{
  g_autofree char *hex = tess_hex_encode (dh->bytes, sizeof dh->bytes);
  g_autofree char *sql = g_strdup_printf ("UPDATE contact_devices SET dh = x'%s'", hex);

  /* A text that changes is no literal: past the kept statements. */
  g_assert_true (tess_db_execute (who->db, sql, NULL));
}

static char *
kept_dh (Party *who)
{
  return party_text (who, "SELECT lower (hex (dh)) FROM contact_devices");
}

/* The X25519 form of a device key is computed from D when the device is first seen, or when an older database lacks it, and is
 * used from then on by both sides of a handshake. */
static void
test_device_dh (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  TessDhPublic dh, wrong;
  TessDhSecret secret;
  g_autofree char *wanted = NULL;
  g_autofree char *found = NULL;
  g_autofree char *filled = NULL;

  g_assert_true (tess_device_dh_public (&bob->us->us.device, &dh, NULL));
  wanted = tess_hex_encode (dh.bytes, sizeof dh.bytes);
  party_befriend (alice, bob);
  found = kept_dh (alice);
  g_assert_cmpstr (found, ==, wanted);
  party_execute (alice, "UPDATE contact_devices SET dh = NULL; DELETE FROM sessions");
  party_say (alice, party_chat (alice, bob), "computed anew");
  party_fetch (alice, bob);
  party_deliver (alice, bob);
  filled = kept_dh (alice);
  g_assert_cmpstr (filled, ==, wanted);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'computed anew'"), ==, 1);
  /* That it is the kept one that is used shows when it is another: the handshake does not fit. */
  g_assert_true (tess_dh_generate (&secret, &wrong, NULL));
  set_dh (alice, &wrong);
  party_execute (alice, "DELETE FROM sessions");
  party_say (alice, party_chat (alice, bob), "never read");
  party_fetch (alice, bob);
  party_deliver (alice, bob);
  set_dh (alice, &dh);
  set_dh (bob, &wrong);
  party_execute (alice, "DELETE FROM sessions");
  party_say (alice, party_chat (alice, bob), "never read either");
  party_fetch (alice, bob);
  party_deliver (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body LIKE 'never%'"), ==, 0);
}

/* What waits for a contact when the session turns out to be damaged goes under the next one: profile, verification, receipts. */
static void
test_damaged (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (TessIntent) show = tess_intent_new (0);
  g_autoptr (TessIntent) scan = NULL;

  party_befriend (alice, bob);
  show->conversation = party_chat (bob, alice);
  memcpy (show->secret, "0123456789abcdef", sizeof show->secret);
  show->expires = tess_clock_now () + 60;
  party_run (bob, tess_intent_show_code, show);
  party_say (bob, party_chat (bob, alice), "to be receipted");
  party_deliver (bob, alice);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM receipts_pending"), ==, 1);
  party_execute (alice, "UPDATE sessions SET state = x'00'; UPDATE contacts SET profile_sent = 7;"
                        "UPDATE settings SET value = 'Alicia' WHERE name = 'account.name'");
  scan = tess_intent_new (party_chat (alice, bob));
  scan->address = party_address (bob);
  scan->address->has_code = true;
  memcpy (scan->address->code, show->secret, sizeof scan->address->code);
  party_run (alice, tess_intent_verify, scan);
  g_assert_cmpuint (alice->changes->bundle_ids->len, ==, 1);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions"), ==, 0);
  party_seal_receipts (alice);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM outbox"), ==, 0);
  g_assert_cmpint (party_count (alice, "SELECT profile_sent FROM contacts"), ==, 7);
  party_fetch (alice, bob);
  g_assert_cmpint (party_count (alice, "SELECT last_resort FROM sessions"), ==, 0);
  party_settle (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT trust FROM contacts"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM contacts WHERE name = 'Alicia'"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT state FROM messages WHERE body = 'to be receipted'"), ==, 3);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/sessions/last-resort", test_last_resort);
  g_test_add_func ("/core/sessions/device-dh", test_device_dh);
  g_test_add_func ("/core/sessions/damaged", test_damaged);
  return g_test_run ();
}
