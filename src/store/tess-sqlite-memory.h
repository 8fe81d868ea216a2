/* SQLCipher's memory: private to the store layer. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Has SQLCipher wipe what it frees: pages, rows and statements hold private keys and texts in the clear. Once a process, before
 * anything else of SQLCipher; every later call is free. FALSE when SQLCipher was used before. Any thread. */
bool tess_sqlite_wipes_memory (void);

G_END_DECLS
