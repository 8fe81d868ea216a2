/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-background.h"

#include "tess-config.h"
#include "ui/tess-portal.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

typedef struct {
  TessBackground wanted;
  char *id;
  char *profile;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->id);
  g_free (request->profile);
  g_free (request);
}

/* An argument of an Exec line: the desktop entry specification, "The Exec key". */
static void
append_quoted (GString *line, const char *argument)
{
  g_string_append_c (line, '"');
  for (const char *at = argument; *at != '\0'; at++)
    {
      if (strchr ("\"`$\\", *at) != NULL)
        g_string_append_c (line, '\\');
      else if (*at == '%')
        g_string_append_c (line, '%');
      g_string_append_c (line, *at);
    }
  g_string_append_c (line, '"');
}

char *
tess_background_command (const char *program, const char *profile)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (const char *at = profile; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      return NULL;
  if (!g_utf8_validate (profile, -1, NULL) || !g_utf8_validate (program, -1, NULL))
    return NULL;
  append_quoted (line, program);
  g_string_append (line, " --hidden --profile ");
  append_quoted (line, profile);
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static DexFuture *
not_written (const GError *error)
{
  return dex_future_new_reject (TESS_PORTAL_ERROR, TESS_PORTAL_ERROR_FAILED,
                                /* Translators: %s is a sentence of the system's that says why */
                                _("What starts at login could not be changed: %s"), error->message);
}

static DexFuture *
write_file (const Request *request)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "autostart", NULL);
  g_autofree char *name = g_strconcat (request->id, ".desktop", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *command = tess_background_command (program != NULL ? program : "tessera", request->profile);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GFile) old = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  if ((request->wanted & TESS_BACKGROUND_LOGIN) == 0)
    {
      if (!g_file_delete (old, NULL, &error) && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        return not_written (error);
      return dex_future_new_for_uint (request->wanted);
    }
  if (command == NULL)
    return dex_future_new_for_uint (request->wanted & ~(guint) TESS_BACKGROUND_LOGIN);
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_TYPE, G_KEY_FILE_DESKTOP_TYPE_APPLICATION);
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_NAME, g_get_application_name ());
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_ICON, TESS_APP_ID);
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_EXEC, command);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    g_debug ("there is no folder for what starts at login");
  if (!g_key_file_save_to_file (file, path, &error))
    return not_written (error);
  return dex_future_new_for_uint (request->wanted);
}

static DexFuture *
ask_portal (const Request *request)
{
  const char *command[] = { "tessera", "--hidden", "--profile", request->profile, NULL };
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;
  gboolean run = FALSE, login = FALSE;
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "reason", "s", _("Messages keep coming while no window is open."));
  g_variant_dict_insert (&options, "autostart", "b", (request->wanted & TESS_BACKGROUND_LOGIN) != 0);
  g_variant_dict_insert (&options, "commandline", "^as", command);
  g_variant_dict_insert (&options, "dbus-activatable", "b", FALSE);
  answer = dex_await_variant (tess_portal_request_background (&options), &error);
  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_variant_lookup (answer, "background", "b", &run);
  g_variant_lookup (answer, "autostart", "b", &login);
  return dex_future_new_for_uint (request->wanted & ((run ? TESS_BACKGROUND_RUN : 0u) | (login ? TESS_BACKGROUND_LOGIN : 0u)));
}

static DexFuture *
run_request (gpointer data)
{
  const Request *request = data;

  return tess_portal_is_needed () ? ask_portal (request) : write_file (request);
}

DexFuture *
tess_background_request (TessBackground wanted, const char *id, const char *profile)
{
  Request *request = g_new0 (Request, 1);

  request->wanted = wanted;
  request->id = g_strdup (id);
  request->profile = g_strdup (profile);
  return dex_scheduler_spawn (NULL, 0, run_request, request, request_free);
}

void
tess_background_tell (const char *words)
{
  if (tess_portal_is_needed ())
    tess_portal_set_status (words);
}
