/* The recovery code: made, a passphrase beside it, used. And the app lock. SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli.h"

#include "cli/tess-cli-output.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* Not by way of json-glib, whose strings nobody wipes. */
static bool
print_code (TessCli *self, const TessRecoveryText *text)
{
  if (self->options->json)
    printf ("{\"recovery_code\":\"%s\"}\n", tess_recovery_text_get (text));
  else
    printf ("%s\n", tess_recovery_text_get (text));
  return fflush (stdout) == 0;
}

/* Who has it in hand has confirmed it: it comes into force once all of it has gone out, and an older one works until then. */
int
tess_cli_recovery_code (TessCli *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessRecoveryText) code = tess_engine_make_recovery_code (self->engine, &error);

  if (code == NULL)
    return tess_cli_fail (error);
  if (!print_code (self, code))
    {
      tess_cli_complain (_("The recovery code could not be printed; nothing was changed"));
      return TESS_CLI_FAILED;
    }
  if (dex_await (tess_engine_confirm_recovery_code (self->engine, code), &error))
    return TESS_CLI_DONE;
  tess_cli_complain (_("The recovery code that was printed is not in force; an older one works as before"));
  return tess_cli_fail (error);
}

/* The new passphrase of "on", NULL of "off". FALSE with a complaint and the exit code. */
static bool
read_new (TessCli *self, const char *usage, TessWiped **passphrase_out, int *code_out)
{
  const char *word = self->options->arguments[0];

  *code_out = TESS_CLI_USAGE;
  if (strcmp (word, "off") == 0)
    return true;
  if (strcmp (word, "on") != 0)
    {
      tess_cli_complain (usage);
      return false;
    }
  *code_out = TESS_CLI_FAILED;
  *passphrase_out = tess_cli_read_stdin_secret (self->options);
  return *passphrase_out != NULL;
}

static const char *
text_of (const TessWiped *passphrase)
{
  return passphrase != NULL ? (const char *) passphrase->bytes : NULL;
}

int
tess_cli_recovery_passphrase (TessCli *self)
{
  g_autoptr (TessWiped) passphrase = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (!read_new (self, _("A recovery passphrase is on or off"), &passphrase, &code))
    return code;
  if (!dex_await (tess_engine_set_recovery_passphrase (self->engine, text_of (passphrase)), &error))
    return tess_cli_fail (error);
  return TESS_CLI_DONE;
}

int
tess_cli_app_lock (TessCli *self)
{
  g_autoptr (TessWiped) passphrase = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (!read_new (self, _("The app lock is on or off"), &passphrase, &code))
    return code;
  if (!dex_await (tess_engine_set_app_lock (self->engine, text_of (self->passphrase), text_of (passphrase)), &error))
    return tess_cli_fail (error);
  return TESS_CLI_DONE;
}

const char *
tess_cli_app_lock_word (TessCli *self)
{
  switch (tess_engine_get_app_lock (self->engine))
    {
    case TESS_APP_LOCK_ON:
      return "on";
    case TESS_APP_LOCK_PROFILE:
      return "profile";
    case TESS_APP_LOCK_OFF:
    default:
      return "off";
    }
}

/* The work is done: the profile is open, and its keys are back in the keyring. */
int
tess_cli_recover (TessCli *self)
{
  return tess_engine_get_registered (self->engine) ? tess_cli_address (self) : TESS_CLI_DONE;
}

const char *
tess_cli_recovery_word (TessCli *self)
{
  switch (tess_engine_get_recovery (self->engine))
    {
    case TESS_RECOVERY_CODE:
      return "code";
    case TESS_RECOVERY_CODE_AND_PASSPHRASE:
      return "code-and-passphrase";
    case TESS_RECOVERY_DAMAGED:
      return "damaged";
    case TESS_RECOVERY_UNUSED:
      return "unused";
    case TESS_RECOVERY_NONE:
    default:
      return "none";
    }
}
