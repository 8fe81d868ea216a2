/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-chat-row.h"

#include "ui/tess-avatar.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

struct _TessChatRow {
  GtkListBoxRow parent_instance;

  AdwAvatar *avatar;
  GtkLabel *name;
  GtkImage *trust;
  GtkLabel *time;
  GtkImage *delivery;
  GtkLabel *preview;
  GtkWidget *request;
  GtkLabel *unread;

  TessConversation *conversation;
};

G_DEFINE_FINAL_TYPE (TessChatRow, tess_chat_row, GTK_TYPE_LIST_BOX_ROW)

/* The row as one sentence: name, whether verified, the last message, when, how many are unread. */
static void
describe (TessChatRow *self, const char *when)
{
  TessContact *contact = tess_conversation_get_contact (self->conversation);
  guint unread = tess_conversation_get_unread (self->conversation);
  g_autoptr (GString) text = g_string_new (tess_contact_get_name (contact));

  if (!tess_contact_get_accepted (contact))
    g_string_append_printf (text, ", %s", C_("mark of a chat", "Request"));
  if (tess_contact_get_trust (contact) != TESS_TRUST_UNVERIFIED)
    g_string_append_printf (text, ", %s", tess_text_trust (tess_contact_get_trust (contact)));
  if (unread > 0)
    {
      g_autofree char *count = g_strdup_printf (g_dngettext (NULL, "%u unread message", "%u unread messages", unread), unread);

      g_string_append_printf (text, ", %s", count);
    }
  if (*tess_conversation_get_preview (self->conversation) != '\0')
    g_string_append_printf (text, ", %s", tess_conversation_get_preview (self->conversation));
  if (tess_conversation_get_last_delivery (self->conversation) != TESS_DELIVERY_NONE)
    g_string_append_printf (text, ", %s", tess_text_delivery (tess_conversation_get_last_delivery (self->conversation)));
  g_string_append_printf (text, ", %s", when);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text->str, -1);
}

static void
update_contact (TessChatRow *self)
{
  TessContact *contact = tess_conversation_get_contact (self->conversation);
  TessTrust trust = tess_contact_get_trust (contact);

  tess_avatar_show (self->avatar, tess_contact_get_name (contact), tess_contact_get_key_text (contact));
  gtk_label_set_label (self->name, tess_contact_get_name (contact));
  gtk_widget_set_visible (GTK_WIDGET (self->trust), trust != TESS_TRUST_UNVERIFIED);
  gtk_image_set_from_icon_name (self->trust, trust == TESS_TRUST_ALARM ? "tess-alarm-symbolic" : "tess-verified-symbolic");
  gtk_widget_set_css_classes (GTK_WIDGET (self->trust),
                              (const char *[]){ trust == TESS_TRUST_ALARM ? "error" : "success", NULL });
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->trust), tess_text_trust (trust));
  gtk_widget_set_visible (self->request, !tess_contact_get_accepted (contact));
}

/* What stands for a last message that is none, or a notice. */
static const char *
without_text (TessChatRow *self)
{
  TessTrust trust = tess_contact_get_trust (tess_conversation_get_contact (self->conversation));

  return trust == TESS_TRUST_UNVERIFIED ? _("No messages yet") : tess_text_trust (trust);
}

void
tess_chat_row_refresh (TessChatRow *self)
{
  const char *preview = tess_conversation_get_preview (self->conversation);
  TessDelivery delivery = tess_conversation_get_last_delivery (self->conversation);
  guint unread = tess_conversation_get_unread (self->conversation);
  g_autofree char *when = tess_text_when (tess_conversation_get_time (self->conversation), tess_text_now ());
  g_autofree char *count = unread > 99 ? g_strdup ("99+") : g_strdup_printf ("%u", unread);

  update_contact (self);
  gtk_label_set_label (self->time, when);
  gtk_label_set_label (self->preview, *preview != '\0' ? preview : without_text (self));
  gtk_image_set_from_icon_name (self->delivery, tess_text_delivery_icon (delivery));
  gtk_widget_set_css_classes (GTK_WIDGET (self->delivery),
                              (const char *[]){ delivery == TESS_DELIVERY_FAILED ? "error" : "dimmed", NULL });
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->delivery), tess_text_delivery (delivery));
  gtk_widget_set_visible (GTK_WIDGET (self->delivery), delivery != TESS_DELIVERY_NONE);
  gtk_label_set_label (self->unread, count);
  gtk_widget_set_visible (GTK_WIDGET (self->unread), unread > 0);
  if (unread > 0)
    gtk_widget_add_css_class (GTK_WIDGET (self), "unread");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "unread");
  describe (self, when);
}

GtkWidget *
tess_chat_row_new (TessConversation *conversation)
{
  TessChatRow *self = g_object_new (TESS_TYPE_CHAT_ROW, NULL);

  self->conversation = g_object_ref (conversation);
  g_signal_connect_object (conversation, "notify", G_CALLBACK (tess_chat_row_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_conversation_get_contact (conversation), "notify", G_CALLBACK (tess_chat_row_refresh), self,
                           G_CONNECT_SWAPPED);
  tess_chat_row_refresh (self);
  return GTK_WIDGET (self);
}

TessConversation *
tess_chat_row_get_conversation (TessChatRow *self)
{
  return self->conversation;
}

static void
tess_chat_row_dispose (GObject *object)
{
  TessChatRow *self = TESS_CHAT_ROW (object);

  g_clear_object (&self->conversation);
  G_OBJECT_CLASS (tess_chat_row_parent_class)->dispose (object);
}

static void
tess_chat_row_class_init (TessChatRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_chat_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-chat-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, name);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, trust);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, time);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, delivery);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, preview);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, request);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, unread);
}

static void
tess_chat_row_init (TessChatRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
