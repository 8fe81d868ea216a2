/* What a hostile relay answers over HTTP: its description, its names and its errors, as bytes and as the error that a person is
 * told.
 * Input: the kind; then a JSON text, or a status u16, the size of a Retry-After u8, that header, the body.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "base/tess-limits.h"
#include "net/tess-net-error-private.h"
#include "wire/tess-directory-json.h"

#include <string.h>

static void
check_info (const char *text, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessInfo) info = tess_info_parse (text, size, &error);
  g_autoptr (TessInfo) again = NULL;
  g_autofree char *built = NULL;
  g_autofree char *built_again = NULL;

  fuzz_check_error (error, info == NULL, TESS_WIRE_ERROR);
  if (info == NULL)
    return;
  g_assert_cmpint (g_utf8_strlen (info->name, -1), <=, TESS_NAME_CHARS_MAX);
  built = tess_info_build (info);
  again = tess_info_parse (built, strlen (built), &error);
  g_assert_no_error (error);
  built_again = tess_info_build (again);
  g_assert_cmpstr (built, ==, built_again);
}

static void
check_http (TessReader *input)
{
  unsigned status = tess_reader_u16 (input);
  size_t header_size = tess_reader_u8 (input);
  const uint8_t *header = tess_reader_take (input, MIN (header_size, input->left));
  g_autofree char *retry_after = fuzz_text (header, header != NULL ? MIN (header_size, (size_t) (input->next - header)) : 0);
  g_autofree char *message = NULL;
  TessRelayCode code = tess_http_error_parse ((const char *) input->next, input->left, &message);
  g_autoptr (GError) error = tess_net_error_from_http (status, retry_after, code);
  g_autoptr (GError) of_close = tess_net_error_from_close (status);

  g_assert_true (code <= TESS_CODE_OTHER);
  g_assert_true (message == NULL || (g_utf8_validate (message, -1, NULL) && strlen (message) <= TESS_RELAY_MESSAGE_BYTES_MAX));
  fuzz_check_error (error, true, TESS_NET_ERROR);
  fuzz_check_error (of_close, true, TESS_NET_ERROR);
  g_assert_cmpuint (tess_net_error_retry_after (error), <=, TESS_NET_RETRY_AFTER_MAX_MS);
  g_assert_cmpint (tess_net_error_relay_code (error), ==, code);
  if (code != TESS_CODE_OTHER)
    {
      g_autofree char *built = tess_http_error_build (code, message);
      g_autofree char *message_again = NULL;

      g_assert_cmpint (tess_http_error_parse (built, strlen (built), &message_again), ==, code);
    }
}

static void
check_names (const char *text, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = tess_directory_names_parse (text, size, "https://relay.example", "b", &error);
  g_autofree char *built = NULL;
  g_autoptr (GPtrArray) again = NULL;

  fuzz_check_error (error, names == NULL, TESS_WIRE_ERROR);
  if (names == NULL)
    return;
  g_assert_cmpuint (names->len, <=, TESS_DIRECTORY_LIST_MAX);
  built = tess_directory_names_build (names, false);
  again = tess_directory_names_parse (built, strlen (built), "https://relay.example", "b", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, names->len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessReader input;

  if (size == 0)
    return 0;
  tess_reader_init (&input, data + 1, size - 1);
  if (data[0] % 3 == 0)
    check_http (&input);
  else if (data[0] % 3 == 2)
    check_names ((const char *) input.next, input.left);
  else
    check_info ((const char *) input.next, input.left);
  return 0;
}
