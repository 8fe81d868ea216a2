/* Inside src/net: how foreign errors become ours. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/tess-net-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* An error with the relay's own code and the wait it asks for (milliseconds, 0 for none; more than TESS_NET_RETRY_AFTER_MAX_MS is
 * cut). @message NULL takes the sentence that belongs to @code. */
GError *tess_net_error_new (TessNetError code, TessRelayCode relay_code, uint32_t retry_after_ms, const char *message);

/* What a relay's refusal on an open link means: SLOW_DOWN, BUSY or REJECTED, with a sentence for a person. */
GError *tess_net_error_from_relay (TessRelayCode relay_code);

/* An error of GIO or libsoup while connecting or talking. CANCELLED becomes UNREACHABLE: only our own timeouts cancel. */
GError *tess_net_error_from_io (const GError *error);

/* The same while a SOCKS5 proxy was being asked for the connection (RFC 1928, 6): what it says of the relay becomes UNREACHABLE;
 * PROXY_REFUSES and PROXY_FAILS else. */
GError *tess_net_error_from_proxy (const GError *error);

/* An HTTP status that is not success, with the wait of its Retry-After header (or NULL) and the code of its body: SLOW_DOWN,
 * BUSY, REFUSED, NOT_FOUND, PROTOCOL, or NOT_A_RELAY when nothing shows that a relay spoke. */
GError *tess_net_error_from_http (unsigned status, const char *retry_after, TessRelayCode relay_code);

/* Why a WebSocket was closed, by its close code (0: without one). */
GError *tess_net_error_from_close (unsigned close_code);

G_END_DECLS
