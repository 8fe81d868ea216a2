/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-progress-view.h"

struct _TessProgressView {
  AdwBin parent_instance;

  GtkProgressBar *bar;
  GtkWidget *cancel;

  char *title, *description;
  TessProgress *progress; /* of the work under way, or NULL */
};

enum { PROP_TITLE = 1, PROP_DESCRIPTION, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TessProgressView, tess_progress_view, ADW_TYPE_BIN)

static void
show (TessProgressView *self)
{
  gtk_progress_bar_set_fraction (self->bar, tess_progress_get_fraction (self->progress));
}

TessProgress *
tess_progress_view_begin (TessProgressView *self)
{
  tess_progress_view_end (self);
  self->progress = tess_progress_new ();
  g_signal_connect_object (self->progress, "notify::fraction", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  gtk_widget_set_sensitive (self->cancel, TRUE);
  show (self);
  return self->progress;
}

/* Once is enough; the page stays until the work says that it has ended. */
void
tess_progress_view_cancel (TessProgressView *self)
{
  if (self->progress == NULL)
    return;
  gtk_widget_set_sensitive (self->cancel, FALSE);
  tess_progress_cancel (self->progress);
}

void
tess_progress_view_end (TessProgressView *self)
{
  if (self->progress != NULL)
    g_signal_handlers_disconnect_by_func (self->progress, show, self);
  g_clear_object (&self->progress);
}

static gboolean
tess_progress_view_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (TESS_PROGRESS_VIEW (widget)->cancel);
}

static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  tess_progress_view_cancel (TESS_PROGRESS_VIEW (widget));
  return GDK_EVENT_STOP;
}

/* A dialog that takes another shape on its window does this too, but then the window stays. */
static void
tess_progress_view_unmap (GtkWidget *widget)
{
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (widget));

  if (window != NULL && !gtk_widget_get_visible (window))
    tess_progress_view_cancel (TESS_PROGRESS_VIEW (widget));
  GTK_WIDGET_CLASS (tess_progress_view_parent_class)->unmap (widget);
}

static void
tess_progress_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TessProgressView *self = TESS_PROGRESS_VIEW (object);

  g_value_set_string (value, id == PROP_TITLE ? self->title : self->description);
}

static void
tess_progress_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TessProgressView *self = TESS_PROGRESS_VIEW (object);

  g_set_str (id == PROP_TITLE ? &self->title : &self->description, g_value_get_string (value));
}

static void
tess_progress_view_dispose (GObject *object)
{
  TessProgressView *self = TESS_PROGRESS_VIEW (object);

  tess_progress_view_cancel (self);
  tess_progress_view_end (self);
  G_OBJECT_CLASS (tess_progress_view_parent_class)->dispose (object);
}

static void
tess_progress_view_finalize (GObject *object)
{
  g_free (TESS_PROGRESS_VIEW (object)->title);
  g_free (TESS_PROGRESS_VIEW (object)->description);
  G_OBJECT_CLASS (tess_progress_view_parent_class)->finalize (object);
}

static void
tess_progress_view_class_init (TessProgressViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = tess_progress_view_get_property;
  object_class->set_property = tess_progress_view_set_property;
  object_class->dispose = tess_progress_view_dispose;
  object_class->finalize = tess_progress_view_finalize;
  widget_class->grab_focus = tess_progress_view_grab_focus;
  widget_class->unmap = tess_progress_view_unmap;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, "", flags);
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, on_escape, NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-progress-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessProgressView, bar);
  gtk_widget_class_bind_template_child (widget_class, TessProgressView, cancel);
  gtk_widget_class_bind_template_callback (widget_class, tess_progress_view_cancel);
}

static void
tess_progress_view_init (TessProgressView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
