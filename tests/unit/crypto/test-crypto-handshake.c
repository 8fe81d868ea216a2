/* The handshake: both sides agree, a second computation from docs/protocol.md agrees, what is unfit is refused.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-bytes.h"
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "support.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

/* libcrypto's X25519 and HKDF, for the second computation. */
static void
other_dh (const uint8_t secret[static 32], const uint8_t public[static 32], uint8_t out[static 32])
{
  EVP_PKEY *ours = EVP_PKEY_new_raw_private_key (EVP_PKEY_X25519, NULL, secret, 32);
  EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key (EVP_PKEY_X25519, NULL, public, 32);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (ours, NULL);
  size_t size = 32;

  g_assert_cmpint (EVP_PKEY_derive_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_derive_set_peer (context, theirs), ==, 1);
  g_assert_cmpint (EVP_PKEY_derive (context, out, &size), ==, 1);
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (ours);
  EVP_PKEY_free (theirs);
}

static void
other_public (const uint8_t secret[static 32], uint8_t out[static 32])
{
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key (EVP_PKEY_X25519, NULL, secret, 32);
  size_t size = 32;

  g_assert_cmpint (EVP_PKEY_get_raw_public_key (key, out, &size), ==, 1);
  EVP_PKEY_free (key);
}

static void
other_hkdf (const uint8_t *salt, size_t salt_size, const uint8_t *ikm, size_t ikm_size, const uint8_t *info, size_t info_size,
            uint8_t *out, size_t size)
{
  EVP_KDF *kdf = EVP_KDF_fetch (NULL, "HKDF", NULL);
  EVP_KDF_CTX *context = EVP_KDF_CTX_new (kdf);
  char digest[] = "SHA256";
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, digest, 0),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY, (void *) ikm, ikm_size),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *) salt, salt_size),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO, (void *) info, info_size),
    OSSL_PARAM_construct_end (),
  };

  g_assert_cmpint (EVP_KDF_derive (context, out, size, params), ==, 1);
  EVP_KDF_CTX_free (context);
  EVP_KDF_free (kdf);
}

static void
other_device_scalar (const uint8_t seed[static 32], uint8_t out[static 32])
{
  uint8_t hash[64];

  g_assert_cmpint (EVP_Digest (seed, 32, hash, NULL, EVP_sha512 (), NULL), ==, 1);
  memcpy (out, hash, 32);
  out[0] &= 248;
  out[31] = (out[31] & 127) | 64;
}

static void
add (GByteArray *array, const void *data, size_t size)
{
  g_byte_array_append (array, data, (unsigned) size);
}

static void
add_u32 (GByteArray *array, uint32_t value)
{
  uint32_t big = GUINT32_TO_BE (value);

  add (array, &big, 4);
}

/* SK and AD of protocol.md 2 from bob's private keys and alice's hello. */
static void
other_handshake (const Person *alice, const Person *bob, const TessHello *hello, bool one_time, uint8_t sk[static 32],
                 uint8_t ad[static 32])
{
  static const uint8_t zeros[32];
  uint8_t da[32], db[32], da_public[32], dh[32], stage[32], hash[32];
  const uint8_t *spk = bob->spk_secret.bytes, *opk = bob->one_time_secret.bytes;
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_autoptr (GByteArray) transcript = g_byte_array_new ();
  g_autoptr (GByteArray) parties = g_byte_array_new ();
  g_autoptr (TessKemKey) kem = NULL;
  TessKemSeed seed;
  TessSecret32 ss;
  uint8_t info[16 + 32] = "Tessera-v1/PQXDH";

  other_device_scalar (alice->device.bytes, da);
  other_device_scalar (bob->device.bytes, db);
  other_public (da, da_public);
  memset (dh, 0xff, 32);
  add (input, dh, 32);
  other_dh (spk, da_public, dh);
  add (input, dh, 32);
  other_dh (db, hello->ephemeral.bytes, dh);
  add (input, dh, 32);
  other_dh (spk, hello->ephemeral.bytes, dh);
  add (input, dh, 32);
  if (one_time)
    {
      other_dh (opk, hello->ephemeral.bytes, dh);
      add (input, dh, 32);
    }
  other_hkdf (zeros, 32, input->data, input->len, (const uint8_t *) "Tessera-v1/X3DH", 15, stage, 32);

  memcpy (seed.bytes, (one_time ? opk : spk) + 32, 64);
  kem = tess_kem_key_new (&seed, NULL);
  g_assert_true (tess_kem_decapsulate (kem, &hello->ct, &ss, NULL));

  add (parties, "\1", 1);
  add (parties, &alice->party, 64);
  add (parties, &bob->party, 64);
  add (transcript, parties->data, parties->len);
  add (transcript, hello->ephemeral.bytes, 32);
  add_u32 (transcript, SPK_ID);
  add (transcript, bob->spk.dh.bytes, 32);
  add_u32 (transcript, one_time ? ONE_TIME_ID : 0);
  add (transcript, one_time ? bob->one_time.dh.bytes : zeros, 32);
  add (transcript, tess_kem_key_public (kem), TESS_KEM_PUBLIC_SIZE);
  add (transcript, hello->ct.bytes, TESS_KEM_CIPHERTEXT_SIZE);
  g_assert_cmpint (EVP_Digest (transcript->data, transcript->len, hash, NULL, EVP_sha256 (), NULL), ==, 1);
  memcpy (info + 16, hash, 32);
  other_hkdf (stage, 32, ss.bytes, 32, info, sizeof info, sk, 32);

  g_byte_array_prepend (parties, (const uint8_t *) "Tessera-v1/AD", 13);
  g_assert_cmpint (EVP_Digest (parties->data, parties->len, ad, NULL, EVP_sha256 (), NULL), ==, 1);
}

/* Opens a ratchet message by hand: steps the root with @dh and @ss (@ss_size 0: none), takes the chain's first key. */
static void
other_open (uint8_t root[static 32], const uint8_t dh[static 32], const uint8_t *ss, size_t ss_size, const uint8_t ad[static 32],
            GBytes *message, const char *expected)
{
  size_t size, header_size;
  const uint8_t *data = g_bytes_get_data (message, &size);
  g_autoptr (GByteArray) full_ad = g_byte_array_new ();
  uint8_t input[64], output[64], mk[32], key[32], content[64];
  unsigned long long content_size;

  memcpy (input, dh, 32);
  if (ss_size > 0)
    memcpy (input + 32, ss, ss_size);
  other_hkdf (root, 32, input, 32 + ss_size, (const uint8_t *) "Tessera-v1/Root", 15, output, 64);
  memcpy (root, output, 32);
  g_assert_nonnull (EVP_Q_mac (NULL, "HMAC", NULL, "SHA256", NULL, output + 32, 32, (const uint8_t *) "\1", 1, mk, 32, NULL));
  other_hkdf ((const uint8_t *) "", 0, mk, 32, (const uint8_t *) "Tessera-v1/Message", 18, key, 32);
  g_assert_cmpuint (data[0], ==, 1);
  header_size = 42 + (data[41] == 1 ? TESS_KEM_PUBLIC_SIZE : TESS_KEM_CIPHERTEXT_SIZE);
  add (full_ad, ad, 32);
  add (full_ad, data, header_size);
  g_assert_cmpint (crypto_aead_xchacha20poly1305_ietf_decrypt (content, &content_size, NULL, data + header_size + 24,
                                                               size - header_size - 24, full_ad->data, full_ad->len,
                                                               data + header_size, key),
                   ==, 0);
  g_assert_cmpmem (content, content_size, expected, strlen (expected));
}

static void
test_second_computation (gconstpointer data)
{
  bool one_time = GPOINTER_TO_INT (data);
  g_autoptr (GByteArray) random = g_byte_array_new ();
  g_auto (Pair) pair = { 0 };
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (TessKemKey) offer = NULL;
  Person alice, bob;
  TessHandshakeStart start;
  TessHandshakeAnswer answer;
  TessHello hello;
  TessKemSeed seed;
  TessKemCiphertext ct;
  TessSecret32 ss;
  const uint8_t *message;
  uint8_t root[32], ad[32], dh[32];

  person_init (&alice);
  person_init (&bob);
  start = start_of (&alice, &bob, one_time);
  answer = answer_of (&bob, &alice, one_time);
  pair.alice.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
  pair.bob.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
  g_assert_true (tess_handshake_start (&start, &pair.alice.state, &hello, NULL));
  g_assert_true (tess_handshake_answer (&answer, &hello, &pair.bob.state, NULL));
  other_handshake (&alice, &bob, &hello, one_time, root, ad);

  /* Her random bytes: the ratchet key, the offer's seed, the nonce. */
  tess_random_set_source (recording_source, random);
  first = side_send (&pair.alice, "first");
  tess_random_set_source (NULL, NULL);
  g_assert_cmpuint (random->len, ==, 32 + 64 + 24);
  message = g_bytes_get_data (first, NULL);
  other_dh (bob.spk_secret.bytes, message + 1, dh);
  other_open (root, dh, NULL, 0, ad, first, "first");
  side_expect (&pair.bob, first, "first");

  reply = side_send (&pair.bob, "reply");
  message = g_bytes_get_data (reply, NULL);
  other_dh (random->data, message + 1, dh);
  memcpy (seed.bytes, random->data + 32, 64);
  memcpy (ct.bytes, message + 42, sizeof ct.bytes);
  offer = tess_kem_key_new (&seed, NULL);
  g_assert_true (tess_kem_decapsulate (offer, &ct, &ss, NULL));
  other_open (root, dh, ss.bytes, 32, ad, reply, "reply");
  side_expect (&pair.alice, reply, "reply");
}

static void
test_kept_mapping (void)
{
  Person alice, bob;
  TessHandshakeStart start;
  TessHandshakeAnswer answer;
  TessDhPublic alice_dh, bob_dh;
  TessHello hello;
  g_auto (Pair) pair = { 0 };

  person_init (&alice);
  person_init (&bob);
  start = start_of (&alice, &bob, false);
  answer = answer_of (&bob, &alice, false);
  g_assert_true (tess_device_dh_public (&alice.party.device, &alice_dh, NULL));
  g_assert_true (tess_device_dh_public (&bob.party.device, &bob_dh, NULL));
  start.their_device_dh = &bob_dh;
  answer.their_device_dh = &alice_dh;
  pair.alice.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
  pair.bob.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
  g_assert_true (tess_handshake_start (&start, &pair.alice.state, &hello, NULL));
  g_assert_true (tess_handshake_answer (&answer, &hello, &pair.bob.state, NULL));
  pair_turn (&pair);
}

/* Whatever differs between the two sides, the first message does not decrypt. */
static void
test_disagreement (void)
{
  for (unsigned i = 0; i < 7; i++)
    {
      Person alice, bob, eve;
      TessHandshakeStart start;
      TessHandshakeAnswer answer;
      TessHello hello;
      g_auto (Pair) pair = { 0 };
      g_autoptr (GBytes) first = NULL;

      person_init (&alice);
      person_init (&bob);
      person_init (&eve);
      start = start_of (&alice, &bob, true);
      answer = answer_of (&bob, &alice, true);
      g_assert_true (tess_handshake_start (&start, &pair.alice.state, &hello, NULL));
      switch (i)
        {
        case 0: answer.them.account = eve.party.account; break;
        case 1: answer.them.device = eve.party.device; break;
        case 2: answer.us.account = eve.party.account; break;
        case 3: hello.ct.bytes[1000] ^= 1; break;
        case 4: hello.spk_id++; break;
        case 5: hello.one_time_id++; break;
        default: hello.ephemeral = eve.spk.dh; break;
        }
      g_assert_true (tess_handshake_answer (&answer, &hello, &pair.bob.state, NULL));
      pair.alice.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
      pair.bob.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
      first = side_send (&pair.alice, "first");
      side_refuse (&pair.bob, first, TESS_CRYPTO_ERROR_AUTH);
    }
}

static void
expect_refused_start (const TessHandshakeStart *start)
{
  g_autoptr (GError) error = NULL;
  TessRatchet *session = (TessRatchet *) start;
  TessHello hello;

  memset (&hello, 1, sizeof hello);
  g_assert_false (tess_handshake_start (start, &session, &hello, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
  g_assert_null (session);
  g_assert_true (sodium_is_zero ((const uint8_t *) &hello, sizeof hello));
}

static void
test_start_refusals (void)
{
  Person alice, bob, bad;
  TessHandshakeStart start;
  TessOneTimePublic one_time;
  TessKemPublic kem;
  TessDhPublic zero = { 0 };

  person_init (&alice);
  person_init (&bob);
  bad = bob;
  memset (&bad.party.device, 0xff, 32);
  start = start_of (&alice, &bad, true);
  expect_refused_start (&start);
  start = start_of (&alice, &bob, true);
  start.spk = &zero;
  expect_refused_start (&start);
  start = start_of (&alice, &bob, true);
  one_time = bob.one_time;
  one_time.dh = zero;
  start.one_time = &one_time;
  expect_refused_start (&start);
  one_time = bob.one_time;
  memset (one_time.kem.bytes, 0xff, 2);
  expect_refused_start (&start);
  start = start_of (&alice, &bob, false);
  kem = bob.spk.kem;
  memset (kem.bytes, 0xff, 2);
  start.last_resort = &kem;
  expect_refused_start (&start);
}

static void
test_answer_refusals (void)
{
  Person alice, bob;
  TessHandshakeStart start;
  TessHandshakeAnswer answer;
  TessHello hello;
  TessRatchet *session = NULL;
  g_autoptr (GError) error = NULL;

  person_init (&alice);
  person_init (&bob);
  start = start_of (&alice, &bob, true);
  g_assert_true (tess_handshake_start (&start, &session, &hello, NULL));
  g_clear_pointer (&session, tess_ratchet_free);
  /* A one-time prekey that is gone. */
  answer = answer_of (&bob, &alice, false);
  g_assert_false (tess_handshake_answer (&answer, &hello, &session, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
  g_assert_null (session);
  g_clear_error (&error);
  /* An ephemeral key that gives zero; a device key that is none. */
  answer = answer_of (&bob, &alice, true);
  memset (&hello.ephemeral, 0, sizeof hello.ephemeral);
  g_assert_false (tess_handshake_answer (&answer, &hello, &session, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
  g_assert_null (session);
  g_clear_error (&error);
  memset (&answer.them.device, 0, 32);
  g_assert_false (tess_handshake_answer (&answer, &hello, &session, &error));
  g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED);
}

static void
test_random_failures (void)
{
  Person alice, bob;
  TessHandshakeStart start;
  unsigned failures = 0;

  person_init (&alice);
  person_init (&bob);
  start = start_of (&alice, &bob, true);
  for (unsigned n = 1; n < 10; n++)
    {
      FailingSource source = { .fail_at = n };
      g_autoptr (GError) error = NULL;
      g_autoptr (TessRatchet) session = NULL;
      TessHello hello;
      bool good;

      memset (&hello, 1, sizeof hello);
      tess_random_set_source (failing_source, &source);
      good = tess_handshake_start (&start, &session, &hello, &error);
      tess_random_set_source (NULL, NULL);
      if (good)
        break;
      failures++;
      g_assert_error (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM);
      g_assert_null (session);
      g_assert_true (sodium_is_zero ((const uint8_t *) &hello, sizeof hello));
    }
  g_assert_cmpuint (failures, ==, 2);
}

static void
test_hello (void)
{
  static const uint8_t list[] = { 1, 2, 3, 4, 5 };
  TessHello hello = { .spk_id = 0x01020304, .one_time_id = 0xa0b0c0d0 }, parsed;
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GByteArray) body = g_byte_array_new ();
  const uint8_t *parsed_list, *message;
  size_t list_size, message_size;

  memset (&hello.ephemeral, 0x11, 32);
  memset (&hello.ct, 0x22, sizeof hello.ct);
  encoded = tess_hello_encode (&hello, list, sizeof list);
  g_assert_cmpuint (g_bytes_get_size (encoded), ==, TESS_HELLO_SIZE (sizeof list));
  g_byte_array_append (body, g_bytes_get_data (encoded, NULL), (unsigned) g_bytes_get_size (encoded));
  g_byte_array_append (body, (const uint8_t *) "message", 7);
  g_assert_true (tess_hello_parse (body->data, body->len, &parsed, &parsed_list, &list_size, &message, &message_size, NULL));
  g_assert_cmpmem (&parsed, sizeof parsed, &hello, sizeof hello);
  g_assert_cmpmem (parsed_list, list_size, list, sizeof list);
  g_assert_cmpmem (message, message_size, "message", 7);
  for (size_t size = 0; size < g_bytes_get_size (encoded); size++)
    {
      g_assert_false (tess_hello_parse (body->data, size, &parsed, &parsed_list, &list_size, &message, &message_size, NULL));
      g_assert_true (parsed_list == NULL && message == NULL && list_size == 0 && message_size == 0 && parsed.spk_id == 0);
    }
  /* A list longer than any list. */
  body->data[TESS_HELLO_SIZE (0) - 2] = 0xff;
  g_byte_array_set_size (body, 70000);
  g_assert_false (tess_hello_parse (body->data, body->len, &parsed, &parsed_list, &list_size, &message, &message_size, NULL));
}

int
main (int argc, char *argv[])
{
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/crypto/handshake/second-computation/one-time", GINT_TO_POINTER (1), test_second_computation);
  g_test_add_data_func ("/crypto/handshake/second-computation/last-resort", GINT_TO_POINTER (0), test_second_computation);
  g_test_add_func ("/crypto/handshake/kept-mapping", test_kept_mapping);
  g_test_add_func ("/crypto/handshake/disagreement", test_disagreement);
  g_test_add_func ("/crypto/handshake/start-refusals", test_start_refusals);
  g_test_add_func ("/crypto/handshake/answer-refusals", test_answer_refusals);
  g_test_add_func ("/crypto/handshake/random-failures", test_random_failures);
  g_test_add_func ("/crypto/handshake/hello", test_hello);
  return g_test_run ();
}
