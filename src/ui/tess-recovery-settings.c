/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-recovery-settings.h"

#include "ui/tess-await.h"
#include "ui/tess-passphrase-word.h"
#include "ui/tess-recovery-view.h"

#include <glib/gi18n.h>

struct _TessRecoverySettings {
  AdwNavigationPage parent_instance;

  TessRecoveryView *view;
  GtkWidget *group;
  GtkEditable *passphrase;
  GtkWidget *remove;
  GtkLabel *word;

  TessEngine *engine;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (TessRecoverySettings, tess_recovery_settings, ADW_TYPE_NAVIGATION_PAGE)

static void
say (TessRecoverySettings *self, const char *text)
{
  gtk_label_set_label (self->word, text);
  gtk_widget_set_visible (GTK_WIDGET (self->word), TRUE);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

/* A passphrase stands beside a code, never alone. */
static void
update (TessRecoverySettings *self)
{
  TessRecoveryState state = tess_engine_get_recovery (self->engine);

  gtk_widget_set_sensitive (self->group, state == TESS_RECOVERY_CODE || state == TESS_RECOVERY_CODE_AND_PASSPHRASE);
  gtk_widget_set_visible (self->remove, state == TESS_RECOVERY_CODE_AND_PASSPHRASE);
}

static void
tell (TessRecoverySettings *self)
{
  update (self);
  g_signal_emit (self, changed_signal, 0);
}

/* Whether the page and its dialog may be closed: not while nobody knows yet whether the code that was typed works. */
static void
set_can_leave (TessRecoverySettings *self, gboolean can)
{
  GtkWidget *dialog = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_DIALOG);

  adw_navigation_page_set_can_pop (ADW_NAVIGATION_PAGE (self), can);
  if (dialog != NULL)
    adw_dialog_set_can_close (ADW_DIALOG (dialog), can);
}

static void
on_began (TessRecoverySettings *self)
{
  gtk_widget_set_sensitive (self->group, FALSE);
  set_can_leave (self, FALSE);
}

static void
on_ended (TessRecoverySettings *self)
{
  set_can_leave (self, TRUE);
  tell (self);
}

static void
on_set (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessRecoverySettings *self = owner;

  tell (self);
  /* What was insensitive has lost the keyboard, without which Escape closes nothing. */
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase));
  if (error != NULL)
    {
      say (self, error->message);
      return;
    }
  gtk_editable_set_text (self->passphrase, "");
  say (self, data != NULL ? _("The passphrase is set.") : _("The passphrase was removed."));
}

static void
set_passphrase (TessRecoverySettings *self, const char *text)
{
  gtk_widget_set_sensitive (self->group, FALSE);
  tess_await (tess_engine_set_recovery_passphrase (self->engine, text), self, on_set, text != NULL ? self : NULL, NULL);
}

static void
on_apply (TessRecoverySettings *self)
{
  const char *text = gtk_editable_get_text (self->passphrase);

  if (g_utf8_strlen (text, -1) < TESS_PASSPHRASE_CHARS_MIN)
    say (self, _("A passphrase has at least 8 characters."));
  else
    set_passphrase (self, text);
}

static void
on_remove (TessRecoverySettings *self)
{
  set_passphrase (self, NULL);
}

AdwNavigationPage *
tess_recovery_settings_new (TessEngine *engine)
{
  TessRecoverySettings *self = g_object_new (TESS_TYPE_RECOVERY_SETTINGS, NULL);

  self->engine = g_object_ref (engine);
  tess_recovery_view_set_engine (self->view, engine);
  update (self);
  return ADW_NAVIGATION_PAGE (self);
}

static void
tess_recovery_settings_dispose (GObject *object)
{
  g_clear_object (&TESS_RECOVERY_SETTINGS (object)->engine);
  G_OBJECT_CLASS (tess_recovery_settings_parent_class)->dispose (object);
}

static void
tess_recovery_settings_class_init (TessRecoverySettingsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_recovery_settings_dispose;
  changed_signal = g_signal_new ("changed", TESS_TYPE_RECOVERY_SETTINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (TESS_TYPE_RECOVERY_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-recovery-settings.ui");
  gtk_widget_class_bind_template_child (widget_class, TessRecoverySettings, view);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverySettings, group);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverySettings, passphrase);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverySettings, remove);
  gtk_widget_class_bind_template_child (widget_class, TessRecoverySettings, word);
  gtk_widget_class_bind_template_callback (widget_class, on_began);
  gtk_widget_class_bind_template_callback (widget_class, on_ended);
  gtk_widget_class_bind_template_callback (widget_class, on_apply);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
}

static void
tess_recovery_settings_init (TessRecoverySettings *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
