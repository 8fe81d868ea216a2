/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/tess-records.h"

#include "base/tess-bytes.h"
#include "wire/tess-address.h"

#include <sodium.h>
#include <string.h>

#define PREFIX_MAX 32 /* "Tessera-v1/device-list" and its zero, rounded up */
#define KEM_COEFFICIENT_BYTES 1152
#define KEM_Q 3329

static const char *const role_names[] = {
  [TESS_ROLE_DEVICE_LIST] = "Tessera-v1/device-list",
  [TESS_ROLE_DEVICE] = "Tessera-v1/device",
  [TESS_ROLE_PREKEY] = "Tessera-v1/prekey",
  [TESS_ROLE_ONE_TIME] = "Tessera-v1/one-time",
  [TESS_ROLE_RELAY_AUTH] = "Tessera-v1/relay-auth",
  [TESS_ROLE_GROUP] = "Tessera-v1/group",
};

typedef struct {
  uint8_t bytes[PREFIX_MAX + TESS_PREKEY_RECORD_SIZE];
  size_t size;
} SignedText;

static bool
signed_text_init (SignedText *self, TessRole role, const uint8_t *record, size_t size)
{
  TessWriter writer;

  tess_writer_init (&writer, self->bytes, sizeof self->bytes);
  tess_writer_label (&writer, role_names[role]);
  tess_writer_u8 (&writer, 0);
  tess_writer_bytes (&writer, record, size);
  self->size = writer.size;
  return size <= TESS_PREKEY_RECORD_SIZE && tess_writer_ok (&writer);
}

void
tess_sign (TessRole role, const uint8_t *record, size_t size, const uint8_t secret[static TESS_SIGN_SECRET_SIZE],
           uint8_t signature_out[static TESS_SIGNATURE_SIZE])
{
  SignedText text;
  bool fits = signed_text_init (&text, role, record, size);

  g_assert (fits);
  crypto_sign_detached (signature_out, NULL, text.bytes, text.size, secret);
}

bool
tess_verify (TessRole role, const uint8_t *record, size_t size, const uint8_t key[static TESS_KEY_SIZE],
             const uint8_t signature[static TESS_SIGNATURE_SIZE])
{
  SignedText text;

  return signed_text_init (&text, role, record, size) && crypto_sign_verify_detached (signature, text.bytes, text.size, key) == 0;
}

bool
tess_sign_key_is_valid (const uint8_t key[static TESS_KEY_SIZE])
{
  return crypto_core_ed25519_is_valid_point (key) == 1;
}

bool
tess_kem_key_is_valid (const uint8_t key[static TESS_KEM_KEY_SIZE])
{
  /* Two coefficients of 12 bits, little-endian, in three bytes (FIPS 203, 7.2: the modulus check). */
  for (size_t i = 0; i < KEM_COEFFICIENT_BYTES; i += 3)
    {
      unsigned low = key[i] | (key[i + 1] & 0x0fu) << 8;
      unsigned high = key[i + 1] >> 4 | (unsigned) key[i + 2] << 4;

      if (low >= KEM_Q || high >= KEM_Q)
        return false;
    }
  return true;
}

/* @size bytes at @record and their signature, as they travel. */
static GBytes *
signed_record (TessRole role, const uint8_t *record, size_t size, const uint8_t *secret)
{
  uint8_t *data = g_malloc (size + TESS_SIGNATURE_SIZE);

  memcpy (data, record, size);
  tess_sign (role, record, size, secret, data + size);
  return g_bytes_new_take (data, size + TESS_SIGNATURE_SIZE);
}

static bool
refuse (GError **error, TessWireError code, const char *message)
{
  g_set_error_literal (error, TESS_WIRE_ERROR, code, message);
  return false;
}

/* The public half that libsodium keeps in a secret key. */
static bool
is_key_of (const uint8_t *key, const uint8_t *secret)
{
  return sodium_memcmp (key, secret + crypto_sign_SEEDBYTES, TESS_KEY_SIZE) == 0;
}

static void
device_record (const uint8_t *account, uint32_t number, uint8_t out[static TESS_KEY_SIZE + 4])
{
  TessWriter writer;

  tess_writer_init (&writer, out, TESS_KEY_SIZE + 4);
  tess_writer_bytes (&writer, account, TESS_KEY_SIZE);
  tess_writer_u32 (&writer, number);
}

void
tess_device_entry_sign (TessDeviceEntry *entry, const uint8_t account[static TESS_KEY_SIZE],
                        const uint8_t device_secret[static TESS_SIGN_SECRET_SIZE])
{
  uint8_t record[TESS_KEY_SIZE + 4];

  memcpy (entry->device, device_secret + crypto_sign_SEEDBYTES, TESS_KEY_SIZE);
  device_record (account, entry->number, record);
  tess_sign (TESS_ROLE_DEVICE, record, sizeof record, device_secret, entry->signature);
}

/* Everything a list promises but the account's signature. */
static bool
device_list_check (const TessDeviceList *self, GError **error)
{
  uint8_t record[TESS_KEY_SIZE + 4];

  if (self->count > TESS_DEVICES_MAX)
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The device list names too many devices.");
  if (!tess_sign_key_is_valid (self->account))
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The device list's account key is not valid.");
  for (unsigned i = 0; i < self->count; i++)
    {
      const TessDeviceEntry *entry = &self->devices[i];

      for (unsigned k = 0; k < i; k++)
        if (entry->number == self->devices[k].number || memcmp (entry->device, self->devices[k].device, TESS_KEY_SIZE) == 0)
          return refuse (error, TESS_WIRE_ERROR_VALUE, "The device list names a device twice.");
      if (!tess_sign_key_is_valid (entry->device))
        return refuse (error, TESS_WIRE_ERROR_VALUE, "The device list holds a device key that is not valid.");
      device_record (self->account, entry->number, record);
      if (!tess_verify (TESS_ROLE_DEVICE, record, sizeof record, entry->device, entry->signature))
        return refuse (error, TESS_WIRE_ERROR_SIGNATURE, "A device did not sign its entry in the device list.");
    }
  return true;
}

/* The record without its signature; gives its size. */
static size_t
device_list_write (const TessDeviceList *self, uint8_t out[static TESS_DEVICE_LIST_SIZE_MAX])
{
  TessWriter writer;

  tess_writer_init (&writer, out, TESS_DEVICE_LIST_SIZE_MAX);
  tess_writer_bytes (&writer, self->account, TESS_KEY_SIZE);
  tess_writer_u64 (&writer, self->version);
  tess_writer_u8 (&writer, self->count);
  for (unsigned i = 0; i < self->count && i < TESS_DEVICES_MAX; i++)
    {
      tess_writer_u32 (&writer, self->devices[i].number);
      tess_writer_bytes (&writer, self->devices[i].device, TESS_KEY_SIZE);
      tess_writer_u64 (&writer, self->devices[i].added);
      tess_writer_bytes (&writer, self->devices[i].signature, TESS_SIGNATURE_SIZE);
    }
  return writer.size;
}

GBytes *
tess_device_list_sign (const TessDeviceList *self, const uint8_t account_secret[static TESS_SIGN_SECRET_SIZE], GError **error)
{
  uint8_t record[TESS_DEVICE_LIST_SIZE_MAX];

  if (!device_list_check (self, error))
    return NULL;
  if (!is_key_of (self->account, account_secret))
    {
      refuse (error, TESS_WIRE_ERROR_VALUE, "The device list belongs to another account key.");
      return NULL;
    }
  return signed_record (TESS_ROLE_DEVICE_LIST, record, device_list_write (self, record), account_secret);
}

static bool
device_list_read (TessDeviceList *self, const uint8_t *data, size_t size)
{
  TessReader reader;

  tess_reader_init (&reader, data, size);
  tess_reader_copy (&reader, self->account, TESS_KEY_SIZE);
  self->version = tess_reader_u64 (&reader);
  self->count = tess_reader_u8 (&reader);
  for (unsigned i = 0; i < self->count && i < TESS_DEVICES_MAX; i++)
    {
      self->devices[i].number = tess_reader_u32 (&reader);
      tess_reader_copy (&reader, self->devices[i].device, TESS_KEY_SIZE);
      self->devices[i].added = tess_reader_u64 (&reader);
      tess_reader_copy (&reader, self->devices[i].signature, TESS_SIGNATURE_SIZE);
    }
  return tess_reader_take (&reader, TESS_SIGNATURE_SIZE) != NULL && tess_reader_end (&reader);
}

bool
tess_device_list_parse (const uint8_t *data, size_t size, TessDeviceList *out, GError **error)
{
  TessDeviceList list = { 0 };
  size_t record_size = size - TESS_SIGNATURE_SIZE;

  *out = list;
  if (size > TESS_DEVICE_LIST_SIZE_MAX || !device_list_read (&list, data, size))
    return refuse (error, TESS_WIRE_ERROR_MALFORMED, "The device list is malformed.");
  /* The account's own signature first: nobody else can make a peer verify eight more. */
  if (!tess_verify (TESS_ROLE_DEVICE_LIST, data, record_size, list.account, data + record_size))
    return refuse (error, TESS_WIRE_ERROR_SIGNATURE, "The device list is not signed by its account.");
  if (!device_list_check (&list, error))
    return false;
  *out = list;
  return true;
}

const TessDeviceEntry *
tess_device_list_find (const TessDeviceList *self, const uint8_t device[static TESS_KEY_SIZE])
{
  for (unsigned i = 0; i < self->count; i++)
    if (memcmp (self->devices[i].device, device, TESS_KEY_SIZE) == 0)
      return &self->devices[i];
  return NULL;
}

bool
tess_device_list_record_has (const uint8_t *data, size_t size, const uint8_t device[static TESS_KEY_SIZE])
{
  TessReader reader;
  bool found = false;

  tess_reader_init (&reader, data, size);
  tess_reader_take (&reader, TESS_KEY_SIZE + 8);
  for (unsigned count = tess_reader_u8 (&reader); count > 0 && tess_reader_ok (&reader) && !found; count--)
    {
      const uint8_t *entry = tess_reader_take (&reader, TESS_DEVICE_ENTRY_SIZE);

      found = entry != NULL && memcmp (entry + 4, device, TESS_KEY_SIZE) == 0;
    }
  return found;
}

TessDeviceListOrder
tess_device_list_compare (const TessDeviceList *self, const TessDeviceList *known)
{
  uint8_t record[TESS_DEVICE_LIST_SIZE_MAX];
  uint8_t known_record[TESS_DEVICE_LIST_SIZE_MAX];
  size_t size = 0;

  if (self->version < known->version)
    return TESS_DEVICE_LIST_OLDER;
  if (self->version > known->version)
    return self->version - known->version > TESS_DEVICE_LIST_JUMP_MAX ? TESS_DEVICE_LIST_JUMP : TESS_DEVICE_LIST_NEWER;
  size = device_list_write (self, record);
  if (size == device_list_write (known, known_record) && memcmp (record, known_record, size) == 0)
    return TESS_DEVICE_LIST_SAME;
  return TESS_DEVICE_LIST_CONFLICT;
}

/* A key of small order makes every DH result zero. */
static bool
is_fit_for_dh (const uint8_t key[static TESS_KEY_SIZE])
{
  static const uint8_t any[crypto_scalarmult_curve25519_SCALARBYTES] = { 8 };
  uint8_t result[crypto_scalarmult_curve25519_BYTES];

  return crypto_scalarmult_curve25519 (result, any, key) == 0;
}

/* What does not depend on the time of day. */
static bool
prekey_record_check (const TessPrekeyRecord *self, GError **error)
{
  if (self->created >= self->expires || self->expires - self->created > TESS_PREKEY_LIFETIME_MAX)
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The prekey record's times do not fit.");
  if (!tess_kem_key_is_valid (self->last_resort_key) || !tess_kem_key_is_valid (self->envelope_key)
      || !is_fit_for_dh (self->spk) || !is_fit_for_dh (self->envelope_key + TESS_KEM_KEY_SIZE))
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The prekey record holds a key that is not valid.");
  return true;
}

GBytes *
tess_prekey_record_sign (const TessPrekeyRecord *self, const uint8_t device_secret[static TESS_SIGN_SECRET_SIZE], GError **error)
{
  uint8_t record[TESS_PREKEY_RECORD_SIZE - TESS_SIGNATURE_SIZE];
  TessWriter writer;

  if (!prekey_record_check (self, error))
    return NULL;
  if (!is_key_of (self->device, device_secret))
    {
      refuse (error, TESS_WIRE_ERROR_VALUE, "The prekey record belongs to another device key.");
      return NULL;
    }
  tess_writer_init (&writer, record, sizeof record);
  tess_writer_u8 (&writer, TESS_SUITE);
  tess_writer_bytes (&writer, self->device, TESS_KEY_SIZE);
  tess_writer_u32 (&writer, self->spk_id);
  tess_writer_bytes (&writer, self->spk, TESS_KEY_SIZE);
  tess_writer_bytes (&writer, self->last_resort_key, TESS_KEM_KEY_SIZE);
  tess_writer_u32 (&writer, self->envelope_key_id);
  tess_writer_bytes (&writer, self->envelope_key, TESS_ENVELOPE_KEY_SIZE);
  tess_writer_u64 (&writer, self->created);
  tess_writer_u64 (&writer, self->expires);
  g_assert (tess_writer_ok (&writer) && writer.size == sizeof record);
  return signed_record (TESS_ROLE_PREKEY, record, sizeof record, device_secret);
}

bool
tess_prekey_record_parse (const uint8_t *data, size_t size, const uint8_t device[static TESS_KEY_SIZE], int64_t now,
                          TessPrekeyRecord *out, GError **error)
{
  TessPrekeyRecord record = { 0 };
  TessReader reader;
  uint8_t suite = 0;

  memset (out, 0, sizeof *out);
  tess_reader_init (&reader, data, size);
  suite = tess_reader_u8 (&reader);
  tess_reader_copy (&reader, record.device, TESS_KEY_SIZE);
  record.spk_id = tess_reader_u32 (&reader);
  tess_reader_copy (&reader, record.spk, TESS_KEY_SIZE);
  tess_reader_copy (&reader, record.last_resort_key, TESS_KEM_KEY_SIZE);
  record.envelope_key_id = tess_reader_u32 (&reader);
  tess_reader_copy (&reader, record.envelope_key, TESS_ENVELOPE_KEY_SIZE);
  record.created = tess_reader_u64 (&reader);
  record.expires = tess_reader_u64 (&reader);
  if (tess_reader_take (&reader, TESS_SIGNATURE_SIZE) == NULL || !tess_reader_end (&reader))
    return refuse (error, TESS_WIRE_ERROR_MALFORMED, "The prekey record is malformed.");
  if (suite != TESS_SUITE)
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The prekey record is of another suite.");
  if (memcmp (record.device, device, TESS_KEY_SIZE) != 0)
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The prekey record belongs to another device.");
  if (!tess_verify (TESS_ROLE_PREKEY, data, size - TESS_SIGNATURE_SIZE, device, data + size - TESS_SIGNATURE_SIZE))
    return refuse (error, TESS_WIRE_ERROR_SIGNATURE, "The prekey record is not signed by its device.");
  if (!prekey_record_check (&record, error))
    return false;
  if (record.created > (uint64_t) MAX (now, 0) + TESS_PREKEY_AHEAD_MAX)
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The prekey record is from the future.");
  *out = record;
  if (record.expires <= (uint64_t) MAX (now, 0))
    return refuse (error, TESS_WIRE_ERROR_EXPIRED, "The prekey record has expired.");
  return true;
}

static bool
one_time_check (const TessOneTimePrekey *self, GError **error)
{
  if (self->id == 0)
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The one-time prekey has no number.");
  if (!tess_kem_key_is_valid (self->kem_key) || !is_fit_for_dh (self->opk))
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The one-time prekey is not valid.");
  return true;
}

GBytes *
tess_one_time_prekey_sign (const TessOneTimePrekey *self, const uint8_t device_secret[static TESS_SIGN_SECRET_SIZE],
                           GError **error)
{
  uint8_t record[TESS_ONE_TIME_PREKEY_SIZE - TESS_SIGNATURE_SIZE];
  TessWriter writer;

  if (!one_time_check (self, error))
    return NULL;
  if (!is_key_of (self->device, device_secret))
    {
      refuse (error, TESS_WIRE_ERROR_VALUE, "The one-time prekey belongs to another device key.");
      return NULL;
    }
  tess_writer_init (&writer, record, sizeof record);
  tess_writer_bytes (&writer, self->device, TESS_KEY_SIZE);
  tess_writer_u32 (&writer, self->id);
  tess_writer_bytes (&writer, self->opk, TESS_KEY_SIZE);
  tess_writer_bytes (&writer, self->kem_key, TESS_KEM_KEY_SIZE);
  g_assert (tess_writer_ok (&writer) && writer.size == sizeof record);
  return signed_record (TESS_ROLE_ONE_TIME, record, sizeof record, device_secret);
}

bool
tess_one_time_prekey_parse (const uint8_t *data, size_t size, const uint8_t device[static TESS_KEY_SIZE], TessOneTimePrekey *out,
                            GError **error)
{
  TessOneTimePrekey record = { 0 };
  TessReader reader;

  memset (out, 0, sizeof *out);
  tess_reader_init (&reader, data, size);
  tess_reader_copy (&reader, record.device, TESS_KEY_SIZE);
  record.id = tess_reader_u32 (&reader);
  tess_reader_copy (&reader, record.opk, TESS_KEY_SIZE);
  tess_reader_copy (&reader, record.kem_key, TESS_KEM_KEY_SIZE);
  if (tess_reader_take (&reader, TESS_SIGNATURE_SIZE) == NULL || !tess_reader_end (&reader))
    return refuse (error, TESS_WIRE_ERROR_MALFORMED, "The one-time prekey is malformed.");
  if (memcmp (record.device, device, TESS_KEY_SIZE) != 0)
    return refuse (error, TESS_WIRE_ERROR_VALUE, "The one-time prekey belongs to another device.");
  if (!tess_verify (TESS_ROLE_ONE_TIME, data, size - TESS_SIGNATURE_SIZE, device, data + size - TESS_SIGNATURE_SIZE))
    return refuse (error, TESS_WIRE_ERROR_SIGNATURE, "The one-time prekey is not signed by its device.");
  if (!one_time_check (&record, error))
    return false;
  *out = record;
  return true;
}

/* nonce | origin | D; gives its size, 0 for an origin that is too long. */
static size_t
relay_auth_record (const uint8_t *nonce, const char *origin, const uint8_t *device,
                   uint8_t out[static TESS_NONCE_SIZE + TESS_ORIGIN_BYTES_MAX + TESS_KEY_SIZE])
{
  TessWriter writer;

  if (strnlen (origin, TESS_ORIGIN_BYTES_MAX + 1) > TESS_ORIGIN_BYTES_MAX)
    return 0;
  tess_writer_init (&writer, out, TESS_NONCE_SIZE + TESS_ORIGIN_BYTES_MAX + TESS_KEY_SIZE);
  tess_writer_bytes (&writer, nonce, TESS_NONCE_SIZE);
  tess_writer_label (&writer, origin);
  tess_writer_bytes (&writer, device, TESS_KEY_SIZE);
  return writer.size;
}

void
tess_relay_auth_sign (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin,
                      const uint8_t device_secret[static TESS_SIGN_SECRET_SIZE],
                      uint8_t signature_out[static TESS_SIGNATURE_SIZE])
{
  uint8_t record[TESS_NONCE_SIZE + TESS_ORIGIN_BYTES_MAX + TESS_KEY_SIZE];
  size_t size = relay_auth_record (nonce, origin, device_secret + crypto_sign_SEEDBYTES, record);

  g_assert (size > 0);
  tess_sign (TESS_ROLE_RELAY_AUTH, record, size, device_secret, signature_out);
}

bool
tess_relay_auth_verify (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin,
                        const uint8_t device[static TESS_KEY_SIZE],
                        const uint8_t signature[static TESS_SIGNATURE_SIZE])
{
  uint8_t record[TESS_NONCE_SIZE + TESS_ORIGIN_BYTES_MAX + TESS_KEY_SIZE];
  size_t size = relay_auth_record (nonce, origin, device, record);

  return size > 0 && tess_verify (TESS_ROLE_RELAY_AUTH, record, size, device, signature);
}

void
tess_capability_hash (const uint8_t capability[static TESS_CAPABILITY_SIZE], uint8_t hash_out[static TESS_CAPABILITY_HASH_SIZE])
{
  crypto_generichash (hash_out, TESS_CAPABILITY_HASH_SIZE, capability, TESS_CAPABILITY_SIZE, NULL, 0);
}
