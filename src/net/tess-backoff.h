/* How long to wait before the next attempt: exponential with full jitter, so that a thousand clients of a restarted relay do
 * not come back at once. A plain struct; belongs to one thread. When the network changes, the caller resets it and tries at
 * once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  uint32_t min_ms;
  uint32_t max_ms;
  unsigned attempts;
} TessBackoff;

/* The waits of a link to a relay. */
#define TESS_BACKOFF_LINK_MIN_MS 500
#define TESS_BACKOFF_LINK_MAX_MS (5 * 60 * 1000)

/* Waits begin at @min_ms (not 0) and end at @max_ms (not below @min_ms). */
void tess_backoff_init (TessBackoff *self, uint32_t min_ms, uint32_t max_ms);
/* The next wait in milliseconds: random between @min_ms and min_ms * 2^attempts, at most @max_ms; the first is @min_ms. */
uint32_t tess_backoff_next (TessBackoff *self);
/* After a success, or when the network changed: the next wait is the first again. */
void tess_backoff_reset (TessBackoff *self);

G_END_DECLS
