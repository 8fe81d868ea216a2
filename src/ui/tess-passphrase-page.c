/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-passphrase-page.h"

#include <glib/gi18n.h>
#include <string.h>

/* Below this a person is told so, and may go on no further. */
#define CHARS_MINIMUM 8
#define BYTES_MAXIMUM 1024

struct _TessPassphrasePage {
  AdwNavigationPage parent_instance;

  GtkEditable *entry;
  GtkEditable *again;
  GtkLabel *word;
  GtkWidget *next;
  GtkStack *stack;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (TessPassphrasePage, tess_passphrase_page, ADW_TYPE_NAVIGATION_PAGE)

static void
set_word (TessPassphrasePage *self, const char *text, const char *css_class)
{
  gtk_label_set_label (self->word, text);
  gtk_widget_set_css_classes (GTK_WIDGET (self->word), (const char *[]){ "caption", css_class, NULL });
}

static void
on_changed (TessPassphrasePage *self)
{
  const char *text = gtk_editable_get_text (self->entry), *again = gtk_editable_get_text (self->again);
  gboolean fits = g_utf8_strlen (text, -1) >= CHARS_MINIMUM && strlen (text) <= BYTES_MAXIMUM;
  gboolean equal = g_str_equal (text, again);

  if (*text != '\0' && strlen (text) > BYTES_MAXIMUM)
    set_word (self, _("That is too long."), "error");
  else if (!fits)
    set_word (self,
              _("At least 8 characters. Four or five words that do not belong together are easy to remember and hard to "
                "guess."), "dimmed");
  else if (*again != '\0' && !equal)
    set_word (self, _("The two are not the same."), "error");
  else
    set_word (self, equal ? _("The two are the same.") : "", "success");
  gtk_widget_set_sensitive (self->next, fits && equal);
}

static void
on_first_activated (TessPassphrasePage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->again));
}

static void
on_continue (TessPassphrasePage *self)
{
  if (gtk_widget_get_sensitive (self->next))
    g_signal_emit (self, chosen_signal, 0);
}

const char *
tess_passphrase_page_get_passphrase (TessPassphrasePage *self)
{
  return gtk_editable_get_text (self->entry);
}

void
tess_passphrase_page_set_busy (TessPassphrasePage *self, gboolean busy, const char *reason)
{
  gtk_stack_set_visible_child_name (self->stack, busy ? "busy" : "label");
  gtk_editable_set_editable (self->entry, !busy);
  gtk_editable_set_editable (self->again, !busy);
  gtk_widget_set_sensitive (self->next, !busy);
  adw_navigation_page_set_can_pop (ADW_NAVIGATION_PAGE (self), !busy);
  if (reason != NULL)
    set_word (self, reason, "error");
}

static void
tess_passphrase_page_class_init (TessPassphrasePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  chosen_signal = g_signal_new ("chosen", TESS_TYPE_PASSPHRASE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-passphrase-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TessPassphrasePage, entry);
  gtk_widget_class_bind_template_child (widget_class, TessPassphrasePage, again);
  gtk_widget_class_bind_template_child (widget_class, TessPassphrasePage, word);
  gtk_widget_class_bind_template_child (widget_class, TessPassphrasePage, next);
  gtk_widget_class_bind_template_child (widget_class, TessPassphrasePage, stack);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_first_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_continue);
}

static void
tess_passphrase_page_init (TessPassphrasePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  on_changed (self);
}
