/* One anonymous connection to a relay for leaving mail there (protocol.md 7, /v1/deposit): separate from any other, so that the
 * relay does not learn who deposits. Main thread.
 *
 * A link lives once, as in tess-mailbox-link.h. It ends with CLOSED after TESS_NET_DEPOSIT_IDLE_SECONDS without a deposit.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/tess-net-error.h"
#include "wire/tess-frames.h"

#include <gio/gio.h>
#include <libdex.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_TYPE_DEPOSIT_LINK (tess_deposit_link_get_type ())
G_DECLARE_FINAL_TYPE (TessDepositLink, tess_deposit_link, TESS, DEPOSIT_LINK, GObject)

/* A deposit's answer: TessDepositAnswer of tess-frames.h, of which status and retry_after_ms matter. */
#define TESS_TYPE_DEPOSIT_ANSWER (tess_deposit_answer_get_type ())
GType tess_deposit_answer_get_type (void) G_GNUC_CONST;
void tess_deposit_answer_free (TessDepositAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessDepositAnswer, tess_deposit_answer_free)

/* A link to the relay at @origin (tess_origin_check()), not connected yet. */
TessDepositLink *tess_deposit_link_new (const char *origin);

/* Connects; once. Resolves to TRUE. Rejects with UNREACHABLE, TLS, NOT_A_RELAY, BUSY, SLOW_DOWN, CLOSED: the link has ended
 * then. */
DexFuture *tess_deposit_link_connect (TessDepositLink *self) G_GNUC_WARN_UNUSED_RESULT;

/* Rejects with the reason once the link has ended, never resolves: UNREACHABLE, TLS, NOT_A_RELAY, PROTOCOL, BUSY, SLOW_DOWN,
 * CLOSED. */
DexFuture *tess_deposit_link_ended (TessDepositLink *self) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE while deposits can be made: connected and not ended. */
bool tess_deposit_link_is_open (TessDepositLink *self);

/* Ends the link with CLOSED; deposits that were not answered are rejected with UNKNOWN_OUTCOME. */
void tess_deposit_link_close (TessDepositLink *self);

/* Leaves @envelope in @device's mailbox; deposits go out in the order of the calls, and the same @deposit_id may be given again
 * after an unknown outcome. Resolves to a boxed TessDepositAnswer, whatever its status. Rejects with UNKNOWN_OUTCOME (the link
 * ended before the answer, or none came within TESS_NET_REQUEST_SECONDS, which ends it), TOO_MANY (more than
 * TESS_NET_DEPOSITS_MAX unanswered: nothing was sent), CLOSED (not open: nothing was sent). @envelope has an envelope's shape. */
DexFuture *tess_deposit_link_deposit (TessDepositLink *self, const uint8_t device[static TESS_KEY_SIZE],
                                      const uint8_t capability[static TESS_CAPABILITY_SIZE],
                                      const uint8_t deposit_id[static TESS_DEPOSIT_ID_SIZE], GBytes *envelope)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
