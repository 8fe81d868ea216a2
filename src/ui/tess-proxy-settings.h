/* Which way connections go, to choose: a group of the preferences, and of a dialog of its own before there is an account.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::changed (): connections go another way now. */
#define TESS_TYPE_PROXY_SETTINGS (tess_proxy_settings_get_type ())
G_DECLARE_FINAL_TYPE (TessProxySettings, tess_proxy_settings, TESS, PROXY_SETTINGS, AdwPreferencesGroup)

/* Shows the way of now, and keeps what is chosen in @profile. */
void tess_proxy_settings_set_profile (TessProxySettings *self, const char *profile);

/* Opens a dialog with nothing but this over @parent. The settings in it, borrowed. */
TessProxySettings *tess_proxy_settings_present (GtkWidget *parent, const char *profile);

G_END_DECLS
