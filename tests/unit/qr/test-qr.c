/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qr-frames.h"

#include "base/tess-limits.h"

#include <glib/gstdio.h>
#include <qrencode.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* As long as a real code: address and secret, made for alphanumeric mode. */
#define CODE                                                                                                                     \
  "TESSERA:1/RELAY.EXAMPLE.ORG:8443/ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST/ABCDEFGHIJKLMNOPQRSTUVWXYZ/"            \
  "ABCDEFGHIJKLMNOPQRSTUVWXYA"

static GdkPixbuf *
render (const char *text, int module_pixels)
{
  g_autoptr (GError) error = NULL;
  GdkPixbuf *picture = tess_qr_render (text, module_pixels, &error);

  g_assert_no_error (error);
  return picture;
}

static void
assert_reads (GdkPixbuf *picture, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = tess_qr_read_pixbuf (picture, &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_strv_length (texts), ==, 1);
  g_assert_cmpstr (texts[0], ==, text);
}

static void
assert_bytes_fail (const void *data, size_t size, TessQrError code)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;

  g_assert_null (tess_qr_read_bytes (bytes, &error));
  g_assert_error (error, TESS_QR_ERROR, (int) code);
}

static void
test_encode (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessQrModules) upper = tess_qr_encode (CODE, &error);
  g_autofree char *lower_text = g_ascii_strdown (CODE, -1);
  g_autoptr (TessQrModules) lower = tess_qr_encode (lower_text, &error);
  g_autofree char *too_long = g_strnfill (TESS_QR_TEXT_MAX + 1, 'A');
  g_autofree char *longest = g_strnfill (TESS_QR_TEXT_MAX, 'a');
  g_autoptr (TessQrModules) large = tess_qr_encode (longest, &error);
  g_autoptr (GdkPixbuf) picture = render (CODE, 3);

  g_assert_no_error (error);
  g_assert_cmpint (upper->side, <, lower->side);
  g_assert_cmpint (upper->modules[0], ==, 1);
  g_assert_nonnull (large);
  g_assert_null (tess_qr_encode ("", &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_TEXT);
  g_clear_error (&error);
  g_assert_null (tess_qr_encode (too_long, &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_TEXT);
  g_clear_error (&error);
  g_assert_null (tess_qr_encode ("Grüße", &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_TEXT);
  /* The quiet zone is there, and white. */
  g_assert_cmpint (gdk_pixbuf_get_width (picture), ==, (upper->side + 8) * 3);
  for (int y = 0; y < 12; y++)
    for (int x = 0; x < gdk_pixbuf_get_width (picture) * 3; x++)
      g_assert_cmpint (gdk_pixbuf_get_pixels (picture)[y * gdk_pixbuf_get_rowstride (picture) + x], ==, 255);
}

static void
test_round_trip (void)
{
  static const int sizes[] = { 1, 2, 3, 4, 8, 20 };

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GdkPixbuf) picture = render (CODE, sizes[i]);
      g_autoptr (GdkPixbuf) other = render ("Any other text? Yes, {this}.", sizes[i]);

      assert_reads (picture, CODE);
      assert_reads (other, "Any other text? Yes, {this}.");
    }
}

static void
test_files (void)
{
  static const char *const formats[] = { "png", "jpeg", "bmp" };
  g_autofree char *dir = g_dir_make_tmp ("tess-qr-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "code.png", NULL);
  g_autofree char *nowhere = g_build_filename (dir, "no", "code.png", NULL);
  g_autoptr (GdkPixbuf) picture = render (CODE, 4);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = NULL;
  struct stat status;

  g_assert_true (tess_qr_save_png (CODE, 6, path, &error));
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  texts = tess_qr_read_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (texts[0], ==, CODE);
  for (size_t i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *data = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_auto (GStrv) found = NULL;
      gsize size;

      g_assert_true (gdk_pixbuf_save_to_buffer (picture, &data, &size, formats[i], &error, NULL));
      bytes = g_bytes_new (data, size);
      found = tess_qr_read_bytes (bytes, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (found[0], ==, CODE);
    }
  g_assert_false (tess_qr_save_png (CODE, 6, nowhere, &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (tess_qr_read_file (nowhere, &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (tess_qr_read_file (dir, &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NOT_A_PICTURE);
  g_clear_error (&error);
  g_assert_null (tess_qr_read_file ("/dev/zero", &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NOT_A_PICTURE);
  g_unlink (path);
  g_rmdir (dir);
}

static void
invert (GdkPixbuf *picture)
{
  guchar *pixels = gdk_pixbuf_get_pixels (picture);

  for (size_t i = 0; i < gdk_pixbuf_get_byte_length (picture); i++)
    pixels[i] ^= 255;
}

static void
test_shapes (void)
{
  g_autoptr (GdkPixbuf) picture = render (CODE, 5);
  g_autoptr (GdkPixbuf) inverted = gdk_pixbuf_copy (picture);
  g_autoptr (GdkPixbuf) large = gdk_pixbuf_scale_simple (picture, 5000, 5000, GDK_INTERP_BILINEAR);
  g_autoptr (GdkPixbuf) odd = gdk_pixbuf_scale_simple (picture, 371, 371, GDK_INTERP_BILINEAR);
  g_autoptr (GdkPixbuf) alpha = gdk_pixbuf_add_alpha (picture, TRUE, 255, 255, 255);
  g_autoptr (GdkPixbuf) mirrored = gdk_pixbuf_flip (picture, TRUE);
  int side = gdk_pixbuf_get_width (picture), border = TESS_QR_QUIET_ZONE * 5;
  g_autoptr (GdkPixbuf) cut = gdk_pixbuf_new_subpixbuf (picture, border, border, side - 2 * border, side - 2 * border);

  invert (inverted);
  assert_reads (inverted, CODE);
  assert_reads (large, CODE);
  assert_reads (odd, CODE);
  assert_reads (alpha, CODE);
  assert_reads (mirrored, CODE);
  assert_reads (cut, CODE);
  for (int turn = 90; turn < 360; turn += 90)
    {
      g_autoptr (GdkPixbuf) turned = gdk_pixbuf_rotate_simple (picture, turn);

      assert_reads (turned, CODE);
    }
}

/* By any angle, as a hand-held camera sees it. */
static void
test_rotated (void)
{
  g_autoptr (GdkPixbuf) picture = render (CODE, 6);
  int side = gdk_pixbuf_get_width (picture), whole = side * 3 / 2;
  static const struct {
    double sine, cosine;
  } angles[] = { { 0.1736, 0.9848 }, { 0.4226, 0.9063 }, { 0.7071, 0.7071 }, { 0.9397, 0.3420 } };

  for (size_t i = 0; i < G_N_ELEMENTS (angles); i++)
    {
      g_autoptr (GdkPixbuf) turned = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, whole, whole);
      const guchar *from = gdk_pixbuf_get_pixels (picture);
      guchar *to = gdk_pixbuf_get_pixels (turned);

      gdk_pixbuf_fill (turned, 0xffffffff);
      for (int y = 0; y < whole; y++)
        for (int x = 0; x < whole; x++)
          {
            double dx = x - whole / 2, dy = y - whole / 2;
            int u = (int) (dx * angles[i].cosine + dy * angles[i].sine + side / 2);
            int v = (int) (dy * angles[i].cosine - dx * angles[i].sine + side / 2);

            if (u >= 0 && u < side && v >= 0 && v < side)
              memcpy (to + y * gdk_pixbuf_get_rowstride (turned) + x * 3,
                      from + v * gdk_pixbuf_get_rowstride (picture) + u * 3, 3);
          }
      assert_reads (turned, CODE);
    }
}

static void
test_several (void)
{
  g_autoptr (GdkPixbuf) first = render (CODE, 4);
  g_autoptr (GdkPixbuf) second = render ("https://example.org/", 4);
  int width = gdk_pixbuf_get_width (first), other = gdk_pixbuf_get_width (second);
  g_autoptr (GdkPixbuf) both = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width + other + 40, width);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = NULL;
  g_autofree char *picked = NULL;

  gdk_pixbuf_fill (both, 0xffffffff);
  gdk_pixbuf_copy_area (first, 0, 0, width, width, both, 0, 0);
  gdk_pixbuf_copy_area (second, 0, 0, other, other, both, width + 40, 0);
  texts = tess_qr_read_pixbuf (both, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_strv_length (texts), ==, 2);
  g_assert_null (tess_qr_pick ((const char *const *) texts, NULL, &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_SEVERAL_CODES);
  g_clear_error (&error);
  picked = tess_qr_pick ((const char *const *) texts, "tessera:", &error);
  g_assert_cmpstr (picked, ==, CODE);
  g_assert_null (tess_qr_pick ((const char *const *) texts, "nothing:", &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE);
}

static void
test_no_code (void)
{
  static const int sides[] = { 1, 2, 20, 21, 100, 900 };

  for (size_t i = 0; i < G_N_ELEMENTS (sides); i++)
    for (int wide = 0; wide < 2; wide++)
      {
        g_autoptr (GdkPixbuf) empty = gdk_pixbuf_new (GDK_COLORSPACE_RGB, wide, 8, wide ? 3000 : sides[i], sides[i]);
        g_autoptr (GError) error = NULL;

        gdk_pixbuf_fill (empty, 0x80808000);
        g_assert_null (tess_qr_read_pixbuf (empty, &error));
        g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE);
      }
}

/* A code may hold any bytes; what cannot be a line of text is no code for us. */
static void
test_control_characters (void)
{
  QRcode *code = QRcode_encodeString ("line\nbreak \033[31m", 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  g_autoptr (GdkPixbuf) small = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, code->width, code->width);
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < code->width * code->width; i++)
    memset (gdk_pixbuf_get_pixels (small) + i / code->width * gdk_pixbuf_get_rowstride (small) + i % code->width * 3,
            code->data[i] & 1 ? 0 : 255, 3);
  QRcode_free (code);
  picture = gdk_pixbuf_scale_simple (small, 300, 300, GDK_INTERP_NEAREST);
  g_assert_null (tess_qr_read_pixbuf (picture, &error));
  g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE);
}

static void
test_garbage (void)
{
  static const char *const texts[] = { "", "x", "BM", "GIF89a", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "RIFFxxxxWEBP", "<svg/>",
                                       "P1 3 3 0 0 0 0 0 0 0 0 0", "%PDF-1.4", "BMxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (GdkPixbuf) picture = render (CODE, 3);
  g_autofree char *png = NULL;
  gsize size;

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_bytes_fail (texts[i], strlen (texts[i]), TESS_QR_ERROR_NOT_A_PICTURE);
  g_assert_true (gdk_pixbuf_save_to_buffer (picture, &png, &size, "png", NULL, NULL));
  /* Cut off and bent pictures: whatever comes of it, it is an answer. */
  for (int round = 0; round < 300; round++)
    {
      g_autofree char *bent = g_memdup2 (png, size);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) found = NULL;
      gsize length = round % 3 == 0 ? (gsize) g_rand_int_range (rand, 0, (int) size) : size;

      for (int i = 0; i < round % 5; i++)
        bent[g_rand_int_range (rand, 8, (int) size)] ^= (char) g_rand_int_range (rand, 1, 256);
      bytes = g_bytes_new (bent, length);
      found = tess_qr_read_bytes (bytes, &error);
      g_assert_true ((found == NULL) == (error != NULL));
    }
}

static void
assert_png_too_large (uint32_t width, uint32_t height)
{
  uint8_t png[57] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";

  qr_put32 (png + 16, width);
  qr_put32 (png + 20, height);
  png[24] = 8;
  png[25] = 6;
  qr_put32 (png + 29, qr_crc32 (png + 12, 17));
  memcpy (png + 33, "\0\0\0\0IDAT", 8);
  qr_put32 (png + 41, qr_crc32 (png + 37, 4));
  assert_bytes_fail (png, 45, TESS_QR_ERROR_TOO_LARGE);
}

/* The most address space that the process has had, in KiB. */
static uint64_t
peak_space (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "VmPeak:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("VmPeak:"), NULL, 10);
}

/* A BMP that announces gigabytes before its sides. */
static void
test_bmp_head (void)
{
  static const size_t places[] = { 10, 14 };
  uint64_t before = peak_space ();

  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    {
      uint8_t bmp[64] = "BM";

      bmp[10] = 54;
      bmp[14] = 40;
      memset (bmp + places[i], 0xff, 4);
      bmp[places[i] + 3] = 0x7f;
      assert_bytes_fail (bmp, sizeof bmp, TESS_QR_ERROR_NOT_A_PICTURE);
      memset (bmp + places[i], 0xff, 4);
      assert_bytes_fail (bmp, sizeof bmp, TESS_QR_ERROR_NOT_A_PICTURE);
    }
  g_assert_cmpuint (peak_space () - before, <, 1024 * 1024);
}

/* Pictures of huge sides are refused by their header, before there is room for a pixel. */
static void
test_bombs (void)
{
  g_autofree uint8_t *large = g_malloc0 (TESS_QR_FILE_BYTES_MAX + 1);
  uint8_t gif[32] = "GIF89a\xff\xff\xff\xff\x80";
  uint8_t bmp[64] = "BM";
  struct rusage before, after;

  getrusage (RUSAGE_SELF, &before);
  assert_png_too_large (TESS_QR_SIDE_MAX + 1, 1);
  assert_png_too_large (1, TESS_QR_SIDE_MAX + 1);
  assert_png_too_large (9000, 9000);
  assert_png_too_large (1000000, 1000000);
  assert_bytes_fail (gif, sizeof gif, TESS_QR_ERROR_TOO_LARGE);
  bmp[10] = 54;
  bmp[14] = 40;
  bmp[20] = bmp[24] = 2; /* 131,072 pixels a side */
  bmp[26] = 1;
  bmp[28] = 24;
  assert_bytes_fail (bmp, sizeof bmp, TESS_QR_ERROR_TOO_LARGE);
  getrusage (RUSAGE_SELF, &after);
  g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, 50 * 1024);
  memcpy (large, "\x89PNG\r\n\x1a\n", 8);
  assert_bytes_fail (large, TESS_QR_FILE_BYTES_MAX + 1, TESS_QR_ERROR_TOO_LARGE);
}

/* A camera's frame: the code on gray, rows with something behind them. */
static uint8_t *
frame_of (GdkPixbuf *picture, int width, int height, size_t stride, size_t *size)
{
  int side = gdk_pixbuf_get_width (picture);
  uint8_t *bytes = g_malloc (*size = stride * (size_t) (height - 1) + (size_t) width);

  g_assert_cmpint (side, <, MIN (width, height));
  memset (bytes, 128, *size);
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      bytes[(size_t) (y + (height - side) / 2) * stride + (size_t) (x + (width - side) / 2)] =
        gdk_pixbuf_get_pixels (picture)[y * gdk_pixbuf_get_rowstride (picture) + x * 3];
  return bytes;
}

static void
assert_frame_fails (const uint8_t *bytes, size_t size, int width, int height, size_t stride, TessQrError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (tess_qr_read_frame (bytes, size, width, height, stride, &error));
  g_assert_error (error, TESS_QR_ERROR, (int) code);
}

static void
test_frame (void)
{
  g_autoptr (GdkPixbuf) picture = render (CODE, 5);
  g_autoptr (GError) error = NULL;
  size_t size;
  g_autofree uint8_t *bytes = frame_of (picture, 638, 480, 640, &size);
  g_auto (GStrv) texts = tess_qr_read_frame (bytes, size, 638, 480, 640, &error);
  g_auto (GStrv) inverted = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (g_strv_length (texts), ==, 1);
  g_assert_cmpstr (texts[0], ==, CODE);
  assert_frame_fails (bytes, size - 1, 638, 480, 640, TESS_QR_ERROR_NOT_A_PICTURE);
  assert_frame_fails (bytes, size, 638, 481, 640, TESS_QR_ERROR_NOT_A_PICTURE);
  assert_frame_fails (bytes, size, 638, 480, 637, TESS_QR_ERROR_NOT_A_PICTURE);
  assert_frame_fails (bytes, size, 638, 480, SIZE_MAX, TESS_QR_ERROR_NOT_A_PICTURE);
  assert_frame_fails (bytes, 100, 638, 480, 640, TESS_QR_ERROR_NOT_A_PICTURE);
  assert_frame_fails (bytes, size, 0, 480, 640, TESS_QR_ERROR_NOT_A_PICTURE);
  assert_frame_fails (bytes, size, 638, -1, 640, TESS_QR_ERROR_NOT_A_PICTURE);
  assert_frame_fails (bytes, size, TESS_QR_SIDE_MAX + 1, 480, SIZE_MAX, TESS_QR_ERROR_TOO_LARGE);
  for (size_t i = 0; i < size; i++)
    bytes[i] ^= 255;
  inverted = tess_qr_read_frame (bytes, size, 638, 480, 640, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (inverted[0], ==, CODE);
  memset (bytes, 128, size);
  assert_frame_fails (bytes, size, 638, 480, 640, TESS_QR_ERROR_NO_CODE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qr/encode", test_encode);
  g_test_add_func ("/qr/bmp-head", test_bmp_head);
  g_test_add_func ("/qr/bombs", test_bombs);
  g_test_add_func ("/qr/round-trip", test_round_trip);
  g_test_add_func ("/qr/files", test_files);
  g_test_add_func ("/qr/shapes", test_shapes);
  g_test_add_func ("/qr/rotated", test_rotated);
  g_test_add_func ("/qr/several", test_several);
  g_test_add_func ("/qr/no-code", test_no_code);
  g_test_add_func ("/qr/control-characters", test_control_characters);
  g_test_add_func ("/qr/garbage", test_garbage);
  g_test_add_func ("/qr/frame", test_frame);
  return g_test_run ();
}
