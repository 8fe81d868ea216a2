/* A SOCKS5 proxy (RFC 1928, 1929) in the test's own process that does what a test tells it, good or bad, and writes down what it
 * is asked. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-proxy.h"

#include <gio/gio.h>
#include <stdbool.h>

typedef enum {
  SOCKS_GOOD,        /* takes names and passwords where they are offered, whatever they are */
  SOCKS_NO_NAMES,    /* knows no authentication alone */
  SOCKS_STRICT,      /* takes names and passwords, but not ours */
  SOCKS_NO_METHOD,   /* knows none of the ways that are offered */
  SOCKS_REPLIES,     /* answers each request with .reply */
  SOCKS_RUBBISH,     /* no SOCKS5 at all */
  SOCKS_RUBBISH_REPLY, /* and where the answer to the request is due */
  SOCKS_HALF,        /* breaks off in the middle of that answer */
  SOCKS_SILENT,      /* takes the connection and never says a word */
} SocksBehaviour;

/* What was asked. The name and the password are "" where there were none. */
typedef struct {
  char *name, *password;
  uint8_t address_type; /* 1 IPv4, 3 a name, 4 IPv6 */
  char *host;           /* of a name alone, else NULL */
  uint16_t port;
} SocksRequest;

typedef struct {
  SocksBehaviour behaviour;
  uint8_t reply;
  GSocketService *service;
  TessProxy proxy;     /* which this is */
  unsigned to;         /* the port on this machine to which all that is asked for leads; 0: to the port that was asked for */
  unsigned connections;
  GPtrArray *requests; /* SocksRequest */
} SocksServer;

SocksServer *socks_new (SocksBehaviour behaviour);
/* It does not listen any more. */
void socks_stop (SocksServer *self);
void socks_free (SocksServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksServer, socks_free)

const SocksRequest *socks_request (SocksServer *self, unsigned number);
