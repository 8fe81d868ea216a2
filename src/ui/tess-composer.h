/* Where a message is written. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::send (string): the person wants this text sent; it is cleared already. */
#define TESS_TYPE_COMPOSER (tess_composer_get_type ())
G_DECLARE_FINAL_TYPE (TessComposer, tess_composer, TESS, COMPOSER, AdwBin)

void tess_composer_set_text (TessComposer *self, const char *text);
/* What stands in it. Free with g_free(). */
char *tess_composer_dup_text (TessComposer *self);
/* Takes the focus; with @event a key press of elsewhere is typed here (TRUE when it was text). */
void tess_composer_focus (TessComposer *self);
gboolean tess_composer_forward_key (TessComposer *self, GtkEventControllerKey *controller);

G_END_DECLS
