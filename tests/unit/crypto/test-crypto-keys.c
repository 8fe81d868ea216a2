/* Keys, agreement, KEMs, prekeys, safety mac: what is accepted and what is refused. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "crypto/tess-prekeys.h"
#include "crypto/tess-safety.h"
#include "support.h"

#include <openssl/evp.h>
#include <string.h>

/* Points of small order on curve25519 as X25519 public keys, and their non-canonical forms (RFC 7748, 6.1: all give zero). */
static const char *const small_order_u[] = {
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

/* Ed25519 points that are no device key. */
static const char *const bad_points[] = {
  /* small order: the neutral element, orders 2, 4 and 8, with either sign */
  "0100000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  /* not canonical: y of p, p + 1, 2^255 - 1, and with the sign */
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  /* not on the curve: y = 2 and y = 7 */
  "0200000000000000000000000000000000000000000000000000000000000000",
  "0700000000000000000000000000000000000000000000000000000000000000",
};

static void
from_hex (const char *hex, uint8_t out[static 32])
{
  size_t size;

  g_assert_cmpint (sodium_hex2bin (out, 32, hex, 64, NULL, &size, NULL), ==, 0);
  g_assert_cmpuint (size, ==, 32);
}

static void
test_small_order_dh (void)
{
  TessDhSecret secret;
  TessDhPublic public;

  g_assert_true (tess_dh_generate (&secret, &public, NULL));
  for (unsigned i = 0; i < G_N_ELEMENTS (small_order_u); i++)
    {
      g_autoptr (GError) error = NULL;
      TessSecret32 out;

      from_hex (small_order_u[i], public.bytes);
      memset (&out, 1, sizeof out);
      g_assert_false (tess_dh (&secret, &public, &out, &error));
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
      g_assert_true (sodium_is_zero (out.bytes, sizeof out.bytes));
    }
}

static void
test_bad_device_keys (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (bad_points); i++)
    {
      g_autoptr (GError) error = NULL;
      TessDevicePublic device;
      TessDhPublic out;

      from_hex (bad_points[i], device.bytes);
      memset (&out, 1, sizeof out);
      g_assert_false (tess_device_dh_public (&device, &out, &error));
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
      g_assert_true (sodium_is_zero (out.bytes, sizeof out.bytes));
    }
}

/* A good point plus one of order 8 is on the curve but not of prime order. */
static void
test_mixed_order_device_key (void)
{
  TessDeviceSecret secret;
  TessDevicePublic device, mixed;
  TessDhPublic out;
  uint8_t torsion[32];

  g_assert_true (tess_device_generate (&secret, &device, NULL));
  g_assert_true (tess_device_dh_public (&device, &out, NULL));
  from_hex ("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", torsion);
  g_assert_cmpint (crypto_core_ed25519_add (mixed.bytes, device.bytes, torsion), ==, 0);
  g_assert_false (tess_device_dh_public (&mixed, &out, NULL));
}

/* Both halves of the mapping belong together. */
static void
test_device_dh (void)
{
  for (unsigned i = 0; i < 20; i++)
    {
      TessDeviceSecret secret;
      TessDevicePublic device;
      TessDhSecret dh;
      TessDhPublic mapped, expected;

      g_assert_true (tess_device_generate (&secret, &device, NULL));
      tess_device_dh_secret (&secret, &dh);
      tess_dh_public (&dh, &expected);
      g_assert_true (tess_device_dh_public (&device, &mapped, NULL));
      g_assert_cmpmem (mapped.bytes, 32, expected.bytes, 32);
      g_assert_cmpuint (dh.bytes[0] & 7, ==, 0);
      g_assert_cmpuint (dh.bytes[31] & 0xc0, ==, 0x40);
    }
}

/* A signature covers "Tessera-v1/" || role || 0x00 || record; checked with libcrypto's Ed25519. */
static void
test_sign (void)
{
  static const uint8_t expected[] = "Tessera-v1/prekey\0record";
  size_t size = sizeof expected - 1;
  TessDeviceSecret secret;
  TessDevicePublic device;
  uint8_t signature[TESS_SIGNATURE_SIZE];
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  EVP_PKEY *key;

  g_assert_true (tess_device_generate (&secret, &device, NULL));
  tess_device_sign (&secret, "prekey", (const uint8_t *) "record", 6, signature);
  key = EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, device.bytes, 32);
  g_assert_cmpint (EVP_DigestVerifyInit (context, NULL, NULL, NULL, key), ==, 1);
  g_assert_cmpint (EVP_DigestVerify (context, signature, sizeof signature, expected, size), ==, 1);
  tess_device_sign (&secret, "device", (const uint8_t *) "record", 6, signature);
  g_assert_cmpint (EVP_DigestVerifyInit (context, NULL, NULL, NULL, key), ==, 1);
  g_assert_cmpint (EVP_DigestVerify (context, signature, sizeof signature, expected, size), !=, 1);
  EVP_PKEY_free (key);
  EVP_MD_CTX_free (context);
}

static void
test_xwing_zero_dh (void)
{
  g_autoptr (TessXwingKey) key = NULL;
  g_autoptr (GError) error = NULL;
  TessXwingSeed seed;
  TessXwingPublic ek;
  TessXwingCiphertext ct;
  TessSecret32 shared;

  g_assert_true (tess_envelope_key_generate (&seed, &ek, NULL));
  key = tess_xwing_key_new (&seed, NULL);
  g_assert_true (tess_xwing_encapsulate (&ek, &ct, &shared, NULL));
  memset (ct.bytes + TESS_KEM_CIPHERTEXT_SIZE, 0, 32);
  g_assert_false (tess_xwing_decapsulate (key, &ct, &shared, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
  g_assert_true (sodium_is_zero (shared.bytes, sizeof shared.bytes));
  g_clear_error (&error);
  memset (ek.bytes + TESS_KEM_PUBLIC_SIZE, 0, 32);
  memset (&ct, 1, sizeof ct);
  g_assert_false (tess_xwing_encapsulate (&ek, &ct, &shared, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
  g_assert_true (sodium_is_zero (ct.bytes, sizeof ct.bytes));
}

static void
test_prekey_checks (void)
{
  Person person;
  TessXwingSeed seed;
  TessXwingPublic envelope;

  person_init (&person);
  g_assert_true (tess_envelope_key_generate (&seed, &envelope, NULL));
  g_assert_true (tess_prekey_keys_check (&person.spk.kem, &envelope, NULL));
  g_assert_true (tess_one_time_key_check (&person.one_time.kem, NULL));
  /* A coefficient of 0xfff is above the modulus of 3329. */
  memset (envelope.bytes, 0xff, 2);
  g_assert_false (tess_prekey_keys_check (&person.spk.kem, &envelope, NULL));
  memset (person.one_time.kem.bytes + 1150, 0xff, 2);
  g_assert_false (tess_one_time_key_check (&person.one_time.kem, NULL));
  g_assert_false (tess_kem_public_check (&person.one_time.kem, NULL));
}

static void
test_random_failures (void)
{
  for (unsigned n = 1; n <= 2; n++)
    {
      FailingSource source = { .fail_at = n };
      g_autoptr (GError) error = NULL;
      TessSignedPrekeySecret secret;
      TessSignedPrekeyPublic public;

      memset (&secret, 1, sizeof secret);
      memset (&public, 1, sizeof public);
      tess_random_set_source (failing_source, &source);
      g_assert_false (tess_signed_prekey_generate (&secret, &public, &error));
      tess_random_set_source (NULL, NULL);
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM);
      g_assert_true (sodium_is_zero (secret.bytes, sizeof secret.bytes));
      g_assert_true (sodium_is_zero ((const uint8_t *) &public, sizeof public));
    }
}

static void
test_random_failures_of_keys (void)
{
  FailingSource source = { .fail_at = 1 };
  TessAccountSecret account;
  TessAccountPublic account_public;
  TessXwingSeed seed;
  TessXwingPublic ek;
  TessXwingCiphertext ct;
  TessSecret32 shared;
  TessShowing showing;

  g_assert_true (tess_envelope_key_generate (&seed, &ek, NULL));
  memset (&account, 1, sizeof account);
  memset (&account_public, 1, sizeof account_public);
  memset (&ct, 1, sizeof ct);
  memset (&showing, 1, sizeof showing);
  tess_random_set_source (failing_source, &source);
  g_assert_false (tess_account_generate (&account, &account_public, NULL));
  source.calls = 0;
  g_assert_false (tess_xwing_encapsulate (&ek, &ct, &shared, NULL));
  source.calls = 0;
  g_assert_false (tess_showing_generate (&showing, NULL));
  source.calls = 0;
  g_assert_false (tess_envelope_key_generate (&seed, &ek, NULL));
  tess_random_set_source (NULL, NULL);
  g_assert_true (sodium_is_zero (account.bytes, 32) && sodium_is_zero (account_public.bytes, 32));
  g_assert_true (sodium_is_zero (ct.bytes, sizeof ct.bytes) && sodium_is_zero (showing.bytes, sizeof showing.bytes));
  g_assert_true (sodium_is_zero (seed.bytes, sizeof seed.bytes) && sodium_is_zero (ek.bytes, sizeof ek.bytes));
}

static void
test_safety (void)
{
  Person a, b;
  TessShowing showing, other;
  uint8_t mac[32];
  char number[TESS_SAFETY_DIGITS + 1], again[TESS_SAFETY_DIGITS + 1];

  person_init (&a);
  person_init (&b);
  tess_safety_number (&a.party.account, &b.party.account, number);
  tess_safety_number (&b.party.account, &a.party.account, again);
  g_assert_cmpstr (number, ==, again);
  g_assert_cmpuint (strspn (number, "0123456789"), ==, TESS_SAFETY_DIGITS);
  tess_safety_number (&b.party.account, &b.party.account, again);
  g_assert_cmpstr (number, !=, again);

  g_assert_true (tess_showing_generate (&showing, NULL) && tess_showing_generate (&other, NULL));
  tess_verify_mac (&showing, &a.party.account, &b.party.account, mac);
  g_assert_true (tess_verify_mac_check (&showing, &a.party.account, &b.party.account, mac));
  g_assert_false (tess_verify_mac_check (&showing, &b.party.account, &a.party.account, mac));
  g_assert_false (tess_verify_mac_check (&other, &a.party.account, &b.party.account, mac));
  mac[31] ^= 1;
  g_assert_false (tess_verify_mac_check (&showing, &a.party.account, &b.party.account, mac));
}

/* HMAC (s, "Tessera-v1/verify" || shown || scanner), by libsodium's one-shot parts. */
static void
test_verify_mac_form (void)
{
  Person a, b;
  TessShowing showing;
  crypto_auth_hmacsha256_state state;
  uint8_t mac[32], expected[32];

  person_init (&a);
  person_init (&b);
  g_assert_true (tess_showing_generate (&showing, NULL));
  crypto_auth_hmacsha256_init (&state, showing.bytes, 16);
  crypto_auth_hmacsha256_update (&state, (const uint8_t *) "Tessera-v1/verify", 17);
  crypto_auth_hmacsha256_update (&state, a.party.account.bytes, 32);
  crypto_auth_hmacsha256_update (&state, b.party.account.bytes, 32);
  crypto_auth_hmacsha256_final (&state, expected);
  tess_verify_mac (&showing, &a.party.account, &b.party.account, mac);
  g_assert_cmpmem (mac, 32, expected, 32);
}

int
main (int argc, char *argv[])
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/keys/small-order-dh", test_small_order_dh);
  g_test_add_func ("/crypto/keys/bad-device-keys", test_bad_device_keys);
  g_test_add_func ("/crypto/keys/mixed-order-device-key", test_mixed_order_device_key);
  g_test_add_func ("/crypto/keys/device-dh", test_device_dh);
  g_test_add_func ("/crypto/keys/sign", test_sign);
  g_test_add_func ("/crypto/keys/xwing-zero-dh", test_xwing_zero_dh);
  g_test_add_func ("/crypto/keys/prekey-checks", test_prekey_checks);
  g_test_add_func ("/crypto/keys/random-failures", test_random_failures);
  g_test_add_func ("/crypto/keys/random-failures-of-keys", test_random_failures_of_keys);
  g_test_add_func ("/crypto/keys/safety", test_safety);
  g_test_add_func ("/crypto/keys/verify-mac-form", test_verify_mac_form);
  return g_test_run ();
}
