/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-chats.h"

#include "ui/tess-chat-folder.h"

#include <gtk/gtk.h>

typedef enum {
  PART_PINNED,
  PART_OTHERS,
  PART_REQUESTS,
  PART_ARCHIVED,
  N_PARTS,
  PART_NONE, /* blocked strangers: they are in the preferences */
} Part;

struct _TessChats {
  GObject parent_instance;

  GListModel *conversations;
  GtkFilter *filters[N_PARTS];
  GListModel *parts[N_PARTS];
  GListModel *chats;
  GListModel *page;
  GListStore *requests_folder; /* holds it while there are requests */
  GListStore *archived_folder;
};

G_DEFINE_FINAL_TYPE (TessChats, tess_chats, G_TYPE_OBJECT)

static Part
part_of (TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);

  if (!tess_contact_get_accepted (contact) && !tess_contact_get_is_self (contact))
    return tess_contact_get_blocked (contact) ? PART_NONE : PART_REQUESTS;
  if (tess_conversation_get_archived (conversation))
    return PART_ARCHIVED;
  return tess_conversation_get_pinned (conversation) ? PART_PINNED : PART_OTHERS;
}

static gboolean
is_in_part (gpointer item, gpointer part)
{
  return part_of (item) == (Part) GPOINTER_TO_INT (part);
}

static void
on_part_changed (TessChats *self)
{
  for (int part = 0; part < N_PARTS; part++)
    gtk_filter_changed (self->filters[part], GTK_FILTER_CHANGE_DIFFERENT);
}

static void
watch (TessChats *self, TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);

  if (g_signal_handler_find (conversation, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, self) != 0)
    return;
  g_signal_connect_object (conversation, "notify::pinned", G_CALLBACK (on_part_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::archived", G_CALLBACK (on_part_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (contact, "notify::accepted", G_CALLBACK (on_part_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (contact, "notify::blocked", G_CALLBACK (on_part_changed), self, G_CONNECT_SWAPPED);
}

static void
on_conversations_changed (TessChats *self, guint position, guint removed, guint added)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (self->conversations, i);

      watch (self, conversation);
    }
}

/* The folder is there while something is in it. */
static void
show_folder (GListModel *chats, guint position, guint removed, guint added, GListStore *folder)
{
  gboolean wanted = g_list_model_get_n_items (chats) > 0;

  if (wanted == (g_list_model_get_n_items (G_LIST_MODEL (folder)) > 0))
    return;
  if (wanted)
    g_list_store_append (folder, g_object_get_data (G_OBJECT (folder), "folder"));
  else
    g_list_store_remove_all (folder);
}

static GListStore *
folder_new (TessFolderKind kind, GListModel *chats)
{
  GListStore *folder = g_list_store_new (TESS_TYPE_CHAT_FOLDER);

  g_object_set_data_full (G_OBJECT (folder), "folder", tess_chat_folder_new (kind, chats), g_object_unref);
  g_signal_connect_object (chats, "items-changed", G_CALLBACK (show_folder), folder, G_CONNECT_DEFAULT);
  show_folder (chats, 0, 0, 0, folder);
  return folder;
}

/* One list after the other. */
static GListModel *
joined (GListModel *first, GListModel *second, GListModel *third)
{
  GListStore *lists = g_list_store_new (G_TYPE_LIST_MODEL);

  g_list_store_append (lists, first);
  g_list_store_append (lists, second);
  if (third != NULL)
    g_list_store_append (lists, third);
  return G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (lists)));
}

TessChats *
tess_chats_new (GListModel *conversations)
{
  TessChats *self = g_object_new (TESS_TYPE_CHATS, NULL);

  self->conversations = g_object_ref (conversations);
  for (int part = 0; part < N_PARTS; part++)
    {
      self->filters[part] = GTK_FILTER (gtk_custom_filter_new (is_in_part, GINT_TO_POINTER (part), NULL));
      self->parts[part] = G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (conversations),
                                                                   g_object_ref (self->filters[part])));
    }
  self->requests_folder = folder_new (TESS_FOLDER_REQUESTS, self->parts[PART_REQUESTS]);
  self->archived_folder = folder_new (TESS_FOLDER_ARCHIVED, self->parts[PART_ARCHIVED]);
  self->chats = joined (self->parts[PART_PINNED], self->parts[PART_OTHERS], NULL);
  self->page = joined (G_LIST_MODEL (self->requests_folder), self->chats, G_LIST_MODEL (self->archived_folder));
  on_conversations_changed (self, 0, 0, g_list_model_get_n_items (conversations));
  g_signal_connect_object (conversations, "items-changed", G_CALLBACK (on_conversations_changed), self, G_CONNECT_SWAPPED);
  return self;
}

GListModel *
tess_chats_get_chats (TessChats *self)
{
  return self->chats;
}

GListModel *
tess_chats_get_requests (TessChats *self)
{
  return self->parts[PART_REQUESTS];
}

GListModel *
tess_chats_get_archived (TessChats *self)
{
  return self->parts[PART_ARCHIVED];
}

GListModel *
tess_chats_get_page (TessChats *self)
{
  return self->page;
}

gboolean
tess_chats_is_unread (TessConversation *conversation)
{
  return tess_conversation_get_unread (conversation) > 0 || tess_conversation_get_marked_unread (conversation);
}

gboolean
tess_chats_is_named (TessConversation *conversation, const char *text)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  g_auto (GStrv) words = g_str_tokenize_and_fold (text, NULL, NULL);

  /* no word at all would match everybody */
  return words[0] != NULL
         && (g_str_match_string (text, tess_contact_get_name (contact), TRUE)
             || g_str_match_string (text, tess_contact_get_given_name (contact), TRUE));
}

static void
tess_chats_dispose (GObject *object)
{
  TessChats *self = TESS_CHATS (object);

  g_clear_object (&self->page);
  g_clear_object (&self->chats);
  g_clear_object (&self->requests_folder);
  g_clear_object (&self->archived_folder);
  for (int part = 0; part < N_PARTS; part++)
    {
      g_clear_object (&self->parts[part]);
      g_clear_object (&self->filters[part]);
    }
  g_clear_object (&self->conversations);
  G_OBJECT_CLASS (tess_chats_parent_class)->dispose (object);
}

static void
tess_chats_class_init (TessChatsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tess_chats_dispose;
}

static void
tess_chats_init (TessChats *self)
{
}
