/* The preferences. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_PREFERENCES_DIALOG (tess_preferences_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TessPreferencesDialog, tess_preferences_dialog, TESS, PREFERENCES_DIALOG, AdwPreferencesDialog)

/* @profile: the folder of @engine. */
AdwDialog *tess_preferences_dialog_new (TessEngine *engine, const char *profile);

G_END_DECLS
