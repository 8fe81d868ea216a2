/* The account is registered at its relay: under way, or why not and what to do. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals ::registered (): also after it was given up, if it came about all the same; ::given-up (): the person wants another
 * name or relay, which a new account can have. Below it an action "setup.network" is wanted. */
#define TESS_TYPE_REGISTER_PAGE (tess_register_page_get_type ())
G_DECLARE_FINAL_TYPE (TessRegisterPage, tess_register_page, TESS, REGISTER_PAGE, AdwNavigationPage)

/* Makes a new account of @name at @relay with @invitation, or NULL. */
void tess_register_page_create (TessRegisterPage *self, TessEngine *engine, const char *name, const char *relay,
                                const char *invitation);
/* Makes the account that a backup brought known to its relay. */
void tess_register_page_connect (TessRegisterPage *self, TessEngine *engine);

G_END_DECLS
