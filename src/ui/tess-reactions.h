/* What the people of a chat think of a message: two chips under it, or one where both chose the same.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-message.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Signal ::react (string): the person's own reaction is to be that, or none for "". */
#define TESS_TYPE_REACTIONS (tess_reactions_get_type ())
G_DECLARE_FINAL_TYPE (TessReactions, tess_reactions, TESS, REACTIONS, GtkBox)

/* Whether there is anything to show of @message. */
gboolean tess_reactions_wanted (TessMessage *message);
/* Shows those of @message, of a chat with @name. */
void tess_reactions_show (TessReactions *self, TessMessage *message, const char *name);

G_END_DECLS
