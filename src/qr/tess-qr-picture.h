/* Pictures of strangers, decoded within bounds: private to the layer. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gdk-pixbuf/gdk-pixbuf.h>

G_BEGIN_DECLS

/* The whole regular file at @path, at most TESS_QR_FILE_BYTES_MAX bytes. TESS_QR_ERROR: IO, TOO_LARGE, NOT_A_PICTURE (a folder, a
 * pipe). */
GBytes *tess_qr_picture_file (const char *path, GError **error);
/* Decodes a PNG, JPEG, GIF, BMP or, where gdk-pixbuf has it, WebP; of an animation the first frame. The sides are judged before
 * pixels are decoded. TESS_QR_ERROR: NOT_A_PICTURE, TOO_LARGE. */
GdkPixbuf *tess_qr_picture_decode (GBytes *bytes, GError **error);

G_END_DECLS
