/* How many of a camera's frames are read, beside how many zbarimg reads, and what a frame costs, beside zbar alone. The frames
 * are drawn: each kind grows worse from its first frame to its last, beyond what anything reads.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

#include "../unit/qr/qr-frames.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <zbar.h>

#define SUITE "qr"
#define WIDTH 640
#define HEIGHT 480
#define FRAMES 50 /* a kind */
#define SEED 6600
#define FORMAT_Y800 0x30303859UL

/* @worse is 0 to 1. */
typedef struct {
  const char *name;
  void (*see) (QrSight *sight, double worse, GRand *rand);
} Kind;

static double
between (double from, double to, double at)
{
  return from + (to - from) * at;
}

static void
see_turned (QrSight *sight, double worse, GRand *rand)
{
  sight->module = between (5, 2, worse);
}

static void
see_tilted (QrSight *sight, double worse, GRand *rand)
{
  sight->module = 6;
  sight->tilt = between (0, 0.5, worse);
  sight->lean = g_rand_double_range (rand, 0, 360);
}

static void
see_blurred (QrSight *sight, double worse, GRand *rand)
{
  sight->module = 6;
  sight->blur = between (0.5, 5, worse);
}

static void
see_noisy (QrSight *sight, double worse, GRand *rand)
{
  sight->noise = between (5, 90, worse);
}

static void
see_dark (QrSight *sight, double worse, GRand *rand)
{
  sight->black = 6;
  sight->white = between (80, 10, worse);
  sight->noise = 3;
}

static void
see_shaded (QrSight *sight, double worse, GRand *rand)
{
  sight->shade = between (0.3, 0.97, worse);
  sight->noise = 3;
}

static void
see_small (QrSight *sight, double worse, GRand *rand)
{
  sight->module = between (3, 1, worse);
}

static void
see_inverted (QrSight *sight, double worse, GRand *rand)
{
  sight->inverted = true;
  sight->module = between (5, 2, worse);
}

static void
see_covered (QrSight *sight, double worse, GRand *rand)
{
  sight->covered = between (0.01, 0.25, worse);
}

/* A little of everything, as a hand-held camera has it. */
static void
see_mixed (QrSight *sight, double worse, GRand *rand)
{
  sight->module = between (6, 3, worse);
  sight->tilt = between (0.05, 0.2, worse);
  sight->lean = g_rand_double_range (rand, 0, 360);
  sight->blur = between (0.5, 1.5, worse);
  sight->noise = between (3, 15, worse);
  sight->black = 20;
  sight->white = between (220, 90, worse);
  sight->shade = between (0, 0.5, worse);
  sight->covered = between (0, 0.03, worse);
}

static const Kind kinds[] = {
  { "turned", see_turned },   { "tilted", see_tilted }, { "blurred", see_blurred },   { "noisy", see_noisy },
  { "dark", see_dark },       { "shaded", see_shaded }, { "small", see_small },       { "inverted", see_inverted },
  { "covered", see_covered }, { "mixed", see_mixed },
};

#define ALL ((int) G_N_ELEMENTS (kinds) * FRAMES)

/* What became of all frames. */
typedef struct {
  double ours_us[ALL], zbar_us[ALL];
  int ours[G_N_ELEMENTS (kinds)], theirs[G_N_ELEMENTS (kinds)];
  bool compared; /* there is a zbarimg */
} Figures;

static bool
read_ours (const uint8_t *bytes, const char *text, double *us_out)
{
  double began = bench_cpu_us ();
  g_auto (GStrv) texts = tess_qr_read_frame (bytes, WIDTH * HEIGHT, WIDTH, HEIGHT, WIDTH, NULL);

  *us_out = bench_cpu_us () - began;
  return texts != NULL && g_strv_contains ((const char *const *) texts, text);
}

/* One look at the frame as it is, which no reader can do without. */
static double
look_with_zbar (const uint8_t *bytes)
{
  double began = bench_cpu_us ();
  zbar_image_scanner_t *scanner = zbar_image_scanner_create ();
  zbar_image_t *image = zbar_image_create ();

  zbar_image_scanner_set_config (scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
  zbar_image_scanner_set_config (scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
  zbar_image_set_format (image, FORMAT_Y800);
  zbar_image_set_size (image, WIDTH, HEIGHT);
  zbar_image_set_data (image, bytes, WIDTH * HEIGHT, NULL);
  zbar_scan_image (scanner, image);
  zbar_image_destroy (image);
  zbar_image_scanner_destroy (scanner);
  return bench_cpu_us () - began;
}

/* The texts that zbarimg reads in the files of @paths; NULL without one. */
static char **
read_theirs (GStrvBuilder *paths)
{
  static const char *const words[] = { "zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", NULL };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) files = g_strv_builder_end (paths);
  g_auto (GStrv) command = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *said = NULL;

  g_strv_builder_addv (builder, (const char **) words);
  g_strv_builder_addv (builder, (const char **) files);
  command = g_strv_builder_end (builder);
  process = g_subprocess_newv ((const char *const *) command, G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL);
  if (process == NULL || !g_subprocess_communicate_utf8 (process, NULL, NULL, &said, NULL, NULL))
    return NULL;
  return g_strsplit (said, "\n", -1);
}

static void
save_frame (const uint8_t *bytes, const char *path)
{
  g_autoptr (GString) file = g_string_new (NULL);

  g_string_printf (file, "P5\n%d %d\n255\n", WIDTH, HEIGHT);
  g_string_append_len (file, (const char *) bytes, WIDTH * HEIGHT);
  g_assert_true (g_file_set_contents (path, file->str, (gssize) file->len, NULL));
}

/* Draws the frames of a kind, and has all three look at them. Each frame has a text of its own. */
static void
measure (Figures *self, size_t number, const char *folder)
{
  const Kind *kind = &kinds[number];
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) theirs = NULL;

  for (int i = 0; i < FRAMES; i++)
    {
      int at = (int) number * FRAMES + i;
      g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) (SEED + at));
      QrSight sight = QR_SIGHT_CLEAR;
      char *text = qr_random_code (rand);
      g_autofree char *path = g_strdup_printf ("%s/%d.pgm", folder, i);
      g_autofree uint8_t *bytes = NULL;

      sight.turn = g_rand_double_range (rand, 0, 360);
      kind->see (&sight, (double) i / (FRAMES - 1), rand);
      bytes = qr_frame (text, WIDTH, HEIGHT, &sight, rand);
      g_ptr_array_add (texts, text);
      save_frame (bytes, path);
      g_strv_builder_add (paths, path);
      self->zbar_us[at] = look_with_zbar (bytes);
      self->ours[number] += read_ours (bytes, text, &self->ours_us[at]);
    }
  theirs = read_theirs (paths);
  self->compared = theirs != NULL;
  for (guint i = 0; i < texts->len && theirs != NULL; i++)
    self->theirs[number] += g_strv_contains ((const char *const *) theirs, texts->pdata[i]);
  for (int i = 0; i < FRAMES; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%d.pgm", folder, i);

      g_unlink (path);
    }
}

static void
print_rate (const Figures *self, const char *name, int ours, int theirs, int frames)
{
  if (self->compared)
    bench_rate (SUITE, name, ours, theirs, frames);
  else
    bench_skipped (SUITE, name, "no zbarimg");
}

int
main (void)
{
  g_autofree Figures *figures = g_new0 (Figures, 1);
  g_autofree char *folder = g_dir_make_tmp ("bench-qr-XXXXXX", NULL);
  int ours = 0, theirs = 0;

  g_assert_nonnull (folder);
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *name = g_strconcat ("read-", kinds[i].name, NULL);

      measure (figures, i, folder);
      print_rate (figures, name, figures->ours[i], figures->theirs[i], FRAMES);
      ours += figures->ours[i];
      theirs += figures->theirs[i];
    }
  print_rate (figures, "read", ours, theirs, ALL);
  bench_runs (SUITE, "frame", "us_cpu", figures->ours_us, figures->zbar_us, ALL);
  g_rmdir (folder);
  return 0;
}
