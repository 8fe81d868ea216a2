/* Two whole engines and a real relay: registering, adding, writing, receipts, verifying, coming back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-process.h"
#include "core-fixture.h"
#include "engine-fixture.h"
#include "core/tess-intents.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>
static bool
has_one_chat (gpointer engine)
{
  return g_list_model_get_n_items (tess_engine_get_conversations (engine)) == 1;
}

static TessConversation *
only_chat (TessEngine *engine)
{
  TessConversation *conversation;

  test_until (has_one_chat, engine);
  conversation = g_list_model_get_item (tess_engine_get_conversations (engine), 0);
  g_object_unref (conversation);
  return conversation;
}

static bool
is_relayed (gpointer message)
{
  return tess_message_get_delivery (message) == TESS_DELIVERY_RELAYED;
}

static bool
is_read (gpointer message)
{
  return tess_message_get_delivery (message) == TESS_DELIVERY_READ;
}

static bool
has_unread (gpointer conversation)
{
  return tess_conversation_get_unread (conversation) > 0;
}

static void
mark_all_read (TessEngine *engine, TessConversation *conversation)
{
  g_autoptr (TessHistory) history = test_object (tess_engine_open_history (engine, conversation));
  guint count = g_list_model_get_n_items (G_LIST_MODEL (history));
  g_autoptr (TessMessage) newest = g_list_model_get_item (G_LIST_MODEL (history), count - 1);

  test_done (tess_engine_mark_read (engine, conversation, newest));
}

static void
test_conversation (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob), *to_alice;
  g_autoptr (TessMessage) hello = test_object (tess_engine_send_text (fixture->alice, to_bob, "Hello Bob"));
  g_autoptr (TessMessage) answer = NULL;

  g_assert_cmpint (tess_message_get_delivery (hello), ==, TESS_DELIVERY_WAITING);
  test_done (tess_engine_flush (fixture->alice));
  g_assert_cmpint (tess_message_get_delivery (hello), >=, TESS_DELIVERY_RELAYED);
  to_alice = only_chat (fixture->bob);
  test_until (has_unread, to_alice);
  g_assert_cmpstr (tess_conversation_get_preview (to_alice), ==, "Hello Bob");
  g_assert_cmpstr (tess_contact_get_name (tess_conversation_get_contact (to_alice)), ==, "Alice");
  g_assert_false (tess_contact_get_accepted (tess_conversation_get_contact (to_alice)));
  answer = test_object (tess_engine_send_text (fixture->bob, to_alice, "Hello Alice"));
  g_assert_true (tess_contact_get_accepted (tess_conversation_get_contact (to_alice)));
  test_until (engine_is_delivered, answer);
  test_until (has_unread, to_bob);
  g_assert_cmpstr (tess_contact_get_name (tess_conversation_get_contact (to_bob)), ==, "Bob");
  mark_all_read (fixture->alice, to_bob);
  test_until (is_read, answer);
}

static bool
is_verified (gpointer conversation)
{
  return tess_contact_get_trust (tess_conversation_get_contact (conversation)) == TESS_TRUST_VERIFIED;
}

static void
test_verify (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob), *to_alice = engine_add (fixture->bob, fixture->alice);
  g_autofree char *code = test_string (tess_engine_show_code (fixture->bob, to_alice));
  g_autofree char *own = test_string (tess_engine_show_code (fixture->alice, NULL));
  g_autofree char *ours = test_string (tess_engine_safety_number (fixture->alice, to_bob));
  g_autofree char *theirs = test_string (tess_engine_safety_number (fixture->bob, to_alice));

  g_assert_cmpuint (strlen (ours), ==, 60);
  g_assert_cmpstr (ours, ==, theirs);
  g_assert_cmpint (test_int (tess_engine_verify_code (fixture->alice, to_bob, own)), ==, TESS_VERIFY_OWN_CODE);
  g_assert_cmpint (test_int (tess_engine_verify_code (fixture->alice, to_bob, code)), ==, TESS_VERIFY_MATCH);
  g_assert_true (is_verified (to_bob));
  test_until (is_verified, to_alice);
}

static void
test_offline (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob);
  g_autoptr (TessMessage) first = test_object (tess_engine_send_text (fixture->alice, to_bob, "first"));
  g_autoptr (TessMessage) second = NULL;
  g_autofree char *listen = NULL;

  test_done (tess_engine_flush (fixture->alice));
  engine_close (&fixture->bob);
  engine_stop_relay (fixture);
  second = test_object (tess_engine_send_text (fixture->alice, to_bob, "second"));
  test_rejects (tess_engine_flush (fixture->alice), TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE);
  g_assert_cmpint (tess_message_get_delivery (second), ==, TESS_DELIVERY_WAITING);
  listen = g_strdup (fixture->origin + strlen ("http://"));
  engine_start_relay (fixture, listen);
  fixture->bob = engine_open (fixture, "bob");
  g_assert_cmpstr (tess_engine_get_name (fixture->bob), ==, "Bob");
  tess_engine_start (fixture->bob);
  tess_engine_nudge (fixture->alice);
  test_done (tess_engine_drain (fixture->bob));
  only_chat (fixture->bob);
}

/* Opening, with everything that can be wrong. */

static void
test_unlock (EngineFixture *fixture, gconstpointer data)
{
  g_autofree char *alice = engine_profile (fixture, "alice");
  g_autofree char *other = engine_profile (fixture, "no-keyring");
  g_autofree char *below_file = engine_profile (fixture, "file/profile");
  g_autofree char *file = engine_profile (fixture, "file");
  g_autofree char *keys = g_build_filename (alice, "keys", NULL);
  g_autofree char *nowhere = engine_profile (fixture, "nowhere");

  test_rejects (tess_engine_open_quietly (nowhere), TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
  g_assert_false (g_file_test (nowhere, G_FILE_TEST_EXISTS));
  test_rejects (tess_engine_open (alice, "a passphrase"), TESS_CORE_ERROR, TESS_CORE_ERROR_IN_USE);
  engine_close (&fixture->alice);
  test_rejects (tess_engine_open (alice, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_NEEDED);
  test_rejects (tess_engine_open_quietly (alice), TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_NEEDED);
  test_rejects (tess_engine_open (alice, "another"), TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  fixture->alice = engine_open (fixture, "alice");
  g_assert_true (tess_engine_get_registered (fixture->alice));
  g_assert_cmpstr (tess_engine_get_name (fixture->alice), ==, "Alice");
  test_rejects (tess_engine_register (fixture->alice, "Alice", fixture->origin, NULL), TESS_CORE_ERROR,
                TESS_CORE_ERROR_REGISTERED);
  engine_close (&fixture->alice);
  test_rejects (tess_engine_open (other, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_NO_KEYRING);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  test_rejects (tess_engine_open (below_file, "a passphrase"), TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_WRITABLE);
  g_assert_true (g_file_set_contents (keys, "x", 1, NULL));
  test_rejects (tess_engine_open (alice, "a passphrase"), TESS_CORE_ERROR, TESS_CORE_ERROR_DAMAGED);
  fixture->alice = engine_open (fixture, "carol");
}

static void
test_register (EngineFixture *fixture, gconstpointer data)
{
  g_autoptr (TessEngine) carol = engine_open (fixture, "carol");
  g_autofree char *address = NULL;
  g_autofree char *listen = g_strdup (fixture->origin + strlen ("http://"));

  g_assert_false (tess_engine_get_registered (carol));
  g_assert_null (tess_engine_dup_address (carol));
  test_rejects (tess_engine_add_contact (carol, "nonsense"), TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_ADDRESS);
  test_rejects (tess_engine_show_code (carol, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_REGISTERED);
  test_rejects (tess_engine_register (carol, "", fixture->origin, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_NAME);
  test_rejects (tess_engine_register (carol, "a\nb", fixture->origin, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_NAME);
  test_rejects (tess_engine_register (carol, "Carol", "not a relay", NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_RELAY);
  test_rejects (tess_engine_check_relay (carol, "http://elsewhere.example.org"), TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_RELAY);
  engine_stop_relay (fixture);
  test_rejects (tess_engine_check_relay (carol, fixture->origin), TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE);
  test_rejects (tess_engine_register (carol, "Carol", fixture->origin, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE);
  g_assert_false (tess_engine_get_registered (carol));
  engine_start_relay (fixture, listen);
  test_done (tess_engine_check_relay (carol, fixture->origin));
  test_done (tess_engine_register (carol, "Carol", fixture->origin, NULL));
  g_assert_true (tess_engine_get_registered (carol));
  address = tess_engine_dup_address (carol);
  test_rejects (tess_engine_add_contact (carol, address), TESS_CORE_ERROR, TESS_CORE_ERROR_OWN_ADDRESS);
  test_done (tess_engine_close (carol));
}

/* What arrives is told once, also when the profile is opened again. */

static void
count_arrival (TessEngine *engine, TessConversation *conversation, TessMessage *message, gpointer data)
{
  (*(guint *) data)++;
}

static bool
has_two (gpointer count)
{
  return *(guint *) count == 2;
}

static void
test_arrival (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob);
  guint arrived = 0;

  g_signal_connect (fixture->bob, "message-arrived", G_CALLBACK (count_arrival), &arrived);
  test_done (tess_engine_send_text (fixture->alice, to_bob, "one"));
  test_done (tess_engine_send_text (fixture->alice, to_bob, "two"));
  test_until (has_two, &arrived);
  engine_close (&fixture->bob);
  fixture->bob = engine_open (fixture, "bob");
  g_signal_connect (fixture->bob, "message-arrived", G_CALLBACK (count_arrival), &arrived);
  tess_engine_start (fixture->bob);
  test_done (tess_engine_drain (fixture->bob));
  g_assert_cmpuint (arrived, ==, 2);
  g_assert_cmpuint (tess_conversation_get_unread (only_chat (fixture->bob)), ==, 2);
}

/* The disk was rolled back: new sessions, and nothing is lost. */

static void
copy_profile (EngineFixture *fixture, const char *from, const char *to)
{
  g_autofree char *source = engine_profile (fixture, from);
  g_autofree char *target = engine_profile (fixture, to);
  const char *argv[] = { "cp", "-a", "-T", source, target, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
remove_profile (EngineFixture *fixture, const char *name)
{
  test_folder_remove (engine_profile (fixture, name));
}

static void
test_rollback (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob), *to_alice = engine_add (fixture->bob, fixture->alice);
  g_autoptr (TessMessage) message = NULL;

  message = test_object (tess_engine_send_text (fixture->alice, to_bob, "before"));
  test_until (engine_is_delivered, message);
  g_clear_object (&message);
  engine_close (&fixture->bob);
  copy_profile (fixture, "bob", "bob-old");
  fixture->bob = engine_open (fixture, "bob");
  tess_engine_start (fixture->bob);
  for (int i = 0; i < 3; i++)
    {
      g_clear_object (&message);
      message = test_object (tess_engine_send_text (fixture->alice, to_bob, "forgotten"));
      test_until (engine_is_delivered, message);
    }
  engine_close (&fixture->bob);
  remove_profile (fixture, "bob");
  copy_profile (fixture, "bob-old", "bob");
  fixture->bob = engine_open (fixture, "bob");
  tess_engine_start (fixture->bob);
  to_alice = only_chat (fixture->bob);
  g_clear_object (&message);
  message = test_object (tess_engine_send_text (fixture->bob, to_alice, "after, from Bob"));
  test_until (engine_is_delivered, message);
  g_clear_object (&message);
  message = test_object (tess_engine_send_text (fixture->alice, to_bob, "after, from Alice"));
  test_until (engine_is_delivered, message);
}

/* The database is lost, the keys are not: the same person on the same device, whom neither the relay nor a contact takes for
 * another, and who finds the contact again. */
static void
test_lost_database (EngineFixture *fixture, gconstpointer data)
{
  static const char *const files[] = { "database", "database-wal", "database-shm" };
  TessConversation *to_bob, *to_alice;
  g_autoptr (TessMessage) after = NULL;
  g_autoptr (TessMessage) answer = NULL;
  g_autofree char *dir = engine_profile (fixture, "alice");

  engine_befriend (fixture);
  engine_close (&fixture->alice);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (dir, files[i], NULL);

      g_assert_true (g_remove (path) == 0 || i > 0);
    }
  tess_clock_set_offset (100);
  fixture->alice = engine_open (fixture, "alice");
  g_assert_false (tess_engine_get_registered (fixture->alice));
  test_done (tess_engine_register (fixture->alice, "Alice", fixture->origin, NULL));
  tess_engine_start (fixture->alice);
  to_bob = engine_add (fixture->alice, fixture->bob);
  after = test_object (tess_engine_send_text (fixture->alice, to_bob, "after"));
  test_until (engine_is_delivered, after);
  to_alice = only_chat (fixture->bob);
  g_assert_cmpint (tess_contact_get_trust (tess_conversation_get_contact (to_alice)), ==, TESS_TRUST_UNVERIFIED);
  answer = test_object (tess_engine_send_text (fixture->bob, to_alice, "answer"));
  test_until (engine_is_delivered, answer);
  tess_clock_set_offset (0);
}

static bool
is_waiting (gpointer engine)
{
  return tess_engine_get_link_state (engine) == TESS_LINK_WAITING;
}

/* A relay that takes connections and says nothing. */
static gboolean
hang_up_later (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  g_ptr_array_add (data, g_object_ref (connection));
  return TRUE;
}

static bool
has_asked (gpointer connections)
{
  return ((GPtrArray *) connections)->len > 0;
}

/* Closing does not wait for a relay that does not answer, and leaves nothing of the question behind. */
static void
test_close_while_asking (EngineFixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketService) service = g_socket_service_new ();
  g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *bob = tess_engine_dup_address (fixture->bob);
  g_autofree char *address = NULL;
  g_autoptr (GError) error = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, &error);
  TessConversation *conversation;
  TessCore *core;
  gint64 start;

  g_assert_no_error (error);
  g_signal_connect (service, "incoming", G_CALLBACK (hang_up_later), connections);
  address = g_strdup_printf ("TESSERA:1/127.0.0.1:%u%s", port, strchr (strchr (bob, '/') + 1, '/'));
  conversation = test_object (tess_engine_add_contact (fixture->alice, address));
  test_done (tess_engine_send_text (fixture->alice, conversation, "waits"));
  g_object_unref (conversation);
  test_until (has_asked, connections);
  start = g_get_monotonic_time ();
  core = tess_core_ref (fixture->alice->core);
  engine_close (&fixture->alice);
  g_assert_cmpint (g_get_monotonic_time () - start, <, TESS_CLOSE_SECONDS * G_USEC_PER_SEC);
  g_assert_cmpuint (core->fibers, ==, 0);
  tess_core_unref (core);
  g_socket_service_stop (service);
  fixture->alice = engine_open (fixture, "alice");
}

/* Rows that @data, an SQL literal, counts in the database of an open engine. */
typedef struct {
  TessCore *core;
  const char *sql;
} Count;

static bool
count_job (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessQuery) query = tess_db_query (job->db, intent->object);

  intent->message = tess_query_next (query) ? tess_query_int (query) : -1;
  return tess_query_done (query, error);
}

static DexFuture *
run_count (gpointer data)
{
  Count *count = data;
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  intent->object = (gpointer) count->sql;
  g_assert_true (tess_core_run (count->core, count_job, intent, NULL));
  return dex_future_new_for_int ((int) intent->message);
}

static int
count_rows (TessEngine *engine, const char *sql)
{
  Count count = { engine->core, sql };

  return test_int (tess_core_call (run_count, &count, NULL));
}

static bool
has_rotated (gpointer engine)
{
  return count_rows (engine, "SELECT count (*) FROM own_prekeys") == 2;
}

static bool
has_only_new (gpointer engine)
{
  return count_rows (engine, "SELECT count (*) FROM own_prekeys") == 1;
}

static bool
has_published (gpointer engine)
{
  return count_rows (engine, "SELECT count (*) FROM own_prekeys WHERE published > 0") == 1;
}

/* Without any relay keys are made and erased when the clock says so, also when it jumps; what was made offline is published when
 * the relay comes back. */
static void
test_upkeep_offline (EngineFixture *fixture, gconstpointer data)
{
  g_autofree char *listen = g_strdup (fixture->origin + strlen ("http://"));

  engine_stop_relay (fixture);
  test_until (is_waiting, fixture->alice);
  g_assert_cmpint (count_rows (fixture->alice, "SELECT count (*) FROM own_prekeys"), ==, 1);
  tess_clock_set_offset (3 * 86400);
  tess_engine_nudge (fixture->alice);
  test_until (has_rotated, fixture->alice);
  tess_clock_set_offset (100 * 86400);
  tess_engine_nudge (fixture->alice);
  test_until (has_only_new, fixture->alice);
  g_assert_cmpint (count_rows (fixture->alice, "SELECT count (*) FROM own_prekeys WHERE published = 0"), ==, 1);
  /* The clock was wrong, and goes back: no relay takes what was made ahead of time, so there is a new record again. */
  engine_start_relay (fixture, listen);
  tess_clock_set_offset (0);
  tess_engine_nudge (fixture->alice);
  test_until (has_published, fixture->alice);
  g_assert_true (has_rotated (fixture->alice));
}

/* How often Alice's link came up anew, and whether it waited before, as after a loss. */
typedef struct {
  guint ups, wanted;
  bool waited;
} Ups;

static void
count_ups (TessEngine *engine, GParamSpec *pspec, gpointer data)
{
  Ups *ups = data;

  ups->ups += tess_engine_get_link_state (engine) == TESS_LINK_ONLINE;
  ups->waited |= tess_engine_get_link_state (engine) == TESS_LINK_WAITING;
}

static bool
is_up_again (gpointer data)
{
  const Ups *ups = data;

  return ups->ups == ups->wanted;
}

/* A network that changes without meaning us is left alone; one that was away, and waking up, connect anew at once. */
static void
test_renew (EngineFixture *fixture, gconstpointer data)
{
  GNetworkMonitor *monitor = g_network_monitor_get_default ();
  TessConversation *to_bob = engine_befriend (fixture);
  Ups ups = { 0 };

  g_signal_connect (fixture->alice, "notify::link-state", G_CALLBACK (count_ups), &ups);
  g_signal_emit_by_name (monitor, "network-changed", TRUE);
  g_object_unref (test_object (tess_engine_send_text (fixture->alice, to_bob, "over the same link")));
  test_done (tess_engine_flush (fixture->alice));
  test_done (tess_engine_drain (fixture->bob));
  g_assert_cmpuint (ups.ups, ==, 0);
  for (ups.wanted = 1; ups.wanted <= 2; ups.wanted++)
    {
      if (ups.wanted == 1)
        {
          g_signal_emit_by_name (monitor, "network-changed", FALSE);
          g_signal_emit_by_name (monitor, "network-changed", TRUE);
        }
      else
        tess_engine_renew (fixture->alice);
      test_until (is_up_again, &ups);
      g_assert_false (ups.waited);
      g_object_unref (test_object (tess_engine_send_text (fixture->alice, to_bob, "over a new one")));
      test_done (tess_engine_flush (fixture->alice));
    }
  g_signal_handlers_disconnect_by_data (fixture->alice, &ups);
}

static bool
has_indexed (gpointer engine)
{
  return count_rows (engine, "SELECT count (*) FROM messages_fts WHERE messages_fts MATCH 'heron'") == 1;
}

/* What is looked at now and then brings messages into the search index, without a search that asks for them. */
static void
test_upkeep_indexes (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob);
  g_autoptr (TessMessage) message = test_object (tess_engine_send_text (fixture->alice, to_bob, "a heron"));

  tess_engine_nudge (fixture->alice);
  test_until (has_indexed, fixture->alice);
  g_assert_nonnull (message);
}

static bool
is_online (gpointer engine)
{
  return tess_engine_get_link_state (engine) == TESS_LINK_ONLINE;
}

/* A relay that lost everything takes the account again. */
static void
test_new_relay (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob);
  g_autofree char *listen = g_strdup (fixture->origin + strlen ("http://"));
  g_autoptr (TessMessage) message = test_object (tess_engine_send_text (fixture->alice, to_bob, "one"));

  test_done (tess_engine_flush (fixture->alice));
  engine_stop_relay (fixture);
  test_until (is_waiting, fixture->alice);
  test_until (is_waiting, fixture->bob);
  remove_profile (fixture, "relay");
  engine_start_relay (fixture, listen);
  tess_engine_nudge (fixture->bob);
  test_until (is_online, fixture->bob);
  g_clear_object (&message);
  tess_engine_nudge (fixture->alice);
  message = test_object (tess_engine_send_text (fixture->alice, to_bob, "two"));
  test_until (is_relayed, message);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* No Secret Service: what needs one has to say so. */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add ("/core/engine/conversation", EngineFixture, NULL, engine_set_up, test_conversation, engine_tear_down);
  g_test_add ("/core/engine/verify", EngineFixture, NULL, engine_set_up, test_verify, engine_tear_down);
  g_test_add ("/core/engine/offline", EngineFixture, NULL, engine_set_up, test_offline, engine_tear_down);
  g_test_add ("/core/engine/unlock", EngineFixture, NULL, engine_set_up, test_unlock, engine_tear_down);
  g_test_add ("/core/engine/register", EngineFixture, NULL, engine_set_up, test_register, engine_tear_down);
  g_test_add ("/core/engine/arrival", EngineFixture, NULL, engine_set_up, test_arrival, engine_tear_down);
  g_test_add ("/core/engine/rollback", EngineFixture, NULL, engine_set_up, test_rollback, engine_tear_down);
  g_test_add ("/core/engine/lost-database", EngineFixture, NULL, engine_set_up, test_lost_database, engine_tear_down);
  g_test_add ("/core/engine/renew", EngineFixture, NULL, engine_set_up, test_renew, engine_tear_down);
  g_test_add ("/core/engine/upkeep-indexes", EngineFixture, NULL, engine_set_up, test_upkeep_indexes, engine_tear_down);
  g_test_add ("/core/engine/upkeep-offline", EngineFixture, NULL, engine_set_up, test_upkeep_offline, engine_tear_down);
  g_test_add ("/core/engine/close-while-asking", EngineFixture, NULL, engine_set_up, test_close_while_asking, engine_tear_down);
  g_test_add ("/core/engine/new-relay", EngineFixture, NULL, engine_set_up, test_new_relay, engine_tear_down);
  return g_test_run ();
}
