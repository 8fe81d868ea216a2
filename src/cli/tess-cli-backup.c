/* A backup: made, and restored from. SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli.h"

#include "cli/tess-cli-output.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

/* On a terminal, and nowhere else: what reads stderr otherwise wants what went wrong. */
static void
show_progress (TessProgress *progress, GParamSpec *spec, gpointer data)
{
  fprintf (stderr, "\r%3d %%", (int) (tess_progress_get_fraction (progress) * 100));
  fflush (stderr);
}

static TessProgress *
start_progress (void)
{
  TessProgress *progress = tess_progress_new ();

  if (isatty (STDERR_FILENO))
    g_signal_connect (progress, "notify::fraction", G_CALLBACK (show_progress), NULL);
  return progress;
}

/* Waits for @future (taken) to its end, which a signal brings about. */
static bool
await_work (TessCli *self, DexFuture *future, TessProgress *progress, GError **error)
{
  g_autoptr (DexFuture) wanted = future;

  dex_await (dex_future_first (dex_ref (wanted), dex_ref (DEX_FUTURE (self->stopped)), NULL), NULL);
  if (dex_future_is_pending (wanted))
    tess_progress_cancel (progress);
  if (dex_future_is_pending (wanted))
    dex_await (dex_ref (wanted), NULL);
  g_signal_handlers_disconnect_by_func (progress, show_progress, NULL);
  if (isatty (STDERR_FILENO) && tess_progress_get_fraction (progress) > 0)
    fputc ('\n', stderr);
  return dex_future_get_value (wanted, error) != NULL;
}

/* Not by way of json-glib, whose strings nobody wipes. */
static bool
print_code (TessCli *self, const TessRecoveryText *code)
{
  if (self->options->json)
    printf ("{\"backup_code\":\"%s\"}\n", tess_recovery_text_get (code));
  else
    printf ("%s\n", tess_recovery_text_get (code));
  return fflush (stdout) == 0;
}

static int
back_up (TessCli *self, const char *passphrase)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (self->options->arguments[0]);
  g_autoptr (TessProgress) progress = start_progress ();
  g_autoptr (GError) error = NULL;

  if (await_work (self, tess_engine_back_up (self->engine, file, passphrase, progress), progress, &error))
    return TESS_CLI_DONE;
  return tess_cli_fail (error);
}

/* A code that nobody could read protects nothing that anybody could open: it goes out first. */
int
tess_cli_back_up (TessCli *self)
{
  g_autoptr (TessWiped) passphrase = NULL;
  g_autoptr (TessRecoveryText) code = NULL;
  g_autoptr (GError) error = NULL;
  int result;

  if (self->options->with_passphrase)
    {
      passphrase = tess_cli_read_stdin_secret (self->options);
      return passphrase != NULL ? back_up (self, (const char *) passphrase->bytes) : TESS_CLI_FAILED;
    }
  code = tess_engine_make_backup_code (&error);
  if (code == NULL)
    return tess_cli_fail (error);
  if (!print_code (self, code))
    {
      tess_cli_complain (_("The backup’s code could not be printed; nothing was written"));
      return TESS_CLI_FAILED;
    }
  result = back_up (self, tess_recovery_text_get (code));
  if (result != TESS_CLI_DONE)
    tess_cli_complain (_("There is no backup under the code that was printed"));
  return result;
}

/* Restored, and no relay knows it yet: how to go on. */
static int
fail_registering (TessCli *self, const GError *error)
{
  g_autofree char *name = g_shell_quote (tess_engine_get_name (self->engine));
  g_autofree char *text =
    /* Translators: what stands behind the colon is to be typed as it is; %s are a name and a relay's address */
    g_strdup_printf (_("The backup is restored. Go on with: tessera-cli register --name %s --relay %s"), name,
                     tess_engine_get_relay (self->engine));
  int result = tess_cli_fail (error);

  tess_cli_complain (text);
  return result;
}

int
tess_cli_restore (TessCli *self)
{
  const TessCliOptions *options = self->options;
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (options->arguments[0]);
  g_autoptr (TessWiped) typed = tess_cli_read_stdin_secret (options);
  g_autoptr (TessProgress) progress = start_progress ();
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *relay = NULL;

  if (typed == NULL)
    return TESS_CLI_FAILED;
  if (!await_work (self, tess_engine_restore (self->engine, file, (const char *) typed->bytes, progress), progress, &error))
    return tess_cli_fail (error);
  name = g_strdup (tess_engine_get_name (self->engine));
  relay = g_strdup (tess_engine_get_relay (self->engine));
  if (!tess_cli_wait (self, tess_engine_register (self->engine, name, relay, options->invitation),
                      tess_cli_timeout (self, TESS_CLI_TIMEOUT), &error))
    return fail_registering (self, error);
  return tess_cli_address (self);
}
