/* What a relay says on the mailbox's WebSocket. SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/tess-address.h"
#include "wire/tess-requests.h"

#include <string.h>

TessNotice *
tess_notice_new (TessNoticeOp op)
{
  TessNotice *self = g_new0 (TessNotice, 1);

  self->op = op;
  self->id = -1;
  self->one_time = -1;
  self->code = TESS_CODE_OTHER;
  return self;
}

void
tess_notice_free (TessNotice *self)
{
  if (self == NULL)
    return;
  g_free (self->relay);
  g_free (self->message);
  g_clear_pointer (&self->tickets, g_ptr_array_unref);
  g_free (self);
}

/* A number that may be missing (-1). */
static bool
read_optional (JsonObject *object, const char *name, uint64_t max, int64_t *out, GError **error)
{
  uint64_t value = 0;

  *out = -1;
  if (!tess_json_has (object, name))
    return true;
  if (!tess_json_get_uint (object, name, max, &value, error))
    return false;
  *out = (int64_t) value;
  return true;
}

static bool
read_challenge (TessNotice *self, JsonObject *object, GError **error)
{
  const char *relay = NULL;

  if (!tess_json_get_bytes (object, "nonce", self->nonce, sizeof self->nonce, error)
      || !tess_json_get_string (object, "relay", TESS_ORIGIN_BYTES_MAX, &relay, error))
    return false;
  self->relay = g_strdup (relay);
  return true;
}

static void
write_challenge (const TessNotice *self, JsonObject *object)
{
  tess_json_set_bytes (object, "nonce", self->nonce, sizeof self->nonce);
  json_object_set_string_member (object, "relay", self->relay);
}

static bool
read_ready (TessNotice *self, JsonObject *object, GError **error)
{
  uint64_t one_time = 0;

  if (!tess_json_get_bool (object, "registered", &self->registered, error)
      || !tess_json_get_uint (object, "waiting", TESS_JSON_INTEGER_MAX, &self->waiting, error)
      || !tess_json_get_uint (object, "one_time", UINT32_MAX, &one_time, error)
      || !tess_json_get_uint (object, "acked", TESS_JSON_INTEGER_MAX, &self->acked, error))
    return false;
  self->one_time = (int64_t) one_time;
  return true;
}

static void
write_ready (const TessNotice *self, JsonObject *object)
{
  json_object_set_boolean_member (object, "registered", self->registered);
  json_object_set_int_member (object, "waiting", (gint64) self->waiting);
  json_object_set_int_member (object, "one_time", MAX (self->one_time, 0));
  json_object_set_int_member (object, "acked", (gint64) self->acked);
}

static bool
read_ok (TessNotice *self, JsonObject *object, GError **error)
{
  JsonArray *array = NULL;

  if (!read_optional (object, "id", TESS_JSON_INTEGER_MAX, &self->id, error)
      || !read_optional (object, "one_time", UINT32_MAX, &self->one_time, error))
    return false;
  if (self->id < 0)
    {
      g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED, "“id” is missing or of another type");
      return false;
    }
  if (!tess_json_has (object, "tickets"))
    return true;
  array = tess_json_get_array (object, "tickets", TESS_TICKETS_MAX, error);
  if (array == NULL)
    return false;
  self->tickets = g_ptr_array_new_with_free_func (g_free);
  for (unsigned i = 0; i < json_array_get_length (array); i++)
    {
      const char *ticket = NULL;

      if (!tess_json_element_string (array, i, TESS_TICKET_BYTES_MAX, &ticket, error))
        return false;
      g_ptr_array_add (self->tickets, g_strdup (ticket));
    }
  return true;
}

static void
write_ok (const TessNotice *self, JsonObject *object)
{
  json_object_set_int_member (object, "id", self->id);
  if (self->one_time >= 0)
    json_object_set_int_member (object, "one_time", self->one_time);
  if (self->tickets != NULL)
    {
      JsonArray *array = json_array_new ();

      for (unsigned i = 0; i < self->tickets->len; i++)
        json_array_add_string_element (array, g_ptr_array_index (self->tickets, i));
      json_object_set_array_member (object, "tickets", array);
    }
}

static bool
read_error (TessNotice *self, JsonObject *object, GError **error)
{
  const char *code = NULL;
  const char *message = NULL;

  if (!read_optional (object, "id", TESS_JSON_INTEGER_MAX, &self->id, error)
      || !tess_json_get_string (object, "code", 64, &code, error)
      || !tess_json_get_string (object, "message", TESS_RELAY_MESSAGE_BYTES_MAX, &message, error))
    return false;
  self->code = tess_relay_code_from_name (code);
  self->message = g_strdup (message);
  return true;
}

static void
write_error (const TessNotice *self, JsonObject *object)
{
  if (self->id >= 0)
    json_object_set_int_member (object, "id", self->id);
  json_object_set_string_member (object, "code", tess_relay_code_name (self->code));
  json_object_set_string_member (object, "message", self->message != NULL ? self->message : "");
}

static bool
read_one_time (TessNotice *self, JsonObject *object, GError **error)
{
  uint64_t left = 0;

  if (!tess_json_get_uint (object, "left", UINT32_MAX, &left, error))
    return false;
  self->one_time = (int64_t) left;
  return true;
}

static void
write_one_time (const TessNotice *self, JsonObject *object)
{
  json_object_set_int_member (object, "left", MAX (self->one_time, 0));
}

static const struct {
  const char *name;
  bool (*read) (TessNotice *self, JsonObject *object, GError **error);
  void (*write) (const TessNotice *self, JsonObject *object);
} ops[] = {
  [TESS_NOTICE_CHALLENGE] = { "challenge", read_challenge, write_challenge },
  [TESS_NOTICE_READY] = { "ready", read_ready, write_ready },
  [TESS_NOTICE_OK] = { "ok", read_ok, write_ok },
  [TESS_NOTICE_ERROR] = { "error", read_error, write_error },
  [TESS_NOTICE_ONE_TIME] = { "one_time", read_one_time, write_one_time },
};

char *
tess_notice_build (const TessNotice *self)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "op", ops[self->op].name);
  ops[self->op].write (self, object);
  return tess_json_to_text (object);
}

TessNotice *
tess_notice_parse (const char *text, size_t size, GError **error)
{
  g_autoptr (JsonObject) object = tess_json_parse (text, size, TESS_JSON_BYTES_MAX, error);
  g_autoptr (TessNotice) self = NULL;
  const char *op = NULL;
  unsigned i = 0;

  if (object == NULL || !tess_json_get_string (object, "op", 32, &op, error))
    return NULL;
  while (i < G_N_ELEMENTS (ops) && strcmp (op, ops[i].name) != 0)
    i++;
  if (i == G_N_ELEMENTS (ops))
    {
      g_set_error_literal (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED, "“op” is not one of this version");
      return NULL;
    }
  self = tess_notice_new (i);
  if (!ops[i].read (self, object, error))
    return NULL;
  return g_steal_pointer (&self);
}
