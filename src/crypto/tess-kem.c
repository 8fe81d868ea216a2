/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-kem.h"

#include "base/tess-random.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

/* More than libcrypto takes of the stack. Some builds of it leave the shared secret there. */
#define STACK 16384

struct _TessKemKey {
  EVP_PKEY *pkey;
  TessKemPublic public;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY_CTX, EVP_PKEY_CTX_free)

/* libcrypto's own queue of errors is emptied: it is a thread's and nobody else reads it. */
static bool
fail (GError **error, TessCryptoError code, const char *message)
{
  ERR_clear_error ();
  g_set_error_literal (error, TESS_CRYPTO_ERROR, code, message);
  return false;
}

bool
tess_kem_seed_generate (TessKemSeed *out, GError **error)
{
  if (tess_random (out->bytes, sizeof out->bytes))
    return true;
  return fail (error, TESS_CRYPTO_ERROR_RANDOM, "the random source failed");
}

/* Generated from the seed instead of imported: the same key, without the pairwise test (encapsulating and decapsulating once)
 * with which libcrypto checks what is imported. */
static EVP_PKEY *
key_from_seed (const TessKemSeed *seed)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name (NULL, "ML-KEM-768", NULL);
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_ML_KEM_SEED, (void *) seed->bytes, sizeof seed->bytes),
    OSSL_PARAM_construct_end (),
  };
  EVP_PKEY *pkey = NULL;

  if (context == NULL || EVP_PKEY_keygen_init (context) != 1 || EVP_PKEY_CTX_set_params (context, params) != 1 ||
      EVP_PKEY_generate (context, &pkey) != 1)
    return NULL;
  return pkey;
}

TessKemKey *
tess_kem_key_new (const TessKemSeed *seed, GError **error)
{
  g_autoptr (EVP_PKEY) pkey = key_from_seed (seed);
  g_autoptr (TessKemKey) self = g_new0 (TessKemKey, 1);
  size_t size = sizeof self->public.bytes;

  if (pkey == NULL || EVP_PKEY_get_raw_public_key (pkey, self->public.bytes, &size) != 1 || size != sizeof self->public.bytes)
    {
      fail (error, TESS_CRYPTO_ERROR_RESOURCES, "libcrypto could not make an ML-KEM key");
      return NULL;
    }
  self->pkey = g_steal_pointer (&pkey);
  return g_steal_pointer (&self);
}

void
tess_kem_key_free (TessKemKey *self)
{
  if (self == NULL)
    return;
  EVP_PKEY_free (self->pkey);
  g_free (self);
}

const TessKemPublic *
tess_kem_key_public (const TessKemKey *self)
{
  return &self->public;
}

bool
tess_kem_decapsulate (const TessKemKey *self, const TessKemCiphertext *ct, TessSecret32 *shared_out, GError **error)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_pkey (NULL, self->pkey, NULL);
  size_t size = sizeof shared_out->bytes;
  bool good = context != NULL && EVP_PKEY_decapsulate_init (context, NULL) == 1 &&
              EVP_PKEY_decapsulate (context, shared_out->bytes, &size, ct->bytes, sizeof ct->bytes) == 1 &&
              size == sizeof shared_out->bytes;

  sodium_stackzero (STACK);
  if (good)
    return true;
  sodium_memzero (shared_out, sizeof *shared_out);
  return fail (error, TESS_CRYPTO_ERROR_RESOURCES, "libcrypto could not decapsulate");
}

bool
tess_kem_public_check (const TessKemPublic *ek, GError **error)
{
  /* The import is the check: it refuses a coefficient that is not below the modulus. */
  g_autoptr (EVP_PKEY) pkey = EVP_PKEY_new_raw_public_key_ex (NULL, "ML-KEM-768", NULL, ek->bytes, sizeof ek->bytes);

  return pkey != NULL || fail (error, TESS_CRYPTO_ERROR_REFUSED, "not a valid ML-KEM key");
}

static bool
encapsulate (EVP_PKEY *pkey, const TessSecret32 *m, TessKemCiphertext *ct_out, TessSecret32 *shared_out)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_pkey (NULL, pkey, NULL);
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_octet_string (OSSL_KEM_PARAM_IKME, (void *) m->bytes, sizeof m->bytes),
    OSSL_PARAM_construct_end (),
  };
  size_t ct_size = sizeof ct_out->bytes, shared_size = sizeof shared_out->bytes;

  return context != NULL && EVP_PKEY_encapsulate_init (context, params) == 1 &&
         EVP_PKEY_encapsulate (context, ct_out->bytes, &ct_size, shared_out->bytes, &shared_size) == 1 &&
         ct_size == sizeof ct_out->bytes && shared_size == sizeof shared_out->bytes;
}

bool
tess_kem_encapsulate_with (const TessKemPublic *ek, const TessSecret32 *m, TessKemCiphertext *ct_out, TessSecret32 *shared_out,
                           GError **error)
{
  g_autoptr (EVP_PKEY) pkey = EVP_PKEY_new_raw_public_key_ex (NULL, "ML-KEM-768", NULL, ek->bytes, sizeof ek->bytes);
  bool good = pkey != NULL && encapsulate (pkey, m, ct_out, shared_out);

  sodium_stackzero (STACK);
  if (good)
    return true;
  memset (ct_out, 0, sizeof *ct_out);
  sodium_memzero (shared_out, sizeof *shared_out);
  if (pkey == NULL)
    return fail (error, TESS_CRYPTO_ERROR_REFUSED, "not a valid ML-KEM key");
  return fail (error, TESS_CRYPTO_ERROR_RESOURCES, "libcrypto could not encapsulate");
}

bool
tess_kem_encapsulate (const TessKemPublic *ek, TessKemCiphertext *ct_out, TessSecret32 *shared_out, GError **error)
{
  g_auto (TessSecret32) m = { 0 };

  memset (ct_out, 0, sizeof *ct_out);
  sodium_memzero (shared_out, sizeof *shared_out);
  if (!tess_random (m.bytes, sizeof m.bytes))
    return fail (error, TESS_CRYPTO_ERROR_RANDOM, "the random source failed");
  return tess_kem_encapsulate_with (ek, &m, ct_out, shared_out, error);
}
