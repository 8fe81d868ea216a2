/* What the camera sees, or in words why there is nothing to see. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The camera is on only while the view can be seen: not on a page or under a dialog that covers it, not in a window that is
 * hidden, not while the session is locked. Property: held (boolean): keeps it off, too. Signal: ::code (string): a Tessera code
 * came into view. */
#define TESS_TYPE_CAMERA_VIEW (tess_camera_view_get_type ())
G_DECLARE_FINAL_TYPE (TessCameraView, tess_camera_view, TESS, CAMERA_VIEW, AdwBin)

G_END_DECLS
