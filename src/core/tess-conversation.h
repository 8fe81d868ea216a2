/* A chat of the sidebar. Belongs to the main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-contact.h"
#include "core/tess-message.h"

G_BEGIN_DECLS

#define TESS_TYPE_CONVERSATION (tess_conversation_get_type ())
G_DECLARE_FINAL_TYPE (TessConversation, tess_conversation, TESS, CONVERSATION, GObject)

/* Properties, all read-only, all notified but contact:
 *   id       (int64)        the database's
 *   contact  (TessContact)  the other person
 *   preview  (string)       the last message in one line, or ""
 *   time     (int64)        ms since 1970 of the last message, or of the contact's adding: what the sidebar sorts by
 *   unread   (uint)
 *   last-delivery (TessDelivery)  of the last message when it is an own one, else NONE
 *   pinned, muted, archived, marked-unread (boolean)  what the person decided, tess_engine_set_flag()
 *   draft    (string)       what was typed and not sent, or ""
 *   timer    (uint)         seconds until new messages are erased after being seen; 0: they stay
 *   typing   (boolean)      the other person is writing now */
gint64 tess_conversation_get_id (TessConversation *self);
TessContact *tess_conversation_get_contact (TessConversation *self);
const char *tess_conversation_get_preview (TessConversation *self);
gint64 tess_conversation_get_time (TessConversation *self);
guint tess_conversation_get_unread (TessConversation *self);
TessDelivery tess_conversation_get_last_delivery (TessConversation *self);
gboolean tess_conversation_get_pinned (TessConversation *self);
gboolean tess_conversation_get_muted (TessConversation *self);
gboolean tess_conversation_get_archived (TessConversation *self);
gboolean tess_conversation_get_marked_unread (TessConversation *self);
const char *tess_conversation_get_draft (TessConversation *self);
/* The row of the message that the draft answers, which may be gone; 0: none. */
gint64 tess_conversation_get_draft_reply (TessConversation *self);
guint tess_conversation_get_timer (TessConversation *self);
gboolean tess_conversation_get_typing (TessConversation *self);

G_END_DECLS
