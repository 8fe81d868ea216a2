/* The invariants, each a function of its own that aborts with the history when it does not hold.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "world.h"

/* At any time: what is shown was said, once, by whom it says, to that chat, unchanged; what is delivered was shown; nothing is
 * above its bound; no device list went back; nobody is verified who was not looked at. */
void check_shown (World *self, guint who);
void check_delivered (World *self, guint who);
void check_bounds (World *self, guint who);
void check_lists (World *self, guint who);
void check_trust (World *self, guint who);
void check_always (World *self, guint who);

/* After settling: what was said has arrived and its sender knows, as far as it is owed after what happened. */
bool check_is_owed (World *self, const Said *said);
void check_arrived (World *self);
/* Between people to whom nothing happened, each reaction is what the other sees; and none waits to be sent. */
void check_reactions (World *self);
/* From text @first on everything has arrived, whatever happened before. */
void check_healed (World *self, guint first);

/* The newest database opens nothing that was read before. */
void check_forward_secrecy (World *self, guint who);
/* A copy of everything that @victim has opens nothing that @friend sends two round trips later. They must know each other. */
void check_compromise (World *self, guint victim, guint friend);
