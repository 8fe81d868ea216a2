/* Invitations: who may make an account where not everybody may. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

#include <string.h>

/* Keyed by the hash alone, and taken before the account is made: where the two do not share a transaction, a failure between
 * them leaves an invitation that the same account can use again. */
TessRelayResult
tess_relay_store_use_invitation (TessRelayStore *self, const uint8_t hash[static TESS_RELAY_INVITATION_SIZE],
                                 const uint8_t account[static 32], int64_t now)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "UPDATE invitation SET account = ?2"
                              "  WHERE hash = ?1 AND (account = ?2 OR account IS NULL AND (until = 0 OR until > ?3))"
                              "  RETURNING 1");
  TessRelayStep step;

  tess_relay_bind_blob (&query, 1, hash, TESS_RELAY_INVITATION_SIZE);
  tess_relay_bind_blob (&query, 2, account, 32);
  tess_relay_bind_int (&query, 3, now);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_INVITATION : TESS_RELAY_BUSY;
  return tess_relay_run (&query) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

bool
tess_relay_store_forget_invited (TessRelayStore *self, const uint8_t account[static 32])
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "UPDATE invitation SET account = x'' WHERE account = ?");

  tess_relay_bind_blob (&query, 1, account, 32);
  return tess_relay_run (&query);
}

TessRelayResult
tess_relay_store_invite (TessRelayStore *self, const TessRelayInvitation *invitation)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "INSERT OR IGNORE INTO invitation (hash, made, until) VALUES (?, ?, ?)");

  tess_relay_bind_blob (&query, 1, invitation->hash, sizeof invitation->hash);
  tess_relay_bind_int (&query, 2, invitation->made);
  tess_relay_bind_int (&query, 3, invitation->until);
  return tess_relay_run (&query) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

TessRelayResult
tess_relay_store_configure_invitations (TessRelayStore *self, const GByteArray *hashes)
{
  g_auto (TessRelayQuery) drop = tess_relay_query (self, "DELETE FROM invitation WHERE account IS NULL AND made = 0");
  TessRelayResult result = tess_relay_run (&drop) ? TESS_RELAY_OK : TESS_RELAY_BUSY;

  for (size_t i = 0; result == TESS_RELAY_OK && i + TESS_RELAY_INVITATION_SIZE <= hashes->len; i += TESS_RELAY_INVITATION_SIZE)
    {
      TessRelayInvitation invitation = { 0 };

      memcpy (invitation.hash, hashes->data + i, sizeof invitation.hash);
      result = tess_relay_store_invite (self, &invitation);
    }
  return result;
}

TessRelayResult
tess_relay_store_invitations (TessRelayStore *self, GArray *invitations)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "SELECT hash, made, until, account IS NOT NULL FROM invitation ORDER BY made, hash");
  TessRelayStep step;

  while ((step = tess_relay_step (&query)) == TESS_RELAY_STEP_ROW)
    {
      TessRelayInvitation one = { 0 };

      tess_relay_column_copy (&query, 0, one.hash, sizeof one.hash);
      one.made = tess_relay_column_int (&query, 1);
      one.until = tess_relay_column_int (&query, 2);
      one.used = tess_relay_column_int (&query, 3) != 0;
      g_array_append_val (invitations, one);
    }
  return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

TessRelayResult
tess_relay_store_revoke (TessRelayStore *self, const uint8_t hash[static TESS_RELAY_INVITATION_SIZE])
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "DELETE FROM invitation WHERE hash = ? AND account IS NULL");

  tess_relay_bind_blob (&query, 1, hash, TESS_RELAY_INVITATION_SIZE);
  if (!tess_relay_run (&query))
    return TESS_RELAY_BUSY;
  return sqlite3_changes (self->db) > 0 ? TESS_RELAY_OK : TESS_RELAY_NOT_FOUND;
}
