/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay.h"

#include "core/tess-account.h"
#include "core/tess-outbox-jobs.h"
#include "core/tess-people.h"

#include <string.h>

/* ---- Deposits ---- */

/* The text that an outbox entry carries, and when it was sealed. */
static Said *
said_in (World *self, guint who, int64_t entry, int64_t *since_out)
{
  g_autoptr (TessQuery) query
    = tess_db_query (self->people[who].party->db,
                     "SELECT o.created, m.body FROM outbox o LEFT JOIN messages m ON m.id = o.message WHERE o.id = ?");
  const char *body;

  tess_query_bind_int (query, entry);
  if (!tess_query_next (query))
    world_fail (self, "the outbox of %s has lost an entry", self->people[who].name);
  *since_out = tess_query_int (query);
  body = tess_query_text (query);
  return body != NULL ? g_hash_table_lookup (self->texts, body) : NULL;
}

static void
lose (World *self, guint from, guint to, Said *said)
{
  world_harm (self, from, to, HARM_DROPPED);
  if (said != NULL)
    said->dropped = true;
  else
    self->receipts_dropped[from][to] = true;
}

/* The relay takes the envelope, unless it did before. */
static TessDepositStatus
store (World *self, guint from, const TessDepositTask *task, Said *said, int64_t since, bool drops)
{
  guint to = world_find_device (self, task->device);
  Person *person = &self->people[to];
  Mail *mail;

  if (!g_hash_table_add (person->deposits, g_bytes_new (task->deposit_id, sizeof task->deposit_id)))
    return TESS_DEPOSIT_STORED_BEFORE;
  if (drops)
    {
      lose (self, from, to, said);
      return TESS_DEPOSIT_STORED;
    }
  mail = g_new0 (Mail, 1);
  g_ref_count_init (&mail->count);
  mail->envelope = g_bytes_ref (task->envelope);
  mail->said = said;
  mail->from = from;
  mail->since = since;
  mail->class = task->by_request ? TESS_MAIL_REQUEST : TESS_MAIL_CONTACT;
  g_ptr_array_add (person->mailbox, mail);
  return TESS_DEPOSIT_STORED;
}

static DepositFate
choose_fate (World *self)
{
  if (self->is_settling || !world_chance (self, 4))
    return DEPOSIT_STORED;
  return (DepositFate) world_below (self, self->is_calm ? DEPOSIT_HARMLESS : DEPOSIT_FATES);
}

static TessDepositStatus
status_of (DepositFate fate)
{
  switch (fate)
    {
    case DEPOSIT_LATER:
      return TESS_DEPOSIT_SLOW_DOWN;
    case DEPOSIT_REFUSED:
      return TESS_DEPOSIT_REFUSED;
    case DEPOSIT_NO_MAILBOX:
      return TESS_DEPOSIT_NO_MAILBOX;
    default:
      return TESS_DEPOSIT_STORED;
    }
}

/* One attempt at the first entry for @mailbox; FALSE when none can go now. */
static bool
deposit_one (World *self, guint who, GBytes *mailbox)
{
  static const char *const fates[] = { "stored", "stored, unanswered", "unsent", "later", "dropped", "refused", "no mailbox" };
  g_autoptr (TessIntent) next = tess_intent_new (0);
  TessDepositTask *task = tess_deposit_task_new (g_bytes_get_data (mailbox, NULL));
  DepositFate fate = choose_fate (self);
  guint to = world_find_device (self, task->device);
  int64_t since;
  Said *said;

  next->object = task;
  next->object_free = tess_deposit_task_free;
  if (!world_try (self, who, tess_outbox_job_next, next) || task->id == 0 || task->next_try_ms > self->clock * 1000
      || !world_try (self, who, tess_outbox_job_attempt, next) || task->id == 0)
    return false;
  self->moved++;
  said = said_in (self, who, task->id, &since);
  world_note (self, "%s deposits for %s: %s%d, %s", self->people[who].name, self->people[to].name,
              said != NULL ? "#" : "no text ", said != NULL ? (int) said->number : (int) g_bytes_get_size (task->envelope),
              fates[fate]);
  task->status = status_of (fate);
  task->wait_ms = 60000;
  if (fate == DEPOSIT_STORED || fate == DEPOSIT_UNANSWERED || fate == DEPOSIT_DROPPED)
    task->status = store (self, who, task, said, since, fate == DEPOSIT_DROPPED);
  if (fate == DEPOSIT_UNANSWERED || fate == DEPOSIT_UNSENT || !world_try (self, who, tess_outbox_job_answer, next))
    return false;
  if (task->failure != NULL && said == NULL)
    self->receipts_dropped[who][to] = true;
  if (task->failure != NULL)
    world_harm (self, who, to, HARM_DROPPED);
  return fate != DEPOSIT_LATER;
}

void
relay_deposit (World *self, guint who)
{
  g_autoptr (TessIntent) heads = tess_intent_new (0);

  if (!world_try (self, who, tess_outbox_job_mailboxes, heads))
    return;
  for (guint i = 0; i < heads->rows->len; i++)
    while (deposit_one (self, who, g_ptr_array_index (heads->rows, i)))
      ;
}

/* ---- Keys ---- */

static GBytes *
newest (GPtrArray *records)
{
  return g_ptr_array_index (records, records->len - 1);
}

/* The next one-time prekey, which is handed out with this; NULL: none is left. */
static GBytes *
hand_out (Person *person)
{
  GBytes *record;

  if (person->one_time->len == 0)
    return NULL;
  record = g_ptr_array_index (person->one_time, 0);
  g_ptr_array_add (person->issued, g_bytes_ref (record));
  g_ptr_array_remove_index (person->one_time, 0);
  return newest (person->issued);
}

static TessBundle *
build (World *self, guint of, BundleLie lie, bool one_time)
{
  Person *person = &self->people[lie == BUNDLE_SOMEBODY_ELSE ? world_other (self, of) : of];
  TessBundleEntry entry = { .prekey = newest (person->records) };
  GBytes *list = lie == BUNDLE_OLD_LIST ? person->older_list : person->party->us->device_list;
  g_autofree char *json = NULL;

  memcpy (entry.device, person->party->us->us.device.bytes, sizeof entry.device);
  if (lie == BUNDLE_OLD_RECORD)
    entry.prekey = g_ptr_array_index (person->records, world_below (self, person->records->len));
  if (lie == BUNDLE_ONE_TIME_TWICE && person->issued->len > 0)
    entry.one_time = g_ptr_array_index (person->issued, world_below (self, person->issued->len));
  else if (one_time && lie != BUNDLE_NO_ONE_TIME)
    entry.one_time = hand_out (person);
  json = tess_bundle_build (list, &entry, 1);
  if (lie == BUNDLE_FORGED)
    json[world_below (self, (guint) strlen (json))] ^= (char) (1 << world_below (self, 6));
  return tess_bundle_parse (json, strlen (json), self->people[of].party->us->us.account.bytes, self->clock, NULL);
}

static bool
misses_session (World *self, guint who, int64_t contact)
{
  g_autoptr (TessQuery) query
    = tess_db_query (self->people[who].party->db,
                     "SELECT count (*) > 0 AND count (*) = count (s.id) FROM contact_devices d LEFT JOIN sessions s "
                     "ON s.contact = d.contact AND s.device = d.device AND s.active = 1 WHERE d.contact = ?");

  tess_query_bind_int (query, contact);
  return !tess_query_next (query) || tess_query_int (query) == 0;
}

static BundleLie
choose_lie (World *self)
{
  if (self->is_settling || !world_chance (self, 3))
    return BUNDLE_HONEST;
  return (BundleLie) world_below (self, self->is_calm ? BUNDLE_HARMLESS : BUNDLE_LIES);
}

static void
fetch_one (World *self, guint who, guint of)
{
  static const char *const lies[] = { "honest", "no one-time key", "an older list", "somebody else's", "forged", "no answer",
                                      "an old record", "a one-time key twice" };
  Person *person = &self->people[who];
  int64_t contact = person->contacts[of];
  BundleLie lie = choose_lie (self);
  bool misses = misses_session (self, who, contact);
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  world_note (self, "%s fetches the keys of %s: %s", person->name, self->people[of].name, lies[lie]);
  self->moved++;
  intent->message = contact;
  intent->object = lie != BUNDLE_NOTHING ? build (self, of, lie, misses) : NULL;
  intent->object_free = (GDestroyNotify) tess_bundle_unref;
  if (intent->object != NULL && lie == BUNDLE_SOMEBODY_ELSE)
    world_fail (self, "keys of another account were taken for those of %s", self->people[of].name);
  if (intent->object == NULL && self->is_settling)
    world_fail (self, "the keys of %s are refused", self->people[of].name);
  /* It stays wanted until it comes right. */
  if (intent->object == NULL || !world_try (self, who, party_take_bundle, intent) || intent->result != TESS_LIST_TAKEN)
    return;
  /* What is sealed for keys that are spent may be lost as if it was dropped. */
  if (misses && (lie == BUNDLE_ONE_TIME_TWICE || lie == BUNDLE_OLD_RECORD))
    world_harm (self, who, of, HARM_SESSIONS | HARM_DROPPED);
  g_hash_table_remove (person->party->wanted, &contact);
}

void
relay_fetch_keys (World *self, guint who)
{
  Person *person = &self->people[who];

  for (guint i = 0; i < self->n; i++)
    if (i != who && person->contacts[i] != 0 && g_hash_table_contains (person->party->wanted, &person->contacts[i]))
      fetch_one (self, who, i);
}

void
relay_upload (World *self, guint who)
{
  Person *person = &self->people[who];
  PartyUpload upload = { .left = person->one_time->len };

  if (world_try (self, who, party_upload, &upload))
    {
      if (upload.replace)
        g_ptr_array_set_size (person->one_time, 0);
      if (!g_bytes_equal (upload.prekey, newest (person->records)))
        g_ptr_array_add (person->records, g_bytes_ref (upload.prekey));
      for (guint i = 0; i < upload.one_time->len; i++)
        g_ptr_array_add (person->one_time, g_bytes_ref (g_ptr_array_index (upload.one_time, i)));
    }
  g_clear_pointer (&upload.prekey, g_bytes_unref);
  g_clear_pointer (&upload.one_time, g_ptr_array_unref);
}

/* ---- Mail ---- */

typedef struct {
  GBytes *envelope;
  TessMailClass class;
  uint64_t sequence;
  TessReceiveOutcome outcome;
} Handed;

static bool
receive (TessJob *job, gpointer data, GError **error)
{
  Handed *handed = data;

  return tess_receive (job, handed->envelope, handed->class, handed->sequence, &handed->outcome, error);
}

/* One message that is new in @who's history: who wrote it, to whom, and that it was never there before. */
static void
note_arrived (World *self, guint who, int64_t row)
{
  Person *person = &self->people[who];
  g_autoptr (TessQuery) query
    = tess_db_query (person->party->db, "SELECT m.body, c.account, v.contact = c.id FROM messages m "
                                        "JOIN contacts c ON c.id = m.sender JOIN conversations v ON v.id = m.conversation "
                                        "WHERE m.id = ?");
  g_autofree char *body = NULL;
  uint8_t account[32];
  Said *said;

  tess_query_bind_int (query, row);
  if (!tess_query_next (query))
    world_fail (self, "%s was told of a message that is not there", person->name);
  body = tess_query_dup_text (query);
  tess_query_copy (query, account, sizeof account);
  said = g_hash_table_lookup (self->texts, body);
  if (said == NULL)
    world_fail (self, "%s shows “%.40s”, which nobody said", person->name, body);
  if (said->to != who || world_find_account (self, account) != said->from)
    world_fail (self, "%s shows #%u, under a wrong name or not meant for them", person->name, said->number);
  if (tess_query_int (query) == 0)
    world_fail (self, "%s shows #%u in the chat with somebody else", person->name, said->number);
  if (said->shown && !person->was_rolled)
    world_fail (self, "%s is shown #%u again", person->name, said->number);
  said->shown = true;
}

static bool
hand (World *self, guint who, GBytes *envelope, TessMailClass class, TessReceiveOutcome *outcome_out)
{
  Person *person = &self->people[who];
  Handed handed = { .envelope = envelope, .class = class, .sequence = ++person->party->sequence };

  if (!world_try (self, who, receive, &handed))
    return false;
  *outcome_out = handed.outcome;
  for (guint i = 0; i < person->party->changes->arrived_ids->len; i++)
    note_arrived (self, who, g_array_index (person->party->changes->arrived_ids, int64_t, i));
  return true;
}

static const char *
outcome_text (TessReceiveOutcome outcome)
{
  static const char *const texts[] = { "received", "known", "refused", "undecryptable" };

  return texts[outcome];
}

/* Mail that means nothing to its reader any more may have carried a receipt, and its sender's session is of no use. */
static void
note_unread (World *self, guint who, Mail *mail, TessReceiveOutcome outcome)
{
  if (outcome == TESS_RECEIVED_UNDECRYPTABLE || outcome == TESS_RECEIVED_REFUSED)
    world_harm (self, who, mail->from, HARM_SESSIONS);
}

void
relay_deliver (World *self, guint who, guint at, bool keep)
{
  Person *person = &self->people[who];
  g_autoptr (Mail) mail = mail_ref (g_ptr_array_index (person->mailbox, at));
  TessReceiveOutcome outcome;

  world_note (self, "%s gets mail %u from %s: %s%d", person->name, at, self->people[mail->from].name,
              mail->said != NULL ? "#" : "no text", mail->said != NULL ? (int) mail->said->number : 0);
  self->moved++;
  if (!hand (self, who, mail->envelope, mail->class, &outcome))
    return;
  world_note (self, "  … %s%s", outcome_text (outcome), keep ? ", not acknowledged" : "");
  note_unread (self, who, mail, outcome);
  if (outcome == TESS_RECEIVED)
    g_ptr_array_add (person->opened, mail_ref (mail));
  if (keep)
    return;
  person->acked = person->party->sequence;
  g_ptr_array_add (person->delivered, mail_ref (mail));
  g_ptr_array_remove_index (person->mailbox, at);
}

void
relay_hand_over (World *self, guint who, GBytes *envelope, TessMailClass class, const char *what)
{
  TessReceiveOutcome outcome;

  world_note (self, "%s gets %s", self->people[who].name, what);
  if (!hand (self, who, envelope, class, &outcome))
    return;
  world_note (self, "  … %s", outcome_text (outcome));
  if (outcome == TESS_RECEIVED && !self->people[who].was_rolled)
    world_fail (self, "%s took %s for mail", self->people[who].name, what);
}

void
relay_ready (World *self, guint who)
{
  Person *person = &self->people[who];
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  intent->message = (int64_t) person->acked;
  if (world_try (self, who, tess_account_job_roll_forward, intent))
    person->must_find_out = false;
}

void
relay_drop (World *self, guint who, guint at)
{
  Person *person = &self->people[who];
  Mail *mail = g_ptr_array_index (person->mailbox, at);

  world_note (self, "the relay drops mail %u for %s from %s: %s%d", at, person->name, self->people[mail->from].name,
              mail->said != NULL ? "#" : "no text", mail->said != NULL ? (int) mail->said->number : 0);
  lose (self, mail->from, who, mail->said);
  g_ptr_array_remove_index (person->mailbox, at);
}

void
relay_expire (World *self)
{
  for (guint i = 0; i < self->n; i++)
    for (guint k = self->people[i].mailbox->len; k > 0; k--)
      {
        Mail *mail = g_ptr_array_index (self->people[i].mailbox, k - 1);

        if (mail->since < self->clock - TESS_MAILBOX_KEEP)
          relay_drop (self, i, k - 1);
      }
}
