/* What time brings: keys are made and erased when it is time, by the clock alone. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "core/tess-account-keys.h"
#include "core/tess-upkeep.h"
#include "party.h"
#include "store/tess-queries-keys.h"
#include "store/tess-queries-sessions.h"

#define DAY 86400
#define PREKEYS "SELECT count (*) FROM own_prekeys"
#define ONE_TIME "SELECT count (*) FROM own_one_time"

/* Does the upkeep @seconds after the test began. */
static void
after (Party *who, int64_t seconds)
{
  tess_clock_set_offset (seconds);
  party_run (who, tess_upkeep_job, NULL);
}

/* A new record every two days; one is held until thirty days after it expired, and the hellos seen under it as long or as long as
 * their session. */
static void
test_prekeys (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  const int64_t held = TESS_PREKEY_LIFETIME_MAX + TESS_PREKEY_KEEP_AFTER_EXPIRY;

  party_say (bob, party_add (bob, alice), "hello");
  party_fetch (bob, alice);
  party_deliver (bob, alice);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM seen_hellos"), ==, 1);
  after (alice, TESS_PREKEY_ROTATE_EVERY - 60);
  g_assert_cmpint (party_count (alice, PREKEYS), ==, 1);
  after (alice, TESS_PREKEY_ROTATE_EVERY + 60);
  g_assert_cmpint (party_count (alice, PREKEYS), ==, 2);
  after (alice, TESS_PREKEY_ROTATE_EVERY + 60);
  g_assert_cmpint (party_count (alice, PREKEYS), ==, 2);
  after (alice, held - 60);
  g_assert_cmpint (party_count (alice, PREKEYS), ==, 3);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM seen_hellos"), ==, 1);
  after (alice, held + 60);
  g_assert_cmpint (party_count (alice, PREKEYS), ==, 2);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM seen_hellos"), ==, 1);
  party_execute (alice, "DELETE FROM sessions");
  after (alice, held + 60);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM seen_hellos"), ==, 0);
  after (alice, 10 * held); /* asleep for long: all but the one just made */
  g_assert_cmpint (party_count (alice, PREKEYS), ==, 1);
  tess_clock_set_offset (0);
}

/* One-time prekeys that nobody used in ninety days are erased, and the relay has to drop theirs; those it never took stay. */
static void
test_one_time (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (TessQuery) mark = tess_db_query (alice->db, "UPDATE own_one_time SET uploaded = ? WHERE id IN (SELECT id FROM "
                                                         "own_one_time ORDER BY id LIMIT 3)");

  tess_query_bind_int (mark, tess_clock_now ());
  g_assert_true (tess_query_run (mark, NULL));
  after (alice, TESS_ONE_TIME_KEEP - 60);
  g_assert_cmpint (party_count (alice, ONE_TIME), ==, 5);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM settings WHERE name = 'one-time.replace'"), ==, 0);
  after (alice, TESS_ONE_TIME_KEEP + 60);
  g_assert_cmpint (party_count (alice, ONE_TIME), ==, 2);
  g_assert_cmpint (party_count (alice, "SELECT value FROM settings WHERE name = 'one-time.replace'"), ==, 1);
  tess_clock_set_offset (0);
}

static bool
leave_traces (TessJob *job, gpointer data, GError **error)
{
  static const uint8_t bytes[32] = { 7 };
  Party *who = data;
  bool seen;

  return tess_db_skipped_put (job->db, party_count (who, "SELECT max (id) FROM sessions"), bytes, 1, bytes, job->now, error)
         && tess_db_envelope_see (job->db, bytes, job->now, &seen, error)
         && tess_db_code_insert (job->db, bytes, 0, job->now + 3600, error);
}

/* Stored message keys, archived sessions, codes, hashes of mail: each for its time. */
static void
test_traces (void)
{
  static const struct {
    int64_t keep;
    const char *count;
  } traces[] = {
    { 3600 + TESS_CODE_REMEMBER, "SELECT count (*) FROM shown_codes" },
    { TESS_RATCHET_STORED_KEY_KEEP, "SELECT count (*) FROM skipped_keys" },
    { TESS_SEEN_ENVELOPE_KEEP, "SELECT count (*) FROM seen_envelopes WHERE hex (hash) LIKE '0700000000000000%'" },
  };
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  party_befriend (alice, bob);
  party_run (alice, leave_traces, alice);
  for (gsize i = 0; i < G_N_ELEMENTS (traces); i++)
    {
      after (alice, traces[i].keep - 60);
      g_assert_cmpint (party_count (alice, traces[i].count), ==, 1);
      after (alice, traces[i].keep + 60);
      g_assert_cmpint (party_count (alice, traces[i].count), ==, 0);
    }
  tess_clock_set_offset (0);
}

/* An archived session goes fourteen days after its last message; the active one stays however old it is. */
static void
test_sessions (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");

  party_befriend (alice, bob);
  after (alice, 10 * TESS_SESSION_ARCHIVED_KEEP);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions"), ==, 1);
  tess_clock_set_offset (0);
  party_execute (alice, "UPDATE sessions SET active = 0");
  after (alice, TESS_SESSION_ARCHIVED_KEEP - 60);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions"), ==, 1);
  after (alice, TESS_SESSION_ARCHIVED_KEEP + 60);
  g_assert_cmpint (party_count (alice, "SELECT count (*) FROM sessions"), ==, 0);
  tess_clock_set_offset (0);
}

/* The envelope key in use is kept live: its seed is not read again for each mail. It goes with its record at once, and with each
 * round of erasing. */
static void
test_live_keys (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  g_autoptr (Party) bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;

  party_befriend (alice, bob);
  for (int i = 0; i < 4; i++)
    party_say (alice, party_chat (alice, bob), "text");
  mail = party_collect (alice);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
  party_execute (bob, "UPDATE own_prekeys SET envelope_seed = zeroblob (32)");
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 1), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
  party_run (bob, tess_upkeep_job, NULL);
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 2), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
  party_execute (bob, "DELETE FROM own_prekeys");
  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 3), TESS_MAIL_CONTACT), ==, TESS_RECEIVED_REFUSED);
}

static bool
find_all (TessJob *job, gpointer data, GError **error)
{
  const int64_t *ids = data;

  for (int round = 0; round < 2; round++)
    for (unsigned i = 0; i < 2 * TESS_ENVELOPE_KEYS_KEPT; i++)
      {
        const TessXwingKey *key;
        g_autoptr (TessPrekeyRow) row = NULL;
        TessPrekeyRecord record;

        if (!tess_envelope_keys_find (job->us->envelope_keys, job->db, (uint32_t) ids[i], &key, error)
            || !tess_db_prekey_find_envelope (job->db, (uint32_t) ids[i], &row, error))
          return false;
        g_assert_true (tess_prekey_record_parse (g_bytes_get_data (row->record, NULL), g_bytes_get_size (row->record),
                                                 job->us->us.device.bytes, row->created, &record, NULL));
        g_assert_cmpmem (tess_xwing_key_public (key)->bytes, TESS_XWING_PUBLIC_SIZE, record.envelope_key, TESS_XWING_PUBLIC_SIZE);
      }
  return true;
}

static bool
renew (TessJob *job, gpointer data, GError **error)
{
  return tess_keys_renew (job, error);
}

/* Under more records than are kept live, each mail finds its own key. */
static void
test_many_live_keys (void)
{
  g_autoptr (Party) alice = party_new ("Alice");
  int64_t ids[2 * TESS_ENVELOPE_KEYS_KEPT];
  g_autoptr (TessQuery) query = NULL;

  for (unsigned i = 1; i < G_N_ELEMENTS (ids); i++)
    party_run (alice, renew, NULL);
  query = tess_db_query (alice->db, "SELECT envelope_key_id FROM own_prekeys ORDER BY created");
  for (unsigned i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_assert_true (tess_query_next (query));
      ids[i] = tess_query_int (query);
    }
  g_clear_pointer (&query, tess_query_free);
  party_run (alice, find_all, ids);
}

int
main (int argc, char **argv)
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/upkeep/prekeys", test_prekeys);
  g_test_add_func ("/core/upkeep/one-time", test_one_time);
  g_test_add_func ("/core/upkeep/traces", test_traces);
  g_test_add_func ("/core/upkeep/sessions", test_sessions);
  g_test_add_func ("/core/upkeep/live-keys", test_live_keys);
  g_test_add_func ("/core/upkeep/many-live-keys", test_many_live_keys);
  return g_test_run ();
}
