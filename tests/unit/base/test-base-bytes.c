/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-bytes.h"

#include <string.h>

typedef struct {
  uint8_t u8;
  uint16_t u16;
  uint32_t u32;
  uint64_t u64;
  uint8_t fixed[5];
  const uint8_t *var16;
  size_t var16_size;
  const uint8_t *var32;
  size_t var32_size;
} Fields;

static size_t
write_fields (uint8_t *out, size_t capacity)
{
  TessWriter writer;

  tess_writer_init (&writer, out, capacity);
  tess_writer_u8 (&writer, 0x01);
  tess_writer_u16 (&writer, 0x0203);
  tess_writer_u32 (&writer, 0x04050607);
  tess_writer_u64 (&writer, 0x08090a0b0c0d0e0f);
  tess_writer_label (&writer, "label");
  tess_writer_var16 (&writer, (const uint8_t *) "abc", 3);
  tess_writer_var32 (&writer, (const uint8_t *) "defg", 4);
  return tess_writer_ok (&writer) ? writer.size : 0;
}

static bool
read_fields (const uint8_t *data, size_t size, Fields *out)
{
  TessReader reader;

  tess_reader_init (&reader, data, size);
  out->u8 = tess_reader_u8 (&reader);
  out->u16 = tess_reader_u16 (&reader);
  out->u32 = tess_reader_u32 (&reader);
  out->u64 = tess_reader_u64 (&reader);
  tess_reader_copy (&reader, out->fixed, sizeof out->fixed);
  out->var16 = tess_reader_var16 (&reader, 3, &out->var16_size);
  out->var32 = tess_reader_var32 (&reader, 4, &out->var32_size);
  return tess_reader_end (&reader);
}

#define FIELDS_SIZE (1 + 2 + 4 + 8 + 5 + 2 + 3 + 4 + 4)

static void
test_round_trip (void)
{
  static const uint8_t head[] = { 1,  2,  3,  4,   5,   6,   7,   8,   9, 10, 11,  12, 13,
                                  14, 15, 'l', 'a', 'b', 'e', 'l', 0, 3,  'a', 'b', 'c' };
  uint8_t data[FIELDS_SIZE];
  Fields fields;

  g_assert_cmpuint (write_fields (data, sizeof data), ==, FIELDS_SIZE);
  g_assert_cmpmem (data, sizeof head, head, sizeof head);
  g_assert_true (read_fields (data, sizeof data, &fields));
  g_assert_cmpuint (fields.u8, ==, 0x01);
  g_assert_cmpuint (fields.u16, ==, 0x0203);
  g_assert_cmpuint (fields.u32, ==, 0x04050607);
  g_assert_cmpuint (fields.u64, ==, 0x08090a0b0c0d0e0f);
  g_assert_cmpmem (fields.fixed, 5, "label", 5);
  g_assert_cmpmem (fields.var16, fields.var16_size, "abc", 3);
  g_assert_cmpmem (fields.var32, fields.var32_size, "defg", 4);
}

/* Each shorter input lies in an allocation of exactly its size, so that AddressSanitizer sees a read past the end. */
static void
test_truncation (void)
{
  uint8_t data[FIELDS_SIZE];
  Fields fields;

  write_fields (data, sizeof data);
  for (size_t size = 0; size < FIELDS_SIZE; size++)
    {
      g_autofree uint8_t *cut = g_memdup2 (data, size);

      memset (&fields, 0xff, sizeof fields);
      g_assert_false (read_fields (cut, size, &fields));
      /* Everything after the cut reads as zero and empty. */
      if (size < 15)
        g_assert_cmpuint (fields.u64, ==, 0);
      if (size < 20)
        g_assert_cmpmem (fields.fixed, 5, "\0\0\0\0\0", 5);
      if (size < 25)
        {
          g_assert_null (fields.var16);
          g_assert_cmpuint (fields.var16_size, ==, 0);
        }
      g_assert_null (fields.var32);
      g_assert_cmpuint (fields.var32_size, ==, 0);
    }
}

static void
test_trailing (void)
{
  uint8_t data[FIELDS_SIZE + 1] = { 0 };
  Fields fields;

  write_fields (data, sizeof data);
  g_assert_false (read_fields (data, sizeof data, &fields));
}

static void
test_failed_stays_failed (void)
{
  static const uint8_t data[] = { 1, 2, 3 };
  TessReader reader;

  tess_reader_init (&reader, data, sizeof data);
  g_assert_cmpuint (tess_reader_u32 (&reader), ==, 0);
  g_assert_false (tess_reader_ok (&reader));
  g_assert_cmpuint (tess_reader_u8 (&reader), ==, 0);
  g_assert_null (tess_reader_take (&reader, 0));
  g_assert_false (tess_reader_end (&reader));
}

static void
test_empty (void)
{
  TessReader reader;

  tess_reader_init (&reader, NULL, 0);
  g_assert_true (tess_reader_end (&reader));
  g_assert_nonnull (tess_reader_take (&reader, 0));
  g_assert_cmpuint (tess_reader_u8 (&reader), ==, 0);
  g_assert_false (tess_reader_ok (&reader));
  /* A size without data is no data. */
  tess_reader_init (&reader, NULL, 10);
  g_assert_cmpuint (tess_reader_u8 (&reader), ==, 0);
  g_assert_false (tess_reader_ok (&reader));
}

static void
test_var_bounds (void)
{
  static const uint8_t empty[] = { 0, 0 };
  static const uint8_t three[] = { 0, 3, 'a', 'b', 'c' };
  static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0xff, 'a', 'b' };
  TessReader reader;
  size_t size = 99;

  tess_reader_init (&reader, empty, sizeof empty);
  g_assert_nonnull (tess_reader_var16 (&reader, 0, &size));
  g_assert_cmpuint (size, ==, 0);
  g_assert_true (tess_reader_end (&reader));

  size = 99;
  tess_reader_init (&reader, three, sizeof three);
  g_assert_null (tess_reader_var16 (&reader, 2, &size));
  g_assert_cmpuint (size, ==, 0);
  g_assert_false (tess_reader_ok (&reader));

  size = 99;
  tess_reader_init (&reader, huge, sizeof huge);
  g_assert_null (tess_reader_var32 (&reader, SIZE_MAX, &size));
  g_assert_cmpuint (size, ==, 0);
  g_assert_false (tess_reader_ok (&reader));
}

/* A writer with too little room fails at every capacity, and never writes past it. */
static void
test_writer_capacity (void)
{
  for (size_t capacity = 0; capacity < FIELDS_SIZE; capacity++)
    {
      g_autofree uint8_t *room = g_malloc (capacity + 1);

      room[capacity] = 0xa5;
      g_assert_cmpuint (write_fields (room, capacity), ==, 0);
      g_assert_cmpuint (room[capacity], ==, 0xa5);
    }
}

static void
test_writer_var16_too_long (void)
{
  g_autofree uint8_t *data = g_malloc0 (UINT16_MAX + 1);
  g_autofree uint8_t *room = g_malloc (2 * UINT16_MAX);
  TessWriter writer;

  tess_writer_init (&writer, room, 2 * UINT16_MAX);
  tess_writer_var16 (&writer, data, UINT16_MAX);
  g_assert_true (tess_writer_ok (&writer));
  tess_writer_init (&writer, room, 2 * UINT16_MAX);
  tess_writer_var16 (&writer, data, UINT16_MAX + 1);
  g_assert_false (tess_writer_ok (&writer));
  g_assert_cmpuint (writer.size, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/bytes/round-trip", test_round_trip);
  g_test_add_func ("/base/bytes/truncation", test_truncation);
  g_test_add_func ("/base/bytes/trailing", test_trailing);
  g_test_add_func ("/base/bytes/failed-stays-failed", test_failed_stays_failed);
  g_test_add_func ("/base/bytes/empty", test_empty);
  g_test_add_func ("/base/bytes/var-bounds", test_var_bounds);
  g_test_add_func ("/base/bytes/writer-capacity", test_writer_capacity);
  g_test_add_func ("/base/bytes/writer-var16-too-long", test_writer_var16_too_long);
  return g_test_run ();
}
