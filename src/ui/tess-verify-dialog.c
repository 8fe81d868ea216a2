/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-verify-dialog.h"

#include "ui/tess-avatar.h"
#include "ui/tess-await.h"
#include "ui/tess-code-input.h"
#include "ui/tess-code-view.h"
#include "ui/tess-number-view.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

struct _TessVerifyDialog {
  AdwDialog parent_instance;

  AdwNavigationView *navigation;
  GtkLabel *intro;
  TessCodeView *code;
  TessCodeInput *input;
  GtkWidget *compare;
  TessNumberView *number;
  AdwAvatar *own_avatar;
  AdwAvatar *their_avatar;
  GtkLabel *match_text;
  AdwStatusPage *mismatch;

  TessEngine *engine;
  TessConversation *conversation;
  gboolean comparing;
};

G_DEFINE_FINAL_TYPE (TessVerifyDialog, tess_verify_dialog, ADW_TYPE_DIALOG)

static TessContact *
the_contact (TessVerifyDialog *self)
{
  return tess_conversation_get_contact (self->conversation);
}

static gboolean
on_page (TessVerifyDialog *self, const char *tag)
{
  AdwNavigationPage *page = adw_navigation_view_get_visible_page (self->navigation);

  return page != NULL && g_strcmp0 (adw_navigation_page_get_tag (page), tag) == 0;
}

static void
show_match (TessVerifyDialog *self)
{
  TessContact *contact = the_contact (self);
  g_autofree char *name = tess_text_name (contact);
  g_autofree char *address = tess_engine_dup_address (self->engine);
  g_autofree char *key = tess_avatar_key_of_address (address);
  /* Translators: %s is a contact's name */
  g_autofree char *text = g_strdup_printf (_("%s is verified. What you write to each other, nobody else can read."), name);

  if (on_page (self, "match"))
    return;
  tess_avatar_show (self->own_avatar, tess_engine_get_name (self->engine), key);
  tess_avatar_show (self->their_avatar, tess_contact_get_name (contact), tess_contact_get_key_text (contact));
  gtk_label_set_label (self->match_text, text);
  adw_navigation_view_replace_with_tags (self->navigation, (const char *const[]){ "match" }, 1);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

/* What the key in @code is, when it is not the one that the chat uses. */
static char *
mismatch_text (TessVerifyDialog *self, const char *code)
{
  g_autofree char *name = tess_text_name (the_contact (self)), *other = NULL;
  TessConversation *known = tess_engine_find (self->engine, code, NULL);

  if (known == NULL)
    /* Translators: %s is a contact's name, twice */
    return g_markup_printf_escaped (_("This code belongs to another key than your chat with %s uses. Either it was another "
                                      "person’s code or an old one, or somebody stands between you.\n\nNothing is sent until "
                                      "you decide. Meet %s, or call, and compare again."),
                                    name, name);
  other = tess_text_name (tess_conversation_get_contact (known));
  if (g_str_equal (name, other))
    /* Translators: %s is a contact's name, twice */
    return g_markup_printf_escaped (_("You have two contacts named %s, and this is the code of the other one. Either one of the "
                                      "two is an account that is not used any more, or somebody pretends.\n\nNothing is sent "
                                      "here until you decide. Meet %s, or call, and ask which one is right."),
                                    name, name);
  /* Translators: the name of the contact whose code it is, and twice that of the contact who was to be verified */
  return g_markup_printf_escaped (_("This is the code of %1$s, not of %2$s. Either you scanned the wrong one, or whom you know "
                                    "as %2$s stands between you.\n\nNothing is sent to %2$s until you decide. Scan the code on "
                                    "the right screen."),
                                  other, name);
}

static void
show_mismatch (TessVerifyDialog *self, const char *code)
{
  g_autofree char *text = mismatch_text (self, code);

  adw_status_page_set_description (self->mismatch, text);
  adw_navigation_view_push_by_tag (self->navigation, "mismatch");
  gtk_accessible_announce (GTK_ACCESSIBLE (self), adw_status_page_get_title (self->mismatch),
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

/* @data is what was compared: another code may stand in the entry by now. */
static void
on_compared (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessVerifyDialog *self = owner;
  const char *code = data;
  g_autofree char *name = tess_text_name (the_contact (self)), *word = NULL, *relay = NULL;

  self->comparing = FALSE;
  gtk_widget_set_sensitive (self->compare, TRUE);
  if (error != NULL)
    {
      tess_code_input_set_word (self->input, error->message, "error");
      return;
    }
  switch ((TessVerifyResult) g_value_get_int (value))
    {
    case TESS_VERIFY_MATCH:
      show_match (self);
      break;
    case TESS_VERIFY_MISMATCH:
      show_mismatch (self, code);
      break;
    case TESS_VERIFY_OWN_CODE:
      /* Translators: %s is a contact's name */
      word = g_strdup_printf (_("This is your own code. You need the one that %s shows."), name);
      tess_code_input_set_word (self->input, word, "error");
      break;
    case TESS_VERIFY_OTHER_RELAY:
      relay = tess_text_code_relay (code);
      /* Translators: %1$s is a contact's name, %2$s the name of a relay */
      word = g_strdup_printf (_("The key is that of %1$s, but the code names the relay %2$s, where this chat does not write to. "
                                "It is old, or was tampered with. If they have moved there, add the code with New Chat."),
                              name, relay);
      tess_code_input_set_word (self->input, word, "error");
      break;
    case TESS_VERIFY_NO_SECRET:
    default:
      /* Translators: %s is a contact's name, twice */
      word = g_strdup_printf (_("This is the address of %s, and it fits. To verify, take the code that %s shows in this "
                                "dialog, or compare numbers."),
                              name, name);
      tess_code_input_set_word (self->input, word, "dimmed");
      break;
    }
}

static void
on_compare (TessVerifyDialog *self)
{
  g_autofree char *text = tess_code_input_dup_text (self->input);

  if (self->comparing || tess_text_code_kind (text) == TESS_CODE_NONE)
    return;
  self->comparing = TRUE;
  gtk_widget_set_sensitive (self->compare, FALSE);
  tess_await (tess_engine_verify_code (self->engine, self->conversation, text), self, on_compared, g_strdup (text), g_free);
}

static void
on_changed (TessVerifyDialog *self)
{
  g_autofree char *text = tess_code_input_dup_text (self->input);
  gboolean path = *text == '/' || g_str_has_prefix (text, "file:");
  gboolean fits = tess_text_code_kind (text) != TESS_CODE_NONE;

  gtk_widget_set_sensitive (self->compare, fits && !self->comparing);
  if (*text == '\0' || path || fits)
    tess_code_input_set_word (self->input, NULL, NULL);
  else
    tess_code_input_set_word (self->input, tess_text_code_fault (text), "error");
}

/* A chosen picture is compared at once. */
static void
on_picture (TessVerifyDialog *self, const char *text)
{
  on_compare (self);
}

static void
on_show_number (TessVerifyDialog *self)
{
  adw_navigation_view_push_by_tag (self->navigation, "number");
}

static void
on_marked (TessVerifyDialog *self, gboolean verified)
{
  if (verified)
    show_match (self);
}

static void
on_done (TessVerifyDialog *self)
{
  adw_dialog_close (ADW_DIALOG (self));
}

static void
on_again (TessVerifyDialog *self)
{
  tess_code_input_set_text (self->input, "");
  adw_navigation_view_pop_to_tag (self->navigation, "scan");
}

/* They scanned the code that stands here: that verifies both. */
static void
on_trust_changed (TessVerifyDialog *self, TessConversation *conversation)
{
  if (conversation == self->conversation
      && tess_contact_get_trust (tess_conversation_get_contact (conversation)) == TESS_TRUST_VERIFIED)
    show_match (self);
}

AdwDialog *
tess_verify_dialog_new (TessEngine *engine, TessConversation *conversation, gboolean number)
{
  TessVerifyDialog *self = g_object_new (TESS_TYPE_VERIFY_DIALOG, NULL);
  g_autofree char *name = tess_text_name (tess_conversation_get_contact (conversation));
  /* Translators: %s is a contact's name */
  g_autofree char *intro = g_strdup_printf (_("Let %s scan this, or scan theirs: one scan verifies both."), name);

  self->engine = g_object_ref (engine);
  self->conversation = g_object_ref (conversation);
  gtk_label_set_label (self->intro, intro);
  tess_code_view_set_engine (self->code, engine, conversation);
  tess_number_view_set_engine (self->number, engine, conversation);
  g_signal_connect_object (engine, "trust-changed", G_CALLBACK (on_trust_changed), self, G_CONNECT_SWAPPED);
  if (number)
    adw_navigation_view_replace_with_tags (self->navigation, (const char *const[]){ "number" }, 1);
  return ADW_DIALOG (self);
}

static void
tess_verify_dialog_dispose (GObject *object)
{
  TessVerifyDialog *self = TESS_VERIFY_DIALOG (object);

  g_clear_object (&self->conversation);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_verify_dialog_parent_class)->dispose (object);
}

static void
tess_verify_dialog_class_init (TessVerifyDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_verify_dialog_dispose;
  g_type_ensure (TESS_TYPE_CODE_VIEW);
  g_type_ensure (TESS_TYPE_CODE_INPUT);
  g_type_ensure (TESS_TYPE_NUMBER_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-verify-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, navigation);
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, intro);
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, code);
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, input);
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, compare);
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, number);
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, own_avatar);
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, their_avatar);
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, match_text);
  gtk_widget_class_bind_template_child (widget_class, TessVerifyDialog, mismatch);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_picture);
  gtk_widget_class_bind_template_callback (widget_class, on_compare);
  gtk_widget_class_bind_template_callback (widget_class, on_show_number);
  gtk_widget_class_bind_template_callback (widget_class, on_marked);
  gtk_widget_class_bind_template_callback (widget_class, on_done);
  gtk_widget_class_bind_template_callback (widget_class, on_again);
}

static void
tess_verify_dialog_init (TessVerifyDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  tess_code_input_serve (self->input, GTK_WIDGET (self));
}
