/* Takes somebody's code: typed or pasted text, a picture file, a pasted or dropped picture, what the camera sees.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Properties: title (string) of the entry; scanning (boolean): with the camera from the start, which otherwise is a button.
 * Signals: ::changed (): the text is another one; ::picture (string): a code was read from a picture or by the camera and is the
 * text now; ::activate (). */
#define TESS_TYPE_CODE_INPUT (tess_code_input_get_type ())
G_DECLARE_FINAL_TYPE (TessCodeInput, tess_code_input, TESS, CODE_INPUT, AdwBin)

/* What stands in the entry, without white space around it. Free with g_free(). */
char *tess_code_input_dup_text (TessCodeInput *self);
void tess_code_input_set_text (TessCodeInput *self, const char *text);
/* A word under the entry: how the text looks. @css_class: "success", "error", "dimmed". NULL text: none. */
void tess_code_input_set_word (TessCodeInput *self, const char *text, const char *css_class);
/* While it can be seen, takes what is dropped anywhere on @widget, which holds it, and what Ctrl+V there pastes. */
void tess_code_input_serve (TessCodeInput *self, GtkWidget *widget);

G_END_DECLS
