/* What trusted proxies say of whom they speak for: nobody is believed but who stands before the last of them, and what stands
 * before that changes nothing; where all are proxies it is the first. Input: the kind u8; the length u8 of the list of the
 * trusted, that list with `;`; the header.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "relay/tess-relay-proxies.h"

#include <string.h>

/* The client of @header with @before in front; it has to be @client. */
static void
check_with (GPtrArray *proxies, TessRelayForwarded kind, const char *before, const char *header, GInetAddress *client)
{
  g_autofree char *longer = g_strconcat (before, header, NULL);
  g_autoptr (GInetAddress) again = tess_relay_proxies_client (proxies, kind, longer);

  g_assert_true (again != NULL && g_inet_address_equal (again, client));
}

static unsigned
count_elements (const char *header)
{
  unsigned elements = 1;

  for (const char *at = header; *at != '\0'; at++)
    elements += *at == ',';
  return elements;
}

/* All of @header are trusted: they are believed whoever they name, as far as so many elements are looked at. */
static void
check_all_trusted (GPtrArray *proxies, TessRelayForwarded kind, const char *header)
{
  g_autofree char *longer = g_strconcat (kind == TESS_RELAY_FORWARDED ? "for=192.0.2.99, " : "192.0.2.99, ", header, NULL);
  g_autoptr (GInetAddress) named = g_inet_address_new_from_string ("192.0.2.99");
  g_autoptr (GInetAddress) client = tess_relay_proxies_client (proxies, kind, longer);

  if (count_elements (header) >= TESS_RELAY_FORWARDED_MAX)
    g_assert_null (client);
  else
    g_assert_true (client != NULL && g_inet_address_equal (client, named));
}

/* A proxy that is itself trusted says whom it heard: the same as if it were not there. */
static void
check_behind (GPtrArray *proxies, TessRelayForwarded kind, const char *header, GInetAddress *client)
{
  GInetAddress *first = proxies->len > 0 ? g_inet_address_mask_get_address (g_ptr_array_index (proxies, 0)) : NULL;
  g_autofree char *proxy = first != NULL ? g_inet_address_to_string (first) : NULL;
  g_autofree char *longer = NULL;
  g_autoptr (GInetAddress) again = NULL;

  if (first == NULL || !tess_relay_proxies_contain (proxies, first) || count_elements (header) >= TESS_RELAY_FORWARDED_MAX)
    return;
  longer = g_strdup_printf (kind == TESS_RELAY_FORWARDED ? "%s, for=\"[%s]\"" : "%s, %s", header, proxy);
  again = tess_relay_proxies_client (proxies, kind, longer);
  g_assert_true (again != NULL && g_inet_address_equal (again, client));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessReader input;
  TessRelayForwarded kind;
  g_autofree char *listed = NULL, *header = NULL;
  g_auto (GStrv) list = NULL;
  g_autoptr (GPtrArray) proxies = NULL;
  g_autoptr (GInetAddress) client = NULL;
  size_t length;

  tess_reader_init (&input, data, size);
  kind = tess_reader_u8 (&input) % 2 == 0 ? TESS_RELAY_X_FORWARDED_FOR : TESS_RELAY_FORWARDED;
  length = tess_reader_u8 (&input);
  length = MIN (length, input.left);
  listed = fuzz_text (tess_reader_take (&input, length), length);
  header = fuzz_text (input.next, input.left);
  list = g_strsplit (listed, ";", -1);
  proxies = tess_relay_proxies_parse (list);
  if (proxies == NULL)
    return 0;
  client = tess_relay_proxies_client (proxies, kind, header);
  if (client == NULL)
    return 0;
  if (tess_relay_proxies_contain (proxies, client))
    check_all_trusted (proxies, kind, header);
  else
    {
      check_with (proxies, kind, "192.0.2.99, ", header, client);
      check_with (proxies, kind, "for=\"[::1]\",", header, client);
      check_with (proxies, kind, "\",", header, client);
    }
  check_behind (proxies, kind, header, client);
  return 0;
}
