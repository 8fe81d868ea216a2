/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-entities.h"

struct _TessContact {
  GObject parent_instance;
  gint64 id;
  char *name;
  char *address;
  char *key_text;
  TessTrust trust;
  gboolean accepted;
  char *given_name;
  char *nickname;
  gboolean blocked;
  gboolean is_self;
};

G_DEFINE_FINAL_TYPE (TessContact, tess_contact, G_TYPE_OBJECT)

enum { PROP_ID = 1, PROP_NAME, PROP_ADDRESS, PROP_TRUST, PROP_ACCEPTED, PROP_KEY_TEXT, PROP_GIVEN_NAME, PROP_NICKNAME,
       PROP_BLOCKED, PROP_IS_SELF, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void
tess_contact_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TessContact *self = TESS_CONTACT (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_int64 (value, self->id);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_TRUST:
      g_value_set_enum (value, self->trust);
      break;
    case PROP_ACCEPTED:
      g_value_set_boolean (value, self->accepted);
      break;
    case PROP_KEY_TEXT:
      g_value_set_string (value, self->key_text);
      break;
    case PROP_GIVEN_NAME:
      g_value_set_string (value, self->given_name);
      break;
    case PROP_NICKNAME:
      g_value_set_string (value, self->nickname);
      break;
    case PROP_BLOCKED:
      g_value_set_boolean (value, self->blocked);
      break;
    case PROP_IS_SELF:
      g_value_set_boolean (value, self->is_self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tess_contact_finalize (GObject *object)
{
  TessContact *self = TESS_CONTACT (object);

  g_free (self->name);
  g_free (self->address);
  g_free (self->key_text);
  g_free (self->given_name);
  g_free (self->nickname);
  G_OBJECT_CLASS (tess_contact_parent_class)->finalize (object);
}

static void
tess_contact_class_init (TessContactClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = tess_contact_get_property;
  object_class->finalize = tess_contact_finalize;
  properties[PROP_ID] = g_param_spec_int64 ("id", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", flags);
  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, "", flags);
  properties[PROP_TRUST] = g_param_spec_enum ("trust", NULL, NULL, TESS_TYPE_TRUST, TESS_TRUST_UNVERIFIED, flags);
  properties[PROP_ACCEPTED] = g_param_spec_boolean ("accepted", NULL, NULL, FALSE, flags);
  properties[PROP_KEY_TEXT] = g_param_spec_string ("key-text", NULL, NULL, "", flags);
  properties[PROP_GIVEN_NAME] = g_param_spec_string ("given-name", NULL, NULL, "", flags);
  properties[PROP_NICKNAME] = g_param_spec_string ("nickname", NULL, NULL, "", flags);
  properties[PROP_BLOCKED] = g_param_spec_boolean ("blocked", NULL, NULL, FALSE, flags);
  properties[PROP_IS_SELF] = g_param_spec_boolean ("is-self", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tess_contact_init (TessContact *self)
{
}

TessContact *
tess_contact_new (const TessConversationData *row)
{
  TessContact *self = g_object_new (TESS_TYPE_CONTACT, NULL);

  self->id = row->contact;
  self->name = g_strdup (row->name);
  self->address = g_strdup (row->address);
  self->key_text = g_strdup (row->key_text);
  self->trust = row->trust;
  self->accepted = row->accepted;
  self->given_name = g_strdup (row->given_name);
  self->nickname = g_strdup (row->nickname);
  self->blocked = row->blocked;
  self->is_self = row->is_self;
  return self;
}

void
tess_contact_update (TessContact *self, const TessConversationData *row)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  if (g_set_str (&self->name, row->name))
    g_object_notify_by_pspec (object, properties[PROP_NAME]);
  if (g_set_str (&self->address, row->address))
    g_object_notify_by_pspec (object, properties[PROP_ADDRESS]);
  if (self->trust != row->trust)
    {
      self->trust = row->trust;
      g_object_notify_by_pspec (object, properties[PROP_TRUST]);
    }
  if (self->accepted != row->accepted)
    {
      self->accepted = row->accepted;
      g_object_notify_by_pspec (object, properties[PROP_ACCEPTED]);
    }
  if (g_set_str (&self->given_name, row->given_name))
    g_object_notify_by_pspec (object, properties[PROP_GIVEN_NAME]);
  if (g_set_str (&self->nickname, row->nickname))
    g_object_notify_by_pspec (object, properties[PROP_NICKNAME]);
  if (self->blocked != row->blocked)
    {
      self->blocked = row->blocked;
      g_object_notify_by_pspec (object, properties[PROP_BLOCKED]);
    }
  g_object_thaw_notify (object);
}

gint64
tess_contact_get_id (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), 0);
  return self->id;
}

const char *
tess_contact_get_name (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), NULL);
  return self->name;
}

const char *
tess_contact_get_address (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), NULL);
  return self->address;
}

TessTrust
tess_contact_get_trust (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), TESS_TRUST_UNVERIFIED);
  return self->trust;
}

gboolean
tess_contact_get_accepted (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), FALSE);
  return self->accepted;
}

const char *
tess_contact_get_key_text (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), NULL);
  return self->key_text;
}

const char *
tess_contact_get_given_name (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), NULL);
  return self->given_name;
}

const char *
tess_contact_get_nickname (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), NULL);
  return self->nickname;
}

gboolean
tess_contact_get_blocked (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), FALSE);
  return self->blocked;
}

gboolean
tess_contact_get_is_self (TessContact *self)
{
  g_return_val_if_fail (TESS_IS_CONTACT (self), FALSE);
  return self->is_self;
}
