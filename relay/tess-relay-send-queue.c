/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-send-queue.h"

#include "relay/tess-relay-ws.h"

#include <string.h>

/* What the allocator and a body's GBytes add to a frame. */
#define FRAME_OVERHEAD 64

/* @head holds the frame's own head and short payloads, @body longer ones. */
typedef struct {
  GList link;
  uint8_t head[TESS_RELAY_WS_HEAD_MAX + TESS_RELAY_SEND_HEAD_MAX];
  uint8_t head_size;
  GBytes *body;
} Frame;

static size_t
frame_size (const Frame *frame)
{
  return frame->head_size + (frame->body != NULL ? g_bytes_get_size (frame->body) : 0);
}

size_t
tess_relay_send_queue_held (const TessRelaySendQueue *self)
{
  return self->bytes + self->frames.length * (sizeof (Frame) + FRAME_OVERHEAD);
}

static void
remove_frame (TessRelaySendQueue *self, Frame *frame)
{
  g_queue_unlink (&self->frames, &frame->link);
  g_clear_pointer (&frame->body, g_bytes_unref);
  g_free (frame);
}

void
tess_relay_send_queue_push (TessRelaySendQueue *self, uint8_t opcode, const uint8_t *head, size_t head_size, GBytes *body)
{
  Frame *frame = g_new0 (Frame, 1);
  size_t size = head_size + (body != NULL ? g_bytes_get_size (body) : 0);

  g_assert (head_size <= TESS_RELAY_SEND_HEAD_MAX);
  frame->link.data = frame;
  frame->head_size = (uint8_t) tess_relay_ws_head (opcode, size, frame->head);
  if (head_size > 0)
    memcpy (frame->head + frame->head_size, head, head_size);
  frame->head_size += (uint8_t) head_size;
  frame->body = body;
  g_queue_push_tail_link (&self->frames, &frame->link);
  self->bytes += frame_size (frame);
}

unsigned
tess_relay_send_queue_gather (TessRelaySendQueue *self, GOutputVector vectors[static TESS_RELAY_SEND_VECTORS])
{
  size_t skip = self->written;
  unsigned count = 0;

  for (GList *link = self->frames.head; link != NULL && count + 2 <= TESS_RELAY_SEND_VECTORS; link = link->next)
    {
      const Frame *frame = link->data;
      size_t body_size = 0;
      const uint8_t *body = frame->body != NULL ? g_bytes_get_data (frame->body, &body_size) : NULL;

      if (skip < frame->head_size)
        vectors[count++] = (GOutputVector) { frame->head + skip, frame->head_size - skip };
      skip = skip > frame->head_size ? skip - frame->head_size : 0;
      if (skip < body_size)
        vectors[count++] = (GOutputVector) { body + skip, body_size - skip };
      skip = 0;
    }
  return count;
}

void
tess_relay_send_queue_advance (TessRelaySendQueue *self, size_t count)
{
  self->bytes -= count;
  self->written += count;
  while (!g_queue_is_empty (&self->frames))
    {
      Frame *frame = g_queue_peek_head (&self->frames);
      size_t size = frame_size (frame);

      if (self->written < size)
        break;
      self->written -= size;
      remove_frame (self, frame);
    }
}

void
tess_relay_send_queue_drop (TessRelaySendQueue *self)
{
  GList *next;

  for (GList *link = self->frames.head; link != NULL; link = next)
    {
      Frame *frame = link->data;

      next = link->next;
      if (link == self->frames.head && self->written > 0)
        continue;
      self->bytes -= frame_size (frame);
      remove_frame (self, frame);
    }
}

void
tess_relay_send_queue_clear (TessRelaySendQueue *self)
{
  while (!g_queue_is_empty (&self->frames))
    remove_frame (self, g_queue_peek_head (&self->frames));
  self->bytes = self->written = 0;
}
