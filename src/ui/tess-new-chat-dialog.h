/* Adds a person by address, link, code or a picture of one. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_NEW_CHAT_DIALOG (tess_new_chat_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TessNewChatDialog, tess_new_chat_dialog, TESS, NEW_CHAT_DIALOG, AdwDialog)

/* @text: what to start with, or NULL. When somebody was added, activates "win.open-chat" with the conversation's id and
 * closes. */
AdwDialog *tess_new_chat_dialog_new (TessEngine *engine, const char *text);
void tess_new_chat_dialog_set_text (TessNewChatDialog *self, const char *text);

G_END_DECLS
