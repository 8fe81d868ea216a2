/* The engine's calls for what is done to chats, and for looking for something. SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-engine-private.h"

#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "base/tess-text.h"
#include "core/tess-entities.h"
#include "core/tess-intents-chats.h"
#include "core/tess-search-hit-private.h"
#include "store/tess-queries-search.h"

#include <string.h>

static TessIntent *
intent_for (TessConversation *conversation, guint count)
{
  TessIntent *intent = tess_intent_new (tess_conversation_get_id (conversation));

  intent->count = count;
  return intent;
}

DexFuture *
tess_engine_set_draft (TessEngine *self, TessConversation *conversation, const char *text, gint64 reply)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  if (text != NULL && strlen (text) > TESS_TEXT_BYTES_MAX)
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_TEXT, "%s", _("The message is too long."));
  if (text != NULL && !g_utf8_validate (text, -1, NULL))
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_TEXT, "%s", _("The message is not valid text."));
  intent = intent_for (conversation, 0);
  intent->text = g_strdup (text);
  intent->reply = reply;
  tess_conversation_set_draft (conversation, text, reply);
  return tess_engine_perform (self, tess_intent_set_draft, intent, tess_engine_tell_done);
}

DexFuture *
tess_engine_set_flag (TessEngine *self, TessConversation *conversation, TessChatFlag flag, gboolean on)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = intent_for (conversation, on ? 1 : 0);
  intent->result = (int) flag;
  return tess_engine_perform (self, tess_intent_set_flag, intent, tess_engine_tell_done);
}

DexFuture *
tess_engine_set_nickname (TessEngine *self, TessConversation *conversation, const char *nickname)
{
  g_autofree char *checked = NULL;
  TessIntent *intent;
  const char *reason = NULL;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  if (nickname != NULL && *nickname != '\0')
    {
      checked = tess_name_check (nickname, &reason);
      if (checked == NULL)
        return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_NAME, "%s", _(reason));
    }
  intent = intent_for (conversation, 0);
  intent->text = g_steal_pointer (&checked);
  return tess_engine_perform (self, tess_intent_set_nickname, intent, tess_engine_tell_done);
}

DexFuture *
tess_engine_set_blocked (TessEngine *self, TessConversation *conversation, gboolean blocked)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return tess_engine_perform (self, tess_intent_set_blocked, intent_for (conversation, blocked ? 1 : 0), tess_engine_tell_done);
}

DexFuture *
tess_engine_remove (TessEngine *self, TessConversation *conversation)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return tess_engine_perform (self, tess_intent_remove, intent_for (conversation, 0), tess_engine_tell_done);
}

DexFuture *
tess_engine_open_notes (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return tess_engine_perform (self, tess_intent_open_notes, tess_intent_new (0), tess_engine_tell_conversation);
}

DexFuture *
tess_engine_list (TessEngine *self, TessConversation *conversation)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return tess_engine_perform (self, tess_intent_list, intent_for (conversation, 0), tess_engine_tell_conversation);
}

static DexFuture *
tell_hits (TessEngine *self, TessIntent *intent)
{
  GListStore *hits = g_list_store_new (TESS_TYPE_SEARCH_HIT);

  for (guint i = 0; i < intent->rows->len; i++)
    {
      const TessSearchRow *row = g_ptr_array_index (intent->rows, i);
      gint64 id = row->conversation;
      TessConversation *conversation = g_hash_table_lookup (self->by_id, &id);
      g_autoptr (TessSearchHit) hit = NULL;

      if (conversation == NULL)
        continue;
      hit = tess_search_hit_new (conversation, row->message, row->time_ms, row->is_own, row->excerpt);
      g_list_store_append (hits, hit);
    }
  return dex_future_new_take_object (hits);
}

DexFuture *
tess_engine_search (TessEngine *self, TessConversation *conversation, const char *text, gint64 before, guint max)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = tess_intent_new (conversation != NULL ? tess_conversation_get_id (conversation) : 0);
  intent->text = g_utf8_make_valid (text, -1);
  intent->message = before;
  intent->count = max;
  return tess_engine_perform (self, tess_intent_search, intent, tell_hits);
}

static DexFuture *
tell_usage (TessEngine *self, TessIntent *intent)
{
  return dex_future_new_take_boxed (TESS_TYPE_USAGE, g_steal_pointer (&intent->object));
}

DexFuture *
tess_engine_measure (TessEngine *self)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = tess_intent_new (0);
  intent->object = g_new0 (TessUsage, 1);
  intent->object_free = (GDestroyNotify) tess_usage_free;
  return tess_engine_perform (self, tess_intent_measure, intent, tell_usage);
}
