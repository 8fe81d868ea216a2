/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* libsoup reads 8 KiB at most ahead of a handshake; all of that comes in the first pieces of this size. */
#define AHEAD_BYTES 16384
#define AHEAD_PIECES_MAX 4

/* GIO's vectors are the system's, so that they need no copy. */
G_STATIC_ASSERT (sizeof (GOutputVector) == sizeof (struct iovec));
G_STATIC_ASSERT (G_STRUCT_OFFSET (GOutputVector, buffer) == G_STRUCT_OFFSET (struct iovec, iov_base));
G_STATIC_ASSERT (G_STRUCT_OFFSET (GOutputVector, size) == G_STRUCT_OFFSET (struct iovec, iov_len));

/* Empties the buffers between the stream and its socket. A piece that is not full was the last; where there was none it may have
 * come from the socket itself, which does no harm, but must not go on for as long as a peer sends fast enough. */
static GByteArray *
take_ahead (GIOStream *stream)
{
  GPollableInputStream *in = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
  GByteArray *ahead = NULL;
  uint8_t piece[AHEAD_BYTES];
  gssize count = sizeof piece;

  for (unsigned i = 0; i < AHEAD_PIECES_MAX && count == sizeof piece; i++)
    {
      count = g_pollable_input_stream_read_nonblocking (in, piece, sizeof piece, NULL, NULL);
      if (count > 0)
        {
          if (ahead == NULL)
            ahead = g_byte_array_new ();
          g_byte_array_append (ahead, piece, (guint) count);
        }
    }
  return ahead;
}

bool
tess_relay_channel_open (TessRelayChannel *self, GIOStream *stream, GSocket *socket, bool plain, GByteArray **ahead_out)
{
  int fd = g_socket_get_fd (socket);

  *ahead_out = NULL;
  *self = (TessRelayChannel) { .fd = plain ? fcntl (fd, F_DUPFD_CLOEXEC, 0) : fd };
  if (self->fd < 0)
    return false;
  if (plain)
    *ahead_out = take_ahead (stream);
  else
    self->stream = g_object_ref (stream);
  return true;
}

void
tess_relay_channel_close (TessRelayChannel *self)
{
  if (self->stream != NULL)
    g_io_stream_close (self->stream, NULL, NULL);
  else if (self->fd >= 0)
    close (self->fd);
  g_clear_object (&self->stream);
  self->fd = -1;
}

static ssize_t
result_of (ssize_t count)
{
  return count >= 0 ? count : errno == EAGAIN || errno == EWOULDBLOCK ? 0 : TESS_RELAY_CHANNEL_OVER;
}

ssize_t
tess_relay_channel_read (TessRelayChannel *self, uint8_t *buffer, size_t size)
{
  g_autoptr (GError) error = NULL;
  ssize_t count;

  if (self->stream == NULL)
    {
      do
        count = recv (self->fd, buffer, size, MSG_DONTWAIT);
      while (count < 0 && errno == EINTR);
      return count != 0 ? result_of (count) : TESS_RELAY_CHANNEL_OVER;
    }
  count = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream)), buffer,
                                                    size, NULL, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return 0;
  return count > 0 ? count : TESS_RELAY_CHANNEL_OVER;
}

ssize_t
tess_relay_channel_write (TessRelayChannel *self, const GOutputVector *vectors, unsigned count)
{
  struct msghdr message = { .msg_iov = (struct iovec *) vectors, .msg_iovlen = count };
  gsize written = 0;

  if (self->stream == NULL)
    {
      ssize_t done;

      do
        done = sendmsg (self->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
      while (done < 0 && errno == EINTR);
      return result_of (done);
    }
  switch (g_pollable_output_stream_writev_nonblocking (G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream)),
                                                       vectors, count, &written, NULL, NULL))
    {
    case G_POLLABLE_RETURN_OK:
      return (ssize_t) written;
    case G_POLLABLE_RETURN_WOULD_BLOCK:
      return 0;
    default:
      return TESS_RELAY_CHANNEL_OVER;
    }
}

bool
tess_relay_channel_is_ahead (const TessRelayChannel *self)
{
  return self->stream != NULL
         && g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream)));
}

bool
tess_relay_channel_shut (TessRelayChannel *self)
{
  return shutdown (self->fd, SHUT_WR) == 0;
}
