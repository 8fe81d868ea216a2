/* What a link takes over from the handshake, and no more. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-channel.h"

#include <sys/socket.h>
#include <unistd.h>

/* A stream with so many bytes to read, as one whose peer sends as fast as it is read. */
#define TEST_TYPE_SOURCE (test_source_get_type ())
G_DECLARE_FINAL_TYPE (TestSource, test_source, TEST, SOURCE, GInputStream)

struct _TestSource {
  GInputStream parent_instance;
  gsize left;
};

static void source_pollable (GPollableInputStreamInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestSource, test_source, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, source_pollable))

static gssize
source_read (GPollableInputStream *stream, void *buffer, gsize size, GError **error)
{
  TestSource *self = TEST_SOURCE (stream);
  gsize count = MIN (size, self->left);

  if (count == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "nothing now");
      return -1;
    }
  for (gsize i = 0; i < count; i++)
    ((uint8_t *) buffer)[i] = (uint8_t) (self->left - i);
  self->left -= count;
  return (gssize) count;
}

static void
source_pollable (GPollableInputStreamInterface *interface)
{
  interface->read_nonblocking = source_read;
}

static void
test_source_class_init (TestSourceClass *klass)
{
}

static void
test_source_init (TestSource *self)
{
}

/* How much of @offered is taken over when a channel is opened. */
static gsize
taken_of (gsize offered)
{
  g_autoptr (TestSource) in = g_object_new (TEST_TYPE_SOURCE, NULL);
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) stream = g_simple_io_stream_new (G_INPUT_STREAM (in), out);
  g_autoptr (GByteArray) ahead = NULL;
  g_autoptr (GSocket) socket = NULL;
  TessRelayChannel channel;
  int pair[2];

  in->left = offered;
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
  socket = g_socket_new_from_fd (pair[0], NULL);
  g_assert_true (tess_relay_channel_open (&channel, stream, socket, true, &ahead));
  tess_relay_channel_close (&channel);
  close (pair[1]);
  g_assert_cmpuint ((ahead != NULL ? ahead->len : 0) + in->left, ==, offered);
  for (gsize i = 0; ahead != NULL && i < ahead->len; i++)
    g_assert_cmpuint (ahead->data[i], ==, (uint8_t) (offered - i));
  return ahead != NULL ? ahead->len : 0;
}

/* libsoup holds up to 8 KiB of what came after a handshake: nothing of that is lost. */
static void
test_read_ahead (void)
{
  g_assert_cmpuint (taken_of (0), ==, 0);
  g_assert_cmpuint (taken_of (1), ==, 1);
  g_assert_cmpuint (taken_of (8192), ==, 8192);
}

/* A peer that sends without a pause fills no memory before the link's own bounds are there. */
static void
test_without_end (void)
{
  g_assert_cmpuint (taken_of (100 * 1024 * 1024), <=, 64 * 1024);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/channel/read-ahead", test_read_ahead);
  g_test_add_func ("/relay/channel/without-end", test_without_end);
  return g_test_run ();
}
