/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-net-error-private.h"

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
tess_net_error_new_from_relay (TessNetError code, TessRelayCode relay_code, uint32_t retry_after_ms, const char *message)
{
  GError *error = g_error_new_literal (TESS_NET_ERROR, code, message);

  tess_net_error_get_private (error)->relay_code = relay_code;
  tess_net_error_get_private (error)->retry_after_ms = retry_after_ms;
  return error;
}
