/* How core makes and changes the objects that it shows. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-conversation.h"
#include "core/tess-snapshots.h"

G_BEGIN_DECLS

/* New objects of rows; a conversation makes its contact. Updating notifies exactly the properties that changed. */
TessConversation *tess_conversation_new (const TessConversationData *row);
void tess_conversation_update (TessConversation *self, const TessConversationData *row);

/* Before it is stored: who looks at the chat again at once finds it. */
void tess_conversation_set_draft (TessConversation *self, const char *text, gint64 reply);

/* Whether the other person is writing; without another word that ends after TESS_TYPING_SECONDS. */
void tess_conversation_set_typing (TessConversation *self, gboolean typing);
#define TESS_TYPING_SECONDS 15

/* The same for a contact alone. */
TessContact *tess_contact_new (const TessConversationData *row);
void tess_contact_update (TessContact *self, const TessConversationData *row);

/* The same for a message. */
TessMessage *tess_message_new (const TessMessageData *row);
void tess_message_update (TessMessage *self, const TessMessageData *row);
/* It is in no chat any more: who holds it sees it as deleted. */
void tess_message_set_gone (TessMessage *self);

G_END_DECLS
