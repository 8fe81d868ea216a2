/* The preferences, while what they show changes by other ways. SPDX-License-Identifier: GPL-3.0-or-later */
#include "gui/inside.h"
#include "unit/core/core-fixture.h"
#include "unit/core/engine-fixture.h"

#include "ui/tess-preferences-dialog.h"

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
  gtk_editable_set_text (field, "alice-3");
  test_done (tess_engine_claim_name (fixture->alice, NULL));
  g_assert_cmpstr (gtk_editable_get_text (field), ==, "");
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  inside_begin (&argc, &argv);
  g_test_add ("/ui/preferences/name", EngineFixture, NULL, engine_set_up, test_name, engine_tear_down);
  return g_test_run ();
}
