/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-excerpt.h"

#define FOUND_START '\x02'
#define FOUND_END '\x03'

char *
tess_excerpt_markup (const char *excerpt)
{
  g_autoptr (GString) markup = g_string_new (NULL);
  gboolean bold = FALSE;

  for (const char *at = excerpt; *at != '\0'; at = g_utf8_next_char (at))
    {
      if (*at == FOUND_START || *at == FOUND_END)
        {
          if (bold != (*at == FOUND_START))
            g_string_append (markup, *at == FOUND_START ? "<b>" : "</b>");
          bold = *at == FOUND_START;
        }
      else
        {
          g_autofree char *escaped = g_markup_escape_text (at, g_utf8_next_char (at) - at);

          g_string_append (markup, escaped);
        }
    }
  if (bold)
    g_string_append (markup, "</b>");
  return g_string_free (g_steal_pointer (&markup), FALSE);
}

char *
tess_excerpt_plain (const char *excerpt)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  for (const char *at = excerpt; *at != '\0'; at++)
    if (*at != FOUND_START && *at != FOUND_END)
      g_string_append_c (plain, *at);
  return g_string_free (g_steal_pointer (&plain), FALSE);
}
