/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-composer.h"

#include "base/tess-limits.h"

#include "ui/tess-settings.h"

#include <glib/gi18n.h>
#include <string.h>

#define LINES_MAX 8

struct _TessComposer {
  AdwBin parent_instance;

  GtkLabel *too_long;
  GtkScrolledWindow *scrolled;
  GtkTextView *text_view;
  GtkTextBuffer *buffer;
  GtkLabel *placeholder;
  GtkButton *send;

  guint settling;     /* frames until the view's page is asked for anew */
  gboolean composing; /* an input method has text that is not decided yet: Enter is its own */
};

static guint send_signal;

G_DEFINE_FINAL_TYPE (TessComposer, tess_composer, ADW_TYPE_BIN)

char *
tess_composer_dup_text (TessComposer *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
}

static void
update_placeholder (TessComposer *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->placeholder), !self->composing && gtk_text_buffer_get_char_count (self->buffer) == 0);
}

static void
on_changed (TessComposer *self)
{
  g_autofree char *text = tess_composer_dup_text (self);
  gboolean too_long;

  g_strstrip (text);
  too_long = strlen (text) > TESS_TEXT_BYTES_MAX;
  gtk_widget_set_visible (GTK_WIDGET (self->too_long), too_long);
  gtk_widget_set_sensitive (GTK_WIDGET (self->send), *text != '\0' && !too_long);
  update_placeholder (self);
}

static void
on_preedit_changed (TessComposer *self, const char *preedit)
{
  self->composing = preedit != NULL && *preedit != '\0';
  update_placeholder (self);
}

static void
on_send (TessComposer *self)
{
  g_autofree char *text = tess_composer_dup_text (self);

  g_strstrip (text);
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->send)))
    return;
  gtk_text_buffer_set_text (self->buffer, "", 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
  g_signal_emit (self, send_signal, 0, text);
}

static void
on_emoji (TessComposer *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
  g_signal_emit_by_name (self->text_view, "insert-emoji");
}

static gboolean
on_key_pressed (TessComposer *self, guint keyval, guint keycode, GdkModifierType state)
{
  gboolean enter = keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter;

  GdkModifierType held = state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK);

  if (!enter || self->composing || held != (tess_settings_get_enter_sends (tess_settings_get ()) ? 0 : GDK_CONTROL_MASK))
    return GDK_EVENT_PROPAGATE;
  on_send (self);
  return GDK_EVENT_STOP;
}

void
tess_composer_set_text (TessComposer *self, const char *text)
{
  GtkTextIter end;

  gtk_text_buffer_set_text (self->buffer, text, -1);
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_place_cursor (self->buffer, &end);
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

/* Eight lines of the font in use. */
static void
update_height (TessComposer *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self->text_view));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int line = pango_font_metrics_get_height (metrics) / PANGO_SCALE;

  pango_font_metrics_unref (metrics);
  gtk_scrolled_window_set_max_content_height (self->scrolled, LINES_MAX * line + 16);
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

static void
tess_composer_class_init (TessComposerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->realize = tess_composer_realize;
  send_signal = g_signal_new ("send", TESS_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-composer.ui");
  gtk_widget_class_bind_template_child (widget_class, TessComposer, too_long);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, scrolled);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, text_view);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, buffer);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, placeholder);
  gtk_widget_class_bind_template_child (widget_class, TessComposer, send);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_preedit_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, on_emoji);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed);
}

static void
tess_composer_init (TessComposer *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scrolled), "notify::upper",
                           G_CALLBACK (on_extent_changed), self,
                           G_CONNECT_SWAPPED);
}
