/* The messages of a chat, newest at the bottom, older ones loaded as one nears the top.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::failed (string): a sentence to show shortly. */
#define TESS_TYPE_HISTORY_VIEW (tess_history_view_get_type ())
G_DECLARE_FINAL_TYPE (TessHistoryView, tess_history_view, TESS, HISTORY_VIEW, AdwBin)

/* Opens @conversation's history. Once in a view's life. */
void tess_history_view_open (TessHistoryView *self, TessEngine *engine, TessConversation *conversation);
void tess_history_view_scroll_to_bottom (TessHistoryView *self);
/* Goes to the message of @row, as soon as the history is there. */
void tess_history_view_show_message (TessHistoryView *self, gint64 row);
/* A new day has begun: "Today" is "Yesterday" now. */
void tess_history_view_refresh (TessHistoryView *self);

G_END_DECLS
