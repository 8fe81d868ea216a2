/* The server's side of TLS as a stream of GIO's, over a socket that never blocks: nor does anything here, not even closing. What
 * would have to wait is G_IO_ERROR_WOULD_BLOCK, also in the calls that may block elsewhere. A peer that breaks the protocol ends
 * the connection. One thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

/* @ssl is taken; @connection is held, and closed with the stream. */
GIOStream *tess_relay_tls_stream_new (SSL *ssl, GSocketConnection *connection);

G_END_DECLS
