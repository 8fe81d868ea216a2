/* One run of tessera-cli, and the commands. All of it on the main thread; the commands inside a fiber.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/tess-cli-options.h"
#include "core/tess-engine.h"

#include <libdex.h>

G_BEGIN_DECLS

struct _TessCli {
  const TessCliOptions *options;
  TessEngine *engine;
  DexPromise *stopped; /* rejected with G_IO_ERROR_CANCELLED by a signal */
};

/* How long the commands wait for relays, in seconds, unless --timeout says otherwise. */
#define TESS_CLI_TIMEOUT 30

/* Waits for @future (takes the reference) at most @seconds, or until a signal comes. FALSE with its error, with UNREACHABLE
 * when the time is up, or with G_IO_ERROR_CANCELLED. */
bool tess_cli_wait (TessCli *self, DexFuture *future, int seconds, GError **error);
/* The seconds that --timeout gives, else @otherwise. */
int tess_cli_timeout (TessCli *self, int otherwise);

/* Says what went wrong; gives the exit code for it. */
int tess_cli_fail (const GError *error);
/* The contact whose name (or address, or key) is the first argument, or NULL and a complaint. Borrowed. */
TessConversation *tess_cli_contact (TessCli *self);
/* The argument or option @text, or, when that is "-", stdin (at most @max bytes, without its last line break). NULL and a
 * complaint when it cannot be read, is longer or is not UTF-8. Free with g_free(). */
char *tess_cli_text (TessCli *self, const char *text, size_t max);
/* Sends what is queued, as far as that goes in the time: TESS_CLI_DONE, or UNREACHABLE and FAILED with a complaint. */
int tess_cli_flush (TessCli *self, int seconds);

int tess_cli_register (TessCli *self);
int tess_cli_address (TessCli *self);
int tess_cli_code (TessCli *self);
int tess_cli_status (TessCli *self);
int tess_cli_add (TessCli *self);
int tess_cli_contacts (TessCli *self);
int tess_cli_safety_number (TessCli *self);
int tess_cli_verify (TessCli *self);
int tess_cli_send (TessCli *self);
int tess_cli_receive (TessCli *self);
int tess_cli_history (TessCli *self);

G_END_DECLS
