/* fakecam FILE WIDTH HEIGHT [NAME]: a camera for PipeWire that shows FILE (RGBA rows) over and over, fifteen times a second, and
 * reads it again at SIGHUP; who begins to look after SIGUSR1 is refused, once. Says "streaming" and "idle" on stdout as somebody
 * begins and ends to look, and "refused".
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <pipewire/pipewire.h>
#include <signal.h>
#include <spa/param/video/format-utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PER_SECOND 15
#define SIDE_MAX 4096

typedef struct {
  struct pw_main_loop *loop;
  struct pw_stream *stream;
  struct spa_source *timer, *mend;
  const char *path;
  uint32_t width, height;
  size_t size;
  unsigned char *frame;
  int refuses, refused;
} Camera;

static int
load (Camera *self)
{
  FILE *file = fopen (self->path, "rb");
  size_t got = file != NULL ? fread (self->frame, 1, self->size, file) : 0;

  if (file != NULL)
    fclose (file);
  return got == self->size;
}

static void
on_process (void *data)
{
  Camera *self = data;
  struct pw_buffer *buffer = pw_stream_dequeue_buffer (self->stream);
  struct spa_data *out;

  if (buffer == NULL)
    return;
  out = &buffer->buffer->datas[0];
  if (out->data != NULL && out->maxsize >= self->size)
    {
      memcpy (out->data, self->frame, self->size);
      out->chunk->offset = 0;
      out->chunk->stride = (int32_t) self->width * 4;
      out->chunk->size = (uint32_t) self->size;
    }
  pw_stream_queue_buffer (self->stream, buffer);
}

static void
on_tick (void *data, uint64_t times)
{
  (void) times;
  pw_stream_trigger_process (((Camera *) data)->stream);
}

static void
on_state (void *data, enum pw_stream_state before, enum pw_stream_state now, const char *error)
{
  Camera *self = data;
  int streaming = now == PW_STREAM_STATE_STREAMING;
  struct timespec first = { 0, streaming }, every = { 0, streaming ? 1000000000 / PER_SECOND : 0 };

  if (error != NULL)
    fprintf (stderr, "fakecam: %s\n", error);
  if (streaming || before == PW_STREAM_STATE_STREAMING)
    puts (streaming ? "streaming" : "idle");
  fflush (stdout);
  pw_loop_update_timer (pw_main_loop_get_loop (self->loop), self->timer, &first, &every, false);
  if (now == PW_STREAM_STATE_ERROR && !self->refused)
    pw_loop_signal_event (pw_main_loop_get_loop (self->loop), self->mend);
}

/* What refuses wants memory of a kind that nobody has. */
static void
on_param (void *data, uint32_t id, const struct spa_pod *param)
{
  Camera *self = data;
  uint8_t room[512];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (room, sizeof room);
  const struct spa_pod *params[1];

  if (param == NULL || id != SPA_PARAM_Format)
    return;
  params[0] = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
                                          SPA_POD_CHOICE_RANGE_Int (4, 2, 8), SPA_PARAM_BUFFERS_blocks, SPA_POD_Int (1),
                                          SPA_PARAM_BUFFERS_size, SPA_POD_Int ((int) self->size), SPA_PARAM_BUFFERS_stride,
                                          SPA_POD_Int ((int) self->width * 4), SPA_PARAM_BUFFERS_dataType,
                                          SPA_POD_CHOICE_FLAGS_Int (self->refuses ? 1 << 30 : 1 << SPA_DATA_MemFd));
  if (self->refuses)
    puts ("refused");
  fflush (stdout);
  self->refused = self->refuses;
  self->refuses = 0;
  pw_stream_update_params (self->stream, params, 1);
}

static void
on_signal (void *data, int number)
{
  Camera *self = data;

  if (number == SIGUSR1)
    self->refuses = 1;
  else if (number != SIGHUP || !load (self))
    pw_main_loop_quit (self->loop);
}

static const struct pw_stream_events events = {
  PW_VERSION_STREAM_EVENTS,
  .state_changed = on_state,
  .param_changed = on_param,
  .process = on_process,
};

static int
connect_stream (Camera *self)
{
  uint8_t room[1024];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (room, sizeof room);
  const struct spa_pod *params[1];

  params[0] = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat, SPA_FORMAT_mediaType,
                                          SPA_POD_Id (SPA_MEDIA_TYPE_video), SPA_FORMAT_mediaSubtype,
                                          SPA_POD_Id (SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_format,
                                          SPA_POD_Id (SPA_VIDEO_FORMAT_RGBA), SPA_FORMAT_VIDEO_size,
                                          SPA_POD_Rectangle (&SPA_RECTANGLE (self->width, self->height)),
                                          SPA_FORMAT_VIDEO_framerate, SPA_POD_Fraction (&SPA_FRACTION (PER_SECOND, 1)));
  return pw_stream_connect (self->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY, PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_MAP_BUFFERS,
                            params, 1);
}

/* After a standstill there is an error in the use that somebody gave up meanwhile; PipeWire does not always tell a stream that
 * has seen one when the next use begins. As a camera's driver would, it goes and comes again. */
static void
on_mend (void *data, uint64_t times)
{
  (void) times;
  pw_stream_disconnect (((Camera *) data)->stream);
  connect_stream (data);
}

int
main (int argc, char **argv)
{
  Camera self = { 0 };
  struct pw_loop *loop;
  const char *name = argc > 4 ? argv[4] : "Fake camera";

  if (argc < 4)
    return 2;
  self.path = argv[1];
  self.width = (uint32_t) strtoul (argv[2], NULL, 10);
  self.height = (uint32_t) strtoul (argv[3], NULL, 10);
  if (self.width == 0 || self.width > SIDE_MAX || self.height == 0 || self.height > SIDE_MAX)
    return 2;
  self.size = (size_t) self.width * self.height * 4;
  self.frame = calloc (1, self.size);
  if (self.frame == NULL || !load (&self))
    return 3;
  pw_init (&argc, &argv);
  self.loop = pw_main_loop_new (NULL);
  loop = pw_main_loop_get_loop (self.loop);
  pw_loop_add_signal (loop, SIGTERM, on_signal, &self);
  pw_loop_add_signal (loop, SIGHUP, on_signal, &self);
  pw_loop_add_signal (loop, SIGUSR1, on_signal, &self);
  self.timer = pw_loop_add_timer (loop, on_tick, &self);
  self.mend = pw_loop_add_event (loop, on_mend, &self);
  self.stream = pw_stream_new_simple (loop, name,
                                      pw_properties_new (PW_KEY_MEDIA_CLASS, "Video/Source", PW_KEY_MEDIA_ROLE, "Camera",
                                                         PW_KEY_NODE_NAME, name, PW_KEY_NODE_DESCRIPTION, name, NULL),
                                      &events, &self);
  if (self.stream == NULL || connect_stream (&self) < 0)
    return 4;
  pw_main_loop_run (self.loop);
  pw_stream_destroy (self.stream);
  pw_main_loop_destroy (self.loop);
  free (self.frame);
  return 0;
}
