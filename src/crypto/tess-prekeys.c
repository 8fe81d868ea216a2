/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-prekeys.h"

#include <string.h>

/* A Diffie-Hellman key and an ML-KEM key: what each kind of prekey is made of. All outputs are zero on failure. */
static bool
generate_pair (uint8_t secret_out[static TESS_PREKEY_SECRET_SIZE], TessDhPublic *dh_out, TessKemPublic *kem_out, GError **error)
{
  g_autoptr (TessKemKey) key = NULL;
  g_auto (TessDhSecret) dh = { 0 };
  g_auto (TessKemSeed) seed = { 0 };
  TessDhPublic dh_public;

  sodium_memzero (secret_out, TESS_PREKEY_SECRET_SIZE);
  memset (dh_out, 0, sizeof *dh_out);
  memset (kem_out, 0, sizeof *kem_out);
  if (!tess_dh_generate (&dh, &dh_public, error) || !tess_kem_seed_generate (&seed, error))
    return false;
  key = tess_kem_key_new (&seed, error);
  if (key == NULL)
    return false;
  memcpy (secret_out, dh.bytes, sizeof dh.bytes);
  memcpy (secret_out + sizeof dh.bytes, seed.bytes, sizeof seed.bytes);
  *dh_out = dh_public;
  *kem_out = *tess_kem_key_public (key);
  return true;
}

bool
tess_signed_prekey_generate (TessSignedPrekeySecret *secret_out, TessSignedPrekeyPublic *public_out, GError **error)
{
  return generate_pair (secret_out->bytes, &public_out->dh, &public_out->kem, error);
}

bool
tess_one_time_generate (TessOneTimeSecret *secret_out, TessOneTimePublic *public_out, GError **error)
{
  return generate_pair (secret_out->bytes, &public_out->dh, &public_out->kem, error);
}

bool
tess_envelope_key_generate (TessXwingSeed *secret_out, TessXwingPublic *public_out, GError **error)
{
  g_autoptr (TessXwingKey) key = NULL;
  g_auto (TessXwingSeed) seed = { 0 };

  sodium_memzero (secret_out, sizeof *secret_out);
  memset (public_out, 0, sizeof *public_out);
  if (!tess_xwing_seed_generate (&seed, error))
    return false;
  key = tess_xwing_key_new (&seed, error);
  if (key == NULL)
    return false;
  memcpy (secret_out->bytes, seed.bytes, sizeof seed.bytes);
  *public_out = *tess_xwing_key_public (key);
  return true;
}

bool
tess_prekey_keys_check (const TessKemPublic *last_resort, const TessXwingPublic *envelope, GError **error)
{
  return tess_kem_public_check (last_resort, error) && tess_xwing_public_check (envelope, error);
}

bool
tess_one_time_key_check (const TessKemPublic *ek, GError **error)
{
  return tess_kem_public_check (ek, error);
}
