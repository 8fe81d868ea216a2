/* One mailbox link: who it is, and what the requests on it share with delivery. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-server.h"
#include "wire/tess-requests.h"

G_BEGIN_DECLS

typedef enum {
  TESS_RELAY_CHALLENGED, /* waits for auth */
  TESS_RELAY_OPENING,    /* authenticated; the store is asked */
  TESS_RELAY_READY,
  TESS_RELAY_GONE,       /* closed or replaced */
} TessRelayMailboxStage;

typedef struct {
  uint64_t sequence;
  size_t size;
} TessRelayInFlight;

struct _TessRelayMailbox {
  unsigned refs;
  TessRelayServer *server;
  TessRelayLink *link;           /* NULL once closed */
  uint64_t address;              /* the link's */
  TessRelayMailboxStage stage;
  uint8_t nonce[TESS_NONCE_SIZE];
  uint8_t device[32];
  bool registered;
  uint8_t account[32];           /* when registered */
  uint64_t last;                 /* the mailbox's highest sequence, as far as known */
  uint64_t sent;                 /* the highest delivered on this link */
  TessRelayInFlight *window;     /* a ring of TESS_MAILBOX_UNACKED_MAX: delivered, not acknowledged; NULL while there is none */
  unsigned window_start;
  unsigned window_count;
  size_t window_bytes;
  bool behind;                   /* the store has mail above `sent` */
  bool reading;                  /* a read is on its way, or waits for its turn */
  bool missed;                   /* mail came while reading: look again */
  uint64_t ack;                  /* the highest acknowledged, */
  uint64_t ack_submitted;        /* and the highest given to the store */
  unsigned acking;               /* acks on their way to it */
  bool ack_waits;                /* is in server->acks */
};

TessRelayMailbox *tess_relay_mailbox_ref (TessRelayMailbox *self);
void tess_relay_mailbox_unref (TessRelayMailbox *self);

/* Sends what waits, as far as the window allows. (tess-relay-delivery.c) */
void tess_relay_mailbox_deliver (TessRelayMailbox *self);
/* Takes an ack frame. FALSE: malformed. (tess-relay-delivery.c) */
bool tess_relay_mailbox_acknowledge (TessRelayMailbox *self, const uint8_t *data, size_t size);
/* Gives the store what was acknowledged and not yet given to it. Jobs that follow find it done. (tess-relay-delivery.c) */
void tess_relay_mailbox_store_ack (TessRelayMailbox *self);
/* Starts over with a mailbox in @state; where there is none, the link, which is open, has a while to register.
 * (tess-relay-delivery.c) */
void tess_relay_mailbox_start (TessRelayMailbox *self, const TessRelayMailboxState *state);

/* Sends a notice; OK or an error to request @id. */
void tess_relay_mailbox_notify (TessRelayMailbox *self, const TessNotice *notice);
void tess_relay_mailbox_answer (TessRelayMailbox *self, int64_t id, TessRelayCode code, const char *message);

/* Carries out a request of a ready mailbox; the answer follows. No other message is read meanwhile. (tess-relay-accounts.c) */
void tess_relay_mailbox_request (TessRelayMailbox *self, const TessRequest *request);

G_END_DECLS
