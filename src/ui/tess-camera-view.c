/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-camera-view.h"

#include "qr/tess-qr.h"
#include "ui/tess-camera.h"
#include "ui/tess-lock.h"
#include "ui/tess-settings.h"

#include <glib/gi18n.h>

struct _TessCameraView {
  AdwBin parent_instance;

  GtkStack *stack;
  GtkPicture *picture;
  GtkWidget *waiting;
  GtkLabel *waiting_text;
  GtkLabel *hint;
  GtkDropDown *choice;
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *text;
  GtkLabel *detail;

  TessCamera *camera;
  GtkWidget *root; /* while it is mapped */
  gboolean held;
};

enum { PROP_HELD = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];
enum { CODE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessCameraView, tess_camera_view, ADW_TYPE_BIN)

/* What there is to say where no picture is. */
typedef struct {
  const char *icon, *title, *text;
  const char *unconfined; /* what there is to add where no sandbox is */
  gboolean detail;        /* a library's words help */
} Words;

static const Words words[] = {
  [TESS_CAMERA_ABSENT] = { "tess-camera-off-symbolic", N_("No Camera Found"),
                           N_("Connect one, or take the code in one of the ways below.") },
  [TESS_CAMERA_DENIED] = { "tess-camera-off-symbolic", N_("The Camera Is Not Allowed"),
                           N_("To scan, allow it in the system’s settings: under Apps, Tessera, and under Privacy, Camera. Or "
                              "take the code in one of the ways below."),
                           N_("Outside Flatpak all programs share this answer, and it may be missing there. The command "
                              "“flatpak permission-remove devices camera” makes the system ask again.") },
  [TESS_CAMERA_UNSUPPORTED] = { "tess-camera-off-symbolic", N_("Scanning Is Not Installed"),
                                N_("The camera needs GStreamer with its plugins for PipeWire and GTK 4. Install them, or take "
                                   "the code in one of the ways below."), NULL, TRUE },
  [TESS_CAMERA_FAILED] = { "tess-alarm-symbolic", N_("The Camera Does Not Answer"),
                           N_("Another program may be using it. Close that, and try again; or take the code in one of the ways "
                              "below."), NULL, TRUE },
};

static void
show_words (TessCameraView *self, const Words *said)
{
  gboolean confined = g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);
  const char *detail = said->detail ? tess_camera_get_detail (self->camera)
                       : said->unconfined != NULL && !confined ? _(said->unconfined) : NULL;
  g_autofree char *whole = g_strdup_printf ("%s. %s", _(said->title), _(said->text));

  gtk_image_set_from_icon_name (self->icon, said->icon);
  gtk_label_set_label (self->title, _(said->title));
  gtk_label_set_label (self->text, _(said->text));
  gtk_label_set_label (self->detail, detail != NULL ? detail : "");
  gtk_widget_set_visible (GTK_WIDGET (self->detail), detail != NULL);
  gtk_stack_set_visible_child_name (self->stack, "words");
  gtk_accessible_announce (GTK_ACCESSIBLE (self), whole, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
show_picture (TessCameraView *self, TessCameraState state)
{
  gboolean ready = state == TESS_CAMERA_READY;
  const char *wait = state == TESS_CAMERA_ASKING ? _("Waiting until the camera is allowed…") : _("Starting the camera…");

  gtk_stack_set_visible_child_name (self->stack, "picture");
  gtk_widget_set_visible (self->waiting, state == TESS_CAMERA_ASKING || state == TESS_CAMERA_LOADING);
  gtk_label_set_label (self->waiting_text, wait);
  gtk_label_set_label (self->hint, ready ? _("Hold their code in front of the camera.") : "");
}

static void
on_state (TessCameraView *self)
{
  TessCameraState state = tess_camera_get_state (self->camera);

  if (state < G_N_ELEMENTS (words) && words[state].title != NULL)
    show_words (self, &words[state]);
  else
    show_picture (self, state);
}

static void
on_sight (TessCameraView *self, const GError *error)
{
  const char *hint = _("Hold their code in front of the camera.");

  if (g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_SEVERAL_CODES))
    hint = _("More than one code is in view. Show the camera only one.");
  else if (g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE))
    hint = _("This is a code of another kind, not one of Tessera.");
  gtk_label_set_label (self->hint, hint);
  if (error != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), hint, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
on_code (TessCameraView *self, const char *code)
{
  g_signal_emit (self, signals[CODE], 0, code);
}

static void
on_names (TessCameraView *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->choice), g_list_model_get_n_items (tess_camera_get_names (self->camera)) > 1);
}

/* The camera that a person chose is the one to use the next time. */
static void
on_chosen (TessCameraView *self)
{
  guint selected = gtk_drop_down_get_selected (self->choice);
  GtkStringObject *name = gtk_drop_down_get_selected_item (self->choice);

  if (self->camera != NULL && name != NULL && tess_camera_choose (self->camera, selected))
    g_object_set (tess_settings_get (), "camera", gtk_string_object_get_string (name), NULL);
}

static void
show_chosen (TessCameraView *self)
{
  gtk_drop_down_set_selected (self->choice, tess_camera_get_chosen (self->camera));
}

static void
on_again (TessCameraView *self)
{
  tess_camera_start (self->camera);
}

/* Nothing lies over it, and somebody may be looking. */
static gboolean
is_seen (TessCameraView *self)
{
  GtkWidget *dialog = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_DIALOG);

  if (self->root == NULL || self->held || tess_lock_is_locked (tess_lock_get ()))
    return FALSE;
  if (GTK_IS_WINDOW (self->root) && gtk_window_is_suspended (GTK_WINDOW (self->root)))
    return FALSE;
  return !ADW_IS_APPLICATION_WINDOW (self->root)
         || (GtkWidget *) adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (self->root)) == dialog;
}

static void
update (TessCameraView *self)
{
  gboolean off = tess_camera_get_state (self->camera) == TESS_CAMERA_OFF;

  if (!is_seen (self))
    tess_camera_stop (self->camera);
  else if (off)
    tess_camera_start (self->camera);
}

static void
tess_camera_view_map (GtkWidget *widget)
{
  TessCameraView *self = TESS_CAMERA_VIEW (widget);

  GTK_WIDGET_CLASS (tess_camera_view_parent_class)->map (widget);
  self->root = GTK_WIDGET (gtk_widget_get_root (widget));
  if (ADW_IS_APPLICATION_WINDOW (self->root))
    {
      g_signal_connect_object (self->root, "notify::visible-dialog", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->root, "notify::suspended", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  update (self);
}

static void
tess_camera_view_unmap (GtkWidget *widget)
{
  TessCameraView *self = TESS_CAMERA_VIEW (widget);

  if (self->root != NULL)
    g_signal_handlers_disconnect_by_func (self->root, update, self);
  self->root = NULL;
  if (self->camera != NULL)
    tess_camera_stop (self->camera);
  GTK_WIDGET_CLASS (tess_camera_view_parent_class)->unmap (widget);
}

static void
tess_camera_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, TESS_CAMERA_VIEW (object)->held);
}

static void
tess_camera_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TessCameraView *self = TESS_CAMERA_VIEW (object);

  self->held = g_value_get_boolean (value);
  update (self);
}

static void
tess_camera_view_dispose (GObject *object)
{
  TessCameraView *self = TESS_CAMERA_VIEW (object);

  if (self->camera != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->camera, self);
      tess_camera_stop (self->camera);
    }
  g_clear_object (&self->camera);
  G_OBJECT_CLASS (tess_camera_view_parent_class)->dispose (object);
}

static void
tess_camera_view_class_init (TessCameraViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = tess_camera_view_get_property;
  object_class->set_property = tess_camera_view_set_property;
  object_class->dispose = tess_camera_view_dispose;
  widget_class->map = tess_camera_view_map;
  widget_class->unmap = tess_camera_view_unmap;
  properties[PROP_HELD] = g_param_spec_boolean ("held", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[CODE] = g_signal_new ("code", TESS_TYPE_CAMERA_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-camera-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, stack);
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, picture);
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, waiting);
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, waiting_text);
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, hint);
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, choice);
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, icon);
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, title);
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, text);
  gtk_widget_class_bind_template_child (widget_class, TessCameraView, detail);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_again);
}

static void
tess_camera_view_init (TessCameraView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->camera = tess_camera_new ();
  tess_camera_set_favourite (self->camera, tess_settings_get_camera (tess_settings_get ()));
  gtk_drop_down_set_model (self->choice, tess_camera_get_names (self->camera));
  g_object_bind_property (self->camera, "paintable", self->picture, "paintable", G_BINDING_DEFAULT);
  g_signal_connect_object (self->camera, "notify::chosen", G_CALLBACK (show_chosen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->camera, "notify::state", G_CALLBACK (on_state), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->camera, "sight", G_CALLBACK (on_sight), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->camera, "code", G_CALLBACK (on_code), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_camera_get_names (self->camera), "items-changed", G_CALLBACK (on_names), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_lock_get (), "notify::locked", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}
