/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-engine-private.h"

#include "base/tess-i18n.h"
#include "base/tess-text.h"
#include "core/tess-account-keys.h"
#include "core/tess-connection.h"
#include "core/tess-entities.h"
#include "core/tess-expiry.h"
#include "core/tess-flusher.h"
#include "core/tess-inbox.h"
#include "core/tess-intents.h"
#include "core/tess-profile-unlock.h"
#include "core/tess-supervisor.h"
#include "core/tess-upkeep.h"
#include "wire/tess-address.h"

#include <string.h>

G_DEFINE_FINAL_TYPE (TessEngine, tess_engine, G_TYPE_OBJECT)

enum { PROP_REGISTERED = 1, PROP_NAME, PROP_RELAY, PROP_DIRECTORY_NAME, PROP_LINK_STATE, PROP_LINK_MESSAGE, PROP_CONVERSATIONS,
       PROP_RECEIPTS_TOLD, PROP_TYPING_TOLD, PROP_APP_LOCK, PROP_BACKUP_TIME, PROP_RESTORED, N_PROPS };
static GParamSpec *properties[N_PROPS];

enum { MESSAGE_ARRIVED, TRUST_CHANGED, CODE_SPENT, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
tess_engine_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TessEngine *self = TESS_ENGINE (object);

  switch (id)
    {
    case PROP_REGISTERED:
      g_value_set_boolean (value, tess_engine_get_registered (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, tess_engine_get_name (self));
      break;
    case PROP_RELAY:
      g_value_set_string (value, tess_engine_get_relay (self));
      break;
    case PROP_DIRECTORY_NAME:
      g_value_set_string (value, tess_engine_get_directory_name (self));
      break;
    case PROP_LINK_STATE:
      g_value_set_enum (value, tess_engine_get_link_state (self));
      break;
    case PROP_LINK_MESSAGE:
      g_value_set_string (value, tess_engine_get_link_message (self));
      break;
    case PROP_CONVERSATIONS:
      g_value_set_object (value, self->conversations);
      break;
    case PROP_RECEIPTS_TOLD:
      g_value_set_boolean (value, tess_engine_get_receipts_told (self));
      break;
    case PROP_TYPING_TOLD:
      g_value_set_boolean (value, tess_engine_get_typing_told (self));
      break;
    case PROP_APP_LOCK:
      g_value_set_int (value, (int) tess_engine_get_app_lock (self));
      break;
    case PROP_BACKUP_TIME:
      g_value_set_int64 (value, tess_engine_get_backup_time (self));
      break;
    case PROP_RESTORED:
      g_value_set_boolean (value, tess_engine_get_restored (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
drop (TessEngine *self)
{
  if (self->core == NULL)
    return;
  tess_core_stop (self->core);
  for (guint i = 0; i < self->histories->len; i++)
    tess_history_detach (g_ptr_array_index (self->histories, i));
}

static void
tess_engine_dispose (GObject *object)
{
  TessEngine *self = TESS_ENGINE (object);

  drop (self);
  for (guint i = 0; i < self->histories->len; i++)
    g_object_weak_unref (g_ptr_array_index (self->histories, i), tess_engine_forget_history, self);
  g_ptr_array_set_size (self->histories, 0);
  G_OBJECT_CLASS (tess_engine_parent_class)->dispose (object);
}

static void
tess_engine_finalize (GObject *object)
{
  TessEngine *self = TESS_ENGINE (object);

  g_clear_pointer (&self->core, tess_core_unref);
  g_clear_object (&self->conversations);
  g_clear_object (&self->everyone);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->histories);
  tess_messages_free (self->messages);
  g_free (self->address);
  G_OBJECT_CLASS (tess_engine_parent_class)->finalize (object);
}

static void
tess_engine_class_init (TessEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = tess_engine_get_property;
  object_class->dispose = tess_engine_dispose;
  object_class->finalize = tess_engine_finalize;
  properties[PROP_REGISTERED] = g_param_spec_boolean ("registered", NULL, NULL, FALSE, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", flags);
  properties[PROP_RELAY] = g_param_spec_string ("relay", NULL, NULL, "", flags);
  properties[PROP_DIRECTORY_NAME] = g_param_spec_string ("directory-name", NULL, NULL, "", flags);
  properties[PROP_LINK_STATE] = g_param_spec_enum ("link-state", NULL, NULL, TESS_TYPE_LINK_STATE, TESS_LINK_OFFLINE, flags);
  properties[PROP_LINK_MESSAGE] = g_param_spec_string ("link-message", NULL, NULL, "", flags);
  properties[PROP_CONVERSATIONS] = g_param_spec_object ("conversations", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  properties[PROP_RECEIPTS_TOLD] = g_param_spec_boolean ("receipts-told", NULL, NULL, TRUE, flags);
  properties[PROP_TYPING_TOLD] = g_param_spec_boolean ("typing-told", NULL, NULL, TRUE, flags);
  properties[PROP_APP_LOCK] =
    g_param_spec_int ("app-lock", NULL, NULL, TESS_APP_LOCK_OFF, TESS_APP_LOCK_PROFILE, TESS_APP_LOCK_OFF, flags);
  properties[PROP_BACKUP_TIME] = g_param_spec_int64 ("backup-time", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_RESTORED] = g_param_spec_boolean ("restored", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[MESSAGE_ARRIVED] = g_signal_new ("message-arrived", TESS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 2, TESS_TYPE_CONVERSATION, TESS_TYPE_MESSAGE);
  signals[TRUST_CHANGED] = g_signal_new ("trust-changed", TESS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                         1, TESS_TYPE_CONVERSATION);
  signals[CODE_SPENT] = g_signal_new ("code-spent", TESS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                      TESS_TYPE_CONVERSATION, G_TYPE_STRING);
}

static void
tess_engine_init (TessEngine *self)
{
  self->conversations = g_list_store_new (TESS_TYPE_CONVERSATION);
  self->everyone = g_list_store_new (TESS_TYPE_CONVERSATION);
  self->by_id = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  self->histories = g_ptr_array_new ();
  self->messages = tess_messages_new ();
}

/* What a job changed, shown. */

static int
compare_conversations (gconstpointer a, gconstpointer b, gpointer data)
{
  gint64 first = tess_conversation_get_pinned ((TessConversation *) a);
  gint64 second = tess_conversation_get_pinned ((TessConversation *) b);

  if (first != second)
    return first > second ? -1 : 1;
  first = tess_conversation_get_time ((TessConversation *) a);
  second = tess_conversation_get_time ((TessConversation *) b);
  if (first != second)
    return first > second ? -1 : 1;
  first = tess_conversation_get_id ((TessConversation *) a);
  second = tess_conversation_get_id ((TessConversation *) b);
  return first > second ? -1 : first < second;
}

static gboolean
is_in_order (GListModel *model, guint position)
{
  g_autoptr (TessConversation) here = g_list_model_get_item (model, position);
  g_autoptr (TessConversation) before = position > 0 ? g_list_model_get_item (model, position - 1) : NULL;
  g_autoptr (TessConversation) after = g_list_model_get_item (model, position + 1);

  return (before == NULL || compare_conversations (before, here, NULL) < 0)
         && (after == NULL || compare_conversations (here, after, NULL) < 0);
}

/* Puts @conversation, which the engine holds, into its place in @list, or out of it. */
static void
place (GListStore *list, TessConversation *conversation, gboolean listed)
{
  guint position;
  gboolean found = g_list_store_find (list, conversation, &position);

  if (found && listed && is_in_order (G_LIST_MODEL (list), position))
    return;
  if (found)
    g_list_store_remove (list, position);
  if (listed)
    g_list_store_insert_sorted (list, conversation, compare_conversations, NULL);
}

TessConversation *
tess_engine_take_conversation (TessEngine *self, const TessConversationData *data)
{
  TessConversation *conversation = g_hash_table_lookup (self->by_id, &data->id);
  gint64 *key;

  if (conversation == NULL)
    {
      conversation = tess_conversation_new (data);
      key = g_new (gint64, 1);
      *key = data->id;
      g_hash_table_insert (self->by_id, key, conversation);
    }
  else
    tess_conversation_update (conversation, data);
  place (self->conversations, conversation, !data->hidden);
  place (self->everyone, conversation, TRUE);
  return conversation;
}

static gboolean
contains (GArray *ids, int64_t id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, int64_t, i) == id)
      return TRUE;
  return FALSE;
}

static void
show_message (TessEngine *self, const TessMessageData *data, gboolean arrived)
{
  g_autoptr (TessMessage) message = tess_messages_take (self->messages, data);
  TessConversation *conversation = g_hash_table_lookup (self->by_id, &data->conversation);

  for (guint i = 0; i < self->histories->len; i++)
    {
      TessHistory *history = g_ptr_array_index (self->histories, i);

      if (tess_history_get_conversation (history) == data->conversation)
        tess_history_apply (history, message);
    }
  if (arrived && conversation != NULL)
    tess_conversation_set_typing (conversation, FALSE);
  if (arrived && conversation != NULL)
    g_signal_emit (self, signals[MESSAGE_ARRIVED], 0, conversation, message);
}

static void
show_removed (TessEngine *self, TessChanges *changes)
{
  for (guint i = 0; i < self->histories->len && changes->removed_ids->len > 0; i++)
    tess_history_remove (g_ptr_array_index (self->histories, i), changes->removed_ids);
  for (guint i = 0; i < changes->removed_ids->len; i++)
    tess_messages_gone (self->messages, g_array_index (changes->removed_ids, int64_t, i));
}

/* What is open of it is empty, and a stranger's is nowhere any more; a contact's only left the list. */
static void
drop_conversation (TessEngine *self, gint64 id, gboolean stays)
{
  TessConversation *conversation = g_hash_table_lookup (self->by_id, &id);

  for (guint i = 0; i < self->histories->len; i++)
    if (tess_history_get_conversation (g_ptr_array_index (self->histories, i)) == id)
      tess_history_clear (g_ptr_array_index (self->histories, i));
  if (conversation == NULL || stays)
    return;
  place (self->conversations, conversation, FALSE);
  place (self->everyone, conversation, FALSE);
  g_hash_table_remove (self->by_id, &id);
}

static void
show_spent (TessEngine *self, const TessChanges *changes)
{
  for (guint i = 0; i < changes->spent_codes->len; i++)
    {
      const TessSpentCode *spent = &g_array_index (changes->spent_codes, TessSpentCode, i);
      TessConversation *conversation = g_hash_table_lookup (self->by_id, &spent->conversation);
      g_autofree char *end = tess_base32_encode (spent->secret, sizeof spent->secret);

      if (conversation != NULL)
        g_signal_emit (self, signals[CODE_SPENT], 0, conversation, end);
    }
}

static void
show_changes (gpointer user_data, TessChanges *changes)
{
  TessEngine *self = user_data;

  g_object_ref (self);
  for (guint i = 0; i < changes->conversations->len; i++)
    tess_engine_take_conversation (self, g_ptr_array_index (changes->conversations, i));
  show_removed (self, changes);
  for (guint i = 0; i < changes->gone_ids->len; i++)
    {
      gint64 id = g_array_index (changes->gone_ids, int64_t, i);
      gboolean stays = FALSE;

      for (guint k = 0; k < changes->conversations->len; k++)
        stays |= ((TessConversationData *) g_ptr_array_index (changes->conversations, k))->id == id;
      drop_conversation (self, id, stays);
    }
  for (guint i = 0; i < changes->messages->len; i++)
    {
      const TessMessageData *data = g_ptr_array_index (changes->messages, i);

      show_message (self, data, contains (changes->arrived_ids, data->row));
    }
  for (guint i = 0; i < changes->trust_ids->len; i++)
    {
      TessConversation *conversation = g_hash_table_lookup (self->by_id, &g_array_index (changes->trust_ids, int64_t, i));

      if (conversation != NULL)
        g_signal_emit (self, signals[TRUST_CHANGED], 0, conversation);
    }
  show_spent (self, changes);
  for (guint i = 0; i < changes->typing_ids->len; i++)
    {
      gint64 id = g_array_index (changes->typing_ids, int64_t, i), key = ABS (id);
      TessConversation *conversation = g_hash_table_lookup (self->by_id, &key);

      if (conversation != NULL)
        tess_conversation_set_typing (conversation, id > 0);
    }
  g_object_unref (self);
}

static void
show_link (gpointer data, TessLinkState state, const char *message)
{
  g_object_notify_by_pspec (data, properties[PROP_LINK_STATE]);
  g_object_notify_by_pspec (data, properties[PROP_LINK_MESSAGE]);
}

static void
show_account (gpointer data)
{
  g_object_notify_by_pspec (data, properties[PROP_REGISTERED]);
  g_object_notify_by_pspec (data, properties[PROP_NAME]);
  g_object_notify_by_pspec (data, properties[PROP_RELAY]);
  g_object_notify_by_pspec (data, properties[PROP_DIRECTORY_NAME]);
  g_object_notify_by_pspec (data, properties[PROP_APP_LOCK]);
  g_object_notify_by_pspec (data, properties[PROP_BACKUP_TIME]);
  g_object_notify_by_pspec (data, properties[PROP_RESTORED]);
}

static const TessCoreSink sink = { show_changes, show_link, show_account };

/* Opening and closing. */

typedef struct {
  char *dir;
  TessPassphrase *passphrase; /* or NULL */
  TessPassphrase *typed;      /* to recover, or NULL */
  gboolean ask;
} Open;

static void
open_free (gpointer data)
{
  Open *self = data;

  g_free (self->dir);
  tess_secret_free (self->passphrase);
  tess_secret_free (self->typed);
  g_free (self);
}

/* A profile that is never started does not keep what has expired either. */
static bool
erase_old (TessJob *job, gpointer data, GError **error)
{
  return tess_keys_erase_old (job, error) && tess_expiry_job (job, NULL, error);
}

static DexFuture *
run_open (gpointer data)
{
  Open *open = data;
  g_autoptr (TessEngine) self = NULL;
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autoptr (GError) unerased = NULL;
  TessCore *core;
  GError *error = NULL;

  core = open->typed != NULL ? tess_profile_recover (open->dir, open->typed, open->passphrase, &error)
                             : tess_profile_unlock (open->dir, open->passphrase, open->ask, &error);
  if (core == NULL)
    return dex_future_new_for_error (error);
  self = g_object_new (TESS_TYPE_ENGINE, NULL);
  self->core = core;
  if (!tess_core_run (core, erase_old, NULL, &unerased))
    g_warning ("What has expired could not be erased: %s", unerased->message);
  if (!tess_core_run (core, tess_intent_load_conversations, intent, &error) || !tess_engine_load_address (self, &error))
    return dex_future_new_for_error (error);
  for (guint i = 0; i < intent->rows->len; i++)
    tess_engine_take_conversation (self, g_ptr_array_index (intent->rows, i));
  core->sink = &sink;
  core->sink_data = self;
  return dex_future_new_take_object (g_steal_pointer (&self));
}

static DexFuture *
open_profile (const char *dir, const char *passphrase, const char *typed, gboolean ask)
{
  Open *open = g_new0 (Open, 1);

  tess_connection_load (dir);
  open->dir = g_strdup (dir);
  open->passphrase = tess_passphrase_new (passphrase);
  open->typed = tess_passphrase_new (typed);
  open->ask = ask;
  return tess_core_call (run_open, open, open_free);
}

DexFuture *
tess_engine_open (const char *dir, const char *passphrase)
{
  return open_profile (dir, passphrase, NULL, TRUE);
}

DexFuture *
tess_engine_open_quietly (const char *dir)
{
  return open_profile (dir, NULL, NULL, FALSE);
}

DexFuture *
tess_engine_recover (const char *dir, const char *typed, const char *passphrase)
{
  g_return_val_if_fail (typed != NULL, NULL);
  return open_profile (dir, passphrase, typed, TRUE);
}

static DexFuture *
run_close (gpointer data)
{
  TessEngine *self = data;

  tess_core_await_end (self->core);
  if (self->core->recovery != NULL) /* it needs the folder, and about a second */
    dex_await (dex_ref (DEX_FUTURE (self->core->recovery)), NULL);
  if (self->core->backup != NULL) /* it is told to end */
    dex_await (dex_ref (DEX_FUTURE (self->core->backup)), NULL);
  dex_await (tess_store_close (self->core->store), NULL);
  g_clear_pointer (&self->core->dir, tess_profile_dir_close);
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
tess_engine_close (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  drop (self);
  return tess_core_call (run_close, g_object_ref (self), g_object_unref);
}

void
tess_engine_start (TessEngine *self)
{
  g_return_if_fail (TESS_IS_ENGINE (self));
  if (!self->core->registered || self->core->started)
    return;
  self->core->started = true;
  tess_upkeep_start (self->core->upkeep);
  tess_expiry_start (self->core->expiry);
  tess_supervisor_start (self->core->supervisor);
}

void
tess_engine_nudge (TessEngine *self)
{
  g_return_if_fail (TESS_IS_ENGINE (self));
  if (self->core->started)
    {
      tess_upkeep_nudge (self->core->upkeep);
      tess_supervisor_nudge (self->core->supervisor);
    }
}

void
tess_engine_renew (TessEngine *self)
{
  g_return_if_fail (TESS_IS_ENGINE (self));
  if (self->core->started && !self->core->is_closing)
    {
      tess_upkeep_nudge (self->core->upkeep);
      tess_supervisor_renew (self->core->supervisor);
    }
}

static DexFuture *
not_started (void)
{
  return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE, "%s", _("This profile is not online."));
}

DexFuture *
tess_engine_flush (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return self->core->started && !self->core->is_closing ? tess_flusher_wait (self->core->flusher) : not_started ();
}

DexFuture *
tess_engine_drain (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return self->core->started && !self->core->is_closing ? tess_inbox_drained (self->core->inbox) : not_started ();
}

gboolean
tess_engine_get_registered (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), FALSE);
  return self->core->registered;
}

const char *
tess_engine_get_name (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return self->core->name;
}

const char *
tess_engine_get_relay (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return self->core->relay;
}

TessLinkState
tess_engine_get_link_state (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), TESS_LINK_OFFLINE);
  return tess_supervisor_get_state (self->core->supervisor);
}

const char *
tess_engine_get_link_message (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return tess_supervisor_get_message (self->core->supervisor);
}

GListModel *
tess_engine_get_conversations (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return G_LIST_MODEL (self->conversations);
}

GListModel *
tess_engine_get_everyone (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return G_LIST_MODEL (self->everyone);
}
