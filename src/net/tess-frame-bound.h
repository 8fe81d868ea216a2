/* Inside src/net: a bound on what a WebSocket's peer makes us gather. libsoup 3.6 bounds each frame, but neither a message that
 * comes in fragments nor the answers to pings. Each frame passes through the connection's extensions, so this is one, of which
 * the peer learns nothing. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Call before soup_session_websocket_connect_async() with @message. */
void tess_frame_bound_prepare (SoupSession *session, SoupMessage *message);
/* Call right after it: takes back what it offers to the peer. */
void tess_frame_bound_hide (SoupMessage *message);

/* What @data hears, once, when a message is longer than its bound or there are too many control frames. From then on everything
 * that comes in on the connection is thrown away, so it can be closed in peace. */
typedef void (*TessFrameBoundFunc) (const char *detail, void *data);

/* Bounds the messages that come in on a prepared @connection to @max bytes each, fragments or not. FALSE: it is not prepared, or
 * went over its bound already. */
bool tess_frame_bound_watch (SoupWebsocketConnection *connection, size_t max, TessFrameBoundFunc func, void *data);
/* Nothing more is heard. */
void tess_frame_bound_unwatch (SoupWebsocketConnection *connection);

G_END_DECLS
