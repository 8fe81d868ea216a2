/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-code-dialog.h"

#include "ui/tess-code-view.h"

struct _TessCodeDialog {
  AdwDialog parent_instance;

  TessCodeView *code;
};

G_DEFINE_FINAL_TYPE (TessCodeDialog, tess_code_dialog, ADW_TYPE_DIALOG)

AdwDialog *
tess_code_dialog_new (TessEngine *engine)
{
  TessCodeDialog *self = g_object_new (TESS_TYPE_CODE_DIALOG, NULL);

  tess_code_view_set_engine (self->code, engine, NULL);
  return ADW_DIALOG (self);
}

static void
tess_code_dialog_class_init (TessCodeDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (TESS_TYPE_CODE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-code-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TessCodeDialog, code);
}

static void
tess_code_dialog_init (TessCodeDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
