/* The C implementation behind a pipe, for the tests that set it against tessera_ref: a line is a command and its arguments, the
 * answer a line too: `ok` and results, or a verdict (refused, auth, duplicate). Bytes are hex; `.` stands for none, `-` for an
 * argument that is left out. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "crypto/tess-envelope.h"
#include "crypto/tess-handshake.h"
#include "crypto/tess-prekeys.h"
#include "crypto/tess-safety.h"
#include "wire/tess-address.h"
#include "wire/tess-records.h"

#include <stdio.h>
#include <string.h>

#define SLOTS 64

/* The words of a line, taken from the left. */
typedef struct {
  char **words;
  unsigned at;
} Words;

/* A stored message key and since when. */
typedef struct {
  TessSkippedKey key;
  int64_t stored;
} Row;

/* A session as a store keeps it. */
typedef struct {
  TessRatchet *state;
  GArray *rows; /* of Row, oldest first */
} Slot;

typedef bool (*Command) (Words *words, GString *answer, GError **error);

static Slot slots[SLOTS];
static GByteArray *script; /* what tess_random() gives, when there is any */

static const char *
take (Words *self)
{
  g_assert_nonnull (self->words[self->at]);
  return self->words[self->at++];
}

/* NULL for an argument that is left out. */
static GBytes *
take_bytes (Words *self)
{
  const char *word = take (self);
  size_t length = strlen (word), size = 0;
  uint8_t *data;

  if (strcmp (word, "-") == 0)
    return NULL;
  if (strcmp (word, ".") == 0)
    return g_bytes_new (NULL, 0);
  data = g_malloc (length / 2);
  g_assert_cmpint (sodium_hex2bin (data, length / 2, word, length, NULL, &size, NULL), ==, 0);
  return g_bytes_new_take (data, size);
}

/* Exactly @size bytes; zeros and FALSE when left out. */
static bool
take_fixed (Words *self, void *out, size_t size)
{
  g_autoptr (GBytes) bytes = take_bytes (self);

  memset (out, 0, size);
  if (bytes == NULL)
    return false;
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, size);
  memcpy (out, g_bytes_get_data (bytes, NULL), size);
  return true;
}

static uint64_t
take_number (Words *self)
{
  uint64_t value = 0;

  g_assert_true (g_ascii_string_to_unsigned (take (self), 10, 0, G_MAXUINT64, &value, NULL));
  return value;
}

static Slot *
take_slot (Words *self)
{
  uint64_t index = take_number (self);

  g_assert_cmpuint (index, <, SLOTS);
  return &slots[index];
}

static void
put (GString *answer, const void *data, size_t size)
{
  g_autofree char *hex = g_malloc (2 * size + 1);

  sodium_bin2hex (hex, 2 * size + 1, data, size);
  g_string_append_printf (answer, " %s", size == 0 ? "." : hex);
}

static void
put_bytes (GString *answer, GBytes *bytes)
{
  put (answer, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* Puts a result that is NULL on failure. */
static bool
put_result (GString *answer, GBytes *bytes)
{
  if (bytes == NULL)
    return false;
  put_bytes (answer, bytes);
  g_bytes_unref (bytes);
  return true;
}

static bool
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_REFUSED, why);
  return false;
}

static bool
scripted_source (uint8_t *out, size_t size, void *data)
{
  g_assert_cmpuint (size, <=, script->len);
  memcpy (out, script->data, size);
  g_byte_array_remove_range (script, 0, (unsigned) size);
  return true;
}

/* random BYTES: what is drawn from now on; left out: the system's. The answer is what was left of the last ones. */
static bool
command_random (Words *words, GString *answer, GError **error)
{
  g_autoptr (GBytes) bytes = take_bytes (words);

  g_string_append_printf (answer, " %u", script != NULL ? script->len : 0);
  g_clear_pointer (&script, g_byte_array_unref);
  if (bytes != NULL)
    script = g_bytes_unref_to_array (g_steal_pointer (&bytes));
  tess_random_set_source (script != NULL ? scripted_source : NULL, NULL);
  return true;
}

/* A signing key as the wire layer takes it. */
static void
take_sign_secret (Words *words, uint8_t public_out[static 32], uint8_t secret_out[static 64])
{
  uint8_t seed[32];

  take_fixed (words, seed, sizeof seed);
  crypto_sign_seed_keypair (public_out, secret_out, seed);
}

/* list ACCOUNT_SEED VERSION [NUMBER DEVICE_SEED ADDED]… */
static bool
command_list (Words *words, GString *answer, GError **error)
{
  TessDeviceList list = { 0 };
  uint8_t account_secret[64], device[32], device_secret[64];

  take_sign_secret (words, list.account, account_secret);
  list.version = take_number (words);
  for (; words->words[words->at] != NULL; list.count++)
    {
      g_assert_cmpuint (list.count, <, TESS_DEVICES_MAX);
      list.devices[list.count].number = (uint32_t) take_number (words);
      take_sign_secret (words, device, device_secret);
      list.devices[list.count].added = take_number (words);
      tess_device_entry_sign (&list.devices[list.count], list.account, device_secret);
    }
  return put_result (answer, tess_device_list_sign (&list, account_secret, error));
}

/* prekey DEVICE_SEED SPK_ID SPK_PRIVATE LAST_RESORT_SEED ENVELOPE_KEY_ID ENVELOPE_SEED CREATED EXPIRES */
static bool
command_prekey (Words *words, GString *answer, GError **error)
{
  g_autoptr (TessKemKey) kem = NULL;
  g_autoptr (TessXwingKey) xwing = NULL;
  TessPrekeyRecord record = { 0 };
  TessDhSecret spk;
  TessDhPublic spk_public;
  TessKemSeed kem_seed;
  TessXwingSeed xwing_seed;
  uint8_t secret[64];

  take_sign_secret (words, record.device, secret);
  record.spk_id = (uint32_t) take_number (words);
  take_fixed (words, spk.bytes, sizeof spk.bytes);
  tess_dh_public (&spk, &spk_public);
  memcpy (record.spk, spk_public.bytes, sizeof record.spk);
  take_fixed (words, kem_seed.bytes, sizeof kem_seed.bytes);
  kem = tess_kem_key_new (&kem_seed, NULL);
  memcpy (record.last_resort_key, tess_kem_key_public (kem), sizeof record.last_resort_key);
  record.envelope_key_id = (uint32_t) take_number (words);
  take_fixed (words, xwing_seed.bytes, sizeof xwing_seed.bytes);
  xwing = tess_xwing_key_new (&xwing_seed, NULL);
  memcpy (record.envelope_key, tess_xwing_key_public (xwing), sizeof record.envelope_key);
  record.created = take_number (words);
  record.expires = take_number (words);
  return put_result (answer, tess_prekey_record_sign (&record, secret, error));
}

/* onetime DEVICE_SEED ID OPK_PRIVATE SEED */
static bool
command_onetime (Words *words, GString *answer, GError **error)
{
  g_autoptr (TessKemKey) kem = NULL;
  TessOneTimePrekey record = { 0 };
  TessDhSecret opk;
  TessDhPublic opk_public;
  TessKemSeed seed;
  uint8_t secret[64];

  take_sign_secret (words, record.device, secret);
  record.id = (uint32_t) take_number (words);
  take_fixed (words, opk.bytes, sizeof opk.bytes);
  tess_dh_public (&opk, &opk_public);
  memcpy (record.opk, opk_public.bytes, sizeof record.opk);
  take_fixed (words, seed.bytes, sizeof seed.bytes);
  kem = tess_kem_key_new (&seed, NULL);
  memcpy (record.kem_key, tess_kem_key_public (kem), sizeof record.kem_key);
  return put_result (answer, tess_one_time_prekey_sign (&record, secret, error));
}

/* readlist RECORD */
static bool
command_readlist (Words *words, GString *answer, GError **error)
{
  g_autoptr (GBytes) record = take_bytes (words);
  TessDeviceList list;

  return tess_device_list_parse (g_bytes_get_data (record, NULL), g_bytes_get_size (record), &list, error);
}

/* readprekey DEVICE NOW RECORD */
static bool
command_readprekey (Words *words, GString *answer, GError **error)
{
  g_autoptr (GBytes) record = NULL;
  TessPrekeyRecord prekey;
  uint8_t device[32];
  int64_t now;

  take_fixed (words, device, sizeof device);
  now = (int64_t) take_number (words);
  record = take_bytes (words);
  return tess_prekey_record_parse (g_bytes_get_data (record, NULL), g_bytes_get_size (record), device, now, &prekey, error);
}

/* readonetime DEVICE RECORD */
static bool
command_readonetime (Words *words, GString *answer, GError **error)
{
  g_autoptr (GBytes) record = NULL;
  TessOneTimePrekey prekey;
  uint8_t device[32];

  take_fixed (words, device, sizeof device);
  record = take_bytes (words);
  return tess_one_time_prekey_parse (g_bytes_get_data (record, NULL), g_bytes_get_size (record), device, &prekey, error);
}

static void
slot_set (Slot *self, TessRatchet *state)
{
  g_clear_pointer (&self->state, tess_ratchet_free);
  self->state = state;
  if (self->rows == NULL)
    self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_set_size (self->rows, 0);
}

/* start SLOT DEVICE_SEED A D LIST A_B D_B NOW PREKEY ONETIME -> the hello */
static bool
command_start (Words *words, GString *answer, GError **error)
{
  Slot *slot = take_slot (words);
  TessDeviceSecret device;
  TessHandshakeStart start = { .device = &device };
  TessPrekeyRecord prekey;
  TessOneTimePrekey one_time;
  TessOneTimePublic one_time_public;
  TessDhPublic spk;
  TessKemPublic last_resort;
  TessHello hello;
  TessRatchet *state;
  g_autoptr (GBytes) list = NULL;
  g_autoptr (GBytes) prekey_bytes = NULL;
  g_autoptr (GBytes) one_time_bytes = NULL;
  int64_t now;

  take_fixed (words, device.bytes, 32);
  take_fixed (words, start.us.account.bytes, 32);
  take_fixed (words, start.us.device.bytes, 32);
  list = take_bytes (words);
  take_fixed (words, start.them.account.bytes, 32);
  take_fixed (words, start.them.device.bytes, 32);
  now = (int64_t) take_number (words);
  prekey_bytes = take_bytes (words);
  one_time_bytes = take_bytes (words);
  if (!tess_prekey_record_parse (g_bytes_get_data (prekey_bytes, NULL), g_bytes_get_size (prekey_bytes),
                                 start.them.device.bytes, now, &prekey, error))
    return false;
  memcpy (spk.bytes, prekey.spk, sizeof spk.bytes);
  memcpy (last_resort.bytes, prekey.last_resort_key, sizeof last_resort.bytes);
  start.spk_id = prekey.spk_id;
  start.spk = &spk;
  start.last_resort = &last_resort;
  if (one_time_bytes != NULL)
    {
      if (!tess_one_time_prekey_parse (g_bytes_get_data (one_time_bytes, NULL), g_bytes_get_size (one_time_bytes),
                                       start.them.device.bytes, &one_time, error))
        return false;
      memcpy (one_time_public.dh.bytes, one_time.opk, sizeof one_time_public.dh.bytes);
      memcpy (one_time_public.kem.bytes, one_time.kem_key, sizeof one_time_public.kem.bytes);
      start.one_time_id = one_time.id;
      start.one_time = &one_time_public;
    }
  if (!tess_handshake_start (&start, &state, &hello, error))
    return false;
  slot_set (slot, state);
  return put_result (answer, tess_hello_encode (&hello, g_bytes_get_data (list, NULL), g_bytes_get_size (list)));
}

/* answer SLOT DEVICE_SEED A D SPK_PRIVATE||LAST_RESORT_SEED OPK_PRIVATE||SEED A_A D_A BODY -> the ratchet message */
static bool
command_answer (Words *words, GString *answer, GError **error)
{
  Slot *slot = take_slot (words);
  TessDeviceSecret device;
  TessSignedPrekeySecret signed_prekey;
  TessOneTimeSecret one_time;
  TessHandshakeAnswer facts = { .device = &device, .signed_prekey = &signed_prekey };
  g_autoptr (GBytes) body = NULL;
  TessHello hello;
  TessDeviceList list;
  TessRatchet *state;
  const uint8_t *list_data, *message;
  size_t list_size, message_size;

  take_fixed (words, device.bytes, 32);
  take_fixed (words, facts.us.account.bytes, 32);
  take_fixed (words, facts.us.device.bytes, 32);
  take_fixed (words, signed_prekey.bytes, sizeof signed_prekey.bytes);
  if (take_fixed (words, one_time.bytes, sizeof one_time.bytes))
    facts.one_time = &one_time;
  take_fixed (words, facts.them.account.bytes, 32);
  take_fixed (words, facts.them.device.bytes, 32);
  body = take_bytes (words);
  if (!tess_hello_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body), &hello, &list_data, &list_size, &message,
                         &message_size, error)
      || !tess_device_list_parse (list_data, list_size, &list, error))
    return false;
  if (memcmp (list.account, facts.them.account.bytes, 32) != 0
      || tess_device_list_find (&list, facts.them.device.bytes) == NULL)
    return refuse (error, "the list is not the sender's");
  if (!tess_handshake_answer (&facts, &hello, &state, error))
    return false;
  slot_set (slot, state);
  put (answer, message, message_size);
  return true;
}

/* encrypt SLOT CONTENT */
static bool
command_encrypt (Words *words, GString *answer, GError **error)
{
  Slot *slot = take_slot (words);
  g_autoptr (GBytes) content = take_bytes (words);
  TessRatchet *next;
  GBytes *message;

  if (!tess_ratchet_encrypt (slot->state, g_bytes_get_data (content, NULL), g_bytes_get_size (content), &next, &message, error))
    return false;
  tess_ratchet_free (slot->state);
  slot->state = next;
  return put_result (answer, message);
}

/* Drops what is too old at @now; the row of @place, or -1. */
static int
find_row (Slot *self, const TessMessagePlace *place, int64_t now)
{
  int found = -1;

  while (self->rows->len > 0 && now - g_array_index (self->rows, Row, 0).stored > TESS_RATCHET_STORED_KEY_KEEP)
    g_array_remove_index (self->rows, 0);
  for (unsigned i = 0; i < self->rows->len && found < 0; i++)
    {
      const TessSkippedKey *key = &g_array_index (self->rows, Row, i).key;

      if (key->number == place->number && memcmp (&key->dh, &place->dh, sizeof key->dh) == 0)
        found = (int) i;
    }
  return found;
}

/* decrypt SLOT NOW MESSAGE -> the content */
static bool
command_decrypt (Words *words, GString *answer, GError **error)
{
  Slot *slot = take_slot (words);
  int64_t now = (int64_t) take_number (words);
  g_autoptr (GBytes) message = take_bytes (words);
  g_auto (TessReceived) received = { 0 };
  TessMessagePlace place;
  size_t size;
  const uint8_t *data = g_bytes_get_data (message, &size);
  int row;

  if (!tess_ratchet_peek (data, size, &place, error))
    return false;
  row = find_row (slot, &place, now);
  if (!tess_ratchet_decrypt (slot->state, row >= 0 ? &g_array_index (slot->rows, Row, row).key : NULL, data, size, &received,
                             error))
    return false;
  if (received.used_stored)
    g_array_remove_index (slot->rows, (unsigned) row);
  for (size_t i = 0; i < received.n_skipped; i++)
    {
      Row new = { .key = received.skipped[i], .stored = now };

      g_array_append_val (slot->rows, new);
    }
  if (slot->rows->len > TESS_RATCHET_STORED_KEYS_MAX)
    g_array_remove_range (slot->rows, 0, slot->rows->len - TESS_RATCHET_STORED_KEYS_MAX);
  tess_ratchet_free (slot->state);
  slot->state = g_steal_pointer (&received.next);
  put (answer, received.content->bytes, received.content->size);
  return true;
}

/* seal KEY_ID EK DEVICE_TO A D HELLO MESSAGE */
static bool
command_seal (Words *words, GString *answer, GError **error)
{
  uint32_t id = (uint32_t) take_number (words);
  TessXwingPublic ek;
  TessDevicePublic to;
  TessParty from;
  g_autoptr (GBytes) hello = NULL;
  g_autoptr (GBytes) message = NULL;

  take_fixed (words, ek.bytes, sizeof ek.bytes);
  take_fixed (words, to.bytes, sizeof to.bytes);
  take_fixed (words, from.account.bytes, sizeof from.account.bytes);
  take_fixed (words, from.device.bytes, sizeof from.device.bytes);
  hello = take_bytes (words);
  message = take_bytes (words);
  return put_result (answer, tess_envelope_seal (&ek, id, &to, &from, hello, message, error));
}

/* open ENVELOPE_SEED DEVICE ENVELOPE -> type, A, D, body */
static bool
command_open (Words *words, GString *answer, GError **error)
{
  g_auto (TessEnvelope) opened = { 0 };
  g_autoptr (TessXwingKey) key = NULL;
  g_autoptr (GBytes) envelope = NULL;
  TessXwingSeed seed;
  TessDevicePublic us;

  take_fixed (words, seed.bytes, sizeof seed.bytes);
  take_fixed (words, us.bytes, sizeof us.bytes);
  envelope = take_bytes (words);
  key = tess_xwing_key_new (&seed, NULL);
  if (!tess_envelope_open (key, &us, g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope), &opened, error))
    return false;
  g_string_append_printf (answer, " %u", opened.type);
  put (answer, opened.sender.account.bytes, 32);
  put (answer, opened.sender.device.bytes, 32);
  put (answer, opened.body, opened.body_size);
  return true;
}

/* verify KEY RECORD SIGNATURE, in the role prekey */
static bool
command_verify (Words *words, GString *answer, GError **error)
{
  uint8_t key[32], signature[64];
  g_autoptr (GBytes) record = NULL;

  take_fixed (words, key, sizeof key);
  record = take_bytes (words);
  take_fixed (words, signature, sizeof signature);
  return tess_verify (TESS_ROLE_PREKEY, g_bytes_get_data (record, NULL), g_bytes_get_size (record), key, signature)
         || refuse (error, "not its signature");
}

/* devicekey D -> its X25519 form */
static bool
command_devicekey (Words *words, GString *answer, GError **error)
{
  TessDevicePublic device;
  TessDhPublic dh;
  bool valid;

  take_fixed (words, device.bytes, sizeof device.bytes);
  valid = tess_sign_key_is_valid (device.bytes);
  if (!tess_device_dh_public (&device, &dh, error))
    {
      g_assert_false (valid);
      return false;
    }
  g_assert_true (valid);
  put (answer, dh.bytes, sizeof dh.bytes);
  return true;
}

/* dh PRIVATE PUBLIC */
static bool
command_dh (Words *words, GString *answer, GError **error)
{
  TessDhSecret ours;
  TessDhPublic theirs;
  TessSecret32 out;

  take_fixed (words, ours.bytes, sizeof ours.bytes);
  take_fixed (words, theirs.bytes, sizeof theirs.bytes);
  if (!tess_dh (&ours, &theirs, &out, error))
    return false;
  put (answer, out.bytes, sizeof out.bytes);
  return true;
}

/* address TEXT -> origin, A, capability, code, and the address written anew */
static bool
command_address (Words *words, GString *answer, GError **error)
{
  g_autoptr (GBytes) given = take_bytes (words);
  size_t size = g_bytes_get_size (given);
  g_autofree char *text = size > 0 ? g_strndup (g_bytes_get_data (given, NULL), size) : g_strdup ("");
  g_autoptr (TessAddress) address = tess_address_parse (text, error);
  g_autofree char *written = NULL;

  if (address == NULL)
    return false;
  written = tess_address_to_string (address);
  put (answer, address->origin, strlen (address->origin));
  put (answer, address->account, sizeof address->account);
  put (answer, address->capability, sizeof address->capability);
  put (answer, address->code, address->has_code ? sizeof address->code : 0);
  put (answer, written, strlen (written));
  return true;
}

/* safety A B -> the digits; mac SECRET SHOWN SCANNER */
static bool
command_safety (Words *words, GString *answer, GError **error)
{
  TessAccountPublic a, b;
  char digits[TESS_SAFETY_DIGITS + 1];

  take_fixed (words, a.bytes, sizeof a.bytes);
  take_fixed (words, b.bytes, sizeof b.bytes);
  tess_safety_number (&a, &b, digits);
  g_string_append_printf (answer, " %s", digits);
  return true;
}

static bool
command_mac (Words *words, GString *answer, GError **error)
{
  TessShowing showing;
  TessAccountPublic shown, scanner;
  uint8_t mac[32];

  take_fixed (words, showing.bytes, sizeof showing.bytes);
  take_fixed (words, shown.bytes, sizeof shown.bytes);
  take_fixed (words, scanner.bytes, sizeof scanner.bytes);
  tess_verify_mac (&showing, &shown, &scanner, mac);
  put (answer, mac, sizeof mac);
  return true;
}

static const struct {
  const char *name;
  Command command;
} commands[] = {
  { "random", command_random },     { "list", command_list },           { "prekey", command_prekey },
  { "onetime", command_onetime },   { "readlist", command_readlist },   { "readprekey", command_readprekey },
  { "readonetime", command_readonetime }, { "start", command_start },   { "answer", command_answer },
  { "encrypt", command_encrypt },   { "decrypt", command_decrypt },     { "seal", command_seal },
  { "open", command_open },         { "verify", command_verify },       { "devicekey", command_devicekey },
  { "dh", command_dh },             { "address", command_address },     { "safety", command_safety },
  { "mac", command_mac },
};

static const char *
verdict (const GError *error)
{
  if (error->domain != TESS_CRYPTO_ERROR)
    return "refused"; /* the wire layer */
  switch (error->code)
    {
    case TESS_CRYPTO_ERROR_AUTH: return "auth";
    case TESS_CRYPTO_ERROR_DUPLICATE: return "duplicate";
    case TESS_CRYPTO_ERROR_REFUSED:
    case TESS_CRYPTO_ERROR_TOO_LARGE: return "refused";
    default: g_error ("%s", error->message);
    }
}

static void
run (const char *line)
{
  g_auto (GStrv) split = g_strsplit (line, " ", -1);
  Words words = { .words = split };
  g_autoptr (GString) answer = g_string_new ("ok");
  g_autoptr (GError) error = NULL;
  const char *name = take (&words);
  unsigned i = 0;

  while (i < G_N_ELEMENTS (commands) && strcmp (commands[i].name, name) != 0)
    i++;
  g_assert_cmpuint (i, <, G_N_ELEMENTS (commands));
  if (!commands[i].command (&words, answer, &error))
    g_string_printf (answer, "%s %s", verdict (error), error->message);
  printf ("%s\n", answer->str);
  fflush (stdout);
}

int
main (void)
{
  char *line = NULL;
  size_t capacity = 0;
  ssize_t size;

  tess_process_init ();
  while ((size = getline (&line, &capacity, stdin)) > 0)
    {
      line[size - 1] = '\0';
      run (line);
    }
  free (line);
  for (unsigned i = 0; i < SLOTS; i++)
    {
      g_clear_pointer (&slots[i].state, tess_ratchet_free);
      g_clear_pointer (&slots[i].rows, g_array_unref);
    }
  g_clear_pointer (&script, g_byte_array_unref);
  return 0;
}
