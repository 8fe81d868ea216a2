/* The window of one profile: first start, unlocking, what went wrong, or the chats. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_WINDOW (tess_window_get_type ())
G_DECLARE_FINAL_TYPE (TessWindow, tess_window, TESS, WINDOW, AdwApplicationWindow)

/* Opens the profile at @profile. */
TessWindow *tess_window_new (GtkApplication *application, const char *profile);
/* Ends everything, also where closing the window would leave it running. */
void tess_window_quit (TessWindow *self);
/* Shows the about dialog. */
void tess_window_show_about (TessWindow *self);
/* Offers to add whoever's address @text is, as soon as there are chats. */
void tess_window_add_address (TessWindow *self, const char *text);

G_END_DECLS
