/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-application.h"

#include "base/tess-process.h"
#include "tess-config.h"
#include "ui/tess-lock.h"
#include "ui/tess-portal.h"
#include "ui/tess-search-provider.h"
#include "ui/tess-window.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdlib.h>

#define RESOURCES "/im/tessera/Tessera"

struct _TessApplication {
  AdwApplication parent_instance;

  char *profile;
  TessSearchProvider *search;
  gboolean hidden;
  guint term_source, int_source;
};

G_DEFINE_FINAL_TYPE (TessApplication, tess_application, ADW_TYPE_APPLICATION)

static TessWindow *
the_window (TessApplication *self)
{
  TessWindow *window = tess_window_find (GTK_APPLICATION (self));

  return window != NULL ? window : tess_window_new (GTK_APPLICATION (self), self->profile, FALSE);
}

static void
tess_application_activate (GApplication *application)
{
  TessApplication *self = TESS_APPLICATION (application);
  TessWindow *window = the_window (self);

  if (!self->hidden)
    gtk_window_present (GTK_WINDOW (window));
  self->hidden = FALSE;
}

/* tessera: links */
static void
tess_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  TessWindow *window = the_window (TESS_APPLICATION (application));
  g_autofree char *uri = n_files > 0 ? g_file_get_uri (files[0]) : NULL;

  gtk_window_present (GTK_WINDOW (window));
  if (uri != NULL && g_ascii_strncasecmp (uri, "tessera:", 8) == 0)
    tess_window_add_address (window, uri);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  tess_window_quit (the_window (data));
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  tess_window_show_about (the_window (data));
}

/* A start without a window that came to this process. */
static void
on_stay (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  tess_window_stay (the_window (data));
}

static void
set_accels (TessApplication *self)
{
  static const struct {
    const char *action;
    const char *accels[4];
  } accels[] = {
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
    { "win.new-chat", { "<Control>n" } },
    { "win.show-help-overlay", { "<Control>question" } },
    { "win.preferences", { "<Control>comma" } },
    { "win.lock", { "<Control>l" } },
    { "win.search", { "<Control>k" } },
    { "win.search-chat", { "<Control>f" } },
    { "win.chat-next", { "<Control>Page_Down", "<Control>Tab" } },
    { "win.chat-previous", { "<Control>Page_Up", "<Control><Shift>Tab", "<Control><Shift>ISO_Left_Tab" } },
    { "win.unread-next", { "<Control><Shift>Page_Down" } },
    { "win.unread-previous", { "<Control><Shift>Page_Up" } },
    { "win.next-pane", { "F6" } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accels[i].action, accels[i].accels);
  for (int i = 1; i <= 9; i++)
    {
      g_autofree char *action = g_strdup_printf ("win.chat-number(%d)", i);
      g_autofree char *accel = g_strdup_printf ("<Alt>%d", i);

      gtk_application_set_accels_for_action (GTK_APPLICATION (self), action, (const char *const[]){ accel, NULL });
    }
}

static gboolean
on_signal (gpointer data)
{
  on_quit (NULL, NULL, data);
  return G_SOURCE_CONTINUE;
}

static void
tess_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = { { .name = "quit", .activate = on_quit },
                                          { .name = "about", .activate = on_about },
                                          { .name = "stay", .activate = on_stay } };
  TessApplication *self = TESS_APPLICATION (application);

  G_APPLICATION_CLASS (tess_application_parent_class)->startup (application);
  /* before a profile is opened */
  tess_portal_introduce (g_application_get_dbus_connection (application));
  tess_process_hide ();
  tess_lock_get (); /* a session that is locked when a search starts us is to be known soon */
  gtk_window_set_default_icon_name (TESS_APP_ID);
  /* a message or number that gets the focus back is not meant to be copied whole */
  g_object_set (gtk_settings_get_default (), "gtk-label-select-on-focus", FALSE, NULL);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  set_accels (self);
  self->term_source = g_unix_signal_add (SIGTERM, on_signal, self);
  self->int_source = g_unix_signal_add (SIGINT, on_signal, self);
}

/* Before the name is ours, so that whoever started us by a search finds it. */
static gboolean
tess_application_dbus_register (GApplication *application, GDBusConnection *bus, const char *path, GError **error)
{
  TessApplication *self = TESS_APPLICATION (application);

  if (!G_APPLICATION_CLASS (tess_application_parent_class)->dbus_register (application, bus, path, error))
    return FALSE;
  self->search = tess_search_provider_new (GTK_APPLICATION (application), self->profile);
  return tess_search_provider_export (self->search, bus, path, error);
}

static void
tess_application_dbus_unregister (GApplication *application, GDBusConnection *bus, const char *path)
{
  TessApplication *self = TESS_APPLICATION (application);

  if (self->search != NULL)
    g_object_run_dispose (G_OBJECT (self->search));
  g_clear_object (&self->search);
  G_APPLICATION_CLASS (tess_application_parent_class)->dbus_unregister (application, bus, path);
}

static void
tess_application_finalize (GObject *object)
{
  TessApplication *self = TESS_APPLICATION (object);

  g_clear_handle_id (&self->term_source, g_source_remove);
  g_clear_handle_id (&self->int_source, g_source_remove);
  g_free (self->profile);
  G_OBJECT_CLASS (tess_application_parent_class)->finalize (object);
}

static void
tess_application_class_init (TessApplicationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tess_application_finalize;
  G_APPLICATION_CLASS (klass)->activate = tess_application_activate;
  G_APPLICATION_CLASS (klass)->open = tess_application_open;
  G_APPLICATION_CLASS (klass)->startup = tess_application_startup;
  G_APPLICATION_CLASS (klass)->dbus_register = tess_application_dbus_register;
  G_APPLICATION_CLASS (klass)->dbus_unregister = tess_application_dbus_unregister;
}

static void
tess_application_init (TessApplication *self)
{
}

/* The folder by its one real name, whether it is there yet or not. */
static char *
real_path (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *parent = g_path_get_dirname (absolute);
  char *real = realpath (absolute, NULL);
  g_autofree char *result = NULL;

  if (real == NULL && (real = realpath (parent, NULL)) != NULL)
    {
      g_autofree char *name = g_path_get_basename (absolute);

      result = g_build_filename (real, name, NULL);
    }
  else
    result = g_strdup (real != NULL ? real : absolute);
  free (real);
  return g_steal_pointer (&result);
}

static char *
application_id (const char *path, const char *default_path)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);

  return g_str_equal (path, default_path) ? g_strdup (TESS_APP_ID) : g_strdup_printf ("%s.profile%.16s", TESS_APP_ID, digest);
}

TessApplication *
tess_application_new (const char *profile)
{
  g_autofree char *standard = g_build_filename (g_get_user_data_dir (), "tessera", NULL);
  g_autofree char *default_path = real_path (standard);
  g_autofree char *path = real_path (profile != NULL ? profile : standard);
  g_autofree char *id = application_id (path, default_path);
  TessApplication *self = g_object_new (TESS_TYPE_APPLICATION, "application-id", id, "flags", G_APPLICATION_HANDLES_OPEN,
                                        "resource-base-path", RESOURCES, NULL);

  self->profile = g_steal_pointer (&path);
  return self;
}

gboolean
tess_application_hide (TessApplication *self)
{
  GApplication *application = G_APPLICATION (self);

  self->hidden = TRUE;
  if (!g_application_register (application, NULL, NULL) || !g_application_get_is_remote (application))
    return TRUE;
  g_action_group_activate_action (G_ACTION_GROUP (application), "stay", NULL);
  g_dbus_connection_flush_sync (g_application_get_dbus_connection (application), NULL, NULL);
  return FALSE;
}
