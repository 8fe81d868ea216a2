/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-mailbox-link.h"

#include "base/tess-limits.h"
#include "net/tess-net-session.h"
#include "net/tess-socket.h"
#include "wire/tess-address.h"

#include <string.h>

#define CLOSE_NORMAL 1000

typedef enum {
  STATE_NEW,
  STATE_CONNECTING,
  STATE_CHALLENGE, /* open; the relay speaks first */
  STATE_AUTH,      /* answered; waiting for `ready` */
  STATE_READY,
  STATE_ENDED,
} State;

/* What the answer to a request resolves to. */
typedef enum {
  ANSWER_TRUE,
  ANSWER_ONE_TIME,
  ANSWER_TICKETS,
} Answer;

typedef struct {
  TessMailboxLink *link; /* borrowed: the link outlives its requests */
  DexPromise *promise;
  Answer answer;
  unsigned timer;
} Request;

/* Mail that was handed up and is not acknowledged. */
typedef struct {
  uint64_t sequence;
  size_t size;
} Unacked;

struct _TessMailboxLink {
  GObject parent_instance;
  char *origin;
  uint8_t device[TESS_KEY_SIZE];
  TessMailboxHandlers handlers;
  void *data;
  State state;
  TessSocket *socket;
  DexPromise *connected; /* until it is settled */
  DexPromise *ended;
  unsigned timer;        /* of the handshake */
  GError *last_words;    /* an error about the connection that the relay announced before it closed */
  GHashTable *requests;  /* id -> Request */
  int64_t next_id;
  GQueue unacked;        /* Unacked */
  size_t unacked_bytes;
  uint64_t last_sequence;
  uint64_t last_acked;
};

G_DEFINE_FINAL_TYPE (TessMailboxLink, tess_mailbox_link, G_TYPE_OBJECT)

static TessMailboxReady *
mailbox_ready_copy (const TessMailboxReady *self)
{
  return g_memdup2 (self, sizeof *self);
}

void
tess_mailbox_ready_free (TessMailboxReady *self)
{
  g_free (self);
}

G_DEFINE_BOXED_TYPE (TessMailboxReady, tess_mailbox_ready, mailbox_ready_copy, tess_mailbox_ready_free)

static GError *
simple_error (TessNetError code)
{
  return tess_net_error_new (code, TESS_CODE_OTHER, 0, NULL);
}

static void
request_free (gpointer data)
{
  Request *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  dex_clear (&self->promise);
  g_free (self);
}

static void
reject_requests (TessMailboxLink *self)
{
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->requests);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    dex_promise_reject (((Request *) value)->promise, simple_error (TESS_NET_ERROR_UNKNOWN_OUTCOME));
  g_hash_table_remove_all (self->requests);
}

static void
on_socket_ended (void *owner, const GError *reason)
{
  g_autoptr (TessMailboxLink) self = g_object_ref (owner); /* whoever hears of the end may let go of it */
  const GError *told = reason;

  self->state = STATE_ENDED;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->last_words != NULL && g_error_matches (reason, TESS_NET_ERROR, TESS_NET_ERROR_UNREACHABLE))
    told = self->last_words;
  reject_requests (self);
  if (self->connected != NULL)
    dex_promise_reject (self->connected, g_error_copy (told));
  dex_clear (&self->connected);
  dex_promise_reject (self->ended, g_error_copy (told));
}

static gboolean
on_handshake_deadline (gpointer data)
{
  TessMailboxLink *self = data;
  g_autoptr (TessMailboxLink) held = g_object_ref (self);

  self->timer = 0;
  tess_socket_end (self->socket, simple_error (TESS_NET_ERROR_UNREACHABLE), CLOSE_NORMAL);
  return G_SOURCE_REMOVE;
}

static void
on_socket_opened (void *owner)
{
  TessMailboxLink *self = owner;

  self->state = STATE_CHALLENGE;
  self->timer = g_timeout_add (tess_net_seconds (TESS_NET_HANDSHAKE_SECONDS), on_handshake_deadline, self);
}

static void
on_challenge (TessMailboxLink *self, const TessNotice *notice)
{
  g_autoptr (TessRequest) auth = tess_request_new (TESS_REQUEST_AUTH);
  g_autofree char *text = NULL;

  if (self->state != STATE_CHALLENGE)
    {
      tess_socket_end_protocol (self->socket, "a second challenge");
      return;
    }
  /* A relay that passes on another relay's challenge would be let into our mailbox there. */
  if (strcmp (notice->relay, self->origin) != 0)
    {
      tess_socket_end_protocol (self->socket, "a challenge for another relay");
      return;
    }
  if (!self->handlers.sign (notice->nonce, self->origin, auth->signature, self->data))
    {
      tess_socket_end (self->socket, simple_error (TESS_NET_ERROR_AUTH), CLOSE_NORMAL);
      return;
    }
  memcpy (auth->device, self->device, TESS_KEY_SIZE);
  text = tess_request_build (auth);
  self->state = STATE_AUTH;
  tess_socket_send_text (self->socket, text);
}

static void
on_ready (TessMailboxLink *self, const TessNotice *notice)
{
  TessMailboxReady ready = { notice->registered, notice->waiting, (uint32_t) notice->one_time, notice->acked };

  if (self->state != STATE_AUTH)
    {
      tess_socket_end_protocol (self->socket, "ready out of turn");
      return;
    }
  self->state = STATE_READY;
  self->last_sequence = self->last_acked = notice->acked;
  g_clear_handle_id (&self->timer, g_source_remove);
  dex_promise_resolve_boxed (self->connected, TESS_TYPE_MAILBOX_READY, mailbox_ready_copy (&ready));
  dex_clear (&self->connected);
}

/* FALSE when an answer lacks what was asked for. */
static bool
resolve_request (const Request *request, const TessNotice *notice)
{
  g_autoptr (GStrvBuilder) tickets = NULL;

  switch (request->answer)
    {
    case ANSWER_ONE_TIME:
      if (notice->one_time < 0)
        return false;
      dex_promise_resolve_uint (request->promise, (guint) notice->one_time);
      return true;
    case ANSWER_TICKETS:
      if (notice->tickets == NULL)
        return false;
      tickets = g_strv_builder_new ();
      for (unsigned i = 0; i < notice->tickets->len; i++)
        g_strv_builder_add (tickets, g_ptr_array_index (notice->tickets, i));
      dex_promise_resolve_boxed (request->promise, G_TYPE_STRV, g_strv_builder_end (tickets));
      return true;
    case ANSWER_TRUE:
    default:
      dex_promise_resolve_boolean (request->promise, TRUE);
      return true;
    }
}

static void
on_answer (TessMailboxLink *self, const TessNotice *notice)
{
  Request *request = g_hash_table_lookup (self->requests, &notice->id);

  if (request == NULL)
    {
      tess_socket_end_protocol (self->socket, "an answer that nobody asked for");
      return;
    }
  if (notice->op == TESS_NOTICE_ERROR)
    dex_promise_reject (request->promise, tess_net_error_from_relay (notice->code));
  else if (!resolve_request (request, notice))
    {
      tess_socket_end_protocol (self->socket, "an answer that lacks what was asked for");
      return;
    }
  g_hash_table_remove (self->requests, &notice->id);
}

/* An error without an id; its close follows. */
static void
on_last_words (TessMailboxLink *self, const TessNotice *notice)
{
  g_debug ("the relay says: %s", notice->message);
  g_clear_error (&self->last_words);
  switch (notice->code)
    {
    case TESS_CODE_SLOW_DOWN:
    case TESS_CODE_BUSY:
      self->last_words = tess_net_error_from_relay (notice->code);
      break;
    default:
      self->last_words = tess_net_error_new (TESS_NET_ERROR_PROTOCOL, notice->code, 0, NULL);
      break;
    }
}

static void
on_socket_text (void *owner, const char *text, size_t size)
{
  g_autoptr (TessMailboxLink) self = g_object_ref (owner);
  g_autoptr (GError) error = NULL;
  g_autoptr (TessNotice) notice = tess_notice_parse (text, size, &error);

  if (notice == NULL)
    {
      tess_socket_end_protocol (self->socket, error->message);
      return;
    }
  switch (notice->op)
    {
    case TESS_NOTICE_CHALLENGE:
      on_challenge (self, notice);
      break;
    case TESS_NOTICE_READY:
      on_ready (self, notice);
      break;
    case TESS_NOTICE_ONE_TIME:
      if (self->state != STATE_READY)
        tess_socket_end_protocol (self->socket, "a notice out of turn");
      else if (self->handlers.one_time != NULL)
        self->handlers.one_time (self, (uint32_t) notice->one_time, self->data);
      break;
    case TESS_NOTICE_OK:
    case TESS_NOTICE_ERROR:
    default:
      if (notice->id < 0)
        on_last_words (self, notice);
      else
        on_answer (self, notice);
      break;
    }
}

static void
on_socket_binary (void *owner, GBytes *frame)
{
  g_autoptr (TessMailboxLink) self = g_object_ref (owner);
  g_autoptr (GBytes) envelope = NULL;
  size_t size = 0;
  const uint8_t *data = g_bytes_get_data (frame, &size);
  TessMailFrame mail;
  Unacked *unacked = NULL;

  if (self->state != STATE_READY || !tess_mail_frame_parse (data, size, &mail))
    {
      tess_socket_end_protocol (self->socket, "malformed mail");
      return;
    }
  if (mail.sequence <= self->last_sequence)
    {
      tess_socket_end_protocol (self->socket, "mail out of order");
      return;
    }
  if (self->unacked.length == TESS_MAILBOX_UNACKED_MAX
      || self->unacked_bytes + mail.envelope_size > TESS_MAILBOX_UNACKED_BYTES_MAX)
    {
      tess_socket_end_protocol (self->socket, "more mail than may be outstanding");
      return;
    }
  self->last_sequence = mail.sequence;
  self->unacked_bytes += mail.envelope_size;
  unacked = g_new (Unacked, 1);
  *unacked = (Unacked) { mail.sequence, mail.envelope_size };
  g_queue_push_tail (&self->unacked, unacked);
  envelope = g_bytes_new_from_bytes (frame, TESS_MAIL_HEAD_SIZE, mail.envelope_size);
  self->handlers.mail (self, mail.sequence, mail.class, envelope, self->data);
}

static void
tess_mailbox_link_dispose (GObject *object)
{
  TessMailboxLink *self = TESS_MAILBOX_LINK (object);

  tess_mailbox_link_close (self);
  g_clear_pointer (&self->socket, tess_socket_free);
  G_OBJECT_CLASS (tess_mailbox_link_parent_class)->dispose (object);
}

static void
tess_mailbox_link_finalize (GObject *object)
{
  TessMailboxLink *self = TESS_MAILBOX_LINK (object);

  g_free (self->origin);
  dex_clear (&self->connected);
  dex_clear (&self->ended);
  g_clear_error (&self->last_words);
  g_hash_table_unref (self->requests);
  g_queue_clear_full (&self->unacked, g_free);
  G_OBJECT_CLASS (tess_mailbox_link_parent_class)->finalize (object);
}

static void
tess_mailbox_link_class_init (TessMailboxLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tess_mailbox_link_dispose;
  G_OBJECT_CLASS (klass)->finalize = tess_mailbox_link_finalize;
}

static void
tess_mailbox_link_init (TessMailboxLink *self)
{
  self->ended = dex_promise_new ();
  self->requests = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, request_free);
  self->next_id = 1;
  g_queue_init (&self->unacked);
}

TessMailboxLink *
tess_mailbox_link_new (const char *origin, const uint8_t device[static TESS_KEY_SIZE], const TessMailboxHandlers *handlers,
                       void *data)
{
  static const TessSocketHandlers socket_handlers = { on_socket_opened, on_socket_text, on_socket_binary, on_socket_ended };
  TessMailboxLink *self = NULL;

  g_return_val_if_fail (tess_origin_check (origin), NULL);
  self = g_object_new (TESS_TYPE_MAILBOX_LINK, NULL);
  self->origin = g_strdup (origin);
  memcpy (self->device, device, TESS_KEY_SIZE);
  self->handlers = *handlers;
  self->data = data;
  self->socket = tess_socket_new (origin, TESS_PATH_MAILBOX, TESS_FRAME_BYTES_MAX, &socket_handlers, self);
  return self;
}

DexFuture *
tess_mailbox_link_connect (TessMailboxLink *self)
{
  DexPromise *promise = NULL;

  if (self->state == STATE_ENDED)
    return dex_future_new_for_error (simple_error (TESS_NET_ERROR_CLOSED));
  g_return_val_if_fail (self->state == STATE_NEW, NULL);
  self->state = STATE_CONNECTING;
  promise = dex_promise_new ();
  self->connected = dex_ref (promise);
  tess_socket_connect (self->socket);
  return DEX_FUTURE (promise);
}

DexFuture *
tess_mailbox_link_ended (TessMailboxLink *self)
{
  return DEX_FUTURE (dex_ref (self->ended));
}

void
tess_mailbox_link_close (TessMailboxLink *self)
{
  if (self->socket != NULL)
    tess_socket_end (self->socket, simple_error (TESS_NET_ERROR_CLOSED), CLOSE_NORMAL);
}

bool
tess_mailbox_link_has_moved (TessMailboxLink *self)
{
  return self->socket != NULL && tess_socket_has_moved (self->socket);
}

void
tess_mailbox_link_set_saving (TessMailboxLink *self, bool is_saving)
{
  if (self->socket != NULL)
    tess_socket_set_saving (self->socket, is_saving);
}

unsigned
tess_mailbox_link_ping_seconds (TessMailboxLink *self)
{
  return self->socket != NULL ? tess_socket_ping_seconds (self->socket) : 0;
}

void
tess_mailbox_link_ack (TessMailboxLink *self, uint64_t sequence)
{
  uint8_t frame[TESS_ACK_SIZE];

  if (self->state != STATE_READY || sequence <= self->last_acked)
    return;
  g_return_if_fail (sequence <= self->last_sequence);
  self->last_acked = sequence;
  while (self->unacked.length > 0 && ((Unacked *) g_queue_peek_head (&self->unacked))->sequence <= sequence)
    {
      g_autofree Unacked *unacked = g_queue_pop_head (&self->unacked);

      self->unacked_bytes -= unacked->size;
    }
  tess_ack_encode (sequence, frame);
  tess_socket_send_binary (self->socket, frame, sizeof frame);
}

static gboolean
on_request_deadline (gpointer data)
{
  Request *request = data;
  g_autoptr (TessMailboxLink) held = g_object_ref (request->link);

  request->timer = 0;
  tess_socket_end (held->socket, simple_error (TESS_NET_ERROR_UNREACHABLE), CLOSE_NORMAL);
  return G_SOURCE_REMOVE;
}

/* Sends @request under a fresh id. */
static DexFuture *
ask (TessMailboxLink *self, TessRequest *request, Answer answer)
{
  g_autofree char *text = NULL;
  DexPromise *promise = NULL;
  Request *pending = NULL;

  if (self->state != STATE_READY)
    return dex_future_new_for_error (simple_error (TESS_NET_ERROR_CLOSED));
  if (g_hash_table_size (self->requests) >= TESS_NET_REQUESTS_MAX)
    return dex_future_new_for_error (simple_error (TESS_NET_ERROR_TOO_MANY));
  promise = dex_promise_new ();
  pending = g_new0 (Request, 1);
  pending->link = self;
  pending->promise = dex_ref (promise);
  pending->answer = answer;
  pending->timer = g_timeout_add (tess_net_seconds (TESS_NET_REQUEST_SECONDS), on_request_deadline, pending);
  request->id = (uint64_t) self->next_id;
  g_hash_table_insert (self->requests, g_memdup2 (&self->next_id, sizeof self->next_id), pending);
  self->next_id++;
  text = tess_request_build (request);
  tess_socket_send_text (self->socket, text);
  return DEX_FUTURE (promise);
}

DexFuture *
tess_mailbox_link_register (TessMailboxLink *self, GBytes *device_list, GBytes *prekey, GPtrArray *one_time,
                            const char *invitation)
{
  g_autoptr (TessRequest) request = tess_request_new (TESS_REQUEST_REGISTER);

  request->device_list = g_bytes_ref (device_list);
  request->prekey = g_bytes_ref (prekey);
  request->one_time = g_ptr_array_ref (one_time);
  request->invitation = g_strdup (invitation);
  return ask (self, request, ANSWER_ONE_TIME);
}

DexFuture *
tess_mailbox_link_publish (TessMailboxLink *self, GBytes *prekey, GPtrArray *one_time, bool replace)
{
  g_autoptr (TessRequest) request = tess_request_new (TESS_REQUEST_PUBLISH);

  request->prekey = prekey != NULL ? g_bytes_ref (prekey) : NULL;
  request->one_time = one_time != NULL ? g_ptr_array_ref (one_time) : NULL;
  request->replace = replace;
  return ask (self, request, ANSWER_ONE_TIME);
}

DexFuture *
tess_mailbox_link_devices (TessMailboxLink *self, GBytes *device_list)
{
  g_autoptr (TessRequest) request = tess_request_new (TESS_REQUEST_DEVICES);

  request->device_list = g_bytes_ref (device_list);
  return ask (self, request, ANSWER_TRUE);
}

DexFuture *
tess_mailbox_link_capabilities (TessMailboxLink *self, const uint8_t contact[static TESS_CAPABILITY_SIZE],
                                const uint8_t request_capability[static TESS_CAPABILITY_SIZE])
{
  g_autoptr (TessRequest) request = tess_request_new (TESS_REQUEST_CAPABILITIES);

  tess_capability_hash (contact, request->contact_hash);
  tess_capability_hash (request_capability, request->request_hash);
  return ask (self, request, ANSWER_TRUE);
}

DexFuture *
tess_mailbox_link_name (TessMailboxLink *self, const char *name, const char *address)
{
  g_autoptr (TessRequest) request = tess_request_new (TESS_REQUEST_NAME);

  request->name = g_strdup (name);
  request->address = g_strdup (address);
  return ask (self, request, ANSWER_TRUE);
}

DexFuture *
tess_mailbox_link_tickets (TessMailboxLink *self, unsigned count)
{
  g_autoptr (TessRequest) request = tess_request_new (TESS_REQUEST_TICKETS);

  g_return_val_if_fail (count >= 1 && count <= TESS_TICKETS_MAX, NULL);
  request->count = count;
  return ask (self, request, ANSWER_TICKETS);
}

DexFuture *
tess_mailbox_link_delete (TessMailboxLink *self)
{
  g_autoptr (TessRequest) request = tess_request_new (TESS_REQUEST_DELETE);

  return ask (self, request, ANSWER_TRUE);
}
