/* Fetches the keys of contacts for whom something waits, and has it sealed with them (protocol.md 7). Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"

G_BEGIN_DECLS

TessBundles *tess_bundles_new (TessCore *core);
void tess_bundles_free (TessBundles *self);

/* @contact's keys are needed. One fetch at a time for each; it is tried again by itself until it ends one way or the other. */
void tess_bundles_want (TessBundles *self, int64_t contact);
/* Tries those that wait for their relay at once. */
void tess_bundles_nudge (TessBundles *self);
/* TRUE while a fetch is under way, not while it waits to be tried again. */
bool tess_bundles_is_busy (TessBundles *self);

G_END_DECLS
