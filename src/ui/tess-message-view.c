/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-message-view.h"

#include "ui/tess-bubble.h"
#include "ui/tess-message-text.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

/* Messages of one sender that are less than this apart belong together. */
#define GROUP_MS (5 * 60 * 1000)
/* As long as its animation in style.css. */
#define FLASH_MS 1600

struct _TessMessageView {
  GtkWidget parent_instance;

  GtkLabel *day;
  GtkWidget *first_new;
  GtkWidget *notice;
  GtkImage *notice_icon;
  GtkLabel *notice_label;
  TessBubble *bubble;
  GtkWidget *reactions;
  GtkButton *their_reaction;
  GtkButton *own_reaction;
  GtkWidget *failure;
  GtkLabel *failure_label;

  TessMessage *message;
  char *name;
  char *sentence;
  guint flash_source;
};

enum { PROP_SENTENCE = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];
enum { RETRY, JUMP, REACT, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessMessageView, tess_message_view, GTK_TYPE_WIDGET)

static void
on_retry (TessMessageView *self)
{
  g_signal_emit (self, signals[RETRY], 0, self->message);
}

static void
on_jump (TessMessageView *self, const char *id)
{
  g_signal_emit (self, signals[JUMP], 0, id);
}

/* What the other person chose is chosen too, or given up again. */
static void
on_their_reaction (TessMessageView *self)
{
  const char *own = tess_message_get_own_reaction (self->message), *theirs = tess_message_get_their_reaction (self->message);

  g_signal_emit (self, signals[REACT], 0, self->message, g_str_equal (own, theirs) ? "" : theirs);
}

static void
on_own_reaction (TessMessageView *self)
{
  g_signal_emit (self, signals[REACT], 0, self->message, "");
}

/* A chip: the emoji, how many chose it, and in words who. */
static void
show_chip (GtkButton *chip, const char *emoji, gboolean shown, gboolean pressed, const char *who)
{
  /* Translators: under a message: an emoji that both people of the chat reacted with */
  g_autofree char *both = g_strdup_printf (C_("reaction", "%s 2"), emoji);

  gtk_widget_set_visible (GTK_WIDGET (chip), shown);
  if (!shown)
    return;
  gtk_label_set_label (GTK_LABEL (gtk_button_get_child (chip)), who == NULL ? both : emoji);
  if (pressed)
    gtk_widget_add_css_class (GTK_WIDGET (chip), "own");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (chip), "own");
  gtk_accessible_update_state (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_STATE_PRESSED,
                               pressed ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
}

static void
name_chip (GtkButton *chip, const char *words)
{
  gtk_widget_set_tooltip_text (GTK_WIDGET (chip), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

/* Two chips, or one where both chose the same. */
static void
show_reactions (TessMessageView *self)
{
  const char *own = tess_message_get_own_reaction (self->message), *theirs = tess_message_get_their_reaction (self->message);
  gboolean deleted = tess_message_get_deleted (self->message), same = *own != '\0' && g_str_equal (own, theirs);
  g_autofree char *both = NULL, *their_words = NULL, *own_words = NULL;

  gtk_widget_set_visible (self->reactions, !deleted && (*own != '\0' || *theirs != '\0'));
  if (!gtk_widget_get_visible (self->reactions))
    return;
  show_chip (self->their_reaction, theirs, !deleted && *theirs != '\0', same, same ? NULL : self->name);
  show_chip (self->own_reaction, own, !deleted && *own != '\0' && !same, TRUE, self->name);
  both = tess_message_text_reactions (self->message, self->name);
  their_words = tess_message_text_reaction (theirs, self->name);
  own_words = tess_message_text_reaction (own, NULL);
  name_chip (self->their_reaction, same ? both : their_words);
  name_chip (self->own_reaction, own_words);
}

static void
update (TessMessageView *self)
{
  gboolean text = tess_message_text_is_text (self->message);
  gboolean failed = tess_message_get_delivery (self->message) == TESS_DELIVERY_FAILED
                    && !tess_message_get_deleted (self->message);
  const char *reason = tess_message_get_failure (self->message);

  if (text)
    {
      tess_bubble_update (self->bubble);
      show_reactions (self);
    }
  gtk_widget_set_visible (self->failure, failed);
  gtk_label_set_label (self->failure_label, reason != NULL && *reason != '\0' ? reason : _("Not sent."));
  g_free (self->sentence);
  self->sentence = tess_message_text_sentence (self->message, self->name);
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
  gboolean text = message != NULL && tess_message_text_is_text (message);

  g_clear_handle_id (&self->flash_source, g_source_remove);
  gtk_widget_remove_css_class (GTK_WIDGET (self), "flash");
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_func (self->message, update, self);
  g_set_object (&self->message, message);
  g_set_str (&self->name, name);
  gtk_widget_set_visible (GTK_WIDGET (self->bubble), text);
  gtk_widget_set_visible (self->notice, message != NULL && !text);
  gtk_widget_set_visible (self->reactions, FALSE);
  tess_bubble_set_message (self->bubble, text ? message : NULL, name);
  if (message == NULL)
    return;
  if (!text)
    show_notice (self);
  gtk_widget_set_halign (GTK_WIDGET (self->bubble), tess_message_get_outgoing (message) ? GTK_ALIGN_END : GTK_ALIGN_START);
  gtk_widget_set_halign (self->reactions, tess_message_get_outgoing (message) ? GTK_ALIGN_END : GTK_ALIGN_START);
  g_signal_connect_object (message, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

TessMessage *
tess_message_view_get_message (TessMessageView *self)
{
  return self->message;
}

char *
tess_message_view_dup_selection (TessMessageView *self)
{
  return tess_bubble_dup_selection (self->bubble);
}

const char *
tess_message_view_get_link (TessMessageView *self)
{
  return tess_bubble_get_link (self->bubble);
}

static gboolean
end_flash (gpointer data)
{
  TessMessageView *self = data;

  self->flash_source = 0;
  gtk_widget_remove_css_class (GTK_WIDGET (self), "flash");
  return G_SOURCE_REMOVE;
}

void
tess_message_view_flash (TessMessageView *self)
{
  g_clear_handle_id (&self->flash_source, g_source_remove);
  gtk_widget_add_css_class (GTK_WIDGET (self), "flash");
  self->flash_source = g_timeout_add (FLASH_MS, end_flash, self);
}

static gboolean
belong_together (TessMessage *one, TessMessage *other)
{
  return one != NULL && other != NULL && tess_message_text_is_text (one) && tess_message_text_is_text (other)
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
tess_message_view_set_neighbours (TessMessageView *self, TessMessage *previous, TessMessage *next, gboolean first_new)
{
  gint64 time = tess_message_get_time (self->message);
  gboolean new_day = previous == NULL || !tess_text_same_day (tess_message_get_time (previous), time);

  gtk_widget_set_visible (GTK_WIDGET (self->day), new_day);
  if (new_day)
    {
      g_autofree char *day = tess_text_day (time, tess_text_now ());

      gtk_label_set_label (self->day, day);
    }
  gtk_widget_set_visible (self->first_new, first_new);
  set_class (self, "joins-previous", !first_new && belong_together (previous, self->message));
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

  g_clear_handle_id (&self->flash_source, g_source_remove);
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
  signals[RETRY] = g_signal_new ("retry", TESS_TYPE_MESSAGE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 TESS_TYPE_MESSAGE);
  signals[JUMP] = g_signal_new ("jump", TESS_TYPE_MESSAGE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_STRING);
  signals[REACT] = g_signal_new ("react", TESS_TYPE_MESSAGE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                 TESS_TYPE_MESSAGE, G_TYPE_STRING);

  g_type_ensure (TESS_TYPE_BUBBLE);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-message-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, day);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, first_new);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, notice);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, notice_icon);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, notice_label);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, bubble);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, reactions);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, their_reaction);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, own_reaction);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, failure);
  gtk_widget_class_bind_template_child (widget_class, TessMessageView, failure_label);
  gtk_widget_class_bind_template_callback (widget_class, on_retry);
  gtk_widget_class_bind_template_callback (widget_class, on_jump);
  gtk_widget_class_bind_template_callback (widget_class, on_their_reaction);
  gtk_widget_class_bind_template_callback (widget_class, on_own_reaction);
}

static void
tess_message_view_init (TessMessageView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
