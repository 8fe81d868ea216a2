/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-content.h"

#include "base/tess-clock.h"
#include "base/tess-random.h"
#include "base/tess-text.h"
#include "wire/tess-address.h"
#include "wire/tess-json.h"

#include <string.h>

#define KIND_BYTES_MAX 32

TessContent *
tess_content_new (TessContentKind kind)
{
  g_autoptr (TessContent) self = g_new0 (TessContent, 1);

  self->kind = kind;
  self->time_ms = tess_clock_now_ms ();
  if (!tess_random (self->id, sizeof self->id))
    return NULL;
  if (kind == TESS_CONTENT_RECEIPT)
    {
      self->delivered = g_array_new (FALSE, FALSE, TESS_CONTENT_ID_SIZE);
      self->read = g_array_new (FALSE, FALSE, TESS_CONTENT_ID_SIZE);
    }
  return g_steal_pointer (&self);
}

void
tess_content_free (TessContent *self)
{
  if (self == NULL)
    return;
  g_free (self->body);
  g_free (self->name);
  g_free (self->relay);
  g_clear_pointer (&self->delivered, g_array_unref);
  g_clear_pointer (&self->read, g_array_unref);
  g_free (self);
}

static void
set_id (JsonObject *object, const char *name, const uint8_t *id)
{
  g_autofree char *text = tess_hex_encode (id, TESS_CONTENT_ID_SIZE);

  json_object_set_string_member (object, name, text);
}

static void
set_ids (JsonObject *object, const char *name, GArray *ids)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < ids->len; i++)
    {
      g_autofree char *text = tess_hex_encode ((const uint8_t *) ids->data + i * TESS_CONTENT_ID_SIZE, TESS_CONTENT_ID_SIZE);

      json_array_add_string_element (array, text);
    }
  json_object_set_array_member (object, name, array);
}

GBytes *
tess_content_encode (const TessContent *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;
  size_t size;

  set_id (object, "id", self->id);
  json_object_set_int_member (object, "time", self->time_ms);
  switch (self->kind)
    {
    case TESS_CONTENT_TEXT:
      json_object_set_string_member (object, "kind", "text");
      json_object_set_string_member (object, "body", self->body);
      if (self->has_reply_to)
        set_id (object, "reply_to", self->reply_to);
      if (self->seconds > 0)
        json_object_set_int_member (object, "expires_after", self->seconds);
      break;
    case TESS_CONTENT_EDIT:
      json_object_set_string_member (object, "kind", "edit");
      set_id (object, "target", self->target);
      json_object_set_string_member (object, "body", self->body);
      break;
    case TESS_CONTENT_DELETE:
      json_object_set_string_member (object, "kind", "delete");
      set_id (object, "target", self->target);
      break;
    case TESS_CONTENT_REACTION:
      json_object_set_string_member (object, "kind", "reaction");
      set_id (object, "target", self->target);
      json_object_set_string_member (object, "emoji", self->body);
      break;
    case TESS_CONTENT_TYPING:
      json_object_set_string_member (object, "kind", "typing");
      json_object_set_boolean_member (object, "on", self->on);
      break;
    case TESS_CONTENT_TIMER:
      json_object_set_string_member (object, "kind", "timer");
      json_object_set_int_member (object, "seconds", self->seconds);
      break;
    case TESS_CONTENT_RECEIPT:
      json_object_set_string_member (object, "kind", "receipt");
      set_ids (object, "delivered", self->delivered);
      set_ids (object, "read", self->read);
      break;
    case TESS_CONTENT_PROFILE:
      json_object_set_string_member (object, "kind", "profile");
      json_object_set_string_member (object, "name", self->name);
      tess_json_set_bytes (object, "capability", self->capability, sizeof self->capability);
      json_object_set_string_member (object, "relay", self->relay);
      break;
    case TESS_CONTENT_VERIFY:
      json_object_set_string_member (object, "kind", "verify");
      tess_json_set_bytes (object, "mac", self->mac, sizeof self->mac);
      break;
    case TESS_CONTENT_UNKNOWN:
    default:
      g_assert_not_reached ();
    }
  text = tess_json_to_text (object);
  size = strlen (text);
  if (size > TESS_CONTENT_SIZE_MAX)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&text), size);
}

static bool
refuse (GError **error, const char *what)
{
  g_set_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE, "Content: %s", what);
  return false;
}

static bool
get_id (JsonObject *object, const char *name, uint8_t *out, GError **error)
{
  const char *text = NULL;

  if (!tess_json_get_string (object, name, 2 * TESS_CONTENT_ID_SIZE, &text, error))
    return false;
  return tess_hex_decode (text, out, TESS_CONTENT_ID_SIZE) || refuse (error, "an id is not 32 hex digits");
}

static GArray *
get_ids (JsonObject *object, const char *name, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, TESS_CONTENT_ID_SIZE);
  JsonArray *array = tess_json_get_array (object, name, TESS_RECEIPT_IDS_MAX, error);

  if (array == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      uint8_t id[TESS_CONTENT_ID_SIZE];
      const char *text = NULL;

      if (!tess_json_element_string (array, i, 2 * TESS_CONTENT_ID_SIZE, &text, error))
        return NULL;
      if (!tess_hex_decode (text, id, sizeof id))
        {
          refuse (error, "an id is not 32 hex digits");
          return NULL;
        }
      g_array_append_val (ids, id);
    }
  return g_steal_pointer (&ids);
}

static bool
parse_body (TessContent *self, JsonObject *object, GError **error)
{
  const char *body = NULL;

  if (!tess_json_get_string (object, "body", TESS_TEXT_BYTES_MAX, &body, error))
    return false;
  if (*body == '\0')
    return refuse (error, "an empty text");
  self->body = g_strdup (body);
  return true;
}

static bool
parse_text (TessContent *self, JsonObject *object, GError **error)
{
  uint64_t seconds = 0;

  if (!parse_body (self, object, error))
    return false;
  if (json_object_has_member (object, "reply_to"))
    {
      if (!get_id (object, "reply_to", self->reply_to, error))
        return false;
      self->has_reply_to = true;
    }
  if (json_object_has_member (object, "expires_after")
      && !tess_json_get_uint (object, "expires_after", TESS_JSON_INTEGER_MAX, &seconds, error))
    return false;
  self->seconds = (uint32_t) MIN (seconds, TESS_TIMER_MAX);
  return true;
}

static bool
parse_reaction (TessContent *self, JsonObject *object, GError **error)
{
  const char *emoji = NULL;

  if (!get_id (object, "target", self->target, error)
      || !tess_json_get_string (object, "emoji", TESS_EMOJI_BYTES_MAX, &emoji, error))
    return false;
  self->body = g_strdup (emoji);
  return true;
}

static bool
parse_typing (TessContent *self, JsonObject *object, GError **error)
{
  JsonNode *node = json_object_get_member (object, "on");

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return refuse (error, "no boolean");
  self->on = json_node_get_boolean (node);
  return true;
}

static bool
parse_timer (TessContent *self, JsonObject *object, GError **error)
{
  uint64_t seconds = 0;

  if (!tess_json_get_uint (object, "seconds", TESS_TIMER_MAX, &seconds, error))
    return false;
  self->seconds = (uint32_t) seconds;
  return true;
}

static bool
parse_edit (TessContent *self, JsonObject *object, GError **error)
{
  return get_id (object, "target", self->target, error) && parse_body (self, object, error);
}

static bool
parse_delete (TessContent *self, JsonObject *object, GError **error)
{
  return get_id (object, "target", self->target, error);
}

static bool
parse_verify (TessContent *self, JsonObject *object, GError **error)
{
  return tess_json_get_bytes (object, "mac", self->mac, sizeof self->mac, error);
}

static bool
parse_receipt (TessContent *self, JsonObject *object, GError **error)
{
  self->delivered = get_ids (object, "delivered", error);
  if (self->delivered == NULL)
    return false;
  self->read = get_ids (object, "read", error);
  return self->read != NULL;
}

static bool
parse_profile (TessContent *self, JsonObject *object, GError **error)
{
  const char *name = NULL, *relay = NULL;

  if (!tess_json_get_string (object, "name", TESS_CONTENT_SIZE_MAX, &name, error)
      || !tess_json_get_bytes (object, "capability", self->capability, sizeof self->capability, error)
      || !tess_json_get_string (object, "relay", TESS_ORIGIN_BYTES_MAX, &relay, error))
    return false;
  if (!tess_origin_check (relay))
    return refuse (error, "a relay that is no origin");
  self->name = tess_name_clean (name, strlen (name));
  self->relay = g_strdup (relay);
  return true;
}

static bool
parse_kind (TessContent *self, JsonObject *object, const char *kind, GError **error)
{
  static const struct {
    const char *name;
    TessContentKind kind;
    bool (*parse) (TessContent *self, JsonObject *object, GError **error);
  } kinds[] = {
    { "text", TESS_CONTENT_TEXT, parse_text },
    { "receipt", TESS_CONTENT_RECEIPT, parse_receipt },
    { "profile", TESS_CONTENT_PROFILE, parse_profile },
    { "verify", TESS_CONTENT_VERIFY, parse_verify },
    { "edit", TESS_CONTENT_EDIT, parse_edit },
    { "delete", TESS_CONTENT_DELETE, parse_delete },
    { "reaction", TESS_CONTENT_REACTION, parse_reaction },
    { "typing", TESS_CONTENT_TYPING, parse_typing },
    { "timer", TESS_CONTENT_TIMER, parse_timer },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kind, kinds[i].name))
      {
        self->kind = kinds[i].kind;
        return kinds[i].parse (self, object, error);
      }
  self->kind = TESS_CONTENT_UNKNOWN;
  self->body = tess_name_clean (kind, strlen (kind));
  return true;
}

TessContent *
tess_content_parse (const uint8_t *data, size_t size, GError **error)
{
  g_autoptr (TessContent) self = g_new0 (TessContent, 1);
  g_autoptr (JsonObject) object = NULL;
  const char *kind = NULL;
  uint64_t time;

  object = tess_json_parse ((const char *) data, size, TESS_CONTENT_SIZE_MAX, error);
  if (object == NULL || !get_id (object, "id", self->id, error)
      || !tess_json_get_uint (object, "time", TESS_JSON_INTEGER_MAX, &time, error)
      || !tess_json_get_string (object, "kind", KIND_BYTES_MAX, &kind, error))
    return NULL;
  self->time_ms = (int64_t) time;
  if (!parse_kind (self, object, kind, error))
    return NULL;
  return g_steal_pointer (&self);
}
