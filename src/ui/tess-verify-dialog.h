/* Verifying a contact: each scans the other's code, or both read the safety number aloud.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_VERIFY_DIALOG (tess_verify_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TessVerifyDialog, tess_verify_dialog, TESS, VERIFY_DIALOG, AdwDialog)

/* @number: starts with the safety number. */
AdwDialog *tess_verify_dialog_new (TessEngine *engine, TessConversation *conversation, gboolean number);

G_END_DECLS
