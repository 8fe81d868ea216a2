/* What tess-db.c and tess-query.c share. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-db.h"

#include <sqlite3.h>

G_BEGIN_DECLS

struct _TessDb {
  sqlite3 *handle;
  GHashTable *statements; /* SQL (a literal) to the idle sqlite3_stmt for it */
  unsigned depth;         /* of transactions */
  bool reading;           /* the outermost one refuses writes */
  unsigned fail_write;    /* see tess_db_fail_write() */
};

/* A statement for @sql, from the kept ones or new; NULL with @error. Given back with tess_db_give_statement(), reset. */
sqlite3_stmt *tess_db_take_statement (TessDb *self, const char *sql, GError **error);
void tess_db_give_statement (TessDb *self, sqlite3_stmt *statement);
/* FALSE with @error when a write may not be made now: a read transaction, one that SQLite rolled back, or a test's will. */
bool tess_db_may_write (TessDb *self, GError **error);
/* The error of the last call on the handle, which gave @code. */
GError *tess_db_error (TessDb *self, int code);

G_END_DECLS
