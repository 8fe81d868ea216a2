/* Long work under way: what it is, how far it has come, and the way to end it. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-progress.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Properties: title, description (strings). The button, Escape, the end of the view and a window that goes away cancel. */
#define TESS_TYPE_PROGRESS_VIEW (tess_progress_view_get_type ())
G_DECLARE_FINAL_TYPE (TessProgressView, tess_progress_view, TESS, PROGRESS_VIEW, AdwBin)

/* Work begins: what is to be handed to it. Borrowed. */
TessProgress *tess_progress_view_begin (TessProgressView *self);
/* As if the button was pressed; nothing when no work is under way. */
void tess_progress_view_cancel (TessProgressView *self);
/* It is decided. */
void tess_progress_view_end (TessProgressView *self);

G_END_DECLS
