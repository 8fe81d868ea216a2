/* Loaded into a relay (LD_PRELOAD): as long as the file $TESSERA_READ_ONLY is there, regular files are on a disk that the system
 * has made read-only under it, as ext4 does after an error: what is open stays open, and nothing can be written. No mount can be
 * made so while something writes to it, and none by who is not root. As long as the file $TESSERA_STUCK is there, nothing that is
 * synced comes to the disk, and whoever syncs waits; and as long as $TESSERA_UNREADABLE is there, whoever reads an attachment. As
 * long as $TESSERA_FULL is there, nothing is free on it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool
is_there (const char *variable)
{
  const char *path = getenv (variable);
  int before = errno;
  bool there = path != NULL && access (path, F_OK) == 0;

  errno = before;
  return there;
}

static bool
is_read_only (void)
{
  return is_there ("TESSERA_READ_ONLY");
}

static bool
refused (int fd)
{
  struct stat info;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode) || !is_read_only ())
    return false;
  errno = EROFS;
  return true;
}

static bool
refused_flags (int flags)
{
  if (((flags & O_ACCMODE) == O_RDONLY && (flags & (O_CREAT | O_TRUNC)) == 0) || !is_read_only ())
    return false;
  errno = EROFS;
  return true;
}

static bool
refused_sync (int fd)
{
  while (is_there ("TESSERA_STUCK"))
    usleep (10000);
  return refused (fd);
}

static bool
refused_read (int fd)
{
  char link[64], path[512] = "";
  int before = errno;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  if (is_there ("TESSERA_UNREADABLE") && readlink (link, path, sizeof path - 1) > 0 && strstr (path, "/blobs/") != NULL)
    while (is_there ("TESSERA_UNREADABLE"))
      usleep (10000);
  errno = before;
  return false;
}

/* The function behind ours. */
#define REAL(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

#define WRAP(type, name, refusal, parameters, arguments)                                                                         \
  __attribute__ ((visibility ("default"))) type name parameters                                                                  \
  {                                                                                                                              \
    return (refusal) ? -1 : REAL (name) arguments;                                                                               \
  }

WRAP (ssize_t, write, refused (fd), (int fd, const void *data, size_t size), (fd, data, size))
WRAP (ssize_t, pwrite, refused (fd), (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
WRAP (ssize_t, pwrite64, refused (fd), (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
WRAP (ssize_t, read, refused_read (fd), (int fd, void *data, size_t size), (fd, data, size))
WRAP (ssize_t, pread, refused_read (fd), (int fd, void *data, size_t size, off_t at), (fd, data, size, at))
WRAP (ssize_t, pread64, refused_read (fd), (int fd, void *data, size_t size, off64_t at), (fd, data, size, at))
/* What a compiler makes of pread where it knows the buffer's size. */
ssize_t __pread64_chk (int fd, void *data, size_t size, off64_t at, size_t buffer);
WRAP (ssize_t, __pread64_chk, refused_read (fd), (int fd, void *data, size_t size, off64_t at, size_t buffer),
      (fd, data, size, at, buffer))
WRAP (int, ftruncate, refused (fd), (int fd, off_t size), (fd, size))
WRAP (int, ftruncate64, refused (fd), (int fd, off64_t size), (fd, size))
WRAP (int, fsync, refused_sync (fd), (int fd), (fd))
WRAP (int, fdatasync, refused_sync (fd), (int fd), (fd))
WRAP (int, unlink, refused_flags (O_TRUNC), (const char *path), (path))
WRAP (int, unlinkat, refused_flags (O_TRUNC), (int folder, const char *path, int flags), (folder, path, flags))

#define WRAP_STATVFS(name, out_type)                                                                                             \
  __attribute__ ((visibility ("default"))) int name (int fd, out_type *out)                                                      \
  {                                                                                                                              \
    int result = REAL (name) (fd, out);                                                                                          \
                                                                                                                                 \
    if (result == 0 && is_there ("TESSERA_FULL"))                                                                                \
      out->f_bfree = out->f_bavail = 0;                                                                                          \
    return result;                                                                                                               \
  }

WRAP_STATVFS (fstatvfs, struct statvfs)
WRAP_STATVFS (fstatvfs64, struct statvfs64)

#define WRAP_OPEN(name, parameters, arguments)                                                                                   \
  __attribute__ ((visibility ("default"))) int name parameters                                                                   \
  {                                                                                                                              \
    unsigned mode = 0;                                                                                                           \
    va_list rest;                                                                                                                \
                                                                                                                                 \
    va_start (rest, flags);                                                                                                      \
    if ((flags & (O_CREAT | O_TMPFILE)) != 0)                                                                                    \
      mode = va_arg (rest, unsigned);                                                                                            \
    va_end (rest);                                                                                                               \
    return refused_flags (flags) ? -1 : REAL (name) arguments;                                                                   \
  }

WRAP_OPEN (open, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN (open64, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN (openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
WRAP_OPEN (openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
