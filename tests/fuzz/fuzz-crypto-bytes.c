/* The crypto layer's parsers of plain bytes: a ratchet message's place, a hello, a session's stored state. What parses is written
 * as the same bytes; what does not leaves zeros; a state that was read can be used without a crash. Input: the kind; the bytes,
 * or (kind 4 and up) changes to genuine ones. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "support.h"

#include <string.h>

#define STATES 4

typedef struct {
  GBytes *message, *hello;
  GBytes *states[STATES];
} Fixtures;

static GBytes *
state_bytes (const TessRatchet *state)
{
  g_autoptr (TessWiped) bytes = tess_ratchet_serialize (state);

  return g_bytes_new (bytes->bytes, bytes->size);
}

static const Fixtures *
fixtures (void)
{
  static Fixtures self;
  g_auto (Pair) pair = { 0 };
  TessHello hello = { .spk_id = SPK_ID, .one_time_id = ONE_TIME_ID };
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GByteArray) with_message = g_byte_array_new ();
  uint8_t list[200];

  if (self.message != NULL)
    return &self;
  pair_init (&pair);
  self.states[0] = state_bytes (pair.alice.state);
  self.states[1] = state_bytes (pair.bob.state);
  pair_turn (&pair);
  self.message = side_send (&pair.alice, "a message");
  self.states[2] = state_bytes (pair.alice.state);
  side_expect (&pair.bob, self.message, "a message");
  self.states[3] = state_bytes (pair.bob.state);
  memset (list, 7, sizeof list);
  memset (&hello.ephemeral, 8, sizeof hello.ephemeral);
  encoded = tess_hello_encode (&hello, list, sizeof list);
  g_byte_array_append (with_message, g_bytes_get_data (encoded, NULL), (guint) g_bytes_get_size (encoded));
  g_byte_array_append (with_message, g_bytes_get_data (self.message, NULL), (guint) g_bytes_get_size (self.message));
  self.hello = g_bytes_new (with_message->data, with_message->len);
  return &self;
}

static void
check_message (const uint8_t *data, size_t size)
{
  TessMessagePlace place;
  g_autoptr (GError) error = NULL;
  bool good;

  memset (&place, 0xa5, sizeof place);
  good = tess_ratchet_peek (data, size, &place, &error);
  fuzz_check_error (error, !good, TESS_CRYPTO_ERROR);
  if (!good)
    {
      g_assert_true (fuzz_is_zero (&place, sizeof place));
      return;
    }
  g_assert_cmpuint (size, >=, 1 + 32 + 4 + 4 + 1 + TESS_KEM_CIPHERTEXT_SIZE + 24 + 16);
  g_assert_cmpuint (size, <=, TESS_ENVELOPE_LARGE);
  g_assert_cmpint (data[0], ==, 1);
  g_assert_cmpmem (place.dh.bytes, 32, data + 1, 32);
  g_assert_cmpuint (place.number, !=, UINT32_MAX);
}

static void
check_hello (const uint8_t *data, size_t size)
{
  TessHello hello;
  const uint8_t *list = data, *message = data;
  size_t list_size = 9, message_size = 9;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) again = NULL;
  bool good;

  memset (&hello, 0xa5, sizeof hello);
  good = tess_hello_parse (data, size, &hello, &list, &list_size, &message, &message_size, &error);
  fuzz_check_error (error, !good, TESS_CRYPTO_ERROR);
  if (!good)
    {
      g_assert_true (fuzz_is_zero (&hello, sizeof hello) && list == NULL && message == NULL && list_size + message_size == 0);
      return;
    }
  g_assert_cmpuint (list_size, <=, TESS_DEVICE_LIST_SIZE_MAX);
  g_assert_true (message + message_size == data + size && list + list_size == message);
  again = tess_hello_encode (&hello, list, list_size);
  g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), data, size - message_size);
}

static void
check_state (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessRatchet) state = tess_ratchet_parse (data, size, &error);
  g_autoptr (TessWiped) again = NULL;
  g_autoptr (TessRatchet) next = NULL;
  g_autoptr (GBytes) message = NULL;
  g_auto (TessReceived) received = { 0 };

  fuzz_check_error (error, state == NULL, TESS_CRYPTO_ERROR);
  if (state == NULL)
    {
      g_assert_cmpint (error->code, ==, TESS_CRYPTO_ERROR_DAMAGED);
      return;
    }
  again = tess_ratchet_serialize (state);
  g_assert_cmpuint (again->size, <=, TESS_RATCHET_STATE_SIZE_MAX);
  g_assert_cmpmem (again->bytes, again->size, data, size);
  if (!tess_ratchet_encrypt (state, (const uint8_t *) "x", 1, &next, &message, NULL))
    g_assert_true (next == NULL && message == NULL);
  message = message != NULL ? g_steal_pointer (&message) : g_bytes_ref (fixtures ()->message);
  if (!tess_ratchet_decrypt (state, NULL, g_bytes_get_data (message, NULL), g_bytes_get_size (message), &received, NULL))
    g_assert_true (fuzz_is_zero (&received, sizeof received));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const Fixtures *fixed;
  TessReader input;
  g_autoptr (GBytes) bytes = NULL;
  bool changed;
  uint8_t kind;

  fuzz_begin ();
  fixed = fixtures ();
  tess_reader_init (&input, data, size);
  kind = tess_reader_u8 (&input);
  if (kind < 4)
    bytes = fuzz_rest (&input);
  else if (kind % 4 == 0)
    bytes = fuzz_patched (&input, fixed->message, &changed);
  else if (kind % 4 == 1)
    bytes = fuzz_patched (&input, fixed->hello, &changed);
  else
    bytes = fuzz_patched (&input, fixed->states[kind / 4 % STATES], &changed);
  if (kind % 4 == 0)
    check_message (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  else if (kind % 4 == 1)
    check_hello (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  else
    check_state (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return 0;
}
