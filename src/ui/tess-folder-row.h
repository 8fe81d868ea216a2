/* Requests, or archived chats, as one row of the list of chats. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/tess-chat-folder.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Property sentence (string, read-only, notified): the row for a screen reader. */
#define TESS_TYPE_FOLDER_ROW (tess_folder_row_get_type ())
G_DECLARE_FINAL_TYPE (TessFolderRow, tess_folder_row, TESS, FOLDER_ROW, AdwBin)

/* @folder: NULL shows nothing. */
void tess_folder_row_set_folder (TessFolderRow *self, TessChatFolder *folder);

G_END_DECLS
