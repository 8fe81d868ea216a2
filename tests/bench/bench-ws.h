/* Just enough of RFC 6455 for measuring, on both sides: whole unfragmented frames over buffers that the caller owns. Neither the
 * load nor the floor may cost what a careful codec costs, so this one trusts its peer.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WS_TEXT 0x1
#define WS_BINARY 0x2
#define WS_CLOSE 0x8
#define WS_PING 0x9
#define WS_PONG 0xA
#define WS_HEAD_MAX 14

typedef struct {
  uint8_t opcode;
  uint8_t *data;
  size_t size;
} WsFrame;

/* Takes the frame at the start of @data and unmasks it in place. Gives the bytes it took, 0 when it is not whole yet. */
size_t ws_take (uint8_t *data, size_t size, WsFrame *out);

/* Writes a frame's head for @size bytes of payload; a client's says masked. Gives the head's size. */
size_t ws_head (uint8_t opcode, size_t size, bool masked, uint8_t out[static WS_HEAD_MAX]);

/* Masks @size bytes that stand at @offset of a client's payload, with the one mask that ws_head () names. */
void ws_mask (uint8_t *data, size_t size, size_t offset);

/* What a socket gave beyond the last whole frame. */
typedef struct {
  uint8_t *bytes; /* NULL: nothing */
  size_t size;
} WsRest;

/* Reads once: what was left over and what is new now stand in @scratch. Gives their size; 0 when the peer is gone, @empty_out
 * set when there was nothing to read yet. */
size_t ws_read (int fd, WsRest *rest, uint8_t *scratch, size_t room, bool *empty_out);
/* Keeps what no frame took. */
void ws_keep (WsRest *rest, const uint8_t *data, size_t size);
