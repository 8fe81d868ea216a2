/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-chat-row.h"

#include "ui/tess-avatar.h"
#include "ui/tess-chats.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

struct _TessChatRow {
  AdwBin parent_instance;

  GtkWidget *box;
  AdwAvatar *avatar;
  GtkLabel *name;
  GtkImage *trust;
  GtkWidget *muted;
  GtkLabel *time;
  GtkImage *delivery;
  GtkWidget *draft;
  GtkLabel *preview;
  GtkWidget *pinned;
  GtkLabel *unread;

  TessConversation *conversation;
  char *sentence;
};

enum { PROP_SENTENCE = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TessChatRow, tess_chat_row, ADW_TYPE_BIN)

/* What the second line of the row holds. */
typedef enum {
  LINE_MESSAGE,
  LINE_DRAFT,
  LINE_TYPING,
  LINE_BLOCKED,
} Line;

static Line
line_of (TessConversation *conversation)
{
  if (tess_contact_get_blocked (tess_conversation_get_contact (conversation)))
    return LINE_BLOCKED;
  if (tess_conversation_get_typing (conversation))
    return LINE_TYPING;
  return *tess_conversation_get_draft (conversation) != '\0' ? LINE_DRAFT : LINE_MESSAGE;
}

/* What stands for a last message that is none, or a notice. */
static const char *
without_text (TessContact *contact)
{
  TessTrust trust = tess_contact_get_trust (contact);

  if (tess_contact_get_is_self (contact))
    return _("Write down what only you read");
  return trust == TESS_TRUST_UNVERIFIED ? _("No messages yet") : tess_text_trust (trust);
}

/* One line: a draft may have many. Free with g_free(). */
static char *
line_text (TessConversation *conversation, Line line)
{
  const char *preview = tess_conversation_get_preview (conversation);
  char *text;

  switch (line)
    {
    case LINE_BLOCKED:
      return g_strdup (C_("contact", "Blocked"));
    case LINE_TYPING:
      return g_strdup (C_("a contact is", "typing…"));
    case LINE_DRAFT:
      text = g_strdup (tess_conversation_get_draft (conversation));
      return g_strdelimit (text, "\r\n\t", ' ');
    case LINE_MESSAGE:
    default:
      return g_strdup (*preview != '\0' ? preview : without_text (tess_conversation_get_contact (conversation)));
    }
}

static void
append (GString *sentence, const char *words)
{
  if (words == NULL || *words == '\0')
    return;
  if (sentence->len > 0)
    /* Translators: joins the parts of what a screen reader says of a message, or of a chat in the list */
    g_string_append (sentence, C_("screen reader", ", "));
  g_string_append (sentence, words);
}

/* The row as one sentence: name, what is special about it, how many are unread, the last message, when. */
static char *
describe (TessConversation *conversation, Line line, const char *text, const char *when)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  guint unread = tess_conversation_get_unread (conversation);
  g_autoptr (GString) sentence = g_string_new (tess_contact_get_name (contact));

  if (!tess_contact_get_accepted (contact) && !tess_contact_get_is_self (contact))
    append (sentence, C_("mark of a chat", "Request"));
  if (tess_contact_get_trust (contact) != TESS_TRUST_UNVERIFIED)
    append (sentence, tess_text_trust (tess_contact_get_trust (contact)));
  if (tess_conversation_get_pinned (conversation))
    append (sentence, C_("chat", "Pinned"));
  if (tess_conversation_get_muted (conversation))
    append (sentence, C_("chat", "Muted"));
  if (unread > 0)
    {
      g_autofree char *count = g_strdup_printf (g_dngettext (NULL, "%u unread message", "%u unread messages", unread), unread);

      append (sentence, count);
    }
  else if (tess_conversation_get_marked_unread (conversation))
    append (sentence, C_("chat", "Marked as unread"));
  if (line == LINE_DRAFT)
    {
      /* Translators: %s is what somebody has begun to write, for the screen reader */
      g_autofree char *draft = g_strdup_printf (_("Draft: %s"), text);

      append (sentence, draft);
    }
  else
    append (sentence, text);
  if (line == LINE_MESSAGE)
    append (sentence, tess_text_delivery (tess_conversation_get_last_delivery (conversation)));
  append (sentence, when);
  return g_string_free (g_steal_pointer (&sentence), FALSE);
}

static void
update_contact (TessChatRow *self)
{
  TessContact *contact = tess_conversation_get_contact (self->conversation);
  TessTrust trust = tess_contact_get_trust (contact);

  tess_avatar_show (self->avatar, tess_contact_get_name (contact), tess_contact_get_key_text (contact));
  gtk_label_set_label (self->name, tess_contact_get_name (contact));
  gtk_widget_set_visible (GTK_WIDGET (self->trust), trust != TESS_TRUST_UNVERIFIED);
  gtk_image_set_from_icon_name (self->trust, tess_trust_is_stopped (trust) ? "tess-alarm-symbolic" : "tess-verified-symbolic");
  gtk_widget_set_css_classes (GTK_WIDGET (self->trust),
                              (const char *[]){ tess_trust_is_stopped (trust) ? "error" : "success", NULL });
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->trust), tess_text_trust (trust));
}

static void
update_delivery (TessChatRow *self, Line line)
{
  TessDelivery delivery = tess_conversation_get_last_delivery (self->conversation);

  gtk_image_set_from_icon_name (self->delivery, tess_text_delivery_icon (delivery));
  gtk_widget_set_css_classes (GTK_WIDGET (self->delivery),
                              (const char *[]){ delivery == TESS_DELIVERY_FAILED ? "error" : "dimmed", NULL });
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->delivery), tess_text_delivery (delivery));
  gtk_widget_set_visible (GTK_WIDGET (self->delivery), line == LINE_MESSAGE && delivery != TESS_DELIVERY_NONE);
}

/* A count, or a dot for what a person marked. */
static void
update_unread (TessChatRow *self)
{
  guint unread = tess_conversation_get_unread (self->conversation);
  gboolean muted = tess_conversation_get_muted (self->conversation);
  g_autofree char *count = unread > 99 ? g_strdup ("99+") : g_strdup_printf ("%u", unread);
  const char *classes[5] = { "badge", "numeric" };
  int n = 2;

  if (muted)
    classes[n++] = "quiet";
  if (unread == 0)
    classes[n++] = "dot";
  gtk_label_set_label (self->unread, unread > 0 ? count : "");
  gtk_widget_set_css_classes (GTK_WIDGET (self->unread), classes);
  gtk_widget_set_valign (GTK_WIDGET (self->unread), unread > 0 ? GTK_ALIGN_FILL : GTK_ALIGN_CENTER);
  gtk_widget_set_visible (GTK_WIDGET (self->unread), tess_chats_is_unread (self->conversation));
  if (tess_chats_is_unread (self->conversation))
    gtk_widget_add_css_class (self->box, "unread");
  else
    gtk_widget_remove_css_class (self->box, "unread");
}

void
tess_chat_row_refresh (TessChatRow *self)
{
  TessConversation *conversation = self->conversation;
  g_autofree char *when = NULL, *text = NULL;
  Line line;

  if (conversation == NULL)
    return;
  line = line_of (conversation);
  text = line_text (conversation, line);
  when = tess_text_when (tess_conversation_get_time (conversation), tess_text_now ());
  update_contact (self);
  update_delivery (self, line);
  update_unread (self);
  gtk_label_set_label (self->time, when);
  gtk_widget_set_visible (self->draft, line == LINE_DRAFT);
  gtk_label_set_label (self->preview, text);
  gtk_widget_set_css_classes (GTK_WIDGET (self->preview),
                              (const char *[]){ line == LINE_TYPING ? "accent" : "dimmed", NULL });
  gtk_widget_set_visible (self->muted, tess_conversation_get_muted (conversation));
  gtk_widget_set_visible (self->pinned, tess_conversation_get_pinned (conversation));
  g_free (self->sentence);
  self->sentence = describe (conversation, line, text, when);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SENTENCE]);
}

void
tess_chat_row_set_conversation (TessChatRow *self, TessConversation *conversation)
{
  if (self->conversation == conversation)
    return;
  if (self->conversation != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->conversation, self);
      g_signal_handlers_disconnect_by_data (tess_conversation_get_contact (self->conversation), self);
    }
  g_set_object (&self->conversation, conversation);
  if (conversation == NULL)
    return;
  g_signal_connect_object (conversation, "notify", G_CALLBACK (tess_chat_row_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_conversation_get_contact (conversation), "notify", G_CALLBACK (tess_chat_row_refresh), self,
                           G_CONNECT_SWAPPED);
  tess_chat_row_refresh (self);
}

TessConversation *
tess_chat_row_get_conversation (TessChatRow *self)
{
  return self->conversation;
}

static void
tess_chat_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, TESS_CHAT_ROW (object)->sentence);
}

static void
tess_chat_row_dispose (GObject *object)
{
  tess_chat_row_set_conversation (TESS_CHAT_ROW (object), NULL);
  G_OBJECT_CLASS (tess_chat_row_parent_class)->dispose (object);
}

static void
tess_chat_row_finalize (GObject *object)
{
  g_free (TESS_CHAT_ROW (object)->sentence);
  G_OBJECT_CLASS (tess_chat_row_parent_class)->finalize (object);
}

static void
tess_chat_row_class_init (TessChatRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = tess_chat_row_get_property;
  object_class->dispose = tess_chat_row_dispose;
  object_class->finalize = tess_chat_row_finalize;
  properties[PROP_SENTENCE] = g_param_spec_string ("sentence", NULL, NULL, NULL,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-chat-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, box);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, name);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, trust);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, muted);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, time);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, delivery);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, draft);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, preview);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, pinned);
  gtk_widget_class_bind_template_child (widget_class, TessChatRow, unread);
}

static void
tess_chat_row_init (TessChatRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
