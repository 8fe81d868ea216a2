/* Device lists of contacts, from a relay and in a hello: what is taken, what is refused, what is an alarm, and what a person sees
 * of it. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "core/tess-core-error.h"
#include "core/tess-people.h"
#include "core/tess-types.h"
#include "party.h"

#include <string.h>

#define CHANGED "SELECT count (*) FROM messages WHERE kind = 2 AND body = 'changed'"
#define REFUSED "SELECT ifnull (max (value), 0) FROM settings WHERE name = 'mail.refused'"

/* Gives @who a device list that says @version: with its own device (@added 0 leaves it out) and that of @other (or NULL). */
static void
relist (Party *who, uint64_t version, uint64_t added, Party *other)
{
  TessDeviceList list = { .version = version };
  g_auto (TessSignSecret) account = { 0 };
  g_auto (TessSignSecret) device = { 0 };
  g_autoptr (GError) error = NULL;
  Party *const owners[] = { added != 0 ? who : NULL, other };

  memcpy (account.bytes, who->us->secrets->account.bytes, 32);
  memcpy (account.bytes + 32, who->us->us.account.bytes, 32);
  memcpy (list.account, who->us->us.account.bytes, 32);
  for (unsigned i = 0; i < G_N_ELEMENTS (owners); i++)
    if (owners[i] != NULL)
      {
        tess_identity_device_sign_secret (owners[i]->us, &device);
        list.devices[list.count].number = i + 1;
        list.devices[list.count].added = added;
        tess_device_entry_sign (&list.devices[list.count++], list.account, device.bytes);
      }
  g_bytes_unref (who->us->device_list);
  who->us->device_list = tess_device_list_sign (&list, account.bytes, &error);
  g_assert_no_error (error);
}

typedef struct {
  Party *about;
  int64_t contact;
  TessBundle *bundle;
  TessListVerdict verdict;
} Take;

static bool
take (TessJob *job, gpointer data, GError **error)
{
  Take *args = data;
  g_autoptr (TessContactRow) contact = NULL;

  return tess_db_contact_find (job->db, args->contact, &contact, error)
         && tess_people_take_bundle (job, contact, args->bundle, &args->verdict, error);
}

/* @who hears of @about's list from the relay. */
static TessListVerdict
fetch (Party *who, Party *about)
{
  g_autoptr (GBytes) prekey = NULL;
  g_autoptr (TessQuery) query = tess_db_query (about->db, "SELECT record FROM own_prekeys ORDER BY created DESC LIMIT 1");
  TessBundleEntry entry = { 0 };
  g_autofree char *json = NULL;
  Take args = { .contact = party_contact (who, about) };
  g_autoptr (GError) error = NULL;
  TessDeviceList list;
  bool listed;

  g_assert_true (tess_query_next (query));
  prekey = entry.prekey = tess_query_dup_bytes (query);
  memcpy (entry.device, about->us->us.device.bytes, 32);
  g_assert_true (tess_device_list_parse (g_bytes_get_data (about->us->device_list, NULL),
                                         g_bytes_get_size (about->us->device_list), &list, NULL));
  listed = tess_device_list_find (&list, entry.device) != NULL;
  json = tess_bundle_build (about->us->device_list, &entry, listed ? 1 : 0);
  args.bundle = tess_bundle_parse (json, strlen (json), about->us->us.account.bytes, tess_clock_now (), &error);
  g_assert_no_error (error);
  party_run (who, take, &args);
  tess_bundle_unref (args.bundle);
  return args.verdict;
}

static int64_t
known_version (Party *who)
{
  return party_count (who, "SELECT device_list_version FROM contacts");
}

static int64_t
trust (Party *who)
{
  return party_count (who, "SELECT trust FROM contacts");
}

static void
test_from_relay (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  party_add (alice, bob);
  relist (bob, 5, 100, NULL);
  g_assert_cmpint (fetch (alice, bob), ==, TESS_LIST_TAKEN);
  before = party_state (alice);
  relist (bob, 4, 100, NULL);
  g_assert_cmpint (fetch (alice, bob), ==, TESS_LIST_OLDER);
  relist (bob, 5 + TESS_DEVICE_LIST_JUMP_MAX + 1, 100, NULL);
  g_assert_cmpint (fetch (alice, bob), ==, TESS_LIST_REFUSED);
  after = party_state (alice);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpint (known_version (alice), ==, 5);
  relist (bob, 5 + TESS_DEVICE_LIST_JUMP_MAX, 100, NULL);
  g_assert_cmpint (fetch (alice, bob), ==, TESS_LIST_TAKEN);
  g_assert_cmpint (fetch (alice, bob), ==, TESS_LIST_TAKEN); /* the very same again */
  g_assert_cmpint (known_version (alice), ==, 5 + TESS_DEVICE_LIST_JUMP_MAX);
  g_assert_cmpint (party_count (alice, CHANGED), ==, 0);
  /* The same version with other content: an alarm, once, and the list known stays. */
  for (int i = 0; i < 2; i++)
    {
      relist (bob, 5 + TESS_DEVICE_LIST_JUMP_MAX, 101, NULL);
      g_assert_cmpint (fetch (alice, bob), ==, TESS_LIST_REFUSED);
      g_assert_cmpuint (alice->changes->trust_ids->len, ==, i == 0 ? 1 : 0);
    }
  g_assert_cmpint (trust (alice), ==, TESS_CONTACT_CHANGED);
  g_assert_cmpint (party_count (alice, CHANGED), ==, 1);
}

/* Alice starts anew with the list she has now; what Bob says to her first mail. */
static TessReceiveOutcome
hello (Party *alice, Party *bob)
{
  g_autoptr (GPtrArray) mail = NULL;

  party_execute (alice, "DELETE FROM sessions; DELETE FROM outbox");
  party_say (alice, party_chat (alice, bob), "anew");
  party_fetch (alice, bob);
  mail = party_collect (alice);
  return party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT);
}

static void
test_in_hello (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  party_befriend (alice, bob);
  relist (alice, 5, 100, NULL);
  g_assert_cmpint (hello (alice, bob), ==, TESS_RECEIVED);
  g_assert_cmpint (known_version (bob), ==, 5);
  relist (alice, 4, 100, NULL); /* older: left aside, the hello is not */
  g_assert_cmpint (hello (alice, bob), ==, TESS_RECEIVED);
  g_assert_cmpint (known_version (bob), ==, 5);
  relist (alice, 5 + TESS_DEVICE_LIST_JUMP_MAX + 1, 100, NULL);
  g_assert_cmpint (hello (alice, bob), ==, TESS_RECEIVED_REFUSED);
  g_assert_cmpint (known_version (bob), ==, 5);
  g_assert_cmpint (trust (bob), ==, TESS_CONTACT_UNVERIFIED);
  relist (alice, 5, 101, NULL);
  g_assert_cmpint (hello (alice, bob), ==, TESS_RECEIVED_REFUSED);
  g_assert_cmpuint (bob->changes->trust_ids->len, ==, 1);
  g_assert_cmpint (trust (bob), ==, TESS_CONTACT_CHANGED);
  g_assert_cmpint (party_count (bob, CHANGED), ==, 1);
  g_assert_cmpint (known_version (bob), ==, 5);
  g_assert_cmpint (party_count (bob, REFUSED), ==, 2);
}

/* A device that the newest list omits says nothing any more: not under its session, not by the hello that is known, not by a new
 * one with the list of before. */
static void
test_omitted (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) tablet = party_new ("Alice's other device");
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  g_autoptr (GBytes) old = g_bytes_ref (alice->us->device_list);
  int64_t seen;

  party_say (alice, party_add (alice, bob), "one");
  party_fetch (alice, bob);
  party_say (alice, party_chat (alice, bob), "two");
  first = party_collect (alice);
  g_assert_cmpuint (first->len, ==, 3);
  party_receive (bob, g_ptr_array_index (first, 0), TESS_MAIL_CONTACT);
  party_receive (bob, g_ptr_array_index (first, 1), TESS_MAIL_CONTACT);
  party_say (bob, party_chat (bob, alice), "answer");
  if (bob->changes->bundle_ids->len > 0)
    party_fetch (bob, alice);
  party_deliver (bob, alice);
  party_say (alice, party_chat (alice, bob), "three");
  second = party_collect (alice);
  relist (alice, 2, 0, tablet);
  g_assert_cmpint (fetch (bob, alice), ==, TESS_LIST_TAKEN);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 0);
  seen = party_count (bob, "SELECT count (*) FROM messages");
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (second, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (first, 2), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
  g_bytes_unref (alice->us->device_list);
  alice->us->device_list = g_bytes_ref (old);
  g_assert_cmpint (hello (alice, bob), ==, TESS_RECEIVED_REFUSED);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages"), ==, seen);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM sessions"), ==, 0);
  /* Nor is it answered. */
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM settings WHERE name LIKE 'pending.%'"), ==, 0);
}

/* The same under a session that still stands, as after a crash between: the list decides, not the rows. */
static void
test_omitted_session (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) tablet = party_new ("Alice's other device");
  g_autoptr (GPtrArray) mail = NULL;
  g_autoptr (TessQuery) query = NULL;

  party_befriend (alice, bob);
  party_say (alice, party_chat (alice, bob), "no");
  mail = party_collect (alice);
  relist (alice, 2, 0, tablet);
  query = tess_db_query (bob->db, "UPDATE contacts SET device_list = ?");
  tess_query_bind_bytes (query, alice->us->device_list);
  g_assert_true (tess_query_run (query, NULL));
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
  g_assert_cmpint (party_count (bob, "SELECT count (*) FROM messages WHERE body = 'no'"), ==, 0);
}

/* Changed devices are shown. A verified contact falls back, and nothing is sent until a person has said yes. */
static void
test_change_is_shown (void)
{
  for (int verified = 0; verified < 2; verified++)
    {
      g_autoptr (Party) alice = party_new ("Alice");
      g_autoptr (Party) bob = party_new ("Bob");
      g_autoptr (Party) tablet = party_new ("Alice's other device");
      g_autoptr (TessIntent) send = NULL;
      g_autoptr (TessIntent) yes = NULL;
      g_autoptr (GPtrArray) held = NULL;
      g_autoptr (GError) error = NULL;

      party_befriend (alice, bob);
      if (verified)
        party_execute (bob, "UPDATE contacts SET trust = 1");
      party_say (bob, party_chat (bob, alice), "sealed before");
      relist (alice, 2, 100, tablet);
      g_assert_cmpint (fetch (bob, alice), ==, TESS_LIST_TAKEN);
      g_assert_cmpint (party_count (bob, CHANGED), ==, 1);
      g_assert_cmpuint (bob->changes->trust_ids->len, ==, (guint) verified);
      g_assert_cmpint (trust (bob), ==, verified ? TESS_CONTACT_CHANGED : TESS_CONTACT_UNVERIFIED);
      send = tess_intent_new (party_chat (bob, alice));
      send->text = g_strdup ("after");
      g_assert_cmpint (party_try (bob, tess_intent_send, send, &error), ==, !verified);
      if (!verified)
        continue;
      g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_STOPPED);
      held = party_collect (bob);
      g_assert_cmpuint (held->len, ==, 0);
      yes = tess_intent_new (party_chat (bob, alice));
      yes->trust = TESS_TRUST_UNVERIFIED;
      party_run (bob, tess_intent_set_trust, yes);
      g_assert_cmpuint (party_deliver (bob, alice), ==, 1);
      g_assert_cmpint (party_count (alice, "SELECT count (*) FROM messages WHERE body = 'sealed before'"), ==, 1);
    }
}

/* A device belongs to one account: nobody lists what another contact has. */
static void
test_foreign_device (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) mallory = party_new ("Mallory");
  int64_t devices;

  party_befriend (alice, bob);
  party_add (alice, mallory);
  devices = party_count (alice, "SELECT count (*) FROM contact_devices");
  relist (mallory, 1, 100, bob);
  g_assert_cmpint (fetch (alice, mallory), ==, TESS_LIST_REFUSED);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM contact_devices"), ==, devices);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions"), ==, 1);
}

/* When a device was added is what they say, unless it makes no sense; when it was first seen is ours, and stays. */
static void
test_dates (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (Party) tablet = party_new ("Bob's other device");
  g_autoptr (TessIntent) before = tess_intent_new (party_add (alice, bob));
  g_autoptr (TessIntent) after = tess_intent_new (before->conversation);
  const int64_t start = tess_clock_now ();
  const TessContactDevice *first, *second;

  party_run (alice, tess_intent_load_devices, before);
  g_assert_cmpuint (before->rows->len, ==, 0);
  relist (bob, 2, (uint64_t) start + 10 * 86400, NULL);
  g_assert_cmpint (fetch (alice, bob), ==, TESS_LIST_TAKEN);
  tess_clock_set_offset (3 * 86400);
  relist (bob, 3, 86400, tablet);
  g_assert_cmpint (fetch (alice, bob), ==, TESS_LIST_TAKEN);
  party_run (alice, tess_intent_load_devices, after);
  g_assert_cmpuint (after->rows->len, ==, 2);
  first = g_ptr_array_index (after->rows, 0);
  second = g_ptr_array_index (after->rows, 1);
  g_assert_cmpuint (first->number, ==, 1);
  g_assert_cmpint (first->added, ==, 86400 * 1000);
  g_assert_cmpint (first->seen, >=, start * 1000);
  g_assert_cmpint (first->seen, <, (start + 86400) * 1000);
  g_assert_cmpint (second->seen, >=, (start + 3 * 86400) * 1000);
  relist (bob, 4, UINT64_MAX, tablet);
  g_assert_cmpint (fetch (alice, bob), ==, TESS_LIST_TAKEN);
  party_run (alice, tess_intent_load_devices, before);
  g_assert_cmpint (((TessContactDevice *) before->rows->pdata[0])->added, ==, 0);
  tess_clock_set_offset (0);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/lists/from-relay", test_from_relay);
  g_test_add_func ("/core/lists/in-hello", test_in_hello);
  g_test_add_func ("/core/lists/omitted", test_omitted);
  g_test_add_func ("/core/lists/omitted-session", test_omitted_session);
  g_test_add_func ("/core/lists/change-is-shown", test_change_is_shown);
  g_test_add_func ("/core/lists/foreign-device", test_foreign_device);
  g_test_add_func ("/core/lists/dates", test_dates);
  return g_test_run ();
}
