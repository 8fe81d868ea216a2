/* Two whole engines and a real relay. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine-private.h"

#include <gio/gio.h>


typedef struct {
  char *folder;
  GSubprocess *relay;
  char *origin;
  TessEngine *alice, *bob;
} EngineFixture;

/* Both registered and online. */
void engine_set_up (EngineFixture *fixture, gconstpointer data);
void engine_tear_down (EngineFixture *fixture, gconstpointer data);

/* A path in the test's folder; the profile there, opened. */
char *engine_profile (EngineFixture *fixture, const char *name);
TessEngine *engine_open (EngineFixture *fixture, const char *name);
/* Closes, and nothing holds the engine afterwards. */
void engine_close (TessEngine **engine);
/* A relay process at @listen, whose origin is the fixture's; and its end. */
void engine_start_relay (EngineFixture *fixture, const char *listen);
void engine_stop_relay (EngineFixture *fixture);

/* Adds by address; the conversation, borrowed. */
TessConversation *engine_add (TessEngine *who, TessEngine *whom);
/* Both have added each other, and hold each other's contact capability: no quota of requests counts. Alice's chat, borrowed. */
TessConversation *engine_befriend (EngineFixture *fixture);
/* A TestHolds of a TessMessage. */
bool engine_is_delivered (gpointer message);
