/* The binary frames: a frame that parses is byte for byte what encoding its fields gives; one that does not leaves zeros. Input:
 * the frame; an envelope's size is a choice of its fourth and last kind (0xff and the kind: the fields alone).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "wire/tess-frames.h"

#include <string.h>

static void
check_deposit (const uint8_t *data, size_t size)
{
  TessDepositFrame frame;
  g_autoptr (GBytes) again = NULL;

  memset (&frame, 0xa5, sizeof frame);
  if (!tess_deposit_frame_parse (data, size, &frame))
    {
      g_assert_true (fuzz_is_zero (&frame, sizeof frame));
      return;
    }
  g_assert_cmpuint (size, <=, TESS_FRAME_BYTES_MAX);
  g_assert_cmpuint (frame.envelope_size, ==, size - TESS_DEPOSIT_HEAD_SIZE);
  g_assert_true (frame.envelope == data + TESS_DEPOSIT_HEAD_SIZE);
  again = tess_deposit_frame_encode (&frame);
  g_assert_cmpint (again != NULL, ==, tess_envelope_check (frame.envelope, frame.envelope_size));
  if (again != NULL)
    g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), data, size);
}

static void
check_answer (const uint8_t *data, size_t size)
{
  TessDepositAnswer answer;
  uint8_t again[TESS_DEPOSIT_ANSWER_SIZE_MAX];

  memset (&answer, 0xa5, sizeof answer);
  if (!tess_deposit_answer_parse (data, size, &answer))
    {
      g_assert_true (fuzz_is_zero (&answer, sizeof answer));
      return;
    }
  g_assert_cmpuint (answer.status, <=, TESS_DEPOSIT_SLOW_DOWN);
  g_assert_true (answer.retry_after_ms == 0 || answer.status == TESS_DEPOSIT_FULL || answer.status == TESS_DEPOSIT_SLOW_DOWN);
  g_assert_cmpmem (again, tess_deposit_answer_encode (&answer, again), data, size);
}

static void
check_mail (const uint8_t *data, size_t size)
{
  TessMailFrame mail;
  g_autoptr (GBytes) again = NULL;

  memset (&mail, 0xa5, sizeof mail);
  if (!tess_mail_frame_parse (data, size, &mail))
    {
      g_assert_true (fuzz_is_zero (&mail, sizeof mail));
      return;
    }
  g_assert_true (mail.sequence > 0 && mail.sequence <= G_GUINT64_CONSTANT (9007199254740991));
  g_assert_true (mail.class == TESS_MAIL_CONTACT || mail.class == TESS_MAIL_REQUEST);
  g_assert_true (tess_envelope_check (mail.envelope, mail.envelope_size));
  again = tess_mail_frame_encode (&mail);
  g_assert_nonnull (again);
  g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), data, size);
}

static void
check_ack (const uint8_t *data, size_t size)
{
  uint64_t sequence = 77;
  uint8_t again[TESS_ACK_SIZE];

  if (!tess_ack_parse (data, size, &sequence))
    {
      g_assert_cmpuint (sequence, ==, 0);
      return;
    }
  tess_ack_encode (sequence, again);
  g_assert_cmpmem (again, sizeof again, data, size);
}

static void
check (const uint8_t *data, size_t size)
{
  check_deposit (data, size);
  check_answer (data, size);
  check_mail (data, size);
  check_ack (data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const size_t sizes[] = { TESS_ENVELOPE_SMALL, TESS_ENVELOPE_MEDIUM, TESS_ENVELOPE_LARGE, TESS_ENVELOPE_SMALL - 1,
                                  TESS_ENVELOPE_LARGE + 1, TESS_ENVELOPE_LARGE + 300, 0, 1 };

  if (size > 2 && data[0] == 0xff)
    {
      /* A head and an envelope of a size that no corpus should have to hold. */
      size_t envelope = sizes[data[1] % G_N_ELEMENTS (sizes)];
      size_t head = MIN (size - 2, TESS_DEPOSIT_HEAD_SIZE);
      g_autofree uint8_t *frame = g_malloc0 (head + MAX (envelope, 1));

      memcpy (frame, data + 2, head);
      if (envelope > 0)
        frame[head] = data[1] < 128 ? 1 : data[1];
      check (frame, head + envelope);
      return 0;
    }
  check (data, size);
  return 0;
}
