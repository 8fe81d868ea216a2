/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-entities.h"

#include <string.h>

struct _TessMessage {
  GObject parent_instance;
  TessMessageData *data;
};

G_DEFINE_FINAL_TYPE (TessMessage, tess_message, G_TYPE_OBJECT)

enum {
  PROP_ROW = 1,
  PROP_ID,
  PROP_BODY,
  PROP_TIME,
  PROP_OUTGOING,
  PROP_KIND,
  PROP_DELIVERY,
  PROP_FAILURE,
  PROP_EDITED,
  PROP_DELETED,
  PROP_REPLY_TO,
  PROP_REPLY_TEXT,
  PROP_REPLY_OUTGOING,
  PROP_OWN_REACTION,
  PROP_THEIR_REACTION,
  PROP_EXPIRES_AFTER,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

static void
tess_message_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  const TessMessageData *data = TESS_MESSAGE (object)->data;

  switch (id)
    {
    case PROP_ROW:
      g_value_set_int64 (value, data->row);
      break;
    case PROP_ID:
      g_value_set_string (value, data->id);
      break;
    case PROP_BODY:
      g_value_set_string (value, data->body);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, data->time);
      break;
    case PROP_OUTGOING:
      g_value_set_boolean (value, data->outgoing);
      break;
    case PROP_KIND:
      g_value_set_string (value, data->kind);
      break;
    case PROP_DELIVERY:
      g_value_set_enum (value, data->delivery);
      break;
    case PROP_FAILURE:
      g_value_set_string (value, data->failure);
      break;
    case PROP_EDITED:
      g_value_set_boolean (value, data->edited);
      break;
    case PROP_DELETED:
      g_value_set_boolean (value, data->deleted);
      break;
    case PROP_REPLY_TO:
      g_value_set_string (value, data->reply_to);
      break;
    case PROP_REPLY_TEXT:
      g_value_set_string (value, data->reply_text);
      break;
    case PROP_REPLY_OUTGOING:
      g_value_set_boolean (value, data->reply_outgoing);
      break;
    case PROP_OWN_REACTION:
      g_value_set_string (value, data->own_reaction);
      break;
    case PROP_THEIR_REACTION:
      g_value_set_string (value, data->their_reaction);
      break;
    case PROP_EXPIRES_AFTER:
      g_value_set_uint (value, data->expires_after);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tess_message_finalize (GObject *object)
{
  tess_message_data_free (TESS_MESSAGE (object)->data);
  G_OBJECT_CLASS (tess_message_parent_class)->finalize (object);
}

static void
tess_message_class_init (TessMessageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = tess_message_get_property;
  object_class->finalize = tess_message_finalize;
  properties[PROP_ROW] = g_param_spec_int64 ("row", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, "", flags);
  properties[PROP_BODY] = g_param_spec_string ("body", NULL, NULL, "", flags);
  properties[PROP_TIME] = g_param_spec_int64 ("time", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_OUTGOING] = g_param_spec_boolean ("outgoing", NULL, NULL, FALSE, flags);
  properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, "", flags);
  properties[PROP_DELIVERY] = g_param_spec_enum ("delivery", NULL, NULL, TESS_TYPE_DELIVERY, TESS_DELIVERY_NONE, flags);
  properties[PROP_FAILURE] = g_param_spec_string ("failure", NULL, NULL, "", flags);
  properties[PROP_EDITED] = g_param_spec_boolean ("edited", NULL, NULL, FALSE, flags);
  properties[PROP_DELETED] = g_param_spec_boolean ("deleted", NULL, NULL, FALSE, flags);
  properties[PROP_REPLY_TO] = g_param_spec_string ("reply-to", NULL, NULL, "", flags);
  properties[PROP_REPLY_TEXT] = g_param_spec_string ("reply-text", NULL, NULL, "", flags);
  properties[PROP_REPLY_OUTGOING] = g_param_spec_boolean ("reply-outgoing", NULL, NULL, FALSE, flags);
  properties[PROP_OWN_REACTION] = g_param_spec_string ("own-reaction", NULL, NULL, "", flags);
  properties[PROP_THEIR_REACTION] = g_param_spec_string ("their-reaction", NULL, NULL, "", flags);
  properties[PROP_EXPIRES_AFTER] = g_param_spec_uint ("expires-after", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tess_message_init (TessMessage *self)
{
}

TessMessage *
tess_message_new (const TessMessageData *row)
{
  TessMessage *self = g_object_new (TESS_TYPE_MESSAGE, NULL);

  self->data = tess_message_data_copy (row);
  return self;
}

static void
notify_if (TessMessage *self, int property, bool changed)
{
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
tess_message_update (TessMessage *self, const TessMessageData *row)
{
  g_autoptr (TessMessageData) old = g_steal_pointer (&self->data);

  self->data = tess_message_data_copy (row);
  g_object_freeze_notify (G_OBJECT (self));
  notify_if (self, PROP_BODY, strcmp (old->body, row->body) != 0);
  notify_if (self, PROP_KIND, strcmp (old->kind, row->kind) != 0);
  notify_if (self, PROP_DELIVERY, old->delivery != row->delivery);
  notify_if (self, PROP_FAILURE, strcmp (old->failure, row->failure) != 0);
  notify_if (self, PROP_EDITED, old->edited != row->edited);
  notify_if (self, PROP_DELETED, old->deleted != row->deleted);
  notify_if (self, PROP_REPLY_TEXT, strcmp (old->reply_text, row->reply_text) != 0);
  notify_if (self, PROP_REPLY_OUTGOING, old->reply_outgoing != row->reply_outgoing);
  notify_if (self, PROP_OWN_REACTION, strcmp (old->own_reaction, row->own_reaction) != 0);
  notify_if (self, PROP_THEIR_REACTION, strcmp (old->their_reaction, row->their_reaction) != 0);
  notify_if (self, PROP_EXPIRES_AFTER, old->expires_after != row->expires_after);
  g_object_thaw_notify (G_OBJECT (self));
}

void
tess_message_set_gone (TessMessage *self)
{
  if (self->data->deleted)
    return;
  self->data->deleted = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DELETED]);
}

gint64
tess_message_get_row (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), 0);
  return self->data->row;
}

const char *
tess_message_get_id (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->data->id;
}

const char *
tess_message_get_body (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->data->body;
}

gint64
tess_message_get_time (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), 0);
  return self->data->time;
}

gboolean
tess_message_get_outgoing (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), FALSE);
  return self->data->outgoing;
}

const char *
tess_message_get_kind (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->data->kind;
}

TessDelivery
tess_message_get_delivery (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), TESS_DELIVERY_NONE);
  return self->data->delivery;
}

const char *
tess_message_get_failure (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->data->failure;
}

gboolean
tess_message_get_edited (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), FALSE);
  return self->data->edited;
}

gboolean
tess_message_get_deleted (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), FALSE);
  return self->data->deleted;
}

const char *
tess_message_get_reply_to (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->data->reply_to;
}

const char *
tess_message_get_reply_text (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->data->reply_text;
}

gboolean
tess_message_get_reply_outgoing (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), FALSE);
  return self->data->reply_outgoing;
}

const char *
tess_message_get_own_reaction (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->data->own_reaction;
}

const char *
tess_message_get_their_reaction (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->data->their_reaction;
}

guint
tess_message_get_expires_after (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), 0);
  return self->data->expires_after;
}
