/* What a client says on the mailbox's WebSocket, as the relay reads it: a request that parses keeps the bounds and is the same
 * after being built and read again. Input: the JSON text. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "wire/tess-address.h"
#include "wire/tess-requests.h"

#include <string.h>

static void
check_bounds (const TessRequest *request)
{
  if (request->device_list != NULL)
    g_assert_true (g_bytes_get_size (request->device_list) >= TESS_DEVICE_LIST_SIZE (0)
                   && g_bytes_get_size (request->device_list) <= TESS_DEVICE_LIST_SIZE_MAX);
  if (request->prekey != NULL)
    g_assert_cmpuint (g_bytes_get_size (request->prekey), ==, TESS_PREKEY_RECORD_SIZE);
  if (request->one_time != NULL)
    g_assert_cmpuint (request->one_time->len, <=, TESS_ONE_TIME_UPLOAD);
  for (unsigned i = 0; request->one_time != NULL && i < request->one_time->len; i++)
    g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (request->one_time, i)), ==, TESS_ONE_TIME_PREKEY_SIZE);
  g_assert_true (request->invitation == NULL || strlen (request->invitation) <= TESS_INVITATION_BYTES_MAX);
  g_assert_true (request->name == NULL || strlen (request->name) <= TESS_NAME_BYTES_MAX);
  g_assert_true (request->address == NULL || (request->name != NULL && strlen (request->address) <= TESS_ADDRESS_BYTES_MAX));
  g_assert_true (request->op != TESS_REQUEST_TICKETS || (request->count >= 1 && request->count <= TESS_TICKETS_MAX));
  g_assert_true (request->op != TESS_REQUEST_REGISTER
                 || (request->device_list != NULL && request->prekey != NULL && request->one_time != NULL));
  g_assert_true (request->op != TESS_REQUEST_DEVICES || request->device_list != NULL);
  g_assert_cmpuint (request->id, <=, TESS_JSON_INTEGER_MAX);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int64_t id = 5, id_again = 5;
  g_autoptr (GError) error = NULL;
  g_autoptr (TessRequest) request = tess_request_parse ((const char *) data, size, &id, &error);
  g_autoptr (TessRequest) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  fuzz_check_error (error, request == NULL, TESS_WIRE_ERROR);
  g_assert_true (id >= -1 && id <= (int64_t) TESS_JSON_INTEGER_MAX);
  if (request == NULL)
    return 0;
  if (request->op != TESS_REQUEST_AUTH)
    g_assert_cmpint (id, ==, (int64_t) request->id);
  check_bounds (request);
  text = tess_request_build (request);
  again = tess_request_parse (text, strlen (text), &id_again, &error);
  g_assert_no_error (error);
  g_assert_cmpint (request->op == TESS_REQUEST_AUTH ? -1 : id, ==, id_again);
  text_again = tess_request_build (again);
  g_assert_cmpstr (text, ==, text_again);
  return 0;
}
