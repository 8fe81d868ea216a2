/* Texts and pixels of QR codes: a text that can be shown as a code is read out of its own picture again; any pixels are searched
 * without harm; and of several texts the one that is asked for is picked. Input: the kind; then the text, or a width and pixels,
 * or texts between zeros.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "base/tess-limits.h"
#include "qr/tess-qr.h"

#include <string.h>

#define MODULE_PIXELS 3

static void
check_shown (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessQrModules) modules = tess_qr_encode (text, &error);
  g_autoptr (GdkPixbuf) picture = NULL;
  g_auto (GStrv) texts = NULL;
  bool fit = text[0] != '\0' && strlen (text) <= TESS_QR_TEXT_MAX;

  for (const char *at = text; *at != '\0'; at++)
    fit = fit && g_ascii_isprint (*at);
  fuzz_check_error (error, modules == NULL, TESS_QR_ERROR);
  g_assert_cmpint (modules != NULL, ==, fit);
  if (modules == NULL)
    return;
  g_assert_true (modules->side >= 21 && modules->side <= 177);
  for (int i = 0; i < modules->side * modules->side; i++)
    g_assert_cmpuint (modules->modules[i], <=, 1);
  picture = tess_qr_render (text, MODULE_PIXELS, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_pixbuf_get_width (picture), ==, (modules->side + 2 * TESS_QR_QUIET_ZONE) * MODULE_PIXELS);
  texts = tess_qr_read_pixbuf (picture, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (texts), ==, 1);
  g_assert_cmpstr (texts[0], ==, text);
}

static void
check_pixels (TessReader *input)
{
  int width = 1 + tess_reader_u8 (input) % 64;
  int height = MAX (1, MIN (64, (int) (input->left / 3) / width));
  g_autofree guchar *pixels = g_malloc0 ((size_t) (width * height * 3));
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = NULL;

  if (input->left > 0)
    memcpy (pixels, input->next, MIN (input->left, (size_t) (width * height * 3)));
  picture = gdk_pixbuf_new_from_data (pixels, GDK_COLORSPACE_RGB, FALSE, 8, width, height, width * 3, NULL, NULL);
  texts = tess_qr_read_pixbuf (picture, &error);
  fuzz_check_error (error, texts == NULL, TESS_QR_ERROR);
}

static void
check_pick (TessReader *input)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) texts = NULL;
  g_autofree char *picked = NULL;
  g_autoptr (GError) error = NULL;
  unsigned fitting = 0;

  while (input->left > 0)
    {
      size_t size = strnlen ((const char *) input->next, input->left);
      g_autofree char *text = fuzz_text (input->next, size);

      g_strv_builder_add (builder, text);
      fitting += g_ascii_strncasecmp (text, "tessera:", 8) == 0;
      tess_reader_take (input, MIN (size + 1, input->left));
    }
  texts = g_strv_builder_end (builder);
  picked = tess_qr_pick ((const char *const *) texts, "tessera:", &error);
  fuzz_check_error (error, picked == NULL, TESS_QR_ERROR);
  g_assert_cmpint (picked != NULL, ==, fitting == 1);
  if (picked != NULL)
    g_assert_cmpint (g_ascii_strncasecmp (picked, "tessera:", 8), ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessReader input;
  uint8_t kind;

  tess_reader_init (&input, data, size);
  kind = tess_reader_u8 (&input);
  if (kind % 4 == 0)
    check_pick (&input);
  else if (kind % 4 == 1)
    check_pixels (&input);
  else
    {
      g_autofree char *text = fuzz_text (input.next, input.left);

      check_shown (text);
    }
  return 0;
}
