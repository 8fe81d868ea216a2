/* Codes in moving pictures, from a source that the test feeds. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-limits.h"
#include "qr/tess-qr.h"
#include "ui/tess-capture.h"

#include <gst/app/gstappsrc.h>
#include <string.h>

#define WIDTH 640
#define HEIGHT 480
#define ONE "TESSERA:1/RELAY.EXAMPLE.ORG/ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST/ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define OTHER "https://example.org/"
#define WAIT_SECONDS 20

typedef struct {
  TessCapture *capture;
  GstElement *source;
  guint readies;
  GPtrArray *seen; /* texts, "" when none is in view */
  GError *failure;
  gboolean late;
} Fixture;

static void
on_ready (Fixture *fixture)
{
  fixture->readies++;
}

static void
on_codes (Fixture *fixture, char **texts)
{
  g_ptr_array_add (fixture->seen, g_strjoinv (" ", texts));
}

static void
on_failed (Fixture *fixture, const GError *error)
{
  fixture->failure = g_error_copy (error);
}

static GstElement *
make (const char *factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  g_assert_nonnull (element);
  return element;
}

static void
watch (Fixture *fixture, GstElement *source)
{
  g_autoptr (GError) error = NULL;

  fixture->capture = tess_capture_new (source, NULL, "fakesink", &error);
  g_assert_no_error (error);
  g_assert_null (tess_capture_get_paintable (fixture->capture));
  g_signal_connect_swapped (fixture->capture, "ready", G_CALLBACK (on_ready), fixture);
  g_signal_connect_swapped (fixture->capture, "codes", G_CALLBACK (on_codes), fixture);
  g_signal_connect_swapped (fixture->capture, "failed", G_CALLBACK (on_failed), fixture);
  tess_capture_start (fixture->capture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "RGB", "width", G_TYPE_INT, WIDTH,
                                                  "height", G_TYPE_INT, HEIGHT, "framerate", GST_TYPE_FRACTION, 0, 1, NULL);

  fixture->seen = g_ptr_array_new_with_free_func (g_free);
  fixture->source = make ("appsrc");
  gst_app_src_set_caps (GST_APP_SRC (fixture->source), caps);
  g_object_set (fixture->source, "is-live", TRUE, "format", GST_FORMAT_TIME, NULL);
  watch (fixture, fixture->source);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->capture);
  g_ptr_array_unref (fixture->seen);
  g_clear_error (&fixture->failure);
}

/* A frame with the codes beside each other; without one: gray. */
static void
push (Fixture *fixture, const char *const *texts)
{
  size_t stride = WIDTH * 3;
  uint8_t *frame = g_malloc (stride * HEIGHT);

  memset (frame, 128, stride * HEIGHT);
  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autoptr (GdkPixbuf) picture = tess_qr_render (texts[i], 4, NULL);
      const guchar *pixels = gdk_pixbuf_get_pixels (picture);
      size_t side = (size_t) gdk_pixbuf_get_width (picture), row = (size_t) gdk_pixbuf_get_rowstride (picture);

      g_assert_cmpint (side, <, WIDTH / 2);
      for (size_t y = 0; y < side; y++)
        memcpy (frame + (y + 10) * stride + i * stride / 2, pixels + y * row, side * 3);
    }
  g_assert_cmpint (gst_app_src_push_buffer (GST_APP_SRC (fixture->source), gst_buffer_new_wrapped (frame, stride * HEIGHT)), ==,
                   GST_FLOW_OK);
}

static gboolean
on_late (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Frames of @texts until the last thing seen is @wanted. */
static void
show_until (Fixture *fixture, const char *const *texts, const char *wanted)
{
  gboolean late = FALSE;
  guint timer = g_timeout_add_seconds (WAIT_SECONDS, on_late, &late);

  while (fixture->seen->len == 0 || g_strcmp0 (g_ptr_array_index (fixture->seen, fixture->seen->len - 1), wanted) != 0)
    {
      g_assert_false (late);
      g_assert_no_error (fixture->failure);
      push (fixture, texts);
      g_usleep (5000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_source_remove (timer);
}

static void
test_codes (Fixture *fixture, gconstpointer data)
{
  show_until (fixture, (const char *const[]){ ONE, NULL }, ONE);
  g_assert_cmpint (fixture->readies, ==, 1);
  /* the same again is no news */
  for (int i = 0; i < 3; i++)
    push (fixture, (const char *const[]){ ONE, NULL });
  show_until (fixture, (const char *const[]){ NULL }, "");
  g_assert_cmpint (fixture->seen->len, ==, 2);
  show_until (fixture, (const char *const[]){ OTHER, NULL }, OTHER);
  show_until (fixture, (const char *const[]){ ONE, NULL }, ONE);
  g_assert_cmpint (fixture->readies, ==, 1);
}

static void
test_several (Fixture *fixture, gconstpointer data)
{
  guint found = 0;

  while (found == 0)
    {
      push (fixture, (const char *const[]){ "ONE", OTHER, NULL });
      g_usleep (5000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      for (guint i = 0; i < fixture->seen->len; i++)
        found += strchr (g_ptr_array_index (fixture->seen, i), ' ') != NULL;
    }
}

/* Nothing comes once it is stopped. */
static void
test_stop (Fixture *fixture, gconstpointer data)
{
  show_until (fixture, (const char *const[]){ ONE, NULL }, ONE);
  tess_capture_stop (fixture->capture);
  g_ptr_array_set_size (fixture->seen, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (fixture->seen->len, ==, 0);
}

/* A source that hangs, from outside. */
typedef struct {
  GMutex lock;
  GCond cond;
  gboolean hangs, released, gone;
} Stuck;

static void
on_handoff (GstElement *source, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  Stuck *stuck = data;

  g_mutex_lock (&stuck->lock);
  stuck->hangs = TRUE;
  g_cond_broadcast (&stuck->cond);
  while (!stuck->released)
    g_cond_wait (&stuck->cond, &stuck->lock);
  g_mutex_unlock (&stuck->lock);
}

static void
on_gone (gpointer data, GObject *connection)
{
  ((Stuck *) data)->gone = TRUE;
}

/* Nobody waits for a camera that is stuck, and what it is reached by is kept until it has let go. */
static void
test_stuck (void)
{
  GstElement *source = make ("fakesrc");
  GObject *connection = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GError) error = NULL;
  TessCapture *capture;
  Stuck stuck = { 0 };

  g_mutex_init (&stuck.lock);
  g_cond_init (&stuck.cond);
  g_object_set (source, "signal-handoffs", TRUE, "sizetype", 2, NULL);
  g_signal_connect (source, "handoff", G_CALLBACK (on_handoff), &stuck);
  g_object_weak_ref (connection, on_gone, &stuck);
  capture = tess_capture_new (source, connection, "fakesink", &error);
  g_assert_no_error (error);
  g_object_unref (connection);
  tess_capture_start (capture);
  g_mutex_lock (&stuck.lock);
  while (!stuck.hangs)
    g_cond_wait (&stuck.cond, &stuck.lock);
  g_mutex_unlock (&stuck.lock);
  tess_capture_stop (capture);
  g_object_unref (capture);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_false (stuck.gone);
  g_mutex_lock (&stuck.lock);
  stuck.released = TRUE;
  g_cond_broadcast (&stuck.cond);
  g_mutex_unlock (&stuck.lock);
  while (!stuck.gone)
    g_main_context_iteration (NULL, TRUE);
  g_mutex_clear (&stuck.lock);
  g_cond_clear (&stuck.cond);
}

static void
wait_failure (Fixture *fixture)
{
  gboolean late = FALSE;
  guint timer = g_timeout_add_seconds (WAIT_SECONDS, on_late, &late);

  while (fixture->failure == NULL)
    {
      g_assert_false (late);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
}

/* The camera was unplugged. */
static void
test_end (Fixture *fixture, gconstpointer data)
{
  show_until (fixture, (const char *const[]){ ONE, NULL }, ONE);
  gst_app_src_end_of_stream (GST_APP_SRC (fixture->source));
  wait_failure (fixture);
  g_assert_error (fixture->failure, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND);
}

/* A test picture moves as fast as it can; the source says when it is broken. */
static void
test_sources (void)
{
  Fixture fixture = { .seen = g_ptr_array_new_with_free_func (g_free) };
  GstElement *source = make ("videotestsrc");
  g_autoptr (GError) error = NULL;

  g_object_set (source, "is-live", TRUE, "num-buffers", 20, NULL);
  watch (&fixture, source);
  wait_failure (&fixture);
  g_assert_cmpint (fixture.readies, ==, 1);
  g_assert_cmpint (fixture.seen->len, ==, 0);
  g_clear_object (&fixture.capture);
  g_clear_error (&fixture.failure);

  source = make ("filesrc");
  g_object_set (source, "location", "/nonexistent/camera", NULL);
  watch (&fixture, source);
  wait_failure (&fixture);
  g_assert_error (fixture.failure, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND);
  g_clear_object (&fixture.capture);
  g_clear_error (&fixture.failure);
  g_assert_null (tess_capture_new (make ("videotestsrc"), NULL, "nosuchsink", &error));
  g_assert_error (error, GST_PARSE_ERROR, GST_PARSE_ERROR_NO_SUCH_ELEMENT);
  g_ptr_array_unref (fixture.seen);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  g_test_add ("/ui/capture/codes", Fixture, NULL, set_up, test_codes, tear_down);
  g_test_add ("/ui/capture/several", Fixture, NULL, set_up, test_several, tear_down);
  g_test_add ("/ui/capture/stop", Fixture, NULL, set_up, test_stop, tear_down);
  g_test_add_func ("/ui/capture/stuck", test_stuck);
  g_test_add ("/ui/capture/end", Fixture, NULL, set_up, test_end, tear_down);
  g_test_add_func ("/ui/capture/sources", test_sources);
  return g_test_run ();
}
