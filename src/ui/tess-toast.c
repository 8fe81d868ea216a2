/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-toast.h"

void
tess_toast (GtkWidget *from, const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (from, ADW_TYPE_TOAST_OVERLAY);
  AdwToast *toast;

  if (overlay == NULL)
    return;
  toast = adw_toast_new ("");
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_title (toast, text);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}
