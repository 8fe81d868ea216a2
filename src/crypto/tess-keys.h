/* Account and device keys (Ed25519), and Diffie-Hellman (X25519): protocol.md 0 and 1. Pure; any thread.
 * Failing calls zero their outputs and set TESS_CRYPTO_ERROR. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "crypto/tess-crypto-error.h"

#include <stdbool.h>

G_BEGIN_DECLS

#define TESS_SIGNATURE_SIZE 64

/* Private halves: 32-byte Ed25519 seeds, which is how they are stored; and an X25519 scalar. */
TESS_SECRET_TYPE (TessAccountSecret, tess_account_secret, 32)
TESS_SECRET_TYPE (TessDeviceSecret, tess_device_secret, 32)
TESS_SECRET_TYPE (TessDhSecret, tess_dh_secret, 32)

/* Public halves. Plain bytes: assigned and compared freely. */
typedef struct {
  uint8_t bytes[32];
} TessAccountPublic;

typedef struct {
  uint8_t bytes[32];
} TessDevicePublic;

typedef struct {
  uint8_t bytes[32];
} TessDhPublic;

/* A device of a person: the account A and the device D of protocol.md. */
typedef struct {
  TessAccountPublic account;
  TessDevicePublic device;
} TessParty;

/* Makes a new random key. Errors: RANDOM. */
bool tess_account_generate (TessAccountSecret *secret_out, TessAccountPublic *public_out, GError **error);
bool tess_device_generate (TessDeviceSecret *secret_out, TessDevicePublic *public_out, GError **error);
bool tess_dh_generate (TessDhSecret *secret_out, TessDhPublic *public_out, GError **error);

/* The public half of @secret. */
void tess_account_public (const TessAccountSecret *secret, TessAccountPublic *out);
void tess_device_public (const TessDeviceSecret *secret, TessDevicePublic *out);
void tess_dh_public (const TessDhSecret *secret, TessDhPublic *out);

/* Signs "Tessera-v1/" || @role || 0x00 || @record (protocol.md 0). @role is one of the roles there, the one that fits the key
 * (account: "device-list", "group"; device: "device", "prekey", "one-time", "relay-auth"). Verifying stands in the wire layer. */
void tess_account_sign (const TessAccountSecret *secret, const char *role, const uint8_t *record, size_t size,
                        uint8_t signature_out[static TESS_SIGNATURE_SIZE]);
void tess_device_sign (const TessDeviceSecret *secret, const char *role, const uint8_t *record, size_t size,
                       uint8_t signature_out[static TESS_SIGNATURE_SIZE]);

/* The X25519 form of a device key. The public one is refused (REFUSED) when not canonical, off the curve or not of prime order;
 * that costs as much as a whole Diffie-Hellman, so callers may keep the result. */
void tess_device_dh_secret (const TessDeviceSecret *secret, TessDhSecret *out);
bool tess_device_dh_public (const TessDevicePublic *device, TessDhPublic *out, GError **error);

/* X25519. Errors: REFUSED when the result is all zero (@theirs is a small-order point). */
bool tess_dh (const TessDhSecret *ours, const TessDhPublic *theirs, TessSecret32 *out, GError **error);

G_END_DECLS
