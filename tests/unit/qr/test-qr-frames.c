/* Codes as they come out of cameras and screens: each kind of picture is read, and of one that nobody could read, or that holds
 * none, just that is said. SPDX-License-Identifier: GPL-3.0-or-later */
#include "qr-frames.h"

#include <string.h>

#define WIDTH 640
#define HEIGHT 480
#define OTHER "https://example.org/"

/* Fails unless @texts is @text alone. */
static void
assert_one (char **texts, const GError *error, const char *text)
{
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (texts), ==, 1);
  g_assert_cmpstr (texts[0], ==, text);
}

/* Draws a code as @sight says; it is read, or not, off the camera and out of a picture. */
static void
judge (const QrSight *sight, const char *what, bool frame_is_read, bool picture_is_read)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (41);
  g_autofree char *text = qr_random_code (rand);
  g_autofree uint8_t *bytes = qr_frame (text, WIDTH, HEIGHT, sight, rand);
  g_autoptr (GdkPixbuf) picture = qr_pixbuf_of_gray (bytes, WIDTH, HEIGHT);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) from_frame = tess_qr_read_frame (bytes, WIDTH * HEIGHT, WIDTH, HEIGHT, WIDTH, &error);
  g_auto (GStrv) from_picture = NULL;

  g_test_message ("%s", what);
  if (frame_is_read)
    assert_one (from_frame, error, text);
  else
    g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE);
  g_clear_error (&error);
  from_picture = tess_qr_read_pixbuf (picture, &error);
  if (picture_is_read)
    assert_one (from_picture, error, text);
  else
    g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE);
}

static void
assert_read (const QrSight *sight, const char *what)
{
  judge (sight, what, true, true);
}

static void
assert_unread (const QrSight *sight, const char *what)
{
  judge (sight, what, false, false);
}

static void
test_turned (void)
{
  for (int turn = 0; turn < 360; turn += 15)
    {
      QrSight sight = QR_SIGHT_CLEAR;
      g_autofree char *what = g_strdup_printf ("%d degrees", turn);

      sight.module = 5;
      sight.turn = turn;
      assert_read (&sight, what);
    }
}

static void
test_tilted (void)
{
  for (int lean = 0; lean < 360; lean += 45)
    {
      QrSight sight = QR_SIGHT_CLEAR;
      g_autofree char *what = g_strdup_printf ("from %d degrees", lean);

      sight.module = 6;
      sight.tilt = 0.15;
      sight.lean = lean;
      assert_read (&sight, what);
    }
}

static void
test_blurred (void)
{
  QrSight sight = QR_SIGHT_CLEAR;

  sight.module = 6;
  sight.blur = 2;
  assert_read (&sight, "out of focus");
  sight.blur = 12;
  assert_unread (&sight, "nothing but a cloud");
}

static void
test_low_light (void)
{
  QrSight sight = QR_SIGHT_CLEAR;

  sight.black = 8;
  sight.white = 48;
  sight.noise = 4;
  assert_read (&sight, "a dark room");
  sight.white = 255;
  sight.shade = 0.8;
  assert_read (&sight, "a lamp on one side");
  sight.shade = 0;
  sight.black = sight.white = 20;
  assert_unread (&sight, "darkness");
}

static void
test_small (void)
{
  QrSight sight = QR_SIGHT_CLEAR;

  sight.module = 2;
  assert_read (&sight, "two pixels a module");
  sight.module = 0.7;
  assert_unread (&sight, "less than a pixel a module");
}

static void
test_inverted (void)
{
  QrSight sight = QR_SIGHT_CLEAR;

  sight.inverted = true;
  sight.turn = 30;
  assert_read (&sight, "white on black");
  sight.covered = 0.5;
  assert_unread (&sight, "white on black, half of it");
}

static void
test_covered (void)
{
  QrSight sight = QR_SIGHT_CLEAR;

  sight.covered = 0.05;
  assert_read (&sight, "a drop");
  sight.covered = 0.4;
  assert_unread (&sight, "a hand");
}

/* Grain over everything, and pictures of no code at all: none is seen in clouds, edges and grain. */
static void
test_photos (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (43);
  QrSight sight = QR_SIGHT_CLEAR;

  sight.noise = 30;
  assert_read (&sight, "coarse grain");
  sight.turn = 30;
  sight.noise = 47;
  assert_read (&sight, "grain as coarse as the code");
  for (int i = 0; i < 20; i++)
    {
      g_auto (QrCanvas) canvas = { 0 };
      g_autofree uint8_t *bytes = NULL;
      g_autoptr (GError) error = NULL;

      qr_canvas_init (&canvas, WIDTH, HEIGHT, 0.5);
      qr_canvas_photo (&canvas, rand);
      sight.noise = 4 * i;
      bytes = qr_canvas_take (&canvas, &sight, rand);
      g_assert_null (tess_qr_read_frame (bytes, WIDTH * HEIGHT, WIDTH, HEIGHT, WIDTH, &error));
      g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE);
    }
}

/* A screen of 1920 by 1080 with two codes on it, the second @module pixels a module. */
static char **
read_screen (const char *first, const char *second, double module)
{
  g_autoptr (TessQrModules) one = tess_qr_encode (first, NULL);
  g_autoptr (TessQrModules) two = tess_qr_encode (second, NULL);
  g_auto (QrCanvas) canvas = { 0 };
  g_autofree uint8_t *bytes = NULL;
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GError) error = NULL;
  QrSight sight = QR_SIGHT_CLEAR;
  char **texts;

  qr_canvas_init (&canvas, 1920, 1080, 0.9);
  sight.module = 5;
  qr_canvas_code (&canvas, one, &sight, 500.3, 540.2);
  sight.module = module;
  qr_canvas_code (&canvas, two, &sight, 1400.6, 540.7);
  bytes = qr_canvas_take (&canvas, &sight, NULL);
  picture = qr_pixbuf_of_gray (bytes, 1920, 1080);
  texts = tess_qr_read_pixbuf (picture, &error);
  g_assert_no_error (error);
  return texts;
}

/* Of two codes the one that is asked for is meant; of two of that kind neither, for nobody knows which. */
static void
test_two_codes (void)
{
  static const double modules[] = { 5, 3, 10 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (53);

  for (size_t i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      g_autofree char *mine = qr_random_code (rand);
      g_autofree char *theirs = qr_random_code (rand);
      g_auto (GStrv) mixed = read_screen (mine, OTHER, modules[i]);
      g_auto (GStrv) mixed_back = read_screen (OTHER, mine, modules[i]);
      g_auto (GStrv) both = read_screen (mine, theirs, modules[i]);
      g_auto (GStrv) twice = read_screen (mine, mine, modules[i]);
      g_autofree char *picked = tess_qr_pick ((const char *const *) mixed, "TESSERA:", NULL);
      g_autofree char *picked_back = tess_qr_pick ((const char *const *) mixed_back, "TESSERA:", NULL);
      g_autofree char *picked_twice = tess_qr_pick ((const char *const *) twice, "TESSERA:", NULL);
      g_autoptr (GError) error = NULL;

      g_test_message ("%.0f pixels a module", modules[i]);
      g_assert_cmpstr (picked, ==, mine);
      g_assert_cmpstr (picked_back, ==, mine);
      g_assert_cmpstr (picked_twice, ==, mine);
      g_assert_cmpuint (g_strv_length (twice), ==, 1);
      g_assert_cmpuint (g_strv_length (both), ==, 2);
      g_assert_null (tess_qr_pick ((const char *const *) both, "TESSERA:", &error));
      g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_SEVERAL_CODES);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qr/frames/turned", test_turned);
  g_test_add_func ("/qr/frames/tilted", test_tilted);
  g_test_add_func ("/qr/frames/blurred", test_blurred);
  g_test_add_func ("/qr/frames/low-light", test_low_light);
  g_test_add_func ("/qr/frames/small", test_small);
  g_test_add_func ("/qr/frames/inverted", test_inverted);
  g_test_add_func ("/qr/frames/covered", test_covered);
  g_test_add_func ("/qr/frames/photos", test_photos);
  g_test_add_func ("/qr/frames/two-codes", test_two_codes);
  return g_test_run ();
}
