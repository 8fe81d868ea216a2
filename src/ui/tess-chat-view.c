/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-chat-view.h"

#include "ui/tess-avatar.h"
#include "ui/tess-await.h"
#include "ui/tess-chat-search.h"
#include "ui/tess-composer.h"
#include "ui/tess-confirm.h"
#include "ui/tess-duration.h"
#include "ui/tess-history-view.h"
#include "ui/tess-link-bar.h"
#include "ui/tess-toast.h"
#include "ui/tess-ui-text.h"
#include "ui/tess-verify-dialog.h"

#include <glib/gi18n.h>

/* What is typed is kept when one pauses for that long, and when the chat is left. */
#define DRAFT_DELAY_MS 1500

struct _TessChatView {
  AdwNavigationPage parent_instance;

  AdwHeaderBar *header;
  AdwAvatar *avatar;
  GtkLabel *name;
  GtkWidget *trust;
  GtkImage *trust_icon;
  GtkLabel *trust_label;
  GtkWidget *timer;
  GtkLabel *timer_label;
  GtkMenuButton *menu_button;
  GtkWidget *verify_button;
  TessLinkBar *link;
  TessChatSearch *search;
  GtkRevealer *alarm;
  GtkLabel *alarm_title;
  GtkLabel *alarm_text;
  TessHistoryView *history;
  GtkRevealer *typing;
  GtkLabel *typing_label;
  GtkStack *bottom;
  TessComposer *composer;
  GtkLabel *request_label;
  GtkLabel *blocked_label;

  TessEngine *engine;
  TessConversation *conversation;
  gboolean alone;
  guint draft_source;
  char *draft;        /* what was kept of it last, */
  gint64 draft_reply; /* and which message it answers, or 0 */
  gboolean asked;     /* that message was asked for and is not here yet */
};

enum { PROP_ALONE = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TessChatView, tess_chat_view, ADW_TYPE_NAVIGATION_PAGE)

static void
on_failed (TessChatView *self, const char *text)
{
  tess_toast (GTK_WIDGET (self), text);
}

static void
on_await_failed (gpointer owner, const GError *error)
{
  tess_toast (owner, error->message);
}

/* The row of what is answered, or 0. */
static gint64
reply_row (TessChatView *self)
{
  TessMessage *reply = tess_composer_get_reply (self->composer);

  if (reply != NULL)
    return tess_message_get_row (reply);
  return self->asked ? self->draft_reply : 0;
}

void
tess_chat_view_save_draft (TessChatView *self)
{
  g_autofree char *draft = tess_composer_dup_draft (self->composer);
  gint64 reply = reply_row (self);

  g_clear_handle_id (&self->draft_source, g_source_remove);
  if (!g_set_str (&self->draft, draft) && reply == self->draft_reply)
    return;
  self->draft_reply = reply;
  tess_await_failure (tess_engine_set_draft (self->engine, self->conversation, draft, reply), self, on_await_failed);
}

static gboolean
on_pause (gpointer data)
{
  TessChatView *self = data;

  self->draft_source = 0;
  tess_chat_view_save_draft (self);
  return G_SOURCE_REMOVE;
}

static void
on_typed (TessChatView *self)
{
  tess_engine_set_typing (self->engine, self->conversation, tess_composer_is_writing (self->composer));
  g_clear_handle_id (&self->draft_source, g_source_remove);
  self->draft_source = g_timeout_add (DRAFT_DELAY_MS, on_pause, self);
}

/* What is being sent, or changed, until it is known whether that worked. */
typedef struct {
  char *text;
  TessMessage *message; /* that is answered or changed, or NULL */
} Sending;

static Sending *
sending_new (const char *text, TessMessage *message)
{
  Sending *sending = g_new0 (Sending, 1);

  sending->text = g_strdup (text);
  g_set_object (&sending->message, message);
  return sending;
}

static void
sending_free (gpointer data)
{
  Sending *sending = data;

  g_free (sending->text);
  g_clear_object (&sending->message);
  g_free (sending);
}

static const char *
contact_name (TessChatView *self)
{
  return tess_contact_get_name (tess_conversation_get_contact (self->conversation));
}

static gboolean
offer (TessChatView *self, const char *text)
{
  g_autofree char *now = tess_composer_dup_draft (self->composer);

  if (*now != '\0')
    return FALSE;
  tess_composer_set_text (self->composer, text);
  return TRUE;
}

void
tess_chat_view_offer (TessChatView *self, const char *text)
{
  offer (self, text);
}

static void
on_sent (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessChatView *self = owner;
  Sending *sending = data;

  if (error == NULL)
    return;
  tess_toast (GTK_WIDGET (self), error->message);
  /* nothing that was written is lost */
  if (offer (self, sending->text) && sending->message != NULL && !tess_message_get_deleted (sending->message))
    tess_composer_reply (self->composer, sending->message, contact_name (self));
}

static void
on_send (TessChatView *self, const char *text, TessMessage *reply)
{
  DexFuture *sent = reply != NULL ? tess_engine_send_reply (self->engine, self->conversation, text, reply)
                                  : tess_engine_send_text (self->engine, self->conversation, text);

  tess_engine_set_typing (self->engine, self->conversation, FALSE);
  tess_chat_view_save_draft (self);
  tess_history_view_scroll_to_bottom (self->history);
  tess_await (sent, self, on_sent, sending_new (text, reply), sending_free);
}

static void
on_saved (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessChatView *self = owner;
  Sending *sending = data;

  if (error == NULL)
    return;
  tess_toast (GTK_WIDGET (self), error->message);
  if (tess_message_get_deleted (sending->message))
    return;
  tess_composer_edit (self->composer, sending->message);
  tess_composer_set_text (self->composer, sending->text);
}

static void
on_change (TessChatView *self, TessMessage *message, const char *text)
{
  tess_await (tess_engine_edit (self->engine, self->conversation, message, text), self, on_saved, sending_new (text, message),
              sending_free);
}

static void
on_reply (TessChatView *self, TessMessage *message)
{
  tess_composer_reply (self->composer, message, contact_name (self));
  tess_composer_focus (self->composer);
}

static void
on_edit (TessChatView *self, TessMessage *message)
{
  tess_composer_edit (self->composer, message);
  tess_composer_focus (self->composer);
}

static void
on_edit_last (TessChatView *self)
{
  g_autoptr (TessMessage) message = tess_history_view_dup_last_own (self->history);

  if (message == NULL)
    return;
  tess_history_view_show_message (self->history, tess_message_get_row (message));
  on_edit (self, message);
}

/* Through the messages, to answer one: past the newest there is none again. */
static void
on_step (TessChatView *self, int step)
{
  TessMessage *from = tess_composer_get_reply (self->composer);
  g_autoptr (TessMessage) message = NULL;

  if (from == NULL && step > 0)
    return;
  message = tess_history_view_dup_step (self->history, from, step);
  if (message == NULL && step > 0)
    {
      tess_composer_cancel (self->composer);
      tess_history_view_scroll_to_bottom (self->history);
    }
  if (message == NULL)
    return;
  tess_composer_reply (self->composer, message, contact_name (self));
  tess_history_view_show_message (self->history, tess_message_get_row (message));
}

/* What is gone is answered no more; whoever has chosen another message meanwhile answers that. */
static void
on_answered (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessChatView *self = owner;

  self->asked = FALSE;
  if (error == NULL && tess_composer_get_reply (self->composer) == NULL)
    tess_composer_reply (self->composer, g_value_get_object (value), contact_name (self));
}

static void
restore_draft (TessChatView *self)
{
  self->draft = g_strdup (tess_conversation_get_draft (self->conversation));
  self->draft_reply = tess_conversation_get_draft_reply (self->conversation);
  tess_composer_set_text (self->composer, self->draft);
  self->asked = self->draft_reply != 0;
  if (self->asked)
    tess_await (tess_engine_load_message (self->engine, self->conversation, self->draft_reply), self, on_answered, NULL, NULL);
}

static void
show_typing (TessChatView *self)
{
  gboolean typing = tess_conversation_get_typing (self->conversation);
  g_autofree char *name = tess_text_name (tess_conversation_get_contact (self->conversation));
  /* Translators: %s is a contact's name */
  g_autofree char *words = g_strdup_printf (_("%s is writing…"), name);

  gtk_label_set_label (self->typing_label, words);
  if (typing)
    gtk_widget_set_visible (GTK_WIDGET (self->typing), TRUE);
  gtk_revealer_set_reveal_child (self->typing, typing);
}

/* The person. */

static void
on_accepted (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessChatView *self = owner;

  if (error != NULL)
    tess_toast (GTK_WIDGET (self), error->message);
  else
    tess_composer_focus (self->composer);
}

static void
on_person (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessChatView *self = TESS_CHAT_VIEW (widget);

  if (g_str_equal (action, "chat.accept"))
    tess_await (tess_engine_accept (self->engine, self->conversation), self, on_accepted, NULL, NULL);
  else if (g_str_equal (action, "chat.block"))
    tess_confirm_block (widget, self->engine, self->conversation);
  else if (g_str_equal (action, "chat.unblock"))
    tess_await_failure (tess_engine_set_blocked (self->engine, self->conversation, FALSE), self, on_await_failed);
  else
    tess_confirm_remove (widget, self->engine, self->conversation);
}

static void
open_verify (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessChatView *self = TESS_CHAT_VIEW (widget);
  AdwDialog *dialog = tess_verify_dialog_new (self->engine, self->conversation, g_str_equal (action, "chat.number"));

  adw_dialog_present (dialog, widget);
}

static void
open_details (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_widget_activate_action (widget, "win.show-details", "x",
                              tess_conversation_get_id (TESS_CHAT_VIEW (widget)->conversation));
}

static void
on_continue_answer (AdwAlertDialog *dialog, const char *response, TessChatView *self)
{
  TessTrust trust = tess_contact_get_trust (tess_conversation_get_contact (self->conversation));

  /* they may be verified by now */
  if (g_str_equal (response, "continue") && tess_trust_is_stopped (trust))
    tess_await_failure (tess_engine_set_trust (self->engine, self->conversation, TESS_TRUST_UNVERIFIED), self, on_await_failed);
}

static void
open_continue (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessChatView *self = TESS_CHAT_VIEW (widget);
  TessContact *contact = tess_conversation_get_contact (self->conversation);
  g_autofree char *name = tess_text_name (contact);
  AdwDialog *dialog = adw_alert_dialog_new (_("Continue Unverified?"), NULL);

  if (tess_contact_get_trust (contact) == TESS_TRUST_CHANGED)
    adw_alert_dialog_format_body (ADW_ALERT_DIALOG (dialog),
                                  /* Translators: %s is a contact's name */
                                  _("These are not the devices and keys that you knew. Somebody else may be reading what you "
                                    "write to “%s”. Continue only if you know why they have changed."),
                                  name);
  else
    adw_alert_dialog_format_body (ADW_ALERT_DIALOG (dialog),
                                  /* Translators: %s is a contact's name */
                                  _("The code that was scanned is not the one of this chat. Somebody else may be "
                                    "reading what you write to “%s”. Continue only if you know why it differs."),
                                  name);
  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "cancel", _("_Cancel"), "continue", _("Continue _Unverified"), NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (dialog), "continue", ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (dialog), "cancel");
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_continue_answer), self, G_CONNECT_DEFAULT);
  adw_dialog_present (dialog, widget);
}

static void
show_trust (TessChatView *self, TessTrust trust)
{
  gboolean notes = tess_contact_get_is_self (tess_conversation_get_contact (self->conversation));

  gtk_label_set_label (self->trust_label, tess_text_trust (trust));
  gtk_widget_set_css_classes (self->trust, (const char *[]){ trust == TESS_TRUST_VERIFIED    ? "success"
                                                             : tess_trust_is_stopped (trust) ? "error"
                                                                                             : "dimmed",
                                                             NULL });
  gtk_image_set_from_icon_name (self->trust_icon,
                                trust == TESS_TRUST_VERIFIED ? "tess-verified-symbolic" : "tess-alarm-symbolic");
  gtk_widget_set_visible (GTK_WIDGET (self->trust_icon), trust != TESS_TRUST_UNVERIFIED);
  gtk_widget_set_visible (self->trust, !notes);
  gtk_widget_set_visible (self->verify_button, trust == TESS_TRUST_UNVERIFIED && !notes);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "chat.verify", !notes);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "chat.number", !notes);
  if (tess_trust_is_stopped (trust))
    gtk_widget_set_visible (GTK_WIDGET (self->alarm), TRUE);
  gtk_revealer_set_reveal_child (self->alarm, tess_trust_is_stopped (trust));
}

/* Why nothing is sent; what was said stays while the banner goes. */
static void
show_alarm (TessChatView *self, TessTrust trust, const char *name)
{
  g_autofree char *text = NULL;

  if (!tess_trust_is_stopped (trust))
    return;
  if (trust == TESS_TRUST_CHANGED)
    /* Translators: %s is a contact's name, twice */
    text = g_strdup_printf (_("The devices or keys of %s are not those that you knew. They may have a new device, or somebody "
                              "may pretend to be them. Ask %s, over another way, before you go on."),
                            name, name);
  else
    /* Translators: %s is a contact's name */
    text = g_strdup_printf (_("You scanned a code of another key than this chat uses. Somebody may be standing between you and "
                              "%s, or the code "
                              "was another person’s. Ask them, over another way, before you go on."),
                            name);
  gtk_label_set_label (self->alarm_title, trust == TESS_TRUST_CHANGED ? _("Devices or Keys Have Changed")
                                                                      : _("The Code Did Not Match"));
  gtk_label_set_label (self->alarm_text, text);
}

/* Where one writes, or why one cannot. */
static void
show_bottom (TessChatView *self, TessContact *contact)
{
  const char *page = tess_contact_get_blocked (contact)                                               ? "blocked"
                     : !tess_contact_get_accepted (contact) && !tess_contact_get_is_self (contact) ? "request"
                     : tess_trust_is_stopped (tess_contact_get_trust (contact))                      ? "stopped"
                                                                                                      : "composer";

  gtk_stack_set_visible_child_name (self->bottom, page);
  tess_history_view_set_writable (self->history, g_str_equal (page, "composer"));
}

static void
show_timer (TessChatView *self)
{
  guint seconds = tess_conversation_get_timer (self->conversation);
  g_autofree char *words = tess_duration_words (seconds), *tooltip = NULL;

  gtk_widget_set_visible (self->timer, seconds > 0);
  gtk_label_set_label (self->timer_label, words);
  /* Translators: %s is a length of time: "1 hour" */
  tooltip = g_strdup_printf (_("New messages disappear %s after they were seen"), words);
  gtk_widget_set_tooltip_text (self->timer, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->timer), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
}

static void
update (TessChatView *self)
{
  TessContact *contact = tess_conversation_get_contact (self->conversation);
  const char *name = tess_contact_get_name (contact);
  g_autofree char *isolated = tess_text_name (contact), *request = NULL, *blocked = NULL;

  adw_navigation_page_set_title (ADW_NAVIGATION_PAGE (self), name);
  tess_avatar_show (self->avatar, name, tess_contact_get_key_text (contact));
  gtk_label_set_label (self->name, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name), name);
  show_trust (self, tess_contact_get_trust (contact));
  show_alarm (self, tess_contact_get_trust (contact), isolated);
  show_bottom (self, contact);
  /* Translators: %s is the name a stranger gave */
  request = g_strdup_printf (_("%s is not a contact of yours and wants to write with you. They do not learn that you read this "
                               "before you accept."), isolated);
  gtk_label_set_label (self->request_label, request);
  /* Translators: %s is a contact's name */
  blocked = g_strdup_printf (_("You blocked %s. What they write is not shown."), isolated);
  gtk_label_set_label (self->blocked_label, blocked);
}

TessChatView *
tess_chat_view_new (TessEngine *engine, TessConversation *conversation, GMenuModel *menu)
{
  TessChatView *self = g_object_new (TESS_TYPE_CHAT_VIEW, NULL);
  TessContact *contact = tess_conversation_get_contact (conversation);

  self->engine = g_object_ref (engine);
  self->conversation = g_object_ref (conversation);
  gtk_menu_button_set_menu_model (self->menu_button, menu);
  g_signal_connect_object (contact, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::typing", G_CALLBACK (show_typing), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::timer", G_CALLBACK (show_timer), self, G_CONNECT_SWAPPED);
  update (self);
  show_typing (self);
  show_timer (self);
  restore_draft (self);
  tess_link_bar_set_engine (self->link, engine);
  tess_chat_search_set_engine (self->search, engine, conversation);
  tess_history_view_open (self->history, engine, conversation);
  return self;
}

TessConversation *
tess_chat_view_get_conversation (TessChatView *self)
{
  return self->conversation;
}

void
tess_chat_view_focus_composer (TessChatView *self)
{
  GtkWidget *bottom = gtk_stack_get_visible_child (self->bottom);

  if (bottom == GTK_WIDGET (self->composer))
    tess_composer_focus (self->composer);
  else if (!gtk_widget_child_focus (bottom, GTK_DIR_TAB_FORWARD))
    gtk_widget_child_focus (GTK_WIDGET (self->history), GTK_DIR_TAB_FORWARD);
}

gboolean
tess_chat_view_forward_key (TessChatView *self, GtkEventControllerKey *controller)
{
  return tess_composer_forward_key (self->composer, controller);
}

void
tess_chat_view_show_message (TessChatView *self, gint64 row)
{
  tess_history_view_show_message (self->history, row);
}

void
tess_chat_view_search (TessChatView *self)
{
  tess_chat_search_open (self->search);
}

void
tess_chat_view_refresh (TessChatView *self)
{
  tess_history_view_refresh (self->history);
}

static void
tess_chat_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, TESS_CHAT_VIEW (object)->alone);
}

static void
tess_chat_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TESS_CHAT_VIEW (object)->alone = g_value_get_boolean (value);
}

static void
tess_chat_view_dispose (GObject *object)
{
  TessChatView *self = TESS_CHAT_VIEW (object);

  g_clear_handle_id (&self->draft_source, g_source_remove);
  g_clear_pointer (&self->draft, g_free);
  g_clear_object (&self->conversation);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_chat_view_parent_class)->dispose (object);
}

/* The window's buttons come when the view has its place, and an action is watched by one widget of it alone, the others ask for
 * it: GTK 4.18 tells the window of each watcher and takes back one (docs/architecture.md). */
static void
tess_chat_view_root (GtkWidget *widget)
{
  TessChatView *self = TESS_CHAT_VIEW (widget);

  GTK_WIDGET_CLASS (tess_chat_view_parent_class)->root (widget);
  adw_header_bar_set_show_start_title_buttons (self->header, TRUE);
  adw_header_bar_set_show_end_title_buttons (self->header, TRUE);
}

static void
on_verify (TessChatView *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "chat.verify", NULL);
}

static void
on_remove (TessChatView *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "chat.remove", NULL);
}

static void
tess_chat_view_class_init (TessChatViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = tess_chat_view_get_property;
  object_class->set_property = tess_chat_view_set_property;
  object_class->dispose = tess_chat_view_dispose;
  properties[PROP_ALONE] = g_param_spec_boolean ("alone", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_type_ensure (TESS_TYPE_HISTORY_VIEW);
  g_type_ensure (TESS_TYPE_COMPOSER);
  g_type_ensure (TESS_TYPE_LINK_BAR);
  g_type_ensure (TESS_TYPE_CHAT_SEARCH);
  widget_class->root = tess_chat_view_root;
  gtk_widget_class_install_action (widget_class, "chat.verify", NULL, open_verify);
  gtk_widget_class_install_action (widget_class, "chat.number", NULL, open_verify);
  gtk_widget_class_install_action (widget_class, "chat.details", NULL, open_details);
  gtk_widget_class_install_action (widget_class, "chat.accept", NULL, on_person);
  gtk_widget_class_install_action (widget_class, "chat.block", NULL, on_person);
  gtk_widget_class_install_action (widget_class, "chat.unblock", NULL, on_person);
  gtk_widget_class_install_action (widget_class, "chat.remove", NULL, on_person);
  gtk_widget_class_install_action (widget_class, "chat.continue", NULL, open_continue);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-chat-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessChatView, header);
  gtk_widget_class_bind_template_callback (widget_class, on_verify);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, avatar);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, name);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, trust);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, trust_icon);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, trust_label);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, timer);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, timer_label);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, menu_button);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, verify_button);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, link);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, search);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, alarm);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, alarm_title);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, alarm_text);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, history);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, typing);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, typing_label);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, bottom);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, composer);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, request_label);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, blocked_label);
  gtk_widget_class_bind_template_callback (widget_class, on_failed);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, tess_chat_view_show_message);
  gtk_widget_class_bind_template_callback (widget_class, tess_chat_view_focus_composer);
  gtk_widget_class_bind_template_callback (widget_class, on_change);
  gtk_widget_class_bind_template_callback (widget_class, on_typed);
  gtk_widget_class_bind_template_callback (widget_class, on_step);
  gtk_widget_class_bind_template_callback (widget_class, on_edit_last);
  gtk_widget_class_bind_template_callback (widget_class, on_reply);
  gtk_widget_class_bind_template_callback (widget_class, on_edit);
}

static void
tess_chat_view_init (TessChatView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
