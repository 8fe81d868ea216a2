/* What the files that answer HTTP requests share. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-server.h"
#include "wire/tess-requests.h"

G_BEGIN_DECLS

/* Answers @message with 200 and @text, which it takes. */
void tess_relay_http_answer (SoupServerMessage *message, char *text);
/* Answers with the error @code; @retry_after_ms 0: without Retry-After. */
void tess_relay_http_refuse (SoupServerMessage *message, TessRelayCode code, const char *why, uint32_t retry_after_ms);

/* GET /v1/names; @rest is what follows that in the path. (tess-relay-names.c) */
void tess_relay_names_serve (TessRelayServer *server, SoupServerMessage *message, const char *rest);

G_END_DECLS
