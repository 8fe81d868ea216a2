/* What a message is, in words: for its row in a chat, for a screen reader and for the details. Main thread (locale).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-message.h"

G_BEGIN_DECLS

/* A text that people wrote or took back, and not a notice. */
gboolean tess_message_text_is_text (TessMessage *message);

/* What stands in the place of a deleted message. Static. */
const char *tess_message_text_deleted (TessMessage *message);

/* How far it has come, or that its deletion did not come to the other side; "" where nothing is to be said. Static. */
const char *tess_message_text_delivery (TessMessage *message);

/* When it goes, or NULL for one that stays. Free with g_free(). */
char *tess_message_text_expiry (TessMessage *message);

/* Who wrote the message that this one answers, and what; @name is the other person's. The first one static or @name. */
const char *tess_message_text_reply_name (TessMessage *message, const char *name);
const char *tess_message_text_reply (TessMessage *message);

/* One reaction, of the person with @name, or of oneself (NULL). Free with g_free(). */
char *tess_message_text_reaction (const char *emoji, const char *name);
/* Who reacted, with what; NULL when nobody did. Free with g_free(). */
char *tess_message_text_reactions (TessMessage *message, const char *name);

/* The row as one sentence: who, when, what, and all that the eye sees beside it. Free with g_free(). */
char *tess_message_text_sentence (TessMessage *message, const char *name);

G_END_DECLS
