/* Sealing what waits for a contact, in jobs: protocol.md 6. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-job.h"
#include "store/tess-queries-contacts.h"
#include "store/tess-queries-messages.h"
#include "wire/tess-directory-json.h"

G_BEGIN_DECLS

typedef enum {
  TESS_FLUSH_RECEIPTS = 1 << 0, /* those gathered are due now */
} TessFlush;

/* Seals everything that waits for @contact into the outbox, in order: own profile (with the first mail, and when it changed),
 * the answer to a scanned code, messages, receipts. Where keys are missing or older than TESS_PREKEY_REFETCH_AFTER nothing is
 * sealed and the contact is marked in the job's changes (tess_changes_bundle()). @fresh is NULL, or the bundle just fetched with
 * one-time prekeys and already taken (tess_people_take_bundle()), from which sessions are started. Repeating it is harmless. */
bool tess_sender_flush (TessJob *job, int64_t contact, const TessBundle *fresh, unsigned flags, GError **error);

/* The same for each of @contacts (int64_t), with nothing fetched. What fails for one is undone and does not hold up the
 * others. */
bool tess_sender_flush_all (TessJob *job, GArray *contacts, unsigned flags, GError **error);

/* The same for everybody for whom something waits: at the start, and hourly. */
bool tess_sender_flush_waiting (TessJob *job, GError **error);

/* What was never receipted is sent again (TESS_PENDING_RESEND) at most once an hour, so that nobody can make us send without end
 * by starting sessions: whether it may be now; and that it was now, or has to wait. */
bool tess_sender_may_resend (TessJob *job, int64_t contact, bool *may_out, GError **error);
bool tess_sender_defer_resend (TessJob *job, int64_t contact, GError **error);

/* An accepted contact still writes under the request capability: our profile, in which the other one stands, may be lost and goes
 * again, TESS_PROFILE_AGAIN_AFTER the last time (protocol.md 7). */
bool tess_sender_note_request (TessJob *job, const TessContactRow *contact, GError **error);

/* Mail that names @contact decrypts under nothing and came under the request capability, which strangers have too: nothing is
 * sent for it, but our next message goes under a fresh session, once in TESS_RENEW_INTERVAL (protocol.md 6). */
bool tess_sender_renew (TessJob *job, int64_t contact, GError **error);

/* Stores a new own text message as waiting (as read where one writes to oneself): the caller flushes. @reply_to: the id of the
 * message that it answers, or NULL. @row_out: its row. */
bool tess_sender_store_text (TessJob *job, int64_t conversation, const char *text, const uint8_t *reply_to, int64_t *row_out,
                             GError **error);
/* Stores an own action as waiting (not at all where one writes to oneself): the caller flushes. @target: the id of the message
 * that it is about, or NULL. @time_ms: by our clock; of two actions on one message the later counts. */
bool tess_sender_store_action (TessJob *job, int64_t conversation, TessAction action, const uint8_t *target, const char *body,
                               int64_t time_ms, GError **error);

/* Tells an accepted contact that we write, or stopped, if that can be sealed at once and nothing else waits for them. */
bool tess_sender_typing (TessJob *job, int64_t contact, bool on, GError **error);

G_END_DECLS
