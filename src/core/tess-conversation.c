/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-entities.h"

#include <string.h>

struct _TessConversation {
  GObject parent_instance;
  TessContact *contact;
  TessConversationData *data;
  gboolean typing;
  guint typing_end; /* source */
};

G_DEFINE_FINAL_TYPE (TessConversation, tess_conversation, G_TYPE_OBJECT)

enum {
  PROP_ID = 1,
  PROP_CONTACT,
  PROP_PREVIEW,
  PROP_TIME,
  PROP_UNREAD,
  PROP_LAST_DELIVERY,
  PROP_PINNED,
  PROP_MUTED,
  PROP_ARCHIVED,
  PROP_MARKED_UNREAD,
  PROP_DRAFT,
  PROP_TIMER,
  PROP_TYPING,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

static void
tess_conversation_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TessConversation *self = TESS_CONVERSATION (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_int64 (value, self->data->id);
      break;
    case PROP_CONTACT:
      g_value_set_object (value, self->contact);
      break;
    case PROP_PREVIEW:
      g_value_set_string (value, self->data->preview);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, self->data->time);
      break;
    case PROP_UNREAD:
      g_value_set_uint (value, self->data->unread);
      break;
    case PROP_LAST_DELIVERY:
      g_value_set_enum (value, self->data->last_delivery);
      break;
    case PROP_PINNED:
      g_value_set_boolean (value, self->data->pinned);
      break;
    case PROP_MUTED:
      g_value_set_boolean (value, self->data->muted);
      break;
    case PROP_ARCHIVED:
      g_value_set_boolean (value, self->data->archived);
      break;
    case PROP_MARKED_UNREAD:
      g_value_set_boolean (value, self->data->marked_unread);
      break;
    case PROP_DRAFT:
      g_value_set_string (value, self->data->draft);
      break;
    case PROP_TIMER:
      g_value_set_uint (value, self->data->timer);
      break;
    case PROP_TYPING:
      g_value_set_boolean (value, self->typing);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tess_conversation_finalize (GObject *object)
{
  TessConversation *self = TESS_CONVERSATION (object);

  g_clear_handle_id (&self->typing_end, g_source_remove);
  g_clear_object (&self->contact);
  tess_conversation_data_free (self->data);
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
  properties[PROP_PINNED] = g_param_spec_boolean ("pinned", NULL, NULL, FALSE, flags);
  properties[PROP_MUTED] = g_param_spec_boolean ("muted", NULL, NULL, FALSE, flags);
  properties[PROP_ARCHIVED] = g_param_spec_boolean ("archived", NULL, NULL, FALSE, flags);
  properties[PROP_MARKED_UNREAD] = g_param_spec_boolean ("marked-unread", NULL, NULL, FALSE, flags);
  properties[PROP_DRAFT] = g_param_spec_string ("draft", NULL, NULL, "", flags);
  properties[PROP_TIMER] = g_param_spec_uint ("timer", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_TYPING] = g_param_spec_boolean ("typing", NULL, NULL, FALSE, flags);
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

  self->contact = tess_contact_new (row);
  self->data = tess_conversation_data_copy (row);
  return self;
}

static void
notify_if (TessConversation *self, int property, bool changed)
{
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
tess_conversation_update (TessConversation *self, const TessConversationData *row)
{
  g_autoptr (TessConversationData) old = g_steal_pointer (&self->data);

  self->data = tess_conversation_data_copy (row);
  g_object_freeze_notify (G_OBJECT (self));
  tess_contact_update (self->contact, row);
  notify_if (self, PROP_PREVIEW, strcmp (old->preview, row->preview) != 0);
  notify_if (self, PROP_TIME, old->time != row->time);
  notify_if (self, PROP_UNREAD, old->unread != row->unread);
  notify_if (self, PROP_LAST_DELIVERY, old->last_delivery != row->last_delivery);
  notify_if (self, PROP_PINNED, old->pinned != row->pinned);
  notify_if (self, PROP_MUTED, old->muted != row->muted);
  notify_if (self, PROP_ARCHIVED, old->archived != row->archived);
  notify_if (self, PROP_MARKED_UNREAD, old->marked_unread != row->marked_unread);
  notify_if (self, PROP_DRAFT, strcmp (old->draft, row->draft) != 0);
  notify_if (self, PROP_TIMER, old->timer != row->timer);
  g_object_thaw_notify (G_OBJECT (self));
}

void
tess_conversation_set_draft (TessConversation *self, const char *text, gint64 reply)
{
  self->data->draft_reply = reply;
  notify_if (self, PROP_DRAFT, g_set_str (&self->data->draft, text != NULL ? text : ""));
}

static gboolean
on_typing_end (gpointer data)
{
  TessConversation *self = data;

  self->typing_end = 0;
  tess_conversation_set_typing (self, FALSE);
  return G_SOURCE_REMOVE;
}

void
tess_conversation_set_typing (TessConversation *self, gboolean typing)
{
  g_clear_handle_id (&self->typing_end, g_source_remove);
  if (typing)
    self->typing_end = g_timeout_add_seconds (TESS_TYPING_SECONDS, on_typing_end, self);
  if (self->typing == typing)
    return;
  self->typing = typing;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TYPING]);
}

gint64
tess_conversation_get_id (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), 0);
  return self->data->id;
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
  return self->data->preview;
}

gint64
tess_conversation_get_time (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), 0);
  return self->data->time;
}

guint
tess_conversation_get_unread (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), 0);
  return self->data->unread;
}

TessDelivery
tess_conversation_get_last_delivery (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), TESS_DELIVERY_NONE);
  return self->data->last_delivery;
}

gboolean
tess_conversation_get_pinned (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), FALSE);
  return self->data->pinned;
}

gboolean
tess_conversation_get_muted (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), FALSE);
  return self->data->muted;
}

gboolean
tess_conversation_get_archived (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), FALSE);
  return self->data->archived;
}

gboolean
tess_conversation_get_marked_unread (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), FALSE);
  return self->data->marked_unread;
}

const char *
tess_conversation_get_draft (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), NULL);
  return self->data->draft;
}

gint64
tess_conversation_get_draft_reply (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), 0);
  return self->data->draft_reply;
}

guint
tess_conversation_get_timer (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), 0);
  return self->data->timer;
}

gboolean
tess_conversation_get_typing (TessConversation *self)
{
  g_return_val_if_fail (TESS_IS_CONVERSATION (self), FALSE);
  return self->typing;
}
