/* The schema's versions: private to the store layer. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-db.h"

G_BEGIN_DECLS

/* Brings the open database to the newest version: each step, which ends by setting user_version, in one transaction.
 * Errors: NEWER for a version this program does not know; those of the statements. */
bool tess_schema_migrate (TessDb *db, GError **error);

G_END_DECLS
