/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-intents-chats.h"

#include "core/tess-core-error.h"
#include "core/tess-i18n.h"
#include "core/tess-intents-private.h"
#include "core/tess-people.h"
#include "store/tess-queries-actions.h"
#include "store/tess-queries-messages.h"

#include <string.h>

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
