/* What a message says: the message that it answers on top, then its text, with its time and state in the corner: on the last
 * line where there is room, under it where not. So nothing moves when a state changes or the next message comes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-message.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Signal ::jump (string): the message of that id was asked for. */
#define TESS_TYPE_BUBBLE (tess_bubble_get_type ())
G_DECLARE_FINAL_TYPE (TessBubble, tess_bubble, TESS, BUBBLE, GtkWidget)

/* Shows @message of a chat with @name, or nothing for NULL. What changes in it follows with tess_bubble_update(). */
void tess_bubble_set_message (TessBubble *self, TessMessage *message, const char *name);
void tess_bubble_update (TessBubble *self);
/* The part of the text that is selected, or NULL. Free with g_free(). */
char *tess_bubble_dup_selection (TessBubble *self);
/* The link under the pointer or with the focus, or NULL. Borrowed. */
const char *tess_bubble_get_link (TessBubble *self);

G_END_DECLS
