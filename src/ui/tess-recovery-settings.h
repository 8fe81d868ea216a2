/* The page of the preferences about the recovery code, and a passphrase beside it. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::changed (): tess_engine_get_recovery() may say something else now. */
#define TESS_TYPE_RECOVERY_SETTINGS (tess_recovery_settings_get_type ())
G_DECLARE_FINAL_TYPE (TessRecoverySettings, tess_recovery_settings, TESS, RECOVERY_SETTINGS, AdwNavigationPage)

AdwNavigationPage *tess_recovery_settings_new (TessEngine *engine);

G_END_DECLS
