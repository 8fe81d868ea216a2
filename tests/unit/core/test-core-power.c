/* A battery saver that goes on and off under a whole engine. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "core-fixture.h"
#include "core/tess-supervisor.h"
#include "core/tess-upkeep.h"
#include "engine-fixture.h"

#include <locale.h>

/* The desktop's monitor, as the test turns it. */

typedef struct {
  GObject parent;
  gboolean is_saving;
} Fake;

typedef GObjectClass FakeClass;

enum { POWER_SAVER_ENABLED = 1 };

static Fake *fake; /* the one that GIO made */

static gboolean
fake_init_now (GInitable *initable, GCancellable *cancellable, GError **error)
{
  /* As the portal's may: what waits for it must not be the main thread. */
  g_assert_false (g_main_context_is_owner (NULL));
  g_usleep (50000);
  g_atomic_pointer_set (&fake, (Fake *) initable);
  return TRUE;
}

static void
initable_init (GInitableIface *iface)
{
  iface->init = fake_init_now;
}

static void
monitor_init (GPowerProfileMonitorInterface *iface)
{
}

GType fake_get_type (void);
G_DEFINE_TYPE_WITH_CODE (Fake, fake, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_init)
                         G_IMPLEMENT_INTERFACE (G_TYPE_POWER_PROFILE_MONITOR, monitor_init))

static void
fake_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_assert_cmpuint (id, ==, POWER_SAVER_ENABLED);
  g_value_set_boolean (value, ((Fake *) object)->is_saving);
}

static void
fake_class_init (FakeClass *class)
{
  class->get_property = fake_get_property;
  g_object_class_override_property (class, POWER_SAVER_ENABLED, "power-saver-enabled");
}

static void
fake_init (Fake *self)
{
}

static void
turn (bool is_saving)
{
  fake->is_saving = is_saving;
  g_object_notify (G_OBJECT (fake), "power-saver-enabled");
}

/* What the test waits for: @engine's link is open and pings every @seconds. */
typedef struct {
  TessEngine *engine;
  unsigned seconds;
} Pings;

static bool
pings_so (gpointer data)
{
  const Pings *pings = data;

  return tess_supervisor_ping_seconds (pings->engine->core->supervisor) == pings->seconds;
}

static bool
is_saving (gpointer engine)
{
  return tess_supervisor_is_saving (((TessEngine *) engine)->core->supervisor);
}

static bool
is_online (gpointer engine)
{
  return tess_engine_get_link_state (engine) == TESS_LINK_ONLINE;
}

static bool
is_found (gpointer data)
{
  return g_atomic_pointer_get (&fake) != NULL;
}

static void
test_saver (EngineFixture *fixture, gconstpointer data)
{
  TessCore *core = fixture->alice->core;
  Pings usual = { fixture->alice, TESS_NET_KEEPALIVE_SECONDS }, fewer = { fixture->alice, TESS_NET_KEEPALIVE_SAVING_SECONDS };
  Pings none = { fixture->alice, 0 };
  TessConversation *to_bob;

  test_until (pings_so, &usual);
  g_assert_cmpint (tess_upkeep_look_seconds (core), ==, TESS_UPKEEP_LOOK_SECONDS);
  test_until (is_found, NULL);
  /* The engine may not have been told yet of the monitor itself, and takes what it says then. */
  turn (true);
  test_until (is_saving, fixture->alice);
  g_assert_true (pings_so (&fewer));
  g_assert_cmpint (tess_upkeep_look_seconds (core), ==, TESS_UPKEEP_LOOK_SAVING_SECONDS);
  /* A new link knows it from its beginning (one that is still being made would not be renewed), */
  test_until (is_online, fixture->alice);
  tess_engine_renew (fixture->alice);
  test_until (pings_so, &none);
  test_until (pings_so, &fewer);
  /* and it goes on carrying mail. */
  to_bob = engine_befriend (fixture);
  g_object_unref (test_object (tess_engine_send_text (fixture->alice, to_bob, "on little power")));
  test_done (tess_engine_flush (fixture->alice));
  turn (false);
  g_assert_true (pings_so (&usual));
  g_assert_cmpint (tess_upkeep_look_seconds (core), ==, TESS_UPKEEP_LOOK_SECONDS);
  turn (true);
}

/* One that is found on is heeded at once; and an engine that ends before it is found, or after, leaves nothing behind. */
static void
test_ends (EngineFixture *fixture, gconstpointer data)
{
  Pings fewer = { fixture->alice, TESS_NET_KEEPALIVE_SAVING_SECONDS };

  test_until (pings_so, &fewer);
  engine_close (&fixture->alice);
  turn (false);
  fixture->alice = engine_open (fixture, "alice");
  tess_engine_start (fixture->alice);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* No Secret Service: what needs one has to say so. */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_io_extension_point_register (G_POWER_PROFILE_MONITOR_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_POWER_PROFILE_MONITOR_EXTENSION_POINT_NAME, fake_get_type (), "fake", 1000);
  g_test_add ("/core/power/saver", EngineFixture, NULL, engine_set_up, test_saver, engine_tear_down);
  g_test_add ("/core/power/ends", EngineFixture, NULL, engine_set_up, test_ends, engine_tear_down);
  return g_test_run ();
}
