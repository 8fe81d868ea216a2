/* The window of one profile: first start, unlocking, what went wrong, or the chats. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_WINDOW (tess_window_get_type ())
G_DECLARE_FINAL_TYPE (TessWindow, tess_window, TESS, WINDOW, AdwApplicationWindow)

/* Opens the profile at @profile. @quietly: for whoever looks something up and sees no window: nobody is asked for anything, and
 * the relay hears nothing, until the window is shown or told to stay. */
TessWindow *tess_window_new (GtkApplication *application, const char *profile, gboolean quietly);
/* The one there is, or NULL. Borrowed. */
TessWindow *tess_window_find (GtkApplication *application);
/* Opened quietly, and nothing more has been wanted of it since. */
gboolean tess_window_is_quiet (TessWindow *self);
/* Resolves when the quiet opening has come to its end, one way or the other; at once where there was none. */
DexFuture *tess_window_await_quiet (TessWindow *self);
/* Messages come from now on, also while nobody sees it. */
void tess_window_stay (TessWindow *self);
/* The engine while there are chats, else NULL. Borrowed. */
TessEngine *tess_window_get_engine (TessWindow *self);
/* Ends everything, also where closing the window would leave it running. */
void tess_window_quit (TessWindow *self);
/* Shows the about dialog. */
void tess_window_show_about (TessWindow *self);
/* Offers to add whoever's address @text is, as soon as there are chats. */
void tess_window_add_address (TessWindow *self, const char *text);
/* Shows the window with the chat of that id open, whatever it showed; if there are no chats yet, as soon as there are. @token:
 * the desktop's leave to come to the front, or NULL. */
void tess_window_open_chat (TessWindow *self, gint64 id, const char *token);
/* The same with a search for @text in all chats. */
void tess_window_search (TessWindow *self, const char *text);

G_END_DECLS
