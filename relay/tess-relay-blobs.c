/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-blobs.h"

#include "base/tess-clock.h"
#include "base/tess-text.h"
#include "relay/tess-relay-log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Threads that read, and close files that are deleted: one that waits for the disk holds up no other piece that is in memory. */
#define READ_THREADS 4

/* Before the id: an upload that is not finished. No id has such a letter. */
#define UNFINISHED "."

struct _TessRelayBlobs {
  unsigned refs;       /* the server's, and one an upload */
  char *path;
  int folder;
  uint64_t reserve;
  int64_t looked;      /* monotonic µs: when disk_is_low was found out, */
  int64_t told;        /* and when the operator was told last; 0: never */
  bool disk_is_low;
  uint64_t promised;   /* bytes that are to come for uploads on their way */
  GHashTable *uploads; /* name → TessRelayBlobUpload that is on its way, borrowed */
  GThreadPool *pool;   /* one thread: of Work */
  GThreadPool *readers; /* of Reading; NULL once the server's reference is gone */
  GMainContext *context;
  unsigned working;    /* finishes and reads whose done() has not come */
  bool sweeping;
};

struct _TessRelayBlobUpload {
  TessRelayBlobs *blobs;
  char *name;
  char *unfinished;
  int fd;
  uint64_t size;
  uint64_t written;
  TessRelayBlobOwner owner;
  bool failed;
  bool named;          /* has its final name */
  bool keep;
};

typedef struct {
  TessRelayBlobs *blobs;
  TessRelayBlobUpload *upload; /* NULL: a sweep */
  int64_t now;
  bool good;
  void (*done) (bool good, void *data);
  void *data;
} Work;

typedef struct {
  TessRelayBlobs *blobs;
  int fd;
  uint64_t offset;
  size_t size;
  GBytes *piece;
  void (*done) (GBytes *piece, void *data); /* NULL: the file is to be closed */
  void *data;
} Reading;

void
tess_relay_blob_id (const uint8_t ticket[static TESS_TICKET_SIZE], uint8_t id_out[static TESS_BLOB_ID_SIZE])
{
  crypto_generichash (id_out, TESS_BLOB_ID_SIZE, ticket, TESS_TICKET_SIZE, NULL, 0);
}

/* -- The thread ------------------------------------------------------------------------------------------------------------ */

static bool
write_out (TessRelayBlobs *self, TessRelayBlobUpload *upload, int64_t now)
{
  /* A blob's age is its file's: it stays right in a copy of the folder. */
  const struct timespec times[2] = { { .tv_sec = now }, { .tv_sec = now } };

  if (futimens (upload->fd, times) != 0 || fsync (upload->fd) != 0)
    return false;
  /* Unlike a rename, a link never takes the place of a blob that is there. */
  upload->named = linkat (self->folder, upload->unfinished, self->folder, upload->name, 0) == 0;
  unlinkat (self->folder, upload->unfinished, 0);
  return upload->named && fsync (self->folder) == 0;
}

/* Deletes the files that were stored before @limit; or what is @unfinished as well. */
static void
delete_old (TessRelayBlobs *self, int64_t limit, bool unfinished)
{
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      struct stat info;

      if (g_str_has_prefix (name, UNFINISHED) ? unfinished
                                              : fstatat (self->folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0
                                                  && S_ISREG (info.st_mode) && info.st_mtime < limit)
        unlinkat (self->folder, name, 0);
    }
}

static gboolean
on_worked (gpointer data)
{
  g_autofree Work *work = data;
  TessRelayBlobs *self = work->blobs;

  if (work->upload == NULL)
    self->sweeping = false;
  else
    work->done (work->good, work->data);
  self->working--;
  return G_SOURCE_REMOVE;
}

static GBytes *
read_piece (int fd, uint64_t offset, size_t size)
{
  g_autofree uint8_t *piece = g_malloc (size);
  size_t got = 0;

  while (got < size)
    {
      ssize_t count = pread (fd, piece + got, size - got, (off_t) (offset + got));

      if (count == 0 || (count < 0 && errno != EINTR))
        return NULL;
      got += count > 0 ? (size_t) count : 0;
    }
  return g_bytes_new_take (g_steal_pointer (&piece), size);
}

static gboolean
on_read (gpointer data)
{
  g_autofree Reading *reading = data;
  g_autoptr (GBytes) piece = reading->piece;
  TessRelayBlobs *self = reading->blobs;

  reading->done (piece, reading->data);
  self->working--;
  return G_SOURCE_REMOVE;
}

static void
run_reading (gpointer data, gpointer user_data)
{
  Reading *reading = data;
  g_autoptr (GSource) source = NULL;

  if (reading->done == NULL)
    {
      close (reading->fd);
      g_free (reading);
      return;
    }
  reading->piece = read_piece (reading->fd, reading->offset, reading->size);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_read, reading, NULL);
  g_source_attach (source, reading->blobs->context);
}

static void
run (gpointer data, gpointer user_data)
{
  Work *work = data;
  TessRelayBlobs *self = work->blobs;
  g_autoptr (GSource) source = g_idle_source_new ();

  if (work->upload != NULL)
    work->good = write_out (self, work->upload, work->now);
  else
    delete_old (self, work->now - TESS_BLOB_KEEP, false);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_worked, work, NULL);
  g_source_attach (source, self->context);
}

static void
push (TessRelayBlobs *self, Work work)
{
  self->working++;
  g_thread_pool_push (self->pool, g_memdup2 (&work, sizeof work), NULL);
}

/* -- The folder ------------------------------------------------------------------------------------------------------------ */

TessRelayBlobs *
tess_relay_blobs_new (const char *data, uint64_t reserve, GError **error)
{
  g_autofree char *path = g_build_filename (data, "blobs", NULL);
  TessRelayBlobs *self;
  int folder = -1;

  if (g_mkdir (path, 0700) == 0 || errno == EEXIST)
    folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (folder < 0)
    {
      g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA, "%s: the folder of attachments cannot be used: %s", path,
                   g_strerror (errno));
      return NULL;
    }
  self = g_new0 (TessRelayBlobs, 1);
  self->refs = 1;
  self->path = g_steal_pointer (&path);
  self->folder = folder;
  self->reserve = reserve;
  self->uploads = g_hash_table_new (g_str_hash, g_str_equal);
  self->context = g_main_context_ref_thread_default ();
  self->pool = g_thread_pool_new (run, self, 1, FALSE, NULL);
  self->readers = g_thread_pool_new (run_reading, self, READ_THREADS, FALSE, NULL);
  delete_old (self, INT64_MIN, true);
  return self;
}

static void
unref (TessRelayBlobs *self)
{
  if (--self->refs > 0)
    return;
  g_hash_table_unref (self->uploads);
  g_main_context_unref (self->context);
  close (self->folder);
  g_free (self->path);
  g_free (self);
}

void
tess_relay_blobs_free (TessRelayBlobs *self)
{
  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_thread_pool_free (g_steal_pointer (&self->readers), FALSE, TRUE);
  while (self->working > 0)
    g_main_context_iteration (self->context, TRUE);
  unref (self);
}

TessRelayResult
tess_relay_blobs_open (TessRelayBlobs *self, const uint8_t id[static TESS_BLOB_ID_SIZE], int *fd_out, uint64_t *size_out)
{
  g_autofree char *name = tess_base32_encode (id, TESS_BLOB_ID_SIZE);
  int fd = openat (self->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat info;

  /* Whoever is told that it is gone never asks again: neither a full table of descriptors nor a failing disk says that. */
  if (fd < 0)
    return errno == ENOENT ? TESS_RELAY_NOT_FOUND : TESS_RELAY_BUSY;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size > 0)
    {
      *fd_out = fd;
      *size_out = (uint64_t) info.st_size;
      return TESS_RELAY_OK;
    }
  close (fd);
  return TESS_RELAY_NOT_FOUND;
}

void
tess_relay_blobs_read (TessRelayBlobs *self, int fd, uint64_t offset, size_t size, void (*done) (GBytes *piece, void *data),
                       void *data)
{
  Reading reading = { .blobs = self, .fd = fd, .offset = offset, .size = size, .done = done, .data = data };

  self->working++;
  g_thread_pool_push (self->readers, g_memdup2 (&reading, sizeof reading), NULL);
}

/* Of a file without a name this gives back all its room, which takes a while if it is large. */
static void
close_deleted (TessRelayBlobs *self, int fd)
{
  Reading reading = { .blobs = self, .fd = fd };

  if (self->readers != NULL)
    g_thread_pool_push (self->readers, g_memdup2 (&reading, sizeof reading), NULL);
  else
    close (fd);
}

void
tess_relay_blobs_delete (TessRelayBlobs *self, const uint8_t id[static TESS_BLOB_ID_SIZE])
{
  g_autofree char *name = tess_base32_encode (id, TESS_BLOB_ID_SIZE);

  unlinkat (self->folder, name, 0);
}

void
tess_relay_blobs_sweep (TessRelayBlobs *self, int64_t now)
{
  if (self->sweeping)
    return;
  self->sweeping = true;
  push (self, (Work) { .blobs = self, .now = now });
}

/* -- Uploads --------------------------------------------------------------------------------------------------------------- */

/* What others were promised is as good as gone: many that begin at once would each find all that is free. */
static bool
has_room (TessRelayBlobs *self, uint64_t size)
{
  struct statvfs info;

  return fstatvfs (self->folder, &info) == 0
         && (uint64_t) info.f_bavail * info.f_frsize >= self->reserve + self->promised + size;
}

bool
tess_relay_blobs_disk_is_low (TessRelayBlobs *self)
{
  int64_t now = g_get_monotonic_time ();
  struct statvfs info;

  if (self->looked != 0 && now - self->looked < G_USEC_PER_SEC)
    return self->disk_is_low;
  self->looked = now;
  self->disk_is_low = fstatvfs (self->folder, &info) == 0
                      && (uint64_t) info.f_bavail * info.f_frsize < MIN (self->reserve, TESS_RELAY_MAIL_RESERVE);
  if (self->disk_is_low && tess_relay_log_again (&self->told))
    tess_relay_log (G_LOG_LEVEL_WARNING, "disk-low", "the disk is almost full; who deposits mail is told to wait");
  return self->disk_is_low;
}

/* Whether one more may begin: nobody takes all places, which a slow upload holds for hours. */
static bool
has_place (TessRelayBlobs *self, const TessRelayBlobOwner *owner)
{
  unsigned of_account = 0, of_address = 0;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->uploads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const TessRelayBlobUpload *upload = value;

      of_account += upload->owner.account == owner->account ? 1 : 0;
      of_address += upload->owner.address == owner->address ? 1 : 0;
    }
  return g_hash_table_size (self->uploads) < TESS_RELAY_UPLOADS_MAX && of_account < TESS_RELAY_UPLOADS_OF_ONE_MAX
         && of_address < TESS_RELAY_UPLOADS_OF_ONE_MAX;
}

TessRelayBlobUpload *
tess_relay_blob_upload_new (TessRelayBlobs *self, const uint8_t id[static TESS_BLOB_ID_SIZE], uint64_t size,
                            TessRelayBlobOwner owner)
{
  g_autofree char *name = tess_base32_encode (id, TESS_BLOB_ID_SIZE);
  g_autofree char *unfinished = g_strconcat (UNFINISHED, name, NULL);
  TessRelayBlobUpload *upload;
  int fd;

  if (!has_place (self, &owner) || g_hash_table_contains (self->uploads, name) || !has_room (self, size))
    return NULL;
  fd = openat (self->folder, unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return NULL;
  upload = g_new0 (TessRelayBlobUpload, 1);
  upload->blobs = self;
  self->refs++;
  upload->name = g_steal_pointer (&name);
  upload->unfinished = g_steal_pointer (&unfinished);
  upload->fd = fd;
  upload->size = size;
  upload->owner = owner;
  self->promised += size;
  g_hash_table_insert (self->uploads, upload->name, upload);
  return upload;
}

bool
tess_relay_blob_upload_write (TessRelayBlobUpload *self, const void *data, size_t size)
{
  const uint8_t *from = data;

  self->failed |= size > self->size - self->written;
  while (size > 0 && !self->failed)
    {
      ssize_t count = write (self->fd, from, size);

      if (count > 0)
        {
          from += count;
          size -= (size_t) count;
          self->written += (uint64_t) count;
          self->blobs->promised -= (uint64_t) count;
        }
      else if (count == 0 || errno != EINTR)
        self->failed = true;
    }
  return !self->failed;
}

void
tess_relay_blob_upload_finish (TessRelayBlobUpload *self, void (*done) (bool good, void *data), void *data)
{
  if (self->failed || self->written != self->size)
    done (false, data);
  else
    push (self->blobs,
          (Work) { .blobs = self->blobs, .upload = self, .now = tess_clock_now (), .done = done, .data = data });
}

void
tess_relay_blob_upload_keep (TessRelayBlobUpload *self)
{
  self->keep = true;
}

void
tess_relay_blob_upload_free (TessRelayBlobUpload *self)
{
  if (self->keep)
    close (self->fd);
  else
    {
      unlinkat (self->blobs->folder, self->named ? self->name : self->unfinished, 0);
      close_deleted (self->blobs, self->fd);
    }
  self->blobs->promised -= self->size - self->written;
  g_hash_table_remove (self->blobs->uploads, self->name);
  unref (self->blobs);
  g_free (self->name);
  g_free (self->unfinished);
  g_free (self);
}
