/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settle.h"

#include "relay.h"
#include "steps.h"

/* Waits that have to be over while something is left to do: an hour between fresh sessions, a day when some did not help. */
#define QUIET_HOURS 3
#define QUIET_DAYS 2
#define ROUNDS_MAX 200
/* Long enough for keys that are lost to be asked for anew, and in a few times for a session to step back that nobody answers. */
#define BETWEEN_WORDS (5 * DAY)

/* What failed for good is tried again, as a person would. */
static void
retry_failed (World *self, guint who)
{
  g_autoptr (TessQuery) query
    = tess_db_query (self->people[who].party->db, "SELECT conversation, id FROM messages "
                                                  "WHERE sender = 0 AND state = 5 AND kind <> 3 "
                                                  "UNION SELECT m.conversation, m.id FROM messages a JOIN messages m "
                                                  "ON m.message_id = a.target WHERE a.sender = 0 AND a.state = 5 AND a.kind = 3");
  g_autoptr (GPtrArray) intents = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_intent_unref);

  while (tess_query_next (query))
    {
      TessIntent *intent = tess_intent_new (tess_query_int (query));

      intent->message = tess_query_int (query);
      g_ptr_array_add (intents, intent);
    }
  for (guint i = 0; i < intents->len; i++)
    world_try (self, who, tess_intent_retry, g_ptr_array_index (intents, i));
}

static void
take_all_mail (World *self, guint who)
{
  while (self->people[who].mailbox->len > 0)
    relay_deliver (self, who, 0, false);
}

static guint
one_round (World *self, int64_t seconds)
{
  guint before = self->moved;

  world_pass_time (self, seconds);
  for (guint i = 0; i < self->n; i++)
    {
      if (self->people[i].must_find_out)
        relay_ready (self, i);
      relay_upload (self, i);
    }
  for (guint i = 0; i < self->n; i++)
    {
      take_all_mail (self, i);
      step_accept (self, i);
      step_hourly (self, i);
      step_receipts (self, i);
      relay_fetch_keys (self, i);
      relay_deposit (self, i);
    }
  return self->moved - before;
}

/* Whether anybody has work that waits for its hour. */
static bool
is_waiting (World *self)
{
  for (guint i = 0; i < self->n; i++)
    if (party_count (self->people[i].party, "SELECT EXISTS (SELECT 1 FROM settings WHERE name LIKE 'pending.%') "
                                            "OR EXISTS (SELECT 1 FROM receipts_pending) OR EXISTS (SELECT 1 FROM outbox) "
                                            "OR EXISTS (SELECT 1 FROM messages WHERE sender = 0 AND state = 1)"))
      return true;
  return false;
}

void
settle (World *self)
{
  guint quiet = 0;

  self->is_settling = true;
  world_note (self, "everything settles");
  for (guint i = 0; i < self->n; i++)
    retry_failed (self, i);
  for (guint round = 0; quiet < QUIET_HOURS + QUIET_DAYS && (quiet == 0 || is_waiting (self)); round++)
    {
      if (round > ROUNDS_MAX)
        world_fail (self, "it does not come to rest");
      quiet = one_round (self, quiet < QUIET_HOURS ? HOUR + 1 : DAY + 1) > 0 ? 0 : quiet + 1;
    }
}

guint
settle_with_words (World *self, guint times)
{
  guint first = self->said->len;

  self->is_settling = true;
  if (times == 0)
    return first;
  /* Whoever lost the other's profile does not know their relay: people would give each other their addresses again. */
  for (guint i = 0; i < self->n; i++)
    for (guint k = 0; k < self->n; k++)
      if (i != k && (self->people[i].chats[k] != 0 || self->people[k].chats[i] != 0))
        step_add (self, i, k);
  for (guint time = 0; time < times; time++)
    {
      first = self->said->len;
      world_pass_time (self, BETWEEN_WORDS);
      for (guint i = 0; i < self->n; i++)
        {
          world_look_up (self, i);
          for (guint k = 0; k < self->n; k++)
            if (self->people[i].chats[k] != 0)
              step_say (self, i, k, 0);
        }
      settle (self);
    }
  return first;
}
