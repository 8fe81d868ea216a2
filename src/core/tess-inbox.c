/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-inbox.h"

#include "core/tess-intents.h"
#include "core/tess-outbox.h"
#include "core/tess-receive.h"
#include "core/tess-upkeep.h"

#include "base/tess-limits.h"

typedef struct {
  TessMailboxLink *link;
  uint64_t sequence;
  TessMailClass class;
  GBytes *envelope;
} Item;

struct _TessInbox {
  TessCore *core;
  GQueue items;
  bool is_running;
  bool is_ready;      /* the relay has said how much waits */
  bool is_drained;
  uint64_t waiting;   /* then */
  uint64_t handled;   /* on this link */
  uint64_t failing;   /* the sequence whose job failed last, and how often */
  unsigned failures;
  DexPromise *drained;
};

static void
item_free (Item *item)
{
  g_clear_object (&item->link);
  g_bytes_unref (item->envelope);
  g_free (item);
}

TessInbox *
tess_inbox_new (TessCore *core)
{
  TessInbox *self = g_new0 (TessInbox, 1);

  self->core = core;
  g_queue_init (&self->items);
  self->drained = dex_promise_new ();
  return self;
}

void
tess_inbox_free (TessInbox *self)
{
  g_queue_clear_full (&self->items, (GDestroyNotify) item_free);
  dex_clear (&self->drained);
  g_free (self);
}

void
tess_inbox_begin (TessInbox *self)
{
  g_queue_clear_full (&self->items, (GDestroyNotify) item_free);
  self->is_ready = self->is_drained = false;
  self->waiting = self->handled = 0;
}

static void
check_drained (TessInbox *self)
{
  if (self->is_drained || !self->is_ready || self->handled < self->waiting || self->is_running)
    return;
  self->is_drained = true;
  g_debug ("mailbox emptied: %" G_GUINT64_FORMAT " envelopes", self->handled);
  dex_promise_resolve_boolean (self->drained, TRUE);
  tess_outbox_kick (self->core->outbox);
  tess_upkeep_nudge (self->core->upkeep);
  tess_core_settled (self->core);
}

/* Whether the envelope can be at fault: a disk or a memory that fails says nothing about it. */
static bool
is_of_envelope (const GError *error)
{
  if (error->domain == TESS_STORE_ERROR)
    return error->code == TESS_STORE_ERROR_EXISTS || error->code == TESS_STORE_ERROR_MISSING
           || error->code == TESS_STORE_ERROR_FAILED;
  return !g_error_matches (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RESOURCES)
         && !g_error_matches (error, TESS_CRYPTO_ERROR, TESS_CRYPTO_ERROR_RANDOM);
}

/* The intent's more says whether the envelope may be to blame for a failure. */
static bool
receive_job (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  TessReceiveOutcome outcome = TESS_RECEIVED;

  if (!tess_receive (job, intent->bytes, (TessMailClass) intent->count, (uint64_t) intent->message, &outcome, error))
    {
      intent->more = is_of_envelope (*error);
      return false;
    }
  intent->result = (int) outcome;
  return true;
}

static bool
give_up_job (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;

  return tess_receive_give_up (job, intent->bytes, (uint64_t) intent->message, error);
}

/* One envelope must not keep all others from coming: after TESS_MAIL_TRIES failures that can be its own it is let go. */
static bool
give_up (TessInbox *self, Item *item, TessIntent *intent)
{
  if (self->failing != item->sequence)
    self->failures = 0;
  self->failing = item->sequence;
  if (!intent->more || ++self->failures < TESS_MAIL_TRIES)
    return false;
  g_warning ("An envelope could not be handled %u times and is let go", self->failures);
  return tess_core_run (self->core, give_up_job, intent, NULL);
}

/* FALSE when it could not be settled: it has to come again. */
static bool
settle (TessInbox *self, Item *item)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autoptr (GError) error = NULL;

  intent->bytes = g_bytes_ref (item->envelope);
  intent->count = item->class;
  intent->message = (int64_t) item->sequence;
  if (!tess_core_run (self->core, receive_job, intent, &error) && !self->core->is_closing)
    g_warning ("Mail could not be stored: %s", error->message);
  if (error != NULL && (self->core->is_closing || !give_up (self, item, intent)))
    {
      tess_mailbox_link_close (item->link);
      return false;
    }
  g_debug ("mail %" G_GUINT64_FORMAT ": outcome %d", item->sequence, intent->result);
  tess_mailbox_link_ack (item->link, item->sequence);
  return true;
}

static void
work (TessCore *core, gpointer data)
{
  TessInbox *self = data;
  Item *item;

  while (!core->is_closing && self->is_ready && (item = g_queue_pop_head (&self->items)) != NULL)
    {
      TessMailboxLink *link = item->link;

      if (settle (self, item))
        self->handled++;
      else
        while (!g_queue_is_empty (&self->items) && ((Item *) g_queue_peek_head (&self->items))->link == link)
          item_free (g_queue_pop_head (&self->items));
      item_free (item);
    }
  self->is_running = false;
  check_drained (self);
}

/* Mail waits until the relay's ready was looked at: its sequences would hide that the database was rolled back. */
static void
start (TessInbox *self)
{
  if (self->is_running || !self->is_ready || g_queue_is_empty (&self->items))
    return;
  self->is_running = true;
  tess_core_spawn (self->core, work, self);
}

void
tess_inbox_mail (TessInbox *self, TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope)
{
  Item *item = g_new0 (Item, 1);

  item->link = g_object_ref (link);
  item->sequence = sequence;
  item->class = class;
  item->envelope = g_bytes_ref (envelope);
  g_queue_push_tail (&self->items, item);
  start (self);
}

void
tess_inbox_ready (TessInbox *self, uint64_t waiting)
{
  self->is_ready = true;
  self->waiting = waiting;
  start (self);
  check_drained (self);
}

void
tess_inbox_end (TessInbox *self, const GError *reason)
{
  g_autoptr (DexPromise) drained = g_steal_pointer (&self->drained);

  tess_inbox_begin (self);
  self->drained = dex_promise_new ();
  if (dex_future_is_pending (DEX_FUTURE (drained)))
    dex_promise_reject (drained, tess_core_error_take (g_error_copy (reason)));
}

bool
tess_inbox_is_drained (TessInbox *self)
{
  return self->is_drained;
}

DexFuture *
tess_inbox_drained (TessInbox *self)
{
  return dex_ref (DEX_FUTURE (self->drained));
}
