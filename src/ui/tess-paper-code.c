/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-paper-code.h"

#include <glib/gi18n.h>
#include <string.h>

/* Three groups of five digits and the space behind them: the first line. */
#define LINE 18
/* What is asked for to see that it was written down. */
#define LAST 5
/* How long a copy of the code stays in the clipboard. */
#define COPIED_S 90

struct _TessPaperCode {
  AdwBin parent_instance;

  GtkLabel *digits;
  GtkWidget *check;
  GtkEditable *last;
  GtkLabel *problem;
  GtkWidget *copy;
  GtkWidget *copied;
  GtkButton *next; /* to the check, and back to the digits */

  TessRecoveryText *code; /* or NULL */

  GdkContentProvider *in_clipboard; /* a copy of the code, until it is taken out; or NULL */
  guint clipboard_source;
};

static guint written_signal;

G_DEFINE_FINAL_TYPE (TessPaperCode, tess_paper_code, ADW_TYPE_BIN)

/* With nothing to show it takes no room. */
static void
say_problem (TessPaperCode *self, const char *text)
{
  gtk_label_set_label (self->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), text != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), text != NULL || gtk_widget_get_visible (GTK_WIDGET (self->next)));
  if (text != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

/* Takes the code out of the clipboard, unless something else was copied since. */
static void
clear_clipboard (TessPaperCode *self)
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
  TessPaperCode *self = data;

  self->clipboard_source = 0;
  clear_clipboard (self);
  gtk_widget_set_visible (self->copied, FALSE);
  return G_SOURCE_REMOVE;
}

/* The digits, or what asks whether they were written down: never both. */
static void
show_check (TessPaperCode *self, gboolean check)
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
on_next (TessPaperCode *self)
{
  show_check (self, gtk_widget_get_visible (GTK_WIDGET (self->digits)));
}

static void
on_last_changed (TessPaperCode *self)
{
  const char *typed = gtk_editable_get_text (self->last), *code;

  if (self->code == NULL || g_utf8_strlen (typed, -1) < LAST)
    {
      say_problem (self, NULL);
      return;
    }
  code = tess_recovery_text_get (self->code);
  if (g_str_equal (typed, code + strlen (code) - LAST))
    {
      tess_paper_code_rest (self);
      g_signal_emit (self, written_signal, 0);
    }
  else
    say_problem (self, _("These are not the last five digits. Look again."));
}

/* Two lines of three groups, which a person copies by hand. */
static void
show_digits (TessPaperCode *self)
{
  char *text = g_strdup (tess_recovery_text_get (self->code));

  if (strlen (text) > LINE)
    text[LINE - 1] = '\n';
  gtk_label_set_label (self->digits, text);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  explicit_bzero (text, strlen (text));
  g_free (text);
}

static void
on_copy (TessPaperCode *self)
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
on_digits_copied (TessPaperCode *self)
{
  g_signal_stop_emission_by_name (self->digits, "copy-clipboard");
  on_copy (self);
}

static void
drop_code (TessPaperCode *self)
{
  g_clear_pointer (&self->code, tess_recovery_text_unref);
}

void
tess_paper_code_show (TessPaperCode *self, TessRecoveryText *code)
{
  drop_code (self);
  self->code = tess_recovery_text_ref (code);
  show_digits (self);
  show_check (self, FALSE);
}

TessRecoveryText *
tess_paper_code_get (TessPaperCode *self)
{
  return self->code;
}

void
tess_paper_code_ask (TessPaperCode *self, const char *problem)
{
  show_check (self, TRUE);
  say_problem (self, problem);
}

void
tess_paper_code_rest (TessPaperCode *self)
{
  GtkWidget *const parts[] = { GTK_WIDGET (self->digits), self->check, self->copy, self->copied, GTK_WIDGET (self->next) };

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    gtk_widget_set_visible (parts[i], FALSE);
  say_problem (self, NULL);
}

void
tess_paper_code_forget (TessPaperCode *self, const char *problem)
{
  tess_paper_code_rest (self);
  gtk_label_set_label (self->digits, "");
  drop_code (self);
  say_problem (self, problem);
}

static void
tess_paper_code_dispose (GObject *object)
{
  TessPaperCode *self = TESS_PAPER_CODE (object);

  clear_clipboard (self);
  drop_code (self);
  G_OBJECT_CLASS (tess_paper_code_parent_class)->dispose (object);
}

static void
tess_paper_code_class_init (TessPaperCodeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_paper_code_dispose;
  written_signal = g_signal_new ("written", TESS_TYPE_PAPER_CODE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-paper-code.ui");
  gtk_widget_class_bind_template_child (widget_class, TessPaperCode, digits);
  gtk_widget_class_bind_template_child (widget_class, TessPaperCode, check);
  gtk_widget_class_bind_template_child (widget_class, TessPaperCode, last);
  gtk_widget_class_bind_template_child (widget_class, TessPaperCode, problem);
  gtk_widget_class_bind_template_child (widget_class, TessPaperCode, copy);
  gtk_widget_class_bind_template_child (widget_class, TessPaperCode, copied);
  gtk_widget_class_bind_template_child (widget_class, TessPaperCode, next);
  gtk_widget_class_bind_template_callback (widget_class, on_last_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_digits_copied);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
}

static void
tess_paper_code_init (TessPaperCode *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_direction (GTK_WIDGET (self->digits), GTK_TEXT_DIR_LTR);
}
