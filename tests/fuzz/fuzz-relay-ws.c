/* The relay's WebSocket codec: the same events come out of a stream however it is cut up, a message keeps its bound whatever a
 * peer announces, and memory grows only with what has arrived. Input: the size of the pieces, the stream.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "relay/tess-relay-ws.h"

#include <string.h>

#define TEXT_MAX 600
#define BINARY_MAX 300

static void
check_event (const TessRelayWs *ws, TessRelayWsEvent event)
{
  if (event == TESS_RELAY_WS_MESSAGE && ws->event_opcode == TESS_RELAY_WS_TEXT)
    {
      g_assert_cmpuint (ws->size, <=, TEXT_MAX);
      for (const uint8_t *at = ws->data, *end = at + ws->size; at < end;)
        {
          const uint8_t *zero = memchr (at, 0, (size_t) (end - at));

          g_assert_true (g_utf8_validate_len ((const char *) at, (size_t) ((zero != NULL ? zero : end) - at), NULL));
          at = zero != NULL ? zero + 1 : end;
        }
    }
  else if (event == TESS_RELAY_WS_MESSAGE)
    {
      g_assert_cmpint (ws->event_opcode, ==, TESS_RELAY_WS_BINARY);
      g_assert_cmpuint (ws->size, <=, BINARY_MAX);
    }
  else if (event == TESS_RELAY_WS_CONTROL)
    {
      g_assert_true (ws->event_opcode >= TESS_RELAY_WS_CLOSE && ws->event_opcode <= TESS_RELAY_WS_PONG);
      g_assert_cmpuint (ws->size, <=, TESS_RELAY_WS_CONTROL_MAX);
    }
  else if (event == TESS_RELAY_WS_BROKEN)
    g_assert_true (ws->code == 1002 || ws->code == 1007 || ws->code == 1009);
}

/* Notes an event: its kind and what it was about. */
static void
note (GByteArray *events, const TessRelayWs *ws, TessRelayWsEvent event)
{
  uint32_t words[3] = { event, event == TESS_RELAY_WS_BROKEN ? ws->code : ws->event_opcode, 0 };

  if (event != TESS_RELAY_WS_BROKEN)
    words[2] = (uint32_t) ws->size;
  g_byte_array_append (events, (const uint8_t *) words, sizeof words);
  if (event != TESS_RELAY_WS_BROKEN && ws->size > 0)
    g_byte_array_append (events, ws->data, (guint) ws->size);
}

/* Everything that comes out of the stream when it is fed in pieces of @piece bytes. */
static GByteArray *
feed_all (const uint8_t *data, size_t size, size_t piece)
{
  GByteArray *events = g_byte_array_new ();
  TessRelayWs ws;
  TessRelayWsEvent event = TESS_RELAY_WS_MORE;

  tess_relay_ws_init (&ws, TEXT_MAX, BINARY_MAX);
  while (size > 0 && event != TESS_RELAY_WS_BROKEN)
    {
      size_t part = MIN (piece, size), left = part;
      const uint8_t *at = data;
      g_autofree uint8_t *copy = g_memdup2 (data, part);

      at = copy;
      while ((event = tess_relay_ws_feed (&ws, &at, &left)) != TESS_RELAY_WS_MORE)
        {
          g_assert_cmpuint ((size_t) (at - copy) + left, ==, part);
          check_event (&ws, event);
          note (events, &ws, event);
          if (event == TESS_RELAY_WS_BROKEN)
            break;
        }
      g_assert_true (event != TESS_RELAY_WS_MORE || left == 0);
      g_assert_true (ws.message == NULL || ws.message->len <= MAX (TEXT_MAX, BINARY_MAX));
      data += part;
      size -= part;
    }
  tess_relay_ws_clear (&ws);
  return events;
}

/* The head of a frame that the server sends, read back by hand. */
static void
check_head (const uint8_t *data, size_t size)
{
  uint64_t announced = 0, read = 0;
  uint8_t head[TESS_RELAY_WS_HEAD_MAX];
  size_t head_size, extended;

  memcpy (&announced, data, MIN (size, sizeof announced));
  head_size = tess_relay_ws_head (TESS_RELAY_WS_BINARY, announced, head);
  extended = head_size - 2;
  g_assert_true (extended == 0 || extended == 2 || extended == 8);
  for (size_t i = 0; i < extended; i++)
    read = read << 8 | head[2 + i];
  g_assert_cmpuint (extended == 0 ? head[1] : read, ==, announced);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) whole = NULL, pieces = NULL, bytes = NULL;
  unsigned code;

  if (size == 0)
    return 0;
  whole = feed_all (data + 1, size - 1, size);
  pieces = feed_all (data + 1, size - 1, 1 + data[0] % 16);
  g_assert_cmpmem (whole->data, whole->len, pieces->data, pieces->len);
  code = tess_relay_ws_close_code (data + 1, size - 1);
  g_assert_true (code >= 1000 && code <= 4999 && code != 1004 && code != 1006);
  check_head (data, size);
  return 0;
}
