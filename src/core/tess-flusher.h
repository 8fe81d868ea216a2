/* Who waits for everything to be sent: tess_engine_flush(). Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"

G_BEGIN_DECLS

TessFlusher *tess_flusher_new (TessCore *core);
void tess_flusher_free (TessFlusher *self);

/* Resolves to TRUE when all that is queued now is stored on its relays; rejects UNREACHABLE when some of it cannot go now,
 * REFUSED when some of it failed for good. */
DexFuture *tess_flusher_wait (TessFlusher *self);
/* Something was settled, or a worker went to sleep: looks whether the waits are over. */
void tess_flusher_check (TessFlusher *self);
/* Something failed for good; whoever waits hears @sentence at the end. */
void tess_flusher_failed (TessFlusher *self, const char *sentence);
/* The engine closes: all waits are rejected. */
void tess_flusher_stop (TessFlusher *self);

G_END_DECLS
