/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "party.h"

#include "base/tess-clock.h"
#include "core-fixture.h"
#include "core/tess-account-keys.h"
#include "core/tess-outbox-jobs.h"
#include "core/tess-people.h"
#include "core/tess-seal.h"
#include "core/tess-sender.h"
#include "store/tess-queries-keys.h"
#include "store/tess-queries-messages.h"

#include <string.h>

#define ORIGIN "https://relay.example.org"

static char *
db_path (Party *self)
{
  return g_build_filename (self->dir, "db", NULL);
}

static void
open_db (Party *self)
{
  g_autofree char *path = db_path (self);
  TessDatabaseKey key = { { 7 } };
  g_autoptr (GError) error = NULL;

  self->db = tess_db_open (path, &key, &error);
  g_assert_no_error (error);
}

void
party_restart (Party *self)
{
  tess_db_close (self->db);
  open_db (self);
}

GBytes *
party_image (Party *self)
{
  g_autofree char *path = db_path (self);
  g_autoptr (TessQuery) query = tess_db_query (self->db, "PRAGMA wal_checkpoint (TRUNCATE)");
  char *data;
  gsize size;
  g_autoptr (GError) error = NULL;

  g_assert_true (tess_query_next (query));
  g_assert_cmpint (tess_query_int (query), ==, 0);
  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

static void
write_image (Party *self, GBytes *image)
{
  g_autofree char *path = db_path (self);
  gsize size;
  const char *data = g_bytes_get_data (image, &size);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, data, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

void
party_put_image (Party *self, GBytes *image)
{
  tess_db_close (self->db);
  write_image (self, image);
  open_db (self);
}

void
party_keep (Party *self)
{
  g_clear_pointer (&self->kept, g_bytes_unref);
  self->kept = party_image (self);
}

void
party_roll_back (Party *self)
{
  party_put_image (self, self->kept);
}

bool
party_try (Party *self, PartyJob job, gpointer data, GError **error)
{
  TessJob context = { .db = self->db, .us = self->us, .now = tess_clock_now (), .now_ms = tess_clock_now_ms () };

  g_clear_pointer (&self->changes, tess_changes_free);
  self->changes = context.changes = tess_changes_new ();
  if (!tess_db_begin (self->db, error))
    return false;
  if (!job (&context, data, error) || !tess_changes_load (&context, error))
    {
      tess_db_rollback (self->db);
      return false;
    }
  if (!tess_db_commit (self->db, error))
    return false;
  for (guint i = 0; i < context.changes->bundle_ids->len; i++)
    g_hash_table_add (self->wanted, g_memdup2 (&g_array_index (context.changes->bundle_ids, int64_t, i), sizeof (int64_t)));
  return true;
}

void
party_run (Party *self, PartyJob job, gpointer data)
{
  g_autoptr (GError) error = NULL;

  party_try (self, job, data, &error);
  g_assert_no_error (error);
}

static bool
prepare (TessJob *job, gpointer data, GError **error)
{
  uint8_t contact[16], request[16];

  memset (contact, 1, sizeof contact);
  memset (request, 2, sizeof request);
  return tess_db_setting_set_text (job->db, TESS_SETTING_NAME, data, error)
         && tess_db_setting_set_text (job->db, TESS_SETTING_RELAY, ORIGIN, error)
         && tess_db_setting_set_int (job->db, TESS_SETTING_PROFILE_VERSION, 1, error)
         && tess_db_setting_set_blob (job->db, TESS_SETTING_CONTACT_CAPABILITY, contact, sizeof contact, error)
         && tess_db_setting_set_blob (job->db, TESS_SETTING_REQUEST_CAPABILITY, request, sizeof request, error)
         && tess_keys_rotate (job, error) && tess_keys_make_one_time (job, 5, error);
}

static Party *
party_alloc (void)
{
  Party *self = g_new0 (Party, 1);

  self->dir = test_folder_new ();
  self->wanted = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return self;
}

Party *
party_new_from (TessIdentity *us, GBytes *image)
{
  Party *self = party_alloc ();

  self->us = tess_identity_ref (us);
  write_image (self, image);
  open_db (self);
  return self;
}

Party *
party_new (const char *name)
{
  Party *self = party_alloc ();
  TessIdentitySecrets secrets;
  TessAccountPublic account;
  TessDevicePublic device;
  g_autoptr (GError) error = NULL;

  open_db (self);
  tess_account_generate (&secrets.account, &account, &error);
  tess_device_generate (&secrets.device, &device, &error);
  self->us = tess_identity_new (&secrets, &(TessIdentityDevice) { 1, 1, tess_clock_now () }, &error);
  g_assert_no_error (error);
  party_run (self, prepare, (gpointer) name);
  return self;
}

void
party_free (Party *self)
{
  g_clear_pointer (&self->changes, tess_changes_free);
  g_clear_pointer (&self->kept, g_bytes_unref);
  g_hash_table_unref (self->wanted);
  tess_db_close (self->db);
  tess_identity_unref (self->us);
  test_folder_remove (self->dir);
  g_free (self);
}

typedef struct {
  bool one_time;
  GBytes *prekey;
  GPtrArray *records;
  uint32_t first, last;
} Records;

static bool
load_records (TessJob *job, gpointer data, GError **error)
{
  Records *records = data;
  g_autoptr (TessPrekeyRow) newest = NULL;

  if (!tess_db_prekey_newest (job->db, job->now + TESS_PREKEY_AHEAD_MAX, &newest, error))
    return false;
  records->prekey = g_bytes_ref (newest->record);
  if (!tess_keys_not_uploaded (job, &records->records, &records->first, &records->last, error))
    return false;
  /* Each is handed out once. */
  return !records->one_time || records->records->len == 0
         || tess_db_one_time_set_uploaded (job->db, records->first, records->first, job->now, error);
}

TessBundle *
party_bundle (Party *self, bool one_time)
{
  Records records = { .one_time = one_time };
  TessBundleEntry entry = { 0 };
  g_autofree char *json = NULL;
  TessBundle *bundle;
  g_autoptr (GError) error = NULL;

  party_run (self, load_records, &records);
  memcpy (entry.device, self->us->us.device.bytes, sizeof entry.device);
  entry.prekey = records.prekey;
  entry.one_time = one_time && records.records->len > 0 ? g_ptr_array_index (records.records, 0) : NULL;
  json = tess_bundle_build (self->us->device_list, &entry, 1);
  bundle = tess_bundle_parse (json, strlen (json), self->us->us.account.bytes, tess_clock_now (), &error);
  g_assert_no_error (error);
  g_bytes_unref (records.prekey);
  g_ptr_array_unref (records.records);
  return bundle;
}

static bool
rotate (TessJob *job, gpointer data, GError **error)
{
  return tess_keys_rotate (job, error);
}

void
party_rotate (Party *self)
{
  party_run (self, rotate, NULL);
}

/* As many one-time prekeys as a test may need; a real account has TESS_ONE_TIME_UPLOAD. */
#define ONE_TIME 3

bool
party_upload (TessJob *job, gpointer data, GError **error)
{
  PartyUpload *upload = data;
  g_autoptr (TessPrekeyRow) newest = NULL;
  int64_t replace;
  uint32_t first, last;
  bool makes;

  if (!tess_keys_erase_old (job, error) || !tess_keys_rotate (job, error)
      || !tess_db_prekey_newest (job->db, job->now + TESS_PREKEY_AHEAD_MAX, &newest, error)
      || !tess_db_setting_get_int (job->db, TESS_SETTING_ONE_TIME_REPLACE, 0, &replace, error)
      || !tess_keys_not_uploaded (job, &upload->one_time, &first, &last, error))
    return false;
  upload->prekey = g_bytes_ref (newest->record);
  upload->replace = replace != 0;
  makes = upload->one_time->len == 0 && (upload->replace || upload->left < ONE_TIME);
  if (makes)
    g_clear_pointer (&upload->one_time, g_ptr_array_unref);
  return (!makes || (tess_keys_make_one_time (job, ONE_TIME, error)
                     && tess_keys_not_uploaded (job, &upload->one_time, &first, &last, error)))
         && (newest->published != 0 || tess_db_prekey_set_published (job->db, newest->spk_id, job->now, error))
         && (upload->one_time->len == 0 || tess_db_one_time_set_uploaded (job->db, first, last, job->now, error))
         && (!upload->replace || tess_db_setting_remove (job->db, TESS_SETTING_ONE_TIME_REPLACE, error));
}

TessAddress *
party_address (Party *self)
{
  uint8_t request[16];

  memset (request, 2, sizeof request);
  return tess_address_new (ORIGIN, self->us->us.account.bytes, request);
}

int64_t
party_add (Party *self, Party *other)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);

  intent->address = party_address (other);
  party_run (self, tess_intent_add, intent);
  return intent->conversation;
}

int64_t
party_say (Party *self, int64_t conversation, const char *text)
{
  g_autoptr (TessIntent) intent = tess_intent_new (conversation);

  intent->text = g_strdup (text);
  party_run (self, tess_intent_send, intent);
  return intent->message;
}

static bool
find_contact (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_db_contact_find_account (job->db, g_bytes_get_data (intent->bytes, NULL), &contact, error))
    return false;
  intent->message = contact != NULL ? contact->id : 0;
  return contact == NULL || tess_people_conversation (job, contact->id, &intent->conversation, error);
}

static TessIntent *
look_up (Party *self, Party *other)
{
  TessIntent *intent = tess_intent_new (0);

  intent->bytes = g_bytes_new (other->us->us.account.bytes, 32);
  party_run (self, find_contact, intent);
  return intent;
}

int64_t
party_contact (Party *self, Party *other)
{
  g_autoptr (TessIntent) intent = look_up (self, other);

  return intent->message;
}

int64_t
party_chat (Party *self, Party *other)
{
  g_autoptr (TessIntent) intent = look_up (self, other);

  return intent->conversation;
}

bool
party_take_bundle (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  TessListVerdict verdict;

  if (!tess_db_contact_find (job->db, intent->message, &contact, error)
      || !tess_people_take_bundle (job, contact, intent->object, &verdict, error))
    return false;
  intent->result = (int) verdict;
  return verdict != TESS_LIST_TAKEN || tess_sender_flush (job, contact->id, intent->object, TESS_FLUSH_RECEIPTS, error);
}

void
party_fetch (Party *self, Party *other)
{
  g_autoptr (TessIntent) intent = look_up (self, other);

  intent->object = party_bundle (other, true);
  intent->object_free = (GDestroyNotify) tess_bundle_unref;
  party_run (self, party_take_bundle, intent);
  g_assert_cmpint (intent->result, ==, TESS_LIST_TAKEN);
}

void
party_befriend (Party *self, Party *other)
{
  party_add (self, other);
  party_say (other, party_add (other, self), "hello");
  party_fetch (other, self);
  party_settle (other, self);
}

static bool
seal_raw (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GBytes) content = g_bytes_new (intent->text, strlen (intent->text));
  TessSealed sealed;

  if (!tess_db_contact_find (job->db, intent->message, &contact, error)
      || !tess_db_device_list (job->db, contact->id, &devices, error)
      || !tess_seal (job, contact, devices, content, 0, &sealed, error))
    return false;
  g_assert_cmpint (sealed, ==, TESS_SEALED);
  return true;
}

void
party_seal_raw (Party *self, Party *other, const char *json)
{
  g_autoptr (TessIntent) intent = look_up (self, other);

  intent->text = g_strdup (json);
  party_run (self, seal_raw, intent);
}

/* Takes the first entry of @mailbox as stored; NULL when it cannot go. */
static GBytes *
take_entry (Party *self, GBytes *mailbox)
{
  g_autoptr (TessIntent) next = tess_intent_new (0);
  TessDepositTask *task = tess_deposit_task_new (g_bytes_get_data (mailbox, NULL));

  next->object = task;
  next->object_free = tess_deposit_task_free;
  party_run (self, tess_outbox_job_next, next);
  if (task->id == 0)
    return NULL;
  party_run (self, tess_outbox_job_attempt, next);
  task->status = TESS_DEPOSIT_STORED;
  party_run (self, tess_outbox_job_answer, next);
  return g_bytes_ref (task->envelope);
}

bool
party_deposit_next (Party *self, uint8_t device_out[static 32], GPtrArray **envelope_out)
{
  g_autoptr (TessIntent) heads = tess_intent_new (0);

  party_run (self, tess_outbox_job_mailboxes, heads);
  for (guint i = 0; i < heads->rows->len; i++)
    {
      GBytes *mailbox = g_ptr_array_index (heads->rows, i);
      GBytes *envelope = take_entry (self, mailbox);

      if (envelope == NULL)
        continue;
      memcpy (device_out, g_bytes_get_data (mailbox, NULL), 32);
      *envelope_out = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_ptr_array_add (*envelope_out, envelope);
      return true;
    }
  return false;
}

GPtrArray *
party_collect (Party *self)
{
  GPtrArray *envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  uint8_t device[32];

  for (;;)
    {
      g_autoptr (GPtrArray) one = NULL;

      if (!party_deposit_next (self, device, &one))
        return envelopes;
      g_ptr_array_add (envelopes, g_bytes_ref (g_ptr_array_index (one, 0)));
    }
}

typedef struct {
  GBytes *envelope;
  TessMailClass class;
  uint64_t sequence;
  TessReceiveOutcome outcome;
} Mail;

static bool
receive (TessJob *job, gpointer data, GError **error)
{
  Mail *mail = data;

  return tess_receive (job, mail->envelope, mail->class, mail->sequence, &mail->outcome, error);
}

TessReceiveOutcome
party_receive (Party *self, GBytes *envelope, TessMailClass class)
{
  Mail mail = { .envelope = envelope, .class = class, .sequence = ++self->sequence };

  party_run (self, receive, &mail);
  return mail.outcome;
}

bool
party_try_receive (Party *self, GBytes *envelope)
{
  Mail mail = { .envelope = envelope, .class = TESS_MAIL_CONTACT, .sequence = ++self->sequence };

  return party_try (self, receive, &mail, NULL);
}

guint
party_deliver (Party *from, Party *to)
{
  g_autoptr (GPtrArray) envelopes = party_collect (from);

  for (guint i = 0; i < envelopes->len; i++)
    party_receive (to, g_ptr_array_index (envelopes, i), TESS_MAIL_CONTACT);
  return envelopes->len;
}

bool
party_receipts_job (TessJob *job, gpointer data, GError **error)
{
  g_autoptr (GArray) contacts = NULL;

  if (!tess_db_receipt_contacts (job->db, &contacts, error))
    return false;
  for (guint i = 0; i < contacts->len; i++)
    if (!tess_sender_flush (job, g_array_index (contacts, gint64, i), NULL, TESS_FLUSH_RECEIPTS, error))
      return false;
  return true;
}

bool
party_late_job (TessJob *job, gpointer data, GError **error)
{
  return tess_receive_late (job, error) && tess_sender_flush_waiting (job, error);
}

void
party_late (Party *self)
{
  party_run (self, party_late_job, NULL);
}

void
party_seal_receipts (Party *self)
{
  party_run (self, party_receipts_job, NULL);
}

static void
work_for (Party *self, Party *other)
{
  party_run (self, party_receipts_job, NULL);
  if (self->changes->bundle_ids->len > 0)
    party_fetch (self, other);
}

void
party_settle (Party *a, Party *b)
{
  guint moved;

  do
    {
      work_for (a, b);
      moved = party_deliver (a, b);
      if (b->changes != NULL && b->changes->bundle_ids->len > 0)
        party_fetch (b, a);
      work_for (b, a);
      moved += party_deliver (b, a);
      if (a->changes != NULL && a->changes->bundle_ids->len > 0)
        party_fetch (a, b);
    }
  while (moved > 0);
}

int64_t
party_count (Party *self, const char *sql)
{
  g_autoptr (TessQuery) query = tess_db_query (self->db, sql);
  int64_t count = tess_query_next (query) ? tess_query_int (query) : -1;
  g_autoptr (GError) error = NULL;

  tess_query_done (query, &error);
  g_assert_no_error (error);
  return count;
}

char *
party_text (Party *self, const char *sql)
{
  g_autoptr (TessQuery) query = tess_db_query (self->db, sql);

  return tess_query_next (query) ? tess_query_dup_text (query) : NULL;
}

void
party_execute (Party *self, const char *sql)
{
  g_autoptr (GError) error = NULL;

  tess_db_execute (self->db, sql, &error);
  g_assert_no_error (error);
}

/* The query that gives all of a table as text. */
static char *
dump_of (Party *self, const char *table)
{
  g_autoptr (TessQuery) query
    = tess_db_query (self->db, "SELECT group_concat ('quote (\"' || name || '\")', '||') FROM pragma_table_info (?)");
  const char *columns;

  tess_query_bind_text (query, table);
  g_assert_true (tess_query_next (query));
  columns = tess_query_text (query);
  return g_strdup_printf ("SELECT group_concat (%s) FROM %s", columns, table);
}

char *
party_state (Party *self)
{
  g_autoptr (TessQuery) tables = tess_db_query (self->db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  while (tess_query_next (tables))
    {
      g_autofree char *dump = dump_of (self, tess_query_text (tables));
      g_autofree char *text = party_text (self, dump);

      g_checksum_update (sum, (const guchar *) (text != NULL ? text : "-"), -1);
    }
  return g_strdup (g_checksum_get_string (sum));
}
