/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-ws.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const uint8_t the_mask[4] = { 0x37, 0xA1, 0x5C, 0xD2 };

static void
unmask (uint8_t *data, size_t size, const uint8_t mask[static 4])
{
  uint64_t wide, piece;
  size_t i = 0;

  memcpy (&wide, mask, 4);
  memcpy ((uint8_t *) &wide + 4, mask, 4);
  for (; i + 8 <= size; i += 8)
    {
      memcpy (&piece, data + i, 8);
      piece ^= wide;
      memcpy (data + i, &piece, 8);
    }
  for (; i < size; i++)
    data[i] ^= mask[i % 4];
}

size_t
ws_take (uint8_t *data, size_t size, WsFrame *out)
{
  size_t head = 2, length;
  bool masked;

  if (size < 2)
    return 0;
  masked = (data[1] & 0x80) != 0;
  length = data[1] & 0x7F;
  if (length == 126 && size >= 4)
    length = (size_t) data[2] << 8 | data[3];
  else if (length == 127 && size >= 10)
    {
      length = 0;
      for (int i = 2; i < 10; i++)
        length = length << 8 | data[i];
    }
  else if (length >= 126)
    return 0;
  head = (data[1] & 0x7F) == 126 ? 4 : (data[1] & 0x7F) == 127 ? 10 : 2;
  head += masked ? 4 : 0;
  if (size < head + length)
    return 0;
  *out = (WsFrame) { .opcode = data[0] & 0x0F, .data = data + head, .size = length };
  if (masked)
    unmask (out->data, length, data + head - 4);
  return head + length;
}

size_t
ws_head (uint8_t opcode, size_t size, bool masked, uint8_t out[static WS_HEAD_MAX])
{
  size_t head;

  out[0] = 0x80 | opcode;
  if (size < 126)
    {
      out[1] = (uint8_t) size;
      head = 2;
    }
  else if (size < 65536)
    {
      out[1] = 126;
      out[2] = (uint8_t) (size >> 8);
      out[3] = (uint8_t) size;
      head = 4;
    }
  else
    {
      out[1] = 127;
      for (int i = 0; i < 8; i++)
        out[2 + i] = (uint8_t) ((uint64_t) size >> (56 - 8 * i));
      head = 10;
    }
  if (!masked)
    return head;
  out[1] |= 0x80;
  memcpy (out + head, the_mask, 4);
  return head + 4;
}

void
ws_mask (uint8_t *data, size_t size, size_t offset)
{
  for (size_t i = 0; i < size; i++)
    data[i] ^= the_mask[(offset + i) % 4];
}

size_t
ws_read (int fd, WsRest *rest, uint8_t *scratch, size_t room, bool *empty_out)
{
  size_t kept = rest->size;
  ssize_t got;

  *empty_out = false;
  if (kept > 0)
    memcpy (scratch, rest->bytes, kept);
  got = read (fd, scratch + kept, room - kept);
  if (got <= 0)
    {
      *empty_out = got < 0 && (errno == EAGAIN || errno == EINTR);
      return 0;
    }
  g_clear_pointer (&rest->bytes, g_free);
  rest->size = 0;
  return kept + (size_t) got;
}

void
ws_keep (WsRest *rest, const uint8_t *data, size_t size)
{
  g_free (rest->bytes);
  rest->bytes = size > 0 ? g_memdup2 (data, size) : NULL;
  rest->size = size;
}
