/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-chat-folder.h"

struct _TessChatFolder {
  GObject parent_instance;

  TessFolderKind kind;
  GListModel *chats;
};

G_DEFINE_FINAL_TYPE (TessChatFolder, tess_chat_folder, G_TYPE_OBJECT)

TessChatFolder *
tess_chat_folder_new (TessFolderKind kind, GListModel *chats)
{
  TessChatFolder *self = g_object_new (TESS_TYPE_CHAT_FOLDER, NULL);

  self->kind = kind;
  self->chats = g_object_ref (chats);
  return self;
}

TessFolderKind
tess_chat_folder_get_kind (TessChatFolder *self)
{
  return self->kind;
}

GListModel *
tess_chat_folder_get_chats (TessChatFolder *self)
{
  return self->chats;
}

static void
tess_chat_folder_dispose (GObject *object)
{
  g_clear_object (&TESS_CHAT_FOLDER (object)->chats);
  G_OBJECT_CLASS (tess_chat_folder_parent_class)->dispose (object);
}

static void
tess_chat_folder_class_init (TessChatFolderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tess_chat_folder_dispose;
}

static void
tess_chat_folder_init (TessChatFolder *self)
{
}
