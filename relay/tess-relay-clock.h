/* The clock by which mail and attachments expire. The system's may be set wrong, a month ahead after a bad battery or a bad time
 * server, and everything that waits would be gone before anybody looks. So this one moves on as the time that the relay has
 * itself seen pass: it follows the system's clock back at once and ahead by small steps, and believes a larger jump only when it
 * has stood for TESS_RELAY_CLOCK_BELIEVE seconds of running. A relay that was off keeps things that much longer. Pure.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Seconds. */
#define TESS_RELAY_CLOCK_STEP_MAX 3600
#define TESS_RELAY_CLOCK_BELIEVE (7 * 86400)

typedef struct {
  int64_t trusted;     /* seconds since 1970; 0: nothing is known, the system's clock is believed */
  int64_t ahead_since; /* when, by this clock, the system's was found far ahead; 0: it is not */
} TessRelayClock;

/* Moves on by @elapsed seconds that have passed, while the system's clock says @wall. TRUE: it was just found far ahead. */
bool tess_relay_clock_advance (TessRelayClock *self, int64_t wall, int64_t elapsed);

G_END_DECLS
