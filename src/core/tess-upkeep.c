/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-upkeep.h"

#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "core/tess-account-keys.h"
#include "core/tess-account.h"
#include "core/tess-intents.h"
#include "core/tess-supervisor.h"
#include "store/tess-queries-search.h"

struct _TessUpkeep {
  TessCore *core;
  int64_t last; /* by the clock; 0: not yet */
  DexPromise *nudge;
};

TessUpkeep *
tess_upkeep_new (TessCore *core)
{
  TessUpkeep *self = g_new0 (TessUpkeep, 1);

  self->core = core;
  self->nudge = dex_promise_new ();
  return self;
}

void
tess_upkeep_free (TessUpkeep *self)
{
  dex_clear (&self->nudge);
  g_free (self);
}

bool
tess_upkeep_job (TessJob *job, gpointer data, GError **error)
{
  return tess_keys_erase_old (job, error) && tess_keys_rotate (job, error) && tess_account_job_resume (job, NULL, error);
}

/* The intent's more: there may be others. */
static bool
index_job (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;

  return tess_db_search_index (job->db, TESS_INDEX_BATCH, &intent->more, error);
}

/* What came since the last look becomes found quickly: a search would have to do it first. */
static void
index_messages (TessCore *core)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autoptr (GError) error = NULL;

  do
    if (!tess_core_run (core, index_job, intent, &error))
      {
        if (!core->is_closing)
          g_warning ("New messages could not be made searchable now: %s", error->message);
        return;
      }
  while (intent->more && !core->is_closing);
}

static bool
is_due (const TessUpkeep *self)
{
  int64_t now = tess_clock_now ();

  return self->last == 0 || now < self->last || now - self->last >= TESS_UPKEEP_INTERVAL;
}

int
tess_upkeep_look_seconds (TessCore *core)
{
  return tess_supervisor_is_saving (core->supervisor) ? TESS_UPKEEP_LOOK_SAVING_SECONDS : TESS_UPKEEP_LOOK_SECONDS;
}

static void
work (TessCore *core, gpointer data)
{
  TessUpkeep *self = core->upkeep;

  while (!core->is_closing)
    {
      g_autoptr (GError) error = NULL;

      if (is_due (self))
        {
          int64_t now = tess_clock_now ();

          if (tess_core_run (core, tess_upkeep_job, NULL, &error))
            self->last = now;
          else if (!core->is_closing)
            g_warning ("What time brings could not be done now: %s", error->message);
          tess_supervisor_upload (core->supervisor);
        }
      index_messages (core);
      tess_core_sleep (core, tess_upkeep_look_seconds (core) * 1000, self->nudge);
    }
}

void
tess_upkeep_start (TessUpkeep *self)
{
  tess_core_spawn (self->core, work, NULL);
}

void
tess_upkeep_nudge (TessUpkeep *self)
{
  g_autoptr (DexPromise) nudge = g_steal_pointer (&self->nudge);

  self->nudge = dex_promise_new ();
  dex_promise_resolve_boolean (nudge, TRUE);
}
