/* What the app says of itself. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-types.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What a report of a fault needs and nothing that tells who somebody is: versions, the desktop, how the app is shown, the
 * connection in one word. No name, address, key, relay, path or host. @window may be NULL (not shown yet). Free with g_free(). */
char *tess_about_debug_info (GtkWidget *window, TessLinkState link);

AdwDialog *tess_about_dialog_new (GtkWidget *window, TessLinkState link);

G_END_DECLS
