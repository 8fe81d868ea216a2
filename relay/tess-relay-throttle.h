/* Token buckets by key: how often an address may ask, deposit, connect. Bounded memory: at most TESS_RELAY_BUCKETS_MAX keys; a
 * key that is pushed out starts full. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_RELAY_BUCKETS_MAX 65536

typedef struct _TessRelayThrottle TessRelayThrottle;

/* Buckets that hold @burst tokens and gain @rate a second. */
TessRelayThrottle *tess_relay_throttle_new (double rate, double burst);
void tess_relay_throttle_free (TessRelayThrottle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessRelayThrottle, tess_relay_throttle_free)

/* Takes @cost tokens from the bucket of @key at @now (monotonic µs): 0, or, when there are too few, how many milliseconds to
 * wait (at least 1) and nothing is taken. A cost above the burst takes a full bucket. */
uint32_t tess_relay_throttle_take (TessRelayThrottle *self, uint64_t key, double cost, int64_t now);

/* The number of keys held: for tests. */
unsigned tess_relay_throttle_size (TessRelayThrottle *self);

/* One key an IPv4 address, one an IPv6 /64 (an IPv4 address inside IPv6 counts as IPv4); 0 for anything else. Keyed with random
 * bytes of this process, so that nobody can aim at another's bucket. */
uint64_t tess_relay_address_key (GSocketAddress *address);
/* A key made of an address key and an account. */
uint64_t tess_relay_account_key (uint64_t address, const uint8_t account[static 32]);

G_END_DECLS
