/* Keeps the mailbox link up: connects, waits with backoff, comes back when the network does, and says in words how it stands.
 * Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"
#include "net/tess-mailbox-link.h"

G_BEGIN_DECLS

TessSupervisor *tess_supervisor_new (TessCore *core);
void tess_supervisor_free (TessSupervisor *self);

/* Goes online and stays so. */
void tess_supervisor_start (TessSupervisor *self);
void tess_supervisor_stop (TessSupervisor *self);
/* Tries everything that waits at once. */
void tess_supervisor_nudge (TessSupervisor *self);
/* The same, and what is connected is not trusted: connects anew. */
void tess_supervisor_renew (TessSupervisor *self);

/* A link of our own for registering. Its mail is not looked at: it comes again. Resolves to a boxed TessMailboxReady. */
TessMailboxLink *tess_supervisor_make_link (TessSupervisor *self, const char *origin);

/* In a fiber: uploads the keys that the relay does not have yet, when the link is up. */
void tess_supervisor_upload (TessSupervisor *self);

/* In a fiber: claims @name at the relay, or gives up the one there is (""): tess_account_claim_name(); UNREACHABLE when the link
 * is not up. */
bool tess_supervisor_claim (TessSupervisor *self, const char *name, GError **error);

/* TRUE until the mailbox was emptied or could not be reached: deposits wait for that (protocol.md 7). */
bool tess_supervisor_is_settling (TessSupervisor *self);
/* In a fiber: waits for it. */
void tess_supervisor_await_settled (TessSupervisor *self);

/* TRUE since the relay said that this account lives on another device: what would be sent from here nobody takes any more. */
bool tess_supervisor_is_replaced (TessSupervisor *self);

/* Whether power is saved (tess-power.h; FALSE before the start): the link pings less often then. */
bool tess_supervisor_is_saving (TessSupervisor *self);
/* How often it does, in seconds; 0 while it is not open. */
unsigned tess_supervisor_ping_seconds (TessSupervisor *self);

TessLinkState tess_supervisor_get_state (TessSupervisor *self);
const char *tess_supervisor_get_message (TessSupervisor *self);

G_END_DECLS
