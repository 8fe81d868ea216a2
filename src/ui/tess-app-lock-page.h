/* The page of the preferences that sets, changes and takes away the app lock. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_APP_LOCK_PAGE (tess_app_lock_page_get_type ())
G_DECLARE_FINAL_TYPE (TessAppLockPage, tess_app_lock_page, TESS, APP_LOCK_PAGE, AdwNavigationPage)

AdwNavigationPage *tess_app_lock_page_new (TessEngine *engine);

G_END_DECLS
