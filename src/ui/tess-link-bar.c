/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-link-bar.h"

/* A connection that comes back within this is not worth a word. */
#define PATIENCE_MS 1500

struct _TessLinkBar {
  AdwBin parent_instance;

  GtkRevealer *revealer;
  GtkWidget *box;
  GtkWidget *spinner;
  GtkWidget *icon;
  GtkLabel *label;
  GtkWidget *button;

  TessEngine *engine;
  guint source;
};

G_DEFINE_FINAL_TYPE (TessLinkBar, tess_link_bar, ADW_TYPE_BIN)

static void
on_nudge (TessLinkBar *self)
{
  tess_engine_nudge (self->engine);
}

static void
update (TessLinkBar *self)
{
  TessLinkState state = tess_engine_get_link_state (self->engine);

  gtk_label_set_label (self->label, tess_engine_get_link_message (self->engine));
  gtk_widget_set_visible (self->spinner, state == TESS_LINK_CONNECTING);
  gtk_widget_set_visible (self->icon, state != TESS_LINK_CONNECTING);
  gtk_widget_set_visible (self->button, state == TESS_LINK_WAITING || state == TESS_LINK_OFFLINE);
  if (state == TESS_LINK_REFUSED)
    gtk_widget_add_css_class (self->box, "refused");
  else
    gtk_widget_remove_css_class (self->box, "refused");
}

static void
reveal (TessLinkBar *self)
{
  update (self);
  gtk_widget_set_visible (GTK_WIDGET (self->revealer), TRUE);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

static gboolean
on_patience_over (gpointer data)
{
  TessLinkBar *self = data;

  self->source = 0;
  reveal (self);
  return G_SOURCE_REMOVE;
}

static void
on_link_changed (TessLinkBar *self)
{
  if (tess_engine_get_link_state (self->engine) == TESS_LINK_ONLINE)
    {
      g_clear_handle_id (&self->source, g_source_remove);
      gtk_revealer_set_reveal_child (self->revealer, FALSE);
    }
  else if (gtk_revealer_get_reveal_child (self->revealer))
    update (self);
  else if (self->source == 0)
    self->source = g_timeout_add (PATIENCE_MS, on_patience_over, self);
}

void
tess_link_bar_set_engine (TessLinkBar *self, TessEngine *engine)
{
  TessLinkState state = tess_engine_get_link_state (engine);

  self->engine = g_object_ref (engine);
  g_signal_connect_object (engine, "notify::link-state", G_CALLBACK (on_link_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "notify::link-message", G_CALLBACK (on_link_changed), self, G_CONNECT_SWAPPED);
  /* what has been so for a while stands there at once, and pushes nothing down afterwards */
  if (state == TESS_LINK_WAITING || state == TESS_LINK_REFUSED)
    reveal (self);
  else
    on_link_changed (self);
}

static void
tess_link_bar_dispose (GObject *object)
{
  TessLinkBar *self = TESS_LINK_BAR (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_link_bar_parent_class)->dispose (object);
}

static void
tess_link_bar_class_init (TessLinkBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_link_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-link-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, TessLinkBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, TessLinkBar, box);
  gtk_widget_class_bind_template_child (widget_class, TessLinkBar, spinner);
  gtk_widget_class_bind_template_child (widget_class, TessLinkBar, icon);
  gtk_widget_class_bind_template_child (widget_class, TessLinkBar, label);
  gtk_widget_class_bind_template_child (widget_class, TessLinkBar, button);
  gtk_widget_class_bind_template_callback (widget_class, on_nudge);
}

static void
tess_link_bar_init (TessLinkBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
