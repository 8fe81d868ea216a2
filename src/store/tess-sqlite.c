/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-sqlite.h"

#include <errno.h>

/* A database that cannot be opened since its folder is missing is a fault of the disk for whoever calls. */
static TessStoreError
from_errno (int system_errno)
{
  return system_errno == ENOENT ? TESS_STORE_ERROR_IO : tess_store_code_of_errno (system_errno);
}

static TessStoreError
to_code (int code, int system_errno)
{
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID)
    return TESS_STORE_ERROR_EXISTS;
  switch (code & 0xff)
    {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return TESS_STORE_ERROR_DAMAGED;
    case SQLITE_FULL:
      return TESS_STORE_ERROR_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return TESS_STORE_ERROR_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return TESS_STORE_ERROR_BUSY;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return from_errno (system_errno);
    default:
      return TESS_STORE_ERROR_FAILED;
    }
}

GError *
tess_sqlite_error (sqlite3 *db, int code, int system_errno)
{
  const char *words = db != NULL ? sqlite3_errmsg (db) : sqlite3_errstr (code);
  const char *cause = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN ? g_strerror (system_errno) : NULL;

  return g_error_new (TESS_STORE_ERROR, (int) to_code (code, system_errno), "Database: %s%s%s (%d)", words,
                      cause != NULL && system_errno != 0 ? ": " : "", cause != NULL && system_errno != 0 ? cause : "", code);
}
