/* A chat in a list of chats. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-conversation.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Property sentence (string, read-only, notified): the row for a screen reader. */
#define TESS_TYPE_CHAT_ROW (tess_chat_row_get_type ())
G_DECLARE_FINAL_TYPE (TessChatRow, tess_chat_row, TESS, CHAT_ROW, AdwBin)

/* @conversation: NULL shows nothing; a row is used again for another. */
void tess_chat_row_set_conversation (TessChatRow *self, TessConversation *conversation);
TessConversation *tess_chat_row_get_conversation (TessChatRow *self);
/* A new day has begun: times are said anew. */
void tess_chat_row_refresh (TessChatRow *self);

G_END_DECLS
