/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-queries-core.h"

#include <string.h>

static bool
all_ids (TessQuery *query, GArray **ids_out, GError **error)
{
  *ids_out = g_array_new (FALSE, FALSE, sizeof (int64_t));
  while (tess_query_next (query))
    {
      int64_t id = tess_query_int (query);

      g_array_append_val (*ids_out, id);
    }
  if (tess_query_done (query, error))
    return true;
  g_clear_pointer (ids_out, g_array_unref);
  return false;
}

/* States as in TessMessageState: 1 is WAITING. The wider condition is that of the index of what is open, which makes this a
 * question about a few messages and not about all that were ever written. */
#define WAITING " m.sender = 0 AND m.state IN (1, 2) AND m.state = 1 AND m.kind IN (0, 3) AND m.deleted = 0"
#define UNSEALED WAITING " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.message = m.id)"
#define OPEN_MESSAGES "messages AS m INDEXED BY messages_open"

bool
tess_db_message_unsealed (TessDb *db, int64_t contact, unsigned max, GArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT m.id FROM " OPEN_MESSAGES " JOIN conversations c"
                                                   " ON m.conversation = c.id WHERE c.contact = ? AND" UNSEALED
                                                   " ORDER BY m.id LIMIT ?");

  tess_query_bind_int (query, contact);
  tess_query_bind_int (query, max);
  return all_ids (query, rows_out, error);
}

bool
tess_db_message_fail_waiting (TessDb *db, int64_t contact, const char *failure, GArray **rows_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (
    db, "UPDATE " OPEN_MESSAGES " SET state = 5, failure = ?1"
        " WHERE m.conversation = (SELECT id FROM conversations WHERE contact = ?2) AND" WAITING
        " AND (m.kind = 0 OR m.target IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.message = m.id AND o.attempts > 0) RETURNING id");

  tess_query_bind_text (query, failure);
  tess_query_bind_int (query, contact);
  return all_ids (query, rows_out, error);
}

bool
tess_db_contacts_unsealed (TessDb *db, GArray **contacts_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT DISTINCT c.contact FROM " OPEN_MESSAGES " JOIN conversations c"
                                                   " ON m.conversation = c.id WHERE" UNSEALED
                                                   " UNION SELECT DISTINCT contact FROM receipts_pending");

  return all_ids (query, contacts_out, error);
}

bool
tess_db_contact_count_requests (TessDb *db, unsigned *count_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT count (*) FROM contacts WHERE accepted = 0 AND blocked = 0");

  *count_out = tess_query_next (query) ? (unsigned) tess_query_int (query) : 0;
  return tess_query_done (query, error);
}

bool
tess_db_usage (TessDb *db, uint64_t *bytes_out, uint64_t *messages_out, GError **error)
{
  g_autoptr (TessQuery) query =
    tess_db_query (db, "SELECT page_count * page_size, (SELECT count (*) FROM messages WHERE kind = 0) "
                       "FROM pragma_page_count (), pragma_page_size ()");
  bool found = tess_query_next (query);

  *bytes_out = found ? (uint64_t) tess_query_int (query) : 0;
  *messages_out = found ? (uint64_t) tess_query_int (query) : 0;
  return tess_query_done (query, error);
}

bool
tess_db_unsent_count (TessDb *db, int64_t outbox, int64_t message, unsigned *count_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT (SELECT count (*) FROM outbox WHERE id <= ?)"
                                                   " + (SELECT count (*) FROM " OPEN_MESSAGES " WHERE" WAITING
                                                   " AND m.id <= ?)");

  tess_query_bind_int (query, outbox);
  tess_query_bind_int (query, message);
  *count_out = tess_query_next (query) ? (unsigned) tess_query_int (query) : 0;
  return tess_query_done (query, error);
}

bool
tess_db_unsent_newest (TessDb *db, int64_t *outbox_out, int64_t *message_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT (SELECT coalesce (max (id), 0) FROM outbox),"
                                                   " (SELECT coalesce (max (id), 0) FROM messages)");

  *outbox_out = *message_out = 0;
  if (tess_query_next (query))
    {
      *outbox_out = tess_query_int (query);
      *message_out = tess_query_int (query);
    }
  return tess_query_done (query, error);
}

bool
tess_db_session_archive_active (TessDb *db, int64_t contact, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "UPDATE sessions SET active = 0"
                                                   " WHERE active = 1 AND (contact = ?1 OR ?1 = 0)");

  tess_query_bind_int (query, contact);
  return tess_query_run (query, error);
}

bool
tess_db_setting_names (TessDb *db, const char *prefix, GPtrArray **names_out, GError **error)
{
  g_autoptr (TessQuery) query = tess_db_query (db, "SELECT name FROM settings WHERE substr (name, 1, ?) = ? ORDER BY name");

  tess_query_bind_int (query, (int64_t) strlen (prefix));
  tess_query_bind_text (query, prefix);
  *names_out = g_ptr_array_new_with_free_func (g_free);
  while (tess_query_next (query))
    g_ptr_array_add (*names_out, tess_query_dup_text (query));
  if (tess_query_done (query, error))
    return true;
  g_clear_pointer (names_out, g_ptr_array_unref);
  return false;
}
