/* The bytes of one link: over TLS a stream of GIO's, which is what TLS speaks through; otherwise a bare descriptor, because GIO's
 * objects for a connection take three times the memory of all the rest of it. Nothing here ever waits. One thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct {
  int fd;            /* ours when @stream is NULL, its socket's otherwise */
  GIOStream *stream; /* or NULL */
} TessRelayChannel;

/* What a call gives that could neither move a byte nor ever will. */
#define TESS_RELAY_CHANNEL_OVER -1

/* A channel over @stream, whose socket is @socket. @plain: the stream carries the socket's own bytes and none is needed; what it
 * has read ahead is given in *@ahead_out (NULL: nothing), and the caller may drop both objects. FALSE: no descriptor is left. */
bool tess_relay_channel_open (TessRelayChannel *self, GIOStream *stream, GSocket *socket, bool plain, GByteArray **ahead_out);
/* Closes it. */
void tess_relay_channel_close (TessRelayChannel *self);

/* Read and write what can be without waiting: the number of bytes, 0 for nothing just now, TESS_RELAY_CHANNEL_OVER. The end of
 * the input is OVER as well. */
ssize_t tess_relay_channel_read (TessRelayChannel *self, uint8_t *buffer, size_t size);
ssize_t tess_relay_channel_write (TessRelayChannel *self, const GOutputVector *vectors, unsigned count);
/* TRUE when there may be input that no poll of the descriptor announces: the rest of a TLS record. */
bool tess_relay_channel_is_ahead (const TessRelayChannel *self);
/* Ends our direction. FALSE: it cannot be. */
bool tess_relay_channel_shut (TessRelayChannel *self);

G_END_DECLS
