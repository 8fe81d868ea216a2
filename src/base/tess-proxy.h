/* Which way the connections go, as it is written down and typed: by the desktop's own settings, through Tor on this machine, or
 * through a SOCKS5 proxy (RFC 1928). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-limits.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Where the tor daemon listens (its SocksPort, unless told otherwise). */
#define TESS_PROXY_TOR_HOST "127.0.0.1"
#define TESS_PROXY_TOR_PORT 9050

typedef enum {
  TESS_PROXY_SYSTEM,
  TESS_PROXY_TOR,
  TESS_PROXY_SOCKS5,
  TESS_PROXY_UNKNOWN, /* what was set cannot be read: there is no way then, and nothing connects */
} TessProxyKind;

typedef struct {
  TessProxyKind kind;
  uint16_t port;                        /* of SOCKS5 and Tor, else 0 */
  char host[TESS_PROXY_HOST_MAX + 1];   /* the same, else "": a DNS name in small letters, or an IP address without brackets */
} TessProxy;

/* Reads @text: "system", "tor" or "socks5://HOST:PORT" (an IPv6 address in brackets), nothing around it. FALSE, and UNKNOWN in
 * @out, for anything else. */
bool tess_proxy_parse (const char *text, TessProxy *out) G_GNUC_WARN_UNUSED_RESULT;
/* The text that is read as @self; "unknown" for UNKNOWN, which reads as just that. Free with g_free(). */
char *tess_proxy_to_string (const TessProxy *self);

/* A SOCKS5 proxy of what a person typed into two fields; white space around it does not matter, nor do an address's brackets.
 * FALSE, UNKNOWN in @out and a reason in @reason_out (a static msgid; may be NULL) when that is none; an empty field is one. */
bool tess_proxy_from_typed (const char *host, const char *port, TessProxy *out, const char **reason_out)
  G_GNUC_WARN_UNUSED_RESULT;

/* Whether both are the same way. */
bool tess_proxy_equal (const TessProxy *a, const TessProxy *b);

G_END_DECLS
