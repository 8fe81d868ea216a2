/* What the relay's services share. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-blobs.h"
#include "relay/tess-relay-config.h"
#include "relay/tess-relay-links.h"
#include "relay/tess-relay-listener.h"
#include "relay/tess-relay-throttle.h"
#include "relay/tess-relay-writer.h"

G_BEGIN_DECLS

/* How long a client is asked to wait while the store fails or its queue is full. */
#define TESS_RELAY_BUSY_RETRY_MS 2000
#define TESS_RELAY_FULL_RETRY_MS (15 * 60 * 1000)
/* Mailboxes that read from the store at the same moment; others wait their turn. Bounds the memory of a reconnecting crowd. */
#define TESS_RELAY_READERS_MAX 64


typedef struct _TessRelayMailbox TessRelayMailbox;
typedef struct _TessRelayWatch TessRelayWatch;

/* Deposits are counted by their answer's status. */
#define TESS_RELAY_DEPOSIT_STATUSES (TESS_DEPOSIT_SLOW_DOWN + 1)

/* Since the start; for /metrics. */
typedef struct {
  uint64_t requests;
  uint64_t deposits[TESS_RELAY_DEPOSIT_STATUSES];
  uint64_t deliveries;
  uint64_t uploads;
  uint64_t upload_bytes;
} TessRelayCounters;

typedef struct {
  const TessRelayConfig *config;
  char *origin;
  TessRelayWriter *writer; /* as it stops, its last answers find it gone, */
  TessRelayBlobs *blobs;   /* and this: both NULL */
  unsigned sweep; /* the timer that has old blobs deleted */
  TessRelayLinks *links;
  TessRelayThrottle *requests;
  TessRelayThrottle *deposits;
  TessRelayThrottle *bundles;
  TessRelayThrottle *names;
  GHashTable *mailboxes;       /* device (32 bytes) → TessRelayMailbox that is online; borrowed */
  unsigned readers;            /* mailboxes reading now, */
  GQueue waiting_readers;      /* and those waiting, of TessRelayMailbox, referenced */
  GQueue acks;                 /* mailboxes with an ack that the store does not have yet, referenced, */
  unsigned ack_timer;          /* and when it gets them */
  SoupServer *soup;
  TessRelayListener *listener;
  SoupServer *metrics; /* or NULL */
  TessRelayWatch *watch;
  TessRelayCounters counters;
  bool stopping;
} TessRelayServer;

/* Takes @config's data folder (made if need be, mode 0700, one relay at a time), opens its database, listens. NULL:
 * TESS_RELAY_ERROR. @config stays the caller's and has to live as long. */
TessRelayServer *tess_relay_server_new (const TessRelayConfig *config, GError **error);
/* Stops listening, answers what was asked before, tells every client to go away, writes out what is queued, closes the database.
 * A matter of seconds at most. */
void tess_relay_server_free (TessRelayServer *self);

/* What is kept of an invitation's code: its SHA-256. */
void tess_relay_invitation_hash (const char *code, uint8_t hash[static TESS_RELAY_INVITATION_SIZE]);

/* The bytes that an account may upload in the days that blobs are kept. */
int64_t tess_relay_server_quota (const TessRelayServer *server);

/* Adds the routes to server->soup (tess-relay-http.c). */
void tess_relay_http_attach (TessRelayServer *server);

/* Serves deposits on a new link. (tess-relay-deposit.c) */
void tess_relay_deposit_serve (TessRelayServer *server, TessRelayLink *link);
/* Serves a mailbox on a new link. (tess-relay-mailbox.c) */
void tess_relay_mailbox_serve (TessRelayServer *server, TessRelayLink *link);

/* Gives the store all acks that wait for company. */
void tess_relay_mailbox_store_acks (TessRelayServer *server);
/* A deposit for @device is about to be queued: an ack that waits goes first, which makes room and costs no commit of its own. */
void tess_relay_mailbox_depositing (TessRelayServer *server, const uint8_t device[static 32]);

/* Tells the mailbox of @device, if it is online, of an envelope that was just stored; of how many one-time prekeys are left;
 * that it was taken off the account's list. */
void tess_relay_mailbox_stored (TessRelayServer *server, const uint8_t device[static 32], uint64_t sequence,
                                TessMailClass mail_class, GBytes *envelope);
void tess_relay_mailbox_one_time_left (TessRelayServer *server, const uint8_t device[static 32], uint32_t left);
void tess_relay_mailbox_removed (TessRelayServer *server, const uint8_t device[static 32]);

G_END_DECLS
