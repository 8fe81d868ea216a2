/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qr-frames.h"

#include <math.h>
#include <string.h>

#define FINENESS 3 /* samples a pixel, each way */
#define OCTAVES 7
#define THINGS 24

void
qr_canvas_init (QrCanvas *self, int width, int height, double light)
{
  *self = (QrCanvas) { width, height, g_new (float, (size_t) (width * height)) };
  for (int i = 0; i < width * height; i++)
    self->light[i] = (float) light;
}

void
qr_canvas_clear (QrCanvas *self)
{
  g_clear_pointer (&self->light, g_free);
}

/* Random heights at the corners of squares of @step pixels, smooth between them, added in proportion to @weight. */
static void
add_octave (QrCanvas *self, int step, double weight, GRand *rand)
{
  int columns = self->width / step + 2, rows = self->height / step + 2;
  g_autofree double *corners = g_new (double, (size_t) (columns * rows));

  for (int i = 0; i < columns * rows; i++)
    corners[i] = (g_rand_double (rand) - 0.5) * weight;
  for (int y = 0; y < self->height; y++)
    for (int x = 0; x < self->width; x++)
      {
        const double *at = corners + y / step * columns + x / step;
        double right = (double) (x % step) / step, down = (double) (y % step) / step;

        self->light[y * self->width + x] += (float) ((at[0] * (1 - right) + at[1] * right) * (1 - down)
                                                     + (at[columns] * (1 - right) + at[columns + 1] * right) * down);
      }
}

/* An upright rectangle in one shade, as a window, a book or a shelf is. */
static void
add_thing (QrCanvas *self, GRand *rand)
{
  int left = g_rand_int_range (rand, 0, self->width), top = g_rand_int_range (rand, 0, self->height);
  int width = g_rand_int_range (rand, 2, self->width / 4 + 3), height = g_rand_int_range (rand, 2, self->height / 4 + 3);
  int right = MIN (self->width, left + width), bottom = MIN (self->height, top + height);
  float shade = (float) (g_rand_double (rand) - 0.5);

  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      self->light[y * self->width + x] += shade;
}

void
qr_canvas_photo (QrCanvas *self, GRand *rand)
{
  for (int i = 0; i < THINGS; i++)
    add_thing (self, rand);
  for (int i = 0; i < OCTAVES; i++)
    add_octave (self, 1 << i, 0.05 + 0.08 * i, rand);
  for (int i = 0; i < self->width * self->height; i++)
    self->light[i] = CLAMP (self->light[i], 0, 1);
}

static bool
is_black (const TessQrModules *code, int x, int y)
{
  return x >= 0 && x < code->side && y >= 0 && y < code->side && code->modules[y * code->side + x];
}

/* The light of the code at (@u, @v), in modules from its upper left corner. */
static double
light_of (const TessQrModules *code, const QrSight *sight, double u, double v)
{
  double blot = sqrt (sight->covered) * code->side / 2, middle = code->side / 2.0;

  if (fabs (u - middle) < blot && fabs (v - middle) < blot)
    return 0.5;
  return is_black (code, (int) floor (u), (int) floor (v)) != sight->inverted ? 0 : 1;
}

void
qr_canvas_code (QrCanvas *self, const TessQrModules *code, const QrSight *sight, double x, double y)
{
  double turn = sight->turn * G_PI / 180, lean = sight->lean * G_PI / 180;
  double half = (code->side / 2.0 + TESS_QR_QUIET_ZONE) * sight->module, squeeze = 1 - sight->tilt / 2;
  double nearing = sight->tilt / ((2 - sight->tilt) * half), reach = 2 * half;

  for (int py = MAX (0, (int) (y - reach)); py < MIN (self->height, (int) (y + reach)); py++)
    for (int px = MAX (0, (int) (x - reach)); px < MIN (self->width, (int) (x + reach)); px++)
      {
        float *light = &self->light[py * self->width + px];
        double sum = 0;

        for (int i = 0; i < FINENESS * FINENESS; i++)
          {
            double dx = px + (i % FINENESS + 0.5) / FINENESS - x, dy = py + (i / FINENESS + 0.5) / FINENESS - y;
            /* along the tilt and across it, as on the plane of the paper */
            double along = dx * cos (lean) + dy * sin (lean), across = dy * cos (lean) - dx * sin (lean);
            double depth = MAX (1 - nearing * along / squeeze, 0.01), a = along / squeeze / depth, b = across / depth;
            double u = (a * cos (lean - turn) - b * sin (lean - turn)) / sight->module;
            double v = (a * sin (lean - turn) + b * cos (lean - turn)) / sight->module;

            if (fabs (u) * sight->module < half && fabs (v) * sight->module < half)
              sum += light_of (code, sight, u + code->side / 2.0, v + code->side / 2.0);
            else
              sum += *light;
          }
        *light = (float) (sum / (FINENESS * FINENESS));
      }
}

/* One way of a Gaussian: along rows of @length pixels, @step apart, of which there are @count, @next apart. */
static void
blur_rows (const float *from, float *to, int length, int step, int count, int next, double deviation)
{
  int reach = MAX (1, (int) ceil (3 * deviation));
  g_autofree double *weights = g_new (double, (size_t) reach + 1);
  double sum = 0;

  for (int i = 0; i <= reach; i++)
    {
      weights[i] = exp (-i * i / (2 * deviation * deviation));
      sum += i == 0 ? weights[i] : 2 * weights[i];
    }
  for (int row = 0; row < count; row++)
    for (int at = 0; at < length; at++)
      {
        double value = 0;

        for (int i = -reach; i <= reach; i++)
          value += weights[ABS (i)] * from[row * next + CLAMP (at + i, 0, length - 1) * step];
        to[row * next + at * step] = (float) (value / sum);
      }
}

/* Close to normal: four bytes, added. */
static double
noise (GRand *rand)
{
  guint32 bits = g_rand_int (rand);
  int sum = (int) (bits & 255) + (int) (bits >> 8 & 255) + (int) (bits >> 16 & 255) + (int) (bits >> 24);

  return (sum - 510) / 147.8;
}

uint8_t *
qr_canvas_take (QrCanvas *self, const QrSight *sight, GRand *rand)
{
  uint8_t *bytes = g_malloc ((size_t) (self->width * self->height));

  if (sight->blur > 0)
    {
      g_autofree float *between = g_new (float, (size_t) (self->width * self->height));

      blur_rows (self->light, between, self->width, 1, self->height, self->width, sight->blur);
      blur_rows (between, self->light, self->height, self->width, self->width, 1, sight->blur);
    }
  for (int i = 0; i < self->width * self->height; i++)
    {
      double lit = 1 - sight->shade * (i % self->width) / self->width;
      double level = (sight->black + (sight->white - sight->black) * (double) self->light[i]) * lit;

      if (sight->noise > 0)
        level += sight->noise * noise (rand);
      bytes[i] = (uint8_t) (CLAMP (level, 0, 255) + 0.5);
    }
  return bytes;
}

uint8_t *
qr_frame (const char *text, int width, int height, const QrSight *sight, GRand *rand)
{
  g_autoptr (TessQrModules) code = tess_qr_encode (text, NULL);
  g_auto (QrCanvas) canvas = { 0 };

  g_assert_nonnull (code);
  qr_canvas_init (&canvas, width, height, 0.5);
  qr_canvas_photo (&canvas, rand);
  qr_canvas_code (&canvas, code, sight, width / 2.0, height / 2.0);
  return qr_canvas_take (&canvas, sight, rand);
}

TessQrModules *
qr_modules_of_bytes (const void *data, size_t size)
{
  return size > 0 && size < 3000 ? qr_modules_take (QRcode_encodeData ((int) size, data, 0, QR_ECLEVEL_L)) : NULL;
}

TessQrModules *
qr_modules_take (QRcode *code)
{
  TessQrModules *self;

  if (code == NULL)
    return NULL;
  self = g_malloc (sizeof *self + (size_t) (code->width * code->width));
  self->side = code->width;
  for (int i = 0; i < code->width * code->width; i++)
    self->modules[i] = code->data[i] & 1;
  QRcode_free (code);
  return self;
}

uint8_t *
qr_gray_of_modules (const TessQrModules *code, int pixels, int *side_out)
{
  int side = (code->side + 2 * TESS_QR_QUIET_ZONE) * pixels;
  uint8_t *gray = g_malloc ((size_t) (side * side));

  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      gray[y * side + x] = is_black (code, x / pixels - TESS_QR_QUIET_ZONE, y / pixels - TESS_QR_QUIET_ZONE) ? 0 : 255;
  *side_out = side;
  return gray;
}

GdkPixbuf *
qr_pixbuf_of_gray (const uint8_t *gray, int width, int height)
{
  GdkPixbuf *picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      memset (gdk_pixbuf_get_pixels (picture) + y * gdk_pixbuf_get_rowstride (picture) + x * 3, gray[y * width + x], 3);
  return picture;
}

char *
qr_random_code (GRand *rand)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  GString *text = g_string_new ("TESSERA:1/RELAY.EXAMPLE.ORG");
  static const int sizes[] = { 52, 26, 26 };

  for (size_t part = 0; part < G_N_ELEMENTS (sizes); part++)
    {
      g_string_append_c (text, '/');
      for (int i = 0; i < sizes[part]; i++)
        g_string_append_c (text, digits[g_rand_int_range (rand, 0, 32)]);
    }
  return g_string_free_and_steal (text);
}

void
qr_put32 (uint8_t *out, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    out[i] = (uint8_t) (value >> (24 - 8 * i));
}

uint32_t
qr_crc32 (const uint8_t *data, size_t size)
{
  uint32_t crc = 0xffffffff;

  for (size_t i = 0; i < size; i++)
    {
      crc ^= data[i];
      for (int bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
  return ~crc;
}
