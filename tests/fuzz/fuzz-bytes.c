/* The bounded reader and writer against a model of them: every field comes out as the input has it, a failure stays one, and
 * what was read and is written again is the same. Input: the number of fields, their kinds, the bytes to read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include <string.h>

#define FIELDS_MAX 24
#define GUARD 0xa5

typedef struct {
  const uint8_t *data;
  size_t size, at;
  bool failed;
} Model;

static const uint8_t *
model_take (Model *self, size_t size)
{
  const uint8_t *start = self->data + self->at;

  if (self->failed || size > self->size - self->at)
    {
      self->failed = true;
      return NULL;
    }
  self->at += size;
  return start;
}

static uint64_t
model_integer (Model *self, size_t size)
{
  const uint8_t *bytes = model_take (self, size);
  uint64_t value = 0;

  for (size_t i = 0; bytes != NULL && i < size; i++)
    value += (uint64_t) bytes[i] << (8 * (size - 1 - i));
  return value;
}

static void
check_integer (TessReader *reader, Model *model, TessWriter *writer, unsigned kind)
{
  if (kind == 0)
    {
      uint8_t value = tess_reader_u8 (reader);

      g_assert_cmpuint (value, ==, model_integer (model, 1));
      tess_writer_u8 (writer, value);
    }
  else if (kind == 1)
    {
      uint16_t value = tess_reader_u16 (reader);

      g_assert_cmpuint (value, ==, model_integer (model, 2));
      tess_writer_u16 (writer, value);
    }
  else if (kind == 2)
    {
      uint32_t value = tess_reader_u32 (reader);

      g_assert_cmpuint (value, ==, model_integer (model, 4));
      tess_writer_u32 (writer, value);
    }
  else
    {
      uint64_t value = tess_reader_u64 (reader);

      g_assert_cmpuint (value, ==, model_integer (model, 8));
      tess_writer_u64 (writer, value);
    }
}

static void
check_bytes (TessReader *reader, Model *model, TessWriter *writer, size_t size)
{
  const uint8_t *expected = model_take (model, size);
  uint8_t copy[64];

  memset (copy, GUARD, sizeof copy);
  if (size % 2 == 0)
    {
      g_assert_true (tess_reader_take (reader, size) == expected);
    }
  else
    {
      tess_reader_copy (reader, copy, size);
      if (expected != NULL)
        g_assert_cmpmem (copy, size, expected, size);
      else
        g_assert_true (fuzz_is_zero (copy, size));
      g_assert_cmpuint (copy[size], ==, GUARD);
    }
  if (expected != NULL)
    tess_writer_bytes (writer, expected, size);
}

static void
check_var (TessReader *reader, Model *model, TessWriter *writer, size_t max, bool wide)
{
  size_t size = 12345, announced = (size_t) model_integer (model, wide ? 4 : 2);
  const uint8_t *expected = NULL, *got = wide ? tess_reader_var32 (reader, max, &size) : tess_reader_var16 (reader, max, &size);

  if (announced > max)
    model->failed = true;
  else
    expected = model_take (model, announced);
  g_assert_true (got == expected);
  g_assert_cmpuint (size, ==, expected != NULL ? announced : 0);
  if (expected == NULL)
    return;
  if (wide)
    tess_writer_var32 (writer, expected, size);
  else
    tess_writer_var16 (writer, expected, size);
}

/* What was read is written again; into less room it fails and goes no further than that room. */
static void
check_writer (const TessWriter *writer, const Model *model, size_t room)
{
  g_assert_cmpuint (writer->size, <=, room);
  for (size_t i = room; i < room + 8; i++)
    g_assert_cmpuint (writer->data[i], ==, GUARD);
  if (!model->failed)
    g_assert_cmpint (tess_writer_ok (writer), ==, model->at <= room);
  if (!model->failed && tess_writer_ok (writer))
    g_assert_cmpmem (writer->data, writer->size, model->data, model->at);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  size_t fields = size > 0 ? MIN (data[0] % FIELDS_MAX, size - 1) : 0;
  Model model = { .data = data + MIN (size, 1) + fields, .size = size - MIN (size, 1) - fields };
  size_t room = size > 0 && data[0] >= 200 ? model.size / 2 : model.size + 64;
  g_autofree uint8_t *out = g_malloc (room + 8);
  TessReader reader;
  TessWriter writer;

  memset (out, GUARD, room + 8);
  tess_reader_init (&reader, size > 0 ? model.data : NULL, model.size);
  tess_writer_init (&writer, out, room);
  for (size_t i = 1; i <= fields; i++)
    {
      if (data[i] % 8 < 4)
        check_integer (&reader, &model, &writer, data[i] % 8);
      else if (data[i] % 8 < 6)
        check_bytes (&reader, &model, &writer, data[i] / 8);
      else
        check_var (&reader, &model, &writer, data[i] / 8 * 4, data[i] % 8 == 7);
      g_assert_cmpint (tess_reader_ok (&reader), ==, !model.failed);
      g_assert_cmpint (tess_reader_end (&reader), ==, !model.failed && model.at == model.size);
    }
  check_writer (&writer, &model, room);
  return 0;
}
