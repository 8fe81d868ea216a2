/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-confirm.h"

#include "ui/tess-await.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

typedef struct {
  TessEngine *engine;
  TessConversation *conversation;
  GtkWidget *window; /* where a failure is said */
  gboolean block;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->engine);
  g_object_unref (question->conversation);
  g_object_unref (question->window);
  g_free (question);
}

static void
on_failed (gpointer owner, const GError *error)
{
  gtk_widget_activate_action (owner, "win.toast", "s", error->message);
}

static void
on_answer (AdwAlertDialog *dialog, const char *response, Question *question)
{
  if (!g_str_equal (response, "yes"))
    return;
  tess_await_failure (question->block ? tess_engine_set_blocked (question->engine, question->conversation, TRUE)
                                      : tess_engine_remove (question->engine, question->conversation),
                      question->window, on_failed);
}

/* @body is taken. */
static void
ask (GtkWidget *parent, TessEngine *engine, TessConversation *conversation, gboolean block, const char *heading, char *body,
     const char *yes)
{
  AdwDialog *dialog = adw_alert_dialog_new (heading, body);
  Question *question = g_new0 (Question, 1);

  g_free (body);
  question->engine = g_object_ref (engine);
  question->conversation = g_object_ref (conversation);
  question->window = GTK_WIDGET (g_object_ref (gtk_widget_get_root (parent)));
  question->block = block;
  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "cancel", _("_Cancel"), "yes", yes, NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (dialog), "yes", ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (dialog), "cancel");
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer), question, question_free, G_CONNECT_DEFAULT);
  adw_dialog_present (dialog, parent);
}

void
tess_confirm_remove (GtkWidget *parent, TessEngine *engine, TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  g_autofree char *name = tess_text_name (contact);
  char *body;

  if (tess_contact_get_is_self (contact))
    body = g_strdup (_("All your notes are erased from this device. This cannot be undone."));
  else if (!tess_contact_get_accepted (contact))
    /* Translators: %s is the name a stranger gave */
    body = g_strdup_printf (_("What %s wrote, and all that is known of them, is erased from this device. They are not told."),
                            name);
  else
    /* Translators: %s is a contact's name */
    body = g_strdup_printf (_("All messages of this chat are erased from this device, but not from that of %s, who stays a "
                              "contact. This cannot be undone."), name);
  ask (parent, engine, conversation, FALSE, tess_contact_get_accepted (contact) || tess_contact_get_is_self (contact)
                                                ? _("Delete Chat?") : _("Delete Request?"),
       body, _("_Delete"));
}

void
tess_confirm_block (GtkWidget *parent, TessEngine *engine, TessConversation *conversation)
{
  g_autofree char *name = tess_text_name (tess_conversation_get_contact (conversation));
  /* Translators: %s is a contact's name */
  char *body = g_strdup_printf (_("What %s writes is not shown or kept any more, and nothing is sent to them. They are not "
                                  "told."), name);

  ask (parent, engine, conversation, TRUE, _("Block Contact?"), body, _("_Block"));
}
