/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-entities.h"

struct _TessMessage {
  GObject parent_instance;
  gint64 row;
  char *id;
  char *body;
  gint64 time;
  gboolean outgoing;
  char *kind;
  TessDelivery delivery;
  char *failure;
};

G_DEFINE_FINAL_TYPE (TessMessage, tess_message, G_TYPE_OBJECT)

enum { PROP_ROW = 1, PROP_ID, PROP_BODY, PROP_TIME, PROP_OUTGOING, PROP_KIND, PROP_DELIVERY, PROP_FAILURE, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void
tess_message_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TessMessage *self = TESS_MESSAGE (object);

  switch (id)
    {
    case PROP_ROW:
      g_value_set_int64 (value, self->row);
      break;
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_BODY:
      g_value_set_string (value, self->body);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, self->time);
      break;
    case PROP_OUTGOING:
      g_value_set_boolean (value, self->outgoing);
      break;
    case PROP_KIND:
      g_value_set_string (value, self->kind);
      break;
    case PROP_DELIVERY:
      g_value_set_enum (value, self->delivery);
      break;
    case PROP_FAILURE:
      g_value_set_string (value, self->failure);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tess_message_finalize (GObject *object)
{
  TessMessage *self = TESS_MESSAGE (object);

  g_free (self->id);
  g_free (self->body);
  g_free (self->kind);
  g_free (self->failure);
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
  properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, "text", flags);
  properties[PROP_DELIVERY] = g_param_spec_enum ("delivery", NULL, NULL, TESS_TYPE_DELIVERY, TESS_DELIVERY_NONE, flags);
  properties[PROP_FAILURE] = g_param_spec_string ("failure", NULL, NULL, "", flags);
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

  self->row = row->row;
  self->id = g_strdup (row->id);
  self->body = g_strdup (row->body);
  self->time = row->time;
  self->outgoing = row->outgoing;
  self->kind = g_strdup (row->kind);
  self->delivery = row->delivery;
  self->failure = g_strdup (row->failure);
  return self;
}

void
tess_message_update (TessMessage *self, const TessMessageData *row)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  if (self->delivery != row->delivery)
    {
      self->delivery = row->delivery;
      g_object_notify_by_pspec (object, properties[PROP_DELIVERY]);
    }
  if (g_set_str (&self->failure, row->failure))
    g_object_notify_by_pspec (object, properties[PROP_FAILURE]);
  g_object_thaw_notify (object);
}

gint64
tess_message_get_row (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), 0);
  return self->row;
}

const char *
tess_message_get_id (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->id;
}

const char *
tess_message_get_body (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->body;
}

gint64
tess_message_get_time (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), 0);
  return self->time;
}

gboolean
tess_message_get_outgoing (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), FALSE);
  return self->outgoing;
}

const char *
tess_message_get_kind (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->kind;
}

TessDelivery
tess_message_get_delivery (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), TESS_DELIVERY_NONE);
  return self->delivery;
}

const char *
tess_message_get_failure (TessMessage *self)
{
  g_return_val_if_fail (TESS_IS_MESSAGE (self), NULL);
  return self->failure;
}
