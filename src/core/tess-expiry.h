/* Erases messages whose time is over (protocol.md 5, `expires_after`). Main thread; the job on the database thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"

G_BEGIN_DECLS

TessExpiry *tess_expiry_new (TessCore *core);
void tess_expiry_free (TessExpiry *self);

/* From here on what is due is erased when it is. */
void tess_expiry_start (TessExpiry *self);
/* The next one may be due earlier than was known. */
void tess_expiry_kick (TessExpiry *self);

/* A job: erases what is due now, up to TESS_EXPIRY_BATCH, and their actions that never found their target. @intent (may be
 * NULL) → @expires: when the next is due, ms, 0: none. */
bool tess_expiry_job (TessJob *job, gpointer intent, GError **error);

G_END_DECLS
