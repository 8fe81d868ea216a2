/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-backup-group.h"

#include "ui/tess-backup-dialog.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

struct _TessBackupGroup {
  AdwPreferencesGroup parent_instance;

  AdwActionRow *row;

  TessEngine *engine;
};

G_DEFINE_FINAL_TYPE (TessBackupGroup, tess_backup_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_time (TessBackupGroup *self)
{
  gint64 made = tess_engine_get_backup_time (self->engine);
  g_autofree char *day = made != 0 ? tess_text_day (made * 1000, tess_text_now ()) : NULL;
  g_autofree char *words = NULL;

  if (day == NULL)
    words = g_strdup (_("Last backup: never. If this computer is lost, so are your chats"));
  else
    /* Translators: %s is a day: Today, Yesterday, Monday, Monday, 3 March, 3 March 2025 */
    words = g_strdup_printf (_("Last backup: %s"), day);
  adw_action_row_set_subtitle (self->row, words);
}

static void
on_activated (TessBackupGroup *self)
{
  adw_dialog_present (tess_backup_dialog_new (self->engine), GTK_WIDGET (self));
}

void
tess_backup_group_set_engine (TessBackupGroup *self, TessEngine *engine)
{
  self->engine = g_object_ref (engine);
  g_signal_connect_object (engine, "notify::backup-time", G_CALLBACK (show_time), self, G_CONNECT_SWAPPED);
  show_time (self);
}

static void
tess_backup_group_dispose (GObject *object)
{
  g_clear_object (&TESS_BACKUP_GROUP (object)->engine);
  G_OBJECT_CLASS (tess_backup_group_parent_class)->dispose (object);
}

static void
tess_backup_group_class_init (TessBackupGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_backup_group_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-backup-group.ui");
  gtk_widget_class_bind_template_child (widget_class, TessBackupGroup, row);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
}

static void
tess_backup_group_init (TessBackupGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
