/* A relay's services without a network or a thread: linked instead of relay/tess-relay-writer.c and the server that puts
 * the parts together. Jobs run at once on a store in memory, inside one transaction an input that is rolled back; their answers
 * come when fake_relay_answer() is called. Attachments lie in a folder that each input leaves empty.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-server.h"

G_BEGIN_DECLS

#define FAKE_RELAY_ORIGIN "https://relay.example.org"
/* What an account may upload, in bytes. */
#define FAKE_RELAY_QUOTA 100000

/* The one server, with a fresh transaction and fresh throttles. */
TessRelayServer *fake_relay_begin (void);
/* Its store, to put something in between begin and end. */
TessRelayStore *fake_relay_store (void);
/* The path of an attachment called @name. Free with g_free(). */
char *fake_relay_blob_path (const char *name);
/* Gives the answers of the jobs that ran. FALSE: there were none. */
bool fake_relay_answer (void);
/* Everything as before; nothing may be on its way. */
void fake_relay_end (void);

G_END_DECLS
