/* The parts of the receive job between themselves (tess-receive.h). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-receive.h"
#include "core/tess-sessions.h"
#include "crypto/tess-envelope.h"
#include "store/tess-queries-contacts.h"

G_BEGIN_DECLS

/* One envelope on its way through. */
typedef struct {
  TessJob *job;
  TessMailClass class;
  TessEnvelope envelope;
  TessContactRow *contact; /* of the sender named inside; NULL: unknown */
  TessWiped *content;      /* decrypted */
  TessReceiveOutcome outcome;
} TessMail;

/* The outcome is REFUSED; TRUE, to return. */
bool tess_mail_refused (TessMail *mail);
/* Tries the message under @session; sets content and outcome by what came of it. */
bool tess_mail_decrypt (TessMail *mail, TessSessionRow *session, const uint8_t *message, size_t size, TessDecrypt *outcome_out,
                        GError **error);

/* Mail that begins with a hello. */
bool tess_receive_hello (TessMail *mail, GError **error);

/* Mail that decrypted under nothing is answered, now or when the wait is over. */
bool tess_receive_answer_lost (TessMail *mail, GError **error);
/* What the sender wrote decrypts again: waiting before the next fresh session starts over. */
bool tess_receive_found (TessMail *mail, GError **error);

G_END_DECLS
