/* QR codes as cameras, screens and strangers show them: drawn, so that no picture has to be kept. What is drawn depends on the
 * arguments and the generator alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "qr/tess-qr.h"

#include <glib.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdint.h>

/* How one code is seen. What is zero does nothing, but for @module and @white. */
typedef struct {
  double module;   /* pixels that a module is wide */
  double turn;     /* degrees */
  double tilt;     /* by how much of its width the far side is smaller, below 1 */
  double lean;     /* in what direction the far side lies: degrees */
  double covered;  /* the share of the code's area under a gray blot in its middle */
  bool inverted;   /* white on black */
  double blur;     /* standard deviation in pixels */
  double black;    /* the level of black, and of white: 0 to 255 */
  double white;
  double shade;    /* the share of the light that the right side has lost */
  double noise;    /* standard deviation in levels */
} QrSight;

#define QR_SIGHT_CLEAR { .module = 4, .white = 255 }

/* Light, 0 to 1 a pixel. */
typedef struct {
  int width, height;
  float *light;
} QrCanvas;

void qr_canvas_init (QrCanvas *self, int width, int height, double light);
void qr_canvas_clear (QrCanvas *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QrCanvas, qr_canvas_clear)

/* Something like a photo: clouds of every size down to a pixel, and things with straight edges. */
void qr_canvas_photo (QrCanvas *self, GRand *rand);
/* @code and its quiet zone around (@x, @y): turned, tilted, covered and inverted as @sight says. */
void qr_canvas_code (QrCanvas *self, const TessQrModules *code, const QrSight *sight, double x, double y);
/* The frame of it, @width * @height bytes of luminance: blurred, lit and noisy as @sight says; @rand is for noise
 * alone. Free with g_free(). */
uint8_t *qr_canvas_take (QrCanvas *self, const QrSight *sight, GRand *rand);

/* One code for @text in the middle of a photo. */
uint8_t *qr_frame (const char *text, int width, int height, const QrSight *sight, GRand *rand);

/* Any bytes as a code, where the app would not show them; NULL when they do not fit into one. */
TessQrModules *qr_modules_of_bytes (const void *data, size_t size);
/* The modules of what libqrencode made, which is freed; NULL is fine. */
TessQrModules *qr_modules_take (QRcode *code);
/* @code with its quiet zone, each module @pixels wide, as @side_out rows of luminance. */
uint8_t *qr_gray_of_modules (const TessQrModules *code, int pixels, int *side_out);
/* The same bytes as a picture. */
GdkPixbuf *qr_pixbuf_of_gray (const uint8_t *gray, int width, int height);
/* An address with a code's secret in capitals, as the app shows it, with random keys that need not be points. */
char *qr_random_code (GRand *rand);

/* @value with its first byte first, and the checksum of a PNG's parts. */
void qr_put32 (uint8_t *out, uint32_t value);
uint32_t qr_crc32 (const uint8_t *data, size_t size);
