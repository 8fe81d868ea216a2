/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-avatar.h"

#define COLOURS 12

static guint
colour_of (const char *key_text)
{
  /* FNV-1a: the same everywhere, and for ever */
  guint32 hash = 2166136261u;

  for (const char *at = key_text; *at != '\0'; at++)
    hash = (hash ^ (guint8) g_ascii_toupper (*at)) * 16777619u;
  return hash % COLOURS;
}

void
tess_avatar_show (AdwAvatar *avatar, const char *name, const char *key_text)
{
  for (guint i = 0; i < COLOURS; i++)
    {
      g_autofree char *old = g_strdup_printf ("hue-%u", i);

      gtk_widget_remove_css_class (GTK_WIDGET (avatar), old);
    }
  adw_avatar_set_text (avatar, name);
  adw_avatar_set_show_initials (avatar, name != NULL && *name != '\0');
  if (key_text != NULL && *key_text != '\0')
    {
      g_autofree char *colour = g_strdup_printf ("hue-%u", colour_of (key_text));

      gtk_widget_add_css_class (GTK_WIDGET (avatar), colour);
    }
  /* the name stands beside it */
  gtk_accessible_update_state (GTK_ACCESSIBLE (avatar), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
}

char *
tess_avatar_key_of_address (const char *address)
{
  g_auto (GStrv) parts = address != NULL ? g_strsplit (address, "/", 5) : NULL;

  return parts != NULL && g_strv_length (parts) >= 3 ? g_ascii_strup (parts[2], -1) : NULL;
}
