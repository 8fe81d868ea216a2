/* What an operator asks of a relay's data folder from the command line, beside a relay that runs or without one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-config.h"

G_BEGIN_DECLS

/* For --help. */
extern const char tess_relay_commands_help[];

/* Whether @words (NULL-terminated: a command and its arguments, or nothing) is a command. FALSE and G_OPTION_ERROR. */
bool tess_relay_commands_check (char **words, GError **error);
/* Carries a checked one out; what it has to say is appended to @out. FALSE: TESS_RELAY_ERROR. */
bool tess_relay_commands_run (const TessRelayConfig *config, char **words, GString *out, GError **error);

G_END_DECLS
