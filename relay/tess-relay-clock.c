/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-clock.h"

bool
tess_relay_clock_advance (TessRelayClock *self, int64_t wall, int64_t elapsed)
{
  bool found = false;

  self->trusted += elapsed;
  if (self->trusted <= elapsed || wall - self->trusted <= TESS_RELAY_CLOCK_STEP_MAX)
    *self = (TessRelayClock) { .trusted = wall };
  else if (self->ahead_since == 0)
    {
      self->ahead_since = self->trusted;
      found = true;
    }
  else if (self->trusted - self->ahead_since >= TESS_RELAY_CLOCK_BELIEVE)
    *self = (TessRelayClock) { .trusted = wall };
  return found;
}
