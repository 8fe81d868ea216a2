/* Lengths of time in words. Main thread (locale). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @seconds in the largest unit that it is a whole number of: "1 hour", "3 days". Free with g_free(). */
char *tess_duration_words (guint seconds);

typedef enum {
  TESS_DURATION_MINUTES,
  TESS_DURATION_HOURS,
  TESS_DURATION_DAYS,
  TESS_DURATION_WEEKS,
  TESS_N_DURATIONS,
} TessDurationUnit;

/* The seconds of one @unit. */
guint tess_duration_seconds (TessDurationUnit unit);
/* The largest unit that @seconds are a whole number of; minutes where there is none. */
TessDurationUnit tess_duration_unit (guint seconds);

G_END_DECLS
