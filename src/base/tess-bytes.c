/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-bytes.h"

#include <string.h>

void
tess_reader_init (TessReader *self, const uint8_t *data, size_t size)
{
  static const uint8_t nothing[1];

  /* A NULL input of size 0 reads like any other empty input. */
  *self = (TessReader) { .next = data != NULL ? data : nothing, .left = data != NULL ? size : 0 };
}

const uint8_t *
tess_reader_take (TessReader *self, size_t size)
{
  const uint8_t *taken = self->next;

  if (self->failed || size > self->left)
    {
      self->failed = true;
      return NULL;
    }
  self->next += size;
  self->left -= size;
  return taken;
}

static uint64_t
take_integer (TessReader *self, size_t size)
{
  const uint8_t *bytes = tess_reader_take (self, size);
  uint64_t value = 0;

  for (size_t i = 0; bytes != NULL && i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

uint8_t
tess_reader_u8 (TessReader *self)
{
  return (uint8_t) take_integer (self, 1);
}

uint16_t
tess_reader_u16 (TessReader *self)
{
  return (uint16_t) take_integer (self, 2);
}

uint32_t
tess_reader_u32 (TessReader *self)
{
  return (uint32_t) take_integer (self, 4);
}

uint64_t
tess_reader_u64 (TessReader *self)
{
  return take_integer (self, 8);
}

void
tess_reader_copy (TessReader *self, uint8_t *out, size_t size)
{
  const uint8_t *bytes = tess_reader_take (self, size);

  if (bytes != NULL)
    memcpy (out, bytes, size);
  else
    memset (out, 0, size);
}

static const uint8_t *
take_var (TessReader *self, size_t size, size_t max, size_t *size_out)
{
  const uint8_t *bytes = NULL;

  if (size > max)
    self->failed = true;
  else
    bytes = tess_reader_take (self, size);
  *size_out = bytes != NULL ? size : 0;
  return bytes;
}

const uint8_t *
tess_reader_var16 (TessReader *self, size_t max, size_t *size_out)
{
  size_t size = tess_reader_u16 (self);

  return take_var (self, size, max, size_out);
}

const uint8_t *
tess_reader_var32 (TessReader *self, size_t max, size_t *size_out)
{
  size_t size = tess_reader_u32 (self);

  return take_var (self, size, max, size_out);
}

bool
tess_reader_ok (const TessReader *self)
{
  return !self->failed;
}

bool
tess_reader_end (const TessReader *self)
{
  return !self->failed && self->left == 0;
}

void
tess_writer_init (TessWriter *self, uint8_t *data, size_t capacity)
{
  *self = (TessWriter) { .data = data, .capacity = capacity };
}

void
tess_writer_bytes (TessWriter *self, const uint8_t *data, size_t size)
{
  if (self->failed || size > self->capacity - self->size)
    {
      self->failed = true;
      return;
    }
  if (size > 0)
    memcpy (self->data + self->size, data, size);
  self->size += size;
}

static void
put_integer (TessWriter *self, uint64_t value, size_t size)
{
  uint8_t bytes[8];

  for (size_t i = 0; i < size; i++)
    bytes[i] = (uint8_t) (value >> (8 * (size - 1 - i)));
  tess_writer_bytes (self, bytes, size);
}

void
tess_writer_u8 (TessWriter *self, uint8_t value)
{
  put_integer (self, value, 1);
}

void
tess_writer_u16 (TessWriter *self, uint16_t value)
{
  put_integer (self, value, 2);
}

void
tess_writer_u32 (TessWriter *self, uint32_t value)
{
  put_integer (self, value, 4);
}

void
tess_writer_u64 (TessWriter *self, uint64_t value)
{
  put_integer (self, value, 8);
}

void
tess_writer_label (TessWriter *self, const char *label)
{
  tess_writer_bytes (self, (const uint8_t *) label, strlen (label));
}

void
tess_writer_var16 (TessWriter *self, const uint8_t *data, size_t size)
{
  if (size > UINT16_MAX)
    self->failed = true;
  tess_writer_u16 (self, (uint16_t) size);
  tess_writer_bytes (self, data, size);
}

void
tess_writer_var32 (TessWriter *self, const uint8_t *data, size_t size)
{
  if (size > UINT32_MAX)
    self->failed = true;
  tess_writer_u32 (self, (uint32_t) size);
  tess_writer_bytes (self, data, size);
}

bool
tess_writer_ok (const TessWriter *self)
{
  return !self->failed;
}
