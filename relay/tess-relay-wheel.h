/* Timers by the second: setting one and taking one that is due cost the same however many there are. A timer that is due further
 * ahead than the wheel reaches comes early; whoever set it looks at the time and sets it again. Any one thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_RELAY_WHEEL_SLOTS 128

typedef struct {
  GQueue slots[TESS_RELAY_WHEEL_SLOTS];
  int64_t second; /* the last that was asked about */
} TessRelayWheel;

typedef struct {
  GList node;
  int64_t due; /* the second; 0: not set */
} TessRelayTimer;

void tess_relay_wheel_init (TessRelayWheel *self, int64_t second);
/* Has @timer come at @second, or the next second when that is over. A timer that comes earlier already stays as it is. @data is
 * what tess_relay_wheel_take() gives. */
void tess_relay_wheel_set (TessRelayWheel *self, TessRelayTimer *timer, void *data, int64_t second);
void tess_relay_wheel_unset (TessRelayWheel *self, TessRelayTimer *timer);
/* Takes off one timer that is due at @second and gives its data; NULL when there is none. */
void *tess_relay_wheel_take (TessRelayWheel *self, int64_t second);

G_END_DECLS
