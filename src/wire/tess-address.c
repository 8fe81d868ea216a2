/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/tess-address.h"

#include "base/tess-text.h"

#include <sodium.h>
#include <string.h>

#define N_(text) text

#define HTTPS "https://"
#define HTTP "http://"
#define HOST_MAX 253
#define LABEL_MAX 63
#define TYPED_MAX 1024
#define ACCOUNT_CHARS 52    /* base32 of 32 bytes */
#define CAPABILITY_CHARS 26 /* base32 of 16 bytes; a code is as long */

/* A host in lower case and its port, 0 when none was given. */
typedef struct {
  char host[HOST_MAX + 1];
  unsigned port;
} HostPort;

static bool
refuse (GError **error, TessWireError code, const char *message)
{
  g_set_error_literal (error, TESS_WIRE_ERROR, code, message);
  return false;
}

/* A number without leading zeros, at most @max; -1 for anything else. */
static int
read_number (const char *text, size_t size, int max)
{
  int value = 0;

  if (size == 0 || size > 5 || (size > 1 && text[0] == '0'))
    return -1;
  for (size_t i = 0; i < size; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return -1;
      value = value * 10 + (text[i] - '0');
    }
  return value <= max ? value : -1;
}

/* Four numbers and three dots. @first_out is the first number. */
static bool
host_is_ipv4 (const char *host, int *first_out)
{
  const char *at = host;

  for (unsigned i = 0; i < 4; i++)
    {
      size_t size = strcspn (at, ".");
      int octet = read_number (at, size, 255);

      if (octet < 0 || at[size] != (i < 3 ? '.' : '\0'))
        return false;
      if (i == 0)
        *first_out = octet;
      at += size + 1;
    }
  return true;
}

static bool
label_is_valid (const char *label, size_t size)
{
  if (size == 0 || size > LABEL_MAX || label[0] == '-' || label[size - 1] == '-')
    return false;
  for (size_t i = 0; i < size; i++)
    if (!g_ascii_islower (label[i]) && !g_ascii_isdigit (label[i]) && label[i] != '-')
      return false;
  return true;
}

/* Digits, or hexadecimal ones behind 0x. */
static bool
label_is_number (const char *label, size_t size)
{
  if (size >= 2 && label[0] == '0' && label[1] == 'x')
    return strspn (label + 2, "0123456789abcdef") >= size - 2;
  return strspn (label, "0123456789") >= size;
}

/* A lower-case DNS name or an IPv4 address. */
static bool
host_is_valid (const char *host)
{
  int first = 0;
  bool number = false;

  for (const char *at = host;;)
    {
      size_t size = strcspn (at, ".");

      if (!label_is_valid (at, size))
        return false;
      number = label_is_number (at, size);
      if (at[size] == '\0')
        break;
      at += size + 1;
    }
  /* A name that ends in a number is an address or nothing: resolvers would read it as one. */
  return !number || host_is_ipv4 (host, &first);
}

static bool
host_is_this_machine (const char *host)
{
  int first = 0;

  return strcmp (host, "localhost") == 0 || (host_is_ipv4 (host, &first) && first == 127);
}

/* Reads `host[:port]` of @size characters, folding case. */
static bool
host_port_read (HostPort *self, const char *text, size_t size, GError **error)
{
  const char *colon = memchr (text, ':', size);
  size_t host_size = colon != NULL ? (size_t) (colon - text) : size;
  int port = 0;

  *self = (HostPort) { 0 };
  if (host_size == 0 || host_size > HOST_MAX || memchr (text, '\0', host_size) != NULL)
    return refuse (error, TESS_WIRE_ERROR_HOST, N_ ("This is not the name of a relay."));
  for (size_t i = 0; i < host_size; i++)
    self->host[i] = g_ascii_tolower (text[i]);
  if (!host_is_valid (self->host))
    return refuse (error, TESS_WIRE_ERROR_HOST, N_ ("This is not the name of a relay."));
  if (colon == NULL)
    return true;
  port = read_number (colon + 1, size - host_size - 1, 65535);
  if (port < 1)
    return refuse (error, TESS_WIRE_ERROR_PORT, N_ ("The relay’s port is not a number from 1 to 65535."));
  self->port = (unsigned) port;
  return true;
}

static char *
host_port_origin (const HostPort *self, bool secure)
{
  const char *scheme = secure ? HTTPS : HTTP;

  if (self->port == 0 || self->port == (secure ? 443 : 80))
    return g_strconcat (scheme, self->host, NULL);
  return g_strdup_printf ("%s%s:%u", scheme, self->host, self->port);
}

const char *
tess_origin_host (const char *origin)
{
  return strstr (origin, "://") + 3;
}

bool
tess_origin_check (const char *origin)
{
  HostPort read;
  g_autofree char *canonical = NULL;
  bool secure = g_str_has_prefix (origin, HTTPS);
  const char *host = origin + (secure ? strlen (HTTPS) : strlen (HTTP));

  if ((!secure && !g_str_has_prefix (origin, HTTP)) || strnlen (origin, TESS_ORIGIN_BYTES_MAX + 1) > TESS_ORIGIN_BYTES_MAX
      || !host_port_read (&read, host, strlen (host), NULL) || (!secure && !host_is_this_machine (read.host)))
    return false;
  canonical = host_port_origin (&read, secure);
  return strcmp (canonical, origin) == 0;
}

/* The typed host and port with an international name in punycode; NULL when there is no such name. */
static char *
typed_to_ascii (const char *typed)
{
  const char *colon = strchr (typed, ':');
  g_autofree char *host = g_strndup (typed, colon != NULL ? (size_t) (colon - typed) : strlen (typed));
  g_autofree char *ascii = g_utf8_validate (host, -1, NULL) ? g_hostname_to_ascii (host) : NULL;

  return ascii != NULL ? g_strconcat (ascii, colon, NULL) : NULL;
}

char *
tess_origin_from_typed (const char *text, GError **error)
{
  g_autofree char *typed = NULL;
  g_autofree char *ascii = NULL;
  const char *rest = NULL;
  bool secure = false;
  bool open = false;
  HostPort read;

  if (strnlen (text, TYPED_MAX + 1) > TYPED_MAX)
    {
      refuse (error, TESS_WIRE_ERROR_HOST, N_ ("This is not the name of a relay."));
      return NULL;
    }
  typed = g_strstrip (g_strdup (text));
  secure = g_ascii_strncasecmp (typed, HTTPS, strlen (HTTPS)) == 0;
  open = g_ascii_strncasecmp (typed, HTTP, strlen (HTTP)) == 0;
  rest = typed + (secure ? strlen (HTTPS) : open ? strlen (HTTP) : 0);
  if (g_str_has_suffix (rest, "/"))
    typed[strlen (typed) - 1] = '\0';
  ascii = strstr (rest, "://") == NULL ? typed_to_ascii (rest) : NULL;
  if (ascii == NULL)
    {
      refuse (error, TESS_WIRE_ERROR_HOST, N_ ("This is not the name of a relay."));
      return NULL;
    }
  if (!host_port_read (&read, ascii, strlen (ascii), error))
    return NULL;
  if (open && !host_is_this_machine (read.host))
    {
      refuse (error, TESS_WIRE_ERROR_INSECURE, N_ ("A relay on another machine needs a secure connection: write https."));
      return NULL;
    }
  return host_port_origin (&read, secure || !host_is_this_machine (read.host));
}

TessAddress *
tess_address_new (const char *origin, const uint8_t account[static TESS_KEY_SIZE],
                  const uint8_t capability[static TESS_CAPABILITY_SIZE])
{
  TessAddress *self = g_new0 (TessAddress, 1);

  self->origin = g_strdup (origin);
  memcpy (self->account, account, TESS_KEY_SIZE);
  memcpy (self->capability, capability, TESS_CAPABILITY_SIZE);
  return self;
}

TessAddress *
tess_address_copy (const TessAddress *self)
{
  TessAddress *copy = tess_address_new (self->origin, self->account, self->capability);

  copy->has_code = self->has_code;
  memcpy (copy->code, self->code, TESS_CODE_SIZE);
  return copy;
}

void
tess_address_free (TessAddress *self)
{
  if (self == NULL)
    return;
  g_free (self->origin);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

/* The part between slashes at *@at_inout, which moves on to the next; @last_out when there is none. */
static const char *
next_part (const char **at_inout, size_t *size_out, bool *last_out)
{
  const char *part = *at_inout;

  *size_out = strcspn (part, "/");
  *last_out = part[*size_out] == '\0';
  *at_inout = part + *size_out + (*last_out ? 0 : 1);
  return part;
}

/* The parts that are bytes, from behind the host to the end of the text. */
static bool
read_keys (TessAddress *self, const char *at, GError **error)
{
  uint8_t *const outs[] = { self->account, self->capability, self->code };
  static const size_t sizes[] = { TESS_KEY_SIZE, TESS_CAPABILITY_SIZE, TESS_CODE_SIZE };
  static const size_t characters[] = { ACCOUNT_CHARS, CAPABILITY_CHARS, CAPABILITY_CHARS };
  bool last = false;
  unsigned parts = 0;

  for (; parts < G_N_ELEMENTS (outs) && !last; parts++)
    {
      size_t size = 0;
      const char *part = next_part (&at, &size, &last);

      if (last && size < characters[parts])
        return refuse (error, TESS_WIRE_ERROR_TRUNCATED, N_ ("The end of the address is missing. Copy all of it."));
      if (!tess_base32_decode (part, size, outs[parts], sizes[parts]))
        return refuse (error, TESS_WIRE_ERROR_KEY, N_ ("The address is damaged. Copy it again."));
    }
  if (!last)
    return refuse (error, TESS_WIRE_ERROR_KEY, N_ ("The address is damaged. Copy it again."));
  if (parts < 2)
    return refuse (error, TESS_WIRE_ERROR_TRUNCATED, N_ ("The end of the address is missing. Copy all of it."));
  if (!tess_sign_key_is_valid (self->account))
    return refuse (error, TESS_WIRE_ERROR_KEY, N_ ("The address is damaged. Copy it again."));
  self->has_code = parts == 3;
  return true;
}

/* Skips `tessera:1/`; NULL with the reason when @text does not begin so. */
static const char *
skip_prefix (const char *text, GError **error)
{
  const char *version = text + strlen ("tessera:");
  size_t digits = 0;

  if (g_ascii_strncasecmp (text, "tessera:", strlen ("tessera:")) != 0)
    {
      refuse (error, TESS_WIRE_ERROR_NOT_AN_ADDRESS, N_ ("This is not a Tessera address."));
      return NULL;
    }
  digits = strspn (version, "0123456789");
  if (version[digits] == '\0' && digits <= 1)
    refuse (error, TESS_WIRE_ERROR_TRUNCATED, N_ ("The end of the address is missing. Copy all of it."));
  else if (digits == 0 || version[0] == '0' || version[digits] != '/')
    refuse (error, TESS_WIRE_ERROR_NOT_AN_ADDRESS, N_ ("This is not a Tessera address."));
  else if (digits != 1 || version[0] != '1')
    refuse (error, TESS_WIRE_ERROR_NEWER_VERSION, N_ ("This address needs a newer version of Tessera."));
  else
    return version + 2;
  return NULL;
}

TessAddress *
tess_address_parse (const char *text, GError **error)
{
  g_autoptr (TessAddress) self = g_new0 (TessAddress, 1);
  g_autofree char *stripped = NULL;
  const char *at = NULL;
  const char *host = NULL;
  size_t host_size = 0;
  bool last = false;
  HostPort read;

  if (strnlen (text, TYPED_MAX + 1) > TYPED_MAX)
    {
      refuse (error, TESS_WIRE_ERROR_NOT_AN_ADDRESS, N_ ("This is not a Tessera address."));
      return NULL;
    }
  stripped = g_strstrip (g_strdup (text));
  at = skip_prefix (stripped, error);
  if (at == NULL)
    return NULL;
  host = next_part (&at, &host_size, &last);
  if (last)
    {
      refuse (error, TESS_WIRE_ERROR_TRUNCATED, N_ ("The end of the address is missing. Copy all of it."));
      return NULL;
    }
  if (!host_port_read (&read, host, host_size, error) || !read_keys (self, at, error))
    return NULL;
  self->origin = host_port_origin (&read, !host_is_this_machine (read.host));
  return g_steal_pointer (&self);
}

char *
tess_address_to_link (const TessAddress *self)
{
  g_autofree char *account = NULL;
  g_autofree char *capability = NULL;
  g_autofree char *code = NULL;
  g_autofree char *implied = NULL;
  g_autofree char *text = NULL;

  if (!tess_origin_check (self->origin))
    return NULL;
  /* An address has no scheme: whoever reads it has to arrive at the same origin. */
  implied = tess_origin_from_typed (tess_origin_host (self->origin), NULL);
  if (g_strcmp0 (implied, self->origin) != 0)
    return NULL;
  account = tess_base32_encode (self->account, TESS_KEY_SIZE);
  capability = tess_base32_encode (self->capability, TESS_CAPABILITY_SIZE);
  code = self->has_code ? tess_base32_encode (self->code, TESS_CODE_SIZE) : NULL;
  text = g_strjoin ("/", "tessera:1", tess_origin_host (self->origin), account, capability, code, NULL);
  return g_ascii_strdown (text, -1);
}

char *
tess_address_to_string (const TessAddress *self)
{
  g_autofree char *link = tess_address_to_link (self);

  return link != NULL ? g_ascii_strup (link, -1) : NULL;
}
