/* First start, from the welcome to one's own code. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::done (TessEngine): registered, started, and the person goes on to the chats. */
#define TESS_TYPE_SETUP_VIEW (tess_setup_view_get_type ())
G_DECLARE_FINAL_TYPE (TessSetupView, tess_setup_view, TESS, SETUP_VIEW, AdwBin)

/* @engine: the opened profile, or NULL when there is no keyring: then a passphrase is asked for and the profile at @profile
 * opened. */
GtkWidget *tess_setup_view_new (TessEngine *engine, const char *profile);

G_END_DECLS
