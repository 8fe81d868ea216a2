/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire-fixtures.h"
#include "wire/tess-address.h"

#include <sodium.h>
#include <string.h>

static TessWireError
device_list_fault (const TessDeviceList *list, const FixtureKey *account)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = tess_device_list_sign (list, account->secret, &error);

  g_assert_null (bytes);
  g_assert_true (error->domain == TESS_WIRE_ERROR);
  return error->code;
}

static void
test_device_list (void)
{
  FixtureKey account = fixture_key (1);

  for (unsigned count = 0; count <= TESS_DEVICES_MAX; count++)
    {
      TessDeviceList list = fixture_device_list (&account, count);
      TessDeviceList read;
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = tess_device_list_sign (&list, account.secret, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (bytes), ==, TESS_DEVICE_LIST_SIZE (count));
      g_assert_true (tess_device_list_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &read, &error));
      g_assert_cmpmem (&list, sizeof list, &read, sizeof read);
      for (unsigned i = 0; i < count; i++)
        g_assert_cmpuint (tess_device_list_find (&read, list.devices[i].device)->number, ==, i + 1);
      g_assert_null (tess_device_list_find (&read, account.public));
    }
}

static void
test_device_list_values (void)
{
  FixtureKey account = fixture_key (1);
  FixtureKey other = fixture_key (2);
  TessDeviceList list = fixture_device_list (&account, 9);
  TessDeviceList good = fixture_device_list (&account, 3);

  g_assert_cmpint (device_list_fault (&list, &account), ==, TESS_WIRE_ERROR_VALUE);
  g_assert_cmpint (device_list_fault (&good, &other), ==, TESS_WIRE_ERROR_VALUE);
  list = good;
  list.devices[2] = list.devices[0];
  g_assert_cmpint (device_list_fault (&list, &account), ==, TESS_WIRE_ERROR_VALUE);
  list.devices[2].number = 9;
  g_assert_cmpint (device_list_fault (&list, &account), ==, TESS_WIRE_ERROR_VALUE);
  list = good;
  list.devices[2].number = 1;
  g_assert_cmpint (device_list_fault (&list, &account), ==, TESS_WIRE_ERROR_VALUE);
  /* A device's consent is to one number of one account. */
  list = good;
  list.devices[2].number = 77;
  g_assert_cmpint (device_list_fault (&list, &account), ==, TESS_WIRE_ERROR_SIGNATURE);
  list = good;
  memcpy (list.account, other.public, TESS_KEY_SIZE);
  g_assert_cmpint (device_list_fault (&list, &other), ==, TESS_WIRE_ERROR_SIGNATURE);
  list = good;
  memset (list.devices[1].device, 0, TESS_KEY_SIZE);
  list.devices[1].device[0] = 1; /* the neutral point */
  g_assert_cmpint (device_list_fault (&list, &account), ==, TESS_WIRE_ERROR_VALUE);
}

/* Nine devices, signed: what a hostile account could make; and lists that only the reader can refuse. */
static void
test_device_list_hostile (void)
{
  FixtureKey account = fixture_key (1);
  g_autoptr (GBytes) bytes = fixture_device_list_bytes (&account, 8);
  size_t size = g_bytes_get_size (bytes);
  uint8_t data[TESS_DEVICE_LIST_SIZE_MAX + TESS_DEVICE_ENTRY_SIZE] = { 0 };
  TessDeviceList read;
  g_autoptr (GError) error = NULL;

  memcpy (data, g_bytes_get_data (bytes, NULL), size - TESS_SIGNATURE_SIZE);
  data[40] = 9;
  size += TESS_DEVICE_ENTRY_SIZE;
  tess_sign (TESS_ROLE_DEVICE_LIST, data, size - TESS_SIGNATURE_SIZE, account.secret, data + size - TESS_SIGNATURE_SIZE);
  g_assert_false (tess_device_list_parse (data, size, &read, &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED);
  g_clear_error (&error);
  /* The same device twice under a good signature. */
  memcpy (data, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  memcpy (data + 41 + TESS_DEVICE_ENTRY_SIZE, data + 41, TESS_DEVICE_ENTRY_SIZE);
  size = g_bytes_get_size (bytes);
  tess_sign (TESS_ROLE_DEVICE_LIST, data, size - TESS_SIGNATURE_SIZE, account.secret, data + size - TESS_SIGNATURE_SIZE);
  g_assert_false (tess_device_list_parse (data, size, &read, &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE);
  g_clear_error (&error);
  /* A signature of another role does not count. */
  tess_sign (TESS_ROLE_GROUP, data, size - TESS_SIGNATURE_SIZE, account.secret, data + size - TESS_SIGNATURE_SIZE);
  g_assert_false (tess_device_list_parse (data, size, &read, &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_SIGNATURE);
  g_assert_cmpuint (read.count, ==, 0);
}

static void
test_device_list_compare (void)
{
  FixtureKey account = fixture_key (1);
  TessDeviceList known = fixture_device_list (&account, 2);
  TessDeviceList list = known;

  g_assert_cmpint (tess_device_list_compare (&list, &known), ==, TESS_DEVICE_LIST_SAME);
  list.count = 1;
  g_assert_cmpint (tess_device_list_compare (&list, &known), ==, TESS_DEVICE_LIST_CONFLICT);
  list.version = 6;
  g_assert_cmpint (tess_device_list_compare (&list, &known), ==, TESS_DEVICE_LIST_OLDER);
  list.version = 7 + TESS_DEVICE_LIST_JUMP_MAX;
  g_assert_cmpint (tess_device_list_compare (&list, &known), ==, TESS_DEVICE_LIST_NEWER);
  list.version++;
  g_assert_cmpint (tess_device_list_compare (&list, &known), ==, TESS_DEVICE_LIST_JUMP);
  list.version = UINT64_MAX;
  g_assert_cmpint (tess_device_list_compare (&list, &known), ==, TESS_DEVICE_LIST_JUMP);
}

static void
test_device_list_record_has (void)
{
  FixtureKey account = fixture_key (1), stranger = fixture_key (99);
  TessDeviceList list = fixture_device_list (&account, 3);
  g_autoptr (GBytes) bytes = tess_device_list_sign (&list, account.secret, NULL);
  gsize size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);

  for (unsigned i = 0; i < list.count; i++)
    g_assert_true (tess_device_list_record_has (data, size, list.devices[i].device));
  g_assert_false (tess_device_list_record_has (data, size, stranger.public));
  g_assert_false (tess_device_list_record_has (data, size, account.public));
  g_assert_false (tess_device_list_record_has (data, TESS_DEVICE_LIST_SIZE (2) - TESS_SIGNATURE_SIZE, list.devices[2].device));
  g_assert_false (tess_device_list_record_has (data, 0, list.devices[0].device));
}

static int
prekey_fault (GBytes *bytes, const FixtureKey *device, int64_t now)
{
  TessPrekeyRecord read;
  g_autoptr (GError) error = NULL;

  if (tess_prekey_record_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), device->public, now, &read, &error))
    return -1;
  g_assert_true (error->domain == TESS_WIRE_ERROR);
  return error->code;
}

/* The record with @size bytes at @at replaced, and signed anew. */
static GBytes *
resigned (GBytes *bytes, TessRole role, const FixtureKey *key, size_t at, const uint8_t *with, size_t size)
{
  size_t whole = g_bytes_get_size (bytes);
  uint8_t *data = g_memdup2 (g_bytes_get_data (bytes, NULL), whole);

  memcpy (data + at, with, size);
  tess_sign (role, data, whole - TESS_SIGNATURE_SIZE, key->secret, data + whole - TESS_SIGNATURE_SIZE);
  return g_bytes_new_take (data, whole);
}

static void
test_prekey (void)
{
  FixtureKey device = fixture_key (3);
  FixtureKey other = fixture_key (4);
  TessPrekeyRecord record = fixture_prekey (&device);
  TessPrekeyRecord read;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = tess_prekey_record_sign (&record, device.secret, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, TESS_PREKEY_RECORD_SIZE);
  g_assert_true (tess_prekey_record_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), device.public, FIXTURE_NOW,
                                           &read, &error));
  g_assert_cmpmem (&record, sizeof record, &read, sizeof read);
  g_assert_cmpint (prekey_fault (bytes, &other, FIXTURE_NOW), ==, TESS_WIRE_ERROR_VALUE);
  g_assert_cmpint (prekey_fault (bytes, &device, (int64_t) record.expires - 1), ==, -1);
  g_assert_cmpint (prekey_fault (bytes, &device, (int64_t) record.expires), ==, TESS_WIRE_ERROR_EXPIRED);
  g_assert_cmpint (prekey_fault (bytes, &device, (int64_t) record.created - TESS_PREKEY_AHEAD_MAX), ==, -1);
  g_assert_cmpint (prekey_fault (bytes, &device, (int64_t) record.created - TESS_PREKEY_AHEAD_MAX - 1), ==,
                   TESS_WIRE_ERROR_VALUE);
  g_assert_cmpint (prekey_fault (bytes, &device, -5), ==, TESS_WIRE_ERROR_VALUE);
  g_assert_null (tess_prekey_record_sign (&record, other.secret, NULL));
  record.expires++;
  g_assert_null (tess_prekey_record_sign (&record, device.secret, NULL));
  record.expires = record.created;
  g_assert_null (tess_prekey_record_sign (&record, device.secret, NULL));
}

/* X25519 keys of small order give everybody the same secret: they are refused here, where they can be told of. */
static void
test_small_order (void)
{
  FixtureKey device = fixture_key (2);
  TessPrekeyRecord record = fixture_prekey (&device);
  TessOneTimePrekey one_time = fixture_one_time (&device, 1);

  memset (record.spk, 0, sizeof record.spk);
  g_assert_null (tess_prekey_record_sign (&record, device.secret, NULL));
  record = fixture_prekey (&device);
  memset (record.envelope_key + TESS_KEM_KEY_SIZE, 0, TESS_KEY_SIZE);
  g_assert_null (tess_prekey_record_sign (&record, device.secret, NULL));
  memset (one_time.opk, 0, sizeof one_time.opk);
  one_time.opk[0] = 1;
  g_assert_null (tess_one_time_prekey_sign (&one_time, device.secret, NULL));
}

static void
test_prekey_values (void)
{
  FixtureKey device = fixture_key (3);
  g_autoptr (GBytes) good = fixture_prekey_bytes (&device);
  static const uint8_t q[] = { 0x01, 0x0d, 0x00 }; /* 3329, 0 */
  static const uint8_t high_q[] = { 0x00, 0x10, 0xd0 }; /* 0, 3329 */
  static const uint8_t below_q[] = { 0x00, 0x0d, 0xd0 }; /* 3328, 3328 */
  uint8_t times[16];
  const size_t last_resort = 1 + 32 + 4 + 32;
  const size_t envelope = last_resort + TESS_KEM_KEY_SIZE + 4;
  const size_t created = envelope + TESS_ENVELOPE_KEY_SIZE;
  const struct {
    size_t at;
    const uint8_t *with;
    size_t size;
    int fault;
  } cases[] = {
    { 0, (const uint8_t *) "\x02", 1, TESS_WIRE_ERROR_VALUE },
    { last_resort, q, 3, TESS_WIRE_ERROR_VALUE },
    { last_resort + 1149, high_q, 3, TESS_WIRE_ERROR_VALUE },
    { last_resort + 1149, below_q, 3, -1 },
    { last_resort + 1152, (const uint8_t *) "\xff\xff\xff", 3, -1 }, /* the seed behind the coefficients */
    { envelope + 3, q, 3, TESS_WIRE_ERROR_VALUE },
    { envelope, high_q, 3, TESS_WIRE_ERROR_VALUE },
    { created, times, 16, TESS_WIRE_ERROR_VALUE },
  };

  memset (times, 0xff, sizeof times);
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = resigned (good, TESS_ROLE_PREKEY, &device, cases[i].at, cases[i].with, cases[i].size);

      g_assert_cmpint (prekey_fault (bytes, &device, FIXTURE_NOW), ==, cases[i].fault);
    }
}

static void
test_one_time (void)
{
  FixtureKey device = fixture_key (3);
  FixtureKey other = fixture_key (4);
  TessOneTimePrekey record = fixture_one_time (&device, 42);
  TessOneTimePrekey read;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = tess_one_time_prekey_sign (&record, device.secret, &error);
  g_autoptr (GBytes) zero = NULL;

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, TESS_ONE_TIME_PREKEY_SIZE);
  g_assert_true (tess_one_time_prekey_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), device.public, &read,
                                             &error));
  g_assert_cmpmem (&record, sizeof record, &read, sizeof read);
  g_assert_false (tess_one_time_prekey_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), other.public, &read,
                                              &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE);
  g_clear_error (&error);
  zero = resigned (bytes, TESS_ROLE_ONE_TIME, &device, 32, (const uint8_t *) "\0\0\0\0", 4);
  g_assert_false (tess_one_time_prekey_parse (g_bytes_get_data (zero, NULL), g_bytes_get_size (zero), device.public, &read,
                                              &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE);
  record.id = 0;
  g_assert_null (tess_one_time_prekey_sign (&record, device.secret, NULL));
}

static void
test_relay_auth (void)
{
  FixtureKey device = fixture_key (3);
  FixtureKey other = fixture_key (4);
  uint8_t nonce[TESS_NONCE_SIZE] = { 9 };
  uint8_t signature[TESS_SIGNATURE_SIZE];
  g_autofree char *longest = g_strnfill (TESS_ORIGIN_BYTES_MAX, 'a');
  g_autofree char *longer = g_strnfill (TESS_ORIGIN_BYTES_MAX + 1, 'a');

  tess_relay_auth_sign (nonce, "https://a.example", device.secret, signature);
  g_assert_true (tess_relay_auth_verify (nonce, "https://a.example", device.public, signature));
  g_assert_false (tess_relay_auth_verify (nonce, "https://b.example", device.public, signature));
  g_assert_false (tess_relay_auth_verify (nonce, "https://a.exampl", device.public, signature));
  g_assert_false (tess_relay_auth_verify (nonce, "https://a.example", other.public, signature));
  g_assert_false (tess_relay_auth_verify (nonce, longer, device.public, signature));
  nonce[0] ^= 1;
  g_assert_false (tess_relay_auth_verify (nonce, "https://a.example", device.public, signature));
  tess_relay_auth_sign (nonce, longest, device.secret, signature);
  g_assert_true (tess_relay_auth_verify (nonce, longest, device.public, signature));
}

/* S + L is the same scalar, spelt another way; small-order keys and R make signatures that fit everything. */
static void
test_signature_hostile (void)
{
  static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                     0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10 };
  FixtureKey key = fixture_key (5);
  uint8_t record[3] = { 1, 2, 3 };
  uint8_t signature[TESS_SIGNATURE_SIZE];
  uint8_t weak[TESS_SIGNATURE_SIZE] = { 1 };
  uint8_t neutral[TESS_KEY_SIZE] = { 1 };
  uint8_t spelt[TESS_KEY_SIZE]; /* y = p + 1: the neutral point, not canonical */
  unsigned carry = 0;

  tess_sign (TESS_ROLE_DEVICE, record, sizeof record, key.secret, signature);
  g_assert_true (tess_verify (TESS_ROLE_DEVICE, record, sizeof record, key.public, signature));
  g_assert_false (tess_verify (TESS_ROLE_PREKEY, record, sizeof record, key.public, signature));
  for (unsigned i = 0; i < 32; i++)
    {
      carry += signature[32 + i] + order[i];
      signature[32 + i] = (uint8_t) carry;
      carry >>= 8;
    }
  g_assert_false (tess_verify (TESS_ROLE_DEVICE, record, sizeof record, key.public, signature));
  g_assert_false (tess_verify (TESS_ROLE_DEVICE, record, sizeof record, neutral, weak));
  memset (spelt, 0xff, sizeof spelt);
  spelt[0] = 0xee;
  spelt[31] = 0x7f;
  g_assert_false (tess_verify (TESS_ROLE_DEVICE, record, sizeof record, spelt, weak));
  g_assert_false (tess_sign_key_is_valid (spelt));
  g_assert_false (tess_sign_key_is_valid (neutral));
  g_assert_true (tess_sign_key_is_valid (key.public));
}

/* A key with a small-order part is on the curve, and not of prime order. */
static void
test_mixed_order (void)
{
  static const uint8_t small[] = { 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
                                   0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc,
                                   0x05 };
  FixtureKey key = fixture_key (5);
  uint8_t mixed[TESS_KEY_SIZE];

  g_assert_cmpint (crypto_core_ed25519_add (mixed, key.public, small), ==, 0);
  g_assert_false (tess_sign_key_is_valid (mixed));
}

static bool
parse_device_list (const uint8_t *data, size_t size, void *user)
{
  TessDeviceList read;

  return tess_device_list_parse (data, size, &read, NULL);
}

static bool
parse_prekey (const uint8_t *data, size_t size, void *user)
{
  TessPrekeyRecord read;

  return tess_prekey_record_parse (data, size, user, FIXTURE_NOW, &read, NULL);
}

static bool
parse_one_time (const uint8_t *data, size_t size, void *user)
{
  TessOneTimePrekey read;

  return tess_one_time_prekey_parse (data, size, user, &read, NULL);
}

static void
test_torment (void)
{
  FixtureKey key = fixture_key (1);
  g_autoptr (GBytes) list = fixture_device_list_bytes (&key, 2);
  g_autoptr (GBytes) prekey = fixture_prekey_bytes (&key);
  g_autoptr (GBytes) one_time = fixture_one_time_bytes (&key, 1);

  fixture_torment (list, false, parse_device_list, NULL);
  fixture_torment (prekey, false, parse_prekey, key.public);
  fixture_torment (one_time, false, parse_one_time, key.public);
}

/* The bytes themselves, as a stranger would compute them (tests/vectors has none for our own records): the layout is the
 * contract. */
static void
test_layout (void)
{
  FixtureKey account = fixture_key (1);
  FixtureKey device = fixture_key (100);
  g_autoptr (GBytes) bytes = fixture_device_list_bytes (&account, 1);
  const uint8_t *data = g_bytes_get_data (bytes, NULL);
  static const char prefix[] = "Tessera-v1/device";
  uint8_t text[sizeof prefix + 36];

  g_assert_cmpmem (data, 32, account.public, 32);
  g_assert_cmpmem (data + 32, 9, "\0\0\0\0\0\0\0\x07\x01", 9);
  g_assert_cmpmem (data + 41, 4, "\0\0\0\x01", 4);
  g_assert_cmpmem (data + 45, 32, device.public, 32);
  memcpy (text, prefix, sizeof prefix); /* with its zero */
  memcpy (text + sizeof prefix, account.public, 32);
  memcpy (text + sizeof prefix + 32, "\0\0\0\x01", 4);
  g_assert_cmpint (crypto_sign_verify_detached (data + 41 + 44, text, sizeof text, device.public), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/wire/records/small-order", test_small_order);
  g_test_add_func ("/wire/records/device-list", test_device_list);
  g_test_add_func ("/wire/records/device-list-values", test_device_list_values);
  g_test_add_func ("/wire/records/device-list-hostile", test_device_list_hostile);
  g_test_add_func ("/wire/records/device-list-compare", test_device_list_compare);
  g_test_add_func ("/wire/records/device-list-record-has", test_device_list_record_has);
  g_test_add_func ("/wire/records/prekey", test_prekey);
  g_test_add_func ("/wire/records/prekey-values", test_prekey_values);
  g_test_add_func ("/wire/records/one-time", test_one_time);
  g_test_add_func ("/wire/records/relay-auth", test_relay_auth);
  g_test_add_func ("/wire/records/signature-hostile", test_signature_hostile);
  g_test_add_func ("/wire/records/mixed-order", test_mixed_order);
  g_test_add_func ("/wire/records/layout", test_layout);
  g_test_add_func ("/wire/records/torment", test_torment);
  return g_test_run ();
}
