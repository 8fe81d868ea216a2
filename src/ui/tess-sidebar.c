/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-sidebar.h"

#include "ui/tess-chat-list.h"
#include "ui/tess-chats.h"
#include "ui/tess-link-bar.h"
#include "ui/tess-search-view.h"

#include <glib/gi18n.h>

struct _TessSidebar {
  AdwNavigationPage parent_instance;

  AdwNavigationView *navigation;
  TessLinkBar *link;
  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  TessSearchView *search_view;
  GtkStack *stack;
  TessChatList *chats;
  TessChatList *requests;
  TessChatList *archived;

  TessChats *parts;
};

enum { BROWSED, CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessSidebar, tess_sidebar, ADW_TYPE_NAVIGATION_PAGE)

static void
on_browsed (TessSidebar *self, TessConversation *conversation)
{
  g_signal_emit (self, signals[BROWSED], 0, conversation);
}

static void
on_chosen (TessSidebar *self, TessConversation *conversation)
{
  g_signal_emit (self, signals[CHOSEN], 0, conversation);
}

static const char *
shown_page (TessSidebar *self)
{
  return adw_navigation_page_get_tag (adw_navigation_view_get_visible_page (self->navigation));
}

/* The list that is on the screen. */
static TessChatList *
shown_list (TessSidebar *self)
{
  const char *page = shown_page (self);

  return g_str_equal (page, "requests") ? self->requests : g_str_equal (page, "archived") ? self->archived : self->chats;
}

static void
on_folder (TessSidebar *self, TessChatFolder *folder)
{
  adw_navigation_view_push_by_tag (self->navigation, tess_chat_folder_get_kind (folder) == TESS_FOLDER_REQUESTS ? "requests"
                                                                                                                : "archived");
  tess_chat_list_focus (shown_list (self));
}

static void
on_popped (TessSidebar *self)
{
  tess_chat_list_focus (self->chats);
}

void
tess_sidebar_select (TessSidebar *self, TessConversation *conversation)
{
  tess_chat_list_select (self->chats, conversation);
  tess_chat_list_select (self->requests, conversation);
  tess_chat_list_select (self->archived, conversation);
}

/* What was searched for, while there is something. */
static const char *
searched (TessSidebar *self)
{
  return gtk_search_bar_get_search_mode (self->search_bar) ? gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) : "";
}

static void
update_stack (TessSidebar *self)
{
  gboolean empty = g_list_model_get_n_items (tess_chats_get_page (self->parts)) == 0;

  gtk_stack_set_visible_child_name (self->stack, *searched (self) != '\0' ? "search" : empty ? "empty" : "chats");
}

static void
on_search (TessSidebar *self)
{
  tess_search_view_set_text (self->search_view, searched (self));
  update_stack (self);
}

static void
on_search_mode (TessSidebar *self)
{
  if (gtk_search_bar_get_search_mode (self->search_bar) || self->parts == NULL)
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  on_search (self);
  if (tess_sidebar_has_focus (self))
    tess_sidebar_focus (self);
}

static void
on_search_activate (TessSidebar *self)
{
  on_search (self); /* what was typed just now is not waited for */
  tess_search_view_choose_first (self->search_view);
}

static gboolean
on_search_key (TessSidebar *self, guint keyval, guint keycode, GdkModifierType state)
{
  return keyval == GDK_KEY_Down && *searched (self) != '\0' && tess_search_view_focus (self->search_view);
}

static void
on_hit (TessSidebar *self, TessSearchHit *hit)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-message", "(xx)",
                              tess_conversation_get_id (tess_search_hit_get_conversation (hit)), tess_search_hit_get_row (hit));
}

void
tess_sidebar_search (TessSidebar *self, const char *text)
{
  adw_navigation_view_pop_to_tag (self->navigation, "list");
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  if (text != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->search_entry), text);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
  gtk_editable_select_region (GTK_EDITABLE (self->search_entry), 0, -1);
}

/* The last one was accepted, taken out of the archive or deleted: there is nothing to look at here. */
static gboolean
leave_if_empty (gpointer data)
{
  TessSidebar *self = data;
  const char *page = shown_page (self);

  if (self->parts == NULL)
    return G_SOURCE_REMOVE;
  if ((g_str_equal (page, "requests") && g_list_model_get_n_items (tess_chats_get_requests (self->parts)) == 0)
      || (g_str_equal (page, "archived") && g_list_model_get_n_items (tess_chats_get_archived (self->parts)) == 0))
    adw_navigation_view_pop (self->navigation);
  return G_SOURCE_REMOVE;
}

/* Not at once: a chat that moves in a list is out of it for a moment. */
static void
on_folder_changed (TessSidebar *self, guint position, guint removed, guint added)
{
  if (removed > 0 && added == 0)
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, leave_if_empty, g_object_ref (self), g_object_unref);
}

void
tess_sidebar_set_engine (TessSidebar *self, TessEngine *engine)
{
  GListModel *page;

  self->parts = tess_chats_new (tess_engine_get_conversations (engine));
  page = tess_chats_get_page (self->parts);
  tess_chat_list_set_items (self->chats, engine, page, _("Conversations"));
  tess_chat_list_set_items (self->requests, engine, tess_chats_get_requests (self->parts), C_("list of chats", "Requests"));
  tess_chat_list_set_items (self->archived, engine, tess_chats_get_archived (self->parts), C_("list of chats", "Archived"));
  g_signal_connect_object (page, "items-changed", G_CALLBACK (update_stack), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_chats_get_requests (self->parts), "items-changed", G_CALLBACK (on_folder_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_chats_get_archived (self->parts), "items-changed", G_CALLBACK (on_folder_changed), self,
                           G_CONNECT_SWAPPED);
  tess_search_view_set_engine (self->search_view, engine);
  update_stack (self);
  tess_link_bar_set_engine (self->link, engine);
}

GListModel *
tess_sidebar_get_chats (TessSidebar *self)
{
  return tess_chats_get_chats (self->parts);
}

void
tess_sidebar_focus (TessSidebar *self)
{
  TessChatList *list = shown_list (self);

  if (list == self->chats && *searched (self) != '\0')
    tess_search_view_focus (self->search_view);
  else if (list == self->chats && !g_str_equal (gtk_stack_get_visible_child_name (self->stack), "chats"))
    gtk_widget_child_focus (GTK_WIDGET (self->stack), GTK_DIR_TAB_FORWARD);
  else
    tess_chat_list_focus (list);
}

gboolean
tess_sidebar_has_focus (TessSidebar *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self));
}

void
tess_sidebar_refresh (TessSidebar *self)
{
  tess_chat_list_refresh (self->chats);
  tess_chat_list_refresh (self->requests);
  tess_chat_list_refresh (self->archived);
}

static void
tess_sidebar_dispose (GObject *object)
{
  g_clear_object (&TESS_SIDEBAR (object)->parts);
  G_OBJECT_CLASS (tess_sidebar_parent_class)->dispose (object);
}

static void
tess_sidebar_class_init (TessSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_sidebar_dispose;
  g_type_ensure (TESS_TYPE_LINK_BAR);
  g_type_ensure (TESS_TYPE_CHAT_LIST);
  g_type_ensure (TESS_TYPE_SEARCH_VIEW);
  signals[BROWSED] = g_signal_new ("browsed", TESS_TYPE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                   TESS_TYPE_CONVERSATION);
  signals[CHOSEN] = g_signal_new ("chosen", TESS_TYPE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  TESS_TYPE_CONVERSATION);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, navigation);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, link);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, search_bar);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, search_entry);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, search_view);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, stack);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, chats);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, requests);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, archived);
  gtk_widget_class_bind_template_callback (widget_class, on_browsed);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_folder);
  gtk_widget_class_bind_template_callback (widget_class, on_popped);
  gtk_widget_class_bind_template_callback (widget_class, on_search);
  gtk_widget_class_bind_template_callback (widget_class, on_search_mode);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_search_key);
  gtk_widget_class_bind_template_callback (widget_class, on_hit);
}

static void
tess_sidebar_init (TessSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
}
