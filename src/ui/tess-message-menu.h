/* What can be done to a message: wraps the list of messages, and opens a menu on one of them by the mouse, a long press or the
 * keys. Copying, reacting and deleting it does itself; for answering and editing it says which message it is.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals ::reply (TessMessage), ::edit (TessMessage); ::failed (string): a sentence to show shortly. */
#define TESS_TYPE_MESSAGE_MENU (tess_message_menu_get_type ())
G_DECLARE_FINAL_TYPE (TessMessageMenu, tess_message_menu, TESS, MESSAGE_MENU, AdwBin)

void tess_message_menu_set_conversation (TessMessageMenu *self, TessEngine *engine, TessConversation *conversation);
/* Whether something can be sent in this chat: without that a message can only be copied and deleted here. */
void tess_message_menu_set_writable (TessMessageMenu *self, gboolean writable);
/* Reacts to @message with @emoji, "" for not any more. */
void tess_message_menu_react (TessMessageMenu *self, TessMessage *message, const char *emoji);

G_END_DECLS
