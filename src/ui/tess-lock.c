/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-lock.h"

#include "ui/tess-await.h"
#include "ui/tess-portal.h"

#include <gio/gio.h>

#define LOGIN "org.freedesktop.login1"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define HINT "LockedHint"

/* Each of them may hold the session locked. */
typedef enum {
  SOURCE_SCREEN_SAVER = 1 << 0,
  SOURCE_LOGIN = 1 << 1,
  SOURCE_SLEEP = 1 << 2,
  SOURCE_PORTAL = 1 << 3,
  SOURCE_HINT = 1 << 4,
} Source;

struct _TessLock {
  GObject parent_instance;

  guint locked;            /* Sources */
  gboolean told;           /* by a locker, which knows better than what it answered before */
  GDBusConnection *system; /* held: nobody else may, and what was subscribed to would go with it */
};

enum { PROP_LOCKED = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint woke_signal;

G_DEFINE_FINAL_TYPE (TessLock, tess_lock, G_TYPE_OBJECT)

static void
set_locked (TessLock *self, Source source, gboolean locked)
{
  guint before = self->locked;

  self->locked = locked ? before | source : before & ~source;
  if ((before == 0) != (self->locked == 0))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOCKED]);
}

static gboolean
first_boolean (GVariant *parameters)
{
  gboolean value = FALSE;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    g_variant_get (parameters, "(b)", &value);
  return value;
}

static void
on_screen_saver (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
                 GVariant *parameters, gpointer data)
{
  TESS_LOCK (data)->told = TRUE;
  set_locked (data, SOURCE_SCREEN_SAVER, first_boolean (parameters));
}

/* How it stood when we came. */
static void
on_active (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  if (value != NULL && !TESS_LOCK (owner)->told && first_boolean (g_value_get_variant (value)))
    set_locked (owner, SOURCE_SCREEN_SAVER, TRUE);
}

static void
on_login (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
          GVariant *parameters, gpointer data)
{
  set_locked (data, SOURCE_LOGIN, g_str_equal (signal, "Lock"));
}

/* What the locker tells logind of itself. Many were asked to lock by logind, and tell it in no other way that they are done. */
static void
take_hint (TessLock *self, gboolean locked)
{
  set_locked (self, SOURCE_HINT, locked);
  if (!locked)
    set_locked (self, SOURCE_LOGIN, FALSE);
}

static void
on_properties (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
               GVariant *parameters, gpointer data)
{
  g_autoptr (GVariant) changed = NULL;
  gboolean locked;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  changed = g_variant_get_child_value (parameters, 1);
  if (g_variant_lookup (changed, HINT, "b", &locked))
    take_hint (data, locked);
}

/* How it stood when we came. That it is not locked says nothing: a locker may be on its way. */
static void
on_hint (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  g_autoptr (GVariant) hint = NULL;

  if (value == NULL)
    return;
  g_variant_get (g_value_get_variant (value), "(v)", &hint);
  if (g_variant_is_of_type (hint, G_VARIANT_TYPE_BOOLEAN) && g_variant_get_boolean (hint))
    set_locked (owner, SOURCE_HINT, TRUE);
}

static void
on_sleep (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
          GVariant *parameters, gpointer data)
{
  gboolean sleeps = first_boolean (parameters);

  set_locked (data, SOURCE_SLEEP, sleeps);
  if (!sleeps)
    g_signal_emit (data, woke_signal, 0);
}

static void
on_portal (gboolean locked, gpointer data)
{
  set_locked (data, SOURCE_PORTAL, locked);
}

static void
subscribe (TessLock *self, GDBusConnection *bus, const char *name, const char *interface, const char *signal, const char *path,
           GDBusSignalCallback callback)
{
  g_dbus_connection_signal_subscribe (bus, name, interface, signal, path, NULL, G_DBUS_SIGNAL_FLAGS_NONE, callback, self, NULL);
}

static void
on_session_bus (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  static const char *const savers[][2] = { { "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver" },
                                           { "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver" } };
  GDBusConnection *bus = value != NULL ? g_value_get_object (value) : NULL;

  if (bus == NULL)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (savers); i++)
    {
      subscribe (owner, bus, savers[i][0], savers[i][0], "ActiveChanged", NULL, on_screen_saver);
      tess_await (dex_dbus_connection_call (bus, savers[i][0], savers[i][1], savers[i][0], "GetActive", NULL,
                                            G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1),
                  owner, on_active, NULL, NULL);
    }
  tess_portal_watch_lock (bus, on_portal, owner);
}

static void
on_session (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  g_autofree char *path = NULL;

  if (value == NULL)
    return;
  g_variant_get (g_value_get_variant (value), "(o)", &path);
  subscribe (owner, data, LOGIN, LOGIN ".Session", "Lock", path, on_login);
  subscribe (owner, data, LOGIN, LOGIN ".Session", "Unlock", path, on_login);
  subscribe (owner, data, LOGIN, PROPERTIES, "PropertiesChanged", path, on_properties);
  tess_await (dex_dbus_connection_call (data, LOGIN, path, PROPERTIES, "Get", g_variant_new ("(ss)", LOGIN ".Session", HINT),
                                        G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, -1),
              owner, on_hint, NULL, NULL);
}

static void
on_system_bus (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  GDBusConnection *bus = value != NULL ? g_value_get_object (value) : NULL;
  const char *named = g_getenv ("XDG_SESSION_ID");
  /* What the bus or systemd starts knows no session: logind takes the one on the person's screen. */
  const char *session = named != NULL && *named != '\0' ? named : "auto";

  if (!g_set_object (&TESS_LOCK (owner)->system, bus))
    return;
  subscribe (owner, bus, LOGIN, LOGIN ".Manager", "PrepareForSleep", NULL, on_sleep);
  tess_await (dex_dbus_connection_call (bus, LOGIN, "/org/freedesktop/login1", LOGIN ".Manager", "GetSession",
                                        g_variant_new ("(s)", session), G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, -1),
              owner, on_session, g_object_ref (bus), g_object_unref);
}

gboolean
tess_lock_is_locked (TessLock *self)
{
  return self->locked != 0;
}

static void
tess_lock_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, tess_lock_is_locked (TESS_LOCK (object)));
}

static void
tess_lock_class_init (TessLockClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = tess_lock_get_property;
  properties[PROP_LOCKED] = g_param_spec_boolean ("locked", NULL, NULL, FALSE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
  woke_signal = g_signal_new ("woke", TESS_TYPE_LOCK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tess_lock_init (TessLock *self)
{
  tess_await (dex_bus_get (G_BUS_TYPE_SESSION), self, on_session_bus, NULL, NULL);
  tess_await (dex_bus_get (G_BUS_TYPE_SYSTEM), self, on_system_bus, NULL, NULL);
}

TessLock *
tess_lock_get (void)
{
  static TessLock *lock;

  if (lock == NULL)
    lock = g_object_new (TESS_TYPE_LOCK, NULL);
  return lock;
}
