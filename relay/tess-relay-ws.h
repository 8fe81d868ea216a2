/* The server's side of RFC 6455 framing, over bytes: no socket, no allocation beyond the message being put together, which never
 * grows beyond the bound whatever a peer announces. Any thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_RELAY_WS_HEAD_MAX 10 /* of a frame that a server sends */
#define TESS_RELAY_WS_CONTROL_MAX 125

typedef enum {
  TESS_RELAY_WS_CONTINUATION = 0x0,
  TESS_RELAY_WS_TEXT = 0x1,
  TESS_RELAY_WS_BINARY = 0x2,
  TESS_RELAY_WS_CLOSE = 0x8,
  TESS_RELAY_WS_PING = 0x9,
  TESS_RELAY_WS_PONG = 0xA,
} TessRelayWsOpcode;

typedef enum {
  TESS_RELAY_WS_MORE,    /* all input is used up */
  TESS_RELAY_WS_MESSAGE, /* opcode TEXT or BINARY, whole, unmasked; text is valid UTF-8 */
  TESS_RELAY_WS_CONTROL, /* opcode CLOSE, PING or PONG */
  TESS_RELAY_WS_BROKEN,  /* close with `code`; feed nothing more */
} TessRelayWsEvent;

/* Every connection has one, and most of them wait: it is small, and nothing hangs on it between two frames. */
typedef struct {
  uint32_t max;        /* of a text message (the larger bound) */
  uint32_t max_binary;
  GByteArray *message; /* data of the message so far; NULL when none is being received */
  uint8_t *control;    /* payload of a control frame, which may come amid a message; NULL when there is none */
  uint64_t left;       /* payload still to come */
  uint8_t mask[4];
  uint8_t mask_at;
  uint8_t kind;        /* TEXT or BINARY of the message, 0: none */
  uint8_t opcode;      /* of the frame */
  uint8_t control_size;
  uint8_t head_size;
  uint8_t head[14];
  bool final;
  bool in_payload;
  /* What the last event was about; valid until the next call. */
  uint8_t event_opcode;
  uint16_t code;
  uint32_t size;
  const uint8_t *data;
} TessRelayWs;

/* Bounds on whole messages, by kind, in bytes: however many fragments they come in. */
void tess_relay_ws_init (TessRelayWs *self, size_t max_text, size_t max_binary);
void tess_relay_ws_clear (TessRelayWs *self);

/* Takes input from *@data on, moving *@data and *@size past what was used, until there is an event or no more input. */
TessRelayWsEvent tess_relay_ws_feed (TessRelayWs *self, const uint8_t **data, size_t *size);

/* Writes the head of an unfragmented, unmasked frame with a payload of @size bytes; gives the head's size. */
size_t tess_relay_ws_head (uint8_t opcode, uint64_t size, uint8_t out[static TESS_RELAY_WS_HEAD_MAX]);

/* The close code in a close frame's payload: 1005 for an empty one, 1002 for what is no valid payload. */
unsigned tess_relay_ws_close_code (const uint8_t *data, size_t size);

G_END_DECLS
