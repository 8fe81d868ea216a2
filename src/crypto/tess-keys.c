/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-keys.h"

#include "base/tess-bytes.h"
#include "base/tess-random.h"

#include <string.h>

TESS_SECRET_TYPE (SigningKey, signing_key, crypto_sign_SECRETKEYBYTES)

static bool
random_seed (uint8_t out[static 32], GError **error)
{
  if (tess_random (out, 32))
    return true;
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM, "the random source failed");
  return false;
}

static void
seed_public (const uint8_t seed[static 32], uint8_t public_out[static 32])
{
  g_auto (SigningKey) key = { 0 };

  crypto_sign_seed_keypair (public_out, key.bytes, seed);
}

bool
tess_account_generate (TessAccountSecret *secret_out, TessAccountPublic *public_out, GError **error)
{
  memset (public_out, 0, sizeof *public_out);
  if (!random_seed (secret_out->bytes, error))
    return false;
  tess_account_public (secret_out, public_out);
  return true;
}

bool
tess_device_generate (TessDeviceSecret *secret_out, TessDevicePublic *public_out, GError **error)
{
  memset (public_out, 0, sizeof *public_out);
  if (!random_seed (secret_out->bytes, error))
    return false;
  tess_device_public (secret_out, public_out);
  return true;
}

bool
tess_dh_generate (TessDhSecret *secret_out, TessDhPublic *public_out, GError **error)
{
  memset (public_out, 0, sizeof *public_out);
  if (!random_seed (secret_out->bytes, error))
    return false;
  tess_dh_public (secret_out, public_out);
  return true;
}

void
tess_account_public (const TessAccountSecret *secret, TessAccountPublic *out)
{
  seed_public (secret->bytes, out->bytes);
}

void
tess_device_public (const TessDeviceSecret *secret, TessDevicePublic *out)
{
  seed_public (secret->bytes, out->bytes);
}

void
tess_dh_public (const TessDhSecret *secret, TessDhPublic *out)
{
  crypto_scalarmult_curve25519_base (out->bytes, secret->bytes);
}

static void
sign (const uint8_t seed[static 32], const char *role, const uint8_t *record, size_t size, uint8_t signature_out[static 64])
{
  static const char domain[] = "Tessera-v1/";
  g_autoptr (TessWiped) message = tess_wiped_new (strlen (domain) + strlen (role) + 1 + size);
  g_auto (SigningKey) key = { 0 };
  TessDevicePublic public;
  TessWriter writer;

  tess_writer_init (&writer, message->bytes, message->size);
  tess_writer_label (&writer, domain);
  tess_writer_label (&writer, role);
  tess_writer_u8 (&writer, 0);
  tess_writer_bytes (&writer, record, size);
  g_assert (tess_writer_ok (&writer) && writer.size == message->size);

  crypto_sign_seed_keypair (public.bytes, key.bytes, seed);
  crypto_sign_detached (signature_out, NULL, message->bytes, message->size, key.bytes);
}

void
tess_account_sign (const TessAccountSecret *secret, const char *role, const uint8_t *record, size_t size,
                   uint8_t signature_out[static TESS_SIGNATURE_SIZE])
{
  sign (secret->bytes, role, record, size, signature_out);
}

void
tess_device_sign (const TessDeviceSecret *secret, const char *role, const uint8_t *record, size_t size,
                  uint8_t signature_out[static TESS_SIGNATURE_SIZE])
{
  sign (secret->bytes, role, record, size, signature_out);
}

void
tess_device_dh_secret (const TessDeviceSecret *secret, TessDhSecret *out)
{
  g_auto (TessSecret64) hash = { 0 };

  crypto_hash_sha512 (hash.bytes, secret->bytes, sizeof secret->bytes);
  memcpy (out->bytes, hash.bytes, sizeof out->bytes);
  out->bytes[0] &= 0xf8;
  out->bytes[31] = (out->bytes[31] & 0x7f) | 0x40;
}

/* TRUE when the encoded y is below 2^255 - 19. As it happens none of the 19 others is a point of prime order, so the mapping
 * would refuse them too; this check does not lean on that. Public bytes: time may depend on them. */
static bool
is_canonical (const uint8_t point[static 32])
{
  if ((point[31] & 0x7f) != 0x7f)
    return true;
  for (unsigned i = 30; i > 0; i--)
    {
      if (point[i] != 0xff)
        return true;
    }
  return point[0] < 0xed;
}

bool
tess_device_dh_public (const TessDevicePublic *device, TessDhPublic *out, GError **error)
{
  /* libsodium's mapping refuses small order, points off the curve and outside the prime-order group, but takes y modulo p. */
  if (is_canonical (device->bytes) && crypto_sign_ed25519_pk_to_curve25519 (out->bytes, device->bytes) == 0)
    return true;
  memset (out, 0, sizeof *out);
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED, "not a valid device key");
  return false;
}

bool
tess_dh (const TessDhSecret *ours, const TessDhPublic *theirs, TessSecret32 *out, GError **error)
{
  /* libsodium refuses an all-zero result; the second look costs nothing and does not depend on its build. */
  if (crypto_scalarmult_curve25519 (out->bytes, ours->bytes, theirs->bytes) == 0 && !sodium_is_zero (out->bytes, 32))
    return true;
  sodium_memzero (out, sizeof *out);
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED, "a key agreement gave nothing");
  return false;
}
