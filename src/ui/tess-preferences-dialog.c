/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-preferences-dialog.h"

#include "ui/tess-app-lock-group.h"
#include "ui/tess-avatar.h"
#include "ui/tess-await.h"
#include "ui/tess-background.h"
#include "ui/tess-backup-group.h"
#include "ui/tess-portal.h"
#include "ui/tess-proxy-settings.h"
#include "ui/tess-recovery-settings.h"
#include "ui/tess-settings.h"

#include <glib/gi18n.h>
#include <string.h>

struct _TessPreferencesDialog {
  AdwPreferencesDialog parent_instance;

  AdwComboRow *appearance;
  AdwSwitchRow *receipts;
  AdwSwitchRow *typing;
  AdwSwitchRow *notifications;
  AdwSwitchRow *message_text;
  AdwSwitchRow *background;
  AdwSwitchRow *autostart;
  AdwSwitchRow *enter_sends;
  AdwSwitchRow *spelling;
  AdwActionRow *name;
  AdwActionRow *relay;
  AdwActionRow *link;
  GtkEditable *directory_name;
  TessProxySettings *network;
  GtkWidget *recovery_group;
  AdwActionRow *recovery;
  AdwActionRow *usage;
  TessAppLockGroup *app_lock;
  TessBackupGroup *backup;
  AdwPreferencesGroup *blocked;

  TessEngine *engine;
  char *profile;
  char *claimed; /* the name at the relay that was shown last */
  GPtrArray *blocked_rows; /* GtkWidget, borrowed */
};

G_DEFINE_FINAL_TYPE (TessPreferencesDialog, tess_preferences_dialog, ADW_TYPE_PREFERENCES_DIALOG)

static void
say (TessPreferencesDialog *self, const char *text)
{
  AdwToast *toast = adw_toast_new ("");

  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_title (toast, text);
  adw_preferences_dialog_add_toast (ADW_PREFERENCES_DIALOG (self), toast);
}

/* The switches stand as the engine says, whatever was tried. */
static void
show_told (TessPreferencesDialog *self)
{
  adw_switch_row_set_active (self->receipts, tess_engine_get_receipts_told (self->engine));
  adw_switch_row_set_active (self->typing, tess_engine_get_typing_told (self->engine));
}

static void
on_failed (gpointer owner, const GError *error)
{
  say (owner, error->message);
  show_told (owner);
}

static void
on_receipts (TessPreferencesDialog *self)
{
  gboolean told = adw_switch_row_get_active (self->receipts);

  if (told != tess_engine_get_receipts_told (self->engine))
    tess_await_failure (tess_engine_set_receipts_told (self->engine, told), self, on_failed);
}

static void
on_typing (TessPreferencesDialog *self)
{
  gboolean told = adw_switch_row_get_active (self->typing);

  if (told != tess_engine_get_typing_told (self->engine))
    tess_await_failure (tess_engine_set_typing_told (self->engine, told), self, on_failed);
}

/* The switches stand as it was granted. */
static void
show_background (TessPreferencesDialog *self)
{
  TessSettings *settings = tess_settings_get ();
  gboolean background = tess_settings_get_background (settings), autostart = tess_settings_get_autostart (settings);

  adw_switch_row_set_active (self->background, background);
  adw_switch_row_set_active (self->autostart, autostart);
}

static void
on_granted (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessPreferencesDialog *self = owner;
  guint wanted = GPOINTER_TO_UINT (data), granted = error == NULL ? g_value_get_uint (value) : 0;

  /* What is given up needs nobody's leave. */
  if (error == NULL || wanted == 0)
    g_object_set (tess_settings_get (), "background", (granted & TESS_BACKGROUND_RUN) != 0, "autostart",
                  (granted & TESS_BACKGROUND_LOGIN) != 0, NULL);
  if (granted != wanted)
    say (self, error == NULL || g_error_matches (error, TESS_PORTAL_ERROR, TESS_PORTAL_ERROR_DENIED)
                 ? _("Your desktop does not allow this.")
                 : error->message);
  show_background (self);
}

static void
on_background (TessPreferencesDialog *self)
{
  TessSettings *settings = tess_settings_get ();
  gboolean background = adw_switch_row_get_active (self->background);
  gboolean autostart = background && adw_switch_row_get_active (self->autostart);
  guint wanted = (background ? TESS_BACKGROUND_RUN : 0u) | (autostart ? TESS_BACKGROUND_LOGIN : 0u);

  if (background == tess_settings_get_background (settings) && autostart == tess_settings_get_autostart (settings))
    return;
  tess_await (tess_background_request (wanted, g_application_get_application_id (g_application_get_default ()), self->profile),
              self, on_granted, GUINT_TO_POINTER (wanted), NULL);
}

static void
on_claimed (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessPreferencesDialog *self = owner;
  const char *name = tess_engine_get_directory_name (self->engine), *origin = tess_engine_get_relay (self->engine);
  const char *host = strstr (origin, "://");
  g_autofree char *text = NULL;

  if (error != NULL)
    text = g_strdup (error->message);
  else if (*name == '\0')
    text = g_strdup (_("Nobody finds you by a name any more"));
  else
    /* Translators: a name and its relay, such as bob@relay.example.org */
    text = g_strdup_printf (_("Others find you as %s@%s"), name, host != NULL ? host + strlen ("://") : origin);
  say (self, text);
}

/* What a person is typing there is not taken from them; capitals are as good as the small letters that names have. */
static void
show_directory_name (TessPreferencesDialog *self)
{
  const char *name = tess_engine_get_directory_name (self->engine), *text = gtk_editable_get_text (self->directory_name);

  if (g_ascii_strcasecmp (text, self->claimed) == 0 || g_ascii_strcasecmp (text, name) == 0)
    gtk_editable_set_text (self->directory_name, name);
  g_set_str (&self->claimed, name);
}

static void
on_directory_name (TessPreferencesDialog *self)
{
  g_autofree char *name = g_strstrip (g_ascii_strdown (gtk_editable_get_text (self->directory_name), -1));

  tess_await (tess_engine_claim_name (self->engine, name), self, on_claimed, NULL, NULL);
}

static void
show_account (TessPreferencesDialog *self)
{
  adw_action_row_set_subtitle (self->name, tess_engine_get_name (self->engine));
  adw_action_row_set_subtitle (self->relay, tess_engine_get_relay (self->engine));
  adw_action_row_set_subtitle (self->link, tess_engine_get_link_message (self->engine));
}

/* A profile under a passphrase has nothing to recover from a keyring. */
static void
show_recovery (TessPreferencesDialog *self)
{
  TessRecoveryState state = tess_engine_get_recovery (self->engine);
  const char *words = _("Not made yet: if the keyring loses your keys, your messages are lost");

  if (state == TESS_RECOVERY_CODE)
    words = _("Made: it brings your keys back when the keyring loses them");
  else if (state == TESS_RECOVERY_CODE_AND_PASSPHRASE)
    words = _("Made, and a passphrase beside it");
  else if (state == TESS_RECOVERY_DAMAGED)
    words = _("Its file is damaged: make a new one");
  adw_action_row_set_subtitle (self->recovery, words);
  gtk_widget_set_visible (self->recovery_group, state != TESS_RECOVERY_UNUSED);
}

static void
on_recovery (TessPreferencesDialog *self)
{
  AdwNavigationPage *page = tess_recovery_settings_new (self->engine);

  g_signal_connect_object (page, "changed", G_CALLBACK (show_recovery), self, G_CONNECT_SWAPPED);
  adw_preferences_dialog_push_subpage (ADW_PREFERENCES_DIALOG (self), page);
}

static void
on_measured (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  const TessUsage *usage = error == NULL ? g_value_get_boxed (value) : NULL;
  g_autofree char *size = usage != NULL ? g_format_size (usage->bytes) : NULL;
  g_autofree char *number = usage != NULL ? g_strdup_printf ("%'" G_GUINT64_FORMAT, usage->messages) : NULL;
  g_autofree char *words = NULL;

  if (usage != NULL)
    /* Translators: %1$s is a size such as 2.1 MB, %2$s a number */
    words = g_strdup_printf (g_dngettext (NULL, "%1$s, with %2$s message", "%1$s, with %2$s messages", usage->messages), size,
                             number);
  adw_action_row_set_subtitle (TESS_PREFERENCES_DIALOG (owner)->usage, usage != NULL ? words : error->message);
}

static void
on_unblock (TessPreferencesDialog *self, GtkWidget *button)
{
  tess_await_failure (tess_engine_set_blocked (self->engine, g_object_get_data (G_OBJECT (button), "conversation"), FALSE), self,
                      on_failed);
}

static GtkWidget *
blocked_row (TessPreferencesDialog *self, TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  GtkWidget *row = adw_action_row_new (), *avatar = adw_avatar_new (32, NULL, TRUE);
  GtkWidget *button = gtk_button_new_with_mnemonic (C_("a contact", "_Unblock"));

  tess_avatar_show (ADW_AVATAR (avatar), tess_contact_get_name (contact), tess_contact_get_key_text (contact));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), tess_contact_get_name (contact));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), avatar);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "conversation", g_object_ref (conversation), g_object_unref);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_unblock), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

/* Those who are blocked, also those whose chat was deleted; each conversation is watched once. */
static void
show_blocked (TessPreferencesDialog *self)
{
  GListModel *conversations = tess_engine_get_everyone (self->engine);
  guint n = g_list_model_get_n_items (conversations);

  for (guint i = 0; i < self->blocked_rows->len; i++)
    adw_preferences_group_remove (self->blocked, self->blocked_rows->pdata[i]);
  g_ptr_array_set_size (self->blocked_rows, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (conversations, i);
      TessContact *contact = tess_conversation_get_contact (conversation);

      if (g_signal_handler_find (contact, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, self) == 0)
        g_signal_connect_object (contact, "notify::blocked", G_CALLBACK (show_blocked), self, G_CONNECT_SWAPPED);
      if (!tess_contact_get_blocked (contact))
        continue;
      g_ptr_array_add (self->blocked_rows, blocked_row (self, conversation));
      adw_preferences_group_add (self->blocked, self->blocked_rows->pdata[self->blocked_rows->len - 1]);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->blocked), self->blocked_rows->len > 0);
}

AdwDialog *
tess_preferences_dialog_new (TessEngine *engine, const char *profile)
{
  TessPreferencesDialog *self = g_object_new (TESS_TYPE_PREFERENCES_DIALOG, NULL);
  const GBindingFlags both = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;
  TessSettings *settings = tess_settings_get ();

  self->engine = g_object_ref (engine);
  self->profile = g_strdup (profile);
  g_object_bind_property (settings, "appearance", self->appearance, "selected", both);
  g_object_bind_property (settings, "notifications", self->notifications, "active", both);
  g_object_bind_property (settings, "message-text", self->message_text, "active", both);
  g_object_bind_property (settings, "enter-sends", self->enter_sends, "active", both);
  g_object_bind_property (settings, "spelling", self->spelling, "active", both);
  g_signal_connect_object (engine, "notify", G_CALLBACK (show_account), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "notify::receipts-told", G_CALLBACK (show_told), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "notify::typing-told", G_CALLBACK (show_told), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "notify::directory-name", G_CALLBACK (show_directory_name), self, G_CONNECT_SWAPPED);
  tess_proxy_settings_set_profile (self->network, profile);
  show_directory_name (self);
  show_told (self);
  show_background (self);
  show_account (self);
  show_recovery (self);
  show_blocked (self);
  tess_await (tess_engine_measure (engine), self, on_measured, NULL, NULL);
  tess_app_lock_group_set_engine (self->app_lock, engine);
  tess_backup_group_set_engine (self->backup, engine);
  return ADW_DIALOG (self);
}

static void
tess_preferences_dialog_dispose (GObject *object)
{
  g_clear_object (&TESS_PREFERENCES_DIALOG (object)->engine);
  G_OBJECT_CLASS (tess_preferences_dialog_parent_class)->dispose (object);
}

static void
tess_preferences_dialog_finalize (GObject *object)
{
  g_ptr_array_unref (TESS_PREFERENCES_DIALOG (object)->blocked_rows);
  g_free (TESS_PREFERENCES_DIALOG (object)->profile);
  g_free (TESS_PREFERENCES_DIALOG (object)->claimed);
  G_OBJECT_CLASS (tess_preferences_dialog_parent_class)->finalize (object);
}

static void
tess_preferences_dialog_class_init (TessPreferencesDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_preferences_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = tess_preferences_dialog_finalize;
  g_type_ensure (TESS_TYPE_PROXY_SETTINGS);
  g_type_ensure (TESS_TYPE_APP_LOCK_GROUP);
  g_type_ensure (TESS_TYPE_BACKUP_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-preferences-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, appearance);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, receipts);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, typing);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, notifications);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, message_text);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, background);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, autostart);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, enter_sends);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, spelling);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, name);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, relay);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, link);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, directory_name);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, network);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, recovery_group);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, recovery);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, usage);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, app_lock);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, backup);
  gtk_widget_class_bind_template_child (widget_class, TessPreferencesDialog, blocked);
  gtk_widget_class_bind_template_callback (widget_class, on_recovery);
  gtk_widget_class_bind_template_callback (widget_class, on_directory_name);
  gtk_widget_class_bind_template_callback (widget_class, on_receipts);
  gtk_widget_class_bind_template_callback (widget_class, on_background);
  gtk_widget_class_bind_template_callback (widget_class, on_typing);
}

static void
tess_preferences_dialog_init (TessPreferencesDialog *self)
{
  self->blocked_rows = g_ptr_array_new ();
  self->claimed = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
}
