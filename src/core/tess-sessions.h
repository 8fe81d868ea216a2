/* Ratchet sessions between the database and the crypto layer: jobs' functions (tess-job.h). protocol.md 2, 3.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-job.h"
#include "crypto/tess-handshake.h"
#include "store/tess-queries-sessions.h"
#include "wire/tess-directory-json.h"

G_BEGIN_DECLS

/* Starts a session with @them from a bundle's @device, stored as the active one. NULL and an error when it cannot be; a key of
 * theirs that is unfit is TESS_CRYPTO_ERROR_REFUSED. */
TessSessionRow *tess_session_start (TessJob *job, int64_t contact, const TessParty *them, const TessBundleDevice *device,
                                    GError **error);

/* Archives the active sessions of @contact (0: of all): what is sent next starts anew. */
bool tess_sessions_archive (TessJob *job, int64_t contact, GError **error);

/* Deletes the archived sessions that are too old or one too many of their device (protocol.md 3). */
bool tess_sessions_prune (TessJob *job, GError **error);

/* FALSE and TESS_CRYPTO_ERROR_DAMAGED when the session's stored state is none: nothing can be sealed or read under it. */
bool tess_session_check (const TessSessionRow *session, GError **error);

/* Encrypts @content under @session, whose next state is stored. *@hello_out is NULL or what precedes the message. */
bool tess_session_encrypt (TessJob *job, TessSessionRow *session, GBytes *content, GBytes **hello_out, GBytes **message_out,
                           GError **error);

/* What came of trying to decrypt. */
typedef enum {
  TESS_DECRYPTED,
  TESS_DECRYPT_DUPLICATE, /* received before */
  TESS_DECRYPT_NOT,       /* not under this session */
} TessDecrypt;

/* Tries @message under @session. On DECRYPTED the next state, new and spent stored keys are written, the session counts as
 * answered, and *@content_out is the text; nothing is written otherwise. FALSE only for faults of our own. */
bool tess_session_decrypt (TessJob *job, TessSessionRow *session, const uint8_t *message, size_t size, TessDecrypt *outcome_out,
                           TessWiped **content_out, GError **error);

/* A hello nobody knew yet, checked and answered in memory; nothing is stored before its message decrypts. */
typedef struct {
  TessParty them;
  int64_t contact; /* of the sender; 0: unknown */
  const TessHello *hello;
  const uint8_t *message; /* borrowed */
  size_t message_size;
} TessHelloMail;

/* Answers a new hello. On DECRYPTED the session is stored for @contact (active or archived by the rule of crossing hellos), the
 * hello remembered, and its one-time key erased or the use of the last-resort key counted: call tess_session_answer() first, and
 * when it says DECRYPTED, find or make the contact, then tess_session_adopt(). */
typedef struct {
  TessReceived received;
  TessSessionRow *row; /* without contact and id */
  uint32_t one_time_id;
} TessAnswered;
void tess_answered_clear (TessAnswered *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TessAnswered, tess_answered_clear)

bool tess_session_answer (TessJob *job, const TessHelloMail *mail, TessAnswered *answered_out, TessDecrypt *outcome_out,
                          GError **error);
/* *@crossed_out: our own first hello is unanswered. It crossed theirs, or they lost what they had; nobody can tell which. */
bool tess_session_adopt (TessJob *job, int64_t contact, TessAnswered *answered, bool *crossed_out, GError **error);

G_END_DECLS
