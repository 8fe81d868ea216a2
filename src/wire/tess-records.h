/* The signed records of protocol.md 1 and the relay's challenge of protocol.md 7. Pure; any thread.
 *
 * A record travels as `record || signature<64>`; that is what the functions here make and take. A secret key is libsodium's
 * 64-byte form (seed || public key). A failed parse leaves @out zeroed. Nothing here allocates but the GBytes it returns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-limits.h"
#include "wire/tess-wire-error.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_SUITE 1
#define TESS_KEY_SIZE 32             /* an Ed25519 or X25519 public key */
#define TESS_SIGN_SECRET_SIZE 64     /* an Ed25519 secret key as libsodium keeps it */
#define TESS_SIGNATURE_SIZE 64
#define TESS_CAPABILITY_SIZE 16
#define TESS_CAPABILITY_HASH_SIZE 32
#define TESS_NONCE_SIZE 32           /* of the relay's challenge */
#define TESS_KEM_KEY_SIZE 1184       /* an ML-KEM-768 encapsulation key */
#define TESS_ENVELOPE_KEY_SIZE 1216  /* an X-Wing encapsulation key: ML-KEM-768 ek || X25519 */

/* Sizes as the records travel, signature included. */
#define TESS_DEVICE_ENTRY_SIZE (4 + 32 + 8 + 64)
#define TESS_DEVICE_LIST_SIZE(count) (32 + 8 + 1 + (count) * TESS_DEVICE_ENTRY_SIZE + 64)
#define TESS_PREKEY_RECORD_SIZE (1 + 32 + 4 + 32 + 1184 + 4 + 1216 + 8 + 8 + 64)
#define TESS_ONE_TIME_PREKEY_SIZE (32 + 4 + 32 + 1184 + 64)

/* What a signature is for; each has its own prefix (protocol.md 0). */
typedef enum {
  TESS_ROLE_DEVICE_LIST,
  TESS_ROLE_DEVICE,
  TESS_ROLE_PREKEY,
  TESS_ROLE_ONE_TIME,
  TESS_ROLE_RELAY_AUTH,
  TESS_ROLE_GROUP,
} TessRole;

/* Signs @size bytes (at most TESS_PREKEY_RECORD_SIZE; more is a programming error) at @record in @role. */
void tess_sign (TessRole role, const uint8_t *record, size_t size, const uint8_t secret[static TESS_SIGN_SECRET_SIZE],
                uint8_t signature_out[static TESS_SIGNATURE_SIZE]);
/* TRUE when @signature is @key's over @record in @role: cofactorless; non-canonical S or @key and small-order R or @key are
 * refused, as is a record longer than TESS_PREKEY_RECORD_SIZE. */
bool tess_verify (TessRole role, const uint8_t *record, size_t size, const uint8_t key[static TESS_KEY_SIZE],
                  const uint8_t signature[static TESS_SIGNATURE_SIZE]);

/* TRUE when @key is a canonical Ed25519 point of prime order, as A and D have to be. */
bool tess_sign_key_is_valid (const uint8_t key[static TESS_KEY_SIZE]);
/* TRUE when @key passes FIPS 203's encapsulation-key check (every coefficient below 3329). */
bool tess_kem_key_is_valid (const uint8_t key[static TESS_KEM_KEY_SIZE]);

/* Device list. */
typedef struct {
  uint32_t number;
  uint8_t device[TESS_KEY_SIZE];
  uint64_t added;                            /* seconds since 1970 */
  uint8_t signature[TESS_SIGNATURE_SIZE];    /* by device over A | number: tess_device_entry_sign() */
} TessDeviceEntry;

typedef struct {
  uint8_t account[TESS_KEY_SIZE];
  uint64_t version;
  uint8_t count;
  TessDeviceEntry devices[TESS_DEVICES_MAX];
} TessDeviceList;

/* Makes entry->device and entry->signature from @device_secret: the device's consent to belong to @account under
 * entry->number, which is set before. */
void tess_device_entry_sign (TessDeviceEntry *entry, const uint8_t account[static TESS_KEY_SIZE],
                             const uint8_t device_secret[static TESS_SIGN_SECRET_SIZE]);

/* The record signed by @account_secret, TESS_DEVICE_LIST_SIZE (count) bytes; all that tess_device_list_parse() would refuse, and
 * a @self->account that is not the secret's, gives NULL with TESS_WIRE_ERROR_VALUE or _SIGNATURE. */
GBytes *tess_device_list_sign (const TessDeviceList *self, const uint8_t account_secret[static TESS_SIGN_SECRET_SIZE],
                               GError **error);

/* Reads and verifies a device list: the account's signature, each device's signature, at most TESS_DEVICES_MAX devices with
 * unique numbers and keys, every key a valid point. The account is the one the list names: the caller compares it with the one
 * expected, and the version with the newest known. Errors: MALFORMED, VALUE, SIGNATURE. */
bool tess_device_list_parse (const uint8_t *data, size_t size, TessDeviceList *out, GError **error);

/* The entry of @device, borrowed from @self, or NULL. */
const TessDeviceEntry *tess_device_list_find (const TessDeviceList *self, const uint8_t device[static TESS_KEY_SIZE]);

/* TRUE when the record @data, which tess_device_list_parse() took before, lists @device: nothing is verified again. */
bool tess_device_list_record_has (const uint8_t *data, size_t size, const uint8_t device[static TESS_KEY_SIZE]);

/* What a newer list means to one who knows @known (protocol.md 1). */
typedef enum {
  TESS_DEVICE_LIST_SAME,     /* the very same content */
  TESS_DEVICE_LIST_NEWER,    /* take it */
  TESS_DEVICE_LIST_OLDER,    /* refuse it (in a hello: go on with the known one) */
  TESS_DEVICE_LIST_CONFLICT, /* the same version with other content: an alarm */
  TESS_DEVICE_LIST_JUMP,     /* more than TESS_DEVICE_LIST_JUMP_MAX ahead: refuse it */
} TessDeviceListOrder;

/* Compares @self with the list already @known of the same account. */
TessDeviceListOrder tess_device_list_compare (const TessDeviceList *self, const TessDeviceList *known);

/* Prekey record. */
typedef struct {
  uint8_t device[TESS_KEY_SIZE];
  uint32_t spk_id;
  uint8_t spk[TESS_KEY_SIZE];
  uint8_t last_resort_key[TESS_KEM_KEY_SIZE];
  uint32_t envelope_key_id;
  uint8_t envelope_key[TESS_ENVELOPE_KEY_SIZE];
  uint64_t created; /* seconds since 1970 */
  uint64_t expires;
} TessPrekeyRecord;

/* The record signed by @device_secret, TESS_PREKEY_RECORD_SIZE bytes. NULL with TESS_WIRE_ERROR_VALUE when a value is out of
 * range or @self->device is not the secret's. Suite 1. */
GBytes *tess_prekey_record_sign (const TessPrekeyRecord *self, const uint8_t device_secret[static TESS_SIGN_SECRET_SIZE],
                                 GError **error);

/* Reads a prekey record and verifies it under @device, at @now (seconds since 1970). Errors: MALFORMED; VALUE (another suite
 * or device, times, an invalid ML-KEM key); SIGNATURE; EXPIRED (everything else is in order; @out is filled all the same). */
bool tess_prekey_record_parse (const uint8_t *data, size_t size, const uint8_t device[static TESS_KEY_SIZE], int64_t now,
                               TessPrekeyRecord *out, GError **error);

/* One-time prekey. */
typedef struct {
  uint8_t device[TESS_KEY_SIZE];
  uint32_t id; /* not 0 */
  uint8_t opk[TESS_KEY_SIZE];
  uint8_t kem_key[TESS_KEM_KEY_SIZE];
} TessOneTimePrekey;

/* The record signed by @device_secret, TESS_ONE_TIME_PREKEY_SIZE bytes; NULL with TESS_WIRE_ERROR_VALUE as above. */
GBytes *tess_one_time_prekey_sign (const TessOneTimePrekey *self, const uint8_t device_secret[static TESS_SIGN_SECRET_SIZE],
                                   GError **error);

/* Reads a one-time prekey and verifies it under @device. Errors: MALFORMED, VALUE, SIGNATURE. */
bool tess_one_time_prekey_parse (const uint8_t *data, size_t size, const uint8_t device[static TESS_KEY_SIZE],
                                 TessOneTimePrekey *out, GError **error);

/* The answer to a relay's challenge (protocol.md 7): over nonce | origin | D, role relay-auth. @origin is at most
 * TESS_ORIGIN_BYTES_MAX bytes; a longer one never verifies. */
void tess_relay_auth_sign (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin,
                           const uint8_t device_secret[static TESS_SIGN_SECRET_SIZE],
                           uint8_t signature_out[static TESS_SIGNATURE_SIZE]);
bool tess_relay_auth_verify (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin,
                             const uint8_t device[static TESS_KEY_SIZE],
                             const uint8_t signature[static TESS_SIGNATURE_SIZE]);

/* What a relay keeps of a capability: its BLAKE2b-256. */
void tess_capability_hash (const uint8_t capability[static TESS_CAPABILITY_SIZE],
                           uint8_t hash_out[static TESS_CAPABILITY_HASH_SIZE]);

G_END_DECLS
