/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-net-error-private.h"

#include "base/tess-limits.h"

#include <libsoup/soup.h>

#define N_(text) text
#define STATUS_TOO_MANY_REQUESTS 429 /* libsoup has no name for it */

typedef struct {
  uint32_t retry_after_ms;
  TessRelayCode relay_code;
} TessNetErrorPrivate;

static void
tess_net_error_private_init (TessNetErrorPrivate *self)
{
  *self = (TessNetErrorPrivate) { .relay_code = TESS_CODE_OTHER };
}

static void
tess_net_error_private_copy (const TessNetErrorPrivate *from, TessNetErrorPrivate *to)
{
  *to = *from;
}

static void
tess_net_error_private_clear (TessNetErrorPrivate *self)
{
}

G_DEFINE_EXTENDED_ERROR (TessNetError, tess_net_error)

static const char *const sentences[] = {
  [TESS_NET_ERROR_UNREACHABLE] = N_ ("The relay cannot be reached."),
  [TESS_NET_ERROR_TLS] = N_ ("The connection to the relay is not secure."),
  [TESS_NET_ERROR_NOT_A_RELAY] = N_ ("There is no Tessera relay at this address."),
  [TESS_NET_ERROR_PROTOCOL] = N_ ("The relay gave an answer that makes no sense."),
  [TESS_NET_ERROR_BUSY] = N_ ("The relay is busy."),
  [TESS_NET_ERROR_SLOW_DOWN] = N_ ("The relay asks to wait a moment."),
  [TESS_NET_ERROR_REFUSED] = N_ ("The relay refuses: the address is no longer valid, or never was."),
  [TESS_NET_ERROR_NOT_FOUND] = N_ ("The relay does not know this name."),
  [TESS_NET_ERROR_REJECTED] = N_ ("The relay refused the request."),
  [TESS_NET_ERROR_AUTH] = N_ ("The relay does not accept this device’s key."),
  [TESS_NET_ERROR_REPLACED] = N_ ("Another connection of this device took over."),
  [TESS_NET_ERROR_UNKNOWN_OUTCOME] = N_ ("The connection was lost before the relay answered."),
  [TESS_NET_ERROR_CLOSED] = N_ ("The connection is closed."),
  [TESS_NET_ERROR_TOO_MANY] = N_ ("Too many requests are waiting for an answer."),
  [TESS_NET_ERROR_PROXY_AWAY] = N_ ("The proxy does not answer."),
  [TESS_NET_ERROR_PROXY_REFUSES] = N_ ("The proxy refuses the connection."),
  [TESS_NET_ERROR_PROXY_FAILS] = N_ ("The proxy makes no connection: it is no SOCKS5 proxy, or cannot reach the relay."),
  [TESS_NET_ERROR_PROXY_UNKNOWN] = N_ ("The setting of the proxy cannot be read."),
};

uint32_t
tess_net_error_retry_after (const GError *error)
{
  return error != NULL && error->domain == TESS_NET_ERROR ? tess_net_error_get_private (error)->retry_after_ms : 0;
}

TessRelayCode
tess_net_error_relay_code (const GError *error)
{
  return error != NULL && error->domain == TESS_NET_ERROR ? tess_net_error_get_private (error)->relay_code : TESS_CODE_OTHER;
}

GError *
tess_net_error_new (TessNetError code, TessRelayCode relay_code, uint32_t retry_after_ms, const char *message)
{
  GError *error = g_error_new_literal (TESS_NET_ERROR, code, message != NULL ? message : sentences[code]);

  tess_net_error_get_private (error)->relay_code = relay_code;
  tess_net_error_get_private (error)->retry_after_ms = MIN (retry_after_ms, TESS_NET_RETRY_AFTER_MAX_MS);
  return error;
}

GError *
tess_net_error_from_relay (TessRelayCode relay_code)
{
  switch (relay_code)
    {
    case TESS_CODE_SLOW_DOWN:
      return tess_net_error_new (TESS_NET_ERROR_SLOW_DOWN, relay_code, 0, NULL);
    case TESS_CODE_BUSY:
      return tess_net_error_new (TESS_NET_ERROR_BUSY, relay_code, 0, NULL);
    case TESS_CODE_INVITATION:
      return tess_net_error_new (TESS_NET_ERROR_REJECTED, relay_code, 0,
                                 N_ ("The relay takes new people by invitation only, and this invitation is not valid."));
    case TESS_CODE_TAKEN:
      return tess_net_error_new (TESS_NET_ERROR_REJECTED, relay_code, 0, N_ ("This is already taken on the relay."));
    case TESS_CODE_STALE:
      return tess_net_error_new (TESS_NET_ERROR_REJECTED, relay_code, 0, N_ ("The relay knows a newer list of your devices."));
    case TESS_CODE_UNREGISTERED:
      return tess_net_error_new (TESS_NET_ERROR_REJECTED, relay_code, 0, N_ ("This device is not registered on the relay."));
    case TESS_CODE_BAD_REQUEST:
    case TESS_CODE_CAPABILITY:
    case TESS_CODE_NOT_FOUND:
    case TESS_CODE_TOO_LARGE:
    case TESS_CODE_OTHER:
    default:
      return tess_net_error_new (TESS_NET_ERROR_REJECTED, relay_code, 0, NULL);
    }
}

static GError *
unreachable (const char *message)
{
  return tess_net_error_new (TESS_NET_ERROR_UNREACHABLE, TESS_CODE_OTHER, 0, message);
}

static bool
is_proxy_refusal (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_NOT_ALLOWED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_NEED_AUTH)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_AUTH_FAILED);
}

GError *
tess_net_error_from_io (const GError *error)
{
  if (error->domain == G_TLS_ERROR)
    return tess_net_error_new (TESS_NET_ERROR_TLS, TESS_CODE_OTHER, 0, NULL);
  if (error->domain == G_RESOLVER_ERROR)
    return unreachable (N_ ("The relay’s name could not be found. Check the address and the network."));
  if (error->domain == SOUP_WEBSOCKET_ERROR || error->domain == SOUP_SESSION_ERROR)
    return tess_net_error_new (TESS_NET_ERROR_NOT_A_RELAY, TESS_CODE_OTHER, 0, NULL);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return unreachable (N_ ("The relay does not answer: nothing is running at this address."));
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return unreachable (N_ ("The relay does not answer in time."));
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE))
    return unreachable (N_ ("The relay cannot be reached. Check the network."));
  if (is_proxy_refusal (error))
    return tess_net_error_new (TESS_NET_ERROR_PROXY_REFUSES, TESS_CODE_OTHER, 0, NULL);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED))
    return tess_net_error_new (TESS_NET_ERROR_PROXY_FAILS, TESS_CODE_OTHER, 0, NULL);
  return unreachable (NULL);
}

GError *
tess_net_error_from_proxy (const GError *error)
{
  /* What the proxy says of the relay is the relay's trouble, and what it says of us its own. */
  if (is_proxy_refusal (error) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE))
    return tess_net_error_from_io (error);
  return tess_net_error_new (TESS_NET_ERROR_PROXY_FAILS, TESS_CODE_OTHER, 0, NULL);
}

/* Whole seconds; a date or anything else is no wait. */
static uint32_t
retry_after_ms (const char *text)
{
  guint64 seconds = 0;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, TESS_NET_RETRY_AFTER_MAX_MS / 1000, &seconds, NULL))
    return 0;
  return (uint32_t) seconds * 1000;
}

GError *
tess_net_error_from_http (unsigned status, const char *retry_after, TessRelayCode relay_code)
{
  uint32_t wait = retry_after_ms (retry_after);

  if (status == STATUS_TOO_MANY_REQUESTS)
    return tess_net_error_new (TESS_NET_ERROR_SLOW_DOWN, relay_code, wait, NULL);
  /* 502 to 504: the relay itself, or a proxy in front of one that is being restarted. */
  if (status >= SOUP_STATUS_BAD_GATEWAY && status <= SOUP_STATUS_GATEWAY_TIMEOUT)
    return tess_net_error_new (TESS_NET_ERROR_BUSY, relay_code, wait, NULL);
  if (relay_code == TESS_CODE_CAPABILITY)
    return tess_net_error_new (TESS_NET_ERROR_REFUSED, relay_code, 0, NULL);
  if (relay_code == TESS_CODE_NOT_FOUND)
    return tess_net_error_new (TESS_NET_ERROR_NOT_FOUND, relay_code, 0, NULL);
  if (relay_code != TESS_CODE_OTHER)
    return tess_net_error_new (TESS_NET_ERROR_PROTOCOL, relay_code, 0, NULL);
  return tess_net_error_new (TESS_NET_ERROR_NOT_A_RELAY, relay_code, 0, NULL);
}

GError *
tess_net_error_from_close (unsigned close_code)
{
  switch (close_code)
    {
    case TESS_CLOSE_MALFORMED:
      return tess_net_error_new (TESS_NET_ERROR_PROTOCOL, TESS_CODE_OTHER, 0, N_ ("The relay did not understand this program."));
    case TESS_CLOSE_REPLACED:
      return tess_net_error_new (TESS_NET_ERROR_REPLACED, TESS_CODE_OTHER, 0, NULL);
    case TESS_CLOSE_AUTH:
      return tess_net_error_new (TESS_NET_ERROR_AUTH, TESS_CODE_OTHER, 0, NULL);
    case TESS_CLOSE_TOO_SLOW:
      return unreachable (N_ ("The connection is too slow for the relay."));
    default:
      return unreachable (N_ ("The connection to the relay was lost."));
    }
}
