/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-app-lock-page.h"

#include "ui/tess-await.h"
#include "ui/tess-passphrase-word.h"

#include <glib/gi18n.h>

struct _TessAppLockPage {
  AdwNavigationPage parent_instance;

  GtkLabel *forgotten;
  GtkWidget *group;
  GtkEditable *present;
  GtkEditable *entry;
  GtkEditable *again;
  GtkLabel *word;
  GtkWidget *set;
  GtkLabel *set_label;
  GtkStack *stack;
  GtkWidget *remove;

  TessEngine *engine;
};

G_DEFINE_FINAL_TYPE (TessAppLockPage, tess_app_lock_page, ADW_TYPE_NAVIGATION_PAGE)

static gboolean
is_on (TessAppLockPage *self)
{
  return tess_engine_get_app_lock (self->engine) == TESS_APP_LOCK_ON;
}

static void
on_changed (TessAppLockPage *self)
{
  gboolean fits
    = tess_passphrase_word_show (self->word, gtk_editable_get_text (self->entry), gtk_editable_get_text (self->again));
  gboolean allowed = !is_on (self) || *gtk_editable_get_text (self->present) != '\0';

  gtk_widget_set_sensitive (self->set, allowed && fits);
  gtk_widget_set_sensitive (self->remove, allowed);
}

/* What the page offers follows from whether there is a lock, and what it warns of from whether there is a code. */
static void
show_state (TessAppLockPage *self)
{
  TessRecoveryState recovery = tess_engine_get_recovery (self->engine);
  gboolean on = is_on (self), code = recovery == TESS_RECOVERY_CODE || recovery == TESS_RECOVERY_CODE_AND_PASSPHRASE;
  const char *label = on ? C_("preferences", "Change Passphrase") : C_("preferences", "Set Passphrase");

  gtk_label_set_label (self->forgotten,
                       code ? _("Should you forget it, your recovery code alone still opens them, and takes the lock away.")
                            : _("You have no recovery code yet. Make one first, under Recovery: without it, a forgotten "
                                "passphrase means that your messages and your account are lost."));
  gtk_widget_set_css_classes (GTK_WIDGET (self->forgotten), (const char *[]){ code ? "dimmed" : "warning", NULL });
  gtk_widget_set_visible (GTK_WIDGET (self->present), on);
  gtk_widget_set_visible (self->remove, on);
  gtk_label_set_label (self->set_label, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->set), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  on_changed (self);
}

/* The page and its dialog stay while nobody knows yet which passphrase is the right one from now on. */
static void
set_busy (TessAppLockPage *self, gboolean busy)
{
  GtkWidget *dialog = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_DIALOG);

  gtk_stack_set_visible_child_name (self->stack, busy ? "busy" : "label");
  gtk_widget_set_sensitive (self->group, !busy);
  gtk_widget_set_sensitive (self->set, !busy);
  gtk_widget_set_sensitive (self->remove, !busy);
  adw_navigation_page_set_can_pop (ADW_NAVIGATION_PAGE (self), !busy);
  if (dialog != NULL)
    adw_dialog_set_can_close (ADW_DIALOG (dialog), !busy);
}

static void
clear_entries (TessAppLockPage *self)
{
  gtk_editable_set_text (self->present, "");
  gtk_editable_set_text (self->entry, "");
  gtk_editable_set_text (self->again, "");
}

static void
on_done (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessAppLockPage *self = owner;
  const char *words = data;

  set_busy (self, FALSE);
  if (error == NULL)
    clear_entries (self);
  show_state (self);
  if (error != NULL)
    words = error->message;
  tess_passphrase_word_say (self->word, words, error != NULL ? "error" : "success");
  gtk_accessible_announce (GTK_ACCESSIBLE (self), words, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
  /* what was insensitive has lost the keyboard, without which Escape closes nothing */
  gtk_widget_grab_focus (GTK_WIDGET (is_on (self) ? self->present : self->entry));
}

static void
change (TessAppLockPage *self, const char *passphrase, const char *words)
{
  const char *present = is_on (self) ? gtk_editable_get_text (self->present) : NULL;
  DexFuture *future = tess_engine_set_app_lock (self->engine, present, passphrase);

  set_busy (self, TRUE);
  tess_await (future, self, on_done, (gpointer) words, NULL);
}

static void
on_set (TessAppLockPage *self)
{
  if (gtk_widget_get_sensitive (self->set))
    change (self, gtk_editable_get_text (self->entry),
            is_on (self) ? _("The passphrase was changed.") : _("The app lock is set."));
}

static void
on_remove (TessAppLockPage *self)
{
  change (self, NULL, _("The app lock was removed."));
}

/* Enter goes on to the next that is empty, or does what all of them are for. */
static void
on_activated (TessAppLockPage *self)
{
  GtkEditable *const order[] = { self->present, self->entry, self->again };

  for (size_t i = 0; i < G_N_ELEMENTS (order); i++)
    if (gtk_widget_get_visible (GTK_WIDGET (order[i])) && *gtk_editable_get_text (order[i]) == '\0')
      {
        gtk_widget_grab_focus (GTK_WIDGET (order[i]));
        return;
      }
  on_set (self);
}

AdwNavigationPage *
tess_app_lock_page_new (TessEngine *engine)
{
  TessAppLockPage *self = g_object_new (TESS_TYPE_APP_LOCK_PAGE, NULL);

  self->engine = g_object_ref (engine);
  show_state (self);
  return ADW_NAVIGATION_PAGE (self);
}

static void
tess_app_lock_page_dispose (GObject *object)
{
  g_clear_object (&TESS_APP_LOCK_PAGE (object)->engine);
  G_OBJECT_CLASS (tess_app_lock_page_parent_class)->dispose (object);
}

static void
tess_app_lock_page_class_init (TessAppLockPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_app_lock_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-app-lock-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, forgotten);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, group);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, present);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, entry);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, again);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, word);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, set);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, set_label);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TessAppLockPage, remove);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_set);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
}

static void
tess_app_lock_page_init (TessAppLockPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
