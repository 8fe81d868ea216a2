/* The program: one process and one window a profile. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_APPLICATION (tess_application_get_type ())
G_DECLARE_FINAL_TYPE (TessApplication, tess_application, TESS, APPLICATION, AdwApplication)

/* @profile: the folder, or NULL for the default one, $XDG_DATA_HOME/tessera. Each profile has an application id of its own, so
 * that a second start raises the window of the first. */
TessApplication *tess_application_new (const char *profile);
/* The first activation shows no window, as long as there is nothing that a person has to do. FALSE: the profile's application
 * runs already, and stays as it is; one that was started for a search alone stays from now on. */
gboolean tess_application_hide (TessApplication *self);

G_END_DECLS
