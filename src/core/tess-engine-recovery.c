/* The engine's recovery code: made, replaced, a passphrase beside it. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-i18n.h"
#include "core/tess-engine-private.h"
#include "core/tess-profile-recovery.h"

struct _TessRecoveryText {
  gatomicrefcount count;
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
  TessPassphrase *passphrase;
} Change;

static void
change_free (gpointer data)
{
  Change *self = data;

  tess_secret_free (self->passphrase);
  tess_core_unref (self->core);
  g_free (self);
}

/* One at a time: each reads the file, takes a second, and writes it. */
static bool
begin (TessCore *core, GError **error)
{
  if (core->is_closing || core->recovery != NULL)
    {
      g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED,
                           _("The recovery file is being changed already. Try again."));
      return false;
    }
  if (core->keys == NULL)
    {
      g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_RECOVERY_NONE,
                           _("This profile is kept under a passphrase, which alone opens it."));
      return false;
    }
  core->recovery = dex_promise_new ();
  return true;
}

static void
end (TessCore *core)
{
  g_autoptr (DexPromise) promise = g_steal_pointer (&core->recovery);

  dex_promise_resolve_boolean (promise, TRUE);
}

static DexFuture *
run_make (gpointer data)
{
  TessCore *core = ((Change *) data)->core;
  TessRecoveryText *text;
  GError *error = NULL;
  bool done;

  if (!begin (core, &error))
    return dex_future_new_for_error (error);
  text = tess_secret_alloc (sizeof *text);
  g_atomic_ref_count_init (&text->count);
  done = tess_profile_recovery_make (core->dir, core->keys, &text->text, &error);
  end (core);
  if (done)
    return dex_future_new_take_boxed (TESS_TYPE_RECOVERY_TEXT, text);
  tess_recovery_text_unref (text);
  return dex_future_new_for_error (error);
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
  done = tess_profile_recovery_set_passphrase (core->dir, core->keys, change->passphrase, &error);
  end (core);
  return done ? dex_future_new_true () : dex_future_new_for_error (error);
}

static DexFuture *
change (TessEngine *self, DexFiberFunc fiber, const char *passphrase)
{
  Change *change = g_new0 (Change, 1);

  change->core = tess_core_ref (self->core);
  change->passphrase = tess_passphrase_new (passphrase);
  return tess_core_call (fiber, change, change_free);
}

DexFuture *
tess_engine_make_recovery_code (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return change (self, run_make, NULL);
}

DexFuture *
tess_engine_set_recovery_passphrase (TessEngine *self, const char *passphrase)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return change (self, run_set_passphrase, passphrase);
}
