/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-chat-list.h"

#include "ui/tess-await.h"
#include "ui/tess-chat-row.h"
#include "ui/tess-chats.h"
#include "ui/tess-confirm.h"
#include "ui/tess-folder-row.h"

#include <glib/gi18n.h>

struct _TessChatList {
  AdwBin parent_instance;

  GtkListView *list;
  GtkWidget *menu; /* GtkPopoverMenu, made when it is first opened */

  TessEngine *engine;
  GtkSingleSelection *selection;
  GPtrArray *bound;            /* GtkListItem, borrowed: those that show something now */
  TessConversation *open;      /* that is marked, or would be if it were here */
  TessConversation *menu_chat; /* that the menu is about */
  gboolean selecting;          /* by ourselves */
  gboolean focus_follows;      /* the open chat's row has the keyboard and is about to move */
};

enum { BROWSED, CHOSEN, FOLDER, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessChatList, tess_chat_list, ADW_TYPE_BIN)

static void
choose (TessChatList *self, gpointer item)
{
  if (TESS_IS_CHAT_FOLDER (item))
    g_signal_emit (self, signals[FOLDER], 0, item);
  else if (item != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, item);
}

static void
on_activate (TessChatList *self, guint position)
{
  g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  choose (self, item);
}

static void
on_selected (TessChatList *self)
{
  gpointer item = gtk_single_selection_get_selected_item (self->selection);

  if (!self->selecting && TESS_IS_CONVERSATION (item))
    g_signal_emit (self, signals[BROWSED], 0, item);
}

/* The list item that @widget lies in, or NULL. */
static GtkListItem *
item_of (TessChatList *self, GtkWidget *widget)
{
  for (guint i = 0; widget != NULL && i < self->bound->len; i++)
    {
      GtkWidget *child = gtk_list_item_get_child (self->bound->pdata[i]);
      GtkWidget *row = gtk_widget_get_parent (child);

      if (row != NULL && (widget == row || gtk_widget_is_ancestor (widget, row)))
        return self->bound->pdata[i];
    }
  return NULL;
}

static GtkListItem *
item_at (TessChatList *self, double x, double y)
{
  return item_of (self, gtk_widget_pick (GTK_WIDGET (self->list), x, y, GTK_PICK_DEFAULT));
}

static GtkListItem *
focused_item (TessChatList *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return root != NULL ? item_of (self, gtk_root_get_focus (root)) : NULL;
}

/* A list view's own activation by one click would also select whatever the pointer passes. */
static void
on_clicked (TessChatList *self, int presses, double x, double y)
{
  GtkListItem *item = item_at (self, x, y);

  if (item != NULL && presses == 1)
    choose (self, gtk_list_item_get_item (item));
}

/* The menu of a chat. */

static void
on_await_failed (gpointer owner, const GError *error)
{
  gtk_widget_activate_action (owner, "win.toast", "s", error->message);
}

static GMenuModel *
menu_of (TessConversation *chat)
{
  TessContact *contact = tess_conversation_get_contact (chat);
  g_autoptr (GMenu) top = g_menu_new (), bottom = g_menu_new ();
  GMenu *menu = g_menu_new ();

  if (!tess_contact_get_accepted (contact) && !tess_contact_get_is_self (contact))
    {
      g_menu_append (top, C_("a request", "_Accept"), "chats.accept");
      g_menu_append (bottom, C_("a contact", "_Block…"), "chats.block");
    }
  else
    {
      g_menu_append (top, tess_conversation_get_pinned (chat) ? C_("a chat", "Un_pin") : C_("a chat", "_Pin"), "chats.pin");
      g_menu_append (top, tess_conversation_get_muted (chat) ? C_("a chat", "Un_mute") : C_("a chat", "_Mute"), "chats.mute");
      g_menu_append (top, tess_chats_is_unread (chat) ? C_("a chat", "Mark as _Read") : C_("a chat", "Mark as _Unread"),
                     "chats.unread");
      g_menu_append (top, tess_conversation_get_archived (chat) ? C_("a chat", "Un_archive") : C_("a chat", "_Archive"),
                     "chats.archive");
      g_menu_append (bottom, C_("a chat", "De_tails"), "chats.details");
    }
  g_menu_append (bottom, C_("a chat", "_Delete…"), "chats.delete");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (top));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (bottom));
  return G_MENU_MODEL (menu);
}

/* Opens the menu of @item, at (@x, @y) of the list or, below 0, in the middle of the row. */
static void
open_menu (TessChatList *self, GtkListItem *item, double x, double y)
{
  gpointer chat = item != NULL ? gtk_list_item_get_item (item) : NULL;
  g_autoptr (GMenuModel) model = NULL;
  graphene_point_t point = GRAPHENE_POINT_INIT ((float) x, (float) y), at;
  GtkWidget *row;

  if (!TESS_IS_CONVERSATION (chat))
    return;
  row = gtk_list_item_get_child (item);
  if (x < 0)
    point = GRAPHENE_POINT_INIT (gtk_widget_get_width (row) / 2.0f, gtk_widget_get_height (row) / 2.0f);
  if (!gtk_widget_compute_point (x < 0 ? row : GTK_WIDGET (self->list), GTK_WIDGET (self), &point, &at))
    return;
  g_set_object (&self->menu_chat, chat);
  model = menu_of (chat);
  if (self->menu == NULL)
    {
      self->menu = gtk_popover_menu_new_from_model (NULL);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
    }
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->menu), model);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle){ (int) at.x, (int) at.y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
on_secondary (TessChatList *self, int presses, double x, double y)
{
  open_menu (self, item_at (self, x, y), x, y);
}

static void
on_long_pressed (TessChatList *self, double x, double y)
{
  open_menu (self, item_at (self, x, y), x, y);
}

static void
on_menu_key (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessChatList *self = TESS_CHAT_LIST (widget);

  open_menu (self, focused_item (self), -1, -1);
}

static void
on_flag (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessChatList *self = TESS_CHAT_LIST (widget);
  TessChatFlag flag = TESS_CHAT_ARCHIVED;
  gboolean on = !tess_conversation_get_archived (self->menu_chat);

  if (g_str_equal (action, "chats.pin"))
    {
      flag = TESS_CHAT_PINNED;
      on = !tess_conversation_get_pinned (self->menu_chat);
    }
  else if (g_str_equal (action, "chats.mute"))
    {
      flag = TESS_CHAT_MUTED;
      on = !tess_conversation_get_muted (self->menu_chat);
    }
  tess_await_failure (tess_engine_set_flag (self->engine, self->menu_chat, flag, on), self, on_await_failed);
}

static void
on_history_opened (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessChatList *self = owner;
  GListModel *history = value != NULL ? g_value_get_object (value) : NULL;
  guint n = history != NULL ? g_list_model_get_n_items (history) : 0;
  g_autoptr (TessMessage) newest = n > 0 ? g_list_model_get_item (history, n - 1) : NULL;

  if (error != NULL)
    on_await_failed (self, error);
  else if (newest != NULL)
    tess_await_failure (tess_engine_mark_read (self->engine, data, newest), self, on_await_failed);
}

static void
on_unread (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessChatList *self = TESS_CHAT_LIST (widget);
  TessConversation *chat = self->menu_chat;

  if (tess_conversation_get_unread (chat) > 0)
    tess_await (tess_engine_open_history (self->engine, chat), self, on_history_opened, g_object_ref (chat), g_object_unref);
  else
    tess_await_failure (tess_engine_set_flag (self->engine, chat, TESS_CHAT_MARKED_UNREAD,
                                              !tess_conversation_get_marked_unread (chat)),
                        self, on_await_failed);
}

static void
on_person (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessChatList *self = TESS_CHAT_LIST (widget);

  if (g_str_equal (action, "chats.accept"))
    tess_await_failure (tess_engine_accept (self->engine, self->menu_chat), self, on_await_failed);
  else if (g_str_equal (action, "chats.block"))
    tess_confirm_block (widget, self->engine, self->menu_chat);
  else if (g_str_equal (action, "chats.delete"))
    tess_confirm_remove (widget, self->engine, self->menu_chat);
  else
    gtk_widget_activate_action (widget, "win.show-details", "x", tess_conversation_get_id (self->menu_chat));
}

/* The rows. */

static void
on_setup (TessChatList *self, GtkListItem *item)
{
  gtk_list_item_set_focusable (item, TRUE);
}

/* A row that showed a folder may be given a chat, and the other way round. */
static GtkWidget *
child_for (TessChatList *self, GtkListItem *item, GType type)
{
  GtkWidget *child = gtk_list_item_get_child (item);

  if (child != NULL && G_TYPE_CHECK_INSTANCE_TYPE (child, type))
    return child;
  child = g_object_new (type, NULL);
  gtk_list_item_set_child (item, child);
  g_object_bind_property (child, "sentence", item, "accessible-label", G_BINDING_DEFAULT);
  return child;
}

static void
on_bind (TessChatList *self, GtkListItem *item)
{
  gpointer shown = gtk_list_item_get_item (item);

  gtk_list_item_set_selectable (item, TESS_IS_CONVERSATION (shown));
  if (TESS_IS_CONVERSATION (shown))
    tess_chat_row_set_conversation (TESS_CHAT_ROW (child_for (self, item, TESS_TYPE_CHAT_ROW)), shown);
  else
    tess_folder_row_set_folder (TESS_FOLDER_ROW (child_for (self, item, TESS_TYPE_FOLDER_ROW)), shown);
  g_ptr_array_add (self->bound, item);
}

static void
on_unbind (TessChatList *self, GtkListItem *item)
{
  GtkWidget *child = gtk_list_item_get_child (item);

  g_ptr_array_remove_fast (self->bound, item);
  if (TESS_IS_CHAT_ROW (child))
    tess_chat_row_set_conversation (TESS_CHAT_ROW (child), NULL);
  else if (TESS_IS_FOLDER_ROW (child))
    tess_folder_row_set_folder (TESS_FOLDER_ROW (child), NULL);
}

static guint
position_of (TessChatList *self, gpointer wanted)
{
  guint n = self->selection != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->selection)) : 0;

  for (guint i = 0; wanted != NULL && i < n; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

      if ((gpointer) item == wanted)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

void
tess_chat_list_select (TessChatList *self, TessConversation *conversation)
{
  g_set_object (&self->open, conversation);
  if (self->selection == NULL)
    return;
  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection, position_of (self, conversation));
  self->selecting = FALSE;
}

/* Before the view hears of it: a chat that moves is taken out and put in again, and its mark and the keyboard go with it. */
static void
on_items_changing (TessChatList *self, guint position, guint removed, guint added)
{
  GtkListItem *focused = removed > 0 ? focused_item (self) : NULL;

  if (focused != NULL && self->open != NULL && gtk_list_item_get_item (focused) == (gpointer) self->open)
    self->focus_follows = TRUE;
  self->selecting = TRUE;
}

static void
on_items_changed (TessChatList *self, guint position, guint removed, guint added)
{
  guint now = position_of (self, self->open);

  tess_chat_list_select (self, self->open);
  if (self->focus_follows && now != GTK_INVALID_LIST_POSITION && gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      self->focus_follows = FALSE;
      gtk_list_view_scroll_to (self->list, now, GTK_LIST_SCROLL_FOCUS, NULL);
    }
}

void
tess_chat_list_set_items (TessChatList *self, TessEngine *engine, GListModel *items, const char *label)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  self->engine = g_object_ref (engine);
  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (items, "items-changed", G_CALLBACK (on_items_changing), self, G_CONNECT_SWAPPED);
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_model (self->selection, items);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  tess_chat_list_select (self, self->open);
}

void
tess_chat_list_focus (TessChatList *self)
{
  guint position = position_of (self, self->open);

  if (self->selection == NULL || g_list_model_get_n_items (G_LIST_MODEL (self->selection)) == 0)
    return;
  gtk_list_view_scroll_to (self->list, position != GTK_INVALID_LIST_POSITION ? position : 0, GTK_LIST_SCROLL_FOCUS, NULL);
  if (focused_item (self) == NULL)
    gtk_widget_child_focus (GTK_WIDGET (self->list), GTK_DIR_TAB_FORWARD);
}

void
tess_chat_list_refresh (TessChatList *self)
{
  for (guint i = 0; i < self->bound->len; i++)
    {
      GtkWidget *child = gtk_list_item_get_child (self->bound->pdata[i]);

      if (TESS_IS_CHAT_ROW (child))
        tess_chat_row_refresh (TESS_CHAT_ROW (child));
    }
}

static void
tess_chat_list_dispose (GObject *object)
{
  TessChatList *self = TESS_CHAT_LIST (object);

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->menu_chat);
  g_clear_object (&self->open);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_chat_list_parent_class)->dispose (object);
}

static void
tess_chat_list_finalize (GObject *object)
{
  g_ptr_array_unref (TESS_CHAT_LIST (object)->bound);
  G_OBJECT_CLASS (tess_chat_list_parent_class)->finalize (object);
}

static void
tess_chat_list_class_init (TessChatListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = tess_chat_list_dispose;
  object_class->finalize = tess_chat_list_finalize;
  signals[BROWSED] = g_signal_new ("browsed", TESS_TYPE_CHAT_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                   TESS_TYPE_CONVERSATION);
  signals[CHOSEN] = g_signal_new ("chosen", TESS_TYPE_CHAT_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  TESS_TYPE_CONVERSATION);
  signals[FOLDER] = g_signal_new ("folder", TESS_TYPE_CHAT_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  TESS_TYPE_CHAT_FOLDER);
  gtk_widget_class_install_action (widget_class, "chats.menu", NULL, on_menu_key);
  gtk_widget_class_install_action (widget_class, "chats.pin", NULL, on_flag);
  gtk_widget_class_install_action (widget_class, "chats.mute", NULL, on_flag);
  gtk_widget_class_install_action (widget_class, "chats.archive", NULL, on_flag);
  gtk_widget_class_install_action (widget_class, "chats.unread", NULL, on_unread);
  gtk_widget_class_install_action (widget_class, "chats.accept", NULL, on_person);
  gtk_widget_class_install_action (widget_class, "chats.block", NULL, on_person);
  gtk_widget_class_install_action (widget_class, "chats.details", NULL, on_person);
  gtk_widget_class_install_action (widget_class, "chats.delete", NULL, on_person);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-chat-list.ui");
  gtk_widget_class_bind_template_child (widget_class, TessChatList, list);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_secondary);
  gtk_widget_class_bind_template_callback (widget_class, on_long_pressed);
}

static void
tess_chat_list_init (TessChatList *self)
{
  self->bound = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
