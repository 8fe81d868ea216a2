/* The language that a program speaks. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Takes the locale of the environment and finds our catalogues, as UTF-8: those that were installed, or those in the folder that
 * TESSERA_LOCALEDIR names, which is how a build that is not installed finds its own. Call once, before any thread exists. */
void tess_locale_init (void);

G_END_DECLS
