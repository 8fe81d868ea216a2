/* The engine's calls for what is done to messages. SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-engine-private.h"

#include "base/tess-emoji.h"
#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "core/tess-intents-chats.h"

static DexFuture *
bad_text (const char *fault)
{
  return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_TEXT, "%s", fault);
}

static TessIntent *
intent_for (TessConversation *conversation, TessMessage *message)
{
  TessIntent *intent = tess_intent_new (tess_conversation_get_id (conversation));

  intent->message = message != NULL ? tess_message_get_row (message) : 0;
  return intent;
}

/* tess_intent_send(), and the row as it is shown. */
static bool
send_and_load (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  TessMessageData *row;

  if (!tess_intent_send (job, intent, error))
    return false;
  row = tess_load_message (job->db, intent->message, error);
  if (row == NULL)
    return false;
  intent->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_message_data_free);
  g_ptr_array_add (intent->rows, row);
  return true;
}

DexFuture *
tess_engine_send_reply (TessEngine *self, TessConversation *conversation, const char *text, TessMessage *reply_to)
{
  TessIntent *intent;
  const char *fault;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  fault = tess_engine_fault_of_text (text);
  if (fault != NULL)
    return bad_text (fault);
  intent = intent_for (conversation, NULL);
  intent->text = g_strdup (text);
  intent->reply = reply_to != NULL ? tess_message_get_row (reply_to) : 0;
  return tess_engine_perform (self, send_and_load, intent, tess_engine_tell_message);
}

DexFuture *
tess_engine_send_text (TessEngine *self, TessConversation *conversation, const char *text)
{
  return tess_engine_send_reply (self, conversation, text, NULL);
}

DexFuture *
tess_engine_load_message (TessEngine *self, TessConversation *conversation, gint64 row)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = intent_for (conversation, NULL);
  intent->message = row;
  return tess_engine_perform (self, tess_intent_load_message, intent, tess_engine_tell_message);
}

DexFuture *
tess_engine_edit (TessEngine *self, TessConversation *conversation, TessMessage *message, const char *text)
{
  TessIntent *intent;
  const char *fault;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  fault = tess_engine_fault_of_text (text);
  if (fault != NULL)
    return bad_text (fault);
  intent = intent_for (conversation, message);
  intent->text = g_strdup (text);
  return tess_engine_perform (self, tess_intent_edit, intent, tess_engine_tell_done);
}

DexFuture *
tess_engine_delete (TessEngine *self, TessConversation *conversation, TessMessage *message, gboolean for_everyone)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = intent_for (conversation, message);
  intent->count = for_everyone ? 1 : 0;
  return tess_engine_perform (self, tess_intent_delete, intent, tess_engine_tell_done);
}

DexFuture *
tess_engine_react (TessEngine *self, TessConversation *conversation, TessMessage *message, const char *emoji)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  if (!g_utf8_validate (emoji, -1, NULL) || (*emoji != '\0' && !tess_emoji_check (emoji)))
    return bad_text (_("A reaction is one emoji."));
  intent = intent_for (conversation, message);
  intent->text = g_strdup (emoji);
  return tess_engine_perform (self, tess_intent_react, intent, tess_engine_tell_done);
}

DexFuture *
tess_engine_set_timer (TessEngine *self, TessConversation *conversation, guint seconds)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = intent_for (conversation, NULL);
  intent->count = MIN (seconds, TESS_TIMER_MAX);
  return tess_engine_perform (self, tess_intent_set_timer, intent, tess_engine_tell_done);
}

/* Typing: told when it begins, and again while it goes on; that it ended when it was told that it began. */

void
tess_engine_set_typing (TessEngine *self, TessConversation *conversation, gboolean typing)
{
  gint64 id, now = g_get_monotonic_time ();
  TessIntent *intent;

  g_return_if_fail (TESS_IS_ENGINE (self));
  id = tess_conversation_get_id (conversation);
  if (!self->core->typing_told || tess_engine_get_link_state (self) != TESS_LINK_ONLINE)
    return;
  if (typing ? self->typing_in == id && now - self->typing_since < TESS_TYPING_AGAIN_SECONDS * G_USEC_PER_SEC
             : self->typing_in != id)
    return;
  self->typing_in = typing ? id : 0;
  self->typing_since = now;
  intent = intent_for (conversation, NULL);
  intent->count = typing ? 1 : 0;
  dex_future_disown (tess_engine_perform (self, tess_intent_typing, intent, tess_engine_tell_done));
}

/* What others hear of. */

static DexFuture *
tell_told (TessEngine *self, TessIntent *intent)
{
  gboolean told = intent->count != 0;

  if (g_str_equal (intent->text, TESS_SETTING_RECEIPTS_TOLD))
    {
      self->core->receipts_told = told;
      g_object_notify (G_OBJECT (self), "receipts-told");
    }
  else
    {
      self->core->typing_told = told;
      g_object_notify (G_OBJECT (self), "typing-told");
    }
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
set_told (TessEngine *self, const char *setting, gboolean told)
{
  TessIntent *intent = tess_intent_new (0);

  intent->text = g_strdup (setting);
  intent->count = told ? 1 : 0;
  return tess_engine_perform (self, tess_intent_set_setting, intent, tell_told);
}

DexFuture *
tess_engine_set_receipts_told (TessEngine *self, gboolean told)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return set_told (self, TESS_SETTING_RECEIPTS_TOLD, told);
}

DexFuture *
tess_engine_set_typing_told (TessEngine *self, gboolean told)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return set_told (self, TESS_SETTING_TYPING_TOLD, told);
}

gboolean
tess_engine_get_receipts_told (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), TRUE);
  return self->core->receipts_told;
}

gboolean
tess_engine_get_typing_told (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), TRUE);
  return self->core->typing_told;
}
