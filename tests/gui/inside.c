/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gui/inside.h"

#include "base/tess-process.h"

#include <adwaita.h>
#include <libdex.h>
#include <string.h>

void
inside_begin (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  tess_process_init ();
  dex_init ();
  adw_init ();
}

gpointer
inside_find (gpointer root, const char *type)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), g_type_from_name (type)))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      gpointer found = inside_find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

bool
inside_shows (GtkWidget *root, const char *words)
{
  if (GTK_IS_LABEL (root) && gtk_widget_get_mapped (root) && strcmp (gtk_label_get_text (GTK_LABEL (root)), words) == 0)
    return true;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (inside_shows (child, words))
      return true;
  return false;
}

bool
inside_is_shown (gpointer words)
{
  const InsideWords *wanted = words;

  return inside_shows (wanted->root, wanted->words);
}
