/* People with their records; device lists of other shapes; records that are refused (protocol.md 1).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vectors.h"

#include <string.h>

#define DAY 86400

/* Where fields begin in records. */
#define LIST_COUNT (32 + 8)
#define LIST_DEVICES (LIST_COUNT + 1)
#define PREKEY_SPK (1 + 32 + 4)
#define PREKEY_EK (PREKEY_SPK + 32)
#define PREKEY_ENVELOPE_EK (PREKEY_EK + 1184 + 4)
#define PREKEY_ENVELOPE_X (PREKEY_ENVELOPE_EK + 1184)
#define PREKEY_CREATED (PREKEY_ENVELOPE_X + 32)
#define ONE_TIME_ID 32
#define ONE_TIME_OPK (ONE_TIME_ID + 4)
#define ONE_TIME_EK (ONE_TIME_OPK + 32)

typedef enum { LIST, PREKEY, ONE_TIME } Kind;

Person alice = { .name = "alice", .spk_id = 7, .envelope_key_id = 0x01020304, .one_time_id = 42 };
Person bob = { .name = "bob", .spk_id = 0xfffffffe, .envelope_key_id = 9, .one_time_id = 1 };

static void
sign_secret (const uint8_t *seed, const uint8_t *public, uint8_t out[static 64])
{
  memcpy (out, seed, 32);
  memcpy (out + 32, public, 32);
}

static void
out_device (const TessDeviceEntry *entry, const uint8_t *seed)
{
  out_object (NULL);
  out_number ("number", entry->number);
  out_hex ("seed", seed, 32);
  out_number ("added", entry->added);
  out_hex ("signature", entry->signature, sizeof entry->signature);
  out_end ();
}

static void
make_list (Person *self)
{
  TessDeviceList list = { .version = 1, .count = 1 };
  TessDeviceEntry *entry = &list.devices[0];

  memcpy (list.account, self->party.account.bytes, 32);
  entry->number = 1;
  entry->added = NOW;
  tess_device_entry_sign (entry, list.account, self->device_sign);
  self->list = tess_device_list_sign (&list, self->account_sign, NULL);
  out_object ("device_list");
  out_number ("version", list.version);
  out_array ("devices");
  out_device (entry, self->device.bytes);
  out_end ();
  out_bytes ("signed", self->list);
  out_end ();
}

static void
make_prekey (Person *self)
{
  TessPrekeyRecord record = { .spk_id = self->spk_id, .envelope_key_id = self->envelope_key_id, .created = NOW };

  g_assert_true (tess_signed_prekey_generate (&self->spk_secret, &self->spk, NULL));
  g_assert_true (tess_envelope_key_generate (&self->envelope_seed, &self->envelope, NULL));
  record.expires = NOW + 14 * DAY;
  memcpy (record.device, self->party.device.bytes, 32);
  memcpy (record.spk, self->spk.dh.bytes, 32);
  memcpy (record.last_resort_key, self->spk.kem.bytes, sizeof record.last_resort_key);
  memcpy (record.envelope_key, self->envelope.bytes, sizeof record.envelope_key);
  self->prekey = tess_prekey_record_sign (&record, self->device_sign, NULL);
  out_object ("prekey");
  out_number ("spk_id", record.spk_id);
  drawn_out ("spk_private", 32);
  drawn_out ("last_resort_seed", 64);
  out_number ("envelope_key_id", record.envelope_key_id);
  drawn_out ("envelope_seed", 32);
  drawn_end ();
  out_number ("created", record.created);
  out_number ("expires", record.expires);
  out_hex ("spk", record.spk, 32);
  out_bytes ("signed", self->prekey);
  out_end ();
}

static void
make_one_time (Person *self)
{
  TessOneTimePrekey record = { .id = self->one_time_id };

  g_assert_true (tess_one_time_generate (&self->one_time_secret, &self->one_time, NULL));
  memcpy (record.device, self->party.device.bytes, 32);
  memcpy (record.opk, self->one_time.dh.bytes, 32);
  memcpy (record.kem_key, self->one_time.kem.bytes, sizeof record.kem_key);
  self->one_time_record = tess_one_time_prekey_sign (&record, self->device_sign, NULL);
  out_object ("one_time");
  out_number ("id", record.id);
  drawn_out ("opk_private", 32);
  drawn_out ("seed", 64);
  drawn_end ();
  out_hex ("opk", record.opk, 32);
  out_bytes ("signed", self->one_time_record);
  out_end ();
}

static void
make_person (Person *self)
{
  TessDhSecret secret;
  TessDhPublic public;

  out_object (NULL);
  out_text ("name", self->name);
  g_assert_true (tess_account_generate (&self->account, &self->party.account, NULL));
  drawn_out ("account_seed", 32);
  g_assert_true (tess_device_generate (&self->device, &self->party.device, NULL));
  drawn_out ("device_seed", 32);
  drawn_end ();
  sign_secret (self->account.bytes, self->party.account.bytes, self->account_sign);
  sign_secret (self->device.bytes, self->party.device.bytes, self->device_sign);
  tess_device_dh_secret (&self->device, &secret);
  g_assert_true (tess_device_dh_public (&self->party.device, &public, NULL));
  out_hex ("account", self->party.account.bytes, 32);
  out_hex ("device", self->party.device.bytes, 32);
  out_hex ("device_x25519_private", secret.bytes, 32);
  out_hex ("device_x25519", public.bytes, 32);
  make_list (self);
  make_prekey (self);
  make_one_time (self);
  out_end ();
}

void
vectors_people (void)
{
  out_array ("people");
  make_person (&alice);
  make_person (&bob);
  out_end ();
}

/* A list of @count fresh devices, whose numbers do not grow. */
static GBytes *
make_other_list (const char *what, unsigned count)
{
  static const uint32_t numbers[TESS_DEVICES_MAX] = { 3, 0, 0xffffffff, 1, 2, 4, 5, 6 };
  TessDeviceList list = { .version = 9007199254740991, .count = (uint8_t) count };
  TessDeviceSecret secrets[TESS_DEVICES_MAX];
  GBytes *made;

  memcpy (list.account, alice.party.account.bytes, 32);
  for (unsigned i = 0; i < count; i++)
    {
      uint8_t sign[64];
      TessDevicePublic public;

      g_assert_true (tess_device_generate (&secrets[i], &public, NULL));
      sign_secret (secrets[i].bytes, public.bytes, sign);
      list.devices[i].number = numbers[i];
      list.devices[i].added = i;
      tess_device_entry_sign (&list.devices[i], list.account, sign);
    }
  drawn_drop ();
  made = tess_device_list_sign (&list, alice.account_sign, NULL);
  out_object (NULL);
  out_text ("what", what);
  out_text ("account", "alice");
  out_number ("version", list.version);
  out_array ("devices");
  for (unsigned i = 0; i < count; i++)
    out_device (&list.devices[i], secrets[i].bytes);
  out_end ();
  out_bytes ("signed", made);
  out_end ();
  return made;
}

static bool
parse (Kind kind, GBytes *record, uint64_t now, GError **error)
{
  gsize size;
  const uint8_t *data = g_bytes_get_data (record, &size);
  TessDeviceList list;
  TessPrekeyRecord prekey;
  TessOneTimePrekey one_time;

  switch (kind)
    {
    case LIST: return tess_device_list_parse (data, size, &list, error);
    case PREKEY: return tess_prekey_record_parse (data, size, bob.party.device.bytes, (int64_t) now, &prekey, error);
    case ONE_TIME: return tess_one_time_prekey_parse (data, size, bob.party.device.bytes, &one_time, error);
    default: g_assert_not_reached ();
    }
}

/* Bob's record, or alice's list, with @field at @at; its signature made anew when @sign. */
static void
check_changed (const char *what, Kind kind, uint64_t now, size_t at, const void *field, size_t size, bool sign)
{
  static const char *const kinds[] = { "device_list", "prekey", "one_time" };
  static const TessRole roles[] = { TESS_ROLE_DEVICE_LIST, TESS_ROLE_PREKEY, TESS_ROLE_ONE_TIME };
  GBytes *const bases[] = { alice.list, bob.prekey, bob.one_time_record };
  gsize base_size;
  const void *base = g_bytes_get_data (bases[kind], &base_size);
  g_autoptr (GBytes) record = NULL;
  g_autoptr (GError) error = NULL;
  bool good;
  Patch patch;

  out_object (NULL);
  out_text ("what", what);
  out_text ("kind", kinds[kind]);
  out_text ("person", kind == LIST ? "alice" : "bob");
  out_number ("now", now);
  out_bool ("signed", sign);
  patch = patch_begin (base, base_size);
  patch_at (&patch, at, field, size);
  if (sign)
    {
      uint8_t signature[64];

      tess_sign (roles[kind], patch.bytes->data, base_size - 64, kind == LIST ? alice.account_sign : bob.device_sign, signature);
      patch_at (&patch, base_size - 64, signature, 64);
    }
  record = patch_end (&patch, 0);
  good = parse (kind, record, now, &error);
  out_text ("verdict", verdict_of (good, &error));
  out_end ();
}

static void
check_times (const char *what, uint64_t created, uint64_t expires, uint64_t now)
{
  uint8_t field[16];

  for (unsigned i = 0; i < 8; i++)
    {
      field[i] = (uint8_t) (created >> (56 - 8 * i));
      field[8 + i] = (uint8_t) (expires >> (56 - 8 * i));
    }
  check_changed (what, PREKEY, now, PREKEY_CREATED, field, sizeof field, true);
}

/* Points, as in RFC 7748 and RFC 8032: 0 and 1 are of small order on the Montgomery curve, 1 is the neutral element on Edwards';
 * y = 2 is off the curve. */
static void
check_lists (void)
{
  static const uint8_t neutral[32] = { 1 }, off_curve[32] = { 2 };
  static const uint8_t count_2 = 2, count_9 = 9, extra = 0;
  uint8_t wrong_role[64];
  gsize size;
  const uint8_t *list = g_bytes_get_data (alice.list, &size);

  check_changed ("version 0 and other times are no fault", LIST, NOW, 32, &(uint64_t) { 0 }, 8, true);
  check_changed ("another version under the old signature", LIST, NOW, 32, &(uint64_t) { 0 }, 8, false);
  check_changed ("more devices than there are", LIST, NOW, LIST_COUNT, &count_2, 1, true);
  check_changed ("nine devices", LIST, NOW, LIST_COUNT, &count_9, 1, true);
  check_changed ("another number than the device signed", LIST, NOW, LIST_DEVICES, &(uint32_t) { 0 }, 4, true);
  check_changed ("a device key off the curve", LIST, NOW, LIST_DEVICES + 4, off_curve, 32, true);
  check_changed ("a device key of small order", LIST, NOW, LIST_DEVICES + 4, neutral, 32, true);
  check_changed ("a byte behind the signature", LIST, NOW, size, &extra, 1, false);
  tess_sign (TESS_ROLE_DEVICE, list, size - 64, alice.account_sign, wrong_role);
  check_changed ("signed in the role device", LIST, NOW, size - 64, wrong_role, 64, false);
}

static void
check_prekeys (void)
{
  static const uint8_t low[32] = { 0 }, suite = 2, extra = 0;
  static const uint8_t even[3] = { 0x01, 0x0d, 0x00 }, odd[3] = { 0x00, 0x10, 0xd0 }, largest[3] = { 0x00, 0x0d, 0xd0 };

  check_changed ("another suite", PREKEY, NOW, 0, &suite, 1, true);
  check_changed ("another device", PREKEY, NOW, 1, alice.party.device.bytes, 32, true);
  check_changed ("SPK of small order", PREKEY, NOW, PREKEY_SPK, low, 32, true);
  check_changed ("the last-resort ek's first coefficient is 3329", PREKEY, NOW, PREKEY_EK, even, 3, true);
  check_changed ("the envelope ek's last coefficient is 3329", PREKEY, NOW, PREKEY_ENVELOPE_X - 32 - 3, odd, 3, true);
  check_changed ("coefficients of 3328 are no fault", PREKEY, NOW, PREKEY_EK, largest, 3, true);
  check_changed ("the envelope key's X25519 part of small order", PREKEY, NOW, PREKEY_ENVELOPE_X, low, 32, true);
  check_changed ("a byte behind the signature", PREKEY, NOW, g_bytes_get_size (bob.prekey), &extra, 1, false);
  check_times ("created now, for 14 days", NOW, NOW + 14 * DAY, NOW);
  check_times ("for 14 days and a second", NOW, NOW + 14 * DAY + 1, NOW);
  check_times ("for no time", NOW, NOW, NOW);
  check_times ("created a day ahead", NOW + DAY, NOW + 2 * DAY, NOW);
  check_times ("created a day and a second ahead", NOW + DAY + 1, NOW + 2 * DAY, NOW);
  check_times ("in its last second", NOW - DAY, NOW + 1, NOW);
  check_times ("expired", NOW - DAY, NOW, NOW);
}

static void
check_one_times (void)
{
  static const uint8_t zeros[32] = { 0 }, even[3] = { 0xff, 0x0f, 0x00 };

  check_changed ("an id of 0", ONE_TIME, NOW, ONE_TIME_ID, zeros, 4, true);
  check_changed ("another id", ONE_TIME, NOW, ONE_TIME_ID, "\0\0\0\7", 4, true);
  check_changed ("another id under the old signature", ONE_TIME, NOW, ONE_TIME_ID, "\0\0\0\7", 4, false);
  check_changed ("OPK of small order", ONE_TIME, NOW, ONE_TIME_OPK, zeros, 32, true);
  check_changed ("a coefficient of 4095", ONE_TIME, NOW, ONE_TIME_EK, even, 3, true);
}

static void
check_order (const char *what, uint64_t known_version, uint64_t version, bool same_content)
{
  static const char *const verdicts[] = { "same", "newer", "older", "conflict", "jump" };
  TessDeviceList known = { .version = known_version };
  TessDeviceList list = { .version = version, .count = same_content ? 0 : 1 };

  out_object (NULL);
  out_text ("what", what);
  out_number ("known_version", known_version);
  out_number ("version", version);
  out_bool ("same_content", same_content);
  out_text ("verdict", verdicts[tess_device_list_compare (&list, &known)]);
  out_end ();
}

void
vectors_records (void)
{
  out_array ("device_lists");
  g_bytes_unref (make_other_list ("no device", 0));
  g_bytes_unref (make_other_list ("three devices, numbers in any order", 3));
  out_end ();
  out_array ("records");
  check_lists ();
  check_prekeys ();
  check_one_times ();
  out_end ();
  out_array ("list_orders");
  check_order ("known already", 5, 5, true);
  check_order ("an equal version with other content", 5, 5, false);
  check_order ("older", 5, 4, false);
  check_order ("newer", 5, 6, false);
  check_order ("the furthest jump", 5, 1005, false);
  check_order ("a jump too far", 5, 1006, false);
  out_end ();
}
