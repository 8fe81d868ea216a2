/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qr/tess-qr-picture.h"

#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "qr/tess-qr.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
set_io_error (GError **error, const char *path, int saved_errno)
{
  /* Translators: the name of a file, and why */
  g_set_error (error, TESS_QR_ERROR, TESS_QR_ERROR_IO, _("%s cannot be read: %s"), path, g_strerror (saved_errno));
}

static void
set_too_large_error (GError **error)
{
  g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_TOO_LARGE, _("The picture is too large"));
}

static GBytes *
read_open_file (int fd, size_t size, const char *path, GError **error)
{
  g_autofree uint8_t *data = g_malloc (size + 1);
  size_t filled = 0;

  while (filled < size)
    {
      ssize_t got = read (fd, data + filled, size - filled);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          set_io_error (error, path, errno);
          return NULL;
        }
      if (got == 0)
        break;
      filled += (size_t) got;
    }
  return g_bytes_new_take (g_steal_pointer (&data), filled);
}

GBytes *
tess_qr_picture_file (const char *path, GError **error)
{
  g_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;

  if (fd < 0 || fstat (fd, &status) != 0)
    {
      set_io_error (error, path, errno);
      return NULL;
    }
  if (!S_ISREG (status.st_mode))
    {
      /* Translators: %s is the name of something that is a folder, or the like */
      g_set_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NOT_A_PICTURE, _("%s is not a file"), path);
      return NULL;
    }
  if (status.st_size > TESS_QR_FILE_BYTES_MAX)
    {
      set_too_large_error (error);
      return NULL;
    }
  return read_open_file (fd, (size_t) status.st_size, path, error);
}

/* The sizes that a BMP announces for its head and for what precedes its pixels lie within the file: the loader makes room for
 * them before it knows the sides. */
static bool
bmp_is_whole (const uint8_t *data, size_t size)
{
  static const size_t places[] = { 10, 14 };
  uint32_t announced;

  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    {
      if (size < places[i] + sizeof announced)
        return false;
      memcpy (&announced, data + places[i], sizeof announced);
      if (GUINT32_FROM_LE (announced) > size)
        return false;
    }
  return true;
}

/* gdk-pixbuf's name for the formats that we take, by their first bytes; the many others that it knows are not for strangers. */
static const char *
format_of (const uint8_t *data, size_t size)
{
  if (size >= 8 && memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0)
    return "png";
  if (size >= 3 && memcmp (data, "\xff\xd8\xff", 3) == 0)
    return "jpeg";
  if (size >= 6 && (memcmp (data, "GIF87a", 6) == 0 || memcmp (data, "GIF89a", 6) == 0))
    return "gif";
  if (size >= 2 && memcmp (data, "BM", 2) == 0 && bmp_is_whole (data, size))
    return "bmp";
  if (size >= 12 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    return "webp";
  return NULL;
}

/* Runs before a loader makes room for pixels; sides of zero make it give up. */
static void
judge_size (GdkPixbufLoader *loader, int width, int height, bool *too_large)
{
  if (width <= TESS_QR_SIDE_MAX && height <= TESS_QR_SIDE_MAX && (int64_t) width * height <= TESS_QR_PIXELS_MAX)
    return;
  *too_large = true;
  gdk_pixbuf_loader_set_size (loader, 0, 0);
}

GdkPixbuf *
tess_qr_picture_decode (GBytes *bytes, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = NULL;
  size_t size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);
  const char *format = format_of (data, size);
  GdkPixbuf *picture;
  bool too_large = size > TESS_QR_FILE_BYTES_MAX;
  bool written = false;

  if (format != NULL && !too_large)
    loader = gdk_pixbuf_loader_new_with_type (format, NULL);
  if (loader != NULL)
    {
      g_signal_connect (loader, "size-prepared", G_CALLBACK (judge_size), &too_large);
      written = gdk_pixbuf_loader_write (loader, data, size, NULL);
      /* A loader is always closed; a picture that ends early still shows what came. */
      gdk_pixbuf_loader_close (loader, NULL);
    }
  if (too_large)
    {
      set_too_large_error (error);
      return NULL;
    }
  picture = written ? gdk_pixbuf_loader_get_pixbuf (loader) : NULL;
  if (picture != NULL)
    return g_object_ref (picture);
  g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_NOT_A_PICTURE, _("This is not a PNG, JPEG, WebP, GIF or BMP picture"));
  return NULL;
}
