/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-recover-page.h"

struct _TessRecoverPage {
  AdwBin parent_instance;

  GtkEditable *entry;
  GtkLabel *problem;
  GtkWidget *recover;
  GtkStack *stack;
  GtkWidget *again;
};

static guint recover_signal, try_again_signal;

G_DEFINE_FINAL_TYPE (TessRecoverPage, tess_recover_page, ADW_TYPE_BIN)

static void
on_changed (TessRecoverPage *self)
{
  gtk_widget_set_sensitive (self->recover, *gtk_editable_get_text (self->entry) != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
}

static void
on_recover (TessRecoverPage *self)
{
  if (gtk_widget_get_sensitive (self->recover))
    g_signal_emit (self, recover_signal, 0);
}

static void
on_again (TessRecoverPage *self)
{
  g_signal_emit (self, try_again_signal, 0);
}

const char *
tess_recover_page_get_code (TessRecoverPage *self)
{
  return gtk_editable_get_text (self->entry);
}

void
tess_recover_page_set_busy (TessRecoverPage *self, gboolean busy, const char *reason)
{
  gtk_stack_set_visible_child_name (self->stack, busy ? "busy" : "label");
  gtk_editable_set_editable (self->entry, !busy);
  gtk_widget_set_sensitive (self->recover, !busy && *gtk_editable_get_text (self->entry) != '\0');
  gtk_widget_set_sensitive (self->again, !busy);
  if (busy)
    return;
  gtk_label_set_label (self->problem, reason != NULL ? reason : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), reason != NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  if (reason != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), reason, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
tess_recover_page_class_init (TessRecoverPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  recover_signal = g_signal_new ("recover", TESS_TYPE_RECOVER_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  try_again_signal = g_signal_new ("try-again", TESS_TYPE_RECOVER_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-recover-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TessRecoverPage, entry);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverPage, problem);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverPage, recover);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverPage, again);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_recover);
  gtk_widget_class_bind_template_callback (widget_class, on_again);
}

/* The digits are shown while they are typed, but their memory is kept as that of a passphrase is. */
static void
tess_recover_page_init (TessRecoverPage *self)
{
  g_autoptr (GtkEntryBuffer) buffer = gtk_password_entry_buffer_new ();
  GtkEditable *text;

  gtk_widget_init_template (GTK_WIDGET (self));
  text = gtk_editable_get_delegate (self->entry);
  if (text != NULL && GTK_IS_TEXT (text))
    gtk_text_set_buffer (GTK_TEXT (text), buffer);
}
