/* What a person does to chats and looks up in them, as jobs (tess-intents.h). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-intents.h"

G_BEGIN_DECLS

/* @conversation, @message (after), @count → @rows (TessMessageData, oldest first), @newer. */
bool tess_intent_load_newer (TessJob *job, gpointer intent, GError **error);
/* @conversation, @message, @count → @rows: up to so many before it, and so many from it on; @more (older ones), @newer. */
bool tess_intent_load_around (TessJob *job, gpointer intent, GError **error);
/* @conversation, @secret (a message's id) → @message, 0 when it is not here. */
bool tess_intent_find_message (TessJob *job, gpointer intent, GError **error);

G_END_DECLS
