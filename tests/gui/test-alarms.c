/* Why nothing is sent to a contact, in its own words each, and what ends that. SPDX-License-Identifier: GPL-3.0-or-later */
#include "gui/inside.h"
#include "unit/core/core-fixture.h"
#include "unit/core/engine-fixture.h"

#include "core/tess-intents.h"
#include "core/tess-people.h"
#include "store/tess-queries-contacts.h"
#include "ui/tess-code-input.h"
#include "ui/tess-main-view.h"
#include "ui/tess-verify-dialog.h"

#include <adwaita.h>
#include <string.h>

typedef struct {
  TessEngine *engine;
  TessIntent *intent;
} Change;

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
is_gone (gpointer data)
{
  return !inside_is_shown (data);
}

/* The button whose label, without its mark, is @words. */
static GtkWidget *
find_button (GtkWidget *root, const char *words)
{
  if (GTK_IS_BUTTON (root) && inside_shows (root, words))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, words);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static bool
is_ready (gpointer widget)
{
  return gtk_widget_is_sensitive (widget);
}

static TessTrust
trust (TessConversation *conversation)
{
  return tess_contact_get_trust (tess_conversation_get_contact (conversation));
}

static bool
is_verified (gpointer conversation)
{
  return trust (conversation) == TESS_TRUST_VERIFIED;
}

static bool
is_unverified (gpointer conversation)
{
  return trust (conversation) == TESS_TRUST_UNVERIFIED;
}

static bool
is_asked (gpointer window)
{
  return adw_window_get_visible_dialog (window) != NULL;
}

static bool
is_not_asked (gpointer window)
{
  return !is_asked (window);
}

/* The window with the chat. */
static GtkWidget *
open_chat (TessEngine *engine, TessConversation *conversation)
{
  GtkWidget *window = adw_window_new (), *view = tess_main_view_new (engine, 0);

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 600);
  adw_window_set_content (ADW_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  tess_main_view_open (TESS_MAIN_VIEW (view), tess_conversation_get_id (conversation));
  return window;
}

static AdwDialog *
ask_to_continue (GtkWidget *window, const char *words)
{
  AdwDialog *dialog;

  gtk_widget_activate_action (inside_find (window, "TessChatView"), "chat.continue", NULL);
  test_until (is_asked, window);
  dialog = adw_window_get_visible_dialog (ADW_WINDOW (window));
  g_assert_nonnull (strstr (adw_alert_dialog_get_body (ADW_ALERT_DIALOG (dialog)), words));
  return dialog;
}

static void
answer (GtkWidget *window, AdwDialog *dialog, const char *response)
{
  g_signal_emit_by_name (dialog, "response", response);
  adw_dialog_force_close (dialog);
  test_until (is_not_asked, window);
}

static void
test_words (EngineFixture *fixture, gconstpointer unused)
{
  static const char code[] = "The Code Did Not Match", devices[] = "Devices or Keys Have Changed";
  TessConversation *to_bob = engine_befriend (fixture);
  GtkWidget *window = open_chat (fixture->alice, to_bob), *view = inside_find (window, "TessMainView");

  change_trust (fixture->alice, to_bob, TESS_CONTACT_CHANGED);
  test_until (inside_is_shown, &(InsideWords){ view, devices });
  test_until (inside_is_shown, &(InsideWords){ view, "Devices or keys have changed" });
  test_until (inside_is_shown, &(InsideWords){ view, "Nothing is sent to this contact until this is resolved." });
  g_assert_false (inside_shows (view, code));
  change_trust (fixture->alice, to_bob, TESS_CONTACT_MISMATCH);
  test_until (inside_is_shown, &(InsideWords){ view, code });
  test_until (inside_is_shown, &(InsideWords){ view, "Code did not match" });
  g_assert_false (inside_shows (view, devices));
  change_trust (fixture->alice, to_bob, TESS_CONTACT_UNVERIFIED);
  test_until (is_gone, &(InsideWords){ view, code });
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Going on unverified is a decision: a no leaves all as it is, and a yes that comes late undoes nothing. */
static void
test_continue (EngineFixture *fixture, gconstpointer unused)
{
  TessConversation *to_bob = engine_befriend (fixture);
  GtkWidget *window = open_chat (fixture->alice, to_bob);
  AdwDialog *dialog;

  change_trust (fixture->alice, to_bob, TESS_CONTACT_MISMATCH);
  answer (window, ask_to_continue (window, "The code that was scanned"), "cancel");
  g_assert_cmpint (trust (to_bob), ==, TESS_TRUST_ALARM);
  change_trust (fixture->alice, to_bob, TESS_CONTACT_CHANGED);
  dialog = ask_to_continue (window, "not the devices and keys that you knew");
  change_trust (fixture->alice, to_bob, TESS_CONTACT_VERIFIED);
  answer (window, dialog, "continue");
  change_trust (fixture->alice, to_bob, TESS_CONTACT_CHANGED); /* behind whatever the answer had done */
  g_assert_cmpint (trust (to_bob), ==, TESS_TRUST_CHANGED);
  answer (window, ask_to_continue (window, "not the devices and keys that you knew"), "continue");
  test_until (is_unverified, to_bob);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Compared by number: marked, and taken back. */
static void
test_mark (EngineFixture *fixture, gconstpointer unused)
{
  TessConversation *to_bob = engine_befriend (fixture);
  GtkWidget *window = open_chat (fixture->alice, to_bob), *number;
  AdwDialog *dialog = tess_verify_dialog_new (fixture->alice, to_bob, TRUE);

  adw_dialog_present (dialog, window);
  test_until (inside_is_shown, &(InsideWords){ GTK_WIDGET (dialog), "Mark as Verified" });
  number = inside_find (dialog, "TessNumberView");
  test_until (is_ready, find_button (number, "Mark as Verified"));
  g_signal_emit_by_name (find_button (number, "Mark as Verified"), "clicked");
  test_until (is_verified, to_bob);
  test_until (inside_is_shown, &(InsideWords){ GTK_WIDGET (dialog), "The Halves Fit" });
  adw_dialog_force_close (dialog);
  test_until (is_not_asked, window);
  dialog = tess_verify_dialog_new (fixture->alice, to_bob, TRUE);
  adw_dialog_present (dialog, window);
  test_until (inside_is_shown, &(InsideWords){ GTK_WIDGET (dialog), "Take Back Verification" });
  number = inside_find (dialog, "TessNumberView");
  test_until (is_ready, find_button (number, "Take Back Verification"));
  g_signal_emit_by_name (find_button (number, "Take Back Verification"), "clicked");
  test_until (is_unverified, to_bob);
  test_until (inside_is_shown, &(InsideWords){ GTK_WIDGET (dialog), "Mark as Verified" });
  gtk_window_destroy (GTK_WINDOW (window));
}

/* What is said of a code that did not match is said of that one, whatever stands in the entry by then. */
static void
test_compared (EngineFixture *fixture, gconstpointer unused)
{
  /* the public key of RFC 8032's first test */
  static const char code[] = "TESSERA:1/RELAY.EXAMPLE/25NJQAMCWEFLPVKL73J4SZAHHIHOC4XT3KTCGJNPAINGR5YHKENA/"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAA";
  TessConversation *to_bob = engine_befriend (fixture);
  const char *address = tess_contact_get_address (tess_conversation_get_contact (to_bob));
  GtkWidget *window = open_chat (fixture->alice, to_bob);
  AdwDialog *dialog = tess_verify_dialog_new (fixture->alice, to_bob, FALSE);
  TessCodeInput *input;
  const char *said;

  adw_dialog_present (dialog, window);
  input = inside_find (dialog, "TessCodeInput");
  tess_code_input_set_text (input, code);
  g_signal_emit_by_name (input, "activate");
  tess_code_input_set_text (input, address);
  test_until (inside_is_shown, &(InsideWords){ GTK_WIDGET (dialog), "The Code Did Not Match" });
  said = adw_status_page_get_description (inside_find (dialog, "AdwStatusPage"));
  g_assert_true (g_str_has_prefix (said, "This code belongs to another key than your chat with "));
  g_assert_cmpint (trust (to_bob), ==, TESS_TRUST_ALARM);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  inside_begin (&argc, &argv);
  g_test_add ("/ui/alarms/words", EngineFixture, NULL, engine_set_up, test_words, engine_tear_down);
  g_test_add ("/ui/alarms/continue", EngineFixture, NULL, engine_set_up, test_continue, engine_tear_down);
  g_test_add ("/ui/alarms/mark", EngineFixture, NULL, engine_set_up, test_mark, engine_tear_down);
  g_test_add ("/ui/alarms/compared", EngineFixture, NULL, engine_set_up, test_compared, engine_tear_down);
  return g_test_run ();
}
