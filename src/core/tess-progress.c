/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-progress.h"

/* Milliseconds between two notifications. */
enum { INTERVAL = 50, STEPS = 1000000 };

struct _TessProgress {
  GObject parent_instance;
  double fraction;  /* as it was told */
  int steps;        /* atomic, as is what follows */
  int cancelled;
  int waits;        /* a notification is on its way */
};

G_DEFINE_FINAL_TYPE (TessProgress, tess_progress, G_TYPE_OBJECT)

enum { PROP_FRACTION = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void
tess_progress_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  switch (id)
    {
    case PROP_FRACTION:
      g_value_set_double (value, tess_progress_get_fraction (TESS_PROGRESS (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tess_progress_class_init (TessProgressClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tess_progress_get_property;
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tess_progress_init (TessProgress *self)
{
}

TessProgress *
tess_progress_new (void)
{
  return g_object_new (TESS_TYPE_PROGRESS, NULL);
}

double
tess_progress_get_fraction (TessProgress *self)
{
  g_return_val_if_fail (TESS_IS_PROGRESS (self), 0);
  return self->fraction;
}

void
tess_progress_cancel (TessProgress *self)
{
  g_return_if_fail (TESS_IS_PROGRESS (self));
  g_atomic_int_set (&self->cancelled, 1);
}

gboolean
tess_progress_is_cancelled (TessProgress *self)
{
  return g_atomic_int_get (&self->cancelled) != 0;
}

/* What was set since the last time is told with it. */
static gboolean
tell (gpointer data)
{
  TessProgress *self = data;
  double fraction;

  g_atomic_int_set (&self->waits, 0);
  fraction = (double) g_atomic_int_get (&self->steps) / STEPS;
  if (fraction > self->fraction)
    {
      self->fraction = fraction;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FRACTION]);
    }
  return G_SOURCE_REMOVE;
}

void
tess_progress_set (TessProgress *self, double fraction)
{
  int steps = (int) (CLAMP (fraction, 0, 1) * STEPS);

  if (steps <= g_atomic_int_get (&self->steps))
    return;
  g_atomic_int_set (&self->steps, steps);
  if (g_atomic_int_compare_and_exchange (&self->waits, 0, 1))
    g_timeout_add_full (G_PRIORITY_DEFAULT, INTERVAL, tell, g_object_ref (self), g_object_unref);
}
