/* Two whole engines and a real relay: registering, adding, writing, receipts, verifying, coming back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-process.h"
#include "core-fixture.h"
#include "core/tess-engine-private.h"
#include "core/tess-intents.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

typedef struct {
  char *folder;
  GSubprocess *relay;
  char *origin;
  TessEngine *alice, *bob;
} Fixture;

static char *
profile (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->folder, name, NULL);
}

static TessEngine *
open_engine (Fixture *fixture, const char *name)
{
  g_autofree char *dir = profile (fixture, name);

  return test_object (tess_engine_open (dir, "a passphrase"));
}

/* The relay ends with the test, however that ends. */
static void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start_relay (Fixture *fixture, const char *listen)
{
  g_autofree char *data = profile (fixture, "relay");
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;
  const char *origin;

  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  fixture->relay = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("TESS_RELAY"), "--listen", listen, "--data", data,
                                                NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (fixture->relay));
  while ((line = g_data_input_stream_read_line_utf8 (lines, NULL, NULL, &error)) != NULL)
    {
      origin = strstr (line, "http://");
      if (origin != NULL)
        break;
      g_clear_pointer (&line, g_free);
    }
  g_assert_nonnull (line);
  g_free (fixture->origin);
  fixture->origin = g_strdup (strstr (line, "http://"));
}

static void
stop_relay (Fixture *fixture)
{
  g_subprocess_send_signal (fixture->relay, 15);
  g_subprocess_wait (fixture->relay, NULL, NULL);
  g_clear_object (&fixture->relay);
}

static void
setup (Fixture *fixture, gconstpointer data)
{
  fixture->folder = test_folder_new ();
  start_relay (fixture, "127.0.0.1:0");
  fixture->alice = open_engine (fixture, "alice");
  fixture->bob = open_engine (fixture, "bob");
  test_done (tess_engine_register (fixture->alice, "Alice", fixture->origin, NULL));
  test_done (tess_engine_register (fixture->bob, "Bob", fixture->origin, NULL));
  tess_engine_start (fixture->alice);
  tess_engine_start (fixture->bob);
}

static bool
is_gone (gpointer weak)
{
  return *(gpointer *) weak == NULL;
}

/* Closes, and nothing holds the engine afterwards. */
static void
close_engine (TessEngine **engine)
{
  gpointer weak = *engine;

  test_done (tess_engine_close (*engine));
  g_object_add_weak_pointer (G_OBJECT (*engine), &weak);
  g_clear_object (engine);
  test_until (is_gone, &weak);
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  close_engine (&fixture->alice);
  close_engine (&fixture->bob);
  if (fixture->relay != NULL)
    stop_relay (fixture);
  test_folder_remove (fixture->folder);
  g_free (fixture->origin);
}

static TessConversation *
add (TessEngine *who, TessEngine *whom)
{
  g_autofree char *address = tess_engine_dup_address (whom);
  TessConversation *conversation = test_object (tess_engine_add_contact (who, address));

  g_object_unref (conversation); /* the engine's list holds it */
  return conversation;
}

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
is_delivered (gpointer message)
{
  return tess_message_get_delivery (message) == TESS_DELIVERY_DELIVERED;
}

static bool
is_relayed (gpointer message)
{
  return tess_message_get_delivery (message) == TESS_DELIVERY_RELAYED;
}

static bool
is_delivered_or_relayed (gpointer message)
{
  return is_delivered (message) || is_relayed (message);
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
test_conversation (Fixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = add (fixture->alice, fixture->bob), *to_alice;
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
  test_until (is_delivered, answer);
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
test_verify (Fixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = add (fixture->alice, fixture->bob), *to_alice = add (fixture->bob, fixture->alice);
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
test_offline (Fixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = add (fixture->alice, fixture->bob);
  g_autoptr (TessMessage) first = test_object (tess_engine_send_text (fixture->alice, to_bob, "first"));
  g_autoptr (TessMessage) second = NULL;
  g_autofree char *listen = NULL;

  test_done (tess_engine_flush (fixture->alice));
  close_engine (&fixture->bob);
  stop_relay (fixture);
  second = test_object (tess_engine_send_text (fixture->alice, to_bob, "second"));
  test_rejects (tess_engine_flush (fixture->alice), TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE);
  g_assert_cmpint (tess_message_get_delivery (second), ==, TESS_DELIVERY_WAITING);
  listen = g_strdup (fixture->origin + strlen ("http://"));
  start_relay (fixture, listen);
  fixture->bob = open_engine (fixture, "bob");
  g_assert_cmpstr (tess_engine_get_name (fixture->bob), ==, "Bob");
  tess_engine_start (fixture->bob);
  tess_engine_nudge (fixture->alice);
  test_done (tess_engine_drain (fixture->bob));
  only_chat (fixture->bob);
}

/* Both have added each other, and hold each other's contact capability: no quota of requests counts. */
static TessConversation *
befriend (Fixture *fixture)
{
  TessConversation *to_bob = add (fixture->alice, fixture->bob), *to_alice = add (fixture->bob, fixture->alice);
  g_autoptr (TessMessage) message = test_object (tess_engine_send_text (fixture->bob, to_alice, "hello"));

  test_until (is_delivered, message);
  return to_bob;
}

/* The history as a list. */

typedef struct {
  guint emissions;
  guint position, removed, added;
} Changes;

static void
note_changes (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  Changes *changes = data;

  changes->emissions++;
  changes->position = position;
  changes->removed = removed;
  changes->added = added;
}

static void
assert_in_order (GListModel *model, guint count)
{
  gint64 last = 0;

  g_assert_cmpuint (g_list_model_get_n_items (model), ==, count);
  for (guint i = 0; i < count; i++)
    {
      g_autoptr (TessMessage) message = g_list_model_get_item (model, i);

      g_assert_cmpint (tess_message_get_row (message), >, last);
      last = tess_message_get_row (message);
    }
}

static void
test_history (Fixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = befriend (fixture);
  g_autoptr (TessHistory) history = NULL;
  g_autoptr (TessMessage) last = NULL;
  g_autoptr (TessMessage) shown = NULL;
  Changes changes = { 0 };

  for (int i = 0; i < 250; i++)
    dex_future_disown (tess_engine_send_text (fixture->alice, to_bob, "text"));
  history = test_object (tess_engine_open_history (fixture->alice, to_bob));
  g_signal_connect (history, "items-changed", G_CALLBACK (note_changes), &changes);
  assert_in_order (G_LIST_MODEL (history), TESS_HISTORY_PAGE);
  g_assert_true (tess_history_get_has_older (history));
  test_done (tess_history_load_older (history));
  g_assert_cmpuint (changes.emissions, ==, 1);
  g_assert_cmpuint (changes.position, ==, 0);
  g_assert_cmpuint (changes.added, ==, TESS_HISTORY_PAGE);
  test_done (tess_history_load_older (history));
  g_assert_cmpuint (changes.emissions, ==, 2);
  g_assert_cmpuint (changes.added, ==, 51);
  g_assert_false (tess_history_get_has_older (history));
  assert_in_order (G_LIST_MODEL (history), 251);
  last = test_object (tess_engine_send_text (fixture->alice, to_bob, "last"));
  g_assert_cmpuint (changes.emissions, ==, 3);
  g_assert_cmpuint (changes.position, ==, 251);
  g_assert_cmpuint (changes.removed, ==, 0);
  g_assert_cmpuint (changes.added, ==, 1);
  shown = g_list_model_get_item (G_LIST_MODEL (history), 251);
  g_assert_true (shown == last);
  test_until (is_delivered_or_relayed, last);
  test_done (tess_engine_flush (fixture->alice));
  g_assert_cmpuint (changes.emissions, ==, 3);
  assert_in_order (G_LIST_MODEL (history), 252);
}

/* Opening, with everything that can be wrong. */

static void
test_unlock (Fixture *fixture, gconstpointer data)
{
  g_autofree char *alice = profile (fixture, "alice");
  g_autofree char *other = profile (fixture, "no-keyring");
  g_autofree char *below_file = profile (fixture, "file/profile");
  g_autofree char *file = profile (fixture, "file");
  g_autofree char *keys = g_build_filename (alice, "keys", NULL);

  test_rejects (tess_engine_open (alice, "a passphrase"), TESS_CORE_ERROR, TESS_CORE_ERROR_IN_USE);
  close_engine (&fixture->alice);
  test_rejects (tess_engine_open (alice, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_NEEDED);
  test_rejects (tess_engine_open (alice, "another"), TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  fixture->alice = open_engine (fixture, "alice");
  g_assert_true (tess_engine_get_registered (fixture->alice));
  g_assert_cmpstr (tess_engine_get_name (fixture->alice), ==, "Alice");
  test_rejects (tess_engine_register (fixture->alice, "Alice", fixture->origin, NULL), TESS_CORE_ERROR,
                TESS_CORE_ERROR_REGISTERED);
  close_engine (&fixture->alice);
  test_rejects (tess_engine_open (other, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_NO_KEYRING);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  test_rejects (tess_engine_open (below_file, "a passphrase"), TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_WRITABLE);
  g_assert_true (g_file_set_contents (keys, "x", 1, NULL));
  test_rejects (tess_engine_open (alice, "a passphrase"), TESS_CORE_ERROR, TESS_CORE_ERROR_DAMAGED);
  fixture->alice = open_engine (fixture, "carol");
}

static void
test_register (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TessEngine) carol = open_engine (fixture, "carol");
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
  stop_relay (fixture);
  test_rejects (tess_engine_check_relay (carol, fixture->origin), TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE);
  test_rejects (tess_engine_register (carol, "Carol", fixture->origin, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE);
  g_assert_false (tess_engine_get_registered (carol));
  start_relay (fixture, listen);
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
test_arrival (Fixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = add (fixture->alice, fixture->bob);
  guint arrived = 0;

  g_signal_connect (fixture->bob, "message-arrived", G_CALLBACK (count_arrival), &arrived);
  test_done (tess_engine_send_text (fixture->alice, to_bob, "one"));
  test_done (tess_engine_send_text (fixture->alice, to_bob, "two"));
  test_until (has_two, &arrived);
  close_engine (&fixture->bob);
  fixture->bob = open_engine (fixture, "bob");
  g_signal_connect (fixture->bob, "message-arrived", G_CALLBACK (count_arrival), &arrived);
  tess_engine_start (fixture->bob);
  test_done (tess_engine_drain (fixture->bob));
  g_assert_cmpuint (arrived, ==, 2);
  g_assert_cmpuint (tess_conversation_get_unread (only_chat (fixture->bob)), ==, 2);
}

/* The disk was rolled back: new sessions, and nothing is lost. */

static void
copy_profile (Fixture *fixture, const char *from, const char *to)
{
  g_autofree char *source = profile (fixture, from);
  g_autofree char *target = profile (fixture, to);
  const char *argv[] = { "cp", "-a", "-T", source, target, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
remove_profile (Fixture *fixture, const char *name)
{
  test_folder_remove (profile (fixture, name));
}

static void
test_rollback (Fixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = add (fixture->alice, fixture->bob), *to_alice = add (fixture->bob, fixture->alice);
  g_autoptr (TessMessage) message = NULL;

  message = test_object (tess_engine_send_text (fixture->alice, to_bob, "before"));
  test_until (is_delivered, message);
  g_clear_object (&message);
  close_engine (&fixture->bob);
  copy_profile (fixture, "bob", "bob-old");
  fixture->bob = open_engine (fixture, "bob");
  tess_engine_start (fixture->bob);
  for (int i = 0; i < 3; i++)
    {
      g_clear_object (&message);
      message = test_object (tess_engine_send_text (fixture->alice, to_bob, "forgotten"));
      test_until (is_delivered, message);
    }
  close_engine (&fixture->bob);
  remove_profile (fixture, "bob");
  copy_profile (fixture, "bob-old", "bob");
  fixture->bob = open_engine (fixture, "bob");
  tess_engine_start (fixture->bob);
  to_alice = only_chat (fixture->bob);
  g_clear_object (&message);
  message = test_object (tess_engine_send_text (fixture->bob, to_alice, "after, from Bob"));
  test_until (is_delivered, message);
  g_clear_object (&message);
  message = test_object (tess_engine_send_text (fixture->alice, to_bob, "after, from Alice"));
  test_until (is_delivered, message);
}

/* The database is lost, the keys are not: the same person on the same device, whom neither the relay nor a contact takes for
 * another, and who finds the contact again. */
static void
test_lost_database (Fixture *fixture, gconstpointer data)
{
  static const char *const files[] = { "database", "database-wal", "database-shm" };
  TessConversation *to_bob, *to_alice;
  g_autoptr (TessMessage) after = NULL;
  g_autoptr (TessMessage) answer = NULL;
  g_autofree char *dir = profile (fixture, "alice");

  befriend (fixture);
  close_engine (&fixture->alice);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (dir, files[i], NULL);

      g_assert_true (g_remove (path) == 0 || i > 0);
    }
  tess_clock_set_offset (100);
  fixture->alice = open_engine (fixture, "alice");
  g_assert_false (tess_engine_get_registered (fixture->alice));
  test_done (tess_engine_register (fixture->alice, "Alice", fixture->origin, NULL));
  tess_engine_start (fixture->alice);
  to_bob = add (fixture->alice, fixture->bob);
  after = test_object (tess_engine_send_text (fixture->alice, to_bob, "after"));
  test_until (is_delivered, after);
  to_alice = only_chat (fixture->bob);
  g_assert_cmpint (tess_contact_get_trust (tess_conversation_get_contact (to_alice)), ==, TESS_TRUST_UNVERIFIED);
  answer = test_object (tess_engine_send_text (fixture->bob, to_alice, "answer"));
  test_until (is_delivered, answer);
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
test_close_while_asking (Fixture *fixture, gconstpointer data)
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
  close_engine (&fixture->alice);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
  g_assert_cmpuint (core->fibers, ==, 0);
  tess_core_unref (core);
  g_socket_service_stop (service);
  fixture->alice = open_engine (fixture, "alice");
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
test_upkeep_offline (Fixture *fixture, gconstpointer data)
{
  g_autofree char *listen = g_strdup (fixture->origin + strlen ("http://"));

  stop_relay (fixture);
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
  start_relay (fixture, listen);
  tess_clock_set_offset (0);
  tess_engine_nudge (fixture->alice);
  test_until (has_published, fixture->alice);
  g_assert_true (has_rotated (fixture->alice));
}

static bool
is_online (gpointer engine)
{
  return tess_engine_get_link_state (engine) == TESS_LINK_ONLINE;
}

/* A relay that lost everything takes the account again. */
static void
test_new_relay (Fixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = add (fixture->alice, fixture->bob);
  g_autofree char *listen = g_strdup (fixture->origin + strlen ("http://"));
  g_autoptr (TessMessage) message = test_object (tess_engine_send_text (fixture->alice, to_bob, "one"));

  test_done (tess_engine_flush (fixture->alice));
  stop_relay (fixture);
  test_until (is_waiting, fixture->alice);
  test_until (is_waiting, fixture->bob);
  remove_profile (fixture, "relay");
  start_relay (fixture, listen);
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
  g_test_add ("/core/engine/conversation", Fixture, NULL, setup, test_conversation, teardown);
  g_test_add ("/core/engine/verify", Fixture, NULL, setup, test_verify, teardown);
  g_test_add ("/core/engine/offline", Fixture, NULL, setup, test_offline, teardown);
  g_test_add ("/core/engine/history", Fixture, NULL, setup, test_history, teardown);
  g_test_add ("/core/engine/unlock", Fixture, NULL, setup, test_unlock, teardown);
  g_test_add ("/core/engine/register", Fixture, NULL, setup, test_register, teardown);
  g_test_add ("/core/engine/arrival", Fixture, NULL, setup, test_arrival, teardown);
  g_test_add ("/core/engine/rollback", Fixture, NULL, setup, test_rollback, teardown);
  g_test_add ("/core/engine/lost-database", Fixture, NULL, setup, test_lost_database, teardown);
  g_test_add ("/core/engine/upkeep-offline", Fixture, NULL, setup, test_upkeep_offline, teardown);
  g_test_add ("/core/engine/close-while-asking", Fixture, NULL, setup, test_close_while_asking, teardown);
  g_test_add ("/core/engine/new-relay", Fixture, NULL, setup, test_new_relay, teardown);
  return g_test_run ();
}
