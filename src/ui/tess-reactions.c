/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-reactions.h"

#include "ui/tess-message-text.h"

#include <glib/gi18n.h>

struct _TessReactions {
  GtkBox parent_instance;

  GtkButton *theirs;
  GtkButton *own;

  TessMessage *message;
};

static guint react_signal;

G_DEFINE_FINAL_TYPE (TessReactions, tess_reactions, GTK_TYPE_BOX)

/* What the other person chose is chosen too, or given up again. */
static void
on_theirs (TessReactions *self)
{
  const char *own = tess_message_get_own_reaction (self->message), *theirs = tess_message_get_their_reaction (self->message);

  g_signal_emit (self, react_signal, 0, g_str_equal (own, theirs) ? "" : theirs);
}

static void
on_own (TessReactions *self)
{
  g_signal_emit (self, react_signal, 0, "");
}

/* A chip: the emoji, how many chose it, and in words who. */
static void
show_chip (GtkButton *chip, const char *emoji, gboolean shown, gboolean pressed, const char *who)
{
  /* Translators: under a message: an emoji that both people of the chat reacted with */
  g_autofree char *both = g_strdup_printf (C_("reaction", "%s 2"), emoji);

  gtk_widget_set_visible (GTK_WIDGET (chip), shown);
  if (!shown)
    return;
  gtk_label_set_label (GTK_LABEL (gtk_button_get_child (chip)), who == NULL ? both : emoji);
  if (pressed)
    gtk_widget_add_css_class (GTK_WIDGET (chip), "own");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (chip), "own");
  gtk_accessible_update_state (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_STATE_PRESSED,
                               pressed ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
}

static void
name_chip (GtkButton *chip, const char *words)
{
  gtk_widget_set_tooltip_text (GTK_WIDGET (chip), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

gboolean
tess_reactions_wanted (TessMessage *message)
{
  return !tess_message_get_deleted (message)
         && (*tess_message_get_own_reaction (message) != '\0' || *tess_message_get_their_reaction (message) != '\0');
}

void
tess_reactions_show (TessReactions *self, TessMessage *message, const char *name)
{
  const char *own = tess_message_get_own_reaction (message), *theirs = tess_message_get_their_reaction (message);
  gboolean same = *own != '\0' && g_str_equal (own, theirs);
  g_autofree char *both = tess_message_text_reactions (message, name);
  g_autofree char *their_words = tess_message_text_reaction (theirs, name);
  g_autofree char *own_words = tess_message_text_reaction (own, NULL);

  g_set_object (&self->message, message);
  show_chip (self->theirs, theirs, *theirs != '\0', same, same ? NULL : name);
  show_chip (self->own, own, *own != '\0' && !same, TRUE, name);
  name_chip (self->theirs, same ? both : their_words);
  name_chip (self->own, own_words);
}

static void
tess_reactions_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), TESS_TYPE_REACTIONS);
  g_clear_object (&TESS_REACTIONS (object)->message);
  G_OBJECT_CLASS (tess_reactions_parent_class)->dispose (object);
}

static void
tess_reactions_class_init (TessReactionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_reactions_dispose;
  react_signal = g_signal_new ("react", TESS_TYPE_REACTIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                               G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-reactions.ui");
  gtk_widget_class_bind_template_child (widget_class, TessReactions, theirs);
  gtk_widget_class_bind_template_child (widget_class, TessReactions, own);
  gtk_widget_class_bind_template_callback (widget_class, on_theirs);
  gtk_widget_class_bind_template_callback (widget_class, on_own);
}

static void
tess_reactions_init (TessReactions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
