/* One run of tessera-cli, and the commands. All of it on the main thread; the commands inside a fiber.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "cli/tess-cli-options.h"
#include "core/tess-engine.h"

#include <libdex.h>

G_BEGIN_DECLS

struct _TessCli {
  const TessCliOptions *options;
  char *dir; /* the profile's */
  TessEngine *engine;
  TessWiped *passphrase; /* of --passphrase-fd, or NULL */
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
/* A passphrase or code on @fd, up to its end, without its last line break: UTF-8 of 1 to 1,024 bytes and a terminator. NULL with
 * a complaint. */
TessWiped *tess_cli_read_secret (int fd);
/* The same on stdin, which --passphrase-fd must not have taken already. */
TessWiped *tess_cli_read_stdin_secret (const TessCliOptions *options);
/* The contact whose name (or address, or key) is the first argument, or NULL and a complaint. Borrowed. */
TessConversation *tess_cli_contact (TessCli *self);
/* The argument or option @text, or, when that is "-", stdin (at most @max bytes, without its last line break). NULL and a
 * complaint when it cannot be read, is longer or is not UTF-8. Free with g_free(). */
char *tess_cli_text (TessCli *self, const char *text, size_t max);
/* Sends what is queued, as far as that goes in the time: TESS_CLI_DONE, or UNREACHABLE and FAILED with a complaint. */
int tess_cli_flush (TessCli *self, int seconds);

/* The commands, as TessCliCommand:run. tess-cli-account.c: one's own account; prints the address. */
int tess_cli_register (TessCli *self);
/* Prints the address. */
int tess_cli_address (TessCli *self);
int tess_cli_renew_address (TessCli *self);
/* Makes a code, and its picture. */
int tess_cli_code (TessCli *self);
/* Claims a name at the relay, or gives it up. */
int tess_cli_claim_name (TessCli *self);
/* Prints who one is and whether the relay can be reached. */
int tess_cli_status (TessCli *self);

/* Prints which way connections go, and sets it. */
int tess_cli_proxy (TessCli *self);
int tess_cli_set_proxy (TessCli *self);

/* tess-cli-contacts.c: other people. Asks a relay who has a name. */
int tess_cli_look_up (TessCli *self);
/* Adds somebody. */
int tess_cli_add (TessCli *self);
/* Lists everybody. */
int tess_cli_contacts (TessCli *self);
/* Lists somebody's devices. */
int tess_cli_devices (TessCli *self);
/* Prints the number to compare. */
int tess_cli_safety_number (TessCli *self);
/* Compares a code. */
int tess_cli_verify (TessCli *self);

/* tess-cli-messages.c: stores a message and sends what is queued. */
int tess_cli_send (TessCli *self);
/* Fetches, prints and marks as read. */
int tess_cli_receive (TessCli *self);
/* Prints a conversation. */
int tess_cli_history (TessCli *self);

/* tess-cli-recovery.c: for the day that the keyring loses the keys. Makes a code; a passphrase beside it; brings them back. */
int tess_cli_recovery_code (TessCli *self);
int tess_cli_recovery_passphrase (TessCli *self);
int tess_cli_recover (TessCli *self);
/* A passphrase that the profile opens with besides the keyring; another; none. */
int tess_cli_app_lock (TessCli *self);
/* What status --json says of both. */
const char *tess_cli_recovery_word (TessCli *self);
const char *tess_cli_app_lock_word (TessCli *self);

/* tess-cli-backup.c: writes everything into a file; fills a fresh profile from one, and registers. */
int tess_cli_back_up (TessCli *self);
int tess_cli_restore (TessCli *self);

/* tess-cli-actions.c: what is done to messages, and sends it. Answers one. */
int tess_cli_reply (TessCli *self);
/* Changes an own one. */
int tess_cli_edit (TessCli *self);
/* Erases one here, or for everyone. */
int tess_cli_delete (TessCli *self);
/* Reacts to one. */
int tess_cli_react (TessCli *self);
/* For how long new ones stay. */
int tess_cli_timer (TessCli *self);
/* Says that one writes, or stopped. */
int tess_cli_typing (TessCli *self);

/* tess-cli-chats.c: what is done to whole chats; needs no relay. Nothing of theirs comes, nothing goes to them; and no longer. */
int tess_cli_block (TessCli *self);
int tess_cli_unblock (TessCli *self);
/* One's own name for somebody. */
int tess_cli_nickname (TessCli *self);
/* Erases a history. */
int tess_cli_delete_chat (TessCli *self);
/* Before all others; no notifications; out of the list. */
int tess_cli_pin (TessCli *self);
int tess_cli_mute (TessCli *self);
int tess_cli_archive (TessCli *self);
/* Writes to oneself. */
int tess_cli_note (TessCli *self);
/* Prints messages with these words. */
int tess_cli_search (TessCli *self);

G_END_DECLS
