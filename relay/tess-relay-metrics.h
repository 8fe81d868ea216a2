/* GET /metrics in Prometheus' text form, on a listen address of its own that is not for the world. Sums only: nothing in
 * them tells one client, account or mailbox from another. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-server.h"

G_BEGIN_DECLS

/* Serves on @listen (HOST:PORT). NULL: TESS_RELAY_ERROR_LISTEN or _CONFIG. */
SoupServer *tess_relay_metrics_new (TessRelayServer *server, const char *listen, GError **error);
/* The text. Free with g_free(). */
char *tess_relay_metrics_build (TessRelayServer *server);

G_END_DECLS
