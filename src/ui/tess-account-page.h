/* First start: the name and the relay, which is asked live what it is. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::create (string name, string relay, string invitation): all is fit; the invitation may be NULL. */
#define TESS_TYPE_ACCOUNT_PAGE (tess_account_page_get_type ())
G_DECLARE_FINAL_TYPE (TessAccountPage, tess_account_page, TESS, ACCOUNT_PAGE, AdwNavigationPage)

/* Whom to ask for relays. None is asked before the page is on the screen. */
void tess_account_page_set_engine (TessAccountPage *self, TessEngine *engine);

/* Asks the relay once more: it is reached another way now. */
void tess_account_page_check_again (TessAccountPage *self);

G_END_DECLS
