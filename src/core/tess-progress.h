/* How far long work has come, and the way to end it early. Whoever starts the work makes one, watches it and hands it over.
 * Main thread, but for what the worker calls. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define TESS_TYPE_PROGRESS (tess_progress_get_type ())
G_DECLARE_FINAL_TYPE (TessProgress, tess_progress, TESS, PROGRESS, GObject)

/* Property: fraction (double, 0 to 1, read-only, never goes back), notified at most some 20 times a second, and at its end. */

TessProgress *tess_progress_new (void);
double tess_progress_get_fraction (TessProgress *self);

/* Asks the work to end: it lets go of what it made and rejects with CANCELLED. Too late is fine: then it was done. */
void tess_progress_cancel (TessProgress *self);

/* For the work. Any thread. */
gboolean tess_progress_is_cancelled (TessProgress *self);
/* @fraction is shown by the main thread soon. */
void tess_progress_set (TessProgress *self, double fraction);

G_END_DECLS
