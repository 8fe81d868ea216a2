/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-directory.h"

#include "base/tess-clock.h"
#include "base/tess-text.h"
#include "net/tess-net-error-private.h"
#include "net/tess-net-proxy.h"
#include "net/tess-net-session.h"

#include <string.h>

#define READ_SIZE 16384

G_DEFINE_BOXED_TYPE (TessInfo, tess_info, tess_info_copy, tess_info_free)
G_DEFINE_BOXED_TYPE (TessBundle, tess_bundle, tess_bundle_ref, tess_bundle_unref)

/* One question, and what is known of its answer. Belongs to its fiber. */
typedef struct {
  char *uri;
  char *capability; /* for the header, or NULL */
  uint8_t account[TESS_KEY_SIZE];
  char *origin; /* of the names that are asked for, */
  char *name;   /* and what they are or begin with */
  bool prefix;
  SoupMessage *message;
  GCancellable *cancellable;
  unsigned timer;
  unsigned watch; /* of the proxy */
  bool overtaken; /* it changed */
  GByteArray *body;
} Question;

static Question *
question_new (char *uri)
{
  Question *self = g_new0 (Question, 1);

  self->uri = uri;
  self->cancellable = g_cancellable_new ();
  self->body = g_byte_array_new ();
  return self;
}

static void
question_free (gpointer data)
{
  Question *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->watch, tess_net_proxy_unwatch);
  g_cancellable_cancel (self->cancellable); /* what nobody waits for any more */
  g_free (self->uri);
  g_free (self->capability);
  g_free (self->origin);
  g_free (self->name);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_byte_array_unref (self->body);
  g_free (self);
}

static gboolean
on_deadline (gpointer data)
{
  Question *self = data;

  self->timer = 0;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

/* An answer that comes another way than is wanted now is not waited for. */
static void
on_proxy_changed (void *data)
{
  Question *self = data;

  self->overtaken = true;
  g_cancellable_cancel (self->cancellable);
}

/* A question on its way, until libsoup gives the stream of its answer. It may outlive the question. */
typedef struct {
  DexPromise *promise;
  SoupMessage *message;
  GCancellable *question; /* nobody waits any more */
  GCancellable *sending;  /* what libsoup hears of that */
  gulong asked_off;
} Sending;

static void
on_asked_off (GCancellable *question, gpointer data)
{
  Sending *self = data;

  g_cancellable_cancel (self->sending);
}

/* From its headers on an answer is a turn of the main loop away. To give up in that turn makes libsoup (3.6.5) let go of what it
 * holds of the question twice: run_until_read_done() and message_completed() both take it off the queue. */
static void
on_headers (SoupMessage *message, gpointer data)
{
  Sending *self = data;

  g_clear_signal_handler (&self->asked_off, self->question);
  /* libsoup would read on until the body ends, however late that is, and ask again. */
  if (soup_message_get_status (message) == SOUP_STATUS_MISDIRECTED_REQUEST)
    g_cancellable_cancel (self->sending);
}

static void
on_sent (GObject *session, GAsyncResult *result, gpointer data)
{
  Sending *self = data;
  g_autoptr (GError) error = NULL;
  GInputStream *stream = soup_session_send_finish (SOUP_SESSION (session), result, &error);

  if (stream != NULL)
    dex_promise_resolve_object (self->promise, stream);
  else
    dex_promise_reject (self->promise, g_steal_pointer (&error));
  g_clear_signal_handler (&self->asked_off, self->question);
  g_signal_handlers_disconnect_by_data (self->message, self);
  dex_unref (self->promise);
  g_object_unref (self->message);
  g_object_unref (self->question);
  g_object_unref (self->sending);
  g_free (self);
}

/* The stream of the answer's body, or the reason that there is none. */
static DexFuture *
send_message (SoupSession *session, SoupMessage *message, GCancellable *cancellable)
{
  Sending *self = g_new0 (Sending, 1);
  DexPromise *promise = dex_promise_new ();

  self->promise = dex_ref (promise);
  self->message = g_object_ref (message);
  self->question = g_object_ref (cancellable);
  self->sending = g_cancellable_new ();
  self->asked_off = g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_asked_off), self);
  g_signal_connect (message, "got-headers", G_CALLBACK (on_headers), self);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, self->sending, on_sent, self);
  return DEX_FUTURE (promise);
}

static void
on_read (GObject *stream, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  g_autoptr (GError) error = NULL;
  GBytes *bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (stream), result, &error);

  if (bytes != NULL)
    dex_promise_resolve_boxed (promise, G_TYPE_BYTES, bytes);
  else
    dex_promise_reject (promise, g_steal_pointer (&error));
}

/* Reads all of @stream into the question's body. FALSE with PROTOCOL when it is too long. */
static bool
read_body (Question *self, GInputStream *stream, GError **error)
{
  for (;;)
    {
      DexPromise *promise = dex_promise_new ();
      g_autoptr (GError) read_error = NULL;
      g_autoptr (GBytes) bytes = NULL;

      g_input_stream_read_bytes_async (stream, READ_SIZE, G_PRIORITY_DEFAULT, self->cancellable, on_read, dex_ref (promise));
      bytes = dex_await_boxed (DEX_FUTURE (promise), &read_error);
      if (bytes == NULL)
        {
          g_propagate_error (error, tess_net_error_from_io (read_error));
          return false;
        }
      if (g_bytes_get_size (bytes) == 0)
        return true;
      if (self->body->len + g_bytes_get_size (bytes) > TESS_JSON_BYTES_MAX)
        {
          g_propagate_error (error, tess_net_error_new (TESS_NET_ERROR_PROTOCOL, TESS_CODE_OTHER, 0, NULL));
          return false;
        }
      g_byte_array_append (self->body, g_bytes_get_data (bytes, NULL), (unsigned) g_bytes_get_size (bytes));
    }
}

/* Why no answer began. */
static GError *
no_answer (Question *self, const GError *error)
{
  unsigned status = soup_message_get_status (self->message);

  if (self->overtaken)
    return tess_net_error_new (TESS_NET_ERROR_UNREACHABLE, TESS_CODE_OTHER, 0, NULL);
  if (status == SOUP_STATUS_MISDIRECTED_REQUEST)
    return tess_net_error_from_http (status, NULL, TESS_CODE_OTHER);
  return tess_net_message_error (self->message, error);
}

/* In a fiber: asks, and reads the answer into self->body. FALSE for anything but 200. */
static bool
ask (Question *self, GError **error)
{
  g_autoptr (SoupSession) session = tess_net_session_new (error);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GError) send_error = NULL;
  g_autofree char *words = NULL;
  SoupMessageHeaders *headers = NULL;
  TessRelayCode code;

  if (session == NULL)
    return false;
  self->watch = tess_net_proxy_watch (on_proxy_changed, self);
  self->timer = g_timeout_add (tess_net_seconds (tess_net_connect_seconds (TESS_NET_REQUEST_SECONDS)), on_deadline, self);
  self->message = tess_net_message_new (self->uri);
  headers = soup_message_get_request_headers (self->message);
  soup_message_headers_replace (headers, "Connection", "close");
  if (self->capability != NULL)
    soup_message_headers_replace (headers, TESS_CAPABILITY_HEADER, self->capability);
  stream = dex_await_object (send_message (session, self->message, self->cancellable), &send_error);
  if (stream == NULL)
    {
      g_propagate_error (error, no_answer (self, send_error));
      return false;
    }
  if (!read_body (self, stream, error))
    return false;
  if (soup_message_get_status (self->message) == SOUP_STATUS_OK)
    return true;
  code = tess_http_error_parse ((const char *) self->body->data, self->body->len, &words);
  g_propagate_error (error,
                     tess_net_error_from_http (soup_message_get_status (self->message),
                                               soup_message_headers_get_one (soup_message_get_response_headers (self->message),
                                                                             "Retry-After"),
                                               code));
  return false;
}

static DexFuture *
get_info (gpointer data)
{
  Question *self = data;
  g_autoptr (GError) error = NULL;
  TessInfo *info = NULL;

  if (!ask (self, &error))
    {
      /* Whatever breaks the rules so early is no relay. */
      if (g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_PROTOCOL)
          || g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_REFUSED)
          || g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_NOT_FOUND))
        return dex_future_new_for_error (tess_net_error_new (TESS_NET_ERROR_NOT_A_RELAY, TESS_CODE_OTHER, 0, NULL));
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  info = tess_info_parse ((const char *) self->body->data, self->body->len, NULL);
  if (info == NULL)
    return dex_future_new_for_error (tess_net_error_new (TESS_NET_ERROR_NOT_A_RELAY, TESS_CODE_OTHER, 0, NULL));
  return dex_future_new_take_boxed (TESS_TYPE_INFO, info);
}

DexFuture *
tess_directory_get_info (const char *origin)
{
  g_return_val_if_fail (tess_origin_check (origin), NULL);
  return dex_scheduler_spawn (NULL, 0, get_info, question_new (g_strconcat (origin, TESS_PATH_INFO, NULL)), question_free);
}

/* Syntax alone decides whether a relay spoke; anything behind it is a relay that lies. */
static DexFuture *
disbelieve (const GError *error)
{
  bool spoke = !g_error_matches (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED);

  g_debug ("answer refused: %s", error->message);
  return dex_future_new_for_error (tess_net_error_new (spoke ? TESS_NET_ERROR_PROTOCOL : TESS_NET_ERROR_NOT_A_RELAY,
                                                       TESS_CODE_OTHER, 0, NULL));
}

static DexFuture *
get_account (gpointer data)
{
  Question *self = data;
  g_autoptr (GError) error = NULL;
  TessBundle *bundle = NULL;

  if (!ask (self, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  bundle = tess_bundle_parse ((const char *) self->body->data, self->body->len, self->account, tess_clock_now (), &error);
  if (bundle != NULL)
    return dex_future_new_take_boxed (TESS_TYPE_BUNDLE, bundle);
  return disbelieve (error);
}

DexFuture *
tess_directory_get_account (const char *origin, const uint8_t account[static TESS_KEY_SIZE],
                            const uint8_t capability[static TESS_CAPABILITY_SIZE], bool one_time)
{
  g_autofree char *name = tess_base32_encode (account, TESS_KEY_SIZE);
  Question *question = NULL;

  g_return_val_if_fail (tess_origin_check (origin), NULL);
  question = question_new (g_strconcat (origin, TESS_PATH_ACCOUNTS, name, one_time ? "?one_time=1" : "", NULL));
  question->capability = tess_base64_encode (capability, TESS_CAPABILITY_SIZE);
  memcpy (question->account, account, TESS_KEY_SIZE);
  return dex_scheduler_spawn (NULL, 0, get_account, question, question_free);
}

static DexFuture *
get_names (gpointer data)
{
  Question *self = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *names = NULL;

  if (!ask (self, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  names = (self->prefix ? tess_directory_names_parse : tess_directory_name_parse) ((const char *) self->body->data,
                                                                                   self->body->len, self->origin, self->name,
                                                                                   &error);
  return names != NULL ? dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, names) : disbelieve (error);
}

DexFuture *
tess_directory_get_names (const char *origin, const char *name, bool prefix)
{
  Question *question = NULL;

  g_return_val_if_fail (tess_origin_check (origin), NULL);
  g_return_val_if_fail (prefix ? tess_directory_prefix_check (name) : tess_directory_name_check (name), NULL);
  question = question_new (g_strconcat (origin, TESS_PATH_NAMES, prefix ? "?prefix=" : "/", name, NULL));
  question->origin = g_strdup (origin);
  question->name = g_strdup (name);
  question->prefix = prefix;
  return dex_scheduler_spawn (NULL, 0, get_names, question, question_free);
}
