/* The message that another one answers, above its text: a button that leads there. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-message.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESS_TYPE_QUOTE (tess_quote_get_type ())
G_DECLARE_FINAL_TYPE (TessQuote, tess_quote, TESS, QUOTE, GtkButton)

/* Shows what @message, of a chat with @name, answers. */
void tess_quote_show (TessQuote *self, TessMessage *message, const char *name);

G_END_DECLS
