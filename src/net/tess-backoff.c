/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-backoff.h"

#include "base/tess-random.h"

void
tess_backoff_init (TessBackoff *self, uint32_t min_ms, uint32_t max_ms)
{
  g_return_if_fail (min_ms > 0 && max_ms >= min_ms);
  *self = (TessBackoff) { .min_ms = min_ms, .max_ms = max_ms };
}

uint32_t
tess_backoff_next (TessBackoff *self)
{
  uint64_t ceiling = (uint64_t) self->min_ms << MIN (self->attempts, 31);

  ceiling = MIN (ceiling, self->max_ms);
  if (self->attempts < UINT_MAX)
    self->attempts++;
  return self->min_ms + tess_random_below ((uint32_t) (ceiling - self->min_ms) + 1);
}

void
tess_backoff_reset (TessBackoff *self)
{
  self->attempts = 0;
}
