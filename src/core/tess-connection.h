/* Which way the connections of this process go: as the desktop says, through Tor or through another SOCKS5 proxy (tess-proxy.h).
 * It is kept in network.ini in the profile's folder, in the clear, since it has to be known before anything is unlocked, and
 * before there is anything. One process has one profile. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-proxy.h"
#include "core/tess-core-error.h"

G_BEGIN_DECLS

/* Takes what the profile in @dir says; tess_engine_open() does it first. Without the file that is SYSTEM. A file that cannot be
 * read, or says anything else than one of the ways, is UNKNOWN: nothing connects until a way is set. */
void tess_connection_load (const char *dir);

/* The way of now. Borrowed. */
const TessProxy *tess_connection_get (void);

/* Keeps @proxy (not UNKNOWN) in the profile in @dir, which is made (0700) when it is not there, and goes that way from now on:
 * what is open or under way and went another ends, and is made anew at once. FALSE: NOT_WRITABLE, NO_SPACE, FAILED, and all is as
 * it was. */
bool tess_connection_set (const char *dir, const TessProxy *proxy, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
