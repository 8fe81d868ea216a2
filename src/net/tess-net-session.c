/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-net-session.h"

#include "base/tess-random.h"
#include "base/tess-text.h"
#include "net/tess-net-proxy.h"

#include <string.h>

#define STAGE "tess-stage" /* of a message */
#define TOKEN_SIZE 16 /* bytes of a name or password that nobody guesses or meets twice */

static unsigned second_ms = 1000;

/* How far a message came on its way through a proxy. */
typedef enum {
  STAGE_NONE,    /* no proxy that we know of is on the way, or it is behind us */
  STAGE_DIALLED, /* the proxy did not answer yet */
  STAGE_ASKED,   /* it is asked for a connection to the relay */
} Stage;

static Stage
get_stage (SoupMessage *message)
{
  return (Stage) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (message), STAGE));
}

static void
set_stage (SoupMessage *message, Stage stage)
{
  g_object_set_data (G_OBJECT (message), STAGE, GINT_TO_POINTER (stage));
}

static bool
is_proxied (void)
{
  const TessProxy *proxy = tess_net_proxy_get ();

  return proxy->kind == TESS_PROXY_TOR || proxy->kind == TESS_PROXY_SOCKS5;
}

/* The one proxy for whatever is asked: no list of hosts without, and no "direct" behind it. */
static GProxyResolver *
resolver_new (GError **error)
{
  const TessProxy *proxy = tess_net_proxy_get ();
  bool colons = strchr (proxy->host, ':') != NULL;
  uint8_t token[2 * TOKEN_SIZE];
  g_autofree char *name = NULL, *password = NULL, *uri = NULL;

  if (!tess_random (token, sizeof token))
    {
      g_propagate_error (error, tess_net_error_new (TESS_NET_ERROR_UNREACHABLE, TESS_CODE_OTHER, 0, NULL));
      return NULL;
    }
  name = tess_hex_encode (token, TOKEN_SIZE);
  password = tess_hex_encode (token + TOKEN_SIZE, TOKEN_SIZE);
  uri = g_strdup_printf ("socks5://%s:%s@%s%s%s:%u", name, password, colons ? "[" : "", proxy->host, colons ? "]" : "",
                         proxy->port);
  return g_simple_proxy_resolver_new (uri, NULL);
}

static SoupSession *
session_new (GProxyResolver *resolver)
{
  /* No timeout of libsoup's: it would count for a WebSocket too, which may be silent for long. The callers keep time. */
  SoupSession *session
    = soup_session_new_with_options ("user-agent", "Tessera", "accept-language-auto", FALSE, "timeout", 0, "idle-timeout", 1,
                                     NULL);

  soup_session_remove_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  if (resolver != NULL)
    soup_session_set_proxy_resolver (session, resolver);
  return session;
}

SoupSession *
tess_net_session_new (GError **error)
{
  g_autoptr (GProxyResolver) resolver = NULL;

  if (tess_net_proxy_get ()->kind == TESS_PROXY_UNKNOWN)
    {
      g_propagate_error (error, tess_net_error_new (TESS_NET_ERROR_PROXY_UNKNOWN, TESS_CODE_OTHER, 0, NULL));
      return NULL;
    }
  if (is_proxied () && (resolver = resolver_new (error)) == NULL)
    return NULL;
  return session_new (resolver);
}

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, gpointer data)
{
  if (event == G_SOCKET_CLIENT_PROXY_NEGOTIATING)
    set_stage (message, STAGE_ASKED);
  else if (event == G_SOCKET_CLIENT_PROXY_NEGOTIATED)
    set_stage (message, STAGE_NONE);
}

SoupMessage *
tess_net_message_new (const char *uri)
{
  SoupMessage *message = soup_message_new (SOUP_METHOD_GET, uri);

  if (message != NULL)
    {
      soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION);
      soup_message_set_force_http1 (message, TRUE);
      set_stage (message, is_proxied () ? STAGE_DIALLED : STAGE_NONE);
      g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), NULL);
    }
  return message;
}

GError *
tess_net_message_error (SoupMessage *message, const GError *error)
{
  switch (get_stage (message))
    {
    case STAGE_DIALLED:
      return tess_net_error_new (TESS_NET_ERROR_PROXY_AWAY, TESS_CODE_OTHER, 0, NULL);
    case STAGE_ASKED:
      return tess_net_error_from_proxy (error);
    case STAGE_NONE:
    default:
      return tess_net_error_from_io (error);
    }
}

unsigned
tess_net_connect_seconds (unsigned seconds)
{
  return is_proxied () ? TESS_NET_PROXY_SECONDS : seconds;
}

void
tess_net_set_second (unsigned milliseconds)
{
  second_ms = milliseconds;
}

unsigned
tess_net_seconds (unsigned seconds)
{
  return seconds * second_ms;
}
