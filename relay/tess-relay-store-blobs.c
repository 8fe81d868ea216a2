/* Tickets for uploads, and what an account has uploaded lately. Which blob is whose is not kept: a ticket's row goes when it is
 * spent, and of the upload only its size remains, in the account's sum of that day. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

#include "base/tess-limits.h"

#define DAY 86400

/* What @account uploaded in the days that blobs are kept. */
static bool
read_used (TessRelayStore *self, const uint8_t account[static 32], int64_t now, int64_t *used_out)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "SELECT coalesce(sum(bytes), 0) FROM upload WHERE account = ? AND day >= ?");

  tess_relay_bind_blob (&query, 1, account, 32);
  tess_relay_bind_int (&query, 2, (now - TESS_BLOB_KEEP) / DAY);
  if (tess_relay_step (&query) != TESS_RELAY_STEP_ROW)
    return false;
  *used_out = tess_relay_column_int (&query, 0);
  return true;
}

static bool
insert_ticket (TessRelayStore *self, const uint8_t id[static TESS_BLOB_ID_SIZE], const uint8_t account[static 32], int64_t now)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "INSERT INTO ticket (id, account, until) VALUES (?, ?, ?)");

  tess_relay_bind_blob (&query, 1, id, TESS_BLOB_ID_SIZE);
  tess_relay_bind_blob (&query, 2, account, 32);
  tess_relay_bind_int (&query, 3, now + TESS_TICKET_KEEP);
  return tess_relay_run (&query);
}

bool
tess_relay_store_trim_uploads (TessRelayStore *self, const uint8_t account[static 32], int64_t now)
{
  g_auto (TessRelayQuery) tickets = tess_relay_query (self, "DELETE FROM ticket WHERE account = ? AND until < ?");
  g_auto (TessRelayQuery) uploads = tess_relay_query (self, "DELETE FROM upload WHERE account = ? AND day < ?");

  tess_relay_bind_blob (&tickets, 1, account, 32);
  tess_relay_bind_int (&tickets, 2, now - DAY);
  tess_relay_bind_blob (&uploads, 1, account, 32);
  tess_relay_bind_int (&uploads, 2, (now - TESS_BLOB_KEEP) / DAY);
  return tess_relay_run (&tickets) && tess_relay_run (&uploads);
}

/* The tickets nearest their end above the bound go. */
static bool
bound_tickets (TessRelayStore *self, const uint8_t account[static 32])
{
  g_auto (TessRelayQuery) query = tess_relay_query (
    self, "DELETE FROM ticket WHERE account = ?1 AND id IN"
          " (SELECT id FROM ticket WHERE account = ?1 ORDER BY until DESC, id LIMIT -1 OFFSET ?2)");

  tess_relay_bind_blob (&query, 1, account, 32);
  tess_relay_bind_int (&query, 2, TESS_TICKETS_UNUSED_MAX);
  return tess_relay_run (&query);
}

TessRelayResult
tess_relay_store_tickets (TessRelayStore *self, const uint8_t device[static 32], const uint8_t *ids, unsigned count,
                          int64_t quota, int64_t now)
{
  int64_t number, used;
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_find (self, device, &number, account);

  if (result != TESS_RELAY_OK)
    return result == TESS_RELAY_NO_MAILBOX ? TESS_RELAY_UNREGISTERED : result;
  if (!read_used (self, account, now, &used))
    return TESS_RELAY_BUSY;
  if (used >= quota)
    return TESS_RELAY_FULL;
  for (unsigned i = 0; i < count; i++)
    if (!insert_ticket (self, ids + i * TESS_BLOB_ID_SIZE, account, now))
      return TESS_RELAY_BUSY;
  return tess_relay_store_trim_uploads (self, account, now) && bound_tickets (self, account) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

TessRelayResult
tess_relay_store_ticket (TessRelayStore *self, const uint8_t id[static TESS_BLOB_ID_SIZE], int64_t size, int64_t quota,
                         int64_t now, uint8_t account_out[static 32])
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT account FROM ticket WHERE id = ? AND until > ?");
  TessRelayStep step;
  int64_t used;

  tess_relay_bind_blob (&query, 1, id, TESS_BLOB_ID_SIZE);
  tess_relay_bind_int (&query, 2, now);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_NOT_FOUND : TESS_RELAY_BUSY;
  if (!tess_relay_column_copy (&query, 0, account_out, 32) || !read_used (self, account_out, now, &used))
    return TESS_RELAY_BUSY;
  return used + size <= quota ? TESS_RELAY_OK : TESS_RELAY_FULL;
}

static bool
delete_ticket (TessRelayStore *self, const uint8_t id[static TESS_BLOB_ID_SIZE])
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "DELETE FROM ticket WHERE id = ?");

  tess_relay_bind_blob (&query, 1, id, TESS_BLOB_ID_SIZE);
  return tess_relay_run (&query) && sqlite3_changes (self->db) == 1;
}

static bool
add_upload (TessRelayStore *self, const uint8_t account[static 32], int64_t size, int64_t now)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "INSERT INTO upload (account, day, bytes) VALUES (?, ?, ?)"
                              "  ON CONFLICT (account, day) DO UPDATE SET bytes = bytes + excluded.bytes");

  tess_relay_bind_blob (&query, 1, account, 32);
  tess_relay_bind_int (&query, 2, now / DAY);
  tess_relay_bind_int (&query, 3, size);
  return tess_relay_run (&query);
}

/* The upload may have taken longer than the ticket lives. */
TessRelayResult
tess_relay_store_spend (TessRelayStore *self, const uint8_t id[static TESS_BLOB_ID_SIZE], int64_t size, int64_t quota,
                        int64_t began, int64_t now)
{
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_ticket (self, id, size, quota, began, account);

  if (result != TESS_RELAY_OK)
    return result;
  return delete_ticket (self, id) && add_upload (self, account, size, now) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

TessRelayResult
tess_relay_store_unspent (TessRelayStore *self, int64_t now, GByteArray *ids)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT id FROM ticket WHERE until > ?");
  uint8_t id[TESS_BLOB_ID_SIZE];
  TessRelayStep step;

  tess_relay_bind_int (&query, 1, now);
  while ((step = tess_relay_step (&query)) == TESS_RELAY_STEP_ROW)
    if (tess_relay_column_copy (&query, 0, id, sizeof id))
      g_byte_array_append (ids, id, sizeof id);
  return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

bool
tess_relay_store_forget_uploads (TessRelayStore *self, const uint8_t account[static 32])
{
  static const char *const statements[] = {
    "DELETE FROM ticket WHERE account = ?",
    "DELETE FROM upload WHERE account = ?",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_auto (TessRelayQuery) query = tess_relay_query (self, statements[i]);

      tess_relay_bind_blob (&query, 1, account, 32);
      if (!tess_relay_run (&query))
        return false;
    }
  return true;
}
