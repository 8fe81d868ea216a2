/* The signed records, with genuine signatures over changed contents: what is accepted keeps the rules of protocol.md 1 and is
 * the same after being signed anew; what is not leaves zeros; and what is not signed by the right key, in the right role, is
 * never accepted. Input: the kind, how it is signed, changes to a genuine record or (kind 8 and up) a whole one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "wire-fixtures.h"
#include "wire/tess-address.h"

#include <sodium.h>
#include <string.h>

typedef enum { SIGNED, SIGNED_BY_ANOTHER, SIGNED_IN_ANOTHER_ROLE, SIGNATURE_FROM_INPUT } Signing;

typedef struct {
  FixtureKey account, device, other;
  GBytes *list, *prekey, *one_time; /* genuine, without their signature */
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

  if (self.list == NULL)
    {
      self.account = fixture_key (1);
      self.device = fixture_key (100);
      self.other = fixture_key (9);
      self.list = unsigned_part (fixture_device_list_bytes (&self.account, 2));
      self.prekey = unsigned_part (fixture_prekey_bytes (&self.device));
      self.one_time = unsigned_part (fixture_one_time_bytes (&self.device, 5));
    }
  return &self;
}

/* Appends a signature to @content: the one kind verifies, no other does. */
static void
seal (GByteArray *content, TessRole role, const FixtureKey *key, Signing how, TessReader *input)
{
  uint8_t signature[TESS_SIGNATURE_SIZE];
  size_t size = MIN (content->len, TESS_PREKEY_RECORD_SIZE);

  if (how == SIGNATURE_FROM_INPUT)
    tess_reader_copy (input, signature, sizeof signature);
  else
    tess_sign (how == SIGNED_IN_ANOTHER_ROLE ? TESS_ROLE_GROUP : role, content->data, size,
               how == SIGNED_BY_ANOTHER ? fixtures ()->other.secret : key->secret, signature);
  g_assert_cmpint (tess_verify (role, content->data, size, key->public, signature), ==, how == SIGNED);
  g_byte_array_append (content, signature, sizeof signature);
}

/* The devices' own signatures over what the changes made of a list; @same: both with the first one's key. */
static void
sign_entries (GByteArray *list, bool same)
{
  const Fixtures *fixed = fixtures ();
  FixtureKey second = fixture_key (101);

  for (unsigned i = 0; i < 2 && list->len >= 41 + (i + 1) * TESS_DEVICE_ENTRY_SIZE; i++)
    {
      uint8_t *at = list->data + 41 + i * TESS_DEVICE_ENTRY_SIZE;
      TessDeviceEntry entry = { .number = (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8 | at[3] };

      tess_device_entry_sign (&entry, list->data, i == 0 || same ? fixed->device.secret : second.secret);
      memcpy (at + 4, entry.device, TESS_KEY_SIZE);
      memcpy (at + 44, entry.signature, TESS_SIGNATURE_SIZE);
    }
}

static void
check_list (const GByteArray *record, bool genuine)
{
  const Fixtures *fixed = fixtures ();
  TessDeviceList list, again;
  g_autoptr (GBytes) built = NULL;
  g_autoptr (GError) error = NULL;

  memset (&list, 0xa5, sizeof list);
  if (!tess_device_list_parse (record->data, record->len, &list, &error))
    {
      fuzz_check_error (error, true, TESS_WIRE_ERROR);
      g_assert_true (fuzz_is_zero (&list, sizeof list));
      return;
    }
  if (!genuine)
    g_assert_cmpint (memcmp (list.account, fixed->account.public, TESS_KEY_SIZE), !=, 0);
  g_assert_cmpuint (list.count, <=, TESS_DEVICES_MAX);
  g_assert_cmpuint (record->len, ==, TESS_DEVICE_LIST_SIZE (list.count));
  for (unsigned i = 0; i < list.count; i++)
    {
      g_assert_true (tess_sign_key_is_valid (list.devices[i].device));
      for (unsigned k = 0; k < i; k++)
        g_assert_true (list.devices[i].number != list.devices[k].number
                       && memcmp (list.devices[i].device, list.devices[k].device, TESS_KEY_SIZE) != 0);
      g_assert_true (tess_device_list_record_has (record->data, record->len, list.devices[i].device));
    }
  g_assert_cmpint (tess_device_list_record_has (record->data, record->len, fixed->device.public), ==,
                   tess_device_list_find (&list, fixed->device.public) != NULL);
  g_assert_cmpint (tess_device_list_compare (&list, &list), ==, TESS_DEVICE_LIST_SAME);
  built = tess_device_list_sign (&list, fixed->account.secret, NULL);
  g_assert_nonnull (built);
  g_assert_cmpmem (g_bytes_get_data (built, NULL), g_bytes_get_size (built), record->data, record->len);
  again = list;
  again.version++;
  g_assert_cmpint (tess_device_list_compare (&list, &again), ==,
                   again.version == 0 ? tess_device_list_compare (&list, &again) : TESS_DEVICE_LIST_OLDER);
}

static void
check_prekey (const GByteArray *record, bool genuine)
{
  const Fixtures *fixed = fixtures ();
  TessPrekeyRecord prekey;
  g_autoptr (GBytes) built = NULL;
  g_autoptr (GError) error = NULL;
  bool good;

  memset (&prekey, 0xa5, sizeof prekey);
  good = tess_prekey_record_parse (record->data, record->len, fixed->device.public, FIXTURE_NOW, &prekey, &error);
  fuzz_check_error (error, !good, TESS_WIRE_ERROR);
  if (!good && error->code != TESS_WIRE_ERROR_EXPIRED)
    {
      g_assert_true (fuzz_is_zero (&prekey, sizeof prekey));
      return;
    }
  g_assert_true (genuine);
  g_assert_cmpuint (record->len, ==, TESS_PREKEY_RECORD_SIZE);
  g_assert_cmpmem (prekey.device, TESS_KEY_SIZE, fixed->device.public, TESS_KEY_SIZE);
  g_assert_cmpint (good, ==, prekey.expires > FIXTURE_NOW);
  g_assert_cmpuint (prekey.created, <=, FIXTURE_NOW + TESS_PREKEY_AHEAD_MAX);
  g_assert_cmpuint (prekey.expires - prekey.created - 1, <, TESS_PREKEY_LIFETIME_MAX);
  g_assert_true (tess_kem_key_is_valid (prekey.last_resort_key) && tess_kem_key_is_valid (prekey.envelope_key));
  built = tess_prekey_record_sign (&prekey, fixed->device.secret, NULL);
  g_assert_nonnull (built);
  g_assert_cmpmem (g_bytes_get_data (built, NULL), g_bytes_get_size (built), record->data, record->len);
}

static void
check_one_time (const GByteArray *record, bool genuine)
{
  const Fixtures *fixed = fixtures ();
  TessOneTimePrekey key;
  g_autoptr (GBytes) built = NULL;
  g_autoptr (GError) error = NULL;
  bool good;

  memset (&key, 0xa5, sizeof key);
  good = tess_one_time_prekey_parse (record->data, record->len, fixed->device.public, &key, &error);
  fuzz_check_error (error, !good, TESS_WIRE_ERROR);
  if (!good)
    {
      g_assert_true (fuzz_is_zero (&key, sizeof key));
      return;
    }
  g_assert_true (genuine);
  g_assert_cmpuint (record->len, ==, TESS_ONE_TIME_PREKEY_SIZE);
  g_assert_cmpuint (key.id, !=, 0);
  g_assert_true (tess_kem_key_is_valid (key.kem_key));
  built = tess_one_time_prekey_sign (&key, fixed->device.secret, NULL);
  g_assert_nonnull (built);
  g_assert_cmpmem (g_bytes_get_data (built, NULL), g_bytes_get_size (built), record->data, record->len);
}

/* The answer to a challenge holds for that nonce, origin and device alone. */
static void
check_auth (TessReader *input)
{
  const Fixtures *fixed = fixtures ();
  uint8_t nonce[TESS_NONCE_SIZE], other[TESS_NONCE_SIZE], signature[TESS_SIGNATURE_SIZE];
  g_autofree char *origin = NULL;
  g_autofree char *longer = NULL;
  size_t length;

  tess_reader_copy (input, nonce, sizeof nonce);
  memcpy (other, nonce, sizeof other);
  other[0] ^= 1;
  origin = fuzz_text (input->next, MIN (input->left, TESS_ORIGIN_BYTES_MAX + 1));
  length = strlen (origin);
  longer = g_strconcat (origin, "x", NULL);
  if (length <= TESS_ORIGIN_BYTES_MAX)
    tess_relay_auth_sign (nonce, origin, fixed->device.secret, signature);
  else
    memset (signature, 1, sizeof signature);
  g_assert_cmpint (tess_relay_auth_verify (nonce, origin, fixed->device.public, signature), ==, length <= TESS_ORIGIN_BYTES_MAX);
  g_assert_false (tess_relay_auth_verify (nonce, longer, fixed->device.public, signature));
  g_assert_false (tess_relay_auth_verify (other, origin, fixed->device.public, signature));
  g_assert_false (tess_relay_auth_verify (nonce, origin, fixed->other.public, signature));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const TessRole roles[] = { TESS_ROLE_DEVICE_LIST, TESS_ROLE_PREKEY, TESS_ROLE_ONE_TIME };
  const Fixtures *fixed = fixtures ();
  g_autoptr (GByteArray) record = g_byte_array_new ();
  TessReader input;
  uint8_t kind, entries;
  Signing how;
  GBytes *genuine;

  fuzz_begin ();
  tess_reader_init (&input, data, size);
  kind = tess_reader_u8 (&input);
  entries = tess_reader_u8 (&input);
  how = entries % 4;
  if (kind % 4 == 3)
    {
      check_auth (&input);
      return 0;
    }
  genuine = kind % 4 == 0 ? fixed->list : kind % 4 == 1 ? fixed->prekey : fixed->one_time;
  if (kind < 8)
    {
      g_byte_array_append (record, g_bytes_get_data (genuine, NULL), (guint) g_bytes_get_size (genuine));
      fuzz_patch (&input, record);
      if (kind % 4 == 0 && entries / 4 % 4 != 0)
        sign_entries (record, entries / 4 % 4 == 2);
    }
  else
    g_byte_array_append (record, input.next, (guint) input.left);
  seal (record, roles[kind % 4], kind % 4 == 0 ? &fixed->account : &fixed->device, how, &input);
  if (kind % 4 == 0)
    check_list (record, how == SIGNED);
  else if (kind % 4 == 1)
    check_prekey (record, how == SIGNED);
  else
    check_one_time (record, how == SIGNED);
  return 0;
}
