/* What can go wrong between this machine and a relay. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/tess-requests.h"

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_NET_ERROR (tess_net_error_quark ())

/* The codes say what the caller can do. The message is a sentence that can be shown to a person. Wherever UNREACHABLE is named
 * for what connects, the four of the proxy (tess-net-proxy.h) may come too. */
typedef enum {
  TESS_NET_ERROR_UNREACHABLE,     /* no network, no such host, refused, too slow, lost: try again later (tess-backoff.h) */
  TESS_NET_ERROR_TLS,             /* the connection cannot be trusted: try again later, and say so */
  TESS_NET_ERROR_NOT_A_RELAY,     /* something else answers there: ask for another relay */
  TESS_NET_ERROR_PROTOCOL,        /* a relay that breaks the protocol, or lies: try again later, and say so */
  TESS_NET_ERROR_BUSY,            /* the relay cannot now: try again later */
  TESS_NET_ERROR_SLOW_DOWN,       /* try again after tess_net_error_retry_after() */
  TESS_NET_ERROR_REFUSED,         /* the capability: try the other one, or get a new one; also an account that does not exist */
  TESS_NET_ERROR_NOT_FOUND,       /* nothing there by that name */
  TESS_NET_ERROR_REJECTED,        /* the relay refused a request: tess_net_error_relay_code() says why */
  TESS_NET_ERROR_AUTH,            /* the relay does not believe who we are: do not try again with the same key */
  TESS_NET_ERROR_REPLACED,        /* another connection of this device took over: do not reconnect by itself */
  TESS_NET_ERROR_UNKNOWN_OUTCOME, /* sent, and the link ended before the answer: do the very same again */
  TESS_NET_ERROR_CLOSED,          /* the link was closed on this side or for lack of use, or never opened */
  TESS_NET_ERROR_TOO_MANY,        /* too many requests are unanswered: wait for one */
  TESS_NET_ERROR_PROXY_AWAY,      /* the proxy does not answer: try again later, and say so */
  TESS_NET_ERROR_PROXY_REFUSES,   /* it wants a name and password, or does not let this connection through: the same */
  TESS_NET_ERROR_PROXY_FAILS,     /* it is no SOCKS5 proxy, breaks off, or cannot: the same */
  TESS_NET_ERROR_PROXY_UNKNOWN,   /* what was set as the proxy cannot be read: nothing is tried until another is set */
} TessNetError;

GQuark tess_net_error_quark (void);

/* How long the relay asks to wait, in milliseconds; 0 when it did not say, or for an error of another domain. */
uint32_t tess_net_error_retry_after (const GError *error);
/* The relay's own code where it gave one, else TESS_CODE_OTHER. */
TessRelayCode tess_net_error_relay_code (const GError *error);

G_END_DECLS
