/* A receive job: one envelope of a chain that is under way, opened, decrypted and stored in a transaction of its own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "bench.h"
#include "core/tess-receive.h"
#include "party.h"
#include "primitives.h"

#include <sqlite3.h>
#include <stdlib.h>

#define BATCH 200
#define HISTORY 20000   /* messages that the chat holds already */
#define STATE_SIZE 4000 /* of a session after a while */
#define INNER_SIZE 2955 /* what an envelope of 4,096 bytes seals, without its tag */
#define CONTENT_SIZE 150
#define OFFER_AD (32 + 42 + 1184)

#define TEXT "A message of about the length that people write to each other, which is to say not a very long one."

/* A database with the same schema, past our own code, and the statements of one receive job. */
static sqlite3 *bare;
static sqlite3_stmt *statements[8];

static const char *const writes[G_N_ELEMENTS (statements)] = {
  "BEGIN IMMEDIATE",
  "INSERT INTO settings (name, value) VALUES ('mail.acked', ?1) ON CONFLICT DO UPDATE SET value = excluded.value",
  "INSERT INTO seen_envelopes (hash, seen) VALUES (randomblob (32), 1800000000)",
  "UPDATE sessions SET last_received = 1800000000, state = randomblob (" G_STRINGIFY (STATE_SIZE) ") WHERE id = 1 AND ?1 > 0",
  "INSERT INTO messages (conversation, sender, message_id, time_ms, stored_ms, kind, state, is_read, body) "
  "VALUES (1, 1, randomblob (16), 1800000000000 + ?1, 1800000000000, 0, 0, 0, '" TEXT "')",
  "UPDATE conversations SET last_message = ?1, last_activity_ms = 1800000000000 + ?1, unread = unread + 1 WHERE id = 1",
  "INSERT INTO receipts_pending (contact, message_id, is_read) VALUES (1, randomblob (16), ?1 < 0)",
  "COMMIT",
};

static void
open_bare (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tessera-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "database", NULL);
  TessDatabaseKey key = { { 7 } };
  g_autoptr (GString) raw = g_string_new ("x'");
  TessDb *db = tess_db_open (path, &key, NULL);

  g_assert_true (tess_db_execute (db,
                                  "INSERT INTO contacts VALUES (1, zeroblob (32), '', NULL, '', NULL, NULL, 0, 1, 0, NULL, 0, 0, "
                                  "0, 0); INSERT INTO conversations (id, contact, last_message, last_activity_ms, unread) "
                                  "VALUES (1, 1, 0, 0, 0);"
                                  "INSERT INTO sessions VALUES (1, 1, zeroblob (32), 1, 1, 1, 0, 0, 0, zeroblob (32), NULL, "
                                  "randomblob (4000), 0)", NULL));
  tess_db_close (db);
  for (int i = 0; i < 32; i++)
    g_string_append_printf (raw, "%02x", key.bytes[i]);
  g_string_append_c (raw, '\'');
  g_assert_cmpint (sqlite3_open (path, &bare), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_key (bare, raw->str, (int) raw->len), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (bare, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                                       "PRAGMA foreign_keys = ON", NULL, NULL, NULL), ==, SQLITE_OK);
  for (gsize i = 0; i < G_N_ELEMENTS (statements); i++)
    g_assert_cmpint (sqlite3_prepare_v2 (bare, writes[i], -1, &statements[i], NULL), ==, SQLITE_OK);
}

static void
bare_transaction (void)
{
  static int64_t turn;

  turn++;
  for (gsize i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      if (sqlite3_bind_parameter_count (statements[i]) > 0)
        g_assert_cmpint (sqlite3_bind_int64 (statements[i], 1, turn), ==, SQLITE_OK);
      g_assert_cmpint (sqlite3_step (statements[i]), ==, SQLITE_DONE);
      sqlite3_reset (statements[i]);
    }
}

static double
floor_us (void)
{
  double began = bench_cpu_us ();

  for (int i = 0; i < BATCH; i++)
    {
      primitive_dh ();
      primitive_kem_decapsulate ();
      primitive_combiner ();
      primitive_message_key ();
      primitive_open (INNER_SIZE, 37);
      primitive_chain ();
      primitive_message_key ();
      primitive_open (CONTENT_SIZE, OFFER_AD);
      bare_transaction ();
    }
  return (bench_cpu_us () - began) / BATCH;
}

/* Messages of Alice's in one chain, the ratchet turned before. */
static GPtrArray *
seal_chain (Party *alice, Party *bob)
{
  GPtrArray *mail;

  party_say (bob, party_chat (bob, alice), TEXT);
  party_settle (bob, alice);
  for (int i = 0; i <= BATCH; i++)
    party_say (alice, party_chat (alice, bob), TEXT);
  mail = party_collect (alice);
  g_assert_cmpuint (mail->len, ==, BATCH + 1);
  return mail;
}

/* A chat of years. */
static void
fill_history (Party *who)
{
  party_execute (who, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " G_STRINGIFY (HISTORY) ") "
                      "INSERT INTO messages (conversation, sender, message_id, time_ms, stored_ms, kind, state, is_read, body) "
                      "SELECT 1, i % 2, randomblob (16), i, i, 0, 4 * (1 - i % 2), 1, '" TEXT "' FROM n");
}

static Party *alice, *bob;

static void
run_receive (double *value_out, double *floor_out)
{
  g_autoptr (GPtrArray) mail = seal_chain (alice, bob);
  double began;

  g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, 0), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
  *floor_out = floor_us ();
  began = bench_cpu_us ();
  for (int i = 1; i <= BATCH; i++)
    g_assert_cmpint (party_receive (bob, g_ptr_array_index (mail, i), TESS_MAIL_CONTACT), ==, TESS_RECEIVED);
  *value_out = (bench_cpu_us () - began) / BATCH;
  party_settle (alice, bob);
}

int
main (void)
{
  tess_process_init ();
  primitives_init ();
  open_bare ();
  alice = party_new ("Alice");
  bob = party_new ("Bob");
  party_befriend (alice, bob);
  fill_history (alice);
  fill_history (bob);
  bench_case ("session", "receive-job", run_receive);
  for (gsize i = 0; i < G_N_ELEMENTS (statements); i++)
    sqlite3_finalize (statements[i]);
  sqlite3_close (bare);
  party_free (alice);
  party_free (bob);
  return 0;
}
