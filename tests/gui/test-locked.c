/* What is left of a profile whose window was locked: nothing; when it locks by itself; and that it opens again. The profile is
 * kept under a passphrase, which is its lock. SPDX-License-Identifier: GPL-3.0-or-later */
#include "gui/inside.h"
#include "unit/core/core-fixture.h"
#include "unit/core/engine-fixture.h"

#include "base/tess-clock.h"
#include "ui/tess-lock.h"
#include "ui/tess-settings.h"
#include "ui/tess-unlock-page.h"
#include "ui/tess-window.h"

#include <adwaita.h>

#define PASSPHRASE "a passphrase" /* engine_open()'s */

static bool
is_asked (gpointer window)
{
  GtkWidget *page = inside_find (window, "TessUnlockPage");
  GtkEditable *entry = page != NULL ? inside_find (page, "AdwPasswordEntryRow") : NULL;

  return entry != NULL && gtk_editable_get_editable (entry);
}

static bool
shows_chats (gpointer window)
{
  return inside_find (window, "TessMainView") != NULL && tess_window_get_engine (window) != NULL;
}

static bool
is_gone (gpointer weak)
{
  return *(gpointer *) weak == NULL;
}

static void
unlock (TessWindow *window)
{
  GtkWidget *page;

  test_until (is_asked, window);
  page = inside_find (window, "TessUnlockPage");
  gtk_editable_set_text (inside_find (page, "AdwPasswordEntryRow"), PASSPHRASE);
  g_signal_emit_by_name (page, "unlock");
  test_until (shows_chats, window);
}

static GtkApplication *application;

static TessWindow *
open_window (EngineFixture *fixture)
{
  g_autofree char *profile = engine_profile (fixture, "alice");
  TessWindow *window;

  engine_close (&fixture->alice);
  window = tess_window_new (application, profile, FALSE);
  gtk_window_present (GTK_WINDOW (window));
  unlock (window);
  return window;
}

/* Quits as a person does, and gives the fixture back what it closes. */
static void
close_window (EngineFixture *fixture, TessWindow *window)
{
  gpointer weak = window;

  g_object_add_weak_pointer (G_OBJECT (window), &weak);
  tess_window_quit (window);
  test_until (is_gone, &weak);
  fixture->alice = engine_open (fixture, "alice");
}

/* The engine with its keys, the chats and their messages do not outlive the lock, whatever is open. */
static void
test_nothing_is_left (EngineFixture *fixture, gconstpointer unused)
{
  TessWindow *window = open_window (fixture);
  gpointer engine = tess_window_get_engine (window), view = inside_find (window, "TessMainView"), notes = NULL;
  gint64 id;

  notes = test_object (tess_engine_open_notes (engine));
  g_object_unref (test_object (tess_engine_send_text (engine, notes, "milk")));
  id = tess_conversation_get_id (notes);
  g_object_unref (notes);
  tess_window_open_chat (window, id, NULL);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.preferences", NULL);
  g_assert_nonnull (adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window)));
  g_object_add_weak_pointer (engine, &engine);
  g_object_add_weak_pointer (view, &view);
  g_object_add_weak_pointer (notes, &notes);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.lock", NULL);
  g_assert_null (tess_window_get_engine (window));
  g_assert_null (inside_find (window, "TessMainView"));
  g_assert_null (adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window)));
  test_until (is_gone, &engine);
  test_until (is_gone, &view);
  test_until (is_gone, &notes);
  unlock (window);
  g_assert_nonnull (tess_window_get_engine (window));
  close_window (fixture, window);
}

/* Closing in the middle of it waits for what is under way, as it does without. */
static void
test_closed_meanwhile (EngineFixture *fixture, gconstpointer unused)
{
  TessWindow *window = open_window (fixture);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.lock", NULL);
  close_window (fixture, window);
}

static void
wake (gint64 seconds)
{
  tess_clock_set_offset (seconds);
  g_signal_emit_by_name (tess_lock_get (), "woke");
}

/* After the time that the settings say, and not before; time that the machine slept counts, a clock that is set back does not
 * lock for ever, and a window that is locked asks once. */
static void
test_by_itself (EngineFixture *fixture, gconstpointer unused)
{
  TessWindow *window = open_window (fixture);

  wake (100000);
  g_assert_true (shows_chats (window));
  g_object_set (tess_settings_get (), "auto-lock", TESS_LOCKS_AFTER_15, NULL);
  wake (100000 + 899);
  g_assert_true (shows_chats (window));
  wake (100000 + 900);
  g_assert_false (shows_chats (window));
  test_until (is_asked, window);
  wake (100000 + 5000);
  unlock (window);
  wake (100000 + 5000 + 600);
  g_assert_true (shows_chats (window));
  wake (0);
  g_assert_true (shows_chats (window));
  wake (901);
  g_assert_false (shows_chats (window));
  unlock (window);
  g_object_set (tess_settings_get (), "auto-lock", TESS_LOCKS_NEVER, NULL);
  wake (0);
  close_window (fixture, window);
}

#define ADD(name, test) g_test_add (name, EngineFixture, NULL, engine_set_up, test, engine_tear_down)

int
main (int argc, char **argv)
{
  int status;

  inside_begin (&argc, &argv);
  application = gtk_application_new ("im.tessera.Test", G_APPLICATION_NON_UNIQUE);
  if (!g_application_register (G_APPLICATION (application), NULL, NULL))
    g_error ("no session bus");
  ADD ("/ui/locked/nothing-is-left", test_nothing_is_left);
  ADD ("/ui/locked/closed-meanwhile", test_closed_meanwhile);
  ADD ("/ui/locked/by-itself", test_by_itself);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
