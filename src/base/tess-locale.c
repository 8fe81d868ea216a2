/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-locale.h"

#include "tess-config.h"

#include <libintl.h>
#include <locale.h>

void
tess_locale_init (void)
{
  const char *folder = g_getenv ("TESSERA_LOCALEDIR");

  setlocale (LC_ALL, "");
  bindtextdomain (TESS_GETTEXT_PACKAGE, folder != NULL && *folder != '\0' ? folder : TESS_LOCALEDIR);
  bind_textdomain_codeset (TESS_GETTEXT_PACKAGE, "UTF-8");
  textdomain (TESS_GETTEXT_PACKAGE);
}
