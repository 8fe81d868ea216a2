/* Addresses, codes, links and origins, as typed, pasted or photographed. What parses is written as an address and a link that
 * give the same again; an origin that is made from what a person types is one that the check takes. Input: the text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "wire/tess-address.h"

#include <string.h>

static void
check_same (const TessAddress *address, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessAddress) again = tess_address_parse (text, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (text), <=, TESS_ADDRESS_BYTES_MAX);
  g_assert_cmpstr (again->origin, ==, address->origin);
  g_assert_cmpmem (again->account, TESS_KEY_SIZE, address->account, TESS_KEY_SIZE);
  g_assert_cmpmem (again->capability, TESS_CAPABILITY_SIZE, address->capability, TESS_CAPABILITY_SIZE);
  g_assert_cmpint (again->has_code, ==, address->has_code);
  g_assert_cmpmem (again->code, TESS_CODE_SIZE, address->code, TESS_CODE_SIZE);
}

static void
check_address (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessAddress) address = tess_address_parse (text, &error);
  g_autofree char *upper = NULL;
  g_autofree char *link = NULL;

  fuzz_check_error (error, address == NULL, TESS_WIRE_ERROR);
  if (address == NULL)
    return;
  g_assert_true (tess_origin_check (address->origin));
  g_assert_true (tess_sign_key_is_valid (address->account));
  g_assert_true (address->has_code || fuzz_is_zero (address->code, TESS_CODE_SIZE));
  upper = tess_address_to_string (address);
  link = tess_address_to_link (address);
  g_assert_nonnull (upper);
  check_same (address, upper);
  check_same (address, link);
}

static void
check_typed (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *origin = tess_origin_from_typed (text, &error);
  g_autofree char *again = NULL;

  fuzz_check_error (error, origin == NULL, TESS_WIRE_ERROR);
  if (tess_origin_check (text))
    g_assert_cmpstr (origin, ==, text);
  if (origin == NULL)
    return;
  g_assert_true (tess_origin_check (origin));
  g_assert_cmpuint (strlen (origin), <=, TESS_ORIGIN_BYTES_MAX);
  again = tess_origin_from_typed (tess_origin_host (origin), NULL);
  g_assert_nonnull (again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);

  check_address (text);
  check_typed (text);
  return 0;
}
