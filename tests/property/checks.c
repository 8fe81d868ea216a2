/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "checks.h"

#include "base/tess-text.h"
#include "core/tess-receive.h"
#include "crypto/tess-ratchet.h"
#include "relay.h"
#include "settle.h"
#include "steps.h"
#include "store/tess-queries-contacts.h"
#include "store/tess-store-error.h"

#include <string.h>

void
check_shown (World *self, guint who)
{
  Person *person = &self->people[who];
  g_autofree bool *counted = g_new0 (bool, self->said->len);
  g_autoptr (TessQuery) query
    = tess_db_query (person->party->db, "SELECT m.body, c.account, m.kind FROM messages m JOIN conversations v "
                                        "ON v.id = m.conversation JOIN contacts c ON c.id = v.contact "
                                        "WHERE m.sender <> 0 AND m.sender = c.id AND m.kind <> 3");
  int64_t shown = party_count (person->party, "SELECT count (*) FROM messages WHERE sender <> 0 AND kind <> 3");

  for (; tess_query_next (query); shown--)
    {
      g_autofree char *body = tess_query_dup_text (query);
      Said *said = g_hash_table_lookup (self->texts, body);
      uint8_t account[32];

      tess_query_copy (query, account, sizeof account);
      if (said == NULL || tess_query_int (query) != 0)
        world_fail (self, "%s shows “%.40s”, which nobody said", person->name, body);
      if (said->to != who || world_find_account (self, account) != said->from)
        world_fail (self, "%s shows #%u, under a wrong name or not meant for them", person->name, said->number);
      if (counted[said->number])
        world_fail (self, "%s shows #%u twice", person->name, said->number);
      counted[said->number] = true;
    }
  if (shown != 0)
    world_fail (self, "%s shows messages in a chat that is not their sender's", person->name);
}

void
check_delivered (World *self, guint who)
{
  Person *person = &self->people[who];
  g_autoptr (TessQuery) query
    = tess_db_query (person->party->db, "SELECT m.body, c.account, m.state FROM messages m JOIN conversations v "
                                        "ON v.id = m.conversation JOIN contacts c ON c.id = v.contact "
                                        "WHERE m.sender = 0 AND m.kind = 0");

  while (tess_query_next (query))
    {
      g_autofree char *body = tess_query_dup_text (query);
      Said *said = g_hash_table_lookup (self->texts, body);
      uint8_t account[32];
      int64_t state;

      tess_query_copy (query, account, sizeof account);
      state = tess_query_int (query);
      if (said == NULL || said->from != who || world_find_account (self, account) != said->to)
        world_fail (self, "%s has an own message that was not said there: “%.40s”", person->name, body);
      if ((state == 3 || state == 4) && !said->shown)
        world_fail (self, "#%u of %s counts as delivered, and was never shown", said->number, person->name);
    }
}

/* Fails when @sql, which gives one number, is above @max. */
static void
bound (World *self, guint who, const char *sql, int64_t max, const char *what)
{
  int64_t count = party_count (self->people[who].party, sql);

  if (count > max)
    world_fail (self, "%s: %s are %d, more than %d", self->people[who].name, what, (int) count, (int) max);
}

void
check_bounds (World *self, guint who)
{
  bound (self, who, "SELECT ifnull (max (n), 0) FROM (SELECT count (*) AS n FROM skipped_keys GROUP BY session)",
         TESS_RATCHET_STORED_KEYS_MAX, "stored keys of one session");
  bound (self, who, "SELECT ifnull (max (n), 0) FROM (SELECT sum (active) AS n FROM sessions GROUP BY contact, device)", 1,
         "active sessions of one device");
  bound (self, who, "SELECT ifnull (max (n), 0) FROM (SELECT sum (active = 0) AS n FROM sessions GROUP BY contact, device)",
         TESS_SESSIONS_ARCHIVED_MAX, "archived sessions of one device");
  bound (self, who, "SELECT ifnull (max (length (state)), 0) FROM sessions", TESS_RATCHET_STATE_SIZE_MAX, "bytes of a state");
  bound (self, who, "SELECT count (*) FROM contacts", self->n - 1, "contacts");
  bound (self, who, "SELECT count (*) FROM seen_envelopes", self->people[who].party->sequence, "envelopes seen");
  bound (self, who, "SELECT count (*) FROM seen_hellos", self->people[who].party->sequence, "hellos seen");
  bound (self, who, "SELECT count (*) FROM outbox o JOIN messages m ON o.message = m.id WHERE m.kind = 0", self->said->len,
         "texts in the outbox");
  bound (self, who, "SELECT count (*) FROM messages WHERE kind = 3 AND sender <> 0", TESS_EARLY_ACTIONS_MAX,
         "reactions to what is not here");
  bound (self, who, "SELECT count (*) FROM receipts_pending", 2 * (self->said->len + self->reacted), "receipts");
}

void
check_lists (World *self, guint who)
{
  Person *person = &self->people[who];
  g_autoptr (TessQuery) query = tess_db_query (person->party->db, "SELECT account, device_list_version FROM contacts");

  while (tess_query_next (query))
    {
      uint8_t account[32];
      guint other;
      int64_t version;

      tess_query_copy (query, account, sizeof account);
      other = world_find_account (self, account);
      version = tess_query_int (query);
      if (version < person->list_version[other])
        world_fail (self, "%s went back to an older device list of %s", person->name, self->people[other].name);
      person->list_version[other] = version;
    }
}

void
check_trust (World *self, guint who)
{
  Person *person = &self->people[who];
  g_autoptr (TessQuery) query = tess_db_query (person->party->db, "SELECT account, trust FROM contacts WHERE trust <> 0");

  while (tess_query_next (query))
    {
      uint8_t account[32];
      guint other;

      tess_query_copy (query, account, sizeof account);
      other = world_find_account (self, account);
      if (tess_query_int (query) != TESS_CONTACT_VERIFIED)
        world_fail (self, "%s was alarmed about %s for nothing", person->name, self->people[other].name);
      if (!person->may_trust[other])
        world_fail (self, "%s counts %s as verified, whom nobody looked at", person->name, self->people[other].name);
    }
}

void
check_always (World *self, guint who)
{
  check_shown (self, who);
  check_delivered (self, who);
  check_bounds (self, who);
  check_lists (self, who);
  check_trust (self, who);
}

/* What was lost for good need not arrive; nor need what was said or shown in a database that was put back, or between people who
 * lost both mail and what would tell them so. */
bool
check_is_owed (World *self, const Said *said)
{
  unsigned harm = self->harm[said->from][said->to];

  return !said->dropped && !said->lost && (harm & HARM_ROLLED) == 0 && harm != (HARM_DROPPED | HARM_SESSIONS);
}

/* The state of @said at its sender; -1: not there. */
static int64_t
state_of (World *self, const Said *said)
{
  g_autoptr (TessQuery) query
    = tess_db_query (self->people[said->from].party->db, "SELECT state FROM messages WHERE sender = 0 AND body = ?");

  tess_query_bind_text (query, said->text);
  return tess_query_next (query) ? tess_query_int (query) : -1;
}

static void
expect_arrived (World *self, const Said *said)
{
  int64_t state = state_of (self, said);

  if (!said->shown)
    world_fail (self, "#%u never arrived; its state is %d", said->number, (int) state);
  if (state != 3 && state != 4 && !self->receipts_dropped[said->to][said->from])
    world_fail (self, "#%u arrived, and its sender does not know: its state is %d", said->number, (int) state);
}

void
check_arrived (World *self)
{
  for (guint i = 0; i < self->said->len; i++)
    {
      const Said *said = g_ptr_array_index (self->said, i);

      if (check_is_owed (self, said))
        expect_arrived (self, said);
    }
}

/* The reactions of @one at @other, by the messages' ids. */
static void
compare_reactions (World *self, guint one, guint other)
{
  Party *there = self->people[other].party;
  g_autoptr (TessQuery) query
    = tess_db_query (self->people[one].party->db, "SELECT m.message_id, r.emoji FROM reactions r JOIN messages m "
                                                  "ON r.message = m.id WHERE r.sender = 0 AND m.conversation = ?");

  tess_query_bind_int (query, self->people[one].chats[other]);
  while (tess_query_next (query))
    {
      uint8_t id[16];
      g_autofree char *emoji = NULL, *hex = NULL, *sql = NULL, *found = NULL;

      tess_query_copy (query, id, sizeof id);
      emoji = tess_query_dup_text (query);
      hex = tess_hex_encode (id, sizeof id);
      sql = g_strdup_printf ("SELECT ifnull ((SELECT r.emoji FROM reactions r JOIN messages m ON r.message = m.id "
                             "WHERE r.sender <> 0 AND m.message_id = x'%s'), '')", hex);
      found = party_text (there, sql);
      if (!g_str_equal (found, emoji))
        world_fail (self, "%s reacted with “%s”, and %s sees “%s”", self->people[one].name, emoji, self->people[other].name,
                    found);
    }
}

void
check_reactions (World *self)
{
  for (guint i = 0; i < self->n; i++)
    {
      world_look_up (self, i);
      for (guint k = 0; k < self->n; k++)
        if (i != k && self->people[i].chats[k] != 0 && self->harm[i][k] == 0)
          compare_reactions (self, i, k);
      if (party_count (self->people[i].party, "SELECT count (*) FROM messages WHERE kind = 3 AND sender = 0 AND state = 1") > 0)
        world_fail (self, "reactions of %s wait for ever", self->people[i].name);
    }
}

void
check_healed (World *self, guint first)
{
  memset (self->receipts_dropped, 0, sizeof self->receipts_dropped);
  for (guint i = first; i < self->said->len; i++)
    expect_arrived (self, g_ptr_array_index (self->said, i));
}

/* ---- With somebody else's hands on a database ---- */

typedef struct {
  GBytes *envelope;
  TessReceiveOutcome outcome;
} Opening;

/* Tries an envelope as if it had never been seen, and leaves no trace. */
static bool
try_open (TessJob *job, gpointer data, GError **error)
{
  Opening *opening = data;

  if (tess_db_execute (job->db, "DELETE FROM seen_envelopes", error)
      && tess_receive (job, opening->envelope, TESS_MAIL_CONTACT, 0, &opening->outcome, error))
    g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_FAILED, "not kept");
  return false;
}

static TessReceiveOutcome
opens (Party *party, GBytes *envelope)
{
  Opening opening = { .envelope = envelope, .outcome = TESS_RECEIVED };
  g_autoptr (GError) error = NULL;

  g_assert_false (party_try (party, try_open, &opening, &error));
  g_assert_cmpstr (error->message, ==, "not kept");
  return opening.outcome;
}

void
check_forward_secrecy (World *self, guint who)
{
  Person *person = &self->people[who];

  if (person->was_rolled)
    return;
  for (guint i = 0; i < person->opened->len; i++)
    {
      Mail *mail = g_ptr_array_index (person->opened, i);

      if (opens (person->party, mail->envelope) == TESS_RECEIVED)
        world_fail (self, "%s's database still opens mail of %s that was read", person->name, self->people[mail->from].name);
    }
}

/* @who seals something for @to, and it is at the relay. */
static void
speak (World *self, guint who, guint to)
{
  step_say (self, who, to, 0);
  relay_fetch_keys (self, who);
  relay_deposit (self, who);
}

static void
listen (World *self, guint who)
{
  while (self->people[who].mailbox->len > 0)
    relay_deliver (self, who, 0, false);
}

/* What begins the session that @who sends to @to under: its EKa; NULL while its hello is still sent. */
static char *
sends_under (World *self, guint who, guint to)
{
  Person *person = &self->people[who];
  g_autoptr (TessQuery) query
    = tess_db_query (person->party->db, "SELECT hex (ek) FROM sessions WHERE active = 1 AND hello IS NULL AND contact = ?");

  world_look_up (self, who);
  tess_query_bind_int (query, person->contacts[to]);
  return tess_query_next (query) ? tess_query_dup_text (query) : NULL;
}

void
check_compromise (World *self, guint victim, guint friend)
{
  Party *party = self->people[victim].party;
  g_autoptr (GBytes) stolen = party_image (party);
  g_autoptr (Party) thief = party_new_from (party->us, stolen);
  GPtrArray *mailbox = self->people[victim].mailbox;
  g_autofree char *ours = NULL;
  g_autofree char *theirs = NULL;

  world_note (self, "somebody copies everything of %s", self->people[victim].name);
  for (guint i = 0; i < 2; i++)
    {
      speak (self, victim, friend);
      listen (self, friend);
      speak (self, friend, victim);
      listen (self, victim);
    }
  speak (self, friend, victim);
  /* Who holds the prekeys can read what starts a session (protocol.md 13), and where each sends under a session of its own none
   * turns, until fifty messages have come under one (3). */
  ours = sends_under (self, victim, friend);
  theirs = sends_under (self, friend, victim);
  if (ours == NULL || g_strcmp0 (ours, theirs) != 0)
    return;
  for (guint i = 0; i < mailbox->len; i++)
    {
      Mail *mail = g_ptr_array_index (mailbox, i);

      if (opens (thief, mail->envelope) == TESS_RECEIVED)
        world_fail (self, "what was copied from %s opens what came two round trips later", self->people[victim].name);
    }
  listen (self, victim);
}
