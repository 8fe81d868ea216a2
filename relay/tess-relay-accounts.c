/* The requests of an authenticated device: register, publish, devices, capabilities, name, tickets, delete (protocol.md 7). What
 * comes is verified here, on the main thread, and only then given to the store. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-mailbox.h"

#include "base/tess-clock.h"
#include "base/tess-random.h"
#include "base/tess-text.h"
#include "wire/tess-address.h"

#include <string.h>

typedef struct {
  TessRelayJob job;
  TessRelayMailbox *mailbox;
  TessRequestOp op;
  int64_t id;
  TessRelayList list;
  TessRelayKeys keys;
  bool invited;
  uint8_t invitation[TESS_RELAY_INVITATION_SIZE];
  uint8_t contact[TESS_CAPABILITY_HASH_SIZE];
  uint8_t request[TESS_CAPABILITY_HASH_SIZE];
  unsigned count; /* of tickets: them, and the ids of what they upload */
  uint8_t tickets[TESS_TICKETS_MAX][TESS_TICKET_SIZE];
  uint8_t ids[TESS_TICKETS_MAX][TESS_BLOB_ID_SIZE];
  char *name;     /* NULL: none */
  char *address;
  int64_t now;
  uint32_t one_time;
  GByteArray *removed;
  TessRelayMailboxState state;
} Request;

static void
request_free (Request *self)
{
  g_clear_pointer (&self->list.record, g_bytes_unref);
  g_clear_pointer (&self->keys.prekey, g_bytes_unref);
  g_clear_pointer (&self->keys.one_time, g_ptr_array_unref);
  g_byte_array_unref (self->removed);
  g_free (self->name);
  g_free (self->address);
  tess_relay_mailbox_unref (self->mailbox);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

/* -- Verifying ----------------------------------------------------------------------------------------------------------- */

/* The device list has to name this device. */
static bool
take_list (Request *self, GBytes *record, GError **error)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (record, &size);

  if (!tess_device_list_parse (data, size, &self->list.list, error))
    return false;
  if (self->list.list.version > TESS_JSON_INTEGER_MAX
      || (self->op == TESS_REQUEST_REGISTER && tess_device_list_find (&self->list.list, self->mailbox->device) == NULL))
    {
      g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE, "the device list does not name this device");
      return false;
    }
  self->list.record = g_bytes_ref (record);
  return true;
}

static bool
take_prekey (Request *self, GBytes *record, GError **error)
{
  TessPrekeyRecord parsed;
  size_t size;
  const uint8_t *data = g_bytes_get_data (record, &size);

  if (!tess_prekey_record_parse (data, size, self->mailbox->device, self->now, &parsed, error))
    return false;
  self->keys.prekey = g_bytes_ref (record);
  self->keys.prekey_expires = (int64_t) parsed.expires;
  return true;
}

static bool
take_one_time (Request *self, GPtrArray *records, GError **error)
{
  self->keys.one_time = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_relay_one_time_free);
  for (unsigned i = 0; i < records->len; i++)
    {
      GBytes *record = g_ptr_array_index (records, i);
      TessOneTimePrekey parsed;
      TessRelayOneTime *key;
      size_t size;
      const uint8_t *data = g_bytes_get_data (record, &size);

      if (!tess_one_time_prekey_parse (data, size, self->mailbox->device, &parsed, error))
        return false;
      key = g_new0 (TessRelayOneTime, 1);
      key->id = parsed.id;
      key->record = g_bytes_ref (record);
      g_ptr_array_add (self->keys.one_time, key);
      self->job.bytes += size;
    }
  return true;
}

static bool
make_tickets (Request *self, unsigned count, GError **error)
{
  if (!tess_random (self->tickets[0], sizeof self->tickets))
    {
      g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE, "the relay has no randomness");
      return false;
    }
  self->count = count;
  for (unsigned i = 0; i < count; i++)
    tess_relay_blob_id (self->tickets[i], self->ids[i]);
  return true;
}

/* A name stands for an address of this account at this relay: nobody is led astray by it. */
static bool
take_name (Request *self, const TessRequest *request, GError **error)
{
  g_autoptr (TessAddress) address = NULL;

  if (request->op != TESS_REQUEST_NAME || request->name == NULL)
    return true;
  if (!tess_directory_name_check (request->name))
    {
      g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE, "a name is 3 to 32 of a-z, 0-9, _ and -");
      return false;
    }
  address = tess_address_parse (request->address != NULL ? request->address : "", error);
  if (address == NULL)
    return false;
  if (address->has_code || !g_str_equal (address->origin, self->mailbox->server->origin))
    {
      g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE, "the address is not of this relay");
      return false;
    }
  self->name = g_strdup (request->name);
  self->address = tess_address_to_string (address);
  memcpy (self->list.list.account, address->account, sizeof address->account);
  return true;
}

static bool
take_all (Request *self, const TessRequest *request, GError **error)
{
  if (request->device_list != NULL && !take_list (self, request->device_list, error))
    return false;
  if (request->prekey != NULL && !take_prekey (self, request->prekey, error))
    return false;
  if (request->one_time != NULL && !take_one_time (self, request->one_time, error))
    return false;
  if (!take_name (self, request, error) || (request->op == TESS_REQUEST_TICKETS && !make_tickets (self, request->count, error)))
    return false;
  self->keys.replace = request->replace;
  self->keys.now = self->now;
  self->invited = request->invitation != NULL;
  if (self->invited)
    tess_relay_invitation_hash (request->invitation, self->invitation);
  memcpy (self->contact, request->contact_hash, sizeof self->contact);
  memcpy (self->request, request->request_hash, sizeof self->request);
  return true;
}

/* -- The store's part, on the writer's thread ------------------------------------------------------------------------------ */

static TessRelayResult
work_name (Request *self, TessRelayStore *store)
{
  TessRelayMailboxState state;
  TessRelayResult result = tess_relay_store_mailbox (store, self->mailbox->device, &state);

  if (result == TESS_RELAY_OK && self->name != NULL && memcmp (state.account, self->list.list.account, 32) != 0)
    return TESS_RELAY_NOT_FOUND;
  return result == TESS_RELAY_OK ? tess_relay_store_name (store, self->mailbox->device, self->name, self->address) : result;
}

static TessRelayResult
work (TessRelayJob *job, TessRelayStore *store)
{
  Request *self = (Request *) job;
  const uint8_t *device = self->mailbox->device;
  TessRelayResult result;

  g_byte_array_set_size (self->removed, 0);
  switch (self->op)
    {
    case TESS_REQUEST_REGISTER:
      result = tess_relay_store_register (store, device, &self->list, &self->keys, self->mailbox->server->config->registration,
                                          self->invited ? self->invitation : NULL, &self->one_time, self->removed);
      return result == TESS_RELAY_OK ? tess_relay_store_mailbox (store, device, &self->state) : result;
    case TESS_REQUEST_PUBLISH:
      return tess_relay_store_publish (store, device, &self->keys, &self->one_time);
    case TESS_REQUEST_DEVICES:
      return tess_relay_store_devices (store, device, &self->list, self->removed);
    case TESS_REQUEST_CAPABILITIES:
      return tess_relay_store_capabilities (store, device, self->contact, self->request, self->now);
    case TESS_REQUEST_TICKETS:
      return tess_relay_store_tickets (store, device, self->ids[0], self->count,
                                       tess_relay_server_quota (self->mailbox->server), self->now);
    case TESS_REQUEST_NAME:
      return work_name (self, store);
    default:
      return tess_relay_store_delete (store, device);
    }
}

/* -- Answers --------------------------------------------------------------------------------------------------------------- */

static void
answer_ok (Request *self)
{
  g_autoptr (TessNotice) notice = tess_notice_new (TESS_NOTICE_OK);

  notice->id = self->id;
  notice->one_time = self->op == TESS_REQUEST_REGISTER || self->op == TESS_REQUEST_PUBLISH ? (int64_t) self->one_time : -1;
  if (self->op == TESS_REQUEST_TICKETS)
    notice->tickets = g_ptr_array_new_with_free_func (g_free);
  for (unsigned i = 0; i < self->count; i++)
    g_ptr_array_add (notice->tickets, tess_base32_encode (self->tickets[i], TESS_TICKET_SIZE));
  tess_relay_mailbox_notify (self->mailbox, notice);
}

static void
answer_refused (Request *self, TessRelayResult result)
{
  static const struct {
    TessRelayResult result;
    TessRelayCode code;
    const char *message;
  } refusals[] = {
    { TESS_RELAY_UNREGISTERED, TESS_CODE_UNREGISTERED, "this device has no mailbox here" },
    { TESS_RELAY_STALE, TESS_CODE_STALE, "the relay has a newer device list of this account, or another of this version" },
    { TESS_RELAY_TAKEN, TESS_CODE_TAKEN, "this is under another account" },
    { TESS_RELAY_NOT_FOUND, TESS_CODE_BAD_REQUEST, "the address is another account's" },
    { TESS_RELAY_INVITATION, TESS_CODE_INVITATION, "this relay takes new accounts by invitation only" },
    { TESS_RELAY_FULL, TESS_CODE_TOO_LARGE, "this account has uploaded as much as the relay keeps for it" },
    { TESS_RELAY_TOO_MANY, TESS_CODE_TOO_LARGE, "more one-time prekeys than the relay keeps" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (refusals[i].result == result)
      {
        tess_relay_mailbox_answer (self->mailbox, self->id, refusals[i].code, refusals[i].message);
        return;
      }
  tess_relay_mailbox_answer (self->mailbox, self->id, TESS_CODE_BUSY, "the relay cannot write now; try again soon");
}

static void
apply (Request *self)
{
  TessRelayMailbox *mailbox = self->mailbox;

  /* A device that registers once more goes on where it was, unless that mailbox is gone: the operator may have deleted it. */
  if (self->op == TESS_REQUEST_REGISTER && (!mailbox->registered || self->state.last < mailbox->last))
    tess_relay_mailbox_start (mailbox, &self->state);
  else if (self->op == TESS_REQUEST_DELETE)
    {
      self->state = (TessRelayMailboxState) { 0 };
      tess_relay_mailbox_start (mailbox, &self->state);
    }
}

static void
done (TessRelayJob *job, TessRelayResult result)
{
  g_autoptr (Request) self = (Request *) job;
  TessRelayServer *server = self->mailbox->server;

  if (self->mailbox->link != NULL)
    {
      tess_relay_link_release (self->mailbox->link);
      if (result != TESS_RELAY_OK)
        answer_refused (self, result);
      else
        {
          answer_ok (self);
          apply (self);
        }
    }
  for (unsigned i = 0; result == TESS_RELAY_OK && i + 32 <= self->removed->len; i += 32)
    tess_relay_mailbox_removed (server, self->removed->data + i);
}

void
tess_relay_mailbox_request (TessRelayMailbox *mailbox, const TessRequest *request)
{
  g_autoptr (Request) self = NULL;
  g_autoptr (GError) error = NULL;

  if ((request->op == TESS_REQUEST_TICKETS && mailbox->server->config->blob_megabytes == 0)
      || (request->op == TESS_REQUEST_NAME && mailbox->server->config->directory == TESS_RELAY_DIRECTORY_NONE))
    {
      tess_relay_mailbox_answer (mailbox, (int64_t) request->id, TESS_CODE_NOT_FOUND,
                                 request->op == TESS_REQUEST_NAME ? "this relay has no directory" : "this relay keeps no files");
      return;
    }
  self = g_new0 (Request, 1);
  self->job = (TessRelayJob) { .work = work, .done = done, .writes = true, .bytes = 8192, .address = mailbox->address };
  self->mailbox = tess_relay_mailbox_ref (mailbox);
  self->op = request->op;
  self->id = (int64_t) request->id;
  self->now = tess_clock_now ();
  self->removed = g_byte_array_new ();
  if (!take_all (self, request, &error))
    {
      tess_relay_mailbox_answer (mailbox, self->id, TESS_CODE_BAD_REQUEST, error->message);
      return;
    }
  if (mailbox->server->stopping || !tess_relay_writer_submit (mailbox->server->writer, &self->job))
    {
      answer_refused (self, TESS_RELAY_BUSY);
      return;
    }
  tess_relay_link_hold (mailbox->link);
  self = NULL;
}
