/* What the operator sets: a GKeyFile, documented in docs/relay.md. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-proxies.h"
#include "relay/tess-relay-store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum { TESS_RELAY_DIRECTORY_NONE, TESS_RELAY_DIRECTORY_EXACT, TESS_RELAY_DIRECTORY_LIST } TessRelayDirectory;

typedef struct {
  char *listen; /* HOST:PORT */
  char *data;   /* a folder */
  char *origin; /* or NULL: made from the address listened on */
  char *name;
  char *metrics; /* HOST:PORT, or NULL */
  char *user;    /* whom to become when started as root, or NULL */
  char *tls_certificate; /* paths; both or neither */
  char *tls_key;
  TessRelayPolicy registration;
  char **invitations;
  TessRelayDirectory directory;
  GPtrArray *proxies; /* trusted: of GInetAddressMask, */
  TessRelayForwarded forwarded; /* and how they say whom they speak for */
  bool log_addresses;
  unsigned connections;             /* at once, */
  unsigned connections_per_address; /* and from one address (IPv6: /64) */
  unsigned request_rate;            /* HTTP requests, WebSocket handshakes and mailbox requests a second from one address, */
  unsigned request_burst;           /* and at once */
  unsigned deposit_rate;            /* envelopes a second from one address, */
  unsigned deposit_burst;           /* and at once */
  unsigned http_seconds;            /* for an HTTP request to arrive and be answered, and to authenticate */
  unsigned stall_seconds;           /* for a peer that takes nothing of what is queued for it */
  unsigned ping_seconds;            /* of silence before a ping */
  unsigned link_megabytes;          /* MiB: what all WebSockets together hold in memory for their peers */
  unsigned blob_megabytes;          /* MiB: the largest attachment (0: none are kept), */
  unsigned account_megabytes;       /* what an account may upload in the days that they are kept, */
  unsigned reserve_megabytes;       /* and what they leave free of the disk */
} TessRelayConfig;

TessRelayConfig *tess_relay_config_new (void);
void tess_relay_config_free (TessRelayConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessRelayConfig, tess_relay_config_free)

/* Reads @path over what @self holds. TESS_RELAY_ERROR_CONFIG names the file, the line and what is wrong with it: unknown groups
 * and keys too. */
bool tess_relay_config_load (TessRelayConfig *self, const char *path, GError **error);

/* Splits HOST:PORT (an IPv4 address, [IPv6] or localhost; port 0 picks one). NULL: TESS_RELAY_ERROR_CONFIG. */
GSocketAddress *tess_relay_config_address (const char *listen, GError **error);

G_END_DECLS
