/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-message-view.h"

#include "ui/tess-bubble.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

/* Messages of one sender that are less than this apart belong together. */
#define GROUP_MS (5 * 60 * 1000)

struct _TessMessageView {
  GtkWidget parent_instance;

  GtkLabel *day;
  GtkWidget *notice;
  GtkImage *notice_icon;
  GtkLabel *notice_label;
  TessBubble *bubble;
  GtkWidget *failure;
  GtkLabel *failure_label;

  TessMessage *message;
  char *name;
  char *sentence;
};

enum { PROP_SENTENCE = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint retry_signal;

G_DEFINE_FINAL_TYPE (TessMessageView, tess_message_view, GTK_TYPE_WIDGET)

static gboolean
is_text (TessMessage *message)
{
  return g_str_equal (tess_message_get_kind (message), "text");
}

static void
on_retry (TessMessageView *self)
{
  g_signal_emit (self, retry_signal, 0, self->message);
}

static char *
make_sentence (TessMessageView *self)
{
  g_autofree char *clock = tess_text_clock (tess_message_get_time (self->message));
  TessDelivery delivery = tess_message_get_delivery (self->message);

  if (!is_text (self->message))
    {
      g_autofree char *notice = tess_text_notice (self->message, self->name);

      /* Translators: a notice in a chat, as a screen reader says it: time, text */
      return g_strdup_printf (C_("screen reader", "%1$s: %2$s"), clock, notice);
    }
  if (delivery == TESS_DELIVERY_NONE)
    /* Translators: a message of somebody else, as a screen reader says it: name, time, text */
    return g_strdup_printf (C_("screen reader", "%1$s, %2$s: %3$s"), self->name, clock, tess_message_get_body (self->message));
  /* Translators: an own message, as a screen reader says it: time, text, state */
  return g_strdup_printf (C_("screen reader", "You, %1$s: %2$s, %3$s"), clock, tess_message_get_body (self->message),
                          tess_text_delivery (delivery));
}

static void
update_state (TessMessageView *self)
{
  gboolean failed = tess_message_get_delivery (self->message) == TESS_DELIVERY_FAILED;
  const char *reason = tess_message_get_failure (self->message);

  if (is_text (self->message))
    tess_bubble_update (self->bubble, self->message);
  gtk_widget_set_visible (self->failure, failed);
  gtk_label_set_label (self->failure_label, reason != NULL && *reason != '\0' ? reason : _("Not sent."));
  g_free (self->sentence);
  self->sentence = make_sentence (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SENTENCE]);
}

static void
show_notice (TessMessageView *self)
{
  g_autofree char *text = tess_text_notice (self->message, self->name);
  const char *kind = tess_message_get_kind (self->message);
  gboolean alarm = g_str_equal (kind, "mismatch") || g_str_equal (kind, "changed");

  gtk_label_set_label (self->notice_label, text);
  gtk_image_set_from_icon_name (self->notice_icon, g_str_equal (kind, "verified") ? "tess-verified-symbolic"
                                                   : alarm                        ? "tess-alarm-symbolic"
                                                                                  : "tess-unknown-symbolic");
  gtk_widget_set_css_classes (self->notice, (const char *[]){ "notice", alarm ? "error" : "dimmed", NULL });
}

void
tess_message_view_set_message (TessMessageView *self, TessMessage *message, const char *name)
{
  gboolean text = message != NULL && is_text (message);

  if (self->message != NULL)
    g_signal_handlers_disconnect_by_func (self->message, update_state, self);
  g_set_object (&self->message, message);
  g_set_str (&self->name, name);
  gtk_widget_set_visible (GTK_WIDGET (self->bubble), text);
  gtk_widget_set_visible (self->notice, message != NULL && !text);
  tess_bubble_set_message (self->bubble, text ? message : NULL);
  if (message == NULL)
    return;
  if (!text)
    show_notice (self);
  gtk_widget_set_halign (GTK_WIDGET (self->bubble), tess_message_get_outgoing (message) ? GTK_ALIGN_END : GTK_ALIGN_START);
  g_signal_connect_object (message, "notify::delivery", G_CALLBACK (update_state), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (message, "notify::failure", G_CALLBACK (update_state), self, G_CONNECT_SWAPPED);
  update_state (self);
}

static gboolean
belong_together (TessMessage *one, TessMessage *other)
{
  return one != NULL && other != NULL && is_text (one) && is_text (other)
         && tess_message_get_outgoing (one) == tess_message_get_outgoing (other)
         && ABS (tess_message_get_time (other) - tess_message_get_time (one)) < GROUP_MS
         && tess_text_same_day (tess_message_get_time (one), tess_message_get_time (other));
}

static void
set_class (TessMessageView *self, const char *name, gboolean on)
{
  if (on)
    gtk_widget_add_css_class (GTK_WIDGET (self), name);
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), name);
}

void
tess_message_view_set_neighbours (TessMessageView *self, TessMessage *previous, TessMessage *next)
{
  gint64 time = tess_message_get_time (self->message);
  gboolean new_day = previous == NULL || !tess_text_same_day (tess_message_get_time (previous), time);

  gtk_widget_set_visible (GTK_WIDGET (self->day), new_day);
  if (new_day)
    {
      g_autofree char *day = tess_text_day (time, tess_text_now ());

      gtk_label_set_label (self->day, day);
    }
  set_class (self, "joins-previous", belong_together (previous, self->message));
  set_class (self, "joins-next", belong_together (self->message, next));
}

static void
tess_message_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, TESS_MESSAGE_VIEW (object)->sentence);
}

static void
tess_message_view_dispose (GObject *object)
{
  TessMessageView *self = TESS_MESSAGE_VIEW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TESS_TYPE_MESSAGE_VIEW);
  g_clear_object (&self->message);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->sentence, g_free);
  G_OBJECT_CLASS (tess_message_view_parent_class)->dispose (object);
}

static void
tess_message_view_class_init (TessMessageViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = tess_message_view_dispose;
  object_class->get_property = tess_message_view_get_property;
  properties[PROP_SENTENCE] = g_param_spec_string ("sentence", NULL, NULL, "", G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  retry_signal = g_signal_new ("retry", TESS_TYPE_MESSAGE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                               TESS_TYPE_MESSAGE);

  g_type_ensure (TESS_TYPE_BUBBLE);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-message-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, day);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, notice);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, notice_icon);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, notice_label);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, bubble);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, failure);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, failure_label);
  gtk_widget_class_bind_template_callback (widget_class, on_retry);
}

static void
tess_message_view_init (TessMessageView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
