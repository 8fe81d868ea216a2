/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-xwing.h"

#include "base/tess-random.h"
#include "crypto/tess-kem.h"
#include "crypto/tess-keys.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

struct _TessXwingKey {
  TessKemKey *kem;
  TessDhSecret *dh; /* guarded memory */
  TessXwingPublic public;
};

TESS_SECRET_TYPE (Expanded, expanded, 96)
TESS_SECRET_TYPE (CombinerInput, combiner_input, 4 * 32 + 6)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)

bool
tess_xwing_seed_generate (TessXwingSeed *out, GError **error)
{
  if (tess_random (out->bytes, sizeof out->bytes))
    return true;
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM, "the random source failed");
  return false;
}

static bool
libcrypto_failed (GError **error)
{
  ERR_clear_error ();
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RESOURCES, "libcrypto could not hash");
  return false;
}

/* SHAKE256 (seed, 96): ML-KEM's d || z, then the X25519 scalar. */
static bool
expand (const TessXwingSeed *seed, TessKemSeed *kem_out, TessDhSecret *dh_out, GError **error)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  g_auto (Expanded) expanded = { 0 };

  if (context == NULL || EVP_DigestInit_ex2 (context, EVP_shake256 (), NULL) != 1 ||
      EVP_DigestUpdate (context, seed->bytes, sizeof seed->bytes) != 1 ||
      EVP_DigestFinalXOF (context, expanded.bytes, sizeof expanded.bytes) != 1)
    return libcrypto_failed (error);
  memcpy (kem_out->bytes, expanded.bytes, 64);
  memcpy (dh_out->bytes, expanded.bytes + 64, 32);
  return true;
}

TessXwingKey *
tess_xwing_key_new (const TessXwingSeed *seed, GError **error)
{
  g_autoptr (TessXwingKey) self = g_new0 (TessXwingKey, 1);
  g_auto (TessKemSeed) kem_seed = { 0 };
  TessDhPublic dh_public;

  self->dh = tess_secret_alloc (sizeof *self->dh);
  if (!expand (seed, &kem_seed, self->dh, error))
    return NULL;
  self->kem = tess_kem_key_new (&kem_seed, error);
  if (self->kem == NULL)
    return NULL;
  tess_dh_public (self->dh, &dh_public);
  memcpy (self->public.bytes, tess_kem_key_public (self->kem), TESS_KEM_PUBLIC_SIZE);
  memcpy (self->public.bytes + TESS_KEM_PUBLIC_SIZE, dh_public.bytes, sizeof dh_public.bytes);
  return g_steal_pointer (&self);
}

void
tess_xwing_key_free (TessXwingKey *self)
{
  if (self == NULL)
    return;
  tess_kem_key_free (self->kem);
  tess_secret_free (self->dh);
  g_free (self);
}

const TessXwingPublic *
tess_xwing_key_public (const TessXwingKey *self)
{
  return &self->public;
}

/* SHA3-256 (ss_M || ss_X || ct_X || pk_X || label). */
static bool
combine (const TessSecret32 *kem_shared, const TessSecret32 *dh_shared, const uint8_t ct_x[static 32],
         const uint8_t pk_x[static 32], TessSecret32 *shared_out, GError **error)
{
  static const uint8_t label[6] = { '\\', '.', '/', '/', '^', '\\' };
  g_auto (CombinerInput) input = { 0 };

  memcpy (input.bytes, kem_shared->bytes, 32);
  memcpy (input.bytes + 32, dh_shared->bytes, 32);
  memcpy (input.bytes + 64, ct_x, 32);
  memcpy (input.bytes + 96, pk_x, 32);
  memcpy (input.bytes + 128, label, sizeof label);
  if (EVP_Digest (input.bytes, sizeof input.bytes, shared_out->bytes, NULL, EVP_sha3_256 (), NULL) == 1)
    return true;
  sodium_memzero (shared_out, sizeof *shared_out);
  return libcrypto_failed (error);
}

bool
tess_xwing_decapsulate (const TessXwingKey *self, const TessXwingCiphertext *ct, TessSecret32 *shared_out, GError **error)
{
  g_auto (TessSecret32) kem_shared = { 0 };
  g_auto (TessSecret32) dh_shared = { 0 };
  TessKemCiphertext kem_ct;
  TessDhPublic dh_ct;

  sodium_memzero (shared_out, sizeof *shared_out);
  memcpy (kem_ct.bytes, ct->bytes, sizeof kem_ct.bytes);
  memcpy (dh_ct.bytes, ct->bytes + sizeof kem_ct.bytes, sizeof dh_ct.bytes);
  return tess_kem_decapsulate (self->kem, &kem_ct, &kem_shared, error) && tess_dh (self->dh, &dh_ct, &dh_shared, error) &&
         combine (&kem_shared, &dh_shared, dh_ct.bytes, self->public.bytes + TESS_KEM_PUBLIC_SIZE, shared_out, error);
}

static void
split_public (const TessXwingPublic *ek, TessKemPublic *kem_out, TessDhPublic *dh_out)
{
  memcpy (kem_out->bytes, ek->bytes, sizeof kem_out->bytes);
  memcpy (dh_out->bytes, ek->bytes + sizeof kem_out->bytes, sizeof dh_out->bytes);
}

bool
tess_xwing_public_check (const TessXwingPublic *ek, GError **error)
{
  TessKemPublic kem;
  TessDhPublic dh;

  split_public (ek, &kem, &dh);
  return tess_kem_public_check (&kem, error);
}

bool
tess_xwing_encapsulate (const TessXwingPublic *ek, TessXwingCiphertext *ct_out, TessSecret32 *shared_out, GError **error)
{
  g_auto (TessSecret64) seed = { 0 }; /* the draft's eseed: m, then the ephemeral scalar */
  g_auto (TessSecret32) m = { 0 };
  g_auto (TessDhSecret) ephemeral = { 0 };
  g_auto (TessSecret32) kem_shared = { 0 };
  g_auto (TessSecret32) dh_shared = { 0 };
  TessKemPublic kem_public;
  TessKemCiphertext kem_ct;
  TessDhPublic dh_public, dh_ct;

  memset (ct_out, 0, sizeof *ct_out);
  sodium_memzero (shared_out, sizeof *shared_out);
  if (!tess_random (seed.bytes, sizeof seed.bytes))
    {
      g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM, "the random source failed");
      return false;
    }
  memcpy (m.bytes, seed.bytes, 32);
  memcpy (ephemeral.bytes, seed.bytes + 32, 32);
  split_public (ek, &kem_public, &dh_public);
  tess_dh_public (&ephemeral, &dh_ct);
  if (!tess_dh (&ephemeral, &dh_public, &dh_shared, error) ||
      !tess_kem_encapsulate_with (&kem_public, &m, &kem_ct, &kem_shared, error) ||
      !combine (&kem_shared, &dh_shared, dh_ct.bytes, dh_public.bytes, shared_out, error))
    return false;
  memcpy (ct_out->bytes, kem_ct.bytes, sizeof kem_ct.bytes);
  memcpy (ct_out->bytes + sizeof kem_ct.bytes, dh_ct.bytes, sizeof dh_ct.bytes);
  return true;
}
