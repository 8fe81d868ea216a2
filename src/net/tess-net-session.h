/* Inside src/net: HTTP sessions as Tessera wants them. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A session of its own, sharing no connection with any other: no cookies, no cache, no authentication, no compression in either
 * direction, no language, and "Tessera" for a name. */
SoupSession *tess_net_session_new (void);

/* A GET of @uri by HTTP/1.1 (RFC 9112) that follows no redirect: one question to a connection has no use for HTTP/2. */
SoupMessage *tess_net_message_new (const char *uri);

/* For tests: how many milliseconds a second of this layer's timeouts lasts (1000 unless set). */
void tess_net_set_second (unsigned milliseconds);
/* @seconds of such seconds in milliseconds. */
unsigned tess_net_seconds (unsigned seconds);

G_END_DECLS
