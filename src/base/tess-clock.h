/* The one clock for everything that is stored, sent or expires. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Seconds, milliseconds since 1970. Any thread. */
int64_t tess_clock_now (void);
int64_t tess_clock_now_ms (void);

/* For tests: shifts the clock of the whole process by @seconds. */
void tess_clock_set_offset (int64_t seconds);

G_END_DECLS
