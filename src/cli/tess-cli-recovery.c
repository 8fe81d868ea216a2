/* The recovery code: made, a passphrase beside it, used. SPDX-License-Identifier: GPL-3.0-or-later */
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

int
tess_cli_recovery_passphrase (TessCli *self)
{
  const char *word = self->options->arguments[0], *text = NULL;
  g_autoptr (TessWiped) passphrase = NULL;
  g_autoptr (GError) error = NULL;

  if (strcmp (word, "on") != 0 && strcmp (word, "off") != 0)
    {
      tess_cli_complain (_("A recovery passphrase is on or off"));
      return TESS_CLI_USAGE;
    }
  if (strcmp (word, "on") == 0)
    {
      passphrase = tess_cli_read_stdin_secret (self->options);
      if (passphrase == NULL)
        return TESS_CLI_FAILED;
      text = (const char *) passphrase->bytes;
    }
  if (!dex_await (tess_engine_set_recovery_passphrase (self->engine, text), &error))
    return tess_cli_fail (error);
  return TESS_CLI_DONE;
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
