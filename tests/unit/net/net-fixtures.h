/* A relay in the test's own process that does what a test tells it, good or bad. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/tess-net-error.h"

#include <libdex.h>
#include <libsoup/soup.h>

/* One run of one test. The WebSocket's latest connection is kept until the server is freed. */
typedef struct _FixtureServer FixtureServer;
struct _FixtureServer {
  SoupServer *server;
  char *origin; /* http://127.0.0.1:PORT */
  void (*http) (FixtureServer *self, SoupServerMessage *message, const char *path, GHashTable *query);
  void (*opened) (FixtureServer *self);
  void (*text) (FixtureServer *self, const char *text, size_t size);
  void (*binary) (FixtureServer *self, GBytes *frame);
  SoupWebsocketConnection *connection;
  unsigned connections;
  gushort close_code; /* with which the client closed */
  bool closed;
  void *data;
};

FixtureServer *fixture_server_new (void);
void fixture_server_free (FixtureServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FixtureServer, fixture_server_free)

/* Offers the WebSocket @path with @protocol (NULL: none). */
void fixture_server_websocket (FixtureServer *self, const char *path, const char *protocol);
/* Answers with @status and @body. */
void fixture_respond (SoupServerMessage *message, unsigned status, const char *type, const char *body);

/* Runs @test as a fiber until it returns. Asserts that it did not fail. */
void fixture_run (DexFiberFunc test, gpointer data);
/* In a fiber: lets the main loop run for @milliseconds. */
void fixture_wait (unsigned milliseconds);
/* In a fiber: asserts that @future (taken) rejects with @code within 5 seconds; gives the error. */
GError *fixture_rejects (DexFuture *future, TessNetError code);
