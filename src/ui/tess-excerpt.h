/* What a search found in a text, marked with U+0002 and U+0003 (TessSearchHit:excerpt), for showing and for reading aloud.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Pango markup: everything escaped, what was found bold. Well formed whatever the marks are. Free with g_free(). */
char *tess_excerpt_markup (const char *excerpt);
/* Without the marks. Free with g_free(). */
char *tess_excerpt_plain (const char *excerpt);

G_END_DECLS
