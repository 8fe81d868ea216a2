/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-bundles.h"

#include "core/tess-flusher.h"
#include "core/tess-intents.h"
#include "core/tess-people.h"
#include "core/tess-sender.h"
#include "core/tess-supervisor.h"
#include "net/tess-backoff.h"
#include "net/tess-directory.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-messages.h"
#include "store/tess-queries-outbox.h"
#include "store/tess-queries-sessions.h"

#include <string.h>

#define EXPIRED_RETRY_MS (10 * 60 * 1000) /* nobody's device was online lately: look again after */

struct _TessBundles {
  TessCore *core;
  GHashTable *wanted; /* of int64_t: contacts with a fiber */
  unsigned busy;
  DexPromise *nudge;
};

/* What one fetch works with: a TessIntent's object. */
typedef struct {
  int64_t contact;
  uint8_t account[32];
  uint8_t contact_capability[16];
  uint8_t request_capability[16];
  bool has_contact, has_request;
  bool one_time;   /* a session has to be started */
  bool is_idle;    /* nothing waits, or nothing may be sent */
  bool is_refused; /* the device list cannot be right */
  bool again;      /* another fetch is needed, with one-time prekeys */
  bool is_left;    /* no device has valid keys now: messages still wait */
  char *relay;
  const char *failure;
  TessBundle *bundle;
} Fetch;

static void
fetch_free (gpointer data)
{
  Fetch *self = data;

  g_free (self->relay);
  g_clear_pointer (&self->bundle, tess_bundle_unref);
  g_free (self);
}

TessBundles *
tess_bundles_new (TessCore *core)
{
  TessBundles *self = g_new0 (TessBundles, 1);

  self->core = core;
  self->wanted = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->nudge = dex_promise_new ();
  return self;
}

void
tess_bundles_free (TessBundles *self)
{
  g_hash_table_unref (self->wanted);
  dex_clear (&self->nudge);
  g_free (self);
}

/* Whether a device of @contact has no active session. */
static bool
misses_session (TessJob *job, int64_t contact, bool *misses_out, GError **error)
{
  g_autoptr (GPtrArray) devices = NULL;

  if (!tess_db_device_list (job->db, contact, &devices, error))
    return false;
  *misses_out = devices->len == 0;
  for (guint i = 0; i < devices->len; i++)
    {
      const TessDeviceRow *device = g_ptr_array_index (devices, i);
      g_autoptr (TessSessionRow) session = NULL;

      if (!tess_db_session_find_active (job->db, contact, device->device, &session, error))
        return false;
      *misses_out |= session == NULL;
    }
  return true;
}

static bool
look_up (TessJob *job, gpointer data, GError **error)
{
  Fetch *fetch = ((TessIntent *) data)->object;
  g_autoptr (TessContactRow) contact = NULL;

  if (!tess_db_contact_find (job->db, fetch->contact, &contact, error))
    return false;
  fetch->is_idle = contact == NULL || *contact->relay == '\0' || tess_people_is_stopped (contact);
  if (fetch->is_idle)
    return true;
  g_set_str (&fetch->relay, contact->relay);
  memcpy (fetch->account, contact->account, sizeof fetch->account);
  memcpy (fetch->contact_capability, contact->contact_capability, sizeof fetch->contact_capability);
  memcpy (fetch->request_capability, contact->request_capability, sizeof fetch->request_capability);
  fetch->has_contact = contact->has_contact_capability;
  fetch->has_request = contact->has_request_capability;
  fetch->is_idle = !fetch->has_contact && !fetch->has_request;
  return misses_session (job, fetch->contact, &fetch->one_time, error);
}

static bool
has_valid_key (TessJob *job, int64_t contact, bool *valid_out, GError **error)
{
  g_autoptr (GPtrArray) devices = NULL;

  *valid_out = false;
  if (!tess_db_device_list (job->db, contact, &devices, error))
    return false;
  for (guint i = 0; i < devices->len; i++)
    *valid_out |= ((const TessDeviceRow *) g_ptr_array_index (devices, i))->prekey_expires > job->now;
  return true;
}

static bool
note_left (Fetch *fetch, bool is_left)
{
  fetch->is_left = is_left;
  return true;
}

static bool
take (TessJob *job, gpointer data, GError **error)
{
  Fetch *fetch = ((TessIntent *) data)->object;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (GArray) left = NULL;
  TessListVerdict verdict;
  bool misses, valid;
  unsigned sealed;

  fetch->again = fetch->is_refused = fetch->is_left = false;
  if (!tess_db_contact_find (job->db, fetch->contact, &contact, error))
    return false;
  if (contact == NULL)
    return true;
  if (!tess_people_take_bundle (job, contact, fetch->bundle, &verdict, error))
    return false;
  fetch->is_refused = verdict != TESS_LIST_TAKEN;
  if (fetch->is_refused)
    return true;
  if (!misses_session (job, fetch->contact, &misses, error))
    return false;
  fetch->again = misses && !fetch->one_time;
  if (fetch->again)
    return true;
  if (!tess_sender_flush (job, fetch->contact, fetch->bundle, TESS_FLUSH_RECEIPTS, error)
      || !tess_db_message_unsealed (job->db, fetch->contact, 1, &left, error))
    return false;
  job->changes->outbox = true; /* an entry may wait for a newer envelope key */
  return has_valid_key (job, fetch->contact, &valid, error) && tess_db_outbox_count (job->db, fetch->contact, &sealed, error)
         && note_left (fetch, left->len > 0 || (!valid && sealed > 0));
}

/* What can never be sealed with these keys: the messages say so, and can be tried again by hand. */
static bool
fail_messages (TessJob *job, gpointer data, GError **error)
{
  Fetch *fetch = ((TessIntent *) data)->object;
  g_autoptr (GArray) rows = NULL;
  int64_t conversation;

  if (!tess_db_message_unsealed (job->db, fetch->contact, G_MAXINT, &rows, error)
      || !tess_people_conversation (job, fetch->contact, &conversation, error))
    return false;
  for (guint i = 0; i < rows->len; i++)
    {
      int64_t row = g_array_index (rows, int64_t, i);

      if (!tess_db_message_set_state (job->db, row, TESS_MESSAGE_FAILED, fetch->failure, NULL, error))
        return false;
      tess_changes_message (job->changes, conversation, row);
    }
  return true;
}

/* One question to the relay. When the engine closes it is taken back, and this returns once it has ended. */
static TessBundle *
ask_once (TessCore *core, const Fetch *fetch, const uint8_t capability[static 16], GError **error)
{
  g_autoptr (DexFuture) asked = tess_directory_get_account (fetch->relay, fetch->account, capability, fetch->one_time);

  tess_core_wait (core, dex_ref (asked), NULL);
  return dex_await_boxed (g_steal_pointer (&asked), error);
}

/* The relay's answer, under one capability and then the other. */
static TessBundle *
ask (TessCore *core, const Fetch *fetch, GError **error)
{
  g_autoptr (GError) local = NULL;
  TessBundle *bundle = NULL;

  if (fetch->has_contact)
    bundle = ask_once (core, fetch, fetch->contact_capability, &local);
  if (bundle == NULL && fetch->has_request
      && (!fetch->has_contact || g_error_matches (local, TESS_NET_ERROR, TESS_NET_ERROR_REFUSED)))
    {
      g_clear_error (&local);
      bundle = ask_once (core, fetch, fetch->request_capability, &local);
    }
  if (bundle == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return bundle;
}

typedef enum { DONE, LATER, MUCH_LATER, FAILED } Outcome;

static Outcome
try_once (TessCore *core, TessIntent *intent)
{
  Fetch *fetch = intent->object;
  g_autoptr (GError) error = NULL;

  do
    {
      if (!tess_core_run (core, look_up, intent, &error))
        return LATER;
      if (fetch->is_idle)
        return DONE;
      g_clear_pointer (&fetch->bundle, tess_bundle_unref);
      fetch->bundle = ask (core, fetch, &error);
      if (fetch->bundle == NULL)
        {
          g_info ("keys could not be fetched: %s", error->message);
          if (g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_REFUSED)
              || g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_NOT_FOUND))
            fetch->failure = TESS_FAILURE_CAPABILITY;
          else if (g_error_matches (error, TESS_NET_ERROR, TESS_NET_ERROR_PROTOCOL))
            fetch->failure = TESS_FAILURE_KEYS;
          else
            return LATER;
          return FAILED;
        }
      if (!tess_core_run (core, take, intent, &error))
        return LATER;
      fetch->failure = TESS_FAILURE_KEYS;
    }
  while (fetch->again && !core->is_closing);
  return fetch->is_refused ? FAILED : fetch->is_left ? MUCH_LATER : DONE;
}

static void
fail (TessBundles *self, TessIntent *intent)
{
  g_autoptr (GError) error = NULL;
  Fetch *fetch = intent->object;

  if (!tess_core_run (self->core, fail_messages, intent, &error))
    g_warning ("Messages could not be marked: %s", error->message);
  tess_flusher_failed (self->core->flusher, tess_failure_sentence (fetch->failure));
}

static void
work (TessCore *core, gpointer data)
{
  TessBundles *self = core->bundles;
  g_autofree int64_t *contact = data;
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  Fetch *fetch = g_new0 (Fetch, 1);
  TessBackoff backoff;
  Outcome outcome = LATER;

  intent->object = fetch;
  intent->object_free = fetch_free;
  fetch->contact = *contact;
  tess_backoff_init (&backoff, TESS_BACKOFF_LINK_MIN_MS, TESS_BACKOFF_LINK_MAX_MS);
  tess_supervisor_await_settled (core->supervisor);
  while (!core->is_closing)
    {
      outcome = try_once (core, intent);
      if (outcome != LATER && outcome != MUCH_LATER)
        break;
      self->busy--;
      tess_core_settled (core);
      tess_core_sleep (core, outcome == LATER ? (int) tess_backoff_next (&backoff) : EXPIRED_RETRY_MS, self->nudge);
      self->busy++;
    }
  if (outcome == FAILED)
    fail (self, intent);
  self->busy--;
  g_hash_table_remove (self->wanted, contact);
  tess_core_settled (core);
}

void
tess_bundles_want (TessBundles *self, int64_t contact)
{
  int64_t *key;

  if (g_hash_table_contains (self->wanted, &contact))
    return;
  key = g_new (int64_t, 1);
  *key = contact;
  g_hash_table_add (self->wanted, key);
  self->busy++;
  key = g_memdup2 (&contact, sizeof contact);
  tess_core_spawn (self->core, work, key);
}

void
tess_bundles_nudge (TessBundles *self)
{
  g_autoptr (DexPromise) nudge = g_steal_pointer (&self->nudge);

  self->nudge = dex_promise_new ();
  dex_promise_resolve_boolean (nudge, TRUE);
}

bool
tess_bundles_is_busy (TessBundles *self)
{
  return self->busy > 0;
}
