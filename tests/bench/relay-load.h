/* Clients of a relay by the thousand, in one thread on one epoll descriptor: mailboxes that acknowledge what they get, and
 * depositors. A client that cannot go on ends the program, for there is nothing to measure.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bench-ws.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
  LOAD_TESSERA, /* docs/protocol.md 7 */
  LOAD_BARE,    /* the same frames, without authentication: relay-floor, and the hub of peers/ */
  LOAD_MQTT,    /* MQTT 3.1.1, QoS 1 on both sides; topic m/NUMBER stands for a mailbox */
} LoadDialect;

typedef struct _Load Load;
typedef struct _LoadLink LoadLink;

/* The device of a measurement with this number: always the same keys. */
void load_device (uint32_t number, uint8_t public_out[static 32], uint8_t secret_out[static 64]);
/* The contact capability of all of them. */
extern const uint8_t load_capability[16];

/* Clients of what listens on 127.0.0.1:@port. */
Load *load_new (LoadDialect dialect, unsigned port);
/* Closes all connections. */
void load_free (Load *self);

/* Connects the mailboxes of devices @first to @first + @count - 1 and returns when all are ready. A source address serves 20,000:
 * they come from 127.0.0.2 on. */
void load_connect (Load *self, uint32_t first, unsigned count);
/* Connects @count mailboxes one after the other, a few at a time, and closes each when it is ready. */
void load_churn (Load *self, uint32_t first, unsigned count);
/* The same with depositors, who say nothing of who they are: connections and handshakes alone. */
void load_churn_depositors (Load *self, unsigned count);
/* Connects depositors until there are @count. Number n deposits for device n. */
void load_depositors (Load *self, unsigned count);

typedef struct {
  double seconds;
  unsigned window;    /* deposits of each depositor under way; 0: open loop, as below */
  unsigned total;     /* instead of seconds: so many deposits in all */
  bool offline;       /* nobody receives: all deposits are for device @to, and a run ends when they are answered */
  uint32_t to;
  double rate;        /* open loop: deposits a second, all depositors in turn */
  unsigned flooding;  /* of the depositors, this many have 64 under way all the time beside the open loop of the others */
} LoadPlan;

typedef struct {
  uint64_t delivered; /* with offline: stored */
  double seconds;
  double p50, p99; /* µs from sending to receiving, of those that do not flood */
} LoadResult;

/* Deposits by @plan, then waits until everything that was deposited has arrived. */
void load_run (Load *self, const LoadPlan *plan, LoadResult *out);
/* Waits until @count mails have arrived from now on. Gives the seconds. */
double load_await (Load *self, uint64_t count);
