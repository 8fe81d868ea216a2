/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-new-chat-dialog.h"

#include "ui/tess-avatar.h"
#include "ui/tess-await.h"
#include "ui/tess-code-input.h"
#include "ui/tess-found-list.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>
#include <string.h>

struct _TessNewChatDialog {
  AdwDialog parent_instance;

  TessCodeInput *input;
  GtkWidget *add;
  TessFoundList *found;
  AdwPreferencesGroup *contacts;

  TessEngine *engine;
  gboolean adding;
  gboolean asking; /* a relay */
  gboolean moving; /* what stands there leads the mail to somebody known to another relay */
};

G_DEFINE_FINAL_TYPE (TessNewChatDialog, tess_new_chat_dialog, ADW_TYPE_DIALOG)

static void
update_add (TessNewChatDialog *self, gboolean fits)
{
  gtk_widget_set_sensitive (self->add, fits && !self->adding && !self->asking);
}

/* The button looks up what is a name at a relay, and adds anything else. */
static void
show_way (TessNewChatDialog *self, gboolean name)
{
  const char *label = name ? C_("a name", "Look Up") : C_("a contact", "Add");

  gtk_button_set_label (GTK_BUTTON (self->add), name ? C_("a name", "_Look Up") : _("_Add"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->add), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
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

  self->moving = used != NULL && g_strcmp0 (relay, used) != 0;
  if (!self->moving)
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

/* What is wrong with a text that is no address: it may be a name whose relay is missing. */
static void
show_fault (TessNewChatDialog *self, const char *text)
{
  g_autofree char *own = tess_engine_dup_address (self->engine), *relay = own != NULL ? tess_text_code_relay (own) : NULL;
  g_autofree char *guess = g_strdup_printf ("%s@%s", text, relay), *word = NULL;
  gboolean begun = g_ascii_strncasecmp (text, "tessera:1/", strlen (text)) == 0;

  if (strchr (text, '@') == NULL && !begun && relay != NULL && tess_engine_is_name (guess))
    /* Translators: %s is a name at a relay, such as bob@relay.example.org */
    word = g_strdup_printf (_("To find somebody by a name, add the relay: %s."), guess);
  tess_code_input_set_word (self->input,
                            word != NULL ? word
                                         : _("Not a Tessera address yet. It starts with “tessera:1/” and is pasted whole."),
                            "dimmed");
}

static void
on_changed (TessNewChatDialog *self)
{
  g_autofree char *text = tess_code_input_dup_text (self->input);
  gboolean fits = tess_text_code_kind (text) != TESS_CODE_NONE, name = !fits && tess_engine_is_name (text);
  TessConversation *known;

  tess_found_list_show (self->found, self->engine, NULL);
  gtk_widget_set_visible (self->add, TRUE);
  self->moving = FALSE;
  show_way (self, name);
  if (name)
    {
      tess_code_input_set_word (self->input, _("A name at a relay, which learns whom you look up."), "dimmed");
      update_add (self, TRUE);
      return;
    }
  if (*text == '\0' || *text == '/' || g_str_has_prefix (text, "file:"))
    {
      tess_code_input_set_word (self->input, NULL, NULL);
      update_add (self, FALSE);
      return;
    }
  if (!fits)
    {
      show_fault (self, text);
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

/* A general code made us a contact of theirs, which is not yet verified there. */
static void
on_verified (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessConversation *conversation = data;
  const char *name = tess_contact_get_name (tess_conversation_get_contact (conversation));

  if (error == NULL && g_value_get_int (value) == TESS_VERIFY_MATCH)
    {
      /* Translators: %s is a contact's name */
      g_autofree char *text = g_strdup_printf (_("%s is verified. Now let them scan your code."), name);

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
on_looked_up (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessNewChatDialog *self = owner;
  g_autofree char *text = tess_code_input_dup_text (self->input);

  self->asking = FALSE;
  if (!g_str_equal (text, data))
    {
      on_changed (self); /* something else is wanted by now */
      return;
    }
  update_add (self, TRUE);
  if (error != NULL)
    {
      tess_code_input_set_word (self->input, error->message, "error");
      return;
    }
  tess_code_input_set_word (self->input, NULL, NULL);
  tess_found_list_show (self->found, self->engine, g_value_get_boxed (value));
  gtk_widget_set_visible (self->add, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->found));
}

static void
look_up (TessNewChatDialog *self, const char *text)
{
  self->asking = TRUE;
  update_add (self, FALSE);
  tess_found_list_show (self->found, self->engine, NULL);
  tess_code_input_set_word (self->input, _("Asking the relay…"), "dimmed");
  tess_await (tess_engine_look_up (self->engine, text), self, on_looked_up, g_strdup (text), g_free);
}

/* Who is known keeps the chat and its relay, whatever another relay says. */
static void
on_found (TessNewChatDialog *self, TessFoundPerson *person)
{
  TessConversation *known = tess_engine_find (self->engine, person->address, NULL);

  if (known != NULL)
    {
      finish (self, known);
      return;
    }
  if (self->adding)
    return;
  self->adding = TRUE;
  update_add (self, FALSE);
  tess_await (tess_engine_add_found (self->engine, person), self, on_added, g_strdup (person->address), g_free);
}

static void
on_add (TessNewChatDialog *self)
{
  g_autofree char *text = tess_code_input_dup_text (self->input);

  if (!gtk_widget_get_sensitive (self->add))
    return;
  if (tess_engine_is_name (text))
    {
      look_up (self, text);
      return;
    }
  self->adding = TRUE;
  update_add (self, FALSE);
  tess_await (tess_engine_add_contact (self->engine, text), self, on_added, g_strdup (text), g_free);
}

/* A picture needs no second confirmation: it was chosen. Its words, if it does not fit, come from the changed text. But what is
 * seen leads no mail to another relay by itself: anybody can have drawn it. */
static void
on_picture (TessNewChatDialog *self, const char *text)
{
  if (!self->moving)
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

/* Contacts whose chat was deleted. */

static void
on_contact (TessNewChatDialog *self, GtkWidget *row)
{
  finish (self, g_object_get_data (G_OBJECT (row), "conversation"));
}

static GtkWidget *
contact_row (TessNewChatDialog *self, TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  GtkWidget *row = adw_action_row_new (), *avatar = adw_avatar_new (32, NULL, TRUE);

  tess_avatar_show (ADW_AVATAR (avatar), tess_contact_get_name (contact), tess_contact_get_key_text (contact));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), tess_contact_get_name (contact));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), avatar);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "conversation", g_object_ref (conversation), g_object_unref);
  g_signal_connect_object (row, "activated", G_CALLBACK (on_contact), self, G_CONNECT_SWAPPED);
  return row;
}

static void
show_contacts (TessNewChatDialog *self)
{
  GListModel *everyone = tess_engine_get_everyone (self->engine), *listed = tess_engine_get_conversations (self->engine);
  guint n = g_list_model_get_n_items (everyone);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (everyone, i);
      TessContact *contact = tess_conversation_get_contact (conversation);

      if (!tess_contact_get_accepted (contact) || tess_contact_get_blocked (contact) || tess_contact_get_is_self (contact)
          || g_list_store_find (G_LIST_STORE (listed), conversation, NULL))
        continue;
      adw_preferences_group_add (self->contacts, contact_row (self, conversation));
      gtk_widget_set_visible (GTK_WIDGET (self->contacts), TRUE);
    }
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
  show_contacts (self);
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
  g_type_ensure (TESS_TYPE_FOUND_LIST);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-new-chat-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TessNewChatDialog, input);
  gtk_widget_class_bind_template_child (widget_class, TessNewChatDialog, add);
  gtk_widget_class_bind_template_child (widget_class, TessNewChatDialog, found);
  gtk_widget_class_bind_template_child (widget_class, TessNewChatDialog, contacts);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_picture);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
  gtk_widget_class_bind_template_callback (widget_class, on_found);
  gtk_widget_class_bind_template_callback (widget_class, on_show_code);
  gtk_widget_class_bind_template_callback (widget_class, on_notes);
}

static void
tess_new_chat_dialog_init (TessNewChatDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  tess_code_input_serve (self->input, GTK_WIDGET (self));
  adw_dialog_set_focus (ADW_DIALOG (self), GTK_WIDGET (self->input));
}
