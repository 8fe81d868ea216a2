/* The work that time brings, whether or not a relay is reached: erasing keys, making new ones, what waits for its hour
 * (protocol.md 1, 3, 6). Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"

G_BEGIN_DECLS

TessUpkeep *tess_upkeep_new (TessCore *core);
void tess_upkeep_free (TessUpkeep *self);

/* Does it now, and whenever the clock says that TESS_UPKEEP_INTERVAL has passed or goes back: it is looked at every
 * tess_upkeep_look_seconds(), for clocks jump and machines sleep. Each look also puts new messages into the search index. */
void tess_upkeep_start (TessUpkeep *self);
/* TESS_UPKEEP_LOOK_SECONDS, or TESS_UPKEEP_LOOK_SAVING_SECONDS while power is saved. */
int tess_upkeep_look_seconds (TessCore *core);
/* Looks at once. */
void tess_upkeep_nudge (TessUpkeep *self);

/* The job: erases what has expired, makes a new prekey record when it is time, and does what waited for its hour. */
bool tess_upkeep_job (TessJob *job, gpointer data, GError **error);

G_END_DECLS
