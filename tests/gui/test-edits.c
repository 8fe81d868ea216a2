/* A message that is changed: what could not be saved is not lost. SPDX-License-Identifier: GPL-3.0-or-later */
#include "gui/inside.h"
#include "unit/core/core-fixture.h"
#include "unit/core/engine-fixture.h"

#include "ui/tess-composer.h"
#include "ui/tess-main-view.h"

#include <adwaita.h>
#include <string.h>

/* The composer's button, which is named for what it does. */
static GtkWidget *
find_button (GtkWidget *root, const char *verb)
{
  if (GTK_IS_BUTTON (root) && g_strcmp0 (gtk_widget_get_tooltip_text (root), verb) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, verb);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static bool
holds (GtkWidget *composer, const char *verb, const char *words)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (inside_find (composer, "GtkTextView"));
  g_autofree char *text = NULL;

  g_object_get (buffer, "text", &text, NULL);
  return find_button (composer, verb) != NULL && strcmp (text, words) == 0;
}

static bool
is_mapped (gpointer widget)
{
  return gtk_widget_get_mapped (widget);
}

static bool
is_given_back (gpointer composer)
{
  return holds (composer, "Save", "first");
}

static bool
is_saved (gpointer message)
{
  return strcmp (tess_message_get_body (message), "first") == 0;
}

static void
save (GtkWidget *composer)
{
  g_signal_emit_by_name (find_button (composer, "Save"), "clicked");
}

/* The other side was blocked at the same time: the change stands in the composer again, above what stood there before, and is
 * saved when it can be. */
static void
test_given_back (EngineFixture *fixture, gconstpointer unused)
{
  TessConversation *to_bob = engine_befriend (fixture);
  g_autoptr (TessMessage) message = test_object (tess_engine_send_text (fixture->alice, to_bob, "frist"));
  GtkWidget *window = adw_window_new (), *view = tess_main_view_new (fixture->alice, tess_conversation_get_id (to_bob));
  GtkWidget *composer = inside_find (view, "TessComposer");
  g_autoptr (DexFuture) blocked = NULL;

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 600);
  adw_window_set_content (ADW_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  test_until (is_mapped, composer);
  tess_composer_set_text (TESS_COMPOSER (composer), "half a thought");
  tess_composer_edit (TESS_COMPOSER (composer), message);
  tess_composer_set_text (TESS_COMPOSER (composer), "first");
  blocked = tess_engine_set_blocked (fixture->alice, to_bob, TRUE);
  save (composer);
  g_assert_true (holds (composer, "Send", "half a thought"));
  test_until (is_given_back, composer);
  g_assert_false (is_saved (message));
  test_done (g_steal_pointer (&blocked));
  test_done (tess_engine_set_blocked (fixture->alice, to_bob, FALSE));
  test_until (is_mapped, composer);
  save (composer);
  test_until (is_saved, message);
  g_assert_true (holds (composer, "Send", "half a thought"));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  inside_begin (&argc, &argv);
  g_test_add ("/ui/edits/given-back", EngineFixture, NULL, engine_set_up, test_given_back, engine_tear_down);
  return g_test_run ();
}
