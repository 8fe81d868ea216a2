/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qr/tess-qr.h"

#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "qr/tess-qr-picture.h"

#include <string.h>
#include <zbar.h>

/* The longer side, in pixels, at which a picture is tried: zbar reads best when a module is some pixels wide and not blurred. */
#define USUAL_SIDE 1600
#define LARGE_SIDE 3200
#define SMALL_SIDE 800
#define TINY_SIDE 200
#define SIDE_MIN 21
/* White around the picture, for codes cut out without their quiet zone. */
#define MARGIN 16
#define ATTEMPTS_MAX 5

#define FORMAT_Y800 0x30303859UL

/* One luminance byte a pixel, with the margin. */
typedef struct {
  unsigned width, height;
  uint8_t *bytes;
} Gray;

static void
gray_clear (Gray *self)
{
  g_clear_pointer (&self->bytes, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gray, gray_clear)

static uint8_t
luminance (const guchar *pixel, bool has_alpha)
{
  unsigned value = (pixel[0] * 77u + pixel[1] * 151u + pixel[2] * 28u) >> 8;

  return (uint8_t) (has_alpha ? (value * pixel[3] + 255u * (255u - pixel[3])) / 255u : value);
}

static void
gray_init_white (Gray *self, unsigned width, unsigned height)
{
  self->width = width + 2 * MARGIN;
  self->height = height + 2 * MARGIN;
  self->bytes = g_malloc ((size_t) self->width * self->height);
  memset (self->bytes, 255, (size_t) self->width * self->height);
}

/* What is transparent shows white, as on paper. */
static void
gray_init (Gray *self, GdkPixbuf *picture)
{
  unsigned width = (unsigned) gdk_pixbuf_get_width (picture), height = (unsigned) gdk_pixbuf_get_height (picture);
  size_t stride = (size_t) gdk_pixbuf_get_rowstride (picture), channels = (size_t) gdk_pixbuf_get_n_channels (picture);
  const guchar *pixels = gdk_pixbuf_read_pixels (picture);
  bool has_alpha = gdk_pixbuf_get_has_alpha (picture);

  gray_init_white (self, width, height);
  for (unsigned y = 0; y < height; y++)
    for (unsigned x = 0; x < width; x++)
      self->bytes[(size_t) (y + MARGIN) * self->width + x + MARGIN] = luminance (pixels + y * stride + x * channels, has_alpha);
}

static void
gray_invert (Gray *self)
{
  for (unsigned y = MARGIN; y < self->height - MARGIN; y++)
    for (unsigned x = MARGIN; x < self->width - MARGIN; x++)
      self->bytes[(size_t) y * self->width + x] ^= 255;
}

/* @from at half the size, which has half the grain. */
static void
gray_halve (Gray *self, const Gray *from)
{
  self->width = from->width / 2;
  self->height = from->height / 2;
  self->bytes = g_malloc ((size_t) self->width * self->height);
  for (unsigned y = 0; y < self->height; y++)
    for (unsigned x = 0; x < self->width; x++)
      {
        const uint8_t *at = from->bytes + (size_t) (2 * y) * from->width + 2 * x;

        self->bytes[(size_t) y * self->width + x] = (uint8_t) ((at[0] + at[1] + at[from->width] + at[from->width + 1] + 2) / 4);
      }
}

static bool
is_fit (const char *text, size_t length)
{
  if (length == 0 || length > TESS_QR_TEXT_MAX || !g_utf8_validate (text, (gssize) length, NULL))
    return false;
  for (const char *next = text; next < text + length; next = g_utf8_next_char (next))
    if (g_unichar_iscntrl (g_utf8_get_char (next)))
      return false;
  return true;
}

static void
add_text (GPtrArray *found, const zbar_symbol_t *symbol)
{
  const char *data = zbar_symbol_get_data (symbol);
  size_t length = zbar_symbol_get_data_length (symbol);

  if (zbar_symbol_get_type (symbol) == ZBAR_QRCODE && data != NULL && is_fit (data, length))
    {
      g_autofree char *text = g_strndup (data, length);

      if (!g_ptr_array_find_with_equal_func (found, text, g_str_equal, NULL))
        g_ptr_array_add (found, g_steal_pointer (&text));
    }
}

/* Adds the fit texts in @gray that are not yet in @found. */
static void
scan (const Gray *gray, GPtrArray *found)
{
  zbar_image_scanner_t *scanner = zbar_image_scanner_create ();
  zbar_image_t *image = zbar_image_create ();

  zbar_image_scanner_set_config (scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
  zbar_image_scanner_set_config (scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
  zbar_image_set_format (image, FORMAT_Y800);
  zbar_image_set_size (image, gray->width, gray->height);
  zbar_image_set_data (image, gray->bytes, (unsigned long) gray->width * gray->height, NULL);
  if (zbar_scan_image (scanner, image) > 0)
    for (const zbar_symbol_t *symbol = zbar_image_first_symbol (image); symbol != NULL; symbol = zbar_symbol_next (symbol))
      add_text (found, symbol);
  zbar_image_destroy (image);
  zbar_image_scanner_destroy (scanner);
}

static void
scan_picture (GdkPixbuf *picture, GPtrArray *found)
{
  g_auto (Gray) gray = { 0 };

  gray_init (&gray, picture);
  scan (&gray, found);
  gray_invert (&gray);
  scan (&gray, found);
}

/* @picture with its longer side @to pixels long. NULL when there is no memory. */
static GdkPixbuf *
scale (GdkPixbuf *picture, int side, int to)
{
  int width = (int) ((int64_t) gdk_pixbuf_get_width (picture) * to / side);
  int height = (int) ((int64_t) gdk_pixbuf_get_height (picture) * to / side);

  if (to == side)
    return g_object_ref (picture);
  return gdk_pixbuf_scale_simple (picture, MAX (width, 1), MAX (height, 1), to > side ? GDK_INTERP_NEAREST : GDK_INTERP_BILINEAR);
}

/* The sizes to try, the likeliest first; gives their number. */
static int
plan_sides (int side, int sides[static ATTEMPTS_MAX])
{
  int count = 0;

  sides[count++] = MIN (side, USUAL_SIDE);
  if (side > USUAL_SIDE)
    sides[count++] = MIN (side, LARGE_SIDE);
  if (side >= 4 * SIDE_MIN)
    sides[count++] = MIN (side, USUAL_SIDE) / 2;
  if (side <= SMALL_SIDE)
    sides[count++] = side * 2;
  if (side <= TINY_SIDE)
    sides[count++] = side * 4;
  return count;
}

static bool
is_bounded (int width, int height, GError **error)
{
  if (width <= TESS_QR_SIDE_MAX && height <= TESS_QR_SIDE_MAX && (int64_t) width * height <= TESS_QR_PIXELS_MAX)
    return true;
  g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_TOO_LARGE, _("The picture is too large"));
  return false;
}

/* The texts in @found, or NO_CODE. */
static char **
give (GPtrArray *found, GError **error)
{
  if (found->len > 0)
    return (char **) g_ptr_array_steal (found, NULL);
  g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE, _("The picture holds no QR code that can be read"));
  return NULL;
}

char **
tess_qr_read_pixbuf (GdkPixbuf *picture, GError **error)
{
  int width = gdk_pixbuf_get_width (picture), height = gdk_pixbuf_get_height (picture);
  int sides[ATTEMPTS_MAX];
  int attempts;
  g_autoptr (GPtrArray) found = g_ptr_array_new_null_terminated (1, g_free, TRUE);

  if (!is_bounded (width, height, error))
    return NULL;
  attempts = MIN (width, height) >= SIDE_MIN ? plan_sides (MAX (width, height), sides) : 0;
  /* One code may be read at one size alone and another at another: who asks is to hear of both. */
  for (int i = 0; i < attempts; i++)
    {
      g_autoptr (GdkPixbuf) scaled = scale (picture, MAX (width, height), sides[i]);

      if (scaled != NULL)
        scan_picture (scaled, found);
    }
  return give (found, error);
}

char **
tess_qr_read_frame (const uint8_t *bytes, size_t size, int width, int height, size_t stride, GError **error)
{
  g_auto (Gray) gray = { 0 };
  g_autoptr (GPtrArray) found = g_ptr_array_new_null_terminated (1, g_free, TRUE);

  if (!is_bounded (width, height, error))
    return NULL;
  if (width < SIDE_MIN || height < SIDE_MIN || stride < (size_t) width
      || size < (size_t) width || (size - (size_t) width) / stride < (size_t) height - 1)
    {
      g_set_error_literal (error, TESS_QR_ERROR, TESS_QR_ERROR_NOT_A_PICTURE, _("The frame is not whole"));
      return NULL;
    }
  gray_init_white (&gray, (unsigned) width, (unsigned) height);
  for (size_t y = 0; y < (size_t) height; y++)
    memcpy (gray.bytes + (y + MARGIN) * gray.width + MARGIN, bytes + y * stride, (size_t) width);
  scan (&gray, found);
  if (found->len == 0)
    {
      g_auto (Gray) half = { 0 };

      gray_halve (&half, &gray);
      scan (&half, found);
    }
  if (found->len == 0)
    {
      gray_invert (&gray);
      scan (&gray, found);
    }
  return give (found, error);
}

char **
tess_qr_read_bytes (GBytes *bytes, GError **error)
{
  g_autoptr (GdkPixbuf) picture = tess_qr_picture_decode (bytes, error);

  return picture != NULL ? tess_qr_read_pixbuf (picture, error) : NULL;
}

char **
tess_qr_read_file (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = tess_qr_picture_file (path, error);

  return bytes != NULL ? tess_qr_read_bytes (bytes, error) : NULL;
}
