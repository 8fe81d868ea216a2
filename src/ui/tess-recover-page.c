/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-recover-page.h"

#include "ui/tess-passphrase-page.h"

#include <glib/gi18n.h>

struct _TessRecoverPage {
  AdwBin parent_instance;

  AdwNavigationView *view;
  TessPassphrasePage *passphrase;
  AdwStatusPage *status;
  GtkEditable *entry;
  GtkLabel *problem;
  GtkWidget *recover;
  GtkStack *stack;
  GtkButton *again;
};

static guint recover_signal, try_again_signal;

G_DEFINE_FINAL_TYPE (TessRecoverPage, tess_recover_page, ADW_TYPE_BIN)

static void
on_changed (TessRecoverPage *self)
{
  gtk_widget_set_sensitive (self->recover, *gtk_editable_get_text (self->entry) != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
}

static gboolean
asks_passphrase (TessRecoverPage *self)
{
  return adw_navigation_view_get_visible_page (self->view) == ADW_NAVIGATION_PAGE (self->passphrase);
}

static void
on_recover (TessRecoverPage *self)
{
  if (asks_passphrase (self) || gtk_widget_get_sensitive (self->recover))
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

const char *
tess_recover_page_get_passphrase (TessRecoverPage *self)
{
  return asks_passphrase (self) ? tess_passphrase_page_get_passphrase (self->passphrase) : NULL;
}

void
tess_recover_page_set_away (TessRecoverPage *self)
{
  adw_status_page_set_title (self->status, _("The Keyring Does Not Answer"));
  adw_status_page_set_description (
    self->status, _("Your messages are here, but their keys are in the keyring of this desktop, which is not running, stays "
                    "locked or is damaged. Start or unlock it, and look again. If that cannot be done: your recovery code of "
                    "30 digits, or your recovery passphrase, does without it."));
}

void
tess_recover_page_set_locked (TessRecoverPage *self)
{
  adw_status_page_set_icon_name (self->status, "tess-app");
  adw_status_page_set_title (self->status, _("Without the Passphrase"));
  adw_status_page_set_description (
    self->status, _("Your recovery code of 30 digits, or your recovery passphrase, opens this profile and takes the app lock "
                    "away. You can set a new one afterwards."));
  gtk_button_set_label (self->again, _("_Back"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->again), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Back"), -1);
}

void
tess_recover_page_ask_passphrase (TessRecoverPage *self)
{
  tess_recover_page_set_busy (self, FALSE, NULL);
  adw_navigation_view_push_by_tag (self->view, "passphrase");
}

void
tess_recover_page_set_busy (TessRecoverPage *self, gboolean busy, const char *reason)
{
  if (asks_passphrase (self))
    {
      tess_passphrase_page_set_busy (self->passphrase, busy, reason);
      return;
    }
  gtk_stack_set_visible_child_name (self->stack, busy ? "busy" : "label");
  gtk_editable_set_editable (self->entry, !busy);
  gtk_widget_set_sensitive (self->recover, !busy && *gtk_editable_get_text (self->entry) != '\0');
  gtk_widget_set_sensitive (GTK_WIDGET (self->again), !busy);
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
  g_type_ensure (TESS_TYPE_PASSPHRASE_PAGE);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverPage, view);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverPage, passphrase);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverPage, status);
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
