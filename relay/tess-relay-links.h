/* All WebSocket connections: the other side of tess-relay-link.h, where links are made. One timer and one flush a turn
 * of the main loop serve them all. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-link.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a link may hold for a peer that reads slowly. */
#define TESS_RELAY_SEND_QUEUE_MAX (2 * 1024 * 1024)
/* Above the first a link stops reading from a peer that does not read our answers, below the second it goes on. */
#define TESS_RELAY_SEND_QUEUE_HIGH (1536 * 1024)
#define TESS_RELAY_SEND_QUEUE_LOW (256 * 1024)
/* How long a closing link waits for the peer's close. */
#define TESS_RELAY_CLOSE_SECONDS 5

typedef struct _TessRelayLinks TessRelayLinks;

/* A queue on which the peer takes nothing for @stall_seconds closes the link with 4008; a peer that was silent for @ping_seconds
 * is pinged, and dropped when it stays silent for as long again. */
TessRelayLinks *tess_relay_links_new (unsigned stall_seconds, unsigned ping_seconds);
/* Has @ended called with the address of every link that ends. */
void tess_relay_links_on_end (TessRelayLinks *self, void (*ended) (uint64_t address, void *data), void *data);
/* Drops what is left of them: each owner hears closed(). */
void tess_relay_links_free (TessRelayLinks *self);

/* Bounds what all links together hold in memory for their peers: messages that have not come whole, frames that wait. Above it,
 * links that hold most for longest are ended without a word. 0, as at first: no bound. */
void tess_relay_links_set_bytes_max (TessRelayLinks *self, size_t bytes);

/* A link over @stream, whose HTTP handshake is done; @socket is the one underneath. @plain: nothing is between the two, and the
 * link needs neither object any more. Whole messages are bounded by @max_text and @max_binary bytes. The link belongs to @self;
 * the caller gives it an owner at once. NULL: no descriptor is left. */
TessRelayLink *tess_relay_links_adopt (TessRelayLinks *self, GIOStream *stream, GSocket *socket, bool plain, uint64_t address,
                                       size_t max_text, size_t max_binary);

/* Starts closing them all. */
void tess_relay_links_close_all (TessRelayLinks *self, unsigned code, const char *reason);
unsigned tess_relay_links_count (TessRelayLinks *self);

G_END_DECLS
