/* Making hits. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-search-hit.h"

G_BEGIN_DECLS

TessSearchHit *tess_search_hit_new (TessConversation *conversation, gint64 row, gint64 time, gboolean outgoing,
                                    const char *excerpt);

G_END_DECLS
