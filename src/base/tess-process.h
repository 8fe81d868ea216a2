/* What every Tessera program does first. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Starts libsodium, turns core dumps off and refuses other processes of the same user a look into memory (PR_SET_DUMPABLE; not
 * in builds with a sanitizer or under a debugger's TESSERA_DEBUGGABLE=1). Aborts when there is no random source. Call before any
 * thread exists. */
void tess_process_init (void);

G_END_DECLS
