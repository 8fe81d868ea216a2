/* Own keys at the relay: making, registering, refilling, rotating (protocol.md 1, 7).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"
#include "net/tess-mailbox-link.h"

G_BEGIN_DECLS

/* In a fiber: prepares the account in the database (name, relay, capabilities, first prekeys; what is there already is kept) for
 * registering. */
bool tess_account_prepare (TessCore *core, const char *name, const char *relay, GError **error);

/* In a fiber, on a connected link: registers, or, when the relay knows this device already, publishes; then the capabilities;
 * then notes it in the database. Can be repeated after a crash at any point. After restoring a backup, where the relay knows a
 * newer device list, with one above that; and new sessions are then due with every contact (protocol.md 12). TESS_CORE_ERROR:
 * REPLACED (there is a newer list, and nothing was restored here). */
bool tess_account_register (TessCore *core, TessMailboxLink *link, bool is_known, const char *invitation, GError **error);

/* In a fiber, on a ready link: uploads one-time prekeys when @left is below TESS_ONE_TIME_REFILL_BELOW, and what the relay does
 * not have: a prekey record, a new request capability, a name that was asked for (tess-account-name.h). */
bool tess_account_maintain (TessCore *core, TessMailboxLink *link, uint32_t left, GError **error);

/* Makes a new request capability; it goes to the relay with the next tess_account_maintain(). A TessIntent. */
bool tess_account_job_renew (TessJob *job, gpointer intent, GError **error);
/* → @more: the relay does not have it yet. */
bool tess_account_job_renewal_waits (TessJob *job, gpointer intent, GError **error);

/* In a fiber: compares @acked of the relay's ready with ours. A higher one means that this database was rolled back: sessions are
 * started anew with every contact, and the unissued one-time prekeys replaced (protocol.md 6). At most every
 * TESS_ROLL_FORWARD_INTERVAL: a further one waits for the hourly work. */
bool tess_account_check_rollback (TessCore *core, uint64_t acked, GError **error);
/* Its job; the TessIntent's message is what the relay says is acknowledged. */
bool tess_account_job_roll_forward (TessJob *job, gpointer intent, GError **error);

/* A job: does what waited for its hour, and seals what waits: when the program starts, and hourly. */
bool tess_account_job_resume (TessJob *job, gpointer data, GError **error);

G_END_DECLS
