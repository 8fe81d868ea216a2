/* Bounded reading and writing of binary records (protocol.md 0). Pure; any thread.
 *
 * Both kinds fail once and stay failed: a caller reads or writes every field and asks once at the end. A failed reader gives
 * zeros and NULL, a failed writer writes nothing more. Neither allocates.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  const uint8_t *next;
  size_t left;
  bool failed;
} TessReader;

/* Starts reading @size bytes at @data, which the caller keeps until the reader is done. */
void tess_reader_init (TessReader *self, const uint8_t *data, size_t size);

/* The next integer; 0 when the input is shorter. */
uint8_t tess_reader_u8 (TessReader *self);
uint16_t tess_reader_u16 (TessReader *self);
uint32_t tess_reader_u32 (TessReader *self);
uint64_t tess_reader_u64 (TessReader *self);

/* Copies the next @size bytes to @out; on short input @out is zeroed and the reader fails. */
void tess_reader_copy (TessReader *self, uint8_t *out, size_t size);

/* The next @size bytes in place (borrowed from the input), or NULL when the input is shorter. */
const uint8_t *tess_reader_take (TessReader *self, size_t size);

/* A length and that many bytes in place; more than @max is a failure. @size_out is 0 on failure. An empty field gives a
 * non-NULL pointer and 0. */
const uint8_t *tess_reader_var16 (TessReader *self, size_t max, size_t *size_out);
const uint8_t *tess_reader_var32 (TessReader *self, size_t max, size_t *size_out);

/* TRUE when every read so far succeeded. */
bool tess_reader_ok (const TessReader *self);
/* TRUE when every read succeeded and nothing is left: what a parser returns. */
bool tess_reader_end (const TessReader *self);

typedef struct {
  uint8_t *data;
  size_t size;     /* written so far */
  size_t capacity;
  bool failed;
} TessWriter;

/* Starts writing into @data, which holds @capacity bytes and belongs to the caller. */
void tess_writer_init (TessWriter *self, uint8_t *data, size_t capacity);

/* Each appends one field, or fails when it does not fit. */
void tess_writer_u8 (TessWriter *self, uint8_t value);
void tess_writer_u16 (TessWriter *self, uint16_t value);
void tess_writer_u32 (TessWriter *self, uint32_t value);
void tess_writer_u64 (TessWriter *self, uint64_t value);
void tess_writer_bytes (TessWriter *self, const uint8_t *data, size_t size);
/* The ASCII characters of @label without a terminator. */
void tess_writer_label (TessWriter *self, const char *label);
void tess_writer_var16 (TessWriter *self, const uint8_t *data, size_t size);
void tess_writer_var32 (TessWriter *self, const uint8_t *data, size_t size);

/* TRUE when everything fitted. */
bool tess_writer_ok (const TessWriter *self);

G_END_DECLS
