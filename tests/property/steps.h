/* What can happen, each a step that is drawn by its weight. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "world.h"

/* How likely each step is in this history: some are left out, some are more frequent than usual. */
typedef struct {
  guint weights[32];
  guint total;
} StepMix;

/* A mix out of the world's choices. A calm one has no step that loses something. */
void steps_mix (World *self, StepMix *mix_out, bool calm);
/* Draws a step and lets it happen. */
void steps_play (World *self, const StepMix *mix);

/* Somebody adds somebody by address; says a text of about @size bytes. */
void step_add (World *self, guint who, guint other);
void step_say (World *self, guint who, guint other, gsize size);
/* @who lets everybody who wrote be a contact. */
void step_accept (World *self, guint who);
/* @who's hourly work, and the receipts that are due. */
void step_hourly (World *self, guint who);
void step_receipts (World *self, guint who);
