/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-proxies.h"

#include <string.h>

/* An address or a network; NULL for anything else. GLib takes a longer mask than an address for its caller's fault. */
static GInetAddressMask *
parse_mask (const char *text)
{
  const char *slash = strchr (text, '/');

  if (slash != NULL && !g_ascii_string_to_unsigned (slash + 1, 10, 0, 128, NULL, NULL))
    return NULL;
  return g_inet_address_mask_new_from_string (text, NULL);
}

GPtrArray *
tess_relay_proxies_parse (char **list)
{
  g_autoptr (GPtrArray) proxies = g_ptr_array_new_with_free_func (g_object_unref);

  for (unsigned i = 0; list[i] != NULL; i++)
    {
      const char *text = g_strstrip (list[i]);
      GInetAddressMask *mask = text[0] != '\0' ? parse_mask (text) : NULL;

      if (mask == NULL && text[0] != '\0')
        return NULL;
      if (mask != NULL)
        g_ptr_array_add (proxies, mask);
    }
  return g_steal_pointer (&proxies);
}

/* @address, or the IPv4 address inside it. */
static GInetAddress *
plain (GInetAddress *address)
{
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
  const uint8_t *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6 || memcmp (bytes, mapped, sizeof mapped) != 0)
    return g_object_ref (address);
  return g_inet_address_new_from_bytes (bytes + sizeof mapped, G_SOCKET_FAMILY_IPV4);
}

bool
tess_relay_proxies_contain (GPtrArray *proxies, GInetAddress *address)
{
  g_autoptr (GInetAddress) wanted = plain (address);

  for (unsigned i = 0; i < proxies->len; i++)
    if (g_inet_address_mask_matches (g_ptr_array_index (proxies, i), wanted))
      return true;
  return false;
}

/* The address in one element of X-Forwarded-For: nothing else than an address. */
static GInetAddress *
read_plain (const char *text)
{
  return g_inet_address_new_from_string (text);
}

/* The node of `for=`: an address, one in brackets, either with a port, as a token or quoted. */
static GInetAddress *
read_node (char *text)
{
  size_t length = strlen (text);
  char *end;

  if (length >= 2 && text[0] == '"' && text[length - 1] == '"')
    {
      text[length - 1] = '\0';
      text++;
    }
  if (text[0] == '[')
    {
      end = strchr (text, ']');
      if (end == NULL || (end[1] != '\0' && end[1] != ':'))
        return NULL;
      text++;
    }
  else
    end = strchr (text, ':');
  if (end != NULL && end[0] == ']' && end[1] == '\0')
    *end = '\0';
  else if (end != NULL)
    {
      const char *port = end[0] == ']' ? end + 2 : end + 1;

      if (!g_ascii_string_to_unsigned (port, 10, 0, 65535, NULL, NULL))
        return NULL;
      *end = '\0';
    }
  return g_inet_address_new_from_string (text);
}

/* The address in one element of Forwarded, which names exactly one with `for=`. */
static GInetAddress *
read_forwarded (const char *text)
{
  g_auto (GStrv) pairs = g_strsplit (text, ";", 8);
  char *node = NULL;

  for (unsigned i = 0; pairs[i] != NULL; i++)
    {
      char *pair = g_strstrip (pairs[i]);

      if (g_ascii_strncasecmp (pair, "for=", 4) != 0)
        continue;
      if (node != NULL)
        return NULL;
      node = pair + 4;
    }
  return node != NULL ? read_node (node) : NULL;
}

/* A quoted part with a comma in it is cut in two, neither of which is an address: nobody is believed by that. */
GInetAddress *
tess_relay_proxies_client (GPtrArray *proxies, TessRelayForwarded kind, const char *header)
{
  g_autofree char *left = g_strdup (header);

  for (unsigned i = 0; i < TESS_RELAY_FORWARDED_MAX; i++)
    {
      char *comma = strrchr (left, ',');
      const char *element = g_strstrip (comma != NULL ? comma + 1 : left);
      g_autoptr (GInetAddress) address = kind == TESS_RELAY_FORWARDED ? read_forwarded (element) : read_plain (element);

      if (address == NULL)
        return NULL;
      if (comma == NULL || !tess_relay_proxies_contain (proxies, address))
        return plain (address);
      *comma = '\0';
    }
  return NULL;
}
