/* What counts as one emoji. Pure. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-limits.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Whether @text, valid UTF-8, is one emoji as UTS #51 puts them together: a symbol with its modifiers, several joined by U+200D,
 * a flag, a keycap; of at most TESS_EMOJI_BYTES_MAX bytes. Which symbols are there is the font's affair: any symbol is taken. */
bool tess_emoji_check (const char *text);

/* The number of emoji that @text consists of, when it consists of nothing else (spaces between them are skipped) and they are
 * at most @max; else 0. */
unsigned tess_emoji_count (const char *text, unsigned max);

G_END_DECLS
