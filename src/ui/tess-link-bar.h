/* The connection to the relay in words, on top of a pane, while it is not what it should be.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_LINK_BAR (tess_link_bar_get_type ())
G_DECLARE_FINAL_TYPE (TessLinkBar, tess_link_bar, TESS, LINK_BAR, AdwBin)

/* Once. */
void tess_link_bar_set_engine (TessLinkBar *self, TessEngine *engine);

G_END_DECLS
