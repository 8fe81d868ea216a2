/* A night that the machine slept through: what was said today was said yesterday. SPDX-License-Identifier: GPL-3.0-or-later */
#include "gui/inside.h"
#include "unit/core/core-fixture.h"
#include "unit/core/engine-fixture.h"

#include "base/tess-clock.h"
#include "ui/tess-lock.h"
#include "ui/tess-main-view.h"

#include <adwaita.h>

static void
test_woken (EngineFixture *fixture, gconstpointer unused)
{
  TessConversation *to_bob = engine_befriend (fixture);
  GtkWidget *window = adw_window_new (), *view = tess_main_view_new (fixture->alice, tess_conversation_get_id (to_bob));
  GtkWidget *sidebar = inside_find (view, "TessSidebar");

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 600);
  adw_window_set_content (ADW_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  test_until (inside_is_shown, &(InsideWords){ inside_find (view, "TessHistoryView"), "Today" });
  g_assert_false (inside_shows (sidebar, "Yesterday"));
  tess_clock_set_offset (24 * 60 * 60);
  g_signal_emit_by_name (tess_lock_get (), "woke");
  g_assert_true (inside_shows (sidebar, "Yesterday"));
  g_assert_true (inside_shows (inside_find (view, "TessHistoryView"), "Yesterday"));
  gtk_window_destroy (GTK_WINDOW (window));
  tess_clock_set_offset (0);
}

int
main (int argc, char **argv)
{
  inside_begin (&argc, &argv);
  g_test_add ("/ui/midnight/woken", EngineFixture, NULL, engine_set_up, test_woken, engine_tear_down);
  return g_test_run ();
}
