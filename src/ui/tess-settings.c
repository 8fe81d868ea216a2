/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-settings.h"

#define GROUP "settings"

enum { PROP_APPEARANCE = 1, PROP_CAMERA, PROP_ENTER_SENDS, PROP_NOTIFICATIONS, PROP_MESSAGE_TEXT, PROP_BACKGROUND, PROP_AUTOSTART,
       PROP_SETTING_UP, PROP_SPELLING, PROP_SPELLING_LANGUAGE, PROP_AUTO_LOCK, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* Those that are on or off. */
static const struct {
  const char *name;
  gboolean standard;
} switches[N_PROPS] = {
  [PROP_ENTER_SENDS] = { "enter-sends", TRUE },
  [PROP_NOTIFICATIONS] = { "notifications", TRUE },
  [PROP_MESSAGE_TEXT] = { "message-text", TRUE },
  [PROP_BACKGROUND] = { "background", FALSE },
  [PROP_AUTOSTART] = { "autostart", FALSE },
  [PROP_SETTING_UP] = { "setting-up", FALSE },
  [PROP_SPELLING] = { "spelling", TRUE },
};

/* Those that are one of several, the first at first. */
static const struct {
  const char *name;
  guint count;
} choices[N_PROPS] = {
  [PROP_APPEARANCE] = { "appearance", TESS_N_APPEARANCES },
  [PROP_AUTO_LOCK] = { "auto-lock", TESS_N_LOCKS },
};

/* And those that are words, "" at first. */
static const char *const texts[N_PROPS] = {
  [PROP_CAMERA] = "camera",
  [PROP_SPELLING_LANGUAGE] = "spelling-language",
};

struct _TessSettings {
  GObject parent_instance;

  char *path; /* NULL: nothing is kept yet */
  guint chosen[N_PROPS]; /* of the choices */
  gboolean on[N_PROPS];  /* of the switches */
  char *text[N_PROPS];   /* of the texts */
};

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
  for (int id = 1; id < N_PROPS; id++)
    {
      if (choices[id].name != NULL)
        g_key_file_set_integer (file, GROUP, choices[id].name, (int) self->chosen[id]);
      if (switches[id].name != NULL)
        g_key_file_set_boolean (file, GROUP, switches[id].name, self->on[id]);
      if (texts[id] != NULL)
        g_key_file_set_string (file, GROUP, texts[id], self->text[id]);
    }
  if (!g_key_file_save_to_file (file, self->path, &error))
    g_debug ("the settings were not kept: %s", error->message);
}

void
tess_settings_open (TessSettings *self, const char *profile)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = g_build_filename (profile, "settings.ini", NULL);

  g_clear_pointer (&self->path, g_free); /* what is read now is not to be written again */
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    g_debug ("no settings yet");
  for (int id = 1; id < N_PROPS; id++)
    if (choices[id].name != NULL)
      {
        int chosen = g_key_file_get_integer (file, GROUP, choices[id].name, NULL);

        g_object_set (self, choices[id].name, chosen > 0 && (guint) chosen < choices[id].count ? (guint) chosen : 0u, NULL);
      }
  for (int id = 1; id < N_PROPS; id++)
    if (texts[id] != NULL)
      {
        g_autofree char *text = g_key_file_get_string (file, GROUP, texts[id], NULL);

        g_object_set (self, texts[id], text != NULL ? text : "", NULL);
      }
  for (int id = 1; id < N_PROPS; id++)
    if (switches[id].name != NULL)
      {
        g_autoptr (GError) error = NULL;
        gboolean on = g_key_file_get_boolean (file, GROUP, switches[id].name, &error);

        g_object_set (self, switches[id].name, error != NULL ? switches[id].standard : on, NULL);
      }
  self->path = g_steal_pointer (&path);
}

TessAppearance
tess_settings_get_appearance (TessSettings *self)
{
  return (TessAppearance) self->chosen[PROP_APPEARANCE];
}

TessLocks
tess_settings_get_auto_lock (TessSettings *self)
{
  return (TessLocks) self->chosen[PROP_AUTO_LOCK];
}

gboolean
tess_settings_get_enter_sends (TessSettings *self)
{
  return self->on[PROP_ENTER_SENDS];
}

gboolean
tess_settings_get_notifications (TessSettings *self)
{
  return self->on[PROP_NOTIFICATIONS];
}

gboolean
tess_settings_get_message_text (TessSettings *self)
{
  return self->on[PROP_MESSAGE_TEXT];
}

gboolean
tess_settings_get_background (TessSettings *self)
{
  return self->on[PROP_BACKGROUND];
}

gboolean
tess_settings_get_autostart (TessSettings *self)
{
  return self->on[PROP_AUTOSTART];
}

gboolean
tess_settings_get_setting_up (TessSettings *self)
{
  return self->on[PROP_SETTING_UP];
}

const char *
tess_settings_get_camera (TessSettings *self)
{
  return self->text[PROP_CAMERA];
}

gboolean
tess_settings_get_spelling (TessSettings *self)
{
  return self->on[PROP_SPELLING];
}

const char *
tess_settings_get_spelling_language (TessSettings *self)
{
  return self->text[PROP_SPELLING_LANGUAGE];
}

static void
tess_settings_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TessSettings *self = TESS_SETTINGS (object);

  if (choices[id].name != NULL)
    g_value_set_uint (value, self->chosen[id]);
  else if (texts[id] != NULL)
    g_value_set_string (value, self->text[id]);
  else
    g_value_set_boolean (value, self->on[id]);
}

static void
tess_settings_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TessSettings *self = TESS_SETTINGS (object);
  gboolean changed;

  if (texts[id] != NULL)
    changed = g_set_str (&self->text[id], g_value_get_string (value));
  else if (choices[id].name != NULL)
    {
      changed = self->chosen[id] != g_value_get_uint (value);
      self->chosen[id] = g_value_get_uint (value);
    }
  else
    {
      changed = self->on[id] != g_value_get_boolean (value);
      self->on[id] = g_value_get_boolean (value);
    }
  if (!changed)
    return;
  save (self);
  g_object_notify_by_pspec (object, pspec);
}

static void
tess_settings_finalize (GObject *object)
{
  g_free (TESS_SETTINGS (object)->path);
  for (int id = 1; id < N_PROPS; id++)
    g_free (TESS_SETTINGS (object)->text[id]);
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
  for (int id = 1; id < N_PROPS; id++)
    {
      if (choices[id].name != NULL)
        properties[id] = g_param_spec_uint (choices[id].name, NULL, NULL, 0, choices[id].count - 1, 0, flags);
      if (switches[id].name != NULL)
        properties[id] = g_param_spec_boolean (switches[id].name, NULL, NULL, switches[id].standard, flags);
      if (texts[id] != NULL)
        properties[id] = g_param_spec_string (texts[id], NULL, NULL, "", flags);
    }
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tess_settings_init (TessSettings *self)
{
  for (int id = 1; id < N_PROPS; id++)
    {
      self->on[id] = switches[id].standard;
      if (texts[id] != NULL)
        self->text[id] = g_strdup ("");
    }
}
