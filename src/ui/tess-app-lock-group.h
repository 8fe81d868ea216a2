/* The group of the preferences about the app lock. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Inside an AdwPreferencesDialog, onto which it puts its page. */
#define TESS_TYPE_APP_LOCK_GROUP (tess_app_lock_group_get_type ())
G_DECLARE_FINAL_TYPE (TessAppLockGroup, tess_app_lock_group, TESS, APP_LOCK_GROUP, AdwPreferencesGroup)

/* Once, before it is shown. */
void tess_app_lock_group_set_engine (TessAppLockGroup *self, TessEngine *engine);

G_END_DECLS
