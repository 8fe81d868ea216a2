/* Inside src/net: one WebSocket to a relay, from connecting to its one end. Both links are built on it. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/tess-net-error-private.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct _TessSocket TessSocket;

/* Called with the owner, in the main loop. @ended comes exactly once, and nothing after it. */
typedef struct {
  void (*opened) (void *owner);
  void (*text) (void *owner, const char *text, size_t size);
  void (*binary) (void *owner, GBytes *frame);
  void (*ended) (void *owner, const GError *reason);
} TessSocketHandlers;

/* A socket for @path at @origin, whose incoming messages are at most @max_incoming bytes. Not connected yet. */
TessSocket *tess_socket_new (const char *origin, const char *path, uint64_t max_incoming, const TessSocketHandlers *handlers,
                             void *owner);
/* Forgets the owner, which hears nothing more, and closes. NULL is fine. */
void tess_socket_free (TessSocket *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessSocket, tess_socket_free)

/* Connects within TESS_NET_CONNECT_SECONDS; once. */
void tess_socket_connect (TessSocket *self);
bool tess_socket_is_open (const TessSocket *self);
bool tess_socket_has_ended (const TessSocket *self);
/* Whether the relay is reached another way now than when it was connected, or not at all: nobody will say that it ended. */
bool tess_socket_has_moved (const TessSocket *self);
/* Pings less often (TESS_NET_KEEPALIVE_SAVING_SECONDS), from now on, or again as usual. */
void tess_socket_set_saving (TessSocket *self, bool is_saving);
/* The seconds between two pings; 0 while it is not open. */
unsigned tess_socket_ping_seconds (const TessSocket *self);
void tess_socket_send_text (TessSocket *self, const char *text);
void tess_socket_send_binary (TessSocket *self, const uint8_t *data, size_t size);

/* Ends the socket with @reason (taken) and closes it with @close_code; does nothing but free @reason when it has ended. */
void tess_socket_end (TessSocket *self, GError *reason, unsigned close_code);
/* The same with PROTOCOL and @detail, for the log: the relay broke the protocol. */
void tess_socket_end_protocol (TessSocket *self, const char *detail);

G_END_DECLS
