/* The rows of a list of messages that are bound now (GtkListItem whose child is a TessMessageView): which message they show, and
 * where they stand on the screen, which a row only does after the layout that follows its binding.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-message.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The row (TessMessage:row) of what @item shows, 0 for nothing. */
gint64 tess_history_rows_row (GtkListItem *item);

/* The one of @bound that shows the message of @row, or NULL. Borrowed. */
GtkListItem *tess_history_rows_find (GPtrArray *bound, gint64 row);

/* Where @item stands on @screen, an ancestor; FALSE when it is not there. */
gboolean tess_history_rows_bounds (GtkListItem *item, GtkWidget *screen, double *y, double *height);

/* The newest of @bound on @screen, with @whole only one whose end is there, else preferably one that is wholly there; or NULL.
 * Borrowed. */
GtkListItem *tess_history_rows_newest (GPtrArray *bound, GtkWidget *screen, gboolean whole);

G_END_DECLS
