/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-outbox.h"

#include "base/tess-clock.h"
#include "core/tess-flusher.h"
#include "core/tess-intents.h"
#include "core/tess-outbox-jobs.h"
#include "core/tess-supervisor.h"
#include "net/tess-backoff.h"
#include "net/tess-deposit-link.h"

/* A relay may ask to wait, within reason. */
#define WAIT_MIN_MS 1000
#define WAIT_MAX_MS (60 * 60 * 1000)

typedef struct {
  bool look_again; /* something came while the fiber may have seen nothing */
} Mailbox;

struct _TessOutbox {
  TessCore *core;
  GHashTable *mailboxes; /* GBytes of 32, those with a fiber → Mailbox */
  GHashTable *links;     /* origin → TessDepositLink, connecting or open */
  GHashTable *connects;  /* origin → DexFuture of the connect */
  unsigned busy;
  bool is_looking;       /* the list of mailboxes is being read */
  bool look_again;
  DexPromise *nudge;
};

TessOutbox *
tess_outbox_new (TessCore *core)
{
  TessOutbox *self = g_new0 (TessOutbox, 1);

  self->core = core;
  self->mailboxes = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, g_free);
  self->links = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->connects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, dex_unref);
  self->nudge = dex_promise_new ();
  return self;
}

void
tess_outbox_free (TessOutbox *self)
{
  g_hash_table_unref (self->mailboxes);
  g_hash_table_unref (self->links);
  g_hash_table_unref (self->connects);
  dex_clear (&self->nudge);
  g_free (self);
}

void
tess_outbox_close_links (TessOutbox *self)
{
  GHashTableIter iter;
  gpointer link;

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    tess_deposit_link_close (link);
  g_hash_table_remove_all (self->links);
  g_hash_table_remove_all (self->connects);
}

void
tess_outbox_nudge (TessOutbox *self)
{
  g_autoptr (DexPromise) nudge = g_steal_pointer (&self->nudge);

  self->nudge = dex_promise_new ();
  dex_promise_resolve_boolean (nudge, TRUE);
}

bool
tess_outbox_is_busy (TessOutbox *self)
{
  return self->busy > 0;
}

/* The open link to @origin, shared by all mailboxes there. In a fiber. */
static TessDepositLink *
open_link (TessOutbox *self, const char *origin, GError **error)
{
  TessDepositLink *link = g_hash_table_lookup (self->links, origin);
  DexFuture *connect = g_hash_table_lookup (self->connects, origin);

  if (link != NULL && tess_deposit_link_is_open (link))
    return g_object_ref (link);
  if (link == NULL || connect == NULL || !dex_future_is_pending (connect))
    {
      link = tess_deposit_link_new (origin);
      connect = tess_deposit_link_connect (link);
      g_hash_table_replace (self->links, g_strdup (origin), link);
      g_hash_table_replace (self->connects, g_strdup (origin), connect);
    }
  link = g_object_ref (link);
  if (tess_core_wait (self->core, dex_ref (connect), error))
    return link;
  g_object_unref (link);
  return NULL;
}

typedef enum { NEXT, EMPTY, LATER } Step;

static Step
later (TessDepositTask *task, uint32_t wait_ms)
{
  task->wait_ms = CLAMP (wait_ms, WAIT_MIN_MS, WAIT_MAX_MS);
  return LATER;
}

static Step
take_answer (TessOutbox *self, TessIntent *intent, const TessDepositAnswer *answer)
{
  TessDepositTask *task = intent->object;
  g_autoptr (GError) error = NULL;
  bool wait = answer->status == TESS_DEPOSIT_FULL || answer->status == TESS_DEPOSIT_SLOW_DOWN;

  task->status = answer->status;
  task->wait_ms = CLAMP (answer->retry_after_ms, WAIT_MIN_MS, WAIT_MAX_MS);
  if (!tess_core_run (self->core, tess_outbox_job_answer, intent, &error))
    return later (task, 0);
  if (answer->status > TESS_DEPOSIT_STORED_BEFORE)
    g_info ("a deposit was answered with status %d", answer->status);
  if (task->failure != NULL)
    tess_flusher_failed (self->core->flusher, tess_failure_sentence (task->failure));
  return wait ? LATER : NEXT;
}

/* One entry: loaded, attempted, deposited, answered. */
static Step
deposit_next (TessOutbox *self, TessIntent *intent, TessBackoff *backoff)
{
  TessDepositTask *task = intent->object;
  g_autoptr (GError) error = NULL;
  g_autoptr (TessDepositLink) link = NULL;
  g_autoptr (TessDepositAnswer) answer = NULL;

  if (tess_supervisor_is_replaced (self->core->supervisor))
    return later (task, WAIT_MAX_MS);
  if (!tess_core_run (self->core, tess_outbox_job_next, intent, &error))
    return later (task, tess_backoff_next (backoff));
  if (task->id == 0)
    return EMPTY;
  if (task->next_try_ms > tess_clock_now_ms ())
    return later (task, (uint32_t) MIN (task->next_try_ms - tess_clock_now_ms (), WAIT_MAX_MS));
  link = open_link (self, task->relay, &error);
  if (link == NULL)
    {
      g_info ("a relay cannot be reached for deposits: %s", error->message);
      return later (task, MAX (tess_backoff_next (backoff), tess_net_error_retry_after (error)));
    }
  if (!tess_core_run (self->core, tess_outbox_job_attempt, intent, &error))
    return later (task, tess_backoff_next (backoff));
  if (task->id == 0)
    return NEXT;
  answer = dex_await_boxed (tess_deposit_link_deposit (link, task->device, task->capability, task->deposit_id, task->envelope),
                            &error);
  if (answer == NULL)
    return later (task, tess_backoff_next (backoff));
  tess_backoff_reset (backoff);
  return take_answer (self, intent, answer);
}

static void
work (TessCore *core, gpointer data)
{
  TessOutbox *self = core->outbox;
  g_autoptr (GBytes) mailbox = data;
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  TessDepositTask *task = tess_deposit_task_new (g_bytes_get_data (mailbox, NULL));
  Mailbox *state = g_hash_table_lookup (self->mailboxes, mailbox);
  TessBackoff backoff;
  Step step = NEXT;

  intent->object = task;
  intent->object_free = tess_deposit_task_free;
  tess_backoff_init (&backoff, TESS_BACKOFF_LINK_MIN_MS, TESS_BACKOFF_LINK_MAX_MS);
  tess_supervisor_await_settled (core->supervisor);
  while (!core->is_closing && step != EMPTY)
    {
      state->look_again = false;
      step = deposit_next (self, intent, &backoff);
      if (step == EMPTY && state->look_again)
        step = NEXT;
      if (step != LATER)
        {
          if (step == NEXT)
            tess_core_settled (core);
          continue;
        }
      self->busy--;
      tess_core_settled (core);
      tess_core_sleep (core, (int) task->wait_ms, self->nudge);
      self->busy++;
    }
  self->busy--;
  g_hash_table_remove (self->mailboxes, mailbox);
  tess_core_settled (core);
}

/* Gives each mailbox with something to do a fiber. */
static void
look (TessCore *core, gpointer data)
{
  TessOutbox *self = core->outbox;

  do
    {
      g_autoptr (TessIntent) intent = tess_intent_new (0);
      g_autoptr (GError) error = NULL;

      self->look_again = false;
      if (!tess_core_run (core, tess_outbox_job_mailboxes, intent, &error))
        break;
      for (guint i = 0; i < intent->rows->len && !core->is_closing; i++)
        {
          GBytes *mailbox = g_ptr_array_index (intent->rows, i);

          Mailbox *state = g_hash_table_lookup (self->mailboxes, mailbox);

          if (state != NULL)
            {
              state->look_again = true;
              continue;
            }
          g_hash_table_insert (self->mailboxes, g_bytes_ref (mailbox), g_new0 (Mailbox, 1));
          self->busy++;
          tess_core_spawn (core, work, g_bytes_ref (mailbox));
        }
    }
  while (self->look_again && !core->is_closing);
  self->is_looking = false;
  self->busy--;
  tess_core_settled (core);
}

void
tess_outbox_kick (TessOutbox *self)
{
  self->look_again = true;
  if (self->is_looking || self->core->is_closing)
    return;
  self->is_looking = true;
  self->busy++;
  tess_core_spawn (self->core, look, NULL);
}
