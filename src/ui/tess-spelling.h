/* Spelling of what is being written, by the dictionaries that the desktop has: libspelling over Enchant, on this machine alone.
 * Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtksourceview/gtksource.h>

G_BEGIN_DECLS

/* Marks words of @view's text that no dictionary knows, with suggestions in its menu, as the settings spelling and
 * spelling-language say; the menu changes these. @view's buffer is @buffer. Once a view, and not from a
 * signal of the buffer's; dictionaries are read by the first. */
void tess_spelling_attach (GtkTextView *view, GtkSourceBuffer *buffer);

G_END_DECLS
