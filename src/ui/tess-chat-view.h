/* One chat: who it is with, what was said, and where to write. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Property: alone (boolean): it is the only pane on the screen, and says what the list of chats says beside it. */
#define TESS_TYPE_CHAT_VIEW (tess_chat_view_get_type ())
G_DECLARE_FINAL_TYPE (TessChatView, tess_chat_view, TESS, CHAT_VIEW, AdwNavigationPage)

/* @menu is that of its menu button. */
TessChatView *tess_chat_view_new (TessEngine *engine, TessConversation *conversation, GMenuModel *menu);
TessConversation *tess_chat_view_get_conversation (TessChatView *self);
/* Keeps what stands in the composer, for when the chat is opened again. */
void tess_chat_view_save_draft (TessChatView *self);
/* Puts @text into the composer unless something stands there. */
void tess_chat_view_offer (TessChatView *self, const char *text);
void tess_chat_view_focus_composer (TessChatView *self);
gboolean tess_chat_view_forward_key (TessChatView *self, GtkEventControllerKey *controller);
/* Goes to the message of @row; opens the search in this chat. */
void tess_chat_view_show_message (TessChatView *self, gint64 row);
void tess_chat_view_search (TessChatView *self);
/* A new day has begun. */
void tess_chat_view_refresh (TessChatView *self);

G_END_DECLS
