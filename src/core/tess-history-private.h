/* How the engine feeds histories. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"
#include "core/tess-entities.h"
#include "core/tess-history.h"

G_BEGIN_DECLS

/* The one object of each message that anybody holds: rows find it here. Weak. */
typedef struct _TessMessages TessMessages;
TessMessages *tess_messages_new (void);
void tess_messages_free (TessMessages *self);
/* The object of @data, brought up to date, or a new one. (transfer full) */
TessMessage *tess_messages_take (TessMessages *self, const TessMessageData *data);
/* The message of @row was erased: whoever still holds its object hears of it. */
void tess_messages_gone (TessMessages *self, gint64 row);

/* An empty history of @conversation; @core and @messages outlive what is done with it (the engine detaches it before). */
TessHistory *tess_history_new (TessCore *core, TessMessages *messages, gint64 conversation);
gint64 tess_history_get_conversation (TessHistory *self);
/* A new or changed message of its conversation: appended when it is newer than the last; older ones were updated in place. */
void tess_history_apply (TessHistory *self, TessMessage *message);
/* Messages that are here no more (int64_t rows) leave it, whoever they belonged to. Where that empties what is loaded, the newest
 * page is loaded. */
void tess_history_remove (TessHistory *self, GArray *rows);
/* All of its messages are gone. */
void tess_history_clear (TessHistory *self);
/* The engine is gone: what is loaded stays, nothing more comes. */
void tess_history_detach (TessHistory *self);

G_END_DECLS
