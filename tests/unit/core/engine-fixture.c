/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine-fixture.h"

#include "core-fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

char *
engine_profile (EngineFixture *fixture, const char *name)
{
  return g_build_filename (fixture->folder, name, NULL);
}

TessEngine *
engine_open (EngineFixture *fixture, const char *name)
{
  g_autofree char *dir = engine_profile (fixture, name);

  return test_object (tess_engine_open (dir, "a passphrase"));
}

/* The relay ends with the test, however that ends. */
static void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

void
engine_start_relay (EngineFixture *fixture, const char *listen)
{
  g_autofree char *data = engine_profile (fixture, "relay");
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

void
engine_stop_relay (EngineFixture *fixture)
{
  g_subprocess_send_signal (fixture->relay, 15);
  g_subprocess_wait (fixture->relay, NULL, NULL);
  g_clear_object (&fixture->relay);
}

void
engine_set_up (EngineFixture *fixture, gconstpointer data)
{
  fixture->folder = test_folder_new ();
  engine_start_relay (fixture, "127.0.0.1:0");
  fixture->alice = engine_open (fixture, "alice");
  fixture->bob = engine_open (fixture, "bob");
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
void
engine_close (TessEngine **engine)
{
  gpointer weak = *engine;

  test_done (tess_engine_close (*engine));
  g_object_add_weak_pointer (G_OBJECT (*engine), &weak);
  g_clear_object (engine);
  test_until (is_gone, &weak);
}

void
engine_tear_down (EngineFixture *fixture, gconstpointer data)
{
  engine_close (&fixture->alice);
  engine_close (&fixture->bob);
  if (fixture->relay != NULL)
    engine_stop_relay (fixture);
  test_folder_remove (fixture->folder);
  g_free (fixture->origin);
}

TessConversation *
engine_add (TessEngine *who, TessEngine *whom)
{
  g_autofree char *address = tess_engine_dup_address (whom);
  TessConversation *conversation = test_object (tess_engine_add_contact (who, address));

  g_object_unref (conversation); /* the engine's list holds it */
  return conversation;
}

bool
engine_is_delivered (gpointer message)
{
  return tess_message_get_delivery (message) == TESS_DELIVERY_DELIVERED;
}

/* Both have added each other, and hold each other's contact capability: no quota of requests counts. */
TessConversation *
engine_befriend (EngineFixture *fixture)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob), *to_alice = engine_add (fixture->bob, fixture->alice);
  g_autoptr (TessMessage) message = test_object (tess_engine_send_text (fixture->bob, to_alice, "hello"));

  test_until (engine_is_delivered, message);
  return to_bob;
}
