/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-chat-view.h"

#include "ui/tess-avatar.h"
#include "ui/tess-await.h"
#include "ui/tess-chat-search.h"
#include "ui/tess-composer.h"
#include "ui/tess-history-view.h"
#include "ui/tess-link-bar.h"
#include "ui/tess-toast.h"
#include "ui/tess-ui-text.h"
#include "ui/tess-verify-dialog.h"

#include <glib/gi18n.h>

struct _TessChatView {
  AdwNavigationPage parent_instance;

  AdwAvatar *avatar;
  GtkLabel *name;
  GtkWidget *trust;
  GtkImage *trust_icon;
  GtkLabel *trust_label;
  GtkWidget *verify_button;
  TessLinkBar *link;
  TessChatSearch *search;
  AdwBanner *request;
  GtkRevealer *alarm;
  GtkLabel *alarm_text;
  TessHistoryView *history;
  GtkStack *bottom;
  TessComposer *composer;

  TessEngine *engine;
  TessConversation *conversation;
  gboolean alone;
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

static void
on_sent (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessChatView *self = owner;
  g_autofree char *now = NULL;

  if (error == NULL)
    return;
  tess_toast (GTK_WIDGET (self), error->message);
  /* nothing that was written is lost */
  now = tess_composer_dup_text (self->composer);
  if (*now == '\0')
    tess_composer_set_text (self->composer, data);
}

static void
on_send (TessChatView *self, const char *text)
{
  tess_history_view_scroll_to_bottom (self->history);
  tess_await (tess_engine_send_text (self->engine, self->conversation, text), self, on_sent, g_strdup (text), g_free);
}

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
on_accept (TessChatView *self)
{
  tess_await (tess_engine_accept (self->engine, self->conversation), self, on_accepted, NULL, NULL);
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
  if (g_str_equal (response, "continue"))
    tess_await_failure (tess_engine_set_trust (self->engine, self->conversation, TESS_TRUST_UNVERIFIED), self, on_await_failed);
}

static void
open_continue (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessChatView *self = TESS_CHAT_VIEW (widget);
  g_autofree char *name = tess_text_name (tess_conversation_get_contact (self->conversation));
  AdwDialog *dialog = adw_alert_dialog_new (_("Continue Unverified?"), NULL);

  /* Translators: %s is a contact's name */
  adw_alert_dialog_format_body (ADW_ALERT_DIALOG (dialog),
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
  gtk_label_set_label (self->trust_label, tess_text_trust (trust));
  gtk_widget_set_css_classes (self->trust, (const char *[]){ trust == TESS_TRUST_VERIFIED ? "success"
                                                             : trust == TESS_TRUST_ALARM  ? "error"
                                                                                          : "dimmed",
                                                             NULL });
  gtk_image_set_from_icon_name (self->trust_icon,
                                trust == TESS_TRUST_VERIFIED ? "tess-verified-symbolic" : "tess-alarm-symbolic");
  gtk_widget_set_visible (GTK_WIDGET (self->trust_icon), trust != TESS_TRUST_UNVERIFIED);
  gtk_widget_set_visible (self->verify_button, trust == TESS_TRUST_UNVERIFIED);
  if (trust == TESS_TRUST_ALARM)
    gtk_widget_set_visible (GTK_WIDGET (self->alarm), TRUE);
  gtk_revealer_set_reveal_child (self->alarm, trust == TESS_TRUST_ALARM);
  gtk_stack_set_visible_child_name (self->bottom, trust == TESS_TRUST_ALARM ? "stopped" : "composer");
}

static void
update (TessChatView *self)
{
  TessContact *contact = tess_conversation_get_contact (self->conversation);
  const char *name = tess_contact_get_name (contact);
  g_autofree char *isolated = tess_text_name (contact), *request = NULL, *alarm = NULL;

  adw_navigation_page_set_title (ADW_NAVIGATION_PAGE (self), name);
  tess_avatar_show (self->avatar, name, tess_contact_get_key_text (contact));
  gtk_label_set_label (self->name, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name), name);
  show_trust (self, tess_contact_get_trust (contact));
  /* Translators: %s is the name a stranger gave */
  request = g_strdup_printf (_("%s is not a contact of yours and wants to write with you"), isolated);
  adw_banner_set_use_markup (self->request, FALSE);
  adw_banner_set_title (self->request, request);
  adw_banner_set_revealed (self->request, !tess_contact_get_accepted (contact));
  /* Translators: %s is a contact's name */
  alarm = g_strdup_printf (_("You scanned a code of another key than this chat uses. Somebody may be standing between you and "
                             "%s, or the code "
                             "was another person's. Ask them, over another way, before you go on."),
                           isolated);
  gtk_label_set_label (self->alarm_text, alarm);
}

TessChatView *
tess_chat_view_new (TessEngine *engine, TessConversation *conversation, const char *draft)
{
  TessChatView *self = g_object_new (TESS_TYPE_CHAT_VIEW, NULL);
  TessContact *contact = tess_conversation_get_contact (conversation);

  self->engine = g_object_ref (engine);
  self->conversation = g_object_ref (conversation);
  g_signal_connect_object (contact, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  if (draft != NULL)
    tess_composer_set_text (self->composer, draft);
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

char *
tess_chat_view_dup_draft (TessChatView *self)
{
  return tess_composer_dup_text (self->composer);
}

void
tess_chat_view_focus_composer (TessChatView *self)
{
  tess_composer_focus (self->composer);
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

  g_clear_object (&self->conversation);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_chat_view_parent_class)->dispose (object);
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
  gtk_widget_class_install_action (widget_class, "chat.verify", NULL, open_verify);
  gtk_widget_class_install_action (widget_class, "chat.number", NULL, open_verify);
  gtk_widget_class_install_action (widget_class, "chat.details", NULL, open_details);
  gtk_widget_class_install_action (widget_class, "chat.continue", NULL, open_continue);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-chat-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessChatView, avatar);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, name);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, trust);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, trust_icon);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, trust_label);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, verify_button);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, link);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, search);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, request);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, alarm);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, alarm_text);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, history);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, bottom);
  gtk_widget_class_bind_template_child (widget_class, TessChatView, composer);
  gtk_widget_class_bind_template_callback (widget_class, on_failed);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, tess_chat_view_show_message);
  gtk_widget_class_bind_template_callback (widget_class, tess_chat_view_focus_composer);
  gtk_widget_class_bind_template_callback (widget_class, on_accept);
}

static void
tess_chat_view_init (TessChatView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
