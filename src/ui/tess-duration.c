/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-duration.h"

#include <glib/gi18n.h>

guint
tess_duration_seconds (TessDurationUnit unit)
{
  static const guint seconds[TESS_N_DURATIONS] = { 60, 3600, 86400, 604800 };

  g_return_val_if_fail (unit < TESS_N_DURATIONS, 60);
  return seconds[unit];
}

TessDurationUnit
tess_duration_unit (guint seconds)
{
  for (int unit = TESS_N_DURATIONS - 1; unit > 0; unit--)
    if (seconds >= tess_duration_seconds (unit) && seconds % tess_duration_seconds (unit) == 0)
      return unit;
  return TESS_DURATION_MINUTES;
}

char *
tess_duration_words (guint seconds)
{
  TessDurationUnit unit = tess_duration_unit (seconds);
  guint n = seconds / tess_duration_seconds (unit);

  if (n == 0 || n * tess_duration_seconds (unit) != seconds)
    return g_strdup_printf (g_dngettext (NULL, "%u second", "%u seconds", seconds), seconds);
  switch (unit)
    {
    case TESS_DURATION_WEEKS:
      return g_strdup_printf (g_dngettext (NULL, "%u week", "%u weeks", n), n);
    case TESS_DURATION_DAYS:
      return g_strdup_printf (g_dngettext (NULL, "%u day", "%u days", n), n);
    case TESS_DURATION_HOURS:
      return g_strdup_printf (g_dngettext (NULL, "%u hour", "%u hours", n), n);
    case TESS_DURATION_MINUTES:
    case TESS_N_DURATIONS:
    default:
      return g_strdup_printf (g_dngettext (NULL, "%u minute", "%u minutes", n), n);
    }
}
