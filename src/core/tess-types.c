/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-core-error.h"
#include "core/tess-types.h"

G_DEFINE_QUARK (tess-core-error-quark, tess_core_error)

void
tess_contact_device_free (TessContactDevice *self)
{
  g_free (self->key);
  g_free (self);
}

void
tess_found_person_free (TessFoundPerson *self)
{
  g_free (self->name);
  g_free (self->address);
  g_free (self->key_text);
  g_free (self);
}

GType
tess_link_state_get_type (void)
{
  static const GEnumValue values[] = {
    { TESS_LINK_OFFLINE, "TESS_LINK_OFFLINE", "offline" },
    { TESS_LINK_CONNECTING, "TESS_LINK_CONNECTING", "connecting" },
    { TESS_LINK_ONLINE, "TESS_LINK_ONLINE", "online" },
    { TESS_LINK_WAITING, "TESS_LINK_WAITING", "waiting" },
    { TESS_LINK_REFUSED, "TESS_LINK_REFUSED", "refused" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TessLinkState", values));
  return type;
}

GType
tess_trust_get_type (void)
{
  static const GEnumValue values[] = {
    { TESS_TRUST_UNVERIFIED, "TESS_TRUST_UNVERIFIED", "unverified" },
    { TESS_TRUST_VERIFIED, "TESS_TRUST_VERIFIED", "verified" },
    { TESS_TRUST_ALARM, "TESS_TRUST_ALARM", "alarm" },
    { TESS_TRUST_CHANGED, "TESS_TRUST_CHANGED", "changed" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TessTrust", values));
  return type;
}

gboolean
tess_trust_is_stopped (TessTrust trust)
{
  return trust == TESS_TRUST_ALARM || trust == TESS_TRUST_CHANGED;
}

G_DEFINE_BOXED_TYPE (TessUsage, tess_usage, tess_usage_copy, tess_usage_free)

TessUsage *
tess_usage_copy (const TessUsage *self)
{
  return g_memdup2 (self, sizeof *self);
}

void
tess_usage_free (TessUsage *self)
{
  g_free (self);
}

GType
tess_delivery_get_type (void)
{
  static const GEnumValue values[] = {
    { TESS_DELIVERY_NONE, "TESS_DELIVERY_NONE", "none" },
    { TESS_DELIVERY_WAITING, "TESS_DELIVERY_WAITING", "waiting" },
    { TESS_DELIVERY_RELAYED, "TESS_DELIVERY_RELAYED", "relayed" },
    { TESS_DELIVERY_DELIVERED, "TESS_DELIVERY_DELIVERED", "delivered" },
    { TESS_DELIVERY_READ, "TESS_DELIVERY_READ", "read" },
    { TESS_DELIVERY_FAILED, "TESS_DELIVERY_FAILED", "failed" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TessDelivery", values));
  return type;
}
