/* Which way the packets go. Any thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* This machine's address from which @remote (an internet address and port) would be reached now; NULL when it cannot be. Asks the
 * kernel; nothing is sent. Another answer than before means that connections of before lead nowhere. Free with g_free(). */
char *tess_net_path_source (GSocketAddress *remote);

G_END_DECLS
