/* The content inside the ratchet: what parses keeps the bounds, and what this version can send is the same after being encoded
 * and read again. Input: the JSON text. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "base/tess-emoji.h"
#include "core/tess-content.h"
#include "wire/tess-address.h"
#include "wire/tess-json.h"

#include <string.h>

static void
check_bounds (const TessContent *content)
{
  g_assert_true (content->time_ms >= 0 && content->time_ms <= (int64_t) TESS_JSON_INTEGER_MAX);
  g_assert_true (content->body == NULL || g_utf8_validate (content->body, -1, NULL));
  switch (content->kind)
    {
    case TESS_CONTENT_TEXT:
      g_assert_true (strlen (content->body) >= 1 && strlen (content->body) <= TESS_TEXT_BYTES_MAX);
      g_assert_cmpuint (content->seconds, <=, TESS_TIMER_MAX);
      break;
    case TESS_CONTENT_RECEIPT:
      g_assert_true (content->delivered->len <= TESS_RECEIPT_IDS_MAX && content->read->len <= TESS_RECEIPT_IDS_MAX);
      break;
    case TESS_CONTENT_PROFILE:
      g_assert_true (tess_origin_check (content->relay));
      g_assert_cmpint (g_utf8_strlen (content->name, -1), <=, TESS_NAME_CHARS_MAX);
      break;
    case TESS_CONTENT_UNKNOWN:
      g_assert_nonnull (content->body);
      break;
    case TESS_CONTENT_EDIT:
      g_assert_true (strlen (content->body) >= 1 && strlen (content->body) <= TESS_TEXT_BYTES_MAX);
      break;
    case TESS_CONTENT_REACTION:
      g_assert_true (strlen (content->body) <= TESS_EMOJI_BYTES_MAX);
      g_assert_true (!tess_emoji_check (content->body) || tess_emoji_count (content->body, 1) == 1);
      break;
    case TESS_CONTENT_TIMER:
      g_assert_cmpuint (content->seconds, <=, TESS_TIMER_MAX);
      break;
    case TESS_CONTENT_DELETE:
    case TESS_CONTENT_TYPING:
    case TESS_CONTENT_VERIFY:
    default:
      break;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessContent) content = tess_content_parse (data, size, &error);
  g_autoptr (TessContent) again = NULL;
  g_autoptr (GBytes) text = NULL, text_again = NULL;

  fuzz_check_error (error, content == NULL, TESS_WIRE_ERROR);
  if (content == NULL)
    return 0;
  check_bounds (content);
  if (content->kind == TESS_CONTENT_UNKNOWN)
    return 0;
  text = tess_content_encode (content);
  if (text == NULL) /* escapes can take more room than what was read */
    return 0;
  again = tess_content_parse (g_bytes_get_data (text, NULL), g_bytes_get_size (text), &error);
  g_assert_no_error (error);
  text_again = tess_content_encode (again);
  g_assert_true (g_bytes_equal (text, text_again));
  return 0;
}
