/* tessera: the app. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-locale.h"
#include "base/tess-process.h"
#include "tess-config.h"
#include "ui/tess-application.h"

#include <glib/gi18n.h>
#include <libdex.h>
#include <stdio.h>

int
main (int argc, char *argv[])
{
  g_autofree char *profile = NULL;
  gboolean version = FALSE, hidden = FALSE;
  const GOptionEntry entries[] = {
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &profile, N_("Keep everything in this folder"), N_("DIR") },
    { "hidden", 0, 0, G_OPTION_ARG_NONE, &hidden, N_("Show no window yet"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version"), NULL },
    { NULL },
  };
  /* Translators: what may follow the options on the command line; only LINK is to be translated */
  g_autoptr (GOptionContext) context = g_option_context_new (N_("[tessera:LINK]"));
  g_autoptr (TessApplication) application = NULL;
  g_autoptr (GError) error = NULL;

  tess_process_init ();
  tess_locale_init ();

  g_option_context_set_translation_domain (context, TESS_GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, entries, TESS_GETTEXT_PACKAGE);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "tessera: %s\n", error->message);
      return 2;
    }
  if (version)
    {
      printf ("tessera %s\n", TESS_VERSION);
      return 0;
    }
  g_set_application_name (_("Tessera"));
  dex_init ();
  application = tess_application_new (profile);
  if (hidden && !tess_application_hide (application))
    return 0;
  return g_application_run (G_APPLICATION (application), argc, argv);
}
