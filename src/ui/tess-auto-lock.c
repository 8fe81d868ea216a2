/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-auto-lock.h"

#include "base/tess-clock.h"
#include "ui/tess-lock.h"
#include "ui/tess-settings.h"

struct _TessAutoLock {
  GObject parent_instance;

  gint64 used; /* when it was last, in seconds since 1970 */
  double x, y; /* where the pointer was */
  guint source;
};

static guint due_signal;

G_DEFINE_FINAL_TYPE (TessAutoLock, tess_auto_lock, G_TYPE_OBJECT)

/* 0: for ever. */
static gint64
seconds_allowed (void)
{
  static const gint64 minutes[TESS_N_LOCKS] = {
    [TESS_LOCKS_AFTER_5] = 5,
    [TESS_LOCKS_AFTER_15] = 15,
    [TESS_LOCKS_AFTER_60] = 60,
  };

  return minutes[tess_settings_get_auto_lock (tess_settings_get ())] * 60;
}

static gboolean look (TessAutoLock *self);

static gboolean
on_time (gpointer data)
{
  TessAutoLock *self = data;

  self->source = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

/* One look at the clock when the time would be up, and no other; a machine that slept is looked at when it woke, and when it is
 * used again before that was told. Whether that locked it. */
static gboolean
look (TessAutoLock *self)
{
  gint64 allowed = seconds_allowed (), now = tess_clock_now ();
  gboolean locked = FALSE;

  g_clear_handle_id (&self->source, g_source_remove);
  if (allowed == 0)
    return FALSE;
  if (now < self->used) /* the clock was set back */
    self->used = now;
  if (now - self->used >= allowed)
    {
      self->used = now;
      g_signal_emit (self, due_signal, 0, &locked);
    }
  self->source = g_timeout_add_seconds ((guint) (allowed - (now - self->used)), on_time, self);
  return locked;
}

static void
on_woke (TessAutoLock *self)
{
  look (self);
}

void
tess_auto_lock_begin (TessAutoLock *self)
{
  self->used = tess_clock_now ();
  look (self);
}

/* The pointer also "moves" when something else does under it. */
static gboolean
is_use (TessAutoLock *self, GdkEvent *event)
{
  double x, y;

  switch ((int) gdk_event_get_event_type (event))
    {
    case GDK_KEY_PRESS:
    case GDK_BUTTON_PRESS:
    case GDK_SCROLL:
    case GDK_TOUCH_BEGIN:
    case GDK_TOUCH_UPDATE:
      return TRUE;
    case GDK_MOTION_NOTIFY:
      if (!gdk_event_get_position (event, &x, &y) || (x == self->x && y == self->y))
        return FALSE;
      self->x = x;
      self->y = y;
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
on_event (TessAutoLock *self, GdkEvent *event)
{
  gint64 allowed = seconds_allowed ();

  if (!is_use (self, event))
    return GDK_EVENT_PROPAGATE;
  /* what comes too late is no use of what was to be locked by then */
  if (allowed > 0 && tess_clock_now () - self->used >= allowed && look (self))
    return GDK_EVENT_STOP;
  self->used = tess_clock_now ();
  return GDK_EVENT_PROPAGATE;
}

static void
on_locked (TessAutoLock *self)
{
  gboolean locked;

  if (tess_lock_is_locked (tess_lock_get ())
      && tess_settings_get_auto_lock (tess_settings_get ()) == TESS_LOCKS_WITH_SCREEN)
    g_signal_emit (self, due_signal, 0, &locked);
}

static void
watch (TessAutoLock *self, gpointer widget)
{
  GtkEventController *events = gtk_event_controller_legacy_new ();

  gtk_event_controller_set_propagation_phase (events, GTK_PHASE_CAPTURE);
  g_signal_connect_object (events, "event", G_CALLBACK (on_event), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (widget, events);
}

/* An open dialog keeps all events from its window: it is watched itself, and has the one key for when somebody comes in. */
static void
on_dialog (TessAutoLock *self, GParamSpec *spec, AdwApplicationWindow *window)
{
  AdwDialog *dialog = adw_application_window_get_visible_dialog (window);
  GtkEventController *keys;

  if (dialog == NULL || g_object_get_data (G_OBJECT (dialog), "tess-auto-lock") != NULL)
    return;
  g_object_set_data (G_OBJECT (dialog), "tess-auto-lock", self);
  watch (self, dialog);
  keys = gtk_shortcut_controller_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_l, GDK_CONTROL_MASK),
                                                          gtk_named_action_new ("win.lock")));
  gtk_widget_add_controller (GTK_WIDGET (dialog), keys);
}

TessAutoLock *
tess_auto_lock_new (AdwApplicationWindow *window)
{
  TessAutoLock *self = g_object_new (TESS_TYPE_AUTO_LOCK, NULL);

  watch (self, window);
  g_signal_connect_object (window, "notify::visible-dialog", G_CALLBACK (on_dialog), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_lock_get (), "notify::locked", G_CALLBACK (on_locked), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_lock_get (), "woke", G_CALLBACK (on_woke), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_settings_get (), "notify::auto-lock", G_CALLBACK (tess_auto_lock_begin), self, G_CONNECT_SWAPPED);
  tess_auto_lock_begin (self);
  return self;
}

static void
tess_auto_lock_dispose (GObject *object)
{
  g_clear_handle_id (&TESS_AUTO_LOCK (object)->source, g_source_remove);
  G_OBJECT_CLASS (tess_auto_lock_parent_class)->dispose (object);
}

static void
tess_auto_lock_class_init (TessAutoLockClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tess_auto_lock_dispose;
  due_signal = g_signal_new ("due", TESS_TYPE_AUTO_LOCK, G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_true_handled,
                             NULL, NULL, G_TYPE_BOOLEAN, 0);
}

static void
tess_auto_lock_init (TessAutoLock *self)
{
}
