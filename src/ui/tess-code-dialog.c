/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-code-dialog.h"

#include "ui/tess-await.h"
#include "ui/tess-code-view.h"
#include "ui/tess-toast.h"

#include <glib/gi18n.h>

struct _TessCodeDialog {
  AdwDialog parent_instance;

  TessCodeView *code;
  GtkWidget *renew;

  TessEngine *engine;
  gboolean renewing; /* not shown by an insensitive button, which would lose the focus */
};

G_DEFINE_FINAL_TYPE (TessCodeDialog, tess_code_dialog, ADW_TYPE_DIALOG)

static void
on_renewed (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessCodeDialog *self = owner;

  self->renewing = FALSE;
  if (error != NULL)
    tess_toast (GTK_WIDGET (self->code), error->message);
  else if (g_value_get_boolean (value))
    tess_toast (GTK_WIDGET (self->code), _("Old codes and links are useless now"));
  else
    tess_toast (GTK_WIDGET (self->code), _("Old codes end when your relay can be reached"));
  tess_code_view_renew (self->code);
}

static void
on_answer (TessCodeDialog *self, const char *response)
{
  if (!g_str_equal (response, "yes") || self->renewing)
    return;
  self->renewing = TRUE;
  tess_await (tess_engine_renew_address (self->engine), self, on_renewed, NULL, NULL);
}

static void
on_renew (TessCodeDialog *self)
{
  AdwDialog *question
    = adw_alert_dialog_new (_("Make Old Codes Useless?"),
                            _("Whoever got your code or link and has not written to you yet cannot reach you with it any more, "
                              "and needs the new one. Your contacts notice nothing."));

  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (question), "cancel", _("_Cancel"), "yes", _("_Make Useless"), NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (question), "yes", ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (question), "cancel");
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (question), "cancel");
  g_signal_connect_object (question, "response", G_CALLBACK (on_answer), self, G_CONNECT_SWAPPED);
  /* where the focus comes back to, whatever pressed the button */
  gtk_widget_grab_focus (self->renew);
  adw_dialog_present (question, GTK_WIDGET (self));
}

AdwDialog *
tess_code_dialog_new (TessEngine *engine)
{
  TessCodeDialog *self = g_object_new (TESS_TYPE_CODE_DIALOG, NULL);

  self->engine = g_object_ref (engine);
  tess_code_view_set_engine (self->code, engine, NULL);
  return ADW_DIALOG (self);
}

static void
tess_code_dialog_dispose (GObject *object)
{
  g_clear_object (&TESS_CODE_DIALOG (object)->engine);
  G_OBJECT_CLASS (tess_code_dialog_parent_class)->dispose (object);
}

static void
tess_code_dialog_class_init (TessCodeDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_code_dialog_dispose;
  g_type_ensure (TESS_TYPE_CODE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-code-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TessCodeDialog, code);
  gtk_widget_class_bind_template_child (widget_class, TessCodeDialog, renew);
  gtk_widget_class_bind_template_callback (widget_class, on_renew);
}

static void
tess_code_dialog_init (TessCodeDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
