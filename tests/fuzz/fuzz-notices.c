/* What a relay says on the mailbox's WebSocket, as the client reads it. Input: the JSON text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "wire/tess-address.h"
#include "wire/tess-requests.h"

#include <string.h>

static void
check_bounds (const TessNotice *notice)
{
  g_assert_true (notice->id >= -1 && notice->id <= (int64_t) TESS_JSON_INTEGER_MAX);
  g_assert_true (notice->one_time >= -1 && notice->one_time <= UINT32_MAX);
  g_assert_true (notice->op != TESS_NOTICE_OK || notice->id >= 0);
  g_assert_true (notice->op != TESS_NOTICE_CHALLENGE || strlen (notice->relay) <= TESS_ORIGIN_BYTES_MAX);
  g_assert_true (notice->op != TESS_NOTICE_ERROR || strlen (notice->message) <= TESS_RELAY_MESSAGE_BYTES_MAX);
  g_assert_true (notice->tickets == NULL || notice->tickets->len <= TESS_TICKETS_MAX);
  for (unsigned i = 0; notice->tickets != NULL && i < notice->tickets->len; i++)
    g_assert_cmpuint (strlen (g_ptr_array_index (notice->tickets, i)), <=, TESS_TICKET_BYTES_MAX);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessNotice) notice = tess_notice_parse ((const char *) data, size, &error);
  g_autoptr (TessNotice) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  fuzz_check_error (error, notice == NULL, TESS_WIRE_ERROR);
  if (notice == NULL)
    return 0;
  check_bounds (notice);
  if (notice->op == TESS_NOTICE_ERROR && notice->code == TESS_CODE_OTHER)
    return 0;
  text = tess_notice_build (notice);
  again = tess_notice_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  text_again = tess_notice_build (again);
  g_assert_cmpstr (text, ==, text_again);
  return 0;
}
