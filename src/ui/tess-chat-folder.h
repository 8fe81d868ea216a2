/* A row of the list of chats that stands for a list of its own: requests from strangers, or archived chats. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  TESS_FOLDER_REQUESTS,
  TESS_FOLDER_ARCHIVED,
} TessFolderKind;

#define TESS_TYPE_CHAT_FOLDER (tess_chat_folder_get_type ())
G_DECLARE_FINAL_TYPE (TessChatFolder, tess_chat_folder, TESS, CHAT_FOLDER, GObject)

/* @chats: the conversations in it. */
TessChatFolder *tess_chat_folder_new (TessFolderKind kind, GListModel *chats);
TessFolderKind tess_chat_folder_get_kind (TessChatFolder *self);
GListModel *tess_chat_folder_get_chats (TessChatFolder *self);

G_END_DECLS
