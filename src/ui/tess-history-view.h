/* The messages of a chat, newest at the bottom, older ones loaded as one nears the top.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals ::failed (string): a sentence to show shortly; ::reply (TessMessage), ::edit (TessMessage): the person wants to. */
#define TESS_TYPE_HISTORY_VIEW (tess_history_view_get_type ())
G_DECLARE_FINAL_TYPE (TessHistoryView, tess_history_view, TESS, HISTORY_VIEW, AdwBin)

/* Opens @conversation's history. Once in a view's life. */
void tess_history_view_open (TessHistoryView *self, TessEngine *engine, TessConversation *conversation);
void tess_history_view_scroll_to_bottom (TessHistoryView *self);
/* Goes to the message of @row, as soon as the history is there. */
void tess_history_view_show_message (TessHistoryView *self, gint64 row);
/* Whether something can be sent in this chat, and so answered, edited, reacted. */
void tess_history_view_set_writable (TessHistoryView *self, gboolean writable);
/* The newest own message that can be edited, or NULL; the text before (@step -1) or after (1) @from, NULL for the end, or NULL.
 * Both of what is loaded. Free with g_object_unref(). */
TessMessage *tess_history_view_dup_last_own (TessHistoryView *self);
TessMessage *tess_history_view_dup_step (TessHistoryView *self, TessMessage *from, int step);
/* A new day has begun: "Today" is "Yesterday" now. */
void tess_history_view_refresh (TessHistoryView *self);

G_END_DECLS
