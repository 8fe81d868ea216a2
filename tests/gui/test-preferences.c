/* The preferences, while what they show changes by other ways. SPDX-License-Identifier: GPL-3.0-or-later */
#include "gui/inside.h"
#include "unit/core/core-fixture.h"
#include "unit/core/engine-fixture.h"

#include "ui/tess-preferences-dialog.h"
#include "ui/tess-recovery-view.h"

#include <adwaita.h>

static GtkWidget *
open_window (void)
{
  GtkWidget *window = adw_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 600);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static bool
is_online (gpointer engine)
{
  return tess_engine_get_link_state (engine) == TESS_LINK_ONLINE;
}

/* The name at the relay is the one that there is, but not in the middle of the typing of another. */
static void
test_name (EngineFixture *fixture, gconstpointer unused)
{
  AdwDialog *dialog = tess_preferences_dialog_new (fixture->alice, "");
  GtkWidget *window = open_window ();
  GtkEditable *field;

  adw_dialog_present (dialog, window);
  field = inside_find (dialog, "AdwEntryRow");
  g_assert_nonnull (field);
  g_assert_cmpstr (gtk_editable_get_text (field), ==, "");
  test_until (is_online, fixture->alice);
  test_done (tess_engine_claim_name (fixture->alice, "alice-1"));
  g_assert_cmpstr (gtk_editable_get_text (field), ==, "alice-1");
  test_done (tess_engine_claim_name (fixture->alice, "alice-2"));
  g_assert_cmpstr (gtk_editable_get_text (field), ==, "alice-2");
  gtk_editable_set_text (field, "al");
  test_done (tess_engine_claim_name (fixture->alice, "alice-3"));
  g_assert_cmpstr (gtk_editable_get_text (field), ==, "al");
  gtk_editable_set_text (field, "Alice-4");
  test_done (tess_engine_claim_name (fixture->alice, "alice-4"));
  g_assert_cmpstr (gtk_editable_get_text (field), ==, "alice-4");
  test_done (tess_engine_claim_name (fixture->alice, NULL));
  g_assert_cmpstr (gtk_editable_get_text (field), ==, "");
  gtk_window_destroy (GTK_WINDOW (window));
}

/* The row under @root that is called @title. */
static AdwActionRow *
find_row (GtkWidget *root, const char *title)
{
  if (ADW_IS_ACTION_ROW (root) && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title))
    return ADW_ACTION_ROW (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      AdwActionRow *found = find_row (child, title);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static bool
is_measured (gpointer row)
{
  const char *words = adw_action_row_get_subtitle (row);

  return words != NULL && *words != '\0';
}

static void
assert_usage (EngineFixture *fixture, const char *end)
{
  AdwDialog *dialog = tess_preferences_dialog_new (fixture->alice, "");
  GtkWidget *window = open_window ();
  AdwActionRow *row;

  adw_dialog_present (dialog, window);
  row = find_row (GTK_WIDGET (dialog), "Used on this computer");
  g_assert_nonnull (row);
  test_until (is_measured, row);
  g_test_message ("%s", adw_action_row_get_subtitle (row));
  g_assert_true (g_ascii_isdigit (*adw_action_row_get_subtitle (row)));
  g_assert_true (g_str_has_suffix (adw_action_row_get_subtitle (row), end));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* How much is kept here: texts, not what else stands in a chat. */
static void
test_usage (EngineFixture *fixture, gconstpointer unused)
{
  TessConversation *to_bob = engine_add (fixture->alice, fixture->bob);

  assert_usage (fixture, ", with 0 messages");
  g_object_unref (test_object (tess_engine_send_text (fixture->alice, to_bob, "one")));
  assert_usage (fixture, ", with 1 message");
  test_done (tess_engine_set_timer (fixture->alice, to_bob, 3600));
  g_object_unref (test_object (tess_engine_send_text (fixture->alice, to_bob, "two")));
  assert_usage (fixture, ", with 2 messages");
}

/* The button that can be seen and is named @verb. */
static GtkWidget *
find_button (GtkWidget *root, const char *verb)
{
  if (GTK_IS_BUTTON (root) && gtk_widget_get_mapped (root) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (root)), verb) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, verb);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The digits of the code that is shown. */
static GtkLabel *
find_digits (GtkWidget *root)
{
  if (GTK_IS_LABEL (root) && gtk_widget_has_css_class (root, "safety-number"))
    return GTK_LABEL (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkLabel *found = find_digits (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gpointer
in_clipboard (GtkWidget *window)
{
  return gdk_clipboard_get_content (gtk_widget_get_clipboard (window));
}

/* A view that shows a code, which was copied: by its button, or by Ctrl+C when it is selected. */
static GtkWidget *
copy_code (TessEngine *engine, GtkWidget *window, bool by_key)
{
  GtkWidget *view = g_object_new (TESS_TYPE_RECOVERY_VIEW, NULL);

  tess_recovery_view_set_engine (TESS_RECOVERY_VIEW (view), engine);
  adw_window_set_content (ADW_WINDOW (window), view);
  tess_recovery_view_make (TESS_RECOVERY_VIEW (view));
  if (by_key)
    {
      GtkLabel *digits = find_digits (view);

      gtk_label_select_region (digits, 0, 5);
      gtk_widget_activate_action (GTK_WIDGET (digits), "clipboard.copy", NULL);
    }
  else
    g_signal_emit_by_name (find_button (view, "_Copy"), "clicked");
  g_assert_nonnull (in_clipboard (window));
  return view;
}

/* A copy of the code leaves the clipboard in time, and with the view; what was copied after it stays. */
static void
test_copied_code (EngineFixture *fixture, gconstpointer unused)
{
  g_autofree char *profile = engine_profile (fixture, "carol");
  TessEngine *carol = test_object (tess_engine_open (profile, NULL));
  GtkWidget *window = open_window (), *view = copy_code (carol, window, false);
  GSource *timeout = g_main_context_find_source_by_user_data (NULL, inside_find (view, "TessPaperCode"));

  g_assert_cmpint (g_source_get_ready_time (timeout), >, g_get_monotonic_time () + 60 * G_USEC_PER_SEC);
  g_source_set_ready_time (timeout, 0);
  while (in_clipboard (window) != NULL)
    g_main_context_iteration (NULL, TRUE);
  copy_code (carol, window, false);
  adw_window_set_content (ADW_WINDOW (window), NULL);
  g_assert_null (in_clipboard (window));
  copy_code (carol, window, true);
  adw_window_set_content (ADW_WINDOW (window), NULL);
  g_assert_null (in_clipboard (window));
  copy_code (carol, window, false);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (window), "another");
  adw_window_set_content (ADW_WINDOW (window), NULL);
  g_assert_nonnull (in_clipboard (window));
  gtk_window_destroy (GTK_WINDOW (window));
  engine_close (&carol);
}

int
main (int argc, char **argv)
{
  inside_begin (&argc, &argv);
  g_test_add ("/ui/preferences/name", EngineFixture, NULL, engine_set_up, test_name, engine_tear_down);
  g_test_add ("/ui/preferences/usage", EngineFixture, NULL, engine_set_up, test_usage, engine_tear_down);
  g_test_add ("/ui/preferences/copied-code", EngineFixture, NULL, engine_set_up, test_copied_code, engine_tear_down);
  return g_test_run ();
}
