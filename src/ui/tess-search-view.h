/* What a search finds, as one types: chats by their names, then messages everywhere. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: ::chosen (TessConversation): a chat was clicked, or Enter; ::hit (TessSearchHit): the same for a message. */
#define TESS_TYPE_SEARCH_VIEW (tess_search_view_get_type ())
G_DECLARE_FINAL_TYPE (TessSearchView, tess_search_view, TESS, SEARCH_VIEW, AdwBin)

void tess_search_view_set_engine (TessSearchView *self, TessEngine *engine);
/* Searches for @text; what was found before goes when there is something new. "" forgets everything. */
void tess_search_view_set_text (TessSearchView *self, const char *text);
/* Takes the keyboard to the first result; or chooses it. FALSE: there is none. */
gboolean tess_search_view_focus (TessSearchView *self);
gboolean tess_search_view_choose_first (TessSearchView *self);

G_END_DECLS
