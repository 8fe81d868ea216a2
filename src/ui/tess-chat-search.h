/* The bar that searches one chat: what is found is gone through from the newest on. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: ::jump (int64): to the message of this row; ::closed. */
#define TESS_TYPE_CHAT_SEARCH (tess_chat_search_get_type ())
G_DECLARE_FINAL_TYPE (TessChatSearch, tess_chat_search, TESS, CHAT_SEARCH, AdwBin)

void tess_chat_search_set_engine (TessChatSearch *self, TessEngine *engine, TessConversation *conversation);
/* Shows the bar and takes the keyboard. */
void tess_chat_search_open (TessChatSearch *self);

G_END_DECLS
