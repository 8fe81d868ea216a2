/* A message that a search found. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-search-hit.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Property sentence (string, read-only, notified): the row for a screen reader. */
#define TESS_TYPE_HIT_ROW (tess_hit_row_get_type ())
G_DECLARE_FINAL_TYPE (TessHitRow, tess_hit_row, TESS, HIT_ROW, AdwBin)

/* What to show; a row is used again for another. */
void tess_hit_row_set_hit (TessHitRow *self, TessSearchHit *hit);

G_END_DECLS
