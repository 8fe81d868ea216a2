/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"

#include <stdatomic.h>

static _Atomic int64_t offset_seconds;

int64_t
tess_clock_now_ms (void)
{
  return g_get_real_time () / 1000 + atomic_load (&offset_seconds) * 1000;
}

int64_t
tess_clock_now (void)
{
  return tess_clock_now_ms () / 1000;
}

void
tess_clock_set_offset (int64_t seconds)
{
  atomic_store (&offset_seconds, seconds);
}
