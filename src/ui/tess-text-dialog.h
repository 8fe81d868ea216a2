/* The whole of a message that is too long to stand in the chat. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_TEXT_DIALOG (tess_text_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TessTextDialog, tess_text_dialog, TESS, TEXT_DIALOG, AdwDialog)

AdwDialog *tess_text_dialog_new (const char *text);

G_END_DECLS
