/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-recovery-view.h"

#include "ui/tess-await.h"

#include <glib/gi18n.h>
#include <string.h>

/* Three groups of five digits and the space behind them: the first line. */
#define LINE 18
/* What is asked for to see that it was written down. */
#define LAST 5
/* How long a copy of the code stays in the clipboard. */
#define COPIED_S 90

struct _TessRecoveryView {
  AdwBin parent_instance;

  GtkLabel *intro;
  GtkLabel *digits;
  GtkLabel *problem;
  GtkWidget *spinner;
  GtkButton *make;
  GtkWidget *copy;
  GtkWidget *copied;
  GtkWidget *check;
  GtkEditable *last;
  GtkButton *next; /* to the check, and back to the digits */

  TessEngine *engine;
  TessRecoveryText *code; /* that is shown and not in force, or NULL */
  gboolean replaces;      /* another, which works until then */

  GdkContentProvider *in_clipboard; /* a copy of the code, until it is taken out; or NULL */
  guint clipboard_source;
};

static guint began_signal, ended_signal;

G_DEFINE_FINAL_TYPE (TessRecoveryView, tess_recovery_view, ADW_TYPE_BIN)

static void
say_problem (TessRecoveryView *self, const char *text)
{
  gtk_label_set_label (self->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), text != NULL);
  if (text != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

/* Takes the code out of the clipboard, unless something else was copied since. */
static void
clear_clipboard (TessRecoveryView *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));

  g_clear_handle_id (&self->clipboard_source, g_source_remove);
  if (self->in_clipboard != NULL && gdk_clipboard_get_content (clipboard) == self->in_clipboard)
    gdk_clipboard_set_content (clipboard, NULL);
  g_clear_object (&self->in_clipboard);
}

static gboolean
on_copied_long (gpointer data)
{
  TessRecoveryView *self = data;

  self->clipboard_source = 0;
  clear_clipboard (self);
  gtk_widget_set_visible (self->copied, FALSE);
  return G_SOURCE_REMOVE;
}

/* The digits, or what asks whether they were written down: never both. */
static void
show_check (TessRecoveryView *self, gboolean check)
{
  gtk_widget_set_visible (GTK_WIDGET (self->digits), !check);
  gtk_widget_set_visible (self->copy, !check);
  gtk_widget_set_visible (self->copied, !check && self->in_clipboard != NULL);
  gtk_widget_set_visible (self->check, check);
  gtk_editable_set_text (self->last, "");
  gtk_button_set_label (self->next, check ? _("_Show It Again") : _("I Have _Written It Down"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->next), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  check ? _("Show It Again") : _("I Have Written It Down"), -1);
  gtk_widget_set_visible (GTK_WIDGET (self->next), TRUE);
  say_problem (self, NULL);
  if (check)
    gtk_widget_grab_focus (GTK_WIDGET (self->last));
}

static void
on_next (TessRecoveryView *self)
{
  show_check (self, gtk_widget_get_visible (GTK_WIDGET (self->digits)));
}

static void
on_confirmed (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessRecoveryView *self = owner;

  gtk_widget_set_visible (self->spinner, FALSE);
  if (error != NULL)
    {
      show_check (self, TRUE);
      gtk_label_set_label (self->intro,
                           self->replaces ? _("This code does not work yet, and your old one still does. Keep both, and type the "
                                              "last five digits once more to try again.")
                                          : _("This code does not work yet. Type its last five digits once more to try again."));
      say_problem (self, error->message);
      g_signal_emit (self, ended_signal, 0);
      return;
    }
  gtk_label_set_label (self->digits, "");
  g_clear_pointer (&self->code, tess_recovery_text_unref);
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
confirm (TessRecoveryView *self)
{
  say_problem (self, NULL);
  gtk_widget_set_visible (self->check, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->next), FALSE);
  gtk_widget_set_visible (self->spinner, TRUE);
  g_signal_emit (self, began_signal, 0);
  tess_await (tess_engine_confirm_recovery_code (self->engine, self->code), self, on_confirmed, NULL, NULL);
}

static void
on_last_changed (TessRecoveryView *self)
{
  const char *typed = gtk_editable_get_text (self->last), *code;

  if (self->code == NULL || g_utf8_strlen (typed, -1) < LAST)
    {
      say_problem (self, NULL);
      return;
    }
  code = tess_recovery_text_get (self->code);
  if (g_str_equal (typed, code + strlen (code) - LAST))
    confirm (self);
  else
    say_problem (self, _("These are not the last five digits. Look again."));
}

/* Two lines of three groups, which a person copies by hand. */
static void
show_digits (TessRecoveryView *self)
{
  char *text = g_strdup (tess_recovery_text_get (self->code));

  if (strlen (text) > LINE)
    text[LINE - 1] = '\n';
  gtk_label_set_label (self->digits, text);
  gtk_label_set_label (self->intro,
                       self->replaces ? _("Write this code down and keep it away from this computer. It is shown only now. Your "
                                          "old code works until you have typed the last five digits of this one.")
                                      : _("Write this code down and keep it away from this computer. It is shown only now, and "
                                          "works once you have typed its last five digits."));
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  explicit_bzero (text, strlen (text));
  g_free (text);
}

void
tess_recovery_view_make (TessRecoveryView *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->code, tess_recovery_text_unref);
  self->code = tess_engine_make_recovery_code (self->engine, &error);
  gtk_widget_set_visible (GTK_WIDGET (self->make), self->code == NULL);
  if (self->code == NULL)
    {
      say_problem (self, error->message);
      g_signal_emit (self, ended_signal, 0);
      return;
    }
  show_digits (self);
  show_check (self, FALSE);
}

static void
on_make (TessRecoveryView *self)
{
  tess_recovery_view_make (self);
}

static void
on_copy (TessRecoveryView *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));

  gdk_clipboard_set_text (clipboard, gtk_label_get_label (self->digits));
  g_set_object (&self->in_clipboard, gdk_clipboard_get_content (clipboard));
  g_clear_handle_id (&self->clipboard_source, g_source_remove);
  self->clipboard_source = g_timeout_add_seconds (COPIED_S, on_copied_long, self);
  gtk_widget_set_visible (self->copied, TRUE);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), gtk_label_get_label (GTK_LABEL (self->copied)),
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

/* By key or menu instead of the button: the same, since all of it has to leave the clipboard again. */
static void
on_digits_copied (TessRecoveryView *self)
{
  g_signal_stop_emission_by_name (self->digits, "copy-clipboard");
  on_copy (self);
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
  TessRecoveryView *self = TESS_RECOVERY_VIEW (object);

  clear_clipboard (self);
  g_clear_pointer (&self->code, tess_recovery_text_unref);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_recovery_view_parent_class)->dispose (object);
}

static void
tess_recovery_view_class_init (TessRecoveryViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_recovery_view_dispose;
  began_signal = g_signal_new ("began", TESS_TYPE_RECOVERY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  ended_signal = g_signal_new ("ended", TESS_TYPE_RECOVERY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-recovery-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, intro);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, digits);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, problem);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, spinner);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, make);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, copy);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, copied);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, check);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, last);
  gtk_widget_class_bind_template_child (widget_class, TessRecoveryView, next);
  gtk_widget_class_bind_template_callback (widget_class, on_make);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_digits_copied);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
  gtk_widget_class_bind_template_callback (widget_class, on_last_changed);
}

static void
tess_recovery_view_init (TessRecoveryView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_direction (GTK_WIDGET (self->digits), GTK_TEXT_DIR_LTR);
}
