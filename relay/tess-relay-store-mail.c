/* Mailboxes: deposits, delivery, acknowledgements, expiry. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

#include "base/tess-limits.h"

void
tess_relay_mail_free (TessRelayMail *self)
{
  g_bytes_unref (self->envelope);
  g_free (self);
}

TessRelayResult
tess_relay_store_find (TessRelayStore *self, const uint8_t device[static 32], int64_t *number_out, uint8_t account_out[static 32])
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT number, account FROM mailbox WHERE device = ?");
  TessRelayStep step;

  tess_relay_bind_blob (&query, 1, device, 32);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_NO_MAILBOX : TESS_RELAY_BUSY;
  *number_out = tess_relay_column_int (&query, 0);
  return tess_relay_column_copy (&query, 1, account_out, 32) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

TessRelayResult
tess_relay_store_mailbox (TessRelayStore *self, const uint8_t device[static 32], TessRelayMailboxState *out)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "SELECT account, last, acked, waiting, bytes, one_time FROM mailbox WHERE device = ?");
  TessRelayStep step;

  *out = (TessRelayMailboxState) { 0 };
  tess_relay_bind_blob (&query, 1, device, 32);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_UNREGISTERED : TESS_RELAY_BUSY;
  out->registered = true;
  tess_relay_column_copy (&query, 0, out->account, 32);
  out->last = (uint64_t) tess_relay_column_int (&query, 1);
  out->acked = (uint64_t) tess_relay_column_int (&query, 2);
  out->waiting = (uint32_t) tess_relay_column_int (&query, 3);
  out->bytes = (uint64_t) tess_relay_column_int (&query, 4);
  out->one_time = (uint32_t) tess_relay_column_int (&query, 5);
  return TESS_RELAY_OK;
}

static TessRelayResult
stored_before (TessRelayStore *self, int64_t mailbox, const uint8_t id[static 16])
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT 1 FROM deposit WHERE mailbox = ? AND id = ?");
  TessRelayStep step;

  tess_relay_bind_int (&query, 1, mailbox);
  tess_relay_bind_blob (&query, 2, id, 16);
  step = tess_relay_step (&query);
  if (step == TESS_RELAY_STEP_FAILED)
    return TESS_RELAY_BUSY;
  return step == TESS_RELAY_STEP_ROW ? TESS_RELAY_STORED_BEFORE : TESS_RELAY_OK;
}

/* Takes a sequence and room for @size bytes in mailbox @number. FULL: neither. */
static TessRelayResult
take_room (TessRelayStore *self, int64_t number, TessMailClass mail_class, size_t size, uint64_t *sequence_out,
           int64_t *remembered_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (
    self, "UPDATE mailbox SET last = last + 1, waiting = waiting + 1, bytes = bytes + ?2, requests = requests + ?3,"
          "  remembered = remembered + 1"
          "  WHERE number = ?1 AND waiting < ?4 AND bytes + ?2 <= ?5 AND (?3 = 0 OR requests < ?6) AND last < ?7"
          "  RETURNING last, remembered");
  TessRelayStep step;

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_int (&query, 2, (int64_t) size);
  tess_relay_bind_int (&query, 3, mail_class == TESS_MAIL_REQUEST ? 1 : 0);
  tess_relay_bind_int (&query, 4, TESS_MAILBOX_ENVELOPES_MAX);
  tess_relay_bind_int (&query, 5, TESS_MAILBOX_BYTES_MAX);
  tess_relay_bind_int (&query, 6, TESS_MAILBOX_REQUESTS_MAX);
  tess_relay_bind_int (&query, 7, TESS_RELAY_SEQUENCE_MAX);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_FULL : TESS_RELAY_BUSY;
  *sequence_out = (uint64_t) tess_relay_column_int (&query, 0);
  *remembered_out = tess_relay_column_int (&query, 1);
  return TESS_RELAY_OK;
}

/* Forgets at most @limit of the oldest deposit ids of mailbox @number, those stored before @before. *@count_out of them. */
static bool
forget_deposits (TessRelayStore *self, int64_t number, int64_t before, int64_t limit, int64_t *count_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (
    self, "DELETE FROM deposit WHERE mailbox = ?1 AND id IN"
          " (SELECT id FROM deposit WHERE mailbox = ?1 AND stored < ?2 ORDER BY stored LIMIT ?3)");
  g_auto (TessRelayQuery) update = tess_relay_query (self, "UPDATE mailbox SET remembered = remembered - ?2 WHERE number = ?1");

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_int (&query, 2, before);
  tess_relay_bind_int (&query, 3, limit);
  if (!tess_relay_run (&query))
    return false;
  *count_out = sqlite3_changes (self->db);
  tess_relay_bind_int (&update, 1, number);
  tess_relay_bind_int (&update, 2, *count_out);
  return *count_out == 0 || tess_relay_run (&update);
}

static bool
insert_mail (TessRelayStore *self, int64_t number, uint64_t sequence, TessMailClass mail_class,
             const TessRelayDepositEntry *entry)
{
  g_auto (TessRelayQuery) mail = tess_relay_query (self, "INSERT INTO mail (id, class, stored, envelope) VALUES (?, ?, ?, ?)");
  g_auto (TessRelayQuery) deposit = tess_relay_query (self, "INSERT INTO deposit (mailbox, id, stored) VALUES (?, ?, ?)");

  tess_relay_bind_int (&mail, 1, TESS_RELAY_MAIL_ID (number, sequence));
  tess_relay_bind_int (&mail, 2, mail_class);
  tess_relay_bind_int (&mail, 3, entry->now);
  tess_relay_bind_bytes (&mail, 4, entry->envelope);
  tess_relay_bind_int (&deposit, 1, number);
  tess_relay_bind_blob (&deposit, 2, entry->id, sizeof entry->id);
  tess_relay_bind_int (&deposit, 3, entry->now);
  return tess_relay_run (&mail) && tess_relay_run (&deposit);
}

/* A deposit that was stored is answered as stored even when its capability has ended since: what its sender asks is whether the
 * envelope arrived, and the random id is proof enough of being the one who sent it. */
TessRelayResult
tess_relay_store_deposit (TessRelayStore *self, const TessRelayDepositEntry *entry, uint64_t *sequence_out,
                          TessMailClass *class_out)
{
  int64_t number, remembered = 0, forgotten;
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_find (self, entry->device, &number, account);

  if (result == TESS_RELAY_OK)
    result = stored_before (self, number, entry->id);
  if (result == TESS_RELAY_OK)
    result = tess_relay_store_check_capability (self, account, entry->capability, entry->now, class_out);
  if (result == TESS_RELAY_OK)
    result = take_room (self, number, *class_out, g_bytes_get_size (entry->envelope), sequence_out, &remembered);
  if (result == TESS_RELAY_OK && !insert_mail (self, number, *sequence_out, *class_out, entry))
    result = TESS_RELAY_BUSY;
  if (result == TESS_RELAY_OK && remembered > TESS_RELAY_REMEMBERED_MAX
      && !forget_deposits (self, number, INT64_MAX, remembered - TESS_RELAY_REMEMBERED_MAX, &forgotten))
    result = TESS_RELAY_BUSY;
  return result;
}

TessRelayResult
tess_relay_store_mail (TessRelayStore *self, const uint8_t device[static 32], uint64_t after, unsigned count, size_t bytes,
                       GPtrArray *mail, bool *more_out)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "SELECT id, class, envelope FROM mail WHERE id > ? AND id <= ? ORDER BY id LIMIT ?");
  int64_t number;
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_find (self, device, &number, account);
  TessRelayStep step;
  size_t total = 0;

  *more_out = false;
  if (result != TESS_RELAY_OK)
    return result;
  tess_relay_bind_int (&query, 1, TESS_RELAY_MAIL_ID (number, MIN (after, (uint64_t) TESS_RELAY_SEQUENCE_MAX)));
  tess_relay_bind_int (&query, 2, TESS_RELAY_MAIL_ID (number, TESS_RELAY_SEQUENCE_MAX));
  tess_relay_bind_int (&query, 3, (int64_t) count + 1);
  while ((step = tess_relay_step (&query)) == TESS_RELAY_STEP_ROW)
    {
      g_autoptr (GBytes) envelope = tess_relay_column_bytes (&query, 2);
      TessRelayMail *one;

      if (envelope == NULL)
        return TESS_RELAY_BUSY;
      total += g_bytes_get_size (envelope);
      if (mail->len >= count || (mail->len > 0 && total > bytes))
        {
          *more_out = true;
          break;
        }
      one = g_new0 (TessRelayMail, 1);
      one->sequence = (uint64_t) (tess_relay_column_int (&query, 0) & TESS_RELAY_SEQUENCE_MAX);
      one->mail_class = (TessMailClass) tess_relay_column_int (&query, 1);
      one->envelope = g_steal_pointer (&envelope);
      g_ptr_array_add (mail, one);
    }
  return step == TESS_RELAY_STEP_FAILED ? TESS_RELAY_BUSY : TESS_RELAY_OK;
}

typedef struct {
  int64_t count;
  int64_t bytes;
  int64_t requests;
} Removed;

/* Deletes at most @limit envelopes of mailbox @number up to @sequence, stored before @before. */
static bool
delete_mail (TessRelayStore *self, int64_t number, uint64_t sequence, int64_t before, int64_t limit, Removed *removed)
{
  g_auto (TessRelayQuery) query = tess_relay_query (
    self, "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE id > ?1 AND id <= ?2 AND stored < ?3 ORDER BY id LIMIT ?4)"
          "  RETURNING length(envelope), class");
  TessRelayStep step;

  *removed = (Removed) { 0 };
  tess_relay_bind_int (&query, 1, TESS_RELAY_MAIL_ID (number, 0));
  tess_relay_bind_int (&query, 2, TESS_RELAY_MAIL_ID (number, MIN (sequence, (uint64_t) TESS_RELAY_SEQUENCE_MAX)));
  tess_relay_bind_int (&query, 3, before);
  tess_relay_bind_int (&query, 4, limit);
  while ((step = tess_relay_step (&query)) == TESS_RELAY_STEP_ROW)
    {
      removed->count++;
      removed->bytes += tess_relay_column_int (&query, 0);
      removed->requests += tess_relay_column_int (&query, 1) == TESS_MAIL_REQUEST ? 1 : 0;
    }
  return step == TESS_RELAY_STEP_DONE;
}

static bool
give_room (TessRelayStore *self, int64_t number, const Removed *removed, uint64_t acked)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "UPDATE mailbox SET waiting = waiting - ?2, bytes = bytes - ?3, requests = requests - ?4,"
                              "  acked = max(acked, ?5) WHERE number = ?1");

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_int (&query, 2, removed->count);
  tess_relay_bind_int (&query, 3, removed->bytes);
  tess_relay_bind_int (&query, 4, removed->requests);
  tess_relay_bind_int (&query, 5, (int64_t) acked);
  return tess_relay_run (&query);
}

TessRelayResult
tess_relay_store_ack (TessRelayStore *self, const uint8_t device[static 32], uint64_t sequence)
{
  TessRelayMailboxState state;
  Removed removed;
  int64_t number;
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_mailbox (self, device, &state);

  if (result != TESS_RELAY_OK || sequence <= state.acked)
    return result;
  result = tess_relay_store_find (self, device, &number, account);
  if (result != TESS_RELAY_OK)
    return result;
  sequence = MIN (sequence, state.last);
  if (!delete_mail (self, number, sequence, INT64_MAX, TESS_MAILBOX_ENVELOPES_MAX, &removed)
      || !give_room (self, number, &removed, sequence))
    return TESS_RELAY_BUSY;
  return TESS_RELAY_OK;
}

bool
tess_relay_store_drop (TessRelayStore *self, int64_t number)
{
  g_auto (TessRelayQuery) mailbox = tess_relay_query (self, "DELETE FROM mailbox WHERE number = ?");
  g_auto (TessRelayQuery) prekey = tess_relay_query (self, "DELETE FROM prekey WHERE mailbox = ?");
  g_auto (TessRelayQuery) dropped = tess_relay_query (self, "INSERT INTO dropped (mailbox) VALUES (?)");

  tess_relay_bind_int (&mailbox, 1, number);
  tess_relay_bind_int (&prekey, 1, number);
  tess_relay_bind_int (&dropped, 1, number);
  return tess_relay_run (&mailbox) && tess_relay_run (&prekey) && tess_relay_run (&dropped);
}

static bool
forget_dropped (TessRelayStore *self, int64_t number)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "DELETE FROM dropped WHERE mailbox = ?");

  tess_relay_bind_int (&query, 1, number);
  return tess_relay_run (&query);
}

/* Runs a DELETE of mailbox ?1 that takes at most ?2 rows stored before ?3; gives their number, -1 for a failure. */
static int
delete_some (TessRelayStore *self, const char *sql, int64_t number, int64_t limit, int64_t before)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, sql);

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_int (&query, 2, limit);
  tess_relay_bind_int (&query, 3, before);
  return tess_relay_run (&query) ? sqlite3_changes (self->db) : -1;
}

/* The contents of one deleted mailbox. */
static TessRelayResult
sweep_dropped (TessRelayStore *self, int64_t limit, bool *more_out)
{
  g_auto (TessRelayQuery) next = tess_relay_query (self, "SELECT mailbox FROM dropped ORDER BY mailbox LIMIT 1");
  TessRelayStep step = tess_relay_step (&next);
  Removed removed;
  int64_t number;
  int deposits, keys;

  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_OK : TESS_RELAY_BUSY;
  number = tess_relay_column_int (&next, 0);
  tess_relay_query_clear (&next);
  *more_out = true;
  if (!delete_mail (self, number, TESS_RELAY_SEQUENCE_MAX, INT64_MAX, limit, &removed))
    return TESS_RELAY_BUSY;
  deposits = delete_some (self, "DELETE FROM deposit WHERE mailbox = ?1 AND id IN"
                                " (SELECT id FROM deposit WHERE mailbox = ?1 LIMIT ?2) AND stored < ?3",
                          number, limit, INT64_MAX);
  keys = delete_some (self, "DELETE FROM one_time WHERE mailbox = ?1 AND id IN"
                            " (SELECT id FROM one_time WHERE mailbox = ?1 LIMIT ?2) AND stored < ?3",
                      number, limit, INT64_MAX);
  if (deposits < 0 || keys < 0)
    return TESS_RELAY_BUSY;
  if (removed.count < limit && deposits < limit && keys < limit && !forget_dropped (self, number))
    return TESS_RELAY_BUSY;
  return TESS_RELAY_OK;
}

/* Expired mail, deposit ids and long issued one-time ids of the next mailbox, and what has ended of its account.
 * *@looked_out FALSE: the round is complete. */
static TessRelayResult
sweep_mailbox (TessRelayStore *self, int64_t now, int64_t limit, int64_t *removed_out, bool *looked_out)
{
  g_auto (TessRelayQuery) next
    = tess_relay_query (self, "SELECT number, account FROM mailbox WHERE number > ? ORDER BY number LIMIT 1");
  TessRelayStep step;
  Removed removed;
  int64_t number, deposits;
  uint8_t account[32];
  int keys;

  tess_relay_bind_int (&next, 1, self->sweep_cursor);
  step = tess_relay_step (&next);
  if (step == TESS_RELAY_STEP_FAILED)
    return TESS_RELAY_BUSY;
  *looked_out = step == TESS_RELAY_STEP_ROW;
  if (!*looked_out)
    return TESS_RELAY_OK;
  number = tess_relay_column_int (&next, 0);
  tess_relay_column_copy (&next, 1, account, sizeof account);
  tess_relay_query_clear (&next);
  if (!tess_relay_store_trim_capabilities (self, account, now) || !tess_relay_store_trim_uploads (self, account, now)
      || !forget_deposits (self, number, now - TESS_MAILBOX_KEEP, limit, &deposits))
    return TESS_RELAY_BUSY;
  if (!delete_mail (self, number, TESS_RELAY_SEQUENCE_MAX, now - TESS_MAILBOX_KEEP, limit, &removed)
      || (removed.count > 0 && !give_room (self, number, &removed, 0)))
    return TESS_RELAY_BUSY;
  keys = delete_some (self, "DELETE FROM one_time WHERE mailbox = ?1 AND record IS NULL AND stored < ?3 AND id IN"
                            " (SELECT id FROM one_time WHERE mailbox = ?1 AND record IS NULL AND stored < ?3 LIMIT ?2)",
                      number, limit, now - TESS_ONE_TIME_KEEP);
  if (keys < 0)
    return TESS_RELAY_BUSY;
  *removed_out += removed.count + deposits + keys;
  if (removed.count < limit && deposits < limit && keys < limit)
    self->sweep_cursor = number;
  return TESS_RELAY_OK;
}

TessRelayResult
tess_relay_store_read_clock (TessRelayStore *self, TessRelayClock *out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT trusted, ahead_since FROM clock");
  TessRelayStep step = tess_relay_step (&query);

  *out = (TessRelayClock) { 0 };
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_OK : TESS_RELAY_BUSY;
  out->trusted = tess_relay_column_int (&query, 0);
  out->ahead_since = tess_relay_column_int (&query, 1);
  return TESS_RELAY_OK;
}

TessRelayResult
tess_relay_store_keep_clock (TessRelayStore *self, const TessRelayClock *clock)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "INSERT OR REPLACE INTO clock (one, trusted, ahead_since) VALUES (1, ?, ?)");

  tess_relay_bind_int (&query, 1, clock->trusted);
  tess_relay_bind_int (&query, 2, clock->ahead_since);
  return tess_relay_run (&query) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

TessRelayResult
tess_relay_store_sweep (TessRelayStore *self, int64_t now, unsigned limit, bool *more_out)
{
  TessRelayResult result;
  int64_t removed = 0;
  bool looked = true;

  *more_out = false;
  result = sweep_dropped (self, limit, more_out);
  for (unsigned i = 0; result == TESS_RELAY_OK && looked && i < limit && removed < limit; i++)
    result = sweep_mailbox (self, now, limit, &removed, &looked);
  if (!looked)
    self->sweep_cursor = 0;
  else
    *more_out = true;
  return result;
}
