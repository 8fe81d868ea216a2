/* What a message says, with its time and state in the corner: on the last line where there is room, under it where not. So
 * nothing
 * moves when a state changes or the next message comes. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-message.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESS_TYPE_BUBBLE (tess_bubble_get_type ())
G_DECLARE_FINAL_TYPE (TessBubble, tess_bubble, TESS, BUBBLE, GtkWidget)

/* Shows @message, or nothing for NULL. The state follows tess_bubble_update(). */
void tess_bubble_set_message (TessBubble *self, TessMessage *message);
/* Time and state anew. */
void tess_bubble_update (TessBubble *self, TessMessage *message);

G_END_DECLS
