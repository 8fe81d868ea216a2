/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-stretch.h"

#include "crypto/tess-kdf.h"

/* More than Argon2id takes of the stack. */
#define ARGON2_STACK 16384

#define PASSES_MAX 16
#define MEMORY_KIB_MIN 8
#define MEMORY_KIB_MAX (1024 * 1024)

G_STATIC_ASSERT (TESS_STRETCH_SALT == crypto_pwhash_argon2id_SALTBYTES);

bool
tess_stretch_cost_is_sane (const TessKeyfileCost *cost)
{
  return cost->passes >= 1 && cost->passes <= PASSES_MAX && cost->memory_kib >= MEMORY_KIB_MIN &&
         cost->memory_kib <= MEMORY_KIB_MAX;
}

bool
tess_stretch (const char *passphrase, size_t size, const TessKeyfileCost *cost, const uint8_t salt[static TESS_STRETCH_SALT],
              const char *label, TessSecret64 *out, GError **error)
{
  g_auto (TessSecret32) hash = { 0 };
  bool good = crypto_pwhash_argon2id (hash.bytes, sizeof hash.bytes, passphrase, size, salt, cost->passes,
                                      (size_t) cost->memory_kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0;

  /* libsodium leaves the result there. */
  sodium_stackzero (ARGON2_STACK);
  if (good)
    {
      tess_hkdf_label (NULL, 0, hash.bytes, sizeof hash.bytes, label, out->bytes, sizeof out->bytes);
      return true;
    }
  sodium_memzero (out, sizeof *out);
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RESOURCES, "not enough memory to work the passphrase");
  return false;
}
