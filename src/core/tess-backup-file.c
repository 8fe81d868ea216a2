/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-backup-file.h"

#include "base/tess-i18n.h"
#include "base/tess-random.h"
#include "base/tess-text.h"

#include <fcntl.h>
#include <gio/gfiledescriptorbased.h>
#include <unistd.h>

struct _TessBackupFile {
  GFile *target;
  GFile *written; /* the temporary one */
  GFileOutputStream *stream; /* NULL once closed */
  TessProgress *progress;
  bool is_there;  /* the temporary file */
};

struct _TessBackupInput {
  GFileInputStream *stream;
  TessProgress *progress;
  double from, to;
  uint64_t size, read;
};

static bool
fail (GError **error, TessCoreError code, const char *sentence)
{
  g_set_error_literal (error, TESS_CORE_ERROR, code, sentence);
  return false;
}

static bool
fail_place (GError **error)
{
  return fail (error, TESS_CORE_ERROR_NOT_WRITABLE, _("The backup cannot be written there. Choose another place."));
}

/* @local is taken. */
static bool
fail_writing (GError **error, GError *local)
{
  static const int places[] = {
    G_IO_ERROR_PERMISSION_DENIED, G_IO_ERROR_READ_ONLY,        G_IO_ERROR_NOT_FOUND,
    G_IO_ERROR_NOT_DIRECTORY,     G_IO_ERROR_FILENAME_TOO_LONG, G_IO_ERROR_NOT_SUPPORTED,
  };
  g_autoptr (GError) taken = local;

  g_info ("a backup could not be written: %s", local->message);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return fail (error, TESS_CORE_ERROR_NO_SPACE,
                 _("There is not enough space for the backup. Free some space, or choose another place."));
  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_error_matches (local, G_IO_ERROR, places[i]))
      return fail_place (error);
  return fail (error, TESS_CORE_ERROR_FAILED, _("The backup could not be written: the disk reports an error."));
}

bool
tess_backup_goes_on (TessProgress *progress, GError **error)
{
  return !tess_progress_is_cancelled (progress) || fail (error, TESS_CORE_ERROR_CANCELLED, _("It was stopped."));
}

/* A name beside @target that is nobody's yet. */
static GFile *
written_beside (GFile *target, GError **error)
{
  g_autoptr (GFile) folder = g_file_get_parent (target);
  g_autofree char *name = g_file_get_basename (target);
  g_autofree char *random = NULL;
  g_autofree char *hidden = NULL;
  uint8_t bytes[8];

  if (folder == NULL || name == NULL)
    {
      fail_place (error);
      return NULL;
    }
  if (!tess_random (bytes, sizeof bytes))
    {
      tess_core_error_no_random (error);
      return NULL;
    }
  random = tess_hex_encode (bytes, sizeof bytes);
  hidden = g_strdup_printf (".tessera-backup-%s", random);
  return g_file_get_child (folder, hidden);
}

/* What is there and no file, a device above all, is not replaced. */
static bool
check_target (GFile *target, GError **error)
{
  GFileType type = g_file_query_file_type (target, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL);

  return type == G_FILE_TYPE_UNKNOWN || type == G_FILE_TYPE_REGULAR || fail_place (error);
}

TessBackupFile *
tess_backup_file_new (GFile *target, TessProgress *progress, GError **error)
{
  g_autoptr (TessBackupFile) self = g_new0 (TessBackupFile, 1);
  GError *local = NULL;

  self->target = g_object_ref (target);
  self->progress = g_object_ref (progress);
  if (!check_target (target, error))
    return NULL;
  self->written = written_beside (target, error);
  if (self->written == NULL)
    return NULL;
  self->stream = g_file_create (self->written, G_FILE_CREATE_PRIVATE, NULL, &local);
  if (self->stream == NULL)
    {
      fail_writing (error, local);
      return NULL;
    }
  self->is_there = true;
  return g_steal_pointer (&self);
}

void
tess_backup_file_free (TessBackupFile *self)
{
  g_autoptr (GError) error = NULL;

  if (self == NULL)
    return;
  if (self->stream != NULL)
    g_output_stream_close (G_OUTPUT_STREAM (self->stream), NULL, NULL);
  if (self->is_there && !g_file_delete (self->written, NULL, &error))
    g_warning ("The beginning of a backup stays: %s", error->message);
  g_clear_object (&self->stream);
  g_clear_object (&self->written);
  g_clear_object (&self->target);
  g_clear_object (&self->progress);
  g_free (self);
}

bool
tess_backup_file_put (void *file, const uint8_t *bytes, size_t size, GError **error)
{
  TessBackupFile *self = file;
  GError *local = NULL;

  if (!tess_backup_goes_on (self->progress, error))
    return false;
  return g_output_stream_write_all (G_OUTPUT_STREAM (self->stream), bytes, size, NULL, NULL, &local)
         || fail_writing (error, local);
}

/* To the disk where that can be asked for; and out of the cache, so that reading back reads the disk. */
static bool
sync_stream (GFileOutputStream *stream)
{
  int fd = G_IS_FILE_DESCRIPTOR_BASED (stream) ? g_file_descriptor_based_get_fd (G_FILE_DESCRIPTOR_BASED (stream)) : -1;

  if (fd < 0)
    return true;
  if (fsync (fd) != 0)
    return false;
  posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  return true;
}

bool
tess_backup_file_sync (TessBackupFile *self, GError **error)
{
  g_autoptr (GFileOutputStream) stream = NULL;
  GError *local = NULL;

  if (!g_output_stream_flush (G_OUTPUT_STREAM (self->stream), NULL, &local))
    return fail_writing (error, local);
  stream = g_steal_pointer (&self->stream);
  if (!sync_stream (stream))
    {
      g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, NULL);
      return fail (error, TESS_CORE_ERROR_FAILED, _("The backup could not be written: the disk reports an error."));
    }
  return g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &local) || fail_writing (error, local);
}

GFile *
tess_backup_file_get_written (TessBackupFile *self)
{
  return self->written;
}

/* The new name too. */
static void
sync_folder (GFile *target)
{
  g_autoptr (GFile) folder = g_file_get_parent (target);
  const char *path = folder != NULL ? g_file_peek_path (folder) : NULL;
  int fd = path != NULL ? open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

bool
tess_backup_file_replace (TessBackupFile *self, GError **error)
{
  GError *local = NULL;

  if (!tess_backup_goes_on (self->progress, error) || !check_target (self->target, error))
    return false;
  if (!g_file_move (self->written, self->target, G_FILE_COPY_OVERWRITE | G_FILE_COPY_NO_FALLBACK_FOR_MOVE, NULL, NULL, NULL,
                    &local))
    return fail_writing (error, local);
  self->is_there = false;
  sync_folder (self->target);
  return true;
}

static bool
fail_reading (GError **error, GError *local)
{
  g_autoptr (GError) taken = local;

  g_info ("a backup could not be read: %s", local->message);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return fail (error, TESS_CORE_ERROR_NOT_FOUND, _("There is no such file."));
  return fail (error, TESS_CORE_ERROR_NOT_FOUND, _("The file cannot be read."));
}

TessBackupInput *
tess_backup_input_new (GFile *file, TessProgress *progress, double from, double to, GError **error)
{
  g_autoptr (TessBackupInput) self = g_new0 (TessBackupInput, 1);
  g_autoptr (GFileInfo) info = NULL;
  GFileType type = g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, NULL);
  GError *local = NULL;

  self->progress = g_object_ref (progress);
  self->from = from;
  self->to = to;
  /* A pipe would be waited for. */
  if (type != G_FILE_TYPE_UNKNOWN && type != G_FILE_TYPE_REGULAR)
    {
      fail (error, TESS_CORE_ERROR_NOT_FOUND, _("The file cannot be read."));
      return NULL;
    }
  self->stream = g_file_read (file, NULL, &local);
  if (self->stream == NULL)
    {
      fail_reading (error, local);
      return NULL;
    }
  info = g_file_input_stream_query_info (self->stream, G_FILE_ATTRIBUTE_STANDARD_SIZE, NULL, NULL);
  self->size = info != NULL ? (uint64_t) g_file_info_get_size (info) : 0;
  return g_steal_pointer (&self);
}

void
tess_backup_input_free (TessBackupInput *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->stream);
  g_clear_object (&self->progress);
  g_free (self);
}

bool
tess_backup_input_get (void *input, uint8_t *bytes, size_t size, size_t *size_out, GError **error)
{
  TessBackupInput *self = input;
  GError *local = NULL;
  gsize read = 0;

  *size_out = 0;
  if (!tess_backup_goes_on (self->progress, error))
    return false;
  if (!g_input_stream_read_all (G_INPUT_STREAM (self->stream), bytes, size, &read, NULL, &local))
    return fail_reading (error, local);
  *size_out = read;
  self->read += read;
  if (self->size > 0 && self->read <= self->size)
    tess_progress_set (self->progress, self->from + (self->to - self->from) * (double) self->read / (double) self->size);
  return true;
}
