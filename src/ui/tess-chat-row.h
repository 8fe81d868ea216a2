/* A chat in the sidebar. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-conversation.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_CHAT_ROW (tess_chat_row_get_type ())
G_DECLARE_FINAL_TYPE (TessChatRow, tess_chat_row, TESS, CHAT_ROW, GtkListBoxRow)

GtkWidget *tess_chat_row_new (TessConversation *conversation);
TessConversation *tess_chat_row_get_conversation (TessChatRow *self);
/* A new day has begun: times are said anew. */
void tess_chat_row_refresh (TessChatRow *self);

G_END_DECLS
