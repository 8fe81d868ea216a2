/* One row of the history: a day divider when the day begins, then a bubble or a notice.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-message.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Property sentence (string): the row as a screen reader says it. Signal ::retry (TessMessage). */
#define TESS_TYPE_MESSAGE_VIEW (tess_message_view_get_type ())
G_DECLARE_FINAL_TYPE (TessMessageView, tess_message_view, TESS, MESSAGE_VIEW, GtkWidget)

/* Shows @message of a chat with @name, or nothing for NULL. */
void tess_message_view_set_message (TessMessageView *self, TessMessage *message, const char *name);
/* Where it stands between its neighbours (either may be NULL): the divider, and the shape of its bubble. */
void tess_message_view_set_neighbours (TessMessageView *self, TessMessage *previous, TessMessage *next);

G_END_DECLS
