/* Makes a recovery code, shows it, this once, and puts it in force when a part of it was typed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals ::began (): a code that was written down is being put in force, which takes a second; ::ended (): it is, or that
 * failed, or none could be made. Who holds the view keeps it between the two, since only it can say which. */
#define TESS_TYPE_RECOVERY_VIEW (tess_recovery_view_get_type ())
G_DECLARE_FINAL_TYPE (TessRecoveryView, tess_recovery_view, TESS, RECOVERY_VIEW, AdwBin)

/* Says what a code is for, and has a button that makes it. */
void tess_recovery_view_set_engine (TessRecoveryView *self, TessEngine *engine);
/* As if the button was pressed. */
void tess_recovery_view_make (TessRecoveryView *self);

G_END_DECLS
