/* A copy of the database while it is in use. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define BUSY_MS 10000

static bool
fail (const char *path, const char *why, GError **error)
{
  g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA, "%s: %s", path, why);
  return false;
}

/* One reading transaction: the relay writes on meanwhile. The copy is compact; what was deleted is not in it. */
static bool
copy (const char *path, const char *to, GError **error)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *stmt = NULL;
  bool good = sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK
              && sqlite3_busy_timeout (db, BUSY_MS) == SQLITE_OK
              && sqlite3_prepare_v2 (db, "VACUUM INTO ?", -1, &stmt, NULL) == SQLITE_OK
              && sqlite3_bind_text (stmt, 1, to, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step (stmt) == SQLITE_DONE;

  if (!good)
    fail (path, db != NULL ? sqlite3_errmsg (db) : "out of memory", error);
  sqlite3_finalize (stmt);
  sqlite3_close (db);
  return good;
}

static bool
sync_path (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  bool good = fd >= 0 && fsync (fd) == 0;

  if (fd >= 0)
    close (fd);
  return good;
}

/* Nothing bears the name @to before it is whole, and what bears it already stays. */
bool
tess_relay_store_backup (const char *path, const char *to, GError **error)
{
  g_autofree char *part = g_strconcat (to, ".part", NULL);
  g_autofree char *folder = g_path_get_dirname (to);
  bool good;
  int fd;

  if (g_file_test (to, G_FILE_TEST_EXISTS))
    return fail (to, "is there already", error);
  g_unlink (part);
  fd = open (part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return fail (to, g_strerror (errno), error);
  close (fd);
  good = copy (path, part, error);
  if (good && !(sync_path (part) && link (part, to) == 0 && sync_path (folder)))
    good = fail (to, g_strerror (errno), error);
  g_unlink (part);
  return good;
}
