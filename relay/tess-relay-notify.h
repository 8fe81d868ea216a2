/* Tells systemd how the relay is, where it asked for that (sd_notify(3): a datagram to $NOTIFY_SOCKET); nothing elsewhere. A
 * message that does not arrive is no fault. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void tess_relay_notify_ready (void);
/* What was asked for by SIGHUP begins; tess_relay_notify_ready() ends it. */
void tess_relay_notify_reloading (void);
void tess_relay_notify_stopping (void);

G_END_DECLS
