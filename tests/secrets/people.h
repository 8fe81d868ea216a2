/* Two people whose keys lie in guarded memory, and their sessions: what the flows are made of. Nothing here leaves a secret
 * behind of its own. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crypto/tess-envelope.h"
#include "crypto/tess-handshake.h"

#define SPK_ID 7
#define ONE_TIME_ID 42

typedef struct {
  TessAccountSecret account;
  TessDeviceSecret device;
  TessSignedPrekeySecret spk_secret;
  TessOneTimeSecret one_time_secret;
  TessXwingSeed envelope_secret;
  TessParty party;
  TessSignedPrekeyPublic spk;
  TessOneTimePublic one_time;
  TessXwingPublic envelope;
} Person;

typedef struct {
  Person alice, bob;        /* alice starts */
  TessRatchet *states[2];   /* alice's, bob's */
  TessHello hello;
  unsigned sent;
} World;

/* In guarded memory; the sessions only after world_meet(). */
World *world_new (void);
void world_free (World *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* alice's hello, and bob's answer to it. */
void world_meet (World *self, bool one_time);
/* What alice knows of bob, what bob holds. */
TessHandshakeStart world_start (const World *self, bool one_time);
TessHandshakeAnswer world_answer (const World *self, bool one_time);

/* Side @from (0: alice) sends a fresh text. */
GBytes *world_send (World *self, unsigned from);
/* Side @to receives; the stored keys that came of it go to *@skipped_out (may be NULL), which tess_wiped_free() frees. */
bool world_receive (World *self, unsigned to, GBytes *message, const TessSkippedKey *stored, TessWiped **skipped_out,
                    GError **error);
/* A message each way. */
void world_turn (World *self);
