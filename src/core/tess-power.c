/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-power.h"

#include <gio/gio.h>

struct _TessPower {
  TessPowerChanged changed;
  void *data;
  GCancellable *gone;
  GPowerProfileMonitor *monitor; /* NULL: not known yet, or none */
  gulong handler;
  bool is_saving;
};

static void
look (TessPower *self)
{
  bool is_saving = g_power_profile_monitor_get_power_saver_enabled (self->monitor);

  if (self->is_saving == is_saving)
    return;
  self->is_saving = is_saving;
  g_info ("power: %s", is_saving ? "saved from now on" : "not saved any more");
  self->changed (is_saving, self->data);
}

static void
on_monitor (GObject *source, GAsyncResult *result, gpointer data)
{
  TessPower *self = data;
  g_autoptr (GPowerProfileMonitor) monitor = g_task_propagate_pointer (G_TASK (result), NULL);

  /* Cancelled: self is gone. */
  if (monitor == NULL)
    return;
  self->monitor = g_steal_pointer (&monitor);
  self->handler = g_signal_connect_swapped (self->monitor, "notify::power-saver-enabled", G_CALLBACK (look), self);
  look (self);
}

/* The thread has no main context of its own, so that what the monitor hears comes in the default one. */
static void
find_monitor (GTask *task, gpointer source, gpointer data, GCancellable *gone)
{
  g_task_return_pointer (task, g_power_profile_monitor_dup_default (), g_object_unref);
}

TessPower *
tess_power_new (TessPowerChanged changed, void *data)
{
  TessPower *self = g_new0 (TessPower, 1);
  g_autoptr (GTask) task = NULL;

  self->changed = changed;
  self->data = data;
  self->gone = g_cancellable_new ();
  task = g_task_new (NULL, self->gone, on_monitor, self);
  g_task_set_static_name (task, "power profile");
  g_task_run_in_thread (task, find_monitor);
  return self;
}

void
tess_power_free (TessPower *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->gone);
  g_clear_object (&self->gone);
  if (self->monitor != NULL)
    g_clear_signal_handler (&self->handler, self->monitor);
  g_clear_object (&self->monitor);
  g_free (self);
}

bool
tess_power_is_saving (const TessPower *self)
{
  return self->is_saving;
}
