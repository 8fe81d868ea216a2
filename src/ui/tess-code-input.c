/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-code-input.h"

#include "qr/tess-qr.h"
#include "ui/tess-await.h"
#include "ui/tess-camera-view.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

/* zbar and the picture loaders want more than a fiber's usual stack */
#define READER_STACK (1024 * 1024)

struct _TessCodeInput {
  AdwBin parent_instance;

  AdwEntryRow *entry;
  GtkWidget *spinner;
  GtkLabel *word;
  TessCameraView *camera;

  char *title;
  guint reading;      /* counts: only the last picture's outcome is of interest */
  gboolean from_picture;
  gboolean scanning;
};

enum { PROP_TITLE = 1, PROP_SCANNING, N_PROPS };
static GParamSpec *properties[N_PROPS];
enum { CHANGED, PICTURE, ACTIVATE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessCodeInput, tess_code_input, ADW_TYPE_BIN)

/* A picture on its way to the reader's thread: a file's path, or bytes. */
typedef struct {
  char *path;
  GBytes *bytes;
} Picture;

static void
picture_free (gpointer data)
{
  Picture *picture = data;

  g_free (picture->path);
  g_clear_pointer (&picture->bytes, g_bytes_unref);
  g_free (picture);
}

static DexFuture *
read_picture (gpointer data)
{
  Picture *picture = data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = picture->path != NULL ? tess_qr_read_file (picture->path, &error)
      : tess_qr_read_bytes (picture->bytes, &error);
  g_autofree char *code = texts != NULL ? tess_qr_pick ((const char *const *) texts, "TESSERA:", &error) : NULL;

  if (code == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_string (g_steal_pointer (&code));
}

void
tess_code_input_set_word (TessCodeInput *self, const char *text, const char *css_class)
{
  /* its room is kept when it is empty: nothing moves */
  gtk_label_set_label (self->word, text != NULL ? text : "");
  if (text == NULL)
    return;
  gtk_widget_set_css_classes (GTK_WIDGET (self->word), (const char *[]){ "caption", css_class, NULL });
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
take_code (TessCodeInput *self, const char *code)
{
  self->from_picture = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), code);
  self->from_picture = FALSE;
  g_signal_emit (self, signals[PICTURE], 0, code);
}

static void
on_scanned (TessCodeInput *self, const char *code)
{
  self->reading++; /* a picture that is still being read is of no interest any more */
  gtk_widget_set_visible (self->spinner, FALSE);
  take_code (self, code);
}

static void
on_picture_read (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessCodeInput *self = owner;

  if (GPOINTER_TO_UINT (data) != self->reading)
    return;
  gtk_widget_set_visible (self->spinner, FALSE);
  if (error != NULL)
    {
      const char *word = error->message;

      if (g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE))
        word = _("No Tessera code was found in this picture. It should show one QR code, whole and sharp.");
      else if (g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_SEVERAL_CODES))
        word = _("There is more than one code in this picture. Cut out the one you mean.");
      else if (g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_NOT_A_PICTURE))
        word = _("This is not a picture that can be read.");
      tess_code_input_set_word (self, word, "error");
      return;
    }
  take_code (self, g_value_get_string (value));
}

static void
take_picture (TessCodeInput *self, char *path, GBytes *bytes)
{
  Picture *picture = g_new0 (Picture, 1);

  picture->path = path;
  picture->bytes = bytes;
  gtk_widget_set_visible (self->spinner, TRUE);
  tess_code_input_set_word (self, NULL, NULL);
  tess_await (dex_scheduler_spawn (dex_thread_pool_scheduler_get_default (), READER_STACK, read_picture, picture,
                                   picture_free), self,
              on_picture_read, GUINT_TO_POINTER (++self->reading), NULL);
}

static gboolean
take_value (TessCodeInput *self, const GValue *value)
{
  if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    {
      g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));
      g_autofree char *path = files != NULL ? g_file_get_path (files->data) : NULL;

      if (path == NULL)
        return FALSE;
      take_picture (self, g_steal_pointer (&path), NULL);
      return TRUE;
    }
  if (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE))
    {
      take_picture (self, NULL, gdk_texture_save_to_png_bytes (g_value_get_object (value)));
      return TRUE;
    }
  if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value) != NULL)
    {
      tess_code_input_set_text (self, g_value_get_string (value));
      return TRUE;
    }
  return FALSE;
}

static void
on_clipboard (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TessCodeInput) self = data;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);

  if (gtk_widget_get_root (GTK_WIDGET (self)) == NULL)
    return;
  if (value == NULL || !take_value (self, value))
    tess_code_input_set_word (self, _("The clipboard holds neither a code nor a picture."), "error");
}

static void
on_paste (TessCodeInput *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);
  GType type = G_TYPE_STRING;

  if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST))
    type = GDK_TYPE_FILE_LIST;
  else if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE))
    type = GDK_TYPE_TEXTURE;
  gdk_clipboard_read_value_async (clipboard, type, G_PRIORITY_DEFAULT, NULL, on_clipboard, g_object_ref (self));
}

/* Ctrl+V of a picture, which the entry itself knows nothing to do with. */
static gboolean
on_key_pressed (TessCodeInput *self, guint keyval, guint keycode, GdkModifierType state)
{
  GdkContentFormats *formats = gdk_clipboard_get_formats (gtk_widget_get_clipboard (GTK_WIDGET (self)));

  if ((keyval != GDK_KEY_v && keyval != GDK_KEY_V) || (state & GDK_CONTROL_MASK) == 0)
    return GDK_EVENT_PROPAGATE;
  if (!gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST)
      && !gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE))
    return GDK_EVENT_PROPAGATE;
  on_paste (self);
  return GDK_EVENT_STOP;
}

static void
on_changed (TessCodeInput *self)
{
  g_autofree char *path = NULL;

  if (!self->from_picture)
    {
      self->reading++;
      gtk_widget_set_visible (self->spinner, FALSE);
      path = tess_text_picture_path (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
    }
  if (path != NULL)
    take_picture (self, g_steal_pointer (&path), NULL);
  else
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_activated (TessCodeInput *self)
{
  g_signal_emit (self, signals[ACTIVATE], 0);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TessCodeInput) self = data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, NULL);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  g_object_set (self->camera, "held", FALSE, NULL);
  if (path != NULL)
    take_picture (self, g_steal_pointer (&path), NULL);
}

static void
on_open (TessCodeInput *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _("Pictures"));
  gtk_file_filter_add_mime_type (filter, "image/*");
  gtk_file_dialog_set_title (dialog, _("Open a Picture of a Code"));
  gtk_file_dialog_set_default_filter (dialog, filter);
  g_object_set (self->camera, "held", TRUE, NULL);
  gtk_file_dialog_open (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), NULL, on_opened, g_object_ref (self));
}

static void
on_scan (TessCodeInput *self)
{
  g_object_set (self, "scanning", TRUE, NULL);
}

static gboolean
on_drop (TessCodeInput *self, const GValue *value)
{
  return gtk_widget_get_mapped (GTK_WIDGET (self)) && take_value (self, value);
}

static gboolean
on_paste_key (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  if (!gtk_widget_get_mapped (data))
    return GDK_EVENT_PROPAGATE;
  on_paste (data);
  return GDK_EVENT_STOP;
}

void
tess_code_input_serve (TessCodeInput *self, GtkWidget *widget)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  GtkEventController *keys = gtk_shortcut_controller_new ();
  GType types[] = { GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE, G_TYPE_STRING };

  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_v, GDK_CONTROL_MASK),
                                                          gtk_callback_action_new (on_paste_key, self, NULL)));
  gtk_widget_add_controller (widget, keys);
}

char *
tess_code_input_dup_text (TessCodeInput *self)
{
  return tess_text_code_within (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
}

void
tess_code_input_set_text (TessCodeInput *self, const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  gtk_editable_set_text (GTK_EDITABLE (self->entry), trimmed);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

static void
tess_code_input_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TessCodeInput *self = TESS_CODE_INPUT (object);

  if (id == PROP_TITLE)
    g_value_set_string (value, self->title);
  else
    g_value_set_boolean (value, self->scanning);
}

static void
tess_code_input_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TessCodeInput *self = TESS_CODE_INPUT (object);

  if (id == PROP_TITLE)
    g_set_str (&self->title, g_value_get_string (value));
  else
    self->scanning = g_value_get_boolean (value);
}

static gboolean
tess_code_input_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (TESS_CODE_INPUT (widget)->entry));
}

static void
tess_code_input_dispose (GObject *object)
{
  g_clear_pointer (&TESS_CODE_INPUT (object)->title, g_free);
  G_OBJECT_CLASS (tess_code_input_parent_class)->dispose (object);
}

static void
tess_code_input_class_init (TessCodeInputClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = tess_code_input_get_property;
  object_class->set_property = tess_code_input_set_property;
  object_class->dispose = tess_code_input_dispose;
  widget_class->grab_focus = tess_code_input_grab_focus;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SCANNING] = g_param_spec_boolean ("scanning", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[CHANGED] = g_signal_new ("changed", TESS_TYPE_CODE_INPUT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[PICTURE] = g_signal_new ("picture", TESS_TYPE_CODE_INPUT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                   G_TYPE_STRING);
  signals[ACTIVATE] = g_signal_new ("activate", TESS_TYPE_CODE_INPUT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (TESS_TYPE_CAMERA_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-code-input.ui");
  gtk_widget_class_bind_template_child (widget_class, TessCodeInput, entry);
  gtk_widget_class_bind_template_child (widget_class, TessCodeInput, spinner);
  gtk_widget_class_bind_template_child (widget_class, TessCodeInput, word);
  gtk_widget_class_bind_template_child (widget_class, TessCodeInput, camera);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed);
  gtk_widget_class_bind_template_callback (widget_class, on_paste);
  gtk_widget_class_bind_template_callback (widget_class, on_open);
  gtk_widget_class_bind_template_callback (widget_class, on_scan);
  gtk_widget_class_bind_template_callback (widget_class, on_scanned);
}

static void
tess_code_input_init (TessCodeInput *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
