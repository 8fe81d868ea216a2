/* Notices what tessera-relay admin changes beside a running relay. Most of it needs no notice, because the relay asks its
 * database each time; but who is connected it remembers. Every few seconds it asks whether anybody else has written, and if so
 * whose mailbox is gone. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-server.h"

G_BEGIN_DECLS

TessRelayWatch *tess_relay_watch_new (TessRelayServer *server);
/* After the writer has ended: until then its jobs may be on their way. */
void tess_relay_watch_free (TessRelayWatch *self);

G_END_DECLS
