/* Inside src/net: errors that carry what the relay said. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/tess-net-error.h"

G_BEGIN_DECLS

/* An error with the relay's own code and the wait it asks for (milliseconds, 0 for none). */
GError *tess_net_error_new_from_relay (TessNetError code, TessRelayCode relay_code, uint32_t retry_after_ms, const char *message);

G_END_DECLS
