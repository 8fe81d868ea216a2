/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-expiry.h"

#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "core/tess-intents.h"
#include "store/tess-queries-actions.h"

struct _TessExpiry {
  TessCore *core;
  bool is_running;
  bool is_kicked;
  DexPromise *wake;
};

TessExpiry *
tess_expiry_new (TessCore *core)
{
  TessExpiry *self = g_new0 (TessExpiry, 1);

  self->core = core;
  self->wake = dex_promise_new ();
  return self;
}

void
tess_expiry_free (TessExpiry *self)
{
  dex_clear (&self->wake);
  g_free (self);
}

bool
tess_expiry_job (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (GPtrArray) rows = NULL;
  int64_t next;

  if (!tess_db_expiry_due (job->db, job->now_ms, TESS_EXPIRY_BATCH, &rows, error)
      || !tess_db_actions_forget (job->db, (job->now - TESS_EARLY_ACTIONS_KEEP) * 1000, error))
    return false;
  for (guint i = 0; i < rows->len; i++)
    {
      const TessMessageRow *row = g_ptr_array_index (rows, i);

      if (!tess_db_message_remove (job->db, row, error) || !tess_changes_answers (job, row, error))
        return false;
      tess_changes_removed (job->changes, row->conversation, row->id);
    }
  if (!tess_db_expiry_next (job->db, &next, error))
    return false;
  if (intent != NULL)
    intent->expires = next;
  return true;
}

/* Sleeps to the next one, but looks at the clock, which may jump, now and then. Without any it ends: nothing wakes for
 * nothing. */
static void
work (TessCore *core, gpointer data)
{
  TessExpiry *self = core->expiry;
  bool more = true;

  while (more && !core->is_closing)
    {
      g_autoptr (TessIntent) intent = tess_intent_new (0);
      g_autoptr (GError) error = NULL;
      g_autoptr (DexPromise) wake = NULL;
      int64_t wait;

      self->is_kicked = false;
      if (!tess_core_run (core, tess_expiry_job, intent, &error))
        {
          if (!core->is_closing)
            g_warning ("Messages whose time is over could not be erased now: %s", error->message);
          intent->expires = INT64_MAX;
        }
      wait = MIN (MAX (intent->expires - tess_clock_now_ms (), 0), TESS_UPKEEP_LOOK_SECONDS * 1000);
      wake = dex_ref (self->wake);
      if (intent->expires != 0 && !self->is_kicked)
        tess_core_sleep (core, (int) wait, wake);
      more = intent->expires != 0 || self->is_kicked;
    }
  self->is_running = false;
}

void
tess_expiry_start (TessExpiry *self)
{
  if (self->is_running)
    return;
  self->is_running = true;
  tess_core_spawn (self->core, work, NULL);
}

void
tess_expiry_kick (TessExpiry *self)
{
  g_autoptr (DexPromise) wake = g_steal_pointer (&self->wake);

  self->wake = dex_promise_new ();
  self->is_kicked = true;
  dex_promise_resolve_boolean (wake, TRUE);
  tess_expiry_start (self);
}
