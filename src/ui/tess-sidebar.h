/* The list of chats. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: ::browsed (TessConversation): arrow keys came to it; ::chosen (TessConversation): clicked, or Enter. */
#define TESS_TYPE_SIDEBAR (tess_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (TessSidebar, tess_sidebar, TESS, SIDEBAR, AdwNavigationPage)

void tess_sidebar_set_engine (TessSidebar *self, TessEngine *engine);
/* The chats as they are listed, without requests and archived ones: what the keys go through. Borrowed. */
GListModel *tess_sidebar_get_chats (TessSidebar *self);
/* Marks the chat that is open (NULL: none), without a signal. */
void tess_sidebar_select (TessSidebar *self, TessConversation *conversation);
/* Opens the search over all chats, for @text unless it is NULL, and takes the keyboard. */
void tess_sidebar_search (TessSidebar *self, const char *text);
void tess_sidebar_focus (TessSidebar *self);
gboolean tess_sidebar_has_focus (TessSidebar *self);
/* A new day has begun. */
void tess_sidebar_refresh (TessSidebar *self);

G_END_DECLS
