/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-window.h"

#include "ui/tess-about.h"
#include "ui/tess-auto-lock.h"
#include "ui/tess-await.h"
#include "ui/tess-background.h"
#include "ui/tess-code-dialog.h"
#include "ui/tess-details-dialog.h"
#include "ui/tess-lock.h"
#include "ui/tess-main-view.h"
#include "ui/tess-new-chat-dialog.h"
#include "ui/tess-notifier.h"
#include "ui/tess-preferences-dialog.h"
#include "ui/tess-problem-page.h"
#include "ui/tess-recover-page.h"
#include "ui/tess-settings.h"
#include "ui/tess-setup-view.h"
#include "ui/tess-toast.h"
#include "ui/tess-unlock-page.h"
#include "ui/tess-window-state.h"

#include <glib/gi18n.h>

/* Opening that takes no longer shows no spinner. */
#define SPINNER_PATIENCE_MS 400

struct _TessWindow {
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkStack *stack;
  GtkRevealer *opening;
  GtkEventController *keys;

  char *profile;
  TessWindowState state;
  TessEngine *engine;
  TessMainView *main_view;  /* once there are chats, else NULL */
  TessNotifier *notifier;   /* the same */
  TessAutoLock *auto_lock;
  TessUnlockPage *unlock;   /* while it is on the screen, else NULL */
  TessRecoverPage *recover; /* the same */
  char *address;            /* to be added once there are chats, or NULL */
  gint64 chat;              /* to be opened then, or 0 */
  char *searched;           /* to be searched for then, or NULL */
  DexPromise *tried;        /* resolved: no quiet opening is under way */
  guint spinner_source;
  gboolean quiet, quitting, closing, locking;
};

G_DEFINE_FINAL_TYPE (TessWindow, tess_window, ADW_TYPE_APPLICATION_WINDOW)

static void open_profile (TessWindow *self, const char *passphrase);
static AdwDialog *open_dialog (TessWindow *self);
static void save_state (TessWindow *self);
static void recover_profile (TessWindow *self, TessRecoverPage *page);

/* Nobody comes back to the page that a window begins with. What is in the stack unseen still watches the window's actions, and
 * while it does GTK 4.18 keeps a word of each other watcher that came and went (docs/architecture.md). */
static void
drop_first_page (TessWindow *self)
{
  GtkWidget *page = gtk_stack_get_child_by_name (self->stack, "opening");

  if (page != NULL && page != gtk_stack_get_visible_child (self->stack) && !gtk_stack_get_transition_running (self->stack))
    gtk_stack_remove (self->stack, page);
}

/* Shows @page instead of whatever was there. */
static void
show_page (TessWindow *self, GtkWidget *page)
{
  GtkWidget *old = gtk_stack_get_visible_child (self->stack);

  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  self->unlock = TESS_IS_UNLOCK_PAGE (page) ? TESS_UNLOCK_PAGE (page) : NULL;
  self->recover = TESS_IS_RECOVER_PAGE (page) ? TESS_RECOVER_PAGE (page) : NULL;
  gtk_stack_add_child (self->stack, page);
  gtk_stack_set_visible_child (self->stack, page);
  /* started without a window, and something has to be done first */
  if (!TESS_IS_MAIN_VIEW (page) && !self->locking && !gtk_widget_get_visible (GTK_WIDGET (self)))
    gtk_window_present (GTK_WINDOW (self));
  if (old != NULL && g_strcmp0 (gtk_stack_page_get_name (gtk_stack_get_page (self->stack, old)), "opening") != 0)
    gtk_stack_remove (self->stack, old);
  drop_first_page (self);
}

/* There is something to be locked, and a passphrase to open it with. */
static gboolean
can_lock (TessWindow *self)
{
  return self->main_view != NULL && !self->closing && tess_engine_get_app_lock (self->engine) != TESS_APP_LOCK_OFF;
}

static void
update_actions (TessWindow *self)
{
  static const char *const actions[] = { "win.new-chat", "win.show-code", "win.chat-next", "win.chat-previous",
                                         "win.chat-number", "win.next-pane", "win.unread-next", "win.unread-previous",
                                         "win.search", "win.search-chat", "win.preferences", "win.show-notes" };

  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), actions[i], self->main_view != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.lock", can_lock (self));
}

/* The window in front, with the chats in it and not below a dialog. FALSE: there are none yet. */
static gboolean
come_forward (TessWindow *self, const char *token)
{
  AdwDialog *dialog = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (self));

  if (token != NULL)
    gtk_window_set_startup_id (GTK_WINDOW (self), token);
  gtk_window_present (GTK_WINDOW (self));
  if (self->main_view == NULL)
    return FALSE;
  if (dialog != NULL)
    adw_dialog_close (dialog);
  return TRUE;
}

void
tess_window_open_chat (TessWindow *self, gint64 id, const char *token)
{
  if (come_forward (self, token))
    tess_main_view_open (self->main_view, id);
  else
    self->chat = id;
}

void
tess_window_search (TessWindow *self, const char *text)
{
  if (come_forward (self, NULL))
    tess_main_view_search (self->main_view, text);
  else
    g_set_str (&self->searched, text);
}

static void
on_unsent (TessWindow *self, gint64 id, const char *text, const char *why)
{
  tess_window_open_chat (self, id, NULL);
  tess_main_view_offer (self->main_view, id, text);
  tess_toast (GTK_WIDGET (self->stack), why);
}

static void
watch_messages (TessWindow *self)
{
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));

  self->notifier = tess_notifier_new (self->engine, self->main_view, g_application_get_dbus_connection (application));
  g_signal_connect_object (self->notifier, "open", G_CALLBACK (tess_window_open_chat), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->notifier, "unsent", G_CALLBACK (on_unsent), self, G_CONNECT_SWAPPED);
}

/* For the list of apps that run in the background. */
static void
tell_status (TessWindow *self)
{
  TessLinkState state = tess_engine_get_link_state (self->engine);

  if (!gtk_widget_get_visible (GTK_WIDGET (self)) && !self->closing)
    tess_background_tell (self->main_view == NULL      ? _("Locked: no messages are received")
                          : state == TESS_LINK_ONLINE  ? _("Receiving messages")
                          : state == TESS_LINK_REFUSED ? _("The relay refuses this device")
                                                       : _("Waiting for a connection"));
}

static void
drop_notifier (TessWindow *self)
{
  if (self->notifier != NULL)
    g_object_run_dispose (G_OBJECT (self->notifier));
  g_clear_object (&self->notifier);
}

static void
show_chats (TessWindow *self, TessEngine *engine)
{
  g_autofree char *address = g_steal_pointer (&self->address), *searched = g_steal_pointer (&self->searched);

  g_set_object (&self->engine, engine);
  self->main_view = TESS_MAIN_VIEW (tess_main_view_new (engine, self->state.conversation));
  watch_messages (self);
  g_signal_connect_object (engine, "notify::link-state", G_CALLBACK (tell_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "notify::app-lock", G_CALLBACK (update_actions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_lock_get (), "woke", G_CALLBACK (tess_engine_renew), engine, G_CONNECT_SWAPPED);
  tess_auto_lock_begin (self->auto_lock);
  if (!self->quiet)
    tess_engine_start (engine);
  show_page (self, GTK_WIDGET (self->main_view));
  update_actions (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->main_view));
  if (self->chat != 0)
    tess_main_view_open (self->main_view, self->chat);
  if (searched != NULL)
    tess_main_view_search (self->main_view, searched);
  if (address != NULL)
    tess_window_add_address (self, address);
}

static void
on_setup_done (TessWindow *self, TessEngine *engine)
{
  show_chats (self, engine);
}

static void
show_setup (TessWindow *self)
{
  GtkWidget *setup = tess_setup_view_new (self->engine, self->profile);

  g_signal_connect_object (setup, "done", G_CALLBACK (on_setup_done), self, G_CONNECT_SWAPPED);
  show_page (self, setup);
  gtk_widget_grab_focus (setup);
}

static void
on_unlock (TessWindow *self, TessUnlockPage *page)
{
  tess_unlock_page_set_busy (page, TRUE, NULL);
  open_profile (self, tess_unlock_page_get_passphrase (page));
}

static void
on_try_again (TessWindow *self)
{
  open_profile (self, NULL);
}

static void
on_recover (TessWindow *self, TessRecoverPage *page)
{
  tess_recover_page_set_busy (page, TRUE, NULL);
  recover_profile (self, page);
}

static void
show_recover (TessWindow *self, void (*set_reason) (TessRecoverPage *page))
{
  GtkWidget *page = g_object_new (TESS_TYPE_RECOVER_PAGE, NULL);

  g_signal_connect_object (page, "recover", G_CALLBACK (on_recover), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "try-again", G_CALLBACK (on_try_again), self, G_CONNECT_SWAPPED);
  if (set_reason != NULL)
    set_reason (TESS_RECOVER_PAGE (page));
  show_page (self, page);
  tess_recover_page_set_busy (TESS_RECOVER_PAGE (page), FALSE, NULL);
}

/* A file that is damaged is no code that is wrong: nothing that is typed helps. */
static gboolean
can_type_again (const GError *error)
{
  return g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_RECOVERY_WRONG)
         || g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_WRONG)
         || g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
}

static void
on_recover_instead (TessWindow *self)
{
  show_recover (self, tess_recover_page_set_locked);
}

static void
show_unlock (TessWindow *self, gboolean recoverable)
{
  GtkWidget *page = g_object_new (TESS_TYPE_UNLOCK_PAGE, NULL);

  g_signal_connect_object (page, "unlock", G_CALLBACK (on_unlock), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "recover", G_CALLBACK (on_recover_instead), self, G_CONNECT_SWAPPED);
  if (recoverable)
    tess_unlock_page_set_recoverable (TESS_UNLOCK_PAGE (page));
  show_page (self, page);
  tess_unlock_page_set_busy (TESS_UNLOCK_PAGE (page), FALSE, NULL);
}

static void
on_locked (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessWindow *self = owner;

  self->locking = FALSE;
  g_clear_object (&self->engine);
  if (self->closing)
    gtk_window_destroy (GTK_WINDOW (self));
  else if (self->unlock != NULL)
    tess_unlock_page_set_busy (self->unlock, FALSE, NULL);
}

/* The chats, dialogs, notifications and words on the screen go at once; the engine, and its keys with it, when what is under way
 * is committed. The page asks for the passphrase then, as at the start. FALSE: there was nothing to lock. */
static gboolean
lock (TessWindow *self)
{
  TessRecoveryState recovery;
  AdwDialog *dialog;

  if (!can_lock (self))
    return FALSE;
  recovery = tess_engine_get_recovery (self->engine);
  save_state (self);
  self->locking = TRUE;
  while ((dialog = open_dialog (self)) != NULL)
    adw_dialog_force_close (dialog);
  adw_toast_overlay_dismiss_all (self->toasts);
  drop_notifier (self);
  self->main_view = NULL;
  update_actions (self);
  show_unlock (self, recovery == TESS_RECOVERY_CODE || recovery == TESS_RECOVERY_CODE_AND_PASSPHRASE);
  tess_unlock_page_set_locked (self->unlock);
  tess_unlock_page_set_busy (self->unlock, TRUE, NULL);
  tell_status (self);
  tess_await (tess_engine_close (self->engine), self, on_locked, NULL, NULL);
  return TRUE;
}

static void
show_failure (TessWindow *self, const GError *error)
{
  GtkWidget *page;

  if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_NEEDED))
    show_unlock (self, FALSE);
  else if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_OR_CODE))
    show_unlock (self, TRUE);
  else if (self->unlock != NULL && g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_WRONG))
    tess_unlock_page_set_busy (self->unlock, FALSE, _("This is not the passphrase. Try again."));
  else if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_RECOVERY_NEEDED))
    show_recover (self, NULL);
  else if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_KEYRING_AWAY))
    show_recover (self, tess_recover_page_set_away);
  else if (self->recover != NULL && g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_KEYRING_UNREACHABLE))
    tess_recover_page_ask_passphrase (self->recover);
  else if (self->recover != NULL && can_type_again (error))
    tess_recover_page_set_busy (self->recover, FALSE, error->message);
  else if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NO_KEYRING))
    show_setup (self);
  else
    {
      page = tess_problem_page_new (error, self->profile);
      g_signal_connect_object (page, "try-again", G_CALLBACK (on_try_again), self, G_CONNECT_SWAPPED);
      show_page (self, page);
    }
}

/* An account, and a recovery code where there has to be one: first start may have been interrupted between the two. */
static gboolean
is_set_up (TessEngine *engine)
{
  return tess_engine_get_registered (engine)
         && (!tess_settings_get_setting_up (tess_settings_get ()) || tess_engine_get_recovery (engine) != TESS_RECOVERY_NONE);
}

static void
on_opened (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessWindow *self = owner;

  g_clear_handle_id (&self->spinner_source, g_source_remove);
  if (error != NULL)
    {
      show_failure (self, error);
      return;
    }
  g_set_object (&self->engine, g_value_get_object (value));
  if (is_set_up (self->engine))
    show_chats (self, self->engine);
  else
    show_setup (self);
}

static gboolean
show_spinner (gpointer data)
{
  TessWindow *self = data;

  self->spinner_source = 0;
  gtk_revealer_set_reveal_child (self->opening, TRUE);
  return G_SOURCE_REMOVE;
}

/* The database is opened in the same step, so that a right code shows the chats. */
static void
recover_profile (TessWindow *self, TessRecoverPage *page)
{
  tess_await (tess_engine_recover (self->profile, tess_recover_page_get_code (page), tess_recover_page_get_passphrase (page)),
              self, on_opened, NULL, NULL);
}

static void
open_profile (TessWindow *self, const char *passphrase)
{
  g_clear_handle_id (&self->spinner_source, g_source_remove);
  self->spinner_source = g_timeout_add (SPINNER_PATIENCE_MS, show_spinner, self);
  tess_await (tess_engine_open (self->profile, passphrase), self, on_opened, NULL, NULL);
}

/* Somebody sees it, or wants it to receive: what was not done quietly. */
static void
go_on (TessWindow *self)
{
  if (self->main_view != NULL)
    tess_engine_start (self->engine);
  else if (self->engine != NULL)
    show_setup (self);
  else
    open_profile (self, NULL);
}

static void
on_tried (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessWindow *self = owner;

  g_clear_handle_id (&self->spinner_source, g_source_remove);
  if (error != NULL)
    g_debug ("not opened quietly: %s", error->message);
  else
    g_set_object (&self->engine, g_value_get_object (value));
  if (self->engine != NULL && is_set_up (self->engine))
    show_chats (self, self->engine);
  dex_promise_resolve_boolean (self->tried, TRUE);
  if (!self->quiet)
    go_on (self);
}

void
tess_window_stay (TessWindow *self)
{
  if (!self->quiet)
    return;
  self->quiet = FALSE;
  if (dex_future_is_pending (DEX_FUTURE (self->tried)))
    self->spinner_source = g_timeout_add (SPINNER_PATIENCE_MS, show_spinner, self);
  else
    go_on (self);
}

gboolean
tess_window_is_quiet (TessWindow *self)
{
  return self->quiet;
}

DexFuture *
tess_window_await_quiet (TessWindow *self)
{
  return dex_ref (DEX_FUTURE (self->tried));
}

TessEngine *
tess_window_get_engine (TessWindow *self)
{
  return self->main_view != NULL && !self->closing ? self->engine : NULL;
}

TessWindow *
tess_window_find (GtkApplication *application)
{
  GList *windows = gtk_application_get_windows (application);

  while (windows != NULL && !TESS_IS_WINDOW (windows->data))
    windows = windows->next;
  return windows != NULL ? windows->data : NULL;
}

static void
tess_window_show (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (tess_window_parent_class)->show (widget);
  tess_window_stay (TESS_WINDOW (widget));
}

static AdwDialog *
open_dialog (TessWindow *self)
{
  return adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (self));
}

void
tess_window_add_address (TessWindow *self, const char *text)
{
  AdwDialog *dialog = open_dialog (self);

  if (self->main_view == NULL)
    g_set_str (&self->address, text);
  else if (dialog != NULL && TESS_IS_NEW_CHAT_DIALOG (dialog) && text != NULL)
    tess_new_chat_dialog_set_text (TESS_NEW_CHAT_DIALOG (dialog), text);
  else
    adw_dialog_present (tess_new_chat_dialog_new (self->engine, text), GTK_WIDGET (self));
}

/* What has a key of its own, which nothing below an open dialog may take. */
static gboolean
is_for_chats (const char *action)
{
  return g_str_has_prefix (action, "win.chat-") || g_str_has_prefix (action, "win.unread-")
         || g_str_has_prefix (action, "win.search") || g_str_equal (action, "win.next-pane")
         || g_str_equal (action, "win.new-chat") || g_str_equal (action, "win.preferences");
}

void
tess_window_show_about (TessWindow *self)
{
  TessLinkState link = self->engine != NULL ? tess_engine_get_link_state (self->engine) : TESS_LINK_OFFLINE;

  adw_dialog_present (tess_about_dialog_new (GTK_WIDGET (self), link), GTK_WIDGET (self));
}

static void
show_details (TessWindow *self, gint64 id)
{
  GListModel *conversations = tess_engine_get_conversations (self->engine);
  guint n = g_list_model_get_n_items (conversations);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (conversations, i);

      if (tess_conversation_get_id (conversation) == id)
        {
          adw_dialog_present (tess_details_dialog_new (self->engine, conversation), GTK_WIDGET (self));
          return;
        }
    }
}

static void
on_notes (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessWindow *self = owner;

  if (error != NULL)
    tess_toast (GTK_WIDGET (self->stack), error->message);
  else if (self->main_view != NULL)
    tess_main_view_open (self->main_view, tess_conversation_get_id (g_value_get_object (value)));
}

static void
on_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TessWindow *self = TESS_WINDOW (widget);

  if (g_str_equal (name, "win.toast"))
    tess_toast (GTK_WIDGET (self->stack), g_variant_get_string (parameter, NULL));
  else if (g_str_equal (name, "win.lock"))
    lock (self);
  else if (self->main_view == NULL || (is_for_chats (name) && open_dialog (self) != NULL))
    return;
  else if (g_str_equal (name, "win.new-chat"))
    tess_window_add_address (self, NULL);
  else if (g_str_equal (name, "win.add-address"))
    tess_window_add_address (self, g_variant_get_string (parameter, NULL));
  else if (g_str_equal (name, "win.show-code"))
    adw_dialog_present (tess_code_dialog_new (self->engine), widget);
  else if (g_str_equal (name, "win.open-chat"))
    tess_main_view_open (self->main_view, g_variant_get_int64 (parameter));
  else if (g_str_equal (name, "win.show-message"))
    {
      gint64 id, row;

      g_variant_get (parameter, "(xx)", &id, &row);
      tess_main_view_show_message (self->main_view, id, row);
    }
  else if (g_str_equal (name, "win.show-details"))
    show_details (self, g_variant_get_int64 (parameter));
  else if (g_str_equal (name, "win.show-notes"))
    tess_await (tess_engine_open_notes (self->engine), self, on_notes, NULL, NULL);
  else if (g_str_equal (name, "win.preferences"))
    adw_dialog_present (tess_preferences_dialog_new (self->engine, self->profile), widget);
  else if (g_str_equal (name, "win.search"))
    tess_main_view_search (self->main_view, NULL);
  else if (g_str_equal (name, "win.search-chat"))
    tess_main_view_search_chat (self->main_view);
  else if (g_str_equal (name, "win.chat-number"))
    tess_main_view_open_number (self->main_view, (guint) g_variant_get_int32 (parameter));
  else if (g_str_equal (name, "win.next-pane"))
    tess_main_view_next_pane (self->main_view);
  else if (g_str_has_prefix (name, "win.unread-"))
    tess_main_view_step_unread (self->main_view, g_str_equal (name, "win.unread-next") ? 1 : -1);
  else
    tess_main_view_step (self->main_view, g_str_equal (name, "win.chat-next") ? 1 : -1);
}

static gboolean
on_key_pressed (TessWindow *self, guint keyval, guint keycode, GdkModifierType state)
{
  if (self->main_view == NULL || open_dialog (self) != NULL)
    return GDK_EVENT_PROPAGATE;
  return tess_main_view_take_key (self->main_view, GTK_EVENT_CONTROLLER_KEY (self->keys), keyval, state);
}

static void
save_state (TessWindow *self)
{
  if (self->engine == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &self->state.width, &self->state.height);
  self->state.maximized = gtk_window_is_maximized (GTK_WINDOW (self));
  if (self->main_view != NULL)
    {
      self->state.conversation = tess_main_view_get_open (self->main_view);
      tess_main_view_save_draft (self->main_view);
    }
  tess_window_state_save (&self->state, self->profile);
}

static void
on_engine_closed (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  gtk_window_destroy (GTK_WINDOW (owner));
}

/* What is under way is committed first; meanwhile the window is out of the way already. */
static gboolean
tess_window_close_request (GtkWindow *window)
{
  TessWindow *self = TESS_WINDOW (window);

  if (self->closing)
    return GDK_EVENT_STOP;
  save_state (self);
  if (!self->quitting && self->main_view != NULL && tess_settings_get_background (tess_settings_get ()))
    {
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      tell_status (self);
      return GDK_EVENT_STOP;
    }
  self->closing = TRUE;
  drop_notifier (self);
  if (self->engine == NULL)
    return GDK_EVENT_PROPAGATE;
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  if (!self->locking) /* else it is being closed */
    tess_await (tess_engine_close (self->engine), self, on_engine_closed, NULL, NULL);
  return GDK_EVENT_STOP;
}

void
tess_window_quit (TessWindow *self)
{
  AdwDialog *dialog;

  self->quitting = TRUE;
  /* an open dialog would take the closing for its own */
  while ((dialog = open_dialog (self)) != NULL)
    adw_dialog_force_close (dialog);
  /* gtk_window_close() does nothing for a window that was never shown */
  if (!tess_window_close_request (GTK_WINDOW (self)))
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
show_appearance (TessSettings *settings)
{
  static const AdwColorScheme schemes[TESS_N_APPEARANCES] = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT,
                                                              ADW_COLOR_SCHEME_FORCE_DARK };

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), schemes[tess_settings_get_appearance (settings)]);
}

TessWindow *
tess_window_new (GtkApplication *application, const char *profile, gboolean quietly)
{
  TessWindow *self = g_object_new (TESS_TYPE_WINDOW, "application", application, NULL);
  TessSettings *settings = tess_settings_get ();

  tess_settings_open (settings, profile);
  show_appearance (settings);
  g_signal_connect_object (settings, "notify::appearance", G_CALLBACK (show_appearance), settings, G_CONNECT_DEFAULT);
  self->profile = g_strdup (profile);
  tess_window_state_load (&self->state, profile);
  gtk_window_set_default_size (GTK_WINDOW (self), self->state.width, self->state.height);
  if (self->state.maximized)
    gtk_window_maximize (GTK_WINDOW (self));
  self->quiet = quietly;
  if (quietly)
    tess_await (tess_engine_open_quietly (profile), self, on_tried, NULL, NULL);
  else
    {
      dex_promise_resolve_boolean (self->tried, TRUE);
      open_profile (self, NULL);
    }
  return self;
}

static void
tess_window_dispose (GObject *object)
{
  TessWindow *self = TESS_WINDOW (object);

  g_clear_handle_id (&self->spinner_source, g_source_remove);
  drop_notifier (self);
  g_clear_object (&self->auto_lock);
  self->main_view = NULL;
  self->unlock = NULL;
  self->recover = NULL;
  g_clear_object (&self->engine);
  g_clear_pointer (&self->profile, g_free);
  g_clear_pointer (&self->address, g_free);
  g_clear_pointer (&self->searched, g_free);
  /* who waits does not wait for ever */
  if (self->tried != NULL && dex_future_is_pending (DEX_FUTURE (self->tried)))
    dex_promise_resolve_boolean (self->tried, FALSE);
  dex_clear (&self->tried);
  G_OBJECT_CLASS (tess_window_parent_class)->dispose (object);
}

static void
tess_window_class_init (TessWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_window_dispose;
  widget_class->show = tess_window_show;
  GTK_WINDOW_CLASS (klass)->close_request = tess_window_close_request;
  gtk_widget_class_install_action (widget_class, "win.new-chat", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.show-code", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.chat-next", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.chat-previous", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.unread-next", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.unread-previous", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.chat-number", "i", on_action);
  gtk_widget_class_install_action (widget_class, "win.next-pane", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.add-address", "s", on_action);
  gtk_widget_class_install_action (widget_class, "win.open-chat", "x", on_action);
  gtk_widget_class_install_action (widget_class, "win.show-message", "(xx)", on_action);
  gtk_widget_class_install_action (widget_class, "win.show-details", "x", on_action);
  gtk_widget_class_install_action (widget_class, "win.show-notes", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.lock", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.search-chat", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", on_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TessWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, TessWindow, stack);
  gtk_widget_class_bind_template_callback (widget_class, drop_first_page);
  gtk_widget_class_bind_template_child (widget_class, TessWindow, opening);
  gtk_widget_class_bind_template_child (widget_class, TessWindow, keys);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed);
}

static void
tess_window_init (TessWindow *self)
{
  self->tried = dex_promise_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->auto_lock = tess_auto_lock_new (ADW_APPLICATION_WINDOW (self));
  g_signal_connect_object (self->auto_lock, "due", G_CALLBACK (lock), self, G_CONNECT_SWAPPED);
  update_actions (self);
}
