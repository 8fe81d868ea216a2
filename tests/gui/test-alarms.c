/* Why nothing is sent to a contact: each reason has its own words. SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit/core/core-fixture.h"
#include "unit/core/engine-fixture.h"

#include "base/tess-process.h"
#include "core/tess-intents.h"
#include "core/tess-people.h"
#include "store/tess-queries-contacts.h"
#include "ui/tess-main-view.h"

#include <adwaita.h>
#include <string.h>

typedef struct {
  TessEngine *engine;
  TessIntent *intent;
} Change;

typedef struct {
  GtkWidget *root;
  const char *words;
} Sought;

/* As the jobs write it: the intent's result is the TessContactTrust. */
static bool
write_trust (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessConversationRow) chat = NULL;
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_db_conversation_find (job->db, intent->conversation, &chat, error)
      || !tess_db_contact_find (job->db, chat->contact, &contact, error))
    return false;
  contact->trust = (TessContactTrust) intent->result;
  return tess_people_update (job, contact, error);
}

static DexFuture *
run_change (gpointer data)
{
  Change *change = data;
  GError *error = NULL;

  if (!tess_core_run (change->engine->core, write_trust, change->intent, &error))
    return dex_future_new_for_error (error);
  return dex_future_new_for_int (0);
}

static void
change_trust (TessEngine *engine, TessConversation *conversation, TessContactTrust trust)
{
  g_autoptr (TessIntent) intent = tess_intent_new (tess_conversation_get_id (conversation));
  Change change = { engine, intent };

  intent->result = (int) trust;
  test_int (tess_core_call (run_change, &change, NULL));
}

static bool
shows (GtkWidget *root, const char *words)
{
  if (GTK_IS_LABEL (root) && gtk_widget_get_mapped (root) && strcmp (gtk_label_get_text (GTK_LABEL (root)), words) == 0)
    return true;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (shows (child, words))
      return true;
  return false;
}

static bool
is_shown (gpointer data)
{
  Sought *sought = data;

  return shows (sought->root, sought->words);
}

static bool
is_gone (gpointer data)
{
  return !is_shown (data);
}

static void
test_words (EngineFixture *fixture, gconstpointer unused)
{
  static const char code[] = "The Code Did Not Match", devices[] = "Devices or Keys Have Changed";
  TessConversation *to_bob = engine_befriend (fixture);
  GtkWidget *window = adw_window_new (), *view = tess_main_view_new (fixture->alice, 0);

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 600);
  adw_window_set_content (ADW_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  tess_main_view_open (TESS_MAIN_VIEW (view), tess_conversation_get_id (to_bob));
  change_trust (fixture->alice, to_bob, TESS_CONTACT_CHANGED);
  test_until (is_shown, &(Sought){ view, devices });
  test_until (is_shown, &(Sought){ view, "Devices or keys have changed" });
  test_until (is_shown, &(Sought){ view, "Nothing is sent to this contact until this is resolved." });
  g_assert_false (shows (view, code));
  change_trust (fixture->alice, to_bob, TESS_CONTACT_MISMATCH);
  test_until (is_shown, &(Sought){ view, code });
  test_until (is_shown, &(Sought){ view, "Code did not match" });
  g_assert_false (shows (view, devices));
  change_trust (fixture->alice, to_bob, TESS_CONTACT_UNVERIFIED);
  test_until (is_gone, &(Sought){ view, code });
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tess_process_init ();
  dex_init ();
  adw_init ();
  g_test_add ("/ui/alarms/words", EngineFixture, NULL, engine_set_up, test_words, engine_tear_down);
  return g_test_run ();
}
