/* Rows of the database as they are shown. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-i18n.h"
#include "base/tess-text.h"
#include "core/tess-job.h"
#include "store/tess-queries-actions.h"
#include "store/tess-queries-contacts.h"
#include "store/tess-queries-messages.h"
#include "wire/tess-address.h"

#include <string.h>

#define KEY_NAME_CHARS 8     /* how much of the key stands for a name that is not known */
#define PREVIEW_BYTES_MAX 240
#define ANSWERS_MAX 200      /* that are shown anew when what they quote changes */

const char *
tess_failure_sentence (const char *word)
{
  static const struct {
    const char *word;
    const char *sentence;
  } sentences[] = {
    { TESS_FAILURE_NO_MAILBOX, N_("This person’s mailbox does not exist any more.") },
    { TESS_FAILURE_CAPABILITY, N_("This person’s relay does not take your messages any more. Ask for a new address.") },
    { TESS_FAILURE_TOO_LARGE, N_("The message is too long to be sent.") },
    { TESS_FAILURE_ENVELOPE, N_("The relay refused the message as damaged.") },
    { TESS_FAILURE_BLOCKED, N_("You blocked this contact before it was sent.") },
    { TESS_FAILURE_RESTORED, N_("It had not been sent when the backup was made.") },
    { TESS_FAILURE_KEYS, N_("The relay’s answer about this person’s keys cannot be trusted.") },
  };

  if (word == NULL || *word == '\0')
    return "";
  for (gsize i = 0; i < G_N_ELEMENTS (sentences); i++)
    if (g_str_equal (word, sentences[i].word))
      return _(sentences[i].sentence);
  return _("The message could not be sent.");
}

static TessDelivery
delivery_of (const TessMessageRow *row)
{
  static const TessDelivery deliveries[] = {
    [TESS_MESSAGE_RECEIVED] = TESS_DELIVERY_NONE,       [TESS_MESSAGE_WAITING] = TESS_DELIVERY_WAITING,
    [TESS_MESSAGE_ON_RELAY] = TESS_DELIVERY_RELAYED,    [TESS_MESSAGE_DELIVERED] = TESS_DELIVERY_DELIVERED,
    [TESS_MESSAGE_READ] = TESS_DELIVERY_READ,           [TESS_MESSAGE_FAILED] = TESS_DELIVERY_FAILED,
  };

  if (row->sender != 0 || row->kind == TESS_MESSAGE_NOTICE || row->state >= G_N_ELEMENTS (deliveries))
    return TESS_DELIVERY_NONE;
  return deliveries[row->state];
}

/* The start of the text in one line. */
static char *
preview_of (const char *body)
{
  const char *end = NULL;
  g_autofree char *line = g_strndup (body, PREVIEW_BYTES_MAX);

  g_utf8_validate (line, -1, &end);
  line[end - line] = '\0';
  for (char *c = line; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return g_strdup (g_strstrip (line));
}

/* The word of a notice, and what stands behind it. */
static void
read_notice (TessMessageData *data, const char *body)
{
  const char *space = strchr (body, ' ');

  data->kind = space != NULL ? g_strndup (body, (gsize) (space - body)) : g_strdup (body);
  data->body = g_strdup (space != NULL ? space + 1 : "");
}

static bool
load_reply (TessDb *db, TessMessageData *data, const TessMessageRow *row, GError **error)
{
  g_autoptr (TessMessageRow) source = NULL;

  data->reply_to = row->has_reply_to ? tess_hex_encode (row->reply_to, sizeof row->reply_to) : g_strdup ("");
  if (row->has_reply_to && !tess_db_message_find_in (db, row->conversation, row->reply_to, &source, error))
    return false;
  data->reply_text = source != NULL && source->kind == TESS_MESSAGE_TEXT ? preview_of (source->body) : g_strdup ("");
  data->reply_outgoing = source != NULL && source->sender == 0;
  return true;
}

/* What was done to a message and did not reach the other side is told at the message. Nobody misses the deletion of one that was
 * not sent itself. */
static bool
load_action_failure (TessDb *db, TessMessageData *data, const TessMessageRow *row, GError **error)
{
  g_autofree char *failure = NULL;

  if (!tess_db_action_failed (db, row->conversation, row->message_id, &failure, error))
    return false;
  if (failure == NULL || (row->sender == 0 && row->state == TESS_MESSAGE_FAILED))
    return true;
  data->delivery = TESS_DELIVERY_FAILED;
  g_free (data->failure);
  if (row->deleted)
    /* Translators: %s is a whole sentence that says why, such as “This person’s mailbox does not exist any more.” */
    data->failure = g_strdup_printf (_("It was deleted here, but not on the other side. %s"), tess_failure_sentence (failure));
  else
    /* Translators: %s is a whole sentence that says why, such as “This person’s mailbox does not exist any more.” */
    data->failure = g_strdup_printf (_("What you changed here could not be sent. %s"), tess_failure_sentence (failure));
  return true;
}

/* A row of the database as it is shown; NULL with @error. */
static TessMessageData *
message_data (TessDb *db, const TessMessageRow *row, GError **error)
{
  g_autoptr (TessMessageData) data = g_new0 (TessMessageData, 1);

  data->row = row->id;
  data->conversation = row->conversation;
  data->id = tess_hex_encode (row->message_id, sizeof row->message_id);
  if (row->kind == TESS_MESSAGE_NOTICE)
    read_notice (data, row->body);
  else
    {
      data->body = g_strdup (row->kind == TESS_MESSAGE_TEXT ? row->body : "");
      data->kind = g_strdup (row->kind == TESS_MESSAGE_TEXT ? "text" : "unknown");
    }
  data->time = row->time_ms;
  data->outgoing = row->sender == 0 && row->kind != TESS_MESSAGE_NOTICE;
  data->delivery = row->deleted ? TESS_DELIVERY_NONE : delivery_of (row);
  data->failure = g_strdup (data->delivery == TESS_DELIVERY_FAILED ? tess_failure_sentence (row->failure) : "");
  data->edited = row->edited_ms != 0;
  data->deleted = row->deleted;
  data->expires_after = row->expires_after;
  if (!load_reply (db, data, row, error) || !tess_db_reaction_get (db, row->id, true, &data->own_reaction, NULL, error)
      || !tess_db_reaction_get (db, row->id, false, &data->their_reaction, NULL, error)
      || !load_action_failure (db, data, row, error))
    return NULL;
  return g_steal_pointer (&data);
}

TessMessageData *
tess_load_message (TessDb *db, int64_t row, GError **error)
{
  g_autoptr (TessMessageRow) found = NULL;
  g_autoptr (TessMessageRow) target = NULL;

  if (!tess_db_message_find (db, row, &found, error) || found == NULL)
    return NULL;
  if (found->kind != TESS_MESSAGE_ACTION)
    return message_data (db, found, error);
  /* An action is seen at what it is about. */
  if (!found->has_target || !tess_db_message_find_in (db, found->conversation, found->target, &target, error) || target == NULL)
    return NULL;
  return message_data (db, target, error);
}

/* @rows (TessMessageRow) as they are shown; NULL with @error. */
static GPtrArray *
page_data (TessDb *db, GPtrArray *rows, GError **error)
{
  g_autoptr (GPtrArray) page = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_message_data_free);

  for (guint i = 0; i < rows->len; i++)
    {
      TessMessageData *data = message_data (db, g_ptr_array_index (rows, i), error);

      if (data == NULL)
        return NULL;
      g_ptr_array_add (page, data);
    }
  return g_steal_pointer (&page);
}

GPtrArray *
tess_load_page (TessDb *db, int64_t conversation, int64_t before, unsigned max, GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;

  return tess_db_message_page_before (db, conversation, before, max, &rows, error) ? page_data (db, rows, error) : NULL;
}

GPtrArray *
tess_load_page_after (TessDb *db, int64_t conversation, int64_t after, unsigned max, GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;

  return tess_db_message_page_after (db, conversation, after, max, &rows, error) ? page_data (db, rows, error) : NULL;
}

/* What the sidebar says of a line that is not a text. */
static const char *
sentence_of (const TessMessageRow *row)
{
  static const struct {
    const char *word;
    const char *sentence;
  } notices[] = {
    { "verified", N_("Verified") },
    { "mismatch", N_("A scanned code did not match") },
    { "changed", N_("Their keys changed") },
    { "unreadable", N_("Their messages cannot be read") },
    { "scanned", N_("Scanned your code") },
    { "code-expired", N_("Scanned an old code of yours") },
    { "code-spent", N_("Scanned a code of yours that was used") },
    { "code-other", N_("Scanned a code that was not for them") },
  };

  for (gsize i = 0; row->kind == TESS_MESSAGE_NOTICE && i < G_N_ELEMENTS (notices); i++)
    if (g_str_equal (row->body, notices[i].word))
      return _(notices[i].sentence);
  if (row->kind == TESS_MESSAGE_NOTICE && g_str_has_prefix (row->body, "timer"))
    return _("Disappearing messages were changed");
  if (row->deleted)
    return _("Deleted message");
  return row->kind == TESS_MESSAGE_UNKNOWN ? _("A message that needs a newer Tessera") : "";
}

static char *
address_of (const TessContactRow *contact)
{
  g_autoptr (TessAddress) address = NULL;
  char *text = NULL;

  if (contact->relay != NULL && *contact->relay != '\0' && contact->has_request_capability)
    {
      address = tess_address_new (contact->relay, contact->account, contact->request_capability);
      text = tess_address_to_string (address);
    }
  return text != NULL ? text : g_strdup ("");
}

static TessTrust
trust_of (const TessContactRow *contact)
{
  switch (contact->trust)
    {
    case TESS_CONTACT_VERIFIED:
      return TESS_TRUST_VERIFIED;
    case TESS_CONTACT_CHANGED:
      return TESS_TRUST_CHANGED;
    case TESS_CONTACT_MISMATCH:
      return TESS_TRUST_ALARM;
    case TESS_CONTACT_UNVERIFIED:
    default:
      return TESS_TRUST_UNVERIFIED;
    }
}

static char *
name_of (const TessContactRow *contact, const char *key_text)
{
  if (contact->nickname != NULL && *contact->nickname != '\0')
    return g_strdup (contact->nickname);
  if (contact->name != NULL && *contact->name != '\0')
    return g_strdup (contact->name);
  return g_strndup (key_text, KEY_NAME_CHARS);
}

TessConversationData *
tess_load_conversation (TessJob *job, int64_t id, GError **error)
{
  TessDb *db = job->db;
  g_autoptr (TessConversationRow) row = NULL;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (TessMessageRow) last = NULL;
  TessConversationData *data;

  if (!tess_db_conversation_find (db, id, &row, error) || row == NULL
      || !tess_db_contact_find (db, row->contact, &contact, error) || contact == NULL
      || (row->last_message != 0 && !tess_db_message_find (db, row->last_message, &last, error)))
    return NULL;
  data = g_new0 (TessConversationData, 1);
  data->id = row->id;
  data->contact = row->contact;
  data->key_text = tess_base32_encode (contact->account, sizeof contact->account);
  data->is_self = memcmp (contact->account, job->us->us.account.bytes, sizeof contact->account) == 0;
  data->name = data->is_self ? g_strdup (_("Note to Self")) : name_of (contact, data->key_text);
  data->address = address_of (contact);
  data->trust = trust_of (contact);
  data->accepted = contact->accepted;
  data->given_name = g_strdup (contact->name != NULL ? contact->name : "");
  data->nickname = g_strdup (contact->nickname != NULL ? contact->nickname : "");
  data->blocked = contact->blocked;
  data->pinned = row->pinned;
  data->muted = row->muted;
  data->archived = row->archived;
  data->hidden = row->hidden;
  data->marked_unread = row->marked_unread;
  data->draft = g_strdup (row->draft != NULL ? row->draft : "");
  data->draft_reply = row->draft_reply;
  data->timer = row->timer;
  data->time = row->last_activity;
  data->unread = row->unread;
  if (last != NULL)
    data->preview = last->kind == TESS_MESSAGE_TEXT && !last->deleted ? preview_of (last->body) : g_strdup (sentence_of (last));
  else
    data->preview = g_strdup ("");
  data->last_delivery = last != NULL && !last->deleted ? delivery_of (last) : TESS_DELIVERY_NONE;
  return data;
}

bool
tess_changes_answers (TessJob *job, const TessMessageRow *row, GError **error)
{
  g_autoptr (GArray) answers = NULL;

  if (!tess_db_message_answers (job->db, row->conversation, row->message_id, ANSWERS_MAX, &answers, error))
    return false;
  for (guint i = 0; i < answers->len; i++)
    tess_changes_message (job->changes, row->conversation, g_array_index (answers, int64_t, i));
  return true;
}

bool
tess_changes_load (TessJob *job, GError **error)
{
  TessChanges *changes = job->changes;
  GError *local = NULL;

  for (guint i = 0; i < changes->conversation_ids->len && local == NULL; i++)
    {
      TessConversationData *data = tess_load_conversation (job, g_array_index (changes->conversation_ids, int64_t, i), &local);

      if (data != NULL)
        g_ptr_array_add (changes->conversations, data);
    }
  for (guint i = 0; i < changes->message_ids->len && local == NULL; i++)
    {
      TessMessageData *data = tess_load_message (job->db, g_array_index (changes->message_ids, int64_t, i), &local);

      if (data != NULL)
        g_ptr_array_add (changes->messages, data);
    }
  if (local == NULL)
    return true;
  g_propagate_error (error, local);
  return false;
}
