/* Contents, addresses, codes, verification, safety numbers, key files (protocol.md 5, 8, 12).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-random.h"
#include "core/tess-content.h"
#include "crypto/tess-keyfile.h"
#include "crypto/tess-recovery-file.h"
#include "crypto/tess-safety.h"
#include "vectors.h"
#include "wire/tess-address.h"

#include <string.h>

#define HEAD "{\"id\":\"000102030405060708090a0b0c0d0e0f\",\"time\":1800000000000,"
#define SIXTY "012345678901234567890123456789012345678901234567890123456789"
#define ID "\"000102030405060708090a0b0c0d0e0f\""

/* What is made, as it is written. The members' order and spaces are a writer's own. */
static void
make_content (TessContentKind kind)
{
  g_autoptr (TessContent) content = tess_content_new (kind);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  const uint8_t *id = drawn_out (NULL, sizeof content->id);

  content->time_ms = (int64_t) NOW * 1000 + kind;
  switch (kind)
    {
    case TESS_CONTENT_TEXT:
      content->body = g_strdup ("Grüße 👋\n\"quoted\" \\ back");
      content->has_reply_to = true;
      memset (content->reply_to, 0xfe, sizeof content->reply_to);
      content->seconds = 3600;
      break;
    case TESS_CONTENT_RECEIPT: g_array_append_vals (content->delivered, id, 1); break;
    case TESS_CONTENT_PROFILE:
      content->name = g_strdup ("Alice");
      content->relay = g_strdup ("https://relay.example");
      memset (content->capability, 0xfb, sizeof content->capability);
      break;
    case TESS_CONTENT_VERIFY: memset (content->mac, 0xef, sizeof content->mac); break;
    case TESS_CONTENT_EDIT:
      memset (content->target, 0xdf, sizeof content->target);
      content->body = g_strdup ("better");
      break;
    case TESS_CONTENT_DELETE: memset (content->target, 0xdf, sizeof content->target); break;
    case TESS_CONTENT_REACTION:
      memset (content->target, 0xdf, sizeof content->target);
      content->body = g_strdup ("👍🏽");
      break;
    case TESS_CONTENT_TYPING: content->on = true; break;
    case TESS_CONTENT_TIMER: content->seconds = 86400; break;
    case TESS_CONTENT_UNKNOWN:
    default: g_assert_not_reached ();
    }
  bytes = tess_content_encode (content);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  out_object (NULL);
  out_text ("text", text);
  out_text ("verdict", "ok");
  out_end ();
  drawn_end ();
}

/* A text that somebody else wrote. */
static void
check_content (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessContent) content = tess_content_parse ((const uint8_t *) text, strlen (text), &error);
  const char *verdict = verdict_of (content != NULL, &error);

  out_object (NULL);
  out_text ("text", text);
  out_text ("verdict", content != NULL && content->kind == TESS_CONTENT_UNKNOWN ? "unknown" : verdict);
  out_end ();
}

/* Texts at the bounds of section 0, and one step beyond: depth, members of an object, values in all. */
static void
check_bounds (void)
{
  for (unsigned depth = 15; depth <= 16; depth++)
    {
      g_autofree char *open = g_strnfill (depth, '['), *close = g_strnfill (depth, ']');
      g_autofree char *text = g_strconcat (HEAD "\"kind\":\"text\",\"body\":\"x\",\"deep\":", open, close, "}", NULL);

      check_content (text);
    }
  for (unsigned count = 252; count <= 253; count++)
    {
      g_autoptr (GString) text = g_string_new (HEAD "\"kind\":\"text\",\"body\":\"x\"");

      for (unsigned i = 0; i < count; i++)
        g_string_append_printf (text, ",\"%u\":0", i);
      g_string_append_c (text, '}');
      check_content (text->str);
    }
  for (unsigned count = 4090; count <= 4091; count++)
    {
      g_autoptr (GString) text = g_string_new (HEAD "\"kind\":\"text\",\"body\":\"x\",\"many\":[0");

      for (unsigned i = 1; i < count; i++)
        g_string_append (text, ",0");
      g_string_append (text, "]}");
      check_content (text->str);
    }
}

void
vectors_contents (void)
{
  static const char *const texts[] = {
    "{}", "[]", "", " ", "null", HEAD "\"kind\":\"text\",\"body\":\"x\"", HEAD "\"kind\":\"text\",\"body\":\"x\"}}",
    " {\n\t\"kind\" : \"text\", \"body\":\"\\u00e9\\ud83d\\ude00\", \"time\":0,\r\"id\":" ID "} ",
    HEAD "\"kind\":\"text\",\"body\":\"x\",\"kind\":\"text\"}",
    HEAD "\"kind\":\"text\",\"body\":\"x\",\"more\":{\"a\":1,\"a\":2}}",
    HEAD "\"kind\":\"text\",\"body\":\"x\",\"more\":[null,true,-1.5e3,{}]}", HEAD "\"kind\":\"text\",\"body\":\"\"}",
    HEAD "\"kind\":\"text\",\"body\":1}", HEAD "\"kind\":\"text\",\"body\":null}", HEAD "\"kind\":\"text\"}",
    HEAD "\"kind\":\"text\",\"body\":\"a\\u0000b\"}", HEAD "\"kind\":\"text\",\"body\":\"\\ud83d\"}",
    HEAD "\"kind\":\"text\",\"body\":\"x\",\"reply_to\":null}", HEAD "\"kind\":\"text\",\"body\":\"x\",\"reply_to\":\"00\"}",
    HEAD "\"kind\":\"text\",\"body\":\"x\",\"expires_after\":60}", HEAD "\"kind\":\"text\",\"body\":\"x\",\"expires_after\":-1}",
    HEAD "\"kind\":\"text\",\"body\":\"x\",\"more\":[9223372036854775807,-9223372036854775808,1e3]}",
    HEAD "\"kind\":\"text\",\"body\":\"x\",\"more\":9223372036854775808}",
    HEAD "\"kind\":\"text\",\"body\":\"x\",\"more\":-9223372036854775809}",
    HEAD "\"kind\":\"text\",\"body\":\"x\",\"more\":01}", HEAD "\"kind\":\"text\",\"body\":\"x\",\"more\":NaN}",
    HEAD "\"kind\":\"text\",\"body\":\"a\tb\"}", HEAD "\"kind\":\"text\",\"body\":'x'}",
    HEAD "\"kind\":\"text\",\"body\":\"x\",}", HEAD "\"kind\":\"text\",\"body\":\"x\"} // comment",
    "{\"id\":" ID ",\"time\":9007199254740991,\"kind\":\"x\"}", "{\"id\":" ID ",\"time\":9007199254740992,\"kind\":\"x\"}",
    "{\"id\":" ID ",\"time\":1.5,\"kind\":\"x\"}", "{\"id\":" ID ",\"time\":\"1\",\"kind\":\"x\"}",
    "{\"id\":\"000102030405060708090A0B0C0D0E0F\",\"time\":1,\"kind\":\"x\"}", "{\"time\":1,\"kind\":\"x\"}",
    HEAD "\"kind\":\"something-new\",\"body\":1}", HEAD "\"kind\":\"typing\",\"on\":true}",
    HEAD "\"kind\":\"typing\",\"on\":1}", HEAD "\"kind\":\"typing\"}",
    HEAD "\"kind\":\"edit\",\"target\":" ID ",\"body\":\"x\"}", HEAD "\"kind\":\"edit\",\"target\":" ID ",\"body\":\"\"}",
    HEAD "\"kind\":\"edit\",\"body\":\"x\"}", HEAD "\"kind\":\"delete\",\"target\":" ID "}",
    HEAD "\"kind\":\"delete\",\"target\":[" ID "]}", HEAD "\"kind\":\"delete\"}",
    HEAD "\"kind\":\"reaction\",\"target\":" ID ",\"emoji\":\"\"}",
    HEAD "\"kind\":\"reaction\",\"target\":" ID ",\"emoji\":\"" SIXTY "0123\"}",
    HEAD "\"kind\":\"reaction\",\"target\":" ID ",\"emoji\":\"" SIXTY "01234\"}",
    HEAD "\"kind\":\"reaction\",\"target\":" ID "}", HEAD "\"kind\":\"timer\",\"seconds\":0}",
    HEAD "\"kind\":\"timer\",\"seconds\":31622400}", HEAD "\"kind\":\"timer\",\"seconds\":31622401}",
    HEAD "\"kind\":\"timer\",\"seconds\":1.5}", HEAD "\"kind\":\"timer\"}",
    HEAD "\"kind\":7}",
    HEAD "\"kind\":\"receipt\",\"delivered\":[" ID "],\"read\":[]}", HEAD "\"kind\":\"receipt\",\"delivered\":[]}",
    HEAD "\"kind\":\"receipt\",\"delivered\":[1],\"read\":[]}",
    HEAD "\"kind\":\"verify\",\"mac\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
    HEAD "\"kind\":\"verify\",\"mac\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"}",
    HEAD "\"kind\":\"verify\",\"mac\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}",
    HEAD "\"kind\":\"profile\",\"name\":\"\",\"capability\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"relay\":\"https://relay.example\"}",
    HEAD "\"kind\":\"profile\",\"name\":\"a\",\"capability\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"relay\":\"https://relay.example/\"}",
    HEAD "\"kind\":\"profile\",\"name\":\"a\",\"capability\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"relay\":\"http://relay.example\"}",
    HEAD "\"kind\":\"profile\",\"name\":\"a\",\"capability\":\"AAAA\",\"relay\":\"https://relay.example\"}",
  };
  static const TessContentKind kinds[]
    = { TESS_CONTENT_TEXT, TESS_CONTENT_RECEIPT,  TESS_CONTENT_PROFILE, TESS_CONTENT_VERIFY, TESS_CONTENT_EDIT,
        TESS_CONTENT_DELETE, TESS_CONTENT_REACTION, TESS_CONTENT_TYPING,  TESS_CONTENT_TIMER };

  out_array ("contents");
  for (unsigned i = 0; i < G_N_ELEMENTS (kinds); i++)
    make_content (kinds[i]);
  for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++)
    check_content (texts[i]);
  check_bounds ();
  out_end ();
}

static void
make_address (const char *origin, bool with_code)
{
  uint8_t capability[16];
  g_autoptr (TessAddress) address = NULL;
  g_autofree char *text = NULL, *link = NULL;

  g_assert_true (tess_random (capability, sizeof capability));
  address = tess_address_new (origin, alice.party.account.bytes, capability);
  address->has_code = with_code;
  g_assert_true (!with_code || tess_random (address->code, sizeof address->code));
  text = tess_address_to_string (address);
  link = tess_address_to_link (address);
  out_object (NULL);
  out_text ("origin", origin);
  out_text ("person", "alice");
  drawn_out ("capability", 16);
  if (with_code)
    drawn_out ("code", 16);
  drawn_end ();
  out_text ("text", text);
  out_text ("link", link);
  out_end ();
}

static void
check_address (const char *what, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessAddress) address = tess_address_parse (text, &error);

  out_object (NULL);
  out_text ("what", what);
  out_text ("text", text);
  out_text ("verdict", verdict_of (address != NULL, &error));
  if (address != NULL)
    out_text ("origin", address->origin);
  out_end ();
}

/* The verdicts on @host as part of an address that is good otherwise. */
static void
check_hosts (const char *tail)
{
  static const char *const hosts[] = {
    "Relay.EXAMPLE:443", "relay.example:80", "localhost:80", "127.0.0.1:443", "127.255.0.1", "10.0.0.1:65535",
    "xn--bcher-kva.example", "a", "1.example", "relay.example:0", "relay.example:080", "relay.example:65536",
    "relay.example:", "relay..example", "-a.example", "a_b.example", "1.2.3",
    "01.2.3.4", "256.2.3.4", "example.1", "example.0x1f", "[::1]", "user@relay.example", "",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *text = g_strconcat ("TESSERA:1/", hosts[i], tail, NULL);

      check_address ("a host", text);
    }
}

static void
check_addresses (void)
{
  g_autoptr (TessAddress) address = tess_address_new ("https://relay.example", alice.party.account.bytes, (uint8_t[16]) { 0 });
  g_autofree char *text = tess_address_to_string (address);
  g_autofree char *with = NULL, *cut = g_strndup (text, strlen (text) - 1), *bits = NULL;
  const char *tail = text + strlen ("TESSERA:1/RELAY.EXAMPLE");

  check_address ("good", text);
  with = g_strconcat (" \t", text, "\n", NULL);
  check_address ("white space around it", with);
  g_free (with);
  with = g_strconcat (text, "/", NULL);
  check_address ("a slash at the end", with);
  g_free (with);
  with = g_strconcat (text, "/AAAAAAAAAAAAAAAAAAAAAAAAAA", NULL);
  check_address ("a code", with);
  g_free (with);
  with = g_strconcat (text, "/AAAAAAAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAAAAAAAAAAAA", NULL);
  check_address ("a part too many", with);
  g_free (with);
  with = g_strconcat ("TESSERA:2", text + strlen ("TESSERA:1"), NULL);
  check_address ("another version", with);
  check_address ("cut", cut);
  bits = g_strconcat (cut, "B", NULL);
  check_address ("an unused bit that is not zero", bits);
  check_address ("A of small order", "TESSERA:1/RELAY.EXAMPLE/AEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                     "/AAAAAAAAAAAAAAAAAAAAAAAAAA");
  check_hosts (tail);
}

static void
make_verification (const Person *shown, const Person *scanner)
{
  TessShowing showing;
  uint8_t mac[32];

  g_assert_true (tess_showing_generate (&showing, NULL));
  tess_verify_mac (&showing, &shown->party.account, &scanner->party.account, mac);
  out_object (NULL);
  out_text ("shown", shown->name);
  out_text ("scanner", scanner->name);
  drawn_out ("code", 16);
  drawn_end ();
  out_hex ("mac", mac, sizeof mac);
  out_end ();
}

void
vectors_addresses (void)
{
  char digits[TESS_SAFETY_DIGITS + 1];

  out_array ("addresses");
  make_address ("https://relay.example", false);
  make_address ("https://relay.example:8443", true);
  make_address ("http://127.0.0.1:8080", false);
  make_address ("http://localhost", true);
  out_end ();
  out_array ("read_addresses");
  check_addresses ();
  out_end ();
  out_array ("verifications");
  make_verification (&alice, &bob);
  make_verification (&bob, &alice);
  out_end ();
  tess_safety_number (&alice.party.account, &bob.party.account, digits);
  out_text ("safety_number", digits);
}

static GBytes *
make_key_file (const char *passphrase, const TessKeyfileCost *cost, size_t size)
{
  g_autofree uint8_t *secret = g_malloc (size);
  GBytes *file;
  const uint8_t *salt;
  uint8_t hash[32];

  memset (secret, 0xcd, size);
  file = tess_keyfile_wrap (passphrase, strlen (passphrase), cost, secret, size, NULL);
  out_object (NULL);
  out_text ("passphrase", passphrase);
  out_number ("passes", cost->passes);
  out_number ("memory_kib", cost->memory_kib);
  salt = drawn_out ("salt", 16);
  g_assert_cmpint (crypto_pwhash_argon2id (hash, sizeof hash, passphrase, strlen (passphrase), salt, cost->passes,
                                           (size_t) cost->memory_kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13), ==, 0);
  drawn_out ("nonce", 24);
  drawn_end ();
  out_hex ("secret", secret, size);
  out_hex ("argon2id", hash, sizeof hash);
  out_bytes ("file", file);
  out_end ();
  return file;
}

/* The first key file with a field changed, opened under @passphrase. */
static void
check_key_file (const char *what, GBytes *base, const char *passphrase, size_t at, const void *field, size_t size)
{
  g_autoptr (GBytes) file = NULL;
  g_autoptr (TessWiped) secret = NULL;
  g_autoptr (GError) error = NULL;
  Patch patch;

  out_object (NULL);
  out_text ("what", what);
  out_number ("key_file", 0);
  out_text ("passphrase", passphrase);
  patch = patch_begin (g_bytes_get_data (base, NULL), g_bytes_get_size (base));
  if (size > 0)
    patch_at (&patch, at, field, size);
  file = patch_end (&patch, 0);
  secret = tess_keyfile_open (passphrase, strlen (passphrase), g_bytes_get_data (file, NULL), g_bytes_get_size (file), &error);
  out_text ("verdict", verdict_of (secret != NULL, &error));
  out_end ();
}

void
vectors_key_files (void)
{
  static const TessKeyfileCost least = { 1, 8 }, more = { 3, 64 };
  g_autoptr (GBytes) file = NULL;

  out_array ("key_files");
  file = make_key_file ("correct horse", &least, 32);
  g_bytes_unref (make_key_file ("pässwörd 🔑", &more, 1));
  out_end ();
  out_array ("changed_key_files");
  check_key_file ("as it is", file, "correct horse", 0, NULL, 0);
  check_key_file ("another passphrase", file, "correct hors", 0, NULL, 0);
  check_key_file ("another magic", file, "correct horse", 0, "t", 1);
  check_key_file ("another version", file, "correct horse", 8, "\2", 1);
  check_key_file ("no pass", file, "correct horse", 9, "\0\0\0\0", 4);
  check_key_file ("17 passes", file, "correct horse", 9, "\0\0\0\21", 4);
  check_key_file ("7 KiB", file, "correct horse", 13, "\0\0\0\7", 4);
  check_key_file ("1 GiB and 1 KiB", file, "correct horse", 13, "\0\20\0\1", 4);
  check_key_file ("another salt", file, "correct horse", 17, "\0\0\0\0", 4);
  check_key_file ("another commitment", file, "correct horse", 33, "\0\0\0\0", 4);
  check_key_file ("another nonce under the right passphrase", file, "correct horse", 65, "\0\0\0\0", 4);
  check_key_file ("another length", file, "correct horse", 89, "\0\61", 2);
  check_key_file ("a byte more", file, "correct horse", g_bytes_get_size (file), "\0", 1);
  out_end ();
}

static const uint8_t recovery_profile[TESS_RECOVERY_PROFILE_ID] = "a profile's id!";

/* @old (NULL: none) with a copy of @kind made or replaced. */
static GBytes *
make_recovery_file (GBytes *old, int base, TessRecoveryKind kind, const char *text, const TessKeyfileCost *cost)
{
  TessRecoverySecrets secrets;
  GBytes *file;

  for (size_t i = 0; i < sizeof secrets.bytes; i++)
    secrets.bytes[i] = (uint8_t) i;
  file = tess_recovery_file_wrap (old, recovery_profile, kind, text, strlen (text), cost, &secrets, NULL);
  out_object (NULL);
  if (old != NULL)
    out_number ("old", base);
  out_hex ("profile", recovery_profile, sizeof recovery_profile);
  out_number ("kind", kind);
  out_text ("passphrase", text);
  out_number ("passes", cost->passes);
  out_number ("memory_kib", cost->memory_kib);
  drawn_out ("salt", 16);
  drawn_out ("nonce", 24);
  drawn_end ();
  out_hex ("account_seed", secrets.bytes, 32);
  out_hex ("device_seed", secrets.bytes + 32, 32);
  out_hex ("database_key", secrets.bytes + 64, 32);
  out_bytes ("file", file);
  out_end ();
  return file;
}

/* The second recovery file with a field changed, opened as @kind under @text; with @checked its check is made anew. */
static void
check_recovery_file (const char *what, GBytes *base, TessRecoveryKind kind, const char *text, bool checked, size_t at,
                     const void *field, size_t size)
{
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) error = NULL;
  TessRecoverySecrets secrets;
  size_t whole = g_bytes_get_size (base);
  g_autofree uint8_t *data = g_memdup2 (g_bytes_get_data (base, NULL), whole);
  uint8_t check[32];
  Patch patch;

  if (size > 0)
    memcpy (data + at, field, size);
  crypto_generichash (check, sizeof check, data, whole - 32, NULL, 0);
  out_object (NULL);
  out_text ("what", what);
  out_number ("recovery_file", 1);
  out_number ("kind", kind);
  out_text ("passphrase", text);
  patch = patch_begin (g_bytes_get_data (base, NULL), whole);
  if (size > 0)
    patch_at (&patch, at, field, size);
  if (checked)
    patch_at (&patch, whole - 32, check, sizeof check);
  file = patch_end (&patch, 0);
  out_text ("verdict", verdict_of (tess_recovery_file_open (file, recovery_profile, kind, text, strlen (text), &secrets, &error),
                                   &error));
  out_end ();
}

void
vectors_recovery_files (void)
{
  static const char code[] = "012345678901234567890123456789", passphrase[] = "correct horse";
  static const TessKeyfileCost least = { 1, 8 };
  g_autoptr (GBytes) first = NULL, file = NULL;

  out_array ("recovery_files");
  first = make_recovery_file (NULL, 0, TESS_RECOVERY_BY_CODE, code, &least);
  file = make_recovery_file (first, 0, TESS_RECOVERY_BY_PASSPHRASE, passphrase, &least);
  g_bytes_unref (make_recovery_file (file, 1, TESS_RECOVERY_BY_CODE, "987654321098765432109876543210", &least));
  out_end ();
  out_array ("changed_recovery_files");
  check_recovery_file ("as it is, by the code", file, TESS_RECOVERY_BY_CODE, code, false, 0, NULL, 0);
  check_recovery_file ("as it is, by the passphrase", file, TESS_RECOVERY_BY_PASSPHRASE, passphrase, false, 0, NULL, 0);
  check_recovery_file ("another code", file, TESS_RECOVERY_BY_CODE, "112345678901234567890123456789", false, 0, NULL, 0);
  check_recovery_file ("the passphrase as the code", file, TESS_RECOVERY_BY_CODE, passphrase, false, 0, NULL, 0);
  check_recovery_file ("another salt, with the old check", file, TESS_RECOVERY_BY_CODE, code, false, 46, "\0\0\0\0", 4);
  check_recovery_file ("another salt", file, TESS_RECOVERY_BY_CODE, code, true, 46, "\0\0\0\0", 4);
  check_recovery_file ("another magic", file, TESS_RECOVERY_BY_CODE, code, true, 0, "t", 1);
  check_recovery_file ("another version", file, TESS_RECOVERY_BY_CODE, code, true, 8, "\2", 1);
  check_recovery_file ("another profile's", file, TESS_RECOVERY_BY_CODE, code, true, 9, "b", 1);
  check_recovery_file ("one copy announced", file, TESS_RECOVERY_BY_CODE, code, true, 25, "\1", 1);
  check_recovery_file ("kinds in the other order", file, TESS_RECOVERY_BY_CODE, code, true, 26, "\2", 1);
  check_recovery_file ("17 passes", file, TESS_RECOVERY_BY_CODE, code, true, 38, "\0\0\0\21", 4);
  check_recovery_file ("7 KiB", file, TESS_RECOVERY_BY_CODE, code, true, 42, "\0\0\0\7", 4);
  check_recovery_file ("another nonce under the right code", file, TESS_RECOVERY_BY_CODE, code, true, 94, "\0\0\0\0", 4);
  out_end ();
}
