/* One message that a search found. Belongs to the main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-conversation.h"

G_BEGIN_DECLS

#define TESS_TYPE_SEARCH_HIT (tess_search_hit_get_type ())
G_DECLARE_FINAL_TYPE (TessSearchHit, tess_search_hit, TESS, SEARCH_HIT, GObject)

/* Properties, all read-only, none changes:
 *   conversation (TessConversation)
 *   row      (int64)    the message's, for tess_history_load_around()
 *   time     (int64)    ms since 1970
 *   outgoing (boolean)
 *   excerpt  (string)   one line of the text around what was found, with what was found between U+0002 and U+0003 (control
 *                       characters of the text itself are spaces there) */
TessConversation *tess_search_hit_get_conversation (TessSearchHit *self);
gint64 tess_search_hit_get_row (TessSearchHit *self);
gint64 tess_search_hit_get_time (TessSearchHit *self);
gboolean tess_search_hit_get_outgoing (TessSearchHit *self);
const char *tess_search_hit_get_excerpt (TessSearchHit *self);

G_END_DECLS
