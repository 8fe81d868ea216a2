/* One WebSocket connection, as the deposit and mailbox services see it. A small interface on purpose: the services know no
 * socket, stream, main loop source or HTTP; how bytes move can be replaced behind it.
 *
 * A link delivers whole messages, bounded in size also when they come in fragments, answers pings, keeps a bounded send queue,
 * and closes by itself what breaks RFC 6455 (1002, 1007, 1009), says nothing for too long, or does not read (4008).
 * Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct _TessRelayLink TessRelayLink;

/* Close codes: RFC 6455 7.4 and protocol.md 7. */
#define TESS_RELAY_CLOSE_NORMAL 1000
#define TESS_RELAY_CLOSE_GOING_AWAY 1001
#define TESS_RELAY_CLOSE_PROTOCOL 1002
#define TESS_RELAY_CLOSE_BAD_DATA 1007
#define TESS_RELAY_CLOSE_TOO_BIG 1009
#define TESS_RELAY_CLOSE_MALFORMED 4000
#define TESS_RELAY_CLOSE_REPLACED 4001
#define TESS_RELAY_CLOSE_AUTHENTICATION 4003
#define TESS_RELAY_CLOSE_TOO_SLOW 4008

/* What a link tells its owner. After closed() the owner hears nothing more and must not use the link; no call below makes
 * closed() happen before it returns. */
typedef struct {
  void (*message) (TessRelayLink *link, bool text, const uint8_t *data, size_t size, void *owner);
  void (*closed) (TessRelayLink *link, void *owner);
} TessRelayLinkEvents;

/* Makes @owner hear of the link's events. Call once, at once. */
void tess_relay_link_set_owner (TessRelayLink *self, const TessRelayLinkEvents *events, void *owner);

/* Queues a message. What does not fit in the send queue closes the link with 4008. Nothing happens on a link that is closing. */
void tess_relay_link_send (TessRelayLink *self, bool text, const uint8_t *data, size_t size);
/* The same for a binary message whose bytes are @head and then @body, which the link keeps a reference to while it is queued. */
void tess_relay_link_send_parts (TessRelayLink *self, const uint8_t *head, size_t head_size, GBytes *body);

/* Starts closing: what is queued goes out first, then the close frame; what still comes in is ignored. */
void tess_relay_link_close (TessRelayLink *self, unsigned code, const char *reason);

/* Stops (and resumes) reading messages, to hold back a peer that is faster than the store. Calls nest. */
void tess_relay_link_hold (TessRelayLink *self);
void tess_relay_link_release (TessRelayLink *self);

/* Closes the link with @code unless tess_relay_link_set_deadline() is called again within @seconds; 0 takes the deadline away. */
void tess_relay_link_set_deadline (TessRelayLink *self, unsigned seconds, unsigned code);

/* The throttle key of the peer's address (tess-relay-throttle.h). */
uint64_t tess_relay_link_address (TessRelayLink *self);

G_END_DECLS
