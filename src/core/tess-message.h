/* One message of a history. Belongs to the main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-types.h"

G_BEGIN_DECLS

#define TESS_TYPE_MESSAGE (tess_message_get_type ())
G_DECLARE_FINAL_TYPE (TessMessage, tess_message, TESS, MESSAGE, GObject)

/* Properties, all read-only; those that change are notified:
 *   row      (int64)         the database's, growing in the order of the history
 *   id       (string)        32 hex digits, as peers know it
 *   body     (string)        what was written, any valid UTF-8; to be shown as text, never as markup
 *   time     (int64)         ms since 1970, by the sender's clock, never later than its arrival here
 *   outgoing (boolean)
 *   kind     (string)        "text", or a notice: "verified", "mismatch", "changed" (their keys or devices), "unreadable"
 *                             (what they write, for a day), "timer", "timer-own" (they, or we, set for how long messages
 *                             stay: the body is the number of seconds, "0" for always), "unknown" (needs a newer version);
 *                             the body of the others is empty
 *   delivery (TessDelivery)  changes
 *   failure  (string)        why it failed, a whole sentence, or ""; changes
 *   edited   (boolean)       its writer changed it since; the body is the newest one
 *   deleted  (boolean)       its writer took it back for everyone: the body is "" and stays so
 *   reply-to (string)        the id of the message that it answers, 32 hex digits, or ""
 *   reply-text (string)      the start of that message in one line; "" when it is not here (any more)
 *   reply-outgoing (boolean) whether that message is an own one
 *   own-reaction, their-reaction (string)  an emoji, or ""; they change
 *   expires-after (uint)     seconds from being seen (an own one: from being sent) until it is erased; 0: it stays */
gint64 tess_message_get_row (TessMessage *self);
const char *tess_message_get_id (TessMessage *self);
const char *tess_message_get_body (TessMessage *self);
gint64 tess_message_get_time (TessMessage *self);
gboolean tess_message_get_outgoing (TessMessage *self);
const char *tess_message_get_kind (TessMessage *self);
TessDelivery tess_message_get_delivery (TessMessage *self);
const char *tess_message_get_failure (TessMessage *self);
gboolean tess_message_get_edited (TessMessage *self);
gboolean tess_message_get_deleted (TessMessage *self);
const char *tess_message_get_reply_to (TessMessage *self);
const char *tess_message_get_reply_text (TessMessage *self);
gboolean tess_message_get_reply_outgoing (TessMessage *self);
const char *tess_message_get_own_reaction (TessMessage *self);
const char *tess_message_get_their_reaction (TessMessage *self);
guint tess_message_get_expires_after (TessMessage *self);

G_END_DECLS
