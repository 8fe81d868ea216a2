/* A store in memory with an account in it, and what its tests ask of it. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-store-private.h"

#define NOW INT64_C (1800000000)
#define DAY 86400

/* Keys and records here are filler: the store takes what was verified before. */
extern const uint8_t account[32], other_account[32];
extern const uint8_t device[32], second[32];
extern const uint8_t contact[32], request[32];

/* An empty store. */
TessRelayStore *open_store (void);
/* One with an account, a device with so many one-time keys, and both capabilities. */
TessRelayStore *open_registered (unsigned keys);
void run_sql (TessRelayStore *store, const char *sql);
/* @table may go on with a WHERE. */
int64_t count_rows (TessRelayStore *store, const char *table);
GBytes *filler (size_t size, uint8_t byte);

/* Registers device @one of @owner with a list of it and @two (or NULL). */
TessRelayResult add (TessRelayStore *store, const uint8_t *owner, uint64_t version, const uint8_t *one, const uint8_t *two,
                     unsigned keys, TessRelayPolicy policy, const uint8_t *invitation);
/* Deposits an envelope for `device` under the capability with this hash; NULL: whatever its sequence. */
TessRelayResult deposit_at (TessRelayStore *store, const uint8_t *hash, uint32_t id, int64_t now, uint64_t *sequence_out);
TessRelayResult deposit (TessRelayStore *store, const uint8_t *hash, uint32_t id);
/* The mailbox of `device`, and how many of its envelopes one read gives. */
TessRelayMailboxState state_of (TessRelayStore *store);
unsigned read_mail (TessRelayStore *store, uint64_t after, unsigned count, size_t bytes, bool *more);
