/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-unlock-page.h"

#include <glib/gi18n.h>

struct _TessUnlockPage {
  AdwBin parent_instance;

  AdwStatusPage *status;
  GtkEditable *entry;
  GtkLabel *problem;
  GtkWidget *unlock;
  GtkStack *stack;
  GtkWidget *recover;
};

static guint unlock_signal, recover_signal;

G_DEFINE_FINAL_TYPE (TessUnlockPage, tess_unlock_page, ADW_TYPE_BIN)

static void
on_changed (TessUnlockPage *self)
{
  gtk_widget_set_sensitive (self->unlock, *gtk_editable_get_text (self->entry) != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
}

static void
on_unlock (TessUnlockPage *self)
{
  if (gtk_widget_get_sensitive (self->unlock))
    g_signal_emit (self, unlock_signal, 0);
}

static void
on_recover (TessUnlockPage *self)
{
  g_signal_emit (self, recover_signal, 0);
}

void
tess_unlock_page_set_recoverable (TessUnlockPage *self)
{
  gtk_widget_set_visible (self->recover, TRUE);
}

void
tess_unlock_page_set_locked (TessUnlockPage *self)
{
  adw_status_page_set_title (self->status, _("Tessera Is Locked"));
  adw_status_page_set_description (self->status, _("No messages are received until you unlock it."));
}

const char *
tess_unlock_page_get_passphrase (TessUnlockPage *self)
{
  return gtk_editable_get_text (self->entry);
}

void
tess_unlock_page_set_busy (TessUnlockPage *self, gboolean busy, const char *reason)
{
  gtk_stack_set_visible_child_name (self->stack, busy ? "busy" : "label");
  gtk_editable_set_editable (self->entry, !busy);
  gtk_widget_set_sensitive (self->unlock, !busy && *gtk_editable_get_text (self->entry) != '\0');
  gtk_widget_set_sensitive (self->recover, !busy);
  if (busy)
    return;
  gtk_label_set_label (self->problem, reason != NULL ? reason : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), reason != NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  if (reason != NULL)
    {
      gtk_editable_select_region (self->entry, 0, -1);
      gtk_accessible_announce (GTK_ACCESSIBLE (self), reason, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
    }
}

static void
tess_unlock_page_class_init (TessUnlockPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  unlock_signal = g_signal_new ("unlock", TESS_TYPE_UNLOCK_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  recover_signal = g_signal_new ("recover", TESS_TYPE_UNLOCK_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-unlock-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TessUnlockPage, status);
  gtk_widget_class_bind_template_child (widget_class, TessUnlockPage, entry);
  gtk_widget_class_bind_template_child (widget_class, TessUnlockPage, problem);
  gtk_widget_class_bind_template_child (widget_class, TessUnlockPage, unlock);
  gtk_widget_class_bind_template_child (widget_class, TessUnlockPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TessUnlockPage, recover);
  gtk_widget_class_bind_template_callback (widget_class, on_recover);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_unlock);
}

static void
tess_unlock_page_init (TessUnlockPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
