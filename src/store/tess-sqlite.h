/* SQLCipher's results as ours: private to the store layer. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-store-error.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/* An error for the result @code of @db (which may be NULL), with SQLite's words. @system_errno is sqlite3_system_errno()'s. */
GError *tess_sqlite_error (sqlite3 *db, int code, int system_errno);

G_END_DECLS
