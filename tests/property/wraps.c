/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wraps.h"

#include "base/tess-clock.h"
#include "base/tess-random.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SHARD_SEEDS 100000 /* more than a shard plays */

#define KEY crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

static int64_t now;
static GRand *source;
static unsigned failing;
static GHashTable *pairs; /* of KEY + NONCE bytes */

int64_t __wrap_tess_clock_now (void);
int64_t __wrap_tess_clock_now_ms (void);
uint32_t __wrap_randombytes_uniform (uint32_t bound);
int __wrap_crypto_aead_xchacha20poly1305_ietf_encrypt (uint8_t *out, unsigned long long *out_size, const uint8_t *text,
                                                       unsigned long long size, const uint8_t *ad, unsigned long long ad_size,
                                                       const uint8_t *secret_nonce, const uint8_t *nonce, const uint8_t *key);
int __real_crypto_aead_xchacha20poly1305_ietf_encrypt (uint8_t *out, unsigned long long *out_size, const uint8_t *text,
                                                       unsigned long long size, const uint8_t *ad, unsigned long long ad_size,
                                                       const uint8_t *secret_nonce, const uint8_t *nonce, const uint8_t *key);

static guint32
number_of (const char *text)
{
  return (guint32) strtoul (text, NULL, 10);
}

guint32
wraps_first_seed (int argc, char **argv, guint *count_out)
{
  const char *replay = g_getenv ("TESSERA_SEED"), *from = g_getenv ("TESSERA_SEEDS_FROM"), *shard = g_getenv ("TESSERA_SHARD");
  guint32 seed;

  *count_out = replay != NULL ? 1 : argc > 1 ? number_of (argv[1]) : 100;
  if (replay != NULL || argc > 2)
    return number_of (replay != NULL ? replay : argv[2]);
  if (from != NULL)
    return number_of (from) + (shard != NULL ? number_of (shard) : 0) * SHARD_SEEDS;
  g_assert_true (tess_random ((uint8_t *) &seed, sizeof seed));
  return seed;
}

void
wraps_set_clock (int64_t seconds)
{
  now = seconds;
}

int64_t
__wrap_tess_clock_now (void)
{
  return now;
}

int64_t
__wrap_tess_clock_now_ms (void)
{
  return now * 1000;
}

static bool
draw (uint8_t *out, size_t size, void *data)
{
  if (failing > 0 && --failing == 0)
    return false;
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t) g_rand_int (data);
  return true;
}

void
wraps_set_random (GRand *random)
{
  source = random;
  failing = 0;
  tess_random_set_source (random != NULL ? draw : NULL, random);
}

void
wraps_fail_random (unsigned fail_at)
{
  failing = fail_at;
}

uint32_t
__wrap_randombytes_uniform (uint32_t bound)
{
  return bound < 2 ? 0 : g_rand_int (source) % bound;
}

static guint
pair_hash (gconstpointer pair)
{
  guint hash;

  memcpy (&hash, pair, sizeof hash);
  return hash;
}

static gboolean
pair_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, KEY + NONCE) == 0;
}

void
wraps_forget_keys (void)
{
  g_clear_pointer (&pairs, g_hash_table_unref);
  pairs = g_hash_table_new_full (pair_hash, pair_equal, g_free, NULL);
}

guint
wraps_count_keys (void)
{
  return g_hash_table_size (pairs);
}

int
__wrap_crypto_aead_xchacha20poly1305_ietf_encrypt (uint8_t *out, unsigned long long *out_size, const uint8_t *text,
                                                   unsigned long long size, const uint8_t *ad, unsigned long long ad_size,
                                                   const uint8_t *secret_nonce, const uint8_t *nonce, const uint8_t *key)
{
  uint8_t *pair = g_malloc (KEY + NONCE);

  memcpy (pair, key, KEY);
  memcpy (pair + KEY, nonce, NONCE);
  if (!g_hash_table_add (pairs, pair))
    g_error ("a key was used twice with the same nonce");
  return __real_crypto_aead_xchacha20poly1305_ietf_encrypt (out, out_size, text, size, ad, ad_size, secret_nonce, nonce, key);
}
