/* The mail worker: one envelope after the other becomes a receive job, and is acknowledged once its transaction is committed
 * (protocol.md 6). Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"
#include "net/tess-mailbox-link.h"

G_BEGIN_DECLS

TessInbox *tess_inbox_new (TessCore *core);
void tess_inbox_free (TessInbox *self);

/* A link is being made; its mail goes to tess_inbox_mail(). Mail of an older one is forgotten: it comes again. */
void tess_inbox_begin (TessInbox *self);
/* The relay let us in, and what its ready says was looked at: mail is handled from here on. There were @waiting envelopes in the
 * mailbox: when that many are settled the mailbox was emptied once. */
void tess_inbox_ready (TessInbox *self, uint64_t waiting);
/* One envelope of @link. */
void tess_inbox_mail (TessInbox *self, TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope);
/* The link is gone, with @reason: whoever waits for an empty mailbox hears it. */
void tess_inbox_end (TessInbox *self, const GError *reason);

/* TRUE once the mailbox was emptied on the current link. */
bool tess_inbox_is_drained (TessInbox *self);
/* Resolves to TRUE then; rejects with the reason when the link ends before. TESS_CORE_ERROR. */
DexFuture *tess_inbox_drained (TessInbox *self);

G_END_DECLS
