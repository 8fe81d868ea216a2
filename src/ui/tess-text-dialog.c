/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-text-dialog.h"

struct _TessTextDialog {
  AdwDialog parent_instance;

  GtkTextView *text_view;
};

G_DEFINE_FINAL_TYPE (TessTextDialog, tess_text_dialog, ADW_TYPE_DIALOG)

AdwDialog *
tess_text_dialog_new (const char *text)
{
  TessTextDialog *self = g_object_new (TESS_TYPE_TEXT_DIALOG, NULL);

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), text, -1);
  return ADW_DIALOG (self);
}

static void
tess_text_dialog_class_init (TessTextDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-text-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TessTextDialog, text_view);
}

static void
tess_text_dialog_init (TessTextDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
