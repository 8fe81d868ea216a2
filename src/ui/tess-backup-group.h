/* The group of the preferences about backups. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_BACKUP_GROUP (tess_backup_group_get_type ())
G_DECLARE_FINAL_TYPE (TessBackupGroup, tess_backup_group, TESS, BACKUP_GROUP, AdwPreferencesGroup)

/* Once, before it is shown. */
void tess_backup_group_set_engine (TessBackupGroup *self, TessEngine *engine);

G_END_DECLS
