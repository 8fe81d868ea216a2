/* The listening socket and the bounds on connections: how many at once, how many from one address, how long one may take before
 * it has become a WebSocket. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-config.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define TESS_RELAY_BLOB_RATE_MIN 4096

typedef struct _TessRelayListener TessRelayListener;

/* Listens and hands connections to @server, which it gives TLS where @config names a certificate. NULL:
 * TESS_RELAY_ERROR_LISTEN, or _CONFIG for a certificate that cannot be used. */
TessRelayListener *tess_relay_listener_new (SoupServer *server, const TessRelayConfig *config, GError **error);
/* Stops listening and drops those who have asked nothing yet; requests that are under way go on. */
void tess_relay_listener_stop (TessRelayListener *self);
/* The connections that are no WebSocket, and not over. */
unsigned tess_relay_listener_transfers (TessRelayListener *self);
/* Stops, and drops all that is not a WebSocket. */
void tess_relay_listener_free (TessRelayListener *self);

/* Reads the certificate anew, for connections to come. FALSE: it cannot be used, and the one before stays. */
bool tess_relay_listener_reload (TessRelayListener *self, GError **error);

/* The address listened on, as a URL (`http://127.0.0.1:7700`), and its port. */
const char *tess_relay_listener_url (TessRelayListener *self);
unsigned tess_relay_listener_port (TessRelayListener *self);

typedef enum { TESS_RELAY_ADMITTED, TESS_RELAY_ADMIT_MALFORMED, TESS_RELAY_ADMIT_TOO_MANY } TessRelayAdmission;

/* Finds out whom @message comes from: its peer, or whom a trusted proxy speaks for. To be asked once, first of all. MALFORMED:
 * the proxy's header is no such thing; TOO_MANY: from one address, whose connections through proxies count too. */
TessRelayAdmission tess_relay_listener_admit (TessRelayListener *self, SoupServerMessage *message);
/* The throttle key of where an admitted request comes from. */
uint64_t tess_relay_listener_key (SoupServerMessage *message);
/* Notes that @size bytes of a blob moved on the connection of @message: it may go on longer, as long as it keeps up
 * TESS_RELAY_BLOB_RATE_MIN bytes a second and never pauses for as long as a request may take. */
void tess_relay_listener_progress (SoupServerMessage *message, size_t size);
/* Notes that what came on the connection of @message is whole and that the relay is to answer, which takes as long as the disk
 * does; or, without @waits, that it is the peer's turn again, which has as long as for a request. */
void tess_relay_listener_wait (SoupServerMessage *message, bool waits);
/* Notes that the connection of @message is a WebSocket now: the listener looks after it no longer, but it keeps its place among
 * the connections until tess_relay_listener_leave() is called with its throttle key. Gives its socket, and whether it carries no
 * TLS; NULL: it is gone. */
GSocket *tess_relay_listener_upgrade (SoupServerMessage *message, uint64_t *key_out, bool *plain_out);
void tess_relay_listener_leave (TessRelayListener *self, uint64_t key);

G_END_DECLS
