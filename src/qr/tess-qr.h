/* QR codes: text to picture, picture to texts. Pictures come from strangers: their bytes and sides are bounded before anything
 * is decoded (TESS_QR_FILE_BYTES_MAX, TESS_QR_SIDE_MAX, TESS_QR_PIXELS_MAX). Any thread; reading a large photo takes up to a
 * second: not on the main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_QR_ERROR (tess_qr_error_quark ())
GQuark tess_qr_error_quark (void);

typedef enum {
  TESS_QR_ERROR_FAILED,        /* a library's fault, or no memory */
  TESS_QR_ERROR_TEXT,          /* the text to show is empty, longer than TESS_QR_TEXT_MAX bytes or not printable ASCII */
  TESS_QR_ERROR_IO,            /* the file cannot be read or written; the message says why */
  TESS_QR_ERROR_NOT_A_PICTURE, /* not a PNG, JPEG, WebP, GIF or BMP, or damaged */
  TESS_QR_ERROR_TOO_LARGE,     /* too many bytes or pixels */
  TESS_QR_ERROR_NO_CODE,       /* a picture without a readable QR code (of the kind asked for) */
  TESS_QR_ERROR_SEVERAL_CODES, /* more than one QR code of the kind asked for: crop the picture */
} TessQrError;

/* The white border around a code, in modules. */
#define TESS_QR_QUIET_ZONE 4

/* The modules of one code, without the quiet zone: 1 is black; row by row, @side * @side. */
typedef struct {
  int side;
  uint8_t modules[];
} TessQrModules;

/* Encodes @text at error correction level M in the smallest version that holds it (alphanumeric mode where its characters
 * allow: give upper case). TESS_QR_ERROR: TEXT, FAILED. Free with tess_qr_modules_free(). */
TessQrModules *tess_qr_encode (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tess_qr_modules_free (TessQrModules *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessQrModules, tess_qr_modules_free)

/* The same as a picture, black on white with the quiet zone, each module @module_pixels (1 to 64) wide. */
GdkPixbuf *tess_qr_render (const char *text, int module_pixels, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes it to a PNG file, replacing what is there; mode 0600, as the text may hold a secret. */
bool tess_qr_save_png (const char *text, int module_pixels, const char *path, GError **error);

/* Every QR code in a picture, as texts (UTF-8 without control characters; other codes are left out), each once: those that are
 * read at any of several sizes, as it is or inverted. NULL and TESS_QR_ERROR: IO, NOT_A_PICTURE, TOO_LARGE, NO_CODE. Free with
 * g_strfreev(). */
char **tess_qr_read_file (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char **tess_qr_read_bytes (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char **tess_qr_read_pixbuf (GdkPixbuf *picture, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of one frame of a camera: @height rows of @width luminance bytes, @stride apart, all within @size bytes. Tries it as
 * it is, at half the size and inverted, until one is read; the next frame is the next attempt. TESS_QR_ERROR: NOT_A_PICTURE (rows
 * that do not lie within @size, or too few), TOO_LARGE, NO_CODE. */
char **tess_qr_read_frame (const uint8_t *bytes, size_t size, int width, int height, size_t stride,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The one of @texts that starts with @prefix, in whatever case (NULL: any). TESS_QR_ERROR: NO_CODE, SEVERAL_CODES. Free with
 * g_free(). */
char *tess_qr_pick (const char *const *texts, const char *prefix, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
