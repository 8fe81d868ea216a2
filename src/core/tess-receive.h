/* The receive job: one envelope, one transaction (protocol.md 2, 3, 4, 6). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-job.h"
#include "wire/tess-frames.h"

G_BEGIN_DECLS

/* What became of an envelope. All of these are acknowledged. */
typedef enum {
  TESS_RECEIVED,
  TESS_RECEIVED_BEFORE,         /* seen or decrypted before: nothing happened */
  TESS_RECEIVED_REFUSED,        /* malformed, forged, or against a rule: counted */
  TESS_RECEIVED_UNDECRYPTABLE,  /* decrypts under no session of its sender: counted, and answered by the rules of protocol.md 6 */
} TessReceiveOutcome;

/* Handles @envelope, which came as @sequence under @class. FALSE: a fault of our own (disk, memory); the transaction has to be
 * rolled back and the envelope must not be acknowledged. */
bool tess_receive (TessJob *job, GBytes *envelope, TessMailClass class, uint64_t sequence, TessReceiveOutcome *outcome_out,
                   GError **error);

/* Starts the fresh sessions whose wait is over: with the hourly work. */
bool tess_receive_late (TessJob *job, GError **error);

/* Lets an envelope go whose job fails again and again by no fault of the disk: counted as refused, never tried again. */
bool tess_receive_give_up (TessJob *job, GBytes *envelope, uint64_t sequence, GError **error);

G_END_DECLS
