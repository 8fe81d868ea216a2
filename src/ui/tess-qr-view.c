/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-qr-view.h"

#include "qr/tess-qr.h"

#define SIDE_MINIMUM 212
#define SIDE_NATURAL 280

struct _TessQrView {
  GtkWidget parent_instance;

  TessQrModules *code;
};

G_DEFINE_FINAL_TYPE (TessQrView, tess_qr_view, GTK_TYPE_WIDGET)

gboolean
tess_qr_view_set_text (TessQrView *self, const char *text, GError **error)
{
  g_clear_pointer (&self->code, tess_qr_modules_free);
  if (text != NULL)
    self->code = tess_qr_encode (text, error);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return text == NULL || self->code != NULL;
}

static void
tess_qr_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  static const GdkRGBA black = { 0, 0, 0, 1 };
  TessQrView *self = TESS_QR_VIEW (widget);
  int available = MIN (gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  int side, module, left, top;

  if (self->code == NULL)
    return;
  side = self->code->side;
  module = MAX (1, available / (side + 2 * TESS_QR_QUIET_ZONE));
  left = (gtk_widget_get_width (widget) - module * side) / 2;
  top = (gtk_widget_get_height (widget) - module * side) / 2;
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side;)
      {
        int run = 0;

        while (x + run < side && self->code->modules[y * side + x + run] != 0)
          run++;
        if (run > 0)
          {
            graphene_rect_t rect = GRAPHENE_RECT_INIT (left + x * module, top + y * module, run * module, module);

            gtk_snapshot_append_color (snapshot, &black, &rect);
          }
        x += run + 1;
      }
}

static void
tess_qr_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  *minimum = SIDE_MINIMUM;
  *natural = for_size < 0 ? SIDE_NATURAL : CLAMP (for_size, SIDE_MINIMUM, SIDE_NATURAL);
}

static GtkSizeRequestMode
tess_qr_view_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tess_qr_view_finalize (GObject *object)
{
  g_clear_pointer (&TESS_QR_VIEW (object)->code, tess_qr_modules_free);
  G_OBJECT_CLASS (tess_qr_view_parent_class)->finalize (object);
}

static void
tess_qr_view_class_init (TessQrViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tess_qr_view_finalize;
  widget_class->snapshot = tess_qr_view_snapshot;
  widget_class->measure = tess_qr_view_measure;
  widget_class->get_request_mode = tess_qr_view_get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "qrcode");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
tess_qr_view_init (TessQrView *self)
{
}
