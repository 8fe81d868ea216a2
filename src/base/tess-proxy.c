/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-proxy.h"

#include <string.h>

#define N_(text) text
#define SOCKS5 "socks5://"
#define LABEL_MAX 63 /* RFC 1035, 2.3.4 */

static const TessProxy tor = { TESS_PROXY_TOR, TESS_PROXY_TOR_PORT, TESS_PROXY_TOR_HOST };

/* A DNS name of letters, digits and hyphens (RFC 1123, 2.1), whose last label is no number: that would be half an address. */
static bool
is_name (const char *host)
{
  g_auto (GStrv) labels = g_strsplit (host, ".", -1);
  const char *last = NULL;

  for (char **label = labels; *label != NULL; label++)
    {
      size_t size = strlen (*label);

      if (size == 0 || size > LABEL_MAX || (*label)[0] == '-' || (*label)[size - 1] == '-')
        return false;
      for (const char *at = *label; *at != '\0'; at++)
        if (!g_ascii_isalnum (*at) && *at != '-')
          return false;
      last = *label;
    }
  return last != NULL && strspn (last, "0123456789") < strlen (last);
}

/* An address with a zone is none: the zone's name means nothing tomorrow. */
static bool
is_address (const char *host)
{
  return strchr (host, '%') == NULL && g_hostname_is_ip_address (host);
}

static bool
read_port (const char *text, uint16_t *port)
{
  guint64 value = 0;

  if (*text == '\0' || strspn (text, "0123456789") != strlen (text)
      || !g_ascii_string_to_unsigned (text, 10, 1, UINT16_MAX, &value, NULL))
    return false;
  *port = (uint16_t) value;
  return true;
}

/* @host as long as it is; true when it is fit. */
static bool
take_host (TessProxy *self, const char *host)
{
  g_autofree char *small = NULL;

  if (*host == '\0' || strnlen (host, TESS_PROXY_HOST_MAX + 1) > TESS_PROXY_HOST_MAX || (!is_address (host) && !is_name (host)))
    return false;
  small = g_ascii_strdown (host, -1);
  g_strlcpy (self->host, small, sizeof self->host);
  return true;
}

/* What stands between brackets, or NULL. */
static char *
without_brackets (const char *host)
{
  size_t size = strlen (host);

  return size >= 2 && host[0] == '[' && host[size - 1] == ']' ? g_strndup (host + 1, size - 2) : NULL;
}

static bool
parse_socks5 (const char *text, TessProxy *out)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = colon != NULL ? g_strndup (text, (size_t) (colon - text)) : NULL;
  g_autofree char *bare = host != NULL ? without_brackets (host) : NULL;
  TessProxy read = { .kind = TESS_PROXY_SOCKS5 };

  /* Brackets are for addresses with colons, and those have them. */
  if (host == NULL || (bare != NULL) != (strchr (host, ':') != NULL) || !take_host (&read, bare != NULL ? bare : host)
      || !read_port (colon + 1, &read.port))
    return false;
  *out = read;
  return true;
}

bool
tess_proxy_parse (const char *text, TessProxy *out)
{
  *out = (TessProxy) { .kind = TESS_PROXY_UNKNOWN };
  if (strcmp (text, "system") == 0)
    out->kind = TESS_PROXY_SYSTEM;
  else if (strcmp (text, "tor") == 0)
    *out = tor;
  else if (g_str_has_prefix (text, SOCKS5))
    return parse_socks5 (text + strlen (SOCKS5), out);
  return out->kind != TESS_PROXY_UNKNOWN;
}

char *
tess_proxy_to_string (const TessProxy *self)
{
  bool colons = strchr (self->host, ':') != NULL;

  switch (self->kind)
    {
    case TESS_PROXY_SYSTEM:
      return g_strdup ("system");
    case TESS_PROXY_TOR:
      return g_strdup ("tor");
    case TESS_PROXY_SOCKS5:
      return g_strdup_printf (SOCKS5 "%s%s%s:%u", colons ? "[" : "", self->host, colons ? "]" : "", self->port);
    case TESS_PROXY_UNKNOWN:
    default:
      return g_strdup ("unknown");
    }
}

bool
tess_proxy_from_typed (const char *host, const char *port, TessProxy *out, const char **reason_out)
{
  g_autofree char *name = g_strstrip (g_strdup (host)), *number = g_strstrip (g_strdup (port));
  g_autofree char *bare = without_brackets (name);
  TessProxy read = { .kind = TESS_PROXY_SOCKS5 };
  const char *reason = NULL;

  if (*name == '\0')
    reason = N_ ("Enter the name or address of the proxy.");
  else if (!take_host (&read, bare != NULL ? bare : name))
    reason = N_ ("This is not the name or address of a computer.");
  else if (!read_port (number, &read.port))
    reason = N_ ("The port is a number from 1 to 65535.");
  *out = reason == NULL ? read : (TessProxy) { .kind = TESS_PROXY_UNKNOWN };
  if (reason_out != NULL)
    *reason_out = reason;
  return reason == NULL;
}

bool
tess_proxy_equal (const TessProxy *a, const TessProxy *b)
{
  return a->kind == b->kind && a->port == b->port && strcmp (a->host, b->host) == 0;
}
