/* The directory: names that accounts claimed. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-store-private.h"

#include <string.h>

/* The name of @account; *@name_out stays NULL when it has none. */
static bool
read_own (TessRelayStore *self, const uint8_t account[static 32], char **name_out)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT name FROM account WHERE account = ?");
  TessRelayStep step;

  tess_relay_bind_blob (&query, 1, account, 32);
  step = tess_relay_step (&query);
  if (step == TESS_RELAY_STEP_ROW)
    *name_out = tess_relay_column_text (&query, 0);
  return step != TESS_RELAY_STEP_FAILED;
}

static bool
write_own (TessRelayStore *self, const uint8_t account[static 32], const char *name)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "UPDATE account SET name = ?2 WHERE account = ?1");

  tess_relay_bind_blob (&query, 1, account, 32);
  tess_relay_bind_text (&query, 2, name);
  return tess_relay_run (&query);
}

static TessRelayResult
claim (TessRelayStore *self, const char *name, const uint8_t account[static 32], const char *address)
{
  g_auto (TessRelayQuery) query = tess_relay_query (
    self, "INSERT INTO name (name, account, address) VALUES (?1, ?2, ?3)"
          "  ON CONFLICT (name) DO UPDATE SET address = excluded.address WHERE name.account = excluded.account RETURNING 1");
  TessRelayStep step;

  tess_relay_bind_text (&query, 1, name);
  tess_relay_bind_blob (&query, 2, account, 32);
  tess_relay_bind_text (&query, 3, address);
  step = tess_relay_step (&query);
  if (step != TESS_RELAY_STEP_ROW)
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_TAKEN : TESS_RELAY_BUSY;
  return tess_relay_step (&query) == TESS_RELAY_STEP_DONE ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

static bool
release (TessRelayStore *self, const char *name, const uint8_t account[static 32])
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "DELETE FROM name WHERE name = ? AND account = ?");

  tess_relay_bind_text (&query, 1, name);
  tess_relay_bind_blob (&query, 2, account, 32);
  return tess_relay_run (&query);
}

/* In this order an account never points to a name that is not its, not even where the steps do not share a transaction. */
TessRelayResult
tess_relay_store_name (TessRelayStore *self, const uint8_t device[static 32], const char *name, const char *address)
{
  g_autofree char *before = NULL;
  int64_t number;
  uint8_t account[32];
  TessRelayResult result = tess_relay_store_find (self, device, &number, account);

  if (result != TESS_RELAY_OK)
    return result == TESS_RELAY_NO_MAILBOX ? TESS_RELAY_UNREGISTERED : result;
  if (!read_own (self, account, &before))
    return TESS_RELAY_BUSY;
  if (name != NULL)
    result = claim (self, name, account, address);
  if (result != TESS_RELAY_OK)
    return result;
  if (!write_own (self, account, name))
    return TESS_RELAY_BUSY;
  return before == NULL || g_strcmp0 (before, name) == 0 || release (self, before, account) ? TESS_RELAY_OK : TESS_RELAY_BUSY;
}

bool
tess_relay_store_disown (TessRelayStore *self, const uint8_t account[static 32], const char *name)
{
  return write_own (self, account, NULL) && release (self, name, account);
}

bool
tess_relay_store_release_name (TessRelayStore *self, const uint8_t account[static 32])
{
  g_autofree char *name = NULL;

  return read_own (self, account, &name) && (name == NULL || tess_relay_store_disown (self, account, name));
}

static void
take_row (TessRelayQuery *query, GPtrArray *names)
{
  TessDirectoryName *found = g_new0 (TessDirectoryName, 1);

  found->name = tess_relay_column_text (query, 0);
  found->address = tess_relay_column_text (query, 1);
  g_ptr_array_add (names, found);
}

TessRelayResult
tess_relay_store_find_name (TessRelayStore *self, const char *name, GPtrArray *names)
{
  g_auto (TessRelayQuery) query = tess_relay_query (self, "SELECT name, address FROM name WHERE name = ?");
  TessRelayStep step;

  tess_relay_bind_text (&query, 1, name);
  step = tess_relay_step (&query);
  if (step == TESS_RELAY_STEP_ROW)
    take_row (&query, names);
  else
    return step == TESS_RELAY_STEP_DONE ? TESS_RELAY_NOT_FOUND : TESS_RELAY_BUSY;
  return TESS_RELAY_OK;
}

TessRelayResult
tess_relay_store_list_names (TessRelayStore *self, const char *prefix, unsigned limit, GPtrArray *names, bool *more_out)
{
  g_auto (TessRelayQuery) query
    = tess_relay_query (self, "SELECT name, address FROM name WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3");
  g_autofree char *end = g_strconcat (prefix, "\x7f", NULL);
  TessRelayStep step = TESS_RELAY_STEP_DONE;

  *more_out = false;
  tess_relay_bind_text (&query, 1, prefix);
  tess_relay_bind_text (&query, 2, end);
  tess_relay_bind_int (&query, 3, (int64_t) limit + 1);
  while (!*more_out && (step = tess_relay_step (&query)) == TESS_RELAY_STEP_ROW)
    {
      *more_out = names->len >= limit;
      if (!*more_out)
        take_row (&query, names);
    }
  return step == TESS_RELAY_STEP_FAILED ? TESS_RELAY_BUSY : TESS_RELAY_OK;
}
