/* Pictures of strangers: what is decoded keeps the bounds, nothing else is taken, and every text that is read out of one is UTF-8
 * without control characters. Input: the file. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "base/tess-limits.h"
#include "qr/tess-qr-picture.h"
#include "qr/tess-qr.h"

#include <string.h>

/* Larger ones are decoded, but not searched for codes: that is zbar's work on pixels and takes its time. */
#define SEARCHED_PIXELS_MAX 20000

static void
search (GdkPixbuf *picture)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = tess_qr_read_pixbuf (picture, &error);

  fuzz_check_error (error, texts == NULL, TESS_QR_ERROR);
  for (unsigned i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      g_assert_true (g_utf8_validate (texts[i], -1, NULL));
      for (const char *at = texts[i]; *at != '\0'; at++)
        g_assert_false (g_ascii_iscntrl (*at));
      for (unsigned k = 0; k < i; k++)
        g_assert_cmpstr (texts[i], !=, texts[k]);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) picture = tess_qr_picture_decode (bytes, &error);
  int64_t width, height;

  fuzz_check_error (error, picture == NULL, TESS_QR_ERROR);
  if (picture == NULL)
    {
      g_assert_true (error->code == TESS_QR_ERROR_NOT_A_PICTURE || error->code == TESS_QR_ERROR_TOO_LARGE);
      return 0;
    }
  width = gdk_pixbuf_get_width (picture);
  height = gdk_pixbuf_get_height (picture);
  g_assert_true (width >= 1 && width <= TESS_QR_SIDE_MAX && height >= 1 && height <= TESS_QR_SIDE_MAX);
  g_assert_cmpint (width * height, <=, TESS_QR_PIXELS_MAX);
  if (width * height <= SEARCHED_PIXELS_MAX)
    search (picture);
  return 0;
}
