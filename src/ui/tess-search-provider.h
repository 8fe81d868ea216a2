/* What the desktop's search asks the app (org.gnome.Shell.SearchProvider2), and what it is told: chats by their names, and of
 * each no more than the name and the chat's own number. Nothing while the session is locked, while there are no chats to see, of
 * whom is blocked, or of strangers. Where no app runs, the question has started one: it opens the profile quietly, and ends when
 * nothing more is asked. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESS_TYPE_SEARCH_PROVIDER (tess_search_provider_get_type ())
G_DECLARE_FINAL_TYPE (TessSearchProvider, tess_search_provider, TESS, SEARCH_PROVIDER, GObject)

/* @application is borrowed and outlives it. @profile: the folder. */
TessSearchProvider *tess_search_provider_new (GtkApplication *application, const char *profile);
/* Offers it on @bus below the application's @path, until it is disposed of. FALSE and an error of G_IO_ERROR: that is taken. */
gboolean tess_search_provider_export (TessSearchProvider *self, GDBusConnection *bus, const char *path, GError **error);

G_END_DECLS
