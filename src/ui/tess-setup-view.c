/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-setup-view.h"

#include "ui/tess-account-page.h"
#include "ui/tess-await.h"
#include "ui/tess-code-view.h"
#include "ui/tess-passphrase-page.h"
#include "ui/tess-proxy-settings.h"
#include "ui/tess-recovery-view.h"
#include "ui/tess-register-page.h"
#include "ui/tess-restore-page.h"
#include "ui/tess-settings.h"

#include <glib/gi18n.h>

struct _TessSetupView {
  AdwBin parent_instance;

  AdwNavigationView *navigation;
  GtkWidget *get_started;
  TessPassphrasePage *passphrase;
  TessAccountPage *account;
  TessRestorePage *restore;
  TessRegisterPage *creating;
  TessRecoveryView *recovery;
  GtkWidget *recovery_next;
  TessCodeView *code;

  TessEngine *engine;
  char *profile;
  gboolean restoring; /* goes on to a backup instead of a new account */
};

static guint done_signal;

G_DEFINE_FINAL_TYPE (TessSetupView, tess_setup_view, ADW_TYPE_BIN)

static void
take_engine (TessSetupView *self, TessEngine *engine)
{
  g_set_object (&self->engine, engine);
  tess_account_page_set_engine (self->account, engine);
  tess_code_view_set_engine (self->code, engine, NULL);
  tess_recovery_view_set_engine (self->recovery, engine);
  tess_restore_page_set_engine (self->restore, engine);
}

/* A profile is opened before anything comes into it: without a keyring that needs a passphrase. */
static void
go_on (TessSetupView *self)
{
  const char *next = self->restoring ? "restore" : "account";

  if (self->engine == NULL)
    adw_navigation_view_push_by_tag (self->navigation, "passphrase");
  else
    adw_navigation_view_push_by_tag (self->navigation, next);
}

static void
on_get_started (TessSetupView *self)
{
  self->restoring = FALSE;
  go_on (self);
}

static void
on_restore (TessSetupView *self)
{
  self->restoring = TRUE;
  go_on (self);
}

static void
on_opened (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessSetupView *self = owner;

  tess_passphrase_page_set_busy (self->passphrase, FALSE, error != NULL ? error->message : NULL);
  if (error != NULL)
    return;
  take_engine (self, g_value_get_object (value));
  adw_navigation_view_replace_with_tags (self->navigation,
                                         (const char *const[]){ "welcome", self->restoring ? "restore" : "account" }, 2);
}

static void
on_passphrase (TessSetupView *self)
{
  tess_passphrase_page_set_busy (self->passphrase, TRUE, NULL);
  tess_await (tess_engine_open (self->profile, tess_passphrase_page_get_passphrase (self->passphrase)), self, on_opened, NULL,
              NULL);
}

static void
on_done (TessSetupView *self)
{
  g_signal_emit (self, done_signal, 0, self->engine);
}

/* One's own code is new to those who are new here; a restored account goes on to its chats. */
static void
show_code (TessSetupView *self)
{
  g_object_set (tess_settings_get (), "setting-up", FALSE, NULL);
  if (self->restoring)
    on_done (self);
  else
    adw_navigation_view_replace_with_tags (self->navigation, (const char *const[]){ "code" }, 1);
}

/* What is kept under a passphrase is not in the keyring, and a code that was made before stays good. */
static void
show_recovery (TessSetupView *self)
{
  tess_engine_start (self->engine);
  if (tess_engine_get_recovery (self->engine) != TESS_RECOVERY_NONE)
    {
      show_code (self);
      return;
    }
  adw_navigation_view_replace_with_tags (self->navigation, (const char *const[]){ "recovery" }, 1);
  tess_recovery_view_make (self->recovery);
}

/* A code that cannot be made holds nobody up: the preferences make one later. */
static void
on_recovery_ended (TessSetupView *self)
{
  gtk_widget_set_sensitive (self->recovery_next, TRUE);
}

static void
on_recovery_next (TessSetupView *self)
{
  show_code (self);
}

static void
on_create (TessSetupView *self, const char *name, const char *relay, const char *invitation)
{
  adw_navigation_view_push_by_tag (self->navigation, "creating");
  tess_register_page_create (self->creating, self->engine, name, relay, invitation);
}

static void
on_given_up (TessSetupView *self)
{
  adw_navigation_view_pop_to_tag (self->navigation, "account");
}

/* There is no way back to a profile without the account. */
static void
on_restored (TessSetupView *self)
{
  self->restoring = TRUE;
  adw_navigation_view_replace_with_tags (self->navigation, (const char *const[]){ "creating" }, 1);
  tess_register_page_connect (self->creating, self->engine);
}

/* Which way connections go is chosen before the first one is made: no relay is asked while nobody has come to its field. */
static void
show_network (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TessSetupView *self = TESS_SETUP_VIEW (widget);

  g_signal_connect_object (tess_proxy_settings_present (widget, self->profile), "changed",
                           G_CALLBACK (tess_account_page_check_again), self->account, G_CONNECT_SWAPPED);
}

GtkWidget *
tess_setup_view_new (TessEngine *engine, const char *profile)
{
  TessSetupView *self = g_object_new (TESS_TYPE_SETUP_VIEW, NULL);

  self->profile = g_strdup (profile);
  if (engine != NULL)
    take_engine (self, engine);
  if (engine != NULL && tess_engine_get_registered (engine))
    show_recovery (self);
  else if (engine != NULL && tess_engine_get_restored (engine))
    on_restored (self);
  return GTK_WIDGET (self);
}

static gboolean
tess_setup_view_grab_focus (GtkWidget *widget)
{
  TessSetupView *self = TESS_SETUP_VIEW (widget);
  AdwNavigationPage *page = adw_navigation_view_get_visible_page (self->navigation);

  if (g_strcmp0 (adw_navigation_page_get_tag (page), "welcome") != 0)
    return gtk_widget_child_focus (GTK_WIDGET (page), GTK_DIR_TAB_FORWARD);
  return gtk_widget_grab_focus (self->get_started);
}

static void
tess_setup_view_dispose (GObject *object)
{
  TessSetupView *self = TESS_SETUP_VIEW (object);

  g_clear_object (&self->engine);
  g_clear_pointer (&self->profile, g_free);
  G_OBJECT_CLASS (tess_setup_view_parent_class)->dispose (object);
}

static void
tess_setup_view_class_init (TessSetupViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_setup_view_dispose;
  widget_class->grab_focus = tess_setup_view_grab_focus;
  done_signal = g_signal_new ("done", TESS_TYPE_SETUP_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                              TESS_TYPE_ENGINE);
  gtk_widget_class_install_action (widget_class, "setup.network", NULL, show_network);
  g_type_ensure (TESS_TYPE_PASSPHRASE_PAGE);
  g_type_ensure (TESS_TYPE_ACCOUNT_PAGE);
  g_type_ensure (TESS_TYPE_CODE_VIEW);
  g_type_ensure (TESS_TYPE_RECOVERY_VIEW);
  g_type_ensure (TESS_TYPE_REGISTER_PAGE);
  g_type_ensure (TESS_TYPE_RESTORE_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-setup-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessSetupView, navigation);
  gtk_widget_class_bind_template_child (widget_class, TessSetupView, get_started);
  gtk_widget_class_bind_template_child (widget_class, TessSetupView, passphrase);
  gtk_widget_class_bind_template_child (widget_class, TessSetupView, account);
  gtk_widget_class_bind_template_child (widget_class, TessSetupView, restore);
  gtk_widget_class_bind_template_child (widget_class, TessSetupView, creating);
  gtk_widget_class_bind_template_child (widget_class, TessSetupView, recovery);
  gtk_widget_class_bind_template_child (widget_class, TessSetupView, recovery_next);
  gtk_widget_class_bind_template_child (widget_class, TessSetupView, code);
  gtk_widget_class_bind_template_callback (widget_class, on_get_started);
  gtk_widget_class_bind_template_callback (widget_class, on_passphrase);
  gtk_widget_class_bind_template_callback (widget_class, on_create);
  gtk_widget_class_bind_template_callback (widget_class, on_given_up);
  gtk_widget_class_bind_template_callback (widget_class, on_restore);
  gtk_widget_class_bind_template_callback (widget_class, on_restored);
  gtk_widget_class_bind_template_callback (widget_class, show_recovery);
  gtk_widget_class_bind_template_callback (widget_class, on_recovery_ended);
  gtk_widget_class_bind_template_callback (widget_class, on_recovery_next);
  gtk_widget_class_bind_template_callback (widget_class, on_done);
}

static void
tess_setup_view_init (TessSetupView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
