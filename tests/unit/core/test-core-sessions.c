/* What sessions leave in the database: last-resort keys, archived sessions and their bounds, stored keys, repeated hellos.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "base/tess-text.h"
#include "core/tess-sessions.h"
#include "core/tess-upkeep.h"
#include "crypto/tess-envelope.h"
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

#define TYPING "{\"id\":\"100102030405060708090a0b0c0d0e0f\",\"time\":1,\"kind\":\"typing\",\"on\":true}"
#define SKIPPED "SELECT count (*) FROM skipped_keys"

/* Alice seals @count messages that say nothing. */
static GPtrArray *
seal_many (Party *alice, Party *bob, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    party_seal_raw (alice, bob, TYPING);
  return party_collect (alice);
}

static TessReceiveOutcome
receive (Party *who, GPtrArray *mail, guint at)
{
  return party_receive (who, g_ptr_array_index (mail, at), TESS_MAIL_CONTACT);
}

/* A thousand messages may be missing, not one more; two thousand keys are kept, and the oldest go first. */
static void
test_skipped_bounds (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  GPtrArray *chains[3];

  party_befriend (alice, bob);
  for (int i = 0; i < 3; i++)
    {
      chains[i] = seal_many (alice, bob, TESS_RATCHET_SKIP_MAX + 2);
      g_assert_cmpint (receive (bob, chains[i], TESS_RATCHET_SKIP_MAX + 1), ==, TESS_RECEIVED_UNDECRYPTABLE);
      g_assert_cmpint (party_count (bob, SKIPPED), ==, MIN (i * TESS_RATCHET_SKIP_MAX, TESS_RATCHET_STORED_KEYS_MAX));
      g_assert_cmpint (receive (bob, chains[i], TESS_RATCHET_SKIP_MAX), ==, TESS_RECEIVED);
      g_assert_cmpint (receive (bob, chains[i], TESS_RATCHET_SKIP_MAX + 1), ==, TESS_RECEIVED_BEFORE);
      g_assert_cmpint (party_count (bob, SKIPPED), ==, MIN ((i + 1) * TESS_RATCHET_SKIP_MAX, TESS_RATCHET_STORED_KEYS_MAX));
      /* The ratchet turns. What was out of bounds asked for a fresh session, which is another test's. */
      party_execute (bob, "DELETE FROM settings WHERE name LIKE 'pending.%'; UPDATE sessions SET active = 1");
      party_seal_raw (bob, alice, TYPING);
      g_assert_cmpuint (party_deliver (bob, alice), ==, 1);
    }
  g_assert_cmpint (receive (bob, chains[0], 0), ==, TESS_RECEIVED_BEFORE); /* its key is gone: no failure, and no reset */
  /* So is the next oldest, for one more place was kept when the second chain ended. */
  g_assert_cmpint (receive (bob, chains[1], 0), ==, TESS_RECEIVED_BEFORE);
  g_assert_cmpint (receive (bob, chains[1], 1), ==, TESS_RECEIVED);
  g_assert_cmpint (receive (bob, chains[2], 999), ==, TESS_RECEIVED);
  g_assert_cmpint (party_count (bob, SKIPPED), ==, TESS_RATCHET_STORED_KEYS_MAX - 2);
  /* Thirty days later what is missing is given up. */
  tess_clock_set_offset (TESS_RATCHET_STORED_KEY_KEEP + 60);
  party_run (bob, tess_upkeep_job, NULL);
  g_assert_cmpint (party_count (bob, SKIPPED), ==, 0);
  g_assert_cmpint (receive (bob, chains[2], 1), ==, TESS_RECEIVED_BEFORE);
  for (int i = 0; i < 3; i++)
    g_ptr_array_unref (chains[i]);
  tess_clock_set_offset (0);
}

/* Under an archived session mail is read, and nothing changes; after fifty in one chain a new session shows the sender that
 * theirs is not the one any more, and after each further fifty. */
static void
test_archived_heartbeat (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;

  party_befriend (alice, bob);
  party_seal_raw (bob, alice, TYPING); /* so that what comes is a chain of its own */
  party_deliver (bob, alice);
  party_execute (bob, "UPDATE sessions SET active = 0");
  mail = seal_many (alice, bob, 2 * TESS_RATCHET_HEARTBEAT_AFTER + 10);
  for (guint i = 0; i < mail->len; i++)
    {
      g_assert_cmpint (receive (bob, mail, i), ==, TESS_RECEIVED);
      if (bob->changes->bundle_ids->len > 0)
        {
          party_fetch (bob, alice);
          g_ptr_array_unref (party_collect (bob)); /* lost on its way */
        }
      g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 1 + (i + 1) / TESS_RATCHET_HEARTBEAT_AFTER);
    }
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions WHERE active = 1 AND initiator = 1"), ==, 1);
}

/* Gives @bob, sealed as from @from, what the envelope @at of Alice's outbox carries. */
static GBytes *
seal_again (Party *alice, Party *bob, Party *from)
{
  g_autoptr (TessBundle) bundle = party_bundle (bob, false);
  g_autoptr (TessQuery) query = tess_db_query (alice->db, "SELECT inner FROM outbox ORDER BY id LIMIT 1");
  g_autoptr (GBytes) inner = NULL;
  g_autoptr (GBytes) hello = NULL;
  g_autoptr (GBytes) message = NULL;
  g_autoptr (GError) error = NULL;
  TessXwingPublic key;
  TessHello parsed;
  const uint8_t *list, *rest, *data;
  size_t list_size, rest_size;
  GBytes *envelope;

  g_assert_true (tess_query_next (query));
  inner = tess_query_dup_bytes (query);
  data = g_bytes_get_data (inner, NULL);
  g_assert_cmpint (data[0], ==, TESS_ENVELOPE_HELLO);
  g_assert_true (tess_hello_parse (data + 1, g_bytes_get_size (inner) - 1, &parsed, &list, &list_size, &rest, &rest_size, NULL));
  hello = g_bytes_new (data + 1, (gsize) (rest - data) - 1);
  message = g_bytes_new (rest, rest_size);
  memcpy (key.bytes, bundle->devices[0].prekey.envelope_key, sizeof key.bytes);
  envelope = tess_envelope_seal (&key, bundle->devices[0].prekey.envelope_key_id, &bob->us->us.device, &from->us->us, hello,
                                 message, &error);
  g_assert_no_error (error);
  return envelope;
}

/* A hello is good once: not from another sender, not repeated, not after its session is gone. */
static void
test_repeated_hello (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) mallory = party_new ("Mallory");
  g_autoptr (GBytes) stolen = NULL;
  g_autoptr (GBytes) stolen_later = NULL;
  g_autoptr (GBytes) repeated = NULL;
  g_autoptr (GBytes) again = NULL;

  party_say (alice, party_add (alice, bob), "one");
  party_fetch (alice, bob);
  stolen = seal_again (alice, bob, mallory);
  stolen_later = seal_again (alice, bob, mallory);
  repeated = seal_again (alice, bob, alice);
  again = seal_again (alice, bob, alice);
  g_assert_cmpint (party_receive (bob, stolen, TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM contacts"), ==, 0);
  party_deliver (alice, bob);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 1);
  g_assert_cmpint (party_receive (bob, stolen_later, TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
  g_assert_cmpint (party_receive (bob, repeated, TESS_MAIL_CONTACT), ==, TESS_RECEIVED_BEFORE);
  party_execute (bob, "DELETE FROM sessions");
  g_assert_cmpint (party_receive (bob, again, TESS_MAIL_CONTACT), ==, TESS_RECEIVED_UNDECRYPTABLE);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 0);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM contacts"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM own_one_time"), ==, 4);
}

typedef struct {
  int64_t contact;
  TessBundle *bundle;
} Reuse;

static bool
start_twice (TessJob *job, gpointer data, GError **error)
{
  Reuse *reuse = data;
  TessParty them;
  g_autoptr (TessSessionRow) session = NULL;

  memcpy (them.account.bytes, reuse->bundle->list.account, 32);
  memcpy (them.device.bytes, reuse->bundle->devices[0].device, 32);
  session = tess_session_start (job, reuse->contact, &them, &reuse->bundle->devices[0], error);
  return session != NULL;
}

/* A one-time prekey is spent with the first message that came under it: a second session with it is none. */
static void
test_spent_one_time (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  Reuse reuse = { .bundle = party_bundle (bob, true) };

  party_add (alice, bob);
  reuse.contact = party_contact (alice, bob);
  party_fetch (alice, bob);
  for (int i = 0; i < 2; i++)
    {
      party_run (alice, start_twice, &reuse);
      party_seal_raw (alice, bob, TYPING);
      party_deliver (alice, bob);
      g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 1);
      g_assert_cmpint (party_count (bob, "SELECT count (*) FROM own_one_time"), ==, 4);
    }
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM seen_hellos"), ==, 1);
  g_assert_cmpint (party_count (bob, "SELECT value FROM settings WHERE name = 'mail.undecryptable'"), ==, 1);
  tess_bundle_unref (reuse.bundle);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/sessions/last-resort", test_last_resort);
  g_test_add_func ("/core/sessions/device-dh", test_device_dh);
  g_test_add_func ("/core/sessions/damaged", test_damaged);
  g_test_add_func ("/core/sessions/skipped-bounds", test_skipped_bounds);
  g_test_add_func ("/core/sessions/archived-heartbeat", test_archived_heartbeat);
  g_test_add_func ("/core/sessions/repeated-hello", test_repeated_hello);
  g_test_add_func ("/core/sessions/spent-one-time", test_spent_one_time);
  return g_test_run ();
}
