/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-search.h"

#include "store/tess-queries-keys.h"
#include "store/tess-rows.h"

#define EXCERPT_WORDS "20"
/* The setting that the schema's triggers look at: the newest message in the index. */
#define INDEXED "search.indexed"

void
tess_search_row_free (TessSearchRow *row)
{
  if (row == NULL)
    return;
  g_free (row->excerpt);
  g_free (row);
}

static TessSearchRow *
read_hit (TessQuery *query)
{
  TessSearchRow *row = g_new0 (TessSearchRow, 1);

  row->message = tess_query_int (query);
  row->conversation = tess_query_int (query);
  row->time_ms = tess_query_int (query);
  row->is_own = tess_query_int (query) == 0;
  row->excerpt = tess_query_dup_text (query);
  return row;
}

TESS_ROWS_LIST (hit, TessSearchRow, read_hit, tess_search_row_free)

bool
tess_db_search_index (TessDb *db, unsigned max, bool *more_out, GError **error)
{
  g_autoptr (TessQuery) next =
    tess_db_query (db, "SELECT max (id), count (*) FROM (SELECT id FROM messages WHERE id > ? ORDER BY id LIMIT ?)");
  g_autoptr (TessQuery) insert = tess_db_query (
    db, "INSERT INTO messages_fts (rowid, body, conversation) SELECT id, body, conversation FROM messages "
        "WHERE id > ? AND id <= ? AND kind = 0 ORDER BY id");
  int64_t from, to = 0, count = 0;

  if (!tess_db_setting_get_int (db, INDEXED, 0, &from, error))
    return false;
  tess_query_bind_int (next, from);
  tess_query_bind_int (next, max);
  if (tess_query_next (next))
    {
      to = tess_query_int (next);
      count = tess_query_int (next);
    }
  if (!tess_query_done (next, error))
    return false;
  *more_out = count == max;
  if (count == 0)
    return true;
  tess_query_bind_int (insert, from);
  tess_query_bind_int (insert, to);
  return tess_query_run (insert, error) && tess_db_setting_set_int (db, INDEXED, to, error);
}

/* What people type is quoted: nothing in it is an operator of FTS5. Its own tokenizer takes each word apart. */
static char *
expression_of (int64_t conversation, const char *const *words)
{
  GString *text = g_string_new (NULL);

  if (conversation != 0)
    g_string_append_printf (text, "conversation : \"%" G_GINT64_FORMAT "\" AND ", (gint64) conversation);
  g_string_append (text, "body : (");
  for (; *words != NULL; words++)
    {
      g_string_append_c (text, '"');
      for (const char *c = *words; *c != '\0'; c++)
        {
          if (*c == '"')
            g_string_append_c (text, '"');
          g_string_append_c (text, *c);
        }
      g_string_append (text, "\" * ");
    }
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

bool
tess_db_search (TessDb *db, int64_t conversation, const char *const *words, int64_t before, unsigned max, const char *begin,
                const char *end, GPtrArray **rows_out, GError **error)
{
  g_autofree char *expression = expression_of (conversation, words);
  g_autoptr (TessQuery) query = tess_db_query (
    db, "SELECT messages.id, messages.conversation, messages.time_ms, messages.sender, "
        "snippet (messages_fts, 0, ?1, ?2, '…', " EXCERPT_WORDS ") "
        "FROM messages_fts CROSS JOIN messages ON messages.id = messages_fts.rowid "
        "JOIN conversations ON conversations.id = messages.conversation JOIN contacts ON contacts.id = conversations.contact "
        "WHERE messages_fts MATCH ?3 AND messages_fts.rowid < ?4 AND (contacts.accepted OR NOT contacts.blocked) "
        "ORDER BY messages_fts.rowid DESC LIMIT ?5");

  tess_query_bind_text (query, begin);
  tess_query_bind_text (query, end);
  tess_query_bind_text (query, expression);
  tess_query_bind_int (query, before > 0 ? before : G_MAXINT64);
  tess_query_bind_int (query, max);
  return hit_all (query, rows_out, error);
}
