/* Frames that wait to be sent: bytes are counted, bodies are referenced and not copied. Any one thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Payload that a frame carries beside its body: short frames need no body. */
#define TESS_RELAY_SEND_HEAD_MAX 38
/* The pieces that are written at once. */
#define TESS_RELAY_SEND_VECTORS 32

typedef struct {
  GQueue frames;
  size_t bytes;   /* still to be written, frame heads included */
  size_t written; /* of the first frame */
} TessRelaySendQueue;

/* The memory that waiting frames hold, which is far more than their bytes when they are short: what limits are measured by. */
size_t tess_relay_send_queue_held (const TessRelaySendQueue *self);

/* Appends a frame of @opcode whose payload is @head (at most TESS_RELAY_SEND_HEAD_MAX bytes) and then @body (taken, or NULL). */
void tess_relay_send_queue_push (TessRelaySendQueue *self, uint8_t opcode, const uint8_t *head, size_t head_size, GBytes *body);
/* Points @vectors at the front of the queue; gives their number. */
unsigned tess_relay_send_queue_gather (TessRelaySendQueue *self, GOutputVector vectors[static TESS_RELAY_SEND_VECTORS]);
/* Takes off @count bytes that were written. */
void tess_relay_send_queue_advance (TessRelaySendQueue *self, size_t count);
/* Drops every frame that has not begun to go out. */
void tess_relay_send_queue_drop (TessRelaySendQueue *self);
void tess_relay_send_queue_clear (TessRelaySendQueue *self);

G_END_DECLS
