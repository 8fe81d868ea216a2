/* A conversation's messages as a list, oldest first, paged from the database. Belongs to the main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-conversation.h"

#include <gio/gio.h>
#include <libdex.h>

G_BEGIN_DECLS

/* A GListModel of TessMessage. It starts with the newest page; older pages come in front when asked for, new messages at the end
 * as they come. items-changed is minimal: a changed message keeps its object and notifies its properties. */
#define TESS_TYPE_HISTORY (tess_history_get_type ())
G_DECLARE_FINAL_TYPE (TessHistory, tess_history, TESS, HISTORY, GObject)

/* Loads up to one page (TESS_HISTORY_PAGE) of older messages. Resolves to a boolean: whether there are still older ones. */
DexFuture *tess_history_load_older (TessHistory *self) G_GNUC_WARN_UNUSED_RESULT;

/* Shows the part of the history around the message @row instead: up to a page before it and a page from it on; when it is loaded
 * already, nothing changes. Resolves to its position (uint); rejects NOT_FOUND. While there are newer messages than the last item
 * (property has-newer, boolean, notified), new ones do not come at the end; tess_history_load_newer() does, and resolves to a
 * boolean: whether there are still newer ones. tess_history_load_newest() goes back to the end, and resolves to TRUE. */
DexFuture *tess_history_load_around (TessHistory *self, gint64 row) G_GNUC_WARN_UNUSED_RESULT;
DexFuture *tess_history_load_newer (TessHistory *self) G_GNUC_WARN_UNUSED_RESULT;
DexFuture *tess_history_load_newest (TessHistory *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean tess_history_get_has_newer (TessHistory *self);

/* The message with this id (TessMessage:id), when it is here: resolves to its row (int64), 0: it is not. For jumping to the
 * source of an answer. */
DexFuture *tess_history_find (TessHistory *self, const char *id) G_GNUC_WARN_UNUSED_RESULT;

/* Whether messages older than the first item exist. Property has-older (boolean), notified. */
gboolean tess_history_get_has_older (TessHistory *self);

/* A screen and what is beside it: each message on it is a row of widgets that has to be made before the chat is seen. */
#define TESS_HISTORY_PAGE 40

G_END_DECLS
