/* How a history ends. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "world.h"

/* Everybody is online and the relay is honest, until nothing moves any more, days included. */
void settle (World *self);
/* Everybody who knows somebody has said something to them, in both directions, and all of it has settled: @times over. The number
 * of the first text of the last time. */
guint settle_with_words (World *self, guint times);
