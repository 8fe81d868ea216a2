/* What starts the app at login is read by others as it was meant. SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-background.h"

static void
test_command (void)
{
  static const struct {
    const char *profile;
    const char *command;
  } cases[] = {
    { "/a/p", "\"/usr/bin/tessera\" --hidden --profile \"/a/p\"" },
    { "/a b/100%", "\"/usr/bin/tessera\" --hidden --profile \"/a b/100%%\"" },
    { "/\"; rm `x` $HOME \\", "\"/usr/bin/tessera\" --hidden --profile \"/\\\"; rm \\`x\\` \\$HOME \\\\\"" },
    { "/a\nExec=b", NULL },
    { "/\xff", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *command = tess_background_command ("/usr/bin/tessera", cases[i].profile);

      g_assert_cmpstr (command, ==, cases[i].command);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/background/command", test_command);
  return g_test_run ();
}
