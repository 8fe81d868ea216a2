/* A TessSocket without a network, for targets that play a hostile relay: linked instead of src/net/tess-socket.c. What the link
 * sends goes nowhere. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/tess-socket.h"

G_BEGIN_DECLS

/* The socket that was made last and lives. */
TessSocket *fake_socket (void);

/* The relay's part; nothing happens on a socket that has ended. */
void fake_socket_open (TessSocket *self);
void fake_socket_text (TessSocket *self, const uint8_t *data, size_t size);
void fake_socket_binary (TessSocket *self, const uint8_t *data, size_t size);
void fake_socket_lose (TessSocket *self, unsigned close_code);

G_END_DECLS
