/* What every Tessera program does first. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Starts libsodium and turns core dumps off (not in builds with a sanitizer or under a debugger's TESSERA_DEBUGGABLE=1). Aborts
 * when there is no random source. Call before any thread exists. */
void tess_process_init (void);
/* Refuses other processes of the same user a look into memory (PR_SET_DUMPABLE; not where core dumps are on). Call before the
 * first secret is there. */
void tess_process_hide (void);

G_END_DECLS
