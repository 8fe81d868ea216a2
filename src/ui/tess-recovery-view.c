/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-recovery-view.h"

#include "ui/tess-await.h"
#include "ui/tess-paper-code.h"

#include <glib/gi18n.h>

struct _TessRecoveryView {
  AdwBin parent_instance;

  GtkLabel *intro;
  TessPaperCode *paper; /* a code that is shown and not in force */
  GtkWidget *spinner;
  GtkButton *make;

  TessEngine *engine;
  gboolean replaces; /* another, which works until then */
};

static guint began_signal, ended_signal;

G_DEFINE_FINAL_TYPE (TessRecoveryView, tess_recovery_view, ADW_TYPE_BIN)

static void
on_confirmed (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessRecoveryView *self = owner;

  gtk_widget_set_visible (self->spinner, FALSE);
  if (error != NULL)
    {
      tess_paper_code_ask (self->paper, error->message);
      gtk_label_set_label (self->intro,
                           self->replaces ? _("This code does not work yet, and your old one still does. Keep both, and type the "
                                              "last five digits once more to try again.")
                                          : _("This code does not work yet. Type its last five digits once more to try again."));
      g_signal_emit (self, ended_signal, 0);
      return;
    }
  tess_paper_code_forget (self->paper, NULL);
  gtk_label_set_label (self->intro,
                       self->replaces ? _("That is right. The new code works now, and the old one no more. Keep it where you "
                                          "will find it, and not on this computer alone.")
                                      : _("That is right. The code works now. Keep it where you will find it, and not on this "
                                          "computer alone."));
  gtk_accessible_announce (GTK_ACCESSIBLE (self), gtk_label_get_label (self->intro), GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  g_signal_emit (self, ended_signal, 0);
}

/* It was written down: only now does it take the place of an older one. */
static void
on_written (TessRecoveryView *self)
{
  gtk_widget_set_visible (self->spinner, TRUE);
  g_signal_emit (self, began_signal, 0);
  tess_await (tess_engine_confirm_recovery_code (self->engine, tess_paper_code_get (self->paper)), self, on_confirmed, NULL,
              NULL);
}

void
tess_recovery_view_make (TessRecoveryView *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessRecoveryText) code = tess_engine_make_recovery_code (self->engine, &error);

  gtk_widget_set_visible (GTK_WIDGET (self->make), code == NULL);
  if (code == NULL)
    {
      tess_paper_code_forget (self->paper, error->message);
      g_signal_emit (self, ended_signal, 0);
      return;
    }
  gtk_label_set_label (self->intro,
                       self->replaces ? _("Write this code down and keep it away from this computer. It is shown only now. Your "
                                          "old code works until you have typed the last five digits of this one.")
                                      : _("Write this code down and keep it away from this computer. It is shown only now, and "
                                          "works once you have typed its last five digits."));
  tess_paper_code_show (self->paper, code);
}

static void
on_make (TessRecoveryView *self)
{
  tess_recovery_view_make (self);
}

void
tess_recovery_view_set_engine (TessRecoveryView *self, TessEngine *engine)
{
  TessRecoveryState state = tess_engine_get_recovery (engine);

  g_set_object (&self->engine, engine);
  self->replaces = state == TESS_RECOVERY_CODE || state == TESS_RECOVERY_CODE_AND_PASSPHRASE;
  if (self->replaces)
    gtk_label_set_label (self->intro, _("You have a recovery code. It brings your keys back when the keyring of your desktop "
                                        "loses them. If the paper is lost, make a new one: the old code works no more then."));
  else if (state == TESS_RECOVERY_DAMAGED)
    gtk_label_set_label (self->intro, _("The recovery file is damaged, so that your code brings nothing back. Make a new one."));
  else
    gtk_label_set_label (self->intro, _("Your keys are in the keyring of your desktop. Should it lose them, a recovery code "
                                        "brings them back; without one, your messages and your account are lost."));
  gtk_button_set_label (self->make, self->replaces ? _("_Make a New Code") : _("_Make a Recovery Code"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->make), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->replaces ? _("Make a New Code") : _("Make a Recovery Code"), -1);
}

static void
tess_recovery_view_dispose (GObject *object)
{
  g_clear_object (&TESS_RECOVERY_VIEW (object)->engine);
  G_OBJECT_CLASS (tess_recovery_view_parent_class)->dispose (object);
}

static void
tess_recovery_view_class_init (TessRecoveryViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_recovery_view_dispose;
  began_signal = g_signal_new ("began", TESS_TYPE_RECOVERY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  ended_signal = g_signal_new ("ended", TESS_TYPE_RECOVERY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (TESS_TYPE_PAPER_CODE);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-recovery-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, intro);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, paper);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, spinner);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, make);
  gtk_widget_class_bind_template_callback (widget_class, on_make);
  gtk_widget_class_bind_template_callback (widget_class, on_written);
}

static void
tess_recovery_view_init (TessRecoveryView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
