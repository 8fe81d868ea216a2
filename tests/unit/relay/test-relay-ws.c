/* RFC 6455 framing, in every way that bytes can be cut. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-ws.h"

#include <string.h>

#define MAX_TEXT 1000
#define MAX_BINARY 300

/* A client's frame, masked. */
static void
add_frame (GByteArray *out, uint8_t first, const void *payload, size_t size)
{
  static const uint8_t mask[4] = { 0x12, 0x34, 0x56, 0x78 };
  uint8_t head[TESS_RELAY_WS_HEAD_MAX];
  size_t head_size = tess_relay_ws_head (first & 0x0F, size, head);

  head[0] = first;
  head[1] |= 0x80;
  g_byte_array_append (out, head, (guint) head_size);
  g_byte_array_append (out, mask, 4);
  for (size_t i = 0; i < size; i++)
    {
      uint8_t byte = ((const uint8_t *) payload)[i] ^ mask[i & 3];

      g_byte_array_append (out, &byte, 1);
    }
}

/* What comes out of @input, fed @step bytes at a time, as text. */
static char *
play (const GByteArray *input, size_t step)
{
  GString *said = g_string_new (NULL);
  TessRelayWs ws;
  bool broken = false;

  tess_relay_ws_init (&ws, MAX_TEXT, MAX_BINARY);
  for (size_t at = 0; at < input->len && !broken; at += step)
    {
      const uint8_t *data = input->data + at;
      size_t size = MIN (step, input->len - at);
      TessRelayWsEvent event;

      while (!broken && (event = tess_relay_ws_feed (&ws, &data, &size)) != TESS_RELAY_WS_MORE)
        {
          broken = event == TESS_RELAY_WS_BROKEN;
          if (broken)
            g_string_append_printf (said, "!%u", ws.code);
          else
            g_string_append_printf (said, "%u:%.*s;", ws.event_opcode, (int) ws.size, (const char *) ws.data);
        }
    }
  tess_relay_ws_clear (&ws);
  return g_string_free (said, FALSE);
}

static void
expect (GByteArray *input, const char *expected)
{
  static const size_t steps[] = { 1, 2, 3, 7, 13, 64, 100000 };

  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *said = play (input, steps[i]);

      g_assert_cmpstr (said, ==, expected);
    }
  g_byte_array_set_size (input, 0);
}

static void
test_messages (void)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_autofree char *long_text = g_strnfill (MAX_TEXT, 'x');
  g_autofree char *expected = g_strdup_printf ("1:%s;2:end;", long_text);

  add_frame (input, 0x81, "hello", 5);
  add_frame (input, 0x82, "", 0);
  add_frame (input, 0x89, "ping", 4);
  add_frame (input, 0x82, "data", 4);
  add_frame (input, 0x88, "\x03\xe8", 2);
  expect (input, "1:hello;2:;9:ping;2:data;8:\x03\xe8;");
  add_frame (input, 0x81, long_text, MAX_TEXT);
  add_frame (input, 0x82, "end", 3);
  expect (input, expected);
}

static void
test_fragments (void)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();

  add_frame (input, 0x01, "a\xc3", 2);
  add_frame (input, 0x89, "", 0);
  add_frame (input, 0x00, "\xa4", 1);
  add_frame (input, 0x00, "", 0);
  add_frame (input, 0x8A, "pong", 4);
  add_frame (input, 0x80, "z", 1);
  add_frame (input, 0x02, "", 0);
  add_frame (input, 0x80, "", 0);
  expect (input, "9:;10:pong;1:a\xc3\xa4z;2:;");
}

static void
test_protocol_errors (void)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  static const uint8_t zeros[126];
  static const uint8_t firsts[] = { 0xC1, 0xA1, 0x91, 0x83, 0x87, 0x8B, 0x8F, 0x80, 0x00, 0x09, 0x08 };

  for (size_t i = 0; i < G_N_ELEMENTS (firsts); i++)
    {
      add_frame (input, firsts[i], "x", 1);
      expect (input, "!1002");
    }
  g_byte_array_append (input, (const uint8_t *) "\x81\x01x", 3);
  expect (input, "!1002");
  add_frame (input, 0x01, "x", 1);
  add_frame (input, 0x81, "x", 1);
  expect (input, "!1002");
  add_frame (input, 0x89, zeros, sizeof zeros);
  expect (input, "!1002");
  /* A length in more bytes than it needs, and one with the top bit. */
  g_byte_array_append (input, (const uint8_t *) "\x81\xfe\x00\x7d\0\0\0\0", 8);
  expect (input, "!1002");
  g_byte_array_append (input, (const uint8_t *) "\x81\xff\0\0\0\0\0\0\xff\xff\0\0\0\0", 14);
  expect (input, "!1002");
  g_byte_array_append (input, (const uint8_t *) "\x81\xff\x80\0\0\0\0\1\0\0\0\0\0\0", 14);
  expect (input, "!1002");
}

static void
test_bounds (void)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_autofree char *text = g_strnfill (MAX_TEXT + 1, 'x');
  g_autofree char *said = NULL;

  add_frame (input, 0x81, text, MAX_TEXT + 1);
  expect (input, "!1009");
  add_frame (input, 0x82, text, MAX_BINARY + 1);
  expect (input, "!1009");
  for (int i = 0; i < 4; i++)
    add_frame (input, i == 0 ? 0x02 : 0x00, text, 100);
  expect (input, "!1009");
  add_frame (input, 0x02, text, MAX_BINARY);
  add_frame (input, 0x80, "", 0);
  add_frame (input, 0x02, text, MAX_BINARY);
  add_frame (input, 0x80, "x", 1);
  said = play (input, 1000);
  g_assert_true (g_str_has_suffix (said, ";!1009"));
  g_byte_array_set_size (input, 0);
  g_byte_array_append (input, (const uint8_t *) "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14);
  expect (input, "!1009");
}

static void
test_text_is_utf8 (void)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  TessRelayWs ws;
  const uint8_t *data;
  size_t size;

  add_frame (input, 0x81, "\xff", 1);
  expect (input, "!1007");
  add_frame (input, 0x81, "\xed\xa0\x80", 3);
  expect (input, "!1007");
  add_frame (input, 0x82, "\xff", 1);
  expect (input, "2:\xff;");
  /* U+0000 is a character. */
  add_frame (input, 0x81, "a\0\xc3\xa4", 4);
  tess_relay_ws_init (&ws, MAX_TEXT, MAX_BINARY);
  data = input->data;
  size = input->len;
  g_assert_cmpint (tess_relay_ws_feed (&ws, &data, &size), ==, TESS_RELAY_WS_MESSAGE);
  g_assert_cmpmem (ws.data, ws.size, "a\0\xc3\xa4", 4);
  tess_relay_ws_clear (&ws);
}

static void
test_close_codes (void)
{
  static const struct {
    const char *payload;
    size_t size;
    unsigned code;
  } cases[] = {
    { "", 0, 1005 },          { "\x03", 1, 1002 },          { "\x03\xe8", 2, 1000 },      { "\x03\xe8" "bye", 5, 1000 },
    { "\x03\xe7", 2, 1002 },  { "\x03\xec", 2, 1002 },      { "\x03\xed", 2, 1002 },      { "\x03\xee", 2, 1002 },
    { "\x03\xf7", 2, 1002 },  { "\x0b\xb8", 2, 3000 },      { "\x13\x87", 2, 4999 },      { "\x13\x88", 2, 1002 },
    { "\x03\xe8\xff", 3, 1002 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (tess_relay_ws_close_code ((const uint8_t *) cases[i].payload, cases[i].size), ==, cases[i].code);
}

static void
test_heads (void)
{
  uint8_t head[TESS_RELAY_WS_HEAD_MAX];

  g_assert_cmpmem (head, tess_relay_ws_head (TESS_RELAY_WS_BINARY, 125, head), "\x82\x7d", 2);
  g_assert_cmpmem (head, tess_relay_ws_head (TESS_RELAY_WS_TEXT, 126, head), "\x81\x7e\x00\x7e", 4);
  g_assert_cmpmem (head, tess_relay_ws_head (TESS_RELAY_WS_BINARY, 65535, head), "\x82\x7e\xff\xff", 4);
  g_assert_cmpmem (head, tess_relay_ws_head (TESS_RELAY_WS_BINARY, 65536, head), "\x82\x7f\0\0\0\0\0\1\0\0", 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/ws/messages", test_messages);
  g_test_add_func ("/relay/ws/fragments", test_fragments);
  g_test_add_func ("/relay/ws/protocol-errors", test_protocol_errors);
  g_test_add_func ("/relay/ws/bounds", test_bounds);
  g_test_add_func ("/relay/ws/text-is-utf8", test_text_is_utf8);
  g_test_add_func ("/relay/ws/close-codes", test_close_codes);
  g_test_add_func ("/relay/ws/heads", test_heads);
  return g_test_run ();
}
