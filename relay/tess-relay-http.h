/* What the files that answer HTTP requests share. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-server.h"
#include "wire/tess-requests.h"

G_BEGIN_DECLS

/* The headers that every answer has. */
void tess_relay_http_headers (SoupServerMessage *message);
/* Answers @message with 200 and @text, which it takes. */
void tess_relay_http_answer (SoupServerMessage *message, char *text);
/* Answers with the error @code; @retry_after_ms 0: without Retry-After. */
void tess_relay_http_refuse (SoupServerMessage *message, TessRelayCode code, const char *why, uint32_t retry_after_ms);

/* GET /v1/names; @rest is what follows that in the path. (tess-relay-names.c) */
void tess_relay_names_serve (TessRelayServer *server, SoupServerMessage *message, const char *rest);

/* /v1/blobs/{name}, for GET and HEAD, for the head of a PUT and for its end. (tess-relay-blob-http.c) */
void tess_relay_blob_serve (TessRelayServer *server, SoupServerMessage *message, const char *name);
void tess_relay_blob_begin (TessRelayServer *server, SoupServerMessage *message, const char *name);
void tess_relay_blob_end (TessRelayServer *server, SoupServerMessage *message);

G_END_DECLS
