/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qr/tess-qr.h"

#include "base/tess-i18n.h"
#include "base/tess-limits.h"

#include <qrencode.h>
#include <string.h>

G_DEFINE_QUARK (tess-qr-error-quark, tess_qr_error)

#define MODULE_PIXELS_MAX 64

/* Printable ASCII is all that addresses need, and all that readers agree on without a header that names the character set. */
static bool
is_printable (const char *text)
{
  while (g_ascii_isprint (*text))
    text++;
  return *text == '\0';
}

TessQrModules *
tess_qr_encode (const char *text, GError **error)
{
  size_t length = strlen (text);
  TessQrModules *self;
  QRcode *code;

  if (length == 0 || length > TESS_QR_TEXT_MAX || !is_printable (text))
    {
      g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_TEXT, _("The text is empty, too long or not ASCII"));
      return NULL;
    }
  code = QRcode_encodeString (text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  if (code == NULL)
    {
      g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_FAILED, _("The QR code could not be made"));
      return NULL;
    }
  self = g_malloc0 (sizeof *self + (size_t) code->width * (size_t) code->width);
  self->side = code->width;
  for (int i = 0; i < code->width * code->width; i++)
    self->modules[i] = code->data[i] & 1;
  QRcode_free (code);
  return self;
}

void
tess_qr_modules_free (TessQrModules *self)
{
  g_free (self);
}

GdkPixbuf *
tess_qr_render (const char *text, int module_pixels, GError **error)
{
  g_autoptr (TessQrModules) code = tess_qr_encode (text, error);
  GdkPixbuf *picture;
  guchar *pixels;
  int side, stride;

  g_return_val_if_fail (module_pixels >= 1 && module_pixels <= MODULE_PIXELS_MAX, NULL);
  if (code == NULL)
    return NULL;
  side = (code->side + 2 * TESS_QR_QUIET_ZONE) * module_pixels;
  picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, side, side);
  if (picture == NULL)
    {
      g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_FAILED, _("No memory for the QR code’s picture"));
      return NULL;
    }
  gdk_pixbuf_fill (picture, 0xffffffff);
  pixels = gdk_pixbuf_get_pixels (picture);
  stride = gdk_pixbuf_get_rowstride (picture);
  for (int y = 0; y < code->side * module_pixels; y++)
    for (int x = 0; x < code->side * module_pixels; x++)
      if (code->modules[y / module_pixels * code->side + x / module_pixels])
        memset (pixels + (size_t) (y + TESS_QR_QUIET_ZONE * module_pixels) * (size_t) stride +
                  (size_t) (x + TESS_QR_QUIET_ZONE * module_pixels) * 3,
                0, 3);
  return picture;
}

bool
tess_qr_save_png (const char *text, int module_pixels, const char *path, GError **error)
{
  g_autoptr (GdkPixbuf) picture = tess_qr_render (text, module_pixels, error);
  g_autoptr (GError) cause = NULL;
  g_autofree char *png = NULL;
  gsize size;

  if (picture == NULL)
    return false;
  if (!gdk_pixbuf_save_to_buffer (picture, &png, &size, "png", &cause, NULL))
    {
      /* Translators: %s says why */
      g_set_error (error, TESS_QR_ERROR, TESS_QR_ERROR_FAILED, _("The QR code could not be made into a PNG: %s"), cause->message);
      return false;
    }
  if (g_file_set_contents_full (path, png, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &cause))
    return true;
  g_set_error (error, TESS_QR_ERROR, TESS_QR_ERROR_IO, "%s", cause->message);
  return false;
}

char *
tess_qr_pick (const char *const *texts, const char *prefix, GError **error)
{
  const char *found = NULL;

  for (; *texts != NULL; texts++)
    {
      if (prefix != NULL && g_ascii_strncasecmp (*texts, prefix, strlen (prefix)) != 0)
        continue;
      if (found != NULL)
        {
          g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_SEVERAL_CODES, _("The picture holds several QR codes"));
          return NULL;
        }
      found = *texts;
    }
  if (found == NULL)
    g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE, _("The picture holds no QR code of this kind"));
  return g_strdup (found);
}
