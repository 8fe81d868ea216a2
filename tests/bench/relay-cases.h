/* What is measured of the relay (docs/architecture.md, Tests). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bench.h"
#include "relay-program.h"

#define SUITE "relay"
#define PAIRS 50 /* depositors, each with a mailbox that is online */

/* 50 to 50, durable: CPU and throughput beside the bare forwarder, beside SQLite alone, and beside what else there is. @where
 * names the kind of folder @under is. @peers: beside those too. */
void relay_case_throughput (const Bench *bench, const char *where, const char *under, bool peers);
/* The same beside idle mailboxes; what one costs in memory; what a connection costs to accept, with a device's signature and the
 * store's word on its mailbox, and without, as a depositor's handshake. */
void relay_case_idle (const Bench *bench, const char *under);
/* As many idle mailboxes as the system allows, up to 100,000. */
void relay_case_many (const Bench *bench, const char *under);
/* How long a deposit takes to its receiver at 1,000 a second, and at a few a second beside one who floods. */
void relay_case_latency (const Bench *bench, const char *under);
/* A mailbox with 10,000 envelopes is emptied. */
void relay_case_drain (const Bench *bench, const char *under);
