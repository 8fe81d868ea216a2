/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-restore-page.h"

#include "ui/tess-await.h"
#include "ui/tess-progress-view.h"

#include <glib/gi18n.h>

struct _TessRestorePage {
  AdwNavigationPage parent_instance;

  GtkStack *stack;
  AdwActionRow *row;
  GtkEditable *entry;
  GtkLabel *problem;
  GtkWidget *restore;
  TessProgressView *progress;

  TessEngine *engine;
  GFile *file; /* or NULL */
  gboolean choosing;
};

static guint restored_signal;

G_DEFINE_FINAL_TYPE (TessRestorePage, tess_restore_page, ADW_TYPE_NAVIGATION_PAGE)

static void
say_problem (TessRestorePage *self, const char *text)
{
  gtk_label_set_label (self->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), text != NULL);
  if (text != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

/* At what the problem is: the passphrase, or else the file. */
static void
mark (TessRestorePage *self, GtkWidget *bad)
{
  GtkWidget *const rows[] = { GTK_WIDGET (self->row), GTK_WIDGET (self->entry) };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i] == bad)
      gtk_widget_add_css_class (rows[i], "error");
    else
      gtk_widget_remove_css_class (rows[i], "error");
  if (bad != NULL)
    gtk_widget_grab_focus (bad);
}

static void
on_changed (TessRestorePage *self)
{
  gtk_widget_set_sensitive (self->restore, self->file != NULL && *gtk_editable_get_text (self->entry) != '\0');
  mark (self, NULL);
  say_problem (self, NULL);
}

static void
set_busy (TessRestorePage *self, gboolean busy)
{
  gtk_stack_set_visible_child_name (self->stack, busy ? "busy" : "ask");
  adw_navigation_page_set_can_pop (ADW_NAVIGATION_PAGE (self), !busy);
  gtk_widget_grab_focus (busy ? GTK_WIDGET (self->progress) : GTK_WIDGET (self->entry));
}

static void
on_restored (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessRestorePage *self = owner;

  tess_progress_view_end (self->progress);
  set_busy (self, FALSE);
  if (error == NULL)
    {
      gtk_editable_set_text (self->entry, "");
      g_signal_emit (self, restored_signal, 0);
    }
  else if (!g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_CANCELLED))
    {
      gboolean wrong = g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_BACKUP_WRONG);

      mark (self, wrong ? GTK_WIDGET (self->entry) : GTK_WIDGET (self->row));
      say_problem (self, error->message);
    }
}

static void
on_restore (TessRestorePage *self)
{
  TessProgress *progress;

  if (self->file == NULL)
    {
      tess_restore_page_choose (self);
      return;
    }
  if (!gtk_widget_get_sensitive (self->restore))
    return;
  progress = tess_progress_view_begin (self->progress);
  mark (self, NULL);
  say_problem (self, NULL);
  set_busy (self, TRUE);
  tess_await (tess_engine_restore (self->engine, self->file, gtk_editable_get_text (self->entry), progress), self, on_restored,
              NULL, NULL);
}

static void
take_file (TessRestorePage *self, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file), *shown = g_filename_display_name (name);

  g_set_object (&self->file, file);
  adw_action_row_set_subtitle (self->row, shown);
  on_changed (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
on_file (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TessRestorePage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, &error);

  self->choosing = FALSE;
  if (self->engine == NULL) /* the window is gone */
    return;
  if (file != NULL)
    take_file (self, file);
  else if (g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_FAILED))
    say_problem (self, error->message);
}

void
tess_restore_page_choose (TessRestorePage *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GListStore) filters = g_list_store_new (GTK_TYPE_FILE_FILTER);
  g_autoptr (GtkFileFilter) backups = gtk_file_filter_new (), all = gtk_file_filter_new ();

  if (self->choosing)
    return;
  self->choosing = TRUE;
  gtk_file_filter_set_name (backups, _("Backups of Tessera"));
  gtk_file_filter_add_suffix (backups, "tessera-backup");
  gtk_file_filter_set_name (all, _("All Files"));
  gtk_file_filter_add_pattern (all, "*");
  g_list_store_append (filters, backups);
  g_list_store_append (filters, all);
  gtk_file_dialog_set_title (dialog, _("Open a Backup"));
  gtk_file_dialog_set_filters (dialog, G_LIST_MODEL (filters));
  gtk_file_dialog_open (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), NULL, on_file, g_object_ref (self));
}

void
tess_restore_page_set_engine (TessRestorePage *self, TessEngine *engine)
{
  g_set_object (&self->engine, engine);
}

static void
tess_restore_page_shown (AdwNavigationPage *page)
{
  TessRestorePage *self = TESS_RESTORE_PAGE (page);

  gtk_widget_grab_focus (self->file != NULL ? GTK_WIDGET (self->entry) : GTK_WIDGET (self->row));
}

static void
tess_restore_page_dispose (GObject *object)
{
  TessRestorePage *self = TESS_RESTORE_PAGE (object);

  g_clear_object (&self->engine);
  g_clear_object (&self->file);
  G_OBJECT_CLASS (tess_restore_page_parent_class)->dispose (object);
}

static void
tess_restore_page_class_init (TessRestorePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_restore_page_dispose;
  ADW_NAVIGATION_PAGE_CLASS (klass)->shown = tess_restore_page_shown;
  restored_signal = g_signal_new ("restored", TESS_TYPE_RESTORE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (TESS_TYPE_PROGRESS_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-restore-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TessRestorePage, stack);
  gtk_widget_class_bind_template_child (widget_class, TessRestorePage, row);
  gtk_widget_class_bind_template_child (widget_class, TessRestorePage, entry);
  gtk_widget_class_bind_template_child (widget_class, TessRestorePage, problem);
  gtk_widget_class_bind_template_child (widget_class, TessRestorePage, restore);
  gtk_widget_class_bind_template_child (widget_class, TessRestorePage, progress);
  gtk_widget_class_bind_template_callback (widget_class, tess_restore_page_choose);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_restore);
}

static void
tess_restore_page_init (TessRestorePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
