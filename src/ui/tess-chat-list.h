/* A list of chats: rows that are used again, a mark on the open one, a menu for each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"
#include "ui/tess-chat-folder.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: ::browsed (TessConversation): arrow keys came to it; ::chosen (TessConversation): clicked, or Enter;
 * ::folder (TessChatFolder): the same for a folder. */
#define TESS_TYPE_CHAT_LIST (tess_chat_list_get_type ())
G_DECLARE_FINAL_TYPE (TessChatList, tess_chat_list, TESS, CHAT_LIST, AdwBin)

/* @items: TessConversation and TessChatFolder; @label: what the list is, for a screen reader. Once. */
void tess_chat_list_set_items (TessChatList *self, TessEngine *engine, GListModel *items, const char *label);
/* Marks @conversation if it is in the list (NULL: none), without a signal. The mark stays with it wherever it moves. */
void tess_chat_list_select (TessChatList *self, TessConversation *conversation);
void tess_chat_list_focus (TessChatList *self);
/* A new day has begun. */
void tess_chat_list_refresh (TessChatList *self);

G_END_DECLS
