/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-number-view.h"

#include "ui/tess-await.h"
#include "ui/tess-toast.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

struct _TessNumberView {
  AdwBin parent_instance;

  GtkLabel *intro;
  GtkWidget *spoken;
  GtkLabel *digits;
  GtkLabel *verdict;
  GtkLabel *problem;
  GtkButton *mark;
  GtkWidget *copy;
  GtkWidget *compare;

  TessEngine *engine;
  TessConversation *conversation;
  char *number; /* 60 digits, once they are known */
};

static guint marked_signal;

G_DEFINE_FINAL_TYPE (TessNumberView, tess_number_view, ADW_TYPE_BIN)

static gboolean
is_verified (TessNumberView *self)
{
  return tess_contact_get_trust (tess_conversation_get_contact (self->conversation)) == TESS_TRUST_VERIFIED;
}

static void
update (TessNumberView *self)
{
  const char *label = is_verified (self) ? _("_Take Back Verification") : _("_Mark as Verified");

  gtk_button_set_label (self->mark, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->mark), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  is_verified (self) ? _("Take Back Verification") : _("Mark as Verified"), -1);
  if (is_verified (self))
    gtk_widget_remove_css_class (GTK_WIDGET (self->mark), "suggested-action");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->mark), "suggested-action");
}

static void
on_number (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessNumberView *self = owner;
  g_autofree char *text = NULL, *aloud = NULL;

  if (error != NULL)
    {
      gtk_widget_set_visible (self->spoken, FALSE);
      gtk_label_set_label (self->problem, error->message);
      gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
      return;
    }
  self->number = g_value_dup_string (value);
  text = tess_text_number (self->number);
  aloud = tess_text_number_aloud (self->number);
  gtk_label_set_label (self->digits, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->spoken), GTK_ACCESSIBLE_PROPERTY_LABEL, aloud, -1);
  gtk_widget_set_sensitive (self->compare, TRUE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->mark), TRUE);
  gtk_widget_set_sensitive (self->copy, TRUE);
}

static void
on_trust_set (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessNumberView *self = owner;

  if (error != NULL)
    tess_toast (GTK_WIDGET (self), error->message);
  else
    g_signal_emit (self, marked_signal, 0, GPOINTER_TO_INT (data) == TESS_TRUST_VERIFIED);
}

static void
on_mark (TessNumberView *self)
{
  TessTrust trust = is_verified (self) ? TESS_TRUST_UNVERIFIED : TESS_TRUST_VERIFIED;

  tess_await (tess_engine_set_trust (self->engine, self->conversation, trust), self, on_trust_set, GINT_TO_POINTER (trust), NULL);
}

static void
on_copy (TessNumberView *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gtk_label_get_label (self->digits));
  tess_toast (GTK_WIDGET (self), _("Number copied"));
}

/* What the clipboard holds beside the number: came from the other side by some way, so the person decides what it proves. */
static void
show_verdict (TessNumberView *self, const char *clipboard)
{
  g_autofree char *name = tess_text_name (tess_conversation_get_contact (self->conversation)), *text = NULL;
  int group = clipboard != NULL ? tess_text_number_compare (self->number, clipboard) : TESS_NUMBER_NONE;
  const char *style = group == TESS_NUMBER_SAME ? "success" : "error";

  if (group == TESS_NUMBER_NONE)
    text = g_strdup (_("The clipboard holds no safety number."));
  else if (group == TESS_NUMBER_SAME)
    /* Translators: %s is a contact's name */
    text = g_strdup_printf (_("The number in the clipboard is the same. If you are sure that it came from %s, mark them as "
                              "verified."),
                            name);
  else
    /* Translators: %1$d is a number from 1 to 12, %2$s a contact's name */
    text = g_strdup_printf (_("The number in the clipboard is another one, from group %1$d on. Make sure that it is the one that "
                              "%2$s sees in this chat. If it is, somebody stands between you: do not mark them as verified."),
                            group, name);
  gtk_label_set_label (self->verdict, text);
  gtk_widget_set_css_classes (GTK_WIDGET (self->verdict), (const char *[]){ style, NULL });
  gtk_widget_set_visible (GTK_WIDGET (self->verdict), TRUE);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
on_clipboard (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TessNumberView) self = data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  if (self->conversation != NULL)
    show_verdict (self, text);
}

static void
on_compare (TessNumberView *self)
{
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, on_clipboard, g_object_ref (self));
}

void
tess_number_view_set_engine (TessNumberView *self, TessEngine *engine, TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  g_autofree char *name = tess_text_name (contact);
  /* Translators: %s is a contact's name */
  g_autofree char *intro = g_strdup_printf (_("Read this number aloud with %s, on a call or face to face. If all digits are "
                                              "the same on both sides, "
                                              "nobody stands between you."),
                                            name);

  self->engine = g_object_ref (engine);
  self->conversation = g_object_ref (conversation);
  gtk_label_set_label (self->intro, intro);
  /* keeps the room the digits will take */
  gtk_label_set_label (self->digits, " \n \n \n ");
  g_signal_connect_object (contact, "notify::trust", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  tess_await (tess_engine_safety_number (engine, conversation), self, on_number, NULL, NULL);
}

static void
tess_number_view_dispose (GObject *object)
{
  TessNumberView *self = TESS_NUMBER_VIEW (object);

  g_clear_pointer (&self->number, g_free);
  g_clear_object (&self->conversation);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_number_view_parent_class)->dispose (object);
}

static void
tess_number_view_class_init (TessNumberViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_number_view_dispose;
  marked_signal = g_signal_new ("marked", TESS_TYPE_NUMBER_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_BOOLEAN);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-number-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessNumberView, intro);
  gtk_widget_class_bind_template_child (widget_class, TessNumberView, spoken);
  gtk_widget_class_bind_template_child (widget_class, TessNumberView, digits);
  gtk_widget_class_bind_template_child (widget_class, TessNumberView, verdict);
  gtk_widget_class_bind_template_child (widget_class, TessNumberView, problem);
  gtk_widget_class_bind_template_child (widget_class, TessNumberView, mark);
  gtk_widget_class_bind_template_child (widget_class, TessNumberView, copy);
  gtk_widget_class_bind_template_child (widget_class, TessNumberView, compare);
  gtk_widget_class_bind_template_callback (widget_class, on_mark);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_compare);
}

static void
tess_number_view_init (TessNumberView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* the groups stand in the same places on both screens, whatever the languages */
  gtk_widget_set_direction (GTK_WIDGET (self->digits), GTK_TEXT_DIR_LTR);
}
