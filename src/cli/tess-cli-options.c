/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli-options.h"

#include "cli/tess-cli-output.h"
#include "tess-config.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

static bool
wrong (const char *what, const char *detail)
{
  g_autofree char *text = g_strdup_printf ("%s%s%s", what, detail != NULL ? ": " : "", detail != NULL ? detail : "");

  tess_cli_complain (text);
  fprintf (stderr, "%s\n", _("Try: tessera-cli --help"));
  return false;
}

static char *
commands_text (void)
{
  GString *text = g_string_new (_("Commands:"));

  g_string_append_c (text, '\n');
  for (const TessCliCommand *command = tess_cli_commands; command->name != NULL; command++)
    {
      g_autofree char *usage = g_strdup_printf ("%s %s", command->name, command->arguments != NULL ? command->arguments : "");

      g_string_append_printf (text, "  %-26s %s\n", usage, _(command->summary));
    }
  g_string_append_c (text, '\n');
  /* Translators: CONTACT and COMMAND stand in the lines above, and stay as they are */
  g_string_append (text, _("CONTACT is a name, an address, or the beginning of a key (8 characters at least).\n"
                           "Exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong usage, 3 not reachable: what was\n"
                           "queued goes by itself the next time.\n"
                           "Each command has its own help: tessera-cli COMMAND --help"));
  return g_string_free (text, FALSE);
}

/* The general options, which may stand before or after the command. */
static GOptionGroup *
general_group (TessCliOptions *self)
{
  const GOptionEntry entries[] = {
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &self->profile, N_("the profile's folder ($XDG_DATA_HOME/tessera)"), "DIR" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_("print JSON, one object a line"), NULL },
    { "passphrase-fd", 0, 0, G_OPTION_ARG_INT, &self->passphrase_fd,
      N_("keep the profile's keys under a passphrase instead of the keyring, and read it from this file descriptor"), "N" },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("general", NULL, NULL, NULL, NULL);

  g_option_group_set_translation_domain (group, TESS_GETTEXT_PACKAGE);
  g_option_group_add_entries (group, entries);
  return group;
}

static void
add_entry (GOptionContext *context, bool wanted, GOptionEntry entry)
{
  const GOptionEntry entries[] = { entry, { NULL } };

  if (wanted)
    g_option_context_add_main_entries (context, entries, TESS_GETTEXT_PACKAGE);
}

#define ENTRY(name, kind, place, text, word) ((GOptionEntry) { name, 0, 0, G_OPTION_ARG_##kind, place, text, word })

static void
add_command_entries (TessCliOptions *self, GOptionContext *context)
{
  TessCliTakes takes = self->command->takes;

  add_entry (context, takes & TESS_CLI_TAKES_REGISTRATION,
             ENTRY ("name", FILENAME, &self->name, N_("what contacts call you"), "NAME"));
  add_entry (context, takes & TESS_CLI_TAKES_REGISTRATION,
             ENTRY ("relay", FILENAME, &self->relay, N_("where your mailbox is"), "URL"));
  add_entry (context, takes & (TESS_CLI_TAKES_REGISTRATION | TESS_CLI_TAKES_INVITATION),
             ENTRY ("invitation", FILENAME, &self->invitation, N_("for relays that ask for one"), "CODE"));
  add_entry (context, takes & TESS_CLI_TAKES_PNG, ENTRY ("png", FILENAME, &self->png, N_("write it as a QR code"), "FILE"));
  add_entry (context, takes & TESS_CLI_TAKES_PNG,
             ENTRY ("for", FILENAME, &self->contact, N_("show it to this contact only: their scan verifies them too"),
                    "CONTACT"));
  add_entry (context, takes & TESS_CLI_TAKES_CODE,
             ENTRY ("code", FILENAME, &self->code, N_("the code as text; - reads it"), "TEXT"));
  add_entry (context, takes & TESS_CLI_TAKES_CODE,
             ENTRY ("image", FILENAME, &self->image, N_("a picture of their QR code"), "FILE"));
  add_entry (context, takes & TESS_CLI_TAKES_TIMEOUT,
             ENTRY ("timeout", INT, &self->timeout, N_("wait no longer for the relay"), "SECONDS"));
  add_entry (context, takes & TESS_CLI_TAKES_FOLLOW,
             ENTRY ("follow", NONE, &self->follow, N_("go on until interrupted, or until the timeout"), NULL));
  add_entry (context, takes & TESS_CLI_TAKES_EVERYONE,
             ENTRY ("for-everyone", NONE, &self->for_everyone, N_("take it back on their side too"), NULL));
  add_entry (context, takes & TESS_CLI_TAKES_PASSPHRASE,
             ENTRY ("passphrase", NONE, &self->with_passphrase,
                    N_("read a passphrase from standard input and use that instead of a code"), NULL));
  add_entry (context, takes & TESS_CLI_TAKES_LIMIT, ENTRY ("limit", INT, &self->limit, N_("only the newest N"), "N"));
}

static const TessCliCommand *
find_command (const char *name)
{
  for (const TessCliCommand *command = tess_cli_commands; command->name != NULL; command++)
    if (strcmp (command->name, name) == 0)
      return command;
  return NULL;
}

/* The general options up to the command: @argc and @argv then begin with it. */
static bool
parse_general (TessCliOptions *self, int *argc, char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND …");
  g_autofree char *commands = commands_text ();
  g_autoptr (GError) error = NULL;
  gboolean version = FALSE;

  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_set_summary (context, _("Tessera on the command line: private messages between people."));
  g_option_context_set_description (context, commands);
  g_option_context_set_main_group (context, general_group (self));
  add_entry (context, true, ENTRY ("version", NONE, &version, N_("print the version"), NULL));
  if (!g_option_context_parse (context, argc, argv, &error))
    return wrong (error->message, NULL);
  if (version)
    {
      printf ("tessera-cli %s\n", TESS_VERSION);
      exit (TESS_CLI_DONE);
    }
  if (*argc < 2)
    return wrong (_("which command?"), NULL);
  self->command = find_command ((*argv)[1]);
  return self->command != NULL || wrong (_("no such command"), (*argv)[1]);
}

/* Takes what is left as the command's arguments, without the first "--". */
static bool
take_arguments (TessCliOptions *self, int argc, char **argv)
{
  const char *words = self->command->arguments != NULL ? self->command->arguments : "";
  g_auto (GStrv) wanted = g_strsplit (words, " ", -1);
  guint count = g_strv_length (wanted);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  bool dashes = false;

  for (int i = 1; i < argc; i++)
    {
      if (!dashes && strcmp (argv[i], "--") == 0)
        dashes = true;
      else if (!g_utf8_validate (argv[i], -1, NULL))
        return wrong (_("an argument is not valid UTF-8"), NULL);
      else
        g_strv_builder_add (builder, argv[i]);
    }
  self->arguments = g_strv_builder_end (builder);
  if (g_strv_length (self->arguments) == count)
    return true;
  return wrong (self->command->name, count == 0 ? _("takes no arguments") : words);
}

static bool
check_values (TessCliOptions *self)
{
  const char *const texts[] = { self->name, self->relay, self->invitation, self->contact, self->code };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i] != NULL && !g_utf8_validate (texts[i], -1, NULL))
      return wrong (_("an option is not valid UTF-8"), NULL);
  if ((self->command->takes & TESS_CLI_TAKES_REGISTRATION) && (self->name == NULL || self->relay == NULL))
    return wrong (_("register needs --name and --relay"), NULL);
  if ((self->command->takes & TESS_CLI_TAKES_CODE) && (self->code == NULL) == (self->image == NULL))
    return wrong (_("verify needs either --code or --image"), NULL);
  if (self->timeout < -1 || self->timeout > 1000000)
    return wrong (_("--timeout is a number of seconds"), NULL);
  if (self->limit < 0)
    return wrong (_("--limit is a number of messages"), NULL);
  if (self->passphrase_fd < -1)
    return wrong (_("--passphrase-fd is the number of an open file descriptor"), NULL);
  return true;
}

bool
tess_cli_options_parse (TessCliOptions *self, int argc, char **argv)
{
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *program = NULL;

  *self = (TessCliOptions) { .passphrase_fd = -1, .timeout = -1 };
  g_set_prgname ("tessera-cli");
  if (!parse_general (self, &argc, &argv))
    return false;
  argc--;
  argv++;
  context = g_option_context_new (self->command->arguments);
  program = g_strconcat ("tessera-cli ", self->command->name, NULL);
  g_set_prgname (program);
  g_option_context_set_summary (context, _(self->command->summary));
  g_option_context_set_description (context, self->command->details != NULL ? _(self->command->details) : NULL);
  g_option_context_set_main_group (context, general_group (self));
  add_command_entries (self, context);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return wrong (error->message, NULL);
  g_set_prgname ("tessera-cli");
  return take_arguments (self, argc, argv) && check_values (self);
}

void
tess_cli_options_clear (TessCliOptions *self)
{
  g_free (self->profile);
  g_strfreev (self->arguments);
  g_free (self->name);
  g_free (self->relay);
  g_free (self->invitation);
  g_free (self->png);
  g_free (self->contact);
  g_free (self->code);
  g_free (self->image);
}
