/* tessera-cli: Tessera without a window, for scripts, bots and tests. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-locale.h"
#include "base/tess-process.h"
#include "base/tess-secret.h"
#include "cli/tess-cli-output.h"
#include "cli/tess-cli.h"
#include "tess-config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>

#define CLOSE_TIMEOUT 10

const TessCliCommand tess_cli_commands[] = {
  { .name = "register",
    .summary = N_("make an account: keys, and a mailbox on a relay"),
    .takes = TESS_CLI_TAKES_REGISTRATION | TESS_CLI_TAKES_TIMEOUT,
    .for_newcomers = true,
    .run = tess_cli_register },
  { .name = "address", .summary = N_("print your address, for others to add you"), .run = tess_cli_address },
  { .name = "renew-address",
    .summary = N_("make every address, link and code that you gave away useless"),
    .details = N_("Who is a contact already notices nothing. Strangers need the new address, which is printed."),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_renew_address },
  { .name = "code",
    .summary = N_("make a code that others verify you by"),
    .details = N_("The code holds a secret for one use. It is good for an hour; show it to the people you mean only."),
    .takes = TESS_CLI_TAKES_PNG,
    .run = tess_cli_code },
  { .name = "claim-name",
    .arguments = "NAME",
    .summary = N_("let others find you by a name at your relay; an empty NAME: no more"),
    .details = N_("Whoever knows the name and the relay is told your address."),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_claim_name },
  { .name = "look-up",
    .arguments = "NAME@RELAY",
    .summary = N_("ask a relay who has claimed a name there"),
    .details = N_("Nothing proves the answer: a relay can lie. Compare the safety number, or a code, before you trust it."),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .run = tess_cli_look_up },
  { .name = "add",
    .arguments = "ADDRESS",
    .summary = N_("add somebody by their address, link, code or name@relay"),
    .details = N_("An ADDRESS of - reads it from standard input. They hear of you with your first message. A relay is asked for\n"
                  "a name alone, and may lie: verify who was found."),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .run = tess_cli_add },
  { .name = "contacts", .summary = N_("list the people you know"), .run = tess_cli_contacts },
  { .name = "send",
    .arguments = "CONTACT TEXT",
    .summary = N_("send a message"),
    .details = N_("A TEXT of - reads it from standard input. Exit code 0: the message is on the recipient's relay;\n"
                  "3: it is queued, and goes the next time the relay can be reached."),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_send },
  { .name = "receive",
    .summary = N_("fetch and print new messages"),
    .details = N_("Without --follow it ends when nothing more waits on the relay. A message counts as new until a run\n"
                  "has printed it: none is lost when the program is killed."),
    .takes = TESS_CLI_TAKES_TIMEOUT | TESS_CLI_TAKES_FOLLOW,
    .online = true,
    .run = tess_cli_receive },
  { .name = "history",
    .arguments = "CONTACT",
    .summary = N_("print a conversation"),
    .takes = TESS_CLI_TAKES_LIMIT,
    .run = tess_cli_history },
  { .name = "reply",
    .arguments = "CONTACT MESSAGE TEXT",
    .summary = N_("send an answer to a message"),
    .details = N_("MESSAGE is an id that history --json prints."),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_reply },
  { .name = "edit",
    .arguments = "CONTACT MESSAGE TEXT",
    .summary = N_("change a message that you sent"),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_edit },
  { .name = "delete",
    .arguments = "CONTACT MESSAGE",
    .summary = N_("erase a message here, or for everyone"),
    .details = N_("What somebody has read cannot be made unread."),
    .takes = TESS_CLI_TAKES_TIMEOUT | TESS_CLI_TAKES_EVERYONE,
    .online = true,
    .run = tess_cli_delete },
  { .name = "react",
    .arguments = "CONTACT MESSAGE EMOJI",
    .summary = N_("react to a message; an empty EMOJI takes it back"),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_react },
  { .name = "timer",
    .arguments = "CONTACT SECONDS",
    .summary = N_("set how long new messages stay once seen; 0: always"),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_timer },
  { .name = "typing",
    .arguments = "CONTACT on|off",
    .summary = N_("say that you are writing, or stopped"),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_typing },
  { .name = "search",
    .arguments = "TEXT",
    .summary = N_("print messages with words that begin as these do"),
    .details = N_("Case and accents do not matter. A TEXT of - reads it from standard input."),
    .takes = TESS_CLI_TAKES_LIMIT,
    .run = tess_cli_search },
  { .name = "note",
    .arguments = "TEXT",
    .summary = N_("write to yourself: it goes nowhere"),
    .details = N_("A TEXT of - reads it from standard input."),
    .run = tess_cli_note },
  { .name = "block",
    .arguments = "CONTACT",
    .summary = N_("neither hear of somebody nor send them anything"),
    .details = N_("They are not told. What they write until you unblock them never comes."),
    .run = tess_cli_block },
  { .name = "unblock", .arguments = "CONTACT", .summary = N_("undo a block"), .run = tess_cli_unblock },
  { .name = "nickname",
    .arguments = "CONTACT NAME",
    .summary = N_("call somebody so; an empty NAME: as they call themselves"),
    .run = tess_cli_nickname },
  { .name = "delete-chat",
    .arguments = "CONTACT",
    .summary = N_("erase a conversation here"),
    .details = N_("Contacts stay contacts. A stranger who asked goes with all that is known of them."),
    .run = tess_cli_delete_chat },
  { .name = "pin", .arguments = "CONTACT on|off", .summary = N_("list a chat before all others"), .run = tess_cli_pin },
  { .name = "mute", .arguments = "CONTACT on|off", .summary = N_("notify of nothing in a chat"), .run = tess_cli_mute },
  { .name = "archive",
    .arguments = "CONTACT on|off",
    .summary = N_("put a chat away until something is written in it"),
    .details = N_("A muted one stays away."),
    .run = tess_cli_archive },
  { .name = "devices",
    .arguments = "CONTACT",
    .summary = N_("list the devices of a contact"),
    .details = N_("None are known before you have written to each other."),
    .run = tess_cli_devices },
  { .name = "safety-number",
    .arguments = "CONTACT",
    .summary = N_("print the number to compare by voice"),
    .run = tess_cli_safety_number },
  { .name = "verify",
    .arguments = "CONTACT",
    .summary = N_("compare the code that a contact shows with their key"),
    .details = N_("On a match the contact is verified and told so. On a mismatch nothing more is sent to them (exit code 1)."),
    .takes = TESS_CLI_TAKES_CODE | TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_verify },
  { .name = "recovery-code",
    .summary = N_("make a new recovery code and print it, this once"),
    .details = N_("Should the keyring lose your keys, the code brings them back. It is kept nowhere: write it down. An older\n"
                  "code works no more once this one has been printed."),
    .run = tess_cli_recovery_code },
  { .name = "recovery-passphrase",
    .arguments = "on|off",
    .summary = N_("let a passphrase recover as the code does, or not"),
    .details = N_("It is read from standard input. There has to be a recovery code first."),
    .run = tess_cli_recovery_passphrase },
  { .name = "recover",
    .summary = N_("bring back the keys that the keyring has lost"),
    .details = N_("The recovery code, or the recovery passphrase, is read from standard input; spaces in the code do not\n"
                  "matter. A wrong one changes nothing."),
    .for_newcomers = true,
    .recovers = true,
    .run = tess_cli_recover },
  { .name = "backup",
    .arguments = "FILE",
    .summary = N_("write all of this profile into an encrypted file"),
    .details = N_("The code that opens it is printed, this once: write it down. Only exit code 0 says that the backup is there,\n"
                  "and whole. A FILE that is there is replaced then, and not before. Messages that disappear are left out."),
    .takes = TESS_CLI_TAKES_PASSPHRASE,
    .run = tess_cli_back_up },
  { .name = "restore",
    .arguments = "FILE",
    .summary = N_("make this the account that a backup holds"),
    .details = N_("The backup’s code or passphrase is read from standard input. The device that made the backup ends with\n"
                  "this: an account has one. Your contacts are told of the new one. The profile must not have an account yet."),
    .takes = TESS_CLI_TAKES_INVITATION | TESS_CLI_TAKES_TIMEOUT,
    .for_newcomers = true,
    .run = tess_cli_restore },
  { .name = "proxy",
    .summary = N_("print which way connections go"),
    .for_newcomers = true,
    .run = tess_cli_proxy },
  { .name = "set-proxy",
    .arguments = "system|tor|HOST:PORT",
    .summary = N_("connect through Tor or a SOCKS5 proxy, or as the system says"),
    .details = N_("With tor (127.0.0.1:9050) or a HOST:PORT nothing goes past the proxy, also not when it is down. To be\n"
                  "hidden from the first connection on, set it before you register."),
    .for_newcomers = true,
    .run = tess_cli_set_proxy },
  { .name = "app-lock",
    .arguments = "on|off",
    .summary = N_("ask for a passphrase before the profile opens, or not"),
    .details = N_("The new passphrase is read from standard input. The keyring's key to the messages is wrapped under it;\n"
                  "every call then needs it by --passphrase-fd, also one that changes it or takes it away. Who forgets it\n"
                  "has the recovery code alone: make one first."),
    .run = tess_cli_app_lock },
  { .name = "status",
    .summary = N_("print who you are, and whether the relay can be reached"),
    .takes = TESS_CLI_TAKES_TIMEOUT,
    .online = true,
    .run = tess_cli_status },
  { .name = NULL },
};

/* Opens the profile by the keyring, by the passphrase, or by what is typed to recover. NULL with a complaint. */
static DexFuture *
start_opening (TessCli *cli, const char *dir)
{
  const TessCliOptions *options = cli->options;
  g_autoptr (TessWiped) typed = NULL;
  const char *text;

  if (options->command->recovers && (typed = tess_cli_read_stdin_secret (options)) == NULL)
    return NULL;
  if (options->passphrase_fd >= 0 && (cli->passphrase = tess_cli_read_secret (options->passphrase_fd)) == NULL)
    return NULL;
  text = cli->passphrase != NULL ? (const char *) cli->passphrase->bytes : NULL;
  return typed != NULL ? tess_engine_recover (dir, (const char *) typed->bytes, text) : tess_engine_open (dir, text);
}

/* Opens the profile; NULL and the exit code in @code_out. */
static TessEngine *
open_engine (TessCli *cli, const char *dir, int *code_out)
{
  const TessCliOptions *options = cli->options;
  DexFuture *future;
  g_autoptr (GError) error = NULL;
  TessEngine *engine;

  *code_out = TESS_CLI_FAILED;
  if (!options->command->for_newcomers && !g_file_test (dir, G_FILE_TEST_EXISTS))
    {
      /* Translators: %s is a folder; "tessera-cli register" is to be typed as it is */
      g_autofree char *text = g_strdup_printf (_("There is no profile in %s. Make one with: tessera-cli register"), dir);

      tess_cli_complain (text);
      return NULL;
    }
  future = start_opening (cli, dir);
  if (future == NULL)
    return NULL;
  engine = dex_await_object (future, &error);
  if (engine == NULL)
    *code_out = tess_cli_fail (error);
  return engine;
}

static int
run_command (TessCli *cli)
{
  const TessCliCommand *command = cli->options->command;

  if (!command->for_newcomers && !tess_engine_get_registered (cli->engine))
    {
      tess_cli_complain (_("There is no account in this profile yet. Make one with: tessera-cli register"));
      return TESS_CLI_FAILED;
    }
  if (command->online)
    tess_engine_start (cli->engine);
  return command->run (cli);
}

static DexFuture *
main_fiber (gpointer data)
{
  TessCli *cli = data;
  int code;

  cli->engine = open_engine (cli, cli->dir, &code);
  if (cli->engine == NULL)
    return dex_future_new_for_int (code);
  code = run_command (cli);
  dex_await (dex_future_first (tess_engine_close (cli->engine), dex_timeout_new_seconds (CLOSE_TIMEOUT), NULL), NULL);
  g_clear_object (&cli->engine);
  return dex_future_new_for_int (code);
}

static gboolean
on_signal (gpointer data)
{
  TessCli *cli = data;

  if (dex_future_is_pending (DEX_FUTURE (cli->stopped)))
    dex_promise_reject (cli->stopped, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Interrupted")));
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_auto (TessCliOptions) options = { 0 };
  TessCli cli = { .options = &options };
  g_autoptr (DexFuture) future = NULL;
  const GValue *value;

  tess_process_init ();
  tess_process_hide ();
  tess_locale_init ();
  /* A reader that goes away and a quota that is met are errors of a write, not the end of the process. */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
  if (!tess_cli_options_parse (&options, argc, argv))
    return TESS_CLI_USAGE;
  dex_init ();
  cli.stopped = dex_promise_new ();
  cli.dir = options.profile != NULL ? g_strdup (options.profile) : g_build_filename (g_get_user_data_dir (), "tessera", NULL);
  g_unix_signal_add (SIGINT, on_signal, &cli);
  g_unix_signal_add (SIGTERM, on_signal, &cli);
  future = dex_scheduler_spawn (NULL, 0, main_fiber, &cli, NULL);
  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, TRUE);
  value = dex_future_get_value (future, NULL);
  dex_clear (&cli.stopped);
  g_free (cli.dir);
  g_clear_pointer (&cli.passphrase, tess_wiped_free);
  return value != NULL ? g_value_get_int (value) : TESS_CLI_FAILED;
}
