/* The engine's conversations in the parts that are shown: chats (pinned ones first), requests from strangers, archived chats.
 * Each part is a GListModel in the engine's order that changes by no more than what changed. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-conversation.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define TESS_TYPE_CHATS (tess_chats_get_type ())
G_DECLARE_FINAL_TYPE (TessChats, tess_chats, TESS, CHATS, GObject)

/* @conversations: a list of TessConversation. */
TessChats *tess_chats_new (GListModel *conversations);

/* All of TessConversation, borrowed. */
GListModel *tess_chats_get_chats (TessChats *self);
GListModel *tess_chats_get_requests (TessChats *self);
GListModel *tess_chats_get_archived (TessChats *self);

/* What the list of chats shows: the chats, before them a TessChatFolder of the requests and after them one of what is archived,
 * each only while there is something in it. Borrowed. */
GListModel *tess_chats_get_page (TessChats *self);

/* Whether a chat is shown as unread: by its messages, or because a person marked it so. */
gboolean tess_chats_is_unread (TessConversation *conversation);
/* Whether each word of @text begins a word of the name that is shown, or of the one that the contact goes by themselves, whatever
 * their case and accents. */
gboolean tess_chats_is_named (TessConversation *conversation, const char *text);

G_END_DECLS
