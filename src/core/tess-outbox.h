/* The deposit worker: for each mailbox one envelope after the other, in the order of their sealing (protocol.md 6, 7). Main
 * thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"

G_BEGIN_DECLS

TessOutbox *tess_outbox_new (TessCore *core);
void tess_outbox_free (TessOutbox *self);

/* There may be something new to deposit. */
void tess_outbox_kick (TessOutbox *self);
/* Tries what waits for a relay at once. */
void tess_outbox_nudge (TessOutbox *self);
/* Closes the links; what is under way comes to an unknown outcome and goes again under its deposit id, over a new link. */
void tess_outbox_close_links (TessOutbox *self);
/* TRUE while a deposit is under way or about to be, not while it waits to be tried again. */
bool tess_outbox_is_busy (TessOutbox *self);

G_END_DECLS
