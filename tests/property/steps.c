/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "steps.h"

#include "relay.h"

#include <string.h>

typedef void (*StepFunc) (World *self, guint who);

void
step_add (World *self, guint who, guint other)
{
  Person *person = &self->people[who];
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  world_note (self, "%s adds %s", person->name, self->people[other].name);
  intent->address = party_address (self->people[other].party);
  if (world_try (self, who, tess_intent_add, intent))
    world_look_up (self, who);
}

void
step_say (World *self, guint who, guint other, gsize size)
{
  Person *person = &self->people[who];
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  world_look_up (self, who);
  if (person->chats[other] == 0)
    {
      step_add (self, who, other);
      return;
    }
  intent->conversation = person->chats[other];
  intent->text = world_make_text (self, who, other, size);
  world_note (self, "%s says #%u to %s (%u bytes)", person->name, self->said->len, self->people[other].name,
              (guint) strlen (intent->text));
  if (world_try (self, who, tess_intent_send, intent))
    world_said (self, who, other, intent->text);
}

static void
say (World *self, guint who)
{
  static const gsize sizes[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 250, 1500, 12000, TESS_TEXT_BYTES_MAX };

  step_say (self, who, world_other (self, who), sizes[world_below (self, G_N_ELEMENTS (sizes))]);
}

static void
add (World *self, guint who)
{
  step_add (self, who, world_other (self, who));
}

void
step_accept (World *self, guint who)
{
  Person *person = &self->people[who];

  world_look_up (self, who);
  for (guint i = 0; i < self->n; i++)
    {
      g_autoptr (TessIntent) intent = tess_intent_new (person->chats[i]);

      if (person->chats[i] != 0)
        world_try (self, who, tess_intent_accept, intent);
    }
}

static void
accept_all (World *self, guint who)
{
  world_note (self, "%s accepts who wrote", self->people[who].name);
  step_accept (self, who);
}

static void
fetch_mail (World *self, guint who)
{
  Person *person = &self->people[who];
  guint count = 1 + world_below (self, 4);

  while (count-- > 0 && person->mailbox->len > 0)
    relay_deliver (self, who, world_chance (self, 4) ? world_below (self, person->mailbox->len) : 0, world_chance (self, 8));
}

/* The relay gives the newest first. */
static void
fetch_backwards (World *self, guint who)
{
  Person *person = &self->people[who];

  while (person->mailbox->len > 0 && !world_chance (self, 12))
    relay_deliver (self, who, person->mailbox->len - 1, false);
}

static GBytes *
altered (World *self, GBytes *envelope)
{
  gsize size;
  const uint8_t *data = g_bytes_get_data (envelope, &size);
  uint8_t *copy = g_malloc (size + 1);

  memcpy (copy, data, size);
  copy[size] = 0;
  switch (world_below (self, 4))
    {
    case 0:
      size = world_below (self, (guint) size);
      break;
    case 1:
      size++;
      break;
    default: /* the beginning is where most that can be told apart lies */
      copy[world_below (self, world_chance (self, 2) ? (guint) size : 8)] ^= (uint8_t) (1 << world_below (self, 8));
    }
  return g_bytes_new_take (copy, size);
}

static void
tamper (World *self, guint who)
{
  Person *person = &self->people[who];
  Mail *mail;
  g_autoptr (GBytes) copy = NULL;

  if (person->mailbox->len == 0)
    return;
  mail = g_ptr_array_index (person->mailbox, world_below (self, person->mailbox->len));
  copy = altered (self, mail->envelope);
  relay_hand_over (self, who, copy, mail->class, "an altered envelope");
}

static void
misdeliver (World *self, guint who)
{
  Person *other = &self->people[world_other (self, who)];
  Mail *mail;

  if (other->mailbox->len == 0)
    return;
  mail = g_ptr_array_index (other->mailbox, world_below (self, other->mailbox->len));
  relay_hand_over (self, who, mail->envelope, mail->class, "another's mail");
}

static void
replay (World *self, guint who)
{
  Person *person = &self->people[who];
  Mail *mail;

  if (person->delivered->len == 0)
    return;
  mail = g_ptr_array_index (person->delivered, world_below (self, person->delivered->len));
  relay_hand_over (self, who, mail->envelope, mail->class, "mail of before");
}

static void
drop (World *self, guint who)
{
  guint len = self->people[who].mailbox->len;

  if (len > 0)
    relay_drop (self, who, world_below (self, len));
}

void
step_receipts (World *self, guint who)
{
  world_try (self, who, party_receipts_job, NULL);
}

void
step_hourly (World *self, guint who)
{
  world_try (self, who, party_late_job, NULL);
}

static void
read_chat (World *self, guint who)
{
  Person *person = &self->people[who];
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  world_look_up (self, who);
  intent->conversation = person->chats[world_other (self, who)];
  intent->message = INT64_MAX;
  if (intent->conversation == 0)
    return;
  world_try (self, who, tess_intent_mark_read, intent);
}

/* To any text that is here, own or theirs: one of a few, or none any more. */
static void
react (World *self, guint who)
{
  static const char *const emoji[] = { "👍", "❤️", "🎉", "" };
  Person *person = &self->people[who];
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autofree char *sql = NULL;
  int64_t count;

  world_look_up (self, who);
  intent->conversation = person->chats[world_other (self, who)];
  sql = g_strdup_printf ("SELECT count (*) FROM messages WHERE kind = 0 AND conversation = %d", (int) intent->conversation);
  count = party_count (person->party, sql);
  if (count == 0)
    return;
  g_free (sql);
  sql = g_strdup_printf ("SELECT id FROM messages WHERE kind = 0 AND conversation = %d ORDER BY id LIMIT 1 OFFSET %u",
                         (int) intent->conversation, world_below (self, (guint) count));
  intent->message = party_count (person->party, sql);
  intent->text = g_strdup (emoji[world_below (self, G_N_ELEMENTS (emoji))]);
  world_note (self, "%s reacts to their message %d with “%s”", person->name, (int) intent->message, intent->text);
  self->reacted++;
  world_try (self, who, tess_intent_react, intent);
}

static void
restart (World *self, guint who)
{
  Person *person = &self->people[who];

  world_note (self, "%s starts again", person->name);
  party_restart (person->party);
  g_hash_table_remove_all (person->party->wanted);
  step_hourly (self, who);
}

static void
pass_a_while (World *self, guint who)
{
  guint seconds = world_chance (self, 3) ? world_below (self, 3 * DAY) : world_below (self, 2 * HOUR);

  world_note (self, "%u s pass", seconds);
  world_pass_time (self, seconds);
}

static void
pass_long (World *self, guint who)
{
  guint days = 1 + world_below (self, 50);

  world_note (self, "%u days pass", days);
  world_pass_time (self, (int64_t) days * DAY);
  relay_expire (self);
}

static void
turn_clock_back (World *self, guint who)
{
  guint hours = 1 + world_below (self, 72);

  world_note (self, "the clock goes back %u hours", hours);
  world_pass_time (self, -(int64_t) hours * HOUR);
}

static void
lose_sessions (World *self, guint who)
{
  world_note (self, "%s loses all sessions", self->people[who].name);
  world_harm_all (self, who, HARM_SESSIONS);
  tess_db_execute (self->people[who].party->db, "DELETE FROM sessions", NULL);
}

static void
keep (World *self, guint who)
{
  world_note (self, "%s's disk is copied", self->people[who].name);
  party_keep (self->people[who].party);
  self->people[who].has_kept = true;
}

/* What was there since the copy is gone: texts that came, that were said, and what became of them. */
static void
roll_back (World *self, guint who)
{
  Person *person = &self->people[who];

  if (!person->has_kept)
    return;
  world_note (self, "%s's disk is put back to the copy", person->name);
  party_roll_back (person->party);
  person->was_rolled = person->must_find_out = true;
  memset (person->list_version, 0, sizeof person->list_version);
  world_harm_all (self, who, HARM_ROLLED);
  for (guint i = 0; i < self->said->len; i++)
    {
      Said *said = g_ptr_array_index (self->said, i);

      said->lost |= said->from == who || said->to == who;
    }
  g_hash_table_remove_all (person->party->wanted);
  world_look_up (self, who);
  if (world_chance (self, 2))
    relay_ready (self, who);
  step_hourly (self, who);
}

/* @who shows a code, made for somebody or for all, and somebody scans it. */
static void
verify (World *self, guint who)
{
  guint other = world_other (self, who);
  Person *person = &self->people[who];
  Person *scanner = &self->people[other];
  g_autoptr (TessIntent) show = tess_intent_new (0);
  g_autoptr (TessIntent) scan = tess_intent_new (0);

  world_look_up (self, who);
  world_look_up (self, other);
  if (person->chats[other] == 0 || scanner->chats[who] == 0)
    return;
  world_note (self, "%s scans the code of %s", scanner->name, person->name);
  show->conversation = world_chance (self, 3) ? 0 : person->chats[other];
  show->expires = self->clock + TESS_CODE_KEEP_AFTER;
  for (gsize i = 0; i < sizeof show->secret; i++)
    show->secret[i] = (uint8_t) g_rand_int (self->choices);
  if (!world_try (self, who, tess_intent_show_code, show))
    return;
  scan->conversation = scanner->chats[who];
  scan->address = party_address (person->party);
  scan->address->has_code = true;
  memcpy (scan->address->code, show->secret, sizeof show->secret);
  if (!world_try (self, other, tess_intent_verify, scan))
    return;
  if (scan->result != TESS_VERIFY_MATCH)
    world_fail (self, "the code of %s does not match for %s", person->name, scanner->name);
  scanner->may_trust[who] = true;
  person->may_trust[other] |= show->conversation != 0;
}

static const struct {
  StepFunc func;
  guint weight;
  bool harms; /* not in calm histories */
} table[] = {
  { say, 20, false },
  { add, 3, false },
  { accept_all, 3, false },
  { relay_deposit, 14, false },
  { fetch_mail, 18, false },
  { fetch_backwards, 2, false },
  { relay_fetch_keys, 10, false },
  { step_receipts, 6, false },
  { step_hourly, 3, false },
  { relay_upload, 3, false },
  { read_chat, 2, false },
  { verify, 2, false },
  { react, 4, false },
  { restart, 3, false },
  { pass_a_while, 4, false },
  { tamper, 4, false },
  { misdeliver, 2, false },
  { replay, 4, false },
  { turn_clock_back, 1, true },
  { drop, 2, true },
  { pass_long, 1, true },
  { lose_sessions, 1, true },
  { keep, 3, true },
  { roll_back, 1, true },
};

void
steps_mix (World *self, StepMix *mix_out, bool calm)
{
  static const guint factors[] = { 0, 1, 2, 2, 2, 2, 4, 8 };

  G_STATIC_ASSERT (G_N_ELEMENTS (table) <= G_N_ELEMENTS (mix_out->weights));
  memset (mix_out, 0, sizeof *mix_out);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      guint factor = factors[world_below (self, G_N_ELEMENTS (factors))];

      mix_out->weights[i] = calm && table[i].harms ? 0 : table[i].weight * (i == 0 ? MAX (factor, 1) : factor);
      mix_out->total += mix_out->weights[i];
    }
}

void
steps_play (World *self, const StepMix *mix)
{
  guint at = world_below (self, mix->total), i = 0;

  while (at >= mix->weights[i])
    at -= mix->weights[i++];
  table[i].func (self, world_somebody (self));
}
