/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-deposit-link.h"

#include "base/tess-limits.h"
#include "net/tess-net-session.h"
#include "net/tess-socket.h"
#include "wire/tess-address.h"

#include <string.h>

#define CLOSE_NORMAL 1000

typedef struct {
  TessDepositLink *link; /* borrowed: the link outlives its deposits */
  DexPromise *promise;
  unsigned timer;
} Deposit;

struct _TessDepositLink {
  GObject parent_instance;
  TessSocket *socket;
  DexPromise *connected; /* until it is settled */
  DexPromise *ended;
  GHashTable *deposits;  /* request -> Deposit */
  uint32_t next_request;
  unsigned idle_timer;
  bool started;
};

G_DEFINE_FINAL_TYPE (TessDepositLink, tess_deposit_link, G_TYPE_OBJECT)

static TessDepositAnswer *
deposit_answer_copy (const TessDepositAnswer *self)
{
  return g_memdup2 (self, sizeof *self);
}

void
tess_deposit_answer_free (TessDepositAnswer *self)
{
  g_free (self);
}

G_DEFINE_BOXED_TYPE (TessDepositAnswer, tess_deposit_answer, deposit_answer_copy, tess_deposit_answer_free)

static GError *
simple_error (TessNetError code)
{
  return tess_net_error_new (code, TESS_CODE_OTHER, 0, NULL);
}

static void
deposit_free (gpointer data)
{
  Deposit *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  dex_clear (&self->promise);
  g_free (self);
}

static gboolean
on_idle (gpointer data)
{
  TessDepositLink *self = data;

  self->idle_timer = 0;
  tess_deposit_link_close (self);
  return G_SOURCE_REMOVE;
}

/* The time without a deposit begins when nothing is unanswered. */
static void
watch_idleness (TessDepositLink *self)
{
  g_clear_handle_id (&self->idle_timer, g_source_remove);
  if (g_hash_table_size (self->deposits) == 0)
    self->idle_timer = g_timeout_add (tess_net_seconds (TESS_NET_DEPOSIT_IDLE_SECONDS), on_idle, self);
}

/* The callbacks below keep the link: whoever waits for a promise may let go of it as soon as that is settled. */
static void
on_socket_opened (void *owner)
{
  g_autoptr (TessDepositLink) self = g_object_ref (owner);

  watch_idleness (self);
  dex_promise_resolve_boolean (self->connected, TRUE);
  dex_clear (&self->connected);
}

static void
on_socket_text (void *owner, const char *text, size_t size)
{
  TessDepositLink *self = owner;

  tess_socket_end_protocol (self->socket, "text on a deposit connection");
}

static void
on_socket_binary (void *owner, GBytes *frame)
{
  g_autoptr (TessDepositLink) self = g_object_ref (owner);
  Deposit *deposit = NULL;
  TessDepositAnswer answer;
  size_t size = 0;
  const uint8_t *data = g_bytes_get_data (frame, &size);

  if (!tess_deposit_answer_parse (data, size, &answer))
    {
      tess_socket_end_protocol (self->socket, "a malformed answer");
      return;
    }
  deposit = g_hash_table_lookup (self->deposits, GUINT_TO_POINTER (answer.request));
  if (deposit == NULL)
    {
      tess_socket_end_protocol (self->socket, "an answer that nobody asked for");
      return;
    }
  answer.retry_after_ms = MIN (answer.retry_after_ms, TESS_NET_RETRY_AFTER_MAX_MS);
  dex_promise_resolve_boxed (deposit->promise, TESS_TYPE_DEPOSIT_ANSWER, deposit_answer_copy (&answer));
  g_hash_table_remove (self->deposits, GUINT_TO_POINTER (answer.request));
  watch_idleness (self);
}

static void
on_socket_ended (void *owner, const GError *reason)
{
  g_autoptr (TessDepositLink) self = g_object_ref (owner);
  GHashTableIter iter;
  gpointer value = NULL;

  g_clear_handle_id (&self->idle_timer, g_source_remove);
  g_hash_table_iter_init (&iter, self->deposits);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    dex_promise_reject (((Deposit *) value)->promise, simple_error (TESS_NET_ERROR_UNKNOWN_OUTCOME));
  g_hash_table_remove_all (self->deposits);
  if (self->connected != NULL)
    dex_promise_reject (self->connected, g_error_copy (reason));
  dex_clear (&self->connected);
  dex_promise_reject (self->ended, g_error_copy (reason));
}

static void
tess_deposit_link_dispose (GObject *object)
{
  TessDepositLink *self = TESS_DEPOSIT_LINK (object);

  tess_deposit_link_close (self);
  g_clear_pointer (&self->socket, tess_socket_free);
  G_OBJECT_CLASS (tess_deposit_link_parent_class)->dispose (object);
}

static void
tess_deposit_link_finalize (GObject *object)
{
  TessDepositLink *self = TESS_DEPOSIT_LINK (object);

  dex_clear (&self->connected);
  dex_clear (&self->ended);
  g_hash_table_unref (self->deposits);
  G_OBJECT_CLASS (tess_deposit_link_parent_class)->finalize (object);
}

static void
tess_deposit_link_class_init (TessDepositLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tess_deposit_link_dispose;
  G_OBJECT_CLASS (klass)->finalize = tess_deposit_link_finalize;
}

static void
tess_deposit_link_init (TessDepositLink *self)
{
  self->ended = dex_promise_new ();
  self->deposits = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, deposit_free);
}

TessDepositLink *
tess_deposit_link_new (const char *origin)
{
  static const TessSocketHandlers handlers = { on_socket_opened, on_socket_text, on_socket_binary, on_socket_ended };
  TessDepositLink *self = NULL;

  g_return_val_if_fail (tess_origin_check (origin), NULL);
  self = g_object_new (TESS_TYPE_DEPOSIT_LINK, NULL);
  self->socket = tess_socket_new (origin, TESS_PATH_DEPOSIT, TESS_DEPOSIT_ANSWER_SIZE_MAX, &handlers, self);
  return self;
}

DexFuture *
tess_deposit_link_connect (TessDepositLink *self)
{
  DexPromise *promise = NULL;

  if (tess_socket_has_ended (self->socket))
    return dex_future_new_for_error (simple_error (TESS_NET_ERROR_CLOSED));
  g_return_val_if_fail (!self->started, NULL);
  self->started = true;
  promise = dex_promise_new ();
  self->connected = dex_ref (promise);
  tess_socket_connect (self->socket);
  return DEX_FUTURE (promise);
}

DexFuture *
tess_deposit_link_ended (TessDepositLink *self)
{
  return DEX_FUTURE (dex_ref (self->ended));
}

bool
tess_deposit_link_is_open (TessDepositLink *self)
{
  return tess_socket_is_open (self->socket);
}

void
tess_deposit_link_close (TessDepositLink *self)
{
  if (self->socket != NULL)
    tess_socket_end (self->socket, simple_error (TESS_NET_ERROR_CLOSED), CLOSE_NORMAL);
}

static gboolean
on_deposit_deadline (gpointer data)
{
  Deposit *deposit = data;

  deposit->timer = 0;
  tess_socket_end (deposit->link->socket, simple_error (TESS_NET_ERROR_UNREACHABLE), CLOSE_NORMAL);
  return G_SOURCE_REMOVE;
}

DexFuture *
tess_deposit_link_deposit (TessDepositLink *self, const uint8_t device[static TESS_KEY_SIZE],
                           const uint8_t capability[static TESS_CAPABILITY_SIZE],
                           const uint8_t deposit_id[static TESS_DEPOSIT_ID_SIZE], GBytes *envelope)
{
  TessDepositFrame frame = { .request = self->next_request };
  g_autoptr (GBytes) bytes = NULL;
  DexPromise *promise = NULL;
  Deposit *deposit = NULL;

  if (!tess_deposit_link_is_open (self))
    return dex_future_new_for_error (simple_error (TESS_NET_ERROR_CLOSED));
  if (g_hash_table_size (self->deposits) >= TESS_NET_DEPOSITS_MAX)
    return dex_future_new_for_error (simple_error (TESS_NET_ERROR_TOO_MANY));
  memcpy (frame.device, device, TESS_KEY_SIZE);
  memcpy (frame.capability, capability, TESS_CAPABILITY_SIZE);
  memcpy (frame.id, deposit_id, TESS_DEPOSIT_ID_SIZE);
  frame.envelope = g_bytes_get_data (envelope, &frame.envelope_size);
  bytes = tess_deposit_frame_encode (&frame);
  g_return_val_if_fail (bytes != NULL, NULL);
  self->next_request++;
  promise = dex_promise_new ();
  deposit = g_new0 (Deposit, 1);
  deposit->link = self;
  deposit->promise = dex_ref (promise);
  deposit->timer = g_timeout_add (tess_net_seconds (TESS_NET_REQUEST_SECONDS), on_deposit_deadline, deposit);
  g_hash_table_insert (self->deposits, GUINT_TO_POINTER (frame.request), deposit);
  watch_idleness (self);
  tess_socket_send_binary (self->socket, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return DEX_FUTURE (promise);
}
