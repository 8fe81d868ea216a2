/* A passphrase that is chosen, and typed twice. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Below this a person is told so, and may go on no further. In characters. */
#define TESS_PASSPHRASE_CHARS_MIN 8

/* Says @text at @word, as the css class does: "dimmed", "error" or "success". */
void tess_passphrase_word_say (GtkLabel *word, const char *text, const char *css_class);

/* Says at @word what of @text, and of @again behind it, is still amiss, or that nothing is. Whether it can be used as it is. */
gboolean tess_passphrase_word_show (GtkLabel *word, const char *text, const char *again);

G_END_DECLS
