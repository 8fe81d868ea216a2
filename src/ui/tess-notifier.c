/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-notifier.h"

#include "base/tess-limits.h"
#include "ui/tess-await.h"
#include "ui/tess-lock.h"
#include "ui/tess-notifications.h"
#include "ui/tess-settings.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

#define REQUESTS 0 /* the key of all strangers: whoever makes many accounts gets one notification */
#define ID_PREFIX "chat-"

/* One notification. */
typedef struct {
  TessNotifier *owner; /* borrowed */
  gint64 key;          /* the conversation's id, or REQUESTS */
  TessConversation *conversation;
  TessMessage *message; /* the newest */
  guint source;         /* will show it */
  gint64 shown_at;      /* monotonic, 0: never */
  gboolean fresh;       /* something has come since */
  gboolean dismissed;   /* by the person: only something new brings it back */
} Chat;

struct _TessNotifier {
  GObject parent_instance;

  TessEngine *engine;
  TessMainView *view; /* weak */
  TessNotifications *desktop;
  GHashTable *chats;  /* key → Chat */
  gint64 sounded_at;
  guint sweep_source;
};

enum { OPEN, UNSENT, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessNotifier, tess_notifier, G_TYPE_OBJECT)

static char *
id_of (const Chat *chat)
{
  return g_strdup_printf (ID_PREFIX "%" G_GINT64_FORMAT, chat->key);
}

static void
chat_free (gpointer data)
{
  Chat *chat = data;

  g_clear_handle_id (&chat->source, g_source_remove);
  g_signal_handlers_disconnect_by_data (chat->conversation, chat);
  g_signal_handlers_disconnect_by_data (tess_conversation_get_contact (chat->conversation), chat);
  if (chat->message != NULL)
    g_signal_handlers_disconnect_by_data (chat->message, chat);
  g_clear_object (&chat->message);
  g_object_unref (chat->conversation);
  g_free (chat);
}

static void
withdraw (Chat *chat)
{
  g_autofree char *id = id_of (chat);

  tess_notifications_withdraw (chat->owner->desktop, id);
  g_hash_table_remove (chat->owner->chats, &chat->key);
}

static gboolean
is_wanted (TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);

  return tess_settings_get_notifications (tess_settings_get ()) && tess_conversation_get_unread (conversation) > 0
         && !tess_conversation_get_muted (conversation) && !tess_contact_get_blocked (contact);
}

static gint64
key_of (TessConversation *conversation)
{
  return tess_contact_get_accepted (tess_conversation_get_contact (conversation)) ? tess_conversation_get_id (conversation)
                                                                                   : REQUESTS;
}

/* Free with g_free(). */
static char *
count_words (guint unread)
{
  return g_strdup_printf (g_dngettext (NULL, "%u new message", "%u new messages", unread), unread);
}

/* What it says. The words of strangers, and while the session is locked of anybody, do not even leave this process. */
static void
show (Chat *chat)
{
  TessNotifier *self = chat->owner;
  gint64 now = g_get_monotonic_time ();
  gboolean locked = tess_lock_is_locked (tess_lock_get ());
  g_autofree char *id = id_of (chat), *body = NULL;
  TessNotification words = { .quiet = !chat->fresh || now - self->sounded_at < TESS_NOTIFY_SOUND_MS * G_TIME_SPAN_MILLISECOND };

  g_clear_handle_id (&chat->source, g_source_remove);
  if (chat->key == REQUESTS)
    {
      words.title = _("Message Request");
      words.body = _("Somebody who is not a contact wants to write with you.");
    }
  else
    {
      if (!locked && tess_settings_get_message_text (tess_settings_get ()))
        body = tess_text_one_line (tess_message_get_body (chat->message));
      if (body == NULL || *body == '\0')
        {
          g_free (body);
          body = count_words (tess_conversation_get_unread (chat->conversation));
        }
      words.title = locked ? _("Tessera") : tess_contact_get_name (tess_conversation_get_contact (chat->conversation));
      words.body = body;
      words.answers = TRUE;
    }
  if (!words.quiet)
    self->sounded_at = now;
  chat->shown_at = now;
  chat->fresh = FALSE;
  tess_notifications_show (self->desktop, id, &words);
}

static gboolean
on_time (gpointer data)
{
  Chat *chat = data;

  chat->source = 0;
  show (chat);
  return G_SOURCE_REMOVE;
}

/* Now, or when the one before has been there for long enough. */
static void
show_soon (Chat *chat)
{
  gint64 wait = chat->shown_at + TESS_NOTIFY_EVERY_MS * G_TIME_SPAN_MILLISECOND - g_get_monotonic_time ();

  if (chat->source != 0 || chat->dismissed)
    return;
  if (chat->shown_at == 0 || wait <= 0)
    show (chat);
  else
    chat->source = g_timeout_add ((guint) (wait / G_TIME_SPAN_MILLISECOND) + 1, on_time, chat);
}

/* The message was changed or taken back. */
static void
on_message (Chat *chat)
{
  show_soon (chat);
}

static void
on_chat (Chat *chat, GParamSpec *pspec)
{
  if (!is_wanted (chat->conversation) || key_of (chat->conversation) != chat->key)
    withdraw (chat);
  else if (g_str_equal (pspec->name, "name"))
    show_soon (chat);
}

static void
set_message (Chat *chat, TessMessage *message)
{
  if (chat->message != NULL)
    g_signal_handlers_disconnect_by_data (chat->message, chat);
  if (g_set_object (&chat->message, message))
    g_signal_connect_swapped (message, "notify::body", G_CALLBACK (on_message), chat);
}

static void
set_conversation (Chat *chat, TessConversation *conversation)
{
  if (chat->conversation == conversation)
    return;
  if (chat->conversation != NULL)
    {
      g_signal_handlers_disconnect_by_data (chat->conversation, chat);
      g_signal_handlers_disconnect_by_data (tess_conversation_get_contact (chat->conversation), chat);
    }
  g_set_object (&chat->conversation, conversation);
  g_signal_connect_swapped (conversation, "notify", G_CALLBACK (on_chat), chat);
  g_signal_connect_swapped (tess_conversation_get_contact (conversation), "notify", G_CALLBACK (on_chat), chat);
}

static void
on_arrived (TessNotifier *self, TessConversation *conversation, TessMessage *message)
{
  const char *kind = tess_message_get_kind (message);
  gint64 key = key_of (conversation);
  Chat *chat;

  if (!g_str_equal (kind, "text") && !g_str_equal (kind, "unknown"))
    return;
  if (!is_wanted (conversation)
      || (self->view != NULL && tess_main_view_get_seen (self->view) == tess_conversation_get_id (conversation)))
    return;
  chat = g_hash_table_lookup (self->chats, &key);
  if (chat == NULL)
    {
      chat = g_new0 (Chat, 1);
      chat->owner = self;
      chat->key = key;
      g_hash_table_insert (self->chats, &chat->key, chat);
    }
  set_conversation (chat, conversation);
  set_message (chat, message);
  chat->fresh = TRUE;
  chat->dismissed = FALSE;
  show_soon (chat);
}

/* Chats that are not there any more. */
static gboolean
sweep (gpointer data)
{
  TessNotifier *self = data;
  GListModel *conversations = tess_engine_get_conversations (self->engine);
  guint n = g_list_model_get_n_items (conversations);
  g_autoptr (GHashTable) there = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  g_autoptr (GList) chats = g_hash_table_get_values (self->chats);

  self->sweep_source = 0;
  for (guint i = 0; i < n; i++)
    g_hash_table_add (there, g_list_model_get_item (conversations, i));
  for (GList *at = chats; at != NULL; at = at->next)
    if (!g_hash_table_contains (there, ((Chat *) at->data)->conversation))
      withdraw (at->data);
  return G_SOURCE_REMOVE;
}

/* Not at once: a chat that moves in the list is out of it for a moment. */
static void
on_conversations (TessNotifier *self, guint position, guint removed, guint added)
{
  if (removed > added && self->sweep_source == 0 && g_hash_table_size (self->chats) > 0)
    self->sweep_source = g_idle_add (sweep, self);
}

/* Locked, unlocked, or other preferences: at once, since it may be about hiding. */
static void
show_all (TessNotifier *self)
{
  g_autoptr (GList) chats = g_hash_table_get_values (self->chats);

  for (GList *at = chats; at != NULL; at = at->next)
    {
      Chat *chat = at->data;

      if (!is_wanted (chat->conversation))
        withdraw (chat);
      else if (!chat->dismissed)
        show (chat);
    }
}

/* What people choose. */

static TessConversation *
find_conversation (TessNotifier *self, gint64 id)
{
  GListModel *conversations = tess_engine_get_conversations (self->engine);
  guint n = g_list_model_get_n_items (conversations);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (conversations, i);

      if (tess_conversation_get_id (conversation) == id)
        return conversation; /* the list holds it */
    }
  return NULL;
}

static void
on_unread (gpointer owner, const GError *error)
{
  g_info ("a chat could not be marked as read: %s", error->message);
}

typedef struct {
  gint64 id;
  char *text;
} Reply;

static void
reply_free (gpointer data)
{
  g_free (((Reply *) data)->text);
  g_free (data);
}

static void
on_replied (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  const Reply *reply = data;

  if (error != NULL)
    g_signal_emit (owner, signals[UNSENT], 0, reply->id, reply->text, error->message);
}

/* What a notification of an earlier run still shows may be of a chat of which this one knows nothing. */
static void
on_activated (TessNotifier *self, const char *id, guint act, const char *text, const char *token)
{
  gint64 key = g_str_has_prefix (id, ID_PREFIX) ? g_ascii_strtoll (id + strlen (ID_PREFIX), NULL, 10) : REQUESTS;
  Chat *chat = g_hash_table_lookup (self->chats, &key);
  TessConversation *conversation = chat != NULL ? chat->conversation : find_conversation (self, key);
  gboolean replies = act == TESS_NOTIFICATION_REPLY && text != NULL && *text != '\0';

  if (conversation == NULL)
    return;
  if (replies)
    {
      Reply *reply = g_new0 (Reply, 1);

      reply->id = tess_conversation_get_id (conversation);
      reply->text = g_strdup (text);
      tess_await (tess_engine_send_text (self->engine, conversation, text), self, on_replied, reply, reply_free);
    }
  if ((replies || act == TESS_NOTIFICATION_READ) && chat != NULL)
    tess_await_failure (tess_engine_mark_read (self->engine, conversation, chat->message), self, on_unread);
  else if (!replies && act != TESS_NOTIFICATION_READ)
    g_signal_emit (self, signals[OPEN], 0, tess_conversation_get_id (conversation), token);
}

static void
on_dismissed (TessNotifier *self, const char *id)
{
  gint64 key = g_ascii_strtoll (id + strlen (ID_PREFIX), NULL, 10);
  Chat *chat = g_hash_table_lookup (self->chats, &key);

  if (chat == NULL)
    return;
  chat->dismissed = !chat->fresh;
}

TessNotifier *
tess_notifier_new (TessEngine *engine, TessMainView *view, GDBusConnection *bus)
{
  TessNotifier *self = g_object_new (TESS_TYPE_NOTIFIER, NULL);
  TessSettings *settings = tess_settings_get ();

  self->engine = g_object_ref (engine);
  g_set_weak_pointer (&self->view, view);
  self->desktop = tess_notifications_new (bus);
  g_signal_connect_object (engine, "message-arrived", G_CALLBACK (on_arrived), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_engine_get_conversations (engine), "items-changed", G_CALLBACK (on_conversations), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "notify::notifications", G_CALLBACK (show_all), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "notify::message-text", G_CALLBACK (show_all), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_lock_get (), "notify::locked", G_CALLBACK (show_all), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->desktop, "activated", G_CALLBACK (on_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->desktop, "dismissed", G_CALLBACK (on_dismissed), self, G_CONNECT_SWAPPED);
  return self;
}

static void
tess_notifier_dispose (GObject *object)
{
  TessNotifier *self = TESS_NOTIFIER (object);

  g_clear_handle_id (&self->sweep_source, g_source_remove);
  g_hash_table_remove_all (self->chats);
  if (self->desktop != NULL)
    g_object_run_dispose (G_OBJECT (self->desktop));
  g_clear_object (&self->desktop);
  g_clear_weak_pointer (&self->view);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_notifier_parent_class)->dispose (object);
}

static void
tess_notifier_finalize (GObject *object)
{
  g_hash_table_unref (TESS_NOTIFIER (object)->chats);
  G_OBJECT_CLASS (tess_notifier_parent_class)->finalize (object);
}

static void
tess_notifier_class_init (TessNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tess_notifier_dispose;
  G_OBJECT_CLASS (klass)->finalize = tess_notifier_finalize;
  signals[OPEN] = g_signal_new ("open", TESS_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT64,
                                G_TYPE_STRING);
  signals[UNSENT] = g_signal_new ("unsent", TESS_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                  G_TYPE_INT64, G_TYPE_STRING, G_TYPE_STRING);
}

static void
tess_notifier_init (TessNotifier *self)
{
  self->chats = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, chat_free);
}
