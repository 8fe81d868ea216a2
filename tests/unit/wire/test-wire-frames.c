/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire-fixtures.h"
#include "wire/tess-frames.h"

#include <sodium.h>
#include <string.h>

static GBytes *
envelope_new (size_t size)
{
  uint8_t *data = g_malloc0 (size);

  data[0] = 0x01;
  return g_bytes_new_take (data, size);
}

static void
test_envelope (void)
{
  static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 16384, 16385, 65536, 65537 };
  g_autofree uint8_t *data = g_malloc0 (65537);

  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      data[0] = 0x01;
      g_assert_true (tess_envelope_check (data, sizes[i]) == (sizes[i] == 4096 || sizes[i] == 16384 || sizes[i] == 65536));
      data[0] = 0x02;
      g_assert_false (tess_envelope_check (data, sizes[i]));
    }
}

static void
test_deposit (void)
{
  g_autoptr (GBytes) envelope = envelope_new (4096);
  TessDepositFrame frame = { .request = 0x01020304, .envelope = g_bytes_get_data (envelope, NULL), .envelope_size = 4096 };
  TessDepositFrame read;
  g_autoptr (GBytes) bytes = NULL;

  memset (frame.device, 1, sizeof frame.device);
  memset (frame.capability, 2, sizeof frame.capability);
  memset (frame.id, 3, sizeof frame.id);
  bytes = tess_deposit_frame_encode (&frame);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, TESS_DEPOSIT_HEAD_SIZE + 4096);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), 6, "\x01\x01\x02\x03\x04\x01", 6);
  g_assert_true (tess_deposit_frame_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &read));
  g_assert_cmpuint (read.request, ==, frame.request);
  g_assert_cmpmem (read.device, 32, frame.device, 32);
  g_assert_cmpmem (read.capability, 16, frame.capability, 16);
  g_assert_cmpmem (read.id, 16, frame.id, 16);
  g_assert_cmpmem (read.envelope, read.envelope_size, frame.envelope, frame.envelope_size);
  for (size_t cut = 0; cut < TESS_DEPOSIT_HEAD_SIZE; cut++)
    {
      g_assert_false (tess_deposit_frame_parse (g_bytes_get_data (bytes, NULL), cut, &read));
      g_assert_null (read.envelope);
    }
  /* A frame without a proper envelope is a frame: the answer to it is a status. */
  g_assert_true (tess_deposit_frame_parse (g_bytes_get_data (bytes, NULL), TESS_DEPOSIT_HEAD_SIZE, &read));
  g_assert_cmpuint (read.envelope_size, ==, 0);
  g_assert_false (tess_envelope_check (read.envelope, read.envelope_size));
  frame.envelope_size = 4095;
  g_assert_null (tess_deposit_frame_encode (&frame));
}

static void
test_deposit_too_large (void)
{
  g_autofree uint8_t *data = g_malloc0 (TESS_FRAME_BYTES_MAX + 1);
  TessDepositFrame read;

  data[0] = TESS_FRAME_DEPOSIT;
  g_assert_true (tess_deposit_frame_parse (data, TESS_FRAME_BYTES_MAX, &read));
  g_assert_false (tess_deposit_frame_parse (data, TESS_FRAME_BYTES_MAX + 1, &read));
}

static void
test_answer (void)
{
  for (unsigned status = 0; status < 256; status++)
    {
      bool waits = status == TESS_DEPOSIT_FULL || status == TESS_DEPOSIT_SLOW_DOWN;
      TessDepositAnswer answer = { .request = 77, .status = status, .retry_after_ms = waits ? 5000 : 0 };
      TessDepositAnswer read;
      uint8_t data[TESS_DEPOSIT_ANSWER_SIZE_MAX + 1] = { 0 };
      size_t size = tess_deposit_answer_encode (&answer, data);

      g_assert_cmpuint (size, ==, waits ? 10 : 6);
      g_assert_true (tess_deposit_answer_parse (data, size, &read) == (status <= TESS_DEPOSIT_SLOW_DOWN));
      if (status <= TESS_DEPOSIT_SLOW_DOWN)
        g_assert_cmpmem (&read, sizeof read, &answer, sizeof answer);
      for (size_t cut = 0; cut < size; cut++)
        g_assert_false (tess_deposit_answer_parse (data, cut, &read));
      g_assert_false (tess_deposit_answer_parse (data, size + 1, &read));
    }
}

static void
test_mail (void)
{
  static const size_t sizes[] = { 4096, 16384, 65536 };

  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) envelope = envelope_new (sizes[i]);
      TessMailFrame mail = { .sequence = 0x0102030405, .class = 2, .envelope = g_bytes_get_data (envelope, NULL),
                             .envelope_size = sizes[i] };
      TessMailFrame read;
      g_autoptr (GBytes) bytes = tess_mail_frame_encode (&mail);

      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), 10, "\x82\0\0\0\x01\x02\x03\x04\x05\x02", 10);
      g_assert_true (tess_mail_frame_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &read));
      g_assert_cmpuint (read.sequence, ==, mail.sequence);
      g_assert_cmpint (read.class, ==, TESS_MAIL_REQUEST);
      g_assert_cmpmem (read.envelope, read.envelope_size, mail.envelope, mail.envelope_size);
    }
}

static bool
parse_mail (const uint8_t *data, size_t size, void *user)
{
  TessMailFrame read;

  return tess_mail_frame_parse (data, size, &read);
}

static bool
parse_deposit (const uint8_t *data, size_t size, void *user)
{
  TessDepositFrame read;

  return tess_deposit_frame_parse (data, size, &read);
}

static void
test_mail_values (void)
{
  g_autofree uint8_t *data = g_malloc0 (TESS_MAIL_HEAD_SIZE + 4096);
  size_t size = TESS_MAIL_HEAD_SIZE + 4096;

  memcpy (data, "\x82\0\0\0\0\0\0\0\x01\x01\x01", 11);
  g_assert_true (parse_mail (data, size, NULL));
  for (size_t cut = 0; cut < size; cut++)
    g_assert_false (parse_mail (data, cut, NULL));
  data[9] = 0;
  g_assert_false (parse_mail (data, size, NULL));
  data[9] = 3;
  g_assert_false (parse_mail (data, size, NULL));
  data[9] = 1;
  data[8] = 0;
  g_assert_false (parse_mail (data, size, NULL));
  memcpy (data + 1, "\0\x1f\xff\xff\xff\xff\xff\xff", 8);
  g_assert_true (parse_mail (data, size, NULL));
  memcpy (data + 1, "\0\x20\0\0\0\0\0\0", 8);
  g_assert_false (parse_mail (data, size, NULL));
}

static void
test_ack (void)
{
  uint8_t data[TESS_ACK_SIZE + 1] = { 0 };
  uint64_t sequence = 0;

  tess_ack_encode (0x0102, data);
  g_assert_cmpmem (data, TESS_ACK_SIZE, "\x02\0\0\0\0\0\0\x01\x02", TESS_ACK_SIZE);
  g_assert_true (tess_ack_parse (data, TESS_ACK_SIZE, &sequence));
  g_assert_cmpuint (sequence, ==, 0x0102);
  for (size_t cut = 0; cut < TESS_ACK_SIZE; cut++)
    g_assert_false (tess_ack_parse (data, cut, &sequence));
  g_assert_cmpuint (sequence, ==, 0);
  g_assert_false (tess_ack_parse (data, TESS_ACK_SIZE + 1, &sequence));
  data[0] = 0x01;
  g_assert_false (tess_ack_parse (data, TESS_ACK_SIZE, &sequence));
}

static void
test_torment (void)
{
  g_autoptr (GBytes) envelope = envelope_new (4096);
  TessMailFrame mail = { .sequence = 5, .class = 1, .envelope = g_bytes_get_data (envelope, NULL), .envelope_size = 4096 };
  TessDepositFrame deposit = { .envelope = g_bytes_get_data (envelope, NULL), .envelope_size = 4096 };
  g_autoptr (GBytes) mail_bytes = tess_mail_frame_encode (&mail);
  g_autoptr (GBytes) deposit_bytes = tess_deposit_frame_encode (&deposit);

  fixture_torment (mail_bytes, true, parse_mail, NULL);
  fixture_torment (deposit_bytes, true, parse_deposit, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/wire/frames/envelope", test_envelope);
  g_test_add_func ("/wire/frames/deposit", test_deposit);
  g_test_add_func ("/wire/frames/deposit-too-large", test_deposit_too_large);
  g_test_add_func ("/wire/frames/answer", test_answer);
  g_test_add_func ("/wire/frames/mail", test_mail);
  g_test_add_func ("/wire/frames/mail-values", test_mail_values);
  g_test_add_func ("/wire/frames/ack", test_ack);
  g_test_add_func ("/wire/frames/torment", test_torment);
  return g_test_run ();
}
