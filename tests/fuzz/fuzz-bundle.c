/* The directory's answer about an account, with genuine signatures over changed records: what is accepted holds only devices of
 * the account's own list, each once, each record the device's own. Input: for each of up to three devices what is served and
 * changes to its records; then changes to the JSON text. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "wire-fixtures.h"
#include "wire/tess-directory-json.h"

#include <string.h>

#define DEVICES_MAX 3
#define WITH_ONE_TIME 1
#define SIGNED_BY_ANOTHER 2
#define ONE_TIME_OF_ANOTHER 4
#define SAME_DEVICE_AGAIN 8
#define DEVICE_NOT_LISTED 16

typedef struct {
  FixtureKey account, devices[DEVICES_MAX + 1]; /* the last one is not in the list */
  GBytes *list;
  GBytes *prekeys[DEVICES_MAX + 1], *one_time[DEVICES_MAX + 1]; /* without signature */
} Fixtures;

static GBytes *
unsigned_part (GBytes *record)
{
  g_autoptr (GBytes) owned = record;

  return g_bytes_new_from_bytes (record, 0, g_bytes_get_size (record) - TESS_SIGNATURE_SIZE);
}

static const Fixtures *
fixtures (void)
{
  static Fixtures self;

  if (self.list != NULL)
    return &self;
  self.account = fixture_key (1);
  self.list = fixture_device_list_bytes (&self.account, DEVICES_MAX);
  for (unsigned i = 0; i <= DEVICES_MAX; i++)
    {
      self.devices[i] = fixture_key ((uint8_t) (100 + i));
      self.prekeys[i] = unsigned_part (fixture_prekey_bytes (&self.devices[i]));
      self.one_time[i] = unsigned_part (fixture_one_time_bytes (&self.devices[i], 5 + i));
    }
  return &self;
}

/* @record, changed as @input says, with @key's signature. */
static GBytes *
sign_changed (TessReader *input, GBytes *record, TessRole role, const FixtureKey *key, bool *changed_out)
{
  GByteArray *copy = g_byte_array_new ();
  uint8_t signature[TESS_SIGNATURE_SIZE];

  g_byte_array_append (copy, g_bytes_get_data (record, NULL), (guint) g_bytes_get_size (record));
  *changed_out = fuzz_patch (input, copy) || *changed_out;
  tess_sign (role, copy->data, MIN (copy->len, TESS_PREKEY_RECORD_SIZE), key->secret, signature);
  g_byte_array_append (copy, signature, sizeof signature);
  return g_byte_array_free_to_bytes (copy);
}

static char *
build (TessReader *input, bool *changed_out)
{
  const Fixtures *fixed = fixtures ();
  TessBundleEntry entries[DEVICES_MAX] = { 0 };
  unsigned count = tess_reader_u8 (input) % (DEVICES_MAX + 1);
  char *text;

  for (unsigned i = 0; i < count; i++)
    {
      uint8_t flags = tess_reader_u8 (input);
      unsigned at = (flags & DEVICE_NOT_LISTED) != 0 ? DEVICES_MAX : (flags & SAME_DEVICE_AGAIN) != 0 ? 0 : i;
      unsigned signer = (flags & SIGNED_BY_ANOTHER) != 0 ? (at + 1) % DEVICES_MAX : at;
      unsigned of = (flags & ONE_TIME_OF_ANOTHER) != 0 ? (at + 1) % DEVICES_MAX : at;

      *changed_out = *changed_out || at != i || signer != at || (of != at && (flags & WITH_ONE_TIME) != 0);
      memcpy (entries[i].device, fixed->devices[at].public, TESS_KEY_SIZE);
      entries[i].prekey = sign_changed (input, fixed->prekeys[at], TESS_ROLE_PREKEY, &fixed->devices[signer], changed_out);
      if ((flags & WITH_ONE_TIME) != 0)
        entries[i].one_time = sign_changed (input, fixed->one_time[of], TESS_ROLE_ONE_TIME, &fixed->devices[of], changed_out);
    }
  text = tess_bundle_build (fixed->list, entries, count);
  for (unsigned i = 0; i < count; i++)
    {
      g_bytes_unref (entries[i].prekey);
      g_clear_pointer (&entries[i].one_time, g_bytes_unref);
    }
  return text;
}

static void
check_bundle (const TessBundle *bundle)
{
  const Fixtures *fixed = fixtures ();

  g_assert_true (g_bytes_equal (bundle->device_list, fixed->list));
  g_assert_cmpuint (bundle->count, <=, DEVICES_MAX);
  for (unsigned i = 0; i < bundle->count; i++)
    {
      const TessBundleDevice *device = &bundle->devices[i];
      const TessDeviceEntry *entry = tess_device_list_find (&bundle->list, device->device);

      g_assert_nonnull (entry);
      g_assert_cmpuint (device->number, ==, entry->number);
      g_assert_cmpmem (device->prekey.device, TESS_KEY_SIZE, device->device, TESS_KEY_SIZE);
      g_assert_cmpint (device->expired, ==, device->prekey.expires <= FIXTURE_NOW);
      g_assert_true (tess_kem_key_is_valid (device->prekey.envelope_key));
      if (device->has_one_time)
        g_assert_cmpmem (device->one_time.device, TESS_KEY_SIZE, device->device, TESS_KEY_SIZE);
      for (unsigned k = 0; k < i; k++)
        g_assert_cmpint (memcmp (device->device, bundle->devices[k].device, TESS_KEY_SIZE), !=, 0);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const Fixtures *fixed = fixtures ();
  TessReader input;
  bool changed = false;
  g_autofree char *text = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (TessBundle) bundle = NULL, of_another = NULL;
  g_autoptr (GError) error = NULL;

  fuzz_begin ();
  tess_reader_init (&input, data, size);
  text = build (&input, &changed);
  g_byte_array_append (bytes, (const uint8_t *) text, (guint) strlen (text));
  changed = fuzz_patch (&input, bytes) || changed;
  bundle = tess_bundle_parse ((const char *) bytes->data, bytes->len, fixed->account.public, FIXTURE_NOW, &error);
  fuzz_check_error (error, bundle == NULL, TESS_WIRE_ERROR);
  if (!changed)
    g_assert_no_error (error);
  if (bundle != NULL)
    check_bundle (bundle);
  of_another = tess_bundle_parse ((const char *) bytes->data, bytes->len, fixed->devices[0].public, FIXTURE_NOW, NULL);
  g_assert_null (of_another);
  return 0;
}
