/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/tess-directory-json.h"

#include "base/tess-text.h"
#include "wire/tess-address.h"

#include <string.h>

#define PROTOCOL_VERSION 1
#define PROTOCOLS_MAX 16
#define VERSION_BYTES_MAX 64

TessInfo *
tess_info_copy (const TessInfo *self)
{
  TessInfo *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  copy->version = g_strdup (self->version);
  return copy;
}

void
tess_info_free (TessInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->version);
  g_free (self);
}

char *
tess_info_build (const TessInfo *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *protocols = json_array_new ();
  JsonObject *limits = json_object_new ();
  JsonObject *policies = json_object_new ();

  json_array_add_int_element (protocols, PROTOCOL_VERSION);
  json_object_set_array_member (object, "protocols", protocols);
  json_object_set_string_member (object, "name", self->name != NULL ? self->name : "");
  json_object_set_string_member (object, "version", self->version != NULL ? self->version : "");
  json_object_set_int_member (limits, "envelope_bytes", (gint64) self->envelope_bytes);
  json_object_set_int_member (limits, "mailbox_envelopes", (gint64) self->mailbox_envelopes);
  json_object_set_int_member (limits, "mailbox_bytes", (gint64) self->mailbox_bytes);
  json_object_set_int_member (limits, "mailbox_days", (gint64) self->mailbox_days);
  json_object_set_int_member (limits, "blob_bytes", (gint64) self->blob_bytes);
  json_object_set_int_member (limits, "blob_days", (gint64) self->blob_days);
  json_object_set_object_member (object, "limits", limits);
  json_object_set_string_member (policies, "registration", self->registration_open ? "open" : "invitation");
  json_object_set_string_member (policies, "directory", self->directory_none   ? "none"
                                                      : self->directory_list ? "list"
                                                                             : "exact");
  json_object_set_object_member (object, "policies", policies);
  return tess_json_to_text (object);
}

static bool
speaks_our_protocol (JsonObject *object, GError **error)
{
  JsonArray *protocols = tess_json_get_array (object, "protocols", PROTOCOLS_MAX, error);

  for (unsigned i = 0; protocols != NULL && i < json_array_get_length (protocols); i++)
    {
      JsonNode *node = json_array_get_element (protocols, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
          && json_node_get_int (node) == PROTOCOL_VERSION)
        return true;
    }
  if (protocols != NULL)
    g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE, "The relay speaks another version of the protocol");
  return false;
}

TessInfo *
tess_info_parse (const char *text, size_t size, GError **error)
{
  g_autoptr (JsonObject) object = tess_json_parse (text, size, TESS_JSON_BYTES_MAX, error);
  g_autoptr (TessInfo) self = g_new0 (TessInfo, 1);
  JsonObject *limits = NULL;
  JsonObject *policies = NULL;
  const char *name = NULL;
  const char *version = NULL;
  const char *registration = NULL;
  const char *directory = NULL;

  if (object == NULL || !speaks_our_protocol (object, error))
    return NULL;
  limits = tess_json_get_object (object, "limits", error);
  policies = limits != NULL ? tess_json_get_object (object, "policies", error) : NULL;
  if (policies == NULL || !tess_json_get_string (object, "name", TESS_NAME_BYTES_MAX, &name, error)
      || !tess_json_get_string (object, "version", VERSION_BYTES_MAX, &version, error)
      || !tess_json_get_uint (limits, "envelope_bytes", TESS_JSON_INTEGER_MAX, &self->envelope_bytes, error)
      || !tess_json_get_uint (limits, "mailbox_envelopes", TESS_JSON_INTEGER_MAX, &self->mailbox_envelopes, error)
      || !tess_json_get_uint (limits, "mailbox_bytes", TESS_JSON_INTEGER_MAX, &self->mailbox_bytes, error)
      || !tess_json_get_uint (limits, "mailbox_days", TESS_JSON_INTEGER_MAX, &self->mailbox_days, error)
      || (tess_json_has (limits, "blob_bytes")
          && (!tess_json_get_uint (limits, "blob_bytes", TESS_JSON_INTEGER_MAX, &self->blob_bytes, error)
              || !tess_json_get_uint (limits, "blob_days", TESS_JSON_INTEGER_MAX, &self->blob_days, error)))
      || !tess_json_get_string (policies, "registration", 64, &registration, error)
      || !tess_json_get_string (policies, "directory", 64, &directory, error))
    return NULL;
  self->name = tess_name_clean (name, strlen (name));
  self->version = tess_name_clean (version, strlen (version));
  self->registration_open = strcmp (registration, "open") == 0;
  self->directory_list = strcmp (directory, "list") == 0;
  self->directory_none = strcmp (directory, "none") == 0;
  return g_steal_pointer (&self);
}

char *
tess_bundle_build (GBytes *device_list, const TessBundleEntry *entries, unsigned count)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *devices = json_array_sized_new (count);

  tess_json_set_blob (object, "device_list", device_list);
  for (unsigned i = 0; i < count; i++)
    {
      JsonObject *device = json_object_new ();

      tess_json_set_bytes (device, "device", entries[i].device, TESS_KEY_SIZE);
      tess_json_set_blob (device, "prekey", entries[i].prekey);
      if (entries[i].one_time != NULL)
        tess_json_set_blob (device, "one_time", entries[i].one_time);
      json_array_add_object_element (devices, device);
    }
  json_object_set_array_member (object, "devices", devices);
  return tess_json_to_text (object);
}

static void
bundle_clear (gpointer data)
{
  g_clear_pointer (&((TessBundle *) data)->device_list, g_bytes_unref);
}

TessBundle *
tess_bundle_ref (TessBundle *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
tess_bundle_unref (TessBundle *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, bundle_clear);
}

static bool
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE, message);
  return false;
}

static bool
read_bundle_list (TessBundle *self, JsonObject *object, const uint8_t *account, GError **error)
{
  self->device_list = tess_json_get_blob (object, "device_list", TESS_DEVICE_LIST_SIZE (0), TESS_DEVICE_LIST_SIZE_MAX, error);
  if (self->device_list == NULL
      || !tess_device_list_parse (g_bytes_get_data (self->device_list, NULL), g_bytes_get_size (self->device_list), &self->list,
                                  error))
    return false;
  return memcmp (self->list.account, account, TESS_KEY_SIZE) == 0 || refuse (error, "The device list is another account's.");
}

/* The records of one device, verified. */
static bool
read_bundle_records (TessBundleDevice *self, JsonObject *object, int64_t now, GError **error)
{
  g_autoptr (GBytes) prekey = tess_json_get_blob (object, "prekey", TESS_PREKEY_RECORD_SIZE, TESS_PREKEY_RECORD_SIZE, error);
  g_autoptr (GBytes) one_time = NULL;
  g_autoptr (GError) prekey_error = NULL;

  if (prekey == NULL)
    return false;
  if (!tess_prekey_record_parse (g_bytes_get_data (prekey, NULL), g_bytes_get_size (prekey), self->device, now, &self->prekey,
                                 &prekey_error))
    {
      self->expired = g_error_matches (prekey_error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_EXPIRED);
      if (!self->expired)
        {
          g_propagate_error (error, g_steal_pointer (&prekey_error));
          return false;
        }
    }
  self->has_one_time = tess_json_has (object, "one_time");
  if (!self->has_one_time)
    return true;
  one_time = tess_json_get_blob (object, "one_time", TESS_ONE_TIME_PREKEY_SIZE, TESS_ONE_TIME_PREKEY_SIZE, error);
  return one_time != NULL
         && tess_one_time_prekey_parse (g_bytes_get_data (one_time, NULL), g_bytes_get_size (one_time), self->device,
                                        &self->one_time, error);
}

static bool
read_bundle_device (TessBundle *self, JsonObject *object, int64_t now, GError **error)
{
  TessBundleDevice *device = &self->devices[self->count];
  const TessDeviceEntry *entry = NULL;

  if (!tess_json_get_bytes (object, "device", device->device, TESS_KEY_SIZE, error))
    return false;
  entry = tess_device_list_find (&self->list, device->device);
  if (entry == NULL)
    return refuse (error, "The relay serves a device that the device list does not name.");
  for (unsigned i = 0; i < self->count; i++)
    if (memcmp (self->devices[i].device, device->device, TESS_KEY_SIZE) == 0)
      return refuse (error, "The relay serves a device twice.");
  device->number = entry->number;
  if (!read_bundle_records (device, object, now, error))
    return false;
  self->count++;
  return true;
}

TessBundle *
tess_bundle_parse (const char *text, size_t size, const uint8_t account[static TESS_KEY_SIZE], int64_t now, GError **error)
{
  g_autoptr (JsonObject) object = tess_json_parse (text, size, TESS_JSON_BYTES_MAX, error);
  g_autoptr (TessBundle) self = g_atomic_rc_box_new0 (TessBundle);
  JsonArray *devices = NULL;

  if (object == NULL || !read_bundle_list (self, object, account, error))
    return NULL;
  devices = tess_json_get_array (object, "devices", TESS_DEVICES_MAX, error);
  if (devices == NULL)
    return NULL;
  for (unsigned i = 0; i < json_array_get_length (devices); i++)
    {
      JsonObject *device = tess_json_element_object (devices, i, error);

      if (device == NULL || !read_bundle_device (self, device, now, error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

bool
tess_directory_prefix_check (const char *prefix)
{
  size_t length = prefix != NULL ? strlen (prefix) : 0;

  return length > 0 && length <= TESS_DIRECTORY_NAME_MAX && g_ascii_isalnum (prefix[0])
         && strspn (prefix, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

bool
tess_directory_name_check (const char *name)
{
  return tess_directory_prefix_check (name) && strlen (name) >= TESS_DIRECTORY_NAME_MIN;
}

void
tess_directory_name_free (TessDirectoryName *self)
{
  g_free (self->name);
  g_free (self->address);
  g_free (self);
}

static JsonObject *
name_object (const TessDirectoryName *name)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", name->name);
  json_object_set_string_member (object, "address", name->address);
  return object;
}

char *
tess_directory_name_build (const TessDirectoryName *name)
{
  g_autoptr (JsonObject) object = name_object (name);

  return tess_json_to_text (object);
}

char *
tess_directory_names_build (GPtrArray *names, bool more)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (unsigned i = 0; i < names->len; i++)
    json_array_add_object_element (array, name_object (g_ptr_array_index (names, i)));
  json_object_set_array_member (object, "names", array);
  json_object_set_boolean_member (object, "more", more);
  return tess_json_to_text (object);
}

/* One name of an answer; of a relay that sends people elsewhere nothing is taken. */
static bool
take_name (GPtrArray *names, JsonObject *object, const char *origin, GError **error)
{
  g_autoptr (TessAddress) address = NULL;
  const char *name = NULL;
  const char *text = NULL;
  TessDirectoryName *found;

  if (!tess_json_get_string (object, "name", TESS_DIRECTORY_NAME_MAX, &name, error)
      || !tess_json_get_string (object, "address", TESS_ADDRESS_BYTES_MAX, &text, error))
    return false;
  if (!tess_directory_name_check (name))
    return refuse (error, "The relay tells of a name that is none.");
  address = tess_address_parse (text, error);
  if (address == NULL)
    return false;
  if (address->has_code || strcmp (address->origin, origin) != 0)
    return refuse (error, "The relay tells an address that is not of its own.");
  found = g_new0 (TessDirectoryName, 1);
  found->name = g_strdup (name);
  found->address = tess_address_to_string (address);
  g_ptr_array_add (names, found);
  return true;
}

GPtrArray *
tess_directory_name_parse (const char *text, size_t size, const char *origin, const char *name, GError **error)
{
  g_autoptr (JsonObject) object = tess_json_parse (text, size, TESS_JSON_BYTES_MAX, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_directory_name_free);

  if (object == NULL || !take_name (names, object, origin, error))
    return NULL;
  if (strcmp (((const TessDirectoryName *) g_ptr_array_index (names, 0))->name, name) == 0)
    return g_steal_pointer (&names);
  refuse (error, "The relay tells of another name than it was asked for.");
  return NULL;
}

GPtrArray *
tess_directory_names_parse (const char *text, size_t size, const char *origin, const char *prefix, GError **error)
{
  g_autoptr (JsonObject) object = tess_json_parse (text, size, TESS_JSON_BYTES_MAX, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_directory_name_free);
  JsonArray *array = object != NULL ? tess_json_get_array (object, "names", TESS_DIRECTORY_LIST_MAX, error) : NULL;

  if (array == NULL)
    return NULL;
  for (unsigned i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *element = tess_json_element_object (array, i, error);

      if (element == NULL || !take_name (names, element, origin, error))
        return NULL;
      if (!g_str_has_prefix (((const TessDirectoryName *) g_ptr_array_index (names, i))->name, prefix))
        {
          refuse (error, "The relay tells of other names than it was asked for.");
          return NULL;
        }
    }
  return g_steal_pointer (&names);
}

char *
tess_blob_answer_build (const char *id)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "id", id);
  return tess_json_to_text (object);
}

char *
tess_http_error_build (TessRelayCode code, const char *message)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *fault = json_object_new ();

  json_object_set_string_member (fault, "code", tess_relay_code_name (code));
  json_object_set_string_member (fault, "message", message);
  json_object_set_object_member (object, "error", fault);
  return tess_json_to_text (object);
}

TessRelayCode
tess_http_error_parse (const char *text, size_t size, char **message_out)
{
  g_autoptr (JsonObject) object = tess_json_parse (text, size, TESS_JSON_BYTES_MAX, NULL);
  JsonObject *fault = object != NULL ? tess_json_get_object (object, "error", NULL) : NULL;
  const char *code = NULL;
  const char *message = NULL;

  *message_out = NULL;
  if (fault == NULL || !tess_json_get_string (fault, "code", 64, &code, NULL)
      || !tess_json_get_string (fault, "message", TESS_RELAY_MESSAGE_BYTES_MAX, &message, NULL))
    return TESS_CODE_OTHER;
  *message_out = g_strdup (message);
  return tess_relay_code_from_name (code);
}
