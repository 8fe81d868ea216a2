/* Which way every connection of this process goes. One process has one profile, and what is set here is nobody's to forget: each
 * session of src/net takes it when it is made (tess-net-session.h), and there is no other door to the network. Main thread.
 *
 * SYSTEM is what GIO's default resolver says, that is the desktop's settings. TOR and SOCKS5 go through the proxy and nowhere
 * else: not when it is down, not to this machine itself, and not to a resolver, for the relay's name goes to the proxy as it is
 * (RFC 1928, 5: ATYP 3). Each session then asks with a name and a password of its own (RFC 1929), random and used once: Tor keeps
 * streams with different ones on different circuits (IsolateSOCKSAuth, which is on unless turned off), so that no relay can tell
 * by the exit that a deposit, a question and a mailbox are one person's. A proxy that knows no authentication is offered that
 * too (RFC 1928, 3). With UNKNOWN nothing connects.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-proxy.h"

G_BEGIN_DECLS

/* From now on every connection goes @proxy's way; those that are open or under way and went another end at once, as UNREACHABLE.
 * SYSTEM unless set. */
void tess_net_proxy_set (const TessProxy *proxy);
const TessProxy *tess_net_proxy_get (void);

/* Has @changed called with @data after each change, until tess_net_proxy_unwatch() of the number returned, never 0; 0 is fine
 * there. Whoever holds a connection ends it then. */
unsigned tess_net_proxy_watch (void (*changed) (void *data), void *data);
void tess_net_proxy_unwatch (unsigned watch);

G_END_DECLS
