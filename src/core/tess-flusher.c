/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-flusher.h"

#include "base/tess-i18n.h"
#include "core/tess-bundles.h"
#include "core/tess-inbox.h"
#include "core/tess-intents.h"
#include "core/tess-outbox.h"
#include "core/tess-receipts.h"
#include "core/tess-supervisor.h"
#include "store/tess-queries-core.h"

typedef struct {
  DexPromise *promise;
  bool is_measured;
  int64_t outbox;  /* the newest entry and message when the wait began */
  int64_t message;
  char *failure;   /* or NULL */
} Waiter;

struct _TessFlusher {
  TessCore *core;
  GPtrArray *waiters;
  bool is_checking;
  bool again;
};

static void
waiter_clear (gpointer data)
{
  Waiter *self = data;

  dex_clear (&self->promise);
  g_free (self->failure);
}

static void
waiter_release (gpointer data)
{
  g_rc_box_release_full (data, waiter_clear);
}

TessFlusher *
tess_flusher_new (TessCore *core)
{
  TessFlusher *self = g_new0 (TessFlusher, 1);

  self->core = core;
  self->waiters = g_ptr_array_new_with_free_func (waiter_release);
  return self;
}

void
tess_flusher_free (TessFlusher *self)
{
  g_ptr_array_unref (self->waiters);
  g_free (self);
}

static GError *
unreachable (TessCore *core)
{
  if (tess_supervisor_is_replaced (core->supervisor))
    return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_REPLACED, tess_supervisor_get_message (core->supervisor));
  return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE,
                              _("Not everything could be sent now. It will go by itself later."));
}

void
tess_flusher_stop (TessFlusher *self)
{
  g_autoptr (GPtrArray) waiters = g_steal_pointer (&self->waiters);

  self->waiters = g_ptr_array_new_with_free_func (waiter_release);
  for (guint i = 0; i < waiters->len; i++)
    dex_promise_reject (((Waiter *) g_ptr_array_index (waiters, i))->promise, unreachable (self->core));
}

void
tess_flusher_failed (TessFlusher *self, const char *sentence)
{
  for (guint i = 0; i < self->waiters->len; i++)
    g_set_str (&((Waiter *) g_ptr_array_index (self->waiters, i))->failure, sentence);
}

static bool
measure (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;

  return tess_db_unsent_newest (job->db, &intent->expires, &intent->message, error);
}

static bool
count_left (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;

  return tess_db_unsent_count (job->db, intent->expires, intent->message, &intent->count, error);
}

/* TRUE while somebody works on what is queued; a worker that waits for a relay to come back does not. */
static bool
is_busy (TessCore *core)
{
  return tess_supervisor_is_settling (core->supervisor) || tess_outbox_is_busy (core->outbox)
         || tess_bundles_is_busy (core->bundles) || tess_receipts_is_busy (core->receipts);
}

/* TRUE when the wait is over. */
static bool
check_waiter (TessFlusher *self, Waiter *waiter)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autoptr (GError) error = NULL;

  if (!waiter->is_measured)
    {
      if (!tess_core_run (self->core, measure, intent, &error))
        return false;
      waiter->outbox = intent->expires;
      waiter->message = intent->message;
      waiter->is_measured = true;
    }
  intent->expires = waiter->outbox;
  intent->message = waiter->message;
  if (is_busy (self->core) || !tess_core_run (self->core, count_left, intent, &error) || is_busy (self->core))
    return false;
  if (!dex_future_is_pending (DEX_FUTURE (waiter->promise)))
    return true;
  if (intent->count > 0)
    dex_promise_reject (waiter->promise, unreachable (self->core));
  else if (waiter->failure != NULL)
    dex_promise_reject (waiter->promise, g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_REFUSED, waiter->failure));
  else
    dex_promise_resolve_boolean (waiter->promise, TRUE);
  return true;
}

static void
work (TessCore *core, gpointer data)
{
  TessFlusher *self = data;

  do
    {
      self->again = false;
      for (guint i = 0; i < self->waiters->len && !core->is_closing;)
        {
          Waiter *waiter = g_rc_box_acquire (g_ptr_array_index (self->waiters, i));

          if (!check_waiter (self, waiter) || !g_ptr_array_remove (self->waiters, waiter))
            i++;
          waiter_release (waiter);
        }
    }
  while (self->again && !core->is_closing);
  self->is_checking = false;
}

void
tess_flusher_check (TessFlusher *self)
{
  self->again = true;
  if (self->is_checking || self->waiters->len == 0)
    return;
  self->is_checking = true;
  tess_core_spawn (self->core, work, self);
}

DexFuture *
tess_flusher_wait (TessFlusher *self)
{
  Waiter *waiter = g_rc_box_new0 (Waiter);
  DexFuture *future;

  waiter->promise = dex_promise_new ();
  future = dex_ref (DEX_FUTURE (waiter->promise));
  g_ptr_array_add (self->waiters, waiter);
  tess_flusher_check (self);
  return future;
}
