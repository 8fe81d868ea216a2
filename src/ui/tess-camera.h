/* The camera: asks the portal for it, shows what it sees and reads Tessera codes in it. No widget. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum {
  TESS_CAMERA_OFF,
  TESS_CAMERA_LOADING,     /* looking for a camera, or waiting for its first picture */
  TESS_CAMERA_ASKING,      /* the portal may be asking the person */
  TESS_CAMERA_READY,       /* a picture is there */
  TESS_CAMERA_ABSENT,      /* no camera is connected; goes on by itself when one is, unless the portal says so */
  TESS_CAMERA_DENIED,      /* by the person, or by who runs the machine */
  TESS_CAMERA_UNSUPPORTED, /* GStreamer or a plugin of it is not installed */
  TESS_CAMERA_FAILED,
} TessCameraState;

/* Properties, notified:
 *   state (uint, a TessCameraState)
 *   chosen (uint)   the place of the camera that is used in the list of names
 *   paintable (GdkPaintable)   what it sees, while it is READY or about to be; NULL otherwise
 * Signals:
 *   ::code (string)   a Tessera code came into view
 *   ::sight (GError)  what is in view otherwise: TESS_QR_ERROR NO_CODE (codes of another kind), SEVERAL_CODES; NULL: nothing */
#define TESS_TYPE_CAMERA (tess_camera_get_type ())
G_DECLARE_FINAL_TYPE (TessCamera, tess_camera, TESS, CAMERA, GObject)

TessCamera *tess_camera_new (void);
/* Turns it on, or tries again. Stopping, and letting go of the last reference, turns it off at once. */
void tess_camera_start (TessCamera *self);
void tess_camera_stop (TessCamera *self);

TessCameraState tess_camera_get_state (TessCamera *self);
/* What went wrong, in a library's words, or NULL. */
const char *tess_camera_get_detail (TessCamera *self);

/* The cameras by name: the same list as long as the object lives. Another one is chosen by its place in it; FALSE when that is
 * the one in use, or the list is just changing. */
GListModel *tess_camera_get_names (TessCamera *self);
guint tess_camera_get_chosen (TessCamera *self);
gboolean tess_camera_choose (TessCamera *self, guint place);
/* The name of the one to use when there are several, as if it had been chosen; "" or NULL: any. */
void tess_camera_set_favourite (TessCamera *self, const char *name);

G_END_DECLS
