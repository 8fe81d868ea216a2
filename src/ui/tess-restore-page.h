/* First start: an account and its chats out of a backup. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::restored (): all of it is in the profile, and the relay is to be told. */
#define TESS_TYPE_RESTORE_PAGE (tess_restore_page_get_type ())
G_DECLARE_FINAL_TYPE (TessRestorePage, tess_restore_page, TESS, RESTORE_PAGE, AdwNavigationPage)

/* What is restored into: an opened profile without an account. */
void tess_restore_page_set_engine (TessRestorePage *self, TessEngine *engine);
/* Asks for the file, as its row does. */
void tess_restore_page_choose (TessRestorePage *self);

G_END_DECLS
