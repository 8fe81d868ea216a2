/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-intents-chats.h"

#include "base/tess-random.h"
#include "base/tess-text.h"
#include "core/tess-core-error.h"
#include "core/tess-engine.h"
#include "core/tess-intents-private.h"
#include "core/tess-sender.h"
#include "store/tess-queries-actions.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-outbox.h"
#include "store/tess-queries-search.h"

#include <string.h>

/* How much of what was typed is looked for, and how long a line about a hit is. */
#define SEARCH_CHARS_MAX 256
#define SEARCH_WORDS_MAX 16
#define EXCERPT_BYTES_MAX 400
#define EXCERPT_LEAD 24
/* What stands around a find in a TessSearchHit's excerpt. */
#define FIND_BEGIN '\2'
#define FIND_END '\3'

/* Changing. */

static bool
find_chat (TessJob *job, const TessIntent *intent, TessConversationRow **chat_out, GError **error)
{
  if (!tess_db_conversation_find (job->db, intent->conversation, chat_out, error))
    return false;
  if (*chat_out == NULL)
    return tess_intent_not_found (error);
  tess_changes_conversation (job->changes, intent->conversation);
  return true;
}

bool
tess_intent_set_draft (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessConversationRow) chat = NULL;
  const char *draft = intent->text != NULL && *intent->text != '\0' ? intent->text : NULL;

  return find_chat (job, intent, &chat, error) && tess_db_conversation_set_draft (job->db, chat->id, draft, intent->reply, error);
}

bool
tess_intent_set_flag (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessConversationRow) chat = NULL;
  bool on = intent->count != 0;

  if (!find_chat (job, intent, &chat, error))
    return false;
  switch ((TessChatFlag) intent->result)
    {
    case TESS_CHAT_PINNED:
      chat->pinned = on;
      break;
    case TESS_CHAT_MUTED:
      chat->muted = on;
      break;
    case TESS_CHAT_ARCHIVED:
      chat->archived = on;
      break;
    case TESS_CHAT_MARKED_UNREAD:
    default:
      chat->marked_unread = on;
      break;
    }
  return tess_db_conversation_set_flags (job->db, chat, error);
}

bool
tess_intent_set_nickname (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error))
    return false;
  g_free (contact->nickname);
  contact->nickname = intent->text != NULL && *intent->text != '\0' ? g_strdup (intent->text) : NULL;
  return tess_people_update (job, contact, error);
}

/* What they were still to hear of their messages they do not hear. */
static bool
drop_receipts (TessJob *job, int64_t contact, GError **error)
{
  g_autoptr (GPtrArray) dropped = NULL;

  return tess_db_receipt_take (job->db, contact, G_MAXINT, &dropped, error);
}

/* What waits for them does not go out when they are unblocked, perhaps years later, but is there to be sent again. What a relay
 * may have taken already is left: it may have arrived. */
static bool
fail_waiting (TessJob *job, int64_t conversation, int64_t contact, GError **error)
{
  g_autoptr (GArray) failed = NULL;

  if (!tess_db_message_fail_waiting (job->db, contact, TESS_FAILURE_BLOCKED, &failed, error))
    return false;
  for (guint i = 0; i < failed->len; i++)
    {
      int64_t row = g_array_index (failed, int64_t, i);

      if (!tess_db_outbox_remove_message (job->db, row, NULL, error))
        return false;
      tess_changes_message (job->changes, conversation, row);
    }
  return true;
}

bool
tess_intent_set_blocked (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error))
    return false;
  if (tess_people_is_self (job, contact))
    return tess_intent_not_found (error);
  contact->blocked = intent->count != 0;
  if (contact->blocked)
    return drop_receipts (job, contact->id, error) && fail_waiting (job, intent->conversation, contact->id, error)
           && tess_people_update (job, contact, error);
  /* What waited meanwhile goes on its way. */
  job->changes->outbox = true;
  return tess_people_update (job, contact, error) && tess_sender_flush (job, contact->id, NULL, TESS_FLUSH_RECEIPTS, error);
}

bool
tess_intent_remove (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error))
    return false;
  tess_changes_gone (job->changes, intent->conversation);
  tess_changes_conversation (job->changes, intent->conversation);
  if (!tess_db_conversation_clear (job->db, intent->conversation, error))
    return false;
  /* Who is blocked stays so. */
  return contact->accepted || contact->blocked
         || (tess_db_contact_remove (job->db, contact->id, error) && tess_pending_forget (job, contact->id, error));
}

bool
tess_intent_open_notes (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_people_ensure (job, job->us->us.account.bytes, &contact, error))
    return false;
  contact->accepted = true;
  return tess_people_update (job, contact, error) && tess_people_list (job, contact->id, error)
         && tess_people_conversation (job, contact->id, &intent->conversation, error);
}

bool
tess_intent_list (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;

  return tess_intent_find_contact (job, intent->conversation, &contact, error) && tess_people_list (job, contact->id, error);
}

/* Looking up. */

static bool
load_from (TessJob *job, TessIntent *intent, int64_t after, GError **error)
{
  intent->rows = tess_load_page_after (job->db, intent->conversation, after, intent->count + 1, error);
  if (intent->rows == NULL)
    return false;
  intent->newer = intent->rows->len > intent->count;
  if (intent->newer)
    g_ptr_array_set_size (intent->rows, (gint) intent->count);
  return true;
}

bool
tess_intent_load_newer (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;

  return load_from (job, intent, intent->message, error);
}

bool
tess_intent_load_around (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (GPtrArray) before = NULL;
  const TessMessageData *first;

  if (!load_from (job, intent, intent->message - 1, error))
    return false;
  first = intent->rows->len > 0 ? g_ptr_array_index (intent->rows, 0) : NULL;
  if (first == NULL || first->row != intent->message)
    return tess_intent_not_found (error);
  before = tess_load_page (job->db, intent->conversation, intent->message, intent->count + 1, error);
  if (before == NULL)
    return false;
  intent->more = before->len > intent->count;
  if (intent->more)
    g_ptr_array_remove_index (before, 0);
  g_ptr_array_extend_and_steal (before, g_steal_pointer (&intent->rows));
  intent->rows = g_steal_pointer (&before);
  return true;
}

bool
tess_intent_find_message (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessMessageRow) row = NULL;

  if (!tess_db_message_find_in (job->db, intent->conversation, intent->secret, &row, error))
    return false;
  intent->message = row != NULL && row->kind != TESS_MESSAGE_ACTION ? row->id : 0;
  return true;
}

bool
tess_intent_load_message (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessMessageRow) found = NULL;
  TessMessageData *row;

  if (!tess_db_message_find (job->db, intent->message, &found, error))
    return false;
  if (found == NULL || found->conversation != intent->conversation || found->kind != TESS_MESSAGE_TEXT || found->deleted)
    return tess_intent_not_found (error);
  row = tess_load_message (job->db, found->id, error);
  if (row == NULL)
    return false;
  intent->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_message_data_free);
  g_ptr_array_add (intent->rows, row);
  return true;
}

/* The words of what was typed, as far as they are looked at. Free with g_strfreev(). */
static char **
words_of (const char *text)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  unsigned words = 0, chars = 0;
  const char *begin = NULL;
  char **result;

  for (;; text = g_utf8_next_char (text), chars++)
    {
      bool ends = *text == '\0' || chars == SEARCH_CHARS_MAX || words == SEARCH_WORDS_MAX;

      if (ends || g_unichar_isspace (g_utf8_get_char (text)) || g_unichar_iscntrl (g_utf8_get_char (text)))
        {
          if (begin != NULL)
            g_strv_builder_take (builder, g_strndup (begin, (gsize) (text - begin)));
          words += begin != NULL;
          begin = NULL;
        }
      else if (begin == NULL)
        begin = text;
      if (ends)
        break;
    }
  result = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return result;
}

/* One line of @text with FIND_BEGIN and FIND_END where the marks stand, which nobody who wrote the text could know. */
static char *
line_of (const char *text, const char *begin, const char *end)
{
  GString *line = g_string_new (NULL);

  while (*text != '\0')
    {
      const char *next = g_utf8_next_char (text);

      if (g_str_has_prefix (text, begin) || g_str_has_prefix (text, end))
        {
          g_string_append_c (line, g_str_has_prefix (text, begin) ? FIND_BEGIN : FIND_END);
          next = text + strlen (begin);
        }
      else if (g_unichar_iscntrl (g_utf8_get_char (text)) || g_unichar_isspace (g_utf8_get_char (text)))
        g_string_append_c (line, ' ');
      else
        g_string_append_len (line, text, next - text);
      text = next;
    }
  return g_string_free (line, FALSE);
}

/* Where in @line an excerpt begins: with a word at most EXCERPT_LEAD characters before the first find, so that the find is seen
 * in a row of few words; in the middle of a longer word if need be. */
static const char *
excerpt_start (const char *line)
{
  const char *find = strchr (line, FIND_BEGIN), *start;

  if (find == NULL || g_utf8_pointer_to_offset (line, find) <= EXCERPT_LEAD)
    return line;
  start = g_utf8_offset_to_pointer (find, -EXCERPT_LEAD);
  for (const char *at = start; at < find; at = g_utf8_next_char (at))
    if (at[-1] == ' ')
      return at;
  return start;
}

/* What is shown of @text, of at most EXCERPT_BYTES_MAX and the marks and ellipses around them. */
static char *
excerpt_of (const char *text, const char *begin, const char *end)
{
  g_autofree char *line = line_of (text, begin, end);
  const char *start = excerpt_start (line), *at = start;
  GString *excerpt = g_string_new (start > line ? "…" : NULL);
  bool found = false;

  while (*at != '\0' && g_utf8_next_char (at) - start <= EXCERPT_BYTES_MAX)
    {
      if (*at == FIND_BEGIN || *at == FIND_END)
        found = *at == FIND_BEGIN;
      at = g_utf8_next_char (at);
    }
  g_string_append_len (excerpt, start, at - start);
  if (*at != '\0')
    g_string_append (excerpt, found ? "\3…" : "…");
  return g_string_free (excerpt, FALSE);
}

bool
tess_intent_search (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_auto (GStrv) words = words_of (intent->text);
  g_autofree char *secret = NULL;
  g_autofree char *begin = NULL;
  g_autofree char *end = NULL;
  bool more;

  if (!tess_random (intent->secret, sizeof intent->secret))
    return tess_core_error_no_random (error);
  secret = tess_hex_encode (intent->secret, sizeof intent->secret);
  begin = g_strconcat ("\2", secret, NULL);
  end = g_strconcat ("\3", secret, NULL);
  if (*words == NULL)
    intent->rows = g_ptr_array_new ();
  else if (!tess_db_search_index (job->db, G_MAXUINT, &more, error)
           || !tess_db_search (job->db, intent->conversation, (const char *const *) words, intent->message, intent->count, begin,
                            end, &intent->rows, error))
    return false;
  for (guint i = 0; i < intent->rows->len; i++)
    {
      TessSearchRow *row = g_ptr_array_index (intent->rows, i);
      char *excerpt = excerpt_of (row->excerpt, begin, end);

      g_free (row->excerpt);
      row->excerpt = excerpt;
    }
  return true;
}

bool
tess_intent_measure (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  TessUsage *usage = intent->object;

  return tess_db_usage (job->db, &usage->bytes, &usage->messages, error);
}
