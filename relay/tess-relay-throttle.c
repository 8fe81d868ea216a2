/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-throttle.h"

#include "base/tess-random.h"
#include "relay/tess-relay-log.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

typedef struct {
  uint64_t key;
  int64_t at; /* when tokens was right */
  double tokens;
  GList link; /* in the order of use */
} Bucket;

struct _TessRelayThrottle {
  double rate;
  double burst;
  GHashTable *buckets; /* key → Bucket */
  GQueue used;         /* least recently used first */
};

TessRelayThrottle *
tess_relay_throttle_new (double rate, double burst)
{
  TessRelayThrottle *self = g_new0 (TessRelayThrottle, 1);

  self->rate = rate;
  self->burst = burst;
  self->buckets = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_queue_init (&self->used);
  return self;
}

void
tess_relay_throttle_free (TessRelayThrottle *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->buckets);
  g_free (self);
}

static double
tokens_at (const TessRelayThrottle *self, const Bucket *bucket, int64_t now)
{
  return MIN (self->burst, bucket->tokens + self->rate * (double) MAX (now - bucket->at, 0) / G_USEC_PER_SEC);
}

static void
drop (TessRelayThrottle *self, Bucket *bucket)
{
  g_queue_unlink (&self->used, &bucket->link);
  g_hash_table_remove (self->buckets, &bucket->key);
}

/* The bucket of @key, marked as used last. */
static Bucket *
touch (TessRelayThrottle *self, uint64_t key, int64_t now)
{
  Bucket *bucket = g_hash_table_lookup (self->buckets, &key);
  Bucket *oldest = self->used.head != NULL ? self->used.head->data : NULL;

  if (bucket != NULL)
    g_queue_unlink (&self->used, &bucket->link);
  else
    {
      /* A full bucket says no more than none. */
      if (oldest != NULL
          && (g_hash_table_size (self->buckets) >= TESS_RELAY_BUCKETS_MAX || tokens_at (self, oldest, now) >= self->burst))
        drop (self, oldest);
      bucket = g_new0 (Bucket, 1);
      *bucket = (Bucket) { .key = key, .at = now, .tokens = self->burst, .link = { .data = bucket } };
      g_hash_table_insert (self->buckets, &bucket->key, bucket);
    }
  g_queue_push_tail_link (&self->used, &bucket->link);
  return bucket;
}

uint32_t
tess_relay_throttle_take (TessRelayThrottle *self, uint64_t key, double cost, int64_t now)
{
  Bucket *bucket = touch (self, key, now);
  double wait;

  cost = MIN (cost, self->burst);
  bucket->tokens = tokens_at (self, bucket, now);
  bucket->at = now;
  if (bucket->tokens >= cost)
    {
      bucket->tokens -= cost;
      return 0;
    }
  wait = ceil ((cost - bucket->tokens) / self->rate * 1000.0);
  return (uint32_t) CLAMP (wait, 1.0, 3600.0 * 1000.0);
}

unsigned
tess_relay_throttle_size (TessRelayThrottle *self)
{
  return g_hash_table_size (self->buckets);
}

/* SipHash-2-4 of @size bytes under a key of this run: made for tables whose keys strangers choose. */
static uint64_t
mix (const uint8_t *data, size_t size)
{
  static uint8_t secret[crypto_shorthash_KEYBYTES];
  static gsize ready;
  uint8_t digest[crypto_shorthash_BYTES];
  uint64_t hash;

  if (g_once_init_enter (&ready))
    {
      if (!tess_random (secret, sizeof secret))
        tess_relay_log (G_LOG_LEVEL_WARNING, "no-randomness", "no random bytes: addresses are told apart by a known key");
      g_once_init_leave (&ready, 1);
    }
  crypto_shorthash (digest, data, size, secret);
  memcpy (&hash, digest, sizeof hash);
  return hash;
}

uint64_t
tess_relay_address_key (GSocketAddress *address)
{
  GInetAddress *inet;
  const uint8_t *bytes;
  static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return 0;
  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  bytes = g_inet_address_to_bytes (inet);
  if (g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV4)
    return mix (bytes, 4);
  if (memcmp (bytes, mapped, sizeof mapped) == 0)
    return mix (bytes + 12, 4);
  return mix (bytes, 8);
}

uint64_t
tess_relay_account_key (uint64_t address, const uint8_t account[static 32])
{
  uint8_t both[8 + 32];

  memcpy (both, &address, sizeof address);
  memcpy (both + 8, account, 32);
  return mix (both, sizeof both);
}
