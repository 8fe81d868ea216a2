/* Inside src/net: HTTP sessions as Tessera wants them. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/tess-net-error-private.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A session of its own, sharing no connection with any other: no cookies, no cache, no authentication, no compression in either
 * direction, no language, and "Tessera" for a name. Its connections go the way of tess-net-proxy.h, those through a proxy with a
 * name and password of their own. NULL: PROXY_UNKNOWN, or UNREACHABLE for want of random numbers. */
SoupSession *tess_net_session_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A GET of @uri by HTTP/1.1 (RFC 9112) that follows no redirect: one question to a connection has no use for HTTP/2. */
SoupMessage *tess_net_message_new (const char *uri);
/* Why @message came to nothing, by the @error of GIO or libsoup: the proxy's troubles told apart from the relay's by how far it
 * came. */
GError *tess_net_message_error (SoupMessage *message, const GError *error);
/* The seconds that a connection made now may take which takes @seconds without a proxy. */
unsigned tess_net_connect_seconds (unsigned seconds);

/* For tests: how many milliseconds a second of this layer's timeouts lasts (1000 unless set). */
void tess_net_set_second (unsigned milliseconds);
/* @seconds of such seconds in milliseconds. */
unsigned tess_net_seconds (unsigned seconds);

G_END_DECLS
