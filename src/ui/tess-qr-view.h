/* A QR code on the screen: black on white with its quiet zone, whatever the colours around it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESS_TYPE_QR_VIEW (tess_qr_view_get_type ())
G_DECLARE_FINAL_TYPE (TessQrView, tess_qr_view, TESS, QR_VIEW, GtkWidget)

/* Shows @text, or an empty white square for NULL. FALSE when it cannot be drawn. */
gboolean tess_qr_view_set_text (TessQrView *self, const char *text, GError **error);

G_END_DECLS
