/* The relay's own TLS: a certificate and its key, and the server's side of a connection (tess-relay-tls-stream.h). TLS 1.2 and
 * later, HTTP/1.1 alone. GIO's TLS is not used here: it waits for a peer in a thread of its own during the handshake, and in the
 * calling thread when a connection is closed. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TessRelayTls TessRelayTls;

/* Reads two PEM files: the certificate, followed by those that lead from it to its root, and its key. NULL:
 * TESS_RELAY_ERROR_CONFIG when one cannot be read or they do not belong together. */
TessRelayTls *tess_relay_tls_load (const char *certificate, const char *key, GError **error);
/* Connections that stand go on. */
void tess_relay_tls_free (TessRelayTls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessRelayTls, tess_relay_tls_free)

/* TLS over @connection, for as long as the stream lives; the handshake comes with the first reads. */
GIOStream *tess_relay_tls_accept (TessRelayTls *self, GSocketConnection *connection);

G_END_DECLS
