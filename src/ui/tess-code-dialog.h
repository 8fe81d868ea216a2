/* One's own general code, to be shown or sent. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_CODE_DIALOG (tess_code_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TessCodeDialog, tess_code_dialog, TESS, CODE_DIALOG, AdwDialog)

AdwDialog *tess_code_dialog_new (TessEngine *engine);

G_END_DECLS
