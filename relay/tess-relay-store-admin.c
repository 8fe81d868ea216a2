/* What an operator asks of the store. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

#include "base/tess-limits.h"

TessRelayResult
tess_relay_store_remove_name (TessRelayStore *self, const char *name)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT account FROM name WHERE name = ?");
  TessRelayStep step;
  uint8_t account[32];

  tess_relay_bind_text (&query, 1, name);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_NOT_FOUND : TESS_RELAY_BUSY;
  tess_relay_column_copy (&query, 0, account, sizeof account);
  tess_relay_query_clear (&query);
  return tess_relay_store_disown (self, account, name) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

/* The number of one mailbox of @account; 0: it has none. */
static bool
next_mailbox (TessRelayStore *self, const uint8_t account[static 32], int64_t *number_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT number FROM mailbox WHERE account = ? LIMIT 1");
  TessRelayStep step;

  tess_relay_bind_blob (&query, 1, account, 32);
  step = tess_relay_step (&query);
  *number_out = step == TESS_RELAY_STEP_ROW ? tess_relay_column_int (&query, 0) : 0;
  return step != TESS_RELAY_STEP_FAILED;
}

TessRelayResult
tess_relay_store_delete_account (TessRelayStore *self, const uint8_t account[static 32])
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT 1 FROM account WHERE account = ?");
  TessRelayStep step;
  int64_t number;

  tess_relay_bind_blob (&query, 1, account, 32);
  step = tess_relay_step (&query);
  tess_relay_query_clear (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_NOT_FOUND : TESS_RELAY_BUSY;
  do
    if (!next_mailbox (self, account, &number) || (number != 0 && !tess_relay_store_drop (self, number)))
      return TESS_RELAY_BUSY;
  while (number != 0);
  return tess_relay_store_delete_if_empty (self, account) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

TessRelayResult
tess_relay_store_statistics (TessRelayStore *self, int64_t now, TessRelayStatistics *out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (
    self, "SELECT (SELECT count(*) FROM account), count(*), (SELECT count(*) FROM name), coalesce(sum(waiting), 0),"
          "  coalesce(sum(bytes), 0), coalesce(sum(one_time), 0),"
          "  (SELECT coalesce(sum(bytes), 0) FROM upload WHERE day >= ?),"
          "  (SELECT count(*) FROM invitation WHERE account IS NOT NULL),"
          "  (SELECT count(*) FROM invitation WHERE account IS NULL AND (until = 0 OR until > ?)) FROM mailbox");

  *out = (TessRelayStatistics) { 0 };
  tess_relay_bind_int (&query, 1, (now - TESS_BLOB_KEEP) / 86400);
  tess_relay_bind_int (&query, 2, now);
  if (tess_relay_step (&query) != TESS_RELAY_STEP_ROW)
    return TESS_RELAY_BUSY;
  out->accounts = tess_relay_column_int (&query, 0);
  out->devices = tess_relay_column_int (&query, 1);
  out->names = tess_relay_column_int (&query, 2);
  out->envelopes = tess_relay_column_int (&query, 3);
  out->bytes = tess_relay_column_int (&query, 4);
  out->one_time = tess_relay_column_int (&query, 5);
  out->uploaded = tess_relay_column_int (&query, 6);
  out->invitations_used = tess_relay_column_int (&query, 7);
  out->invitations_unused = tess_relay_column_int (&query, 8);
  return TESS_RELAY_OK;
}

TessRelayResult
tess_relay_store_foreign_writes (TessRelayStore *self, int64_t *out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "PRAGMA data_version");

  if (tess_relay_step (&query) != TESS_RELAY_STEP_ROW)
    return TESS_RELAY_BUSY;
  *out = tess_relay_column_int (&query, 0);
  return TESS_RELAY_OK;
}
