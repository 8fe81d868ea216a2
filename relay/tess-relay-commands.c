/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-commands.h"

#include "relay/tess-relay-admin.h"
#include "relay/tess-relay-store.h"

#include <string.h>

const char tess_relay_commands_help[] = "Commands (on the data folder, whether the relay runs or not):\n"
                                        "  backup FILE                  copy the database to the new file FILE\n"
                                        "  admin invite [COUNT [DAYS]]  make invitations (1, for 30 days) and tell their codes\n"
                                        "  admin invitations            tell which there are\n"
                                        "  admin revoke CODE            take back an unused one, by its code or its start there\n"
                                        "  admin names [BEGINNING]      tell who has claimed which name\n"
                                        "  admin remove-name NAME       take a name away\n"
                                        "  admin delete ACCOUNT         delete an account, by its address or key, and its mail\n"
                                        "  admin statistics             how much there is of everything\n";

typedef struct {
  const char *name; /* of one or two words */
  unsigned min;     /* arguments */
  unsigned max;
  bool (*run) (const char *path, char **arguments, GString *out, GError **error);
} Command;

static bool
backup (const char *path, char **arguments, GString *out, GError **error)
{
  return tess_relay_store_backup (path, arguments[0], error);
}

static const Command commands[] = {
  { "backup", 1, 1, backup },
  { "admin invite", 0, 2, tess_relay_admin_invite },
  { "admin invitations", 0, 0, tess_relay_admin_invitations },
  { "admin revoke", 1, 1, tess_relay_admin_revoke },
  { "admin names", 0, 1, tess_relay_admin_names },
  { "admin remove-name", 1, 1, tess_relay_admin_remove_name },
  { "admin delete", 1, 1, tess_relay_admin_delete },
  { "admin statistics", 0, 0, tess_relay_admin_statistics },
};

/* The command that @words begin with, and the words after it. */
static const Command *
find (char **words, char ***arguments_out)
{
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_auto (GStrv) name = g_strsplit (commands[i].name, " ", 2);
      unsigned n = 0;

      while (name[n] != NULL && g_strcmp0 (words[n], name[n]) == 0)
        n++;
      *arguments_out = words + n;
      if (name[n] == NULL)
        return &commands[i];
    }
  return NULL;
}

bool
tess_relay_commands_check (char **words, GError **error)
{
  char **arguments;
  const Command *command = words[0] != NULL ? find (words, &arguments) : NULL;

  if (words[0] == NULL)
    return true;
  if (command == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "“%s” is no command", words[0]);
  else if (g_strv_length (arguments) < command->min || g_strv_length (arguments) > command->max)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "“%s” has too few or too many arguments", command->name);
  else
    return true;
  return false;
}

bool
tess_relay_commands_run (const TessRelayConfig *config, char **words, GString *out, GError **error)
{
  g_autofree char *path = g_build_filename (config->data, "relay.db", NULL);
  char **arguments;
  const Command *command = find (words, &arguments);

  return command->run (path, arguments, out, error);
}
