/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-about.h"

#include "tess-config.h"

#include <glib/gi18n.h>

/* One of the words that are known, so that what somebody put into their environment does not get into a report. */
static const char *
known_word (const char *text, const char *const *words)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ":", -1);

  for (gsize i = 0; parts[i] != NULL; i++)
    for (gsize k = 0; words[k] != NULL; k++)
      if (g_ascii_strcasecmp (parts[i], words[k]) == 0)
        return words[k];
  return "other";
}

static const char *
desktop (void)
{
  static const char *const words[] = { "GNOME", "KDE", "XFCE", "LXQt", "MATE", "X-Cinnamon", "Budgie", "Pantheon", "Unity",
                                       "COSMIC", "Phosh", "sway", "Hyprland", "niri", NULL };

  return known_word (g_getenv ("XDG_CURRENT_DESKTOP"), words);
}

static const char *
link_word (TessLinkState link)
{
  static const char *const words[] = { [TESS_LINK_OFFLINE] = "offline", [TESS_LINK_CONNECTING] = "connecting",
                                       [TESS_LINK_ONLINE] = "online", [TESS_LINK_WAITING] = "waiting",
                                       [TESS_LINK_REFUSED] = "refused" };

  return (gsize) link < G_N_ELEMENTS (words) ? words[link] : "?";
}

/* Name and version of the system, of os-release's own fields alone. */
static char *
system_name (void)
{
  g_autofree char *id = g_get_os_info (G_OS_INFO_KEY_ID), *version = g_get_os_info (G_OS_INFO_KEY_VERSION_ID);

  return g_strdup_printf ("%s %s", id != NULL ? id : "?", version != NULL ? version : "");
}

char *
tess_about_debug_info (GtkWidget *window, TessLinkState link)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *os = system_name ();
  GtkNative *native = window != NULL ? gtk_widget_get_native (window) : NULL;
  GskRenderer *renderer = native != NULL ? gtk_native_get_renderer (native) : NULL;
  GdkDisplay *display = window != NULL ? gtk_widget_get_display (window) : NULL;
  AdwStyleManager *style = display != NULL ? adw_style_manager_get_for_display (display) : NULL;

  g_string_append_printf (text, "Tessera: %s\n", TESS_VERSION);
  g_string_append_printf (text, "Sandbox: %s\n", g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ? "flatpak" : "none");
  g_string_append_printf (text, "System: %s\n", os);
  g_string_append_printf (text, "Desktop: %s\n", desktop ());
  g_string_append_printf (text, "Language: %s\n", pango_language_to_string (gtk_get_default_language ()));
  g_string_append_printf (text, "GTK: %u.%u.%u\n", gtk_get_major_version (), gtk_get_minor_version (), gtk_get_micro_version ());
  g_string_append_printf (text, "libadwaita: %u.%u.%u\n", adw_get_major_version (), adw_get_minor_version (),
                          adw_get_micro_version ());
  g_string_append_printf (text, "GLib: %u.%u.%u\n", glib_major_version, glib_minor_version, glib_micro_version);
  if (display != NULL)
    g_string_append_printf (text, "Display: %s\n", G_OBJECT_TYPE_NAME (display));
  if (renderer != NULL)
    g_string_append_printf (text, "Renderer: %s\n", G_OBJECT_TYPE_NAME (renderer));
  if (window != NULL)
    g_string_append_printf (text, "Scale: %d\n", gtk_widget_get_scale_factor (window));
  if (style != NULL)
    g_string_append_printf (text, "Style: %s%s\n", adw_style_manager_get_dark (style) ? "dark" : "light",
                            adw_style_manager_get_high_contrast (style) ? ", high contrast" : "");
  g_string_append_printf (text, "Connection: %s\n", link_word (link));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

AdwDialog *
tess_about_dialog_new (GtkWidget *window, TessLinkState link)
{
  AdwDialog *dialog = adw_about_dialog_new ();
  g_autofree char *debug = tess_about_debug_info (window, link);

  g_object_set (dialog, "application-name", _("Tessera"), "application-icon", TESS_APP_ID, "version", TESS_VERSION,
                "developer-name", _("The Tessera contributors"), "license-type", GTK_LICENSE_GPL_3_0, "comments",
                _("A private messenger for the desktop: no phone number, any relay, and a contact is verified by one scan."),
                "debug-info", debug, "debug-info-filename", "tessera-debug-info.txt",
                /* Translators: the names of those who translated this, one a line */
                "translator-credits", g_str_equal (_("translator-credits"), "translator-credits") ? "" : _("translator-credits"),
                NULL);
  return dialog;
}
