/* What a client says on the mailbox's WebSocket, and the relay's codes. SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/tess-address.h"
#include "wire/tess-requests.h"

#include <string.h>

static const struct {
  const char *name;
  unsigned status;
} codes[] = {
  [TESS_CODE_BAD_REQUEST] = { "bad-request", 400 },
  [TESS_CODE_CAPABILITY] = { "capability", 403 },
  [TESS_CODE_NOT_FOUND] = { "not-found", 404 },
  [TESS_CODE_TOO_LARGE] = { "too-large", 413 },
  [TESS_CODE_SLOW_DOWN] = { "slow-down", 429 },
  [TESS_CODE_BUSY] = { "busy", 503 },
  [TESS_CODE_INVITATION] = { "invitation", 400 },
  [TESS_CODE_STALE] = { "stale", 400 },
  [TESS_CODE_UNREGISTERED] = { "unregistered", 400 },
  [TESS_CODE_TAKEN] = { "taken", 400 },
};

const char *
tess_relay_code_name (TessRelayCode code)
{
  return codes[code < G_N_ELEMENTS (codes) ? code : TESS_CODE_BAD_REQUEST].name;
}

unsigned
tess_relay_code_status (TessRelayCode code)
{
  return codes[code < G_N_ELEMENTS (codes) ? code : TESS_CODE_BAD_REQUEST].status;
}

TessRelayCode
tess_relay_code_from_name (const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_strcmp0 (name, codes[i].name) == 0)
      return i;
  return TESS_CODE_OTHER;
}

TessRequest *
tess_request_new (TessRequestOp op)
{
  TessRequest *self = g_new0 (TessRequest, 1);

  self->op = op;
  return self;
}

void
tess_request_free (TessRequest *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->device_list, g_bytes_unref);
  g_clear_pointer (&self->prekey, g_bytes_unref);
  g_clear_pointer (&self->one_time, g_ptr_array_unref);
  g_free (self->invitation);
  g_free (self->name);
  g_free (self->address);
  g_free (self);
}

static bool
read_auth (TessRequest *self, JsonObject *object, GError **error)
{
  return tess_json_get_bytes (object, "device", self->device, sizeof self->device, error)
         && tess_json_get_bytes (object, "signature", self->signature, sizeof self->signature, error);
}

static void
write_auth (const TessRequest *self, JsonObject *object)
{
  tess_json_set_bytes (object, "device", self->device, sizeof self->device);
  tess_json_set_bytes (object, "signature", self->signature, sizeof self->signature);
}

static bool
read_device_list (TessRequest *self, JsonObject *object, GError **error)
{
  self->device_list = tess_json_get_blob (object, "device_list", TESS_DEVICE_LIST_SIZE (0), TESS_DEVICE_LIST_SIZE_MAX, error);
  return self->device_list != NULL;
}

static bool
read_prekey (TessRequest *self, JsonObject *object, GError **error)
{
  self->prekey = tess_json_get_blob (object, "prekey", TESS_PREKEY_RECORD_SIZE, TESS_PREKEY_RECORD_SIZE, error);
  return self->prekey != NULL;
}

static bool
read_one_time (TessRequest *self, JsonObject *object, GError **error)
{
  JsonArray *array = tess_json_get_array (object, "one_time", TESS_ONE_TIME_UPLOAD, error);

  if (array == NULL)
    return false;
  self->one_time = g_ptr_array_new_full (json_array_get_length (array), (GDestroyNotify) g_bytes_unref);
  for (unsigned i = 0; i < json_array_get_length (array); i++)
    {
      GBytes *blob = tess_json_element_blob (array, i, TESS_ONE_TIME_PREKEY_SIZE, TESS_ONE_TIME_PREKEY_SIZE, error);

      if (blob == NULL)
        return false;
      g_ptr_array_add (self->one_time, blob);
    }
  return true;
}

static bool
read_register (TessRequest *self, JsonObject *object, GError **error)
{
  const char *invitation = NULL;

  if (tess_json_has (object, "invitation")
      && !tess_json_get_string (object, "invitation", TESS_INVITATION_BYTES_MAX, &invitation, error))
    return false;
  self->invitation = g_strdup (invitation);
  return read_device_list (self, object, error) && read_prekey (self, object, error) && read_one_time (self, object, error);
}

static void
write_register (const TessRequest *self, JsonObject *object)
{
  tess_json_set_blob (object, "device_list", self->device_list);
  tess_json_set_blob (object, "prekey", self->prekey);
  tess_json_set_blobs (object, "one_time", self->one_time);
  if (self->invitation != NULL)
    json_object_set_string_member (object, "invitation", self->invitation);
}

static bool
read_publish (TessRequest *self, JsonObject *object, GError **error)
{
  return (!tess_json_has (object, "prekey") || read_prekey (self, object, error))
         && (!tess_json_has (object, "one_time") || read_one_time (self, object, error))
         && (!tess_json_has (object, "replace") || tess_json_get_bool (object, "replace", &self->replace, error));
}

static void
write_publish (const TessRequest *self, JsonObject *object)
{
  if (self->prekey != NULL)
    tess_json_set_blob (object, "prekey", self->prekey);
  if (self->one_time != NULL)
    tess_json_set_blobs (object, "one_time", self->one_time);
  if (self->replace)
    json_object_set_boolean_member (object, "replace", TRUE);
}

static void
write_devices (const TessRequest *self, JsonObject *object)
{
  tess_json_set_blob (object, "device_list", self->device_list);
}

static bool
read_capabilities (TessRequest *self, JsonObject *object, GError **error)
{
  return tess_json_get_bytes (object, "contact", self->contact_hash, sizeof self->contact_hash, error)
         && tess_json_get_bytes (object, "request", self->request_hash, sizeof self->request_hash, error);
}

static void
write_capabilities (const TessRequest *self, JsonObject *object)
{
  tess_json_set_bytes (object, "contact", self->contact_hash, sizeof self->contact_hash);
  tess_json_set_bytes (object, "request", self->request_hash, sizeof self->request_hash);
}

static bool
read_name (TessRequest *self, JsonObject *object, GError **error)
{
  const char *name = NULL;
  const char *address = NULL;

  if (json_object_has_member (object, "name") && json_object_get_null_member (object, "name"))
    return true;
  if (!tess_json_get_string (object, "name", TESS_NAME_BYTES_MAX, &name, error))
    return false;
  self->name = g_strdup (name);
  if (tess_json_has (object, "address") && !tess_json_get_string (object, "address", TESS_ADDRESS_BYTES_MAX, &address, error))
    return false;
  self->address = g_strdup (address);
  return true;
}

static void
write_name (const TessRequest *self, JsonObject *object)
{
  if (self->name != NULL)
    json_object_set_string_member (object, "name", self->name);
  else
    json_object_set_null_member (object, "name");
  if (self->address != NULL)
    json_object_set_string_member (object, "address", self->address);
}

static bool
read_tickets (TessRequest *self, JsonObject *object, GError **error)
{
  uint64_t count = 0;

  if (!tess_json_get_uint (object, "count", TESS_TICKETS_MAX, &count, error))
    return false;
  self->count = (unsigned) count;
  if (count == 0)
    g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE, "“count” is out of range");
  return count > 0;
}

static void
write_tickets (const TessRequest *self, JsonObject *object)
{
  json_object_set_int_member (object, "count", self->count);
}

static const struct {
  const char *name;
  bool (*read) (TessRequest *self, JsonObject *object, GError **error);
  void (*write) (const TessRequest *self, JsonObject *object);
} ops[] = {
  [TESS_REQUEST_AUTH] = { "auth", read_auth, write_auth },
  [TESS_REQUEST_REGISTER] = { "register", read_register, write_register },
  [TESS_REQUEST_PUBLISH] = { "publish", read_publish, write_publish },
  [TESS_REQUEST_DEVICES] = { "devices", read_device_list, write_devices },
  [TESS_REQUEST_CAPABILITIES] = { "capabilities", read_capabilities, write_capabilities },
  [TESS_REQUEST_NAME] = { "name", read_name, write_name },
  [TESS_REQUEST_TICKETS] = { "tickets", read_tickets, write_tickets },
  [TESS_REQUEST_DELETE] = { "delete", NULL, NULL },
};

char *
tess_request_build (const TessRequest *self)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "op", ops[self->op].name);
  if (self->op != TESS_REQUEST_AUTH)
    json_object_set_int_member (object, "id", (gint64) self->id);
  if (ops[self->op].write != NULL)
    ops[self->op].write (self, object);
  return tess_json_to_text (object);
}

TessRequest *
tess_request_parse (const char *text, size_t size, int64_t *id_out, GError **error)
{
  g_autoptr (JsonObject) object = tess_json_parse (text, size, TESS_JSON_BYTES_MAX, error);
  g_autoptr (TessRequest) self = NULL;
  const char *op = NULL;
  uint64_t id = 0;
  unsigned i = 0;

  *id_out = -1;
  if (object == NULL)
    return NULL;
  if (tess_json_get_uint (object, "id", TESS_JSON_INTEGER_MAX, &id, NULL))
    *id_out = (int64_t) id;
  if (!tess_json_get_string (object, "op", 32, &op, error))
    return NULL;
  while (i < G_N_ELEMENTS (ops) && strcmp (op, ops[i].name) != 0)
    i++;
  if (i == G_N_ELEMENTS (ops))
    {
      g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED, "“op” is not one that this relay knows");
      return NULL;
    }
  self = tess_request_new (i);
  self->id = id;
  if (i != TESS_REQUEST_AUTH && !tess_json_get_uint (object, "id", TESS_JSON_INTEGER_MAX, &id, error))
    return NULL;
  if (ops[i].read != NULL && !ops[i].read (self, object, error))
    return NULL;
  return g_steal_pointer (&self);
}
