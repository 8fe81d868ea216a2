/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-quote.h"

#include "ui/tess-message-text.h"

#include <glib/gi18n.h>

struct _TessQuote {
  GtkButton parent_instance;

  GtkLabel *name;
  GtkLabel *text;
};

G_DEFINE_FINAL_TYPE (TessQuote, tess_quote, GTK_TYPE_BUTTON)

/* What the quote is for a screen reader; only with a @name does it lead somewhere. */
static char *
make_label (TessMessage *message, const char *name, const char *text)
{
  if (*name == '\0')
    return g_strdup (text);
  if (tess_message_get_reply_outgoing (message))
    /* Translators: a button above an answer to a message of one's own, which it goes to; %s is the beginning of that one */
    return g_strdup_printf (_("Go to what you wrote: %s"), text);
  /* Translators: a button above an answer that goes to what it answers: %1$s is the contact who wrote it, %2$s its beginning */
  return g_strdup_printf (_("Go to what %1$s wrote: %2$s"), name, text);
}

void
tess_quote_show (TessQuote *self, TessMessage *message, const char *name)
{
  const char *writer = tess_message_text_reply_name (message, name), *text = tess_message_text_reply (message);
  g_autofree char *label = make_label (message, writer, text);

  gtk_label_set_label (self->name, writer);
  gtk_widget_set_visible (GTK_WIDGET (self->name), *writer != '\0');
  gtk_label_set_label (self->text, text);
  gtk_widget_set_sensitive (GTK_WIDGET (self), *writer != '\0');
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
tess_quote_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), TESS_TYPE_QUOTE);
  G_OBJECT_CLASS (tess_quote_parent_class)->dispose (object);
}

static void
tess_quote_class_init (TessQuoteClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_quote_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-quote.ui");
  gtk_widget_class_bind_template_child (widget_class, TessQuote, name);
  gtk_widget_class_bind_template_child (widget_class, TessQuote, text);
}

static void
tess_quote_init (TessQuote *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
