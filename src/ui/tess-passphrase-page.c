/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-passphrase-page.h"

#include "ui/tess-passphrase-word.h"

struct _TessPassphrasePage {
  AdwNavigationPage parent_instance;

  GtkEditable *entry;
  GtkEditable *again;
  GtkLabel *word;
  GtkWidget *next;
  GtkStack *stack;

  char *description, *warning;
};

enum { PROP_DESCRIPTION = 1, PROP_WARNING, N_PROPS };

static GParamSpec *properties[N_PROPS];
static guint chosen_signal;

G_DEFINE_FINAL_TYPE (TessPassphrasePage, tess_passphrase_page, ADW_TYPE_NAVIGATION_PAGE)

static void
on_changed (TessPassphrasePage *self)
{
  gtk_widget_set_sensitive (self->next, tess_passphrase_word_show (self->word, gtk_editable_get_text (self->entry),
                                                                   gtk_editable_get_text (self->again)));
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
    tess_passphrase_word_say (self->word, reason, "error");
}

static void
tess_passphrase_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TessPassphrasePage *self = TESS_PASSPHRASE_PAGE (object);

  g_value_set_string (value, id == PROP_WARNING ? self->warning : self->description);
}

static void
tess_passphrase_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TessPassphrasePage *self = TESS_PASSPHRASE_PAGE (object);

  g_set_str (id == PROP_WARNING ? &self->warning : &self->description, g_value_get_string (value));
}

static void
tess_passphrase_page_finalize (GObject *object)
{
  g_free (TESS_PASSPHRASE_PAGE (object)->description);
  g_free (TESS_PASSPHRASE_PAGE (object)->warning);
  G_OBJECT_CLASS (tess_passphrase_page_parent_class)->finalize (object);
}

static void
tess_passphrase_page_class_init (TessPassphrasePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = tess_passphrase_page_get_property;
  object_class->set_property = tess_passphrase_page_set_property;
  object_class->finalize = tess_passphrase_page_finalize;
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, "", flags);
  properties[PROP_WARNING] = g_param_spec_string ("warning", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
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
