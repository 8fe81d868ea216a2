/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/tess-frames.h"

#include "base/tess-bytes.h"
#include "wire/tess-json.h"

#include <string.h>

bool
tess_envelope_check (const uint8_t *data, size_t size)
{
  return (size == TESS_ENVELOPE_SMALL || size == TESS_ENVELOPE_MEDIUM || size == TESS_ENVELOPE_LARGE) && data[0] == 0x01;
}

static bool
carries_wait (TessDepositStatus status)
{
  return status == TESS_DEPOSIT_FULL || status == TESS_DEPOSIT_SLOW_DOWN;
}

GBytes *
tess_deposit_frame_encode (const TessDepositFrame *self)
{
  size_t size = TESS_DEPOSIT_HEAD_SIZE + self->envelope_size;
  TessWriter writer;

  if (!tess_envelope_check (self->envelope, self->envelope_size))
    return NULL;
  tess_writer_init (&writer, g_malloc (size), size);
  tess_writer_u8 (&writer, TESS_FRAME_DEPOSIT);
  tess_writer_u32 (&writer, self->request);
  tess_writer_bytes (&writer, self->device, TESS_KEY_SIZE);
  tess_writer_bytes (&writer, self->capability, TESS_CAPABILITY_SIZE);
  tess_writer_bytes (&writer, self->id, TESS_DEPOSIT_ID_SIZE);
  tess_writer_bytes (&writer, self->envelope, self->envelope_size);
  return g_bytes_new_take (writer.data, size);
}

bool
tess_deposit_frame_parse (const uint8_t *data, size_t size, TessDepositFrame *out)
{
  TessReader reader;
  uint8_t type = 0;

  memset (out, 0, sizeof *out);
  if (size > TESS_FRAME_BYTES_MAX)
    return false;
  tess_reader_init (&reader, data, size);
  type = tess_reader_u8 (&reader);
  out->request = tess_reader_u32 (&reader);
  tess_reader_copy (&reader, out->device, TESS_KEY_SIZE);
  tess_reader_copy (&reader, out->capability, TESS_CAPABILITY_SIZE);
  tess_reader_copy (&reader, out->id, TESS_DEPOSIT_ID_SIZE);
  out->envelope_size = reader.left;
  out->envelope = tess_reader_take (&reader, reader.left);
  if (type == TESS_FRAME_DEPOSIT && tess_reader_end (&reader))
    return true;
  memset (out, 0, sizeof *out);
  return false;
}

size_t
tess_deposit_answer_encode (const TessDepositAnswer *self, uint8_t out[static TESS_DEPOSIT_ANSWER_SIZE_MAX])
{
  TessWriter writer;

  tess_writer_init (&writer, out, TESS_DEPOSIT_ANSWER_SIZE_MAX);
  tess_writer_u8 (&writer, TESS_FRAME_DEPOSIT_ANSWER);
  tess_writer_u32 (&writer, self->request);
  tess_writer_u8 (&writer, (uint8_t) self->status);
  if (carries_wait (self->status))
    tess_writer_u32 (&writer, self->retry_after_ms);
  return writer.size;
}

bool
tess_deposit_answer_parse (const uint8_t *data, size_t size, TessDepositAnswer *out)
{
  TessDepositAnswer answer = { 0 };
  TessReader reader;
  uint8_t type = 0;

  memset (out, 0, sizeof *out);
  tess_reader_init (&reader, data, size);
  type = tess_reader_u8 (&reader);
  answer.request = tess_reader_u32 (&reader);
  answer.status = tess_reader_u8 (&reader);
  if (carries_wait (answer.status))
    answer.retry_after_ms = tess_reader_u32 (&reader);
  if (type != TESS_FRAME_DEPOSIT_ANSWER || answer.status > TESS_DEPOSIT_SLOW_DOWN || !tess_reader_end (&reader))
    return false;
  *out = answer;
  return true;
}

GBytes *
tess_mail_frame_encode (const TessMailFrame *self)
{
  size_t size = TESS_MAIL_HEAD_SIZE + self->envelope_size;
  TessWriter writer;

  if (!tess_envelope_check (self->envelope, self->envelope_size))
    return NULL;
  tess_writer_init (&writer, g_malloc (size), size);
  tess_writer_u8 (&writer, TESS_FRAME_MAIL);
  tess_writer_u64 (&writer, self->sequence);
  tess_writer_u8 (&writer, (uint8_t) self->class);
  tess_writer_bytes (&writer, self->envelope, self->envelope_size);
  return g_bytes_new_take (writer.data, size);
}

bool
tess_mail_frame_parse (const uint8_t *data, size_t size, TessMailFrame *out)
{
  TessMailFrame mail = { 0 };
  TessReader reader;
  uint8_t type = 0;

  memset (out, 0, sizeof *out);
  tess_reader_init (&reader, data, size);
  type = tess_reader_u8 (&reader);
  mail.sequence = tess_reader_u64 (&reader);
  mail.class = tess_reader_u8 (&reader);
  mail.envelope_size = reader.left;
  mail.envelope = tess_reader_take (&reader, reader.left);
  if (type != TESS_FRAME_MAIL || !tess_reader_end (&reader) || mail.sequence == 0 || mail.sequence > TESS_JSON_INTEGER_MAX
      || (mail.class != TESS_MAIL_CONTACT && mail.class != TESS_MAIL_REQUEST)
      || !tess_envelope_check (mail.envelope, mail.envelope_size))
    return false;
  *out = mail;
  return true;
}

void
tess_ack_encode (uint64_t sequence, uint8_t out[static TESS_ACK_SIZE])
{
  TessWriter writer;

  tess_writer_init (&writer, out, TESS_ACK_SIZE);
  tess_writer_u8 (&writer, TESS_FRAME_ACK);
  tess_writer_u64 (&writer, sequence);
}

bool
tess_ack_parse (const uint8_t *data, size_t size, uint64_t *sequence_out)
{
  TessReader reader;
  uint8_t type = 0;

  tess_reader_init (&reader, data, size);
  type = tess_reader_u8 (&reader);
  *sequence_out = tess_reader_u64 (&reader);
  if (type == TESS_FRAME_ACK && tess_reader_end (&reader))
    return true;
  *sequence_out = 0;
  return false;
}
