/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-window-state.h"

#define GROUP "window"
#define DEFAULT_WIDTH 940
#define DEFAULT_HEIGHT 680

static char *
state_path (const char *profile)
{
  return g_build_filename (profile, "window.ini", NULL);
}

static int
bounded (GKeyFile *file, const char *key, int low, int fallback)
{
  int value = g_key_file_get_integer (file, GROUP, key, NULL);

  return value >= low && value <= 16384 ? value : fallback;
}

void
tess_window_state_load (TessWindowState *self, const char *profile)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = state_path (profile);

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    g_debug ("no window state yet");
  self->width = bounded (file, "width", 360, DEFAULT_WIDTH);
  self->height = bounded (file, "height", 294, DEFAULT_HEIGHT);
  self->maximized = g_key_file_get_boolean (file, GROUP, "maximized", NULL);
  self->conversation = g_key_file_get_int64 (file, GROUP, "conversation", NULL);
}

void
tess_window_state_save (const TessWindowState *self, const char *profile)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = state_path (profile);

  g_key_file_set_integer (file, GROUP, "width", self->width);
  g_key_file_set_integer (file, GROUP, "height", self->height);
  g_key_file_set_boolean (file, GROUP, "maximized", self->maximized);
  g_key_file_set_int64 (file, GROUP, "conversation", self->conversation);
  if (!g_key_file_save_to_file (file, path, &error))
    g_debug ("the window's state was not kept: %s", error->message);
}
