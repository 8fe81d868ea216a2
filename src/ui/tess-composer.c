/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-composer.h"

#include "base/tess-limits.h"

#include "ui/tess-message-text.h"
#include "ui/tess-settings.h"
#include "ui/tess-spelling.h"

#include <glib/gi18n.h>
#include <string.h>

#define LINES_MAX 8

struct _TessComposer {
  AdwBin parent_instance;

  GtkWidget *bar;
  GtkImage *bar_icon;
  GtkLabel *bar_title;
  GtkLabel *bar_text;
  GtkLabel *too_long;
  GtkScrolledWindow *scrolled;
  GtkTextView *text_view;
  GtkTextBuffer *buffer;
  GtkLabel *placeholder;
  GtkButton *send;

  TessMessage *reply;  /* what is answered, or NULL; also while a message is changed */
  char *reply_title;   /* what the bar says of it */
  TessMessage *edited; /* what is changed, or NULL */
  GSignalGroup *reply_watch;
  GSignalGroup *edited_watch;
  char *aside;         /* what stood here before that, or NULL */
  gboolean setting;    /* the text is not changed by the person */
  guint settling;     /* frames until the view's page is asked for anew */
  gboolean spelling;  /* the words are looked up, from the first on, */
  guint attaching;    /* or will be */
  gboolean composing; /* an input method has text that is not decided yet: Enter is its own */
};

enum { SEND, CHANGE, TYPED, STEP, EDIT_LAST, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessComposer, tess_composer, ADW_TYPE_BIN)

static char *
dup_text (TessComposer *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
}

char *
tess_composer_dup_draft (TessComposer *self)
{
  return self->aside != NULL ? g_strdup (self->aside) : dup_text (self);
}

gboolean
tess_composer_is_writing (TessComposer *self)
{
  return self->edited == NULL && gtk_text_buffer_get_char_count (self->buffer) > 0;
}

static void
update_placeholder (TessComposer *self)
{
  if (self->buffer == NULL)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->placeholder), !self->composing && gtk_text_buffer_get_char_count (self->buffer) == 0);
}

static gboolean
attach_spelling (gpointer data)
{
  TessComposer *self = data;

  self->attaching = 0;
  tess_spelling_attach (self->text_view, GTK_SOURCE_BUFFER (self->buffer));
  return G_SOURCE_REMOVE;
}

static void
on_changed (TessComposer *self)
{
  g_autofree char *text = dup_text (self);
  gboolean too_long;

  g_strstrip (text);
  too_long = strlen (text) > TESS_TEXT_BYTES_MAX;
  gtk_widget_set_visible (GTK_WIDGET (self->too_long), too_long);
  gtk_widget_set_sensitive (GTK_WIDGET (self->send), *text != '\0' && !too_long);
  update_placeholder (self);
  if (!self->spelling && *text != '\0')
    {
      self->spelling = TRUE;
      /* Not now: in the middle of an insertion libspelling would count it twice, and look for words past the end. */
      self->attaching = g_idle_add (attach_spelling, self);
    }
  if (!self->setting)
    g_signal_emit (self, signals[TYPED], 0);
}

static void
on_preedit_changed (TessComposer *self, const char *preedit)
{
  self->composing = preedit != NULL && *preedit != '\0';
  update_placeholder (self);
}

void
tess_composer_set_text (TessComposer *self, const char *text)
{
  GtkTextIter end;

  self->setting = TRUE;
  gtk_text_buffer_begin_irreversible_action (self->buffer);
  gtk_text_buffer_set_text (self->buffer, text, -1);
  gtk_text_buffer_end_irreversible_action (self->buffer);
  self->setting = FALSE;
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_place_cursor (self->buffer, &end);
}

/* The bar above the text, and what the button does. */
static void
show_bar (TessComposer *self)
{
  TessMessage *message = self->edited != NULL ? self->edited : self->reply;
  const char *verb = self->edited != NULL ? C_("a changed message", "Save") : _("Send");
  g_autofree char *line = NULL;

  gtk_widget_set_visible (self->bar, message != NULL);
  gtk_button_set_icon_name (self->send, self->edited != NULL ? "tess-check-symbolic" : "tess-send-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->send), verb);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->send), GTK_ACCESSIBLE_PROPERTY_LABEL, verb, -1);
  if (message == NULL)
    return;
  line = g_strdelimit (g_strdup (tess_message_get_body (message)), "\r\n\t", ' ');
  gtk_image_set_from_icon_name (self->bar_icon, self->edited != NULL ? "tess-edit-symbolic" : "tess-reply-symbolic");
  gtk_label_set_label (self->bar_title, self->edited != NULL ? _("Edit Message") : self->reply_title);
  gtk_label_set_label (self->bar_text, line);
}

static void
announce_bar (TessComposer *self)
{
  gtk_accessible_announce (GTK_ACCESSIBLE (self), gtk_label_get_label (self->bar_title),
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
set_reply (TessComposer *self, TessMessage *message)
{
  g_set_object (&self->reply, message);
  g_signal_group_set_target (self->reply_watch, message);
  show_bar (self);
}

static void
set_edited (TessComposer *self, TessMessage *message)
{
  g_set_object (&self->edited, message);
  g_signal_group_set_target (self->edited_watch, message);
  show_bar (self);
}

/* What is changed comes before what is answered: one may change a message in the middle of an answer. */
gboolean
tess_composer_cancel (TessComposer *self)
{
  g_autofree char *aside = g_steal_pointer (&self->aside);
  gboolean something = self->reply != NULL || self->edited != NULL;

  if (self->edited != NULL)
    set_edited (self, NULL);
  else if (self->reply != NULL)
    set_reply (self, NULL);
  if (aside != NULL)
    tess_composer_set_text (self, aside);
  return something;
}

/* It was changed, or erased: then there is nothing to answer any more. */
static void
on_reply_changed (TessComposer *self)
{
  if (tess_message_get_deleted (self->reply))
    set_reply (self, NULL);
  else
    show_bar (self);
}

static void
on_edited_changed (TessComposer *self)
{
  if (tess_message_get_deleted (self->edited))
    tess_composer_cancel (self);
}

void
tess_composer_reply (TessComposer *self, TessMessage *message, const char *name)
{
  if (self->edited != NULL)
    tess_composer_cancel (self);
  g_free (self->reply_title);
  if (tess_message_get_outgoing (message))
    self->reply_title = g_strdup (_("Reply to Yourself"));
  else
    /* Translators: above what one writes; %s is a contact's name */
    self->reply_title = g_strdup_printf (_("Reply to %s"), name);
  set_reply (self, message);
  announce_bar (self);
}

TessMessage *
tess_composer_get_reply (TessComposer *self)
{
  return self->reply;
}

void
tess_composer_edit (TessComposer *self, TessMessage *message)
{
  if (self->edited == NULL)
    self->aside = dup_text (self);
  set_edited (self, message);
  tess_composer_set_text (self, tess_message_get_body (message));
  announce_bar (self);
}

static void
on_cancel (TessComposer *self)
{
  tess_composer_cancel (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
}

static void
on_send (TessComposer *self)
{
  g_autofree char *text = dup_text (self);
  g_autoptr (TessMessage) reply = NULL, edited = NULL;

  g_strstrip (text);
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->send)))
    return;
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
  g_set_object (&reply, self->reply);
  g_set_object (&edited, self->edited);
  if (edited == NULL)
    tess_composer_set_text (self, "");
  tess_composer_cancel (self);
  if (edited == NULL)
    g_signal_emit (self, signals[SEND], 0, text, reply);
  else if (!g_str_equal (text, tess_message_get_body (edited)))
    g_signal_emit (self, signals[CHANGE], 0, edited, text);
}

static void
on_emoji (TessComposer *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
  g_signal_emit_by_name (self->text_view, "insert-emoji");
}

/* The keys that go to other messages from here. */
static gboolean
on_arrow (TessComposer *self, int step, GdkModifierType held)
{
  if (held == GDK_CONTROL_MASK && self->edited == NULL)
    g_signal_emit (self, signals[STEP], 0, step);
  else if (held == 0 && step < 0 && self->edited == NULL && gtk_text_buffer_get_char_count (self->buffer) == 0)
    g_signal_emit (self, signals[EDIT_LAST], 0);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static gboolean
on_key_pressed (TessComposer *self, guint keyval, guint keycode, GdkModifierType state)
{
  GdkModifierType held = state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK);

  if (self->composing)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      if (held != (tess_settings_get_enter_sends (tess_settings_get ()) ? 0 : GDK_CONTROL_MASK))
        return GDK_EVENT_PROPAGATE;
      on_send (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
      return held == 0 && tess_composer_cancel (self);
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      return on_arrow (self, -1, held);
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      return on_arrow (self, 1, held);
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

void
tess_composer_focus (TessComposer *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
}

gboolean
tess_composer_forward_key (TessComposer *self, GtkEventControllerKey *controller)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || !gtk_widget_is_sensitive (GTK_WIDGET (self->text_view)))
    return FALSE;
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
  return gtk_event_controller_key_forward (controller, GTK_WIDGET (self->text_view));
}

/* GtkTextView 4.18 looks at its page only when its text changes, not when it is given more room afterwards: it would stay
 * scrolled by the line that it grew. */
static gboolean
settle (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  TessComposer *self = TESS_COMPOSER (widget);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);
  double height = gtk_widget_get_height (GTK_WIDGET (self->text_view)), upper = gtk_adjustment_get_upper (adjustment);

  if (self->settling-- > 1)
    return G_SOURCE_CONTINUE;
  gtk_adjustment_set_page_size (adjustment, MIN (height, upper));
  gtk_adjustment_set_value (adjustment, MIN (gtk_adjustment_get_value (adjustment), MAX (0, upper - height)));
  return G_SOURCE_REMOVE;
}

static void
on_extent_changed (TessComposer *self)
{
  if (self->settling == 0)
    gtk_widget_add_tick_callback (GTK_WIDGET (self), settle, NULL, NULL);
  self->settling = 2;
}

/* Eight lines of the font in use, as they are laid out. */
static void
update_height (TessComposer *self)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self->text_view), "A\nA");
  PangoRectangle two;

  pango_layout_get_extents (layout, NULL, &two);
  gtk_scrolled_window_set_max_content_height (self->scrolled, LINES_MAX * PANGO_PIXELS_CEIL (two.height / 2) + 16);
}

static void
tess_composer_realize (GtkWidget *widget)
{
  GtkSettings *settings = gtk_widget_get_settings (widget);

  GTK_WIDGET_CLASS (tess_composer_parent_class)->realize (widget);
  update_height (TESS_COMPOSER (widget));
  g_signal_connect_object (settings, "notify::gtk-font-name", G_CALLBACK (update_height), widget, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "notify::gtk-xft-dpi", G_CALLBACK (update_height), widget, G_CONNECT_SWAPPED);
}

/* libspelling wants a buffer of GtkSourceView's, which names something anew for each of them, and a name is for good: 80 bytes.
 * So one in which nothing was written serves the next composer too. */
static GtkTextBuffer *spare;

static GtkTextBuffer *
take_buffer (void)
{
  if (spare != NULL)
    return g_steal_pointer (&spare);
  return g_object_new (GTK_SOURCE_TYPE_BUFFER, "highlight-syntax", FALSE, "highlight-matching-brackets", FALSE,
                       "implicit-trailing-newline", FALSE, NULL);
}

/* A view leaves a mark without a name in a buffer that is taken from it. */
static void
drop_marks (GtkTextBuffer *buffer)
{
  g_autoptr (GSList) marks = NULL;
  GtkTextIter start;

  gtk_text_buffer_get_start_iter (buffer, &start);
  marks = gtk_text_iter_get_marks (&start);
  for (GSList *mark = marks; mark != NULL; mark = mark->next)
    if (gtk_text_mark_get_name (mark->data) == NULL)
      gtk_text_buffer_delete_mark (buffer, mark->data);
}

static void
leave_buffer (TessComposer *self)
{
  gboolean blank;

  if (self->buffer == NULL)
    return;
  blank = !self->spelling && gtk_text_buffer_get_char_count (self->buffer) == 0 && !gtk_text_buffer_get_can_undo (self->buffer)
          && !gtk_text_buffer_get_can_redo (self->buffer);
  g_signal_handlers_disconnect_by_data (self->buffer, self);
  gtk_text_view_set_buffer (self->text_view, NULL);
  if (blank && spare == NULL)
    {
      drop_marks (self->buffer);
      spare = g_steal_pointer (&self->buffer);
    }
  g_clear_object (&self->buffer);
}

static void
tess_composer_dispose (GObject *object)
{
  TessComposer *self = TESS_COMPOSER (object);

  g_clear_handle_id (&self->attaching, g_source_remove);
  leave_buffer (self);
  g_clear_object (&self->reply_watch);
  g_clear_object (&self->edited_watch);
  g_clear_object (&self->reply);
  g_clear_object (&self->edited);
  g_clear_pointer (&self->reply_title, g_free);
  g_clear_pointer (&self->aside, g_free);
  G_OBJECT_CLASS (tess_composer_parent_class)->dispose (object);
}

static void
tess_composer_class_init (TessComposerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_composer_dispose;
  widget_class->realize = tess_composer_realize;
  signals[SEND] = g_signal_new ("send", TESS_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                TESS_TYPE_MESSAGE);
  signals[CHANGE] = g_signal_new ("change", TESS_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  TESS_TYPE_MESSAGE, G_TYPE_STRING);
  signals[TYPED] = g_signal_new ("typed", TESS_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[STEP] = g_signal_new ("step", TESS_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[EDIT_LAST] = g_signal_new ("edit-last", TESS_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-composer.ui");
  gtk_widget_class_bind_template_child (widget_class, TessComposer, bar);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, bar_icon);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, bar_title);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, bar_text);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, too_long);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, scrolled);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, text_view);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, placeholder);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, send);
  gtk_widget_class_bind_template_callback (widget_class, on_preedit_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, on_emoji);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed);
}

static GSignalGroup *
watch_new (TessComposer *self, void (*changed) (TessComposer *self))
{
  GSignalGroup *watch = g_signal_group_new (TESS_TYPE_MESSAGE);

  g_signal_group_connect_swapped (watch, "notify::deleted", G_CALLBACK (changed), self);
  g_signal_group_connect_swapped (watch, "notify::body", G_CALLBACK (changed), self);
  return watch;
}

static void
tess_composer_init (TessComposer *self)
{
  self->reply_watch = watch_new (self, on_reply_changed);
  self->edited_watch = watch_new (self, on_edited_changed);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->buffer = take_buffer ();
  g_signal_connect_swapped (self->buffer, "changed", G_CALLBACK (on_changed), self);
  gtk_text_view_set_buffer (self->text_view, self->buffer);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scrolled), "notify::upper",
                           G_CALLBACK (on_extent_changed), self,
                           G_CONNECT_SWAPPED);
}
