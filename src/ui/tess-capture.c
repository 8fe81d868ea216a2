/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-capture.h"

#include "base/tess-limits.h"
#include "qr/tess-qr.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

/* A picture's size is such that a code at arm's length can be read, and read quickly; any other where a camera has none of those.
 * A queue of one frame that drops is what lets the reader take its time without holding up the preview. */
#define CAPS                                                                                                                     \
  "video/x-raw,width=[640,1920],height=[480,1080];video/x-raw,width=[1," G_STRINGIFY (TESS_CAMERA_SIDE_MAX) "],"                 \
  "height=[1," G_STRINGIFY (TESS_CAMERA_SIDE_MAX) "]"
#define ONE_FRAME "queue leaky=downstream max-size-buffers=1 max-size-bytes=0 max-size-time=0"
#define PIPELINE                                                                                                                 \
  "capsfilter caps=\"" CAPS "\" ! tee name=tee "                                                                                 \
  "tee. ! " ONE_FRAME " ! videoconvert ! %s name=preview sync=false "                                                            \
  "tee. ! " ONE_FRAME " ! videoconvert ! video/x-raw,format=GRAY8 ! appsink name=frames max-buffers=1 drop=true sync=false"

#define MESSAGE_READY "tess-ready"
#define MESSAGE_CODES "tess-codes"

/* The pipeline, as long as it runs. Beginning and ending it wait for the camera, and one that is stuck does not answer for half a
 * minute: a thread of its own does both. */
typedef struct {
  GstElement *pipeline;
  GObject *connection;
  GMutex lock;
  GCond cond;
  gboolean over;
} Running;

struct _TessCapture {
  GObject parent_instance;

  GstElement *pipeline;
  GObject *connection;
  GdkPaintable *paintable;
  Running *running; /* the thread's; until it is told that it is over */
};

enum { READY, CODES, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessCapture, tess_capture, G_TYPE_OBJECT)

/* The reading thread's own. */
typedef struct {
  gboolean begun;
  char *last;   /* the texts in view, a line each */
  guint misses; /* frames since then without a code */
} Reader;

static void
reader_free (gpointer data)
{
  Reader *reader = data;

  g_free (reader->last);
  g_free (reader);
}

static void
tell (GstAppSink *sink, GstStructure *what)
{
  gst_element_post_message (GST_ELEMENT (sink), gst_message_new_application (GST_OBJECT (sink), what));
}

static char **
read_sample (GstSample *sample)
{
  GstVideoInfo info;
  GstVideoFrame frame;
  const uint8_t *rows;
  char **texts;

  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || !gst_video_frame_map (&frame, &info, gst_sample_get_buffer (sample), GST_MAP_READ))
    return NULL;
  rows = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);
  texts = tess_qr_read_frame (rows, frame.map[0].size - (size_t) (rows - frame.map[0].data), GST_VIDEO_FRAME_WIDTH (&frame),
                              GST_VIDEO_FRAME_HEIGHT (&frame), (size_t) MAX (GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0), 0), NULL);
  gst_video_frame_unmap (&frame);
  return texts;
}

static GstFlowReturn
on_sample (GstAppSink *sink, gpointer data)
{
  Reader *reader = data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  g_auto (GStrv) texts = NULL;
  g_autofree char *now = NULL;

  if (sample == NULL)
    return GST_FLOW_EOS;
  if (!reader->begun)
    tell (sink, gst_structure_new_empty (MESSAGE_READY));
  reader->begun = TRUE;
  texts = read_sample (sample);
  if (texts == NULL && (reader->last == NULL || ++reader->misses < TESS_CAMERA_FRAMES_KEPT))
    return GST_FLOW_OK;
  reader->misses = 0;
  now = texts != NULL ? g_strjoinv ("\n", texts) : NULL;
  if (g_strcmp0 (now, reader->last) == 0)
    return GST_FLOW_OK;
  if (texts == NULL)
    texts = g_new0 (char *, 1);
  tell (sink, gst_structure_new (MESSAGE_CODES, "texts", G_TYPE_STRV, texts, NULL));
  g_free (reader->last);
  reader->last = g_steal_pointer (&now);
  return GST_FLOW_OK;
}

static void
on_application_message (TessCapture *self, const GstStructure *what)
{
  if (gst_structure_has_name (what, MESSAGE_READY))
    g_signal_emit (self, signals[READY], 0);
  else if (gst_structure_has_name (what, MESSAGE_CODES))
    g_signal_emit (self, signals[CODES], 0, g_value_get_boxed (gst_structure_get_value (what, "texts")));
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  g_autoptr (TessCapture) self = g_object_ref (TESS_CAPTURE (data));
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_APPLICATION)
    on_application_message (self, gst_message_get_structure (message));
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    error = g_error_new_literal (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, "The camera has no more pictures");
  if (error == NULL)
    return G_SOURCE_CONTINUE;
  tess_capture_stop (self);
  g_signal_emit (self, signals[FAILED], 0, error);
  return G_SOURCE_REMOVE;
}

GdkPaintable *
tess_capture_get_paintable (TessCapture *self)
{
  return self->paintable;
}

/* On the main thread: what paints belongs to it. */
static gboolean
release (gpointer data)
{
  Running *running = data;

  gst_object_unref (running->pipeline);
  g_clear_object (&running->connection);
  g_mutex_clear (&running->lock);
  g_cond_clear (&running->cond);
  g_free (running);
  return G_SOURCE_REMOVE;
}

static gpointer
run (gpointer data)
{
  Running *running = data;

  if (gst_element_set_state (running->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    {
      g_autoptr (GError) error = g_error_new_literal (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_FAILED, "The camera did not begin");

      /* behind what the source itself may have said */
      gst_element_post_message (running->pipeline, gst_message_new_error (GST_OBJECT (running->pipeline), error, NULL));
    }
  g_mutex_lock (&running->lock);
  while (!running->over)
    g_cond_wait (&running->cond, &running->lock);
  g_mutex_unlock (&running->lock);
  gst_element_set_state (running->pipeline, GST_STATE_NULL);
  g_idle_add (release, running);
  return NULL;
}

void
tess_capture_start (TessCapture *self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);

  g_return_if_fail (self->running == NULL);
  gst_bus_add_watch (bus, on_message, self);
  self->running = g_new0 (Running, 1);
  self->running->pipeline = gst_object_ref (self->pipeline);
  g_set_object (&self->running->connection, self->connection);
  g_mutex_init (&self->running->lock);
  g_cond_init (&self->running->cond);
  g_thread_unref (g_thread_new ("camera", run, self->running));
}

void
tess_capture_stop (TessCapture *self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  Running *running = g_steal_pointer (&self->running);

  if (running == NULL)
    return;
  gst_bus_remove_watch (bus);
  g_mutex_lock (&running->lock);
  running->over = TRUE;
  g_cond_signal (&running->cond);
  g_mutex_unlock (&running->lock);
}

TessCapture *
tess_capture_new (GstElement *source, GObject *connection, const char *preview, GError **error)
{
  g_autoptr (TessCapture) self = g_object_new (TESS_TYPE_CAPTURE, NULL);
  g_autoptr (GstElement) held = gst_object_ref_sink (source);
  g_autofree char *description = g_strdup_printf (PIPELINE, preview);
  g_autoptr (GstElement) sink = NULL, frames = NULL;
  GstAppSinkCallbacks callbacks = { .new_sample = on_sample };
  GstElement *rest = gst_parse_bin_from_description_full (description, TRUE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);

  if (rest == NULL)
    return NULL;
  g_set_object (&self->connection, connection);
  gst_bin_add_many (GST_BIN (self->pipeline), held, rest, NULL);
  if (!gst_element_link (held, rest))
    {
      g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION, "The camera gives no plain pictures");
      return NULL;
    }
  frames = gst_bin_get_by_name (GST_BIN (rest), "frames");
  gst_app_sink_set_callbacks (GST_APP_SINK (frames), &callbacks, g_new0 (Reader, 1), reader_free);
  sink = gst_bin_get_by_name (GST_BIN (rest), "preview");
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (sink), "paintable") != NULL)
    g_object_get (sink, "paintable", &self->paintable, NULL);
  return g_steal_pointer (&self);
}

static void
tess_capture_dispose (GObject *object)
{
  TessCapture *self = TESS_CAPTURE (object);

  if (self->pipeline != NULL)
    tess_capture_stop (self);
  gst_clear_object (&self->pipeline);
  g_clear_object (&self->connection);
  g_clear_object (&self->paintable);
  G_OBJECT_CLASS (tess_capture_parent_class)->dispose (object);
}

static void
tess_capture_class_init (TessCaptureClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tess_capture_dispose;
  signals[READY] = g_signal_new ("ready", TESS_TYPE_CAPTURE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CODES] = g_signal_new ("codes", TESS_TYPE_CAPTURE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 G_TYPE_STRV | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[FAILED] = g_signal_new ("failed", TESS_TYPE_CAPTURE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
tess_capture_init (TessCapture *self)
{
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
}
