/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-main-view.h"

#include "ui/tess-await.h"
#include "ui/tess-chat-view.h"
#include "ui/tess-chats.h"
#include "ui/tess-lock.h"
#include "ui/tess-sidebar.h"
#include "ui/tess-ui-text.h"

struct _TessMainView {
  AdwBreakpointBin parent_instance;

  AdwNavigationSplitView *split_view;
  TessSidebar *sidebar;
  AdwNavigationPage *empty_page; /* held here: it is put back when a chat is gone */
  GMenuModel *chat_menu; /* one for all chats: GTK 4.18 lets go of no section of a menu that it showed */

  TessEngine *engine;
  TessChatView *chat;   /* the open one, or NULL */
  guint midnight_source;
};

G_DEFINE_FINAL_TYPE (TessMainView, tess_main_view, ADW_TYPE_BREAKPOINT_BIN)

void
tess_main_view_save_draft (TessMainView *self)
{
  if (self->chat != NULL)
    tess_chat_view_save_draft (self->chat);
}

static void
open_conversation (TessMainView *self, TessConversation *conversation)
{
  if (self->chat != NULL && tess_chat_view_get_conversation (self->chat) == conversation)
    return;
  tess_main_view_save_draft (self);
  self->chat = tess_chat_view_new (self->engine, conversation, self->chat_menu);
  g_object_bind_property (self->split_view, "collapsed", self->chat, "alone", G_BINDING_SYNC_CREATE);
  adw_navigation_split_view_set_content (self->split_view, ADW_NAVIGATION_PAGE (self->chat));
  tess_sidebar_select (self->sidebar, conversation);
}

static void
on_await_failed (gpointer owner, const GError *error)
{
  gtk_widget_activate_action (owner, "win.toast", "s", error->message);
}

/* A person who opens a chat takes off the mark that they gave it, also where it is the one on the screen; that goes with marking
 * as read, or, without unread messages, alone. A chat that merely comes back with the window keeps its mark. */
static void
open_by_hand (TessMainView *self, TessConversation *conversation)
{
  if (tess_conversation_get_marked_unread (conversation) && tess_conversation_get_unread (conversation) == 0)
    tess_await_failure (tess_engine_set_flag (self->engine, conversation, TESS_CHAT_MARKED_UNREAD, FALSE), self,
                        on_await_failed);
  open_conversation (self, conversation);
}

static void
show_chat (TessMainView *self)
{
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
  if (self->chat != NULL)
    tess_chat_view_focus_composer (self->chat);
}

/* Arrow keys in the list show a chat without leaving the list. */
static void
on_browsed (TessMainView *self, TessConversation *conversation)
{
  if (!adw_navigation_split_view_get_collapsed (self->split_view))
    open_by_hand (self, conversation);
}

static void
choose (TessMainView *self, TessConversation *conversation)
{
  open_by_hand (self, conversation);
  show_chat (self);
}

/* Its place in @list, or -1. */
static int
position_of (GListModel *list, gint64 id)
{
  guint n = g_list_model_get_n_items (list);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (list, i);

      if (tess_conversation_get_id (conversation) == id)
        return (int) i;
    }
  return -1;
}

static void
open_position (TessMainView *self, GListModel *list, int position)
{
  g_autoptr (TessConversation) conversation = position >= 0 ? g_list_model_get_item (list, (guint) position) : NULL;

  if (conversation != NULL)
    choose (self, conversation);
}

gint64
tess_main_view_get_open (TessMainView *self)
{
  return self->chat != NULL ? tess_conversation_get_id (tess_chat_view_get_conversation (self->chat)) : 0;
}

gint64
tess_main_view_get_seen (TessMainView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return self->chat != NULL && gtk_widget_get_mapped (GTK_WIDGET (self->chat)) && GTK_IS_WINDOW (root)
                 && gtk_window_is_active (GTK_WINDOW (root))
             ? tess_main_view_get_open (self)
             : 0;
}

static void
on_listed (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  if (error != NULL)
    on_await_failed (owner, error);
  else
    choose (owner, g_value_get_object (value));
}

void
tess_main_view_open (TessMainView *self, gint64 id)
{
  GListModel *all = tess_engine_get_conversations (self->engine), *everyone = tess_engine_get_everyone (self->engine);
  int position = position_of (all, id), unlisted = position < 0 ? position_of (everyone, id) : -1;
  g_autoptr (TessConversation) removed = unlisted >= 0 ? g_list_model_get_item (everyone, (guint) unlisted) : NULL;

  if (removed != NULL)
    tess_await (tess_engine_list (self->engine, removed), self, on_listed, NULL, NULL);
  else
    open_position (self, all, position);
}

static void
on_chosen (TessMainView *self, TessConversation *conversation)
{
  tess_main_view_open (self, tess_conversation_get_id (conversation));
}

void
tess_main_view_offer (TessMainView *self, gint64 id, const char *text)
{
  tess_main_view_open (self, id);
  if (tess_main_view_get_open (self) == id)
    tess_chat_view_offer (self->chat, text);
}

void
tess_main_view_show_message (TessMainView *self, gint64 id, gint64 row)
{
  tess_main_view_open (self, id);
  if (tess_main_view_get_open (self) == id)
    tess_chat_view_show_message (self->chat, row);
}

void
tess_main_view_search (TessMainView *self, const char *text)
{
  adw_navigation_split_view_set_show_content (self->split_view, FALSE);
  tess_sidebar_search (self->sidebar, text);
}

void
tess_main_view_search_chat (TessMainView *self)
{
  if (self->chat == NULL)
    return;
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
  tess_chat_view_search (self->chat);
}

void
tess_main_view_open_number (TessMainView *self, guint number)
{
  open_position (self, tess_sidebar_get_chats (self->sidebar), (int) number - 1);
}

void
tess_main_view_step (TessMainView *self, int step)
{
  GListModel *chats = tess_sidebar_get_chats (self->sidebar);
  int position = position_of (chats, tess_main_view_get_open (self));

  open_position (self, chats, position < 0 ? 0 : position + step);
}

void
tess_main_view_step_unread (TessMainView *self, int step)
{
  GListModel *chats = tess_sidebar_get_chats (self->sidebar);
  int n = (int) g_list_model_get_n_items (chats);
  int position = position_of (chats, tess_main_view_get_open (self));

  for (int i = position < 0 && step < 0 ? n - 1 : position + step; i >= 0 && i < n; i += step)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (chats, (guint) i);

      if (tess_chats_is_unread (conversation))
        {
          choose (self, conversation);
          return;
        }
    }
}

void
tess_main_view_next_pane (TessMainView *self)
{
  gboolean in_list = tess_sidebar_has_focus (self->sidebar);

  if (adw_navigation_split_view_get_collapsed (self->split_view))
    adw_navigation_split_view_set_show_content (self->split_view, in_list && self->chat != NULL);
  if (in_list && self->chat != NULL)
    tess_chat_view_focus_composer (self->chat);
  else
    tess_sidebar_focus (self->sidebar);
}

gboolean
tess_main_view_take_key (TessMainView *self, GtkEventControllerKey *controller, guint keyval, GdkModifierType state)
{
  gunichar c = gdk_keyval_to_unicode (keyval);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  if (self->chat == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0)
    return FALSE;
  if (!g_unichar_isprint (c) || c == ' ' || GTK_IS_TEXT_VIEW (focus) || GTK_IS_EDITABLE (focus))
    return FALSE;
  return tess_chat_view_forward_key (self->chat, controller);
}

static void
refresh (TessMainView *self)
{
  tess_sidebar_refresh (self->sidebar);
  if (self->chat != NULL)
    tess_chat_view_refresh (self->chat);
}

static gboolean on_midnight (gpointer data);

static void
await_midnight (TessMainView *self)
{
  g_clear_handle_id (&self->midnight_source, g_source_remove);
  self->midnight_source = g_timeout_add_seconds (tess_text_seconds_to_midnight () + 1, on_midnight, self);
}

static gboolean
on_midnight (gpointer data)
{
  TessMainView *self = data;

  self->midnight_source = 0;
  refresh (self);
  await_midnight (self);
  return G_SOURCE_REMOVE;
}

/* What was waited for does not come nearer while the machine sleeps: it may be another day. */
static void
on_woke (TessMainView *self)
{
  refresh (self);
  await_midnight (self);
}

/* The open chat was deleted. Not at once: a chat that moves in the list is out of it for a moment. */
static gboolean
close_if_gone (gpointer data)
{
  TessMainView *self = data;

  if (self->chat == NULL || position_of (tess_engine_get_conversations (self->engine), tess_main_view_get_open (self)) >= 0)
    return G_SOURCE_REMOVE;
  self->chat = NULL;
  adw_navigation_split_view_set_content (self->split_view, self->empty_page);
  adw_navigation_split_view_set_show_content (self->split_view, FALSE);
  tess_sidebar_select (self->sidebar, NULL);
  tess_sidebar_focus (self->sidebar);
  return G_SOURCE_REMOVE;
}

static void
on_conversations_changed (TessMainView *self, guint position, guint removed, guint added)
{
  if (removed > added)
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, close_if_gone, g_object_ref (self), g_object_unref);
}

GtkWidget *
tess_main_view_new (TessEngine *engine, gint64 open)
{
  TessMainView *self = g_object_new (TESS_TYPE_MAIN_VIEW, NULL);
  GListModel *all = tess_engine_get_conversations (engine);
  int position = position_of (all, open);

  self->engine = g_object_ref (engine);
  tess_sidebar_set_engine (self->sidebar, engine);
  g_signal_connect_object (all, "items-changed", G_CALLBACK (on_conversations_changed), self, G_CONNECT_SWAPPED);
  if (position >= 0)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (all, (guint) position);

      open_conversation (self, conversation);
    }
  return GTK_WIDGET (self);
}

/* The first thing that a key press should find. */
static gboolean
tess_main_view_grab_focus (GtkWidget *widget)
{
  TessMainView *self = TESS_MAIN_VIEW (widget);

  if (self->chat != NULL && !adw_navigation_split_view_get_collapsed (self->split_view))
    tess_chat_view_focus_composer (self->chat);
  else
    tess_sidebar_focus (self->sidebar);
  return TRUE;
}

static void
tess_main_view_dispose (GObject *object)
{
  TessMainView *self = TESS_MAIN_VIEW (object);

  g_clear_handle_id (&self->midnight_source, g_source_remove);
  self->chat = NULL;
  g_clear_object (&self->empty_page);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_main_view_parent_class)->dispose (object);
}

static void
tess_main_view_class_init (TessMainViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_main_view_dispose;
  widget_class->grab_focus = tess_main_view_grab_focus;
  g_type_ensure (TESS_TYPE_SIDEBAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-main-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessMainView, split_view);
  gtk_widget_class_bind_template_child (widget_class, TessMainView, sidebar);
  gtk_widget_class_bind_template_child (widget_class, TessMainView, empty_page);
  gtk_widget_class_bind_template_child (widget_class, TessMainView, chat_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_browsed);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
}

static void
tess_main_view_init (TessMainView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_ref (self->empty_page);
  g_signal_connect_object (tess_lock_get (), "woke", G_CALLBACK (on_woke), self, G_CONNECT_SWAPPED);
  await_midnight (self);
}
