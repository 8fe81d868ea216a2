/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-profile-dir.h"

#include "base/tess-limits.h"
#include "base/tess-random.h"
#include "base/tess-text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_SIZE 16
#define PROFILE_FILE "profile"
#define DATABASE_FILE "database"
#define KEYS_FILE "keys"
#define RECOVERY_FILE "recovery"
#define LOCK_FILE "lock"
#define GROUP "Profile"
#define FORMAT 1
#define PROFILE_FILE_MAX 4096

struct _TessProfileDir {
  char *path;
  char *id;
  char *database;
  int dir;  /* file descriptors, -1: none */
  int lock;
};

char *
tess_profile_dir_default_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "tessera", NULL);
}

static void
set_error (GError **error, int saved_errno, const char *path, const char *what)
{
  g_autofree char *text = g_strdup_printf ("%s %s", path, what);

  tess_store_set_errno (error, saved_errno, text);
}

/* Ours, and nobody else's to write: others could swap the database or the keys. */
static bool
check_owner (TessProfileDir *self, GError **error)
{
  struct stat status;

  if (fstat (self->dir, &status) != 0)
    {
      set_error (error, errno, self->path, "cannot be looked at");
      return false;
    }
  if (status.st_uid == geteuid () && (status.st_mode & 022) == 0)
    return true;
  g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_UNSAFE,
               status.st_uid != geteuid () ? "The folder %s belongs to another user"
                                           : "Other users can write to the folder %s; take that away with: chmod go-w",
               self->path);
  return false;
}

static bool
open_dir (TessProfileDir *self, TessProfileDirMode mode, GError **error)
{
  int saved;

  if (mode == TESS_PROFILE_DIR_CREATE && g_mkdir_with_parents (self->path, 0700) != 0)
    {
      set_error (error, errno, self->path, "cannot be made");
      return false;
    }
  self->dir = open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->dir >= 0)
    return check_owner (self, error);
  saved = errno;
  if (saved == ENOENT)
    g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING, "There is no profile in %s", self->path);
  else
    set_error (error, saved, self->path, "cannot be opened");
  return false;
}

static bool
has_file (TessProfileDir *self, const char *name)
{
  return faccessat (self->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* An open file description's lock: it ends with the process, and children do not inherit it. */
static bool
take_lock (TessProfileDir *self, GError **error)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  self->lock = openat (self->dir, LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock >= 0 && fcntl (self->lock, F_OFD_SETLK, &lock) == 0)
    return true;
  if (self->lock >= 0 && (errno == EAGAIN || errno == EACCES))
    g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_IN_USE, "The profile in %s is open in another process", self->path);
  else
    set_error (error, errno, self->path, "cannot be locked");
  return false;
}

static bool
write_all (int fd, const uint8_t *data, size_t size)
{
  while (size > 0)
    {
      ssize_t written = write (fd, data, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return false;
      data += written;
      size -= (size_t) written;
    }
  return true;
}

/* All of it and durably, or the old file stays. */
static bool
replace_file (TessProfileDir *self, const char *name, const uint8_t *data, size_t size, GError **error)
{
  g_autofree char *part = g_strconcat (name, ".part", NULL);
  int fd, saved = 0;

  unlinkat (self->dir, part, 0);
  fd = openat (self->dir, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 || !write_all (fd, data, size) || fsync (fd) != 0)
    saved = errno;
  if (fd >= 0 && close (fd) != 0 && saved == 0)
    saved = errno;
  if (saved == 0 && (renameat (self->dir, part, self->dir, name) != 0 || fsync (self->dir) != 0))
    saved = errno;
  if (saved == 0)
    return true;
  if (fd >= 0)
    unlinkat (self->dir, part, 0);
  set_error (error, saved, name, "cannot be written");
  return false;
}

/* The whole file, at most @max bytes; NULL with MISSING, DAMAGED (longer) or IO. */
static GBytes *
read_whole (TessProfileDir *self, const char *name, size_t max, GError **error)
{
  g_autofree uint8_t *data = g_malloc (max + 1);
  g_autofd int fd = openat (self->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  size_t size = 0;
  ssize_t got = 1;

  while (fd >= 0 && got != 0 && size <= max)
    {
      got = read (fd, data + size, max + 1 - size);
      if (got > 0)
        size += (size_t) got;
      else if (got < 0 && errno != EINTR)
        break;
    }
  if (fd < 0 || got < 0)
    {
      set_error (error, errno, name, "cannot be read");
      return NULL;
    }
  if (size <= max)
    return g_bytes_new_take (g_steal_pointer (&data), size);
  g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED, "The file %s is too long to be ours", name);
  return NULL;
}

static bool
read_id (TessProfileDir *self, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GBytes) bytes = read_whole (self, PROFILE_FILE, PROFILE_FILE_MAX, error);
  uint8_t id[ID_SIZE];

  if (bytes == NULL)
    return false;
  if (g_key_file_load_from_bytes (file, bytes, G_KEY_FILE_NONE, NULL))
    {
      if (g_key_file_get_integer (file, GROUP, "Format", NULL) > FORMAT)
        {
          g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NEWER, "The profile in %s is from a newer version", self->path);
          return false;
        }
      self->id = g_key_file_get_string (file, GROUP, "Id", NULL);
    }
  if (self->id != NULL && tess_hex_decode (self->id, id, sizeof id))
    return true;
  g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED, "The file %s/%s is damaged", self->path, PROFILE_FILE);
  return false;
}

static bool
make_id (TessProfileDir *self, GError **error)
{
  uint8_t id[ID_SIZE];
  g_autofree char *text = NULL;

  if (has_file (self, DATABASE_FILE) || has_file (self, KEYS_FILE) || has_file (self, RECOVERY_FILE))
    {
      g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED, "The file %s/%s is missing beside the others", self->path,
                   PROFILE_FILE);
      return false;
    }
  if (!tess_random (id, sizeof id))
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FAILED, "No random bytes");
      return false;
    }
  self->id = tess_hex_encode (id, sizeof id);
  text = g_strdup_printf ("[%s]\nFormat=%d\nId=%s\n", GROUP, FORMAT, self->id);
  return replace_file (self, PROFILE_FILE, (const uint8_t *) text, strlen (text), error);
}

TessProfileDir *
tess_profile_dir_open (const char *path, TessProfileDirMode mode, GError **error)
{
  g_autoptr (TessProfileDir) self = g_new0 (TessProfileDir, 1);

  self->dir = self->lock = -1;
  self->path = g_canonicalize_filename (path, NULL);
  self->database = g_build_filename (self->path, DATABASE_FILE, NULL);
  if (!open_dir (self, mode, error))
    return NULL;
  if (mode == TESS_PROFILE_DIR_EXISTING && !has_file (self, PROFILE_FILE))
    {
      g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING, "There is no profile in %s", self->path);
      return NULL;
    }
  if (!take_lock (self, error) || !(has_file (self, PROFILE_FILE) ? read_id (self, error) : make_id (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

void
tess_profile_dir_close (TessProfileDir *self)
{
  if (self == NULL)
    return;
  if (self->lock >= 0)
    close (self->lock);
  if (self->dir >= 0)
    close (self->dir);
  g_free (self->path);
  g_free (self->id);
  g_free (self->database);
  g_free (self);
}

const char *
tess_profile_dir_path (TessProfileDir *self)
{
  return self->path;
}

const char *
tess_profile_dir_id (TessProfileDir *self)
{
  return self->id;
}

const char *
tess_profile_dir_database (TessProfileDir *self)
{
  return self->database;
}

bool
tess_profile_dir_has_database (TessProfileDir *self)
{
  return has_file (self, DATABASE_FILE);
}

bool
tess_profile_dir_has_keys (TessProfileDir *self)
{
  return has_file (self, KEYS_FILE);
}

static bool
write_bytes (TessProfileDir *self, const char *name, GBytes *bytes, GError **error)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);

  return replace_file (self, name, data, size, error);
}

GBytes *
tess_profile_dir_read_keys (TessProfileDir *self, GError **error)
{
  return read_whole (self, KEYS_FILE, TESS_KEYS_FILE_MAX, error);
}

bool
tess_profile_dir_write_keys (TessProfileDir *self, GBytes *wrapped, GError **error)
{
  return write_bytes (self, KEYS_FILE, wrapped, error);
}

bool
tess_profile_dir_has_recovery (TessProfileDir *self)
{
  return has_file (self, RECOVERY_FILE);
}

GBytes *
tess_profile_dir_read_recovery (TessProfileDir *self, GError **error)
{
  return read_whole (self, RECOVERY_FILE, TESS_KEYS_FILE_MAX, error);
}

bool
tess_profile_dir_write_recovery (TessProfileDir *self, GBytes *file, GError **error)
{
  return write_bytes (self, RECOVERY_FILE, file, error);
}

static bool
remove_file (TessProfileDir *self, const char *name, GError **error)
{
  if (unlinkat (self->dir, name, 0) == 0 || errno == ENOENT)
    return true;
  set_error (error, errno, name, "cannot be removed");
  return false;
}

bool
tess_profile_dir_drop_recovery (TessProfileDir *self, GError **error)
{
  return remove_file (self, RECOVERY_FILE, error);
}

bool
tess_profile_dir_erase (TessProfileDir *self, GError **error)
{
  static const char *const names[] = { DATABASE_FILE "-wal", DATABASE_FILE "-shm", DATABASE_FILE, KEYS_FILE, RECOVERY_FILE };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (!remove_file (self, names[i], error))
      return false;
  return true;
}
