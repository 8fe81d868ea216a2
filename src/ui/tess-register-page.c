/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-register-page.h"

#include "ui/tess-await.h"
#include "ui/tess-settings.h"

#include <glib/gi18n.h>

struct _TessRegisterPage {
  AdwNavigationPage parent_instance;

  GtkStack *stack;
  AdwStatusPage *busy;
  AdwStatusPage *failure;
  GtkWidget *cancel;
  GtkWidget *asked; /* for an invitation */
  GtkEditable *invitation;
  GtkWidget *again;
  GtkWidget *change;
  GtkWidget *network;

  TessEngine *engine;
  char *name, *relay;
  gboolean is_restored; /* the account is not new */
  guint attempt;
};

static guint registered_signal, given_up_signal;

G_DEFINE_FINAL_TYPE (TessRegisterPage, tess_register_page, ADW_TYPE_NAVIGATION_PAGE)

static void
show_failure (TessRegisterPage *self, const char *reason)
{
  g_autofree char *escaped = g_markup_escape_text (reason, -1);

  adw_status_page_set_description (self->failure, escaped);
  gtk_stack_set_visible_child_name (self->stack, "failed");
  gtk_widget_grab_focus (gtk_widget_get_visible (self->asked) ? GTK_WIDGET (self->invitation) : self->again);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), reason, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
on_registered (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessRegisterPage *self = owner;
  g_autofree char *words = NULL;

  /* An attempt that was given up and succeeds after all is an account all the same. */
  if (error == NULL)
    {
      self->attempt++;
      g_signal_emit (self, registered_signal, 0);
      return;
    }
  if (GPOINTER_TO_UINT (data) != self->attempt)
    return;
  if (self->is_restored && g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_INVITATION))
    gtk_widget_set_visible (self->asked, TRUE);
  if (self->is_restored)
    words = g_strconcat (error->message, " ", _("Your chats are safe here meanwhile."), NULL);
  show_failure (self, words != NULL ? words : error->message);
}

/* Whoever is interrupted before the recovery code is written down is brought back to it. */
static void
on_try_again (TessRegisterPage *self)
{
  g_autofree char *invitation = g_strstrip (g_strdup (gtk_editable_get_text (self->invitation)));

  g_object_set (tess_settings_get (), "setting-up", TRUE, NULL);
  gtk_stack_set_visible_child_name (self->stack, "busy");
  gtk_widget_grab_focus (self->cancel);
  tess_await (tess_engine_register (self->engine, self->name, self->relay, *invitation != '\0' ? invitation : NULL), self,
              on_registered, GUINT_TO_POINTER (++self->attempt), NULL);
}

static void
on_change (TessRegisterPage *self)
{
  self->attempt++;
  g_signal_emit (self, given_up_signal, 0);
}

/* Who has restored a backup can go nowhere from here, but may stop to choose another way of connecting. */
static void
on_cancel (TessRegisterPage *self)
{
  if (!self->is_restored)
    {
      on_change (self);
      return;
    }
  self->attempt++;
  show_failure (self, _("Your chats are back. They are shown once the relay knows this computer."));
}

static void
take (TessRegisterPage *self, TessEngine *engine, const char *name, const char *relay, const char *invitation)
{
  g_set_object (&self->engine, engine);
  g_set_str (&self->name, name);
  g_set_str (&self->relay, relay);
  gtk_editable_set_text (self->invitation, invitation != NULL ? invitation : "");
}

void
tess_register_page_create (TessRegisterPage *self, TessEngine *engine, const char *name, const char *relay,
                           const char *invitation)
{
  take (self, engine, name, relay, invitation);
  on_try_again (self);
}

void
tess_register_page_connect (TessRegisterPage *self, TessEngine *engine)
{
  const char *relay = tess_engine_get_relay (engine);
  g_autofree char *escaped = g_markup_escape_text (relay, -1), *words = NULL;

  /* Translators: %s is the address of a relay */
  words = g_strdup_printf (_("Your chats are back. The relay %s is told that your messages are fetched from this computer now."),
                           escaped);
  self->is_restored = TRUE;
  adw_navigation_page_set_title (ADW_NAVIGATION_PAGE (self), _("Connecting"));
  adw_status_page_set_title (self->busy, _("Connecting"));
  adw_status_page_set_description (self->busy, words);
  adw_status_page_set_title (self->failure, _("Not Connected Yet"));
  gtk_widget_set_visible (self->change, FALSE);
  gtk_widget_set_visible (self->network, TRUE);
  take (self, engine, tess_engine_get_name (engine), relay, NULL);
  on_try_again (self);
}

static void
tess_register_page_dispose (GObject *object)
{
  TessRegisterPage *self = TESS_REGISTER_PAGE (object);

  g_clear_object (&self->engine);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->relay, g_free);
  G_OBJECT_CLASS (tess_register_page_parent_class)->dispose (object);
}

static void
tess_register_page_class_init (TessRegisterPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_register_page_dispose;
  registered_signal
    = g_signal_new ("registered", TESS_TYPE_REGISTER_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  given_up_signal = g_signal_new ("given-up", TESS_TYPE_REGISTER_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-register-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TessRegisterPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TessRegisterPage, busy);
  gtk_widget_class_bind_template_child (widget_class, TessRegisterPage, failure);
  gtk_widget_class_bind_template_child (widget_class, TessRegisterPage, cancel);
  gtk_widget_class_bind_template_child (widget_class, TessRegisterPage, asked);
  gtk_widget_class_bind_template_child (widget_class, TessRegisterPage, invitation);
  gtk_widget_class_bind_template_child (widget_class, TessRegisterPage, again);
  gtk_widget_class_bind_template_child (widget_class, TessRegisterPage, change);
  gtk_widget_class_bind_template_child (widget_class, TessRegisterPage, network);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_try_again);
  gtk_widget_class_bind_template_callback (widget_class, on_change);
}

static void
tess_register_page_init (TessRegisterPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
