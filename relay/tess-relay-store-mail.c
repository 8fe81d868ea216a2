/* Mailboxes: deposits, delivery, acknowledgements, expiry. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

#include "base/tess-limits.h"

/* So many rows can be looked at in the time that it takes to delete one. */
#define LOOKS_A_ROW 16

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

/* A mailbox as a deposit finds it. */
typedef struct {
  int64_t number;
  int64_t last;
  int64_t waiting;
  int64_t bytes;
  int64_t requests;
  int64_t remembered;
  uint8_t account[32];
} Room;

/* No statement of a deposit or an acknowledgement says RETURNING, nor IN (SELECT …): both make SQLite build a temporary table,
 * whose memory costs more than the statement. */
static TessRelayResult
find_room (TessRelayStore *self, const uint8_t device[static 32], Room *out)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "SELECT number, last, waiting, bytes, requests, remembered, account FROM mailbox WHERE device = ?");
  TessRelayStep step;

  tess_relay_bind_blob (&query, 1, device, 32);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_NO_MAILBOX : TESS_RELAY_BUSY;
  out->number = tess_relay_column_int (&query, 0);
  out->last = tess_relay_column_int (&query, 1);
  out->waiting = tess_relay_column_int (&query, 2);
  out->bytes = tess_relay_column_int (&query, 3);
  out->requests = tess_relay_column_int (&query, 4);
  out->remembered = tess_relay_column_int (&query, 5);
  return tess_relay_column_copy (&query, 6, out->account, 32) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

static bool
has_room (const Room *room, TessMailClass mail_class, size_t size)
{
  return room->waiting < TESS_MAILBOX_ENVELOPES_MAX && room->bytes + (int64_t) size <= TESS_MAILBOX_BYTES_MAX
         && (mail_class != TESS_MAIL_REQUEST || room->requests < TESS_MAILBOX_REQUESTS_MAX)
         && room->last < TESS_RELAY_SEQUENCE_MAX;
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

/* Remembers the id of a deposit for which there is room; STORED_BEFORE, with nothing changed, when it is remembered already. */
static TessRelayResult
remember (TessRelayStore *self, int64_t number, const TessRelayDepositEntry *entry)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "INSERT INTO deposit (mailbox, id, stored) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_blob (&query, 2, entry->id, sizeof entry->id);
  tess_relay_bind_int (&query, 3, entry->now);
  if (!tess_relay_run (&query))
    return TESS_RELAY_BUSY;
  return sqlite3_changes (self->db) > 0 ? TESS_RELAY_OK : TESS_RELAY_STORED_BEFORE;
}

static bool
take_room (TessRelayStore *self, const Room *room, TessMailClass mail_class, size_t size)
{
  g_auto (TessRelayQuery) query = tess_relay_query (
    self, "UPDATE mailbox SET last = last + 1, waiting = waiting + 1, bytes = bytes + ?2, requests = requests + ?3,"
          "  remembered = remembered + 1 WHERE number = ?1");

  tess_relay_bind_int (&query, 1, room->number);
  tess_relay_bind_int (&query, 2, (int64_t) size);
  tess_relay_bind_int (&query, 3, mail_class == TESS_MAIL_REQUEST ? 1 : 0);
  return tess_relay_run (&query);
}

/* Whether @sql, a SELECT of what in mailbox ?1 was stored before ?2, gives a row. FALSE: the store fails. Most often
 * there is none, and a DELETE with a bounded subquery costs SQLite a table of its own before it finds that out. */
static bool
look_for (TessRelayStore *self, const char *sql, int64_t number, int64_t before, bool *found_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, sql);
  TessRelayStep step;

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_int (&query, 2, before);
  step = tess_relay_step (&query);
  *found_out = step == TESS_RELAY_STEP_ROW;
  return step != TESS_RELAY_STEP_FAILED;
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
  g_auto (TessRelayQuery) query = tess_relay_query (self, "INSERT INTO mail (id, class, stored, envelope) VALUES (?, ?, ?, ?)");

  tess_relay_bind_int (&query, 1, TESS_RELAY_MAIL_ID (number, sequence));
  tess_relay_bind_int (&query, 2, mail_class);
  tess_relay_bind_int (&query, 3, entry->now);
  tess_relay_bind_bytes (&query, 4, entry->envelope);
  return tess_relay_run (&query);
}

/* A deposit that was stored is answered as stored even when its capability has ended since: what its sender asks is whether the
 * envelope arrived, and the random id is proof enough of being the one who sent it. */
TessRelayResult
tess_relay_store_deposit (TessRelayStore *self, const TessRelayDepositEntry *entry, uint64_t *sequence_out,
                          TessMailClass *class_out)
{
  size_t size = g_bytes_get_size (entry->envelope);
  int64_t forgotten;
  Room room;
  TessRelayResult before, result = find_room (self, entry->device, &room);

  if (result != TESS_RELAY_OK)
    return result;
  result = tess_relay_store_check_capability (self, room.account, entry->capability, entry->now, class_out);
  if (result == TESS_RELAY_OK && !has_room (&room, *class_out, size))
    result = TESS_RELAY_FULL;
  if (result == TESS_RELAY_REFUSED || result == TESS_RELAY_FULL)
    {
      before = stored_before (self, room.number, entry->id);
      return before == TESS_RELAY_OK ? result : before;
    }
  if (result == TESS_RELAY_OK)
    result = remember (self, room.number, entry);
  if (result != TESS_RELAY_OK)
    return result;
  *sequence_out = (uint64_t) room.last + 1;
  if (!take_room (self, &room, *class_out, size) || !insert_mail (self, room.number, *sequence_out, *class_out, entry))
    return TESS_RELAY_BUSY;
  if (room.remembered + 1 > TESS_RELAY_REMEMBERED_MAX
      && !forget_deposits (self, room.number, INT64_MAX, room.remembered + 1 - TESS_RELAY_REMEMBERED_MAX, &forgotten))
    return TESS_RELAY_BUSY;
  return TESS_RELAY_OK;
}

static TessRelayResult
find_acked (TessRelayStore *self, const uint8_t device[static 32], int64_t *number_out, uint64_t *last_out, uint64_t *acked_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT number, last, acked FROM mailbox WHERE device = ?");
  TessRelayStep step;

  tess_relay_bind_blob (&query, 1, device, 32);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_UNREGISTERED : TESS_RELAY_BUSY;
  *number_out = tess_relay_column_int (&query, 0);
  *last_out = (uint64_t) tess_relay_column_int (&query, 1);
  *acked_out = (uint64_t) tess_relay_column_int (&query, 2);
  return TESS_RELAY_OK;
}

TessRelayResult
tess_relay_store_mail (TessRelayStore *self, const uint8_t device[static 32], uint64_t after, unsigned count, size_t bytes,
                       GPtrArray *mail, bool *more_out)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "SELECT id, class, envelope FROM mail WHERE id > ? AND id <= ? ORDER BY id LIMIT ?");
  uint64_t last, acked;
  int64_t number;
  TessRelayResult result = find_acked (self, device, &number, &last, &acked);
  TessRelayStep step;
  size_t total = 0;

  *more_out = false;
  if (result != TESS_RELAY_OK)
    return result == TESS_RELAY_UNREGISTERED ? TESS_RELAY_NO_MAILBOX : result;
  tess_relay_bind_int (&query, 1, TESS_RELAY_MAIL_ID (number, MIN (after, (uint64_t) TESS_RELAY_SEQUENCE_MAX)));
  tess_relay_bind_int (&query, 2, TESS_RELAY_MAIL_ID (number, TESS_RELAY_SEQUENCE_MAX));
  tess_relay_bind_int (&query, 3, (int64_t) count);
  while ((step = tess_relay_step (&query)) == TESS_RELAY_STEP_ROW)
    {
      g_autoptr (GBytes) envelope = tess_relay_column_bytes (&query, 2);
      TessRelayMail *one;

      if (envelope == NULL)
        return TESS_RELAY_BUSY;
      total += g_bytes_get_size (envelope);
      if (mail->len > 0 && total > bytes)
        {
          *more_out = true;
          break;
        }
      one = g_new0 (TessRelayMail, 1);
      one->sequence = (uint64_t) (tess_relay_column_int (&query, 0) & TESS_RELAY_SEQUENCE_MAX);
      one->mail_class = (TessMailClass) tess_relay_column_int (&query, 1);
      one->envelope = g_steal_pointer (&envelope);
      g_ptr_array_add (mail, one);
      /* Another row would have to be read whole to learn that there is one. */
      *more_out = mail->len >= count && one->sequence < last;
    }
  return step == TESS_RELAY_STEP_FAILED ? TESS_RELAY_BUSY : TESS_RELAY_OK;
}

typedef struct {
  int64_t count;
  int64_t bytes;
  int64_t requests;
} Removed;

/* Counts what delete_mail () is to delete, and finds the last of it. */
static bool
count_mail (TessRelayStore *self, int64_t first, int64_t last, int64_t before, int64_t limit, Removed *out, int64_t *last_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (
    self, "SELECT count(*), sum(size), sum(class = ?5), max(id) FROM (SELECT id, length(envelope) AS size, class FROM mail"
          "  WHERE id > ?1 AND id <= ?2 AND stored < ?3 ORDER BY id LIMIT ?4)");

  tess_relay_bind_int (&query, 1, first);
  tess_relay_bind_int (&query, 2, last);
  tess_relay_bind_int (&query, 3, before);
  tess_relay_bind_int (&query, 4, limit);
  tess_relay_bind_int (&query, 5, TESS_MAIL_REQUEST);
  if (tess_relay_step (&query) != TESS_RELAY_STEP_ROW)
    return false;
  *out = (Removed) { .count = tess_relay_column_int (&query, 0),
                     .bytes = tess_relay_column_int (&query, 1),
                     .requests = tess_relay_column_int (&query, 2) };
  *last_out = tess_relay_column_int (&query, 3);
  return true;
}

/* Deletes at most @limit envelopes of mailbox @number up to @sequence, stored before @before. */
static bool
delete_mail (TessRelayStore *self, int64_t number, uint64_t sequence, int64_t before, int64_t limit, Removed *removed)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "DELETE FROM mail WHERE id > ? AND id <= ? AND stored < ?");
  int64_t first = TESS_RELAY_MAIL_ID (number, 0);
  int64_t last = TESS_RELAY_MAIL_ID (number, MIN (sequence, (uint64_t) TESS_RELAY_SEQUENCE_MAX));

  if (!count_mail (self, first, last, before, limit, removed, &last))
    return false;
  tess_relay_bind_int (&query, 1, first);
  tess_relay_bind_int (&query, 2, last);
  tess_relay_bind_int (&query, 3, before);
  return removed->count == 0 || tess_relay_run (&query);
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
  uint64_t last, acked;
  Removed removed;
  int64_t number;
  TessRelayResult result = find_acked (self, device, &number, &last, &acked);

  if (result != TESS_RELAY_OK || sequence <= acked)
    return result;
  sequence = MIN (sequence, last);
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

/* Nothing is left of mailbox @number: another may have it. */
static bool
forget_dropped (TessRelayStore *self, int64_t number)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "DELETE FROM dropped WHERE mailbox = ?");
  g_auto (TessRelayQuery) spare = tess_relay_query (self, "INSERT OR IGNORE INTO spare (number) VALUES (?)");

  tess_relay_bind_int (&query, 1, number);
  tess_relay_bind_int (&spare, 1, number);
  return tess_relay_run (&query) && tess_relay_run (&spare);
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

/* The contents of the next deleted mailbox. Adds to *@work what it cost, in rows deleted; *@more_out FALSE: there is none. */
static TessRelayResult
sweep_dropped (TessRelayStore *self, int64_t limit, int64_t *work, bool *more_out)
{
  g_auto (TessRelayQuery) next = tess_relay_query (self, "SELECT mailbox FROM dropped ORDER BY mailbox LIMIT 1");
  TessRelayStep step = tess_relay_step (&next);
  Removed removed;
  int64_t number;
  int deposits, keys;

  *more_out = step == TESS_RELAY_STEP_ROW;
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_OK : TESS_RELAY_BUSY;
  number = tess_relay_column_int (&next, 0);
  tess_relay_query_clear (&next);
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
  *work += removed.count + deposits + keys + 1;
  if (removed.count < limit && deposits < limit && keys < limit && !forget_dropped (self, number))
    return TESS_RELAY_BUSY;
  return TESS_RELAY_OK;
}

static bool
sweep_deposits (TessRelayStore *self, int64_t number, int64_t before, int64_t limit, int64_t *count_out)
{
  bool found;

  *count_out = 0;
  return look_for (self, "SELECT 1 FROM deposit WHERE mailbox = ? AND stored < ? LIMIT 1", number, before, &found)
         && (!found || forget_deposits (self, number, before, limit, count_out));
}

/* Whether the oldest mail of mailbox @number keeps its place, and with it all that came later: to look at every one would be to
 * read the whole table at each round. A clock that was ahead may have put a time on it that is still to come, which says nothing
 * of the others. */
static bool
check_oldest (TessRelayStore *self, int64_t number, int64_t now, bool *stays_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT stored FROM mail WHERE id > ? AND id <= ? ORDER BY id LIMIT 1");
  TessRelayStep step;
  int64_t stored;

  tess_relay_bind_int (&query, 1, TESS_RELAY_MAIL_ID (number, 0));
  tess_relay_bind_int (&query, 2, TESS_RELAY_MAIL_ID (number, TESS_RELAY_SEQUENCE_MAX));
  step = tess_relay_step (&query);
  stored = step == TESS_RELAY_STEP_ROW ? tess_relay_column_int (&query, 0) : now;
  *stays_out = stored >= now - TESS_MAILBOX_KEEP && stored <= now + TESS_RELAY_CLOCK_STEP_MAX;
  return step != TESS_RELAY_STEP_FAILED;
}

/* At most @limit expired envelopes of mailbox @number, in which @waiting wait. Adds to *@work what it cost to find them. */
static bool
sweep_mail (TessRelayStore *self, int64_t number, int64_t waiting, int64_t now, int64_t limit, int64_t *count_out, int64_t *work)
{
  Removed removed;
  bool stays;

  *count_out = 0;
  if (waiting == 0)
    return true;
  if (!check_oldest (self, number, now, &stays))
    return false;
  if (stays)
    return true;
  *work += waiting / LOOKS_A_ROW;
  if (!delete_mail (self, number, TESS_RELAY_SEQUENCE_MAX, now - TESS_MAILBOX_KEEP, limit, &removed))
    return false;
  *count_out = removed.count;
  return removed.count == 0 || give_room (self, number, &removed, 0);
}

static bool
sweep_one_times (TessRelayStore *self, int64_t number, int64_t before, int64_t limit, int64_t *count_out)
{
  bool found;

  *count_out = 0;
  if (!look_for (self, "SELECT 1 FROM one_time WHERE mailbox = ? AND record IS NULL AND stored < ? LIMIT 1", number, before,
                 &found))
    return false;
  if (found)
    *count_out = delete_some (self, "DELETE FROM one_time WHERE mailbox = ?1 AND record IS NULL AND stored < ?3 AND id IN"
                                    " (SELECT id FROM one_time WHERE mailbox = ?1 AND record IS NULL AND stored < ?3 LIMIT ?2)",
                              number, limit, before);
  return *count_out >= 0;
}

/* Expired mail, deposit ids and long issued one-time ids of the next mailbox, and what has ended of its account. Most mailboxes
 * have nothing of it, and to see that must cost little: a round looks at each. Adds to *@work what it cost, in rows deleted.
 * *@looked_out FALSE: the round is complete. */
static TessRelayResult
sweep_mailbox (TessRelayStore *self, int64_t now, int64_t limit, int64_t *work, bool *looked_out)
{
  g_auto (TessRelayQuery) next = tess_relay_query (
    self, "SELECT number, account, waiting, remembered FROM mailbox WHERE number > ? ORDER BY number LIMIT 1");
  int64_t number, waiting, remembered, mail, deposits = 0, keys;
  TessRelayStep step;
  uint8_t account[32];

  tess_relay_bind_int (&next, 1, self->sweep_cursor);
  step = tess_relay_step (&next);
  if (step == TESS_RELAY_STEP_FAILED)
    return TESS_RELAY_BUSY;
  *looked_out = step == TESS_RELAY_STEP_ROW;
  if (!*looked_out)
    return TESS_RELAY_OK;
  number = tess_relay_column_int (&next, 0);
  tess_relay_column_copy (&next, 1, account, sizeof account);
  waiting = tess_relay_column_int (&next, 2);
  remembered = tess_relay_column_int (&next, 3);
  tess_relay_query_clear (&next);
  if (!tess_relay_store_trim_capabilities (self, account, now) || !tess_relay_store_trim_uploads (self, account, now)
      || (remembered > 0 && !sweep_deposits (self, number, now - TESS_MAILBOX_KEEP, limit, &deposits))
      || !sweep_mail (self, number, waiting, now, limit, &mail, work)
      || !sweep_one_times (self, number, now - TESS_ONE_TIME_KEEP, limit, &keys))
    return TESS_RELAY_BUSY;
  *work += mail + deposits + keys;
  if (mail < limit && deposits < limit && keys < limit)
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
  int64_t work = 0, dropped = 0;
  bool looked = true;

  do
    result = sweep_dropped (self, limit, &dropped, more_out);
  while (result == TESS_RELAY_OK && *more_out && dropped < limit);
  for (unsigned i = 0; result == TESS_RELAY_OK && looked && i < limit && work < limit; i++)
    result = sweep_mailbox (self, now, limit, &work, &looked);
  if (!looked)
    self->sweep_cursor = 0;
  else
    *more_out = true;
  return result;
}
