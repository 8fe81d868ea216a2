/* What a window of libadwaita costs by itself: the floor of ./dev bench app. SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"

#include <adwaita.h>

static void
on_activate (GtkApplication *application)
{
  GtkWidget *window = adw_application_window_new (application), *view = adw_toolbar_view_new ();

  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view), gtk_label_new ("Hello"));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), view);
  gtk_window_set_default_size (GTK_WINDOW (window), 940, 680);
  gtk_window_present (GTK_WINDOW (window));
  probe_watch (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  AdwApplication *application = adw_application_new ("im.tessera.Bare", G_APPLICATION_NON_UNIQUE);
  guint idle = argc > 1 ? probe_number (argv[1]) : 0;

  probe_init ();
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), NULL);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  g_application_activate (G_APPLICATION (application));
  probe_first_frame ();
  while (g_main_context_iteration (NULL, FALSE))
    ;
  probe_say ("usable", probe_age ());
  probe_say ("usable-cpu", probe_cpu ());
  probe_wait_quiet (1);
  probe_memory ("idle");
  if (idle > 0)
    probe_wakeups (idle);
  return 0;
}
