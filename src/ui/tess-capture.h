/* Moving pictures from a camera, and the QR codes in them: GStreamer's pipeline, without a widget. One thread of the pipeline
 * reads codes; frames that come meanwhile are dropped. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Signals:
 *   ::ready ()          the first frame is here
 *   ::codes (GStrv)     the texts of the codes in view are others than before; empty: none is in view any more
 *   ::failed (GError)   it came to an end by itself */
#define TESS_TYPE_CAPTURE (tess_capture_get_type ())
G_DECLARE_FINAL_TYPE (TessCapture, tess_capture, TESS, CAPTURE, GObject)

/* What comes from @source (transfer floating), shown by a sink of the kind @preview: "gtk4paintablesink", or "fakesink" for
 * nobody. @connection (may be NULL) is held until the source has let go of it. Needs gst_init(). GST_PARSE_ERROR_NO_SUCH_ELEMENT
 * when a plugin is not installed, and GStreamer's other errors. */
TessCapture *tess_capture_new (GstElement *source, GObject *connection, const char *preview, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* What the sink paints; borrowed. NULL when it is one for nobody. */
GdkPaintable *tess_capture_get_paintable (TessCapture *self);
/* Once. A source that cannot even begin is ::failed too, and nobody waits for one that hangs. */
void tess_capture_start (TessCapture *self);
/* For good: the source is let go of as soon as it answers; no signal comes after. So does letting go of the last reference. */
void tess_capture_stop (TessCapture *self);

G_END_DECLS
