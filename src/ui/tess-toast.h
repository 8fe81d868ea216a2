/* A short word at the bottom of where one is: the dialog, else the window. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows @text (plain, no markup) over the nearest AdwToastOverlay around @from. */
void tess_toast (GtkWidget *from, const char *text);

G_END_DECLS
