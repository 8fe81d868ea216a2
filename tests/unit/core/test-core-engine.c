/* Two whole engines and a real relay: registering, adding, writing, receipts, verifying, coming back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "core-fixture.h"
#include "core/tess-engine.h"

#include <gio/gio.h>
#include <locale.h>
#include <string.h>

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

static void
start_relay (Fixture *fixture, const char *listen)
{
  g_autofree char *data = profile (fixture, "relay");
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;
  const char *origin;

  fixture->relay = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, g_getenv ("TESS_RELAY"), "--listen", listen,
                                     "--data", data, NULL);
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

static void
close_engine (TessEngine **engine)
{
  test_done (tess_engine_close (*engine));
  g_assert_finalize_object (g_steal_pointer (engine));
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
  test_done (tess_engine_mark_read (fixture->alice, to_bob));
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

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add ("/core/engine/conversation", Fixture, NULL, setup, test_conversation, teardown);
  g_test_add ("/core/engine/verify", Fixture, NULL, setup, test_verify, teardown);
  g_test_add ("/core/engine/offline", Fixture, NULL, setup, test_offline, teardown);
  return g_test_run ();
}
