/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-tls-stream.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* What a record carries. */
#define RECORD_MAX 16384

/* What the stream and its halves share. */
typedef struct {
  SSL *ssl;
  GSocket *socket;
  bool broken; /* nothing goes over it any more */
} Session;

static void
session_clear (gpointer data)
{
  Session *self = data;

  SSL_free (self->ssl);
  g_object_unref (self->socket);
}

static void
session_unref (Session *self)
{
  g_rc_box_release_full (self, session_clear);
}

static gssize
would_block (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "not now");
  return -1;
}

static gssize
break_off (Session *self, GError **error)
{
  self->broken = true;
  ERR_clear_error ();
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "the TLS connection has ended");
  return -1;
}

/* Reading may have to write: the handshake's answers, which fit in what the system buffers. Where they do not, the peer does not
 * play along. */
static gssize
session_read (Session *self, void *buffer, gsize count, GError **error)
{
  int got;

  if (self->broken)
    return break_off (self, error);
  ERR_clear_error ();
  got = SSL_read (self->ssl, buffer, (int) MIN (count, RECORD_MAX));
  if (got > 0)
    return got;
  switch (SSL_get_error (self->ssl, got))
    {
    case SSL_ERROR_WANT_READ:
      return would_block (error);
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      return break_off (self, error);
    }
}

static bool
can_write (Session *self)
{
  return g_socket_condition_check (self->socket, G_IO_OUT) != 0;
}

/* A record is begun only when the socket can be written: a third of its buffer is free then, far more than the record takes. So
 * no record is ever left half written, to be tried again with the same bytes. */
static gssize
session_write (Session *self, const void *buffer, gsize count, GError **error)
{
  int written;

  if (self->broken)
    return break_off (self, error);
  if (!can_write (self))
    return would_block (error);
  ERR_clear_error ();
  written = SSL_write (self->ssl, buffer, (int) MIN (count, RECORD_MAX));
  return written > 0 ? written : break_off (self, error);
}

static GSource *
session_source (Session *self, gpointer stream, GIOCondition condition, GCancellable *cancellable)
{
  bool ready = self->broken || (condition == G_IO_IN && SSL_pending (self->ssl) > 0);
  g_autoptr (GSource) source = ready ? g_timeout_source_new (0) : g_socket_create_source (self->socket, condition, NULL);

  return g_pollable_source_new_full (stream, source, cancellable);
}

/* -- Input --------------------------------------------------------------------------------------------------------------- */

G_DECLARE_FINAL_TYPE (TessRelayTlsInput, tess_relay_tls_input, TESS_RELAY, TLS_INPUT, GInputStream)

struct _TessRelayTlsInput {
  GInputStream parent;
  Session *session;
};

static gssize
input_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  return session_read (TESS_RELAY_TLS_INPUT (stream)->session, buffer, count, error);
}

static gssize
input_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  return session_read (TESS_RELAY_TLS_INPUT (stream)->session, buffer, count, error);
}

static gboolean
input_is_readable (GPollableInputStream *stream)
{
  Session *session = TESS_RELAY_TLS_INPUT (stream)->session;

  return session->broken || SSL_pending (session->ssl) > 0 || g_socket_condition_check (session->socket, G_IO_IN) != 0;
}

static GSource *
input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  return session_source (TESS_RELAY_TLS_INPUT (stream)->session, stream, G_IO_IN, cancellable);
}

static void
input_interface (GPollableInputStreamInterface *interface)
{
  interface->is_readable = input_is_readable;
  interface->create_source = input_create_source;
  interface->read_nonblocking = input_read_nonblocking;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TessRelayTlsInput, tess_relay_tls_input, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, input_interface))

static void
tess_relay_tls_input_init (TessRelayTlsInput *self)
{
}

static void
input_finalize (GObject *object)
{
  session_unref (TESS_RELAY_TLS_INPUT (object)->session);
  G_OBJECT_CLASS (tess_relay_tls_input_parent_class)->finalize (object);
}

static void
tess_relay_tls_input_class_init (TessRelayTlsInputClass *class)
{
  G_OBJECT_CLASS (class)->finalize = input_finalize;
  G_INPUT_STREAM_CLASS (class)->read_fn = input_read;
}

/* -- Output -------------------------------------------------------------------------------------------------------------- */

G_DECLARE_FINAL_TYPE (TessRelayTlsOutput, tess_relay_tls_output, TESS_RELAY, TLS_OUTPUT, GOutputStream)

struct _TessRelayTlsOutput {
  GOutputStream parent;
  Session *session;
};

static gssize
output_write (GOutputStream *stream, const void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  return session_write (TESS_RELAY_TLS_OUTPUT (stream)->session, buffer, count, error);
}

static gssize
output_write_nonblocking (GPollableOutputStream *stream, const void *buffer, gsize count, GError **error)
{
  return session_write (TESS_RELAY_TLS_OUTPUT (stream)->session, buffer, count, error);
}

/* Small pieces go out in one record. */
static GPollableReturn
output_writev_nonblocking (GPollableOutputStream *stream, const GOutputVector *vectors, gsize count, gsize *written_out,
                           GError **error)
{
  Session *session = TESS_RELAY_TLS_OUTPUT (stream)->session;
  uint8_t record[RECORD_MAX];
  gsize size = 0;
  gssize written;
  g_autoptr (GError) reason = NULL;

  for (gsize i = 0; i < count && size < sizeof record; i++)
    {
      gsize piece = MIN (vectors[i].size, sizeof record - size);

      memcpy (record + size, vectors[i].buffer, piece);
      size += piece;
    }
  written = size > 0 ? session_write (session, record, size, &reason) : 0;
  *written_out = (gsize) MAX (written, 0);
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_POLLABLE_RETURN_WOULD_BLOCK;
  if (written >= 0)
    return G_POLLABLE_RETURN_OK;
  g_propagate_error (error, g_steal_pointer (&reason));
  return G_POLLABLE_RETURN_FAILED;
}

static gboolean
output_is_writable (GPollableOutputStream *stream)
{
  Session *session = TESS_RELAY_TLS_OUTPUT (stream)->session;

  return session->broken || can_write (session);
}

static GSource *
output_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  return session_source (TESS_RELAY_TLS_OUTPUT (stream)->session, stream, G_IO_OUT, cancellable);
}

static void
output_interface (GPollableOutputStreamInterface *interface)
{
  interface->is_writable = output_is_writable;
  interface->create_source = output_create_source;
  interface->write_nonblocking = output_write_nonblocking;
  interface->writev_nonblocking = output_writev_nonblocking;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TessRelayTlsOutput, tess_relay_tls_output, G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM, output_interface))

static void
tess_relay_tls_output_init (TessRelayTlsOutput *self)
{
}

static void
output_finalize (GObject *object)
{
  session_unref (TESS_RELAY_TLS_OUTPUT (object)->session);
  G_OBJECT_CLASS (tess_relay_tls_output_parent_class)->finalize (object);
}

static void
tess_relay_tls_output_class_init (TessRelayTlsOutputClass *class)
{
  G_OBJECT_CLASS (class)->finalize = output_finalize;
  G_OUTPUT_STREAM_CLASS (class)->write_fn = output_write;
}

/* -- Both ---------------------------------------------------------------------------------------------------------------- */

G_DECLARE_FINAL_TYPE (TessRelayTlsStream, tess_relay_tls_stream, TESS_RELAY, TLS_STREAM, GIOStream)

struct _TessRelayTlsStream {
  GIOStream parent;
  Session *session;
  GIOStream *base;
  TessRelayTlsInput *input;
  TessRelayTlsOutput *output;
};

G_DEFINE_FINAL_TYPE (TessRelayTlsStream, tess_relay_tls_stream, G_TYPE_IO_STREAM)

static GInputStream *
get_input (GIOStream *stream)
{
  return G_INPUT_STREAM (TESS_RELAY_TLS_STREAM (stream)->input);
}

static GOutputStream *
get_output (GIOStream *stream)
{
  return G_OUTPUT_STREAM (TESS_RELAY_TLS_STREAM (stream)->output);
}

/* Says goodbye if that costs no waiting. */
static gboolean
close_both (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  TessRelayTlsStream *self = TESS_RELAY_TLS_STREAM (stream);
  Session *session = self->session;

  ERR_clear_error ();
  if (!session->broken && SSL_is_init_finished (session->ssl) && can_write (session))
    SSL_shutdown (session->ssl);
  ERR_clear_error ();
  /* The descriptor is another's soon. */
  session->broken = true;
  return g_io_stream_close (self->base, cancellable, error);
}

static void
tess_relay_tls_stream_init (TessRelayTlsStream *self)
{
}

static void
stream_finalize (GObject *object)
{
  TessRelayTlsStream *self = TESS_RELAY_TLS_STREAM (object);

  g_object_unref (self->input);
  g_object_unref (self->output);
  session_unref (self->session);
  g_object_unref (self->base);
  G_OBJECT_CLASS (tess_relay_tls_stream_parent_class)->finalize (object);
}

static void
tess_relay_tls_stream_class_init (TessRelayTlsStreamClass *class)
{
  G_OBJECT_CLASS (class)->finalize = stream_finalize;
  G_IO_STREAM_CLASS (class)->get_input_stream = get_input;
  G_IO_STREAM_CLASS (class)->get_output_stream = get_output;
  G_IO_STREAM_CLASS (class)->close_fn = close_both;
}

GIOStream *
tess_relay_tls_stream_new (SSL *ssl, GSocketConnection *connection)
{
  TessRelayTlsStream *self = g_object_new (tess_relay_tls_stream_get_type (), NULL);
  Session *session = g_rc_box_new0 (Session);

  session->ssl = ssl;
  session->socket = g_object_ref (g_socket_connection_get_socket (connection));
  session->broken = SSL_set_fd (ssl, g_socket_get_fd (session->socket)) != 1;
  SSL_set_accept_state (ssl);
  self->session = session;
  self->base = G_IO_STREAM (g_object_ref (connection));
  self->input = g_object_new (tess_relay_tls_input_get_type (), NULL);
  self->input->session = g_rc_box_acquire (session);
  self->output = g_object_new (tess_relay_tls_output_get_type (), NULL);
  self->output->session = g_rc_box_acquire (session);
  return G_IO_STREAM (self);
}
