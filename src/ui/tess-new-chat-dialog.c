/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-new-chat-dialog.h"

#include "ui/tess-await.h"
#include "ui/tess-code-input.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

struct _TessNewChatDialog {
  AdwDialog parent_instance;

  TessCodeInput *input;
  GtkWidget *add;

  TessEngine *engine;
  gboolean adding;
};

G_DEFINE_FINAL_TYPE (TessNewChatDialog, tess_new_chat_dialog, ADW_TYPE_DIALOG)

static void
update_add (TessNewChatDialog *self, gboolean fits)
{
  gtk_widget_set_sensitive (self->add, fits && !self->adding);
}

static gboolean
is_own (TessNewChatDialog *self, const char *text)
{
  g_autofree char *own = tess_engine_dup_address (self->engine);

  return own != NULL && tess_text_code_same_account (own, text);
}

/* Who is known already keeps the chat; but a link from anywhere could lead it to another relay. */
static void
show_known (TessNewChatDialog *self, TessContact *contact, const char *text)
{
  g_autofree char *name = tess_text_name (contact), *word = NULL;
  g_autofree char *relay = tess_text_code_relay (text), *used = tess_text_code_relay (tess_contact_get_address (contact));

  if (used == NULL || g_strcmp0 (relay, used) == 0)
    {
      /* Translators: %s is a contact's name */
      word = g_strdup_printf (_("You know this person already: %s."), name);
      tess_code_input_set_word (self->input, word, "success");
      return;
    }
  /* Translators: %1$s is a contact's name, %2$s and %3$s names of relays */
  word = g_strdup_printf (_("You know %1$s already, at the relay %3$s. Add this only if they told you that they have moved to "
                            "%2$s: your messages will go there."),
                          name, relay, used);
  tess_code_input_set_word (self->input, word, "error");
}

static void
on_changed (TessNewChatDialog *self)
{
  g_autofree char *text = tess_code_input_dup_text (self->input);
  gboolean fits = tess_text_code_kind (text) != TESS_CODE_NONE;
  TessConversation *known;

  if (*text == '\0' || *text == '/' || g_str_has_prefix (text, "file:"))
    {
      tess_code_input_set_word (self->input, NULL, NULL);
      update_add (self, FALSE);
      return;
    }
  if (!fits)
    {
      tess_code_input_set_word (self->input, _("Not a Tessera address yet. It starts with “tessera:1/” and is pasted whole."),
                                "dimmed");
      update_add (self, FALSE);
      return;
    }
  if (is_own (self, text))
    {
      tess_code_input_set_word (self->input, _("This is your own address."), "error");
      update_add (self, FALSE);
      return;
    }
  known = tess_engine_find (self->engine, text, NULL);
  if (known != NULL)
    show_known (self, tess_conversation_get_contact (known), text);
  else
    tess_code_input_set_word (self->input, _("This is a Tessera address."), "success");
  update_add (self, TRUE);
}

static void
finish (TessNewChatDialog *self, TessConversation *conversation)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-chat", "x", tess_conversation_get_id (conversation));
  adw_dialog_close (ADW_DIALOG (self));
}

static void
on_verified (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessConversation *conversation = data;
  const char *name = tess_contact_get_name (tess_conversation_get_contact (conversation));

  if (error == NULL && g_value_get_int (value) == TESS_VERIFY_MATCH)
    {
      /* Translators: %s is a contact's name */
      g_autofree char *text = g_strdup_printf (_("%s is verified"), name);

      gtk_widget_activate_action (owner, "win.toast", "s", text);
    }
  finish (owner, conversation);
}

static void
on_added (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessNewChatDialog *self = owner;
  const char *text = data;

  self->adding = FALSE;
  if (error != NULL)
    {
      tess_code_input_set_word (self->input, error->message, "error");
      update_add (self, FALSE);
      return;
    }
  /* Scanning somebody's code adds and verifies in one. */
  if (tess_text_code_kind (text) == TESS_CODE_CODE)
    tess_await (tess_engine_verify_code (self->engine, g_value_get_object (value), text), self, on_verified,
                g_value_dup_object (value),
                g_object_unref);
  else
    finish (self, g_value_get_object (value));
}

static void
on_add (TessNewChatDialog *self)
{
  g_autofree char *text = tess_code_input_dup_text (self->input);

  if (!gtk_widget_get_sensitive (self->add))
    return;
  self->adding = TRUE;
  update_add (self, FALSE);
  tess_await (tess_engine_add_contact (self->engine, text), self, on_added, g_strdup (text), g_free);
}

/* A picture needs no second confirmation: it was chosen. Its words, if it does not fit, come from the changed text. */
static void
on_picture (TessNewChatDialog *self, const char *text)
{
  on_add (self);
}

static void
on_show_code (TessNewChatDialog *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-code", NULL);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
on_notes (TessNewChatDialog *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-notes", NULL);
  adw_dialog_close (ADW_DIALOG (self));
}

void
tess_new_chat_dialog_set_text (TessNewChatDialog *self, const char *text)
{
  tess_code_input_set_text (self->input, text);
}

AdwDialog *
tess_new_chat_dialog_new (TessEngine *engine, const char *text)
{
  TessNewChatDialog *self = g_object_new (TESS_TYPE_NEW_CHAT_DIALOG, NULL);

  self->engine = g_object_ref (engine);
  if (text != NULL)
    tess_new_chat_dialog_set_text (self, text);
  return ADW_DIALOG (self);
}

static void
tess_new_chat_dialog_dispose (GObject *object)
{
  TessNewChatDialog *self = TESS_NEW_CHAT_DIALOG (object);

  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_new_chat_dialog_parent_class)->dispose (object);
}

static void
tess_new_chat_dialog_class_init (TessNewChatDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_new_chat_dialog_dispose;
  g_type_ensure (TESS_TYPE_CODE_INPUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-new-chat-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TessNewChatDialog, input);
  gtk_widget_class_bind_template_child (widget_class, TessNewChatDialog, add);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_picture);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
  gtk_widget_class_bind_template_callback (widget_class, on_show_code);
  gtk_widget_class_bind_template_callback (widget_class, on_notes);
}

static void
tess_new_chat_dialog_init (TessNewChatDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  tess_code_input_take_drops (self->input, GTK_WIDGET (self));
  adw_dialog_set_focus (ADW_DIALOG (self), GTK_WIDGET (self->input));
}
