/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/tess-json.h"

#include "base/tess-text.h"
#include "wire/tess-json-private.h"

#include <string.h>

JsonObject *
tess_json_parse (const char *text, size_t size, size_t max, GError **error)
{
  g_autofree char *copy = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) parse_error = NULL;
  const char *fault = NULL;

  if (size > max)
    {
      g_set_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_TOO_LARGE, "JSON of %zu bytes is too large", size);
      return NULL;
    }
  fault = tess_json_scan (text, size);
  if (fault != NULL)
    {
      g_set_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED, "Not acceptable JSON: %s", fault);
      return NULL;
    }
  copy = g_strndup (text, size);
  node = json_from_string (copy, &parse_error);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED, "Not acceptable JSON");
      return NULL;
    }
  return json_object_ref (json_node_get_object (node));
}

char *
tess_json_to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_alloc ();

  json_node_init_object (node, object);
  return json_to_string (node, FALSE);
}

static bool
ill_typed (GError **error, const char *name)
{
  g_set_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED, "“%s” is missing or of another type", name);
  return false;
}

static bool
out_of_range (GError **error, const char *name)
{
  g_set_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE, "“%s” is out of range", name);
  return false;
}

bool
tess_json_has (JsonObject *object, const char *name)
{
  return json_object_has_member (object, name) && !json_object_get_null_member (object, name);
}

static bool
node_string (JsonNode *node, const char *name, size_t max, const char **out, GError **error)
{
  *out = NULL;
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return ill_typed (error, name);
  if (strlen (json_node_get_string (node)) > max)
    return out_of_range (error, name);
  *out = json_node_get_string (node);
  return true;
}

static GBytes *
node_blob (JsonNode *node, const char *name, size_t min, size_t max, GError **error)
{
  const char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (!node_string (node, name, max * 4 / 3 + 3, &text, error))
    return NULL;
  bytes = tess_base64_decode_bytes (text, max);
  if (bytes == NULL || g_bytes_get_size (bytes) < min)
    {
      out_of_range (error, name);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

bool
tess_json_get_string (JsonObject *object, const char *name, size_t max, const char **out, GError **error)
{
  return node_string (json_object_get_member (object, name), name, max, out, error);
}

bool
tess_json_get_uint (JsonObject *object, const char *name, uint64_t max, uint64_t *out, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);
  int64_t value = 0;

  *out = 0;
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return ill_typed (error, name);
  value = json_node_get_int (node);
  if (value < 0 || (uint64_t) value > MIN (max, TESS_JSON_INTEGER_MAX))
    return out_of_range (error, name);
  *out = (uint64_t) value;
  return true;
}

bool
tess_json_get_bool (JsonObject *object, const char *name, bool *out, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  *out = false;
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return ill_typed (error, name);
  *out = json_node_get_boolean (node);
  return true;
}

bool
tess_json_get_bytes (JsonObject *object, const char *name, uint8_t *out, size_t size, GError **error)
{
  const char *text = NULL;

  memset (out, 0, size);
  if (!tess_json_get_string (object, name, size * 4 / 3 + 3, &text, error))
    return false;
  return tess_base64_decode (text, out, size) || out_of_range (error, name);
}

GBytes *
tess_json_get_blob (JsonObject *object, const char *name, size_t min, size_t max, GError **error)
{
  return node_blob (json_object_get_member (object, name), name, min, max, error);
}

JsonArray *
tess_json_get_array (JsonObject *object, const char *name, unsigned max, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    {
      ill_typed (error, name);
      return NULL;
    }
  if (json_array_get_length (json_node_get_array (node)) > max)
    {
      out_of_range (error, name);
      return NULL;
    }
  return json_node_get_array (node);
}

static JsonObject *
node_object (JsonNode *node, const char *name, GError **error)
{
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  ill_typed (error, name);
  return NULL;
}

JsonObject *
tess_json_get_object (JsonObject *object, const char *name, GError **error)
{
  return node_object (json_object_get_member (object, name), name, error);
}

bool
tess_json_element_string (JsonArray *array, unsigned i, size_t max, const char **out, GError **error)
{
  return node_string (json_array_get_element (array, i), "element", max, out, error);
}

GBytes *
tess_json_element_blob (JsonArray *array, unsigned i, size_t min, size_t max, GError **error)
{
  return node_blob (json_array_get_element (array, i), "element", min, max, error);
}

JsonObject *
tess_json_element_object (JsonArray *array, unsigned i, GError **error)
{
  return node_object (json_array_get_element (array, i), "element", error);
}

void
tess_json_set_bytes (JsonObject *object, const char *name, const uint8_t *data, size_t size)
{
  g_autofree char *text = tess_base64_encode (data, size);

  json_object_set_string_member (object, name, text);
}

void
tess_json_set_blob (JsonObject *object, const char *name, GBytes *bytes)
{
  tess_json_set_bytes (object, name, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

void
tess_json_set_blobs (JsonObject *object, const char *name, GPtrArray *blobs)
{
  JsonArray *array = json_array_sized_new (blobs->len);

  for (unsigned i = 0; i < blobs->len; i++)
    {
      GBytes *blob = g_ptr_array_index (blobs, i);
      g_autofree char *text = tess_base64_encode (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));

      json_array_add_string_element (array, text);
    }
  json_object_set_array_member (object, name, array);
}
