/* The engine's recovery code: made, put in force, a passphrase beside it. And the app lock.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-i18n.h"
#include "core/tess-engine-private.h"
#include "core/tess-profile-lock.h"
#include "core/tess-profile-recovery.h"
#include "core/tess-profile-unlock.h"

struct _TessRecoveryText {
  gatomicrefcount count;
  TessRecoveryCode code;
  TessRecoveryCodeText text;
};

G_DEFINE_BOXED_TYPE (TessRecoveryText, tess_recovery_text, tess_recovery_text_ref, tess_recovery_text_unref)

TessRecoveryText *
tess_recovery_text_ref (TessRecoveryText *self)
{
  g_atomic_ref_count_inc (&self->count);
  return self;
}

void
tess_recovery_text_unref (TessRecoveryText *self)
{
  if (self != NULL && g_atomic_ref_count_dec (&self->count))
    tess_secret_free (self);
}

const char *
tess_recovery_text_get (const TessRecoveryText *self)
{
  return (const char *) self->text.bytes;
}

TessRecoveryState
tess_engine_get_recovery (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), TESS_RECOVERY_NONE);
  return self->core->dir != NULL ? tess_profile_recovery_state (self->core->dir) : TESS_RECOVERY_NONE;
}

typedef struct {
  TessCore *core;
  TessRecoveryText *code; /* or */
  TessPassphrase *passphrase;
  TessPassphrase *present; /* the app lock's until now */
} Change;

static void
change_free (gpointer data)
{
  Change *self = data;

  tess_recovery_text_unref (self->code);
  tess_secret_free (self->passphrase);
  tess_secret_free (self->present);
  tess_core_unref (self->core);
  g_free (self);
}

static bool
fail (GError **error, TessCoreError code, const char *sentence)
{
  g_set_error_literal (error, TESS_CORE_ERROR, code, sentence);
  return false;
}

static bool
has_keys (TessCore *core, GError **error)
{
  return core->keys != NULL
         || fail (error, TESS_CORE_ERROR_RECOVERY_NONE, _("This profile is kept under a passphrase, which alone opens it."));
}

/* One at a time: each reads what is there, takes a second, and writes it. */
static bool
begin (TessCore *core, GError **error)
{
  if (core->is_closing)
    return fail (error, TESS_CORE_ERROR_FAILED, _("The profile was closed."));
  if (core->recovery != NULL)
    return fail (error, TESS_CORE_ERROR_FAILED, _("The recovery file or the app lock is being changed already. Try again."));
  if (core->backup != NULL && !core->registered) /* other keys may come */
    return fail (error, TESS_CORE_ERROR_FAILED, _("A backup is under way already."));
  if (!has_keys (core, error))
    return false;
  core->recovery = dex_promise_new ();
  return true;
}

static void
end (TessCore *core)
{
  g_autoptr (DexPromise) promise = g_steal_pointer (&core->recovery);

  dex_promise_resolve_boolean (promise, TRUE);
}

/* The recovery file goes when a restored account's keys come into the keyring: none is made before. */
static bool
settle (TessCore *core, GError **error)
{
  if (tess_profile_settle (core, error))
    return true;
  tess_core_error_turn (error);
  return false;
}

static DexFuture *
run_confirm (gpointer data)
{
  const Change *change = data;
  TessCore *core = change->core;
  GError *error = NULL;
  bool done;

  if (!begin (core, &error))
    return dex_future_new_for_error (error);
  done = settle (core, &error) && tess_profile_recovery_set_code (core->dir, core->keys, &change->code->code, &error);
  end (core);
  return done ? dex_future_new_true () : dex_future_new_for_error (error);
}

static DexFuture *
run_set_passphrase (gpointer data)
{
  const Change *change = data;
  TessCore *core = change->core;
  GError *error = NULL;
  bool done;

  if (!begin (core, &error))
    return dex_future_new_for_error (error);
  done = settle (core, &error)
         && tess_profile_recovery_set_passphrase (core->dir, core->keys, change->passphrase, &error);
  end (core);
  return done ? dex_future_new_true () : dex_future_new_for_error (error);
}

static DexFuture *
run_set_app_lock (gpointer data)
{
  const Change *change = data;
  TessCore *core = change->core;
  GError *error = NULL;
  bool done;

  if (!begin (core, &error))
    return dex_future_new_for_error (error);
  done = tess_profile_lock_change (core->dir, &core->keys->database, change->present, change->passphrase, &error);
  if (done)
    core->app_lock = change->passphrase != NULL;
  end (core);
  if (done && core->sink != NULL && !core->is_closing)
    core->sink->account (core->sink_data);
  return done ? dex_future_new_true () : dex_future_new_for_error (error);
}

static DexFuture *
change (TessEngine *self, DexFiberFunc fiber, TessRecoveryText *code, const char *present, const char *passphrase)
{
  Change *change = g_new0 (Change, 1);

  change->core = tess_core_ref (self->core);
  change->code = code != NULL ? tess_recovery_text_ref (code) : NULL;
  change->passphrase = tess_passphrase_new (passphrase);
  change->present = tess_passphrase_new (present);
  return tess_core_call (fiber, change, change_free);
}

TessRecoveryText *
tess_recovery_text_make (GError **error)
{
  TessRecoveryText *text = tess_secret_alloc (sizeof *text);

  g_atomic_ref_count_init (&text->count);
  if (tess_recovery_code_generate (&text->code))
    {
      tess_recovery_code_write (&text->code, &text->text);
      return text;
    }
  tess_recovery_text_unref (text);
  tess_core_error_no_random (error);
  return NULL;
}

TessRecoveryText *
tess_engine_make_recovery_code (TessEngine *self, GError **error)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return has_keys (self->core, error) ? tess_recovery_text_make (error) : NULL;
}

DexFuture *
tess_engine_confirm_recovery_code (TessEngine *self, TessRecoveryText *code)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  g_return_val_if_fail (code != NULL, NULL);
  return change (self, run_confirm, code, NULL, NULL);
}

DexFuture *
tess_engine_set_recovery_passphrase (TessEngine *self, const char *passphrase)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return change (self, run_set_passphrase, NULL, NULL, passphrase);
}

TessAppLockState
tess_engine_get_app_lock (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), TESS_APP_LOCK_OFF);
  if (self->core->keys == NULL)
    return TESS_APP_LOCK_PROFILE;
  return self->core->app_lock ? TESS_APP_LOCK_ON : TESS_APP_LOCK_OFF;
}

DexFuture *
tess_engine_set_app_lock (TessEngine *self, const char *present, const char *passphrase)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return change (self, run_set_app_lock, NULL, present, passphrase);
}
