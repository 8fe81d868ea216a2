/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-entities.h"

struct _TessConversation {
  GObject parent_instance;
  gint64 id;
  TessContact *contact;
  char *preview;
  gint64 time;
  guint unread;
  TessDelivery last_delivery;
};

G_DEFINE_FINAL_TYPE (TessConversation, tess_conversation, G_TYPE_OBJECT)

enum { PROP_ID = 1, PROP_CONTACT, PROP_PREVIEW, PROP_TIME, PROP_UNREAD, PROP_LAST_DELIVERY, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void
tess_conversation_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TessConversation *self = TESS_CONVERSATION (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_int64 (value, self->id);
      break;
    case PROP_CONTACT:
      g_value_set_object (value, self->contact);
      break;
    case PROP_PREVIEW:
      g_value_set_string (value, self->preview);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, self->time);
      break;
    case PROP_UNREAD:
      g_value_set_uint (value, self->unread);
      break;
    case PROP_LAST_DELIVERY:
      g_value_set_enum (value, self->last_delivery);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tess_conversation_finalize (GObject *object)
{
  TessConversation *self = TESS_CONVERSATION (object);

  g_clear_object (&self->contact);
  g_free (self->preview);
  G_OBJECT_CLASS (tess_conversation_parent_class)->finalize (object);
}

static void
tess_conversation_class_init (TessConversationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = tess_conversation_get_property;
  object_class->finalize = tess_conversation_finalize;
  properties[PROP_ID] = g_param_spec_int64 ("id", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_CONTACT] = g_param_spec_object ("contact", NULL, NULL, TESS_TYPE_CONTACT, flags);
  properties[PROP_PREVIEW] = g_param_spec_string ("preview", NULL, NULL, "", flags);
  properties[PROP_TIME] = g_param_spec_int64 ("time", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_UNREAD] = g_param_spec_uint ("unread", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_LAST_DELIVERY] = g_param_spec_enum ("last-delivery", NULL, NULL, TESS_TYPE_DELIVERY, TESS_DELIVERY_NONE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tess_conversation_init (TessConversation *self)
{
}

TessConversation *
tess_conversation_new (const TessConversationData *row)
{
  TessConversation *self = g_object_new (TESS_TYPE_CONVERSATION, NULL);

  self->id = row->id;
  self->contact = tess_contact_new (row);
  self->preview = g_strdup (row->preview);
  self->time = row->time;
  self->unread = row->unread;
  self->last_delivery = row->last_delivery;
  return self;
}

void
tess_conversation_update (TessConversation *self, const TessConversationData *row)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  tess_contact_update (self->contact, row);
  if (g_set_str (&self->preview, row->preview))
    g_object_notify_by_pspec (object, properties[PROP_PREVIEW]);
  if (self->time != row->time)
    {
      self->time = row->time;
      g_object_notify_by_pspec (object, properties[PROP_TIME]);
    }
  if (self->unread != row->unread)
    {
      self->unread = row->unread;
      g_object_notify_by_pspec (object, properties[PROP_UNREAD]);
    }
  if (self->last_delivery != row->last_delivery)
    {
      self->last_delivery = row->last_delivery;
      g_object_notify_by_pspec (object, properties[PROP_LAST_DELIVERY]);
    }
  g_object_thaw_notify (object);
}

gint64
tess_conversation_get_id (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), 0);
  return self->id;
}

TessContact *
tess_conversation_get_contact (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), NULL);
  return self->contact;
}

const char *
tess_conversation_get_preview (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), NULL);
  return self->preview;
}

gint64
tess_conversation_get_time (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), 0);
  return self->time;
}

guint
tess_conversation_get_unread (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), 0);
  return self->unread;
}

TessDelivery
tess_conversation_get_last_delivery (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), TESS_DELIVERY_NONE);
  return self->last_delivery;
}
