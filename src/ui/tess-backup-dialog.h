/* Makes a backup: what is in it, what opens it, where it is saved, how far it is. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Closing it ends what is under way. */
#define TESS_TYPE_BACKUP_DIALOG (tess_backup_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TessBackupDialog, tess_backup_dialog, TESS, BACKUP_DIALOG, AdwDialog)

AdwDialog *tess_backup_dialog_new (TessEngine *engine);

G_END_DECLS
