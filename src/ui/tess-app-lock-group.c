/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-app-lock-group.h"

#include "ui/tess-app-lock-page.h"
#include "ui/tess-settings.h"

#include <glib/gi18n.h>

struct _TessAppLockGroup {
  AdwPreferencesGroup parent_instance;

  AdwActionRow *row;
  GtkWidget *arrow;
  GtkWidget *auto_lock;

  TessEngine *engine;
};

G_DEFINE_FINAL_TYPE (TessAppLockGroup, tess_app_lock_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_state (TessAppLockGroup *self)
{
  TessAppLockState state = tess_engine_get_app_lock (self->engine);
  const char *words = _("Off: whoever uses your unlocked desktop can read your messages");

  if (state == TESS_APP_LOCK_ON)
    words = _("On: Tessera asks for it before it shows anything");
  else if (state == TESS_APP_LOCK_PROFILE)
    words = _("This profile is kept under a passphrase already, which is its lock too");
  adw_action_row_set_subtitle (self->row, words);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self->row), state != TESS_APP_LOCK_PROFILE);
  gtk_widget_set_visible (self->arrow, state != TESS_APP_LOCK_PROFILE);
  gtk_widget_set_sensitive (self->auto_lock, state != TESS_APP_LOCK_OFF);
}

static void
on_activated (TessAppLockGroup *self)
{
  GtkWidget *dialog = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_PREFERENCES_DIALOG);

  adw_preferences_dialog_push_subpage (ADW_PREFERENCES_DIALOG (dialog), tess_app_lock_page_new (self->engine));
}

void
tess_app_lock_group_set_engine (TessAppLockGroup *self, TessEngine *engine)
{
  self->engine = g_object_ref (engine);
  g_signal_connect_object (engine, "notify::app-lock", G_CALLBACK (show_state), self, G_CONNECT_SWAPPED);
  g_object_bind_property (tess_settings_get (), "auto-lock", self->auto_lock, "selected",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  show_state (self);
}

static void
tess_app_lock_group_dispose (GObject *object)
{
  g_clear_object (&TESS_APP_LOCK_GROUP (object)->engine);
  G_OBJECT_CLASS (tess_app_lock_group_parent_class)->dispose (object);
}

static void
tess_app_lock_group_class_init (TessAppLockGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_app_lock_group_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-app-lock-group.ui");
  gtk_widget_class_bind_template_child (widget_class, TessAppLockGroup, row);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockGroup, arrow);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockGroup, auto_lock);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
}

static void
tess_app_lock_group_init (TessAppLockGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
