/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire-fixtures.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

FixtureKey
fixture_key (uint8_t byte)
{
  FixtureKey key;
  uint8_t seed[crypto_sign_SEEDBYTES];

  memset (seed, byte, sizeof seed);
  crypto_sign_seed_keypair (key.public, key.secret, seed);
  return key;
}

TessDeviceList
fixture_device_list (const FixtureKey *account, unsigned count)
{
  TessDeviceList list = { .version = 7, .count = (uint8_t) count };

  memcpy (list.account, account->public, TESS_KEY_SIZE);
  for (unsigned i = 0; i < count && i < TESS_DEVICES_MAX; i++)
    {
      FixtureKey device = fixture_key ((uint8_t) (100 + i));

      list.devices[i].number = i + 1;
      list.devices[i].added = FIXTURE_NOW - 1000 + i;
      tess_device_entry_sign (&list.devices[i], account->public, device.secret);
    }
  return list;
}

/* Coefficients below 3329 from a byte pattern: 12 bits of at most 0xccc. */
static void
fill_kem_key (uint8_t *key, uint8_t pattern)
{
  for (size_t i = 0; i < TESS_KEM_KEY_SIZE; i++)
    key[i] = (uint8_t) ((i * 7 + pattern) & 0xcc);
}

TessPrekeyRecord
fixture_prekey (const FixtureKey *device)
{
  TessPrekeyRecord record = { .spk_id = 11, .envelope_key_id = 12, .created = FIXTURE_NOW - 3600 };

  record.expires = record.created + TESS_PREKEY_LIFETIME_MAX;
  memcpy (record.device, device->public, TESS_KEY_SIZE);
  memset (record.spk, 0x21, sizeof record.spk);
  fill_kem_key (record.last_resort_key, 1);
  fill_kem_key (record.envelope_key, 2);
  memset (record.envelope_key + TESS_KEM_KEY_SIZE, 0x22, TESS_ENVELOPE_KEY_SIZE - TESS_KEM_KEY_SIZE);
  return record;
}

TessOneTimePrekey
fixture_one_time (const FixtureKey *device, uint32_t id)
{
  TessOneTimePrekey record = { .id = id };

  memcpy (record.device, device->public, TESS_KEY_SIZE);
  memset (record.opk, 0x31, sizeof record.opk);
  fill_kem_key (record.kem_key, (uint8_t) id);
  return record;
}

GBytes *
fixture_device_list_bytes (const FixtureKey *account, unsigned count)
{
  TessDeviceList list = fixture_device_list (account, count);
  GBytes *bytes = tess_device_list_sign (&list, account->secret, NULL);

  g_assert_nonnull (bytes);
  return bytes;
}

GBytes *
fixture_prekey_bytes (const FixtureKey *device)
{
  TessPrekeyRecord record = fixture_prekey (device);
  GBytes *bytes = tess_prekey_record_sign (&record, device->secret, NULL);

  g_assert_nonnull (bytes);
  return bytes;
}

GBytes *
fixture_one_time_bytes (const FixtureKey *device, uint32_t id)
{
  TessOneTimePrekey record = fixture_one_time (device, id);
  GBytes *bytes = tess_one_time_prekey_sign (&record, device->secret, NULL);

  g_assert_nonnull (bytes);
  return bytes;
}

size_t
fixture_mutate (GRand *rand, uint8_t *data, size_t size, size_t capacity)
{
  unsigned times = (unsigned) g_rand_int_range (rand, 1, 5);

  for (unsigned i = 0; i < times && size > 0; i++)
    {
      size_t at = (size_t) g_rand_int_range (rand, 0, (gint32) size);

      switch (g_rand_int_range (rand, 0, 6))
        {
        case 0:
        case 1:
          data[at] ^= (uint8_t) (1u << g_rand_int_range (rand, 0, 8));
          break;
        case 2:
          data[at] = (uint8_t) g_rand_int_range (rand, 0, 256);
          break;
        case 3:
          size = g_rand_int_range (rand, 0, 8) == 0 ? at : size;
          break;
        case 4:
          memmove (data + at, data + at + 1, size - at - 1);
          size--;
          break;
        default:
          if (size < capacity)
            {
              memmove (data + at + 1, data + at, size - at);
              data[at] = (uint8_t) g_rand_int_range (rand, 0, 256);
              size++;
            }
          break;
        }
    }
  return size;
}

GRand *
fixture_rand (void)
{
  const char *text = g_getenv ("TESSERA_SEED");
  guint32 seed = text != NULL ? (guint32) g_ascii_strtoull (text, NULL, 10) : 1;

  g_test_message ("TESSERA_SEED=%u", seed);
  return g_rand_new_with_seed (seed);
}

static void
try_copy (GBytes *input, const uint8_t *data, size_t size, bool lenient, FixtureParse parse, void *user)
{
  g_autofree uint8_t *exact = g_malloc (MAX (size, 1));
  bool same = size == g_bytes_get_size (input) && memcmp (data, g_bytes_get_data (input, NULL), size) == 0;
  bool accepted = false;

  memcpy (exact, data, size);
  accepted = parse (exact, size, user);
  if (same)
    g_assert_true (accepted);
  else if (!lenient)
    g_assert_false (accepted);
}

void
fixture_torment (GBytes *input, bool lenient, FixtureParse parse, void *user)
{
  g_autoptr (GRand) rand = fixture_rand ();
  size_t size = g_bytes_get_size (input);
  size_t capacity = size + 8;
  g_autofree uint8_t *scratch = g_malloc0 (capacity);

  memcpy (scratch, g_bytes_get_data (input, NULL), size);
  for (size_t cut = 0; cut <= size; cut++)
    try_copy (input, scratch, cut, lenient, parse, user);
  for (size_t extra = 1; extra <= 8; extra++)
    try_copy (input, scratch, size + extra, lenient, parse, user);
  for (unsigned i = 0; i < FIXTURE_MUTATIONS; i++)
    {
      memset (scratch, 0, capacity);
      memcpy (scratch, g_bytes_get_data (input, NULL), size);
      try_copy (input, scratch, fixture_mutate (rand, scratch, size, capacity), lenient, parse, user);
    }
}
