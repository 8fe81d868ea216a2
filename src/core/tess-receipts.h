/* Receipts are gathered for a random moment before they go out (protocol.md 5). Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"

G_BEGIN_DECLS

TessReceipts *tess_receipts_new (TessCore *core);
void tess_receipts_free (TessReceipts *self);

/* Receipts were gathered: they go out in TESS_RECEIPT_DELAY_MIN_MS to _MAX_MS, if nothing is under way already. */
void tess_receipts_arm (TessReceipts *self);
/* TRUE while some are to go. */
bool tess_receipts_is_busy (TessReceipts *self);

G_END_DECLS
