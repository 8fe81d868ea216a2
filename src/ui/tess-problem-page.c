/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-problem-page.h"

#include "core/tess-core-error.h"

#include <glib/gi18n.h>

struct _TessProblemPage {
  AdwBin parent_instance;

  AdwStatusPage *page;
  GtkLabel *details;
  GtkWidget *again;
};

static guint try_again_signal;

G_DEFINE_FINAL_TYPE (TessProblemPage, tess_problem_page, ADW_TYPE_BIN)

typedef struct {
  TessCoreError code;
  gboolean again;
  const char *title;
  const char *what_to_do;
} Words;

static const Words words[] = {
  { TESS_CORE_ERROR_IN_USE, TRUE, N_("Tessera Is Already Open"),
    N_("Another program has this profile open, perhaps the command line. Close it, then try again.") },
  { TESS_CORE_ERROR_NOT_WRITABLE, TRUE, N_("The Folder Cannot Be Written"),
    N_("Tessera cannot keep its messages in its folder. See that the folder is yours and can be written, then try again.") },
  { TESS_CORE_ERROR_NO_SPACE, TRUE, N_("The Disk Is Full"),
    N_("Nothing was lost. Free some space, then try again.") },
  { TESS_CORE_ERROR_DAMAGED, TRUE, N_("The Messages Cannot Be Read"),
    N_("The files of this profile are damaged. They were left as they are: if you have a copy of the folder, put it back, "
       "then try again.") },
  { TESS_CORE_ERROR_NEWER, FALSE, N_("A Newer Tessera Was Here"),
    N_("This profile was last used by a newer version of Tessera. Update Tessera to open it.") },
  { TESS_CORE_ERROR_KEYRING_UNREACHABLE, TRUE, N_("The Keyring Does Not Answer"),
    N_("The keys of this profile are in the keyring of your desktop, which is not running, stays locked or is damaged. Start or "
       "unlock it, then try again.") },
  { TESS_CORE_ERROR_RECOVERY_DAMAGED, TRUE, N_("The Recovery File Is Damaged"),
    N_("The keyring does not hold the keys of this profile, and the file that a recovery code opens is damaged or belongs "
       "to another profile. Nothing was changed: if you have a copy of the folder or of the keyring, put it back, then try "
       "again.") },
  { TESS_CORE_ERROR_KEYRING_LOST, TRUE, N_("The Keys Are Missing"),
    N_("The messages are here, but the keyring does not hold their keys. It may be locked, or another one than the one they "
       "were put "
       "in. Unlock or restore it, then try again. Your messages were left as they are.") },
};

static void
on_again (TessProblemPage *self)
{
  g_signal_emit (self, try_again_signal, 0);
}

GtkWidget *
tess_problem_page_new (const GError *error, const char *profile)
{
  TessProblemPage *self = g_object_new (TESS_TYPE_PROBLEM_PAGE, NULL);
  const char *title = _("Tessera Could Not Start"), *what_to_do = error->message;
  g_autofree char *description = NULL, *details = NULL;
  gboolean again = TRUE;

  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_error_matches (error, TESS_CORE_ERROR, (int) words[i].code))
      {
        title = _(words[i].title);
        what_to_do = _(words[i].what_to_do);
        again = words[i].again;
      }
  description = g_markup_escape_text (what_to_do, -1);
  adw_status_page_set_title (self->page, title);
  adw_status_page_set_description (self->page, description);
  details = what_to_do == error->message ? g_strdup (profile) : g_strdup_printf ("%s\n%s", error->message, profile);
  gtk_label_set_label (self->details, details);
  gtk_widget_set_visible (self->again, again);
  return GTK_WIDGET (self);
}

static void
tess_problem_page_class_init (TessProblemPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  try_again_signal = g_signal_new ("try-again", TESS_TYPE_PROBLEM_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-problem-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TessProblemPage, page);
  gtk_widget_class_bind_template_child (widget_class, TessProblemPage, details);
  gtk_widget_class_bind_template_child (widget_class, TessProblemPage, again);
  gtk_widget_class_bind_template_callback (widget_class, on_again);
}

static void
tess_problem_page_init (TessProblemPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
