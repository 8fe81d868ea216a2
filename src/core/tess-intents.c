/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-intents-private.h"

#include "base/tess-i18n.h"
#include "base/tess-text.h"
#include "core/tess-core-error.h"
#include "core/tess-people.h"
#include "core/tess-sender.h"
#include "crypto/tess-safety.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-keys.h"
#include "store/tess-queries-messages.h"
#include "store/tess-queries-outbox.h"

#include <string.h>

#define ADDED_AHEAD_MAX 86400 /* seconds that another's clock may be ahead */

TessIntent *
tess_intent_new (int64_t conversation)
{
  TessIntent *self = g_atomic_rc_box_new0 (TessIntent);

  self->conversation = conversation;
  return self;
}

TessIntent *
tess_intent_ref (TessIntent *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
intent_clear (gpointer data)
{
  TessIntent *self = data;

  g_free (self->text);
  g_free (self->other);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  if (self->object != NULL && self->object_free != NULL)
    self->object_free (self->object);
  g_clear_pointer (&self->address, tess_address_free);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  sodium_memzero (self->secret, sizeof self->secret);
}

void
tess_intent_unref (TessIntent *self)
{
  g_atomic_rc_box_release_full (self, intent_clear);
}

bool
tess_intent_not_found (GError **error)
{
  g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND, _("That is not here any more."));
  return false;
}

bool
tess_intent_stopped (const TessContactRow *contact, GError **error)
{
  const char *why = contact->blocked ? _("You have blocked this contact. Nothing is sent to them.")
                    : contact->trust == TESS_CONTACT_MISMATCH
                      ? _("A code that you scanned did not match. Nothing is sent to this contact until you have decided.")
                      : _("Nothing is sent to this contact until you have decided about their changed devices or keys.");

  g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_STOPPED, why);
  return false;
}

bool
tess_intent_find_contact (TessJob *job, int64_t conversation, TessContactRow **contact_out, GError **error)
{
  g_autoptr (TessConversationRow) row = NULL;

  *contact_out = NULL;
  if (!tess_db_conversation_find (job->db, conversation, &row, error))
    return false;
  if (row == NULL)
    return tess_intent_not_found (error);
  if (!tess_db_contact_find (job->db, row->contact, contact_out, error))
    return false;
  return *contact_out != NULL || tess_intent_not_found (error);
}

static void
take_address (TessContactRow *contact, const TessAddress *address)
{
  memcpy (contact->request_capability, address->capability, sizeof contact->request_capability);
  contact->has_request_capability = true;
  g_set_str (&contact->relay, address->origin);
}

bool
tess_intent_add (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;

  if (memcmp (intent->address->account, job->us->us.account.bytes, sizeof job->us->us.account.bytes) == 0)
    {
      g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_OWN_ADDRESS, _("This is your own address."));
      return false;
    }
  if (!tess_people_ensure (job, intent->address->account, &contact, error))
    return false;
  take_address (contact, intent->address);
  if (!tess_people_accept (job, contact, error))
    return false;
  if (intent->text != NULL && *contact->name == '\0')
    g_set_str (&contact->name, intent->text);
  return tess_people_update (job, contact, error) && tess_people_list (job, contact->id, error)
         && tess_db_outbox_set_relay (job->db, contact->id, contact->relay, error)
         && tess_people_conversation (job, contact->id, &intent->conversation, error)
         && tess_sender_flush (job, contact->id, NULL, 0, error);
}

bool
tess_intent_accept_contact (TessJob *job, TessContactRow *contact, GError **error)
{
  if (contact->accepted)
    return true;
  return tess_people_accept (job, contact, error) && tess_people_update (job, contact, error)
         && tess_pending_add (job, contact->id, TESS_PENDING_PROFILE, error);
}

bool
tess_intent_accept (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;

  return tess_intent_find_contact (job, intent->conversation, &contact, error) && tess_intent_accept_contact (job, contact, error)
         && tess_sender_flush (job, contact->id, NULL, 0, error);
}

/* What they were shown before the alarm does not end it. */
static bool
mismatch (TessJob *job, TessIntent *intent, TessContactRow *contact, GError **error)
{
  intent->result = TESS_VERIFY_MISMATCH;
  if (contact->trust == TESS_CONTACT_MISMATCH)
    return true;
  contact->trust = TESS_CONTACT_MISMATCH;
  tess_changes_trust (job->changes, intent->conversation);
  return tess_people_update (job, contact, error) && tess_db_code_end_contact (job->db, contact->id, job->now, error)
         && tess_people_notice (job, contact->id, "mismatch", error);
}

static bool
match (TessJob *job, TessIntent *intent, TessContactRow *contact, GError **error)
{
  g_auto (TessShowing) showing = { 0 };
  TessAccountPublic them;
  uint8_t mac[32];
  bool news = contact->trust != TESS_CONTACT_VERIFIED;

  memcpy (them.bytes, contact->account, sizeof them.bytes);
  memcpy (showing.bytes, intent->address->code, sizeof showing.bytes);
  tess_verify_mac (&showing, &them, &job->us->us.account, mac);
  take_address (contact, intent->address);
  contact->trust = TESS_CONTACT_VERIFIED;
  intent->result = TESS_VERIFY_MATCH;
  return tess_intent_accept_contact (job, contact, error) && tess_people_update (job, contact, error)
         && (!news || tess_people_notice (job, contact->id, "verified", error))
         && tess_pending_set_verify (job, contact->id, mac, error) && tess_sender_flush (job, contact->id, NULL, 0, error);
}

bool
tess_intent_verify (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  const uint8_t *scanned = intent->address->account;

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error))
    return false;
  if (memcmp (scanned, job->us->us.account.bytes, sizeof job->us->us.account.bytes) == 0)
    {
      intent->result = TESS_VERIFY_OWN_CODE;
      return true;
    }
  if (memcmp (scanned, contact->account, sizeof contact->account) != 0)
    return mismatch (job, intent, contact, error);
  /* Their profile says where they are. An old code, or one that somebody has tampered with, must not lead mail elsewhere. */
  if (*contact->relay != '\0' && !g_str_equal (contact->relay, intent->address->origin))
    {
      intent->result = TESS_VERIFY_OTHER_RELAY;
      return true;
    }
  if (intent->address->has_code)
    return match (job, intent, contact, error);
  intent->result = TESS_VERIFY_NO_SECRET;
  return true;
}

bool
tess_intent_set_trust (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  TessContactTrust trust = intent->trust == TESS_TRUST_VERIFIED ? TESS_CONTACT_VERIFIED : TESS_CONTACT_UNVERIFIED;

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error))
    return false;
  if (contact->trust == trust)
    return true;
  contact->trust = trust;
  if (trust == TESS_CONTACT_VERIFIED && !tess_people_notice (job, contact->id, "verified", error))
    return false;
  job->changes->outbox = true;
  return tess_people_update (job, contact, error) && tess_sender_flush (job, contact->id, NULL, TESS_FLUSH_RECEIPTS, error);
}

bool
tess_intent_show_code (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;

  if (intent->conversation != 0 && !tess_intent_find_contact (job, intent->conversation, &contact, error))
    return false;
  return tess_db_code_insert (job->db, intent->secret, contact != NULL ? contact->id : 0, intent->expires, error);
}

bool
tess_intent_hide_code (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (GError) local = NULL;

  if (tess_db_code_set_expires (job->db, intent->secret, job->now, intent->expires, &local)
      || g_error_matches (local, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING))
    return true;
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

bool
tess_intent_load_page (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;

  intent->rows = tess_load_page (job->db, intent->conversation, intent->message, intent->count + 1, error);
  if (intent->rows == NULL)
    return false;
  intent->more = intent->rows->len > intent->count;
  if (intent->more)
    g_ptr_array_remove_index (intent->rows, 0);
  return true;
}

/* What they say of when it was added, or 0: a day that is still to come is none. */
static int64_t
added_of (const TessDeviceList *list, const TessDeviceRow *row, int64_t now)
{
  const TessDeviceEntry *entry = tess_device_list_find (list, row->device);

  return entry != NULL && entry->added <= (uint64_t) now + ADDED_AHEAD_MAX ? (int64_t) entry->added : 0;
}

bool
tess_intent_load_devices (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (TessContactRow) contact = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  TessDeviceList list = { 0 };

  if (!tess_intent_find_contact (job, intent->conversation, &contact, error)
      || !tess_db_device_list (job->db, contact->id, &rows, error))
    return false;
  if (contact->device_list != NULL
      && !tess_device_list_parse (g_bytes_get_data (contact->device_list, NULL), g_bytes_get_size (contact->device_list), &list,
                                  NULL))
    list.count = 0;
  g_clear_pointer (&intent->rows, g_ptr_array_unref);
  intent->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_contact_device_free);
  for (guint i = 0; i < rows->len; i++)
    {
      const TessDeviceRow *row = g_ptr_array_index (rows, i);
      TessContactDevice *device = g_new0 (TessContactDevice, 1);

      device->number = row->number;
      device->key = tess_base32_encode (row->device, sizeof row->device);
      device->added = added_of (&list, row, job->now) * 1000;
      device->seen = row->seen * 1000;
      g_ptr_array_add (intent->rows, device);
    }
  return true;
}

bool
tess_intent_load_conversations (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  g_autoptr (GPtrArray) rows = NULL;

  if (!tess_db_conversation_list (job->db, &rows, error))
    return false;
  intent->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_conversation_data_free);
  for (guint i = 0; i < rows->len; i++)
    {
      const TessConversationRow *row = g_ptr_array_index (rows, i);
      GError *local = NULL;
      TessConversationData *loaded = tess_load_conversation (job, row->id, &local);

      if (local != NULL)
        {
          g_propagate_error (error, local);
          return false;
        }
      if (loaded != NULL)
        g_ptr_array_add (intent->rows, loaded);
    }
  return true;
}
