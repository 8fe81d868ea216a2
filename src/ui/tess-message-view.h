/* One row of the history: a day divider when the day begins, the line above what is new, then a bubble with its reactions or a
 * notice. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-message.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Property sentence (string): the row as a screen reader says it. Signals: ::retry (TessMessage); ::jump (string), to the message
 * of that id; ::react (TessMessage, string), the person's own reaction or "". */
#define TESS_TYPE_MESSAGE_VIEW (tess_message_view_get_type ())
G_DECLARE_FINAL_TYPE (TessMessageView, tess_message_view, TESS, MESSAGE_VIEW, GtkWidget)

/* Shows @message of a chat with @name, or nothing for NULL. */
void tess_message_view_set_message (TessMessageView *self, TessMessage *message, const char *name);
/* What it shows, or NULL. Borrowed. */
TessMessage *tess_message_view_get_message (TessMessageView *self);
/* Where it stands between its neighbours (either may be NULL): the divider, and the shape of its bubble; @first_new: the line
 * that says that what follows is new. */
void tess_message_view_set_neighbours (TessMessageView *self, TessMessage *previous, TessMessage *next, gboolean first_new);
/* Draws the eye to it for a moment. */
void tess_message_view_flash (TessMessageView *self);
/* The part of its text that is selected, or NULL (free with g_free()); the link under the pointer, or NULL (borrowed). */
char *tess_message_view_dup_selection (TessMessageView *self);
const char *tess_message_view_get_link (TessMessageView *self);

G_END_DECLS
