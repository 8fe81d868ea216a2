/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-passphrase-word.h"

#include <glib/gi18n.h>
#include <string.h>

#define BYTES_MAX 1024 /* protocol.md 12 */

void
tess_passphrase_word_say (GtkLabel *word, const char *text, const char *css_class)
{
  gtk_label_set_label (word, text);
  gtk_widget_set_css_classes (GTK_WIDGET (word), (const char *[]){ "caption", css_class, NULL });
}

gboolean
tess_passphrase_word_show (GtkLabel *word, const char *text, const char *again)
{
  gboolean equal = g_str_equal (text, again), fits = FALSE;

  if (strlen (text) > BYTES_MAX)
    tess_passphrase_word_say (word, _("That is too long."), "error");
  else if (g_utf8_strlen (text, -1) < TESS_PASSPHRASE_CHARS_MIN)
    tess_passphrase_word_say (word,
                              _("At least 8 characters. Four or five words that do not belong together are easy to remember "
                                "and hard to guess."), "dimmed");
  else if (*again != '\0' && !equal)
    tess_passphrase_word_say (word, _("The two are not the same."), "error");
  else
    {
      tess_passphrase_word_say (word, equal ? _("The two are the same.") : "", "success");
      fits = equal;
    }
  return fits;
}
