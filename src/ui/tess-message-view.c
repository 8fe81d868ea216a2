/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-message-view.h"

#include "ui/tess-bubble.h"
#include "ui/tess-message-text.h"
#include "ui/tess-reactions.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

/* Messages of one sender that are less than this apart belong together. */
#define GROUP_MS (5 * 60 * 1000)
/* As long as its animation in style.css. */
#define FLASH_MS 1600

struct _TessMessageView {
  GtkWidget parent_instance;

  TessBubble *bubble;
  GtkWidget *day; /* these: NULL until a message needs them, for most rows never do */
  GtkWidget *first_new;
  GtkWidget *notice;
  TessReactions *reactions;
  GtkWidget *failure;

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

static void
on_react (TessMessageView *self, const char *emoji)
{
  g_signal_emit (self, signals[REACT], 0, self->message, emoji);
}

/* What stands above and below the bubble. */

static GtkWidget *
make_label (const char *text, float xalign, const char *const *classes)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_widget_set_css_classes (label, (const char **) classes);
  return label;
}

static void
show_day (TessMessageView *self, gboolean shown)
{
  g_autofree char *day = shown ? tess_text_day (tess_message_get_time (self->message), tess_text_now ()) : NULL;

  if (shown && self->day == NULL)
    {
      self->day = gtk_label_new (NULL);
      gtk_widget_set_halign (self->day, GTK_ALIGN_CENTER);
      gtk_widget_set_css_classes (self->day, (const char *[]){ "day-divider", "caption-heading", "dimmed", NULL });
      gtk_widget_insert_after (self->day, GTK_WIDGET (self), NULL);
    }
  if (self->day != NULL)
    gtk_widget_set_visible (self->day, shown);
  if (shown)
    gtk_label_set_label (GTK_LABEL (self->day), day);
}

static GtkWidget *
make_first_new (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *label = gtk_label_new (_("New Messages"));

  gtk_widget_add_css_class (box, "first-new");
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_box_append (GTK_BOX (box), label);
  for (int i = 0; i < 2; i++)
    {
      GtkWidget *line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);

      gtk_widget_set_hexpand (line, TRUE);
      gtk_widget_set_valign (line, GTK_ALIGN_CENTER);
      gtk_box_insert_child_after (GTK_BOX (box), line, i == 0 ? NULL : label);
    }
  return box;
}

static void
show_first_new (TessMessageView *self, gboolean shown)
{
  if (shown && self->first_new == NULL)
    {
      self->first_new = make_first_new ();
      gtk_widget_insert_after (self->first_new, GTK_WIDGET (self), self->day);
    }
  if (self->first_new != NULL)
    gtk_widget_set_visible (self->first_new, shown);
}

static GtkWidget *
make_notice (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *icon = gtk_image_new ();

  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), make_label (NULL, 0, (const char *[]){ "caption", NULL }));
  return box;
}

static void
show_notice (TessMessageView *self)
{
  g_autofree char *text = tess_text_notice (self->message, self->name);
  const char *kind = tess_message_get_kind (self->message);
  gboolean alarm = g_str_equal (kind, "mismatch") || g_str_equal (kind, "changed");

  if (self->notice == NULL)
    {
      self->notice = make_notice ();
      gtk_widget_insert_before (self->notice, GTK_WIDGET (self), GTK_WIDGET (self->bubble));
    }
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_last_child (self->notice)), text);
  gtk_image_set_from_icon_name (GTK_IMAGE (gtk_widget_get_first_child (self->notice)),
                                g_str_equal (kind, "verified") ? "tess-verified-symbolic"
                                : alarm                        ? "tess-alarm-symbolic"
                                                               : "tess-unknown-symbolic");
  gtk_widget_set_css_classes (self->notice, (const char *[]){ "notice", alarm ? "error" : "dimmed", NULL });
}

static void
show_reactions (TessMessageView *self, gboolean shown)
{
  if (shown && self->reactions == NULL)
    {
      self->reactions = g_object_new (TESS_TYPE_REACTIONS, NULL);
      gtk_widget_insert_after (GTK_WIDGET (self->reactions), GTK_WIDGET (self), GTK_WIDGET (self->bubble));
      g_signal_connect_object (self->reactions, "react", G_CALLBACK (on_react), self, G_CONNECT_SWAPPED);
    }
  if (self->reactions != NULL)
    gtk_widget_set_visible (GTK_WIDGET (self->reactions), shown);
  if (!shown)
    return;
  tess_reactions_show (self->reactions, self->message, self->name);
  gtk_widget_set_halign (GTK_WIDGET (self->reactions), gtk_widget_get_halign (GTK_WIDGET (self->bubble)));
}

static GtkWidget *
make_failure (TessMessageView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = make_label (NULL, 1, (const char *[]){ "caption", "error", NULL });
  GtkWidget *retry = gtk_button_new_with_label (C_("send a failed message again", "Retry"));

  gtk_widget_add_css_class (box, "failure");
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (retry, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (retry, "pill-small");
  g_signal_connect_object (retry, "clicked", G_CALLBACK (on_retry), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), retry);
  return box;
}

static void
show_failure (TessMessageView *self, gboolean shown)
{
  const char *reason = tess_message_get_failure (self->message);
  const char *words = reason != NULL && *reason != '\0' ? reason : _("Not sent.");

  if (shown && self->failure == NULL)
    {
      self->failure = make_failure (self);
      gtk_widget_insert_before (self->failure, GTK_WIDGET (self), NULL);
    }
  if (self->failure != NULL)
    gtk_widget_set_visible (self->failure, shown);
  if (!shown)
    return;
  gtk_widget_set_halign (self->failure, tess_message_text_is_text (self->message) ? GTK_ALIGN_END : GTK_ALIGN_CENTER);
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_first_child (self->failure)), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_last_child (self->failure)),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
}

static void
update (TessMessageView *self)
{
  gboolean text = tess_message_text_is_text (self->message);

  if (text)
    tess_bubble_update (self->bubble);
  show_reactions (self, text && tess_reactions_wanted (self->message));
  show_failure (self, tess_message_get_delivery (self->message) == TESS_DELIVERY_FAILED);
  g_free (self->sentence);
  self->sentence = tess_message_text_sentence (self->message, self->name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SENTENCE]);
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
  if (self->notice != NULL)
    gtk_widget_set_visible (self->notice, message != NULL && !text);
  tess_bubble_set_message (self->bubble, text ? message : NULL, name);
  if (message == NULL)
    return;
  if (!text)
    show_notice (self);
  gtk_widget_set_halign (GTK_WIDGET (self->bubble), tess_message_get_outgoing (message) ? GTK_ALIGN_END : GTK_ALIGN_START);
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

  show_day (self, previous == NULL || !tess_text_same_day (tess_message_get_time (previous), time));
  show_first_new (self, first_new);
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
  GtkWidget *child;

  g_clear_handle_id (&self->flash_source, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
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

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
tess_message_view_init (TessMessageView *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "message-view");
  self->bubble = g_object_new (TESS_TYPE_BUBBLE, NULL);
  gtk_widget_set_parent (GTK_WIDGET (self->bubble), GTK_WIDGET (self));
  g_signal_connect_object (self->bubble, "jump", G_CALLBACK (on_jump), self, G_CONNECT_SWAPPED);
}
