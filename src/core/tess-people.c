/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-people.h"

#include "base/tess-bytes.h"
#include "base/tess-limits.h"
#include "base/tess-random.h"
#include "core/tess-core-error.h"
#include "store/tess-queries-keys.h"
#include "store/tess-queries-messages.h"

#include <string.h>

bool
tess_people_conversation (TessJob *job, int64_t contact, int64_t *conversation_out, GError **error)
{
  return tess_db_conversation_ensure (job->db, contact, job->now_ms, conversation_out, error);
}

bool
tess_people_update (TessJob *job, const TessContactRow *contact, GError **error)
{
  int64_t conversation;

  if (!tess_db_contact_update (job->db, contact, error) || !tess_people_conversation (job, contact->id, &conversation, error))
    return false;
  tess_changes_conversation (job->changes, conversation);
  return true;
}

bool
tess_people_ensure (TessJob *job, const uint8_t account[static 32], TessContactRow **contact_out, GError **error)
{
  g_autoptr (TessContactRow) contact = NULL;
  int64_t conversation;

  *contact_out = NULL;
  if (!tess_db_contact_find_account (job->db, account, &contact, error))
    return false;
  if (contact == NULL)
    {
      contact = g_new0 (TessContactRow, 1);
      memcpy (contact->account, account, sizeof contact->account);
      contact->name = g_strdup ("");
      contact->relay = g_strdup ("");
      contact->added = job->now;
      if (!tess_db_contact_insert (job->db, contact, error))
        return false;
    }
  if (!tess_people_conversation (job, contact->id, &conversation, error))
    return false;
  tess_changes_conversation (job->changes, conversation);
  *contact_out = g_steal_pointer (&contact);
  return true;
}

bool
tess_people_is_stopped (const TessContactRow *contact)
{
  return contact->blocked || contact->trust == TESS_CONTACT_MISMATCH || contact->trust == TESS_CONTACT_CHANGED;
}

bool
tess_people_is_self (const TessJob *job, const TessContactRow *contact)
{
  return memcmp (contact->account, job->us->us.account.bytes, sizeof contact->account) == 0;
}

bool
tess_people_accept (TessJob *job, TessContactRow *contact, GError **error)
{
  int64_t told = 0;

  if (contact->accepted)
    return true;
  contact->accepted = true;
  if (contact->blocked)
    return true;
  job->changes->receipts = true;
  return tess_db_setting_get_int (job->db, TESS_SETTING_RECEIPTS_TOLD, 1, &told, error)
         && tess_db_receipt_put_latest (job->db, contact->id, TESS_REQUEST_MESSAGES_MAX, told != 0, error);
}

bool
tess_people_list (TessJob *job, int64_t contact, GError **error)
{
  g_autoptr (TessConversationRow) chat = NULL;

  if (!tess_db_conversation_find_contact (job->db, contact, &chat, error))
    return false;
  if (chat == NULL || !chat->hidden)
    return true;
  chat->hidden = false;
  tess_changes_conversation (job->changes, chat->id);
  return tess_db_conversation_set_flags (job->db, chat, error);
}

bool
tess_people_notice_id (TessJob *job, int64_t contact, const char *word, uint8_t id_out[static 16], GError **error)
{
  TessMessageRow row = { .kind = TESS_MESSAGE_NOTICE, .state = TESS_MESSAGE_RECEIVED, .is_read = true, .body = (char *) word };

  row.time_ms = row.stored_ms = job->now_ms;
  if (!tess_random (row.message_id, sizeof row.message_id))
    return tess_core_error_no_random (error);
  if (!tess_people_conversation (job, contact, &row.conversation, error) || !tess_db_message_insert (job->db, &row, error))
    return false;
  tess_changes_message (job->changes, row.conversation, row.id);
  memcpy (id_out, row.message_id, sizeof row.message_id);
  return true;
}

bool
tess_people_notice (TessJob *job, int64_t contact, const char *word, GError **error)
{
  uint8_t id[16];

  return tess_people_notice_id (job, contact, word, id, error);
}

static bool
parse_known (const TessContactRow *contact, TessDeviceList *out)
{
  return contact->device_list != NULL
         && tess_device_list_parse (g_bytes_get_data (contact->device_list, NULL), g_bytes_get_size (contact->device_list), out,
                                    NULL);
}

bool
tess_people_has_device (const TessContactRow *contact, const uint8_t device[static 32])
{
  gsize size;
  const uint8_t *data = contact->device_list != NULL ? g_bytes_get_data (contact->device_list, &size) : NULL;

  return data == NULL || tess_device_list_record_has (data, size, device);
}

static bool
same_devices (const TessDeviceList *a, const TessDeviceList *b)
{
  if (a->count != b->count)
    return false;
  for (unsigned i = 0; i < a->count; i++)
    if (tess_device_list_find (b, a->devices[i].device) == NULL)
      return false;
  return true;
}

/* Only ever from D itself, which the list's signatures vouch for. */
static bool
fill_dh (TessDeviceRow *row, GError **error)
{
  TessDevicePublic device;
  TessDhPublic dh;

  memcpy (device.bytes, row->device, sizeof device.bytes);
  row->has_dh = tess_device_dh_public (&device, &dh, error);
  if (row->has_dh)
    memcpy (row->dh, dh.bytes, sizeof row->dh);
  return row->has_dh;
}

bool
tess_people_device_dh (TessJob *job, int64_t contact, const TessDevicePublic *device, TessDhPublic *dh_out, bool *known_out,
                       GError **error)
{
  g_autoptr (TessDeviceRow) row = NULL;

  *known_out = false;
  if (!tess_db_device_find (job->db, contact, device->bytes, &row, error))
    return false;
  if (row == NULL)
    return true;
  if (!row->has_dh && (!fill_dh (row, error) || !tess_db_device_put (job->db, row, error)))
    return false;
  memcpy (dh_out->bytes, row->dh, sizeof dh_out->bytes);
  *known_out = true;
  return true;
}

/* Makes the rows of devices fit the list. *@fits_out is FALSE when one of them belongs to another account. */
static bool
write_devices (TessJob *job, int64_t contact, const TessDeviceList *list, bool *fits_out, GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;

  *fits_out = true;
  for (unsigned i = 0; i < list->count; i++)
    {
      g_autoptr (TessContactRow) owner = NULL;

      if (!tess_db_contact_find_device (job->db, list->devices[i].device, &owner, error))
        return false;
      if (owner != NULL && owner->id != contact)
        *fits_out = false;
    }
  if (!*fits_out)
    return true;
  if (!tess_db_device_list (job->db, contact, &rows, error))
    return false;
  for (guint i = 0; i < rows->len; i++)
    {
      const TessDeviceRow *row = g_ptr_array_index (rows, i);

      if (tess_device_list_find (list, row->device) == NULL && !tess_db_device_remove (job->db, contact, row->device, error))
        return false;
    }
  for (unsigned i = 0; i < list->count; i++)
    {
      g_autoptr (TessDeviceRow) row = NULL;

      if (!tess_db_device_find (job->db, contact, list->devices[i].device, &row, error))
        return false;
      if (row == NULL)
        {
          row = g_new0 (TessDeviceRow, 1);
          row->contact = contact;
          row->seen = job->now;
          memcpy (row->device, list->devices[i].device, sizeof row->device);
          if (!fill_dh (row, error))
            return false;
        }
      row->number = list->devices[i].number;
      if (!tess_db_device_put (job->db, row, error))
        return false;
    }
  return true;
}

/* The keys are not those that were known: a line in the history, and with @stop sending waits for a yes (protocol.md 8). */
static bool
show_change (TessJob *job, TessContactRow *contact, bool stop, GError **error)
{
  int64_t conversation;

  if (stop)
    {
      contact->trust = TESS_CONTACT_CHANGED;
      if (!tess_people_conversation (job, contact->id, &conversation, error))
        return false;
      tess_changes_trust (job->changes, conversation);
    }
  return tess_people_notice (job, contact->id, "changed", error);
}

bool
tess_people_take_list (TessJob *job, TessContactRow *contact, const TessDeviceList *list, GBytes *record,
                       TessListVerdict *verdict_out, GError **error)
{
  TessDeviceList known;
  bool knows = parse_known (contact, &known);
  TessDeviceListOrder order = knows ? tess_device_list_compare (list, &known) : TESS_DEVICE_LIST_NEWER;
  bool fits;

  *verdict_out = order == TESS_DEVICE_LIST_SAME    ? TESS_LIST_TAKEN
                 : order == TESS_DEVICE_LIST_OLDER ? TESS_LIST_OLDER
                                                   : TESS_LIST_REFUSED;
  if (order == TESS_DEVICE_LIST_CONFLICT && !tess_people_is_stopped (contact))
    return show_change (job, contact, true, error) && tess_people_update (job, contact, error);
  if (order != TESS_DEVICE_LIST_NEWER)
    return true;
  if (!write_devices (job, contact->id, list, &fits, error))
    return false;
  if (!fits)
    return true;
  *verdict_out = TESS_LIST_TAKEN;
  g_clear_pointer (&contact->device_list, g_bytes_unref);
  contact->device_list = g_bytes_ref (record);
  contact->device_list_version = list->version;
  if (knows && !same_devices (list, &known) && !show_change (job, contact, contact->trust == TESS_CONTACT_VERIFIED, error))
    return false;
  return tess_people_update (job, contact, error);
}

GBytes *
tess_people_envelope_key_encode (uint32_t id, const uint8_t key[static TESS_ENVELOPE_KEY_SIZE])
{
  uint8_t data[4 + TESS_ENVELOPE_KEY_SIZE];
  TessWriter writer;

  tess_writer_init (&writer, data, sizeof data);
  tess_writer_u32 (&writer, id);
  tess_writer_bytes (&writer, key, TESS_ENVELOPE_KEY_SIZE);
  return g_bytes_new (data, sizeof data);
}

bool
tess_people_envelope_key_parse (GBytes *prekey, uint32_t *id_out, TessXwingPublic *key_out)
{
  TessReader reader;

  tess_reader_init (&reader, g_bytes_get_data (prekey, NULL), g_bytes_get_size (prekey));
  *id_out = tess_reader_u32 (&reader);
  tess_reader_copy (&reader, key_out->bytes, sizeof key_out->bytes);
  return tess_reader_end (&reader);
}

/* Whether a record of @bundle is older than the newest one known of its device: the relay, or whoever stands before it, serves
 * keys that were replaced. What a clock far ahead once let in does not count. */
static bool
is_rolled_back (TessJob *job, int64_t contact, const TessBundle *bundle, bool *rolled_out, GError **error)
{
  *rolled_out = false;
  for (unsigned i = 0; i < bundle->count; i++)
    {
      const TessBundleDevice *device = &bundle->devices[i];
      g_autoptr (TessDeviceRow) row = NULL;

      if (!tess_db_device_find (job->db, contact, device->device, &row, error))
        return false;
      if (row != NULL && row->prekey_created <= job->now + TESS_PREKEY_AHEAD_MAX
          && (int64_t) device->prekey.created < row->prekey_created)
        *rolled_out = true;
    }
  return true;
}

bool
tess_people_take_bundle (TessJob *job, TessContactRow *contact, const TessBundle *bundle, TessListVerdict *verdict_out,
                         GError **error)
{
  bool rolled;

  *verdict_out = TESS_LIST_REFUSED;
  if (!is_rolled_back (job, contact->id, bundle, &rolled, error))
    return false;
  if (rolled)
    return true;
  if (!tess_people_take_list (job, contact, &bundle->list, bundle->device_list, verdict_out, error))
    return false;
  if (*verdict_out != TESS_LIST_TAKEN)
    return true;
  for (unsigned i = 0; i < bundle->count; i++)
    {
      const TessBundleDevice *device = &bundle->devices[i];
      g_autoptr (TessDeviceRow) row = NULL;

      if (device->expired)
        continue;
      if (!tess_db_device_find (job->db, contact->id, device->device, &row, error))
        return false;
      if (row == NULL)
        continue;
      g_clear_pointer (&row->prekey, g_bytes_unref);
      row->prekey = tess_people_envelope_key_encode (device->prekey.envelope_key_id, device->prekey.envelope_key);
      row->prekey_fetched = job->now;
      row->prekey_created = (int64_t) device->prekey.created;
      row->prekey_expires = (int64_t) device->prekey.expires;
      if (!tess_db_device_put (job->db, row, error))
        return false;
    }
  contact->fetched = job->now;
  return tess_people_update (job, contact, error);
}
