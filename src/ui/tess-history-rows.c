/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-history-rows.h"

gint64
tess_history_rows_row (GtkListItem *item)
{
  gpointer message = gtk_list_item_get_item (item);

  return message != NULL ? tess_message_get_row (message) : 0;
}

GtkListItem *
tess_history_rows_find (GPtrArray *bound, gint64 row)
{
  for (guint i = 0; i < bound->len; i++)
    if (tess_history_rows_row (bound->pdata[i]) == row)
      return bound->pdata[i];
  return NULL;
}

gboolean
tess_history_rows_bounds (GtkListItem *item, GtkWidget *screen, double *y, double *height)
{
  GtkWidget *view = gtk_list_item_get_child (item);
  graphene_rect_t place;

  if (!gtk_widget_get_mapped (view) || !gtk_widget_compute_bounds (view, screen, &place))
    return FALSE;
  *y = place.origin.y;
  *height = place.size.height;
  return TRUE;
}

GtkListItem *
tess_history_rows_newest (GPtrArray *bound, GtkWidget *screen, gboolean whole)
{
  double room = gtk_widget_get_height (screen), y, height;
  GtkListItem *best = NULL;
  gboolean best_whole = FALSE;

  for (guint i = 0; i < bound->len; i++)
    {
      GtkListItem *item = bound->pdata[i];
      gboolean is_whole;

      if (tess_history_rows_row (item) == 0 || !tess_history_rows_bounds (item, screen, &y, &height)
          || y >= room || y + height <= 0)
        continue;
      /* the beginning of one that is higher than the screen does not matter for having come to its end */
      is_whole = y + height <= room && (whole || y >= 0);
      if (whole && !is_whole)
        continue;
      if (best == NULL || is_whole > best_whole
          || (is_whole == best_whole && tess_history_rows_row (item) > tess_history_rows_row (best)))
        {
          best = item;
          best_whole = is_whole;
        }
    }
  return best;
}
