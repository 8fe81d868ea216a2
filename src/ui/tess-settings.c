/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-settings.h"

#define GROUP "settings"

struct _TessSettings {
  GObject parent_instance;

  char *path; /* NULL: nothing is kept yet */
  guint appearance;
  gboolean enter_sends;
  char *camera;
};

enum { PROP_APPEARANCE = 1, PROP_ENTER_SENDS, PROP_CAMERA, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TessSettings, tess_settings, G_TYPE_OBJECT)

TessSettings *
tess_settings_get (void)
{
  static TessSettings *settings;

  if (settings == NULL)
    settings = g_object_new (TESS_TYPE_SETTINGS, NULL);
  return settings;
}

static void
save (TessSettings *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;

  if (self->path == NULL)
    return;
  g_key_file_set_integer (file, GROUP, "appearance", (int) self->appearance);
  g_key_file_set_boolean (file, GROUP, "enter-sends", self->enter_sends);
  g_key_file_set_string (file, GROUP, "camera", self->camera);
  if (!g_key_file_save_to_file (file, self->path, &error))
    g_debug ("the settings were not kept: %s", error->message);
}

void
tess_settings_open (TessSettings *self, const char *profile)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (profile, "settings.ini", NULL);
  g_autofree char *camera = NULL;
  int appearance;
  gboolean enter_sends;

  g_clear_pointer (&self->path, g_free); /* what is read now is not to be written again */
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    g_debug ("no settings yet");
  appearance = g_key_file_get_integer (file, GROUP, "appearance", NULL);
  enter_sends = g_key_file_get_boolean (file, GROUP, "enter-sends", &error);
  camera = g_key_file_get_string (file, GROUP, "camera", NULL);
  g_object_set (self, "appearance", (guint) (appearance > 0 && appearance < TESS_N_APPEARANCES ? appearance : 0), "enter-sends",
                error != NULL || enter_sends, "camera", camera != NULL ? camera : "", NULL);
  self->path = g_steal_pointer (&path);
}

TessAppearance
tess_settings_get_appearance (TessSettings *self)
{
  return (TessAppearance) self->appearance;
}

gboolean
tess_settings_get_enter_sends (TessSettings *self)
{
  return self->enter_sends;
}

const char *
tess_settings_get_camera (TessSettings *self)
{
  return self->camera;
}

static void
tess_settings_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TessSettings *self = TESS_SETTINGS (object);

  if (id == PROP_APPEARANCE)
    g_value_set_uint (value, self->appearance);
  else if (id == PROP_ENTER_SENDS)
    g_value_set_boolean (value, self->enter_sends);
  else
    g_value_set_string (value, self->camera);
}

static void
tess_settings_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TessSettings *self = TESS_SETTINGS (object);
  guint appearance = id == PROP_APPEARANCE ? g_value_get_uint (value) : self->appearance;
  gboolean enter_sends = id == PROP_ENTER_SENDS ? g_value_get_boolean (value) : self->enter_sends;
  gboolean renamed = id == PROP_CAMERA && g_set_str (&self->camera, g_value_get_string (value));

  if (appearance == self->appearance && enter_sends == self->enter_sends && !renamed)
    return;
  self->appearance = appearance;
  self->enter_sends = enter_sends;
  save (self);
  g_object_notify_by_pspec (object, pspec);
}

static void
tess_settings_finalize (GObject *object)
{
  g_free (TESS_SETTINGS (object)->path);
  g_free (TESS_SETTINGS (object)->camera);
  G_OBJECT_CLASS (tess_settings_parent_class)->finalize (object);
}

static void
tess_settings_class_init (TessSettingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = tess_settings_get_property;
  object_class->set_property = tess_settings_set_property;
  object_class->finalize = tess_settings_finalize;
  properties[PROP_APPEARANCE] = g_param_spec_uint ("appearance", NULL, NULL, 0, TESS_N_APPEARANCES - 1, 0, flags);
  properties[PROP_ENTER_SENDS] = g_param_spec_boolean ("enter-sends", NULL, NULL, TRUE, flags);
  properties[PROP_CAMERA] = g_param_spec_string ("camera", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tess_settings_init (TessSettings *self)
{
  self->enter_sends = TRUE;
  self->camera = g_strdup ("");
}
