/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-spelling.h"

#include "ui/tess-settings.h"

#include <libspelling.h>

#define SPELLING "spelling"

static void
on_language (TessSettings *settings, GParamSpec *pspec, SpellingChecker *checker)
{
  const char *language = spelling_checker_get_language (checker);

  g_object_set (settings, "spelling-language", language != NULL ? language : "", NULL);
}

/* The one of this process. It has the language that was chosen last where there is a dictionary of it, or the desktop's. */
static SpellingChecker *
checker_get (void)
{
  static SpellingChecker *checker;
  TessSettings *settings = tess_settings_get ();
  const char *language = tess_settings_get_spelling_language (settings);

  if (checker != NULL)
    return checker;
  spelling_init ();
  checker = g_object_ref (spelling_checker_get_default ());
  if (*language != '\0' && spelling_provider_supports_language (spelling_checker_get_provider (checker), language))
    spelling_checker_set_language (checker, language);
  g_signal_connect_object (checker, "notify::language", G_CALLBACK (on_language), settings, G_CONNECT_SWAPPED);
  return checker;
}

/* The menu is about the word under the pointer, and what it suggests is about the one at the cursor. */
static void
on_secondary_click (SpellingTextBufferAdapter *adapter, int presses, double x, double y, GtkGesture *gesture)
{
  GtkTextView *view = GTK_TEXT_VIEW (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture)));
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GtkTextIter at;
  int left, top;

  if (gtk_text_buffer_get_has_selection (buffer))
    return;
  gtk_text_view_window_to_buffer_coords (view, GTK_TEXT_WINDOW_WIDGET, (int) x, (int) y, &left, &top);
  gtk_text_view_get_iter_at_location (view, &at, left, top);
  gtk_text_buffer_place_cursor (buffer, &at);
  spelling_text_buffer_adapter_update_corrections (adapter);
}

void
tess_spelling_attach (GtkTextView *view, GtkSourceBuffer *buffer)
{
  g_autoptr (SpellingTextBufferAdapter) adapter = spelling_text_buffer_adapter_new (buffer, checker_get ());
  GtkGesture *gesture = gtk_gesture_click_new ();

  g_object_bind_property (tess_settings_get (), SPELLING, adapter, "enabled", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  gtk_text_view_set_extra_menu (view, spelling_text_buffer_adapter_get_menu_model (adapter));
  gtk_widget_insert_action_group (GTK_WIDGET (view), SPELLING, G_ACTION_GROUP (adapter));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (gesture), GDK_BUTTON_SECONDARY);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (gesture), GTK_PHASE_CAPTURE);
  g_signal_connect_object (gesture, "pressed", G_CALLBACK (on_secondary_click), adapter, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (view), GTK_EVENT_CONTROLLER (gesture));
}
