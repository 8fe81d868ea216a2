/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-net-session.h"

static unsigned second_ms = 1000;

SoupSession *
tess_net_session_new (void)
{
  /* No timeout of libsoup's: it would count for a WebSocket too, which may be silent for long. The callers keep time. */
  SoupSession *session
    = soup_session_new_with_options ("user-agent", "Tessera", "accept-language-auto", FALSE, "timeout", 0, "idle-timeout", 1,
                                     NULL);

  soup_session_remove_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  return session;
}

SoupMessage *
tess_net_message_new (const char *uri)
{
  SoupMessage *message = soup_message_new (SOUP_METHOD_GET, uri);

  if (message != NULL)
    {
      soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION);
      soup_message_set_force_http1 (message, TRUE);
    }
  return message;
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
