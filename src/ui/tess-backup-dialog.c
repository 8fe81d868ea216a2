/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-backup-dialog.h"

#include "ui/tess-await.h"
#include "ui/tess-paper-code.h"
#include "ui/tess-passphrase-page.h"
#include "ui/tess-progress-view.h"

#include <glib/gi18n.h>

struct _TessBackupDialog {
  AdwDialog parent_instance;

  AdwNavigationView *navigation;
  GtkWidget *by_code;
  GtkLabel *intro;
  TessPaperCode *paper;
  GtkWidget *save;
  TessPassphrasePage *passphrase;
  TessProgressView *progress;
  AdwStatusPage *failure;
  GtkWidget *again;
  AdwStatusPage *success;
  GtkWidget *done;

  TessEngine *engine;
  GFile *file;               /* the last that was chosen, or NULL */
  gboolean is_by_code;       /* what opens it, or the passphrase */
  GCancellable *choosing;    /* a file, or NULL */
};

G_DEFINE_FINAL_TYPE (TessBackupDialog, tess_backup_dialog, ADW_TYPE_DIALOG)

/* The page on which what opens it was chosen. */
static const char *
secret_page (TessBackupDialog *self)
{
  return self->is_by_code ? "code" : "passphrase";
}

static void
show_pages (TessBackupDialog *self, const char *last)
{
  const char *const tags[] = { "choose", secret_page (self), last };

  adw_navigation_view_replace_with_tags (self->navigation, tags, last != NULL ? 3 : 2);
}

static void
on_choose_shown (TessBackupDialog *self)
{
  gtk_widget_grab_focus (self->by_code);
}

static void
show_code (TessBackupDialog *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessRecoveryText) code = tess_engine_make_backup_code (&error);

  gtk_widget_set_visible (self->save, FALSE);
  if (code == NULL)
    {
      tess_paper_code_forget (self->paper, error->message);
      return;
    }
  gtk_label_set_label (self->intro, _("Write this code down and keep it apart from the file. It is shown only now, and without "
                                      "it nobody can open the backup, not even you. Then type its last five digits."));
  tess_paper_code_show (self->paper, code);
}

/* A code that was written down stays the one, whatever is tried in between. */
static void
on_by_code (TessBackupDialog *self)
{
  self->is_by_code = TRUE;
  if (!gtk_widget_get_visible (self->save))
    show_code (self);
  adw_navigation_view_push_by_tag (self->navigation, "code");
}

static void
on_by_passphrase (TessBackupDialog *self)
{
  self->is_by_code = FALSE;
  adw_navigation_view_push_by_tag (self->navigation, "passphrase");
}

static void
on_written (TessBackupDialog *self)
{
  gtk_label_set_label (self->intro, _("That is right: this code opens the backup. Now choose where the file is saved."));
  gtk_accessible_announce (GTK_ACCESSIBLE (self), gtk_label_get_label (self->intro), GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  gtk_widget_set_visible (self->save, TRUE);
  gtk_widget_grab_focus (self->save);
}

static void
show_success (TessBackupDialog *self)
{
  g_autofree char *name = g_file_get_basename (self->file), *escaped = g_markup_escape_text (name, -1), *words = NULL;

  if (self->is_by_code)
    /* Translators: %s is the name of a file */
    words = g_strdup_printf (_("It is in the file “%s”, and was read once more: it is whole. It opens with the code that you "
                               "wrote down."), escaped);
  else
    /* Translators: %s is the name of a file */
    words = g_strdup_printf (_("It is in the file “%s”, and was read once more: it is whole. It opens with your passphrase."),
                             escaped);
  adw_status_page_set_description (self->success, words);
  adw_navigation_view_replace_with_tags (self->navigation, (const char *const[]){ "done" }, 1);
  gtk_widget_grab_focus (self->done);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), adw_status_page_get_title (self->success),
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
show_failure (TessBackupDialog *self, const char *reason)
{
  g_autofree char *escaped = g_markup_escape_text (reason, -1);

  adw_status_page_set_description (self->failure, escaped);
  show_pages (self, "failed");
  gtk_widget_grab_focus (self->again);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), reason, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
on_backed_up (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessBackupDialog *self = owner;

  tess_progress_view_end (self->progress);
  adw_dialog_set_can_close (ADW_DIALOG (self), TRUE);
  tess_passphrase_page_set_busy (self->passphrase, FALSE, NULL);
  if (error == NULL)
    show_success (self);
  else if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_CANCELLED))
    {
      show_pages (self, NULL);
      gtk_widget_child_focus (GTK_WIDGET (self->navigation), GTK_DIR_TAB_FORWARD);
    }
  else if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_WRONG) && !self->is_by_code)
    {
      show_pages (self, NULL);
      tess_passphrase_page_set_busy (self->passphrase, FALSE, error->message);
    }
  else
    show_failure (self, error->message);
}

/* The dialog stays while it is under way: closing it is taken for Cancel first. */
static void
back_up (TessBackupDialog *self)
{
  const char *secret = self->is_by_code ? tess_recovery_text_get (tess_paper_code_get (self->paper))
                                        : tess_passphrase_page_get_passphrase (self->passphrase);
  TessProgress *progress = tess_progress_view_begin (self->progress);

  adw_dialog_set_can_close (ADW_DIALOG (self), FALSE);
  show_pages (self, "busy");
  gtk_widget_grab_focus (GTK_WIDGET (self->progress));
  tess_await (tess_engine_back_up (self->engine, self->file, secret, progress), self, on_backed_up, NULL, NULL);
}

static void
on_file (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TessBackupDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, &error);
  gboolean closed = self->choosing == NULL;

  g_clear_object (&self->choosing);
  if (closed)
    return;
  if (file != NULL)
    {
      g_set_object (&self->file, file);
      back_up (self);
    }
  else if (g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_FAILED))
    show_failure (self, error->message);
}

static void
on_save (TessBackupDialog *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *name = g_date_time_format (now, "Tessera %Y-%m-%d.tessera-backup");

  if (self->choosing != NULL)
    return;
  self->choosing = g_cancellable_new ();
  gtk_file_dialog_set_title (dialog, _("Save the Backup"));
  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_save (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->choosing, on_file,
                        g_object_ref (self));
}

static void
on_try_again (TessBackupDialog *self)
{
  if (self->file != NULL)
    back_up (self);
  else
    on_save (self);
}

static void
on_close_attempt (TessBackupDialog *self)
{
  tess_progress_view_cancel (self->progress);
}

/* Also by force, when Tessera locks or quits. */
static void
on_closed (TessBackupDialog *self)
{
  tess_progress_view_cancel (self->progress);
  if (self->choosing != NULL)
    g_cancellable_cancel (self->choosing);
  g_clear_object (&self->choosing);
}

AdwDialog *
tess_backup_dialog_new (TessEngine *engine)
{
  TessBackupDialog *self = g_object_new (TESS_TYPE_BACKUP_DIALOG, NULL);

  self->engine = g_object_ref (engine);
  return ADW_DIALOG (self);
}

static void
tess_backup_dialog_dispose (GObject *object)
{
  TessBackupDialog *self = TESS_BACKUP_DIALOG (object);

  g_clear_object (&self->engine);
  g_clear_object (&self->file);
  g_clear_object (&self->choosing);
  G_OBJECT_CLASS (tess_backup_dialog_parent_class)->dispose (object);
}

static void
tess_backup_dialog_class_init (TessBackupDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_backup_dialog_dispose;
  g_type_ensure (TESS_TYPE_PAPER_CODE);
  g_type_ensure (TESS_TYPE_PASSPHRASE_PAGE);
  g_type_ensure (TESS_TYPE_PROGRESS_VIEW);
  /* which the window does not hear of while the dialog has the keyboard */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_q, GDK_CONTROL_MASK, "app.quit", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-backup-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, navigation);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, by_code);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, intro);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, paper);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, save);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, passphrase);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, failure);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, again);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, success);
  gtk_widget_class_bind_template_child (widget_class, TessBackupDialog, done);
  gtk_widget_class_bind_template_callback (widget_class, on_close_attempt);
  gtk_widget_class_bind_template_callback (widget_class, on_closed);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_shown);
  gtk_widget_class_bind_template_callback (widget_class, on_by_code);
  gtk_widget_class_bind_template_callback (widget_class, on_by_passphrase);
  gtk_widget_class_bind_template_callback (widget_class, on_written);
  gtk_widget_class_bind_template_callback (widget_class, on_save);
  gtk_widget_class_bind_template_callback (widget_class, on_try_again);
  gtk_widget_class_bind_template_callback (widget_class, adw_dialog_close);
}

static void
tess_backup_dialog_init (TessBackupDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
