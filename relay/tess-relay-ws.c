/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-ws.h"

#include <string.h>

void
tess_relay_ws_init (TessRelayWs *self, size_t max_text, size_t max_binary)
{
  *self = (TessRelayWs) { .max = (uint32_t) max_text, .max_binary = (uint32_t) max_binary };
}

void
tess_relay_ws_clear (TessRelayWs *self)
{
  g_clear_pointer (&self->message, g_byte_array_unref);
  g_clear_pointer (&self->control, g_free);
}

/* g_utf8_validate_len() takes U+0000 for an end; in a message it is a character as any other. */
static bool
is_utf8 (const uint8_t *data, size_t size)
{
  while (size > 0)
    {
      const uint8_t *zero = memchr (data, 0, size);
      size_t length = zero != NULL ? (size_t) (zero - data) : size;

      if (!g_utf8_validate_len ((const char *) data, length, NULL))
        return false;
      length = MIN (length + 1, size);
      data += length;
      size -= length;
    }
  return true;
}

static TessRelayWsEvent
broken (TessRelayWs *self, unsigned code)
{
  self->code = (uint16_t) code;
  return TESS_RELAY_WS_BROKEN;
}

static bool
is_control (uint8_t opcode)
{
  return opcode >= TESS_RELAY_WS_CLOSE;
}

/* The size of the frame's head, as far as its first two bytes tell. */
static size_t
head_size (const TessRelayWs *self)
{
  uint8_t length = self->head[1] & 0x7F;

  return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + 4;
}

/* Judges the first two bytes of a frame. 0, or a close code. */
static unsigned
judge_start (const TessRelayWs *self)
{
  uint8_t opcode = self->head[0] & 0x0F;
  bool final = (self->head[0] & 0x80) != 0;

  /* No extension was agreed on: reserved bits are 0. A client's frames are masked. */
  if ((self->head[0] & 0x70) != 0 || (self->head[1] & 0x80) == 0)
    return 1002;
  if (opcode > TESS_RELAY_WS_PONG || (opcode > TESS_RELAY_WS_BINARY && opcode < TESS_RELAY_WS_CLOSE))
    return 1002;
  if (is_control (opcode))
    return final && (self->head[1] & 0x7F) <= TESS_RELAY_WS_CONTROL_MAX ? 0 : 1002;
  if ((opcode == TESS_RELAY_WS_CONTINUATION) != (self->kind != 0))
    return 1002;
  return 0;
}

/* Reads a complete head. 0, or a close code. */
static unsigned
start_frame (TessRelayWs *self)
{
  uint8_t length = self->head[1] & 0x7F;
  size_t extended = head_size (self) - 6;
  size_t held;

  self->final = (self->head[0] & 0x80) != 0;
  self->opcode = self->head[0] & 0x0F;
  self->left = length;
  if (extended > 0)
    {
      self->left = 0;
      for (size_t i = 0; i < extended; i++)
        self->left = self->left << 8 | self->head[2 + i];
      /* The shortest form is the only one; the top bit is 0. */
      if (self->left < (extended == 2 ? 126 : 65536) || (self->left >> 63) != 0)
        return 1002;
    }
  memcpy (self->mask, self->head + 2 + extended, 4);
  self->mask_at = 0;
  self->head_size = 0;
  self->in_payload = true;
  if (is_control (self->opcode))
    {
      self->control_size = 0;
      return 0;
    }
  if (self->opcode != TESS_RELAY_WS_CONTINUATION)
    self->kind = self->opcode;
  held = self->message != NULL ? self->message->len : 0;
  return self->left > (self->kind == TESS_RELAY_WS_TEXT ? self->max : self->max_binary) - held ? 1009 : 0;
}

static void
unmask (TessRelayWs *self, uint8_t *out, const uint8_t *in, size_t size)
{
  uint8_t turned[8]; /* the mask as it stands at in[0], twice */
  uint64_t wide, piece;
  size_t i = 0;

  for (size_t k = 0; k < sizeof turned; k++)
    turned[k] = self->mask[(self->mask_at + k) & 3];
  memcpy (&wide, turned, sizeof wide);
  for (; i + sizeof piece <= size; i += sizeof piece)
    {
      memcpy (&piece, in + i, sizeof piece);
      piece ^= wide;
      memcpy (out + i, &piece, sizeof piece);
    }
  for (; i < size; i++)
    out[i] = in[i] ^ turned[i & 7];
  self->mask_at = (uint8_t) ((self->mask_at + size) & 3);
}

/* The frame is complete. MORE: it was a fragment, go on. */
static TessRelayWsEvent
end_frame (TessRelayWs *self)
{
  self->in_payload = false;
  if (is_control (self->opcode))
    {
      self->event_opcode = self->opcode;
      self->data = self->control != NULL ? self->control : (const uint8_t *) "";
      self->size = self->control_size;
      return TESS_RELAY_WS_CONTROL;
    }
  if (!self->final)
    return TESS_RELAY_WS_MORE;
  self->event_opcode = self->kind;
  self->kind = 0;
  self->data = self->message != NULL ? self->message->data : (const uint8_t *) "";
  self->size = self->message != NULL ? self->message->len : 0;
  if (self->event_opcode == TESS_RELAY_WS_TEXT && !is_utf8 (self->data, self->size))
    return broken (self, 1007);
  return TESS_RELAY_WS_MESSAGE;
}

/* Takes payload: as much as there is. */
static void
take_payload (TessRelayWs *self, const uint8_t **data, size_t *size)
{
  size_t take = (size_t) MIN (self->left, (uint64_t) *size);

  if (take == 0)
    return;
  if (is_control (self->opcode))
    {
      if (self->control == NULL)
        self->control = g_malloc (TESS_RELAY_WS_CONTROL_MAX);
      unmask (self, self->control + self->control_size, *data, take);
      self->control_size += (uint8_t) take;
    }
  else
    {
      /* The array grows with what has arrived, not with what was announced. */
      if (self->message == NULL)
        self->message = g_byte_array_new ();
      g_byte_array_set_size (self->message, self->message->len + (unsigned) take);
      unmask (self, self->message->data + self->message->len - take, *data, take);
    }
  self->left -= take;
  *data += take;
  *size -= take;
}

TessRelayWsEvent
tess_relay_ws_feed (TessRelayWs *self, const uint8_t **data, size_t *size)
{
  unsigned code = 0;

  /* The last event's message is the caller's no longer. */
  if (self->kind == 0)
    g_clear_pointer (&self->message, g_byte_array_unref);
  if (!self->in_payload)
    g_clear_pointer (&self->control, g_free);
  while (*size > 0 || (self->in_payload && self->left == 0))
    {
      if (!self->in_payload)
        {
          self->head[self->head_size++] = *(*data)++;
          (*size)--;
          if (self->head_size == 2)
            code = judge_start (self);
          else if (self->head_size > 2 && self->head_size == head_size (self))
            code = start_frame (self);
          if (code != 0)
            return broken (self, code);
          continue;
        }
      take_payload (self, data, size);
      if (self->left == 0)
        {
          TessRelayWsEvent event = end_frame (self);

          if (event != TESS_RELAY_WS_MORE)
            return event;
        }
    }
  return TESS_RELAY_WS_MORE;
}

size_t
tess_relay_ws_head (uint8_t opcode, uint64_t size, uint8_t out[static TESS_RELAY_WS_HEAD_MAX])
{
  unsigned extended = size < 126 ? 0 : size < 65536 ? 2 : 8;

  out[0] = 0x80 | opcode;
  out[1] = extended == 0 ? (uint8_t) size : extended == 2 ? 126 : 127;
  for (unsigned i = 0; i < extended; i++)
    out[2 + i] = (uint8_t) (size >> (8 * (extended - 1 - i)));
  return 2 + extended;
}

unsigned
tess_relay_ws_close_code (const uint8_t *data, size_t size)
{
  unsigned code;

  if (size == 0)
    return 1005;
  code = size >= 2 ? (unsigned) data[0] << 8 | data[1] : 0;
  if (code < 1000 || code > 4999 || (code >= 1004 && code <= 1006) || (code >= 1015 && code < 3000)
      || !is_utf8 (data + 2, size - 2))
    return 1002;
  return code;
}
