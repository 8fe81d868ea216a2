/* All there is to know and to decide about one chat. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Properties, read-only: person (boolean): it is a chat with somebody, not one's own notes; contact (boolean, notified): with
 * somebody who was accepted. It closes when the chat is deleted. */
#define TESS_TYPE_DETAILS_DIALOG (tess_details_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TessDetailsDialog, tess_details_dialog, TESS, DETAILS_DIALOG, AdwDialog)

AdwDialog *tess_details_dialog_new (TessEngine *engine, TessConversation *conversation);

G_END_DECLS
