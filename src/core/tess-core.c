/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-core.h"

#include "base/tess-clock.h"
#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "core/tess-bundles.h"
#include "core/tess-expiry.h"
#include "core/tess-flusher.h"
#include "core/tess-inbox.h"
#include "core/tess-intents.h"
#include "core/tess-outbox.h"
#include "core/tess-receipts.h"
#include "core/tess-supervisor.h"
#include "core/tess-upkeep.h"
#include "store/tess-queries-keys.h"

TessCore *
tess_core_new (TessProfileDir *dir, TessStore *store, TessIdentity *identity)
{
  TessCore *self = g_new0 (TessCore, 1);

  g_ref_count_init (&self->count);
  self->dir = dir;
  self->store = store;
  self->identity = identity;
  self->name = g_strdup ("");
  self->relay = g_strdup ("");
  self->closing = dex_promise_new ();
  self->ended = dex_promise_new ();
  self->bundles = tess_bundles_new (self);
  self->inbox = tess_inbox_new (self);
  self->outbox = tess_outbox_new (self);
  self->receipts = tess_receipts_new (self);
  self->supervisor = tess_supervisor_new (self);
  self->flusher = tess_flusher_new (self);
  self->upkeep = tess_upkeep_new (self);
  self->expiry = tess_expiry_new (self);
  return self;
}

TessCore *
tess_core_ref (TessCore *self)
{
  g_ref_count_inc (&self->count);
  return self;
}

void
tess_core_unref (TessCore *self)
{
  if (self == NULL || !g_ref_count_dec (&self->count))
    return;
  tess_bundles_free (self->bundles);
  tess_inbox_free (self->inbox);
  tess_outbox_free (self->outbox);
  tess_receipts_free (self->receipts);
  tess_supervisor_free (self->supervisor);
  tess_flusher_free (self->flusher);
  tess_upkeep_free (self->upkeep);
  tess_expiry_free (self->expiry);
  dex_clear (&self->closing);
  dex_clear (&self->ended);
  g_clear_pointer (&self->store, tess_store_unref);
  g_clear_pointer (&self->dir, tess_profile_dir_close);
  g_clear_pointer (&self->identity, tess_identity_unref);
  g_clear_pointer (&self->keys, tess_secret_free);
  g_free (self->name);
  g_free (self->relay);
  g_free (self->directory_name);
  g_free (self);
}

/* What the database thread needs for one job; it owns all of it. */
typedef struct {
  TessIdentity *identity;
  TessCoreJob job;
  gpointer data;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  tess_identity_unref (call->identity);
  if (call->data != NULL)
    tess_intent_unref (call->data);
  g_free (call);
}

static gpointer
run_call (TessDb *db, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (TessChanges) changes = tess_changes_new ();
  TessJob job = { .db = db, .us = call->identity, .changes = changes, .now = tess_clock_now (), .now_ms = tess_clock_now_ms () };

  if (!call->job (&job, call->data, error) || !tess_changes_load (&job, error))
    return NULL;
  return g_steal_pointer (&changes);
}

static void
tell (TessCore *self, TessChanges *changes)
{
  if (self->is_closing)
    return;
  if (self->sink != NULL)
    self->sink->changed (self->sink_data, changes);
  if (!self->started)
    return;
  if (changes->outbox)
    tess_outbox_kick (self->outbox);
  for (guint i = 0; i < changes->bundle_ids->len; i++)
    tess_bundles_want (self->bundles, g_array_index (changes->bundle_ids, int64_t, i));
  if (changes->receipts)
    tess_receipts_arm (self->receipts);
  if (changes->expiry)
    tess_expiry_kick (self->expiry);
}

bool
tess_core_run (TessCore *self, TessCoreJob job, gpointer data, GError **error)
{
  Call *call = g_new0 (Call, 1);
  g_autoptr (TessChanges) changes = NULL;
  GError *local = NULL;

  call->identity = tess_identity_ref (self->identity);
  call->job = job;
  call->data = data != NULL ? tess_intent_ref (data) : NULL;
  changes = tess_store_await (tess_store_run (self->store, run_call, call, call_free, (GDestroyNotify) tess_changes_free),
                              &local);
  if (changes == NULL)
    {
      g_propagate_error (error, tess_core_error_take (local));
      return false;
    }
  tell (self, changes);
  return true;
}

bool
tess_core_wait (TessCore *self, DexFuture *future, GError **error)
{
  return dex_await (dex_future_first (future, dex_ref (DEX_FUTURE (self->closing)), NULL), error);
}

bool
tess_core_sleep (TessCore *self, int msec, DexPromise *wake)
{
  DexFuture *closing = DEX_FUTURE (self->closing);

  /* A timeout is only made when it is waited for: libdex complains of one that is dropped. How the wait ends does not matter. */
  if (self->is_closing)
    return false;
  if (wake == NULL)
    dex_await (dex_future_first (dex_timeout_new_msec (msec), dex_ref (closing), NULL), NULL);
  else if (dex_future_is_pending (DEX_FUTURE (wake)))
    dex_await (dex_future_first (dex_timeout_new_msec (msec), dex_ref (DEX_FUTURE (wake)), dex_ref (closing), NULL), NULL);
  return !self->is_closing;
}

typedef struct {
  TessCore *core;
  TessCoreFiber fiber;
  gpointer data;
} Spawn;

static DexFuture *
run_fiber (gpointer data)
{
  Spawn *spawn = data;

  spawn->fiber (spawn->core, spawn->data);
  return dex_future_new_for_boolean (TRUE);
}

static void
check_ended (TessCore *self)
{
  if (self->is_closing && self->fibers == 0 && dex_future_is_pending (DEX_FUTURE (self->ended)))
    dex_promise_resolve_boolean (self->ended, TRUE);
}

static void
spawn_free (gpointer data)
{
  Spawn *spawn = data;

  spawn->core->fibers--;
  check_ended (spawn->core);
  tess_core_unref (spawn->core);
  g_free (spawn);
}

void
tess_core_spawn (TessCore *self, TessCoreFiber fiber, gpointer data)
{
  Spawn *spawn = g_new0 (Spawn, 1);

  spawn->core = tess_core_ref (self);
  self->fibers++;
  spawn->fiber = fiber;
  spawn->data = data;
  dex_future_disown (dex_scheduler_spawn (NULL, 0, run_fiber, spawn, spawn_free));
}

DexFuture *
tess_core_call (DexFiberFunc fiber, gpointer data, GDestroyNotify data_free)
{
  DexFuture *future = dex_scheduler_spawn (NULL, 0, fiber, data, data_free);

  /* A fiber that nobody waits for would be cancelled, half-way between a commit and showing it. */
  dex_future_disown (dex_ref (future));
  return future;
}

void
tess_core_stop (TessCore *self)
{
  if (self->is_closing)
    return;
  self->is_closing = true;
  self->sink = NULL;
  if (self->backup_progress != NULL)
    tess_progress_cancel (self->backup_progress);
  tess_supervisor_stop (self->supervisor);
  tess_outbox_close_links (self->outbox);
  dex_promise_reject (self->closing,
                      g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE, _("The profile was closed.")));
  tess_flusher_stop (self->flusher);
  check_ended (self);
}

void
tess_core_await_end (TessCore *self)
{
  DexFuture *ended = DEX_FUTURE (self->ended);

  if (dex_future_is_pending (ended))
    dex_await (dex_future_first (dex_ref (ended), dex_timeout_new_seconds (TESS_CLOSE_SECONDS), NULL), NULL);
}

enum { TOLD_RECEIPTS = 1 << 0, TOLD_TYPING = 1 << 1, IS_RESTORED = 1 << 2 };

static bool
load_account (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autofree char *name = NULL;
  g_autofree char *relay = NULL;
  int64_t registered, receipts, typing, restored;

  if (!tess_db_setting_get_text (job->db, TESS_SETTING_NAME, &name, error)
      || !tess_db_setting_get_text (job->db, TESS_SETTING_RELAY, &relay, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_REGISTERED, 0, &registered, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_RESTORED, 0, &restored, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_BACKUP_TIME, 0, &intent->expires, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_RECEIPTS_TOLD, 1, &receipts, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_TYPING_TOLD, 1, &typing, error))
    return false;
  intent->result = (receipts != 0 ? TOLD_RECEIPTS : 0) | (typing != 0 ? TOLD_TYPING : 0)
                   | (restored != 0 && registered == 0 ? IS_RESTORED : 0);
  intent->more = registered != 0;
  intent->text = g_steal_pointer (&name);
  intent->other = g_steal_pointer (&relay);
  return true;
}

bool
tess_core_load_account (TessCore *self, GError **error)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  bool named;

  if (!tess_core_run (self, load_account, intent, error))
    return false;
  self->registered = intent->more;
  self->restored = (intent->result & IS_RESTORED) != 0;
  self->backup_time = intent->expires;
  named = self->registered || self->restored;
  self->receipts_told = (intent->result & TOLD_RECEIPTS) != 0;
  self->typing_told = (intent->result & TOLD_TYPING) != 0;
  g_set_str (&self->name, named && intent->text != NULL ? intent->text : "");
  g_set_str (&self->relay, named && intent->other != NULL ? intent->other : "");
  if (self->sink != NULL)
    self->sink->account (self->sink_data);
  return true;
}

void
tess_core_settled (TessCore *self)
{
  if (!self->is_closing)
    tess_flusher_check (self->flusher);
}
